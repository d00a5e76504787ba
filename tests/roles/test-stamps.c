/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stamps (invariant 7, profile 9.5): each event's is later than every key that was given out
 * before, and at most 60 s ahead of the server's clock, whatever the clock does.
 */
#include <limits.h>
#include <stdlib.h>

#include "roles/gcks-internal.h"
#include "tests/roles/closure.h"
#include "tests/roles/fault.h"

#define AHEAD 60

/* What the GC/KS gave out so far, and its events in the order in which they left. */
struct ledger {
    struct troupe *troupe;
    struct closure given; /* by Key Downloads, to anybody */
    gk_time newest;       /* creation date of a key given out by an event */
    gk_time last;         /* stamp of the last event */
    unsigned events;
};

/* Before the event's own keys are counted. */
static void judge_event(struct ledger *ledger, const struct gk_message *message)
{
    struct gk_now now = rig_now(ledger->troupe->rig, 0);
    gk_time stamp = message->rekey[0].stamp;

    if (stamp == ledger->last)
        return; /* another message or copy of it */
    CU_ASSERT_TRUE(stamp > ledger->last);
    CU_ASSERT_TRUE(stamp > ledger->newest);
    CU_ASSERT_FALSE(closure_reaches(&ledger->given, stamp - 1));
    CU_ASSERT_TRUE(stamp <= now.utc + AHEAD || message->sequence == GK_SEQUENCE_END);
    CU_ASSERT_TRUE(stamp >= now.utc);
    ledger->last = stamp;
    ledger->newest = stamp;
    ledger->events++;
}

static bool note(struct rig *rig, struct rig_packet *packet, void *context)
{
    struct ledger *ledger = context;
    struct gk_message message;

    (void)rig;
    closure_note(&ledger->given, ledger->troupe, packet);
    if (!packet->from && gk_message_parse(&message, gk_secret_octets(&packet->octets), NULL,
                                          GK_EXCHANGE_BIT(GK_REKEY_EVENT), NULL))
        judge_event(ledger, &message);
    return true;
}

static struct ledger *ledger_of(const struct troupe_plan *plan)
{
    struct ledger *ledger = gk_alloc(1, sizeof *ledger);

    ledger->troupe = troupe_new(plan);
    ledger->troupe->rig->filter = note;
    ledger->troupe->rig->context = ledger;
    return ledger;
}

static void ledger_free(struct ledger *ledger)
{
    closure_free(&ledger->given);
    troupe_free(ledger->troupe);
    free(ledger);
}

/* --- one second ----------------------------------------------------------------------------- */

/* Joins and evictions without end in the same second: stamps run ahead, no event is stamped as
 * a key given out before, and no member misses one. */
static void joins_and_evictions_in_one_second(void)
{
    struct ledger *ledger =
        ledger_of(&(struct troupe_plan){.members = 24, .seed = 700, .degree = 2, .capacity = 32});
    struct troupe *troupe = ledger->troupe;
    gk_time began = troupe->rig->now.utc;

    troupe->gcks_config.event_gap_ms = 1;
    troupe_restart_gcks(troupe);
    for (unsigned i = 0; i < 24; i++) {
        troupe_join(troupe, i);
        rig_run(troupe->rig, 8);
        CU_ASSERT_TRUE(troupe_in(troupe, i));
        CU_ASSERT_TRUE(i % 3 == 2 ? troupe_evict(troupe, i - 1) : troupe_rekey(troupe));
        if (i & 1) /* the next join follows in the same turn's shadow */
            rig_run(troupe->rig, 5);
    }
    CU_ASSERT_TRUE(troupe->rig->now.utc - began <= 1);
    CU_ASSERT_EQUAL(ledger->events, 24);
    CU_ASSERT_TRUE(ledger->last > began + 20);
    rig_run(troupe->rig, 1000);
    for (unsigned i = 0; i < 24; i++)
        CU_ASSERT_EQUAL(troupe_current(troupe, i), i % 3 != 1);
    ledger_free(ledger);
}

/* The keys of a join bear the time of day; an event in that second is later still. */
static void an_event_in_the_second_of_a_join(void)
{
    struct ledger *ledger =
        ledger_of(&(struct troupe_plan){.members = 8, .seed = 705, .degree = 2, .capacity = 8});
    struct troupe *troupe = ledger->troupe;

    for (unsigned i = 0; i < 8; i++) {
        rig_run(troupe->rig, 3000);
        troupe_join(troupe, i);
        rig_run(troupe->rig, 10);
        CU_ASSERT_TRUE(troupe_rekey(troupe));
        rig_run(troupe->rig, 10);
        CU_ASSERT_EQUAL(ledger->last, troupe->rig->now.utc + 1);
        CU_ASSERT_TRUE(troupe_current(troupe, i));
    }
    CU_ASSERT_EQUAL(ledger->events, 8);
    ledger_free(ledger);
}

/* Too many for one minute: from there on changes are gathered, and nobody is forgotten. */
static void changes_are_gathered(void)
{
    struct ledger *ledger = ledger_of(&(struct troupe_plan){.members = 3, .seed = 701});
    struct troupe *troupe = ledger->troupe;
    unsigned before;

    troupe->gcks_config.event_gap_ms = 1;
    troupe_restart_gcks(troupe);
    troupe_join_all(troupe);
    for (unsigned i = 0; i < 100; i++) {
        CU_ASSERT_TRUE(troupe_rekey(troupe));
        rig_run(troupe->rig, 2);
    }
    before = ledger->events;
    CU_ASSERT_TRUE(before >= 58 && before <= 62);
    CU_ASSERT_TRUE(troupe_evict(troupe, 1));
    rig_run(troupe->rig, 5000);
    CU_ASSERT_TRUE(ledger->events > before && ledger->events <= before + 6);
    CU_ASSERT_TRUE(troupe_agree(troupe, 1));
    CU_ASSERT_FALSE(troupe_current(troupe, 1));
    ledger_free(ledger);
}

/* --- wrong clocks --------------------------------------------------------------------------- */

static void group_with_a_clock_off(gk_time off, bool works)
{
    struct ledger *ledger =
        ledger_of(&(struct troupe_plan){.members = 3, .seed = 702, .gcks_off = off});
    struct troupe *troupe = ledger->troupe;

    troupe_join_all(troupe);
    CU_ASSERT_EQUAL(troupe_in(troupe, 0), works);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, works ? 3 : 0);
    if (works) {
        CU_ASSERT_TRUE(troupe_rekey(troupe));
        CU_ASSERT_TRUE(troupe_evict(troupe, 2));
        rig_run(troupe->rig, 10000);
        CU_ASSERT_TRUE(troupe_agree(troupe, 2));
        CU_ASSERT_FALSE(troupe_current(troupe, 2));
        troupe_restart_gcks(troupe);
        troupe_restart_member(troupe, 0);
        CU_ASSERT_TRUE(troupe_rekey(troupe));
        rig_run(troupe->rig, 10000);
        CU_ASSERT_TRUE(troupe_agree(troupe, 2));
    }
    ledger_free(ledger);
}

static void the_server_is_off_by_the_skew(void)
{
    group_with_a_clock_off(299, true);
    group_with_a_clock_off(-299, true);
    group_with_a_clock_off(303, false);
    group_with_a_clock_off(-303, false);
}

/* Set back by less than the skew: no stamp goes back, and no event waits but for the 60 s. */
static void the_servers_clock_is_set_back(gk_time back)
{
    struct ledger *ledger = ledger_of(&(struct troupe_plan){.members = 4, .seed = 703});
    struct troupe *troupe = ledger->troupe;
    unsigned before;

    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 5000);
    before = ledger->events;
    troupe->rig->node[0].utc_off -= back;
    CU_ASSERT_TRUE(troupe_evict(troupe, 3));
    fault_rejoin(troupe, 1); /* its keys are dated no earlier than those there are */
    rig_run(troupe->rig, 1000);
    CU_ASSERT_EQUAL(ledger->events, before + (back < AHEAD));
    troupe_restart_gcks(troupe);
    rig_run(troupe->rig, back * 1000);
    CU_ASSERT_TRUE(ledger->events > before);
    CU_ASSERT_TRUE(troupe_agree(troupe, 3));
    CU_ASSERT_FALSE(troupe_current(troupe, 3));
    troupe->rig->node[0].utc_off += back; /* and forth again */
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 5000);
    CU_ASSERT_TRUE(troupe_agree(troupe, 3));
    ledger_free(ledger);
}

static void clocks_that_are_set_back(void)
{
    the_servers_clock_is_set_back(30);
    the_servers_clock_is_set_back(200);
}

/* The end does not wait for the clock. */
static void the_end_is_not_gathered(void)
{
    struct ledger *ledger = ledger_of(&(struct troupe_plan){.members = 2, .seed = 704});
    struct troupe *troupe = ledger->troupe;

    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 5000);
    troupe->rig->node[0].utc_off -= 250;
    CU_ASSERT_TRUE(troupe_destroy(troupe));
    rig_run(troupe->rig, 10);
    CU_ASSERT_TRUE(troupe_member_status(troupe, 0).ended && troupe_member_status(troupe, 1).ended);
    ledger_free(ledger);
}

const struct test_suite suite_stamps = {
    "stamps",
    {
        {"joins and evictions in one second", joins_and_evictions_in_one_second},
        {"an event in the second of a join", an_event_in_the_second_of_a_join},
        {"changes are gathered", changes_are_gathered},
        {"the server is off by the skew", the_server_is_off_by_the_skew},
        {"clocks that are set back", clocks_that_are_set_back},
        {"the end is not gathered", the_end_is_not_gathered},
        {NULL, NULL},
    }};
