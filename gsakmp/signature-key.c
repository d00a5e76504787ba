/* SPDX-License-Identifier: Apache-2.0 */
/* Which key fits which signature scheme (profile 4.10, 10). Measured on the encoding, before any
 * arithmetic with the key. */
#include "gsakmp/suite-rows.h"

static unsigned bits_of(const gnutls_datum_t *integer)
{
    unsigned at = 0;
    unsigned top = 8;

    while (at < integer->size && !integer->data[at])
        at++;
    if (at == integer->size)
        return 0;
    while (!(integer->data[at] >> (top - 1)))
        top--;
    return (integer->size - at - 1) * 8 + top;
}

static bool rsa_fits(gnutls_pubkey_t key, uint16_t notification, struct gk_reason *why)
{
    gnutls_datum_t modulus, exponent;
    unsigned bits, exponent_bits;

    if (gnutls_pubkey_export_rsa_raw(key, &modulus, &exponent) < 0)
        return gk_refuse(why, notification, GK_NO_OFFSET, "key-read", "the RSA key has no numbers");
    bits = bits_of(&modulus);
    exponent_bits = bits_of(&exponent);
    gnutls_free(modulus.data);
    gnutls_free(exponent.data);
    if (bits < 2048 || bits > 8192)
        return gk_refuse(why, notification, GK_NO_OFFSET, "key-size",
                         "the RSA key has %u bits, 2048 to 8192 are allowed", bits);
    if (exponent_bits > 64)
        return gk_refuse(why, notification, GK_NO_OFFSET, "key-size",
                         "the RSA key's public exponent has %u bits, at most 64 are allowed",
                         exponent_bits);
    return true;
}

static bool dsa_fits(gnutls_pubkey_t key, uint16_t notification, struct gk_reason *why)
{
    gnutls_datum_t p, q;
    unsigned p_bits, q_bits;

    if (gnutls_pubkey_export_dsa_raw(key, &p, &q, NULL, NULL) < 0)
        return gk_refuse(why, notification, GK_NO_OFFSET, "key-read", "the DSA key has no numbers");
    p_bits = bits_of(&p);
    q_bits = bits_of(&q);
    gnutls_free(p.data);
    gnutls_free(q.data);
    if (p_bits < 1024 || p_bits > 3072 || q_bits < 160 || q_bits > 256)
        return gk_refuse(why, notification, GK_NO_OFFSET, "key-size",
                         "the DSA key has p of %u and q of %u bits, 1024 to 3072 and 160 to 256 "
                         "are allowed",
                         p_bits, q_bits);
    return true;
}

static bool curve_fits(const struct gk_scheme *scheme, gnutls_pubkey_t key, uint16_t notification,
                       struct gk_reason *why)
{
    gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;

    if (gnutls_pubkey_export_ecc_raw(key, &curve, NULL, NULL) >= 0 && curve == scheme->curve)
        return true;
    return gk_refuse(why, notification, GK_NO_OFFSET, "key-kind",
                     "the key lies on another curve than signature %u (%s) takes", scheme->row.type,
                     scheme->row.name);
}

bool gk_key_fits(const struct gk_scheme *scheme, gnutls_pubkey_t key, uint16_t notification,
                 struct gk_reason *why)
{
    int kind = gnutls_pubkey_get_pk_algorithm(key, NULL);
    const char *name = kind < 0 ? NULL : gnutls_pk_get_name((gnutls_pk_algorithm_t)kind);

    if (kind != (int)scheme->key)
        return gk_refuse(why, notification, GK_NO_OFFSET, "key-kind",
                         "a key of kind %s does not fit signature %u (%s)", name ? name : "unknown",
                         scheme->row.type, scheme->row.name);
    switch (scheme->key) {
    case GNUTLS_PK_RSA:
        return rsa_fits(key, notification, why);
    case GNUTLS_PK_DSA:
        return dsa_fits(key, notification, why);
    case GNUTLS_PK_ECDSA:
        return curve_fits(scheme, key, notification, why);
    default:
        return true;
    }
}
