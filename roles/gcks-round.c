/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rekey Events to the members one by one (profile 1.5): to the address that is configured for
 * a member, else to where it registered from. The entries themselves are the list; a slice of
 * them is sent at a time, at the pace configured.
 */
#include "roles/gcks-internal.h"

#define PACE       (UINT64_C(8) << 20) /* octets a second */
#define SLICES     50                  /* a second */
#define AT_ONCE    256                 /* members that one turn sends to */
#define LOOKED_AT  4096                /* entries that one turn looks at */
#define ABREAST    2                   /* events under way at once */
#define WINDOW_MS  1000                /* between the copies of a window */
#define OCTETS_FOR 1000                /* ms of a window */

static uint64_t pace(const struct gcks *g)
{
    return g->config.octets_a_second ? g->config.octets_a_second : PACE;
}

/* Where this member hears rekeys; a stream that has ended takes nothing. */
static bool place_of(const struct gcks *g, const struct gcks_entry *entry, struct gk_peer *to)
{
    struct gcks_who who;
    uint32_t leaf;

    if (!entry->person.size || !gcks_entry_is_member(entry, &leaf))
        return false;
    *to = (struct gk_peer){.transport = GK_UDP};
    if (g->config.rekey_address && gcks_person_who(gk_secret_octets(&entry->person), &who) &&
        g->config.rekey_address(g->config.rekey_context, who.name_key, &to->address))
        return true;
    *to = entry->peer;
    return g->config.rekey_to_members && (to->transport == GK_UDP || to->connection);
}

static uint64_t size_of(const struct gcks_event *event)
{
    uint64_t size = 0;

    for (size_t i = 0; i < event->part_count; i++)
        size += event->part[i].message.size;
    return size;
}

static bool window_is_over(const struct gcks *g, const struct gcks_round *round)
{
    if (round->copy)
        return round->at >= round->end;
    return round->at >= g->entry_count || round->octets >= pace(g) * OCTETS_FOR / 1000;
}

/* The window once more, or the next one; none behind the last. */
static void turn_over(const struct gcks *g, struct gcks_round *round)
{
    if (!round->copy)
        round->end = round->at;
    if (++round->copy < round->copies) {
        round->at = round->begin;
        if (round->next_ms < round->began_ms + WINDOW_MS)
            round->next_ms = round->began_ms + WINDOW_MS;
    } else {
        round->begin = round->at = round->end;
        round->copy = 0;
        round->octets = 0;
        round->under_way = round->at < g->entry_count;
    }
    round->began_ms = round->next_ms;
}

void gcks_round_tick(struct gcks *g, struct gcks_event *event)
{
    struct gcks_round *round = &event->round;
    uint64_t each = size_of(event);
    uint64_t sent = 0;

    int members = 0;

    for (int i = 0; i < LOOKED_AT && members < AT_ONCE && sent <= pace(g) / SLICES; i++) {
        struct gk_peer to;

        if (window_is_over(g, round))
            break;
        if (!place_of(g, &g->entry[round->at++], &to))
            continue;
        gcks_event_send(g, event, &to);
        members++;
        sent += each;
        round->octets += round->copy ? 0 : each;
    }
    round->next_ms = g->now.ms + (int64_t)(sent * 1000 / pace(g));
    if (window_is_over(g, round))
        turn_over(g, round);
}

bool gcks_rounds_full(const struct gcks *g)
{
    unsigned under_way = 0;

    for (const struct gcks_event *event = g->events; event; event = event->next)
        under_way += event->round.under_way;
    return under_way >= ABREAST;
}

void gcks_round_begin(struct gcks *g, struct gcks_event *event, unsigned copies)
{
    event->round = (struct gcks_round){.copies = copies, .began_ms = g->now.ms};
    event->round.next_ms = g->now.ms;
    event->round.under_way =
        (g->config.rekey_to_members || g->config.rekey_address) && g->entry_count;
    if (event->round.under_way)
        gcks_round_tick(g, event);
}
