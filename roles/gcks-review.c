/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Local policy that changes while the group runs: revocation lists (profile 4.5) and the table
 * of permissions (11.9). Everybody is judged again, members and registrations under way, slice
 * by slice; who is out goes at one event. Also after a restart, whose configuration may differ.
 */
#include "roles/gcks-internal.h"

#define JUDGED_AT_ONCE 512 /* entries a turn */

bool gcks_refuse_revoked(struct gk_reason *why)
{
    return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "revoked",
                     "its certificate, or that of a CA above it, has been revoked");
}

bool gcks_revoked(const struct gcks *g, const struct pki_identity *identity)
{
    return pki_lists_revoke(g->lists, g->policy.trust.tolerate_sha1, identity);
}

void gcks_expel(struct gcks *g, uint32_t handle, const char *by, uint16_t notification,
                const char *rule)
{
    struct gcks_entry *entry = &g->entry[handle];
    struct gcks_who who;
    char name[128];

    if (gcks_person_who(gk_secret_octets(&entry->person), &who))
        gk_turn_notice(g->turn, GK_NOTICE, "member-evicted", notification, "%s %s: %.200s",
                       gk_escape(name, sizeof name, who.name), by, rule);
    if (entry->session != GCKS_NONE)
        gcks_session_end(g, &g->session[entry->session], GCKS_TIMEOUT);
    gcks_entry_expel(g, handle);
    gcks_entry_record(g, handle);
    g->counts.evicted++;
}

/* --- one entry ------------------------------------------------------------------------------- */

/* What the lists say of the CAs is asked once a generation, for all who share them. */
static bool is_revoked(struct gcks *g, const struct pki_identity *identity, uint32_t number)
{
    struct gcks_trail *trail = &g->trail[number];

    if (trail->asked != g->generation) {
        trail->verdict = pki_lists_ask(g->lists, g->policy.trust.tolerate_sha1, trail->issuers,
                                       trail->issuer_count);
        trail->asked = g->generation;
    }
    return trail->verdict.revoked ||
           pki_lists_name(g->lists, trail->verdict.list, identity->serial_der);
}

static void expel(struct gcks *g, uint32_t handle, uint16_t notification, const char *rule)
{
    gcks_expel(g, handle, "by local policy", notification, rule);
    g->review.out++;
}

static void judge_member(struct gcks *g, uint32_t handle)
{
    const struct gcks_entry *entry = &g->entry[handle];
    struct gk_octets person = gk_secret_octets(&entry->person);
    struct rules_verdict verdict;
    struct pki_identity identity;
    struct gk_reason why;
    bool revoked;
    bool granted;

    if (!gcks_person_open(g, person, &identity))
        return;
    revoked = is_revoked(g, &identity, gcks_trail_of(person));
    granted = revoked || gcks_judge(g->loaded->rules, &identity, &entry->mechanism, &verdict);
    gcks_person_close(&identity);
    if (revoked) {
        (void)gcks_refuse_revoked(&why);
        expel(g, handle, why.notification, why.text);
    } else if (!granted) {
        expel(g, handle, verdict.notification, verdict.rule);
    }
}

/* A registration is judged at its next step; one that waits for an Ack now. */
static void judge(struct gcks *g, uint32_t handle)
{
    const struct gcks_entry *entry = &g->entry[handle];
    uint32_t leaf;

    if (!entry->person.size)
        return;
    if (entry->session != GCKS_NONE) {
        struct gcks_session *session = &g->session[entry->session];
        bool has_keys = session->state == GCKS_WAIT_RESPONSE;

        if (!gcks_session_still_admitted(g, session) && has_keys)
            g->review.out++;
    }
    if (g->entry[handle].person.size && gcks_entry_is_member(&g->entry[handle], &leaf))
        judge_member(g, handle);
}

/* --- slices ---------------------------------------------------------------------------------- */

void gcks_review_begin(struct gcks *g)
{
    g->review = (struct gcks_review){.active = g->state == GCKS_WAIT_EVENT};
}

static void end(struct gcks *g)
{
    uint32_t out = g->review.out;

    g->review = (struct gcks_review){.active = false};
    if (!out)
        return;
    if (g->lkh)
        gcks_want_event(g);
    else
        gk_turn_notice(g->turn, GK_WARNING, "evicted-without-rekey", GK_NONE,
                       "the token has no rekey method: %lu members who are out keep the keys",
                       (unsigned long)out);
}

void gcks_review_tick(struct gcks *g)
{
    struct gcks_review *review = &g->review;

    if (!review->active)
        return;
    for (int i = 0; i < JUDGED_AT_ONCE && review->cursor < g->entry_count; i++)
        judge(g, review->cursor++);
    if (review->cursor >= g->entry_count)
        end(g);
}

/* --- the command ----------------------------------------------------------------------------- */

/* Whom it concerns besides the members; nothing here ends the group. */
static void judge_others(struct gcks *g)
{
    for (size_t i = 0; i < g->config.credential_count; i++) {
        if (g->self[i] && gcks_revoked(g, g->self[i]))
            gk_turn_notice(g->turn, GK_ERROR, "own-certificate", GK_AUTHENTICATION_FAILED,
                           "this server's certificate has been revoked: members that know it "
                           "leave this server");
    }
    if (g->loaded && gcks_revoked(g, g->loaded->owner))
        gk_turn_notice(g->turn, GK_ERROR, "owner-revoked", GK_AUTHENTICATION_FAILED,
                       "the group owner's certificate has been revoked: members that know it take "
                       "no token of his");
}

void gcks_local_policy(struct gcks *g, const struct gk_octets *crls, size_t count,
                       const struct gk_now *now, struct gk_turn *turn)
{
    gcks_enter(g, now, turn);
    pki_lists_unref(g->lists);
    g->lists = pki_lists_new(crls, count);
    pki_lists_lend(g->lists, &g->policy.trust);
    g->generation++;
    gcks_paths_forget(g);
    gcks_trial_again(g);
    judge_others(g);
    gcks_review_begin(g);
    gcks_review_tick(g);
    gcks_leave(g);
}
