/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_NAME_H
#define TOKEN_NAME_H
/*
 * Names: RFC 4514 strings, their comparison and their wildcards (wire profile 4.3, 11.7,
 * 11.8, 11.18).
 *
 * A distinguished name as text, last RDN first, no spaces. Two names are equal when their
 * RDNs are equal one by one as sets of (OID, text), case-sensitive. name_key gives octets
 * that are equal exactly when the names are: identities are stored and looked up by key.
 *
 * Public data; bounded at NAME_OCTETS_MAX octets and 64 attributes.
 */
#include "gsakmp/reason.h"

#define NAME_OCTETS_MAX 2048

/* The subject of a DER certificate as the string that profile 4.3 gives it (an empty subject
 * is refused). */
bool name_of_certificate(struct gk_octets certificate, struct gk_writer *to,
                         struct gk_reason *why) GK_MUST_USE;
/* Of a DER Name. */
bool name_of_der(struct gk_octets der, struct gk_writer *to, struct gk_reason *why) GK_MUST_USE;
/* The canonical key of a name; refuses text that is no name: Invalid-ID-Information. */
bool name_key(struct gk_octets name, struct gk_writer *key, struct gk_reason *why) GK_MUST_USE;
/* The same of the folded name: equal for names that exclusions hold for one (RFC 5280 7.1). */
bool name_key_folded(struct gk_octets name, struct gk_writer *key,
                     struct gk_reason *why) GK_MUST_USE;
bool name_equal(struct gk_octets a, struct gk_octets b);
/* Does the rule (with wildcards) match the name? `folded`: as exclusions compare (RFC 5280
 * 7.1), else exactly. A rule or a name that does not parse matches nothing. */
bool name_matches(struct gk_octets rule, struct gk_octets name, bool folded);
/* Rules of types 2 and 3 (profile 11.7). */
bool name_fqdn_matches(struct gk_octets rule, struct gk_octets fqdn);
bool name_mail_matches(struct gk_octets rule, struct gk_octets mailbox);

#endif
