/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_DER_H
#define TOKEN_DER_H
/*
 * The token as DER (RFC 4534 appendices A to C, wire profile 11.1 to 11.3, 11.11).
 *
 * Reading is strict: only the one canonical encoding is taken (non-minimal lengths and
 * integers, BOOLEANs other than 00 and FF, ENUMERATED values out of range, wrong versions,
 * impossible times, trailing octets, unknown elements are refused), checked by our own walk
 * and by encoding again. Reasons carry the octet offset and, in the text, the ASN.1 path
 * ("registration[0].register.joinAccessControl[1].accessRule[0].cA").
 * Writing gives the canonical DER: the same token gives the same octets everywhere.
 */
#include "gsakmp/reason.h"
#include "token/token.h"

/* NULL when refused; free with token_free. */
struct token *token_from_der(struct gk_octets der, struct gk_reason *why) GK_MUST_USE;
bool token_to_der(const struct token *token, struct gk_writer *to,
                  struct gk_reason *why) GK_MUST_USE;
/* The TokenID alone, into a token and out of it. */
bool token_id_from_der(struct token *token, struct gk_octets der,
                       struct gk_reason *why) GK_MUST_USE;
void token_id_to_der(const struct token *token, struct gk_writer *to);
/* Walks any DER value and refuses what is not canonical (profile 11.4, 11.16): shared with
 * the CMS envelope and embedded certificates. */
bool der_check(struct gk_octets der, struct gk_reason *why) GK_MUST_USE;

#endif
