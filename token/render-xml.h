/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_RENDER_XML_H
#define TOKEN_RENDER_XML_H
/*
 * A token as a policy source (gsakmp-policy(5)): source_read of it gives a token of the same
 * canonical DER, whatever the token says. All is written out, nothing left to the defaults.
 * What the language has no words for (negative numbers, empty names, identifiers in odd places)
 * stands as octets: the protocolInfo of its protocol, or the TokenID.
 */
#include "token/token.h"

void token_show_xml(const struct token *token, struct gk_writer *to);

#endif
