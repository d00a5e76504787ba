/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gsakmp/lkh-help.h"

#include <stdlib.h>

struct gk_octets test_group(void)
{
    return gk_octets("\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8vectors", 15);
}

/* Each tree keeps a generator; those of one program stay reachable. */
struct gk_lkh *test_tree(unsigned degree, uint32_t capacity, uint64_t seed)
{
    static struct gk_random random[64];
    static size_t next;
    struct gk_lkh_shape shape = {degree, capacity, TEST_KEY_TYPE};
    struct gk_reason why = {0};
    struct gk_lkh *lkh;

    random[next % 64] = test_random(seed);
    lkh = gk_lkh_new(&shape, &random[next++ % 64], &why);
    if (!lkh)
        CU_FAIL_FATAL("no tree");
    return lkh;
}

void test_gtpk_make(struct test_gtpk *gtpk, uint32_t id, gk_time created,
                    const struct gk_random *random)
{
    gk_random_fill(random, gtpk->key, sizeof gtpk->key);
    gtpk->datum = (struct gk_key_datum){.type = TEST_KEY_TYPE,
                                        .id = id,
                                        .handle = gk_random_u32(random),
                                        .created = created,
                                        .expires = created + 86400,
                                        .key = gk_octets(gtpk->key, sizeof gtpk->key)};
}

struct gk_lkh_order test_order(const struct gk_key_datum *gtpk, size_t gtpk_count, gk_time stamp,
                               enum gk_lkh_packaging packaging)
{
    return (struct gk_lkh_order){.group_value = test_group(),
                                 .gtpk = gtpk,
                                 .gtpk_count = gtpk_count,
                                 .stamp = stamp,
                                 .packaging = packaging,
                                 .limit = 8192};
}

static void fill_messages(struct test_event *event, struct gk_lkh_event *from, size_t split)
{
    struct gk_writer *data = event->data;
    size_t before = 0;

    event->count = 1;
    while (gk_lkh_event_next(from, data)) {
        if (before && data->size > split && event->count < TEST_MESSAGES) {
            gk_write(data + 1, data->data + before, data->size - before);
            gk_writer_cut(data, before);
            data++;
            event->count++;
        }
        event->payload[event->count - 1].count++;
        before = data->size;
    }
}

struct test_event *test_event_run(struct gk_lkh *lkh, const struct gk_lkh_order *order,
                                  size_t split)
{
    struct test_event *event = gk_alloc(1, sizeof *event);
    struct gk_lkh_event *from = gk_lkh_event_begin(lkh, order, &event->cost);

    if (!from) {
        free(event);
        return NULL;
    }
    fill_messages(event, from, split);
    gk_lkh_event_end(from);
    for (size_t i = 0; i < event->count; i++) {
        event->payload[i].type = GK_REKEY_LKH;
        event->payload[i].stamp = order->stamp;
        event->payload[i].algorithm_version = 1;
        event->payload[i].data = gk_writer_octets(&event->data[i]);
    }
    return event;
}

void test_event_free(struct test_event *event)
{
    for (size_t i = 0; event && i < event->count; i++)
        gk_writer_free(&event->data[i]);
    free(event);
}

uint64_t test_event_octets(const struct test_event *event)
{
    uint64_t octets = 0;

    for (size_t i = 0; i < event->count; i++)
        octets += event->data[i].size;
    return octets;
}

struct gk_ring *test_ring(const struct gk_lkh *lkh, uint32_t member_id,
                          const struct gk_key_datum *gtpk, size_t gtpk_count)
{
    struct gk_key_download *download = gk_alloc(1, sizeof *download);
    struct gk_reason why = {0};
    struct gk_ring *ring;

    download->gtpk_count = gtpk_count;
    for (size_t i = 0; i < gtpk_count; i++)
        download->gtpk[i] = gtpk[i];
    download->has_array = true;
    CU_ASSERT_TRUE_FATAL(gk_lkh_array(lkh, member_id, &download->array));
    ring = gk_ring_new(download, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ring);
    free(download);
    return ring;
}

bool test_ring_event(struct gk_ring *ring, const struct test_event *event, const uint32_t *gtpk,
                     size_t gtpk_count, struct gk_reason *why)
{
    struct gk_ring_rules rules = {test_group(), gtpk, gtpk_count, TEST_KEY_TYPE, true, NULL};
    bool good = true;

    gk_ring_begin_event(ring);
    for (size_t i = 0; i < event->count; i++)
        good = gk_ring_open(ring, &rules, &event->payload[i], 1, why) && good;
    good = good && gk_ring_brought(ring, gtpk, gtpk_count);
    gk_ring_end_event(ring);
    return good;
}

bool test_datum_equal(const struct gk_key_datum *a, const struct gk_key_datum *b)
{
    return a->type == b->type && a->id == b->id && a->handle == b->handle &&
           a->created == b->created && a->expires == b->expires && gk_octets_equal(a->key, b->key);
}

bool test_ring_current(const struct gk_ring *ring, const struct gk_lkh *lkh, uint32_t member_id,
                       const struct gk_key_datum *gtpk, size_t gtpk_count)
{
    struct gk_rekey_array array;
    struct gk_key_datum held;

    if (!gk_lkh_array(lkh, member_id, &array))
        return false;
    for (size_t i = 0; i < gtpk_count; i++) {
        if (!gk_ring_find(ring, gtpk[i].id, &held) || !test_datum_equal(&held, &gtpk[i]))
            return false;
    }
    for (size_t i = 0; i < array.count; i++) {
        if (!gk_ring_find(ring, array.kek[i].id, &held) || !test_datum_equal(&held, &array.kek[i]))
            return false;
    }
    return !gk_ring_at(ring, gtpk_count + array.count, &held);
}
