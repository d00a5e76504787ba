/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_DIFF_JSON_H
#define TOKEN_DIFF_JSON_H
/*
 * A difference for programs, as gsakmp-token-diff.schema.json describes it: "differences", each with
 * effect, code, token ("old" or "new"), path, line (null without) and text; "sums" with how many
 * have each effect; "same".
 */
#include <jansson.h>

#include "token/diff.h"

/* A fresh object; json_decref it. */
json_t *token_diff_json(const struct token_diff *diff) GK_MUST_USE;

#endif
