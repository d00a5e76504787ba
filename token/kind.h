/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_KIND_H
#define TOKEN_KIND_H
/*
 * Which of our files is this? A file at the wrong place is a common mistake, and what a strict
 * parser says of it ("has identifier octet 7b") helps nobody: when one of them has refused, the
 * reason tells what the file is instead.
 */
#include "gsakmp/reason.h"

enum token_kind {
    TOKEN_KIND_OTHER, /* none that is known */
    TOKEN_KIND_EMPTY,
    TOKEN_KIND_SOURCE,       /* begins as XML */
    TOKEN_KIND_ANNOUNCEMENT, /* begins as JSON */
    TOKEN_KIND_PEM,          /* certificates, keys */
    TOKEN_KIND_SIGNED,       /* begins as SignedData */
    TOKEN_KIND_UNSIGNED,     /* parses as a token */
    TOKEN_KIND_DER,          /* any other SEQUENCE */
};

enum token_kind token_kind_of(struct gk_octets octets);
/* "an announcement (announce --show shows it)" */
const char *token_kind_name(enum token_kind kind);
/* `octets` were refused as `expected` ("a signed token"): where they are plainly something
 * else, the reason's sentence says so; its code and notification stay. Returns false. */
bool token_kind_explain(struct gk_octets octets, enum token_kind wanted, const char *expected,
                        struct gk_reason *why);

#endif
