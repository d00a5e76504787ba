/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/gsakmpd.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "roles/program/answers.h"

#define LABEL_MOST 255

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

    if (group && group->member)
        return group;
    if (group)
        (void)gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "group-refused",
                        "group \"%.60s\" did not start: %.180s", group->settings.title,
                        group->refusal.text);
    else
        (void)gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "unknown-group",
                        json_object_get(arguments, "group")
                            ? "this host is configured for no such group"
                            : "this host is configured for several groups; name one");
    run_refuse(request, &why);
    return NULL;
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

static bool is_for_users(const char *command)
{
    static const char *const names[] = {"follow", "key", "status", "watch"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], command) == 0)
            return true;
    }
    return false;
}

bool gsakmpd_allow(void *context, const struct run_caller *caller, const char *command,
                   const json_t *arguments)
{
    struct gsakmpd_group *group = look_up(context, arguments);

    if (!group || !is_for_users(command))
        return false;
    for (unsigned i = 0; i < cfg_size(group->settings.section, "users"); i++) {
        if (is_user(cfg_getnstr(group->settings.section, "users", i), caller->uid))
            return true;
    }
    return false;
}

static json_t *summary_out(const struct gsakmpd_group *group, const struct member_status *status,
                           const struct gk_now *now)
{
    const char *title = group->settings.title;
    char address[GK_ADDRESS_TEXT];
    char wait[ANSWER_SPAN];

    (void)gk_address_format(&status->server, address);
    if (status->ended)
        return json_sprintf("%s: the group has ended, its keys are wiped", title);
    if (!status->wanted)
        return json_sprintf("%s: not in the group, nor asked to be (gsakmpctl join asks)", title);
    if (status->retry_at != GK_NO_TICK)
        return json_sprintf("%s: NOT in the group; tries again in %s; the last attempt at %s: %s",
                            title, answer_span(status->retry_at - now->ms, wait), address,
                            status->refusal[0] ? status->refusal : "none yet");
    return json_sprintf("%s: NOT in the group; asks %s to join%s%s", title, address,
                        status->refusal[0] ? "; the last attempt: " : "", status->refusal);
}

/* What matters first, in words. */
static json_t *summary_of(const struct gsakmpd_group *group, const struct member_status *status,
                          const struct gk_now *now)
{
    char name[256];

    if (status->state != MEMBER_WAIT_EVENT)
        return summary_out(group, status, now);
    return json_sprintf("%s: in the group as member %lu under edition %lld, keys from %s%s%s%s",
                        group->settings.title, (unsigned long)status->member_id,
                        (long long)status->edition,
                        gk_escape(name, sizeof name, status->server_name),
                        status->out_of_step ? "; OUT OF STEP: a rekey was missed, so these keys "
                                              "may be old, and it registers again"
                                            : "",
                        status->out_of_step && status->refusal[0] ? "; the last attempt: " : "",
                        status->out_of_step ? status->refusal : "");
}

static json_t *counts_of(const struct member_counts *counts)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "rtj", (json_int_t)counts->rtj,
                     "keydl", (json_int_t)counts->keydl, "keydl_bad", (json_int_t)counts->keydl_bad,
                     "rekey_events", (json_int_t)counts->rekey_events, "rekey_messages",
                     (json_int_t)counts->rekey_messages, "rekey_bad", (json_int_t)counts->rekey_bad,
                     "dropped", (json_int_t)counts->dropped, "out_of_step",
                     (json_int_t)counts->out_of_step);
}

/* Where rekeys are heard, and on which interface: a wrong one is not noticed otherwise. */
static json_t *rekeys_at(const struct gsakmpd_group *group)
{
    const char *interface = cfg_getstr(group->settings.section, "interface");
    json_t *list = json_array();
    char text[GK_ADDRESS_TEXT];

    for (size_t i = 0; i < group->rekey_count; i++) {
        (void)gk_address_format(&group->rekey[i], text);
        json_array_append_new(
            list, gk_address_is_multicast(&group->rekey[i])
                      ? json_sprintf("%s on %s", text, interface ? interface : "the default route")
                      : json_string(text));
    }
    return list;
}

static json_t *status_of(const struct gsakmpd_group *group)
{
    static const char *const states[] = {"Idle", "Wait for Group Membership",
                                         "Wait for Group Membership Event"};
    struct gk_now now = run_now();
    struct member_status status;
    char address[GK_ADDRESS_TEXT];
    char mechanism[GK_MECHANISM_TEXT];
    json_t *answer;

    if (!group->member)
        return answer_refused(group->settings.title, "did NOT start", &group->refusal);
    member_get_status(group->member, &status);
    answer = json_pack(
        "{s:o, s:s, s:s, s:b, s:b, s:o, s:o, s:I, s:I, s:o, s:o, s:s, s:o}", "summary",
        summary_of(group, &status, &now), "group", group->settings.title, "state",
        states[status.state], "out_of_step", status.out_of_step, "ended", status.ended, "edition",
        status.has_edition ? json_integer(status.edition) : json_null(), "signed",
        status.has_edition ? answer_time(status.signing_time) : json_null(), "member_id",
        (json_int_t)status.member_id, "sequence", (json_int_t)status.sequence, "last_event",
        status.last_event ? answer_time(status.last_event) : json_null(), "server",
        status.server_name.size ? answer_octets(status.server_name) : json_null(), "server_address",
        gk_address_format(&status.server, address), "refusal",
        status.refusal[0] ? json_string(status.refusal) : json_null());
    json_object_set_new(answer, "mechanism",
                        json_string(gk_mechanism_format(&status.mechanism, mechanism)));
    json_object_set_new(answer, "raised", json_boolean(status.raised));
    json_object_set_new(answer, "name", answer_octets(status.name));
    json_object_set_new(answer, "credential",
                        answer_credential(&group->config.credential[status.credential],
                                          group->settings.credential_name[status.credential]));
    json_object_set_new(answer, "crls", json_integer((json_int_t)group->settings.crls.count));
    json_object_set_new(answer, "reload_refused", answer_reason(&group->reload.refusal));
    json_object_set_new(answer, "rekeys_at", rekeys_at(group));
    json_object_set_new(answer, "hook", consumers_hook_status(&group->consumers));
    json_object_set_new(answer, "consumers", json_string(consumers_state(&group->consumers)));
    json_object_set_new(answer, "keys", consumers_keys(&group->consumers, true, NULL, NULL));
    json_object_set_new(answer, "counts", counts_of(&status.counts));
    return answer;
}

/* Of one group in full; of all, when there are several and none is named, in a list. */
static void show_status(void *context, struct run_request *request, const json_t *arguments)
{
    struct gsakmpd *daemon = context;
    struct gsakmpd_group *group;
    json_t *list;

    if (json_object_get(arguments, "group") || daemon->group_count == 1) {
        group = find_group(daemon, request, arguments);
        if (group)
            run_reply(request, status_of(group));
        return;
    }
    list = json_array();
    for (size_t i = 0; i < daemon->group_count; i++)
        json_array_append_new(list, status_of(&daemon->group[i]));
    run_reply(request, json_pack("{s:o}", "groups", list));
}

/* The keys to send with; with "receive" all that serve, the older and the next too. */
static void show_key(void *context, struct run_request *request, const json_t *arguments)
{
    struct gsakmpd_group *group = find_group(context, request, arguments);
    bool all = json_is_true(json_object_get(arguments, "receive"));
    const char *data = json_string_value(json_object_get(arguments, "data"));
    const char *label = json_string_value(json_object_get(arguments, "derive"));
    struct gk_reason why;
    json_t *keys;

    if (!group)
        return;
    if (data && strcmp(data, "authentication") != 0 && strcmp(data, "encryption") != 0) {
        (void)gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "data-use",
                        "keys are for authentication or for encryption");
        run_refuse(request, &why);
        return;
    }
    if (json_object_get(arguments, "derive") && (!label || !*label || strlen(label) > LABEL_MOST)) {
        (void)gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "key-label",
                        "a label has 1 to %d octets of text", LABEL_MOST);
        run_refuse(request, &why);
        return;
    }
    keys = consumers_keys(&group->consumers, all, data, label ? label : "");
    if (json_array_size(keys)) {
        run_reply(request, json_pack("{s:b, s:o}", "receive", (int)all, "keys", keys));
        return;
    }
    json_decref(keys);
    keys = consumers_keys(&group->consumers, all, NULL, NULL);
    (void)gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "no-key", "no key%s%s: %s", data ? " for " : "",
                    data ? data : "",
                    json_array_size(keys) ? "the token names none"
                                          : consumers_why(&group->consumers));
    json_decref(keys);
    run_refuse(request, &why);
}

static void follow(void *context, struct run_request *request, const json_t *arguments)
{
    struct gsakmpd_group *group = find_group(context, request, arguments);

    if (group)
        run_watch(request, consumers_snapshot(&group->consumers, NULL), &group->consumers);
}

/* Of one group; of all, when none is named. */
static void watch(void *context, struct run_request *request, const json_t *arguments)
{
    struct gsakmpd *daemon = context;
    struct gsakmpd_group *group;

    if (!json_object_get(arguments, "group") && daemon->group_count > 1) {
        events_watch(request, &daemon->base, NULL);
        return;
    }
    group = find_group(daemon, request, arguments);
    if (group)
        events_watch(request, group, group->settings.title);
}

static void joining(void *context)
{
    run_reply(context, json_pack("{s:s}", "summary", "asks to join; status tells how it goes"));
}

/* This version does not de-register: the server is not told (RFC 4535 5.3.2.2). */
static void left(void *context)
{
    run_reply(context, json_pack("{s:s}", "summary",
                                 "left, the keys are wiped; the server is not told and counts "
                                 "this host until it evicts it"));
}

typedef bool (*member_command)(struct member *, const struct gk_now *, struct gk_turn *,
                               struct gk_reason *);

static void command(struct gsakmpd *daemon, struct run_request *request, const json_t *arguments,
                    member_command run, void (*stored)(void *context))
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
    command(context, request, arguments, member_join, joining);
}

static void do_leave(void *context, struct run_request *request, const json_t *arguments)
{
    command(context, request, arguments, member_leave, left);
}

const struct run_command gsakmpd_commands[] = {
    {"status", show_status}, {"key", show_key},   {"follow", follow}, {"watch", watch},
    {"join", do_join},       {"leave", do_leave}, {NULL, NULL},
};
