/* SPDX-License-Identifier: Apache-2.0 */
#include "token/cms-algorithm.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include "gsakmp/datum.h"
#include "gsakmp/signature-rs.h"
#include "token/der-certificate.h"

#define SHA256 "2.16.840.1.101.3.4.2.1"
#define SHA384 "2.16.840.1.101.3.4.2.2"
#define SHA512 "2.16.840.1.101.3.4.2.3"

static const struct cms_algorithm algorithms[] = {
    {"Ed25519", 49153, "1.3.101.112", SHA512, GNUTLS_DIG_SHA512, 64, GNUTLS_PK_EDDSA_ED25519,
     GNUTLS_ECC_CURVE_ED25519, GNUTLS_SIGN_EDDSA_ED25519, 0},
    {"ECDSA P-256 with SHA-256", 49154, "1.2.840.10045.4.3.2", SHA256, GNUTLS_DIG_SHA256, 32,
     GNUTLS_PK_ECDSA, GNUTLS_ECC_CURVE_SECP256R1, GNUTLS_SIGN_ECDSA_SHA256, 32},
    {"ECDSA P-384 with SHA-384", 49155, "1.2.840.10045.4.3.3", SHA384, GNUTLS_DIG_SHA384, 48,
     GNUTLS_PK_ECDSA, GNUTLS_ECC_CURVE_SECP384R1, GNUTLS_SIGN_ECDSA_SHA384, 48},
    {.name = "RSA", .signature = "1.2.840.113549.1.1.1"},
    {.name = "RSA with SHA-256", .signature = "1.2.840.113549.1.1.11"},
    {.name = "RSA with SHA-384", .signature = "1.2.840.113549.1.1.12"},
    {.name = "RSA with SHA-512", .signature = "1.2.840.113549.1.1.13"},
    {.name = "RSA-PSS", .signature = "1.2.840.113549.1.1.10"},
    {.name = "DSA with SHA-1", .signature = "1.2.840.10040.4.3"},
    {.name = "DSA with SHA-256", .signature = "2.16.840.1.101.3.4.3.2"},
};

#define ALGORITHMS (sizeof algorithms / sizeof *algorithms)

const struct cms_algorithm *cms_algorithm(const char *signature, const char *digest,
                                          struct gk_reason *why)
{
    for (size_t i = 0; i < ALGORITHMS; i++) {
        const struct cms_algorithm *row = &algorithms[i];

        if (strcmp(row->signature, signature) != 0)
            continue;
        if (row->type && strcmp(row->digest, digest) == 0)
            return row;
        (void)gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "cms-algorithm",
                        row->type ? "the token is signed with %s, to which the digest %.64s does "
                                    "not belong"
                                  : "the token is signed with %s, not run by this version",
                        row->name, digest);
        return NULL;
    }
    (void)gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "cms-algorithm",
                    "the token is signed with algorithm %.64s, which no token may use", signature);
    return NULL;
}

const struct cms_algorithm *cms_algorithm_of_type(uint16_t type)
{
    for (size_t i = 0; type && i < ALGORITHMS; i++) {
        if (algorithms[i].type == type)
            return &algorithms[i];
    }
    return NULL;
}

void cms_digest(const struct cms_algorithm *algorithm, struct gk_octets data,
                uint8_t to[CMS_DIGEST_MOST])
{
    if (gnutls_hash_fast(algorithm->hash, data.data, data.size, to) < 0)
        abort(); /* the table names only what GnuTLS always has */
}

/* The key of a certificate, if it is one for the algorithm. */
static bool import_key(gnutls_pubkey_t key, const struct cms_algorithm *algorithm,
                       struct gk_octets certificate)
{
    gnutls_datum_t der = gk_datum(certificate);
    gnutls_x509_crt_t crt = NULL;
    gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
    bool fits = gnutls_x509_crt_init(&crt) == 0 &&
                gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) == 0 &&
                gnutls_pubkey_import_x509(key, crt, 0) == 0 &&
                gnutls_pubkey_get_pk_algorithm(key, NULL) == (int)algorithm->key &&
                gnutls_pubkey_export_ecc_raw2(key, &curve, NULL, NULL, 0) == 0 &&
                curve == algorithm->curve;

    gnutls_x509_crt_deinit(crt);
    return fits;
}

bool cms_signature_verify(const struct cms_algorithm *algorithm, struct gk_octets certificate,
                          struct gk_octets data, struct gk_octets signature, struct gk_reason *why)
{
    gnutls_datum_t signed_data = gk_datum(data);
    gnutls_datum_t value = gk_datum(signature);
    gnutls_pubkey_t key;
    bool fits;
    bool good;

    if (algorithm->half && !der_check_signature(signature, NULL, NULL, why))
        return false;
    if (gnutls_pubkey_init(&key) < 0)
        abort();
    fits = import_key(key, algorithm, certificate);
    good = fits && gnutls_pubkey_verify_data2(key, algorithm->sign, 0, &signed_data, &value) >= 0;
    gnutls_pubkey_deinit(key);
    if (!fits)
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "cms-key",
                         "the signer's certificate holds no key for %s", algorithm->name);
    return good || gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "cms-signature",
                             "the token's signature does not verify under its signer's key");
}

bool cms_signature_wrap(const struct cms_algorithm *algorithm, struct gk_octets raw,
                        struct gk_writer *to)
{
    size_t half = algorithm->half;

    if (raw.size != (half ? 2 * half : 64))
        return false;
    if (half)
        return gk_rs_write(gk_octets(raw.data, half), gk_octets(raw.data + half, half), to);
    gk_write_octets(to, raw);
    return true;
}
