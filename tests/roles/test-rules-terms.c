/* SPDX-License-Identifier: Apache-2.0 */
/* What this version runs of a token, and the numbers it takes from it. */
#include "tests/harness.h"

#include <string.h>

#include "tests/roles/rules-maker.h"

static const struct gk_mechanism recommended = {49153, 49153, 49153, 49154};
static const struct gk_mechanism p256 = {49154, 49153, 49154, 49154};

static bool finds(struct rules_case *c, const struct gk_mechanism *asked, size_t want)
{
    struct gk_choices choices = {
        true, true, true, asked->key_creation, asked->key_wrap, asked->nonce_hash};
    size_t index = 99;

    return rules_mechanism(c->rules, asked->signature, asked->key_creation, &choices, &index,
                           &c->why) &&
           index == want;
}

static void mechanisms_in_order(void)
{
    struct rules_case *c = case_new();
    struct gk_mechanism other = recommended;

    (void)case_mechanism(c, 49154, 49153, 49154, 49154);
    (void)case_registration(c);
    (void)case_mechanism(c, 49153, 49153, 49153, 49154);
    (void)case_mechanism(c, 49153, 49153, 49153, 49153);
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_EQUAL(rules_terms(c->rules)->mechanism_count, 4);
    CU_ASSERT_EQUAL(rules_terms(c->rules)->mechanism[3].registration, 1);
    CU_ASSERT_TRUE(finds(c, &recommended, 0));
    CU_ASSERT_TRUE(finds(c, &p256, 1));
    other.key_wrap = 49153;
    CU_ASSERT_TRUE(finds(c, &other, 3));
    other.key_wrap = 49155;
    CU_ASSERT_FALSE(finds(c, &other, 0));
    CU_ASSERT_EQUAL(c->why.notification, GK_PROHIBITED_BY_GROUP_POLICY);
    case_free(c);
}

/* Profile 6.2: a choice that is missing is not compared. */
static void missing_choices(void)
{
    struct rules_case *c = case_new();
    struct gk_choices choices = {0};
    size_t index;

    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(rules_mechanism(c->rules, 49153, 49153, &choices, &index, NULL));
    CU_ASSERT_FALSE(rules_mechanism(c->rules, 49154, 49153, &choices, &index, NULL));
    CU_ASSERT_FALSE(rules_mechanism(c->rules, 49153, 49154, &choices, &index, NULL));
    case_free(c);
}

/* Profile 8.4. */
static void values_that_nobody_runs(void)
{
    static const struct {
        struct gk_mechanism asked;
        uint16_t notification;
    } rows[] = {{{1, 49153, 49153, 49154}, GK_AUTHENTICATION_FAILED},
                {{7, 49153, 49153, 49154}, GK_PAYLOAD_MALFORMED},
                {{49153, 9, 49153, 49154}, GK_PAYLOAD_MALFORMED},
                {{49153, 49153, 9, 49154}, GK_PAYLOAD_MALFORMED},
                {{49153, 49153, 49153, 3}, GK_INVALID_KEY_INFORMATION},
                {{49153, 49153, 49153, 13}, GK_INVALID_KEY_INFORMATION},
                {{49153, 49153, 49153, 9}, GK_PAYLOAD_MALFORMED}};
    struct rules_case *c = case_new();

    CU_ASSERT_TRUE_FATAL(case_rules(c));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CU_ASSERT_FALSE(finds(c, &rows[i].asked, 0));
        CU_ASSERT_EQUAL(c->why.notification, rows[i].notification);
    }
    case_free(c);
}

static void local_mechanisms(void)
{
    struct rules_case *c = case_new();

    c->local.mechanisms = &p256;
    c->local.mechanism_count = 1;
    CU_ASSERT_TRUE(case_refused(c, "mechanisms"));
    CU_ASSERT_EQUAL(c->why.notification, GK_PROHIBITED_BY_LOCAL_POLICY);
    /* One of two: a member joins, a GC/KS would not serve them all (profile 6.7). */
    (void)case_mechanism(c, 49154, 49153, 49154, 49154);
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_EQUAL(rules_terms(c->rules)->mechanism_count, 1);
    CU_ASSERT_EQUAL(rules_terms(c->rules)->mechanisms_left_out, 1);
    CU_ASSERT_TRUE(c->findings.count > 0);
    CU_ASSERT_TRUE(finds(c, &p256, 0));
    CU_ASSERT_FALSE(finds(c, &recommended, 0));
    CU_ASSERT_TRUE(rules_can_run(c->rules, NULL));
    c->local.serves = true;
    CU_ASSERT_TRUE(case_refused(c, "mechanisms"));
    case_free(c);
}

static void mechanisms_that_are_not_run(void)
{
    struct rules_case *c = case_new();
    struct token_mechanism *mechanism = &c->registration->mechanisms[0];

    mechanism->signature = 49153 + 65536;
    CU_ASSERT_TRUE(case_refused(c, "not-run"));
    mechanism->signature = -1;
    CU_ASSERT_TRUE(case_refused(c, "not-run"));
    mechanism->signature = 1;
    CU_ASSERT_TRUE(case_refused(c, "not-run"));
    mechanism->suite = "1.3.6.1.5.5.12.2.9";
    CU_ASSERT_TRUE(case_refused(c, "not-run"));
    case_free(c);
}

/* Profile 10: off unless a token names it and local policy tolerates it, and warned of. */
static void suite_1_is_tolerated_or_not(void)
{
    struct rules_case *c = case_new();

    c->registration->mechanisms[0].suite = TOKEN_OID_SUITE_1;
    CU_ASSERT_TRUE(case_refused(c, "tolerate-suite-1"));
    CU_ASSERT_EQUAL(c->why.notification, GK_PROHIBITED_BY_LOCAL_POLICY);
    CU_ASSERT_PTR_NOT_NULL(strstr(c->why.text, "tolerate_suite_1"));
    c->local.tolerate_suite_1 = true;
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(finds(c, &gk_suite_named("suite-1")->mechanism, 0));
    CU_ASSERT_EQUAL(c->findings.count, 1);
    CU_ASSERT_STRING_EQUAL(c->findings.at[0].rule->name, "mechanism-weak");
    CU_ASSERT_STRING_EQUAL(c->findings.at[0].path, "registration[0].register.joinMechanisms[0]");
    case_free(c);
}

/* What is weak in it is no better in other company. */
static void parts_of_suite_1(void)
{
    static const struct {
        struct gk_mechanism mechanism;
        bool weak;
    } rows[] = {
        {{0, 49153, 49153, 49154}, true}, {{49153, 49153, 2, 49154}, true},
        {{2, 1, 14, 12}, false},          {{49153, 1, 49153, 49154}, false},
        {{49155, 1, 14, 12}, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct gk_mechanism *m = &rows[i].mechanism;
        struct rules_case *c = case_new();

        c->registration->mechanism_count = 0;
        (void)case_mechanism(c, m->signature, m->nonce_hash, m->key_creation, m->key_wrap);
        CU_ASSERT_EQUAL(case_rules(c), !rows[i].weak);
        if (rows[i].weak)
            CU_ASSERT_STRING_EQUAL(c->why.code, "tolerate-suite-1");
        c->local.tolerate_suite_1 = true;
        CU_ASSERT_TRUE(case_rules(c));
        CU_ASSERT_EQUAL(c->findings.count > 0, rows[i].weak);
        case_free(c);
    }
}

static void rekeys_of_suite_1(void)
{
    struct rules_case *c = case_new();

    c->rekey->signature = 0;
    CU_ASSERT_TRUE(case_refused(c, "tolerate-suite-1"));
    CU_ASSERT_PTR_NOT_NULL(strstr(c->why.text, "tolerate_suite_1"));
    c->local.tolerate_suite_1 = true;
    CU_ASSERT_TRUE(case_rules(c));
    CU_ASSERT_TRUE(c->findings.count > 0);
    c->local.tolerate_suite_1 = false;
    c->rekey->signature = 2;
    c->rekey->lkh_key_type = 12;
    CU_ASSERT_TRUE(case_rules(c));
    case_free(c);
}

static void too_many_mechanisms(void)
{
    struct rules_case *c = case_new();

    for (int i = 1; i < RULES_MECHANISMS; i++)
        (void)case_mechanism(c, 49153, 49153, 49153, 49154);
    CU_ASSERT_TRUE(case_rules(c));
    (void)case_mechanism(c, 49153, 49153, 49153, 49154);
    CU_ASSERT_TRUE(case_refused(c, "mechanism-count"));
    case_free(c);
}

static void verbose_only_when_all_are(void)
{
    struct rules_case *c = case_new();

    c->registration->mechanisms[0].terse = false;
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(rules_terms(c->rules)->verbose);
    /* Also those that are left out count. */
    (void)case_mechanism(c, 1, 1, 1, 1);
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_FALSE(rules_terms(c->rules)->verbose);
    case_free(c);
}

static void time_outs(void)
{
    struct rules_case *c = case_new();
    struct token_life *life = &c->registration->mechanisms[0].time_out;
    static const int64_t bad[] = {0, -1, 86401, INT64_MAX, INT64_MIN};

    life->value = 86400;
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_EQUAL(rules_terms(c->rules)->mechanism[0].time_out, 86400000);
    CU_ASSERT_EQUAL(rules_terms(c->rules)->mechanism[0].deadline, GK_TIME_NEVER);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        life->value = bad[i];
        CU_ASSERT_TRUE(case_refused(c, "time-out"));
    }
    *life = (struct token_life){TOKEN_LIFE_GT, TEST_NOW};
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_EQUAL(rules_terms(c->rules)->mechanism[0].time_out, 30000);
    CU_ASSERT_EQUAL(rules_terms(c->rules)->mechanism[0].deadline, TEST_NOW);
    case_free(c);
}

static void unknown_protocols(void)
{
    struct rules_case *c = case_new();
    struct token_registration *registration = case_registration(c);

    registration->join = (struct token_protocol){.kind = TOKEN_PROTOCOL_OPAQUE, .oid = "1.2.3"};
    CU_ASSERT_TRUE(case_refused(c, "tolerate-unknown-protocols"));
    c->local.tolerate_unknown_protocols = true;
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(c->findings.count > 0);
    CU_ASSERT_EQUAL(rules_terms(c->rules)->mechanism_count, 1);
    /* Alone it is not run, tolerated or not. */
    c->token->registrations[0].join = registration->join;
    c->token->registrations[0].join.kind = TOKEN_PROTOCOL_OPAQUE;
    CU_ASSERT_TRUE(case_refused(c, "not-run"));
    case_free(c);
    c = case_new();
    c->token->rekeys[0].kind = TOKEN_PROTOCOL_OPAQUE;
    c->local.tolerate_unknown_protocols = true;
    CU_ASSERT_TRUE(case_refused(c, "not-run"));
    (void)case_rekey(c);
    CU_ASSERT_TRUE(case_rules(c));
    CU_ASSERT_PTR_EQUAL(rules_terms(c->rules)->rekey, c->rekey);
    case_free(c);
    /* Data: every one. */
    c = case_new();
    (void)case_data(c, NULL, NULL);
    CU_ASSERT_TRUE(case_rules(c));
    c->local.tolerate_unknown_protocols = true;
    c->token->datas[1].kind = TOKEN_PROTOCOL_OPAQUE;
    CU_ASSERT_TRUE(case_refused(c, "not-run"));
    case_free(c);
}

/* Empty lists, and `none`, are valid (profile 11.13). */
static void empty_lists(void)
{
    struct rules_case *c = case_new();

    c->token->rekey_count = 0;
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_FALSE(rules_terms(c->rules)->rekeys);
    CU_ASSERT_FALSE(rules_rekey(c->rules, 0, case_person(c, "CN=m"), NULL));
    c->token->data_count = 0;
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_FALSE(rules_can_run(c->rules, &c->why));
    CU_ASSERT_STRING_EQUAL(c->why.code, "no-key");
    c->token->data_count = 1;
    c->token->registration_count = 0;
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_FALSE(rules_can_run(c->rules, &c->why));
    CU_ASSERT_STRING_EQUAL(c->why.code, "no-mechanism");
    c->token->rekey_count = 1;
    c->token->rekeys[0] = (struct token_protocol){.kind = TOKEN_PROTOCOL_NONE};
    CU_ASSERT_TRUE(case_rules(c));
    case_free(c);
}

static void keys_in_order(void)
{
    struct rules_case *c = case_new();
    const struct rules_terms *terms;

    c->data->authentication.present = false;
    (void)case_data(c, "80000002", "80000003");
    (void)case_data(c, "80000001", "ffffffff");
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    terms = rules_terms(c->rules);
    CU_ASSERT_EQUAL_FATAL(terms->gtpk_count, 4);
    CU_ASSERT_EQUAL(terms->gtpk[0].key_id, 0x80000001);
    CU_ASSERT_EQUAL(terms->gtpk[1].key_id, 0x80000002);
    CU_ASSERT_EQUAL(terms->gtpk[2].key_id, 0x80000003);
    CU_ASSERT_EQUAL(terms->gtpk[3].key_id, 0xffffffff);
    CU_ASSERT_EQUAL(terms->gtpk[3].key_type, 49154);
    CU_ASSERT_EQUAL(terms->token_key, 0);
    /* Encryption before authentication for tokens (profile 8.6). */
    c->token->datas[0] = c->token->datas[1];
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    terms = rules_terms(c->rules);
    CU_ASSERT_EQUAL(terms->gtpk[terms->token_key].key_id, 0x80000003);
    c->token->datas[0].data->encryption.present = false;
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    terms = rules_terms(c->rules);
    CU_ASSERT_EQUAL(terms->gtpk[terms->token_key].key_id, 0x80000002);
    case_free(c);
}

static bool takes_key(const char *id)
{
    struct rules_case *c = case_new();
    bool yes;

    (void)case_data(c, id, NULL);
    yes = case_rules(c);
    if (!yes)
        CU_ASSERT_STRING_EQUAL(c->why.code, "kmkeyid");
    case_free(c);
    return yes;
}

static void keys_that_are_none(void)
{
    struct rules_case *c = case_new();

    CU_ASSERT_TRUE(takes_key("80000000"));
    CU_ASSERT_FALSE(takes_key("7fffffff"));
    CU_ASSERT_FALSE(takes_key("800000"));
    CU_ASSERT_FALSE(takes_key("8000000000"));
    CU_ASSERT_FALSE(takes_key(""));
    c->data->encryption.has_expiration = true;
    c->data->encryption.expiration = (struct token_life){TOKEN_LIFE_INTERVAL, 0};
    CU_ASSERT_TRUE(case_refused(c, "key-expiration"));
    c->data->encryption.expiration.value = INT64_MAX;
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_EQUAL(rules_terms(c->rules)->gtpk[0].expiration.value, 3155760000);
    for (int i = 0; i < RULES_GTPKS; i++) {
        char id[9] = "8000010x";

        id[7] = "0123456789abcdef"[i];
        (void)case_data(c, id, NULL);
    }
    CU_ASSERT_TRUE(case_refused(c, "key-count"));
    case_free(c);
}

/* Profile 9.3: the first JoinMechanism's wrap, or nobody knows the type. */
static void type_of_keys(void)
{
    struct rules_case *c = case_new();

    c->registration->mechanisms[0].key_wrap = 49155;
    (void)case_mechanism(c, 49153, 49153, 49153, 49154);
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_EQUAL(rules_terms(c->rules)->gtpk[0].key_type, 49155);
    c->registration->mechanisms[0].key_wrap = 13;
    CU_ASSERT_TRUE(case_refused(c, "not-run"));
    case_free(c);
}

static void rekey_numbers(void)
{
    struct rules_case *c = case_new();
    struct token_rekey *rekey = c->rekey;
    const struct rules_terms *terms;

    rekey->event_kind = TOKEN_TIME_AND_EVENT;
    rekey->event_time = (struct token_life){TOKEN_LIFE_INTERVAL, INT64_MAX};
    rekey->event_count = INT64_MAX;
    rekey->interval.value = INT64_MAX;
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    terms = rules_terms(c->rules);
    CU_ASSERT_EQUAL(terms->rekey_every, INT64_C(3155760000000));
    CU_ASSERT_EQUAL(terms->rekey_interval, INT64_C(3155760000000));
    CU_ASSERT_EQUAL(terms->rekey_after, 1000000000);
    CU_ASSERT_EQUAL(terms->rekey_by, GK_TIME_NEVER);

    rekey->event_time.value = 0;
    CU_ASSERT_TRUE(case_refused(c, "rekey-number"));
    rekey->event_time.value = INT64_MIN;
    CU_ASSERT_TRUE(case_refused(c, "rekey-number"));
    rekey->event_time = (struct token_life){TOKEN_LIFE_UTC, TEST_NOW + 5};
    rekey->interval = (struct token_life){TOKEN_LIFE_GT, TEST_NOW + 9};
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    terms = rules_terms(c->rules);
    CU_ASSERT_EQUAL(terms->rekey_every, 0);
    CU_ASSERT_EQUAL(terms->rekey_by, TEST_NOW + 5);
    CU_ASSERT_EQUAL(terms->rekey_interval, 0);
    CU_ASSERT_EQUAL(terms->expect_by, TEST_NOW + 9);

    rekey->event_count = 0;
    CU_ASSERT_TRUE(case_refused(c, "rekey-number"));
    rekey->event_kind = TOKEN_NEVER;
    rekey->interval = (struct token_life){TOKEN_LIFE_INTERVAL, 0};
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_EQUAL(rules_terms(c->rules)->rekey_every, 0);
    CU_ASSERT_EQUAL(rules_terms(c->rules)->rekey_after, 0);
    rekey->interval.value = -1;
    CU_ASSERT_TRUE(case_refused(c, "rekey-number"));
    case_free(c);
}

static void reliability(void)
{
    struct rules_case *c = case_new();
    struct token_rekey *rekey = c->rekey;

    rekey->reliability = TOKEN_RELIABILITY_RESEND;
    rekey->resend = 20;
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_EQUAL(rules_terms(c->rules)->resend, 20);
    rekey->resend = 21;
    CU_ASSERT_TRUE(case_refused(c, "rekey-number"));
    rekey->resend = -1;
    CU_ASSERT_TRUE(case_refused(c, "rekey-number"));
    rekey->reliability = TOKEN_RELIABILITY_POST;
    CU_ASSERT_TRUE(case_refused(c, "rekey-post"));
    rekey->post = gk_octets_of("https://example.org/x");
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_EQUAL(rules_terms(c->rules)->post.size, 21);
    rekey->reliability = TOKEN_RELIABILITY_OTHER;
    rekey->reliability_oid = "1.2.3";
    CU_ASSERT_TRUE(case_refused(c, "not-run"));
    case_free(c);
}

/* Profile 11.10: the first with known protocol and method is in force, run or not. */
static void rekey_in_force(void)
{
    struct rules_case *c = case_new();
    struct token_rekey *first = c->rekey;
    struct token_rekey *second = case_rekey(c);

    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_PTR_EQUAL(rules_terms(c->rules)->rekey, first);
    first->method = TOKEN_METHOD_OTHER;
    first->method_oid = "1.2.3";
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_PTR_EQUAL(rules_terms(c->rules)->rekey, second);
    second->method = TOKEN_METHOD_OTHER;
    CU_ASSERT_TRUE(case_refused(c, "not-run"));
    first->method = TOKEN_METHOD_LKH;
    first->signature = 1;
    CU_ASSERT_TRUE(case_refused(c, "not-run"));
    first->signature = 49153;
    first->lkh_key_type = 3;
    CU_ASSERT_TRUE(case_refused(c, "not-run"));
    first->method = TOKEN_METHOD_NONE;
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    CU_ASSERT_TRUE(rules_terms(c->rules)->rekeys);
    first->scheme = TOKEN_SCHEME_OTHER;
    CU_ASSERT_TRUE(case_refused(c, "not-run"));
    case_free(c);
}

static void editions(void)
{
    struct rules_case *c = case_new();

    c->token->edition = 0;
    CU_ASSERT_TRUE(case_refused(c, "edition"));
    c->token->edition = INT64_MAX;
    CU_ASSERT_TRUE(case_rules(c));
    c->token->has_edition = false;
    CU_ASSERT_TRUE(case_rules(c));
    case_free(c);
}

static void errata_are_warned_of(void)
{
    struct rules_case *c = case_new();

    CU_ASSERT_TRUE(case_rules(c));
    CU_ASSERT_EQUAL(c->findings.count, 0);
    c->token->rekeys[0].erratum = true;
    CU_ASSERT_TRUE(case_rules(c));
    CU_ASSERT_TRUE(c->findings.count > 0);
    case_free(c);
}

const struct test_suite suite_rules_terms = {
    "rules-terms",
    {{"mechanisms in order", mechanisms_in_order},
     {"missing choices", missing_choices},
     {"values that nobody runs", values_that_nobody_runs},
     {"local mechanisms", local_mechanisms},
     {"mechanisms that are not run", mechanisms_that_are_not_run},
     {"Suite 1 is tolerated or not", suite_1_is_tolerated_or_not},
     {"parts of Suite 1", parts_of_suite_1},
     {"rekeys of Suite 1", rekeys_of_suite_1},
     {"too many mechanisms", too_many_mechanisms},
     {"verbose only when all are", verbose_only_when_all_are},
     {"time outs", time_outs},
     {"unknown protocols", unknown_protocols},
     {"empty lists", empty_lists},
     {"keys in order", keys_in_order},
     {"keys that are none", keys_that_are_none},
     {"type of keys", type_of_keys},
     {"rekey numbers", rekey_numbers},
     {"reliability", reliability},
     {"rekey in force", rekey_in_force},
     {"editions", editions},
     {"errata are warned of", errata_are_warned_of},
     {NULL, NULL}}};
