/* SPDX-License-Identifier: Apache-2.0 */
/* The program that a group's `hook` names, run at each change of its keys. */
#include <stdlib.h>

#include "roles/program/answers.h"
#include "roles/program/consumers.h"

bool consumers_hook_read(struct consumers *consumers, const char *file, struct gk_reason *why)
{
    cfg_t *section = consumers->settings->section;
    unsigned count = cfg_size(section, "hook");
    struct gk_reason inner;
    long seconds;

    if (!settings_number(section, file, "hook_seconds", 1, 3600, &seconds, why))
        return false;
    consumers->hook_ms = seconds * 1000;
    if (!count)
        return true;
    if (count > RUN_HOOK_ARGUMENTS)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "hook",
                         "group \"%.64s\": hook has more than %d arguments",
                         consumers->settings->title, RUN_HOOK_ARGUMENTS);
    for (unsigned i = 0; i < count; i++)
        consumers->hook_arguments[i] = cfg_getnstr(section, "hook", i);
    return run_hook_judge(consumers->hook_arguments[0], &inner) ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, inner.code, "group \"%.60s\": %.180s",
                     consumers->settings->title, inner.text);
}

static void ended(void *context, const char *failure)
{
    const struct consumers *consumers = context;

    if (!failure)
        return;
    run_log_line(consumers->events->daemon->log, GK_WARNING, "hook-failed",
                 "group \"%.64s\": hook %.120s: %s", consumers->settings->title,
                 consumers->hook_arguments[0], failure);
    events_tell(consumers->events, GK_WARNING, "hook-failed", NULL, failure);
}

void consumers_hook_start(struct consumers *consumers)
{
    struct run_hook_config config = {consumers->hook_arguments, consumers->hook_ms, ended,
                                     consumers};

    if (consumers->hook_arguments[0])
        consumers->hook = run_hook_new(consumers->run, &config);
}

static void write_key(const struct keep_key *key, struct gk_writer *to)
{
    const struct gk_wrap *wrap = gk_wrap_find(key->key.type);
    char expires[GK_STAMP_SIZE + 1];
    char *hex = gk_hex(key->key.key);
    char *line;

    gk_stamp_format(key->key.expires, expires);
    line = gk_format("key %08lx %08lx %s %s %s ", (unsigned long)key->key.id,
                     (unsigned long)key->key.handle, wrap ? wrap->name : "?",
                     keep_use_name(key->use), expires);
    gk_write_octets(to, gk_octets_of(line));
    gk_write_octets(to, gk_octets_of(hex));
    gk_write_u8(to, '\n');
    gk_wipe(hex, 2 * key->key.key.size);
    free(hex);
    free(line);
}

void consumers_hook_call(const struct consumers *consumers)
{
    struct gk_now now = run_now();
    struct gk_writer text = {0};
    struct gk_secret input;
    struct keep_key key;
    char group[256];
    char *head;

    if (!consumers->hook)
        return;
    head = gk_format("gsakmp-keys 1\ngroup %s\nstate %s\n",
                     gk_escape(group, sizeof group, gk_octets_of(consumers->settings->title)),
                     consumers_state(consumers));
    gk_write_octets(&text, gk_octets_of(head));
    for (size_t i = 0; keep_at(consumers->keep, i, &now, &key); i++)
        write_key(&key, &text);
    gk_write_octets(&text, gk_octets_of("end\n"));
    input = gk_writer_take(&text);
    run_hook_call(consumers->hook, &input);
    free(head);
}

json_t *consumers_hook_status(const struct consumers *consumers)
{
    struct run_hook_status status;

    if (!consumers->hook)
        return json_null();
    run_hook_get_status(consumers->hook, &status);
    return json_pack("{s:I, s:I, s:I, s:b, s:o}", "runs", (json_int_t)status.runs, "failures",
                     (json_int_t)status.failures, "skipped", (json_int_t)status.skipped, "running",
                     (int)status.running, "failure",
                     status.failure[0] ? answer_octets(gk_octets_of(status.failure)) : json_null());
}
