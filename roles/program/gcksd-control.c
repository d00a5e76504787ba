/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/gcksd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "roles/program/answers.h"

#define PAGE 256

static struct gcksd_group *look_up(struct gcksd *daemon, const char *name)
{
    if (!name)
        return daemon->group_count == 1 ? &daemon->group[0] : NULL;
    for (size_t i = 0; i < daemon->group_count; i++) {
        if (strcmp(daemon->group[i].settings.title, name) == 0)
            return &daemon->group[i];
    }
    return NULL;
}

struct gcksd_group *gcksd_find_group(struct gcksd *daemon, struct run_request *request,
                                     const json_t *arguments)
{
    const char *name = json_string_value(json_object_get(arguments, "group"));
    struct gcksd_group *group = look_up(daemon, name);
    struct gk_reason why;

    if (group && group->gcks)
        return group;
    if (group)
        (void)gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "group-refused",
                        "group \"%.60s\" is not served: %.180s", group->settings.title,
                        group->refusal.text);
    else
        (void)gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "unknown-group",
                        name ? "no group \"%.80s\" is served here"
                             : "several groups are served here; name one%s",
                        name ? name : "");
    run_refuse(request, &why);
    return NULL;
}

/* Of one group in full; of all, when several are served and none is named, in a list. */
static void show_status(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd *daemon = context;
    struct gcksd_group *group;
    json_t *list;

    if (json_object_get(arguments, "group") || daemon->group_count == 1) {
        group = gcksd_find_group(daemon, request, arguments);
        if (group)
            run_reply(request, gcksd_status(group));
        return;
    }
    list = json_array();
    for (size_t i = 0; i < daemon->group_count; i++)
        json_array_append_new(list, gcksd_status(&daemon->group[i]));
    run_reply(request, json_pack("{s:o}", "groups", list));
}

/* A page of members, and the cursor of the next. */
static void list_members(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd_group *group = gcksd_find_group(context, request, arguments);
    uint64_t cursor = (uint64_t)json_integer_value(json_object_get(arguments, "cursor"));
    struct gcks_member member;
    json_t *list;
    bool more = true;

    if (!group)
        return;
    list = json_array();
    while (json_array_size(list) < PAGE &&
           (more = gcks_next_member(group->gcks, &cursor, &member))) {
        char address[GK_ADDRESS_TEXT];
        char mechanism[GK_MECHANISM_TEXT];
        json_t *entry =
            json_pack("{s:o, s:I, s:b, s:o, s:s, s:s, s:s, s:s, s:o}", "name",
                      answer_octets(member.name), "member_id", (json_int_t)member.member_id,
                      "acknowledged", member.acknowledged, "joined", answer_time(member.joined),
                      "address", gk_address_format(&member.address.address, address), "transport",
                      member.address.transport == GK_TCP ? "tcp" : "udp", "rule", member.rule,
                      "mechanism", gk_mechanism_format(&member.mechanism, mechanism), "certificate",
                      answer_fingerprint(member.fingerprint));

        json_array_append_new(list, entry);
    }
    run_reply(request, json_pack("{s:o, s:o}", "members", list, "cursor",
                                 more ? json_integer((json_int_t)cursor) : json_null()));
}

static void list_excluded(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd_group *group = gcksd_find_group(context, request, arguments);
    uint64_t cursor = (uint64_t)json_integer_value(json_object_get(arguments, "cursor"));
    struct gk_octets name;
    json_t *list;
    bool more = true;

    if (!group)
        return;
    list = json_array();
    while (json_array_size(list) < PAGE && (more = gcks_next_excluded(group->gcks, &cursor, &name)))
        json_array_append_new(list, answer_octets(name));
    run_reply(request, json_pack("{s:o, s:o}", "excluded", list, "cursor",
                                 more ? json_integer((json_int_t)cursor) : json_null()));
}

/* --- commands that change something: the answer waits until it is stored ----------------- */

/* What is told once the change is stored. */
struct outcome {
    struct run_request *request;
    json_t *answer;
};

static void stored(void *context)
{
    struct outcome *outcome = context;

    run_reply(outcome->request, outcome->answer);
    free(outcome);
}

static void finish(struct gcksd_group *group, struct run_request *request, struct gk_turn *turn,
                   json_t *answer)
{
    struct outcome *outcome = gk_alloc(1, sizeof *outcome);

    *outcome = (struct outcome){request, answer};
    run_turn(group->host, turn, stored, outcome);
}

static void refuse(struct run_request *request, struct gk_turn *turn, const struct gk_reason *why)
{
    gk_turn_free(turn);
    run_refuse(request, why);
}

static json_t *in_words(const char *text)
{
    return json_pack("{s:s}", "summary", text);
}

static void do_rekey(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd_group *group = gcksd_find_group(context, request, arguments);
    struct gk_now now = run_now();
    struct gk_turn turn = {0};
    struct gk_reason why;

    if (!group)
        return;
    if (gcks_rekey(group->gcks, &now, &turn, &why))
        finish(group, request, &turn, in_words("the keys are being changed"));
    else
        refuse(request, &turn, &why);
}

static bool take_names(const json_t *list, struct gk_octets *names, size_t most, size_t *count,
                       struct gk_reason *why)
{
    *count = json_array_size(list);
    if (!*count || *count > most)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "names",
                         "\"names\" holds %zu names; expected 1 to %zu", *count, most);
    for (size_t i = 0; i < *count; i++) {
        const json_t *name = json_array_get(list, i);

        if (!json_is_string(name))
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "names", "name %zu is no string", i + 1);
        names[i] = gk_octets(json_string_value(name), json_string_length(name));
    }
    return true;
}

/* Towards other servers only a new token excludes, and whoever evicts must know (profile
 * 9.14); that a name was nobody's is how mistyped ones are found. */
static json_t *told_of_eviction(size_t names, uint64_t evicted, const char *rekey)
{
    return json_pack(
        "{s:o, s:I, s:I}", "summary",
        json_sprintf("%llu member%s evicted, %zu name%s excluded at this server%s; other servers "
                     "know nothing of it until a new token excludes them%s",
                     (unsigned long long)evicted, answer_s(evicted), names, answer_s(names),
                     evicted < names ? " (not all of these were members: check the spelling)" : "",
                     rekey),
        "evicted", (json_int_t)evicted, "names", (json_int_t)names);
}

/* When the keys change that they still hold. */
static const char *told_of_rekey(uint64_t evicted, const struct gcks_status *status, char text[160])
{
    if (!evicted)
        return "";
    if (!status->rekey_after)
        return "; they hold the keys until the next rekey by time or command";
    (void)snprintf(text, 160,
                   "; the keys change by the policy, after %lld events or in time: %lu counted",
                   (long long)status->rekey_after, (unsigned long)status->events);
    return status->events ? text
                          : "; it was the last event that the policy waited for: the keys "
                            "are being changed";
}

static void do_evict(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd_group *group = gcksd_find_group(context, request, arguments);
    bool by_policy = json_is_true(json_object_get(arguments, "by_policy"));
    struct gk_now now = run_now();
    struct gk_octets names[PAGE];
    struct gcks_status before;
    struct gcks_status after;
    struct gk_turn turn = {0};
    struct gk_reason why;
    char text[160];
    uint64_t evicted;
    size_t count;

    if (!group)
        return;
    gcks_get_status(group->gcks, &now, &before);
    if (!take_names(json_object_get(arguments, "names"), names, PAGE, &count, &why) ||
        !(by_policy ? gcks_evict_by_policy : gcks_evict)(group->gcks, names, count, &now, &turn,
                                                         &why)) {
        refuse(request, &turn, &why);
        return;
    }
    gcks_get_status(group->gcks, &now, &after);
    evicted = after.counts.evicted - before.counts.evicted;
    finish(group, request, &turn,
           told_of_eviction(count, evicted, told_of_rekey(by_policy ? evicted : 0, &after, text)));
}

static void do_readmit(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd_group *group = gcksd_find_group(context, request, arguments);
    struct gk_octets names[1];
    struct gk_turn turn = {0};
    struct gk_reason why;
    size_t count;

    if (!group)
        return;
    if (take_names(json_object_get(arguments, "names"), names, 1, &count, &why) &&
        gcks_readmit(group->gcks, names[0], &turn, &why))
        finish(
            group, request, &turn,
            in_words("off the local exclusion list: it may register again, if the token lets it"));
    else
        refuse(request, &turn, &why);
}

static void do_destroy(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd_group *group = gcksd_find_group(context, request, arguments);
    struct gk_now now = run_now();
    struct gk_turn turn = {0};
    struct gk_reason why;

    if (!group)
        return;
    if (gcks_destroy(group->gcks, &now, &turn, &why))
        finish(group, request, &turn, in_words("the group has ended, and its members are told"));
    else
        refuse(request, &turn, &why);
}

/* Of one group; of all, when none is named. */
static void watch(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd *daemon = context;
    struct gcksd_group *group;

    if (!json_object_get(arguments, "group") && daemon->group_count > 1) {
        events_watch(request, &daemon->base, NULL);
        return;
    }
    group = gcksd_find_group(daemon, request, arguments);
    if (group)
        events_watch(request, group, group->settings.title);
}

const struct run_command gcksd_commands[] = {
    {"status", show_status},
    {"members", list_members},
    {"excluded", list_excluded},
    {"rekey", do_rekey},
    {"evict", do_evict},
    {"readmit", do_readmit},
    {"publish", gcksd_publish},
    {"destroy", do_destroy},
    {"watch", watch},
    {NULL, NULL},
};
