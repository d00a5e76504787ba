/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/reload.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "gsakmp/digest.h"
#include "roles/program/daemon.h"

/* --- how files look ------------------------------------------------------------------------ */

static void look_at(const char *file, const char *name, struct gk_writer *to)
{
    char *path = settings_path(file, name);
    struct stat about;

    if (stat(path, &about) == 0) {
        gk_write_u64(to, (uint64_t)about.st_dev);
        gk_write_u64(to, (uint64_t)about.st_ino);
        gk_write_u64(to, (uint64_t)about.st_size);
        gk_write_u64(to, (uint64_t)about.st_mtim.tv_sec);
        gk_write_u64(to, (uint64_t)about.st_mtim.tv_nsec);
    }
    gk_write_u8(to, 0);
    free(path);
}

static void look(const struct reload *reload, uint8_t seen[32])
{
    cfg_t *section = reload->settings->section;
    const char *more = reload->more_file ? cfg_getstr(section, reload->more_file) : NULL;
    struct gk_writer to = {0};

    for (unsigned i = 0; i < cfg_size(section, "crls"); i++)
        look_at(reload->daemon->path, cfg_getnstr(section, "crls", i), &to);
    if (more)
        look_at(reload->daemon->path, more, &to);
    gk_sha256(gk_writer_octets(&to), seen);
    gk_writer_free(&to);
}

/* --- reading --------------------------------------------------------------------------------- */

static bool same(const struct settings_crls *a, const struct settings_crls *b)
{
    bool equal = a->count == b->count;

    for (size_t i = 0; equal && i < a->count; i++)
        equal = gk_octets_equal(a->at[i], b->at[i]);
    return equal;
}

/* Did any of it change? Both are good. */
static bool take(struct reload *reload, struct settings_crls *crls)
{
    struct settings_group *settings = reload->settings;
    bool changed = !same(crls, &settings->crls);

    if (changed) {
        settings_crls_free(&settings->crls);
        settings->crls = *crls;
        settings->policy.trust.crl_count = crls->count;
    } else {
        settings_crls_free(crls);
    }
    return (reload->take && reload->take(reload->context)) || changed;
}

static void refuse(struct reload *reload, const struct gk_reason *why)
{
    reload->refusal = *why;
    run_log_line(reload->daemon->log, GK_ERROR, "reload-refused",
                 "group \"%s\": what was read before stays in force: %s", reload->settings->title,
                 why->text);
}

/* In the status too: whoever fetches the lists may be fed old ones. */
static void tell_kept(struct reload *reload, size_t kept)
{
    (void)gk_refuse(&reload->refusal, GK_NONE, GK_NO_OFFSET, "crl-kept",
                    "%zu CRLs stay in force that the files no longer hold, nor a newer good one of "
                    "the same CA; a restart drops them",
                    kept);
    run_log_line(reload->daemon->log, GK_WARNING, "crl-kept", "group \"%s\": %s",
                 reload->settings->title, reload->refusal.text);
}

static void read_again(struct reload *reload, bool asked)
{
    const struct settings_group *settings = reload->settings;
    struct settings_crls crls;
    struct gk_reason why;
    size_t kept;

    if (!settings_crls_read(&crls, reload->daemon->path, reload->settings->section, &why)) {
        refuse(reload, &why);
        return;
    }
    if (!settings_crls_keep(&crls, &settings->crls, &settings->policy.trust, &kept, &why)) {
        settings_crls_free(&crls);
        refuse(reload, &why);
        return;
    }
    if (reload->read && !reload->read(reload->context, &why)) {
        settings_crls_free(&crls);
        refuse(reload, &why);
        return;
    }
    reload->refusal = (struct gk_reason){0};
    if (kept)
        tell_kept(reload, kept);
    if (take(reload, &crls)) {
        run_log_line(reload->daemon->log, GK_NOTICE, "reloaded",
                     "group \"%s\": local policy was read again, %zu CRLs", reload->settings->title,
                     reload->settings->crls.count);
        reload->apply(reload->context);
    } else if (asked) {
        run_log_line(reload->daemon->log, GK_INFO, "reload-unchanged",
                     "group \"%s\": local policy was read again and is the same",
                     reload->settings->title);
    }
}

static void read_changed(struct reload *reload, bool asked)
{
    uint8_t seen[32];

    look(reload, seen);
    if (!asked && memcmp(seen, reload->seen, sizeof seen) == 0)
        return;
    /* Looked at before it is read: what changes meanwhile is read once more. */
    memcpy(reload->seen, seen, sizeof seen);
    read_again(reload, asked);
}

/* --- when ------------------------------------------------------------------------------------ */

static void read_all(struct reloads *reloads, bool asked)
{
    for (struct reload *each = reloads->first; each; each = each->next)
        read_changed(each, asked);
}

static void on_timer(uv_timer_t *timer)
{
    read_all(timer->data, false);
}

static void on_hangup(void *context)
{
    read_all(context, true);
}

/* The first look reads all: the files may have changed since the start. */
void reload_add(struct reloads *reloads, struct reload *reload)
{
    reload->next = reloads->first;
    reloads->first = reload;
}

/* The timer keeps no loop from ending; the runtime closes it. */
void reload_start(struct reloads *reloads, struct run *run, unsigned seconds)
{
    run_on_hangup(run, on_hangup, reloads);
    if (!seconds)
        return;
    (void)uv_timer_init(run_uv(run), &reloads->timer);
    reloads->timer.data = reloads;
    uv_unref((uv_handle_t *)&reloads->timer);
    (void)uv_timer_start(&reloads->timer, on_timer, (uint64_t)seconds * 1000,
                         (uint64_t)seconds * 1000);
}
