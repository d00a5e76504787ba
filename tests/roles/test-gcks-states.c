/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4535 tables 28 and 29, the GC/KS's half: every cell, the forbidden ones too. */
#include <stdlib.h>

#include "roles/gcks-internal.h"
#include "tests/harness.h"
#include "tests/roles/gcks-bench.h"

#define STATES 3
#define NO     (-1)

/* By state and step, the next state. */
static const int cells[STATES][GCKS_STEPS] = {
    [GCKS_IDLE] =
        {
            [GCKS_CREATE] = GCKS_WAIT_EVENT,
            [GCKS_RTJ_BAD] = NO,
            [GCKS_COMMAND] = NO,
            [GCKS_COMPROMISE] = NO,
            [GCKS_DEREGISTRATION] = NO,
            [GCKS_RTJ_VALID] = NO,
            [GCKS_TIMEOUT] = NO,
            [GCKS_ACK] = NO,
            [GCKS_NACK] = NO,
            [GCKS_DELETE] = NO,
        },
    [GCKS_WAIT_EVENT] =
        {
            [GCKS_CREATE] = NO,
            [GCKS_RTJ_BAD] = GCKS_WAIT_EVENT,
            [GCKS_COMMAND] = GCKS_WAIT_EVENT,
            [GCKS_COMPROMISE] = GCKS_WAIT_EVENT,
            [GCKS_DEREGISTRATION] = GCKS_WAIT_EVENT,
            [GCKS_RTJ_VALID] = GCKS_WAIT_RESPONSE,
            [GCKS_TIMEOUT] = NO,
            [GCKS_ACK] = NO,
            [GCKS_NACK] = NO,
            [GCKS_DELETE] = GCKS_IDLE,
        },
    [GCKS_WAIT_RESPONSE] =
        {
            [GCKS_CREATE] = NO,
            [GCKS_RTJ_BAD] = NO,
            [GCKS_COMMAND] = NO,
            [GCKS_COMPROMISE] = NO,
            [GCKS_DEREGISTRATION] = NO,
            [GCKS_RTJ_VALID] = NO,
            [GCKS_TIMEOUT] = GCKS_WAIT_EVENT,
            [GCKS_ACK] = GCKS_WAIT_EVENT,
            [GCKS_NACK] = GCKS_WAIT_EVENT,
            [GCKS_DELETE] = NO,
        },
};

static void every_cell(void)
{
    for (int state = 0; state < STATES; state++) {
        for (int step = 0; step < GCKS_STEPS; step++) {
            const struct gcks_transition *row =
                gcks_transition((enum gcks_state)state, (enum gcks_step)step);

            CU_ASSERT_EQUAL(row ? (int)row->to : NO, cells[state][step]);
            CU_ASSERT_TRUE(!row || row->action);
        }
    }
}

static void forbidden_cells_change_nothing(void)
{
    struct bench *bench = bench_new(NULL);
    struct gcks *g = bench->gcks;
    struct gk_turn turn = {0};

    gcks_enter(g, &bench->now, &turn);
    for (int step = 0; step < GCKS_STEPS; step++) {
        if (cells[GCKS_WAIT_EVENT][step] != NO)
            continue;
        CU_ASSERT_FALSE(gcks_step(g, NULL, (enum gcks_step)step));
        CU_ASSERT_EQUAL(g->state, GCKS_WAIT_EVENT);
    }
    gcks_leave(g);
    CU_ASSERT_EQUAL(turn.notice_count, 4);
    CU_ASSERT_STRING_EQUAL(turn.notices[0].code, "forbidden-transition");
    gk_turn_free(&turn);
    bench_free(bench);
}

/* Names of RFC 4535 table 28. */
static void states_have_the_rfcs_names(void)
{
    CU_ASSERT_STRING_EQUAL(gcks_state_name(GCKS_IDLE), "Idle");
    CU_ASSERT_STRING_EQUAL(gcks_state_name(GCKS_WAIT_EVENT), "Wait for GC/KS Event");
    CU_ASSERT_STRING_EQUAL(gcks_state_name(GCKS_WAIT_RESPONSE),
                           "Wait for Response from Key Download");
}

static void no_handle_comes_twice(void)
{
    enum { ROUNDS = 400 };
    static uint32_t seen[ROUNDS];
    struct bench *bench = bench_new(NULL);
    struct gcks *g = bench->gcks;
    struct gk_turn turn = {0};
    unsigned twice = 0;

    gcks_enter(g, &bench->now, &turn);
    for (unsigned i = 0; i < ROUNDS; i++) {
        seen[i] = g->gtpk[0].handle;
        for (unsigned k = 0; k < i; k++)
            twice += seen[k] == seen[i];
        CU_ASSERT_TRUE(gcks_gtpks_renew(g, g->terms, bench->now.utc, NULL));
    }
    gcks_leave(g);
    CU_ASSERT_EQUAL(twice, 0);
    gk_turn_free(&turn);
    bench_free(bench);
}

const struct test_suite suite_gcks_states = {
    "gcks_states",
    {
        {"every cell", every_cell},
        {"forbidden cells change nothing", forbidden_cells_change_nothing},
        {"states have the RFC's names", states_have_the_rfcs_names},
        {"no handle comes twice", no_handle_comes_twice},
        {NULL, NULL},
    }};
