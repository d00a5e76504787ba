/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/member-internal.h"

#include <stdlib.h>
#include <string.h>

/* W = 2 s x (1 + n), at most 60 s (profile 9.7). */
static int64_t gap_ms(const struct member *member)
{
    int64_t wait = 2000 * (1 + (int64_t)rules_terms(member->in.loaded->rules)->resend);

    return wait < MEMBER_GAP_MOST ? wait : MEMBER_GAP_MOST;
}

bool member_event_holds(const struct member *member, uint32_t sequence)
{
    for (size_t i = 0; i < member->held_count; i++) {
        if (member->held[i].sequence == sequence)
            return true;
    }
    return false;
}

bool member_event_done(const struct member *member, uint32_t sequence)
{
    for (size_t i = 0; i < member->event.done_count; i++) {
        if (member->event.done[i] == sequence)
            return true;
    }
    return false;
}

static void note_done(struct member_event *event, uint32_t sequence)
{
    if (event->done_count == MEMBER_HELD)
        return;
    if ((event->done_count & (event->done_count - 1)) == 0)
        event->done = gk_realloc(event->done, event->done_count ? event->done_count * 2 : 1,
                                 sizeof *event->done);
    event->done[event->done_count++] = sequence;
}

static void drop_event(struct member_event *event)
{
    free(event->done);
    *event = (struct member_event){0};
}

void member_event_clear(struct member *member)
{
    for (size_t i = 0; i < member->held_count; i++)
        gk_secret_free(&member->held[i].octets);
    member->held_count = 0;
    member->held_size = 0;
    drop_event(&member->event);
}

int64_t member_event_due(const struct member *member)
{
    int64_t due = GK_NO_TICK;
    int64_t gap;

    if (!member->in.present)
        return due;
    gap = gap_ms(member);
    if (member->event.open)
        due = member->event.last + gap;
    for (size_t i = 0; i < member->held_count; i++) {
        if (member->held[i].since + gap < due)
            due = member->held[i].since + gap;
    }
    return due;
}

void member_fall_out(struct member *member, const struct gk_now *now, const char *because,
                     struct gk_turn *turn)
{
    if (member->out_of_step)
        return;
    member->out_of_step = true;
    member->counts.out_of_step++;
    gk_turn_notice(turn, GK_WARNING, "out-of-step", 0, "out of step: %s", because);
    if (!member->session.active)
        member_retry(member, now, turn);
}

static size_t wanted_gtpks(const struct member *member, uint32_t ids[RULES_GTPKS])
{
    const struct rules_terms *terms = rules_terms(member->in.loaded->rules);

    for (size_t i = 0; i < terms->gtpk_count; i++)
        ids[i] = terms->gtpk[i].key_id;
    return terms->gtpk_count;
}

/* All messages of the event are in, or the rest is given up: did an LKH event bring every
 * GTPK (profile 9.8)? */
static void end_event(struct member *member, const struct gk_now *now, struct gk_turn *turn)
{
    uint32_t ids[RULES_GTPKS];
    size_t count = wanted_gtpks(member, ids);
    bool short_of = member->event.lkh && !gk_ring_brought(member->in.ring, ids, count);

    gk_ring_end_event(member->in.ring);
    if (!short_of)
        gk_ring_keep(member->in.ring, ids, count);
    drop_event(&member->event);
    member->in.baseline = false;
    if (short_of)
        member_fall_out(member, now, "an event did not bring this member every key", turn);
    member_record(member, turn);
}

/* A message of an event that was given up already goes on with that event: the ring still
 * has the key versions of its beginning. */
static void begin_event(struct member *member, gk_time stamp)
{
    const struct rules_terms *terms = rules_terms(member->in.loaded->rules);

    if (stamp != member->in.last_stamp) {
        gk_ring_begin_event(member->in.ring);
        member->counts.rekey_events++;
    }
    member->event.open = true;
    member->event.stamp = stamp;
    member->event.token_key = terms->gtpk_count ? terms->gtpk[terms->token_key].key_id : 0;
}

/* Keys that come while the member waits to register again cancel the wait (profile 9.8). */
static void back_in_step(struct member *member, struct gk_turn *turn)
{
    uint32_t ids[RULES_GTPKS];
    size_t count = wanted_gtpks(member, ids);

    if (!member->event.lkh || !gk_ring_brought(member->in.ring, ids, count))
        return;
    turn->keys_changed = true;
    if (!member->out_of_step)
        return;
    member->out_of_step = false;
    member->failures = 0;
    if (!member->session.active)
        member->retry_at = GK_NO_TICK;
    gk_turn_notice(turn, GK_NOTICE, "in-step", 0, "in step again");
}

static void process(struct member *member, const struct gk_now *now, struct member_held *held,
                    struct gk_turn *turn)
{
    struct gk_message message;
    struct gk_reason why;
    bool good =
        gk_message_parse(&message, gk_secret_octets(&held->octets), &member->config.policy->group,
                         GK_EXCHANGE_BIT(GK_REKEY_EVENT), &why);

    if (held->sequence > member->in.sequence)
        member->in.sequence = held->sequence;
    if (good && message.rekey[0].stamp < member->in.last_stamp)
        good = gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "stamp-backwards",
                         "the event is stamped earlier than one processed before");
    if (good) {
        if (member->event.open && message.rekey[0].stamp != member->event.stamp)
            end_event(member, now, turn);
        if (!member->event.open)
            begin_event(member, message.rekey[0].stamp);
        member->in.last_stamp = message.rekey[0].stamp;
        /* Since it came: the wait for a gap before it counts (profile 9.8). */
        if (held->since > member->event.last)
            member->event.last = held->since;
        if (member->in.baseline)
            note_done(&member->event, held->sequence);
        member->event.lkh |= message.rekey[0].type == GK_REKEY_LKH;
        good = member_do_move(member, MEMBER_MOVE_MESSAGE, turn) &&
               member_install(member, now, &message, turn, &why);
    }
    if (good) {
        member->in.last_event = now->ms;
        back_in_step(member, turn);
    } else {
        member->counts.rekey_bad++;
        gk_turn_notice(turn, GK_WARNING, why.code, why.notification,
                       "Rekey Event message %u changes nothing: %s", held->sequence, why.text);
    }
    gk_secret_free(&held->octets);
}

static struct member_held take_lowest(struct member *member)
{
    struct member_held lowest = member->held[0];

    member->held_size -= lowest.octets.size;
    member->held_count--;
    memmove(member->held, member->held + 1, member->held_count * sizeof *member->held);
    return lowest;
}

/* Processes what no gap precedes; `give_up` steps over the first gap. */
static void drain(struct member *member, const struct gk_now *now, bool give_up,
                  struct gk_turn *turn)
{
    while (
        member->in.present && member->held_count &&
        (give_up || member->in.baseline || member->held[0].sequence == member->in.sequence + 1)) {
        struct member_held lowest = take_lowest(member);

        give_up = false;
        process(member, now, &lowest, turn);
    }
}

static void hold(struct member *member, const struct gk_now *now, uint32_t sequence,
                 struct gk_secret *octets)
{
    size_t at = member->held_count;

    if (member->held_count == member->held_room) {
        member->held_room = member->held_room ? member->held_room * 2 : 16;
        member->held = gk_realloc(member->held, member->held_room, sizeof *member->held);
    }
    while (at && member->held[at - 1].sequence > sequence) {
        member->held[at] = member->held[at - 1];
        at--;
    }
    member->held[at] = (struct member_held){sequence, now->ms, *octets};
    member->held_count++;
    member->held_size += octets->size;
    *octets = (struct gk_secret){NULL, 0};
}

void member_event_add(struct member *member, const struct gk_now *now, uint32_t sequence,
                      struct gk_secret *octets, struct gk_turn *turn)
{
    hold(member, now, sequence, octets);
    drain(member, now, false, turn);
    while (member->held_count > MEMBER_HELD || member->held_size > MEMBER_HELD_SIZE)
        drain(member, now, true, turn);
    if (member->in.present)
        member_record(member, turn);
}

void member_event_tick(struct member *member, const struct gk_now *now, struct gk_turn *turn)
{
    bool late = false;
    int64_t gap;

    if (!member->in.present)
        return;
    gap = gap_ms(member);
    for (size_t i = 0; i < member->held_count; i++)
        late |= now->ms >= member->held[i].since + gap;
    if (late) {
        drain(member, now, true, turn);
        member_record(member, turn);
    }
    if (member->in.present && member->event.open && now->ms >= member->event.last + gap)
        end_event(member, now, turn);
}
