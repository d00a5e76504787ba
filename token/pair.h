/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_PAIR_H
#define TOKEN_PAIR_H
/* A UserCAPair (RFC 4534 3.4) for a sentence. */
#include "token/token.h"

/* "CN=*,OU=video under CA 5f:01:...", escaped, cut to `room`; returns `to`. */
#define TOKEN_PAIR_ROOM 210
const char *token_pair_print(const struct token_pair *pair, char *to, size_t room);

#endif
