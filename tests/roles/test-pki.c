/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/harness.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>

#include "roles/pki.h"
#include "tests/roles/pki-maker.h"
#include "tests/vectors.h"

/* What came of one validation. */
struct outcome {
    struct pki_identity *identity;
    struct gk_reason why;
};

static struct outcome last;

static void forget(void)
{
    pki_identity_free(last.identity);
    memset(&last, 0, sizeof last);
}

/* The first party is the end entity; the list ends with NULL. */
static bool validates(const struct pki_trust *trust, const struct test_party *const *parties,
                      gk_time at)
{
    struct gk_octets certificates[16];
    size_t count = 0;
    bool good;

    for (; parties[count]; count++)
        certificates[count] = parties[count]->certificate;
    forget();
    good = pki_validate(trust, certificates, count, NULL, 0, at, &last.identity, &last.why);
    CU_ASSERT_EQUAL(good, last.identity != NULL);
    return good;
}
#define PARTIES(...) ((const struct test_party *const[]){__VA_ARGS__, NULL})

static bool refused(const struct pki_trust *trust, const struct test_party *const *parties,
                    gk_time at, uint16_t notification, const char *code)
{
    if (validates(trust, parties, at)) {
        printf("\n    validated, %s was expected\n", code);
        return false;
    }
    if (last.why.notification == notification && strcmp(last.why.code, code) == 0)
        return true;
    printf("\n    %u %s: %s\n", last.why.notification, last.why.code, last.why.text);
    return false;
}

static struct pki_trust trusting(const struct test_party *root)
{
    return (struct pki_trust){.roots = &root->certificate, .root_count = 1};
}

static const struct test_party *root(void)
{
    static const struct test_party *made;

    if (!made)
        made = test_ca_new("CN=Root,O=Acme");
    return made;
}

static const struct test_party *issue(const struct test_party *issuer, const char *subject)
{
    return test_ca_issue(issuer, &(struct test_want){.subject = subject});
}

static const struct test_party *sub_ca(const struct test_party *issuer, const char *subject)
{
    return test_ca_issue(issuer, &(struct test_want){.subject = subject, .ca = true});
}

static void known_answers(void)
{
    const struct test_party *inter = test_party_of_vector("inter");
    const struct test_party *m1 = test_party_of_vector("m1");
    const struct test_party *authority = test_party_of_vector("root");
    struct pki_trust trust = trusting(authority);

    CU_ASSERT_TRUE_FATAL(validates(&trust, PARTIES(m1, inter), TEST_NOW));
    CU_ASSERT_TRUE(gk_octets_equal(last.identity->name, gk_octets_of(m1->name)));
    CU_ASSERT_TRUE(
        gk_octets_equal(gk_octets(last.identity->issuer, 20), vector_octets("entities/inter/ski")));
    CU_ASSERT_TRUE(pki_under(last.identity, vector_octets("entities/root/ski")));
    CU_ASSERT_TRUE(pki_under(last.identity, vector_octets("entities/inter/ski")));
    CU_ASSERT_FALSE(pki_under(last.identity, vector_octets("entities/m1/ski")));
    CU_ASSERT_FALSE(pki_under(last.identity, GK_NO_OCTETS));
    CU_ASSERT_TRUE(
        gk_octets_equal(last.identity->subject_key_id, vector_octets("entities/m1/ski")));
    CU_ASSERT_EQUAL(last.identity->path_length, 3);
    CU_ASSERT_EQUAL(last.identity->valid_from, TEST_FROM);
    CU_ASSERT_EQUAL(last.identity->valid_until, TEST_UNTIL);
    CU_ASSERT_EQUAL(last.identity->serial[18], 0x03);
    CU_ASSERT_EQUAL(last.identity->serial[19], 0xed);
    CU_ASSERT_TRUE(
        gk_octets_equal(last.identity->slash_name, gk_octets_of("/C=US/O=Acme/OU=Members/CN=M1")));
    /* Order beyond the first, and a root among them, do not matter. */
    CU_ASSERT_TRUE(validates(&trust, PARTIES(m1, authority, inter), TEST_NOW));
    forget();
}

/* The paths of the other signature types (RSA, ECDSA, DSA). */
static void known_answers_of_other_keys(void)
{
    size_t count = json_array_size(vector_at("verify"));

    CU_ASSERT_TRUE(count >= 3);
    for (size_t i = 0; i < count; i++) {
        char path[64];
        struct gk_octets certificate;
        uint8_t id[PKI_KEY_ID_SIZE];

        (void)snprintf(path, sizeof path, "verify/%zu/root", i);
        certificate = vector_octets(path);
        CU_ASSERT_TRUE(pki_check_root(certificate, NULL));
        CU_ASSERT_TRUE(pki_key_id_of(certificate, id, NULL));
    }
}

static void key_identifiers(void)
{
    struct pki_trust trust = trusting(root());
    const struct test_party *m = issue(root(), "CN=M");
    /* SHA-256, SHA-384, SHA-512 of the key, 160 bits of each (RFC 7093). */
    uint8_t id[PKI_KEY_ID_SIZE];

    CU_ASSERT_TRUE_FATAL(validates(&trust, PARTIES(m), TEST_NOW));
    CU_ASSERT_EQUAL(last.identity->ca_count, 5);
    for (size_t i = 0; i < last.identity->ca_count; i++)
        CU_ASSERT_TRUE(pki_under(last.identity,
                                 gk_octets(last.identity->ca[i].value, last.identity->ca[i].size)));
    CU_ASSERT_TRUE(pki_key_id_of(root()->certificate, id, NULL));
    CU_ASSERT_TRUE(memcmp(id, root()->key_id, sizeof id) == 0);
    CU_ASSERT_TRUE(memcmp(id, last.identity->issuer, sizeof id) == 0);
    CU_ASSERT_TRUE(memcmp(last.identity->ca[1].value, last.identity->ca[0].value, 20) != 0);
    forget();
}

/* Profile 11.6: an intermediate that copies another CA's identifier gains nothing by it; the
 * extension of a configured root counts. */
static void copied_key_identifier(void)
{
    struct gk_octets other = vector_octets("entities/inter/ski");
    const struct test_party *copier = test_ca_issue(
        root(), &(struct test_want){.subject = "CN=Copier", .ca = true, .subject_key_id = other});
    const struct test_party *m = issue(copier, "CN=M");
    const struct test_party *odd_root = test_ca_issue(
        NULL, &(struct test_want){.subject = "CN=Odd", .ca = true, .subject_key_id = other});
    struct pki_trust trust = trusting(root());

    CU_ASSERT_TRUE_FATAL(validates(&trust, PARTIES(m, copier), TEST_NOW));
    CU_ASSERT_FALSE(pki_under(last.identity, other));
    CU_ASSERT_TRUE(pki_under(last.identity, gk_octets(copier->key_id, 20)));

    trust = trusting(odd_root);
    m = issue(odd_root, "CN=M");
    CU_ASSERT_TRUE_FATAL(validates(&trust, PARTIES(m), TEST_NOW));
    CU_ASSERT_TRUE(pki_under(last.identity, other));
    CU_ASSERT_TRUE(pki_under(last.identity, gk_octets(odd_root->key_id, 20)));
    CU_ASSERT_TRUE(memcmp(last.identity->issuer, odd_root->key_id, 20) == 0);
    forget();
}

static void trust_and_absence(void)
{
    const struct test_party *stranger = test_ca_new("CN=Stranger,O=Acme");
    const struct test_party *impostor = test_ca_new("CN=Root,O=Acme");
    const struct test_party *m = issue(root(), "CN=M");
    struct pki_trust trust = trusting(root());
    struct pki_trust none = {0};

    CU_ASSERT_TRUE(validates(&trust, PARTIES(m), TEST_NOW));
    CU_ASSERT_TRUE(refused(&trust, PARTIES(issue(stranger, "CN=M"), stranger), TEST_NOW,
                           GK_INVALID_CERT_AUTHORITY, "no-trusted-root"));
    CU_ASSERT_TRUE(refused(&trust, PARTIES(issue(impostor, "CN=M"), impostor), TEST_NOW,
                           GK_INVALID_CERT_AUTHORITY, "no-trusted-root"));
    CU_ASSERT_TRUE(
        refused(&none, PARTIES(m, root()), TEST_NOW, GK_INVALID_CERT_AUTHORITY, "no-trusted-root"));
    CU_ASSERT_FALSE(pki_validate(&trust, NULL, 0, NULL, 0, TEST_NOW, &last.identity, &last.why));
    CU_ASSERT_EQUAL(last.why.notification, GK_CERTIFICATE_UNAVAILABLE);
    /* The intermediate did not come along. */
    CU_ASSERT_TRUE(refused(&trust, PARTIES(issue(sub_ca(root(), "CN=Sub"), "CN=M")), TEST_NOW,
                           GK_INVALID_CERT_AUTHORITY, "no-trusted-root"));
    forget();
}

static void dates(void)
{
    const struct test_party *m = test_ca_issue(
        root(),
        &(struct test_want){.subject = "CN=M", .from = TEST_NOW - 10, .until = TEST_NOW + 10});
    const struct test_party *brief = test_ca_issue(
        root(), &(struct test_want){.subject = "CN=Brief", .ca = true, .until = TEST_NOW + 5});
    const struct test_party *old_root = test_ca_issue(
        NULL, &(struct test_want){.subject = "CN=Old", .ca = true, .until = TEST_NOW + 5});
    struct pki_trust trust = trusting(root());

    CU_ASSERT_TRUE(validates(&trust, PARTIES(m), TEST_NOW - 10));
    CU_ASSERT_TRUE(validates(&trust, PARTIES(m), TEST_NOW + 10));
    CU_ASSERT_EQUAL(last.identity->valid_from, TEST_NOW - 10);
    CU_ASSERT_EQUAL(last.identity->valid_until, TEST_NOW + 10);
    CU_ASSERT_TRUE(
        refused(&trust, PARTIES(m), TEST_NOW - 11, GK_AUTHENTICATION_FAILED, "not-yet-valid"));
    CU_ASSERT_TRUE(refused(&trust, PARTIES(m), TEST_NOW + 11, GK_AUTHENTICATION_FAILED, "expired"));
    /* Of intermediates and of the root itself (profile 11.15). */
    m = issue(brief, "CN=M");
    CU_ASSERT_TRUE(validates(&trust, PARTIES(m, brief), TEST_NOW + 5));
    CU_ASSERT_TRUE(
        refused(&trust, PARTIES(m, brief), TEST_NOW + 6, GK_AUTHENTICATION_FAILED, "expired"));
    trust = trusting(old_root);
    m = issue(old_root, "CN=M");
    CU_ASSERT_TRUE(validates(&trust, PARTIES(m), TEST_NOW + 5));
    CU_ASSERT_TRUE(refused(&trust, PARTIES(m), TEST_NOW + 6, GK_AUTHENTICATION_FAILED, "expired"));
    forget();
}

static void uses_of_keys(void)
{
    struct pki_trust trust = trusting(root());
    const struct test_party *no_ca =
        test_ca_issue(root(), &(struct test_want){.subject = "CN=NoCA",
                                                  .usage = GNUTLS_KEY_KEY_CERT_SIGN |
                                                           GNUTLS_KEY_DIGITAL_SIGNATURE});
    const struct test_party *no_sign = test_ca_issue(
        root(),
        &(struct test_want){.subject = "CN=NoSign", .ca = true, .usage = GNUTLS_KEY_CRL_SIGN});
    const struct test_party *open_ca = test_ca_issue(
        root(), &(struct test_want){.subject = "CN=Open", .ca = true, .no_usage = true});
    const struct test_party *m = issue(no_ca, "CN=M");

    CU_ASSERT_TRUE(
        refused(&trust, PARTIES(m, no_ca), TEST_NOW, GK_AUTHENTICATION_FAILED, "not-a-ca"));
    m = issue(no_sign, "CN=M");
    CU_ASSERT_TRUE(
        refused(&trust, PARTIES(m, no_sign), TEST_NOW, GK_AUTHENTICATION_FAILED, "key-usage"));
    m = issue(open_ca, "CN=M");
    CU_ASSERT_TRUE(validates(&trust, PARTIES(m, open_ca), TEST_NOW));
    m = test_ca_issue(root(),
                      &(struct test_want){.subject = "CN=M", .usage = GNUTLS_KEY_KEY_ENCIPHERMENT});
    CU_ASSERT_TRUE(refused(&trust, PARTIES(m), TEST_NOW, GK_AUTHENTICATION_FAILED, "key-usage"));
    m = test_ca_issue(root(), &(struct test_want){.subject = "CN=M", .no_usage = true});
    CU_ASSERT_TRUE(validates(&trust, PARTIES(m), TEST_NOW));
    forget();
}

static void critical_extensions(void)
{
    struct pki_trust trust = trusting(root());
    const struct test_party *m = test_ca_issue(
        root(), &(struct test_want){.subject = "CN=M",
                                    .extension = {{"1.3.6.1.4.1.32473.1", "0500", true}}});

    CU_ASSERT_TRUE(
        refused(&trust, PARTIES(m), TEST_NOW, GK_AUTHENTICATION_FAILED, "critical-extension"));
    m = test_ca_issue(root(),
                      &(struct test_want){.subject = "CN=M",
                                          .extension = {{"1.3.6.1.4.1.32473.1", "0500", false}}});
    CU_ASSERT_TRUE(validates(&trust, PARTIES(m), TEST_NOW));
    /* Purposes: serverAuth alone binds when critical, anyExtendedKeyUsage does not. */
    m = test_ca_issue(root(), &(struct test_want){
                                  .subject = "CN=M",
                                  .extension = {{"2.5.29.37", "300a06082b06010505070301", true}}});
    CU_ASSERT_TRUE(
        refused(&trust, PARTIES(m), TEST_NOW, GK_AUTHENTICATION_FAILED, "critical-extension"));
    m = test_ca_issue(root(),
                      &(struct test_want){.subject = "CN=M",
                                          .extension = {{"2.5.29.37", "30060604551d2500", true}}});
    CU_ASSERT_TRUE(validates(&trust, PARTIES(m), TEST_NOW));
    forget();
}

static void lengths_of_paths(void)
{
    const struct test_party *ca[9] = {root()};
    const struct test_party *parties[10] = {NULL};
    struct pki_trust trust = trusting(root());
    const struct test_party *short_ca = test_ca_issue(
        root(), &(struct test_want){.subject = "CN=Short", .ca = true, .has_path_length = true});
    const struct test_party *below;

    for (int depth = 1; depth < 8; depth++) {
        char *name = gk_format("CN=CA%d", depth);

        ca[depth] = sub_ca(ca[depth - 1], name);
        free(name);
    }
    /* End entity, six intermediates, root: eight. */
    parties[0] = issue(ca[6], "CN=M");
    for (int i = 1; i < 7; i++)
        parties[i] = ca[i];
    CU_ASSERT_TRUE(validates(&trust, parties, TEST_NOW));
    CU_ASSERT_EQUAL(last.identity->path_length, 8);
    parties[0] = issue(ca[7], "CN=M");
    parties[7] = ca[7];
    CU_ASSERT_TRUE(refused(&trust, parties, TEST_NOW, GK_AUTHENTICATION_FAILED, "path-size"));

    CU_ASSERT_TRUE(validates(&trust, PARTIES(issue(short_ca, "CN=M"), short_ca), TEST_NOW));
    below = sub_ca(short_ca, "CN=Below");
    CU_ASSERT_TRUE(refused(&trust, PARTIES(issue(below, "CN=M"), below, short_ca), TEST_NOW,
                           GK_AUTHENTICATION_FAILED, "path-length"));
    forget();
}

static void too_many_certificates(void)
{
    const struct test_party *m = issue(root(), "CN=M");
    const struct test_party *parties[12] = {NULL};
    struct pki_trust trust = trusting(root());

    for (int i = 0; i < 10; i++)
        parties[i] = m;
    CU_ASSERT_TRUE(validates(&trust, parties, TEST_NOW));
    parties[10] = m;
    CU_ASSERT_TRUE(
        refused(&trust, parties, TEST_NOW, GK_AUTHENTICATION_FAILED, "certificate-count"));
    forget();
}

/* Nine CAs of one name and no way up: the search ends. */
static void search_is_bounded(void)
{
    const struct test_party *loop =
        test_ca_issue(NULL, &(struct test_want){.subject = "CN=Loop", .ca = true, .seed = 3});
    const struct test_party *parties[11] = {issue(loop, "CN=M")};
    struct pki_trust trust = trusting(root());

    for (int i = 1; i < 10; i++)
        parties[i] =
            test_ca_issue(NULL, &(struct test_want){.subject = "CN=Loop", .ca = true, .seed = 3});
    CU_ASSERT_FALSE(validates(&trust, parties, TEST_NOW));
    forget();
}

static void pinned_certificate(void)
{
    const struct test_party *owner = test_ca_issue(NULL, &(struct test_want){.subject = "CN=Own"});
    const struct test_party *m = issue(root(), "CN=M");
    struct pki_trust trust = trusting(owner);

    /* Profile 11.15: a pinned root may be the owner's own. */
    CU_ASSERT_TRUE_FATAL(validates(&trust, PARTIES(owner), TEST_NOW));
    CU_ASSERT_EQUAL(last.identity->path_length, 1);
    CU_ASSERT_TRUE(memcmp(last.identity->issuer, owner->key_id, 20) == 0);
    CU_ASSERT_TRUE(
        refused(&trust, PARTIES(owner), TEST_UNTIL + 1, GK_AUTHENTICATION_FAILED, "expired"));
    /* It issues nothing. */
    CU_ASSERT_TRUE(refused(&trust, PARTIES(issue(owner, "CN=X")), TEST_NOW,
                           GK_AUTHENTICATION_FAILED, "not-a-ca"));
    trust = trusting(m);
    CU_ASSERT_TRUE(validates(&trust, PARTIES(m), TEST_NOW));
    /* Both pinned: the path goes up to the topmost. */
    {
        struct gk_octets both[2] = {m->certificate, root()->certificate};
        struct pki_trust two = {.roots = both, .root_count = 2};

        CU_ASSERT_TRUE_FATAL(validates(&two, PARTIES(m), TEST_NOW));
        CU_ASSERT_EQUAL(last.identity->path_length, 2);
        CU_ASSERT_TRUE(pki_under(last.identity, gk_octets(root()->key_id, 20)));
    }
    forget();
}

static void signatures(void)
{
    const struct test_party *p256 =
        test_ca_issue(NULL, &(struct test_want){.subject = "CN=P", .ca = true, .key = TEST_P256});
    const struct test_party *old =
        test_ca_issue(p256, &(struct test_want){.subject = "CN=M", .sha1 = true});
    const struct test_party *m = issue(p256, "CN=M");
    struct test_party bad = *m;
    struct pki_trust trust = trusting(p256);
    struct gk_secret copy = gk_secret_copy(m->certificate);

    CU_ASSERT_TRUE(validates(&trust, PARTIES(m), TEST_NOW));
    CU_ASSERT_TRUE(
        refused(&trust, PARTIES(old), TEST_NOW, GK_AUTHENTICATION_FAILED, "signature-algorithm"));
    trust.tolerate_sha1 = true;
    CU_ASSERT_TRUE(validates(&trust, PARTIES(old), TEST_NOW));
    /* One bit of the signature. */
    copy.data[copy.size - 1] ^= 1;
    bad.certificate = gk_secret_octets(&copy);
    CU_ASSERT_FALSE(validates(&trust, PARTIES(&bad), TEST_NOW));
    CU_ASSERT_EQUAL(last.why.notification, GK_INVALID_CERT_AUTHORITY);
    gk_secret_free(&copy);
    forget();
}

static void malformed_certificates(void)
{
    struct gk_octets whole = vector_octets("entities/m1/certificate");
    struct gk_octets root_der = vector_octets("entities/root/certificate");
    struct pki_trust trust = {.roots = &root_der, .root_count = 1};

    for (size_t size = 0; size < whole.size; size += 3) {
        struct gk_octets cut = gk_octets(whole.data, size);

        forget();
        CU_ASSERT_FALSE(
            pki_validate(&trust, &cut, 1, NULL, 0, TEST_NOW, &last.identity, &last.why));
        CU_ASSERT_EQUAL(last.why.notification, GK_AUTHENTICATION_FAILED);
    }
    /* Any single changed octet: refused one way or another, and never a crash. */
    for (size_t at = 0; at < whole.size; at++) {
        struct gk_secret copy = gk_secret_copy(whole);
        struct gk_octets both[2] = {gk_secret_octets(&copy),
                                    vector_octets("entities/inter/certificate")};

        copy.data[at] ^= 0x10;
        forget();
        CU_ASSERT_FALSE(
            pki_validate(&trust, both, 2, NULL, 0, TEST_NOW, &last.identity, &last.why));
        gk_secret_free(&copy);
    }
    forget();
}

static void alternative_names(void)
{
    struct pki_trust trust = trusting(root());
    const struct test_party *m =
        test_ca_issue(root(), &(struct test_want){.subject = "CN=M",
                                                  .dns = "host.example",
                                                  .mail = "m@example.org",
                                                  .address = test_unhex("c0000201")});

    CU_ASSERT_TRUE_FATAL(validates(&trust, PARTIES(m), TEST_NOW));
    CU_ASSERT_EQUAL_FATAL(last.identity->san_count, 3);
    CU_ASSERT_EQUAL(last.identity->san[0].id_type, 2);
    CU_ASSERT_TRUE(gk_octets_equal(last.identity->san[0].value, gk_octets_of("host.example")));
    CU_ASSERT_EQUAL(last.identity->san[1].id_type, 3);
    CU_ASSERT_EQUAL(last.identity->san[2].id_type, 1);
    CU_ASSERT_HEX(last.identity->san[2].value, "c0000201");
    forget();
}

static void copies_and_keys_of_identities(void)
{
    struct pki_trust trust = trusting(root());
    const struct test_party *other_root = test_ca_new("CN=Other");
    const struct test_party *m =
        test_ca_issue(root(), &(struct test_want){.subject = "CN=M", .dns = "host.example"});
    struct pki_identity *copy;
    struct gk_writer a = {0};
    struct gk_writer b = {0};

    CU_ASSERT_TRUE_FATAL(validates(&trust, PARTIES(m), TEST_NOW));
    copy = pki_identity_copy(last.identity);
    CU_ASSERT_TRUE(pki_identity_same(copy, last.identity));
    pki_identity_key(last.identity, &a);
    forget();
    pki_identity_key(copy, &b);
    CU_ASSERT_TRUE(gk_octets_equal(gk_writer_octets(&a), gk_writer_octets(&b)));
    CU_ASSERT_TRUE(gk_octets_equal(copy->certificate, m->certificate));
    CU_ASSERT_TRUE(gk_octets_equal(copy->san[0].value, gk_octets_of("host.example")));

    /* Another certificate of the same name and CA is the same identity; the same name under
     * another CA is another (profile 4.8). */
    CU_ASSERT_TRUE_FATAL(validates(&trust, PARTIES(issue(root(), "CN=M")), TEST_NOW));
    CU_ASSERT_TRUE(pki_identity_same(copy, last.identity));
    trust = trusting(other_root);
    CU_ASSERT_TRUE_FATAL(validates(&trust, PARTIES(issue(other_root, "CN=M")), TEST_NOW));
    CU_ASSERT_FALSE(pki_identity_same(copy, last.identity));
    pki_identity_free(copy);
    gk_writer_free(&a);
    gk_writer_free(&b);
    forget();
}

static void signers_of_messages(void)
{
    const struct test_party *m = issue(root(), "CN=M,O=Acme");
    struct pki_trust trust = trusting(root());
    struct gk_message message = {.has_signature = true,
                                 .signature = {.id_type = 31},
                                 .certificate_count = 1,
                                 .certificate = {{GK_CERTIFICATE_X509, m->certificate}}};

    forget();
    message.signature.signer_id = gk_octets_of("CN=\\4D,O=#0c0441636d65");
    CU_ASSERT_TRUE(pki_signer_of_message(&trust, &message, TEST_NOW, &last.identity, &last.why));
    forget();
    message.signature.signer_id = gk_octets_of("CN=N,O=Acme");
    CU_ASSERT_FALSE(pki_signer_of_message(&trust, &message, TEST_NOW, &last.identity, &last.why));
    CU_ASSERT_EQUAL(last.why.notification, GK_AUTHENTICATION_FAILED);
    message.signature.signer_id = gk_octets_of("no name");
    CU_ASSERT_FALSE(pki_signer_of_message(&trust, &message, TEST_NOW, &last.identity, &last.why));
    CU_ASSERT_EQUAL(last.why.notification, GK_INVALID_ID_INFORMATION);
    message.signature.signer_id = gk_octets_of("CN=M,O=Acme");
    message.signature.id_type = 9;
    CU_ASSERT_FALSE(pki_signer_of_message(&trust, &message, TEST_NOW, &last.identity, &last.why));
    CU_ASSERT_EQUAL(last.why.notification, GK_INVALID_ID_INFORMATION);
    message.signature.id_type = 31;
    message.certificate[0].type = 10;
    CU_ASSERT_FALSE(pki_signer_of_message(&trust, &message, TEST_NOW, &last.identity, &last.why));
    CU_ASSERT_EQUAL(last.why.notification, GK_CERT_TYPE_UNSUPPORTED);
    message.certificate_count = 0;
    CU_ASSERT_FALSE(pki_signer_of_message(&trust, &message, TEST_NOW, &last.identity, &last.why));
    CU_ASSERT_EQUAL(last.why.notification, GK_CERTIFICATE_UNAVAILABLE);
    forget();
}

const struct test_suite suite_pki = {
    "pki",
    {{"known answers", known_answers},
     {"known answers of other keys", known_answers_of_other_keys},
     {"key identifiers", key_identifiers},
     {"a copied key identifier", copied_key_identifier},
     {"trust and absence", trust_and_absence},
     {"dates", dates},
     {"uses of keys", uses_of_keys},
     {"critical extensions", critical_extensions},
     {"lengths of paths", lengths_of_paths},
     {"too many certificates", too_many_certificates},
     {"the search is bounded", search_is_bounded},
     {"a pinned certificate", pinned_certificate},
     {"signatures", signatures},
     {"malformed certificates", malformed_certificates},
     {"alternative names", alternative_names},
     {"copies and keys of identities", copies_and_keys_of_identities},
     {"signers of messages", signers_of_messages},
     {NULL, NULL}}};
