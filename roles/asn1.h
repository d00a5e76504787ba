/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_ASN1_H
#define ROLES_ASN1_H
/*
 * A cursor over DER, for the few structures that this room looks into itself: names,
 * certificates and CRLs. One-octet tags, definite minimal lengths; anything else fails the
 * reader, which is sticky (gsakmp/octets.h).
 */
#include "gsakmp/octets.h"
#include "gsakmp/stamp.h"

enum asn1_tag {
    ASN1_BOOLEAN = 0x01,
    ASN1_INTEGER = 0x02,
    ASN1_BIT_STRING = 0x03,
    ASN1_OCTET_STRING = 0x04,
    ASN1_OID = 0x06,
    ASN1_UTC_TIME = 0x17,
    ASN1_GENERALIZED_TIME = 0x18,
    ASN1_SEQUENCE = 0x30,
    ASN1_SET = 0x31,
};
#define ASN1_CONTEXT(number)     ((uint8_t)(0x80 | (number)))
#define ASN1_CONSTRUCTED(number) ((uint8_t)(0xa0 | (number)))

struct asn1 {
    uint8_t tag;
    struct gk_octets content;
    struct gk_octets whole; /* tag and length included */
};

/* The next value, whatever its tag. */
bool asn1_next(struct gk_reader *from, struct asn1 *item);
/* The next value, which must have this tag. */
bool asn1_take(struct gk_reader *from, uint8_t tag, struct asn1 *item);
/* The same, as a cursor over its content. */
struct gk_reader asn1_enter(struct gk_reader *from, uint8_t tag);
/* Is the next tag this one? */
bool asn1_at(const struct gk_reader *from, uint8_t tag);
/* True with the value taken when the next tag is this one; false with nothing taken. */
bool asn1_optional(struct gk_reader *from, uint8_t tag, struct asn1 *item);
/* UTCTime or GeneralizedTime in RFC 5280's form: seconds, Z. */
bool asn1_time(struct gk_reader *from, gk_time *time);
/* Is the content of an OID this one, given in hexadecimal order as octets? */
bool asn1_oid_is(struct gk_octets oid, const char *octets, size_t size);
#define ASN1_OID_IS(oid, literal) asn1_oid_is(oid, literal, sizeof(literal) - 1)
/* A non-negative INTEGER up to 2^31 - 1. */
bool asn1_small(struct gk_reader *from, uint8_t tag, int32_t *value);

#endif
