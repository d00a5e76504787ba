/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/token/made.h"

#include <stdio.h>
#include <stdlib.h>

#include "gsakmp/suite.h"
#include "tests/harness.h"

void made_must(int result)
{
    if (result < 0) {
        fprintf(stderr, "GnuTLS: %s\n", gnutls_strerror(result));
        exit(2);
    }
}

struct gk_octets made_keep(gnutls_datum_t *datum)
{
    char *hex = gk_hex(gk_octets(datum->data, datum->size));
    struct gk_octets octets = test_unhex(hex);

    free(hex);
    gnutls_free(datum->data);
    return octets;
}

struct gk_octets made_certificate(gnutls_x509_privkey_t key, gnutls_digest_algorithm_t hash)
{
    gnutls_x509_crt_t crt;
    gnutls_datum_t der;

    made_must(gnutls_x509_crt_init(&crt));
    made_must(gnutls_x509_crt_set_version(crt, 3));
    made_must(gnutls_x509_crt_set_serial(crt, "\x05", 1));
    made_must(gnutls_x509_crt_set_dn(crt, "CN=Owner,O=Acme", NULL));
    made_must(gnutls_x509_crt_set_activation_time(crt, 1700000000));
    made_must(gnutls_x509_crt_set_expiration_time(crt, 2000000000));
    made_must(gnutls_x509_crt_set_key(crt, key));
    made_must(gnutls_x509_crt_sign2(crt, crt, key, hash, 0));
    made_must(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der));
    gnutls_x509_crt_deinit(crt);
    return made_keep(&der);
}

struct made made_of(struct gk_octets pem, gnutls_digest_algorithm_t hash)
{
    gnutls_datum_t text = {(unsigned char *)(uintptr_t)pem.data, (unsigned)pem.size};
    gnutls_x509_privkey_t key;
    struct gk_reason why;
    struct made made;

    made_must(gnutls_x509_privkey_init(&key));
    made_must(gnutls_x509_privkey_import(key, &text, GNUTLS_X509_FMT_PEM));
    made.certificate = made_certificate(key, hash);
    gnutls_x509_privkey_deinit(key);
    if (!gk_signer_open(&made.signer, pem, -1, NULL, &why)) {
        fprintf(stderr, "%s\n", why.text);
        exit(2);
    }
    return made;
}

struct made made_curve(gnutls_ecc_curve_t curve, gnutls_digest_algorithm_t hash)
{
    gnutls_x509_privkey_t key;
    gnutls_datum_t pem;

    made_must(gnutls_x509_privkey_init(&key));
    made_must(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(curve), 0));
    made_must(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem));
    gnutls_x509_privkey_deinit(key);
    return made_of(made_keep(&pem), hash);
}
