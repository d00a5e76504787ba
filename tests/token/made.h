/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TOKEN_MADE_H
#define TESTS_TOKEN_MADE_H
/* Owners for tests: a signer, and a certificate that its key signs for itself. The signer is the
 * caller's to free; the certificate stays for the rest of the program. */
#include <gnutls/x509.h>

#include "gsakmp/signer.h"

struct made {
    struct gk_signer signer;
    struct gk_octets certificate;
};

/* Ends the program when GnuTLS could not. */
void made_must(int result);
/* A copy that stays; frees the datum. */
struct gk_octets made_keep(gnutls_datum_t *datum);
struct gk_octets made_certificate(gnutls_x509_privkey_t key, gnutls_digest_algorithm_t hash);
/* Of a key in PEM. */
struct made made_of(struct gk_octets pem, gnutls_digest_algorithm_t hash);
/* Of a new ECDSA key. */
struct made made_curve(gnutls_ecc_curve_t curve, gnutls_digest_algorithm_t hash);

#endif
