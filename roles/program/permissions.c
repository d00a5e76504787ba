/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/permissions.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "token/name.h"
#include "roles/program/settings.h"

#define LEVEL_MOST 9

struct holder {
    struct gk_secret name_key;
    unsigned levels;
    size_t ca_count; /* 0: under any CA */
    uint8_t (*ca)[PKI_KEY_ID_SIZE];
};

struct table {
    size_t count;
    struct holder *holder; /* ordered by key */
};

struct permissions {
    cfg_t *group;
    const char *file;
    struct table fresh; /* read, not in force */
    pthread_mutex_t lock;
    struct table table; /* under lock */
};

cfg_opt_t permissions_options[] = {CFG_INT_LIST("levels", NULL, CFGF_NONE),
                                   CFG_STR_LIST("ca", NULL, CFGF_NONE), CFG_END()};

/* --- reading ------------------------------------------------------------------------------- */

static int order(const void *a, const void *b)
{
    const struct holder *one = a;
    const struct holder *other = b;

    return gk_octets_compare(gk_secret_octets(&one->name_key), gk_secret_octets(&other->name_key));
}

static void drop(struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        gk_secret_free(&table->holder[i].name_key);
        free(table->holder[i].ca);
    }
    free(table->holder);
    *table = (struct table){0};
}

static bool read_levels(cfg_t *section, const char *file, unsigned *levels, struct gk_reason *why)
{
    *levels = 0;
    for (unsigned i = 0; i < cfg_size(section, "levels"); i++) {
        long level = cfg_getnint(section, "levels", i);

        if (level < 1 || level > LEVEL_MOST)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "permissions",
                             "%s: permissions \"%s\": level %ld; expected 1 to %d", file,
                             cfg_title(section), level, LEVEL_MOST);
        *levels |= 1u << level;
    }
    return true;
}

static bool read_cas(cfg_t *section, const char *file, struct holder *holder, struct gk_reason *why)
{
    holder->ca_count = cfg_size(section, "ca");
    holder->ca = gk_alloc(holder->ca_count, sizeof *holder->ca);
    for (unsigned i = 0; i < holder->ca_count; i++) {
        struct gk_writer id = {0};
        bool good = gk_unhex(cfg_getnstr(section, "ca", i), &id) && id.size == PKI_KEY_ID_SIZE;

        if (good)
            memcpy(holder->ca[i], id.data, PKI_KEY_ID_SIZE);
        gk_writer_free(&id);
        if (!good)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "permissions",
                             "%s: permissions \"%s\": ca is \"%s\"; expected the %d octets of a "
                             "key identifier in hexadecimal",
                             file, cfg_title(section), cfg_getnstr(section, "ca", i),
                             PKI_KEY_ID_SIZE);
    }
    return true;
}

static bool read_holder(cfg_t *section, const char *file, struct holder *holder,
                        struct gk_reason *why)
{
    struct gk_writer key = {0};
    struct gk_reason inner;
    bool good = name_key(gk_octets_of(cfg_title(section)), &key, &inner) ||
                gk_refuse(why, GK_NONE, GK_NO_OFFSET, "permissions",
                          "%s: permissions \"%s\": %.120s", file, cfg_title(section), inner.text);

    holder->name_key = gk_writer_take(&key);
    return good && read_levels(section, file, &holder->levels, why) &&
           read_cas(section, file, holder, why);
}

static bool read_sections(struct table *table, cfg_t *from, const char *file, struct gk_reason *why)
{
    unsigned count = cfg_size(from, "permissions");

    if (count)
        table->holder = gk_realloc(table->holder, table->count + count, sizeof *table->holder);
    for (unsigned i = 0; i < count; i++) {
        struct holder *holder = &table->holder[table->count++];

        *holder = (struct holder){.levels = 0};
        if (!read_holder(cfg_getnsec(from, "permissions", i), file, holder, why))
            return false;
    }
    return true;
}

static bool read_file(struct table *table, const char *path, struct gk_reason *why)
{
    cfg_opt_t options[] = {
        CFG_SEC("permissions", permissions_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
        CFG_END()};
    cfg_t *cfg = settings_read_table(path, options, why);
    bool good = cfg && read_sections(table, cfg, path, why);

    if (cfg)
        cfg_free(cfg);
    return good;
}

bool permissions_read(struct permissions *permissions, struct gk_reason *why)
{
    const char *name = cfg_getstr(permissions->group, PERMISSIONS_FILE);
    struct table *fresh = &permissions->fresh;
    bool good;

    drop(fresh);
    good = read_sections(fresh, permissions->group, permissions->file, why);
    if (good && name) {
        char *path = settings_path(permissions->file, name);

        good = read_file(fresh, path, why);
        free(path);
    }
    if (good && fresh->count)
        qsort(fresh->holder, fresh->count, sizeof *fresh->holder, order);
    if (!good)
        drop(fresh);
    return good;
}

static bool same_holder(const struct holder *a, const struct holder *b)
{
    return order(a, b) == 0 && a->levels == b->levels && a->ca_count == b->ca_count &&
           (!a->ca_count || memcmp(a->ca, b->ca, a->ca_count * sizeof *a->ca) == 0);
}

static bool same(const struct table *a, const struct table *b)
{
    bool equal = a->count == b->count;

    for (size_t i = 0; equal && i < a->count; i++)
        equal = same_holder(&a->holder[i], &b->holder[i]);
    return equal;
}

bool permissions_take(struct permissions *permissions)
{
    struct table old = permissions->table;
    bool changed = !same(&old, &permissions->fresh);

    (void)pthread_mutex_lock(&permissions->lock);
    permissions->table = permissions->fresh;
    (void)pthread_mutex_unlock(&permissions->lock);
    permissions->fresh = (struct table){0};
    drop(&old);
    return changed;
}

struct permissions *permissions_new(cfg_t *group, const char *file, struct gk_reason *why)
{
    struct permissions *permissions = gk_alloc(1, sizeof *permissions);

    permissions->group = group;
    permissions->file = file;
    if (pthread_mutex_init(&permissions->lock, NULL) != 0)
        abort();
    if (permissions_read(permissions, why)) {
        (void)permissions_take(permissions);
        return permissions;
    }
    permissions_free(permissions);
    return NULL;
}

void permissions_free(struct permissions *permissions)
{
    if (!permissions)
        return;
    drop(&permissions->fresh);
    drop(&permissions->table);
    (void)pthread_mutex_destroy(&permissions->lock);
    free(permissions);
}

/* --- asking ---------------------------------------------------------------------------------- */

static bool is_under(const struct holder *holder, const struct pki_identity *identity)
{
    bool under = !holder->ca_count;

    for (size_t i = 0; i < holder->ca_count; i++)
        under |= memcmp(holder->ca[i], identity->issuer, PKI_KEY_ID_SIZE) == 0;
    return under;
}

/* The first of that name, or where it would stand. */
static size_t find(const struct table *table, struct gk_octets name_key)
{
    size_t from = 0;
    size_t to = table->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (gk_octets_compare(gk_secret_octets(&table->holder[middle].name_key), name_key) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

unsigned permissions_of(void *context, const struct pki_identity *identity)
{
    struct permissions *permissions = context;
    const struct table *table = &permissions->table;
    unsigned levels = 0;

    (void)pthread_mutex_lock(&permissions->lock);
    for (size_t i = find(table, identity->name_key); i < table->count; i++) {
        const struct holder *holder = &table->holder[i];

        if (gk_octets_compare(gk_secret_octets(&holder->name_key), identity->name_key) != 0)
            break;
        if (is_under(holder, identity))
            levels |= holder->levels;
    }
    (void)pthread_mutex_unlock(&permissions->lock);
    return levels;
}
