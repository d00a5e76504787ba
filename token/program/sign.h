/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_PROGRAM_SIGN_H
#define TOKEN_PROGRAM_SIGN_H
/*
 * Between cmd-sign.c, which is the order of things, and its parts: sign-guard.c asks the judge and
 * the person, sign-cms.c makes the signature.
 */
#include "token/finding.h"
#include "token/program/ledger-file.h"
#include "token/program/program.h"

#define ALLOWED_MOST 64

/* What the command line said. */
struct sign {
    const char *key, *cert, *chain, *at, *algorithm, *in, *out, *ledger;
    bool yes, new_group, tolerate_suite_1;
    const struct finding_rule *allowed[ALLOWED_MOST];
    size_t allowed_count;
};

/* --- sign-guard.c */
/* Does the linter find no error but allowed ones ("sign-lint")? Warnings are shown. */
bool sign_judge(const struct sign *sign, const struct token *token, gk_time at,
                struct gk_reason *why) GK_MUST_USE;
/* Shows what is new against the last token, NULL for the first of its group, and the signing time,
 * and asks: false, with a reason, unless somebody said yes. */
bool sign_consent(const struct sign *sign, const struct token *token,
                  const struct ledger_entry *last, gk_time at, struct gk_reason *why) GK_MUST_USE;

/* --- sign-cms.c */
/* The signer's certificate first, then what is above it, without roots. */
bool sign_chain(const struct sign *sign, struct list *list, struct gk_reason *why) GK_MUST_USE;
/* Is the signer's certificate valid at the signing time? */
bool sign_time_fits(const struct sign *sign, const struct list *list, gk_time at,
                    struct gk_reason *why) GK_MUST_USE;
/* The signed token, verified. */
bool sign_make(const struct sign *sign, const struct list *list, struct gk_octets der, gk_time at,
               struct gk_writer *to, struct gk_reason *why) GK_MUST_USE;

/* --- cmd-ledger.c */
/* "a1a2... \"weather\"": a Group ID value for people, a fresh string. */
char *group_label(struct gk_octets group) GK_MUST_USE;

#endif
