/* SPDX-License-Identifier: Apache-2.0 */
/* The tree's shape, and leaves that come and go. */
#include "tests/gsakmp/lkh-help.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/lkh-internal.h"

static bool refused(unsigned degree, uint32_t capacity, uint16_t type, const char *code)
{
    struct gk_lkh_shape shape = {degree, capacity, type};
    struct gk_random random = test_random(1);
    struct gk_reason why = {0};
    struct gk_lkh *lkh = gk_lkh_new(&shape, &random, &why);

    if (lkh) {
        gk_lkh_free(lkh);
        return false;
    }
    return strcmp(why.code, code) == 0;
}

static void impossible_shapes_are_refused(void)
{
    CU_ASSERT_TRUE(refused(1, 8, TEST_KEY_TYPE, "lkh-degree"));
    CU_ASSERT_TRUE(refused(17, 8, TEST_KEY_TYPE, "lkh-degree"));
    CU_ASSERT_TRUE(refused(2, 0, TEST_KEY_TYPE, "lkh-capacity"));
    CU_ASSERT_TRUE(refused(2, 8, 13, "lkh-key-type"));
    CU_ASSERT_TRUE(refused(2, 8, 9, "lkh-key-type"));
    CU_ASSERT_TRUE(refused(2, (UINT32_C(1) << 30) + 1, TEST_KEY_TYPE, "lkh-shape"));
    CU_ASSERT_TRUE(refused(2, UINT32_MAX, TEST_KEY_TYPE, "lkh-shape"));
    CU_ASSERT_TRUE(refused(16, UINT32_C(268435456) + 1, TEST_KEY_TYPE, "lkh-shape"));
    CU_ASSERT_TRUE(refused(3, UINT32_C(1162261467) + 1, TEST_KEY_TYPE, "lkh-shape"));
}

static void depth_is_the_smallest_that_holds(void)
{
    static const struct {
        unsigned degree;
        uint32_t wanted;
        unsigned depth;
        uint32_t capacity;
    } shapes[] = {
        {2, 1, 1, 2},
        {2, 2, 1, 2},
        {2, 3, 2, 4},
        {2, 8, 3, 8},
        {2, GK_LKH_CAPACITY, 20, GK_LKH_CAPACITY},
        {3, 10, 3, 27},
        {4, GK_LKH_CAPACITY, 10, GK_LKH_CAPACITY},
        {16, GK_LKH_CAPACITY, 5, GK_LKH_CAPACITY},
        {2, UINT32_C(1) << 30, 30, UINT32_C(1) << 30},
        {16, UINT32_C(1) << 24 | 1, 7, UINT32_C(1) << 28},
    };

    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct gk_lkh *lkh = test_tree(shapes[i].degree, shapes[i].wanted, i);

        CU_ASSERT_EQUAL(gk_lkh_depth(lkh), shapes[i].depth);
        CU_ASSERT_EQUAL(gk_lkh_capacity(lkh), shapes[i].capacity);
        CU_ASSERT_EQUAL(gk_lkh_members(lkh), 0);
        gk_lkh_free(lkh);
    }
}

static uint32_t joined(struct gk_lkh *lkh)
{
    uint32_t member = 0;

    CU_ASSERT_TRUE(gk_lkh_join(lkh, TEST_TIME, &member, NULL));
    return member;
}

/* RFC 4535 figure 30. */
static void key_ids_run_breadth_first(void)
{
    static const uint32_t path[8][3] = {{2, 4, 8},  {2, 4, 9},  {2, 5, 10}, {2, 5, 11},
                                        {3, 6, 12}, {3, 6, 13}, {3, 7, 14}, {3, 7, 15}};
    struct gk_lkh *lkh = test_tree(2, 8, 1);
    struct gk_rekey_array array;

    for (uint32_t i = 0; i < 8; i++) {
        CU_ASSERT_EQUAL(joined(lkh), i + 1);
        CU_ASSERT_TRUE_FATAL(gk_lkh_array(lkh, i + 1, &array));
        CU_ASSERT_EQUAL(array.version, 1);
        CU_ASSERT_EQUAL(array.member_id, i + 1);
        CU_ASSERT_EQUAL_FATAL(array.count, 3);
        for (size_t k = 0; k < 3; k++) {
            CU_ASSERT_EQUAL(array.kek[k].id, path[i][k]);
            CU_ASSERT_EQUAL(array.kek[k].type, TEST_KEY_TYPE);
            CU_ASSERT_EQUAL(array.kek[k].key.size, 32);
            CU_ASSERT_EQUAL(array.kek[k].created, TEST_TIME);
            CU_ASSERT_EQUAL(array.kek[k].expires, GK_TIME_NEVER);
        }
    }
    CU_ASSERT_FALSE(gk_lkh_array(lkh, 0, &array));
    CU_ASSERT_FALSE(gk_lkh_array(lkh, 9, &array));
    gk_lkh_free(lkh);
}

static void siblings_share_what_is_above_them(void)
{
    struct gk_lkh *lkh = test_tree(4, 64, 2);
    struct gk_rekey_array a;
    struct gk_rekey_array b;

    for (unsigned i = 0; i < 6; i++)
        (void)joined(lkh);
    CU_ASSERT_TRUE_FATAL(gk_lkh_array(lkh, 1, &a) && gk_lkh_array(lkh, 6, &b));
    CU_ASSERT_TRUE(test_datum_equal(&a.kek[0], &b.kek[0]));
    CU_ASSERT_FALSE(gk_octets_equal(a.kek[1].key, b.kek[1].key));
    CU_ASSERT_NOT_EQUAL(a.kek[2].handle, b.kek[2].handle);
    gk_lkh_free(lkh);
}

static void a_full_tree_refuses(void)
{
    struct gk_lkh *lkh = test_tree(3, 9, 3);
    struct gk_reason why = {0};
    uint32_t member;

    for (uint32_t i = 1; i <= 9; i++)
        CU_ASSERT_EQUAL(joined(lkh), i);
    CU_ASSERT_FALSE(gk_lkh_join(lkh, TEST_TIME, &member, &why));
    CU_ASSERT_EQUAL(why.notification, GK_PROHIBITED_BY_LOCAL_POLICY);
    /* A going leaf is still taken (profile 9.13). */
    CU_ASSERT_TRUE(gk_lkh_remove(lkh, 4));
    CU_ASSERT_FALSE(gk_lkh_join(lkh, TEST_TIME, &member, &why));
    CU_ASSERT_EQUAL(gk_lkh_members(lkh), 8);
    CU_ASSERT_EQUAL(gk_lkh_going(lkh), 1);
    gk_lkh_free(lkh);
}

static void end_event(struct gk_lkh *lkh, gk_time stamp)
{
    struct gk_random random = test_random(99);
    struct test_gtpk gtpk;
    struct gk_lkh_order order;

    test_gtpk_make(&gtpk, TEST_GTPK_ID, stamp, &random);
    order = test_order(&gtpk.datum, 1, stamp, GK_LKH_SMALLER);
    test_event_free(test_event_run(lkh, &order, 8192));
}

static void a_going_leaf_waits_for_the_event(void)
{
    struct gk_lkh *lkh = test_tree(2, 8, 4);
    struct gk_rekey_array before;
    struct gk_rekey_array after;
    uint8_t key[32];

    for (unsigned i = 0; i < 5; i++)
        (void)joined(lkh);
    CU_ASSERT_TRUE_FATAL(gk_lkh_array(lkh, 2, &before));
    memcpy(key, before.kek[2].key.data, sizeof key);
    CU_ASSERT_TRUE(gk_lkh_remove(lkh, 2));
    CU_ASSERT_FALSE(gk_lkh_remove(lkh, 2));
    CU_ASSERT_FALSE(gk_lkh_in_use(lkh, 2));
    CU_ASSERT_FALSE(gk_lkh_array(lkh, 2, &after));
    CU_ASSERT_EQUAL(joined(lkh), 6);
    end_event(lkh, TEST_TIME + 1);
    CU_ASSERT_EQUAL(gk_lkh_going(lkh), 0);
    CU_ASSERT_FALSE(gk_lkh_restore(lkh, 2));
    CU_ASSERT_EQUAL(joined(lkh), 2);
    CU_ASSERT_TRUE_FATAL(gk_lkh_array(lkh, 2, &after));
    CU_ASSERT_NOT_EQUAL(after.kek[2].handle, before.kek[2].handle);
    CU_ASSERT_FALSE(gk_octets_equal(after.kek[2].key, gk_octets(key, sizeof key)));
    CU_ASSERT_EQUAL(gk_lkh_newest(lkh), TEST_TIME + 1);
    gk_lkh_free(lkh);
}

static void a_restored_leaf_keeps_its_keys(void)
{
    struct gk_lkh *lkh = test_tree(2, 8, 5);
    struct gk_rekey_array before;
    struct gk_rekey_array after;

    for (unsigned i = 0; i < 5; i++)
        (void)joined(lkh);
    CU_ASSERT_TRUE_FATAL(gk_lkh_array(lkh, 2, &before));
    CU_ASSERT_FALSE(gk_lkh_restore(lkh, 2));
    CU_ASSERT_FALSE(gk_lkh_restore(lkh, 7));
    CU_ASSERT_TRUE(gk_lkh_remove(lkh, 2));
    CU_ASSERT_TRUE(gk_lkh_restore(lkh, 2));
    CU_ASSERT_EQUAL(gk_lkh_members(lkh), 5);
    CU_ASSERT_EQUAL(gk_lkh_going(lkh), 0);
    CU_ASSERT_TRUE_FATAL(gk_lkh_array(lkh, 2, &after));
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_TRUE(test_datum_equal(&before.kek[i], &after.kek[i]));
    gk_lkh_free(lkh);
}

static void the_lowest_free_leaf_is_taken(void)
{
    struct gk_lkh *lkh = test_tree(4, 256, 6);
    static const uint32_t gone[] = {200, 17, 90, 3};

    for (unsigned i = 0; i < 220; i++)
        (void)joined(lkh);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_TRUE(gk_lkh_remove(lkh, gone[i]));
    end_event(lkh, TEST_TIME + 1);
    CU_ASSERT_EQUAL(joined(lkh), 3);
    CU_ASSERT_EQUAL(joined(lkh), 17);
    CU_ASSERT_EQUAL(joined(lkh), 90);
    CU_ASSERT_EQUAL(joined(lkh), 200);
    CU_ASSERT_EQUAL(joined(lkh), 221);
    gk_lkh_free(lkh);
}

/* Behind the nodes in use a slab holds nothing. */
static bool wiped(const struct gk_lkh_node *slab, size_t used)
{
    const struct gk_lkh_node none = {0};
    bool good = true;

    for (size_t i = used; i < 512; i++)
        good = good && memcmp(&slab[i], &none, sizeof none) == 0;
    return good;
}

static void empty_subtrees_are_dropped(void)
{
    struct gk_lkh *lkh = test_tree(2, 1024, 7);

    for (unsigned i = 0; i < 1024; i++)
        (void)joined(lkh);
    CU_ASSERT_EQUAL(lkh->nodes.count, 2046);
    for (uint32_t i = 2; i <= 1024; i++)
        CU_ASSERT_TRUE(gk_lkh_remove(lkh, i));
    end_event(lkh, TEST_TIME + 1);
    CU_ASSERT_EQUAL(lkh->nodes.count, 10);
    CU_ASSERT_TRUE(lkh->nodes.slabs <= 2);
    CU_ASSERT_TRUE(wiped(lkh->nodes.slab[0], 10));
    CU_ASSERT_TRUE(gk_lkh_remove(lkh, 1));
    end_event(lkh, TEST_TIME + 2);
    CU_ASSERT_EQUAL(lkh->nodes.count, 0);
    CU_ASSERT_EQUAL(joined(lkh), 1);
    gk_lkh_free(lkh);
}

static void the_tree_rests_during_an_event(void)
{
    struct gk_lkh *lkh = test_tree(2, 8, 8);
    struct gk_random random = test_random(9);
    struct gk_reason why = {0};
    struct test_gtpk gtpk;
    struct gk_lkh_order order;
    struct gk_lkh_event *event;
    uint32_t member = joined(lkh);

    test_gtpk_make(&gtpk, TEST_GTPK_ID, TEST_TIME + 1, &random);
    order = test_order(&gtpk.datum, 1, TEST_TIME + 1, GK_LKH_SMALLER);
    event = gk_lkh_event_begin(lkh, &order, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(event);
    CU_ASSERT_FALSE(gk_lkh_join(lkh, TEST_TIME, &member, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "lkh-in-event");
    CU_ASSERT_FALSE(gk_lkh_remove(lkh, 1));
    CU_ASSERT_PTR_NULL(gk_lkh_event_begin(lkh, &order, NULL));
    gk_lkh_event_end(event);
    CU_ASSERT_TRUE(gk_lkh_remove(lkh, 1));
    order.gtpk_count = 0; /* profile 9.8: every event carries every GTPK */
    CU_ASSERT_PTR_NULL(gk_lkh_event_begin(lkh, &order, NULL));
    gk_lkh_free(lkh);
}

static void handles_are_permutations_of_the_epoch(void)
{
    struct gk_lkh *lkh = test_tree(2, 8, 10);
    uint32_t same = 0;

    for (uint32_t id = 2; id < 12; id++) {
        for (uint32_t epoch = 0; epoch < 300; epoch++) {
            uint32_t far = epoch * UINT32_C(0x01f3a5c7);
            uint32_t handle = gk_lkh_handle(lkh, id, far);

            CU_ASSERT_EQUAL(gk_lkh_handle_epoch(lkh, id, handle), far);
            same += handle == gk_lkh_handle(lkh, id + 1, far) || handle == far;
        }
    }
    CU_ASSERT_TRUE(same < 3); /* not equal by construction */
    gk_lkh_free(lkh);
}

const struct test_suite suite_lkh = {
    "lkh",
    {
        {"impossible shapes are refused", impossible_shapes_are_refused},
        {"depth is the smallest that holds", depth_is_the_smallest_that_holds},
        {"KeyIDs run breadth-first", key_ids_run_breadth_first},
        {"siblings share what is above them", siblings_share_what_is_above_them},
        {"a full tree refuses", a_full_tree_refuses},
        {"a going leaf waits for the event", a_going_leaf_waits_for_the_event},
        {"a restored leaf keeps its keys", a_restored_leaf_keeps_its_keys},
        {"the lowest free leaf is taken", the_lowest_free_leaf_is_taken},
        {"empty subtrees are dropped", empty_subtrees_are_dropped},
        {"the tree rests during an event", the_tree_rests_during_an_event},
        {"handles are permutations of the epoch", handles_are_permutations_of_the_epoch},
        {NULL, NULL},
    }};
