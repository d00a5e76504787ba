/* SPDX-License-Identifier: Apache-2.0 */
/* A signer over a private key in memory. GnuTLS keys are not changed by signing, so several
 * threads may use one. */
#include "gsakmp/suite-rows.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/datum.h"
#include "gsakmp/signature-rs.h"

struct held {
    const struct gk_scheme *scheme;
    gnutls_privkey_t key;
    size_t der_size; /* that a DER signature is likely to have */
    struct gk_writer spki;
};

/* r | s, each left-padded. */
static bool write_halves(const struct gk_scheme *scheme, struct gk_octets der, struct gk_writer *to)
{
    struct gk_octets r, s;
    size_t at;

    if (!gk_rs_read(der, &r, &s) || r.size > scheme->half || s.size > scheme->half)
        return false;
    at = gk_write_reserve(to, 2 * scheme->half);
    memcpy(to->data + at + scheme->half - r.size, r.data, r.size);
    memcpy(to->data + at + 2 * scheme->half - s.size, s.data, s.size);
    return true;
}

static bool write_form(const struct gk_scheme *scheme, struct gk_octets value, struct gk_writer *to)
{
    if (scheme->half)
        return write_halves(scheme, value, to);
    gk_write_octets(to, value);
    return true;
}

/* GnuTLS draws the nonces of DSA and ECDSA and the salt of PSS itself; its deterministic mode is
 * not used, since it has leaked keys (CVE-2024-28834). Ed25519 needs none. */
static bool sign(const struct gk_signer *signer, struct gk_octets data, struct gk_writer *to,
                 struct gk_reason *why)
{
    const struct held *held = signer->context;
    gnutls_datum_t text = gk_datum(data);
    gnutls_datum_t value = {NULL, 0};
    int error = gnutls_privkey_sign_data2(held->key, held->scheme->algorithm, 0, &text, &value);
    bool good;

    if (error < 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "sign", "signing with the %s key failed: %s",
                         held->scheme->row.name, gnutls_strerror(error));
    good = write_form(held->scheme, gk_octets(value.data, value.size), to);
    gnutls_free(value.data);
    return good || gk_refuse(why, GK_NONE, GK_NO_OFFSET, "sign",
                             "signing with the %s key gave a signature of another form",
                             held->scheme->row.name);
}

bool gk_signer_sign_as(const struct gk_signer *signer, int algorithm, struct gk_octets data,
                       struct gk_writer *to, struct gk_reason *why)
{
    const struct held *held = signer->context;
    gnutls_datum_t text = gk_datum(data);
    gnutls_datum_t value = {NULL, 0};
    int error;

    if (signer->sign != sign)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "sign",
                         "this signer signs messages only, and no documents");
    error =
        gnutls_privkey_sign_data2(held->key, (gnutls_sign_algorithm_t)algorithm, 0, &text, &value);
    if (error < 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "sign", "signing with %s failed: %s",
                         gnutls_sign_get_name((gnutls_sign_algorithm_t)algorithm),
                         gnutls_strerror(error));
    gk_write(to, value.data, value.size);
    gnutls_free(value.data);
    return true;
}

static bool is_pem(struct gk_octets key)
{
    return memmem(key.data, key.size, "-----BEGIN ", 11) != NULL;
}

static bool unreadable(int error, const char *password, struct gk_reason *why)
{
    if (error == GNUTLS_E_DECRYPTION_FAILED && !password)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "key-password",
                         "the private key is encrypted; give its password");
    if (error == GNUTLS_E_DECRYPTION_FAILED)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "key-password",
                         "the password does not open the private key");
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "key-read", "the private key cannot be read: %s",
                     gnutls_strerror(error));
}

static bool import(gnutls_privkey_t *key, struct gk_octets raw, const char *password,
                   struct gk_reason *why)
{
    gnutls_datum_t datum = gk_datum(raw);
    int error;

    if (!raw.size || raw.size > 65536)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "key-read",
                         "a private key of %zu octets cannot be read, 1 to 65536 are allowed",
                         raw.size);
    if (gnutls_privkey_init(key) < 0)
        abort();
    error = gnutls_privkey_import_x509_raw(
        *key, &datum, is_pem(raw) ? GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER, password, 0);
    if (error >= 0)
        return true;
    gnutls_privkey_deinit(*key);
    return unreadable(error, password, why);
}

static bool choose(struct held *held, gnutls_pubkey_t public_key, int32_t type,
                   struct gk_reason *why)
{
    const char *name;

    if (type < 0) {
        held->scheme = gk_scheme_for(public_key);
        name = gnutls_pk_get_name(
            (gnutls_pk_algorithm_t)gnutls_pubkey_get_pk_algorithm(public_key, NULL));
        return held->scheme ||
               gk_refuse(why, GK_NONE, GK_NO_OFFSET, "key-kind",
                         "no signature type takes this %s key: use Ed25519, ECDSA on P-256 or "
                         "P-384, RSA of 2048 to 8192 bits, or DSA of 1024 to 3072 bits",
                         name ? name : "unknown");
    }
    held->scheme = type <= UINT16_MAX ? gk_scheme_find((uint16_t)type) : NULL;
    if (!held->scheme || !held->scheme->algorithm)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "not-run",
                         "signature %d is none that this version signs with", (int)type);
    return gk_key_fits(held->scheme, public_key, GK_NONE, why);
}

/* Octets of the order of the group, 0 where that is not known. */
static size_t order_size(const struct gk_scheme *scheme, gnutls_pubkey_t public_key)
{
    gnutls_datum_t q;
    size_t size;

    if (scheme->key == GNUTLS_PK_ECDSA)
        return (size_t)gnutls_ecc_curve_get_size(scheme->curve);
    if (gnutls_pubkey_export_dsa_raw(public_key, NULL, &q, NULL, NULL) < 0)
        return 0;
    size = q.size - (q.size && !q.data[0]);
    gnutls_free(q.data);
    return size;
}

/* A DER signature's two integers have as many octets as that order, and one more where the first
 * bit is set: most often one of the two has it, and each second signature is of that length. */
static size_t likely_der_size(const struct gk_scheme *scheme, gnutls_pubkey_t public_key)
{
    size_t order = scheme->row.der ? order_size(scheme, public_key) : 0;

    return order ? 2 + 2 * (2 + order) + 1 : 0;
}

/* Chooses the scheme and keeps the public key. */
static bool describe(struct held *held, int32_t type, struct gk_reason *why)
{
    gnutls_datum_t spki = {NULL, 0};
    gnutls_pubkey_t public_key;
    int error;
    bool good;

    if (gnutls_pubkey_init(&public_key) < 0)
        abort();
    error = gnutls_pubkey_import_privkey(public_key, held->key, 0, 0);
    if (error >= 0)
        error = gnutls_pubkey_export2(public_key, GNUTLS_X509_FMT_DER, &spki);
    if (error < 0)
        good = gk_refuse(why, GK_NONE, GK_NO_OFFSET, "key-read",
                         "the private key gives no public key: %s", gnutls_strerror(error));
    else
        good = choose(held, public_key, type, why);
    if (good)
        held->der_size = likely_der_size(held->scheme, public_key);
    gk_write(&held->spki, spki.data, spki.size);
    gnutls_free(spki.data);
    gnutls_pubkey_deinit(public_key);
    return good;
}

static size_t likely_size(const struct held *held)
{
    unsigned int bits = 0;

    if (held->scheme->row.der)
        return held->der_size;
    if (gnutls_privkey_get_pk_algorithm(held->key, &bits) == GNUTLS_PK_RSA)
        return (bits + 7) / 8;
    return held->scheme->row.size_most;
}

bool gk_signer_adopt(struct gk_signer *signer, struct gnutls_privkey_st *key, int32_t type,
                     struct gk_reason *why)
{
    struct held *held = gk_alloc(1, sizeof *held);

    held->key = key;
    *signer = (struct gk_signer){.sign = sign, .context = held};
    if (!describe(held, type, why)) {
        gk_signer_free(signer);
        return false;
    }
    signer->type = held->scheme->row.type;
    signer->size = likely_size(held);
    return true;
}

bool gk_signer_open(struct gk_signer *signer, struct gk_octets key, int32_t type,
                    const char *password, struct gk_reason *why)
{
    gnutls_privkey_t imported;

    *signer = (struct gk_signer){.sign = NULL};
    return import(&imported, key, password, why) && gk_signer_adopt(signer, imported, type, why);
}

bool gk_signer_open_seed(struct gk_signer *signer, struct gk_octets seed, struct gk_reason *why)
{
    /* PKCS #8 of an Ed25519 key (RFC 8410 7) up to the seed. */
    static const uint8_t head[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                   0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
    struct gk_writer key = {0};
    bool good;

    *signer = (struct gk_signer){.sign = NULL};
    if (seed.size != 32)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "key-size",
                         "an Ed25519 seed has 32 octets, this one has %zu", seed.size);
    gk_write(&key, head, sizeof head);
    gk_write_octets(&key, seed);
    good = gk_signer_open(signer, gk_writer_octets(&key), 49153, NULL, why);
    gk_writer_free(&key);
    return good;
}

void gk_signer_free(struct gk_signer *signer)
{
    struct held *held = signer->sign == sign ? signer->context : NULL;

    if (held) {
        gnutls_privkey_deinit(held->key);
        gk_writer_free(&held->spki);
        free(held);
    }
    *signer = (struct gk_signer){.sign = NULL};
}

bool gk_signer_spki(const struct gk_signer *signer, struct gk_writer *to, struct gk_reason *why)
{
    const struct held *held = signer->context;

    if (signer->sign != sign)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "key-read",
                         "this signer does not tell its public key");
    gk_write_octets(to, gk_writer_octets(&held->spki));
    return true;
}
