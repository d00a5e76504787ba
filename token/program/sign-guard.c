/* SPDX-License-Identifier: Apache-2.0 */
/* Before the signature: the judge, and the person. */
#include "token/program/sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "roles/lint.h"
#include "token/diff.h"
#include "token/finding-show.h"
#include "token/render-text.h"

/* --- the judge ------------------------------------------------------------------- */

static void allow(const struct sign *sign, struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        for (size_t k = 0; k < sign->allowed_count; k++)
            findings->at[i].allowed |= findings->at[i].rule == sign->allowed[k];
    }
}

/* What is only worth knowing, lint tells. */
static void show_findings(const struct sign *sign, const struct findings *findings)
{
    struct finding_file shown = {sign->in, *findings};
    struct gk_writer text = {0};

    shown.findings.at = gk_alloc(findings->count + 1, sizeof *shown.findings.at);
    shown.findings.count = 0;
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->at[i].rule->severity >= FINDING_WARNING)
            shown.findings.at[shown.findings.count++] = findings->at[i];
    }
    findings_text(&shown, false, &text);
    fprintf(stderr, "%.*s", (int)text.size, (const char *)text.data);
    free(shown.findings.at);
    gk_writer_free(&text);
}

bool sign_judge(const struct sign *sign, const struct token *token, gk_time at,
                struct gk_reason *why)
{
    struct lint_context context = {.local = {.tolerate_suite_1 = sign->tolerate_suite_1},
                                   .now = at};
    struct findings findings = {0};
    size_t errors;

    if (!token->has_edition)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "ledger-no-edition",
                         "the token has no edition, and nothing can be newer or older than it");
    lint_token(token, &context, &findings);
    allow(sign, &findings);
    show_findings(sign, &findings);
    errors = findings_count(&findings, FINDING_ERROR);
    findings_free(&findings);
    return !errors ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "sign-lint",
                     "nothing is signed: %zu error%s; gsakmp-token lint --explain tells of each",
                     errors, errors == 1 ? " was found" : "s were found");
}

/* --- the person ------------------------------------------------------------------ */

/* What changes against the last edition; of a first one all that it says. */
static void show_change(const struct sign *sign, const struct token *token,
                        const struct ledger_entry *last, struct gk_writer *to)
{
    struct token *before = last ? ledger_token(last) : NULL;
    struct token_diff *diff;
    char *name;

    if (!before) {
        token_show_text(token, to);
        return;
    }
    name = gk_format("edition %lld", (long long)last->edition);
    diff = token_diff(before, token);
    token_diff_text(diff, name, sign->in, to);
    token_diff_free(diff);
    free(name);
    token_free(before);
}

/* A clock that is wrong would be seen here. */
static void show_time(const struct ledger_entry *last, gk_time at, struct gk_writer *to)
{
    char stamp[GK_STAMP_SIZE + 1];
    char before[GK_STAMP_SIZE + 1];
    char *line;

    gk_stamp_format(at, stamp);
    gk_stamp_format(last ? last->signing_time : at, before);
    line = last ? gk_format("signing time %s, after %s\n", stamp, before)
                : gk_format("signing time %s, the first of this group\n", stamp);
    gk_write_octets(to, gk_octets_of(line));
    free(line);
}

bool sign_consent(const struct sign *sign, const struct token *token,
                  const struct ledger_entry *last, gk_time at, struct gk_reason *why)
{
    char *group = group_label(token->group_name);
    char *question = gk_format("sign edition %lld of group %s?", (long long)token->edition, group);
    struct gk_writer shown = {0};
    bool yes = sign->yes;
    bool good = true;

    if (last || !sign->yes)
        show_change(sign, token, last, &shown);
    show_time(last, at, &shown);
    if (sign->yes && last)
        fprintf(stderr, "%.*s", (int)shown.size, (const char *)shown.data);
    if (!sign->yes)
        good = ask_consent(gk_writer_octets(&shown), question, &yes, why) &&
               (yes || gk_refuse(why, GK_NONE, GK_NO_OFFSET, "sign-declined",
                                 "nothing is signed: the answer was no"));
    gk_writer_free(&shown);
    free(question);
    free(group);
    return good;
}
