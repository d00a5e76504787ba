/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Out of step (profile 9.8): noticed W after an event or when none came in time, then a random
 * wait, then a new registration, which keys that come meanwhile make needless.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "roles/member-internal.h"
#include "tests/roles/fault.h"

#define B 60000

static struct troupe *troupe_of(unsigned members, uint64_t seed, const char *rekey)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = members,
                                                             .seed = seed,
                                                             .degree = 2,
                                                             .capacity = 8,
                                                             .message_limit = 600,
                                                             .packaging = GK_LKH_PAIR_BY_PAIR,
                                                             .rekey = rekey});

    for (unsigned i = 0; i < members; i++) {
        troupe->member[i].config.back_off_ms = B;
        fault_remake(troupe, i);
    }
    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_rekey(troupe)); /* sets the baseline */
    rig_run(troupe->rig, 5000);
    CU_ASSERT_TRUE_FATAL(troupe_agree(troupe, -1));
    fault_forget_notices(troupe);
    return troupe;
}

static bool is_out(const struct troupe *troupe, unsigned index)
{
    return troupe_member_status(troupe, index).out_of_step;
}

static int64_t wait_of(const struct troupe *troupe, unsigned index)
{
    return troupe->member[index].member->retry_at - troupe->rig->now.ms;
}

/* An event that changes both halves of the tree is lost to all members; the next one tells
 * them. */
static void lose_an_event(struct troupe *troupe)
{
    struct fault lost = {.exchange = GK_REKEY_EVENT, .to = FAULT_ANY, .count = UINT_MAX};

    fault_rejoin(troupe, 0);
    fault_rejoin(troupe, 5);
    fault_set(troupe, &lost);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 3000);
    fault_set(troupe, NULL);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
}

static void waits_a_random_time(void)
{
    struct troupe *troupe = troupe_of(6, 500, NULL);
    bool different = false;

    lose_an_event(troupe);
    rig_run(troupe->rig, 1900);
    CU_ASSERT_EQUAL(fault_noticed(troupe, "out-of-step"), 0);
    rig_run(troupe->rig, 200);
    CU_ASSERT_EQUAL(fault_noticed(troupe, "out-of-step"), 6);
    for (unsigned i = 0; i < 6; i++) {
        CU_ASSERT_TRUE(is_out(troupe, i));
        CU_ASSERT_NOT_EQUAL(troupe_key(troupe, i).size, 0); /* kept meanwhile */
        CU_ASSERT_TRUE(wait_of(troupe, i) >= -200 && wait_of(troupe, i) <= B);
        different |= wait_of(troupe, i) > wait_of(troupe, 0) + 5000;
        different |= wait_of(troupe, i) < wait_of(troupe, 0) - 5000;
    }
    CU_ASSERT_TRUE(different);
    rig_run(troupe->rig, B + 100);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 6);
    troupe_free(troupe);
}

/* B doubles with each failure up to an hour, and begins anew after a success. */
static void the_wait_grows_with_failures(void)
{
    struct troupe *troupe = troupe_of(6, 501, NULL);
    int64_t most = 2 * B;
    bool longer = false;

    troupe->rig->node[0].down = true;
    for (unsigned i = 0; i < 6; i++)
        CU_ASSERT_TRUE_FATAL(troupe_leave(troupe, i));
    troupe_join(troupe, 0);
    for (unsigned failures = 1; failures <= 10; failures++) {
        rig_run(troupe->rig, 20001); /* the RTJ's timeout */
        CU_ASSERT_EQUAL_FATAL(troupe->member[0].member->failures, failures);
        CU_ASSERT_TRUE(wait_of(troupe, 0) >= -1 && wait_of(troupe, 0) <= most);
        longer |= wait_of(troupe, 0) > 2 * B;
        if (wait_of(troupe, 0) > 0)
            rig_run(troupe->rig, wait_of(troupe, 0));
        most = most * 2 < MEMBER_BACK_OFF_MOST ? most * 2 : MEMBER_BACK_OFF_MOST;
    }
    CU_ASSERT_TRUE(longer);
    CU_ASSERT_EQUAL(most, MEMBER_BACK_OFF_MOST);
    troupe->rig->node[0].down = false;
    rig_run(troupe->rig, 5000);
    CU_ASSERT_TRUE(troupe_in(troupe, 0) && troupe_current(troupe, 0));
    CU_ASSERT_EQUAL(troupe->member[0].member->failures, 0);
    troupe_free(troupe);
}

/* Of the first event only what is for others reaches member 1; the keys to the next one it has
 * still. */
static void lose_the_gtpk(struct troupe *troupe)
{
    struct fault lost = {
        .exchange = GK_REKEY_EVENT, .to = troupe->member[1].node, .count = UINT_MAX};

    lost.first = 1; /* pair by pair, in descending order: the other half's comes first */
    fault_set(troupe, &lost);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 2200);
    CU_ASSERT_EQUAL(lost.met, 2);
    fault_set(troupe, NULL);
}

static void keys_that_come_cancel_the_wait(void)
{
    struct troupe *troupe = troupe_of(6, 502, NULL);

    lose_the_gtpk(troupe);
    CU_ASSERT_TRUE_FATAL(is_out(troupe, 1));
    CU_ASSERT_EQUAL(fault_noticed(troupe, "out-of-step"), 1);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 2010); /* there is a gap before it */
    CU_ASSERT_FALSE(is_out(troupe, 1));
    CU_ASSERT_TRUE(troupe_current(troupe, 1));
    CU_ASSERT_EQUAL(fault_noticed(troupe, "in-step"), 1);
    CU_ASSERT_EQUAL(troupe->member[1].member->retry_at, GK_NO_TICK);
    rig_run(troupe->rig, 2 * B);
    CU_ASSERT_EQUAL(fault_noticed(troupe, "rtj-sent"), 0);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_free(troupe);
}

/* They come while the new registration is under way, which then fails: no other follows. */
static void keys_that_come_cancel_the_next_session(void)
{
    struct troupe *troupe = troupe_of(6, 503, NULL);
    struct fault deaf = {.exchange = GK_REQUEST_TO_JOIN, .from = FAULT_ANY, .count = UINT_MAX};

    lose_the_gtpk(troupe);
    fault_set(troupe, &deaf);
    while (!troupe->member[1].member->session.active)
        rig_run(troupe->rig, 500);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 2010); /* there is a gap before it */
    CU_ASSERT_FALSE(is_out(troupe, 1));
    CU_ASSERT_TRUE(troupe_current(troupe, 1));
    rig_run(troupe->rig, 20000);
    CU_ASSERT_FALSE(troupe->member[1].member->session.active);
    rig_run(troupe->rig, 2 * B);
    CU_ASSERT_EQUAL(fault_noticed(troupe, "rtj-sent"), 1);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    fault_set(troupe, NULL);
    troupe_free(troupe);
}

/* No event within the token's interval and the skew: the server is away or unheard. */
static void no_event_in_time(void)
{
    struct troupe *troupe = troupe_of(6, 504, "every=\"1 min\" interval=\"2 min\" resend=\"0\"");

    rig_run(troupe->rig, 300000);
    CU_ASSERT_EQUAL(fault_noticed(troupe, "out-of-step"), 0);
    rig_run(troupe->rig, 60000 - 2500);
    troupe->rig->node[0].down = true;
    rig_run(troupe->rig, (120 + 300 - 60) * 1000);
    CU_ASSERT_EQUAL(fault_noticed(troupe, "out-of-step"), 0);
    CU_ASSERT_EQUAL(troupe_key(troupe, 0).size, 0); /* expired: fail closed */
    rig_run(troupe->rig, 60000);
    CU_ASSERT_EQUAL(fault_noticed(troupe, "out-of-step"), 6);
    troupe->rig->node[0].down = false;
    rig_run(troupe->rig, 20000 + 2 * B + 30000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_free(troupe);
}

/* The evicted asks again and again, ever more seldom, and is refused. */
static void the_evicted_does_not_hammer(void)
{
    struct troupe *troupe = troupe_of(6, 505, NULL);
    unsigned sessions;

    CU_ASSERT_TRUE(troupe_evict(troupe, 3));
    rig_run(troupe->rig, 3500000);
    sessions = fault_noticed(troupe, "rtj-sent");
    CU_ASSERT_TRUE(sessions >= 2 && sessions <= 20);
    CU_ASSERT_EQUAL(rig_count_noticed(troupe->rig, troupe->member[3].node, "rtj-sent"), sessions);
    CU_ASSERT_FALSE(troupe_current(troupe, 3));
    CU_ASSERT_TRUE(troupe_agree(troupe, 3));
    troupe_free(troupe);
}

const struct test_suite suite_out_of_step = {
    "out_of_step",
    {
        {"waits a random time", waits_a_random_time},
        {"the wait grows with failures", the_wait_grows_with_failures},
        {"keys that come cancel the wait", keys_that_come_cancel_the_wait},
        {"keys that come cancel the next session", keys_that_come_cancel_the_next_session},
        {"no event in time", no_event_in_time},
        {"the evicted does not hammer", the_evicted_does_not_hammer},
        {NULL, NULL},
    }};
