/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H
/*
 * The driver of every CUnit program. A suite is a table of named cases:
 *
 *     static void refuses_an_odd_length(void) { CU_ASSERT_FALSE(...); }
 *     const struct test_suite suite_octets = {"octets", {
 *         {"refuses an odd length", refuses_an_odd_length},
 *         {NULL, NULL}}};
 *
 * `test-room` runs all, `test-room SUITE [CASE]` some. The exit code is 0 only when
 * at least one case ran and no assertion failed (CU_basic_run_tests returns 0 on
 * failures, so it is not asked).
 */
#include <CUnit/CUnit.h>

#include <stdbool.h>

#include "gsakmp/octets.h"
#include "gsakmp/random.h"

#define TEST_CASES 64

struct test_case {
    const char *name;
    void (*run)(void);
};

struct test_suite {
    const char *name;
    struct test_case cases[TEST_CASES];
};

int test_main(const struct test_suite *const *suites, int argc, char **argv);

/* True when the octets equal the hexadecimal text; prints both when not. */
bool test_equals_hex(struct gk_octets octets, const char *hex);
/* The octets of hexadecimal text, on the heap for the rest of the program. */
struct gk_octets test_unhex(const char *hex);
/* A whole file, on the heap for the rest of the program; ends the program if absent. */
struct gk_octets test_file(const char *path);
/* A seeded generator: SHA-256 in counter mode over the seed. Never in a program. */
struct gk_random test_random(uint64_t seed);
#define CU_ASSERT_HEX(octets, hex) CU_ASSERT_TRUE(test_equals_hex(octets, hex))

#endif
