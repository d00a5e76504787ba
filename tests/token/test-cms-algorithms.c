/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens signed with RSA and DSA, under the known answers' keys and certificates made here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>

#include "gsakmp/suite.h"
#include "tests/harness.h"
#include "tests/token/build.h"
#include "tests/token/made.h"
#include "tests/vectors.h"
#include "token/cms-algorithm.h"
#include "token/cms.h"

#define DSA 0
#define RSA 2
#define AT  1767225600

static struct made make(int vector)
{
    char *path = gk_format("verify/%d/key", vector);
    struct made made = made_of(gk_octets_of(vector_text(path)), GNUTLS_DIG_SHA256);

    free(path);
    return made;
}

static struct gk_octets signed_with(const struct made *made, const char *algorithm)
{
    struct gk_writer to = {0};
    struct gk_octets octets;
    struct gk_reason why = {0};
    char *hex;

    if (!cms_sign_with(algorithm, vector_octets("tokens/recommended/der"), &made->certificate, 1,
                       &made->signer, AT, &to, &why)) {
        fprintf(stderr, "%s: %s\n", algorithm, why.text);
        exit(2);
    }
    hex = gk_hex(gk_writer_octets(&to));
    octets = test_unhex(hex);
    free(hex);
    gk_writer_free(&to);
    return octets;
}

static const char *refusal(struct gk_octets token)
{
    static struct gk_reason why;
    struct cms cms;

    why = (struct gk_reason){0};
    return cms_verify(&cms, token, &why) ? "good" : why.code;
}

static bool says(const struct made *made, const char *algorithm, const char *name)
{
    struct gk_octets token = signed_with(made, algorithm);
    uint8_t *last = (uint8_t *)(uintptr_t)(token.data + token.size - 1);
    struct cms cms;
    bool good =
        cms_verify(&cms, token, NULL) && cms.signing_time == AT && strcmp(cms.algorithm, name) == 0;

    *last ^= 1;
    return good && strcmp(refusal(token), "cms-signature") == 0;
}

static void rsa_signs_in_six_ways(void)
{
    struct made made = make(RSA);

    CU_ASSERT_TRUE(says(&made, NULL, "RSA with SHA-256"));
    CU_ASSERT_TRUE(says(&made, "rsa-sha256", "RSA with SHA-256"));
    CU_ASSERT_TRUE(says(&made, "rsa-sha384", "RSA with SHA-384"));
    CU_ASSERT_TRUE(says(&made, "rsa-sha512", "RSA with SHA-512"));
    CU_ASSERT_TRUE(says(&made, "rsa-pss-sha256", "RSA-PSS with SHA-256"));
    CU_ASSERT_TRUE(says(&made, "rsa-pss-sha384", "RSA-PSS with SHA-384"));
    CU_ASSERT_TRUE(says(&made, "rsa-pss-sha512", "RSA-PSS with SHA-512"));
    gk_signer_free(&made.signer);
}

/* Often enough that r and s come with and without a leading bit. */
static void dsa_signs_in_two_ways(void)
{
    struct made made = make(DSA);

    for (int round = 0; round < 8; round++) {
        CU_ASSERT_TRUE(says(&made, NULL, "DSA with SHA-256"));
        CU_ASSERT_TRUE(says(&made, "dsa-sha256", "DSA with SHA-256"));
        CU_ASSERT_TRUE(says(&made, "dsa-sha1", "DSA with SHA-1"));
    }
    gk_signer_free(&made.signer);
}

static void algorithms_fit_their_keys(void)
{
    struct gk_octets der = vector_octets("tokens/recommended/der");
    struct made rsa = make(RSA);
    struct made dsa = make(DSA);
    struct gk_writer to = {0};
    struct gk_reason why = {0};
    struct gk_octets data = gk_octets_of("data");
    struct gk_octets one = test_unhex("3006020101020101");

#define FAILS(algorithm, made)                                                                     \
    CU_ASSERT_FALSE(                                                                               \
        cms_sign_with(algorithm, der, &(made).certificate, 1, &(made).signer, AT, &to, &why));     \
    CU_ASSERT_STRING_EQUAL(why.code, "cms-algorithm");                                             \
    CU_ASSERT_EQUAL(to.size, 0)
    FAILS("rsa-sha256", dsa);
    FAILS("dsa-sha256", rsa);
    FAILS("ed25519", rsa);
    FAILS("rsa-sha1", rsa);
    FAILS("", rsa);
#undef FAILS
    CU_ASSERT_FALSE(
        cms_signature_verify(cms_algorithm_named("rsa-sha256"), dsa.certificate, data, one, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "cms-key");
    CU_ASSERT_FALSE(
        cms_signature_verify(cms_algorithm_named("dsa-sha1"), rsa.certificate, data, one, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "cms-key");
    gk_signer_free(&rsa.signer);
    gk_signer_free(&dsa.signer);
    gk_writer_free(&to);
}

/* Wire profile 11.14: RSA keys of less than 2048 bits. */
static void short_keys_are_refused(void)
{
    struct gk_octets data = gk_octets_of("data");
    gnutls_datum_t text = {(unsigned char *)(uintptr_t)data.data, (unsigned)data.size};
    gnutls_x509_privkey_t key;
    gnutls_privkey_t hand;
    gnutls_datum_t pem, value;
    struct gk_reason why = {0};
    struct gk_octets certificate;
    struct gk_signer signer;

    made_must(gnutls_x509_privkey_init(&key));
    made_must(gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, 1024, 0));
    made_must(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem));
    CU_ASSERT_FALSE(gk_signer_open(&signer, made_keep(&pem), -1, NULL, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "key-kind");
    made_must(gnutls_privkey_init(&hand));
    made_must(gnutls_privkey_import_x509(hand, key, 0));
    certificate = made_certificate(key, GNUTLS_DIG_SHA256);
    made_must(gnutls_privkey_sign_data2(hand, GNUTLS_SIGN_RSA_SHA256, 0, &text, &value));
    CU_ASSERT_FALSE(cms_signature_verify(cms_algorithm_named("rsa-sha256"), certificate, data,
                                         gk_octets(value.data, value.size), &why));
    CU_ASSERT_STRING_EQUAL(why.code, "cms-key");
    gnutls_free(value.data);
    gnutls_privkey_deinit(hand);
    gnutls_x509_privkey_deinit(key);
}

#define SHA256     "0609608648016503040201"
#define SHA384     "0609608648016503040202"
#define MGF1       "06092a864886f70d010108"
#define PSS        "06092a864886f70d01010a"
#define RSA_ANY    "06092a864886f70d010101"
#define RSA_SHA256 "06092a864886f70d01010b"
#define RSA_SHA384 "06092a864886f70d01010c"

/* The token with another signatureAlgorithm, told in build_der's notation; what signs is the
 * same, since signed attributes do not hold it. */
static const char *with(struct gk_octets token, const char *was, const char *is)
{
    struct gk_octets from = build_der(was);
    struct gk_octets to = build_der(is);
    const uint8_t *at = memmem(token.data, token.size, from.data, from.size);
    struct gk_writer changed = {0};
    const char *code;
    size_t start;

    if (!at || memmem(at + 1, token.size - (size_t)(at + 1 - token.data), from.data, from.size))
        return "not there once";
    gk_write(&changed, token.data, (size_t)(at - token.data));
    gk_write_octets(&changed, to);
    start = (size_t)(at - token.data) + from.size;
    gk_write(&changed, token.data + start, token.size - start);
    /* The lengths above: all have two octets of length in tokens of this size. */
    for (size_t i = 0, inside = (size_t)(at - token.data); i + 4 < inside; i++) {
        size_t length = (size_t)changed.data[i + 2] << 8 | changed.data[i + 3];

        if (changed.data[i + 1] == 0x82 && i + 4 + length == token.size) {
            length = length + to.size - from.size;
            changed.data[i + 2] = (uint8_t)(length >> 8);
            changed.data[i + 3] = (uint8_t)length;
        }
    }
    code = refusal(gk_writer_octets(&changed));
    gk_writer_free(&changed);
    return code;
}

#define GOOD_PSS "30{" PSS " 30{a0{30{" SHA256 "}} a1{30{" MGF1 " 30{" SHA256 "}}} a2{020120}}}"

static void parameters_of_pss(void)
{
    struct made made = make(RSA);
    struct gk_octets token = signed_with(&made, "rsa-pss-sha256");

#define IS(code, parameters)                                                                       \
    CU_ASSERT_STRING_EQUAL(with(token, GOOD_PSS, "30{" PSS " " parameters "}"), code)
#define HASH "a0{30{" SHA256 "}}"
#define MASK "a1{30{" MGF1 " 30{" SHA256 "}}}"
#define SALT "a2{020120}"
    IS("good", "30{" HASH MASK SALT "}");
    /* NULL behind the digests, as RFC 4055 2.1 has it. */
    IS("good", "30{a0{30{" SHA256 " 0500}} a1{30{" MGF1 " 30{" SHA256 " 0500}}}" SALT "}");
    IS("cms-pss", "30{a0{30{" SHA384 "}}" MASK SALT "}");
    IS("cms-pss", "30{" HASH "a1{30{" MGF1 " 30{" SHA384 "}}}" SALT "}");
    IS("cms-pss", "30{" HASH "a1{30{06092a864886f70d010109 30{" SHA256 "}}}" SALT "}");
    IS("cms-pss", "30{" HASH MASK "a2{020130}}");
    IS("cms-pss", "30{" HASH MASK "a2{0202"
                  "00de}}");
    IS("der-missing", "30{" HASH MASK "}");
    IS("der-missing", "30{}");
    IS("der-missing", "");
    IS("der-unexpected", "0500");
    IS("der-unexpected", "30{" HASH MASK SALT "a3{020101}}");
    IS("der-unexpected", "30{" HASH MASK SALT "} 0500");
    CU_ASSERT_STRING_EQUAL(with(token, GOOD_PSS, "30{" RSA_ANY " 0500}"), "cms-signature");
#undef IS
    gk_signer_free(&made.signer);
}

static void parameters_of_rsa(void)
{
    struct made made = make(RSA);
    struct gk_octets token = signed_with(&made, "rsa-sha256");

    /* The certificate names the key's algorithm as rsaEncryption too: the SignerInfo's stands
     * behind its digest's. */
#define WAS                 "30{" RSA_ANY " 0500} 0482"
#define IS(code, algorithm) CU_ASSERT_STRING_EQUAL(with(token, WAS, algorithm " 0482"), code)
    IS("good", "30{" RSA_ANY " 0500}");
    IS("good", "30{" RSA_ANY "}");
    IS("good", "30{" RSA_SHA256 " 0500}");
    IS("good", "30{" RSA_SHA256 "}");
    IS("cms-algorithm", "30{" RSA_SHA384 " 0500}");
    IS("der-unexpected", "30{" RSA_ANY " 3000}");
    IS("der-unexpected", "30{" RSA_ANY " 0500 0500}");
    IS("cms-algorithm", "30{06092a864886f70d010105 0500}");
#undef IS
#undef WAS
    gk_signer_free(&made.signer);
}

/* RFC 5754 3.1: none. */
static void parameters_of_dsa(void)
{
    struct made made = make(DSA);
    struct gk_octets token = signed_with(&made, "dsa-sha256");

    CU_ASSERT_STRING_EQUAL(
        with(token, "30{0609608648016503040302} 04", "30{0609608648016503040302} 04"), "good");
    CU_ASSERT_STRING_EQUAL(
        with(token, "30{0609608648016503040302} 04", "30{0609608648016503040302 0500} 04"),
        "cms-algorithm");
    gk_signer_free(&made.signer);
}

static bool nothing(const struct gk_signer *signer, struct gk_octets data, struct gk_writer *to,
                    struct gk_reason *why)
{
    (void)signer;
    (void)data;
    (void)to;
    (void)why;
    return false;
}

/* A signer that is no key of ours is asked for its own kind of signature only. */
static void strangers_sign_messages_only(void)
{
    const struct gk_signer stranger = {.type = 49156, .sign = nothing};
    struct gk_octets der = vector_octets("tokens/recommended/der");
    struct made made = make(RSA);
    struct gk_writer to = {0};
    struct gk_reason why = {0};

    CU_ASSERT_FALSE(
        cms_sign_with("rsa-sha256", der, &made.certificate, 1, &stranger, AT, &to, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "sign");
    CU_ASSERT_EQUAL(to.size, 0);
    gk_signer_free(&made.signer);
    gk_writer_free(&to);
}

const struct test_suite suite_cms_algorithms = {
    "cms_algorithms",
    {
        {"RSA signs in six ways", rsa_signs_in_six_ways},
        {"DSA signs in two ways", dsa_signs_in_two_ways},
        {"algorithms fit their keys", algorithms_fit_their_keys},
        {"short keys are refused", short_keys_are_refused},
        {"parameters of PSS", parameters_of_pss},
        {"parameters of RSA", parameters_of_rsa},
        {"parameters of DSA", parameters_of_dsa},
        {"strangers sign messages only", strangers_sign_messages_only},
        {NULL, NULL},
    }};
