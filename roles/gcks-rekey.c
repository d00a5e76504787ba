/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a Rekey Event is due, and how it is laid out (RFC 4535 5.3.1.1, profile 9.5 to 9.8).
 *
 * In the turn that lays an event out everything changes at once and is stored: tree, GTPKs,
 * stamp, sequence IDs, token, and the sealed but unsigned messages. Signing follows in a job;
 * after a crash in between the stored messages are signed again.
 */
#include "roles/gcks-internal.h"

#define AHEAD          60 /* seconds that a stamp may lie ahead of the clock */
#define SEQUENCE_BLOCK 64 /* sequence IDs stored as used ahead of use */
#define SEQUENCE_LAST  (GK_SEQUENCE_END - (1u << 17)) /* the last event fits in behind it */
#define SEQUENCE_ALARM (UINT32_C(1) << 31)            /* profile 13.5 */

/* --- when ------------------------------------------------------------------------------------ */

/* Members expect an event within rekeyInterval, whatever rekeyEventDef says. */
static int64_t period(const struct rules_terms *terms)
{
    int64_t every = terms->rekey_every;

    if (terms->rekey_interval > 0 && (every <= 0 || terms->rekey_interval < every))
        every = terms->rekey_interval;
    return terms->rekeys ? every : 0;
}

/* One event by an absolute time (profile 6.4), unless there has been one since. */
static int64_t due_by(const struct gcks *g, gk_time by)
{
    if (!g->terms->rekeys || by == GK_TIME_NEVER || by <= g->last_stamp)
        return GK_NO_TICK;
    return g->now.ms + (by > g->now.utc ? (by - g->now.utc) * 1000 : 0);
}

/* Keys that expire after an interval are replaced before (RFC 4535 5.3.1.1): by the skew, so
 * that no member's clock finds none, and by half of a life that is too short for that. Those
 * that expire at a moment end then: their successors would too. */
static int64_t due_before_keys_expire(const struct gcks *g)
{
    int64_t due = GK_NO_TICK;

    for (size_t i = 0; g->lkh && i < g->gtpk_count; i++) {
        const struct rules_gtpk *asked = &g->terms->gtpk[i];
        gk_time half = (g->gtpk[i].expires - g->gtpk[i].created) / 2;
        gk_time margin = half < g->config.skew ? half : g->config.skew;
        gk_time left = g->gtpk[i].expires - margin - g->now.utc;

        if (!asked->has_expiration || asked->expiration.kind != TOKEN_LIFE_INTERVAL)
            continue;
        if (g->now.ms + left * 1000 < due)
            due = g->now.ms + (left > 0 ? left * 1000 : 0);
    }
    return due;
}

void gcks_schedule(struct gcks *g, int64_t since_ms)
{
    int64_t every = period(g->terms);
    int64_t by = due_by(g, g->terms->rekey_by);
    int64_t expected = due_by(g, g->terms->expect_by);
    int64_t keys = due_before_keys_expire(g);

    g->event_due_ms = every > 0 ? since_ms + every : GK_NO_TICK;
    if (by < g->event_due_ms)
        g->event_due_ms = by;
    if (expected < g->event_due_ms)
        g->event_due_ms = expected;
    if (keys < g->event_due_ms)
        g->event_due_ms = keys;
}

void gcks_want_event(struct gcks *g)
{
    if (!g->wants_event)
        g->dirty_counters = true;
    g->wants_event = true;
}

void gcks_count_event(struct gcks *g)
{
    if (g->events_seen < UINT32_MAX)
        g->events_seen++;
    g->dirty_counters = true;
    if (g->terms->rekey_after && g->events_seen >= g->terms->rekey_after)
        gcks_want_event(g);
}

/* The moment at which gap and stamp allow the next event (profile 9.5, 9.13). */
static int64_t allowed_at(const struct gcks *g)
{
    gk_time ahead = gcks_next_stamp(g) - g->now.utc - AHEAD;
    int64_t at = g->last_event_ms + g->config.event_gap_ms;
    int64_t later = ahead > 0 ? g->now.ms + ahead * 1000 : at;

    return later > at ? later : at;
}

int64_t gcks_rekey_next(const struct gcks *g)
{
    int64_t at = g->event_due_ms;

    if (g->state != GCKS_WAIT_EVENT || g->signing || gcks_rounds_full(g))
        return GK_NO_TICK;
    if (g->wants_event && g->now.ms < at)
        at = g->now.ms;
    if (at == GK_NO_TICK)
        return at;
    return at > allowed_at(g) ? at : allowed_at(g);
}

/* --- sequence IDs ---------------------------------------------------------------------------- */

static uint32_t take_sequence(struct gcks *g)
{
    uint32_t sequence = g->sequence++;

    if (g->sequence > g->reserved) {
        g->reserved = g->sequence + SEQUENCE_BLOCK;
        g->dirty_counters = true;
    }
    if (sequence == SEQUENCE_ALARM)
        gk_turn_notice(g->turn, GK_ERROR, "sequence-alarm", GK_NONE,
                       "half of the group's Sequence IDs are used; plan a new group");
    return sequence;
}

/* --- layout ---------------------------------------------------------------------------------- */

/* A token alone may be longer than the limit: then one datum goes with it, if it can. */
static bool fits(const struct gcks *g, const struct gcks_event *event, const struct gcks_part *part,
                 size_t data, size_t more)
{
    size_t token = part->token.size ? 4 + 2 + part->token.size : 0;
    struct sizes_server server = gcks_sizes(g, event->signature);
    size_t size = sizes_event(&server, event->signature) + token + data + more;

    return part->count < UINT16_MAX && data + more < UINT16_MAX - 512 &&
           (size <= g->config.message_limit || (!data && size <= GCKS_DATAGRAM));
}

/* Profile 8.6: the token under the GTPK as it stands before the event. */
static struct gk_secret seal_token(struct gcks *g, const struct loaded *loaded)
{
    const struct gcks_gtpk *old = &g->gtpk[g->terms->token_key];
    const struct gk_wrap *wrap = gk_wrap_find(old->type);
    struct gk_secret key =
        gk_token_key(wrap, gk_group_value(&g->group), gk_secret_octets(&old->key));
    struct gk_writer aad = {0};
    struct gk_writer sealed = {0};

    gk_aad(&aad, gk_group_value(&g->group), GK_PAYLOAD_POLICY_TOKEN);
    gk_wrap_seal(wrap, gk_secret_octets(&key), g->config.random, gk_writer_octets(&aad),
                 gk_secret_octets(&loaded->octets), &sealed);
    gk_writer_free(&aad);
    gk_secret_free(&key);
    return gk_writer_take(&sealed);
}

/* Fills messages up to the limit, datum by datum (profile 9.7). */
static void split(struct gcks *g, struct gcks_event *event, struct gcks_part *part,
                  struct gk_lkh_event *tree)
{
    struct gk_writer datum = {0};
    struct gk_writer data = {0};

    while (gk_lkh_event_next(tree, &datum)) {
        if (part && !fits(g, event, part, data.size, datum.size)) {
            part->data = gk_writer_take(&data);
            part = NULL;
        }
        if (!part)
            part = gcks_event_add(event, take_sequence(g));
        gk_write_octets(&data, gk_writer_octets(&datum));
        gk_writer_cut(&datum, 0);
        part->private_inside |= gk_lkh_event_private(tree);
        part->count++;
    }
    if (part)
        part->data = gk_writer_take(&data);
    gk_writer_free(&datum);
    gk_writer_free(&data);
}

static void lay_out_tree(struct gcks *g, struct gcks_event *event, struct gcks_part *part)
{
    struct gk_key_datum datums[RULES_GTPKS];
    struct gk_lkh_order order = {
        .group_value = gk_group_value(&g->group),
        .gtpk = datums,
        .gtpk_count = gcks_gtpks_datums(g, datums),
        .stamp = event->stamp,
        .packaging = g->config.packaging,
        .limit = g->config.message_limit,
    };
    struct gk_lkh_event *tree = gk_lkh_event_begin(g->lkh, &order, &event->cost);

    split(g, event, part, tree);
    gk_lkh_event_end(tree);
    gcks_entries_settle(g);
}

/* With a new token the one before it seals, signs and authorises (profile 8.6, 9.9). */
static bool lay_out(struct gcks *g, struct gcks_event *event, struct gk_reason *why)
{
    const struct loaded *token = g->staged.judged ? g->staged.loaded : g->loaded;
    struct gk_secret sealed = {0};
    struct gcks_part *part = NULL;

    if (g->sequence >= SEQUENCE_LAST)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "sequence-end",
                         "the group has used up its Sequence IDs; make a new group");
    if (g->staged.judged || !g->lkh)
        sealed = seal_token(g, token);
    if (g->lkh && !gcks_gtpks_renew(g, rules_terms(token->rules), event->stamp, why)) {
        gk_secret_free(&sealed);
        return false;
    }
    if (g->staged.judged)
        gcks_staged_apply(g);
    if (sealed.size) {
        part = gcks_event_add(event, take_sequence(g));
        part->token = sealed;
    }
    if (g->lkh)
        lay_out_tree(g, event, part);
    return true;
}

static void took_effect(struct gcks *g, struct gcks_event *event)
{
    g->event_number++;
    event->number = g->event_number;
    g->last_stamp = event->stamp;
    gcks_given_out(g, event->stamp);
    g->last_event_ms = g->now.ms;
    g->wants_event = false;
    g->events_seen = 0;
    g->dirty_counters = true;
    g->counts.events++;
    g->last_cost = event->cost;
    if (event->part_count)
        g->last_sequence = event->part[event->part_count - 1].sequence;
    g->turn->keys_changed = g->lkh != NULL;
    gcks_schedule(g, g->now.ms);
}

static void begin(struct gcks *g)
{
    struct gcks_event *event =
        gcks_event_new(g, g->lkh ? GK_REKEY_LKH : GK_REKEY_NONE, gcks_next_stamp(g));
    struct gk_reason why;

    if (!lay_out(g, event, &why)) {
        gk_turn_notice(g->turn, GK_ERROR, why.code, GK_NONE, "no Rekey Event: %s", why.text);
        gcks_event_free(event);
        g->wants_event = false;
        g->last_event_ms = g->now.ms; /* the next try keeps its distance */
        gcks_schedule(g, g->now.ms);
        return;
    }
    took_effect(g, event);
    if (!event->part_count) { /* nobody is there to be told */
        gcks_event_free(event);
        return;
    }
    gcks_event_records(g, event);
    gcks_event_sign(g, event);
}

void gcks_rekey_tick(struct gcks *g)
{
    if (gcks_rekey_next(g) <= g->now.ms)
        begin(g);
}

/* The end (profile 9.11): its own sequence ID, type None, a stamp that no gap holds back. */
void gcks_lay_out_destruction(struct gcks *g)
{
    struct gcks_event *event = gcks_event_new(g, GK_REKEY_NONE, gcks_next_stamp(g));

    (void)gcks_event_add(event, GK_SEQUENCE_END);
    g->last_stamp = event->stamp;
    g->event_number++;
    event->number = g->event_number;
    g->dirty_counters = true;
    gcks_event_records(g, event);
    gcks_event_sign(g, event);
}

/* --- the command ----------------------------------------------------------------------------- */

bool gcks_rekey(struct gcks *g, const struct gk_now *now, struct gk_turn *turn,
                struct gk_reason *why)
{
    bool good = false;

    gcks_enter(g, now, turn);
    if (g->state != GCKS_WAIT_EVENT)
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "no-group", "there is no group to rekey");
    else if (!g->lkh)
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "no-rekey-method",
                        "the token gives the group no rekey method");
    else
        good = gcks_step(g, NULL, GCKS_COMMAND);
    if (good)
        gcks_want_event(g);
    gcks_leave(g);
    return good;
}
