/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/suite.h"
#include "tests/vectors.h"

static struct gk_octets value_of(size_t creation, const char *name)
{
    char *path = gk_format("key_creation/%zu/%s", creation, name);
    struct gk_octets octets = vector_octets(path);

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

static void check_public(const struct gk_creation *creation, struct gk_octets secret,
                         struct gk_octets expected)
{
    struct gk_writer to = {0};

    CU_ASSERT_TRUE(gk_creation_public(creation, secret, &to, NULL));
    CU_ASSERT_TRUE(gk_octets_equal(gk_writer_octets(&to), expected));
    CU_ASSERT_EQUAL(to.size, creation->public_size);
    gk_writer_free(&to);
}

static void check_agree(const struct gk_creation *creation, struct gk_octets secret,
                        struct gk_octets peer, struct gk_octets expected)
{
    struct gk_secret z;

    CU_ASSERT_TRUE(creation->agree(creation, secret, peer, &z, NULL));
    CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&z), expected));
    CU_ASSERT_EQUAL(z.size, creation->shared_size);
    gk_secret_free(&z);
}

static void known_answers(void)
{
    size_t count = json_array_size(vector_at("key_creation"));

    CU_ASSERT_EQUAL(count, 4);
    for (size_t i = 0; i < count; i++) {
        const struct gk_creation *creation = creation_of(i);

        check_public(creation, value_of(i, "member_secret"), value_of(i, "member_public"));
        check_public(creation, value_of(i, "gcks_secret"), value_of(i, "gcks_public"));
        check_agree(creation, value_of(i, "member_secret"), value_of(i, "gcks_public"),
                    value_of(i, "z"));
        check_agree(creation, value_of(i, "gcks_secret"), value_of(i, "member_public"),
                    value_of(i, "z"));
    }
}

static void two_sides_agree(void)
{
    struct gk_random random = test_random(3);

    for (size_t i = 0; i < 4; i++) {
        const struct gk_creation *creation = creation_of(i);

        for (int round = 0; round < 4; round++) {
            struct gk_secret a, b, z;
            struct gk_writer a_public = {0};
            struct gk_writer b_public = {0};

            creation->generate(creation, &random, &a, &a_public);
            creation->generate(creation, &random, &b, &b_public);
            CU_ASSERT_FALSE(gk_octets_equal(gk_secret_octets(&a), gk_secret_octets(&b)));
            check_public(creation, gk_secret_octets(&a), gk_writer_octets(&a_public));
            CU_ASSERT_TRUE(creation->agree(creation, gk_secret_octets(&a),
                                           gk_writer_octets(&b_public), &z, NULL));
            check_agree(creation, gk_secret_octets(&b), gk_writer_octets(&a_public),
                        gk_secret_octets(&z));
            gk_secret_free(&a);
            gk_secret_free(&b);
            gk_secret_free(&z);
            gk_writer_free(&a_public);
            gk_writer_free(&b_public);
        }
    }
}

/* The notification of the refusal; GK_NONE when there was none. */
static uint16_t refusal(size_t index, struct gk_octets peer)
{
    const struct gk_creation *creation = creation_of(index);
    struct gk_reason why = {0};
    struct gk_secret z;

    if (creation->agree(creation, value_of(index, "member_secret"), peer, &z, &why))
        gk_secret_free(&z);
    CU_ASSERT_PTR_NULL(z.data);
    CU_ASSERT_EQUAL(z.size, 0);
    return why.notification;
}

static void another_length_is_refused(void)
{
    static const uint8_t octets[300] = {4, 3};

    for (size_t i = 0; i < 4; i++) {
        size_t size = creation_of(i)->public_size;

        CU_ASSERT_EQUAL(refusal(i, GK_NO_OCTETS), GK_PAYLOAD_MALFORMED);
        CU_ASSERT_EQUAL(refusal(i, gk_octets(octets, size - 1)), GK_PAYLOAD_MALFORMED);
        CU_ASSERT_EQUAL(refusal(i, gk_octets(octets, size + 1)), GK_PAYLOAD_MALFORMED);
    }
}

/* The points of order 1, 2, 4 and 8, also unreduced and with the bit that RFC 7748 masks. */
static void x25519_low_order_is_refused(void)
{
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
    };

    for (size_t i = 0; i < sizeof points / sizeof *points; i++)
        CU_ASSERT_EQUAL(refusal(2, test_unhex(points[i])), GK_PAYLOAD_MALFORMED);
    CU_ASSERT_EQUAL(refusal(2, value_of(2, "gcks_public")), GK_NONE);
}

/* RFC 7748 6.1. */
static void x25519_of_rfc_7748(void)
{
    const struct gk_creation *x25519 = gk_creation_find(49153);
    struct gk_octets a =
        test_unhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    struct gk_octets a_public =
        test_unhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    struct gk_octets b =
        test_unhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    struct gk_octets b_public =
        test_unhex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    struct gk_octets k =
        test_unhex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");

    check_public(x25519, a, a_public);
    check_public(x25519, b, b_public);
    check_agree(x25519, a, b_public, k);
    check_agree(x25519, b, a_public, k);
}

static const char p256_order[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

static void p256_secrets_are_1_to_n_less_1(void)
{
    const struct gk_creation *p256 = gk_creation_find(49154);
    struct gk_writer to = {0};
    struct gk_secret order = gk_secret_copy(test_unhex(p256_order));
    struct gk_secret secret = gk_secret_new(32);

    CU_ASSERT_FALSE(gk_creation_public(p256, gk_secret_octets(&secret), &to, NULL));
    CU_ASSERT_FALSE(gk_creation_public(p256, gk_secret_octets(&order), &to, NULL));
    CU_ASSERT_EQUAL(to.size, 0);
    order.data[31]--;
    secret.data[31] = 1;
    CU_ASSERT_TRUE(gk_creation_public(p256, gk_secret_octets(&order), &to, NULL));
    CU_ASSERT_TRUE(gk_creation_public(p256, gk_secret_octets(&secret), &to, NULL));
    /* G and -G: the same x. */
    CU_ASSERT_TRUE(gk_octets_equal(gk_octets(to.data, 33), gk_octets(to.data + 65, 33)));
    CU_ASSERT_FALSE(gk_creation_public(p256, gk_octets(order.data, 31), &to, NULL));
    gk_secret_free(&order);
    gk_secret_free(&secret);
    gk_writer_free(&to);
}

/* A generator that yields 0, n and all ones before a good scalar. */
static void fill_bad_scalars(void *context, uint8_t *to, size_t size)
{
    int *calls = context;
    struct gk_octets order = test_unhex(p256_order);

    memset(to, *calls == 0 ? 0 : *calls == 2 ? 0xff : 0x11, size);
    if (*calls == 1 && size == order.size)
        memcpy(to, order.data, size);
    ++*calls;
}

static void p256_draws_until_a_scalar_comes(void)
{
    const struct gk_creation *p256 = gk_creation_find(49154);
    int calls = 0;
    const struct gk_random random = {fill_bad_scalars, &calls};
    struct gk_writer to = {0};
    struct gk_secret secret;

    p256->generate(p256, &random, &secret, &to);
    CU_ASSERT_EQUAL(calls, 4);
    CU_ASSERT_EQUAL(secret.data[0], 0x11);
    CU_ASSERT_EQUAL(to.size, 65);
    gk_secret_free(&secret);
    gk_writer_free(&to);
}

static void p256_points_must_be_on_the_curve(void)
{
    struct gk_secret point = gk_secret_copy(value_of(3, "gcks_public"));
    struct gk_octets prime =
        test_unhex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");

    CU_ASSERT_EQUAL(refusal(3, gk_secret_octets(&point)), GK_NONE);
    for (size_t at = 0; at < 65; at++) {
        point.data[at] ^= 1;
        CU_ASSERT_EQUAL(refusal(3, gk_secret_octets(&point)), GK_PAYLOAD_MALFORMED);
        point.data[at] ^= 1;
    }
    /* Compressed and hybrid forms, the form of the point at infinity, unreduced coordinates. */
    point.data[0] = 2;
    CU_ASSERT_EQUAL(refusal(3, gk_octets(point.data, 33)), GK_PAYLOAD_MALFORMED);
    point.data[0] = 6;
    CU_ASSERT_EQUAL(refusal(3, gk_secret_octets(&point)), GK_PAYLOAD_MALFORMED);
    memset(point.data, 0, 65);
    CU_ASSERT_EQUAL(refusal(3, gk_secret_octets(&point)), GK_PAYLOAD_MALFORMED);
    CU_ASSERT_EQUAL(refusal(3, gk_octets(point.data, 1)), GK_PAYLOAD_MALFORMED);
    point.data[0] = 4;
    CU_ASSERT_EQUAL(refusal(3, gk_secret_octets(&point)), GK_PAYLOAD_MALFORMED);
    memcpy(point.data + 1, prime.data, 32);
    CU_ASSERT_EQUAL(refusal(3, gk_secret_octets(&point)), GK_PAYLOAD_MALFORMED);
    gk_secret_free(&point);
}

/* x = 5 has a point on P-256; x + p fits 32 octets as well and must not pass for it. */
static void p256_coordinates_are_reduced(void)
{
    static const char y[] = "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc";
    char *reduced = gk_format("04%064x%s", 5, y);
    char *unreduced =
        gk_format("04%s%s", "ffffffff00000001000000000000000000000001000000000000000000000004", y);

    CU_ASSERT_EQUAL(refusal(3, test_unhex(reduced)), GK_NONE);
    CU_ASSERT_EQUAL(refusal(3, test_unhex(unreduced)), GK_PAYLOAD_MALFORMED);
    free(reduced);
    free(unreduced);
}

static void modp_values_are_2_to_p_less_2(void)
{
    static const char *const primes[] = {
        "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a0879"
        "8e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b"
        "0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff",
        "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a0879"
        "8e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b"
        "0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da4836"
        "1c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804"
        "f1746c08ca18217c32905e462e36ce3be39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6"
        "955817183995497cea956ae515d2261898fa051015728e5a8aacaa68ffffffffffffffff"};

    for (size_t i = 0; i < 2; i++) {
        struct gk_secret value = gk_secret_copy(test_unhex(primes[i]));
        size_t last = value.size - 1;

        CU_ASSERT_EQUAL(refusal(i, gk_secret_octets(&value)), GK_PAYLOAD_MALFORMED);
        value.data[last] = 0xfe;
        CU_ASSERT_EQUAL(refusal(i, gk_secret_octets(&value)), GK_PAYLOAD_MALFORMED);
        value.data[last] = 0xfd;
        CU_ASSERT_EQUAL(refusal(i, gk_secret_octets(&value)), GK_NONE);
        memset(value.data, 0xff, value.size);
        CU_ASSERT_EQUAL(refusal(i, gk_secret_octets(&value)), GK_PAYLOAD_MALFORMED);
        memset(value.data, 0, value.size);
        CU_ASSERT_EQUAL(refusal(i, gk_secret_octets(&value)), GK_PAYLOAD_MALFORMED);
        value.data[last] = 1;
        CU_ASSERT_EQUAL(refusal(i, gk_secret_octets(&value)), GK_PAYLOAD_MALFORMED);
        value.data[last] = 2;
        CU_ASSERT_EQUAL(refusal(i, gk_secret_octets(&value)), GK_NONE);
        gk_secret_free(&value);
    }
}

/* A small exponent gives a public value with leading zeros, which stay. */
static void modp_values_are_padded(void)
{
    const struct gk_creation *modp = gk_creation_find(14);
    struct gk_secret secret = gk_secret_new(32);
    struct gk_secret z;
    struct gk_writer to = {0};

    CU_ASSERT_FALSE(gk_creation_public(modp, gk_secret_octets(&secret), &to, NULL));
    CU_ASSERT_EQUAL(to.size, 0);
    secret.data[31] = 9;
    CU_ASSERT_TRUE(gk_creation_public(modp, gk_secret_octets(&secret), &to, NULL));
    CU_ASSERT_EQUAL(to.size, 256);
    CU_ASSERT_EQUAL(to.data[0], 0);
    CU_ASSERT_EQUAL(to.data[254], 2);
    CU_ASSERT_EQUAL(to.data[255], 0);
    CU_ASSERT_TRUE(modp->agree(modp, gk_secret_octets(&secret), gk_writer_octets(&to), &z, NULL));
    CU_ASSERT_EQUAL(z.size, 256);
    CU_ASSERT_EQUAL(z.data[256 - 11], 2); /* 2^81 */
    gk_secret_free(&z);
    gk_secret_free(&secret);
    gk_writer_free(&to);
}

static void secrets_of_another_length_are_refused(void)
{
    static const uint8_t octets[300] = {1};
    struct gk_writer to = {0};

    for (size_t i = 0; i < 4; i++) {
        const struct gk_creation *creation = creation_of(i);
        struct gk_secret z;

        CU_ASSERT_FALSE(gk_creation_public(creation, gk_octets(octets, 31), &to, NULL));
        CU_ASSERT_FALSE(gk_creation_public(creation, gk_octets(octets, 257), &to, NULL));
        CU_ASSERT_FALSE(
            creation->agree(creation, gk_octets(octets, 31), value_of(i, "gcks_public"), &z, NULL));
        CU_ASSERT_PTR_NULL(z.data);
        CU_ASSERT_EQUAL(to.size, 0);
    }
    gk_writer_free(&to);
}

static void rows(void)
{
    CU_ASSERT_TRUE(gk_creation_find(49153)->run && gk_creation_find(49153)->private_use);
    CU_ASSERT_TRUE(gk_creation_find(49154)->run && gk_creation_find(49154)->private_use);
    CU_ASSERT_TRUE(gk_creation_find(2)->run && !gk_creation_find(2)->private_use);
    CU_ASSERT_TRUE(gk_creation_find(14)->run && !gk_creation_find(14)->private_use);
    CU_ASSERT_PTR_NULL(gk_creation_find(0));
    CU_ASSERT_PTR_NULL(gk_creation_find(1));
    CU_ASSERT_PTR_NULL(gk_creation_find(49155));
    CU_ASSERT_PTR_NULL(gk_creation_find(-1));
}

const struct test_suite suite_creation = {
    "creation",
    {
        {"known answers", known_answers},
        {"two sides agree", two_sides_agree},
        {"another length is refused", another_length_is_refused},
        {"X25519: low order is refused", x25519_low_order_is_refused},
        {"X25519 of RFC 7748", x25519_of_rfc_7748},
        {"P-256: secrets are 1 to n - 1", p256_secrets_are_1_to_n_less_1},
        {"P-256: draws until a scalar comes", p256_draws_until_a_scalar_comes},
        {"P-256: points must be on the curve", p256_points_must_be_on_the_curve},
        {"P-256: coordinates are reduced", p256_coordinates_are_reduced},
        {"MODP: values are 2 to p - 2", modp_values_are_2_to_p_less_2},
        {"MODP: values are padded", modp_values_are_padded},
        {"secrets of another length are refused", secrets_of_another_length_are_refused},
        {"rows", rows},
        {NULL, NULL},
    }};
