/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_MECHANISM_H
#define TOKEN_MECHANISM_H
/* What a JoinMechanism of a token means in the numbers of RFC 4535. */
#include "gsakmp/suite.h"
#include "token/token.h"

/* The algorithms of the suite that it names (profile 6.3), or its own four. False for a suite
 * that this version does not know, and for numbers that no table has (above 65535 or below 0). */
bool token_mechanism_algorithms(const struct token_mechanism *mechanism,
                                struct gk_mechanism *to) GK_MUST_USE;

/* Reads what gk_mechanism_format writes, the name of a suite, or four names or numbers of
 * algorithms with commas between them: signature, nonce hash, key creation, key wrap. Whether
 * this version runs them is not asked. */
bool token_mechanism_parse(const char *text, struct gk_mechanism *to,
                           struct gk_reason *why) GK_MUST_USE;

#endif
