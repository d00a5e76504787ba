/* SPDX-License-Identifier: Apache-2.0 */
/* Paths with RSA and DSA keys, and the known answers' signed messages. */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/message.h"
#include "gsakmp/suite.h"
#include "roles/pki.h"
#include "tests/roles/pki-maker.h"
#include "tests/vectors.h"

static struct gk_reason why;

static char *verify_path(size_t index, const char *what)
{
    return gk_format("verify/%zu/%s", index, what);
}

static struct gk_octets verify_octets(size_t index, const char *what)
{
    char *path = verify_path(index, what);
    struct gk_octets octets = vector_octets(path);

    free(path);
    return octets;
}

static void check_message(size_t index)
{
    struct gk_octets root = verify_octets(index, "root");
    struct pki_trust trust = {.roots = &root, .root_count = 1, .tolerate_sha1 = true};
    char *path = verify_path(index, "now");
    struct pki_identity *identity;
    struct gk_message message;
    gk_time now;
    bool good;

    CU_ASSERT_TRUE_FATAL(gk_stamp_parse(gk_octets_of(vector_text(path)), &now));
    free(path);
    CU_ASSERT_TRUE_FATAL(
        gk_message_parse(&message, verify_octets(index, "octets"), NULL, GK_EXCHANGE_ANY, &why));
    good = pki_signer_of_message(&trust, &message, now, &identity, &why);
    if (!good)
        printf("\n    signature type %u: %s\n", message.signature.type, why.text);
    CU_ASSERT_TRUE_FATAL(good);
    CU_ASSERT_TRUE(gk_signature_verify(message.signature.type, identity->spki,
                                       message.signed_octets, message.signature.signature, &why));
    pki_identity_free(identity);
    /* Their root alone is trusted. */
    root = vector_octets("entities/root/certificate");
    CU_ASSERT_FALSE(pki_signer_of_message(&trust, &message, now, &identity, &why));
    CU_ASSERT_EQUAL(why.notification, GK_INVALID_CERT_AUTHORITY);
}

static void known_messages(void)
{
    for (size_t i = 0; i < json_array_size(vector_at("verify")); i++)
        check_message(i);
}

static bool path_holds(const struct test_party *root, bool tolerate, const struct test_want *want)
{
    const struct test_party *m = test_ca_issue(root, want);
    struct pki_trust trust = {
        .roots = &root->certificate, .root_count = 1, .tolerate_sha1 = tolerate};
    struct pki_identity *identity;
    bool good = pki_validate(&trust, &m->certificate, 1, NULL, 0, TEST_NOW, &identity, &why);

    pki_identity_free(identity);
    return good;
}

static void rsa_issuers(void)
{
    const struct test_party *root = test_ca_issue(
        NULL, &(struct test_want){.subject = "CN=RSA", .ca = true, .pem = test_vector_key(49156)});

    CU_ASSERT_TRUE(path_holds(root, false, &(struct test_want){.subject = "CN=m"}));
    CU_ASSERT_TRUE(path_holds(root, false, &(struct test_want){.subject = "CN=m", .pss = true}));
    CU_ASSERT_FALSE(path_holds(root, false, &(struct test_want){.subject = "CN=m", .sha1 = true}));
    CU_ASSERT_STRING_EQUAL(why.code, "signature-algorithm");
    CU_ASSERT_TRUE(path_holds(root, true, &(struct test_want){.subject = "CN=m", .sha1 = true}));
}

static void dsa_issuers(void)
{
    const struct test_party *root = test_ca_issue(
        NULL, &(struct test_want){
                  .subject = "CN=DSA", .ca = true, .sha1 = true, .pem = test_vector_key(0)});

    CU_ASSERT_FALSE(path_holds(root, false, &(struct test_want){.subject = "CN=m", .sha1 = true}));
    CU_ASSERT_STRING_EQUAL(why.code, "signature-algorithm");
    CU_ASSERT_TRUE(path_holds(root, true, &(struct test_want){.subject = "CN=m", .sha1 = true}));
}

/* A DSA key by itself is nothing to refuse (profile 4.10, 11.4); SHA-1 over it is. */
static void dsa_keys(void)
{
    const struct test_party *root = test_ca_new("CN=Root");
    const struct test_want m = {.subject = "CN=m", .pem = test_vector_key(0)};

    CU_ASSERT_TRUE(path_holds(root, false, &m));
    CU_ASSERT_TRUE(path_holds(root, true, &m));
}

static void p384_issuers(void)
{
    const struct test_party *root = test_ca_issue(
        NULL, &(struct test_want){.subject = "CN=P384", .ca = true, .key = TEST_P384});
    uint8_t id[PKI_KEY_ID_SIZE];

    CU_ASSERT_TRUE(path_holds(root, false, &(struct test_want){.subject = "CN=m"}));
    CU_ASSERT_TRUE(pki_key_id_of(root->certificate, id, NULL));
    CU_ASSERT_TRUE(memcmp(id, root->key_id, sizeof id) == 0);
}

const struct test_suite suite_pki_keys = {"pki-keys",
                                          {{"known messages", known_messages},
                                           {"RSA issuers", rsa_issuers},
                                           {"DSA issuers", dsa_issuers},
                                           {"DSA keys", dsa_keys},
                                           {"P-384 issuers", p384_issuers},
                                           {NULL, NULL}}};
