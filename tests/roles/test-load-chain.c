/* SPDX-License-Identifier: Apache-2.0 */
/* load_token_chain: each step has a token that is bad there, what stands below is not judged, and
 * nothing but a whole chain gives a token. */
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>

#include "gsakmp/suite.h"
#include "roles/load.h"
#include "tests/roles/pki-maker.h"
#include "tests/roles/vector-policy.h"
#include "tests/vectors.h"
#include "token/der.h"

/* A letter a step, in their order: good, bad, or - for not judged. The reason is that of the bad
 * one, and a token comes out of six good ones alone. */
static bool chain_is(struct gk_octets octets, const struct load_policy *policy,
                     const struct load_mark *last, gk_time now, const char *want)
{
    struct gk_reason why = {0};
    struct load_chain chain;
    struct loaded *loaded = load_token_chain(octets, policy, last, now, &chain, &why);
    char have[LOAD_STEPS + 1] = "";
    bool whole;

    for (size_t i = 0; i < LOAD_STEPS; i++)
        have[i] = "-GB"[chain.verdict[i]];
    whole = strcmp(have, "GGGGGG") == 0;
    CU_ASSERT_EQUAL(loaded != NULL, whole);
    CU_ASSERT_EQUAL(why.code == NULL, whole);
    CU_ASSERT_PTR_NOT_NULL(chain.tried);
    if (loaded)
        CU_ASSERT_PTR_EQUAL(loaded, chain.tried);
    load_unref(loaded);
    load_chain_free(&chain);
    if (want && strcmp(have, want) != 0)
        printf("\n    %s, expected %s: %s\n", have, want, why.text);
    return !want || strcmp(have, want) == 0;
}

#define IS(octets, policy, last, want)                                                             \
    CU_ASSERT_TRUE(chain_is(octets, policy, last, TEST_NOW, want))

static void form_and_signer(void)
{
    struct load_policy policy = vector_policy();
    struct gk_octets good = vector_token();
    struct gk_secret changed = gk_secret_copy(good);
    struct gk_secret large = gk_secret_new(TOKEN_MAX + 1);

    IS(good, &policy, NULL, "GGGGGG");
    IS(gk_octets(good.data, good.size - 1), &policy, NULL, "B-----");
    IS(vector_octets("tokens/recommended/der"), &policy, NULL, "B-----");
    IS(GK_NO_OCTETS, &policy, NULL, "B-----");
    IS(gk_secret_octets(&large), &policy, NULL, "B-----");
    changed.data[changed.size - 1] ^= 1;
    IS(gk_secret_octets(&changed), &policy, NULL, "GB----");
    gk_secret_free(&changed);
    gk_secret_free(&large);
}

static void path_and_owner(void)
{
    struct load_policy policy = vector_policy();
    struct gk_octets other = test_ca_new("CN=Root,OU=CA,O=Acme,C=US")->certificate;

    policy.trust.roots = &other;
    IS(vector_token(), &policy, NULL, "GGB---");
    policy = vector_policy();
    policy.owner = gk_octets_of("CN=Other,O=Acme,C=US");
    IS(vector_token(), &policy, NULL, "GGGB--");
    policy = vector_policy();
    policy.has_owner_fingerprint = true;
    IS(vector_token(), &policy, NULL, "GGGB--");
}

static void age(void)
{
    struct load_policy policy = vector_policy();
    struct load_mark last = {.present = true, .has_edition = true, .edition = 1};

    CU_ASSERT_TRUE(chain_is(vector_token(), &policy, NULL, TEST_FROM + 1, "GGGGB-"));
    IS(vector_token(), &policy, &last, "GGGGB-");
    last.edition = 0;
    IS(vector_token(), &policy, &last, "GGGGGG");
    last.signing_time = TEST_NOW;
    IS(vector_token(), &policy, &last, "GGGGB-");
    policy.has_least_edition = true;
    policy.least_edition = 2;
    IS(vector_token(), &policy, NULL, "GGGGB-");
}

/* Signed by the vectors' owner just before now. */
static struct gk_octets signed_content(struct gk_octets content)
{
    static struct gk_writer out;
    const struct test_party *owner = test_party_of_vector("owner");
    struct gk_octets certificates[] = {owner->certificate,
                                       vector_octets("entities/inter/certificate")};
    struct gk_signer signer;

    gk_writer_free(&out);
    CU_ASSERT_TRUE_FATAL(gk_signer_open(&signer, owner->key, -1, NULL, NULL));
    CU_ASSERT_TRUE_FATAL(cms_sign(content, certificates, 2, &signer, TEST_NOW - 5, &out, NULL));
    gk_signer_free(&signer);
    return gk_writer_octets(&out);
}

static void content(void)
{
    struct load_policy policy = vector_policy();

    CU_ASSERT_TRUE_FATAL(
        gk_group_set(&policy.group, 2, test_unhex("a1a2a3a4a5a6a7a8766563746f7274"), NULL));
    IS(vector_token(), &policy, NULL, "GGGGGB");
    policy = vector_policy();
    IS(vector_octets("tokens/suite1/signed"), &policy, NULL, "GGGGGB");
    policy.local.tolerate_suite_1 = true;
    IS(vector_octets("tokens/suite1/signed"), &policy, NULL, "GGGGGG");
    /* No token at all: then there is no edition to judge either. */
    IS(signed_content(test_unhex("3000")), &policy, NULL, "GGGG-B");
}

/* A Group ID has a length in one octet: no group has such a name. */
static void long_group(void)
{
    static const uint8_t name[256] = {1};
    struct load_policy policy = vector_policy();
    struct token *token = token_from_der(vector_octets("tokens/recommended/der"), NULL);
    struct gk_octets before;
    struct gk_writer der = {0};
    struct gk_reason why = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    before = token->group_name;
    token->group_name = gk_octets(name, sizeof name);
    CU_ASSERT_TRUE_FATAL(token_to_der(token, &der, &why));
    token->group_name = before;
    IS(signed_content(gk_writer_octets(&der)), &policy, NULL, "GGGGGB");
    CU_ASSERT_PTR_NULL(
        load_token(signed_content(gk_writer_octets(&der)), &policy, NULL, TEST_NOW, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "group-size");
    token_free(token);
    gk_writer_free(&der);
}

static void weak_digest(void)
{
    struct load_policy policy = vector_policy();
    const struct test_party *ca = test_ca_new("CN=R");
    const struct test_party *owner =
        test_ca_issue(ca, &(struct test_want){.subject = VECTOR_OWNER, .key = TEST_DSA});
    struct gk_writer out = {0};
    struct gk_signer signer;

    policy.trust.roots = &ca->certificate;
    CU_ASSERT_TRUE_FATAL(gk_signer_open(&signer, owner->key, -1, NULL, NULL));
    CU_ASSERT_TRUE_FATAL(cms_sign_with("dsa-sha1", vector_octets("tokens/recommended/der"),
                                       &owner->certificate, 1, &signer, TEST_NOW - 5, &out, NULL));
    IS(gk_writer_octets(&out), &policy, NULL, "GB----");
    policy.local.tolerate_suite_1 = true;
    IS(gk_writer_octets(&out), &policy, NULL, "GGGGGG");
    gk_signer_free(&signer);
    gk_writer_free(&out);
}

/* Whatever is changed: a token comes out of a whole chain alone. */
static void changed_octets(void)
{
    struct load_policy policy = vector_policy();
    struct gk_octets octets = vector_token();

    for (size_t at = 0; at < octets.size; at += 7) {
        struct gk_secret copy = gk_secret_copy(octets);

        copy.data[at] ^= (uint8_t)(1 + at % 255);
        CU_ASSERT_TRUE(chain_is(gk_secret_octets(&copy), &policy, NULL, TEST_NOW, NULL));
        gk_secret_free(&copy);
    }
}

const struct test_suite suite_load_chain = {"load_chain",
                                            {{"form and signer", form_and_signer},
                                             {"path and owner", path_and_owner},
                                             {"age", age},
                                             {"content", content},
                                             {"a group's name is too long", long_group},
                                             {"a weak digest", weak_digest},
                                             {"changed octets", changed_octets},
                                             {NULL, NULL}}};
