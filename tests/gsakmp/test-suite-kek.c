/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/harness.h"

#include <stdlib.h>

#include "gsakmp/suite.h"
#include "tests/vectors.h"

static const uint16_t wraps[] = {12, 49153, 49154, 49155};
#define WRAPS (sizeof wraps / sizeof *wraps)

static struct gk_octets value_of(size_t creation, const char *name)
{
    char *path = gk_format("key_creation/%zu/%s", creation, name);
    struct gk_octets octets = vector_octets(path);

    free(path);
    return octets;
}

static struct gk_octets value_by_wrap(size_t creation, const char *name, unsigned wrap)
{
    char *path = gk_format("%s/%u", name, wrap);
    struct gk_octets octets = value_of(creation, path);

    free(path);
    return octets;
}

static const struct gk_creation *creation_of(size_t index)
{
    char *path = gk_format("key_creation/%zu/type", index);
    const struct gk_creation *creation = gk_creation_find(vector_integer(path));

    free(path);
    return creation;
}

/* ID Type octet | ID data; the caller frees the writer. */
static struct gk_writer identity(const char *path)
{
    struct gk_writer to = {0};

    gk_write_u8(&to, 31);
    gk_write_octets(&to, gk_octets_of(vector_text(path)));
    return to;
}

static void check_keks(size_t index, unsigned type, struct gk_kek_binding *binding)
{
    const struct gk_creation *creation = creation_of(index);
    const struct gk_wrap *wrap = gk_wrap_find(type);
    struct gk_writer info = {0};
    struct gk_secret kek;

    binding->key_creation = creation->type;
    binding->key_wrap = wrap->type;
    binding->member_public = value_of(index, "member_public");
    binding->server_public = value_of(index, "gcks_public");
    gk_kek_info(binding, &info);
    CU_ASSERT_TRUE(gk_octets_equal(gk_writer_octets(&info), value_by_wrap(index, "info", type)));
    gk_writer_free(&info);

    binding->nonce_i = vector_octets("nonces/nonce_i");
    binding->nonce_r = vector_octets("nonces/nonce_r");
    kek = gk_kek(creation, wrap, binding, value_of(index, "z"));
    CU_ASSERT_TRUE(
        gk_octets_equal(gk_secret_octets(&kek), value_by_wrap(index, "kek_nonces", type)));
    gk_secret_free(&kek);

    binding->nonce_i = binding->nonce_r = GK_NO_OCTETS;
    kek = gk_kek(creation, wrap, binding, value_of(index, "z"));
    CU_ASSERT_TRUE(
        gk_octets_equal(gk_secret_octets(&kek), value_by_wrap(index, "kek_timestamps", type)));
    gk_secret_free(&kek);
}

static void keks_have_known_answers(void)
{
    struct gk_writer member = identity("entities/m1/name");
    struct gk_writer server = identity("entities/gcks/name");
    struct gk_kek_binding binding = {.group_type = 2,
                                     .group_value = vector_octets("group/value"),
                                     .signature = 49153,
                                     .nonce_hash = 49153,
                                     .member = gk_writer_octets(&member),
                                     .server = gk_writer_octets(&server)};
    size_t count = json_array_size(vector_at("key_creation"));

    CU_ASSERT_EQUAL(count, 4);
    for (size_t i = 0; i < count; i++) {
        for (size_t w = 0; w < WRAPS; w++)
            check_keks(i, wraps[w], &binding);
    }
    gk_writer_free(&member);
    gk_writer_free(&server);
}

static struct gk_secret kek_of(const struct gk_kek_binding *binding)
{
    static const uint8_t z[32] = {1};

    return gk_kek(gk_creation_find(49153), gk_wrap_find(49154), binding, gk_octets(z, sizeof z));
}

/* Whatever the two sides saw differently gives two KEKs (profile 7.2). */
static void a_private_kek_binds_everything(void)
{
    struct gk_octets x = gk_octets_of("x");
    struct gk_octets y = gk_octets_of("y");
    const struct gk_kek_binding same = {2, x, 1, 1, 1, 1, x, x, x, x, x, x};
    struct gk_kek_binding other[12];
    struct gk_secret kek = kek_of(&same);

    for (size_t i = 0; i < 12; i++)
        other[i] = same;
    other[0].group_type = 3;
    other[1].group_value = y;
    other[2].signature = other[3].nonce_hash = 2;
    other[4].key_creation = other[5].key_wrap = 2;
    other[6].member = other[7].server = y;
    other[8].member_public = other[9].server_public = y;
    other[10].nonce_i = other[11].nonce_r = y;
    for (size_t i = 0; i < 12; i++) {
        struct gk_secret changed = kek_of(&other[i]);

        CU_ASSERT_EQUAL(changed.size, 32);
        CU_ASSERT_FALSE(gk_octets_equal(gk_secret_octets(&kek), gk_secret_octets(&changed)));
        gk_secret_free(&changed);
    }
    gk_secret_free(&kek);
}

static void nonce_c_has_known_answers(void)
{
    static const struct {
        uint16_t type;
        const char *path;
    } known[] = {{1, "nonces/nonce_c/1"}, {49153, "nonces/nonce_c/49153"}};
    struct gk_writer server = identity("entities/gcks/name");

    for (size_t i = 0; i < 2; i++) {
        const struct gk_nonce_hash *hash = gk_nonce_hash_find(known[i].type);
        struct gk_writer to = {0};

        gk_nonce_combine(hash, vector_octets("nonces/nonce_i"), vector_octets("nonces/nonce_r"),
                         gk_writer_octets(&server), &to);
        CU_ASSERT_TRUE(gk_octets_equal(gk_writer_octets(&to), vector_octets(known[i].path)));
        CU_ASSERT_EQUAL(to.size, hash->size);
        gk_writer_free(&to);
    }
    gk_writer_free(&server);
    CU_ASSERT_TRUE(gk_nonce_hash_find(1)->run && !gk_nonce_hash_find(1)->private_use);
    CU_ASSERT_TRUE(gk_nonce_hash_find(49153)->run && gk_nonce_hash_find(49153)->private_use);
    CU_ASSERT_PTR_NULL(gk_nonce_hash_find(0));
    CU_ASSERT_PTR_NULL(gk_nonce_hash_find(2));
    CU_ASSERT_PTR_NULL(gk_nonce_hash_find(49154));
}

/* Octets that move from one nonce to the other change Nonce_C of the private type. */
static void nonce_c_keeps_the_nonces_apart(void)
{
    const struct gk_nonce_hash *hash = gk_nonce_hash_find(49153);
    struct gk_writer one = {0};
    struct gk_writer two = {0};

    gk_nonce_combine(hash, gk_octets_of("abcd"), gk_octets_of("ef"), gk_octets_of("s"), &one);
    gk_nonce_combine(hash, gk_octets_of("abc"), gk_octets_of("def"), gk_octets_of("s"), &two);
    CU_ASSERT_FALSE(gk_octets_equal(gk_writer_octets(&one), gk_writer_octets(&two)));
    gk_writer_free(&one);
    gk_writer_free(&two);
}

/* The GTPK datum of the vectors: type 2, ID 4, handle 4, two dates of 15, then the key. */
static void token_key_has_a_known_answer(void)
{
    struct gk_octets datum = vector_octets("keys/gtpk");
    struct gk_octets gtpk = gk_octets(datum.data + 40, datum.size - 40);
    struct gk_secret key = gk_token_key(gk_wrap_find(49154), vector_octets("group/value"), gtpk);

    CU_ASSERT_EQUAL(gtpk.size, 32);
    CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&key), vector_octets("keys/token_key")));
    gk_secret_free(&key);

    key = gk_token_key(gk_wrap_find(12), vector_octets("group/value"), gk_octets(gtpk.data, 16));
    CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&key), gk_octets(gtpk.data, 16)));
    gk_secret_free(&key);
}

/* HKDF-Expand of RFC 5869: keys of other labels differ, and a longer one begins with a shorter. */
static void data_keys_differ_by_label(void)
{
    struct gk_octets gtpk = gk_octets_of("0123456789abcdef");
    struct gk_secret one = gk_data_key(gtpk, gk_octets_of("one"), 32);
    struct gk_secret two = gk_data_key(gtpk, gk_octets_of("two"), 32);
    struct gk_secret longer = gk_data_key(gtpk, gk_octets_of("one"), 100);

    CU_ASSERT_FALSE(gk_octets_equal(gk_secret_octets(&one), gk_secret_octets(&two)));
    CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&one), gk_octets(longer.data, 32)));
    CU_ASSERT_EQUAL(longer.size, 100);
    gk_secret_free(&one);
    gk_secret_free(&two);
    gk_secret_free(&longer);
}

const struct test_suite suite_kek = {
    "kek",
    {
        {"KEKs have known answers", keks_have_known_answers},
        {"a private KEK binds everything", a_private_kek_binds_everything},
        {"Nonce_C has known answers", nonce_c_has_known_answers},
        {"Nonce_C keeps the nonces apart", nonce_c_keeps_the_nonces_apart},
        {"the token key has a known answer", token_key_has_a_known_answer},
        {"data keys differ by label", data_keys_differ_by_label},
        {NULL, NULL},
    }};
