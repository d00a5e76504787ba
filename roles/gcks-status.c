/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator is told. */
#include "roles/gcks-internal.h"

#include <stdio.h>
#include <string.h>

void gcks_get_status(const struct gcks *g, const struct gk_now *now, struct gcks_status *status)
{
    int64_t next = gcks_rekey_next(g);

    *status = (struct gcks_status){
        .state = g->state,
        .destroyed = g->destroyed,
        .has_edition = g->terms->has_edition,
        .edition = g->terms->edition,
        .signing_time = g->loaded ? g->loaded->mark.signing_time : 0,
        .members = g->members,
        .pending = g->pending,
        .exclusions = g->exclusion_count,
        .capacity = g->lkh ? gk_lkh_capacity(g->lkh) : 0,
        .degree = g->config.degree,
        .depth = g->lkh ? gk_lkh_depth(g->lkh) : 0,
        .sequence = g->last_sequence,
        .last_event = g->last_sequence ? g->last_stamp : 0,
        .next_event_ms = -1,
        .events = g->events_seen,
        .rekey_after = g->terms->rekey_after,
        .last_cost = g->last_cost,
        .counts = g->counts,
        .gtpk_count = g->gtpk_count,
    };
    if (next != GK_NO_TICK)
        status->next_event_ms = next > now->ms ? next - now->ms : 0;
    for (size_t i = 0; i < g->gtpk_count; i++) {
        status->gtpk[i].id = g->gtpk[i].id;
        status->gtpk[i].handle = g->gtpk[i].handle;
        status->gtpk[i].created = g->gtpk[i].created;
        status->gtpk[i].expires = g->gtpk[i].expires;
        status->gtpk[i].use = rules_gtpk_use(&g->terms->gtpk[i]);
    }
}

static void describe(const struct gcks *g, const struct gcks_entry *entry,
                     struct gcks_member *member)
{
    struct rules_verdict verdict = {0};
    struct gcks_who who;
    bool granted = false;

    *member = (struct gcks_member){
        .joined = entry->joined, .address = entry->peer, .mechanism = entry->mechanism};
    member->acknowledged = gcks_entry_is_member(entry, &member->member_id);
    if (gcks_person_who(gk_secret_octets(&entry->person), &who)) {
        member->name = who.name;
        memcpy(member->issuer, who.issuer, sizeof member->issuer);
        memcpy(member->fingerprint, who.fingerprint, sizeof member->fingerprint);
    }
    if (!member->acknowledged && entry->session != GCKS_NONE) {
        const struct gcks_session *session = &g->session[entry->session];

        member->member_id = session->leaf;
        member->address = session->peer;
        member->mechanism = session->mechanism.algorithms;
        memcpy(member->fingerprint, session->path->identity->fingerprint,
               sizeof member->fingerprint);
        granted = g->loaded && gcks_judge(g->loaded->rules, session->path->identity,
                                          &session->mechanism.algorithms, &verdict);
    } else {
        granted = g->loaded && gcks_entry_judge(g, g->loaded->rules, entry, &verdict);
    }
    if (granted)
        (void)snprintf(member->rule, sizeof member->rule, "%.*s", (int)sizeof member->rule - 1,
                       verdict.rule);
}

bool gcks_next_member(const struct gcks *g, uint64_t *cursor, struct gcks_member *member)
{
    for (; *cursor < g->entry_count; (*cursor)++) {
        const struct gcks_entry *entry = &g->entry[*cursor];
        uint32_t leaf;

        if (!entry->person.size ||
            (!gcks_entry_is_member(entry, &leaf) && entry->session == GCKS_NONE))
            continue;
        describe(g, entry, member);
        (*cursor)++;
        return true;
    }
    return false;
}

bool gcks_next_excluded(const struct gcks *g, uint64_t *cursor, struct gk_octets *name)
{
    if (*cursor >= g->exclusion_count)
        return false;
    *name = gk_secret_octets(&g->exclusion[(*cursor)++].name);
    return true;
}
