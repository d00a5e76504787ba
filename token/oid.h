/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_OID_H
#define TOKEN_OID_H
/*
 * Object identifiers between dotted text and the contents octets of DER (X.690 8.19). Arcs
 * go to 2^64 - 1, the text to OID_TEXT - 1 characters; what is beyond is refused (false).
 */
#include "gsakmp/octets.h"

#define OID_TEXT 128

/* Between slices, with text of any length; nothing is appended when false. */
bool oid_print(struct gk_octets der, struct gk_writer *to);
bool oid_parse(struct gk_octets text, struct gk_writer *to) GK_MUST_USE;

bool oid_to_text(struct gk_octets der, char to[OID_TEXT]) GK_MUST_USE;
/* Appends the contents octets, nothing when false. Also the test whether text is an OID:
 * decimal arcs without leading zeros, at least two, the first 0 to 2, the second below 40
 * where the first is 0 or 1. */
bool oid_from_text(const char *text, struct gk_writer *to) GK_MUST_USE;

#endif
