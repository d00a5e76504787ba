/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation (profile 4.5) and name constraints (RFC 5280 4.2.1.10). */
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>

#include "roles/pki.h"
#include "roles/x509.h"
#include "tests/roles/pki-maker.h"

static const struct test_party *root, *inter, *m;
static struct gk_reason why;

static void make(void)
{
    if (root)
        return;
    root = test_ca_new("CN=Root");
    inter = test_ca_issue(root, &(struct test_want){.subject = "CN=Inter", .ca = true});
    m = test_ca_issue(inter, &(struct test_want){.subject = "CN=M"});
}

struct given {
    struct gk_octets local[2];
    size_t local_count;
    struct gk_octets received[2];
    size_t received_count;
    bool demand;
};

/* The identity, or NULL and `why`. */
static struct pki_identity *judge(const struct given *given)
{
    struct gk_octets certificates[2] = {m->certificate, inter->certificate};
    struct pki_trust trust = {.roots = &root->certificate,
                              .root_count = 1,
                              .crls = given->local,
                              .crl_count = given->local_count,
                              .demand_crl = given->demand};
    struct pki_identity *identity;

    if (pki_validate(&trust, certificates, 2, given->received, given->received_count, TEST_NOW,
                     &identity, &why))
        return identity;
    return NULL;
}

static bool good(const struct given *given)
{
    struct pki_identity *identity = judge(given);
    bool yes = identity;

    pki_identity_free(identity);
    return yes;
}

static bool revoked(const struct given *given)
{
    return !good(given) && why.notification == GK_AUTHENTICATION_FAILED &&
           strcmp(why.code, "revoked") == 0;
}

#define LOCAL(...)    (&(struct given){.local = {__VA_ARGS__}, .local_count = 1})
#define RECEIVED(...) (&(struct given){.received = {__VA_ARGS__}, .received_count = 1})

static void lists_revoke(void)
{
    struct gk_octets listing;
    struct gk_octets other;

    make();
    listing = test_crl(inter, &(struct test_crl_want){.serial = {700, m->serial}});
    other = test_crl(inter, &(struct test_crl_want){.serial = {700}});
    CU_ASSERT_TRUE(revoked(LOCAL(listing)));
    CU_ASSERT_TRUE(revoked(RECEIVED(listing)));
    CU_ASSERT_TRUE(good(LOCAL(other)));
    CU_ASSERT_TRUE(good(RECEIVED(other)));
    /* The intermediate, by the root. */
    CU_ASSERT_TRUE(
        revoked(LOCAL(test_crl(root, &(struct test_crl_want){.serial = {inter->serial}}))));
    /* The root's word on a certificate of another's. */
    CU_ASSERT_TRUE(good(LOCAL(test_crl(root, &(struct test_crl_want){.serial = {m->serial}}))));
}

static void only_lists_of_the_path_count(void)
{
    const struct test_party *stranger;
    struct gk_octets list;

    make();
    stranger = test_ca_new("CN=Inter");
    list = test_crl(stranger, &(struct test_crl_want){.serial = {m->serial}});
    CU_ASSERT_TRUE(good(RECEIVED(list)));
    list = test_crl(inter, &(struct test_crl_want){.serial = {m->serial}, .bad_signature = true});
    CU_ASSERT_TRUE(good(RECEIVED(list)));
}

static void newest_list_counts(void)
{
    struct gk_octets old_listing;
    struct gk_octets fresh;
    struct gk_octets same_day;
    struct gk_octets numbered;

    make();
    old_listing = test_crl(
        inter, &(struct test_crl_want){.serial = {m->serial}, .this_update = TEST_NOW - 9});
    fresh = test_crl(inter, &(struct test_crl_want){.this_update = TEST_NOW - 8});
    CU_ASSERT_TRUE(good(&(struct given){.local = {old_listing, fresh}, .local_count = 2}));
    CU_ASSERT_TRUE(good(&(struct given){.local = {fresh, old_listing}, .local_count = 2}));
    /* A received one displaces an older local one, and never a newer. */
    CU_ASSERT_TRUE(good(&(struct given){
        .local = {old_listing}, .local_count = 1, .received = {fresh}, .received_count = 1}));
    CU_ASSERT_TRUE(good(&(struct given){
        .local = {fresh}, .local_count = 1, .received = {old_listing}, .received_count = 1}));
    /* With equal dates the CRLNumber decides. */
    same_day = test_crl(inter, &(struct test_crl_want){.this_update = TEST_NOW - 9, .number = 300});
    numbered = test_crl(
        inter,
        &(struct test_crl_want){.serial = {m->serial}, .this_update = TEST_NOW - 9, .number = 301});
    CU_ASSERT_TRUE(revoked(&(struct given){.local = {same_day, numbered}, .local_count = 2}));
    CU_ASSERT_TRUE(good(&(struct given){.local = {same_day, old_listing}, .local_count = 2}));
}

static void stale_list_still_revokes(void)
{
    make();
    CU_ASSERT_TRUE(
        revoked(LOCAL(test_crl(inter, &(struct test_crl_want){.serial = {m->serial},
                                                              .this_update = TEST_NOW - 90,
                                                              .next_update = TEST_NOW - 9}))));
    CU_ASSERT_TRUE(
        good(LOCAL(test_crl(inter, &(struct test_crl_want){.this_update = TEST_NOW - 90,
                                                           .next_update = TEST_NOW - 9}))));
}

static void partial_lists_neither_displace_nor_count(void)
{
    struct gk_octets listing;
    struct gk_octets delta;

    make();
    listing = test_crl(inter,
                       &(struct test_crl_want){.serial = {m->serial}, .this_update = TEST_NOW - 9});
    delta =
        test_crl(inter, &(struct test_crl_want){.this_update = TEST_NOW - 8, .critical = "551d1b"});
    CU_ASSERT_TRUE(revoked(&(struct given){.local = {listing, delta}, .local_count = 2}));
    delta = test_crl(inter, &(struct test_crl_want){.serial = {m->serial}, .critical = "551d1c"});
    CU_ASSERT_TRUE(good(LOCAL(delta)));
    delta = test_crl(
        inter, &(struct test_crl_want){.serial = {700, m->serial}, .entry_critical = "551d1d"});
    CU_ASSERT_TRUE(good(LOCAL(delta)));
}

static void lists_may_be_demanded(void)
{
    struct gk_octets of_root;
    struct gk_octets of_inter;
    struct gk_octets stale;

    make();
    of_root = test_crl(root, &(struct test_crl_want){.next_update = TEST_NOW + 9});
    of_inter = test_crl(inter, &(struct test_crl_want){.next_update = TEST_NOW + 5});
    stale = test_crl(
        inter, &(struct test_crl_want){.this_update = TEST_NOW - 90, .next_update = TEST_NOW - 9});
    CU_ASSERT_TRUE(
        good(&(struct given){.local = {of_root, of_inter}, .local_count = 2, .demand = true}));
    CU_ASSERT_FALSE(good(&(struct given){.local = {of_inter}, .local_count = 1, .demand = true}));
    CU_ASSERT_STRING_EQUAL(why.code, "crl-missing");
    CU_ASSERT_FALSE(
        good(&(struct given){.local = {of_root, stale}, .local_count = 2, .demand = true}));
    CU_ASSERT_STRING_EQUAL(why.code, "crl-missing");
}

static void lists_bound_validity_and_are_told(void)
{
    struct gk_octets received;
    struct gk_octets strange;
    struct pki_identity *identity;

    make();
    received = test_crl(inter, &(struct test_crl_want){.next_update = TEST_NOW + 5});
    strange = test_crl(test_ca_new("CN=Elsewhere"), &(struct test_crl_want){.number = 400});
    identity = judge(&(struct given){.local = {strange},
                                     .local_count = 1,
                                     .received = {strange, received},
                                     .received_count = 2});
    CU_ASSERT_PTR_NOT_NULL_FATAL(identity);
    CU_ASSERT_EQUAL(identity->valid_until, TEST_NOW + 5);
    CU_ASSERT_EQUAL(identity->crls_newest, 2);
    CU_ASSERT_EQUAL(identity->crls_signed, 0);
    pki_identity_free(identity);
    identity = judge(LOCAL(received));
    CU_ASSERT_PTR_NOT_NULL_FATAL(identity);
    CU_ASSERT_EQUAL(identity->crls_newest, 0);
    CU_ASSERT_EQUAL(identity->crls_signed, 1);
    pki_identity_free(identity);
}

static void malformed_lists(void)
{
    struct gk_octets list;

    make();
    list = test_crl(inter, &(struct test_crl_want){.serial = {700, 800}, .number = 400});
    CU_ASSERT_TRUE(pki_check_crl(list, NULL));
    for (size_t size = 0; size < list.size; size++) {
        CU_ASSERT_FALSE(pki_check_crl(gk_octets(list.data, size), NULL));
        CU_ASSERT_FALSE(good(RECEIVED(gk_octets(list.data, size))));
        CU_ASSERT_EQUAL(why.notification, GK_AUTHENTICATION_FAILED);
    }
    for (size_t at = 0; at < list.size; at++) {
        struct gk_secret copy = gk_secret_copy(list);
        struct pki_identity *identity;

        copy.data[at] ^= 0x20;
        identity = judge(RECEIVED(gk_secret_octets(&copy)));
        CU_ASSERT_TRUE(!identity || !identity->crls_newest);
        pki_identity_free(identity);
        gk_secret_free(&copy);
    }
}

/* A certificate below a CA with that NameConstraints value. */
static bool within(const char *constraints, const struct test_want *want)
{
    const struct test_party *ca =
        test_ca_issue(root, &(struct test_want){.subject = "CN=Narrow",
                                                .ca = true,
                                                .extension = {{"2.5.29.30", constraints, true}}});
    const struct test_party *end = test_ca_issue(ca, want);
    struct gk_octets certificates[2] = {end->certificate, ca->certificate};
    struct pki_trust trust = {.roots = &root->certificate, .root_count = 1};
    struct pki_identity *identity;
    bool yes = pki_validate(&trust, certificates, 2, NULL, 0, TEST_NOW, &identity, &why);

    pki_identity_free(identity);
    if (!yes)
        CU_ASSERT_STRING_EQUAL(why.code, "name-constraints");
    return yes;
}
#define SUBJECT(name) (&(struct test_want){.subject = name})

static void directory_names_are_constrained(void)
{
    /* permitted: directoryName O=Acme (as PrintableString). */
    static const char permitted[] = "3017a0153013a411300f310d300b060355040a130441636d65";
    static const char excluded[] = "3017a1153013a411300f310d300b060355040a130441434d45";

    make();
    CU_ASSERT_TRUE(within(permitted, SUBJECT("CN=x,O=Acme")));
    CU_ASSERT_TRUE(within(permitted, SUBJECT("CN=x,OU=y,O=Acme")));
    CU_ASSERT_TRUE(within(permitted, SUBJECT("CN=x,O=ACME")));
    CU_ASSERT_FALSE(within(permitted, SUBJECT("CN=x,O=Other")));
    CU_ASSERT_FALSE(within(permitted, SUBJECT("O=Acme,CN=x")));
    CU_ASSERT_FALSE(within(excluded, SUBJECT("CN=x,O=Acme")));
    CU_ASSERT_TRUE(within(excluded, SUBJECT("CN=x,O=Other")));
}

static void other_names_are_constrained(void)
{
    /* permitted dNSName example.org; rfc822Name .example.org; iPAddress 192.0.2.0/24. */
    static const char dns[] = "3011a00f300d820b6578616d706c652e6f7267";
    static const char mail[] = "3012a010300e810c2e6578616d706c652e6f7267";
    static const char address[] = "300ea00c300a8708c0000200ffffff00";

    make();
    CU_ASSERT_TRUE(within(dns, &(struct test_want){.subject = "CN=x", .dns = "a.Example.org"}));
    CU_ASSERT_TRUE(within(dns, &(struct test_want){.subject = "CN=x", .dns = "example.org"}));
    CU_ASSERT_FALSE(within(dns, &(struct test_want){.subject = "CN=x", .dns = "badexample.org"}));
    CU_ASSERT_TRUE(within(dns, &(struct test_want){.subject = "CN=x", .mail = "a@b"}));
    CU_ASSERT_TRUE(within(mail, &(struct test_want){.subject = "CN=x", .mail = "a@b.example.org"}));
    CU_ASSERT_FALSE(within(mail, &(struct test_want){.subject = "CN=x", .mail = "a@example.org"}));
    CU_ASSERT_FALSE(within(mail, SUBJECT("1.2.840.113549.1.9.1=#1603614062")));
    CU_ASSERT_TRUE(
        within(address, &(struct test_want){.subject = "CN=x", .address = test_unhex("c0000209")}));
    CU_ASSERT_FALSE(
        within(address, &(struct test_want){.subject = "CN=x", .address = test_unhex("c0000309")}));
}

static void constraints_that_cannot_be_judged(void)
{
    make();
    /* A minimum distance; octets that are none. */
    CU_ASSERT_FALSE(within("3014a0123010820b6578616d706c652e6f7267800101",
                           &(struct test_want){.subject = "CN=x", .dns = "example.org"}));
    CU_ASSERT_FALSE(within("30020500", SUBJECT("CN=x")));
}

const struct test_suite suite_pki_crl = {
    "pki-crl",
    {{"lists revoke", lists_revoke},
     {"only lists of the path count", only_lists_of_the_path_count},
     {"the newest list counts", newest_list_counts},
     {"a stale list still revokes", stale_list_still_revokes},
     {"partial lists neither displace nor count", partial_lists_neither_displace_nor_count},
     {"lists may be demanded", lists_may_be_demanded},
     {"lists bound validity and are told", lists_bound_validity_and_are_told},
     {"malformed lists", malformed_lists},
     {"directory names are constrained", directory_names_are_constrained},
     {"other names are constrained", other_names_are_constrained},
     {"constraints that cannot be judged", constraints_that_cannot_be_judged},
     {NULL, NULL}}};
