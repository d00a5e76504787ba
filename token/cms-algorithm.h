/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_CMS_ALGORITHM_H
#define TOKEN_CMS_ALGORITHM_H
/*
 * The algorithms of signed tokens (wire profile 11.4) as a table; a row that is known and not
 * run says so.
 */
#include <gnutls/abstract.h>

#include "gsakmp/reason.h"

#define CMS_DIGEST_MOST 64

struct cms_algorithm {
    const char *name;
    uint16_t type;         /* of the gk_signer; 0 when not run */
    const char *signature; /* OIDs */
    const char *digest;
    gnutls_digest_algorithm_t hash;
    size_t hash_size;
    gnutls_pk_algorithm_t key;
    gnutls_ecc_curve_t curve;
    gnutls_sign_algorithm_t sign;
    size_t half; /* octets of r and of s, 0 when the value is no ECDSA-Sig-Value */
};

/* By the OIDs of a SignerInfo: the reason names what does not fit or is not run. */
const struct cms_algorithm *cms_algorithm(const char *signature, const char *digest,
                                          struct gk_reason *why) GK_MUST_USE;
/* By a signer's type; NULL when no token is signed so. */
const struct cms_algorithm *cms_algorithm_of_type(uint16_t type);

void cms_digest(const struct cms_algorithm *algorithm, struct gk_octets data,
                uint8_t to[CMS_DIGEST_MOST]);
/* Verifies with the key of a DER certificate, which must fit the algorithm. */
bool cms_signature_verify(const struct cms_algorithm *algorithm, struct gk_octets certificate,
                          struct gk_octets data, struct gk_octets signature,
                          struct gk_reason *why) GK_MUST_USE;
/* Turns a gk_signer's signature into SignatureValue: r | s becomes ECDSA-Sig-Value. False
 * when it has another size, or a half is zero. */
bool cms_signature_wrap(const struct cms_algorithm *algorithm, struct gk_octets raw,
                        struct gk_writer *to) GK_MUST_USE;

#endif
