/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_DER_CHECK_H
#define TOKEN_DER_CHECK_H
/*
 * What makes an encoding canonical (X.690 sections 8, 10, 11): one header at a time, one
 * primitive value at a time. The generic walk (der_check, token/der.h) and the reader that
 * knows what it expects (token/der-read.h) both stand on these two functions, so that
 * neither takes what the other refuses.
 */
#include "gsakmp/octets.h"

/* Identifier octets. */
enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_RELATIVE_OID = 0x0d,
    DER_IA5_STRING = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT = 0x80,             /* | number, primitive */
    DER_CONTEXT_CONSTRUCTED = 0xa0, /* | number */
};

#define DER_CONSTRUCTED 0x20

struct der_fault {
    const char *code; /* of the reason */
    const char *text; /* what is wrong, to be put behind a place and a colon */
};

struct der_tlv {
    uint8_t tag; /* the first identifier octet */
    size_t offset;
    struct gk_octets value;
    struct gk_octets whole;
};

/* Reads identifier and length and takes the value; NULL when good. */
const struct der_fault *der_header(struct gk_reader *reader, struct der_tlv *tlv) GK_MUST_USE;
/* Judges the contents of a primitive value of a universal type; NULL when good. Also for
 * implicitly tagged ones, whose type only the caller knows. */
const struct der_fault *der_value(uint8_t type, struct gk_octets value) GK_MUST_USE;

/* A time in the one form that DER gives it, without fraction (YYMMDDHHMMSSZ or
 * YYYYMMDDHHMMSSZ); UTCTime stands for 1950 to 2049 (RFC 5280 4.1.2.5.1). */
bool der_time(uint8_t type, struct gk_octets value, int64_t *time) GK_MUST_USE;
/* Is it a time of the years that UTCTime can say? */
bool der_utc_holds(int64_t time);

#endif
