/* SPDX-License-Identifier: Apache-2.0 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"
#include "token/finding-show.h"

static const struct token_place line_7 = {.line = 7};
static const struct token_place octet_9 = {.offset = 9};

static void findings_tell_where(void)
{
    struct finding_file file = {.name = "a.xml"};
    struct findings *findings = &file.findings;
    struct gk_writer text = {0};

    finding_add(findings, "rekey-never", finding_spot(&line_7, "rekey[%d]", 0), "it is %s", "so");
    findings->base = 100;
    finding_refuse(findings, GK_PAYLOAD_MALFORMED, "edition", finding_spot(&octet_9, "tokenInfo"),
                   "edition %d", 0);
    finding_add(findings, "rekey-never", finding_nowhere(), "somewhere");
    findings_text(&file, false, &text);
    gk_write_u8(&text, 0);
    CU_ASSERT_STRING_EQUAL((const char *)text.data,
                           "a.xml:7: warning GT0805 rekey-never: rekey[0]: it is so\n"
                           "a.xml:@109: error GT0302 edition: tokenInfo: edition 0\n"
                           "a.xml: warning GT0805 rekey-never: somewhere\n");
    CU_ASSERT_TRUE(findings->refused);
    CU_ASSERT_STRING_EQUAL(findings->first.code, "edition");
    CU_ASSERT_EQUAL(findings->first.notification, GK_PAYLOAD_MALFORMED);
    CU_ASSERT_EQUAL(findings_count(findings, FINDING_ERROR), 1);
    CU_ASSERT_EQUAL(findings_count(findings, FINDING_WARNING), 3);
    findings->at[0].allowed = true;
    CU_ASSERT_EQUAL(findings_count(findings, FINDING_WARNING), 2);
    findings_free(findings);
    gk_writer_free(&text);
}

/* A parser's sentence has its place at its head; a finding tells the place by itself. */
static void reasons_become_findings(void)
{
    struct gk_reason why = {0};
    struct findings findings = {0};

    (void)gk_refuse(&why, GK_NONE, 5, "der-length", "rekey[0]: the length is not minimal");
    (void)snprintf(why.path, sizeof why.path, "rekey[0]");
    finding_take(&findings, &why);
    (void)gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "source-value", "a:b.xml:12: <x> has y");
    why.line = 12;
    finding_take(&findings, &why);
    CU_ASSERT_EQUAL_FATAL(findings.count, 2);
    CU_ASSERT_STRING_EQUAL(findings.at[0].path, "rekey[0]");
    CU_ASSERT_STRING_EQUAL(findings.at[0].text, "the length is not minimal");
    CU_ASSERT_STRING_EQUAL(findings.at[0].rule->id, "GT0104");
    CU_ASSERT_EQUAL(findings.at[0].offset, 5);
    CU_ASSERT_STRING_EQUAL(findings.at[1].text, "<x> has y");
    CU_ASSERT_EQUAL(findings.at[1].line, 12);
    CU_ASSERT_STRING_EQUAL(findings.first.code, "der-length");
    findings_free(&findings);
}

static void lists_are_bounded(void)
{
    struct findings one = {0};
    struct findings two = {0};

    for (size_t i = 0; i < FINDINGS_MOST + 5; i++)
        finding_add(&one, "rekey-never", finding_nowhere(), "number %zu", i);
    CU_ASSERT_EQUAL(one.count, FINDINGS_MOST);
    CU_ASSERT_EQUAL(one.more, 5);
    finding_add(&two, "rekey-never", finding_nowhere(), "another");
    finding_refuse(&two, 0, "edition", finding_nowhere(), "an error");
    findings_move(&one, &two);
    /* Many of one severity hide none of another, and are no errors. */
    CU_ASSERT_EQUAL(one.count, FINDINGS_MOST + 1);
    CU_ASSERT_EQUAL(one.more, 6);
    CU_ASSERT_TRUE(one.refused);
    CU_ASSERT_EQUAL(two.count, 0);
    findings_move(&two, &one);
    CU_ASSERT_EQUAL(two.count, FINDINGS_MOST + 1);
    CU_ASSERT_EQUAL(two.more, 6);
    CU_ASSERT_EQUAL(findings_count(&two, FINDING_ERROR), 1);
    CU_ASSERT_STRING_EQUAL(two.at[FINDINGS_MOST].text, "an error");
    CU_ASSERT_EQUAL(findings_count(&two, FINDING_NOTICE), FINDINGS_MOST + 7);
    for (size_t i = 0; i < FINDINGS_MOST; i++)
        finding_refuse(&two, 0, "edition", finding_nowhere(), "error %zu", i);
    CU_ASSERT_EQUAL(findings_count(&two, FINDING_ERROR), FINDINGS_MOST + 1);
    CU_ASSERT_EQUAL(two.count, 2 * FINDINGS_MOST);
    CU_ASSERT_STRING_EQUAL(two.at[2].text, "number 2");
    findings_free(&two);
}

static bool is_sentence(const char *text)
{
    size_t size = strlen(text);

    return size >= 8 && text[size - 1] == '.';
}

static void rules_are_told_in_full(void)
{
    const struct finding_family *family;
    size_t rules = 0;

    for (size_t i = 0; (family = finding_family_at(i)); i++) {
        for (size_t k = 0; k < family->count; k++, rules++) {
            const struct finding_rule *rule = &family->rules[k];
            bool good = strlen(rule->id) == 6 && strncmp(rule->id, "GT", 2) == 0 &&
                        strncmp(rule->id + 2, family->number, 2) == 0 &&
                        (!k || strcmp(family->rules[k - 1].id, rule->id) < 0) &&
                        finding_rule_named(rule->id) == rule &&
                        finding_rule_of(rule->name) == rule && *rule->citation &&
                        is_sentence(rule->what) && is_sentence(rule->why) &&
                        is_sentence(rule->mend);

            if (!good)
                printf("\n    %s is not told in full, or twice\n", rule->id);
            CU_ASSERT_TRUE(good);
        }
    }
    CU_ASSERT_TRUE(rules >= 60);
    CU_ASSERT_PTR_NULL(finding_rule_named("GT9999"));
    CU_ASSERT_STRING_EQUAL(finding_rule_of("no-such-code")->id, "GT0100");
    CU_ASSERT_STRING_EQUAL(finding_rule_of("der")->id, "GT0100");
    CU_ASSERT_STRING_EQUAL(finding_rule_of(NULL)->id, "GT0100");
}

/* --- every code that a judge of tokens refuses with ------------------------------------- */

/* The code of the call that begins at `at`: the first literal, if it is one. */
static bool code_at(const char *at, char *to, size_t room)
{
    const char *quote = strpbrk(at, "\";");
    size_t size;

    if (!quote || *quote != '"')
        return false;
    size = strspn(quote + 1, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (!size || size >= room || quote[1 + size] != '"' || quote[2 + size] != ',')
        return false;
    memcpy(to, quote + 1, size);
    to[size] = '\0';
    return true;
}

static size_t check_file(const char *path)
{
    static const char *const calls[] = {"gk_refuse(",      "der_refuse(", "source_refuse(",
                                        "finding_refuse(", "refuse_at(",  "expect_oid("};
    struct gk_octets octets = test_file(path);
    char *text = gk_format("%.*s", (int)octets.size, (const char *)octets.data);
    char code[64];
    size_t found = 0;

    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        for (const char *at = strstr(text, calls[i]); at; at = strstr(at + 1, calls[i])) {
            if (!code_at(at, code, sizeof code))
                continue;
            found++;
            if (strcmp(finding_rule_of(code)->id, "GT0100") == 0) {
                printf("\n    %s: no rule has the code %s\n", path, code);
                CU_FAIL("a code without a rule");
            }
        }
    }
    free(text);
    return found;
}

static void every_code_has_a_rule(void)
{
    static const char *const judges[] = {
        "token/der*.c",         "token/cms-read.c", "token/cms-verify.c",  "token/source*.c",
        "token/kind.c",         "roles/rules.c",    "roles/rules-match.c", "roles/rules-terms.c",
        "roles/rules-rekey.c",  "roles/load.c",     "roles/pki.c",         "roles/pki-judge.c",
        "roles/pki-identity.c", "roles/x509*.c"};
    const char *top = getenv("top_srcdir");
    size_t found = 0;

    for (size_t i = 0; i < sizeof judges / sizeof *judges; i++) {
        char *pattern = gk_format("%s/%s", top ? top : ".", judges[i]);
        glob_t paths;

        CU_ASSERT_EQUAL_FATAL(glob(pattern, 0, NULL, &paths), 0);
        for (size_t k = 0; k < paths.gl_pathc; k++)
            found += check_file(paths.gl_pathv[k]);
        globfree(&paths);
        free(pattern);
    }
    CU_ASSERT_TRUE(found > 100);
}

const struct test_suite suite_finding = {"finding",
                                         {{"findings tell where", findings_tell_where},
                                          {"reasons become findings", reasons_become_findings},
                                          {"lists are bounded", lists_are_bounded},
                                          {"rules are told in full", rules_are_told_in_full},
                                          {"every code has a rule", every_code_has_a_rule},
                                          {NULL, NULL}}};
