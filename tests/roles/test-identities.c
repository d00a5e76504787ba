/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every identification type of RFC 4535 table 19 from the policy's source to the member: by token,
 * rules and engines (the rules alone: test-rules-matrix.c).
 */
#include <stdlib.h>

#include "tests/roles/troupe.h"

#define GCKS "<gcks dn=\"CN=GCKS,OU=Servers,O=Acme\"/>"

static void admits(const char *attribute, const char *value, const struct test_want *person,
                   const struct test_want *near)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 2, .seed = 66});
    const struct test_want *want[2] = {person, near};
    char *registrations;
    struct gk_octets certificate[2];

    for (unsigned i = 0; i < 2; i++) {
        struct test_want made = *want[i];

        made.subject = made.subject ? made.subject : troupe->member[i].subject;
        made.seed = 100 + i;
        certificate[i] = test_ca_issue(troupe->root, &made)->certificate;
        troupe->member[i].config.credential[0].certificates = &certificate[i];
        troupe_rebuild(troupe, i);
    }
    registrations = gk_format("<registration>" GCKS "<access><allow %s=\"%s\"/></access>"
                              "<mechanism suite=\"recommended\"/></registration>",
                              attribute, value);
    troupe->plan.registrations = registrations;
    CU_ASSERT_TRUE_FATAL(troupe_publish(troupe, troupe_token(troupe, 2, NULL, TEST_NOW + 1), NULL));
    rig_run(troupe->rig, 2000);
    troupe_join(troupe, 0);
    troupe_join(troupe, 1);
    rig_run(troupe->rig, 2000);
    CU_ASSERT_TRUE(troupe_in(troupe, 0));
    CU_ASSERT_FALSE(troupe_in(troupe, 1));
    troupe_restart_gcks(troupe); /* and is known again by what was stored */
    rig_run(troupe->rig, 2000);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 1);
    troupe_free(troupe);
    free(registrations);
}

static void every_type_of_identity(void)
{
    admits("dn", "CN=*,OU=Members,O=Acme", &(struct test_want){0},
           &(struct test_want){.subject = "CN=x,OU=members,O=Acme"});
    admits("fqdn", "*.example.org", &(struct test_want){.dns = "a.example.org"},
           &(struct test_want){.dns = "a.b.example.org"});
    admits("email", "*@example.org", &(struct test_want){.mail = "a@example.org"},
           &(struct test_want){.mail = "a@x.example.org"});
    admits("ipv4", "192.0.2.1", &(struct test_want){.address = test_unhex("c0000201")},
           &(struct test_want){.address = test_unhex("c0000202")});
    admits("ipv6", "2001:db8::1",
           &(struct test_want){.address = test_unhex("20010db8000000000000000000000001")},
           &(struct test_want){.address = test_unhex("20010db8000000000000000000000002")});
    admits("key-id", "0123456789abcdef",
           &(struct test_want){.subject_key_id = test_unhex("0123456789abcdef")},
           &(struct test_want){.subject_key_id = test_unhex("0123456789abcdee")});
    /* CN=z of a PrintableString, bit by bit. */
    admits("der-dn", "300c310a3008060355040313017a", &(struct test_want){.subject = "CN=z"},
           &(struct test_want){.subject = "CN=Z"});
}

/* The serial number is the CA's to choose: the token is made when it is known. */
static void an_unencoded_name(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 2, .seed = 67});
    char *registrations = gk_format(
        "<registration>" GCKS "<access><allow u-name=\"/O=Acme/OU=Members/CN=m0\" serial=\"%02x\"/>"
        "<allow u-name=\"/O=Acme/OU=Members/CN=m1\" serial=\"%02x\"/></access>"
        "<mechanism suite=\"recommended\"/></registration>",
        troupe->member[0].party->serial, troupe->member[1].party->serial + 1);
    struct gk_reason why = {.text = ""};

    troupe->plan.registrations = registrations;
    CU_ASSERT_TRUE_FATAL(troupe_publish(troupe, troupe_token(troupe, 2, NULL, TEST_NOW + 1), &why));
    rig_run(troupe->rig, 2000);
    troupe_join(troupe, 0);
    troupe_join(troupe, 1);
    rig_run(troupe->rig, 2000);
    CU_ASSERT_TRUE(troupe_in(troupe, 0));
    CU_ASSERT_FALSE(troupe_in(troupe, 1));
    troupe_free(troupe);
    free(registrations);
}

const struct test_suite suite_identities = {"identities",
                                            {
                                                {"every type of identity", every_type_of_identity},
                                                {"an unencoded name", an_unencoded_name},
                                                {NULL, NULL},
                                            }};
