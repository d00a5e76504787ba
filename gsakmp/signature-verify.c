/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/suite-rows.h"

#include <stdlib.h>

#include "gsakmp/datum.h"
#include "gsakmp/signature-rs.h"

/* An RSA key of 8192 bits takes 1,060 octets, a DSA key of 3072 bits 1,218. */
#define SPKI_MOST 2048

static bool failed(const struct gk_signature_scheme *row, const char *code, const char *what,
                   struct gk_reason *why)
{
    return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, code, "the %s signature %s",
                     row->name, what);
}

/* The signature in the form that GnuTLS takes; refuses all others. */
static bool to_der(const struct gk_scheme *scheme, struct gk_octets signature, struct gk_writer *to,
                   struct gk_reason *why)
{
    const struct gk_signature_scheme *row = &scheme->row;
    struct gk_octets r, s;

    if (signature.size > row->size_most || !signature.size)
        return failed(row, "signature-size", "has an impossible length", why);
    if (row->der) {
        if (!gk_rs_read(signature, &r, &s))
            return failed(row, "signature-form", "is no strict DER of two positive integers", why);
        gk_write_octets(to, signature);
        return true;
    }
    if (!scheme->half) {
        gk_write_octets(to, signature);
        return scheme->key == GNUTLS_PK_RSA || signature.size == row->size_most ||
               failed(row, "signature-size", "has an impossible length", why);
    }
    if (signature.size != 2 * scheme->half)
        return failed(row, "signature-size", "has an impossible length", why);
    return gk_rs_write(gk_octets(signature.data, scheme->half),
                       gk_octets(signature.data + scheme->half, scheme->half), to) ||
           failed(row, "signature-form", "holds a zero", why);
}

static bool import(gnutls_pubkey_t *key, struct gk_octets spki, struct gk_reason *why)
{
    gnutls_datum_t datum = gk_datum(spki);
    int error;

    if (!spki.size || spki.size > SPKI_MOST)
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "key-size",
                         "the signer's public key takes %zu octets, 1 to %d are allowed", spki.size,
                         SPKI_MOST);
    if (gnutls_pubkey_init(key) < 0)
        abort();
    error = gnutls_pubkey_import(*key, &datum, GNUTLS_X509_FMT_DER);
    if (error >= 0)
        return true;
    gnutls_pubkey_deinit(*key);
    return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "key-read",
                     "the signer's public key cannot be read: %s", gnutls_strerror(error));
}

static bool verify_with(const struct gk_scheme *scheme, gnutls_pubkey_t key, struct gk_octets data,
                        struct gk_octets der, struct gk_reason *why)
{
    gnutls_datum_t text = gk_datum(data);
    gnutls_datum_t value = gk_datum(der);

    if (!gk_key_fits(scheme, key, GK_AUTHENTICATION_FAILED, why))
        return false;
    if (gnutls_pubkey_verify_data2(key, scheme->algorithm, scheme->flags, &text, &value) >= 0)
        return true;
    return failed(&scheme->row, "signature", "does not verify", why);
}

bool gk_scheme_verify(const struct gk_signature_scheme *row, struct gk_octets spki,
                      struct gk_octets data, struct gk_octets signature, struct gk_reason *why)
{
    const struct gk_scheme *scheme = gk_scheme_find(row->type);
    struct gk_writer der = {0};
    gnutls_pubkey_t key;
    bool good = false;

    if (to_der(scheme, signature, &der, why) && import(&key, spki, why)) {
        good = verify_with(scheme, key, data, gk_writer_octets(&der), why);
        gnutls_pubkey_deinit(key);
    }
    gk_writer_free(&der);
    return good;
}

bool gk_signature_takes(uint16_t type, struct gk_octets spki, struct gk_reason *why)
{
    const struct gk_scheme *scheme = gk_scheme_find(type);
    gnutls_pubkey_t key;
    bool good;

    if (!scheme || !scheme->algorithm)
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "not-run",
                         "signature %u is none that this version verifies", type);
    if (!import(&key, spki, why))
        return false;
    good = gk_key_fits(scheme, key, GK_AUTHENTICATION_FAILED, why);
    gnutls_pubkey_deinit(key);
    return good;
}
