/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>

#include "gsakmp/suite.h"
#include "roles/load.h"
#include "tests/roles/pki-maker.h"
#include "tests/roles/vector-policy.h"
#include "tests/vectors.h"
#include "token/cms.h"

static struct gk_reason why;
/* Loads at the vectors' clock; NULL leaves `why`. */
static struct loaded *load_at(struct gk_octets octets, const struct load_policy *policy,
                              const struct load_mark *last, gk_time now)
{
    memset(&why, 0, sizeof why);
    return load_token(octets, policy, last, now, &why);
}

static bool loads(struct gk_octets octets, const struct load_policy *policy,
                  const struct load_mark *last)
{
    struct loaded *loaded = load_at(octets, policy, last, TEST_NOW);

    load_unref(loaded);
    return loaded != NULL;
}

static bool refused(struct gk_octets octets, const struct load_policy *policy,
                    const struct load_mark *last, uint16_t notification, const char *code)
{
    if (!loads(octets, policy, last) && why.notification == notification && why.code &&
        strcmp(why.code, code) == 0)
        return true;
    printf("\n    %u %s: %s\n", why.notification, why.code ? why.code : "loaded", why.text);
    return false;
}

static void known_token_loads(void)
{
    struct load_policy policy = vector_policy();
    struct loaded *loaded = load_at(vector_token(), &policy, NULL, TEST_NOW);

    CU_ASSERT_PTR_NOT_NULL_FATAL(loaded);
    CU_ASSERT_TRUE(loaded->mark.present);
    CU_ASSERT_TRUE(loaded->mark.has_edition);
    CU_ASSERT_EQUAL(loaded->mark.edition, 1);
    CU_ASSERT_TRUE(gk_octets_equal(loaded->owner->name, gk_octets_of(VECTOR_OWNER)));
    CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&loaded->octets), vector_token()));
    CU_ASSERT_PTR_EQUAL(load_ref(loaded), loaded);
    load_unref(loaded);
    CU_ASSERT_EQUAL(loaded->token->edition, 1);
    load_unref(loaded);
}

static void owner_is_an_identity(void)
{
    struct load_policy policy = vector_policy();
    struct gk_octets roots[2];

    policy.owner = gk_octets_of("CN=GCKS,OU=Servers,O=Acme,C=US");
    CU_ASSERT_TRUE(
        refused(vector_token(), &policy, NULL, GK_AUTHENTICATION_FAILED, "not-the-owner"));
    policy = vector_policy();
    policy.owner = gk_octets_of("CN=*,OU=Owners,O=Acme,C=US");
    CU_ASSERT_TRUE(
        refused(vector_token(), &policy, NULL, GK_AUTHENTICATION_FAILED, "not-the-owner"));
    /* Its CA. */
    policy = vector_policy();
    policy.has_owner_ca = true;
    memcpy(policy.owner_ca, vector_octets("entities/inter/ski").data, PKI_KEY_ID_SIZE);
    CU_ASSERT_TRUE(loads(vector_token(), &policy, NULL));
    memcpy(policy.owner_ca, vector_octets("entities/root/ski").data, PKI_KEY_ID_SIZE);
    CU_ASSERT_TRUE(
        refused(vector_token(), &policy, NULL, GK_AUTHENTICATION_FAILED, "not-the-owner"));
    /* Its certificate. */
    policy = vector_policy();
    policy.has_owner_fingerprint = true;
    CU_ASSERT_TRUE(
        refused(vector_token(), &policy, NULL, GK_AUTHENTICATION_FAILED, "not-the-owner"));
    /* With two roots the name is not enough (profile 4.8). */
    policy = vector_policy();
    roots[0] = policy.trust.roots[0];
    roots[1] = test_ca_new("CN=Second")->certificate;
    policy.trust.roots = roots;
    policy.trust.root_count = 2;
    CU_ASSERT_TRUE(refused(vector_token(), &policy, NULL, GK_NONE, "owner-ca"));
    policy.has_owner_ca = true;
    memcpy(policy.owner_ca, vector_octets("entities/inter/ski").data, PKI_KEY_ID_SIZE);
    CU_ASSERT_TRUE(loads(vector_token(), &policy, NULL));
}

static void path_of_the_owner(void)
{
    struct load_policy policy = vector_policy();
    struct gk_octets other = test_ca_new("CN=Root,OU=CA,O=Acme,C=US")->certificate;
    struct gk_octets crl =
        test_crl(test_party_of_vector("inter"), &(struct test_crl_want){.serial = {0x3eb}});
    struct loaded *loaded;

    policy.trust.roots = &other;
    CU_ASSERT_TRUE(
        refused(vector_token(), &policy, NULL, GK_INVALID_CERT_AUTHORITY, "no-trusted-root"));
    policy = vector_policy();
    policy.trust.crls = &crl;
    policy.trust.crl_count = 1;
    CU_ASSERT_TRUE(refused(vector_token(), &policy, NULL, GK_AUTHENTICATION_FAILED, "revoked"));
    policy = vector_policy();
    loaded = load_at(vector_token(), &policy, NULL, TEST_UNTIL + 1);
    CU_ASSERT_PTR_NULL(loaded);
    CU_ASSERT_STRING_EQUAL(why.code, "expired");
}

static void group_and_size(void)
{
    struct load_policy policy = vector_policy();
    struct gk_secret large = gk_secret_new(TOKEN_MAX + 1);

    CU_ASSERT_TRUE_FATAL(
        gk_group_set(&policy.group, 2, test_unhex("a1a2a3a4a5a6a7a8766563746f7274"), NULL));
    CU_ASSERT_TRUE(refused(vector_token(), &policy, NULL, GK_INVALID_GROUP_ID, "other-group"));
    CU_ASSERT_TRUE(
        refused(gk_secret_octets(&large), &policy, NULL, GK_PAYLOAD_MALFORMED, "token-size"));
    gk_secret_free(&large);
}

static void signing_time(void)
{
    struct load_policy policy = vector_policy();
    struct loaded *loaded = load_at(vector_token(), &policy, NULL, TEST_NOW);
    gk_time signed_at;

    CU_ASSERT_PTR_NOT_NULL_FATAL(loaded);
    signed_at = loaded->mark.signing_time;
    load_unref(loaded);
    loaded = load_at(vector_token(), &policy, NULL, signed_at - 300);
    CU_ASSERT_PTR_NOT_NULL(loaded);
    load_unref(loaded);
    CU_ASSERT_PTR_NULL(load_at(vector_token(), &policy, NULL, signed_at - 301));
    CU_ASSERT_STRING_EQUAL(why.code, "signed-in-future");
}

static void only_newer_tokens_pass(void)
{
    struct load_policy policy = vector_policy();
    struct gk_octets next = vector_octets("tokens/new edition/signed");
    struct loaded *first = load_at(vector_token(), &policy, NULL, TEST_NOW);
    struct loaded *second = load_at(next, &policy, NULL, TEST_NOW + 86400);
    struct load_mark mark;

    CU_ASSERT_PTR_NOT_NULL_FATAL(first);
    CU_ASSERT_PTR_NOT_NULL_FATAL(second);
    /* The same octets pass as unchanged. */
    CU_ASSERT_TRUE(loads(vector_token(), &policy, &first->mark));
    /* Forward, and not back. */
    load_unref(load_at(next, &policy, &first->mark, TEST_NOW + 86400));
    CU_ASSERT_PTR_NULL(why.code);
    CU_ASSERT_TRUE(refused(vector_token(), &policy, &second->mark, GK_PROHIBITED_BY_GROUP_POLICY,
                           "older-token"));
    /* Other octets of the same edition; newer by edition alone; newer by date alone. */
    mark = first->mark;
    mark.hash[0] ^= 1;
    mark.signing_time--;
    CU_ASSERT_TRUE(
        refused(vector_token(), &policy, &mark, GK_PROHIBITED_BY_GROUP_POLICY, "older-token"));
    mark.edition = 0;
    CU_ASSERT_TRUE(loads(vector_token(), &policy, &mark));
    mark.signing_time++;
    CU_ASSERT_TRUE(
        refused(vector_token(), &policy, &mark, GK_PROHIBITED_BY_GROUP_POLICY, "older-token"));
    /* Any edition is newer than none. */
    mark.signing_time--;
    mark.has_edition = false;
    mark.edition = 9;
    CU_ASSERT_TRUE(loads(vector_token(), &policy, &mark));
    load_unref(first);
    load_unref(second);
}

static void least_edition(void)
{
    struct load_policy policy = vector_policy();

    policy.has_least_edition = true;
    policy.least_edition = 1;
    CU_ASSERT_TRUE(loads(vector_token(), &policy, NULL));
    policy.least_edition = 2;
    CU_ASSERT_TRUE(
        refused(vector_token(), &policy, NULL, GK_PROHIBITED_BY_GROUP_POLICY, "older-token"));
}

/* Any changed octet is refused. */
static void changed_octets(void)
{
    struct load_policy policy = vector_policy();
    struct gk_octets octets = vector_token();

    for (size_t at = 0; at < octets.size; at += 11) {
        struct gk_secret copy = gk_secret_copy(octets);

        copy.data[at] ^= 1;
        CU_ASSERT_FALSE(loads(gk_secret_octets(&copy), &policy, NULL));
        gk_secret_free(&copy);
        CU_ASSERT_FALSE(loads(gk_octets(octets.data, at), &policy, NULL));
    }
}

/* Signed by ourselves, with a CRL and root certificates in the envelope or not. */
static struct gk_octets sign_vector_token(const struct test_party *owner,
                                          const struct test_party *const *others, size_t count)
{
    static struct gk_writer out;
    struct gk_octets certificates[4] = {owner->certificate};
    struct gk_signer signer;

    gk_writer_free(&out);
    for (size_t i = 0; i < count; i++)
        certificates[i + 1] = others[i]->certificate;
    CU_ASSERT_TRUE_FATAL(gk_signer_open(&signer, owner->key, -1, NULL, NULL));
    CU_ASSERT_TRUE_FATAL(cms_sign(vector_octets("tokens/recommended/der"), certificates, count + 1,
                                  &signer, TEST_NOW - 5, &out, NULL));
    gk_signer_free(&signer);
    return gk_writer_octets(&out);
}

static void owners_of_our_own(void)
{
    struct load_policy policy = vector_policy();
    const struct test_party *root = test_ca_new("CN=R");
    const struct test_party *sub =
        test_ca_issue(root, &(struct test_want){.subject = "CN=S", .ca = true});
    const struct test_party *owner =
        test_ca_issue(sub, &(struct test_want){.subject = VECTOR_OWNER});
    const struct test_party *self =
        test_ca_issue(NULL, &(struct test_want){.subject = VECTOR_OWNER});

    policy.trust.roots = &root->certificate;
    CU_ASSERT_TRUE(loads(sign_vector_token(owner, &sub, 1), &policy, NULL));
    CU_ASSERT_TRUE(refused(sign_vector_token(owner, NULL, 0), &policy, NULL,
                           GK_INVALID_CERT_AUTHORITY, "no-trusted-root"));
    /* A pinned root may be the owner's own certificate (profile 11.15). */
    policy.trust.roots = &self->certificate;
    CU_ASSERT_TRUE(loads(sign_vector_token(self, NULL, 0), &policy, NULL));
    policy.trust.roots = &root->certificate;
    CU_ASSERT_TRUE(refused(sign_vector_token(self, NULL, 0), &policy, NULL,
                           GK_INVALID_CERT_AUTHORITY, "no-trusted-root"));
}

/* By a key whose certificate is beyond doubt: what counts is the token's own signature. */
static void tokens_over_sha_1(void)
{
    struct load_policy policy = vector_policy();
    const struct test_party *root = test_ca_new("CN=R");
    const struct test_party *owner =
        test_ca_issue(root, &(struct test_want){.subject = VECTOR_OWNER, .key = TEST_DSA});
    struct gk_signer signer;
    struct loaded *loaded;

    policy.trust.roots = &root->certificate;
    CU_ASSERT_TRUE_FATAL(gk_signer_open(&signer, owner->key, -1, NULL, NULL));
    for (size_t i = 0; i < 2; i++) {
        struct gk_writer out = {0};

        CU_ASSERT_TRUE_FATAL(
            cms_sign_with(i ? "dsa-sha1" : "dsa-sha256", vector_octets("tokens/recommended/der"),
                          &owner->certificate, 1, &signer, TEST_NOW - 5, &out, NULL));
        policy.local.tolerate_suite_1 = false;
        CU_ASSERT_EQUAL(loads(gk_writer_octets(&out), &policy, NULL), i == 0);
        if (i)
            CU_ASSERT_STRING_EQUAL(why.code, "tolerate-suite-1");
        policy.local.tolerate_suite_1 = true;
        loaded = load_at(gk_writer_octets(&out), &policy, NULL, TEST_NOW);
        CU_ASSERT_PTR_NOT_NULL_FATAL(loaded);
        CU_ASSERT_EQUAL(loaded->findings.count > 0, i == 1);
        load_unref(loaded);
        gk_writer_free(&out);
    }
    gk_signer_free(&signer);
}

static void suite_1_is_not_for_everybody(void)
{
    struct load_policy policy = vector_policy();
    struct gk_octets suite1 = vector_octets("tokens/suite1/signed");

    CU_ASSERT_FALSE(loads(suite1, &policy, NULL));
    CU_ASSERT_EQUAL(why.notification, GK_PROHIBITED_BY_LOCAL_POLICY);
    CU_ASSERT_STRING_EQUAL(why.code, "tolerate-suite-1");
    policy.local.tolerate_suite_1 = true;
    CU_ASSERT_TRUE(loads(suite1, &policy, NULL));
}

const struct test_suite suite_load = {
    "load",
    {{"the known token loads", known_token_loads},
     {"the owner is an identity", owner_is_an_identity},
     {"the path of the owner", path_of_the_owner},
     {"group and size", group_and_size},
     {"signing time", signing_time},
     {"only newer tokens pass", only_newer_tokens_pass},
     {"the least edition", least_edition},
     {"changed octets", changed_octets},
     {"owners of our own", owners_of_our_own},
     {"tokens over SHA-1", tokens_over_sha_1},
     {"Suite 1 is not for everybody", suite_1_is_not_for_everybody},
     {NULL, NULL}}};
