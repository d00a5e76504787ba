/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_LINT_H
#define TOKEN_LINT_H
/*
 * What can be said of a policy from the token alone: what its author probably did not mean.
 * Each protocol's row has its own part (token/protocol.h); here is also what only shows when
 * several are seen together. Errors are for roles/rules.h to find, which daemons run too; the
 * whole of a linter's work is roles/lint.h.
 */
#include "token/finding.h"
#include "token/token.h"

struct token_linting {
    const struct token *token;
    struct findings *findings;
};

void token_lint(const struct token *token, struct findings *findings);

/* One a protocol; `index` is its place in the token. */
void token_lint_register(const struct token_linting *linting, const struct token_protocol *protocol,
                         size_t index);
void token_lint_deregister(const struct token_linting *linting,
                           const struct token_protocol *protocol, size_t index);
void token_lint_rekey(const struct token_linting *linting, const struct token_protocol *protocol,
                      size_t index);
void token_lint_data(const struct token_linting *linting, const struct token_protocol *protocol,
                     size_t index);

/* The first rekey entry with known protocol and method, which is in force (profile 11.10);
 * NULL without. */
const struct token_protocol *token_lint_rekey_in_force(const struct token *token, size_t *index);

#endif
