/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_SUITE_ROWS_H
#define GSAKMP_SUITE_ROWS_H
/*
 * What the files behind suite.h share: the functions that the rows of its tables point to,
 * and the keys of signatures. token/cms-algorithm.c asks it which key fits.
 */
#include <gnutls/abstract.h>

#include "gsakmp/suite.h"

/* --- wraps --------------------------------------------------------------- */

void gk_aead_seal(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets iv,
                  struct gk_octets aad, struct gk_octets plain, struct gk_writer *to);
bool gk_aead_open(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets aad,
                  struct gk_octets sealed, struct gk_secret *plain, struct gk_reason *why);
void gk_cbc_seal(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets iv,
                 struct gk_octets aad, struct gk_octets plain, struct gk_writer *to);
bool gk_cbc_open(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets aad,
                 struct gk_octets sealed, struct gk_secret *plain, struct gk_reason *why);
/* What both ask first: the key's size, and the least that a sealing has. */
bool gk_wrap_sizes(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets sealed,
                   size_t least, struct gk_reason *why);

/* --- key creations --------------------------------------------------------- */

void gk_x25519_generate(const struct gk_creation *creation, const struct gk_random *random,
                        struct gk_secret *secret, struct gk_writer *public_value);
bool gk_x25519_agree(const struct gk_creation *creation, struct gk_octets secret,
                     struct gk_octets peer_public, struct gk_secret *z, struct gk_reason *why);
bool gk_x25519_derive(const struct gk_creation *creation, struct gk_octets secret,
                      struct gk_writer *public_value, struct gk_reason *why);
void gk_p256_generate(const struct gk_creation *creation, const struct gk_random *random,
                      struct gk_secret *secret, struct gk_writer *public_value);
bool gk_p256_agree(const struct gk_creation *creation, struct gk_octets secret,
                   struct gk_octets peer_public, struct gk_secret *z, struct gk_reason *why);
bool gk_p256_derive(const struct gk_creation *creation, struct gk_octets secret,
                    struct gk_writer *public_value, struct gk_reason *why);
void gk_modp_generate(const struct gk_creation *creation, const struct gk_random *random,
                      struct gk_secret *secret, struct gk_writer *public_value);
bool gk_modp_agree(const struct gk_creation *creation, struct gk_octets secret,
                   struct gk_octets peer_public, struct gk_secret *z, struct gk_reason *why);
bool gk_modp_derive(const struct gk_creation *creation, struct gk_octets secret,
                    struct gk_writer *public_value, struct gk_reason *why);
/* Payload-Malformed unless the peer's value has the size of the row. */
bool gk_creation_size(const struct gk_creation *creation, struct gk_octets peer_public,
                      struct gk_reason *why);

/* --- signatures ------------------------------------------------------------ */

/* A scheme in GnuTLS's terms. */
struct gk_scheme {
    struct gk_signature_scheme row;
    gnutls_sign_algorithm_t algorithm;
    gnutls_pk_algorithm_t key;
    gnutls_ecc_curve_t curve; /* INVALID unless the key is on one of Weierstrass */
    unsigned int flags;       /* for gnutls_pubkey_verify_data2 */
    size_t half;              /* octets of r and of s where the form is r | s, else 0 */
};

/* NULL for types of no table. */
const struct gk_scheme *gk_scheme_find(uint16_t type);
/* The scheme that fits the key, NULL when none does. */
const struct gk_scheme *gk_scheme_for(gnutls_pubkey_t key);
bool gk_scheme_verify(const struct gk_signature_scheme *row, struct gk_octets spki,
                      struct gk_octets data, struct gk_octets signature, struct gk_reason *why);
/* Refuses with `notification` unless the key is of the scheme's kind and within the limits of
 * profile 4.10. */
bool gk_key_fits(const struct gk_scheme *scheme, gnutls_pubkey_t key, uint16_t notification,
                 struct gk_reason *why);

#endif
