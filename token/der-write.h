/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_DER_WRITE_H
#define TOKEN_DER_WRITE_H
/*
 * Writing DER. libtasn1 would take O(n²) for a list of n and writes no NULL alternatives, so
 * values are put down one behind the other and framed when their length is known:
 *
 *     size_t list = der_open(to);
 *     ...
 *     der_close(to, list, DER_SEQUENCE);
 *
 * What is written is held against the modules (token/asn1.h) before it leaves.
 */
#include "gsakmp/octets.h"
#include "token/der-check.h"

/* Marks where a value begins; der_close puts identifier and length before it. */
size_t der_open(const struct gk_writer *to);
void der_close(struct gk_writer *to, size_t start, uint8_t tag);
void der_write(struct gk_writer *to, uint8_t tag, struct gk_octets value);
void der_write_integer(struct gk_writer *to, uint8_t tag, int64_t value);
void der_write_boolean(struct gk_writer *to, bool value);
void der_write_null(struct gk_writer *to, uint8_t tag);
/* A SET OF under that tag, of whole encodings in any order: sorts them (X.690 11.6). */
void der_write_set(struct gk_writer *to, uint8_t tag, struct gk_octets *elements, size_t count);
/* False, with nothing written, when the text is no OID. */
bool der_write_oid(struct gk_writer *to, uint8_t tag, const char *oid) GK_MUST_USE;
/* UTCTime or GeneralizedTime; false, with nothing written, when it cannot hold the time. */
bool der_write_time(struct gk_writer *to, uint8_t tag, int64_t time) GK_MUST_USE;

#endif
