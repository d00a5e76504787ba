/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_CMS_ALGORITHM_H
#define TOKEN_CMS_ALGORITHM_H
/*
 * The algorithms of signed tokens (wire profile 11.4) as a table.
 */
#include <gnutls/abstract.h>

#include "gsakmp/reason.h"
#include "gsakmp/signer.h"

#define CMS_DIGEST_MOST 64

/* What stands behind the signature algorithm's OID. */
enum cms_parameters {
    CMS_ABSENT, /* nothing (RFC 8419 3.1, RFC 5758 3.2, RFC 5754 3.1) */
    CMS_NULL,   /* NULL; absent is read (RFC 5754 3.2) */
    CMS_PSS,    /* RSASSA-PSS-params (RFC 4056), as wire profile 11.14 has them */
};

struct cms_algorithm {
    const char *name;      /* for sentences */
    const char *word;      /* for command lines; NULL when only read */
    uint16_t type;         /* of the gk_signer whose key signs so */
    const char *signature; /* OIDs */
    const char *digest;
    gnutls_digest_algorithm_t hash;
    size_t hash_size;
    gnutls_sign_algorithm_t sign;
    unsigned flags; /* for gnutls_pubkey_verify_data2 */
    enum cms_parameters parameters;
    bool as_message; /* what the signer's `sign` makes of a message too */
    size_t size;     /* octets of that, 0 when they vary */
    size_t half;     /* octets of r and of s in it, 0 when it is no r | s */
    bool integers;   /* the value is SEQUENCE { r, s } */
};

/* By the OIDs of a SignerInfo: the reason names what does not fit or is not known. */
const struct cms_algorithm *cms_algorithm(const char *signature, const char *digest,
                                          struct gk_reason *why) GK_MUST_USE;
/* The one that a signer's type takes where nobody chooses; NULL when no token is signed so. */
const struct cms_algorithm *cms_algorithm_of_type(uint16_t type);
/* By the word of a command line; NULL when there is none. */
const struct cms_algorithm *cms_algorithm_named(const char *word);

void cms_digest(const struct cms_algorithm *algorithm, struct gk_octets data,
                uint8_t to[CMS_DIGEST_MOST]);
/* Verifies with the key of a DER certificate, which must fit the algorithm. */
bool cms_signature_verify(const struct cms_algorithm *algorithm, struct gk_octets certificate,
                          struct gk_octets data, struct gk_octets signature,
                          struct gk_reason *why) GK_MUST_USE;
/* Turns a gk_signer's signature of a message into SignatureValue: r | s becomes DER. False
 * when it has another size, or a half is zero. */
bool cms_signature_wrap(const struct cms_algorithm *algorithm, struct gk_octets raw,
                        struct gk_writer *to) GK_MUST_USE;

#endif
