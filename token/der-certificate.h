/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_DER_CERTIFICATE_H
#define TOKEN_DER_CERTIFICATE_H
/*
 * Strict DER inside certificates and CRLs (wire profile 11.16): where X.509 hides encodings
 * from the generic walk, in extension values and in ECDSA and DSA signature values. Nothing
 * here says that a certificate is good; GnuTLS and roles/ do.
 */
#include "gsakmp/reason.h"

/* What finds the signer's certificate; borrowed. */
struct der_certificate {
    struct gk_octets serial;         /* contents of the INTEGER */
    struct gk_octets issuer;         /* Name, whole */
    struct gk_octets subject_key_id; /* of the extension; empty without */
};

/* `parts` may be NULL. Offsets in the reason count from the certificate. */
bool der_check_certificate(struct gk_octets der, struct der_certificate *parts,
                           struct gk_reason *why) GK_MUST_USE;
bool der_check_crl(struct gk_octets der, struct gk_reason *why) GK_MUST_USE;
/* Dss-Sig-Value, ECDSA-Sig-Value: SEQUENCE of two positive INTEGERs, `r` and `s` without
 * leading zeros (either may be NULL). */
bool der_check_signature(struct gk_octets der, struct gk_octets *r, struct gk_octets *s,
                         struct gk_reason *why) GK_MUST_USE;

#endif
