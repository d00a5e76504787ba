/* SPDX-License-Identifier: Apache-2.0 */
/* No freed block of tree, event, record or ring holds a key. */
#include "tests/gsakmp/lkh-help.h"

#include <stdlib.h>

#include "tests/gsakmp/freed.h"

static const uint32_t gtpk_id[1] = {TEST_GTPK_ID};

struct scene {
    struct gk_lkh *lkh;
    struct gk_random random;
    struct test_gtpk gtpk;
    struct gk_ring *ring; /* of member 1, who stays */
};

static void watch_array(const struct gk_lkh *lkh, uint32_t member)
{
    struct gk_rekey_array array;

    CU_ASSERT_TRUE_FATAL(gk_lkh_array(lkh, member, &array));
    for (size_t i = 0; i < array.count; i++)
        freed_watch(array.kek[i].key);
}

static void set(struct scene *scene)
{
    uint32_t member;

    scene->lkh = test_tree(2, 8, 90);
    scene->random = test_random(91);
    for (unsigned i = 0; i < 7; i++)
        CU_ASSERT_TRUE(gk_lkh_join(scene->lkh, TEST_TIME, &member, NULL));
    test_gtpk_make(&scene->gtpk, TEST_GTPK_ID, TEST_TIME, &scene->random);
    scene->ring = test_ring(scene->lkh, 1, &scene->gtpk.datum, 1);
}

static void take_event(struct gk_ring *ring, struct gk_writer *data, uint16_t count)
{
    struct gk_ring_rules rules = {test_group(), gtpk_id, 1, TEST_KEY_TYPE, true, NULL};
    struct gk_rekey_payload payload = {.count = count, .data = gk_writer_octets(data)};

    gk_ring_begin_event(ring);
    CU_ASSERT_TRUE(gk_ring_open(ring, &rules, &payload, 1, NULL));
    payload.data.size--;
    CU_ASSERT_FALSE(gk_ring_open(ring, &rules, &payload, 1, NULL));
    gk_ring_end_event(ring);
    CU_ASSERT_TRUE(gk_ring_brought(ring, gtpk_id, 1));
}

/* Member 2 goes; member 1 follows. */
static void rekey(struct scene *scene, enum gk_lkh_packaging packaging)
{
    struct gk_lkh_order order = test_order(&scene->gtpk.datum, 1, TEST_TIME + 1, packaging);
    struct gk_lkh_cost cost;
    struct gk_lkh_event *event;
    struct gk_writer data = {0};

    freed_watch(scene->gtpk.datum.key);
    watch_array(scene->lkh, 2);
    test_gtpk_make(&scene->gtpk, TEST_GTPK_ID, TEST_TIME + 1, &scene->random);
    order.gtpk = &scene->gtpk.datum;
    freed_watch(scene->gtpk.datum.key);
    CU_ASSERT_TRUE(gk_lkh_remove(scene->lkh, 2));
    event = gk_lkh_event_begin(scene->lkh, &order, &cost);
    CU_ASSERT_PTR_NOT_NULL_FATAL(event);
    watch_array(scene->lkh, 1);
    while (gk_lkh_event_next(event, &data))
        ;
    gk_lkh_event_end(event);
    take_event(scene->ring, &data, (uint16_t)cost.wraps);
    gk_writer_free(&data);
}

static void restart(struct scene *scene)
{
    struct gk_secret secret[16];
    struct gk_lkh_blob blob[16];
    size_t count = 0;
    bool gone;

    while (gk_lkh_dirty(scene->lkh, &blob[count].number, &secret[count], &gone)) {
        blob[count].octets = gk_secret_octets(&secret[count]);
        count++;
    }
    gk_lkh_free(scene->lkh);
    scene->lkh = gk_lkh_load(blob, count, &scene->random, NULL);
    CU_ASSERT_PTR_NOT_NULL(scene->lkh);
    while (count)
        gk_secret_free(&secret[--count]);
}

static void restart_ring(struct scene *scene)
{
    struct gk_writer record = {0};

    gk_ring_write(scene->ring, &record);
    gk_ring_free(scene->ring);
    scene->ring = gk_ring_read(gk_writer_octets(&record), NULL);
    CU_ASSERT_PTR_NOT_NULL(scene->ring);
    gk_writer_free(&record);
}

static void nothing_is_left(void)
{
    for (unsigned i = 0; i < 2; i++) {
        struct scene scene;

        set(&scene);
        rekey(&scene, i ? GK_LKH_PER_RECEIVER : GK_LKH_PAIR_BY_PAIR);
        restart(&scene);
        restart_ring(&scene);
        gk_ring_free(scene.ring);
        gk_lkh_free(scene.lkh);
        CU_ASSERT_EQUAL(freed_found(), 0);
    }
}

const struct test_suite suite_lkh_wiping = {"lkh-wiping",
                                            {
                                                {"nothing is left", nothing_is_left},
                                                {NULL, NULL},
                                            }};
