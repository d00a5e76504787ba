/* SPDX-License-Identifier: Apache-2.0 */
/* All that one identity may be, asked at once, is what the single questions answer. */
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>

#include "roles/ask.h"
#include "tests/roles/rules-maker.h"

#define MEMBER "CN=Ann,OU=Members,O=Acme"

static struct rules_verdict verdicts[ASK_ROLES];

static struct pki_identity *person_with(struct rules_case *c, const char *name, enum test_key key)
{
    return case_identity(c,
                         test_ca_issue(c->root, &(struct test_want){.subject = name, .key = key}));
}

static struct token_deregister *leave_of(struct rules_case *c, int64_t signature,
                                         struct gk_octets ca)
{
    struct token_protocol *leave = &c->token->registrations[0].leave;
    struct token_leave_mechanism *mechanism;

    if (leave->kind != TOKEN_PROTOCOL_DEREGISTER) {
        leave->kind = TOKEN_PROTOCOL_DEREGISTER;
        leave->deregistration = token_alloc(c->token, 1, sizeof *leave->deregistration);
    }
    mechanism = token_append(c->token, (void **)&leave->deregistration->mechanisms,
                             &leave->deregistration->mechanism_count, sizeof *mechanism);
    *mechanism =
        (struct token_leave_mechanism){.signature = signature, .nonce_hash = 49153, .ca = ca};
    return leave->deregistration;
}

static bool may(struct rules_case *c, const struct pki_identity *who, enum ask_role role)
{
    return ask_roles(c->rules, RULES_ANY, who, verdicts) >> role & 1;
}

static void agrees_with_the_single_questions(void)
{
    static const char *const names[] = {MEMBER, "CN=Bad,OU=Members,O=Acme", "CN=G,O=Acme",
                                        "CN=East,O=Acme", "CN=Nobody,O=Acme"};
    struct rules_case *c = case_new();

    case_pair(c, &c->entry->access_rule, "CN=*,OU=Members,O=Acme");
    case_exclude(c, "CN=bad,OU=members,O=Acme");
    case_pair(c, &c->registration->gcks, "CN=G,O=Acme");
    case_pair(c, &c->rekey->authorization, "CN=G,O=Acme");
    c->rekey->scheme = TOKEN_SCHEME_AUTONOMOUS;
    case_pair(c, &c->rekey->auth_subs, "CN=East,O=Acme");
    c->registration->has_sub_gcks = true;
    case_pair(c,
              token_append(c->token, (void **)&c->registration->sub_gcks,
                           &c->registration->sub_gcks_count, sizeof *c->registration->sub_gcks),
              "CN=East,O=Acme");
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct pki_identity *who = case_person(c, names[i]);

        CU_ASSERT_EQUAL(may(c, who, ASK_MEMBER), rules_member(c->rules, RULES_ANY, who, NULL));
        CU_ASSERT_EQUAL(may(c, who, ASK_SENDER), rules_sender(c->rules, who, NULL));
        CU_ASSERT_EQUAL(may(c, who, ASK_GCKS), rules_gcks(c->rules, RULES_ANY, who, NULL));
        CU_ASSERT_EQUAL(may(c, who, ASK_SUBORDINATE), rules_subordinate(c->rules, who, NULL));
        CU_ASSERT_EQUAL(may(c, who, ASK_REKEY), rules_rekey(c->rules, RULES_ANY, who, NULL));
        CU_ASSERT_EQUAL(may(c, who, ASK_DESTROY), rules_destroyer(c->rules, who, NULL));
        for (int role = 0; role < ASK_ROLES; role++)
            CU_ASSERT_TRUE(strlen(verdicts[role].rule) > 0);
        /* Each role has somebody and somebody else. */
        CU_ASSERT_EQUAL(may(c, who, ASK_MEMBER), i == 0);
        CU_ASSERT_EQUAL(may(c, who, ASK_GCKS), i == 2);
        CU_ASSERT_EQUAL(may(c, who, ASK_SUBORDINATE), i == 3);
    }
    case_free(c);
}

static void joins_with_a_key_that_fits(void)
{
    struct rules_case *c = case_new();
    struct pki_identity *ed25519;
    struct pki_identity *p256;

    case_pair(c, &c->entry->access_rule, "CN=*,OU=Members,O=Acme");
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    ed25519 = person_with(c, MEMBER, TEST_ED25519);
    p256 = person_with(c, MEMBER, TEST_P256);
    CU_ASSERT_TRUE(may(c, ed25519, ASK_JOIN));
    CU_ASSERT_TRUE(may(c, p256, ASK_MEMBER));
    CU_ASSERT_FALSE(may(c, p256, ASK_JOIN));
    CU_ASSERT_STRING_EQUAL(verdicts[ASK_JOIN].rule,
                           "its key cannot sign with Ed25519, which the mechanism demands");
    (void)case_mechanism(c, 49154, 49153, 49154, 49154);
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(may(c, p256, ASK_JOIN));
    CU_ASSERT_FALSE(ask_join(c->rules, p256, 0, NULL));
    CU_ASSERT_TRUE(ask_join(c->rules, p256, 1, NULL));
    case_free(c);
}

/* A second Registration with the mechanism of the first is never asked. */
static void the_first_mechanism_decides(void)
{
    const struct gk_mechanism *mechanism = &gk_suite_named("recommended")->mechanism;
    struct rules_case *c = case_new();
    struct pki_identity *ann;

    case_pair(c, &c->entry->access_rule, "CN=Bob,OU=Members,O=Acme");
    (void)case_registration(c);
    (void)case_mechanism(c, mechanism->signature, mechanism->nonce_hash, mechanism->key_creation,
                         mechanism->key_wrap);
    case_pair(c, &c->entry->access_rule, MEMBER);
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    ann = case_person(c, MEMBER);
    CU_ASSERT_TRUE(may(c, ann, ASK_MEMBER));
    CU_ASSERT_FALSE(may(c, ann, ASK_JOIN));
    CU_ASSERT_EQUAL(ask_registration(c->rules, mechanism), 0);
    CU_ASSERT_EQUAL(ask_registration(c->rules, &gk_suite_named("p256")->mechanism), RULES_ANY);
    CU_ASSERT_EQUAL(ask_roles(c->rules, 0, ann, NULL) & ASK_BIT(ASK_MEMBER), 0);
    CU_ASSERT_NOT_EQUAL(ask_roles(c->rules, 1, ann, NULL) & ASK_BIT(ASK_MEMBER), 0);
    case_free(c);
}

static void leaves_by_key_and_ca(void)
{
    struct rules_case *c = case_new();
    struct pki_identity *ann;

    case_pair(c, &c->entry->access_rule, MEMBER);
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    ann = case_person(c, MEMBER);
    CU_ASSERT_FALSE(may(c, ann, ASK_LEAVE));
    (void)leave_of(c, 49153, gk_octets_of("another CA"));
    (void)leave_of(c, 49154, gk_octets(c->root->key_id, sizeof c->root->key_id));
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_FALSE(may(c, ann, ASK_LEAVE));
    (void)leave_of(c, 49153, gk_octets(c->root->key_id, sizeof c->root->key_id));
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(may(c, ann, ASK_LEAVE));
    CU_ASSERT_STRING_EQUAL(verdicts[ASK_LEAVE].rule,
                           "leaveMechanism 3 of registration 1: with a signature Ed25519");
    CU_ASSERT_PTR_NOT_NULL(rules_leave(c->rules, RULES_ANY, 49153, ann, NULL));
    ann = case_person(c, "CN=Bob,OU=Members,O=Acme");
    CU_ASSERT_TRUE(ask_leave(c->rules, RULES_ANY, ann, NULL));
    CU_ASSERT_FALSE(may(c, ann, ASK_LEAVE));
    CU_ASSERT_STRING_EQUAL(verdicts[ASK_LEAVE].rule, "it is no member");
    case_free(c);
}

/* --- who came nearest ------------------------------------------------------------------------- */

static char near[640];

static bool is_near(struct rules_case *c, const char *name, const char *text)
{
    bool found = ask_near(c->rules, ASK_MEMBER, RULES_ANY, case_person(c, name), near, sizeof near);
    bool good = found && strstr(near, text);

    if (!good)
        printf("\n    %s", near);
    return good;
}

static void names_what_parts_a_rule_from_somebody(void)
{
    struct rules_case *c = case_new();

    case_pair(c, &c->entry->access_rule, "CN=*,OU=Staff,O=Acme");
    case_pair_of(c, &c->entry->access_rule, 31, gk_octets_of("CN=Zoe,O=Far"),
                 gk_octets_of("another CA"));
    case_pair_of(c, &c->entry->access_rule, 2, gk_octets_of("*.example.org"),
                 gk_octets(c->root->key_id, 20));
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(is_near(c, "CN=Ann,OU=Guests,O=Acme",
                           "accessRule 1 of entry 1: CN=*,OU=Staff,O=Acme under CA "));
    CU_ASSERT_TRUE(is_near(c, "CN=Ann,OU=Guests,O=Acme",
                           ": OU is Staff there, and Guests in the certificate"));
    CU_ASSERT_TRUE(is_near(c, "CN=Ann,OU=Guests,O=Evil", ", and 1 more values differ"));
    CU_ASSERT_TRUE(is_near(c, "CN=Ann,OU=staff,O=Acme", ": OU is Staff there, and staff in"));
    CU_ASSERT_TRUE(is_near(c, "CN=Ann,O=Acme", "the certificate's name has no OU"));
    CU_ASSERT_TRUE(is_near(c, "CN=Ann,L=Bern,OU=Staff,O=Acme", "name has L besides"));
    CU_ASSERT_TRUE(is_near(c, "OU=Staff,CN=Ann,O=Acme", "in another order or number"));
    CU_ASSERT_TRUE(is_near(c, "CN=Zoe,O=Far", "the same identity, but the certificate is from"));
    case_free(c);
}

/* The nearer wins: another CA before another value, that before another type. */
static void of_rules_without_a_name(void)
{
    struct rules_case *c = case_new();
    const struct test_party *host =
        test_ca_issue(c->root, &(struct test_want){.subject = "CN=h", .dns = "h.example.com"});
    const struct pki_identity *who = case_identity(c, host);

    case_pair_of(c, &c->entry->access_rule, 3, gk_octets_of("*@example.org"),
                 gk_octets(c->root->key_id, 20));
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(ask_near(c->rules, ASK_MEMBER, 0, who, near, sizeof near));
    CU_ASSERT_PTR_NOT_NULL(strstr(near, "holds no identification of that type"));
    case_pair_of(c, &c->entry->access_rule, 2, gk_octets_of("*.example.org"),
                 gk_octets(c->root->key_id, 20));
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(ask_near(c->rules, ASK_MEMBER, 0, who, near, sizeof near));
    CU_ASSERT_PTR_NOT_NULL(strstr(near, "accessRule 2"));
    CU_ASSERT_PTR_NOT_NULL(strstr(near, "of that type (ID_FQDN) is another"));
    CU_ASSERT_FALSE(ask_near(c->rules, ASK_GCKS, 0, who, near, sizeof near));
    case_free(c);
}

static void sums(void)
{
    struct ask_sums sum = {0};

    CU_ASSERT_FALSE(ask_count(&sum, 5, 5));
    CU_ASSERT_TRUE(ask_count(&sum, ASK_BIT(ASK_MEMBER), ASK_BIT(ASK_SENDER)));
    CU_ASSERT_EQUAL(sum.asked, 2);
    CU_ASSERT_EQUAL(sum.changed, 1);
    CU_ASSERT_EQUAL(sum.lost[ASK_MEMBER], 1);
    CU_ASSERT_EQUAL(sum.gained[ASK_SENDER], 1);
    CU_ASSERT_EQUAL(sum.gained[ASK_MEMBER] + sum.lost[ASK_SENDER], 0);
}

const struct test_suite suite_ask = {
    "ask",
    {{"agrees with the single questions", agrees_with_the_single_questions},
     {"joins with a key that fits", joins_with_a_key_that_fits},
     {"the first mechanism decides", the_first_mechanism_decides},
     {"leaves by key and ca", leaves_by_key_and_ca},
     {"names what parts a rule from somebody", names_what_parts_a_rule_from_somebody},
     {"of rules without a name", of_rules_without_a_name},
     {"sums", sums},
     {NULL, NULL}}};
