/* SPDX-License-Identifier: Apache-2.0 */
/* Mechanisms from words. */
#include "tests/harness.h"

#include <string.h>

#include "token/mechanism.h"

static struct gk_reason why;

static bool is(const char *text, struct gk_mechanism expected)
{
    struct gk_mechanism read = {1, 2, 3, 4};

    return token_mechanism_parse(text, &read, &why) && gk_mechanism_equal(&read, &expected);
}

static void suites_by_name(void)
{
    CU_ASSERT_TRUE(is("recommended", gk_suite_named("recommended")->mechanism));
    CU_ASSERT_TRUE(is("suite-1", (struct gk_mechanism){0, 1, 2, 12}));
}

static void four_algorithms(void)
{
    CU_ASSERT_TRUE(is("Ed25519, SHA-256, X25519, AES-256-GCM",
                      (struct gk_mechanism){49153, 49153, 49153, 49154}));
    CU_ASSERT_TRUE(
        is("ecdsa_p384_sha3,sha 1 ,  modp-2048,aes-cbc-128", (struct gk_mechanism){2, 1, 14, 12}));
    CU_ASSERT_TRUE(
        is("49156, 1, ECDH P-256, 49155", (struct gk_mechanism){49156, 1, 49154, 49155}));
    CU_ASSERT_TRUE(is("65535, 0, 7, 60000", (struct gk_mechanism){65535, 0, 7, 60000}));
}

/* What is printed is read again. */
static void every_combination_returns(void)
{
    static const uint16_t signatures[] = {0, 1, 2, 49153, 49154, 49155, 49156};
    static const uint16_t creations[] = {2, 14, 49153, 49154};
    static const uint16_t wraps[] = {3, 12, 13, 49153, 49154, 49155};
    char text[GK_MECHANISM_TEXT];

    for (size_t i = 0; i < 7 * 4 * 6; i++) {
        struct gk_mechanism m = {signatures[i / 24], i & 1 ? 1 : 49153, creations[i / 6 % 4],
                                 wraps[i % 6]};

        CU_ASSERT_TRUE(is(gk_mechanism_format(&m, text), m));
    }
}

static bool refused(const char *text, const char *said)
{
    struct gk_mechanism read = {1, 2, 3, 4};
    const struct gk_mechanism before = read;

    return !token_mechanism_parse(text, &read, &why) && gk_mechanism_equal(&read, &before) &&
           strcmp(why.code, "mechanism-text") == 0 && strstr(why.text, said);
}

static void others_are_refused(void)
{
    static const char longest[] =
        "Ed25519, SHA-256, X25519, "
        "AES-256-GCMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM";

    CU_ASSERT_TRUE(refused("", "neither a suite"));
    CU_ASSERT_TRUE(refused("Recommended", "neither a suite"));
    CU_ASSERT_TRUE(refused("Ed25519, SHA-256, X25519", "neither a suite"));
    CU_ASSERT_TRUE(refused("Ed25519, SHA-256, X25519, AES-256-GCM, 1", "neither a suite"));
    CU_ASSERT_TRUE(refused("Ed25519, SHA-256, X25519, AES-256-GCM,", "neither a suite"));
    CU_ASSERT_TRUE(refused("Ed25519, SHA-256, X25519,", "no key wrap is called \"\""));
    CU_ASSERT_TRUE(refused("Ed25520, SHA-256, X25519, AES-256-GCM", "no signature is called"));
    CU_ASSERT_TRUE(refused("Ed25519, MD5, X25519, AES-256-GCM", "no nonce hash is called \"MD5\""));
    CU_ASSERT_TRUE(refused("65536, 1, 2, 12", "no signature is called \"65536\""));
    CU_ASSERT_TRUE(refused("-1, 1, 2, 12", "no signature is called"));
    CU_ASSERT_TRUE(refused("1x, 1, 2, 12", "no signature is called"));
    CU_ASSERT_TRUE(refused("99999999999999999999999, 1, 2, 12", "no signature is called"));
    CU_ASSERT_TRUE(refused(longest, "neither a suite"));
}

const struct test_suite suite_mechanism = {
    "mechanism",
    {
        {"suites by name", suites_by_name},
        {"four algorithms", four_algorithms},
        {"every combination returns", every_combination_returns},
        {"others are refused", others_are_refused},
        {NULL, NULL},
    }};
