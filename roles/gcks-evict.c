/* SPDX-License-Identifier: Apache-2.0 */
/* Eviction by command, and the end of the group (RFC 4535 5.3.1.3, 5.3.2.1; profile 9.11,
 * 9.14). */
#include "roles/gcks-internal.h"

static bool check_names(const struct gk_octets *names, size_t count, struct gk_reason *why)
{
    for (size_t i = 0; i < count; i++) {
        struct gk_writer key = {0};
        bool good = name_key(names[i], &key, why);

        gk_writer_free(&key);
        if (!good)
            return false;
    }
    return true;
}

static void expel(struct gcks *g, uint32_t handle, struct gk_octets name)
{
    struct gcks_entry *entry = &g->entry[handle];
    uint32_t leaf;
    char text[256];

    if (gcks_entry_is_member(entry, &leaf)) {
        g->counts.evicted++;
        gcks_count_event(g);
        gk_turn_notice(g->turn, GK_NOTICE, "member-evicted", GK_NONE, "%s, member %lu, by command",
                       gk_escape(text, sizeof text, name), (unsigned long)leaf);
    }
    if (entry->session != GCKS_NONE)
        gcks_session_end(g, &g->session[entry->session], GCKS_TIMEOUT);
    gcks_entry_expel(g, handle);
    gcks_entry_record(g, handle);
}

/* Excluded under any CA, members or not. */
static void evict_name(struct gcks *g, struct gk_octets name)
{
    struct gk_writer key = {0};
    uint32_t handle;
    size_t at = 0;

    if (name_key(name, &key, NULL)) {
        gcks_exclude(g, name);
        while ((handle = gcks_entry_named(g, gk_writer_octets(&key), &at)) != GCKS_NONE) {
            expel(g, handle, name);
            if (!g->entry[handle].person.size) /* forgotten: the index has moved */
                at = 0;
        }
    }
    gk_writer_free(&key);
}

static void rekey_for(struct gcks *g, bool at_once)
{
    if (!g->lkh)
        gk_turn_notice(g->turn, GK_WARNING, "evicted-without-rekey", GK_NONE,
                       "the token has no rekey method: who was evicted keeps the keys");
    else if (at_once)
        gcks_want_event(g);
    else if (!g->wants_event)
        gk_turn_notice(g->turn, GK_NOTICE, "rekey-by-policy", GK_NONE,
                       "who was evicted holds the keys until the next rekey by the token's policy: "
                       "%lu of %lld events have been counted",
                       (unsigned long)g->events_seen, (long long)g->terms->rekey_after);
}

static bool evict(struct gcks *g, const struct gk_octets *names, size_t count, bool at_once,
                  struct gk_reason *why)
{
    if (g->state != GCKS_WAIT_EVENT)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "no-group", "there is no group");
    if (!check_names(names, count, why))
        return false;
    (void)gcks_step(g, NULL, GCKS_COMMAND);
    for (size_t i = 0; i < count; i++)
        evict_name(g, names[i]);
    gk_turn_notice(g->turn, GK_NOTICE, "excluded-here-only", GK_NONE,
                   "%zu names are excluded at this server alone, until they are readmitted; a new "
                   "token that excludes them binds all servers",
                   count);
    rekey_for(g, at_once);
    return true;
}

bool gcks_evict(struct gcks *g, const struct gk_octets *names, size_t count,
                const struct gk_now *now, struct gk_turn *turn, struct gk_reason *why)
{
    bool good;

    gcks_enter(g, now, turn);
    good = evict(g, names, count, true, why);
    gcks_leave(g);
    return good;
}

bool gcks_evict_by_policy(struct gcks *g, const struct gk_octets *names, size_t count,
                          const struct gk_now *now, struct gk_turn *turn, struct gk_reason *why)
{
    bool good;

    gcks_enter(g, now, turn);
    good = evict(g, names, count, false, why);
    gcks_leave(g);
    return good;
}

bool gcks_readmit(struct gcks *g, struct gk_octets name, struct gk_turn *turn,
                  struct gk_reason *why)
{
    const struct gk_now now = g->now;
    bool good;

    gcks_enter(g, &now, turn);
    good = gcks_exclusion_lift(g, name, why);
    gcks_leave(g);
    return good;
}

/* --- the end --------------------------------------------------------------------------------- */

/* Keys first; the members' addresses stay until they have been told. */
static void wipe_keys(struct gcks *g)
{
    gk_lkh_free(g->lkh);
    g->lkh = NULL;
    gcks_gtpks_free(g);
    for (int lane = 0; lane < GCKS_LANES; lane++)
        gcks_jobs_drop(g, (enum gcks_lane)lane);
    gcks_index_free(&g->arrived);
    gcks_events_free(g);
    gcks_trial_drop(g);
    if (g->staged.loaded)
        load_unref(g->staged.loaded);
    g->staged = (struct gcks_staged){0};
    g->wants_event = false;
    g->event_due_ms = GK_NO_TICK;
}

void gcks_act_delete(struct gcks *g, struct gcks_session *session)
{
    bool tells = g->terms->rekeys;

    (void)session;
    gcks_sessions_end_all(g);
    g->destroyed = true;
    g->dirty_counters = true;
    g->turn->keys_changed = true;
    wipe_keys(g);
    gcks_records_wipe(g);
    if (tells)
        gcks_lay_out_destruction(g);
    else
        gcks_records_forget_members(g);
    gk_turn_notice(g->turn, GK_NOTICE, "group-destroyed", GK_NONE,
                   "the group has ended; its Group ID is never used again");
}

bool gcks_destroy(struct gcks *g, const struct gk_now *now, struct gk_turn *turn,
                  struct gk_reason *why)
{
    bool good = false;

    gcks_enter(g, now, turn);
    if (g->state != GCKS_WAIT_EVENT)
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "no-group", "there is no group to destroy");
    else
        good = gcks_step(g, NULL, GCKS_DELETE);
    gcks_leave(g);
    return good;
}
