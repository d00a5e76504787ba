/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every identification type of RFC 4535 table 19, in every place of a token where a rule may
 * stand, against one certificate: what matches, the nearest that does not, wildcards where they
 * are allowed and where they are not, and folding, which exclusions do and admissions do not
 * (profile 11.7, 11.8, 11.10).
 */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "token/name.h"
#include "tests/roles/rules-maker.h"

#define SUBJECT "CN=Alice Doe,OU=Members,O=Acme"
#define SLASH   "/O=Acme/OU=Members/CN=Alice Doe"

static struct pki_identity *alice;

/* A rule of one type. */
struct rule {
    int64_t type;
    struct gk_octets id;
};

static struct rules_case *scene_new(void)
{
    struct rules_case *c = case_new();
    const struct test_party *party =
        test_ca_issue(c->root, &(struct test_want){.subject = SUBJECT,
                                                   .dns = "Alice.Example.org",
                                                   .mail = "Alice@Example.org",
                                                   .address = test_unhex("c0000201")});

    alice = case_identity(c, party);
    return c;
}

/* IPv6 has the certificate's one place for an address too. */
static struct rules_case *scene_of_ipv6(void)
{
    struct rules_case *c = case_new();

    alice = case_identity(
        c, test_ca_issue(c->root, &(struct test_want){
                                      .subject = SUBJECT,
                                      .address = test_unhex("20010db8000000000000000000000001")}));
    return c;
}

static struct gk_octets kept(struct gk_writer *writer)
{
    char *hex = gk_hex(gk_writer_octets(writer));
    struct gk_octets octets = test_unhex(hex);

    free(hex);
    gk_writer_free(writer);
    return octets;
}

static struct gk_octets u_name(unsigned serial_plus, const char *name)
{
    struct gk_writer out = {0};

    gk_write(&out, alice->serial, 20);
    out.data[19] = (uint8_t)(out.data[19] + serial_plus);
    gk_write_u32(&out, (uint32_t)strlen(name));
    gk_write(&out, name, strlen(name));
    return kept(&out);
}

/* The last octet is another one. */
static struct gk_octets off_by_one(struct gk_octets octets)
{
    struct gk_writer out = {0};

    gk_write_octets(&out, octets);
    out.data[out.size - 1] ^= 1;
    return kept(&out);
}

static struct gk_octets cut(struct gk_octets octets)
{
    return gk_octets(octets.data, octets.size - 1);
}

/* --- places -------------------------------------------------------------------------------- */

static void add(struct rules_case *c, struct token_pairs *pairs, const struct rule *rule,
                struct gk_octets ca)
{
    case_pair_of(c, pairs, rule->type, rule->id, ca);
}

static bool as_member(struct rules_case *c, const struct rule *rule, struct gk_octets ca)
{
    add(c, &c->entry->access_rule, rule, ca);
    return case_rules(c) && rules_member(c->rules, 0, alice, NULL);
}

static bool as_gcks(struct rules_case *c, const struct rule *rule, struct gk_octets ca)
{
    add(c, &c->registration->gcks, rule, ca);
    return case_rules(c) && rules_gcks(c->rules, 0, alice, NULL) &&
           rules_server(c->rules, 0, alice, NULL);
}

static bool as_subordinate(struct rules_case *c, const struct rule *rule, struct gk_octets ca)
{
    struct token_pairs *sub;

    c->rekey->scheme = TOKEN_SCHEME_AUTONOMOUS;
    c->registration->has_sub_gcks = true;
    sub = token_append(c->token, (void **)&c->registration->sub_gcks,
                       &c->registration->sub_gcks_count, sizeof *sub);
    add(c, sub, rule, ca);
    add(c, &c->rekey->auth_subs, rule, ca);
    return case_rules(c) && rules_subordinate(c->rules, alice, NULL) &&
           rules_server(c->rules, 0, alice, NULL) && rules_rekey(c->rules, 0, alice, NULL);
}

static bool as_sender(struct rules_case *c, const struct rule *rule, struct gk_octets ca)
{
    case_pair(c, &c->entry->access_rule, SUBJECT);
    c->registration->senders_limited = true;
    add(c, &c->registration->senders, rule, ca);
    return case_rules(c) && rules_sender(c->rules, alice, NULL);
}

static bool as_rekey_authority(struct rules_case *c, const struct rule *rule, struct gk_octets ca)
{
    case_pair(c, &c->registration->gcks, SUBJECT);
    c->rekey->authorization.count = 0;
    add(c, &c->rekey->authorization, rule, ca);
    return case_rules(c) && rules_rekey(c->rules, 0, alice, NULL) &&
           rules_destroyer(c->rules, alice, NULL);
}

static const struct place {
    const char *name;
    bool (*grants)(struct rules_case *c, const struct rule *rule, struct gk_octets ca);
} places[] = {
    {"accessRule", as_member},
    {"gCKS", as_gcks},
    {"subGCKS", as_subordinate},
    {"senders", as_sender},
    {"authorization", as_rekey_authority},
};
#define PLACES (sizeof places / sizeof places[0])

/* Whom all rules let do everything is asked for everything. */
static bool shut_out(struct rules_case *c, const struct rule *rule, struct gk_octets ca)
{
    bool can[3];

    case_pair(c, &c->entry->access_rule, SUBJECT);
    case_pair(c, &c->registration->gcks, SUBJECT);
    c->entry->has_exclusions = true;
    add(c, &c->entry->exclusions_rule, rule, ca);
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    can[0] = rules_member(c->rules, 0, alice, NULL);
    can[1] = rules_gcks(c->rules, 0, alice, NULL);
    can[2] = rules_sender(c->rules, alice, NULL);
    CU_ASSERT_TRUE(can[0] == can[1] && can[1] == can[2]);
    CU_ASSERT_EQUAL(rules_excluded(c->rules, alice, NULL), !can[0]);
    return !can[0];
}

/* The outcome in each place, and as an exclusion; the scene makes alice anew for none. */
static void expect(struct rules_case *people, const struct rule *rule, bool admits, bool excludes)
{
    struct gk_octets ca = gk_octets(people->root->key_id, 20);
    struct gk_octets other_ca = off_by_one(ca);

    for (size_t i = 0; i < PLACES; i++) {
        struct rules_case *c = case_new();
        bool granted = places[i].grants(c, rule, ca);

        if (granted != admits)
            printf("\n    type %d in %s: %s\n", (int)rule->type, places[i].name,
                   granted ? "matches" : "does not match");
        CU_ASSERT_EQUAL(granted, admits);
        case_free(c);
        c = case_new();
        CU_ASSERT_FALSE(places[i].grants(c, rule, other_ca));
        case_free(c);
    }
    for (int other = 0; other < 2; other++) {
        struct rules_case *c = case_new();

        c->root = people->root;
        CU_ASSERT_EQUAL(shut_out(c, rule, other ? other_ca : ca), excludes && !other);
        case_free(c);
    }
}

static void text(struct rules_case *people, int64_t type, const char *id, bool admits,
                 bool excludes)
{
    const struct rule rule = {type, gk_octets_of(id)};

    expect(people, &rule, admits, excludes);
}

static void octets(struct rules_case *people, int64_t type, struct gk_octets id, bool matches)
{
    const struct rule rule = {type, id};

    expect(people, &rule, matches, matches);
}

/* --- types -------------------------------------------------------------------------------------
 */

static void ipv4_addr(void)
{
    struct rules_case *c = scene_new();

    octets(c, 1, test_unhex("c0000201"), true);
    octets(c, 1, test_unhex("c0000202"), false);
    octets(c, 1, test_unhex("2a2a2a2a"), false);
    case_free(c);
}

static void fqdn(void)
{
    struct rules_case *c = scene_new();

    text(c, 2, "Alice.Example.org", true, true);
    text(c, 2, "alice.example.ORG", true, true); /* host names have no case */
    text(c, 2, "*.example.org", true, true);
    text(c, 2, "alice.example.com", false, false);
    text(c, 2, "example.org", false, false);
    text(c, 2, "*.org", false, false);               /* one label */
    text(c, 2, "*.alice.example.org", false, false); /* of which there is one more */
    text(c, 2, "al*.example.org", false, false);
    text(c, 2, "*", false, false);
    case_free(c);
}

static void rfc822_addr(void)
{
    struct rules_case *c = scene_new();

    text(c, 3, "Alice@Example.org", true, true);
    text(c, 3, "Alice@example.ORG", true, true);
    text(c, 3, "*@example.org", true, true);
    text(c, 3, "alice@example.org", false, false); /* a mailbox has case */
    text(c, 3, "Alice@example.com", false, false);
    text(c, 3, "*@*", false, false);
    text(c, 3, "*@org", false, false);
    text(c, 3, "A*@example.org", false, false);
    case_free(c);
}

static void ipv6_addr(void)
{
    struct rules_case *c = scene_of_ipv6();

    octets(c, 5, test_unhex("20010db8000000000000000000000001"), true);
    octets(c, 5, test_unhex("20010db8000000000000000000000002"), false);
    octets(c, 5, test_unhex("00000000000000000000000000000000"), false);
    case_free(c);
}

static void der_asn1_dn(void)
{
    struct rules_case *c = scene_new();
    struct pki_identity *shouting = case_person(c, "CN=ALICE  DOE,OU=members,O=Acme");
    struct pki_identity *near = case_person(c, "CN=Alice Do,OU=Members,O=Acme");
    const struct rule folded = {9, shouting->subject_der};

    octets(c, 9, alice->subject_der, true);
    octets(c, 9, near->subject_der, false);
    expect(c, &folded, false, true);
    case_free(c);
}

static void key_id(void)
{
    struct rules_case *c = scene_new();

    octets(c, 11, alice->subject_key_id, true);
    octets(c, 11, off_by_one(alice->subject_key_id), false);
    octets(c, 11, cut(alice->subject_key_id), false);
    octets(c, 11, gk_octets_of("*"), false);
    case_free(c);
}

static void unencoded_name(void)
{
    struct rules_case *c = scene_new();
    const struct rule folded = {30, u_name(0, "/O=acme/OU=MEMBERS/CN=alice  doe")};

    octets(c, 30, u_name(0, SLASH), true);
    octets(c, 30, u_name(1, SLASH), false);
    octets(c, 30, u_name(0, "/O=Acme/OU=Members/CN=Alice Do"), false);
    octets(c, 30, u_name(0, "/O=Acme/OU=Members/CN=*"), false);
    octets(c, 30, u_name(0, "/CN=Alice Doe/OU=Members/O=Acme"), false);
    expect(c, &folded, false, true);
    case_free(c);
}

static void dn_string(void)
{
    struct rules_case *c = scene_new();

    text(c, 31, SUBJECT, true, true);
    text(c, 31, "CN=*,OU=Members,O=Acme", true, true);
    text(c, 31, "CN=*,OU=*,O=*", true, true);
    text(c, 31, "CN=Alice Do,OU=Members,O=Acme", false, false);
    text(c, 31, "CN=Ali*,OU=Members,O=Acme", false, false);
    text(c, 31, "CN=\\2A,OU=Members,O=Acme", false, false);
    text(c, 31, "OU=Members,CN=*,O=Acme", false, false);
    text(c, 31, "CN=*,O=Acme", false, false);
    text(c, 31, "CN=*,OU=Members,OU=Members,O=Acme", false, false);
    text(c, 31, "UID=*,OU=Members,O=Acme", false, false);
    text(c, 31, "CN=alice doe,OU=MEMBERS,O=Acme", false, true);
    text(c, 31, "CN=*,OU=members,O=ACME", false, true);
    text(c, 31, "CN=Alice   Doe,OU=Members,O=Acme", false, true);
    case_free(c);
}

const struct test_suite suite_rules_matrix = {"rules-matrix",
                                              {
                                                  {"ID_IPV4_ADDR", ipv4_addr},
                                                  {"ID_FQDN", fqdn},
                                                  {"ID_RFC822_ADDR", rfc822_addr},
                                                  {"ID_IPV6_ADDR", ipv6_addr},
                                                  {"ID_DER_ASN1_DN", der_asn1_dn},
                                                  {"ID_KEY_ID", key_id},
                                                  {"ID_U_NAME", unencoded_name},
                                                  {"ID_DN_STRING", dn_string},
                                                  {NULL, NULL},
                                              }};
