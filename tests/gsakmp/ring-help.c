/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gsakmp/ring-help.h"

#include <stdlib.h>

#include "gsakmp/suite.h"

const uint8_t test_ring_key[64] = {1, 2, 3, 5, 7, 11, 13, 17, 19, 23};

void test_sample(struct gk_key_download *download, const uint8_t *key)
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

struct gk_ring *test_sample_ring(void)
{
    struct gk_key_download *download = gk_alloc(1, sizeof *download);
    struct gk_ring *ring;

    test_sample(download, test_ring_key);
    ring = gk_ring_new(download, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ring);
    free(download);
    return ring;
}

void test_message_free(struct test_message *message)
{
    gk_writer_free(&message->data);
    *message = (struct test_message){0};
}

void test_message_point(struct test_message *message)
{
    message->payload.type = GK_REKEY_LKH;
    message->payload.data = gk_writer_octets(&message->data);
}

void test_message_add(struct test_message *message, const struct gk_key_datum *wrapping,
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
    test_message_point(message);
}

const uint32_t test_one_gtpk[1] = {TEST_GTPK_ID};

struct gk_ring_rules test_rules(void)
{
    return (struct gk_ring_rules){test_group(), test_one_gtpk, 1, TEST_KEY_TYPE, true, NULL};
}

bool test_open(struct gk_ring *ring, const struct test_message *message, struct gk_reason *why)
{
    const struct gk_ring_rules allowed = test_rules();

    return gk_ring_open(ring, &allowed, &message->payload, 1, why);
}

struct gk_key_datum test_held(const struct gk_ring *ring, uint32_t id)
{
    struct gk_key_datum datum = {0};

    CU_ASSERT_TRUE(gk_ring_find(ring, id, &datum));
    return datum;
}

struct gk_key_datum test_next(const struct gk_ring *ring, uint32_t id)
{
    struct gk_key_datum datum = test_held(ring, id);

    datum.handle += 0x100;
    datum.created = TEST_TIME + 1;
    datum.expires = TEST_TIME + 1000;
    datum.key = gk_octets(test_ring_key + 20, 32);
    return datum;
}

struct gk_secret test_snapshot(const struct gk_ring *ring)
{
    struct gk_writer to = {0};

    gk_ring_write(ring, &to);
    return gk_writer_take(&to);
}

bool test_unchanged(const struct gk_ring *ring, struct gk_secret *before)
{
    struct gk_secret after = test_snapshot(ring);
    bool same = gk_octets_equal(gk_secret_octets(before), gk_secret_octets(&after));

    gk_secret_free(&after);
    gk_secret_free(before);
    return same;
}
