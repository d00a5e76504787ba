/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_TLV_H
#define TOKEN_TLV_H
/*
 * A cursor over DER, for the few structures that this room looks into itself: names,
 * certificates and CRLs. Headers are judged as everywhere (token/der-check.h), and tags have
 * one octet; anything else fails the reader, which is sticky (gsakmp/octets.h).
 */
#include "gsakmp/stamp.h"
#include "token/der-check.h"

/* The next value, whatever its tag. */
bool tlv_next(struct gk_reader *from, struct der_tlv *item);
/* The next value, which must have this tag. */
bool tlv_take(struct gk_reader *from, uint8_t tag, struct der_tlv *item);
/* The same, as a cursor over its content. */
struct gk_reader tlv_enter(struct gk_reader *from, uint8_t tag);
/* Is the next tag this one? */
bool tlv_at(const struct gk_reader *from, uint8_t tag);
/* True with the value taken when the next tag is this one; false with nothing taken. */
bool tlv_optional(struct gk_reader *from, uint8_t tag, struct der_tlv *item);
/* UTCTime or GeneralizedTime in RFC 5280's form: seconds, Z. */
bool tlv_time(struct gk_reader *from, gk_time *time);
/* Is the content of an OID this one, given in hexadecimal order as octets? */
bool tlv_oid_is(struct gk_octets oid, const char *octets, size_t size);
#define TLV_OID_IS(oid, literal) tlv_oid_is(oid, literal, sizeof(literal) - 1)
/* A non-negative INTEGER up to 2^31 - 1. */
bool tlv_small(struct gk_reader *from, uint8_t tag, int32_t *value);

#endif
