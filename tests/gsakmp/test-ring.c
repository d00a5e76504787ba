/* SPDX-License-Identifier: Apache-2.0 */
/* The member's ring: what it takes from a Key Download, and its records. */
#include "tests/gsakmp/ring-help.h"

#include <stdlib.h>

static void keys_of_a_key_download_are_held(void)
{
    struct gk_ring *ring = test_sample_ring();
    struct gk_key_download *download = gk_alloc(1, sizeof *download);
    struct gk_key_datum datum;
    uint32_t member = 0;

    test_sample(download, test_ring_key);
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

        test_sample(download, test_ring_key);
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

/* --- records ---------------------------------------------------------------------------------- */

static void records_return(void)
{
    struct gk_ring *ring = test_sample_ring();
    struct gk_secret record = test_snapshot(ring);
    struct gk_ring *again = gk_ring_read(gk_secret_octets(&record), NULL);
    struct gk_secret copy = test_snapshot(ring);
    uint32_t member = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(again);
    CU_ASSERT_TRUE(test_unchanged(again, &copy));
    CU_ASSERT_TRUE(gk_ring_member_id(again, &member));
    CU_ASSERT_EQUAL(member, 1);
    gk_secret_free(&record);
    gk_ring_free(again);
    gk_ring_free(ring);
}

static void foreign_records_are_judged(void)
{
    struct gk_ring *ring = test_sample_ring();
    struct gk_secret record = test_snapshot(ring);

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
        {"records return", records_return},
        {"foreign records are judged", foreign_records_are_judged},
        {NULL, NULL},
    }};
