/* SPDX-License-Identifier: Apache-2.0 */
/* The signed tokens of the known answers, verified and made again. */
#include <stdio.h>

#include "gsakmp/suite.h"
#include "tests/harness.h"
#include "tests/vectors.h"
#include "token/cms.h"

static bool verifies(struct cms *cms, const char *signed_path, const char *der_path)
{
    struct gk_reason why = {0};

    if (!cms_verify(cms, vector_octets(signed_path), &why)) {
        printf("\n    %s: %s (%s, octet %zu)\n", signed_path, why.text, why.code, why.offset);
        return false;
    }
    CU_ASSERT_HEX(cms->content, vector_text(der_path));
    CU_ASSERT_HEX(cms->signer, vector_text("entities/owner/certificate"));
    CU_ASSERT_EQUAL(cms->certificate_count, 2);
    CU_ASSERT_EQUAL(cms->crl_count, 0);
    CU_ASSERT_STRING_EQUAL(cms->algorithm, "Ed25519");
    return true;
}

/* Of these `suite1` names its signer by key identifier, the others by issuer and serial. */
static void signed_tokens_verify(void)
{
    struct cms cms;

    CU_ASSERT_TRUE(verifies(&cms, "tokens/recommended/signed", "tokens/recommended/der"));
    CU_ASSERT_TRUE(verifies(&cms, "tokens/suite1/signed", "tokens/suite1/der"));
    CU_ASSERT_TRUE(verifies(&cms, "tokens/new edition/signed", "tokens/new edition/der"));
}

static void signs_again(const char *signed_path, const char *der_path)
{
    struct gk_octets certificates[] = {vector_octets("entities/owner/certificate"),
                                       vector_octets("entities/inter/certificate")};
    struct gk_writer again = {0};
    struct gk_signer signer;
    struct cms cms;

    CU_ASSERT_TRUE_FATAL(verifies(&cms, signed_path, der_path));
    CU_ASSERT_TRUE_FATAL(gk_signer_open_seed(&signer, vector_octets("entities/owner/seed"), NULL));
    CU_ASSERT_TRUE(cms_sign(cms.content, certificates, 2, &signer, cms.signing_time, &again, NULL));
    CU_ASSERT_HEX(gk_writer_octets(&again), vector_text(signed_path));
    gk_signer_free(&signer);
    gk_writer_free(&again);
}

static void signed_tokens_are_made_again(void)
{
    signs_again("tokens/recommended/signed", "tokens/recommended/der");
    signs_again("tokens/new edition/signed", "tokens/new edition/der");
}

/* Certificates are judged with the path, elsewhere: only in them may an octet change. */
static bool in_certificates(const struct cms *cms, const uint8_t *octet)
{
    for (size_t i = 0; i < cms->certificate_count; i++) {
        const struct gk_octets *one = &cms->certificate[i];

        if (octet >= one->data && octet < one->data + one->size)
            return true;
    }
    return false;
}

static void every_octet_counts(void)
{
    struct gk_octets signed_token = vector_octets("tokens/recommended/signed");
    struct gk_secret copy = gk_secret_copy(signed_token);
    struct cms good;
    struct cms cms;

    CU_ASSERT_TRUE(cms_verify(&good, signed_token, NULL));
    for (size_t i = 0; i < copy.size; i++) {
        copy.data[i] ^= 0x01;
        if (cms_verify(&cms, gk_secret_octets(&copy), NULL) &&
            !in_certificates(&good, signed_token.data + i))
            CU_FAIL("a changed octet passed");
        copy.data[i] ^= 0x01;
    }
    for (size_t size = 0; size < copy.size; size++) {
        if (cms_verify(&cms, gk_octets(copy.data, size), NULL))
            CU_FAIL("a cut token passed");
    }
    CU_ASSERT_TRUE(cms_verify(&cms, gk_secret_octets(&copy), NULL));
    gk_secret_free(&copy);
}

const struct test_suite suite_cms_vectors = {
    "cms_vectors",
    {
        {"signed tokens verify", signed_tokens_verify},
        {"signed tokens are made again", signed_tokens_are_made_again},
        {"every octet counts", every_octet_counts},
        {NULL, NULL},
    }};
