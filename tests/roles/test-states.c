/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 4535 tables 28 and 29: each half's table cell by cell against the RFC's list, and a
 * troupe whose messages, commands and timers take every transition that this version runs.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "roles/gcks-internal.h"
#include "roles/member-internal.h"
#include "tests/roles/fault.h"

/* --- the tables ------------------------------------------------------------------------- */

struct row {
    int from, event, to;
};

/* Figure 28 and table 29 as they stand in the RFC, the member's half. */
static const struct row member_rows[] = {
    {MEMBER_IDLE, MEMBER_MOVE_JOIN, MEMBER_WAIT_MEMBERSHIP},      /* 1a */
    {MEMBER_WAIT_MEMBERSHIP, MEMBER_MOVE_ACK, MEMBER_WAIT_EVENT}, /* 2a */
    {MEMBER_WAIT_EVENT, MEMBER_MOVE_MESSAGE, MEMBER_WAIT_EVENT},  /* 3a */
    {MEMBER_WAIT_EVENT, MEMBER_MOVE_LEAVE, MEMBER_IDLE},          /* 4a */
    {MEMBER_WAIT_MEMBERSHIP, MEMBER_MOVE_FAIL, MEMBER_IDLE},      /* 5a */
};

static const struct row gcks_rows[] = {
    {GCKS_IDLE, GCKS_CREATE, GCKS_WAIT_EVENT},               /* 1 */
    {GCKS_WAIT_EVENT, GCKS_RTJ_BAD, GCKS_WAIT_EVENT},        /* 2 */
    {GCKS_WAIT_EVENT, GCKS_COMMAND, GCKS_WAIT_EVENT},        /* 2 */
    {GCKS_WAIT_EVENT, GCKS_COMPROMISE, GCKS_WAIT_EVENT},     /* 2 */
    {GCKS_WAIT_EVENT, GCKS_DEREGISTRATION, GCKS_WAIT_EVENT}, /* 2 */
    {GCKS_WAIT_EVENT, GCKS_RTJ_VALID, GCKS_WAIT_RESPONSE},   /* 3 */
    {GCKS_WAIT_RESPONSE, GCKS_TIMEOUT, GCKS_WAIT_EVENT},     /* 4 */
    {GCKS_WAIT_RESPONSE, GCKS_ACK, GCKS_WAIT_EVENT},         /* 4 */
    {GCKS_WAIT_RESPONSE, GCKS_NACK, GCKS_WAIT_EVENT},        /* 4 */
    {GCKS_WAIT_EVENT, GCKS_DELETE, GCKS_IDLE},               /* 5 */
};

static int wanted(const struct row *rows, size_t count, int from, int event)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].from == from && rows[i].event == event)
            return rows[i].to;
    }
    return -1;
}

static void members_table(void)
{
    const size_t count = sizeof member_rows / sizeof *member_rows;

    for (int state = MEMBER_IDLE; state <= MEMBER_WAIT_EVENT; state++) {
        for (int move = 0; move < MEMBER_MOVES; move++)
            CU_ASSERT_EQUAL(member_next_state((enum member_state)state, (enum member_move)move),
                            wanted(member_rows, count, state, move));
    }
}

static void servers_table(void)
{
    const size_t count = sizeof gcks_rows / sizeof *gcks_rows;

    for (int state = GCKS_IDLE; state <= GCKS_WAIT_RESPONSE; state++) {
        for (int step = 0; step < GCKS_STEPS; step++) {
            const struct gcks_transition *row =
                gcks_transition((enum gcks_state)state, (enum gcks_step)step);

            CU_ASSERT_EQUAL(row ? (int)row->to : -1, wanted(gcks_rows, count, state, step));
        }
    }
}

/* Every forbidden cell at a living member: nothing moves, and an error is told. */
static void a_member_makes_no_forbidden_move(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 1, .seed = 30});
    struct member *member = troupe->member[0].member;

    for (int state = MEMBER_IDLE; state <= MEMBER_WAIT_EVENT; state++) {
        for (int move = 0; move < MEMBER_MOVES; move++) {
            struct gk_turn turn = {0};
            int next = member_next_state((enum member_state)state, (enum member_move)move);

            member->state = (enum member_state)state;
            CU_ASSERT_EQUAL(member_do_move(member, (enum member_move)move, &turn), next >= 0);
            CU_ASSERT_EQUAL((int)member->state, next >= 0 ? next : state);
            if (next < 0) {
                CU_ASSERT_EQUAL_FATAL(turn.notice_count, 1);
                CU_ASSERT_STRING_EQUAL(turn.notices[0].code, "forbidden-move");
                CU_ASSERT_EQUAL(turn.notices[0].level, GK_ERROR);
            }
            gk_turn_free(&turn);
        }
    }
    member->state = MEMBER_IDLE;
    troupe_free(troupe);
}

/* The same for a registration at the GC/KS: the group's own row is in test-gcks-states.c. */
static void a_registration_takes_no_forbidden_step(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 1, .seed = 31});
    struct fault lost = {.exchange = GK_KEY_DOWNLOAD_ACK, .from = FAULT_ANY, .count = UINT_MAX};
    struct gcks *g = troupe->gcks;
    struct gk_now now = rig_now(troupe->rig, 0);
    struct gcks_session *session;

    fault_set(troupe, &lost);
    troupe_join(troupe, 0);
    rig_run(troupe->rig, 100);
    CU_ASSERT_EQUAL_FATAL(g->pending, 1);
    session = &g->session[0];
    CU_ASSERT_EQUAL_FATAL(session->state, GCKS_WAIT_RESPONSE);
    for (int step = 0; step < GCKS_STEPS; step++) {
        struct gk_turn turn = {0};

        if (gcks_transition(GCKS_WAIT_RESPONSE, (enum gcks_step)step))
            continue;
        gcks_enter(g, &now, &turn);
        CU_ASSERT_FALSE(gcks_step(g, session, (enum gcks_step)step));
        gcks_leave(g);
        CU_ASSERT_EQUAL(session->state, GCKS_WAIT_RESPONSE);
        CU_ASSERT_EQUAL(turn.notice_count, 1);
        gk_turn_free(&turn);
    }
    troupe_free(troupe);
}

/* --- the run ------------------------------------------------------------------------------ */

/* Was that change of state told by the node since its notices were forgotten? */
static bool moved(const struct troupe *troupe, size_t node, const char *part)
{
    const struct rig_node *at = &troupe->rig->node[node];

    for (size_t i = 0; i < at->notice_count; i++) {
        if (strcmp(at->notices[i].code, "state") == 0 && strstr(at->notices[i].text, part))
            return true;
    }
    return false;
}

static void run_1_to_3a(struct troupe *troupe)
{
    size_t m0 = troupe->member[0].node;

    CU_ASSERT_TRUE(moved(troupe, 0, "Idle -> Wait for GC/KS Event (transition 1,"));
    troupe_join(troupe, 0);
    CU_ASSERT_TRUE(moved(troupe, m0, "Idle -> Wait for Group Membership"));
    CU_ASSERT_EQUAL(troupe_member_status(troupe, 0).state, MEMBER_WAIT_MEMBERSHIP);
    rig_run(troupe->rig, 100);
    CU_ASSERT_TRUE(moved(
        troupe, 0, "Wait for GC/KS Event -> Wait for Response from Key Download (transition 3,"));
    CU_ASSERT_TRUE(
        moved(troupe, m0, "Wait for Group Membership -> Wait for Group Membership Event"));
    CU_ASSERT_TRUE(moved(troupe, 0, "(transition 4, Receive Ack)"));
    CU_ASSERT_TRUE(troupe_rekey(troupe)); /* 2: a command, and 3a at the member */
    rig_run(troupe->rig, 3000);
    CU_ASSERT_EQUAL(troupe_member_status(troupe, 0).counts.rekey_events, 1);
    CU_ASSERT_EQUAL(troupe_status(troupe).state, GCKS_WAIT_EVENT);
    CU_ASSERT_TRUE(troupe_current(troupe, 0));
}

/* 2: a bad RTJ, which its sender gives up: 5a by time. */
static void run_bad_rtj(struct troupe *troupe)
{
    unsigned eve = troupe_add(troupe, "CN=eve,OU=Guests,O=Acme");

    troupe_join(troupe, eve);
    rig_run(troupe->rig, 20000);
    CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, 0, "member-refused"));
    CU_ASSERT_EQUAL(troupe_status(troupe).state, GCKS_WAIT_EVENT);
    CU_ASSERT_TRUE(moved(troupe, troupe->member[eve].node, "Wait for Group Membership -> Idle"));
    CU_ASSERT_TRUE(troupe_leave(troupe, eve));
}

/* 4: no Ack comes. */
static void run_timeout(struct troupe *troupe)
{
    struct fault lost = {
        .exchange = GK_KEY_DOWNLOAD, .from = FAULT_ANY, .to = FAULT_ANY, .count = UINT_MAX};
    unsigned late = troupe_add(troupe, "CN=late,OU=Members,O=Acme");

    fault_set(troupe, &lost);
    troupe_join(troupe, late);
    rig_run(troupe->rig, 100);
    CU_ASSERT_TRUE(troupe_leave(troupe, late));
    rig_run(troupe->rig, 30000);
    fault_set(troupe, NULL);
    CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, 0, "ack-timeout"));
    CU_ASSERT_TRUE(moved(troupe, 0, "(transition 4, Timeout)"));
}

/* 4: a member that trusts another owner answers NACK when its wait is over: 5a by failure. */
static void run_nack(struct troupe *troupe)
{
    static struct load_policy other;
    unsigned doubter = troupe_add(troupe, "CN=doubter,OU=Members,O=Acme");
    struct troupe_part *part = &troupe->member[doubter];

    other = troupe->policy;
    other.owner = gk_octets_of("CN=Another,OU=Owners,O=Acme");
    part->config.policy = &other;
    fault_remake(troupe, doubter);
    troupe_join(troupe, doubter);
    rig_run(troupe->rig, 20100);
    CU_ASSERT_TRUE(moved(troupe, part->node, "Wait for Group Membership -> Idle"));
    CU_ASSERT_TRUE(moved(troupe, 0, "(transition 4, Receive Nack)"));
    CU_ASSERT_EQUAL(troupe_key(troupe, doubter).size, 0);
    CU_ASSERT_TRUE(troupe_leave(troupe, doubter));
}

/* 4a by command, then 5 with 4a at those who are left. */
static void run_end(struct troupe *troupe)
{
    size_t m0 = troupe->member[0].node;
    size_t m1 = troupe->member[1].node;

    troupe_join(troupe, 1);
    rig_run(troupe->rig, 100);
    fault_forget_notices(troupe);
    CU_ASSERT_TRUE(troupe_leave(troupe, 0));
    CU_ASSERT_TRUE(moved(troupe, m0, "Wait for Group Membership Event -> Idle"));
    CU_ASSERT_FALSE(moved(troupe, m1, "-> Idle"));
    CU_ASSERT_TRUE(troupe_destroy(troupe));
    CU_ASSERT_TRUE(moved(troupe, 0, "Wait for GC/KS Event -> Idle (transition 5,"));
    rig_run(troupe->rig, 100);
    CU_ASSERT_TRUE(moved(troupe, m1, "Wait for Group Membership Event -> Idle"));
}

static void every_transition_by_real_messages(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 2, .seed = 32});

    run_1_to_3a(troupe);
    fault_forget_notices(troupe);
    run_bad_rtj(troupe);
    run_timeout(troupe);
    fault_forget_notices(troupe);
    run_nack(troupe);
    run_end(troupe);
    CU_ASSERT_EQUAL(fault_noticed(troupe, "forbidden-move"), 0);
    CU_ASSERT_PTR_NULL(rig_noticed(troupe->rig, 0, "forbidden-transition"));
    troupe_free(troupe);
}

/* Commands that the state does not allow are refused, and change nothing. */
static void commands_out_of_state(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 1, .seed = 33});
    struct fault_view before;
    struct gk_reason why;

    CU_ASSERT_FALSE(troupe_leave(troupe, 0));
    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_destroy(troupe));
    rig_run(troupe->rig, 10000);
    fault_look(troupe, &before);
    CU_ASSERT_FALSE(troupe_rekey(troupe));
    CU_ASSERT_FALSE(troupe_evict(troupe, 0));
    CU_ASSERT_FALSE(troupe_publish(troupe, troupe_token(troupe, 2, NULL, TEST_NOW), &why));
    CU_ASSERT_FALSE(troupe_destroy(troupe));
    CU_ASSERT_FALSE(troupe_leave(troupe, 0));
    CU_ASSERT_TRUE(fault_nothing_changed(troupe, &before));
    troupe_free(troupe);
}

const struct test_suite suite_states = {
    "states",
    {
        {"the member's table", members_table},
        {"the GC/KS's table", servers_table},
        {"a member makes no forbidden move", a_member_makes_no_forbidden_move},
        {"a registration takes no forbidden step", a_registration_takes_no_forbidden_step},
        {"every transition by real messages", every_transition_by_real_messages},
        {"commands out of state", commands_out_of_state},
        {NULL, NULL},
    }};
