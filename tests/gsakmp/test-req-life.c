/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4535 7.5.2, item 7: a key that a Rekey Event brings lives no longer than the policy says. */
#include "tests/gsakmp/ring-help.h"

#include <string.h>

struct row {
    struct gk_ring_life life;
    int64_t seconds; /* that the key lives */
    bool good;
};

static void check(const struct row *row)
{
    struct gk_ring *ring = test_sample_ring();
    struct gk_ring_rules rules = test_rules();
    struct gk_key_datum wrapping = test_held(ring, 8);
    struct gk_key_datum fresh = test_next(ring, TEST_GTPK_ID);
    struct test_message message = {0};
    struct gk_reason why = {.code = ""};
    struct gk_ring_life life = row->life;
    struct gk_secret before;

    if (life.until < 1000)
        life.until += fresh.created;
    rules.life = &life;
    fresh.expires = fresh.created + row->seconds;
    test_message_add(&message, &wrapping, &fresh);
    gk_ring_begin_event(ring);
    before = test_snapshot(ring);
    CU_ASSERT_EQUAL(gk_ring_open(ring, &rules, &message.payload, 1, &why), row->good);
    if (!row->good) {
        CU_ASSERT_STRING_EQUAL(why.code, "gtpk-life");
        CU_ASSERT_EQUAL(why.notification, GK_INVALID_KEY_INFORMATION);
    }
    CU_ASSERT_EQUAL(test_unchanged(ring, &before), !row->good);
    test_message_free(&message);
    gk_ring_free(ring);
}

static void a_gtpk_lives_no_longer_than_it_may(void)
{
    static const struct row rows[] = {
        {{INT64_MAX, GK_TIME_NEVER}, 1000000, true},
        {{60, GK_TIME_NEVER}, 60, true},
        {{60, GK_TIME_NEVER}, 59, true},
        {{60, GK_TIME_NEVER}, 61, false},
        {{INT64_MAX, 600}, 600, true},
        {{INT64_MAX, 600}, 601, false},
        {{60, 600}, 61, false},
        {{600, 60}, 61, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(&rows[i]);
}

/* Of several keys each has its own. */
static void each_key_has_its_own(void)
{
    static const uint32_t ids[] = {TEST_GTPK_ID + 1, TEST_GTPK_ID};
    static const struct gk_ring_life life[] = {{10, GK_TIME_NEVER}, {1000, GK_TIME_NEVER}};
    struct gk_ring *ring = test_sample_ring();
    struct gk_ring_rules rules = {test_group(), ids, 2, TEST_KEY_TYPE, true, life};
    struct gk_key_datum wrapping = test_held(ring, 8);
    struct gk_key_datum fresh = test_next(ring, TEST_GTPK_ID);
    struct test_message good = {0};
    struct test_message bad = {0};

    fresh.expires = fresh.created + 1000;
    test_message_add(&good, &wrapping, &fresh);
    fresh.id++;
    test_message_add(&bad, &wrapping, &fresh);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(gk_ring_open(ring, &rules, &good.payload, 1, NULL));
    CU_ASSERT_FALSE(gk_ring_open(ring, &rules, &bad.payload, 1, NULL));
    test_message_free(&good);
    test_message_free(&bad);
    gk_ring_free(ring);
}

/* The token says nothing of KEKs. */
static void keks_are_not_meant(void)
{
    static const struct gk_ring_life life = {1, 1};
    struct gk_ring *ring = test_sample_ring();
    struct gk_ring_rules rules = test_rules();
    struct gk_key_datum wrapping = test_held(ring, 8);
    struct gk_key_datum fresh = test_next(ring, 4);
    struct test_message message = {0};

    rules.life = &life;
    test_message_add(&message, &wrapping, &fresh);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(gk_ring_open(ring, &rules, &message.payload, 1, NULL));
    CU_ASSERT_EQUAL(test_held(ring, 4).handle, fresh.handle);
    test_message_free(&message);
    gk_ring_free(ring);
}

const struct test_suite suite_req_life = {
    "req-life",
    {
        {"a GTPK lives no longer than it may", a_gtpk_lives_no_longer_than_it_may},
        {"each key has its own", each_key_has_its_own},
        {"KEKs are not meant", keks_are_not_meant},
        {NULL, NULL},
    }};
