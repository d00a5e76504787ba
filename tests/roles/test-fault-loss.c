/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loss and repetition (invariant 12, profile 9.7, 12.3, 12.9): any single copy of any message
 * may be lost, any may come twice, and nobody registers again.
 */
#include <limits.h>
#include <stdlib.h>

#include "tests/roles/fault.h"

#define TWICE "every=\"1 h\" resend=\"1\""

/* A tree of two children a node and messages of one datum or two: events of many messages. */
static struct troupe *many_messages(unsigned members, uint64_t seed)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = members,
                                                             .seed = seed,
                                                             .degree = 2,
                                                             .capacity = 16,
                                                             .message_limit = 700,
                                                             .packaging = GK_LKH_PAIR_BY_PAIR,
                                                             .rekey = TWICE});

    troupe_join_all(troupe);
    CU_ASSERT_TRUE_FATAL(troupe_agree(troupe, -1));
    return troupe;
}

/* --- registration ----------------------------------------------------------------------- */

/* The first `count` copies of that message are lost; one registration is enough. */
static void registers_once(uint8_t exchange, unsigned count, enum fault_deed deed, int64_t ms)
{
    struct troupe *troupe = troupe_new(
        &(struct troupe_plan){.members = 2, .seed = 40 + exchange + count, .rekey = TWICE});
    struct fault fault = {.exchange = exchange,
                          .from = FAULT_ANY,
                          .to = FAULT_ANY,
                          .count = count,
                          .deed = deed,
                          .ms = ms};

    fault_set(troupe, &fault);
    troupe_join(troupe, 0);
    rig_run(troupe->rig, 29000);
    CU_ASSERT_TRUE(fault.met >= count);
    CU_ASSERT_TRUE(troupe_in(troupe, 0) && troupe_current(troupe, 0));
    CU_ASSERT_EQUAL(fault_noticed(troupe, "rtj-sent"), 1);
    CU_ASSERT_EQUAL(rig_count_noticed(troupe->rig, 0, "member-admitted"), 1);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 1);
    CU_ASSERT_EQUAL(troupe_status(troupe).pending, 0);
    fault_forget(&fault);
    troupe_free(troupe);
}

static void lost_registration_messages_come_again(void)
{
    for (unsigned count = 1; count <= 3; count++) {
        registers_once(GK_REQUEST_TO_JOIN, count, FAULT_LOSE, 0);
        registers_once(GK_KEY_DOWNLOAD, count, FAULT_LOSE, 0);
        registers_once(GK_KEY_DOWNLOAD_ACK, count, FAULT_LOSE, 0);
    }
}

static void repeated_registration_messages_do_nothing(void)
{
    static const uint8_t exchange[] = {GK_REQUEST_TO_JOIN, GK_KEY_DOWNLOAD, GK_KEY_DOWNLOAD_ACK};

    for (size_t i = 0; i < sizeof exchange; i++) {
        registers_once(exchange[i], 1, FAULT_TWICE, 0);
        registers_once(exchange[i], 1, FAULT_TWICE, 1500);
        registers_once(exchange[i], 1, FAULT_TWICE, 12000);
        registers_once(exchange[i], 1, FAULT_LATE, 3000);
        registers_once(exchange[i], 2, FAULT_LATE, 11000);
    }
}

/* More than the resends cover: the session ends on both sides, and the next one succeeds. */
static void a_lost_session_is_followed_by_another(void)
{
    static const uint8_t exchange[] = {GK_REQUEST_TO_JOIN, GK_KEY_DOWNLOAD};

    for (size_t i = 0; i < sizeof exchange; i++) {
        struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 1, .seed = 60 + i});
        struct fault lost = {
            .exchange = exchange[i], .from = FAULT_ANY, .to = FAULT_ANY, .count = 4};

        fault_set(troupe, &lost);
        troupe_join(troupe, 0);
        rig_run(troupe->rig, 20000);
        CU_ASSERT_FALSE(troupe_in(troupe, 0));
        CU_ASSERT_EQUAL(fault_noticed(troupe, "join-failed"), 1);
        rig_run(troupe->rig, 10100); /* 2 B of this troupe, and the way */
        CU_ASSERT_TRUE(troupe_in(troupe, 0) && troupe_current(troupe, 0));
        CU_ASSERT_EQUAL(fault_noticed(troupe, "rtj-sent"), 2);
        CU_ASSERT_EQUAL(troupe_status(troupe).members, 1);
        CU_ASSERT_EQUAL(troupe_status(troupe).pending, 0);
        troupe_free(troupe);
    }
}

/* --- Rekey Events ------------------------------------------------------------------------- */

typedef void (*change_by)(struct troupe *troupe, unsigned round);

static void by_command(struct troupe *troupe, unsigned round)
{
    (void)round;
    CU_ASSERT_TRUE(troupe_rekey(troupe));
}

/* A path changes from its leaf up. */
static void by_rejoin(struct troupe *troupe, unsigned round)
{
    fault_rejoin(troupe, round % troupe->member_count);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
}

static void by_token(struct troupe *troupe, unsigned round)
{
    struct gk_reason why = {0};

    CU_ASSERT_TRUE(troupe_publish(
        troupe, troupe_token(troupe, (int)round + 2, NULL, TEST_NOW + (gk_time)round), &why));
}

static void both(struct troupe *troupe, unsigned round)
{
    fault_rejoin(troupe, round % troupe->member_count);
    by_token(troupe, round);
}

/* Event after event on one troupe; in each one packet more is passed over before the fault,
 * until none is left. Returns how many packets the largest event had. */
static unsigned each_packet(struct troupe *troupe, change_by change, enum fault_deed deed,
                            int64_t ms)
{
    unsigned packets = 0;
    unsigned sessions;

    for (unsigned round = 0;; round++) {
        struct fault fault = {
            .exchange = GK_REKEY_EVENT, .to = FAULT_ANY, .first = round, .deed = deed, .ms = ms};

        if (change == by_rejoin || change == both)
            rig_run(troupe->rig, 1000);
        fault_set(troupe, &fault);
        change(troupe, round);
        sessions = fault_noticed(troupe, "rtj-sent");
        rig_run(troupe->rig, 14000);
        if (fault.met > packets)
            packets = fault.met;
        fault_set(troupe, NULL);
        CU_ASSERT_TRUE_FATAL(troupe_agree(troupe, -1));
        CU_ASSERT_EQUAL(fault_noticed(troupe, "out-of-step"), 0);
        CU_ASSERT_EQUAL(fault_noticed(troupe, "rtj-sent"), sessions);
        if (round >= packets)
            return packets;
    }
}

static void any_copy_of_a_small_event_may_be_lost(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){
        .members = 5, .seed = 70, .degree = 2, .capacity = 8, .rekey = TWICE});

    troupe_join_all(troupe);
    CU_ASSERT_EQUAL(each_packet(troupe, by_command, FAULT_LOSE, 0), 10);
    CU_ASSERT_EQUAL(each_packet(troupe, by_rejoin, FAULT_LOSE, 0), 10);
    troupe_free(troupe);
}

static void any_copy_of_a_split_event_may_be_lost(void)
{
    struct troupe *troupe = many_messages(4, 71);

    CU_ASSERT_EQUAL(each_packet(troupe, by_rejoin, FAULT_LOSE, 0), 4 * 2 * 6);
    troupe_free(troupe);
}

static void any_copy_of_a_token_may_be_lost(void)
{
    struct troupe *troupe = many_messages(3, 72);
    unsigned packets = each_packet(troupe, both, FAULT_LOSE, 0);

    CU_ASSERT_TRUE(packets >= 3 * 2 * 4);
    CU_ASSERT_EQUAL(troupe_member_status(troupe, 0).edition, packets + 2);
    troupe_free(troupe);
}

static void any_copy_may_come_twice_or_late(void)
{
    static const int64_t later[] = {0, 3000};

    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        struct troupe *troupe = many_messages(3, 73 + i);

        CU_ASSERT_TRUE(each_packet(troupe, by_rejoin, FAULT_TWICE, later[i]) > 12);
        CU_ASSERT_TRUE(each_packet(troupe, by_command, FAULT_TWICE, later[i]) >= 6);
        CU_ASSERT_TRUE(each_packet(troupe, by_rejoin, FAULT_LATE, later[i]) > 12);
        troupe_free(troupe);
    }
}

/* Without copies a lost message is noticed, and everybody is in step again by the next event or
 * a new registration. */
static void without_copies_a_loss_is_noticed(void)
{
    struct troupe *troupe =
        troupe_new(&(struct troupe_plan){.members = 4, .seed = 77, .degree = 2, .capacity = 8});
    struct fault lost = {.exchange = GK_REKEY_EVENT, .to = 2};

    troupe_join_all(troupe);
    fault_set(troupe, &lost);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 5000);
    CU_ASSERT_FALSE(troupe_current(troupe, 1));
    CU_ASSERT_TRUE(troupe_agree(troupe, 1));
    fault_set(troupe, NULL);
    CU_ASSERT_TRUE(troupe_rekey(troupe)); /* the path did not change: this one opens */
    rig_run(troupe->rig, 5000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_EQUAL(fault_noticed(troupe, "out-of-step"), 0);
    fault_rejoin(troupe, 0); /* a neighbour in the tree: the path of member 1 changes */
    lost.met = 0;
    fault_set(troupe, &lost);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 3000);
    fault_set(troupe, NULL);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 2000 + 5000 + 100);
    CU_ASSERT_EQUAL(fault_noticed(troupe, "out-of-step"), 1);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_free(troupe);
}

/* --- the end, and events without keys --------------------------------------------------------- */

static void any_two_copies_of_the_end_may_be_lost(void)
{
    for (unsigned spared = 0; spared < 3; spared++) {
        for (size_t node = 1; node <= 2; node++) {
            struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 2, .seed = 80});
            struct fault lost = {.exchange = GK_REKEY_EVENT,
                                 .to = node,
                                 .first = spared == 0,
                                 .count = spared == 1 ? 1 : 2};

            troupe_join_all(troupe);
            fault_set(troupe, &lost);
            CU_ASSERT_TRUE(troupe_destroy(troupe));
            rig_run(troupe->rig, 900);
            CU_ASSERT_EQUAL(troupe_member_status(troupe, (unsigned)node - 1).ended, spared == 0);
            rig_run(troupe->rig, 9100);
            for (unsigned i = 0; i < 2; i++) {
                CU_ASSERT_TRUE(troupe_member_status(troupe, i).ended);
                CU_ASSERT_EQUAL(troupe_key(troupe, i).size, 0);
            }
            troupe_free(troupe);
        }
    }
}

/* rekeyMethod none: events tell that the server lives. */
static void any_copy_of_an_empty_event_may_be_lost(void)
{
    struct troupe *troupe =
        troupe_new(&(struct troupe_plan){.members = 2,
                                         .seed = 81,
                                         .rekey = "never=\"yes\" interval=\"10 min\" "
                                                  "method=\"none\" resend=\"1\""});

    troupe_join_all(troupe);
    for (unsigned i = 0; i < 5; i++) {
        struct fault lost = {.exchange = GK_REKEY_EVENT, .to = FAULT_ANY, .first = i};

        fault_set(troupe, &lost);
        rig_run(troupe->rig, 600000);
        CU_ASSERT_EQUAL(lost.met, 4);
        CU_ASSERT_EQUAL(troupe_member_status(troupe, 0).counts.rekey_events, i + 1);
        CU_ASSERT_EQUAL(troupe_member_status(troupe, 1).counts.rekey_events, i + 1);
    }
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_EQUAL(fault_noticed(troupe, "out-of-step"), 0);
    CU_ASSERT_EQUAL(fault_noticed(troupe, "rtj-sent"), 2);
    troupe_free(troupe);
}

const struct test_suite suite_fault_loss = {
    "fault_loss",
    {
        {"lost registration messages come again", lost_registration_messages_come_again},
        {"repeated registration messages do nothing", repeated_registration_messages_do_nothing},
        {"a lost session is followed by another", a_lost_session_is_followed_by_another},
        {"any copy of a small event may be lost", any_copy_of_a_small_event_may_be_lost},
        {"any copy of a split event may be lost", any_copy_of_a_split_event_may_be_lost},
        {"any copy of a token may be lost", any_copy_of_a_token_may_be_lost},
        {"any copy may come twice or late", any_copy_may_come_twice_or_late},
        {"without copies a loss is noticed", without_copies_a_loss_is_noticed},
        {"any two copies of the end may be lost", any_two_copies_of_the_end_may_be_lost},
        {"any copy of an empty event may be lost", any_copy_of_an_empty_event_may_be_lost},
        {NULL, NULL},
    }};
