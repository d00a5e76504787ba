/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/suite.h"
#include "tests/vectors.h"

static const uint16_t working[] = {12, 49153, 49154, 49155};
#define WORKING (sizeof working / sizeof *working)

static struct gk_octets field(size_t index, const char *name)
{
    char *path = gk_format("wraps/%zu/%s", index, name);
    struct gk_octets octets = vector_octets(path);

    free(path);
    return octets;
}

static const struct gk_wrap *wrap_of(size_t index)
{
    char *path = gk_format("wraps/%zu/type", index);
    const struct gk_wrap *wrap = gk_wrap_find(vector_integer(path));

    free(path);
    return wrap;
}

static void known_answers(void)
{
    size_t count = json_array_size(vector_at("wraps"));

    CU_ASSERT_TRUE(count >= 16);
    for (size_t i = 0; i < count; i++) {
        const struct gk_wrap *wrap = wrap_of(i);
        struct gk_octets sealed = field(i, "sealed");
        struct gk_writer to = {0};
        struct gk_secret plain;

        CU_ASSERT_PTR_NOT_NULL_FATAL(wrap);
        wrap->seal(wrap, field(i, "key"), field(i, "iv"), field(i, "aad"), field(i, "plain"), &to);
        CU_ASSERT_TRUE(gk_octets_equal(gk_writer_octets(&to), sealed));
        CU_ASSERT_TRUE(to.size <= field(i, "plain").size + wrap->overhead);
        CU_ASSERT_TRUE(wrap->open(wrap, field(i, "key"), field(i, "aad"), sealed, &plain, NULL));
        CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&plain), field(i, "plain")));
        gk_secret_free(&plain);
        gk_writer_free(&to);
    }
}

/* Opens what it seals, for every length over some blocks, behind what a writer holds already. */
static void what_is_sealed_opens(void)
{
    struct gk_random random = test_random(1);

    for (size_t w = 0; w < WORKING; w++) {
        const struct gk_wrap *wrap = gk_wrap_find(working[w]);

        for (size_t size = 0; size < 70; size++) {
            struct gk_secret key = gk_random_secret(&random, wrap->key_size);
            struct gk_secret iv = gk_random_secret(&random, wrap->iv_size);
            struct gk_secret text = gk_random_secret(&random, size);
            struct gk_octets aad = gk_octets(key.data, size % 5);
            struct gk_writer to = {0};
            struct gk_secret plain;

            gk_write_u16(&to, 0xbeef);
            wrap->seal(wrap, gk_secret_octets(&key), gk_secret_octets(&iv), aad,
                       gk_secret_octets(&text), &to);
            CU_ASSERT_TRUE(wrap->open(wrap, gk_secret_octets(&key), aad,
                                      gk_octets(to.data + 2, to.size - 2), &plain, NULL));
            CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&plain), gk_secret_octets(&text)));
            gk_secret_free(&plain);
            gk_secret_free(&text);
            gk_secret_free(&iv);
            gk_secret_free(&key);
            gk_writer_free(&to);
        }
    }
}

static bool opens(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets aad,
                  struct gk_octets sealed)
{
    struct gk_reason why = {0};
    struct gk_secret plain;
    bool good = wrap->open(wrap, key, aad, sealed, &plain, &why);

    if (!good) {
        CU_ASSERT_EQUAL(why.notification, GK_INVALID_KEY_INFORMATION);
        CU_ASSERT_PTR_NULL(plain.data);
        CU_ASSERT_EQUAL(plain.size, 0);
    }
    gk_secret_free(&plain);
    return good;
}

/* Each bit of IV, ciphertext and tag; of the AAD; of the key. */
static void a_changed_bit_is_refused(void)
{
    for (size_t i = 4; i < 16; i++) {
        const struct gk_wrap *wrap = wrap_of(i);
        struct gk_secret part[3] = {gk_secret_copy(field(i, "key")),
                                    gk_secret_copy(field(i, "aad")),
                                    gk_secret_copy(field(i, "sealed"))};

        for (size_t p = 0; p < 3; p++) {
            for (size_t bit = 0; bit < 8 * part[p].size; bit++) {
                part[p].data[bit / 8] ^= (uint8_t)(1 << bit % 8);
                CU_ASSERT_FALSE(opens(wrap, gk_secret_octets(&part[0]), gk_secret_octets(&part[1]),
                                      gk_secret_octets(&part[2])));
                part[p].data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            }
        }
        CU_ASSERT_TRUE(opens(wrap, gk_secret_octets(&part[0]), gk_secret_octets(&part[1]),
                             gk_secret_octets(&part[2])));
        for (size_t p = 0; p < 3; p++)
            gk_secret_free(&part[p]);
    }
}

static void cut_octets_are_refused(void)
{
    for (size_t i = 0; i < 16; i++) {
        const struct gk_wrap *wrap = wrap_of(i);
        struct gk_octets sealed = field(i, "sealed");

        for (size_t size = 0; size < sealed.size; size++) {
            /* CBC has no tag: a cut at a block may open, to another text. */
            if (wrap->private_use || size % 16 || size < 32)
                CU_ASSERT_FALSE(
                    opens(wrap, field(i, "key"), field(i, "aad"), gk_octets(sealed.data, size)));
        }
        CU_ASSERT_FALSE(opens(wrap, field(i, "key"), field(i, "aad"), GK_NO_OCTETS));
    }
}

static void a_key_of_another_length_is_refused(void)
{
    static const uint8_t key[64];

    for (size_t i = 0; i < 16; i++) {
        const struct gk_wrap *wrap = wrap_of(i);

        CU_ASSERT_FALSE(
            opens(wrap, gk_octets(key, wrap->key_size - 1), field(i, "aad"), field(i, "sealed")));
        CU_ASSERT_FALSE(
            opens(wrap, gk_octets(key, wrap->key_size + 1), field(i, "aad"), field(i, "sealed")));
        CU_ASSERT_FALSE(opens(wrap, GK_NO_OCTETS, field(i, "aad"), field(i, "sealed")));
    }
}

/* Seals whole blocks of `blocks` so that CBC padding of our own stands at their end: the
 * sender's own padding block is cut off. */
static void seal_blocks(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets blocks,
                        struct gk_writer *to)
{
    static const uint8_t iv[16] = {9};

    wrap->seal(wrap, key, gk_octets(iv, 16), GK_NO_OCTETS, blocks, to);
    gk_writer_cut(to, 16 + blocks.size);
}

static void cbc_padding_must_fit_and_its_content_is_ignored(void)
{
    const struct gk_wrap *wrap = gk_wrap_find(12);
    struct gk_octets key = test_unhex("000102030405060708090a0b0c0d0e0f");

    for (unsigned pad = 0; pad < 256; pad++) {
        uint8_t text[32];
        struct gk_writer to = {0};
        struct gk_secret plain;
        bool good;

        memset(text, 0xa5, sizeof text);
        text[31] = (uint8_t)pad;
        seal_blocks(wrap, key, gk_octets(text, sizeof text), &to);
        good = wrap->open(wrap, key, GK_NO_OCTETS, gk_writer_octets(&to), &plain, NULL);
        CU_ASSERT_EQUAL(good, pad <= 31);
        if (good) {
            CU_ASSERT_EQUAL(plain.size, 31 - pad);
            CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&plain), gk_octets(text, 31 - pad)));
        }
        gk_secret_free(&plain);
        gk_writer_free(&to);
    }
}

static void wraps_that_are_not_run_are_refused(void)
{
    static const uint16_t types[] = {3, 13};
    struct gk_reason why;
    struct gk_secret plain;

    for (size_t i = 0; i < 2; i++) {
        const struct gk_wrap *wrap = gk_wrap_find(types[i]);

        CU_ASSERT_FALSE(wrap->run || wrap->private_use);
        CU_ASSERT_FALSE(
            gk_wrap_open(wrap, field(0, "key"), GK_NO_OCTETS, field(0, "sealed"), &plain, &why));
        CU_ASSERT_EQUAL(why.notification, GK_INVALID_KEY_INFORMATION);
        CU_ASSERT_STRING_EQUAL(why.code, "not-run");
        CU_ASSERT_PTR_NULL(plain.data);
    }
    CU_ASSERT_PTR_NULL(gk_wrap_find(0));
    CU_ASSERT_PTR_NULL(gk_wrap_find(14));
    CU_ASSERT_PTR_NULL(gk_wrap_find(49156));
    CU_ASSERT_PTR_NULL(gk_wrap_find(-1));
    CU_ASSERT_PTR_NULL(gk_wrap_find(65536 + 12));
}

static void an_iv_is_drawn(void)
{
    const struct gk_wrap *wrap = gk_wrap_find(49154);
    struct gk_random random = test_random(7);
    struct gk_random same = test_random(7);
    struct gk_octets key = field(8, "key");
    struct gk_writer one = {0};
    struct gk_writer two = {0};
    struct gk_secret plain;
    uint8_t iv[12];

    gk_wrap_seal(wrap, key, &random, gk_octets_of("a"), gk_octets_of("text"), &one);
    gk_wrap_seal(wrap, key, &random, gk_octets_of("a"), gk_octets_of("text"), &two);
    gk_random_fill(&same, iv, sizeof iv);
    CU_ASSERT_TRUE(gk_octets_equal(gk_octets(one.data, 12), gk_octets(iv, 12)));
    CU_ASSERT_FALSE(gk_octets_equal(gk_writer_octets(&one), gk_writer_octets(&two)));
    CU_ASSERT_TRUE(
        gk_wrap_open(wrap, key, gk_octets_of("a"), gk_writer_octets(&two), &plain, NULL));
    CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&plain), gk_octets_of("text")));
    gk_secret_free(&plain);
    gk_writer_free(&one);
    gk_writer_free(&two);
}

static void aad_is_group_payload_and_wrapping_key(void)
{
    struct gk_writer to = {0};

    gk_aad(&to, vector_octets("group/value"), 2);
    CU_ASSERT_HEX(gk_writer_octets(&to), "a1a2a3a4a5a6a7a8766563746f727302");
    gk_writer_cut(&to, 0);
    gk_aad_rekey(&to, vector_octets("group/value"), 2, 0x01020304);
    CU_ASSERT_TRUE(gk_octets_equal(gk_writer_octets(&to), field(4, "aad")));
    gk_writer_free(&to);
}

const struct test_suite suite_wrap = {
    "wrap",
    {
        {"known answers", known_answers},
        {"what is sealed opens", what_is_sealed_opens},
        {"a changed bit is refused", a_changed_bit_is_refused},
        {"cut octets are refused", cut_octets_are_refused},
        {"a key of another length is refused", a_key_of_another_length_is_refused},
        {"CBC padding must fit and its content is ignored",
         cbc_padding_must_fit_and_its_content_is_ignored},
        {"wraps that are not run are refused", wraps_that_are_not_run_are_refused},
        {"an IV is drawn", an_iv_is_drawn},
        {"AAD is group, payload and wrapping key", aad_is_group_payload_and_wrapping_key},
        {NULL, NULL},
    }};
