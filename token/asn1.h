/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_ASN1_H
#define TOKEN_ASN1_H
/*
 * The ASN.1 modules of RFC 4534, RFC 5652 and RFC 5083 (token/ *.asn), compiled by asn1Parser and
 * run by libtasn1. Our own readers and writers are held against them: whatever is read or written
 * must also be an encoding of the type that the module defines. libtasn1 alone would not do:
 * its strict mode takes non-minimal lengths and integers, BOOLEAN 01, undefined ENUMERATED
 * values and impossible times.
 */
#include "gsakmp/octets.h"

enum asn1_module {
    ASN1_CORE,
    ASN1_REGISTRATION,
    ASN1_DEREGISTRATION,
    ASN1_REKEY,
    ASN1_DATA,
    ASN1_CMS,
    ASN1_ENVELOPE,
};

/* NULL when the octets are one value of that type ("Token"), else what libtasn1 says. */
const char *asn1_misfit(enum asn1_module module, const char *type,
                        struct gk_octets der) GK_MUST_USE;

#endif
