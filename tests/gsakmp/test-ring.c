/* SPDX-License-Identifier: Apache-2.0 */
/* The member's ring: what it takes from a Key Download and from Rekey Events. */
#include "tests/gsakmp/lkh-help.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/suite.h"

#define OTHER_TYPE 49153 /* AES-128-GCM */

/* --- Key Downloads ---------------------------------------------------------------------- */

/* One GTPK and a path of three KEKs, as in RFC 4535 A.3.1. */
static void sample(struct gk_key_download *download, const uint8_t *key)
{
    static const uint32_t path[] = {2, 4, 8};

    *download = (struct gk_key_download){.gtpk_count = 1, .has_array = true};
    download->gtpk[0] = (struct gk_key_datum){TEST_KEY_TYPE, TEST_GTPK_ID,    0x31313131,
                                              TEST_TIME,     TEST_TIME + 600, gk_octets(key, 32)};
    download->array.version = 1;
    download->array.member_id = 1;
    download->array.count = 3;
    for (uint32_t i = 0; i < 3; i++)
        download->array.kek[i] =
            (struct gk_key_datum){TEST_KEY_TYPE, path[i],       0x40404040 + i,
                                  TEST_TIME - i, GK_TIME_NEVER, gk_octets(key + 1 + i, 32)};
}

static const uint8_t key_octets[64] = {1, 2, 3, 5, 7, 11, 13, 17, 19, 23};

static struct gk_ring *sample_ring(void)
{
    struct gk_key_download *download = gk_alloc(1, sizeof *download);
    struct gk_ring *ring;

    sample(download, key_octets);
    ring = gk_ring_new(download, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ring);
    free(download);
    return ring;
}

static void keys_of_a_key_download_are_held(void)
{
    struct gk_ring *ring = sample_ring();
    struct gk_key_download *download = gk_alloc(1, sizeof *download);
    struct gk_key_datum datum;
    uint32_t member = 0;

    sample(download, key_octets);
    CU_ASSERT_TRUE(gk_ring_member_id(ring, &member));
    CU_ASSERT_EQUAL(member, 1);
    CU_ASSERT_TRUE(gk_ring_at(ring, 0, &datum));
    CU_ASSERT_TRUE(test_datum_equal(&datum, &download->gtpk[0]));
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_TRUE(gk_ring_find(ring, download->array.kek[i].id, &datum));
        CU_ASSERT_TRUE(test_datum_equal(&datum, &download->array.kek[i]));
    }
    CU_ASSERT_FALSE(gk_ring_at(ring, 4, &datum));
    CU_ASSERT_FALSE(gk_ring_find(ring, 9, &datum));
    CU_ASSERT_FALSE(gk_ring_find_before(ring, 2, &datum));
    CU_ASSERT_EQUAL(gk_ring_newest(ring), TEST_TIME);
    CU_ASSERT_EQUAL(gk_ring_newest_gtpk(ring), TEST_TIME);
    free(download);
    gk_ring_free(ring);
}

static void impossible_key_downloads_are_refused(void)
{
    static const char *const codes[] = {
        "gtpk-count", "key-id-twice", "key-id-range",      "key-id-range",   "rekey-version",
        "kek-type",   "key-id-twice", "rekey-array-count", "key-expiration", "key-expiration"};
    struct gk_key_download *download = gk_alloc(1, sizeof *download);

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct gk_reason why = {0};

        sample(download, key_octets);
        if (i == 1) {
            download->gtpk[1] = download->gtpk[0];
            download->gtpk_count = 2;
        }
        download->gtpk_count = i == 0 ? 0 : download->gtpk_count;
        download->gtpk[0].id = i == 2 ? 5 : download->gtpk[0].id;
        download->array.kek[1].id = i == 3 ? 0x80000009 : download->array.kek[1].id;
        download->array.version = i == 4 ? 2 : 1;
        download->array.kek[2].type = i == 5 ? 13 : TEST_KEY_TYPE;
        download->array.kek[2].id = i == 6 ? 4 : 8;
        download->array.count = i == 7 ? 0 : 3;
        download->array.kek[0].expires = i == 8 ? TEST_TIME : GK_TIME_NEVER;
        download->gtpk[0].expires = i == 9 ? TEST_TIME - 1 : TEST_TIME + 600;
        CU_ASSERT_PTR_NULL(gk_ring_new(download, &why));
        CU_ASSERT_STRING_EQUAL(why.code, codes[i]);
    }
    free(download);
}

/* --- crafted messages ---------------------------------------------------------------------- */

struct message {
    struct gk_writer data;
    struct gk_rekey_payload payload;
};

static void message_free(struct message *message)
{
    gk_writer_free(&message->data);
    *message = (struct message){0};
}

static void point(struct message *message)
{
    message->payload.type = GK_REKEY_LKH;
    message->payload.data = gk_writer_octets(&message->data);
}

/* Adds a datum with one package under a key of the ring. */
static void add_datum(struct message *message, const struct gk_key_datum *wrapping,
                      const struct gk_key_datum *package)
{
    struct gk_random random = test_random(4711);
    struct gk_writer plain = {0};
    struct gk_writer aad = {0};
    struct gk_writer *to = &message->data;
    size_t length = gk_write_reserve(to, 2);

    gk_write_u32(to, wrapping->id);
    gk_write_u32(to, wrapping->handle);
    gk_write_u16(&plain, 1);
    gk_package_write(package->id >= GK_GTPK_ID_LEAST ? GK_KDD_GTPK : GK_KDD_LKH, package, &plain);
    gk_aad_rekey(&aad, test_group(), wrapping->id, wrapping->handle);
    gk_wrap_seal(gk_wrap_find(wrapping->type), wrapping->key, &random, gk_writer_octets(&aad),
                 gk_writer_octets(&plain), to);
    gk_write_u16_at(to, length, (uint16_t)(to->size - length - 10));
    message->payload.count++;
    gk_writer_free(&plain);
    gk_writer_free(&aad);
    point(message);
}

static const uint32_t one_gtpk[] = {TEST_GTPK_ID};

static struct gk_ring_rules rules(void)
{
    return (struct gk_ring_rules){test_group(), one_gtpk, 1, TEST_KEY_TYPE, true};
}

static bool open_one(struct gk_ring *ring, const struct message *message, struct gk_reason *why)
{
    const struct gk_ring_rules allowed = rules();

    return gk_ring_open(ring, &allowed, &message->payload, 1, why);
}

static struct gk_key_datum held(const struct gk_ring *ring, uint32_t id)
{
    struct gk_key_datum datum = {0};

    CU_ASSERT_TRUE(gk_ring_find(ring, id, &datum));
    return datum;
}

/* The next version of a key that is held. */
static struct gk_key_datum next_of(const struct gk_ring *ring, uint32_t id)
{
    struct gk_key_datum datum = held(ring, id);

    datum.handle += 0x100;
    datum.created = TEST_TIME + 1;
    datum.expires = TEST_TIME + 1000;
    datum.key = gk_octets(key_octets + 20, 32);
    return datum;
}

static struct gk_secret snapshot(const struct gk_ring *ring)
{
    struct gk_writer to = {0};

    gk_ring_write(ring, &to);
    return gk_writer_take(&to);
}

static bool unchanged(const struct gk_ring *ring, struct gk_secret *before)
{
    struct gk_secret after = snapshot(ring);
    bool same = gk_octets_equal(gk_secret_octets(before), gk_secret_octets(&after));

    gk_secret_free(&after);
    gk_secret_free(before);
    return same;
}

static void a_good_datum_is_installed(void)
{
    struct gk_ring *ring = sample_ring();
    struct message message = {0};
    struct gk_key_datum old = held(ring, 4);
    struct gk_key_datum fresh[2] = {next_of(ring, 2), next_of(ring, TEST_GTPK_ID)};
    struct gk_key_datum now;

    add_datum(&message, &old, &fresh[0]);
    add_datum(&message, &old, &fresh[1]);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(open_one(ring, &message, NULL));
    now = held(ring, 2);
    CU_ASSERT_TRUE(test_datum_equal(&now, &fresh[0]));
    now = held(ring, TEST_GTPK_ID);
    CU_ASSERT_TRUE(test_datum_equal(&now, &fresh[1]));
    CU_ASSERT_TRUE(gk_ring_find_before(ring, TEST_GTPK_ID, &now));
    CU_ASSERT_EQUAL(now.handle, 0x31313131);
    CU_ASSERT_TRUE(gk_ring_brought(ring, one_gtpk, 1));
    CU_ASSERT_TRUE(gk_ring_changed(ring, 2));
    CU_ASSERT_FALSE(gk_ring_changed(ring, 8));
    /* The same again, as a resent copy would: nothing to refuse. */
    CU_ASSERT_TRUE(open_one(ring, &message, NULL));
    gk_ring_end_event(ring);
    gk_ring_begin_event(ring);
    CU_ASSERT_FALSE(gk_ring_brought(ring, one_gtpk, 1));
    CU_ASSERT_FALSE(gk_ring_changed(ring, 2));
    message_free(&message);
    gk_ring_free(ring);
}

/* A GTPK that the event repeats is brought, not changed (profile 9.8). */
static void an_unchanged_gtpk_is_brought(void)
{
    struct gk_ring *ring = sample_ring();
    struct message message = {0};
    struct gk_key_datum wrapping = held(ring, 2);
    struct gk_key_datum same = held(ring, TEST_GTPK_ID);

    add_datum(&message, &wrapping, &same);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(open_one(ring, &message, NULL));
    CU_ASSERT_TRUE(gk_ring_brought(ring, one_gtpk, 1));
    CU_ASSERT_FALSE(gk_ring_changed(ring, TEST_GTPK_ID));
    message_free(&message);
    gk_ring_free(ring);
}

static void bad_keys_are_refused(void)
{
    static const char *const codes[] = {"key-created", "kek-id",     "gtpk-id",   "kek-type",
                                        "gtpk-type",   "key-handle", "key-handle"};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct gk_ring *ring = sample_ring();
        struct gk_key_datum wrapping = held(ring, 8);
        struct gk_key_datum fresh = next_of(ring, i == 2 || i == 4 || i == 6 ? TEST_GTPK_ID : 4);
        struct gk_key_datum good = next_of(ring, 2);
        struct message message = {0};
        struct gk_reason why = {0};
        struct gk_secret before;

        if (i == 0)
            fresh.created = held(ring, 4).created - 1;
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
        add_datum(&message, &wrapping, &good);
        add_datum(&message, &wrapping, &fresh);
        gk_ring_begin_event(ring);
        before = snapshot(ring);
        CU_ASSERT_FALSE(open_one(ring, &message, &why));
        CU_ASSERT_STRING_EQUAL(why.code, codes[i]);
        CU_ASSERT_EQUAL(why.notification, GK_INVALID_KEY_INFORMATION);
        CU_ASSERT_TRUE(unchanged(ring, &before));
        message_free(&message);
        gk_ring_free(ring);
    }
}

static void equal_creation_dates_are_taken(void)
{
    struct gk_ring *ring = sample_ring();
    struct gk_key_datum wrapping = held(ring, 8);
    struct gk_key_datum fresh = next_of(ring, 4);
    struct message message = {0};

    fresh.created = held(ring, 4).created;
    add_datum(&message, &wrapping, &fresh);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(open_one(ring, &message, NULL));
    CU_ASSERT_EQUAL(held(ring, 4).handle, fresh.handle);
    message_free(&message);
    gk_ring_free(ring);
}

static void private_types_need_the_vendor_id(void)
{
    struct gk_ring *ring = sample_ring();
    struct gk_ring_rules without = rules();
    struct gk_key_datum wrapping = held(ring, 8);
    struct gk_key_datum fresh = next_of(ring, 4);
    struct message message = {0};
    struct gk_reason why = {0};

    without.vendor = false;
    add_datum(&message, &wrapping, &fresh);
    gk_ring_begin_event(ring);
    CU_ASSERT_FALSE(gk_ring_open(ring, &without, &message.payload, 1, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "key-vendor");
    CU_ASSERT_TRUE(open_one(ring, &message, NULL));
    message_free(&message);
    gk_ring_free(ring);
}

/* Every octet of a sealed datum counts; the ring stays as it was. */
static void changed_octets_are_refused(void)
{
    struct gk_ring *ring = sample_ring();
    struct gk_key_datum wrapping = held(ring, 8);
    struct gk_key_datum fresh = next_of(ring, 4);
    struct message message = {0};

    add_datum(&message, &wrapping, &fresh);
    gk_ring_begin_event(ring);
    for (size_t at = 0; at < message.data.size; at++) {
        struct gk_secret before = snapshot(ring);
        bool for_us = at < 2 || at >= 10; /* another KeyID or handle: not for this member */

        message.data.data[at] ^= 1;
        CU_ASSERT_EQUAL(open_one(ring, &message, NULL), !for_us);
        message.data.data[at] ^= 1;
        CU_ASSERT_TRUE(unchanged(ring, &before));
    }
    for (size_t size = 0; size < message.data.size; size++) {
        message.payload.data.size = size;
        CU_ASSERT_FALSE(open_one(ring, &message, NULL));
    }
    point(&message);
    for (uint16_t count = 0; count < 4; count += 2) {
        message.payload.count = count;
        CU_ASSERT_FALSE(open_one(ring, &message, NULL));
    }
    message.payload.count = 1;
    CU_ASSERT_TRUE(open_one(ring, &message, NULL));
    message_free(&message);
    gk_ring_free(ring);
}

static void data_for_others_are_passed_over(void)
{
    struct gk_ring *ring = sample_ring();
    struct gk_key_datum wrapping = held(ring, 8);
    struct gk_key_datum fresh = next_of(ring, 4);
    struct gk_key_datum gtpk = held(ring, TEST_GTPK_ID);
    struct message message = {0};
    struct gk_secret before;

    wrapping.id = 9;
    add_datum(&message, &wrapping, &fresh);
    add_datum(&message, &gtpk, &fresh); /* a GTPK is no wrapping key */
    message.data.data[message.data.size - 1] ^= 1;
    gk_ring_begin_event(ring);
    before = snapshot(ring);
    CU_ASSERT_TRUE(open_one(ring, &message, NULL));
    CU_ASSERT_TRUE(unchanged(ring, &before));
    message_free(&message);
    gk_ring_free(ring);
}

static void a_gtpk_of_the_new_token_is_added(void)
{
    static const uint32_t two[] = {TEST_GTPK_ID + 1, TEST_GTPK_ID};
    struct gk_ring *ring = sample_ring();
    struct gk_ring_rules allowed = {test_group(), two, 2, TEST_KEY_TYPE, true};
    struct gk_key_datum wrapping = held(ring, 8);
    struct gk_key_datum fresh = next_of(ring, TEST_GTPK_ID);
    struct gk_key_datum datum;
    struct message message = {0};

    fresh.id++;
    add_datum(&message, &wrapping, &fresh);
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
    message_free(&message);
    gk_ring_free(ring);
}

/* --- several messages ------------------------------------------------------------------------ */

static void data_wait_for_their_key(void)
{
    struct gk_ring *ring = sample_ring();
    struct gk_key_datum leaf = held(ring, 8);
    struct gk_key_datum kek = next_of(ring, 4);
    struct gk_key_datum gtpk = next_of(ring, TEST_GTPK_ID);
    struct message first = {0};
    struct message second = {0};

    add_datum(&first, &kek, &gtpk);
    add_datum(&second, &leaf, &kek);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(open_one(ring, &first, NULL));
    CU_ASSERT_FALSE(gk_ring_brought(ring, one_gtpk, 1));
    memset(first.data.data, 0, first.data.size); /* the ring has its own copy */
    CU_ASSERT_TRUE(open_one(ring, &second, NULL));
    CU_ASSERT_TRUE(gk_ring_brought(ring, one_gtpk, 1));
    message_free(&first);
    message_free(&second);
    gk_ring_free(ring);
}

/* What waited and is bad is dropped whole; the message that opened it stays good. */
static void a_bad_datum_that_waited_is_dropped(void)
{
    struct gk_ring *ring = sample_ring();
    struct gk_key_datum leaf = held(ring, 8);
    struct gk_key_datum kek = next_of(ring, 4);
    struct gk_key_datum gtpk = next_of(ring, TEST_GTPK_ID);
    struct gk_key_datum other = next_of(ring, 2);
    struct message first = {0};
    struct message second = {0};

    gtpk.id += 7; /* no GTPK of the token */
    add_datum(&first, &kek, &gtpk);
    add_datum(&first, &kek, &other);
    add_datum(&second, &leaf, &kek);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(open_one(ring, &first, NULL));
    CU_ASSERT_TRUE(open_one(ring, &second, NULL));
    CU_ASSERT_EQUAL(held(ring, 4).handle, kek.handle);
    CU_ASSERT_EQUAL(held(ring, 2).handle, other.handle);
    CU_ASSERT_FALSE(gk_ring_find(ring, gtpk.id, &gtpk));
    message_free(&first);
    message_free(&second);
    gk_ring_free(ring);
}

static void waiting_data_are_bounded(void)
{
    struct gk_ring *ring = sample_ring();
    struct gk_key_datum unknown = next_of(ring, 4);
    struct gk_key_datum gtpk = next_of(ring, TEST_GTPK_ID);
    struct message message = {0};
    struct gk_reason why = {0};

    add_datum(&message, &unknown, &gtpk);
    gk_ring_begin_event(ring);
    for (unsigned i = 0; i < GK_RING_WAITING; i++)
        CU_ASSERT_TRUE(open_one(ring, &message, NULL));
    CU_ASSERT_FALSE(open_one(ring, &message, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "rekey-data-many");
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(open_one(ring, &message, NULL));
    message_free(&message);
    for (unsigned i = 0; i < 3 * GK_RING_WAITING; i++)
        add_datum(&message, &unknown, &gtpk);
    CU_ASSERT_FALSE(open_one(ring, &message, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "rekey-data-many");
    message_free(&message);
    gk_ring_free(ring);
}

/* Profile 9.6: with every key version held when the event began; 9.8: also after its end. */
static void old_versions_open_until_the_next_event(void)
{
    struct gk_ring *ring = sample_ring();
    struct gk_key_datum leaf = held(ring, 8);
    struct gk_key_datum kek = next_of(ring, 4);
    struct gk_key_datum gtpk = next_of(ring, TEST_GTPK_ID);
    uint8_t octets[32];
    struct gk_key_datum old = held(ring, 4);
    struct message first = {0};
    struct message second = {0};

    memcpy(octets, old.key.data, sizeof octets);
    old.key.data = octets;
    add_datum(&first, &leaf, &kek);
    add_datum(&second, &old, &gtpk);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(open_one(ring, &first, NULL));
    gk_ring_end_event(ring);
    CU_ASSERT_TRUE(open_one(ring, &second, NULL));
    CU_ASSERT_TRUE(gk_ring_brought(ring, one_gtpk, 1));
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(open_one(ring, &second, NULL));
    CU_ASSERT_FALSE(gk_ring_brought(ring, one_gtpk, 1));
    message_free(&first);
    message_free(&second);
    gk_ring_free(ring);
}

static void several_payloads_are_one_message(void)
{
    struct gk_ring *ring = sample_ring();
    const struct gk_ring_rules allowed = rules();
    struct gk_key_datum leaf = held(ring, 8);
    struct gk_key_datum kek = next_of(ring, 4);
    struct gk_key_datum gtpk = next_of(ring, TEST_GTPK_ID);
    struct message part[2] = {0};
    struct gk_rekey_payload payload[2];
    struct gk_secret before;

    add_datum(&part[0], &kek, &gtpk);
    add_datum(&part[1], &leaf, &kek);
    payload[0] = part[0].payload;
    payload[1] = part[1].payload;
    gk_ring_begin_event(ring);
    before = snapshot(ring);
    part[0].data.data[20] ^= 1;
    CU_ASSERT_FALSE(gk_ring_open(ring, &allowed, payload, 2, NULL));
    CU_ASSERT_TRUE(unchanged(ring, &before));
    part[0].data.data[20] ^= 1;
    CU_ASSERT_TRUE(gk_ring_open(ring, &allowed, payload, 2, NULL));
    CU_ASSERT_TRUE(gk_ring_brought(ring, one_gtpk, 1));
    message_free(&part[0]);
    message_free(&part[1]);
    gk_ring_free(ring);
}

static void permute(struct gk_ring *start, struct test_event *event, size_t *order, size_t count,
                    const struct gk_lkh *lkh, const struct gk_key_datum *gtpk)
{
    if (count == event->count) {
        struct gk_secret record = snapshot(start);
        struct gk_ring *ring = gk_ring_read(gk_secret_octets(&record), NULL);
        const struct gk_ring_rules allowed = rules();

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
    struct gk_ring *with = sample_ring();
    struct gk_key_datum leaf = held(with, 8);
    struct gk_key_datum gtpk = next_of(with, TEST_GTPK_ID);
    struct message message = {0};
    struct gk_ring *ring;
    uint32_t member;

    sample(download, key_octets);
    download->has_array = false;
    ring = gk_ring_new(download, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ring);
    CU_ASSERT_FALSE(gk_ring_member_id(ring, &member));
    add_datum(&message, &leaf, &gtpk);
    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(open_one(ring, &message, NULL));
    CU_ASSERT_FALSE(gk_ring_brought(ring, one_gtpk, 1));
    message_free(&message);
    free(download);
    gk_ring_free(ring);
    gk_ring_free(with);
}

/* --- records ---------------------------------------------------------------------------------- */

static void records_return(void)
{
    struct gk_ring *ring = sample_ring();
    struct gk_secret record = snapshot(ring);
    struct gk_ring *again = gk_ring_read(gk_secret_octets(&record), NULL);
    struct gk_secret copy = snapshot(ring);
    uint32_t member = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(again);
    CU_ASSERT_TRUE(unchanged(again, &copy));
    CU_ASSERT_TRUE(gk_ring_member_id(again, &member));
    CU_ASSERT_EQUAL(member, 1);
    gk_secret_free(&record);
    gk_ring_free(again);
    gk_ring_free(ring);
}

static void foreign_records_are_judged(void)
{
    struct gk_ring *ring = sample_ring();
    struct gk_secret record = snapshot(ring);

    for (size_t size = 0; size < record.size; size++) {
        struct gk_secret cut = gk_secret_copy(gk_octets(record.data, size));
        struct gk_reason why = {0};

        CU_ASSERT_PTR_NULL(gk_ring_read(gk_secret_octets(&cut), &why));
        CU_ASSERT_PTR_NOT_NULL(why.code);
        gk_secret_free(&cut);
    }
    for (size_t at = 0; at < record.size; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct gk_reason why = {0};
            struct gk_ring *other;

            record.data[at] ^= (uint8_t)(1u << bit);
            other = gk_ring_read(gk_secret_octets(&record), &why);
            CU_ASSERT_TRUE(other || why.code);
            CU_ASSERT_TRUE(!other || (at != 0 && at != 1 && at != 6 && at != 7));
            gk_ring_free(other);
            record.data[at] ^= (uint8_t)(1u << bit);
        }
    }
    gk_secret_free(&record);
    gk_ring_free(ring);
}

const struct test_suite suite_ring = {
    "ring",
    {
        {"keys of a Key Download are held", keys_of_a_key_download_are_held},
        {"impossible Key Downloads are refused", impossible_key_downloads_are_refused},
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
        {"records return", records_return},
        {"foreign records are judged", foreign_records_are_judged},
        {NULL, NULL},
    }};
