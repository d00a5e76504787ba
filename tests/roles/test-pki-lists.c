/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation of who is in already (roles/pki-lists.h): the same verdict as of a whole path. */
#include "tests/harness.h"

#include <string.h>

#include "roles/pki-lists.h"
#include "tests/roles/pki-maker.h"

#define POOL 14

static const struct test_party *root, *inter, *m;
static struct gk_octets pool[POOL];

static struct gk_octets list(const struct test_party *by, unsigned serial, int day,
                             const char *critical)
{
    return test_crl(by, &(struct test_crl_want){.serial = {serial},
                                                .this_update = TEST_NOW + 86400 * (day - 9),
                                                .next_update = TEST_NOW + 86400 * (day - 3),
                                                .critical = critical});
}

static void make(void)
{
    const struct test_party *stranger;

    if (root)
        return;
    root = test_ca_new("CN=Root");
    inter = test_ca_issue(root, &(struct test_want){.subject = "CN=Inter", .ca = true});
    m = test_ca_issue(inter, &(struct test_want){.subject = "CN=M"});
    stranger = test_ca_issue(root, &(struct test_want){.subject = "CN=Inter", .ca = true});
    for (int day = 0; day < 4; day++) {
        pool[day] = list(inter, day & 1 ? m->serial : m->serial + 50, day, NULL);
        pool[4 + day] = list(root, day & 1 ? inter->serial : m->serial, 3 - day, NULL);
    }
    pool[8] = list(inter, m->serial, 8, "551d1b");
    pool[9] = list(root, inter->serial, 8, "551d1b");
    pool[10] = list(stranger, m->serial, 8, NULL);
    pool[11] = test_crl(inter, &(struct test_crl_want){.serial = {m->serial},
                                                       .this_update = TEST_NOW - 1,
                                                       .bad_signature = true});
    pool[12] = test_crl(inter, &(struct test_crl_want){.serial = {m->serial + 1, m->serial + 2,
                                                                  m->serial + 3, m->serial},
                                                       .this_update = TEST_NOW - 86400 * 8,
                                                       .number = 7});
    pool[13] =
        test_crl(inter, &(struct test_crl_want){.this_update = TEST_NOW - 86400 * 8, .number = 8});
}

/* NULL when revoked; no other reason is expected. */
static struct pki_identity *judge(const struct gk_octets *crls, size_t count)
{
    struct gk_octets certificates[2] = {m->certificate, inter->certificate};
    struct pki_trust trust = {
        .roots = &root->certificate, .root_count = 1, .crls = crls, .crl_count = count};
    struct pki_identity *identity = NULL;
    struct gk_reason why = {.code = ""};

    if (!pki_validate(&trust, certificates, 2, NULL, 0, TEST_NOW, &identity, &why))
        CU_ASSERT_STRING_EQUAL(why.code, "revoked");
    return identity;
}

static void they_say_what_a_path_says(void)
{
    struct gk_random random = test_random(81);
    struct pki_identity *identity;
    unsigned revoked = 0;

    make();
    identity = judge(NULL, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(identity);
    for (int i = 0; i < 300; i++) {
        struct gk_octets some[5];
        size_t count = gk_random_u32(&random) % 6;
        struct pki_identity *by_path;
        struct pki_lists *lists;

        for (size_t k = 0; k < count; k++)
            some[k] = pool[gk_random_u32(&random) % POOL];
        lists = pki_lists_new(some, count);
        by_path = judge(some, count);
        revoked += by_path == NULL;
        CU_ASSERT_EQUAL(pki_lists_revoke(lists, false, identity), by_path == NULL);
        pki_identity_free(by_path);
        pki_lists_unref(lists);
    }
    CU_ASSERT_TRUE(revoked > 50 && revoked < 250);
    pki_identity_free(identity);
}

static void they_are_copies(void)
{
    struct gk_writer copy = {0};
    struct gk_octets lent;
    struct pki_lists *lists;
    struct pki_trust trust = {0};
    struct pki_identity *identity;

    make();
    identity = judge(NULL, 0);
    gk_write_octets(&copy, pool[1]);
    lent = gk_writer_octets(&copy);
    lists = pki_lists_ref(pki_lists_new(&lent, 1));
    gk_writer_free(&copy);
    pki_lists_unref(lists);
    CU_ASSERT_TRUE(pki_lists_revoke(lists, false, identity));
    pki_lists_lend(lists, &trust);
    CU_ASSERT_EQUAL(trust.crl_count, 1);
    CU_ASSERT_TRUE(gk_octets_equal(trust.crls[0], pool[1]));
    pki_lists_unref(lists);
    pki_identity_free(identity);
}

/* They were refused when configured; here nothing may break. */
static void what_is_no_list_is_left_out(void)
{
    static const uint8_t junk[] = {0x30, 0x03, 0x02, 0x01, 0x01};
    struct gk_octets some[3] = {gk_octets(junk, sizeof junk), {NULL, 0}, {NULL, 0}};
    struct pki_identity *identity;
    struct pki_trust trust = {0};
    struct pki_lists *lists;

    make();
    identity = judge(NULL, 0);
    some[2] = pool[1];
    lists = pki_lists_new(some, 3);
    pki_lists_lend(lists, &trust);
    CU_ASSERT_EQUAL(trust.crl_count, 1);
    CU_ASSERT_TRUE(pki_lists_revoke(lists, false, identity));
    pki_lists_unref(lists);
    pki_lists_unref(NULL);
    pki_identity_free(identity);
}

static struct gk_octets dated(const struct test_party *by, int day, unsigned number, bool bad)
{
    return test_crl(by, &(struct test_crl_want){.serial = {m->serial},
                                                .this_update = TEST_NOW + 86400 * (day - 9),
                                                .number = number,
                                                .bad_signature = bad});
}

/* An old list that somebody puts in a newer one's place, or one that he made himself. */
static void only_a_newer_one_displaces(void)
{
    static const uint8_t junk[] = {0x30, 0x03, 0x02, 0x01, 0x01};
    struct gk_octets no_list = gk_octets(junk, sizeof junk);
    struct pki_trust trust = {.root_count = 1};
    const struct test_party *namesake;
    struct gk_octets held, below;

    make();
    namesake = test_ca_new("CN=Root");
    trust.roots = &root->certificate;
    held = dated(root, 3, 7, false);
    below = dated(inter, 3, 7, false);
    CU_ASSERT_TRUE(pki_list_displaces(held, held, &trust));
    CU_ASSERT_TRUE(pki_list_displaces(dated(root, 4, 1, false), held, &trust));
    CU_ASSERT_TRUE(pki_list_displaces(dated(root, 3, 8, false), held, &trust));
    CU_ASSERT_FALSE(pki_list_displaces(dated(root, 2, 9, false), held, &trust));
    CU_ASSERT_FALSE(pki_list_displaces(dated(root, 3, 6, false), held, &trust));
    CU_ASSERT_FALSE(pki_list_displaces(dated(root, 4, 8, true), held, &trust));
    CU_ASSERT_FALSE(pki_list_displaces(dated(namesake, 4, 8, false), held, &trust));
    CU_ASSERT_FALSE(pki_list_displaces(list(root, 1, 8, "551d1b"), held, &trust));
    CU_ASSERT_FALSE(pki_list_displaces(dated(inter, 4, 8, false), held, &trust));
    CU_ASSERT_FALSE(pki_list_displaces(no_list, held, &trust));
    CU_ASSERT_TRUE(pki_list_displaces(dated(inter, 4, 8, false), below, &trust));
    CU_ASSERT_FALSE(pki_list_displaces(dated(inter, 2, 8, false), below, &trust));
    CU_ASSERT_TRUE(pki_list_displaces(no_list, list(root, 1, 8, "551d1b"), &trust));
}

const struct test_suite suite_pki_lists = {
    "pki-lists",
    {
        {"they say what a path's validation says", they_say_what_a_path_says},
        {"they are copies", they_are_copies},
        {"what is no list is left out", what_is_no_list_is_left_out},
        {"only a newer one displaces", only_a_newer_one_displaces},
        {NULL, NULL},
    }};
