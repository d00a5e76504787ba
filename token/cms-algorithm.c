/* SPDX-License-Identifier: Apache-2.0 */
#include "token/cms-algorithm.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include "gsakmp/datum.h"
#include "gsakmp/signature-rs.h"
#include "gsakmp/suite-rows.h"
#include "token/der-certificate.h"

#define SHA1   "1.3.14.3.2.26"
#define SHA256 "2.16.840.1.101.3.4.2.1"
#define SHA384 "2.16.840.1.101.3.4.2.2"
#define SHA512 "2.16.840.1.101.3.4.2.3"

/* Signer types (RFC 4535 table 21, wire profile section 10): they name the kind of key. */
#define DSA     0
#define ED25519 49153
#define P256    49154
#define P384    49155
#define RSA     49156

#define HASH_1   SHA1, GNUTLS_DIG_SHA1, 20
#define HASH_256 SHA256, GNUTLS_DIG_SHA256, 32
#define HASH_384 SHA384, GNUTLS_DIG_SHA384, 48
#define HASH_512 SHA512, GNUTLS_DIG_SHA512, 64

/* rsaEncryption stands for PKCS #1 v1.5 with the digest that is named beside it, which RFC 3370
 * 3.2 makes everybody know; the OIDs that name both are read. */
#define RSA_ANY    "1.2.840.113549.1.1.1"
#define RSA_PSS    "1.2.840.113549.1.1.10"
#define RSA_SHA256 "1.2.840.113549.1.1.11"
#define RSA_SHA384 "1.2.840.113549.1.1.12"
#define RSA_SHA512 "1.2.840.113549.1.1.13"
#define DSA_SHA1   "1.2.840.10040.4.3"
#define DSA_SHA256 "2.16.840.1.101.3.4.3.2"

/* Of a kind of key the first row is the one that is taken where nobody chooses. */
static const struct cms_algorithm algorithms[] = {
    {"Ed25519", "ed25519", ED25519, "1.3.101.112", HASH_512, GNUTLS_SIGN_EDDSA_ED25519,
     .as_message = true, .size = 64},
    {"ECDSA P-256 with SHA-256", "ecdsa-sha256", P256, "1.2.840.10045.4.3.2", HASH_256,
     GNUTLS_SIGN_ECDSA_SHA256, .as_message = true, .size = 64, .half = 32, .integers = true},
    {"ECDSA P-384 with SHA-384", "ecdsa-sha384", P384, "1.2.840.10045.4.3.3", HASH_384,
     GNUTLS_SIGN_ECDSA_SHA384, .as_message = true, .size = 96, .half = 48, .integers = true},
    {"RSA with SHA-256", "rsa-sha256", RSA, RSA_ANY, HASH_256, GNUTLS_SIGN_RSA_SHA256,
     .parameters = CMS_NULL},
    {"RSA with SHA-384", "rsa-sha384", RSA, RSA_ANY, HASH_384, GNUTLS_SIGN_RSA_SHA384,
     .parameters = CMS_NULL},
    {"RSA with SHA-512", "rsa-sha512", RSA, RSA_ANY, HASH_512, GNUTLS_SIGN_RSA_SHA512,
     .parameters = CMS_NULL},
    {"RSA with SHA-256", NULL, RSA, RSA_SHA256, HASH_256, GNUTLS_SIGN_RSA_SHA256,
     .parameters = CMS_NULL},
    {"RSA with SHA-384", NULL, RSA, RSA_SHA384, HASH_384, GNUTLS_SIGN_RSA_SHA384,
     .parameters = CMS_NULL},
    {"RSA with SHA-512", NULL, RSA, RSA_SHA512, HASH_512, GNUTLS_SIGN_RSA_SHA512,
     .parameters = CMS_NULL},
    {"RSA-PSS with SHA-256", "rsa-pss-sha256", RSA, RSA_PSS, HASH_256, GNUTLS_SIGN_RSA_PSS_SHA256,
     .as_message = true, .parameters = CMS_PSS},
    {"RSA-PSS with SHA-384", "rsa-pss-sha384", RSA, RSA_PSS, HASH_384, GNUTLS_SIGN_RSA_PSS_SHA384,
     .parameters = CMS_PSS},
    {"RSA-PSS with SHA-512", "rsa-pss-sha512", RSA, RSA_PSS, HASH_512, GNUTLS_SIGN_RSA_PSS_SHA512,
     .parameters = CMS_PSS},
    {"DSA with SHA-256", "dsa-sha256", DSA, DSA_SHA256, HASH_256, GNUTLS_SIGN_DSA_SHA256,
     .integers = true},
    {"DSA with SHA-1", "dsa-sha1", DSA, DSA_SHA1, HASH_1, GNUTLS_SIGN_DSA_SHA1, .as_message = true,
     .integers = true, .flags = GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1},
};

#define ALGORITHMS (sizeof algorithms / sizeof *algorithms)

const struct cms_algorithm *cms_algorithm(const char *signature, const char *digest,
                                          struct gk_reason *why)
{
    const struct cms_algorithm *known = NULL;

    for (size_t i = 0; i < ALGORITHMS; i++) {
        const struct cms_algorithm *row = &algorithms[i];

        if (strcmp(row->signature, signature) != 0)
            continue;
        known = row;
        if (strcmp(row->digest, digest) == 0)
            return row;
    }
    (void)gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "cms-algorithm",
                    known ? "the token is signed with algorithm %.64s (%.*s), to which the digest "
                            "%.64s does not belong"
                          : "the token is signed with algorithm %.64s%.*s, which no token may use",
                    signature, known ? (int)strcspn(known->name, " ") : 0, known ? known->name : "",
                    digest);
    return NULL;
}

const struct cms_algorithm *cms_algorithm_of_type(uint16_t type)
{
    for (size_t i = 0; i < ALGORITHMS; i++) {
        if (algorithms[i].type == type)
            return &algorithms[i];
    }
    return NULL;
}

const struct cms_algorithm *cms_algorithm_named(const char *word)
{
    for (size_t i = 0; i < ALGORITHMS; i++) {
        if (algorithms[i].word && strcmp(algorithms[i].word, word) == 0)
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

/* The key of a certificate, if it is one for the algorithm and within the limits of profile 4.10.
 */
static bool import_key(gnutls_pubkey_t key, const struct cms_algorithm *algorithm,
                       struct gk_octets certificate)
{
    gnutls_datum_t der = gk_datum(certificate);
    gnutls_x509_crt_t crt = NULL;
    bool fits = gnutls_x509_crt_init(&crt) == 0 &&
                gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) == 0 &&
                gnutls_pubkey_import_x509(key, crt, 0) == 0 &&
                gk_key_fits(gk_scheme_find(algorithm->type), key, GK_AUTHENTICATION_FAILED, NULL);

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

    if (algorithm->integers && !der_check_signature(signature, NULL, NULL, why))
        return false;
    if (gnutls_pubkey_init(&key) < 0)
        abort();
    fits = import_key(key, algorithm, certificate);
    good = fits && gnutls_pubkey_verify_data2(key, algorithm->sign, algorithm->flags, &signed_data,
                                              &value) >= 0;
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

    if (algorithm->size && raw.size != algorithm->size)
        return false;
    if (half)
        return gk_rs_write(gk_octets(raw.data, half), gk_octets(raw.data + half, half), to);
    gk_write_octets(to, raw);
    return true;
}
