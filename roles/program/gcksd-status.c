/* SPDX-License-Identifier: Apache-2.0 */
/* What operators are told of a group. */
#include "roles/program/gcksd.h"

#include <stdio.h>

#include "roles/program/answers.h"

/* What matters first, in words. */
static json_t *summary_of(const struct gcksd_group *group, const struct gcks_status *status)
{
    char next[ANSWER_SPAN];
    char pending[64] = "";
    char excluded[96] = "";
    char events[64] = "";

    if (status->destroyed)
        return json_sprintf("%s: the group has ended, its Group ID is never used again",
                            group->settings.title);
    if (status->pending)
        (void)snprintf(pending, sizeof pending, ", %lu registering",
                       (unsigned long)status->pending);
    if (status->exclusions)
        (void)snprintf(excluded, sizeof excluded,
                       "; %lu name%s excluded at this server only, until a new token excludes them",
                       (unsigned long)status->exclusions, answer_s(status->exclusions));
    if (status->rekey_after && status->events)
        (void)snprintf(events, sizeof events, ", or after %lld more members go",
                       (long long)status->rekey_after - (long long)status->events);
    return json_sprintf("%s: serves %lu member%s%s under edition %lld; %s%s%s%s",
                        group->settings.title, (unsigned long)status->members,
                        answer_s(status->members), pending, (long long)status->edition,
                        status->next_event_ms < 0 ? "no rekey by time"
                                                  : "the next rekey by time is in ",
                        status->next_event_ms < 0 ? "" : answer_span(status->next_event_ms, next),
                        events, excluded);
}

static json_t *counts_of(const struct gcks_counts *counts)
{
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "rtj",
        (json_int_t)counts->rtj, "keydl", (json_int_t)counts->keydl, "admitted",
        (json_int_t)counts->admitted, "refused", (json_int_t)counts->refused, "dropped",
        (json_int_t)counts->dropped, "acks", (json_int_t)counts->acks, "nacks",
        (json_int_t)counts->nacks, "ack_timeouts", (json_int_t)counts->ack_timeouts, "evicted",
        (json_int_t)counts->evicted, "events", (json_int_t)counts->events, "rekey_messages",
        (json_int_t)counts->rekey_messages, "rekey_octets", (json_int_t)counts->rekey_octets);
}

static json_t *keys_of(const struct gcks_status *status)
{
    json_t *keys = json_array();

    for (size_t i = 0; i < status->gtpk_count; i++) {
        json_t *key = answer_key(status->gtpk[i].id, status->gtpk[i].handle,
                                 status->gtpk[i].created, status->gtpk[i].expires);

        json_object_set_new(key, "data", json_string(status->gtpk[i].use));
        json_array_append_new(keys, key);
    }
    return keys;
}

static json_t *credentials_of(const struct settings_group *settings)
{
    json_t *list = json_array();

    for (size_t i = 0; i < settings->credential_count; i++)
        json_array_append_new(
            list, answer_credential(&settings->credential[i], settings->credential_name[i]));
    return list;
}

/* Where rekeys go, and by which interface: a wrong one is not noticed otherwise. */
static json_t *rekeys_to(const struct gcksd_group *group)
{
    const char *interface = cfg_getstr(group->settings.section, "interface");
    json_t *list = json_array();
    char text[GK_ADDRESS_TEXT];

    for (size_t i = 0; i < group->config.rekey_count; i++) {
        const struct gk_address *to = &group->config.rekey[i];

        (void)gk_address_format(to, text);
        json_array_append_new(
            list, gk_address_is_multicast(to)
                      ? json_sprintf("%s by %s", text, interface ? interface : "the default route")
                      : json_string(text));
    }
    if (group->places)
        json_array_append_new(list,
                              json_sprintf("the configured addresses of %u members",
                                           cfg_size(group->settings.section, "rekey_address")));
    if (group->config.rekey_to_members)
        json_array_append_new(list, json_string(group->places ? "every other member's own address"
                                                              : "each member's own address"));
    return list;
}

json_t *gcksd_status(const struct gcksd_group *group)
{
    struct gk_now now = run_now();
    struct gcks_status status;
    json_t *answer;

    if (!group->gcks)
        return answer_refused(group->settings.title, "NOT served", &group->refusal);
    gcks_get_status(group->gcks, &now, &status);
    answer = json_pack(
        "{s:o, s:s, s:s, s:b, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "summary",
        summary_of(group, &status), "group", group->settings.title, "state",
        status.state == GCKS_IDLE ? "Idle" : "Wait for GC/KS Event", "destroyed", status.destroyed,
        "signed", answer_time(status.signing_time), "edition", (json_int_t)status.edition,
        "members", (json_int_t)status.members, "pending", (json_int_t)status.pending, "excluded",
        (json_int_t)status.exclusions, "capacity", (json_int_t)status.capacity, "degree",
        (json_int_t)status.degree, "depth", (json_int_t)status.depth, "last_event",
        status.last_event ? answer_time(status.last_event) : json_null());
    json_object_set_new(answer, "sequence", json_integer((json_int_t)status.sequence));
    json_object_set_new(answer, "next_event_ms", json_integer(status.next_event_ms));
    json_object_set_new(answer, "credentials", credentials_of(&group->settings));
    json_object_set_new(answer, "events", json_integer((json_int_t)status.events));
    json_object_set_new(answer, "rekey_after", json_integer((json_int_t)status.rekey_after));
    json_object_set_new(answer, "crls", json_integer((json_int_t)group->settings.crls.count));
    json_object_set_new(answer, "reload_refused", answer_reason(&group->reload.refusal));
    json_object_set_new(answer, "rekeys_to", rekeys_to(group));
    json_object_set_new(answer, "keys", keys_of(&status));
    json_object_set_new(answer, "last_cost",
                        json_pack("{s:I, s:I, s:I}", "keys", (json_int_t)status.last_cost.keys,
                                  "wraps", (json_int_t)status.last_cost.wraps, "octets",
                                  (json_int_t)status.last_cost.octets));
    json_object_set_new(answer, "counts", counts_of(&status.counts));
    return answer;
}
