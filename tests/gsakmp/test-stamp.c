/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/harness.h"

#include "gsakmp/stamp.h"

static gk_time parsed(const char *text)
{
    gk_time time = -1;

    CU_ASSERT_TRUE(gk_stamp_parse(gk_octets_of(text), &time));
    return time;
}

static void known_times(void)
{
    char text[GK_STAMP_SIZE + 1];

    CU_ASSERT_EQUAL(parsed("19700101000000Z"), 0);
    CU_ASSERT_EQUAL(parsed("20260101000000Z"), 1767225600);
    CU_ASSERT_EQUAL(parsed("20000229235959Z"), 951868799);
    CU_ASSERT_EQUAL(parsed("99991231235959Z"), GK_TIME_NEVER);
    gk_stamp_format(1767225600, text);
    CU_ASSERT_STRING_EQUAL(text, "20260101000000Z");
    gk_stamp_format(INT64_MIN, text);
    CU_ASSERT_STRING_EQUAL(text, "00000101000000Z");
    gk_stamp_format(INT64_MAX, text);
    CU_ASSERT_STRING_EQUAL(text, "99991231235959Z");
}

static void every_day_returns(void)
{
    for (gk_time time = parsed("00000101000000Z"); time < GK_TIME_NEVER; time += 86400 * 13 + 7) {
        char text[GK_STAMP_SIZE + 1];

        gk_stamp_format(time, text);
        if (parsed(text) != time) {
            CU_FAIL("a stamp did not return");
            return;
        }
    }
}

static void impossible_times_are_refused(void)
{
    static const char *const bad[] = {
        "20260101000000",  "20260101000000z", "20261301000000Z", "20260001000000Z",
        "20260230000000Z", "20250229000000Z", "21000229000000Z", "20260100000000Z",
        "20260101240000Z", "20260101006000Z", "20260101000060Z", "2026010100000 Z",
        "-0260101000000Z", "20260101000000Z0"};
    gk_time time;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_FALSE(gk_stamp_parse(gk_octets_of(bad[i]), &time));
    CU_ASSERT_TRUE(gk_stamp_parse(gk_octets_of("20240229000000Z"), &time));
}

const struct test_suite suite_stamp = {
    "stamp",
    {
        {"known times", known_times},
        {"every day returns", every_day_returns},
        {"impossible times are refused", impossible_times_are_refused},
        {NULL, NULL},
    }};
