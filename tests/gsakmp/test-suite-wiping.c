/* SPDX-License-Identifier: Apache-2.0 */
/* No freed block holds a key: not ours, not nettle's, not GMP's. */
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>

#include <gmp.h>

#include "gsakmp/suite.h"
#include "tests/gsakmp/freed.h"
#include "tests/vectors.h"

static void the_watch_sees_what_is_left(void)
{
    struct gk_octets secret = gk_octets_of("0123456789abcdefgh");
    char *left = gk_strdup("left: 0123456789abcdefgh");
    char *reversed = gk_strdup("hgfedcba9876543210");
    char *harmless = gk_strdup("0123456789abcde");

    freed_watch(secret);
    free(left);
    free(reversed);
    free(harmless);
    CU_ASSERT_EQUAL(freed_found(), 2);
    harmless = gk_strdup("0123456789abcdefgh");
    free(harmless);
    CU_ASSERT_EQUAL(freed_found(), 0);
}

/* GnuTLS sees to it when it is loaded; nettle's scratch of P-256 relies on it. */
static void gmp_wipes_what_it_frees(void)
{
    struct gk_octets secret = gk_octets_of("a secret integer of 32 octets...");
    mpz_t integer;

    mpz_init(integer);
    mpz_import(integer, secret.size, 1, 1, 1, 0, secret.data);
    freed_watch(secret);
    mpz_mul_2exp(integer, integer, 64000);
    mpz_clear(integer);
    CU_ASSERT_EQUAL(freed_found(), 0);
}

static struct gk_octets value_of(size_t creation, const char *name)
{
    char *path = gk_format("key_creation/%zu/%s", creation, name);
    struct gk_octets octets = vector_octets(path);

    free(path);
    return octets;
}

static void registration(const struct gk_creation *creation, struct gk_octets secret,
                         struct gk_octets peer, uint16_t type)
{
    const struct gk_wrap *wrap = gk_wrap_find(type);
    const struct gk_kek_binding binding = {.member_public = peer};
    static const uint8_t iv[16];
    struct gk_writer public_value = {0};
    struct gk_writer sealed = {0};
    struct gk_secret z, kek, plain;

    CU_ASSERT_TRUE(gk_creation_public(creation, secret, &public_value, NULL));
    CU_ASSERT_TRUE_FATAL(creation->agree(creation, secret, peer, &z, NULL));
    kek = gk_kek(creation, wrap, &binding, gk_secret_octets(&z));
    freed_watch(gk_secret_octets(&kek));
    wrap->seal(wrap, gk_secret_octets(&kek), gk_octets(iv, wrap->iv_size), GK_NO_OCTETS, secret,
               &sealed);
    CU_ASSERT_TRUE(wrap->open(wrap, gk_secret_octets(&kek), GK_NO_OCTETS, gk_writer_octets(&sealed),
                              &plain, NULL));
    CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&plain), secret));
    gk_secret_free(&plain);
    gk_secret_free(&kek);
    gk_secret_free(&z);
    gk_writer_free(&sealed);
    gk_writer_free(&public_value);
}

static void a_registration_leaves_nothing(void)
{
    static const uint16_t creations[] = {2, 14, 49153, 49154};
    static const uint16_t wraps[] = {12, 49153, 49154, 49155};

    for (size_t c = 0; c < 4; c++) {
        struct gk_octets secret = value_of(c, "member_secret");
        struct gk_octets peer = value_of(c, "gcks_public");
        struct gk_octets z = value_of(c, "z");

        for (size_t w = 0; w < 4; w++) {
            freed_watch(secret);
            freed_watch(z);
            registration(gk_creation_find(creations[c]), secret, peer, wraps[w]);
            CU_ASSERT_EQUAL(freed_found(), 0);
        }
    }
}

/* What was decrypted under a bad tag is wiped as well. */
static void a_refused_wrap_leaves_nothing(void)
{
    const struct gk_wrap *wrap = gk_wrap_find(49154);
    struct gk_octets text = gk_octets_of("text that nobody may see, in two blocks");
    static const uint8_t key[32], iv[12];
    struct gk_writer sealed = {0};
    struct gk_secret plain;

    wrap->seal(wrap, gk_octets(key, 32), gk_octets(iv, 12), GK_NO_OCTETS, text, &sealed);
    sealed.data[sealed.size - 1] ^= 1;
    freed_watch(text);
    CU_ASSERT_FALSE(wrap->open(wrap, gk_octets(key, 32), GK_NO_OCTETS, gk_writer_octets(&sealed),
                               &plain, NULL));
    CU_ASSERT_EQUAL(freed_found(), 0);
    gk_writer_free(&sealed);
}

static void derived_keys_leave_nothing(void)
{
    struct gk_octets gtpk = gk_octets_of("a GTPK of thirty-two octets long");
    struct gk_secret token_key, data_key;

    freed_watch(gtpk);
    token_key = gk_token_key(gk_wrap_find(49154), gk_octets_of("group"), gtpk);
    data_key = gk_data_key(gtpk, gk_octets_of("label"), 32);
    freed_watch(gk_secret_octets(&token_key));
    freed_watch(gk_secret_octets(&data_key));
    gk_secret_free(&token_key);
    gk_secret_free(&data_key);
    CU_ASSERT_EQUAL(freed_found(), 0);
}

const struct test_suite suite_wiping = {
    "wiping",
    {
        {"the watch sees what is left", the_watch_sees_what_is_left},
        {"GMP wipes what it frees", gmp_wipes_what_it_frees},
        {"a registration leaves nothing", a_registration_leaves_nothing},
        {"a refused wrap leaves nothing", a_refused_wrap_leaves_nothing},
        {"derived keys leave nothing", derived_keys_leave_nothing},
        {NULL, NULL},
    }};
