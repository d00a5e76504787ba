/* SPDX-License-Identifier: Apache-2.0 */
/* The member's ring: what it takes from Rekey Events (RFC 4535 7.5.2, profile 9.6). */
#include "tests/gsakmp/ring-help.h"

#include <stdlib.h>
#include <string.h>

#define OTHER_TYPE 49153 /* AES-128-GCM */

/* --- one message -------------------------------------------------------------------------- */

static void a_good_datum_is_installed(void)
{
    struct gk_ring *ring = test_sample_ring();
    struct test_message message = {0};
    struct gk_key_datum old = test_held(ring, 4);
    struct gk_key_datum fresh[2] = {test_next(ring, 2), test_next(ring, TEST_GTPK_ID)};
    struct gk_key_datum now;

    test_message_add(&message, &old, &fresh[0]);
    test_message_add(&message, &old, &fresh[1]);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(test_open(ring, &message, NULL));
    now = test_held(ring, 2);
    CU_ASSERT_TRUE(test_datum_equal(&now, &fresh[0]));
    now = test_held(ring, TEST_GTPK_ID);
    CU_ASSERT_TRUE(test_datum_equal(&now, &fresh[1]));
    CU_ASSERT_TRUE(gk_ring_find_before(ring, TEST_GTPK_ID, &now));
    CU_ASSERT_EQUAL(now.handle, 0x31313131);
    CU_ASSERT_TRUE(gk_ring_brought(ring, test_one_gtpk, 1));
    CU_ASSERT_TRUE(gk_ring_changed(ring, 2));
    CU_ASSERT_FALSE(gk_ring_changed(ring, 8));
    /* The same again, as a resent copy would: nothing to refuse. */
    CU_ASSERT_TRUE(test_open(ring, &message, NULL));
    gk_ring_end_event(ring);
    gk_ring_begin_event(ring);
    CU_ASSERT_FALSE(gk_ring_brought(ring, test_one_gtpk, 1));
    CU_ASSERT_FALSE(gk_ring_changed(ring, 2));
    test_message_free(&message);
    gk_ring_free(ring);
}

/* A GTPK that the event repeats is brought, not changed (profile 9.8). */
static void an_unchanged_gtpk_is_brought(void)
{
    struct gk_ring *ring = test_sample_ring();
    struct test_message message = {0};
    struct gk_key_datum wrapping = test_held(ring, 2);
    struct gk_key_datum same = test_held(ring, TEST_GTPK_ID);

    test_message_add(&message, &wrapping, &same);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(test_open(ring, &message, NULL));
    CU_ASSERT_TRUE(gk_ring_brought(ring, test_one_gtpk, 1));
    CU_ASSERT_FALSE(gk_ring_changed(ring, TEST_GTPK_ID));
    test_message_free(&message);
    gk_ring_free(ring);
}

static void bad_keys_are_refused(void)
{
    static const char *const codes[] = {"key-created", "kek-id",     "gtpk-id",   "kek-type",
                                        "gtpk-type",   "key-handle", "key-handle"};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct gk_ring *ring = test_sample_ring();
        struct gk_key_datum wrapping = test_held(ring, 8);
        struct gk_key_datum fresh = test_next(ring, i == 2 || i == 4 || i == 6 ? TEST_GTPK_ID : 4);
        struct gk_key_datum good = test_next(ring, 2);
        struct test_message message = {0};
        struct gk_reason why = {0};
        struct gk_secret before;

        if (i == 0)
            fresh.created = test_held(ring, 4).created - 1;
        if (i == 1)
            fresh.id = 5;
        if (i == 2)
            fresh.id++;
        if (i == 3 || i == 4) {
            fresh.type = OTHER_TYPE;
            fresh.key.size = 16;
        }
        if (i >= 5)
            fresh.handle -= 0x100;
        test_message_add(&message, &wrapping, &good);
        test_message_add(&message, &wrapping, &fresh);
        gk_ring_begin_event(ring);
        before = test_snapshot(ring);
        CU_ASSERT_FALSE(test_open(ring, &message, &why));
        CU_ASSERT_STRING_EQUAL(why.code, codes[i]);
        CU_ASSERT_EQUAL(why.notification, GK_INVALID_KEY_INFORMATION);
        CU_ASSERT_TRUE(test_unchanged(ring, &before));
        test_message_free(&message);
        gk_ring_free(ring);
    }
}

static void equal_creation_dates_are_taken(void)
{
    struct gk_ring *ring = test_sample_ring();
    struct gk_key_datum wrapping = test_held(ring, 8);
    struct gk_key_datum fresh = test_next(ring, 4);
    struct test_message message = {0};

    fresh.created = test_held(ring, 4).created;
    test_message_add(&message, &wrapping, &fresh);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(test_open(ring, &message, NULL));
    CU_ASSERT_EQUAL(test_held(ring, 4).handle, fresh.handle);
    test_message_free(&message);
    gk_ring_free(ring);
}

static void private_types_need_the_vendor_id(void)
{
    struct gk_ring *ring = test_sample_ring();
    struct gk_ring_rules without = test_rules();
    struct gk_key_datum wrapping = test_held(ring, 8);
    struct gk_key_datum fresh = test_next(ring, 4);
    struct test_message message = {0};
    struct gk_reason why = {0};

    without.vendor = false;
    test_message_add(&message, &wrapping, &fresh);
    gk_ring_begin_event(ring);
    CU_ASSERT_FALSE(gk_ring_open(ring, &without, &message.payload, 1, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "key-vendor");
    CU_ASSERT_TRUE(test_open(ring, &message, NULL));
    test_message_free(&message);
    gk_ring_free(ring);
}

/* Every octet of a sealed datum counts; the ring stays as it was. */
static void changed_octets_are_refused(void)
{
    struct gk_ring *ring = test_sample_ring();
    struct gk_key_datum wrapping = test_held(ring, 8);
    struct gk_key_datum fresh = test_next(ring, 4);
    struct test_message message = {0};

    test_message_add(&message, &wrapping, &fresh);
    gk_ring_begin_event(ring);
    for (size_t at = 0; at < message.data.size; at++) {
        struct gk_secret before = test_snapshot(ring);
        bool for_us = at < 2 || at >= 10; /* another KeyID or handle: not for this member */

        message.data.data[at] ^= 1;
        CU_ASSERT_EQUAL(test_open(ring, &message, NULL), !for_us);
        message.data.data[at] ^= 1;
        CU_ASSERT_TRUE(test_unchanged(ring, &before));
    }
    for (size_t size = 0; size < message.data.size; size++) {
        message.payload.data.size = size;
        CU_ASSERT_FALSE(test_open(ring, &message, NULL));
    }
    test_message_point(&message);
    for (uint16_t count = 0; count < 4; count += 2) {
        message.payload.count = count;
        CU_ASSERT_FALSE(test_open(ring, &message, NULL));
    }
    message.payload.count = 1;
    CU_ASSERT_TRUE(test_open(ring, &message, NULL));
    test_message_free(&message);
    gk_ring_free(ring);
}

static void data_for_others_are_passed_over(void)
{
    struct gk_ring *ring = test_sample_ring();
    struct gk_key_datum wrapping = test_held(ring, 8);
    struct gk_key_datum fresh = test_next(ring, 4);
    struct gk_key_datum gtpk = test_held(ring, TEST_GTPK_ID);
    struct test_message message = {0};
    struct gk_secret before;

    wrapping.id = 9;
    test_message_add(&message, &wrapping, &fresh);
    test_message_add(&message, &gtpk, &fresh); /* a GTPK is no wrapping key */
    message.data.data[message.data.size - 1] ^= 1;
    gk_ring_begin_event(ring);
    before = test_snapshot(ring);
    CU_ASSERT_TRUE(test_open(ring, &message, NULL));
    CU_ASSERT_TRUE(test_unchanged(ring, &before));
    test_message_free(&message);
    gk_ring_free(ring);
}

static void a_gtpk_of_the_new_token_is_added(void)
{
    static const uint32_t two[] = {TEST_GTPK_ID + 1, TEST_GTPK_ID};
    struct gk_ring *ring = test_sample_ring();
    struct gk_ring_rules allowed = {test_group(), two, 2, TEST_KEY_TYPE, true, NULL};
    struct gk_key_datum wrapping = test_held(ring, 8);
    struct gk_key_datum fresh = test_next(ring, TEST_GTPK_ID);
    struct gk_key_datum datum;
    struct test_message message = {0};

    fresh.id++;
    test_message_add(&message, &wrapping, &fresh);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(gk_ring_open(ring, &allowed, &message.payload, 1, NULL));
    CU_ASSERT_FALSE(gk_ring_brought(ring, two, 2));
    CU_ASSERT_TRUE(gk_ring_brought(ring, two, 1));
    CU_ASSERT_TRUE(gk_ring_changed(ring, two[0]));
    CU_ASSERT_TRUE(gk_ring_at(ring, 1, &datum)); /* before the KEKs */
    CU_ASSERT_TRUE(test_datum_equal(&datum, &fresh));
    gk_ring_keep(ring, two, 1);
    CU_ASSERT_FALSE(gk_ring_find(ring, TEST_GTPK_ID, &datum));
    CU_ASSERT_TRUE(gk_ring_find(ring, 2, &datum));
    CU_ASSERT_TRUE(gk_ring_at(ring, 3, &datum));
    CU_ASSERT_FALSE(gk_ring_at(ring, 4, &datum));
    test_message_free(&message);
    gk_ring_free(ring);
}

/* --- several messages ------------------------------------------------------------------------ */

static void data_wait_for_their_key(void)
{
    struct gk_ring *ring = test_sample_ring();
    struct gk_key_datum leaf = test_held(ring, 8);
    struct gk_key_datum kek = test_next(ring, 4);
    struct gk_key_datum gtpk = test_next(ring, TEST_GTPK_ID);
    struct test_message first = {0};
    struct test_message second = {0};

    test_message_add(&first, &kek, &gtpk);
    test_message_add(&second, &leaf, &kek);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(test_open(ring, &first, NULL));
    CU_ASSERT_FALSE(gk_ring_brought(ring, test_one_gtpk, 1));
    memset(first.data.data, 0, first.data.size); /* the ring has its own copy */
    CU_ASSERT_TRUE(test_open(ring, &second, NULL));
    CU_ASSERT_TRUE(gk_ring_brought(ring, test_one_gtpk, 1));
    test_message_free(&first);
    test_message_free(&second);
    gk_ring_free(ring);
}

/* What waited and is bad is dropped whole; the message that opened it stays good. */
static void a_bad_datum_that_waited_is_dropped(void)
{
    struct gk_ring *ring = test_sample_ring();
    struct gk_key_datum leaf = test_held(ring, 8);
    struct gk_key_datum kek = test_next(ring, 4);
    struct gk_key_datum gtpk = test_next(ring, TEST_GTPK_ID);
    struct gk_key_datum other = test_next(ring, 2);
    struct test_message first = {0};
    struct test_message second = {0};

    gtpk.id += 7; /* no GTPK of the token */
    test_message_add(&first, &kek, &gtpk);
    test_message_add(&first, &kek, &other);
    test_message_add(&second, &leaf, &kek);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(test_open(ring, &first, NULL));
    CU_ASSERT_TRUE(test_open(ring, &second, NULL));
    CU_ASSERT_EQUAL(test_held(ring, 4).handle, kek.handle);
    CU_ASSERT_EQUAL(test_held(ring, 2).handle, other.handle);
    CU_ASSERT_FALSE(gk_ring_find(ring, gtpk.id, &gtpk));
    test_message_free(&first);
    test_message_free(&second);
    gk_ring_free(ring);
}

static void waiting_data_are_bounded(void)
{
    struct gk_ring *ring = test_sample_ring();
    struct gk_key_datum unknown = test_next(ring, 4);
    struct gk_key_datum gtpk = test_next(ring, TEST_GTPK_ID);
    struct test_message message = {0};
    struct gk_reason why = {0};

    test_message_add(&message, &unknown, &gtpk);
    gk_ring_begin_event(ring);
    for (unsigned i = 0; i < GK_RING_WAITING; i++)
        CU_ASSERT_TRUE(test_open(ring, &message, NULL));
    CU_ASSERT_FALSE(test_open(ring, &message, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "rekey-data-many");
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(test_open(ring, &message, NULL));
    test_message_free(&message);
    for (unsigned i = 0; i < 3 * GK_RING_WAITING; i++)
        test_message_add(&message, &unknown, &gtpk);
    CU_ASSERT_FALSE(test_open(ring, &message, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "rekey-data-many");
    test_message_free(&message);
    gk_ring_free(ring);
}

/* Profile 9.6: with every key version held when the event began; 9.8: also after its end. */
static void old_versions_open_until_the_next_event(void)
{
    struct gk_ring *ring = test_sample_ring();
    struct gk_key_datum leaf = test_held(ring, 8);
    struct gk_key_datum kek = test_next(ring, 4);
    struct gk_key_datum gtpk = test_next(ring, TEST_GTPK_ID);
    uint8_t octets[32];
    struct gk_key_datum old = test_held(ring, 4);
    struct test_message first = {0};
    struct test_message second = {0};

    memcpy(octets, old.key.data, sizeof octets);
    old.key.data = octets;
    test_message_add(&first, &leaf, &kek);
    test_message_add(&second, &old, &gtpk);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(test_open(ring, &first, NULL));
    gk_ring_end_event(ring);
    CU_ASSERT_TRUE(test_open(ring, &second, NULL));
    CU_ASSERT_TRUE(gk_ring_brought(ring, test_one_gtpk, 1));
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(test_open(ring, &second, NULL));
    CU_ASSERT_FALSE(gk_ring_brought(ring, test_one_gtpk, 1));
    test_message_free(&first);
    test_message_free(&second);
    gk_ring_free(ring);
}

static void several_payloads_are_one_message(void)
{
    struct gk_ring *ring = test_sample_ring();
    const struct gk_ring_rules allowed = test_rules();
    struct gk_key_datum leaf = test_held(ring, 8);
    struct gk_key_datum kek = test_next(ring, 4);
    struct gk_key_datum gtpk = test_next(ring, TEST_GTPK_ID);
    struct test_message part[2] = {0};
    struct gk_rekey_payload payload[2];
    struct gk_secret before;

    test_message_add(&part[0], &kek, &gtpk);
    test_message_add(&part[1], &leaf, &kek);
    payload[0] = part[0].payload;
    payload[1] = part[1].payload;
    gk_ring_begin_event(ring);
    before = test_snapshot(ring);
    part[0].data.data[20] ^= 1;
    CU_ASSERT_FALSE(gk_ring_open(ring, &allowed, payload, 2, NULL));
    CU_ASSERT_TRUE(test_unchanged(ring, &before));
    part[0].data.data[20] ^= 1;
    CU_ASSERT_TRUE(gk_ring_open(ring, &allowed, payload, 2, NULL));
    CU_ASSERT_TRUE(gk_ring_brought(ring, test_one_gtpk, 1));
    test_message_free(&part[0]);
    test_message_free(&part[1]);
    gk_ring_free(ring);
}

static void permute(struct gk_ring *start, struct test_event *event, size_t *order, size_t count,
                    const struct gk_lkh *lkh, const struct gk_key_datum *gtpk)
{
    if (count == event->count) {
        struct gk_secret record = test_snapshot(start);
        struct gk_ring *ring = gk_ring_read(gk_secret_octets(&record), NULL);
        const struct gk_ring_rules allowed = test_rules();

        CU_ASSERT_PTR_NOT_NULL_FATAL(ring);
        gk_ring_begin_event(ring);
        for (size_t i = 0; i < count; i++)
            CU_ASSERT_TRUE(gk_ring_open(ring, &allowed, &event->payload[order[i]], 1, NULL));
        gk_ring_end_event(ring);
        CU_ASSERT_TRUE(test_ring_current(ring, lkh, 5, gtpk, 1));
        gk_ring_free(ring);
        gk_secret_free(&record);
        return;
    }
    for (size_t next = 0; next < event->count; next++) {
        bool used = false;

        for (size_t i = 0; i < count; i++)
            used |= order[i] == next;
        order[count] = next;
        if (!used)
            permute(start, event, order, count + 1, lkh, gtpk);
    }
}

/* RFC 4535 figure 30, pair by pair, a message each: all 120 orders. */
static void any_order_of_messages_will_do(void)
{
    struct gk_lkh *lkh = test_tree(2, 8, 80);
    struct gk_random random = test_random(81);
    struct test_gtpk gtpk;
    struct gk_lkh_order order;
    struct test_event *event;
    struct gk_ring *ring;
    size_t places[8];
    uint32_t member;

    for (unsigned i = 0; i < 8; i++)
        CU_ASSERT_TRUE(gk_lkh_join(lkh, TEST_TIME, &member, NULL));
    test_gtpk_make(&gtpk, TEST_GTPK_ID, TEST_TIME, &random);
    ring = test_ring(lkh, 5, &gtpk.datum, 1);
    CU_ASSERT_TRUE(gk_lkh_remove(lkh, 6));
    test_gtpk_make(&gtpk, TEST_GTPK_ID, TEST_TIME + 1, &random);
    order = test_order(&gtpk.datum, 1, TEST_TIME + 1, GK_LKH_PAIR_BY_PAIR);
    event = test_event_run(lkh, &order, 1);
    CU_ASSERT_EQUAL_FATAL(event->count, 5);
    permute(ring, event, places, 0, lkh, &gtpk.datum);
    gk_ring_free(ring);
    test_event_free(event);
    gk_lkh_free(lkh);
}

static void without_an_array_nothing_opens(void)
{
    struct gk_key_download *download = gk_alloc(1, sizeof *download);
    struct gk_ring *with = test_sample_ring();
    struct gk_key_datum leaf = test_held(with, 8);
    struct gk_key_datum gtpk = test_next(with, TEST_GTPK_ID);
    struct test_message message = {0};
    struct gk_ring *ring;
    uint32_t member;

    test_sample(download, test_ring_key);
    download->has_array = false;
    ring = gk_ring_new(download, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ring);
    CU_ASSERT_FALSE(gk_ring_member_id(ring, &member));
    test_message_add(&message, &leaf, &gtpk);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(test_open(ring, &message, NULL));
    CU_ASSERT_FALSE(gk_ring_brought(ring, test_one_gtpk, 1));
    test_message_free(&message);
    free(download);
    gk_ring_free(ring);
    gk_ring_free(with);
}

const struct test_suite suite_ring_event = {
    "ring-event",
    {
        {"a good datum is installed", a_good_datum_is_installed},
        {"an unchanged GTPK is brought", an_unchanged_gtpk_is_brought},
        {"bad keys are refused", bad_keys_are_refused},
        {"equal creation dates are taken", equal_creation_dates_are_taken},
        {"private types need the Vendor ID", private_types_need_the_vendor_id},
        {"changed octets are refused", changed_octets_are_refused},
        {"data for others are passed over", data_for_others_are_passed_over},
        {"a GTPK of the new token is added", a_gtpk_of_the_new_token_is_added},
        {"data wait for their key", data_wait_for_their_key},
        {"a bad datum that waited is dropped", a_bad_datum_that_waited_is_dropped},
        {"waiting data are bounded", waiting_data_are_bounded},
        {"old versions open until the next event", old_versions_open_until_the_next_event},
        {"several payloads are one message", several_payloads_are_one_message},
        {"any order of messages will do", any_order_of_messages_will_do},
        {"without an array nothing opens", without_an_array_nothing_opens},
        {NULL, NULL},
    }};
