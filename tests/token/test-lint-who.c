/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what, linted: what the files of tests/lint do not reach, one rule against another in
 * all forms, and hostile sizes. */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "token/lint.h"
#include "token/source.h"

#include "tests/token/random-token.h"

#define CAS                                                                                        \
    "<ca name='a' key-id='907b3f2cdaf33d479a34b5feaa9264aab5f5852c'/>"                             \
    "<ca name='b' key-id='5d1ea0c29b2a4f6c7fd0b1a1ce2f60c41c9aa312'/>"
#define GROUP  "<group random='9f1c2e83a4d05b67' name='weather' edition='1'/>"
#define SERVER "<gcks dn='CN=G,OU=S' ca='a'/>"

/* The identifiers of all that is found, each once, in order; stays for the next call. */
static const char *found_in(const struct token *token)
{
    static char text[2000];
    struct findings findings = {0};

    text[0] = '\0';
    token_lint(token, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        const char *id = findings.at[i].rule->id;

        CU_ASSERT_STRING_NOT_EQUAL(id, "GT0100");
        CU_ASSERT_NOT_EQUAL(findings.at[i].rule->severity, FINDING_ERROR);
        if (!strstr(text, id))
            (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s",
                           *text ? " " : "", id);
    }
    findings_free(&findings);
    return text;
}

static const char *found(const char *xml)
{
    struct gk_reason why = {0};
    struct token *token = source_read(gk_octets_of(xml), "test", NULL, &why);
    const char *text;

    if (!token)
        printf("\n    %s\n%s", why.text, xml);
    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    text = found_in(token);
    token_free(token);
    return text;
}

static void expect(const char *xml, const char *ids)
{
    const char *is = found(xml);

    if (strcmp(is, ids) != 0)
        printf("\n    found \"%s\", expected \"%s\" in\n    %s\n", is, ids, xml);
    CU_ASSERT_STRING_EQUAL(is, ids);
}

static void expect_access(const char *access, const char *ids)
{
    char *xml = gk_format("<policy>" GROUP CAS "<registration>" SERVER "%s</registration></policy>",
                          access);

    expect(xml, ids);
    free(xml);
}

static void expect_pair(const char *allow, const char *exclude, const char *ids)
{
    char *access = gk_format("<access><allow %s/><exclude %s/></access>", allow, exclude);

    expect_access(access, ids);
    free(access);
}

static void expect_rule(const char *rule, const char *ids)
{
    char *access = gk_format("<access><allow %s ca='a'/></access>", rule);

    expect_access(access, ids);
    free(access);
}

/* --- exclusions --------------------------------------------------------------------------- */

static void exclusions_meet_rules(void)
{
    /* By name; two wildcards at different places have somebody in common. */
    expect_pair("dn='CN=*,OU=A' ca='a'", "dn='CN=x,OU=A' ca='a'", "");
    expect_pair("dn='CN=*,OU=A' ca='a'", "dn='CN=x,OU=*' ca='a'", "");
    expect_pair("dn='CN=*,OU=A' ca='a'", "dn='CN=x,OU=B' ca='a'", "GT0504");
    expect_pair("dn='CN=*,OU=A' ca='a'", "dn='CN=*,L=A' ca='a'", "GT0504");
    expect_pair("dn='CN=*,OU=A' ca='a'", "dn='CN=x,OU=A,C=US' ca='a'", "GT0504");
    expect_pair("dn='CN=*,OU=A' ca='a'", "dn='OU=A,CN=x' ca='a'", "GT0504 GT0528");
    expect_pair("dn='CN=*,OU=A' ca='a'", "dn='OU=A,CN=x' ca='b'", "GT0504");
    /* As exclusions compare, and a subject in DER (CN=Arthur) by its name. */
    expect_pair("dn='CN=*,OU=A B' ca='a'", "dn='CN=x,OU=a  b' ca='a'", "");
    expect_pair("dn='CN=*' ca='a'", "der-dn='3011310f300d06035504030c06417274687572' ca='a'",
                "GT0513");
    /* An RDN of several attributes stands in any order: with wildcards nothing is told. */
    expect_pair("dn='CN=x+OU=*' ca='a'", "dn='OU=*+CN=*' ca='a'", "GT0506");
    expect_pair("dn='CN=x+OU=A' ca='a'", "dn='OU=A+CN=y' ca='a'", "GT0504");
    /* Hosts and mailboxes. */
    expect_pair("fqdn='*.example.org' ca='a'", "fqdn='X.EXAMPLE.org' ca='a'", "");
    expect_pair("fqdn='*.example.org' ca='a'", "fqdn='x.y.example.org' ca='a'", "GT0504");
    expect_pair("email='ann@example.org' ca='a'", "email='*@Example.org' ca='a'", "GT0506");
    expect_pair("email='ann@example.org' ca='a'", "email='Ann@example.org' ca='a'", "GT0504");
    expect_pair("ipv4='192.0.2.1' ca='a'", "ipv4='192.0.2.2' ca='a'", "GT0504");
}

static void exclusions_under_other_cas(void)
{
    expect_pair("dn='CN=*,OU=A' ca='a'", "dn='CN=x,OU=A' ca='b'", "GT0503");
    expect_pair("dn='CN=x,OU=A' ca='a'", "dn='CN=*,OU=A' ca='b'", "GT0503");
    expect_pair("dn='CN=*,OU=A' ca='a'", "dn='CN=x,OU=B' ca='b'", "GT0504");
    /* Another kind under that CA does not make it better, where the name is another CA's. */
    expect_access("<access><allow dn='CN=*,OU=A' ca='a'/><allow email='*@b.example' ca='b'/>"
                  "<exclude dn='CN=x,OU=A' ca='b'/></access>",
                  "GT0503");
    expect_access("<access><allow dn='CN=*,OU=A' ca='a'/><allow email='*@b.example' ca='b'/>"
                  "<exclude dn='CN=x,OU=B' ca='b'/></access>",
                  "GT0505");
    expect_access("<access><allow dn='CN=*,OU=A' ca='a'/><allow ipv4='192.0.2.1' ca='b'/>"
                  "<exclude ipv6='2001:db8::1' ca='b'/><exclude ipv6='2001:db8::2' ca='a'/>"
                  "</access>",
                  "GT0505");
    /* A name whom only a role admits is admitted too. */
    expect_access("<access><allow dn='CN=*,OU=A' ca='a'/><exclude dn='CN=H,OU=S' ca='a'/></access>",
                  "GT0504");
    expect_access("<access><allow dn='CN=*,OU=A' ca='a'/><exclude dn='CN=G,OU=S' ca='a'/></access>",
                  "GT0408");
}

/* --- rules that others make needless ------------------------------------------------------ */

static void needless_rules(void)
{
    static const char two[] = "<access%s><allow dn='%s' ca='a'/></access>"
                              "<access%s><allow dn='%s' ca='%s'/></access>";
    static const struct {
        const char *levels, *name, *other_levels, *other, *ca, *ids;
    } cases[] = {
        {"", "CN=x,OU=A", "", "CN=x,OU=A", "a", "GT0507"},
        {"", "CN=x,OU=A", "", "CN=x,OU=A", "b", ""},
        {"", "CN=x,OU=A", "", "CN=*,OU=A", "a", "GT0508"},
        {"", "CN=*,OU=A", "", "CN=x,OU=A", "a", "GT0508"},
        {"", "CN=\\2A,OU=A", "", "CN=x,OU=A", "a", ""},
        /* Fewer permissions win, whoever stands first. */
        {" permissions='3'", "CN=x,OU=A", "", "CN=*,OU=A", "a", "GT0509"},
        {"", "CN=*,OU=A", " permissions='3'", "CN=x,OU=A", "a", "GT0509"},
        {" permissions='3 5'", "CN=x,OU=A", " permissions='5'", "CN=x,OU=A", "a", "GT0509"},
        {" permissions='3 5'", "CN=x,OU=A", " permissions='5 3'", "CN=x,OU=A", "a", "GT0507"},
        {" permissions='3'", "CN=x,OU=A", " permissions='5'", "CN=*,OU=A", "a", ""},
        {"", "CN=x,OU=A", " permissions='3'", "CN=*,OU=A", "a", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *access = gk_format(two, cases[i].levels, cases[i].name, cases[i].other_levels,
                                 cases[i].other, cases[i].ca);

        expect_access(access, cases[i].ids);
        free(access);
    }
}

/* Of equal rules the first is none that repeats. */
static void the_first_is_none_that_repeats(void)
{
    struct findings findings = {0};
    struct gk_reason why = {0};
    struct token *token =
        source_read(gk_octets_of("<policy>" GROUP CAS "<registration>" SERVER "<access>\n"
                                 "<allow dn='CN=x,OU=A' ca='a'/>\n<allow dn='CN=x,OU=A' ca='a'/>\n"
                                 "<allow dn='CN=x,OU=A' ca='a'/></access></registration></policy>"),
                    "test", NULL, &why);

    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    token_lint(token, &findings);
    CU_ASSERT_EQUAL_FATAL(findings.count, 2);
    CU_ASSERT_EQUAL(findings.at[0].line, 3);
    CU_ASSERT_EQUAL(findings.at[1].line, 4);
    CU_ASSERT_PTR_NOT_NULL(strstr(findings.at[1].text, "accessRule 1 of entry 1"));
    findings_free(&findings);
    token_free(token);
}

/* --- forms -------------------------------------------------------------------------------- */

static void stars_in_names(void)
{
    expect_rule("dn='CN=*,OU=A'", "");
    expect_rule("dn='CN=A*,OU=A'", "GT0515");
    expect_rule("dn='CN=**,OU=A'", "GT0515");
    expect_rule("dn='CN=*A,OU=A'", "GT0515");
    expect_rule("dn='CN=A\\2A,OU=A'", "");
    expect_rule("dn='CN=*+UID=A*,OU=A'", "GT0515");
    expect_rule("dn='CN=A=*,OU=A'", "GT0515");
    expect_rule("dn='CN=A\\,*,OU=A'", "GT0515");
    expect_rule("dn='CN=A\\,OU=*,OU=A'", "GT0515"); /* one value, "A,OU=*" */
    expect_rule("fqdn='a.*.example'", "GT0515");
    expect_rule("fqdn='a*.example'", "GT0515");
    expect_rule("email='a*@example.org'", "GT0515");
    expect_rule("email='*@*.example.org'", "GT0515");
    expect_rule("u-name='/C=US/CN=*' serial='01'", "GT0515");
}

static void names_that_nobody_has(void)
{
    expect_rule("fqdn='*.example.org'", "");
    expect_rule("fqdn='x_y.example.org'", "");
    expect_rule("fqdn='example.org.'", "GT0518");
    expect_rule("fqdn='.example.org'", "GT0518");
    expect_rule("fqdn='192.0.2.1'", "GT0518");
    expect_rule("fqdn='*.'", "GT0518");
    expect_rule("id-type='2' id='2a'", "GT0518"); /* * alone */
    expect_rule("fqdn='*.org'", "GT0513");
    expect_rule("email='ann@[192.0.2.1]'", "");
    expect_rule("email='\"a(b\"@example.org'", "");
    expect_rule("id-type='3' id='406578616d706c652e6f7267'", "GT0519"); /* @example.org */
    expect_rule("email='Ann&lt;ann@example.org'", "GT0519");
    expect_rule("email='\xc3\xa4@example.org'", "GT0519");
    expect_rule("ipv4='127.0.0.1'", "GT0520");
    expect_rule("ipv4='239.1.2.3'", "GT0520");
    expect_rule("ipv4='223.255.255.1'", "");
    expect_rule("ipv6='::'", "GT0520");
    expect_rule("ipv6='::1'", "GT0520");
    expect_rule("ipv6='::2'", "");
    expect_rule("ipv6='ff02::1'", "GT0520");
    expect_rule("u-name='/C=US/2.5.4.5=7/Email=a@b.example/CN=Ann' serial='01'", "");
    expect_rule("u-name='/C=US/cn=Ann' serial='01'", "GT0521");
    expect_rule("u-name='/C=US/CN=Ann/' serial='01'", "GT0521");
    expect_rule("dn='O=Acme,CN=*'", "GT0516");
    expect_rule("dn='DC=org,DC=example,UID=*'", "GT0516");
    expect_rule("dn='CN=*,DC=example,DC=org'", "");
    expect_rule("dn='O=Acme'", "");
}

static void groups(void)
{
    static const struct {
        const char *group, *ids;
    } cases[] = {
        {"random='9f1c2e83a4d05b67' name='x'", ""},
        {"random='0102030405060708' name='x'", "GT0308"},
        {"random='f9fbfdff01030507' name='x'", "GT0308"},
        {"random='6162633132332d5f' name='x'", "GT0308"}, /* abc123-_ */
        {"random='6162633132332d00' name='x'", ""},
        {"random='9f9f9f9f1c1c1c2e' name='x'", "GT0308"},
        {"random='9f9f9f9f1c1c8a2e' name='x'", ""},
        {"type='utf-8' random='9f1c2e83a4d05b67' name='x'", ""},
        {"type='utf-8' random='0000000000000000' name='x'", "GT0308"},
        /* 16 digits in lower case are no type 1, but text. */
        {"value='39663163326538336134643035623637'", "GT0308"},
        {"random='9f1c2e83a4d05b67' ipv4='239.1.2.3'", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *xml = gk_format("<policy><group %s edition='1'/>" CAS "<registration>" SERVER
                              "<access><allow dn='CN=*,OU=A' ca='a'/></access></registration>"
                              "</policy>",
                              cases[i].group);

        expect(xml, cases[i].ids);
        free(xml);
    }
}

/* --- registrations ------------------------------------------------------------------------ */

static void shadowed_registrations(void)
{
    static const char two[] =
        "<policy>" GROUP CAS "<registration>" SERVER "<access><allow dn='CN=*,OU=A' ca='a'/>"
        "</access>%s</registration><registration>" SERVER "<access><allow dn='CN=*,OU=B' ca='a'/>"
        "</access>%s</registration></policy>";
    static const char *const mechanism[] = {
        "<mechanism suite='recommended' time-out='20 s'/>",
        /* The same algorithms, which is what an RTJ asks for. */
        "<mechanism signature='Ed25519' nonce-hash='SHA-256' key-creation='X25519' "
        "key-wrap='AES-256-GCM' time-out='1 min'/>",
        "<mechanism suite='p256-aes128' time-out='20 s'/>",
        "<mechanism suite='recommended'/><mechanism suite='p256-aes128'/>",
        "<mechanism none='yes'/>",
    };
    static const struct {
        int first, second;
        bool shadowed;
    } cases[] = {{0, 0, true}, {0, 1, true},  {0, 2, false}, {0, 3, false},
                 {3, 2, true}, {4, 0, false}, {0, 4, false}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *xml = gk_format(two, mechanism[cases[i].first], mechanism[cases[i].second]);

        CU_ASSERT_EQUAL(strstr(found(xml), "GT0415") != NULL, cases[i].shadowed);
        free(xml);
    }
}

/* --- hostile input ------------------------------------------------------------------------ */

static void put(struct gk_writer *to, const char *text)
{
    gk_write_octets(to, gk_octets_of(text));
}

/* `count` rules and exclusions with wildcards, none of which meets another. */
static const char *found_in_patterns(int count)
{
    struct gk_writer xml = {0};
    const char *ids;
    char *text;

    put(&xml, "<policy>" GROUP CAS "<registration>" SERVER "<access>");
    for (int kind = 0; kind < 2; kind++) {
        for (int i = 0; i < count; i++) {
            text = gk_format("<%s dn='CN=*,%s=%d' ca='a'/>", kind ? "exclude" : "allow",
                             kind ? "L" : "OU", i);
            put(&xml, text);
            free(text);
        }
    }
    put(&xml, "</access></registration></policy>");
    gk_write_u8(&xml, 0);
    ids = found((const char *)xml.data);
    gk_writer_free(&xml);
    return ids;
}

static void comparisons_are_bounded(void)
{
    CU_ASSERT_STRING_EQUAL(found_in_patterns(240), "GT0504");
    CU_ASSERT_STRING_EQUAL(found_in_patterns(300), "GT0504 GT0523");
}

static void drawn_tokens_are_linted(void)
{
    struct gk_random random = test_random(45341);

    for (int i = 0; i < 300; i++) {
        struct token *token = random_token(&random);

        (void)found_in(token);
        token_free(token);
    }
}

const struct test_suite suite_lint_who = {
    "lint-who",
    {{"exclusions meet rules", exclusions_meet_rules},
     {"exclusions under other CAs", exclusions_under_other_cas},
     {"needless rules", needless_rules},
     {"the first is none that repeats", the_first_is_none_that_repeats},
     {"stars in names", stars_in_names},
     {"names that nobody has", names_that_nobody_has},
     {"groups", groups},
     {"shadowed registrations", shadowed_registrations},
     {"comparisons are bounded", comparisons_are_bounded},
     {"drawn tokens are linted", drawn_tokens_are_linted},
     {NULL, NULL}}};
