/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_PROGRAM_VERIFY_CHAIN_H
#define TOKEN_PROGRAM_VERIFY_CHAIN_H
/*
 * What `verify` prints: each step of load_token_chain (roles/load.h) in its order, as "good: what
 * was found", "bad: why" or "not judged: which step is bad". It tells; it judges nothing.
 */
#include "gsakmp/octets.h"
#include "roles/load.h"

struct chain_report {
    const char *file;
    bool good; /* load_token_chain gave a token */
    const struct load_chain *chain;
    const struct gk_reason *why;  /* of the bad step */
    const struct load_mark *last; /* NULL without */
};

/* A line a step. */
void chain_text(const struct chain_report *report, struct gk_writer *to);
/* As gsakmp-token-verify.schema.json describes it. */
void chain_json(const struct chain_report *report, struct gk_writer *to);

#endif
