/* SPDX-License-Identifier: Apache-2.0 */
/* Rekey Events: known answers, both packagings, cost. */
#include "tests/gsakmp/lkh-help.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/lkh-internal.h"
#include "tests/vectors.h"

/* --- RFC 4535 A.3.2: member 6 of figure 30 goes ------------------------------------- */

/* The Rekey Event Data of a message of the vectors: behind its header (with Group ID), the
 * payload's header and the event's. */
static struct gk_octets vector_data(const char *name, unsigned *count)
{
    char *path = gk_format("messages/%s", name);
    struct gk_octets message = vector_octets(path);
    size_t group = 15;
    struct gk_reader reader = gk_reader(message);
    struct gk_reader payload;
    size_t size;

    free(path);
    (void)gk_read_octets(&reader, 2 + group + 1 + 1 + 1 + 4 + 4 + 2);
    size = gk_read_u16(&reader);
    payload = gk_read_sub(&reader, size - 4);
    (void)gk_read_octets(&payload, 1 + group + GK_STAMP_SIZE + 1 + 1);
    *count = gk_read_u16(&payload);
    CU_ASSERT_TRUE_FATAL(gk_reader_ok(&payload));
    return gk_read_rest(&payload);
}

/* A generator that first yields what it is told: IVs of the expected data. */
struct script {
    struct gk_octets left;
};

static void fill_script(void *context, uint8_t *to, size_t size)
{
    struct script *script = context;

    if (size > script->left.size) {
        memset(to, 0, size);
        return;
    }
    memcpy(to, script->left.data, size);
    script->left = gk_octets(script->left.data + size, script->left.size - size);
}

static struct gk_octets expected_ivs(struct gk_octets data, unsigned count, struct gk_writer *to)
{
    struct gk_reader reader = gk_reader(data);

    for (unsigned i = 0; i < count; i++) {
        struct gk_reader sealed;
        size_t size = gk_read_u16(&reader);

        (void)gk_read_octets(&reader, 8);
        sealed = gk_read_sub(&reader, size);
        gk_write_octets(to, gk_read_octets(&sealed, 12));
    }
    CU_ASSERT_TRUE(gk_reader_done(&reader));
    return gk_writer_octets(to);
}

static void set_node(struct gk_lkh *lkh, uint32_t id, uint8_t handle, uint8_t first)
{
    struct gk_lkh_node *node = gk_lkh_nodes_find(&lkh->nodes, id);

    CU_ASSERT_PTR_NOT_NULL_FATAL(node);
    memset(&node->handle, handle, sizeof node->handle);
    for (unsigned i = 0; i < sizeof node->key; i++)
        node->key[i] = (uint8_t)(first + i);
}

/* A new key as the vectors have it. */
static void set_datum(struct gk_lkh *lkh, const char *path)
{
    struct gk_reader reader = gk_reader(vector_octets(path));
    struct gk_key_datum datum;
    struct gk_lkh_node *node;

    CU_ASSERT_TRUE_FATAL(gk_key_datum_read(&datum, &reader, NULL));
    node = gk_lkh_nodes_find(&lkh->nodes, datum.id);
    CU_ASSERT_PTR_NOT_NULL_FATAL(node);
    CU_ASSERT_EQUAL(node->created, datum.created);
    CU_ASSERT_EQUAL(datum.expires, GK_TIME_NEVER);
    node->handle = datum.handle;
    memcpy(node->key, datum.key.data, datum.key.size);
}

/* The vectors' tree with its old keys; member 6 goes. */
static struct gk_lkh *vector_tree(void)
{
    struct gk_lkh *lkh = test_tree(2, 8, 1);
    uint32_t member;

    for (unsigned i = 0; i < 8; i++)
        CU_ASSERT_TRUE(gk_lkh_join(lkh, TEST_TIME - 3600, &member, NULL));
    for (uint8_t id = 2; id < 16; id++)
        set_node(lkh, id, (uint8_t)(0x40 + id), (uint8_t)(0x40 + id));
    CU_ASSERT_TRUE(gk_lkh_remove(lkh, 6));
    return lkh;
}

static void check_vector(const char *name, enum gk_lkh_packaging packaging, unsigned wraps)
{
    struct gk_reader reader = gk_reader(vector_octets("tree/gtpk"));
    struct gk_lkh *lkh = vector_tree();
    struct gk_writer ivs = {0};
    struct gk_writer data = {0};
    struct gk_key_datum gtpk;
    struct gk_lkh_order order;
    struct gk_lkh_event *event;
    struct gk_lkh_cost cost;
    unsigned count;
    struct gk_octets want = vector_data(name, &count);
    char *hex = gk_hex(want);
    struct script script = {expected_ivs(want, count, &ivs)};
    struct gk_random random = {fill_script, &script};

    CU_ASSERT_TRUE_FATAL(gk_key_datum_read(&gtpk, &reader, NULL));
    order = test_order(&gtpk, 1, TEST_TIME, packaging);
    event = gk_lkh_event_begin(lkh, &order, &cost);
    CU_ASSERT_PTR_NOT_NULL_FATAL(event);
    set_datum(lkh, "tree/node3");
    set_datum(lkh, "tree/node6");
    lkh->random = &random;
    while (gk_lkh_event_next(event, &data))
        ;
    CU_ASSERT_HEX(gk_writer_octets(&data), hex);
    free(hex);
    CU_ASSERT_EQUAL(count, wraps);
    CU_ASSERT_EQUAL(cost.wraps, wraps);
    CU_ASSERT_EQUAL(cost.keys, 2);
    CU_ASSERT_EQUAL(cost.octets, want.size);
    gk_lkh_event_end(event);
    gk_lkh_free(lkh);
    gk_writer_free(&ivs);
    gk_writer_free(&data);
}

static void per_receiver_matches_the_vectors(void)
{
    check_vector("Rekey Event", GK_LKH_PER_RECEIVER, 3);
    check_vector("Rekey Event", GK_LKH_SMALLER, 3);
}

static void pair_by_pair_matches_the_vectors(void)
{
    check_vector("Rekey Event, pair by pair", GK_LKH_PAIR_BY_PAIR, 5);
}

/* --- order, cost -------------------------------------------------------------------- */

struct world {
    struct gk_lkh *lkh;
    struct gk_random random;
    struct test_gtpk gtpk[2];
    struct gk_key_datum datum[2];
    gk_time stamp;
};

static struct world world(unsigned degree, uint32_t capacity, uint32_t members, uint64_t seed)
{
    struct world w = {.lkh = test_tree(degree, capacity, seed),
                      .random = test_random(seed + 1000),
                      .stamp = TEST_TIME};
    uint32_t member;

    for (uint32_t i = 0; i < members; i++) {
        if (!gk_lkh_join(w.lkh, w.stamp, &member, NULL))
            CU_FAIL("no leaf");
    }
    return w;
}

static struct test_event *rekey(struct world *w, size_t gtpks, enum gk_lkh_packaging packaging,
                                size_t limit)
{
    struct gk_lkh_order order;
    struct test_event *event;

    w->stamp++;
    for (size_t i = 0; i < gtpks; i++) {
        test_gtpk_make(&w->gtpk[i], TEST_GTPK_ID + (uint32_t)i, w->stamp, &w->random);
        w->datum[i] = w->gtpk[i].datum;
    }
    order = test_order(w->datum, gtpks, w->stamp, packaging);
    order.limit = limit;
    event = test_event_run(w->lkh, &order, 8192);
    CU_ASSERT_PTR_NOT_NULL_FATAL(event);
    CU_ASSERT_EQUAL(event->cost.octets, test_event_octets(event));
    return event;
}

static void wrapping_ids_ascend_or_descend(void)
{
    for (unsigned pairs = 0; pairs < 2; pairs++) {
        struct world w = world(3, 81, 60, 20 + pairs);
        struct test_event *event;
        uint32_t last = 0;

        CU_ASSERT_TRUE(gk_lkh_remove(w.lkh, 5) && gk_lkh_remove(w.lkh, 31));
        event = rekey(&w, 2, pairs ? GK_LKH_PAIR_BY_PAIR : GK_LKH_PER_RECEIVER, 0);
        for (size_t i = 0; i < event->count; i++) {
            struct gk_reader reader = gk_reader(gk_writer_octets(&event->data[i]));
            struct gk_rekey_data data;

            while (gk_reader_left(&reader)) {
                CU_ASSERT_TRUE_FATAL(gk_rekey_data_read(&data, &reader, NULL));
                CU_ASSERT_TRUE(!last || (data.wrapping_id > last) == !pairs);
                last = data.wrapping_id;
            }
        }
        test_event_free(event);
        gk_lkh_free(w.lkh);
    }
}

/* One of d^h leaves of a full tree goes: h-1 KEKs are made; per receiver h(d-1) data, pair
 * by pair hd - 1. */
static void one_of_many_costs_what_the_formula_says(void)
{
    static const struct {
        unsigned degree, depth;
    } sizes[] = {{2, 10}, {4, 5}, {4, 7}, {3, 6}, {16, 3}, {2, 14}};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned d = sizes[i].degree;
        unsigned h = sizes[i].depth;
        uint32_t capacity = 1;
        struct test_event *event;
        struct world w;

        for (unsigned k = 0; k < h; k++)
            capacity *= d;
        w = world(d, capacity, capacity, 30 + i);
        CU_ASSERT_TRUE(gk_lkh_remove(w.lkh, capacity / 3));
        event = rekey(&w, 1, GK_LKH_PER_RECEIVER, 0);
        CU_ASSERT_EQUAL(event->cost.keys, h - 1);
        CU_ASSERT_EQUAL(event->cost.wraps, h * (d - 1));
        CU_ASSERT_EQUAL(event->cost.packages, (d - 1) * h * (h + 1) / 2);
        test_event_free(event);
        CU_ASSERT_TRUE(gk_lkh_remove(w.lkh, capacity / 2));
        event = rekey(&w, 1, GK_LKH_PAIR_BY_PAIR, 0);
        CU_ASSERT_EQUAL(event->cost.keys, h - 1);
        /* The leaf that went before may have left its parent a child short. */
        CU_ASSERT_EQUAL(event->cost.wraps, h * d - 1);
        CU_ASSERT_EQUAL(event->cost.packages, h * d - 1);
        test_event_free(event);
        gk_lkh_free(w.lkh);
    }
}

static void senders_take_the_smaller(void)
{
    for (unsigned i = 0; i < 4; i++) {
        /* Deep and narrow: pairs are smaller; the limit alone lets per receiver win. */
        struct world w = world(2, 1024, 1024, 40);
        struct test_event *event;
        struct gk_lkh_cost receiver;
        struct gk_lkh_cost pairs;

        CU_ASSERT_TRUE(gk_lkh_remove(w.lkh, 512));
        event = rekey(&w, 1, GK_LKH_PER_RECEIVER, 0);
        receiver = event->cost;
        test_event_free(event);
        gk_lkh_free(w.lkh);
        w = world(2, 1024, 1024, 40);
        CU_ASSERT_TRUE(gk_lkh_remove(w.lkh, 512));
        event = rekey(&w, 1, GK_LKH_PAIR_BY_PAIR, 0);
        pairs = event->cost;
        test_event_free(event);
        gk_lkh_free(w.lkh);
        CU_ASSERT_TRUE(pairs.octets < receiver.octets);
        w = world(2, 1024, 1024, 40);
        CU_ASSERT_TRUE(gk_lkh_remove(w.lkh, 512));
        event = rekey(&w, 1, GK_LKH_SMALLER, receiver.octets - 1 + i % 2);
        CU_ASSERT_EQUAL(event->cost.octets, i % 2 ? receiver.octets : pairs.octets);
        test_event_free(event);
        gk_lkh_free(w.lkh);
    }
}

/* --- members ------------------------------------------------------------------------- */

static const uint32_t gtpk_ids[2] = {TEST_GTPK_ID, TEST_GTPK_ID + 1};

static void evict_and_check(unsigned degree, uint32_t capacity, enum gk_lkh_packaging packaging)
{
    struct world w = world(degree, capacity, capacity - 1, degree);
    uint32_t gone = capacity / 2;
    struct gk_ring **ring = gk_alloc(capacity, sizeof *ring);
    struct gk_reason why = {0};
    struct test_event *event;

    test_event_free(rekey(&w, 2, packaging, 0));
    for (uint32_t m = 1; m < capacity; m++)
        ring[m] = test_ring(w.lkh, m, w.datum, 2);
    CU_ASSERT_TRUE(gk_lkh_remove(w.lkh, gone));
    event = rekey(&w, 2, packaging, 0);
    for (uint32_t m = 1; m < capacity; m++) {
        bool good = test_ring_event(ring[m], event, gtpk_ids, 2, &why);

        CU_ASSERT_EQUAL(good, m != gone);
        CU_ASSERT_EQUAL(gk_ring_changed(ring[m], gtpk_ids[0]), m != gone);
        if (m != gone)
            CU_ASSERT_TRUE(test_ring_current(ring[m], w.lkh, m, w.datum, 2));
        gk_ring_free(ring[m]);
    }
    free(ring);
    test_event_free(event);
    gk_lkh_free(w.lkh);
}

static void members_open_and_the_evicted_cannot(void)
{
    static const struct {
        unsigned degree;
        uint32_t capacity;
    } shapes[] = {{2, 8}, {3, 27}, {4, 64}, {16, 16}, {2, 2}};

    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        evict_and_check(shapes[i].degree, shapes[i].capacity, GK_LKH_PER_RECEIVER);
        evict_and_check(shapes[i].degree, shapes[i].capacity, GK_LKH_PAIR_BY_PAIR);
        evict_and_check(shapes[i].degree, shapes[i].capacity, GK_LKH_SMALLER);
    }
}

static void every_key_type_wraps(void)
{
    static const uint16_t types[] = {3, 12, 13, 49153, 49154, 49155};
    unsigned ran = 0;

    for (size_t i = 0; i < 2 * sizeof types / sizeof *types; i++) {
        struct gk_lkh_shape shape = {3, 27, types[i / 2]};
        struct world w = {.random = test_random(70 + i), .stamp = TEST_TIME};
        struct gk_ring *ring;
        struct test_event *event;
        uint32_t member;

        if (!gk_wrap_find(types[i / 2])->run)
            continue;
        ran++;
        w.lkh = gk_lkh_new(&shape, &w.random, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(w.lkh);
        for (unsigned m = 0; m < 20; m++)
            CU_ASSERT_TRUE(gk_lkh_join(w.lkh, TEST_TIME, &member, NULL));
        test_event_free(rekey(&w, 2, GK_LKH_SMALLER, 0));
        ring = test_ring(w.lkh, 9, w.datum, 2);
        CU_ASSERT_TRUE(gk_lkh_remove(w.lkh, 8));
        event = rekey(&w, 2, i % 2 ? GK_LKH_PER_RECEIVER : GK_LKH_PAIR_BY_PAIR, 0);
        CU_ASSERT_TRUE(test_ring_event(ring, event, gtpk_ids, 2, NULL));
        CU_ASSERT_TRUE(test_ring_current(ring, w.lkh, 9, w.datum, 2));
        test_event_free(event);
        gk_ring_free(ring);
        gk_lkh_free(w.lkh);
    }
    CU_ASSERT_TRUE(ran >= 6);
}

static void without_going_leaves_only_gtpks_change(void)
{
    struct world w = world(4, 64, 40, 50);
    struct gk_ring *ring;
    struct gk_rekey_array before;
    struct gk_rekey_array after;
    struct test_event *event = rekey(&w, 2, GK_LKH_SMALLER, 0);

    test_event_free(event);
    ring = test_ring(w.lkh, 33, w.datum, 2);
    CU_ASSERT_TRUE(gk_lkh_array(w.lkh, 33, &before));
    event = rekey(&w, 2, GK_LKH_SMALLER, 0);
    CU_ASSERT_EQUAL(event->cost.keys, 0);
    CU_ASSERT_EQUAL(event->cost.wraps, 3); /* under the root's children in use */
    CU_ASSERT_TRUE(test_ring_event(ring, event, gtpk_ids, 2, NULL));
    CU_ASSERT_TRUE(gk_lkh_array(w.lkh, 33, &after));
    for (size_t i = 0; i < after.count; i++)
        CU_ASSERT_TRUE(test_datum_equal(&before.kek[i], &after.kek[i]));
    test_event_free(event);
    gk_ring_free(ring);
    gk_lkh_free(w.lkh);
}

/* One in a hundred of 2^14 members, scattered: what is announced is what is sealed. */
static void many_at_once(void)
{
    struct world w = world(4, 1 << 14, 1 << 14, 52);
    struct gk_ring *ring;
    struct test_event *event = rekey(&w, 2, GK_LKH_SMALLER, 8192);
    uint32_t gone = 0;

    test_event_free(event);
    ring = test_ring(w.lkh, 8191, w.datum, 2);
    while (gone < 164)
        gone += gk_lkh_remove(w.lkh, 1 + gk_random_u32(&w.random) % 8190);
    event = rekey(&w, 2, GK_LKH_SMALLER, 8192);
    CU_ASSERT_TRUE(event->cost.keys > 164 && event->cost.keys < 164 * 6);
    CU_ASSERT_TRUE(event->count > 10);
    CU_ASSERT_TRUE(test_ring_event(ring, event, gtpk_ids, 2, NULL));
    CU_ASSERT_TRUE(test_ring_current(ring, w.lkh, 8191, w.datum, 2));
    CU_ASSERT_EQUAL(gk_lkh_members(w.lkh), (1 << 14) - 164);
    test_event_free(event);
    gk_ring_free(ring);
    gk_lkh_free(w.lkh);
}

static void nobody_left_means_no_data(void)
{
    struct world w = world(2, 8, 2, 51);
    struct test_event *event;

    CU_ASSERT_TRUE(gk_lkh_remove(w.lkh, 1) && gk_lkh_remove(w.lkh, 2));
    event = rekey(&w, 1, GK_LKH_PAIR_BY_PAIR, 0);
    CU_ASSERT_EQUAL(event->cost.wraps, 0);
    CU_ASSERT_EQUAL(event->cost.keys, 0);
    CU_ASSERT_EQUAL(test_event_octets(event), 0);
    CU_ASSERT_EQUAL(gk_lkh_members(w.lkh), 0);
    test_event_free(event);
    gk_lkh_free(w.lkh);
}

const struct test_suite suite_lkh_event = {
    "lkh-event",
    {
        {"per receiver matches the vectors", per_receiver_matches_the_vectors},
        {"pair by pair matches the vectors", pair_by_pair_matches_the_vectors},
        {"wrapping KeyIDs ascend or descend", wrapping_ids_ascend_or_descend},
        {"one of many costs what the formula says", one_of_many_costs_what_the_formula_says},
        {"senders take the smaller", senders_take_the_smaller},
        {"members open and the evicted cannot", members_open_and_the_evicted_cannot},
        {"every key type wraps", every_key_type_wraps},
        {"without going leaves only GTPKs change", without_going_leaves_only_gtpks_change},
        {"many at once", many_at_once},
        {"nobody left means no data", nobody_left_means_no_data},
        {NULL, NULL},
    }};
