/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_GSAKMP_LKH_HELP_H
#define TESTS_GSAKMP_LKH_HELP_H
/* What the tests of the tree and of the ring share. */
#include "gsakmp/lkh.h"
#include "gsakmp/ring.h"
#include "tests/harness.h"

#define TEST_KEY_TYPE 49154 /* AES-256-GCM */
#define TEST_TIME     ((gk_time)1767225600)
#define TEST_GTPK_ID  UINT32_C(0x80000001)

struct gk_octets test_group(void);
struct gk_lkh *test_tree(unsigned degree, uint32_t capacity, uint64_t seed);

/* A GTPK with storage of its own. */
struct test_gtpk {
    struct gk_key_datum datum;
    uint8_t key[32];
};
/* A fresh one; repeat to make the next version. */
void test_gtpk_make(struct test_gtpk *gtpk, uint32_t id, gk_time created,
                    const struct gk_random *random);

/* One event as messages: Rekey Event Data cut behind `split` octets. */
#define TEST_MESSAGES 512
struct test_event {
    struct gk_lkh_cost cost;
    size_t count;
    struct gk_writer data[TEST_MESSAGES];
    struct gk_rekey_payload payload[TEST_MESSAGES];
};
/* On the heap; free with test_event_free. NULL when the tree refuses. */
struct test_event *test_event_run(struct gk_lkh *lkh, const struct gk_lkh_order *order,
                                  size_t split);
void test_event_free(struct test_event *event);
uint64_t test_event_octets(const struct test_event *event);

struct gk_lkh_order test_order(const struct gk_key_datum *gtpk, size_t gtpk_count, gk_time stamp,
                               enum gk_lkh_packaging packaging);
/* The ring of a member that joined now. */
struct gk_ring *test_ring(const struct gk_lkh *lkh, uint32_t member_id,
                          const struct gk_key_datum *gtpk, size_t gtpk_count);
/* Takes the whole event in order; false when a message was refused or GTPKs are missing. */
bool test_ring_event(struct gk_ring *ring, const struct test_event *event, const uint32_t *gtpk,
                     size_t gtpk_count, struct gk_reason *why);
bool test_datum_equal(const struct gk_key_datum *a, const struct gk_key_datum *b);
/* The ring holds exactly the KEKs of the member's Rekey Array, and the GTPKs. */
bool test_ring_current(const struct gk_ring *ring, const struct gk_lkh *lkh, uint32_t member_id,
                       const struct gk_key_datum *gtpk, size_t gtpk_count);

#endif
