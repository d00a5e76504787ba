/* SPDX-License-Identifier: Apache-2.0 */
/* What asking answers is what a GC/KS does with that member's Request to Join. */
#include <stdio.h>
#include <string.h>

#include "roles/ask.h"
#include "tests/roles/troupe.h"
#include "token/cms.h"
#include "token/der.h"

#define GCKS "<gcks dn=\"CN=GCKS,OU=Servers,O=Acme\"/>"

/* Two registrations: by the troupe's own mechanism, and by another. */
static const char registrations[] =
    "<registration>" GCKS "<access><allow dn=\"CN=*,OU=Members,O=Acme\"/>"
    "<allow dn=\"CN=Guest,OU=Guests,O=Acme\"/>"
    "<exclude dn=\"CN=Bad,OU=Members,O=Acme\"/></access>"
    "<access permissions=\"4\"><allow dn=\"CN=*,OU=Levels,O=Acme\"/></access>"
    "<mechanism suite=\"recommended\"/></registration>"
    "<registration>" GCKS "<access><allow dn=\"CN=*,OU=Guests,O=Acme\"/>"
    "<exclude dn=\"CN=eve,OU=members,O=ACME\"/></access>"
    "<mechanism suite=\"p256\"/></registration>";

static const char *const subjects[] = {
    "CN=Ann,OU=Members,O=Acme",        "CN=Bad,OU=Members,O=Acme",  "CN=bad,OU=Members,O=Acme",
    "CN=Eve,OU=Members,O=Acme",        "CN=Guest,OU=Guests,O=Acme", "CN=Gus,OU=Guests,O=Acme",
    "CN=guest,OU=Guests,O=Acme",       "CN=Lea,OU=Levels,O=Acme",   "CN=Ann,OU=Members,O=Other",
    "CN=Ann,L=Bern,OU=Members,O=Acme", "CN=GCKS,OU=Servers,O=Acme",
};
#define SUBJECTS (sizeof subjects / sizeof *subjects)

static struct token *token_of(const struct troupe *troupe)
{
    struct cms cms;
    struct token *token = NULL;

    if (cms_verify(&cms, troupe->token, NULL))
        token = token_from_der(cms.content, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    return token;
}

static struct pki_identity *identity_of(const struct troupe *troupe, unsigned index)
{
    const struct pki_trust trust = {.roots = &troupe->root->certificate, .root_count = 1};
    struct pki_identity *identity = NULL;

    if (!pki_validate(&trust, &troupe->member[index].party->certificate, 1, NULL, 0, TEST_NOW,
                      &identity, NULL))
        CU_FAIL_FATAL("a member's path");
    return identity;
}

/* The rule by which the server says that it admitted them. */
static bool admitted_by(const struct troupe *troupe, const char *name, const char *rule)
{
    struct gcks_member member;
    uint64_t cursor = 0;

    while (gcks_next_member(troupe->gcks, &cursor, &member)) {
        if (gk_octets_equal(member.name, gk_octets_of(name)))
            return strcmp(member.rule, rule) == 0;
    }
    return false;
}

static void answers_what_the_server_decides(void)
{
    struct troupe *troupe =
        troupe_new(&(struct troupe_plan){.registrations = registrations, .also = "p256"});
    struct token *token = token_of(troupe);
    struct rules_local local = {0};
    struct rules *rules = rules_new(token, &local, NULL, NULL);
    unsigned joined = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(rules);
    for (size_t i = 0; i < SUBJECTS; i++) {
        unsigned index = troupe_add(troupe, subjects[i]);
        struct pki_identity *identity = identity_of(troupe, index);
        struct rules_verdict verdict;
        bool may = ask_join(rules, identity, 0, &verdict);
        bool in;

        troupe_join(troupe, index);
        rig_run(troupe->rig, 40000);
        in = troupe_in(troupe, index);
        CU_ASSERT_EQUAL(in, may);
        if (in != may)
            printf("\n    %s: %s", subjects[i], verdict.rule);
        if (in)
            CU_ASSERT_TRUE(admitted_by(troupe, subjects[i], verdict.rule));
        CU_ASSERT_TRUE(!may || ask_roles(rules, RULES_ANY, identity, NULL) & ASK_BIT(ASK_JOIN));
        joined += in;
        pki_identity_free(identity);
    }
    /* Ann and one guest: an exclusion of any registration, in any case, holds for all. */
    CU_ASSERT_EQUAL(joined, 2);
    rules_free(rules);
    token_free(token);
    troupe_free(troupe);
}

const struct test_suite suite_ask_engine = {
    "ask-engine",
    {{"answers what the server decides", answers_what_the_server_decides}, {NULL, NULL}}};
