/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/gcksd.h"

#include <string.h>

#include "roles/program/answers.h"

#define PAGE 256

/* The group that a request names; the only one when it names none. */
static struct gcksd_group *find_group(struct gcksd *daemon, struct run_request *request,
                                      const json_t *arguments)
{
    const char *name = json_string_value(json_object_get(arguments, "group"));
    struct gk_reason why;

    if (!name && daemon->group_count == 1)
        return &daemon->group[0];
    for (size_t i = 0; name && i < daemon->group_count; i++) {
        if (strcmp(daemon->group[i].settings.title, name) == 0)
            return &daemon->group[i];
    }
    (void)gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "unknown-group",
                    name ? "no group \"%.80s\" is served here"
                         : "several groups are served here; name one%s",
                    name ? name : "");
    run_refuse(request, &why);
    return NULL;
}

static void show_status(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd_group *group = find_group(context, request, arguments);
    struct gk_now now = run_now();
    struct gcks_status status;
    json_t *answer;
    json_t *keys;

    if (!group)
        return;
    gcks_get_status(group->gcks, &now, &status);
    answer = json_pack(
        "{s:s, s:s, s:b, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "group",
        group->settings.title, "state", status.state == GCKS_IDLE ? "Idle" : "Wait for GC/KS Event",
        "destroyed", status.destroyed, "edition", (json_int_t)status.edition, "signed",
        answer_time(status.signing_time), "members", (json_int_t)status.members, "pending",
        (json_int_t)status.pending, "capacity", (json_int_t)status.capacity, "degree",
        (json_int_t)status.degree, "depth", (json_int_t)status.depth, "sequence",
        (json_int_t)status.sequence, "last_event",
        status.last_event ? answer_time(status.last_event) : json_null());
    keys = json_array();
    for (size_t i = 0; i < status.gtpk_count; i++)
        json_array_append_new(keys, answer_key(status.gtpk[i].id, status.gtpk[i].handle,
                                               status.gtpk[i].created, status.gtpk[i].expires));
    json_object_set_new(answer, "keys", keys);
    json_object_set_new(answer, "next_event_ms", json_integer(status.next_event_ms));
    json_object_set_new(answer, "last_cost",
                        json_pack("{s:I, s:I, s:I}", "keys", (json_int_t)status.last_cost.keys,
                                  "wraps", (json_int_t)status.last_cost.wraps, "octets",
                                  (json_int_t)status.last_cost.octets));
    json_object_set_new(
        answer, "counts",
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "rtj",
                  (json_int_t)status.counts.rtj, "keydl", (json_int_t)status.counts.keydl,
                  "admitted", (json_int_t)status.counts.admitted, "refused",
                  (json_int_t)status.counts.refused, "dropped", (json_int_t)status.counts.dropped,
                  "acks", (json_int_t)status.counts.acks, "nacks", (json_int_t)status.counts.nacks,
                  "ack_timeouts", (json_int_t)status.counts.ack_timeouts, "evicted",
                  (json_int_t)status.counts.evicted, "events", (json_int_t)status.counts.events,
                  "rekey_messages", (json_int_t)status.counts.rekey_messages, "rekey_octets",
                  (json_int_t)status.counts.rekey_octets));
    run_reply(request, answer);
}

/* A page of members, and the cursor of the next. */
static void list_members(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd_group *group = find_group(context, request, arguments);
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
        json_t *entry =
            json_pack("{s:o, s:I, s:b, s:o, s:s, s:s, s:s}", "name", answer_octets(member.name),
                      "member_id", (json_int_t)member.member_id, "acknowledged",
                      member.acknowledged, "joined", answer_time(member.joined), "address",
                      gk_address_format(&member.address.address, address), "transport",
                      member.address.transport == GK_TCP ? "tcp" : "udp", "rule", member.rule);

        json_array_append_new(list, entry);
    }
    run_reply(request, json_pack("{s:o, s:o}", "members", list, "cursor",
                                 more ? json_integer((json_int_t)cursor) : json_null()));
}

static void list_excluded(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd_group *group = find_group(context, request, arguments);
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

static void stored(void *context)
{
    run_reply(context, json_object());
}

static void finish(struct gcksd_group *group, struct run_request *request, struct gk_turn *turn,
                   bool good, const struct gk_reason *why)
{
    if (good) {
        run_turn(group->host, turn, stored, request);
    } else {
        gk_turn_free(turn);
        run_refuse(request, why);
    }
}

static void do_rekey(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd_group *group = find_group(context, request, arguments);
    struct gk_now now = run_now();
    struct gk_turn turn = {0};
    struct gk_reason why;

    if (group)
        finish(group, request, &turn, gcks_rekey(group->gcks, &now, &turn, &why), &why);
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

static void do_evict(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd_group *group = find_group(context, request, arguments);
    struct gk_now now = run_now();
    struct gk_octets names[PAGE];
    struct gk_turn turn = {0};
    struct gk_reason why;
    size_t count;

    if (!group)
        return;
    finish(group, request, &turn,
           take_names(json_object_get(arguments, "names"), names, PAGE, &count, &why) &&
               gcks_evict(group->gcks, names, count, &now, &turn, &why),
           &why);
}

static void do_readmit(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd_group *group = find_group(context, request, arguments);
    struct gk_octets names[1];
    struct gk_turn turn = {0};
    struct gk_reason why;
    size_t count;

    if (!group)
        return;
    finish(group, request, &turn,
           take_names(json_object_get(arguments, "names"), names, 1, &count, &why) &&
               gcks_readmit(group->gcks, names[0], &turn, &why),
           &why);
}

static void do_publish(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd_group *group = find_group(context, request, arguments);
    const char *hex = json_string_value(json_object_get(arguments, "token"));
    struct gk_now now = run_now();
    struct gk_writer token = {0};
    struct gk_turn turn = {0};
    struct gk_reason why;
    bool good;

    if (!group)
        return;
    good = (hex && gk_unhex(hex, &token)) ||
           gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "token", "\"token\" is not hexadecimal");
    good = good && gcks_publish(group->gcks, gk_writer_octets(&token), &now, &turn, &why);
    gk_writer_free(&token);
    finish(group, request, &turn, good, &why);
}

static void do_destroy(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd_group *group = find_group(context, request, arguments);
    struct gk_now now = run_now();
    struct gk_turn turn = {0};
    struct gk_reason why;

    if (group)
        finish(group, request, &turn, gcks_destroy(group->gcks, &now, &turn, &why), &why);
}

const struct run_command gcksd_commands[] = {
    {"status", show_status}, {"members", list_members}, {"excluded", list_excluded},
    {"rekey", do_rekey},     {"evict", do_evict},       {"readmit", do_readmit},
    {"publish", do_publish}, {"destroy", do_destroy},   {NULL, NULL},
};
