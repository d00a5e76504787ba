/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of a split event in every order, with copies, with gaps, and with the member
 * dying in between (profile 9.7, 9.8).
 */
#include <limits.h>
#include <stdlib.h>

#include "tests/roles/fault.h"

/* Pair by pair, a message for each datum. Member 0 gives up the leaf beside the last member's,
 * so that the event changes the last one's path from its leaf up. */
static const struct shape {
    unsigned members, degree, capacity;
} shapes[] = {[3] = {3, 2, 4}, [4] = {5, 3, 9}, [5] = {7, 2, 8}};

static struct troupe *troupe_of(unsigned messages, uint64_t seed)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = shapes[messages].members,
                                                             .seed = seed,
                                                             .degree = shapes[messages].degree,
                                                             .capacity = shapes[messages].capacity,
                                                             .message_limit = 600,
                                                             .packaging = GK_LKH_PAIR_BY_PAIR});

    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_rekey(troupe)); /* sets the baseline */
    rig_run(troupe->rig, 5000);
    CU_ASSERT_TRUE_FATAL(troupe_agree(troupe, -1));
    return troupe;
}

static unsigned watched(const struct troupe *troupe)
{
    return troupe->member_count - 1;
}

/* To another leaf and back: the other one goes; a new token with `edition`, 0 for none. What
 * comes for the watched member is kept. */
static unsigned make_event(struct troupe *troupe, struct fault *fault, int edition)
{
    struct gk_reason why = {0};

    *fault = (struct fault){.exchange = GK_REKEY_EVENT,
                            .to = troupe->member[watched(troupe)].node,
                            .count = UINT_MAX,
                            .deed = FAULT_KEEP};
    rig_run(troupe->rig, 5000);
    fault_rejoin(troupe, 0);
    fault_rejoin(troupe, 0);
    fault_set(troupe, fault);
    CU_ASSERT_TRUE_FATAL(
        edition ? troupe_publish(
                      troupe, troupe_token(troupe, edition, NULL, TEST_NOW - 500 + edition), &why)
                : troupe_rekey(troupe));
    rig_run(troupe->rig, 100);
    return fault->kept_count;
}

static bool permutation(unsigned index, unsigned count, unsigned *order)
{
    bool used[8] = {false};
    unsigned factor = 1;

    for (unsigned i = 2; i <= count; i++)
        factor *= i;
    if (index >= factor)
        return false;
    for (unsigned i = 0; i < count; i++) {
        unsigned nth;

        factor /= count - i;
        nth = index / factor;
        index %= factor;
        order[i] = 0;
        while (used[order[i]] || nth--)
            order[i]++;
        used[order[i]] = true;
    }
    return true;
}

static void permutations_are_all_different(void)
{
    unsigned seen[24];
    unsigned order[4];
    unsigned count = 0;

    while (permutation(count, 4, order)) {
        seen[count] = order[0] << 6 | order[1] << 4 | order[2] << 2 | order[3];
        for (unsigned i = 0; i < count; i++)
            CU_ASSERT_NOT_EQUAL(seen[i], seen[count]);
        count++;
    }
    CU_ASSERT_EQUAL(count, 24);
}

enum before { STEADY, JOINED, RESTARTED };

static void prepare(struct troupe *troupe, enum before before)
{
    rig_run(troupe->rig, 5000);
    if (before == JOINED)
        fault_rejoin(troupe, watched(troupe));
    else if (before == RESTARTED)
        troupe_restart_member(troupe, watched(troupe));
}

static void in_every_order(unsigned messages, enum before before, unsigned copies, bool token)
{
    struct troupe *troupe = troupe_of(messages, 100 + messages);
    struct fault fault;
    unsigned order[8];
    unsigned index;

    for (index = 0; permutation(index, messages, order); index++) {
        prepare(troupe, before);
        CU_ASSERT_EQUAL_FATAL(make_event(troupe, &fault, token ? (int)index + 2 : 0), messages);
        CU_ASSERT_FALSE(troupe_current(troupe, watched(troupe)));
        for (unsigned i = 0; i < messages * copies; i++) {
            fault_release(troupe, &fault, order[i % messages]);
            rig_run(troupe->rig, 10);
        }
        CU_ASSERT_TRUE(troupe_agree(troupe, -1));
        CU_ASSERT_EQUAL(troupe_member_status(troupe, watched(troupe)).edition,
                        token ? (int)index + 2 : 1);
        fault_set(troupe, NULL);
        fault_forget(&fault);
    }
    CU_ASSERT_TRUE(index >= 2);
    rig_run(troupe->rig, 10000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_EQUAL(fault_noticed(troupe, "out-of-step"), 0);
    troupe_free(troupe);
}

static void every_order_in_a_steady_group(void)
{
    in_every_order(3, STEADY, 1, false);
    in_every_order(4, STEADY, 2, false);
}

/* The first event sets the baseline without waiting for a gap. */
static void every_order_after_a_join(void)
{
    in_every_order(4, JOINED, 1, false);
}

static void every_order_after_a_restart(void)
{
    in_every_order(4, RESTARTED, 2, false);
}

/* The token stands in the first message, and goes under the key as it stood before (8.6). */
static void every_order_with_a_token(void)
{
    in_every_order(3, STEADY, 1, true);
    in_every_order(4, JOINED, 1, true);
}

/* A gap that is never filled is waited for, W long and no longer, then the rest is read. */
static void a_gap_is_given_up(void)
{
    struct troupe *troupe = troupe_of(4, 110);
    struct fault fault;
    int64_t came;

    CU_ASSERT_EQUAL_FATAL(make_event(troupe, &fault, 0), 4);
    for (unsigned i = 1; i < 4; i++)
        fault_release(troupe, &fault, i);
    rig_run(troupe->rig, 10);
    came = troupe->rig->now.ms;
    CU_ASSERT_EQUAL(fault_noticed(troupe, "out-of-step"), 0);
    rig_run(troupe->rig, 1900);
    CU_ASSERT_EQUAL(troupe_member_status(troupe, watched(troupe)).counts.rekey_events, 1);
    rig_run(troupe->rig, came + 2100 - troupe->rig->now.ms);
    CU_ASSERT_EQUAL(troupe_member_status(troupe, watched(troupe)).counts.rekey_events, 2);
    fault_set(troupe, NULL);
    rig_run(troupe->rig, 5000 + 100);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    fault_forget(&fault);
    troupe_free(troupe);
}

/* Two events mixed up, the later one first: both are read in their order. */
static void two_events_crosswise(void)
{
    struct troupe *troupe = troupe_of(4, 111);
    struct fault first;
    struct fault second;

    CU_ASSERT_EQUAL_FATAL(make_event(troupe, &first, 0), 4);
    second = first;
    second.kept_count = second.met = 0;
    rig_run(troupe->rig, 1000);
    fault_set(troupe, &second);
    CU_ASSERT_TRUE_FATAL(troupe_rekey(troupe));
    rig_run(troupe->rig, 100);
    CU_ASSERT_TRUE_FATAL(second.kept_count > 0);
    fault_set(troupe, NULL);
    for (unsigned i = second.kept_count; i--;)
        fault_release(troupe, &second, i);
    for (unsigned i = 4; i--;)
        fault_release(troupe, &first, i);
    rig_run(troupe->rig, 10);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_EQUAL(troupe_member_status(troupe, watched(troupe)).counts.rekey_events, 3);
    CU_ASSERT_EQUAL(fault_noticed(troupe, "out-of-step"), 0);
    fault_forget(&first);
    fault_forget(&second);
    troupe_free(troupe);
}

/* A member that dies between two messages of an event holds half of its keys: it finds the
 * rest, or registers again, within W and B of its return. */
static void dies_in_the_midst(unsigned messages, unsigned behind, bool rest)
{
    struct troupe *troupe = troupe_of(messages, 120 + behind);
    struct fault fault;

    CU_ASSERT_EQUAL_FATAL(make_event(troupe, &fault, 0), messages);
    fault_set(troupe, NULL);
    for (unsigned i = 0; i < behind; i++)
        fault_release(troupe, &fault, i);
    rig_run(troupe->rig, 10);
    troupe_restart_member(troupe, watched(troupe));
    for (unsigned i = behind; rest && i < messages; i++)
        fault_release(troupe, &fault, i);
    rig_run(troupe->rig, 2000 + 5000 + 100);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    fault_forget(&fault);
    troupe_free(troupe);
}

static void a_member_dies_in_the_midst(void)
{
    for (unsigned behind = 1; behind < 4; behind++) {
        dies_in_the_midst(4, behind, true);
        dies_in_the_midst(4, behind, false);
    }
    for (unsigned behind = 1; behind < 5; behind++)
        dies_in_the_midst(5, behind, false);
}

/* Whoever was out of step when it died knows that it is when it returns. */
static void out_of_step_outlives_the_process(void)
{
    struct troupe *troupe = troupe_of(4, 130);
    struct fault fault;

    troupe->member[watched(troupe)].config.back_off_ms = 60000;
    troupe_restart_member(troupe, watched(troupe));
    CU_ASSERT_EQUAL_FATAL(make_event(troupe, &fault, 0), 4);
    fault_set(troupe, NULL);
    fault_release(troupe, &fault, 3);
    rig_run(troupe->rig, 2100);
    CU_ASSERT_TRUE_FATAL(troupe_member_status(troupe, watched(troupe)).out_of_step);
    troupe_restart_member(troupe, watched(troupe));
    CU_ASSERT_TRUE(troupe_member_status(troupe, watched(troupe)).out_of_step);
    CU_ASSERT_FALSE(troupe_current(troupe, watched(troupe)));
    CU_ASSERT_NOT_EQUAL(troupe_key(troupe, watched(troupe)).size, 0); /* kept until replaced */
    rig_run(troupe->rig, 60100);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_FALSE(troupe_member_status(troupe, watched(troupe)).out_of_step);
    fault_forget(&fault);
    troupe_free(troupe);
}

const struct test_suite suite_fault_order = {
    "fault_order",
    {
        {"permutations are all different", permutations_are_all_different},
        {"every order in a steady group", every_order_in_a_steady_group},
        {"every order after a join", every_order_after_a_join},
        {"every order after a restart", every_order_after_a_restart},
        {"every order with a token", every_order_with_a_token},
        {"a gap is given up", a_gap_is_given_up},
        {"two events crosswise", two_events_crosswise},
        {"a member dies in the midst", a_member_dies_in_the_midst},
        {"out of step outlives the process", out_of_step_outlives_the_process},
        {NULL, NULL},
    }};
