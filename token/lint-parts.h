/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_LINT_PARTS_H
#define TOKEN_LINT_PARTS_H
/* Between the files of token/lint*.c. */
#include "gsakmp/suite.h"
#include "token/lint.h"

/* The JoinMechanisms of known registrations, flattened in order (profile 6.2). */
struct lint_mechanism {
    const struct token_mechanism *policy;
    size_t registration, number;
    bool known; /* `algorithms` are filled */
    struct gk_mechanism algorithms;
    int strength; /* bits of the weakest of them (token/strength.h); 0: not run */
    bool weak;    /* by what makes Suite 1 weak */
    bool terse;
};

/* What is beyond is an error already (roles/rules.h takes 32). */
#define LINT_MECHANISMS 64
struct lint_mechanisms {
    size_t count;
    struct lint_mechanism at[LINT_MECHANISMS];
};

void lint_mechanisms(const struct token *token, struct lint_mechanisms *list);
/* The type of the group's keys (profile 9.3); NULL when it is not run. */
const struct gk_wrap *lint_gtpk_wrap(const struct lint_mechanisms *list);

/* What shows only over all registrations, or all data protocols. */
void token_lint_mechanisms(const struct token_linting *linting);
void token_lint_leaving(const struct token_linting *linting);
void token_lint_keys(const struct token_linting *linting);

#endif
