/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/harness.h"

#include <string.h>

#include "gsakmp/suite.h"

static void suites_have_names(void)
{
    const struct gk_suite *suite;
    size_t count = 0;

    while ((suite = gk_suite_at(count))) {
        CU_ASSERT_PTR_EQUAL(gk_suite_named(suite->name), suite);
        for (size_t i = 0; i < count; i++)
            CU_ASSERT_FALSE(gk_mechanism_equal(&gk_suite_at(i)->mechanism, &suite->mechanism));
        count++;
    }
    CU_ASSERT_EQUAL(count, 7);
    CU_ASSERT_PTR_NULL(gk_suite_at(count));
    CU_ASSERT_PTR_NULL(gk_suite_named("Recommended"));
    CU_ASSERT_PTR_NULL(gk_suite_named(""));
}

/* Profile 10: Ed25519 + SHA-256 + X25519 + AES-256-GCM; 6.3: 0, 1, 2, 12. */
static void known_suites(void)
{
    const struct gk_mechanism recommended = {49153, 49153, 49153, 49154};
    const struct gk_mechanism suite_1 = {0, 1, 2, 12};

    CU_ASSERT_TRUE(gk_mechanism_equal(&gk_suite_named("recommended")->mechanism, &recommended));
    CU_ASSERT_TRUE(gk_mechanism_equal(&gk_suite_named("suite-1")->mechanism, &suite_1));
    CU_ASSERT_STRING_EQUAL(gk_wrap_find(gk_suite_named("p256-chacha20")->mechanism.key_wrap)->name,
                           "ChaCha20-Poly1305");
    CU_ASSERT_STRING_EQUAL(
        gk_wrap_find(gk_suite_named("recommended-aes128")->mechanism.key_wrap)->name,
        "AES-128-GCM");
    CU_ASSERT_STRING_EQUAL(gk_signature_find(gk_suite_named("p256")->mechanism.signature)->name,
                           "ECDSA P-256");
}

static void all_suites_run(void)
{
    const struct gk_suite *suite;

    for (size_t i = 0; (suite = gk_suite_at(i)); i++)
        CU_ASSERT_TRUE(gk_mechanism_runs(&suite->mechanism, NULL));
}

/* Profile 10 with 8.4: whatever is not refused by name runs with everything else. */
static void every_combination_runs(void)
{
    static const uint16_t signatures[] = {0, 2, 49153, 49154, 49155, 49156};
    static const uint16_t hashes[] = {1, 49153};
    static const uint16_t creations[] = {2, 14, 49153, 49154};
    static const uint16_t wraps[] = {12, 49153, 49154, 49155};

    for (size_t i = 0; i < 6 * 2 * 4 * 4; i++) {
        const struct gk_mechanism mechanism = {signatures[i / 32], hashes[i / 16 % 2],
                                               creations[i / 4 % 4], wraps[i % 4]};

        CU_ASSERT_TRUE(gk_mechanism_runs(&mechanism, NULL));
    }
}

static void the_first_that_is_not_run_is_named(void)
{
    static const struct {
        struct gk_mechanism mechanism;
        uint16_t notification;
        const char *text;
    } cases[] = {
        {{49153, 49153, 49153, 3},
         GK_INVALID_KEY_INFORMATION,
         "key wrap 3 (3DES-CBC) is not run by this version"},
        {{49153, 49153, 49153, 13},
         GK_INVALID_KEY_INFORMATION,
         "key wrap 13 (AES-CTR) is not run by this version"},
        {{1, 1, 2, 12},
         GK_AUTHENTICATION_FAILED,
         "signature 1 (RSA1024-MD5) is not run by this version"},
        {{49153, 49153, 49153, 4}, GK_PAYLOAD_MALFORMED, "key wrap 4 stands in no table"},
        {{49153, 49153, 0, 49154}, GK_PAYLOAD_MALFORMED, "key creation 0 stands in no table"},
        {{49153, 2, 49153, 49154}, GK_PAYLOAD_MALFORMED, "nonce hash 2 stands in no table"},
        {{3, 49153, 49153, 49154}, GK_PAYLOAD_MALFORMED, "signature 3 stands in no table"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gk_reason why = {.text = ""};

        CU_ASSERT_FALSE(gk_mechanism_runs(&cases[i].mechanism, &why));
        CU_ASSERT_EQUAL(why.notification, cases[i].notification);
        CU_ASSERT_EQUAL(strncmp(why.text, cases[i].text, strlen(cases[i].text)), 0);
    }
}

static void mechanisms_differ_in_each_part(void)
{
    const struct gk_mechanism same = {1, 2, 3, 4};
    const struct gk_mechanism others[] = {{9, 2, 3, 4}, {1, 9, 3, 4}, {1, 2, 9, 4}, {1, 2, 3, 9}};

    CU_ASSERT_TRUE(gk_mechanism_equal(&same, &same));
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_FALSE(gk_mechanism_equal(&same, &others[i]));
}

/* A signature of the test's own: the message itself. */
static bool verify_echo(uint16_t type, struct gk_octets spki, struct gk_octets data,
                        struct gk_octets signature)
{
    return type == 65000 && spki.size == 1 && gk_octets_equal(data, signature);
}

static bool accept_all(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets aad,
                       struct gk_octets sealed, struct gk_secret *plain, struct gk_reason *why)
{
    (void)wrap;
    (void)key;
    (void)aad;
    (void)why;
    *plain = gk_secret_copy(sealed);
    return true;
}

static void mechanisms_print_by_name(void)
{
    struct gk_mechanism unknown = {49153, 60000, 49153, 60001};
    char text[GK_MECHANISM_TEXT];

    CU_ASSERT_STRING_EQUAL(gk_mechanism_format(&gk_suite_named("recommended")->mechanism, text),
                           "Ed25519, SHA-256, X25519, AES-256-GCM");
    CU_ASSERT_STRING_EQUAL(gk_mechanism_format(&unknown, text), "Ed25519, 60000, X25519, 60001");
}

static void a_test_may_add_rows(void)
{
    static const struct gk_wrap wraps[] = {
        {.type = 49154, .name = "other", .run = true, .open = accept_all}, {.name = NULL}};
    static const struct gk_creation creations[] = {{.type = 65000, .name = "added", .run = true},
                                                   {.name = NULL}};
    static const struct gk_signature_scheme signatures[] = {
        {.type = 65000, .name = "echo", .run = true}, {.name = NULL}};
    static const struct gk_suite_extra extra = {wraps, creations, signatures, verify_echo};
    struct gk_octets x = gk_octets_of("x");
    struct gk_writer to = {0};
    struct gk_secret plain;

    CU_ASSERT_PTR_NULL(gk_signature_find(65000));
    CU_ASSERT_FALSE(gk_signature_verify(65000, x, x, x, NULL));
    gk_suite_extra = &extra;
    CU_ASSERT_STRING_EQUAL(gk_wrap_find(49154)->name, "other");
    CU_ASSERT_STRING_EQUAL(gk_wrap_find(49153)->name, "AES-128-GCM");
    CU_ASSERT_TRUE(gk_wrap_open(gk_wrap_find(49154), x, x, x, &plain, NULL));
    gk_secret_free(&plain);
    CU_ASSERT_STRING_EQUAL(gk_creation_find(65000)->name, "added");
    CU_ASSERT_FALSE(gk_creation_public(gk_creation_find(65000), x, &to, NULL));
    CU_ASSERT_TRUE(gk_signature_verify(65000, x, x, x, NULL));
    CU_ASSERT_FALSE(gk_signature_verify(65000, x, x, gk_octets_of("y"), NULL));
    gk_suite_extra = NULL;
    CU_ASSERT_STRING_EQUAL(gk_wrap_find(49154)->name, "AES-256-GCM");
    CU_ASSERT_PTR_NULL(gk_creation_find(65000));
}

const struct test_suite suite_mechanism = {
    "mechanism",
    {
        {"suites have names", suites_have_names},
        {"known suites", known_suites},
        {"all suites run", all_suites_run},
        {"every combination runs", every_combination_runs},
        {"the first that is not run is named", the_first_that_is_not_run_is_named},
        {"mechanisms differ in each part", mechanisms_differ_in_each_part},
        {"mechanisms print by name", mechanisms_print_by_name},
        {"a test may add rows", a_test_may_add_rows},
        {NULL, NULL},
    }};
