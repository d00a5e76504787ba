/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TOKEN_RANDOM_TOKEN_H
#define TESTS_TOKEN_RANDOM_TOKEN_H
/*
 * Tokens drawn at random from all that RFC 4534 can say: unknown protocols, methods and
 * algorithms, negative numbers, empty lists and names, text of every kind. A few have no
 * encoding (token_to_der says so).
 */
#include "gsakmp/random.h"
#include "token/token.h"

struct token *random_token(const struct gk_random *random);

#endif
