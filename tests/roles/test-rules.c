/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what. The token under test is small and made by hand, so that each rule of the
 * profile has a case that passes and one that fails. */
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>

#include "roles/rules.h"
#include "tests/roles/pki-maker.h"
#include "tests/roles/rules-maker.h"
#include "tests/vectors.h"
#include "token/der.h"

static struct rules_verdict verdict;

/* --- the known token -------------------------------------------------------- */

static struct pki_identity *vector_identity(const char *entity)
{
    const struct test_party *party = test_party_of_vector(entity);
    struct gk_octets certificates[2] = {party->certificate,
                                        vector_octets("entities/inter/certificate")};
    struct gk_octets root = vector_octets("entities/root/certificate");
    struct pki_trust trust = {.roots = &root, .root_count = 1};
    struct pki_identity *identity;

    if (!pki_validate(&trust, certificates, 2, NULL, 0, TEST_NOW, &identity, NULL))
        CU_FAIL_FATAL("a vector's path");
    return identity;
}

static void known_token(void)
{
    struct token *token = token_from_der(vector_octets("tokens/recommended/der"), NULL);
    struct rules_local local = {0};
    struct findings warnings = {0};
    struct rules *rules;
    const struct rules_terms *terms;
    struct pki_identity *m1 = vector_identity("m1");
    struct pki_identity *gcks = vector_identity("gcks");

    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    rules = rules_new(token, &local, &warnings, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(rules);
    CU_ASSERT_EQUAL(warnings.count, 0);
    terms = rules_terms(rules);
    CU_ASSERT_EQUAL(terms->mechanism_count, 1);
    CU_ASSERT_EQUAL(terms->mechanism[0].algorithms.signature, 49153);
    CU_ASSERT_EQUAL(terms->mechanism[0].algorithms.key_wrap, 49154);
    CU_ASSERT_EQUAL(terms->mechanism[0].time_out, 30000);
    CU_ASSERT_EQUAL(terms->mechanism[0].transport, TOKEN_UDP);
    CU_ASSERT_TRUE(terms->mechanism[0].terse);
    CU_ASSERT_FALSE(terms->verbose);
    CU_ASSERT_TRUE(terms->rekeys);
    CU_ASSERT_EQUAL(terms->rekey_every, 3600000);
    CU_ASSERT_EQUAL(terms->rekey_interval, 3600000);
    CU_ASSERT_EQUAL(terms->kek_type, 49154);
    CU_ASSERT_EQUAL(terms->rekey_signature, 49153);
    CU_ASSERT_FALSE(terms->autonomous);
    CU_ASSERT_EQUAL_FATAL(terms->gtpk_count, 1);
    CU_ASSERT_EQUAL(terms->gtpk[0].key_id, 0x80000001);
    CU_ASSERT_EQUAL(terms->gtpk[0].key_type, 49154);
    CU_ASSERT_TRUE(rules_can_run(rules, NULL));

    CU_ASSERT_TRUE(rules_member(rules, RULES_ANY, m1, &verdict));
    CU_ASSERT_STRING_EQUAL(
        verdict.rule,
        "accessRule 1 of entry 1: CN=*,OU=Members,O=Acme,C=US under CA 90:7b:3f:2c:...");
    CU_ASSERT_TRUE(rules_gcks(rules, 0, gcks, &verdict));
    CU_ASSERT_STRING_EQUAL(verdict.rule,
                           "gCKS 1: CN=GCKS,OU=Servers,O=Acme,C=US under CA 90:7b:3f:2c:...");
    CU_ASSERT_TRUE(rules_rekey(rules, 0, gcks, &verdict));
    CU_ASSERT_TRUE(rules_destroyer(rules, gcks, &verdict));
    CU_ASSERT_FALSE(rules_member(rules, RULES_ANY, gcks, &verdict));
    CU_ASSERT_EQUAL(verdict.notification, GK_UNAUTHORIZED_REQUEST);
    CU_ASSERT_FALSE(rules_server(rules, 0, m1, &verdict));
    CU_ASSERT_FALSE(rules_rekey(rules, 0, m1, &verdict));
    CU_ASSERT_FALSE(rules_destroyer(rules, m1, &verdict));
    CU_ASSERT_PTR_NOT_NULL(rules_leave(rules, 0, 49153, m1, NULL));
    CU_ASSERT_PTR_NULL(rules_leave(rules, 0, 49154, m1, NULL));
    pki_identity_free(m1);
    pki_identity_free(gcks);
    rules_free(rules);
    token_free(token);
    findings_free(&warnings);
}

/* --- members ----------------------------------------------------------------- */

static void members_and_exclusions(void)
{
    struct rules_case *c = case_new();
    struct pki_identity *m = case_person(c, "CN=m,O=Acme");
    struct pki_identity *bad = case_person(c, "CN=bad guy,O=ACME");
    struct pki_identity *shouter = case_person(c, "CN=m,O=ACME");

    case_pair(c, &c->entry->access_rule, "CN=x");
    case_pair(c, &c->entry->access_rule, "CN=*,O=Acme");
    case_pair(c, &c->entry->access_rule, "CN=*,O=ACME");
    case_exclude(c, "CN=Bad  Guy,O=Acme");
    case_pair(c, &c->registration->gcks, "CN=*,O=ACME");
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(rules_member(c->rules, 0, m, &verdict));
    CU_ASSERT_TRUE(verdict.granted);
    CU_ASSERT_TRUE(strncmp(verdict.rule, "accessRule 2 of entry 1: CN=*,O=Acme under CA ", 46) ==
                   0);
    CU_ASSERT_FALSE(rules_member(c->rules, 0, case_person(c, "CN=m,O=Other"), &verdict));
    CU_ASSERT_FALSE(verdict.granted);
    CU_ASSERT_EQUAL(verdict.notification, GK_UNAUTHORIZED_REQUEST);
    CU_ASSERT_STRING_EQUAL(verdict.rule, "no accessRule matches CN=m,O=Other");
    /* Exclusion folds, and wins for every role. */
    CU_ASSERT_TRUE(rules_member(c->rules, 0, shouter, NULL));
    CU_ASSERT_TRUE(rules_gcks(c->rules, 0, shouter, NULL));
    CU_ASSERT_TRUE(rules_sender(c->rules, shouter, NULL));
    CU_ASSERT_FALSE(rules_member(c->rules, 0, bad, &verdict));
    CU_ASSERT_EQUAL(verdict.notification, GK_UNAUTHORIZED_REQUEST);
    CU_ASSERT_TRUE(strncmp(verdict.rule,
                           "exclusionsRule 1 of entry 1: CN=Bad  Guy,O=Acme under CA ", 57) == 0);
    CU_ASSERT_FALSE(rules_gcks(c->rules, 0, bad, NULL));
    CU_ASSERT_FALSE(rules_server(c->rules, 0, bad, NULL));
    CU_ASSERT_FALSE(rules_sender(c->rules, bad, NULL));
    CU_ASSERT_TRUE(rules_excluded(c->rules, bad, &verdict));
    CU_ASSERT_FALSE(verdict.granted);
    CU_ASSERT_FALSE(rules_excluded(c->rules, m, &verdict));
    CU_ASSERT_TRUE(verdict.granted);
    case_free(c);
}

/* Admission compares exactly (profile 11.8). */
static void admission_does_not_fold(void)
{
    struct rules_case *c = case_new();

    case_pair(c, &c->entry->access_rule, "CN=m,O=Acme");
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(rules_member(c->rules, 0, case_person(c, "CN=m,O=Acme"), NULL));
    CU_ASSERT_FALSE(rules_member(c->rules, 0, case_person(c, "CN=M,O=Acme"), NULL));
    case_free(c);
}

/* The Registration in use admits; the exclusions of all count. */
static void registrations_apart(void)
{
    struct rules_case *c = case_new();
    struct pki_identity *a = case_person(c, "CN=a,O=Acme");
    struct pki_identity *b = case_person(c, "CN=b,O=Acme");

    case_pair(c, &c->entry->access_rule, "CN=*,O=Acme");
    (void)case_registration(c);
    (void)case_mechanism(c, 49154, 49153, 49154, 49154);
    case_pair(c, &c->entry->access_rule, "CN=*,O=Other");
    case_exclude(c, "CN=b,O=Acme");
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(rules_member(c->rules, 0, a, &verdict));
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict.rule, "accessRule 1 of entry 1 of registration 1: "));
    CU_ASSERT_FALSE(rules_member(c->rules, 1, a, NULL));
    CU_ASSERT_TRUE(rules_member(c->rules, RULES_ANY, a, NULL));
    CU_ASSERT_FALSE(rules_member(c->rules, 0, b, &verdict));
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict.rule, "of registration 2: "));
    case_free(c);
}

static void rules_name_a_ca(void)
{
    struct rules_case *c = case_new();
    struct pki_identity *m = case_person(c, "CN=m");

    case_pair_of(c, &c->entry->access_rule, 31, gk_octets_of("CN=m"),
                 vector_octets("entities/root/ski"));
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_FALSE(rules_member(c->rules, 0, m, NULL));
    case_pair(c, &c->entry->access_rule, "CN=m");
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(rules_member(c->rules, 0, m, NULL));
    case_free(c);
}

static unsigned levels_of_m(void *context, const struct pki_identity *identity)
{
    *(int *)context += 1;
    return gk_octets_equal(identity->name, gk_octets_of("CN=m")) ? 1u << 3 | 1u << 9 : 0;
}

static void permissions(void)
{
    struct rules_case *c = case_new();
    struct pki_identity *m = case_person(c, "CN=m");
    struct pki_identity *n = case_person(c, "CN=n");
    int asked = 0;

    c->entry->has_permissions = true;
    *(int64_t *)token_append(c->token, (void **)&c->entry->permissions, &c->entry->permission_count,
                             sizeof(int64_t)) = 3;
    *(int64_t *)token_append(c->token, (void **)&c->entry->permissions, &c->entry->permission_count,
                             sizeof(int64_t)) = 9;
    case_pair(c, &c->entry->access_rule, "CN=*");
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    /* Without a table nobody holds any. */
    CU_ASSERT_FALSE(rules_member(c->rules, 0, m, &verdict));
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict.rule, ", but permission 3 is not held"));
    CU_ASSERT_EQUAL(verdict.notification, GK_UNAUTHORIZED_REQUEST);
    c->local.permissions = levels_of_m;
    c->local.context = &asked;
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(rules_member(c->rules, 0, m, NULL));
    CU_ASSERT_FALSE(rules_member(c->rules, 0, n, NULL));
    CU_ASSERT_EQUAL(asked, 2);
    /* All of them, not some. */
    c->entry->permissions[0] = 4;
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_FALSE(rules_member(c->rules, 0, m, NULL));
    /* Another entry may ask for none. */
    c->entry = token_append(c->token, (void **)&c->registration->access,
                            &c->registration->access_count, sizeof *c->entry);
    case_pair(c, &c->entry->access_rule, "CN=n");
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(rules_member(c->rules, 0, n, &verdict));
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict.rule, "accessRule 1 of entry 2: "));
    c->entry->has_permissions = true;
    *(int64_t *)token_append(c->token, (void **)&c->entry->permissions, &c->entry->permission_count,
                             sizeof(int64_t)) = 64;
    CU_ASSERT_TRUE(case_refused(c, "rule-unjudgeable"));
    case_free(c);
}

/* --- other types of names ------------------------------------------------------ */

static bool admits(struct pki_identity *identity, int64_t type, struct gk_octets id, bool excluding)
{
    struct rules_case *c = case_new();
    bool yes;

    case_pair_of(c, excluding ? &c->entry->exclusions_rule : &c->entry->access_rule, type, id,
                 gk_octets(c->root->key_id, 20));
    c->entry->has_exclusions = excluding;
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    yes = excluding ? rules_excluded(c->rules, identity, NULL)
                    : rules_member(c->rules, 0, identity, NULL);
    case_free(c);
    return yes;
}

static void names_of_other_types(void)
{
    struct rules_case *c = case_new();
    struct pki_identity *m = case_identity(
        c, test_ca_issue(c->root, &(struct test_want){.subject = "CN=typed,O=Acme",
                                                      .dns = "host.example",
                                                      .mail = "m@example.org",
                                                      .address = test_unhex("c0000201")}));
    struct pki_identity *six = case_identity(
        c, test_ca_issue(c->root, &(struct test_want){
                                      .subject = "CN=six",
                                      .address = test_unhex("20010db8000000000000000000000001")}));

    CU_ASSERT_TRUE(admits(m, 2, gk_octets_of("Host.Example"), false));
    CU_ASSERT_TRUE(admits(m, 2, gk_octets_of("*.example"), false));
    CU_ASSERT_FALSE(admits(m, 2, gk_octets_of("*"), false));
    CU_ASSERT_FALSE(admits(m, 2, gk_octets_of("other.example"), false));
    CU_ASSERT_TRUE(admits(m, 3, gk_octets_of("m@EXAMPLE.org"), false));
    CU_ASSERT_TRUE(admits(m, 3, gk_octets_of("*@example.org"), false));
    CU_ASSERT_FALSE(admits(m, 3, gk_octets_of("n@example.org"), false));
    CU_ASSERT_TRUE(admits(m, 1, test_unhex("c0000201"), false));
    CU_ASSERT_FALSE(admits(m, 1, test_unhex("c0000202"), false));
    CU_ASSERT_TRUE(admits(six, 5, test_unhex("20010db8000000000000000000000001"), false));
    CU_ASSERT_FALSE(admits(m, 5, test_unhex("20010db8000000000000000000000001"), false));
    CU_ASSERT_TRUE(admits(m, 9, m->subject_der, false));
    CU_ASSERT_FALSE(admits(m, 9, six->subject_der, false));
    CU_ASSERT_TRUE(admits(m, 11, m->subject_key_id, false));
    CU_ASSERT_FALSE(admits(m, 11, six->subject_key_id, false));
    CU_ASSERT_FALSE(admits(m, 11, gk_octets_of("*"), false));
    CU_ASSERT_TRUE(admits(m, 2, gk_octets_of("HOST.example"), true));
    CU_ASSERT_FALSE(admits(m, 2, gk_octets_of("x.example"), true));
    case_free(c);
}

/* How a rule of each type reads in a log line. */
static void rules_as_text(void)
{
    static const struct {
        int64_t type;
        const char *hex, *want;
    } rows[] = {
        {2, "2a2e6578616d706c65", "accessRule 1 of entry 1: host *.example under CA "},
        {3, "6d406578616d706c65", "accessRule 1 of entry 1: mailbox m@example under CA "},
        {1, "c0000201", "accessRule 1 of entry 1: address c0:00:02:01 under CA "},
    };
    struct rules_case *people = case_new();
    struct pki_identity *m = case_identity(
        people,
        test_ca_issue(people->root, &(struct test_want){.subject = "CN=m",
                                                        .dns = "a.example",
                                                        .mail = "m@example",
                                                        .address = test_unhex("c0000201")}));

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rules_case *c = case_new();

        case_pair_of(c, &c->entry->access_rule, rows[i].type, test_unhex(rows[i].hex),
                     gk_octets(c->root->key_id, 20));
        CU_ASSERT_TRUE_FATAL(case_rules(c));
        CU_ASSERT_TRUE(rules_member(c->rules, 0, m, &verdict));
        CU_ASSERT_TRUE(strncmp(verdict.rule, rows[i].want, strlen(rows[i].want)) == 0);
        case_free(c);
    }
    case_free(people);
}

static struct gk_octets u_name(const struct pki_identity *identity, const char *name)
{
    static struct gk_writer out;

    gk_writer_free(&out);
    gk_write(&out, identity->serial, 20);
    gk_write_u32(&out, (uint32_t)strlen(name));
    gk_write(&out, name, strlen(name));
    return gk_writer_octets(&out);
}

/* Type 30: serial number and slash name. */
static void unencoded_names(void)
{
    struct rules_case *c = case_new();
    struct pki_identity *m = case_person(c, "CN=m,O=Acme");
    struct pki_identity *other = case_person(c, "CN=m,O=Acme");
    struct pki_identity *slash = case_person(c, "CN=x/O=Acme");

    CU_ASSERT_TRUE(admits(m, 30, u_name(m, "/O=Acme/CN=m"), false));
    CU_ASSERT_FALSE(admits(m, 30, u_name(other, "/O=Acme/CN=m"), false));
    CU_ASSERT_FALSE(admits(m, 30, u_name(m, "/CN=m/O=Acme"), false));
    CU_ASSERT_FALSE(admits(m, 30, u_name(m, "/O=Acme/CN=M"), false));
    CU_ASSERT_TRUE(admits(m, 30, u_name(m, "/O=ACME/CN=M"), true));
    /* A form that other names have too admits nobody, but excludes. */
    CU_ASSERT_FALSE(admits(slash, 30, u_name(slash, "/CN=x/O=Acme"), false));
    CU_ASSERT_TRUE(admits(slash, 30, u_name(slash, "/CN=x/O=Acme"), true));
    case_free(c);
}

static bool judgeable(int64_t type, struct gk_octets id)
{
    struct rules_case *c = case_new();
    bool yes;

    case_pair_of(c, &c->entry->access_rule, type, id, gk_octets(c->root->key_id, 20));
    yes = case_rules(c);
    if (!yes)
        CU_ASSERT_STRING_EQUAL(c->why.code, "rule-unjudgeable");
    case_free(c);
    return yes;
}

/* Profile 11.18. */
static void rules_that_cannot_be_judged(void)
{
    static const int64_t unknown[] = {0, 4, 6, 7, 8, 10, 12, 29, 32, 193, 255, 256, -1, 287};

    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        CU_ASSERT_FALSE(judgeable(unknown[i], gk_octets_of("CN=x")));
    CU_ASSERT_TRUE(judgeable(31, gk_octets_of("CN=x")));
    CU_ASSERT_FALSE(judgeable(31, gk_octets_of("x")));
    CU_ASSERT_FALSE(judgeable(31, GK_NO_OCTETS));
    CU_ASSERT_FALSE(judgeable(31, gk_octets_of("CN=x, O=Acme")));
    CU_ASSERT_TRUE(judgeable(1, test_unhex("c0000201")));
    CU_ASSERT_FALSE(judgeable(1, test_unhex("c00002")));
    CU_ASSERT_FALSE(judgeable(5, test_unhex("c0000201")));
    CU_ASSERT_TRUE(judgeable(2, gk_octets_of("*")));
    CU_ASSERT_FALSE(judgeable(2, GK_NO_OCTETS));
    CU_ASSERT_FALSE(judgeable(3, gk_octets_of("example.org")));
    CU_ASSERT_TRUE(judgeable(9, test_unhex("300c310a300806035504030c0141")));
    CU_ASSERT_FALSE(judgeable(9, test_unhex("300c310a300806035504030c01")));
    CU_ASSERT_FALSE(judgeable(11, GK_NO_OCTETS));
    CU_ASSERT_FALSE(judgeable(30, gk_octets_of("/CN=x")));
    CU_ASSERT_FALSE(
        judgeable(30, test_unhex("0000000000000000000000000000000000000000000000012f")));
}

static void unjudgeable_rules_anywhere(void)
{
    struct rules_case *c = case_new();

    case_exclude(c, "bad");
    CU_ASSERT_TRUE(case_refused(c, "rule-unjudgeable"));
    case_free(c);
    c = case_new();
    case_pair(c, &c->registration->gcks, "bad");
    CU_ASSERT_TRUE(case_refused(c, "rule-unjudgeable"));
    case_free(c);
    c = case_new();
    c->registration->senders_limited = true;
    case_pair(c, &c->registration->senders, "bad");
    CU_ASSERT_TRUE(case_refused(c, "rule-unjudgeable"));
    case_free(c);
    c = case_new();
    case_pair(c, &c->rekey->authorization, "bad");
    CU_ASSERT_TRUE(case_refused(c, "rule-unjudgeable"));
    case_free(c);
    c = case_new();
    case_pair(c, &case_rekey(c)->authorization, "bad");
    CU_ASSERT_TRUE(case_refused(c, "rule-unjudgeable"));
    case_free(c);
}

/* --- servers and senders --------------------------------------------------------- */

static struct rules_case *case_of_servers(void)
{
    struct rules_case *c = case_new();
    struct token_pairs *sub;

    case_pair(c, &c->registration->gcks, "CN=primary");
    case_pair(c, &c->registration->gcks, "CN=loader");
    case_pair(c, &c->rekey->authorization, "CN=primary");
    c->registration->has_sub_gcks = true;
    sub = token_append(c->token, (void **)&c->registration->sub_gcks,
                       &c->registration->sub_gcks_count, sizeof *sub);
    case_pair(c, sub, "CN=sub");
    case_pair(c, sub, "CN=half");
    c->rekey->scheme = TOKEN_SCHEME_AUTONOMOUS;
    case_pair(c, &c->rekey->auth_subs, "CN=sub");
    case_pair(c, &c->rekey->auth_subs, "CN=loader");
    return c;
}

static void servers(void)
{
    struct rules_case *c = case_of_servers();
    struct pki_identity *primary = case_person(c, "CN=primary");
    struct pki_identity *loader = case_person(c, "CN=loader");
    struct pki_identity *sub = case_person(c, "CN=sub");
    struct pki_identity *half = case_person(c, "CN=half");

    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(rules_server(c->rules, 0, primary, &verdict));
    CU_ASSERT_TRUE(strncmp(verdict.rule, "gCKS 1: CN=primary", 18) == 0);
    CU_ASSERT_TRUE(rules_server(c->rules, 0, sub, &verdict));
    CU_ASSERT_TRUE(strncmp(verdict.rule, "subGCKS 1: CN=sub", 17) == 0);
    /* subGCKS without authSubs is nothing (profile 11.10). */
    CU_ASSERT_FALSE(rules_server(c->rules, 0, half, &verdict));
    CU_ASSERT_EQUAL(verdict.notification, GK_UNAUTHORIZED_REQUEST);
    CU_ASSERT_FALSE(rules_gcks(c->rules, 0, sub, NULL));
    CU_ASSERT_TRUE(rules_subordinate(c->rules, sub, NULL));
    CU_ASSERT_FALSE(rules_subordinate(c->rules, primary, NULL));

    /* Rekey Events (profile 9.9): who matches gCKS needs `authorization`, and authSubs does
     * not stand in for it. */
    CU_ASSERT_TRUE(rules_rekey(c->rules, 0, primary, &verdict));
    CU_ASSERT_TRUE(strncmp(verdict.rule, "rekey authorization 1: ", 23) == 0);
    CU_ASSERT_FALSE(rules_rekey(c->rules, 0, loader, NULL));
    CU_ASSERT_TRUE(rules_rekey(c->rules, 0, sub, NULL));
    CU_ASSERT_FALSE(rules_rekey(c->rules, 0, half, NULL));
    CU_ASSERT_TRUE(rules_destroyer(c->rules, primary, NULL));
    CU_ASSERT_FALSE(rules_destroyer(c->rules, loader, NULL));
    CU_ASSERT_FALSE(rules_destroyer(c->rules, sub, NULL));

    /* Without the autonomous scheme there are no subordinates. */
    c->rekey->scheme = TOKEN_SCHEME_NONE;
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_FALSE(rules_server(c->rules, 0, sub, NULL));
    CU_ASSERT_FALSE(rules_subordinate(c->rules, sub, NULL));
    CU_ASSERT_FALSE(rules_rekey(c->rules, 0, sub, NULL));
    CU_ASSERT_TRUE(rules_server(c->rules, 0, primary, NULL));
    case_free(c);
}

static void senders(void)
{
    struct rules_case *c = case_new();
    struct pki_identity *m = case_person(c, "CN=m");
    struct pki_identity *n = case_person(c, "CN=n");
    struct pki_identity *stranger = case_person(c, "OU=none");

    case_pair(c, &c->entry->access_rule, "CN=*");
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(rules_sender(c->rules, m, NULL));
    CU_ASSERT_FALSE(rules_sender(c->rules, stranger, NULL));
    c->registration->senders_limited = true;
    case_pair(c, &c->registration->senders, "CN=m");
    case_pair(c, &c->registration->senders, "OU=none");
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(rules_sender(c->rules, m, &verdict));
    CU_ASSERT_TRUE(strncmp(verdict.rule, "senders 1: CN=m", 15) == 0);
    CU_ASSERT_FALSE(rules_sender(c->rules, n, &verdict));
    CU_ASSERT_STRING_EQUAL(verdict.rule, "no senders rule matches CN=n");
    CU_ASSERT_FALSE(rules_sender(c->rules, stranger, NULL));
    case_free(c);
}

/* Which of several matching rules decides does not depend on how they are found. */
static void first_rule_decides(void)
{
    struct rules_case *c = case_new();
    struct pki_identity *m = case_person(c, "CN=m,O=Acme");
    char name[32];

    for (int i = 0; i < 500; i++) {
        (void)snprintf(name, sizeof name, "CN=m%d,O=Acme", i);
        case_pair(c, &c->entry->access_rule, name);
    }
    case_pair(c, &c->entry->access_rule, "O=Acme+CN=m");
    case_pair_of(c, &c->entry->access_rule, 31, gk_octets_of("CN=m,O=Acme"),
                 vector_octets("entities/root/ski"));
    case_pair(c, &c->entry->access_rule, "CN=\\4D,O=#0c0441636d65");
    case_pair(c, &c->entry->access_rule, "CN=*,O=Acme");
    case_pair(c, &c->entry->access_rule, "CN=m,O=Acme");
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(rules_member(c->rules, 0, m, &verdict));
    CU_ASSERT_TRUE(strncmp(verdict.rule, "accessRule 504 of entry 1: CN=*,", 32) == 0);
    CU_ASSERT_TRUE(rules_member(c->rules, 0, case_person(c, "CN=m499,O=Acme"), &verdict));
    CU_ASSERT_TRUE(strncmp(verdict.rule, "accessRule 500 of entry 1: ", 27) == 0);
    CU_ASSERT_TRUE(rules_member(c->rules, 0, case_person(c, "CN=M,O=Acme"), &verdict));
    CU_ASSERT_TRUE(strncmp(verdict.rule, "accessRule 503 of entry 1: ", 27) == 0);
    case_free(c);
}

/* Names are a stranger's text. */
static void verdicts_escape(void)
{
    struct rules_case *c = case_new();
    struct pki_identity *m = case_person(c, "CN=a\xc3\xa9");

    case_pair(c, &c->entry->access_rule, "CN=a\\C3\\A9");
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(rules_member(c->rules, 0, m, &verdict));
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict.rule, "CN=a\\x5cC3\\x5cA9 under CA "));
    CU_ASSERT_FALSE(rules_gcks(c->rules, 0, m, &verdict));
    CU_ASSERT_STRING_EQUAL(verdict.rule, "no gCKS rule matches CN=a\\xc3\\xa9");
    case_free(c);
}

const struct test_suite suite_rules = {
    "rules",
    {{"the known token", known_token},
     {"members and exclusions", members_and_exclusions},
     {"admission does not fold", admission_does_not_fold},
     {"registrations apart", registrations_apart},
     {"rules name a CA", rules_name_a_ca},
     {"permissions", permissions},
     {"names of other types", names_of_other_types},
     {"rules as text", rules_as_text},
     {"unencoded names", unencoded_names},
     {"rules that cannot be judged", rules_that_cannot_be_judged},
     {"unjudgeable rules anywhere", unjudgeable_rules_anywhere},
     {"servers", servers},
     {"senders", senders},
     {"the first rule decides", first_rule_decides},
     {"verdicts escape", verdicts_escape},
     {NULL, NULL}}};
