/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_SIGNATURE_RS_H
#define GSAKMP_SIGNATURE_RS_H
/* The two integers of a DSA or ECDSA signature, in and out of DER. */
#include "gsakmp/octets.h"

/* Strict DER of SEQUENCE { r INTEGER, s INTEGER }, both positive; the slices are borrowed and
 * have no leading zeros. */
bool gk_rs_read(struct gk_octets der, struct gk_octets *r, struct gk_octets *s) GK_MUST_USE;
/* r and s may have leading zeros; false when one is zero or longer than 64 octets. */
bool gk_rs_write(struct gk_octets r, struct gk_octets s, struct gk_writer *to) GK_MUST_USE;

#endif
