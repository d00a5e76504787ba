/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_TLV_H
#define ROLES_TLV_H
/*
 * A cursor over DER, for the few structures that this room looks into itself: names,
 * certificates and CRLs. One-octet tags, definite minimal lengths; anything else fails the
 * reader, which is sticky (gsakmp/octets.h).
 */
#include "gsakmp/octets.h"
#include "gsakmp/stamp.h"

enum tlv_tag {
    TLV_BOOLEAN = 0x01,
    TLV_INTEGER = 0x02,
    TLV_BIT_STRING = 0x03,
    TLV_OCTET_STRING = 0x04,
    TLV_OID = 0x06,
    TLV_UTC_TIME = 0x17,
    TLV_GENERALIZED_TIME = 0x18,
    TLV_SEQUENCE = 0x30,
    TLV_SET = 0x31,
};
#define TLV_CONTEXT(number)     ((uint8_t)(0x80 | (number)))
#define TLV_CONSTRUCTED(number) ((uint8_t)(0xa0 | (number)))

struct tlv {
    uint8_t tag;
    struct gk_octets content;
    struct gk_octets whole; /* tag and length included */
};

/* The next value, whatever its tag. */
bool tlv_next(struct gk_reader *from, struct tlv *item);
/* The next value, which must have this tag. */
bool tlv_take(struct gk_reader *from, uint8_t tag, struct tlv *item);
/* The same, as a cursor over its content. */
struct gk_reader tlv_enter(struct gk_reader *from, uint8_t tag);
/* Is the next tag this one? */
bool tlv_at(const struct gk_reader *from, uint8_t tag);
/* True with the value taken when the next tag is this one; false with nothing taken. */
bool tlv_optional(struct gk_reader *from, uint8_t tag, struct tlv *item);
/* UTCTime or GeneralizedTime in RFC 5280's form: seconds, Z. */
bool tlv_time(struct gk_reader *from, gk_time *time);
/* Is the content of an OID this one, given in hexadecimal order as octets? */
bool tlv_oid_is(struct gk_octets oid, const char *octets, size_t size);
#define TLV_OID_IS(oid, literal) tlv_oid_is(oid, literal, sizeof(literal) - 1)
/* A non-negative INTEGER up to 2^31 - 1. */
bool tlv_small(struct gk_reader *from, uint8_t tag, int32_t *value);

#endif
