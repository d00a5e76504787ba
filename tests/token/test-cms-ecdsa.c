/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens signed with ECDSA, under keys and certificates made here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/suite.h"
#include "tests/harness.h"
#include "tests/token/made.h"
#include "tests/vectors.h"
#include "token/cms-algorithm.h"
#include "token/cms.h"
#include "token/der-certificate.h"

static void signs_and_verifies(gnutls_ecc_curve_t curve, gnutls_digest_algorithm_t hash,
                               uint16_t type, const char *name)
{
    struct gk_octets der = vector_octets("tokens/recommended/der");
    struct made made = made_curve(curve, hash);
    struct gk_reason why = {0};

    CU_ASSERT_EQUAL(made.signer.type, type);
    /* Often enough that r and s come with and without a leading bit, and short. */
    for (int round = 0; round < 40; round++) {
        struct gk_writer to = {0};
        struct cms cms;

        CU_ASSERT_TRUE(
            cms_sign(der, &made.certificate, 1, &made.signer, 1767225600 + round, &to, &why));
        CU_ASSERT_TRUE_FATAL(cms_verify(&cms, gk_writer_octets(&to), &why));
        CU_ASSERT_EQUAL(cms.signing_time, 1767225600 + round);
        CU_ASSERT_STRING_EQUAL(cms.algorithm, name);
        to.data[to.size - 1] ^= 1;
        CU_ASSERT_FALSE(cms_verify(&cms, gk_writer_octets(&to), &why));
        CU_ASSERT_STRING_EQUAL(why.code, "cms-signature");
        gk_writer_free(&to);
    }
    gk_signer_free(&made.signer);
}

static void p256(void)
{
    signs_and_verifies(GNUTLS_ECC_CURVE_SECP256R1, GNUTLS_DIG_SHA256, 49154,
                       "ECDSA P-256 with SHA-256");
}

static void p384(void)
{
    signs_and_verifies(GNUTLS_ECC_CURVE_SECP384R1, GNUTLS_DIG_SHA384, 49155,
                       "ECDSA P-384 with SHA-384");
}

/* A certificate's key must fit the algorithm's curve. */
static void curves_do_not_mix(void)
{
    const struct cms_algorithm *algorithm = cms_algorithm_of_type(49154);
    struct made made = made_curve(GNUTLS_ECC_CURVE_SECP384R1, GNUTLS_DIG_SHA384);
    struct gk_octets data = gk_octets_of("data");
    struct gk_writer signature = {0};
    struct gk_reason why = {0};

    CU_ASSERT_FALSE(cms_signature_verify(algorithm, made.certificate, data,
                                         test_unhex("3006020101020101"), &why));
    CU_ASSERT_STRING_EQUAL(why.code, "cms-key");
    CU_ASSERT_FALSE(cms_signature_verify(algorithm, vector_octets("entities/owner/certificate"),
                                         data, test_unhex("3006020101020101"), &why));
    CU_ASSERT_STRING_EQUAL(why.code, "cms-key");
    CU_ASSERT_FALSE(cms_signature_verify(cms_algorithm_of_type(49153), made.certificate, data,
                                         test_unhex("3006020101020101"), &why));
    CU_ASSERT_STRING_EQUAL(why.code, "cms-key");
    gk_writer_free(&signature);
    gk_signer_free(&made.signer);
}

/* Wire profile 11.16. */
static void values_are_strict(void)
{
    const struct cms_algorithm *algorithm = cms_algorithm_of_type(49154);
    struct made made = made_curve(GNUTLS_ECC_CURVE_SECP256R1, GNUTLS_DIG_SHA256);
    struct gk_octets data = gk_octets_of("data");
    struct gk_writer raw = {0};
    struct gk_writer value = {0};
    struct gk_writer loose = {0};
    struct gk_reason why = {0};

    CU_ASSERT_TRUE_FATAL(made.signer.sign(&made.signer, data, &raw, &why));
    CU_ASSERT_TRUE_FATAL(cms_signature_wrap(algorithm, gk_writer_octets(&raw), &value));
    CU_ASSERT_TRUE(
        cms_signature_verify(algorithm, made.certificate, data, gk_writer_octets(&value), &why));
    gk_write(&loose, "\x30\x81", 2);
    gk_write(&loose, value.data + 1, value.size - 1);
    CU_ASSERT_FALSE(
        cms_signature_verify(algorithm, made.certificate, data, gk_writer_octets(&loose), &why));
    CU_ASSERT_STRING_EQUAL(why.code, "der-length");
    gk_writer_cut(&loose, 0);
    gk_write_octets(&loose, gk_writer_octets(&value));
    gk_write_u8(&loose, 0);
    CU_ASSERT_FALSE(
        cms_signature_verify(algorithm, made.certificate, data, gk_writer_octets(&loose), &why));
    CU_ASSERT_STRING_EQUAL(why.code, "der-trailing");
    CU_ASSERT_FALSE(
        cms_signature_verify(algorithm, made.certificate, data, gk_writer_octets(&raw), &why));
    gk_writer_free(&raw);
    gk_writer_free(&value);
    gk_writer_free(&loose);
    gk_signer_free(&made.signer);
}

static void raw_becomes_a_value(void)
{
    const struct cms_algorithm *algorithm = cms_algorithm_of_type(49154);
    struct gk_secret raw = gk_secret_new(64);
    struct gk_writer to = {0};

    raw.data[31] = 0x7f;
    raw.data[32] = 0x80;
    CU_ASSERT_TRUE(cms_signature_wrap(algorithm, gk_secret_octets(&raw), &to));
    CU_ASSERT_HEX(gk_writer_octets(&to), "302602017f02210080"
                                         "00000000000000000000000000000000"
                                         "000000000000000000000000000000");
    gk_writer_cut(&to, 0);
    CU_ASSERT_FALSE(cms_signature_wrap(algorithm, gk_octets(raw.data, 63), &to));
    CU_ASSERT_EQUAL(to.size, 0);
    CU_ASSERT_FALSE(cms_signature_wrap(cms_algorithm_of_type(49153), gk_octets(raw.data, 63), &to));
    gk_writer_free(&to);
    gk_secret_free(&raw);
}

const struct test_suite suite_cms_ecdsa = {"cms_ecdsa",
                                           {
                                               {"P-256", p256},
                                               {"P-384", p384},
                                               {"curves do not mix", curves_do_not_mix},
                                               {"values are strict", values_are_strict},
                                               {"raw becomes a value", raw_becomes_a_value},
                                               {NULL, NULL},
                                           }};
