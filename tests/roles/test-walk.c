/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random walks (invariants 1, 8, 9, 11, 12). A failing seed is printed, and walks the same way
 * again:  WALK_SEED=7 ./test-roles walk.  WALK_RUNS=500 walks longer.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/roles/walk.h"

#define STEPS 300
#define RUNS  4

static unsigned long asked(const char *name, unsigned long otherwise)
{
    const char *text = getenv(name);

    return text ? strtoul(text, NULL, 10) : otherwise;
}

static void seeds(void)
{
    unsigned long first = asked("WALK_SEED", 1);
    unsigned long runs = asked("WALK_RUNS", getenv("WALK_SEED") ? 1 : RUNS);

    for (unsigned long seed = first; seed < first + runs; seed++) {
        struct walk *walk = walk_new(seed);

        walk_steps(walk, (unsigned)asked("WALK_STEPS", STEPS));
        walk_heal(walk);
        CU_ASSERT_EQUAL(walk->failures, 0);
        walk_free(walk);
    }
}

/* The same seed, message for message; another one, something else. */
static void a_seed_replays_exactly(void)
{
    static const uint64_t seed[] = {100, 100, 101};
    uint8_t history[3][32];

    for (size_t i = 0; i < 3; i++) {
        struct walk *walk = walk_new(seed[i]);

        walk_steps(walk, 60);
        memcpy(history[i], walk->history, sizeof history[i]);
        walk_free(walk);
    }
    CU_ASSERT_EQUAL(memcmp(history[0], history[1], sizeof *history), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(history[0], history[2], sizeof *history), 0);
}

/* A walk that never came by something would show nothing of it. */
static void walks_come_by_everything(void)
{
    struct walk *walk = walk_new(1);
    struct gcks_status status;

    walk_steps(walk, STEPS);
    for (size_t i = 0; i < 12; i++)
        CU_ASSERT_TRUE(walk->counts[i] > 0);
    walk_heal(walk);
    status = troupe_status(walk->troupe);
    CU_ASSERT_TRUE(walk->denials > 0);
    CU_ASSERT_TRUE(status.members > 0);
    CU_ASSERT_TRUE(walk->ledger.count > 200);
    walk_free(walk);
}

const struct test_suite suite_walk = {"walk",
                                      {
                                          {"seeds", seeds},
                                          {"a seed replays exactly", a_seed_replays_exactly},
                                          {"walks come by everything", walks_come_by_everything},
                                          {NULL, NULL},
                                      }};
