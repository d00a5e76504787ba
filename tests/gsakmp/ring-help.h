/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_GSAKMP_RING_HELP_H
#define TESTS_GSAKMP_RING_HELP_H
/* What the tests of the ring share: a ring as of RFC 4535 A.3.1, and crafted messages. */
#include "tests/gsakmp/lkh-help.h"

extern const uint8_t test_ring_key[64];

/* One GTPK and a path of three KEKs; keys are borrowed from `key`. */
void test_sample(struct gk_key_download *download, const uint8_t *key);
struct gk_ring *test_sample_ring(void);

struct test_message {
    struct gk_writer data;
    struct gk_rekey_payload payload;
};

void test_message_free(struct test_message *message);
/* Lets the payload point at the data again. */
void test_message_point(struct test_message *message);
/* Adds a datum with one package under a key. */
void test_message_add(struct test_message *message, const struct gk_key_datum *wrapping,
                      const struct gk_key_datum *package);

/* Rules with the sample's GTPK alone. */
extern const uint32_t test_one_gtpk[1];
struct gk_ring_rules test_rules(void);
bool test_open(struct gk_ring *ring, const struct test_message *message, struct gk_reason *why);

/* A key that is held, and a next version of it. */
struct gk_key_datum test_held(const struct gk_ring *ring, uint32_t id);
struct gk_key_datum test_next(const struct gk_ring *ring, uint32_t id);

struct gk_secret test_snapshot(const struct gk_ring *ring);
/* The ring is as it was; frees the snapshot. */
bool test_unchanged(const struct gk_ring *ring, struct gk_secret *before);

#endif
