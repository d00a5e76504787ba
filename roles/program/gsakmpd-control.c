/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/gsakmpd.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "roles/program/answers.h"

static struct gsakmpd_group *look_up(struct gsakmpd *daemon, const json_t *arguments)
{
    const char *name = json_string_value(json_object_get(arguments, "group"));

    if (!name)
        return daemon->group_count == 1 ? &daemon->group[0] : NULL;
    for (size_t i = 0; i < daemon->group_count; i++) {
        if (strcmp(daemon->group[i].settings.title, name) == 0)
            return &daemon->group[i];
    }
    return NULL;
}

static struct gsakmpd_group *find_group(struct gsakmpd *daemon, struct run_request *request,
                                        const json_t *arguments)
{
    struct gsakmpd_group *group = look_up(daemon, arguments);
    struct gk_reason why;

    if (!group) {
        (void)gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "unknown-group",
                        "this host is configured for no such group");
        run_refuse(request, &why);
    }
    return group;
}

/* "alice" or a number. */
static bool is_user(const char *text, uid_t uid)
{
    const struct passwd *entry;
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    if (*text && !*end)
        return number == uid;
    entry = getpwnam(text);
    return entry && entry->pw_uid == uid;
}

bool gsakmpd_allow(void *context, const struct run_caller *caller, const char *command,
                   const json_t *arguments)
{
    struct gsakmpd_group *group = look_up(context, arguments);

    if (!group || (strcmp(command, "key") != 0 && strcmp(command, "status") != 0))
        return false;
    for (unsigned i = 0; i < cfg_size(group->settings.section, "users"); i++) {
        if (is_user(cfg_getnstr(group->settings.section, "users", i), caller->uid))
            return true;
    }
    return false;
}

static json_t *key_list(const struct gsakmpd_group *group, const struct gk_now *now, bool secret)
{
    json_t *list = json_array();
    struct member_key key;

    for (size_t i = 0; i < RULES_GTPKS; i++) {
        const struct gk_wrap *wrap;
        json_t *entry;

        if (!member_key_at(group->member, i, now, &key))
            continue;
        wrap = gk_wrap_find(key.type);
        entry = answer_key(key.id, key.handle, key.created, key.expires);
        json_object_set_new(entry, "type", json_string(wrap ? wrap->name : "?"));
        if (secret) {
            char *hex = gk_hex(key.key);

            json_object_set_new(entry, "key", json_string(hex));
            gk_wipe(hex, strlen(hex));
            free(hex);
        }
        json_array_append_new(list, entry);
    }
    return list;
}

static void show_status(void *context, struct run_request *request, const json_t *arguments)
{
    static const char *const states[] = {"Idle", "Wait for Group Membership",
                                         "Wait for Group Membership Event"};
    struct gsakmpd_group *group = find_group(context, request, arguments);
    struct gk_now now = run_now();
    struct member_status status;
    char address[GK_ADDRESS_TEXT];
    json_t *answer;

    if (!group)
        return;
    member_get_status(group->member, &status);
    answer =
        json_pack("{s:s, s:s, s:b, s:b, s:o, s:o, s:I, s:I, s:o, s:s, s:o, s:o}", "group",
                  group->settings.title, "state", states[status.state], "out_of_step",
                  status.out_of_step, "ended", status.ended, "edition",
                  status.has_edition ? json_integer(status.edition) : json_null(), "signed",
                  status.has_edition ? answer_time(status.signing_time) : json_null(), "member_id",
                  (json_int_t)status.member_id, "sequence", (json_int_t)status.sequence, "server",
                  status.server_name.size ? answer_octets(status.server_name) : json_null(),
                  "server_address", gk_address_format(&status.server, address), "refusal",
                  status.refusal[0] ? json_string(status.refusal) : json_null(), "keys",
                  key_list(group, &now, false));
    json_object_set_new(
        answer, "counts",
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "rtj", (json_int_t)status.counts.rtj,
                  "keydl", (json_int_t)status.counts.keydl, "keydl_bad",
                  (json_int_t)status.counts.keydl_bad, "rekey_events",
                  (json_int_t)status.counts.rekey_events, "rekey_messages",
                  (json_int_t)status.counts.rekey_messages, "rekey_bad",
                  (json_int_t)status.counts.rekey_bad, "dropped", (json_int_t)status.counts.dropped,
                  "out_of_step", (json_int_t)status.counts.out_of_step));
    run_reply(request, answer);
}

static void show_key(void *context, struct run_request *request, const json_t *arguments)
{
    struct gsakmpd_group *group = find_group(context, request, arguments);
    struct gk_now now = run_now();
    struct gk_reason why;
    json_t *keys;

    if (!group)
        return;
    keys = key_list(group, &now, true);
    if (json_array_size(keys)) {
        run_reply(request, json_pack("{s:o}", "keys", keys));
        return;
    }
    json_decref(keys);
    (void)gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "no-key",
                    "no current key: this host is not in the group, or its keys have expired");
    run_refuse(request, &why);
}

static void stored(void *context)
{
    run_reply(context, json_object());
}

typedef bool (*member_command)(struct member *, const struct gk_now *, struct gk_turn *,
                               struct gk_reason *);

static void command(struct gsakmpd *daemon, struct run_request *request, const json_t *arguments,
                    member_command run)
{
    struct gsakmpd_group *group = find_group(daemon, request, arguments);
    struct gk_now now = run_now();
    struct gk_turn turn = {0};
    struct gk_reason why;
    bool good;

    if (!group)
        return;
    good = run(group->member, &now, &turn, &why);
    if (good) {
        run_turn(group->host, &turn, stored, request);
    } else {
        gk_turn_free(&turn);
        run_refuse(request, &why);
    }
}

static void do_join(void *context, struct run_request *request, const json_t *arguments)
{
    command(context, request, arguments, member_join);
}

static void do_leave(void *context, struct run_request *request, const json_t *arguments)
{
    command(context, request, arguments, member_leave);
}

const struct run_command gsakmpd_commands[] = {
    {"status", show_status}, {"key", show_key}, {"join", do_join},
    {"leave", do_leave},     {NULL, NULL},
};
