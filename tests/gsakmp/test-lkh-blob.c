/* SPDX-License-Identifier: Apache-2.0 */
/* The tree's records: a restart changes nothing, a changed record is refused. */
#include "tests/gsakmp/lkh-help.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/lkh-internal.h"

/* A store: blobs by number, in no order. */
#define STORE 512
struct store {
    size_t count;
    uint32_t number[STORE];
    struct gk_secret blob[STORE];
};

static void store_put(struct store *store, uint32_t number, struct gk_secret blob, bool gone)
{
    size_t i = 0;

    while (i < store->count && store->number[i] != number)
        i++;
    if (i == store->count) {
        CU_ASSERT_TRUE_FATAL(store->count < STORE);
        store->number[store->count++] = number;
    }
    gk_secret_free(&store->blob[i]);
    store->blob[i] = blob;
    if (gone) {
        store->count--;
        store->number[i] = store->number[store->count];
        store->blob[i] = store->blob[store->count];
        store->blob[store->count] = (struct gk_secret){NULL, 0};
    }
}

static size_t store_save(struct store *store, struct gk_lkh *lkh)
{
    struct gk_secret blob;
    uint32_t number;
    size_t saved = 0;
    bool gone;

    for (; gk_lkh_dirty(lkh, &number, &blob, &gone); saved++)
        store_put(store, number, blob, gone);
    return saved;
}

static void store_free(struct store *store)
{
    while (store->count)
        gk_secret_free(&store->blob[--store->count]);
}

/* Loads all but the `without`-th record. */
static struct gk_lkh *store_load(const struct store *store, size_t without,
                                 const struct gk_random *random, struct gk_reason *why)
{
    struct gk_lkh_blob blobs[STORE];
    size_t count = 0;

    for (size_t i = 0; i < store->count; i++) {
        if (i != without)
            blobs[count++] =
                (struct gk_lkh_blob){store->number[i], gk_secret_octets(&store->blob[i])};
    }
    return gk_lkh_load(blobs, count, random, why);
}

static bool same_arrays(const struct gk_lkh *a, const struct gk_lkh *b)
{
    struct gk_rekey_array left;
    struct gk_rekey_array right;

    for (uint32_t member = 1; member <= gk_lkh_capacity(a); member++) {
        bool held = gk_lkh_array(a, member, &left);

        if (held != gk_lkh_array(b, member, &right))
            return false;
        for (size_t i = 0; held && i < left.count; i++) {
            if (!test_datum_equal(&left.kek[i], &right.kek[i]))
                return false;
        }
    }
    return true;
}

static bool same(const struct gk_lkh *a, const struct gk_lkh *b)
{
    return gk_lkh_depth(a) == gk_lkh_depth(b) && gk_lkh_members(a) == gk_lkh_members(b) &&
           gk_lkh_going(a) == gk_lkh_going(b) && gk_lkh_newest(a) == gk_lkh_newest(b) &&
           gk_lkh_capacity(a) == gk_lkh_capacity(b) && same_arrays(a, b);
}

struct pair {
    struct gk_lkh *lkh[2];
    struct gk_random random[2];
    struct gk_random dice;
    gk_time now;
};

static bool both_join(struct pair *pair)
{
    uint32_t member[2] = {0, 0};
    bool good[2];

    for (unsigned i = 0; i < 2; i++)
        good[i] = gk_lkh_join(pair->lkh[i], pair->now, &member[i], NULL);
    return good[0] == good[1] && member[0] == member[1];
}

static bool both_rekey(struct pair *pair)
{
    struct gk_random random = test_random(7);
    struct test_gtpk gtpk;
    struct gk_lkh_order order;
    struct test_event *event[2];
    bool good;

    test_gtpk_make(&gtpk, TEST_GTPK_ID, ++pair->now, &random);
    order = test_order(&gtpk.datum, 1, pair->now, gk_random_u32(&pair->dice) % 3);
    order.limit = 1000;
    for (unsigned i = 0; i < 2; i++)
        event[i] = test_event_run(pair->lkh[i], &order, SIZE_MAX);
    good = gk_octets_equal(gk_writer_octets(event[0]->data), gk_writer_octets(event[1]->data));
    for (unsigned i = 0; i < 2; i++)
        test_event_free(event[i]);
    return good;
}

static bool both_remove(struct pair *pair, bool back)
{
    uint32_t member = 1 + gk_random_u32(&pair->dice) % gk_lkh_capacity(pair->lkh[0]);
    bool good[2];

    for (unsigned i = 0; i < 2; i++)
        good[i] = back ? gk_lkh_restore(pair->lkh[i], member) : gk_lkh_remove(pair->lkh[i], member);
    return good[0] == good[1];
}

static bool both_step(struct pair *pair)
{
    uint32_t roll = gk_random_u32(&pair->dice) % 20;

    pair->now += gk_random_u32(&pair->dice) % 3;
    if (roll < 11)
        return both_join(pair);
    if (roll < 17)
        return both_remove(pair, false);
    return roll < 18 ? both_remove(pair, true) : both_rekey(pair);
}

static void run_with_restarts(unsigned degree, uint32_t capacity)
{
    struct store *store = gk_alloc(1, sizeof *store);
    struct pair pair = {.dice = test_random(degree), .now = TEST_TIME};
    struct gk_reason why = {0};

    pair.random[0] = test_random(60);
    pair.lkh[0] = test_tree(degree, capacity, 61);
    for (unsigned round = 0; round < 12; round++) {
        (void)store_save(store, pair.lkh[0]);
        CU_ASSERT_EQUAL(store_save(store, pair.lkh[0]), 0);
        for (unsigned i = 0; i < 2; i++)
            pair.random[i] = test_random(1000 + round);
        pair.lkh[0]->random = &pair.random[0];
        pair.lkh[1] = store_load(store, SIZE_MAX, &pair.random[1], &why);
        CU_ASSERT_PTR_NOT_NULL_FATAL(pair.lkh[1]);
        CU_ASSERT_EQUAL(store_save(store, pair.lkh[1]), 0);
        CU_ASSERT_TRUE(same(pair.lkh[0], pair.lkh[1]));
        for (unsigned step = 0; step < 40; step++)
            CU_ASSERT_TRUE(both_step(&pair));
        CU_ASSERT_TRUE(same(pair.lkh[0], pair.lkh[1]));
        gk_lkh_free(pair.lkh[1]);
    }
    CU_ASSERT_TRUE(gk_lkh_members(pair.lkh[0]) > 10);
    gk_lkh_free(pair.lkh[0]);
    store_free(store);
    free(store);
}

static void a_restart_changes_nothing(void)
{
    run_with_restarts(2, 64);
    run_with_restarts(2, 1024); /* two bands */
    run_with_restarts(3, 243);
    run_with_restarts(4, 256);
    run_with_restarts(7, 49);
    run_with_restarts(16, 256);
}

/* 300 members in a tree of degree 2 and depth 10: blobs of two bands; some leaves go. */
static void fill(struct store *store, struct gk_lkh *lkh)
{
    uint32_t member;

    for (unsigned i = 0; i < 300; i++)
        CU_ASSERT_TRUE(gk_lkh_join(lkh, TEST_TIME, &member, NULL));
    CU_ASSERT_TRUE(gk_lkh_remove(lkh, 7) && gk_lkh_remove(lkh, 299));
    (void)store_save(store, lkh);
}

static void only_touched_blobs_are_dirty(void)
{
    struct store *store = gk_alloc(1, sizeof *store);
    struct gk_lkh *lkh = test_tree(2, 1024, 62);
    uint32_t member;

    fill(store, lkh);
    CU_ASSERT_TRUE(store->count > 3);
    CU_ASSERT_TRUE(gk_lkh_join(lkh, TEST_TIME, &member, NULL));
    CU_ASSERT_EQUAL(store_save(store, lkh), 1);
    CU_ASSERT_TRUE(gk_lkh_remove(lkh, 3));
    CU_ASSERT_EQUAL(store_save(store, lkh), 1);
    gk_lkh_free(lkh);
    store_free(store);
    free(store);
}

static void a_missing_record_is_refused(void)
{
    struct store *store = gk_alloc(1, sizeof *store);
    struct gk_lkh *lkh = test_tree(2, 1024, 63);
    struct gk_random random = test_random(64);
    struct gk_reason why;

    fill(store, lkh);
    for (size_t i = 0; i < store->count; i++) {
        why = (struct gk_reason){0};
        CU_ASSERT_PTR_NULL(store_load(store, i, &random, &why));
        CU_ASSERT_STRING_EQUAL(why.code, "lkh-blob-missing");
    }
    /* And one that comes twice. */
    store->number[store->count] = store->number[1];
    store->blob[store->count++] = store->blob[1];
    CU_ASSERT_PTR_NULL(store_load(store, SIZE_MAX, &random, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "lkh-blob-twice");
    store->blob[--store->count] = (struct gk_secret){NULL, 0};
    gk_lkh_free(lkh);
    store_free(store);
    free(store);
}

static bool loads(const struct store *store, const struct gk_random *random)
{
    struct gk_reason why = {0};
    struct gk_lkh *lkh = store_load(store, SIZE_MAX, random, &why);

    if (!lkh && !why.code)
        CU_FAIL("refused without a reason");
    gk_lkh_free(lkh);
    return lkh;
}

/* Every cut is refused, and every longer record. */
static void cut_records_are_refused(void)
{
    struct store *store = gk_alloc(1, sizeof *store);
    struct gk_lkh *lkh = test_tree(3, 27, 65);
    struct gk_random random = test_random(66);
    uint32_t member;

    for (unsigned i = 0; i < 11; i++)
        CU_ASSERT_TRUE(gk_lkh_join(lkh, TEST_TIME, &member, NULL));
    (void)store_save(store, lkh);
    CU_ASSERT_TRUE(loads(store, &random));
    for (size_t i = 0; i < store->count; i++) {
        struct gk_secret whole = store->blob[i];
        struct gk_secret longer = gk_secret_new(whole.size + 1);

        memcpy(longer.data, whole.data, whole.size);
        store->blob[i] = longer;
        CU_ASSERT_FALSE(loads(store, &random));
        gk_secret_free(&longer);
        for (size_t size = 0; size < whole.size; size++) {
            struct gk_secret cut = gk_secret_copy(gk_octets(whole.data, size));

            store->blob[i] = cut;
            CU_ASSERT_FALSE(loads(store, &random));
            gk_secret_free(&cut);
        }
        store->blob[i] = whole;
    }
    gk_lkh_free(lkh);
    store_free(store);
    free(store);
}

/* A node's octets: KeyID 4, handle 4, date 8, state 2, key 32. All but key, the date's low
 * octets (another time) and a leaf's state (1 and 2 are both known) is bound to be refused. */
static bool may_differ(size_t offset, uint8_t flip)
{
    size_t in_node = (offset - 3) % 50;

    return in_node >= 18 || (in_node >= 11 && in_node < 16) || (in_node == 17 && flip == 3);
}

static void changed_records_are_refused(void)
{
    static const uint8_t flips[] = {1, 3, 0x80, 0xff};
    struct store *store = gk_alloc(1, sizeof *store);
    struct gk_lkh *lkh = test_tree(3, 27, 65);
    struct gk_random random = test_random(66);
    uint32_t member;

    for (unsigned i = 0; i < 11; i++)
        CU_ASSERT_TRUE(gk_lkh_join(lkh, TEST_TIME, &member, NULL));
    (void)store_save(store, lkh);
    for (size_t i = 0; i < store->count; i++) {
        struct gk_secret *blob = &store->blob[i];

        for (size_t at = 0; at < blob->size; at++) {
            for (size_t f = 0; f < sizeof flips; f++) {
                bool good;

                blob->data[at] ^= flips[f];
                good = loads(store, &random);
                if (good && store->number[i] && !may_differ(at, flips[f])) {
                    CU_FAIL("a changed node was taken");
                }
                blob->data[at] ^= flips[f];
            }
        }
    }
    CU_ASSERT_TRUE(loads(store, &random));
    gk_lkh_free(lkh);
    store_free(store);
    free(store);
}

static void a_head_of_another_form_is_refused(void)
{
    static const struct {
        size_t at;
        uint8_t value;
        const char *code;
    } changes[] = {{0, 2, "lkh-blob-head"},     {1, 1, "lkh-degree"},
                   {1, 17, "lkh-degree"},       {3, 13, "lkh-key-type"},
                   {4, 0xff, "lkh-shape"},      {12, 0x7f, "lkh-blob-time"},
                   {36, 0, "lkh-blob-missing"}, {37, 0, "lkh-blob-missing"}};
    struct store *store = gk_alloc(1, sizeof *store);
    struct gk_lkh *lkh = test_tree(16, 256, 67);
    struct gk_random random = test_random(68);
    uint32_t member;

    for (unsigned i = 0; i < 256; i++)
        CU_ASSERT_TRUE(gk_lkh_join(lkh, TEST_TIME, &member, NULL));
    (void)store_save(store, lkh);
    for (size_t i = 0; i < store->count; i++) {
        for (size_t c = 0; !store->number[i] && c < sizeof changes / sizeof *changes; c++) {
            uint8_t *octet = &store->blob[i].data[changes[c].at];
            uint8_t was = *octet;
            struct gk_reason why = {0};

            *octet = changes[c].value;
            CU_ASSERT_PTR_NULL(store_load(store, SIZE_MAX, &random, &why));
            CU_ASSERT_STRING_EQUAL(why.code, changes[c].code);
            *octet = was;
        }
    }
    CU_ASSERT_TRUE(loads(store, &random));
    gk_lkh_free(lkh);
    store_free(store);
    free(store);
}

const struct test_suite suite_lkh_blob = {
    "lkh-blob",
    {
        {"a restart changes nothing", a_restart_changes_nothing},
        {"only touched blobs are dirty", only_touched_blobs_are_dirty},
        {"a missing record is refused", a_missing_record_is_refused},
        {"cut records are refused", cut_records_are_refused},
        {"changed records are refused", changed_records_are_refused},
        {"a head of another form is refused", a_head_of_another_form_is_refused},
        {NULL, NULL},
    }};
