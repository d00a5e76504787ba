/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new token (RFC 4535 5.3.1.2, profile 11.5, 12.1): verified, judged as this server's own
 * policy, then every member judged by it, slice by slice; then, in one turn, it comes into
 * force with the keys that those who are out no longer get.
 */
#include "roles/gcks-internal.h"

#define JUDGED_AT_ONCE 512 /* members a turn */

static bool same_gtpks(const struct rules_terms *a, const struct rules_terms *b)
{
    bool same = a->gtpk_count == b->gtpk_count;

    for (size_t i = 0; i < a->gtpk_count && same; i++)
        same = a->gtpk[i].key_id == b->gtpk[i].key_id && a->gtpk[i].key_type == b->gtpk[i].key_type;
    return same;
}

static bool has_tree(const struct rules_terms *terms)
{
    return terms->rekeys && terms->rekey->method == TOKEN_METHOD_LKH;
}

/* What members hold and a Rekey Event cannot change. */
static bool check_keys(const struct gcks *g, const struct loaded *loaded, struct gk_reason *why)
{
    const struct rules_terms *terms = rules_terms(loaded->rules);

    if (has_tree(terms) != (g->lkh != NULL) || terms->rekeys != g->terms->rekeys)
        return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "not-run",
                         "the token changes the rekey method, which no Rekey Event can tell the "
                         "members: not run by this version; make a new group");
    if (g->lkh && terms->kek_type != g->terms->kek_type)
        return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "not-run",
                         "the token changes the key type of the KEKs: not run by this version; "
                         "make a new group");
    if (!g->lkh && !same_gtpks(terms, g->terms))
        return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "not-run",
                         "the token changes the group's keys, and its rekey method cannot bring "
                         "new ones");
    return true;
}

/* It has to reach the members in one datagram. */
static bool check_size(const struct gcks *g, const struct loaded *loaded, struct gk_reason *why)
{
    struct sizes_server server;
    size_t size;

    if (!g->terms->rekeys)
        return true;
    server = gcks_sizes(g, g->terms->rekey_signature);
    size = sizes_event_token(&server, g->terms->rekey_signature, loaded->octets.size);
    if (size <= GCKS_DATAGRAM)
        return true;
    return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "token-size",
                     "a Rekey Event with this token has %zu octets, a datagram takes %d", size,
                     GCKS_DATAGRAM);
}

static struct loaded *load(const struct gcks *g, struct gk_octets signed_token,
                           struct gk_reason *why)
{
    const struct loaded *newest = g->staged.loaded ? g->staged.loaded : g->loaded;
    struct loaded *loaded = gcks_load(g, signed_token, &newest->mark, why);

    if (!loaded || (gcks_can_serve(g, loaded, why) && check_keys(g, loaded, why) &&
                    check_size(g, loaded, why)))
        return loaded;
    load_unref(loaded);
    return NULL;
}

void gcks_stage(struct gcks *g, struct loaded *loaded)
{
    (void)gcks_step(g, NULL, GCKS_COMMAND);
    gcks_trial_drop(g);
    if (g->staged.loaded)
        load_unref(g->staged.loaded);
    g->staged = (struct gcks_staged){.loaded = loaded};
    load_warn(loaded, g->turn);
    gcks_record_numbered(g, GCKS_RECORD_STAGED, 0, gk_secret_octets(&loaded->octets));
}

static void unchanged(struct gcks *g, enum gcks_publishing how)
{
    gk_turn_notice(g->turn, GK_INFO, "token-unchanged", GK_NONE, "the token is the one in force");
    if (how != GCKS_ANYWAY)
        gcks_trial_unchanged(g);
}

static bool publish(struct gcks *g, struct gk_octets signed_token, enum gcks_publishing how,
                    struct gk_reason *why)
{
    struct loaded *loaded;

    if (g->state != GCKS_WAIT_EVENT)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "no-group", "there is no group");
    if (how != GCKS_ANYWAY && gcks_trial_runs(g))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "trial-runs",
                         "the members are being judged by another token; ask again");
    loaded = load(g, signed_token, why);
    if (!loaded)
        return false;
    if (gk_octets_equal(gk_secret_octets(&loaded->octets), gk_secret_octets(&g->loaded->octets))) {
        load_unref(loaded);
        unchanged(g, how);
    } else if (how == GCKS_ANYWAY) {
        gcks_stage(g, loaded);
    } else {
        gcks_trial_begin(g, loaded, how == GCKS_DRY);
    }
    return true;
}

bool gcks_publish(struct gcks *g, struct gk_octets signed_token, enum gcks_publishing how,
                  const struct gk_now *now, struct gk_turn *turn, struct gk_reason *why)
{
    bool good;

    gcks_enter(g, now, turn);
    good = publish(g, signed_token, how, why);
    if (good)
        gcks_staged_tick(g);
    gcks_leave(g);
    return good;
}

/* --- judging the members ------------------------------------------------------------------- */

static void judge(struct gcks *g, uint32_t handle, const struct rules *rules)
{
    const struct gcks_entry *entry = &g->entry[handle];
    struct rules_verdict verdict;
    uint32_t leaf;
    bool granted = true;

    if (!entry->person.size)
        return;
    if (gcks_entry_is_member(entry, &leaf)) {
        granted = gcks_entry_judge(g, rules, entry, &verdict);
    } else if (entry->session != GCKS_NONE) {
        const struct gcks_session *session = &g->session[entry->session];

        granted =
            gcks_judge(rules, session->path->identity, &session->mechanism.algorithms, &verdict);
    }
    if (!granted)
        gcks_expel(g, handle, "by the new token", verdict.notification, verdict.rule);
}

/* Whoever is admitted while the slices run is judged by both tokens (gcks_session_still_admitted).
 */
void gcks_staged_tick(struct gcks *g)
{
    struct gcks_staged *staged = &g->staged;

    if (!staged->loaded || staged->judged)
        return;
    for (int i = 0; i < JUDGED_AT_ONCE && staged->cursor < g->entry_count; i++)
        judge(g, staged->cursor++, staged->loaded->rules);
    if (staged->cursor < g->entry_count)
        return;
    staged->judged = true;
    if (g->terms->rekeys)
        gcks_want_event(g);
    else
        gcks_staged_apply(g);
}

void gcks_staged_apply(struct gcks *g)
{
    struct loaded *old = g->loaded;

    gcks_trial_drop(g);
    g->loaded = g->staged.loaded;
    g->terms = rules_terms(g->loaded->rules);
    g->staged = (struct gcks_staged){0};
    gcks_record_numbered(g, GCKS_RECORD_TOKEN, 0, gk_secret_octets(&g->loaded->octets));
    gcks_record_numbered_gone(g, GCKS_RECORD_STAGED, 0);
    load_unref(old);
    gk_turn_notice(g->turn, GK_NOTICE, "token-published", GK_NONE, "edition %lld is in force",
                   (long long)(g->terms->has_edition ? g->terms->edition : 0));
}
