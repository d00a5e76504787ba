/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TOKEN_BUILD_H
#define TESTS_TOKEN_BUILD_H
/* Tokens for tests. What is returned as octets stays for the rest of the program. */
#include "token/token.h"

/* A small model that has an encoding: one registration, one rekey, one data protocol. */
struct token *build_token(void);
struct token_pair *build_pair(struct token *token, struct token_pairs *pairs, const char *id);

/* DER from a notation: hexadecimal octets, 'text', and TAG{...}, which gets its length:
 * build_der("30{ 020101 04{'name'} }"). */
struct gk_octets build_der(const char *notation);
/* A token whose only content is one protocol, of that OID and with that protocolInfo. */
struct gk_octets build_with(enum token_protocol_kind place, const char *oid, struct gk_octets info);
/* The canonical protocolInfo of build_token's protocol in that place. */
struct gk_octets build_info(enum token_protocol_kind place);
/* A copy in which the only occurrence of one hexadecimal text became another. */
struct gk_octets build_changed(struct gk_octets from, const char *hex, const char *by);

#endif
