/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/floor-suite.h"

#include <stdlib.h>
#include <string.h>

#include <gmp.h>
#include <gnutls/abstract.h>
#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/chacha-poly1305.h>
#include <nettle/curve25519.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecc.h>
#include <nettle/gcm.h>

#include "gsakmp/datum.h"
#include "gsakmp/suite-rows.h"
#include "tests/bench/bench.h"

#define TEXT     65536 /* octets in one call */
#define SLACK    64    /* IV, tag and padding */
#define EXPONENT 32    /* octets, as RFC 3526 8 allows and the product draws */
#define SCALAR   32
#define SLOTS    4

/* A key, parsed, and what it has signed for floor_suite_verify, once for each size. */
struct floor_key {
    const struct gk_scheme *scheme;
    gnutls_privkey_t key;
    gnutls_pubkey_t public_key;
    size_t next;
    struct {
        size_t size;
        gnutls_datum_t signature;
    } is_signed[SLOTS];
};

struct floor_suite {
    struct gk_mechanism mechanism;
    struct floor_key own, issuer;
    uint8_t *text, *sealed;
};

/* --- signatures --------------------------------------------------------------------------- */

static gnutls_datum_t sign(const struct floor_suite *floor, const struct floor_key *key,
                           size_t size)
{
    gnutls_datum_t text = {floor->text, (unsigned)size};
    gnutls_datum_t signature;

    bench_check(size <= TEXT);
    bench_check(gnutls_privkey_sign_data2(key->key, key->scheme->algorithm, 0, &text, &signature) >=
                0);
    return signature;
}

static const gnutls_datum_t *signature_over(const struct floor_suite *floor, struct floor_key *key,
                                            size_t size)
{
    size_t at = 0;

    while (at < SLOTS && key->is_signed[at].size != size)
        at++;
    if (at == SLOTS) {
        at = key->next++ % SLOTS;
        gnutls_free(key->is_signed[at].signature.data);
        key->is_signed[at].size = size;
        key->is_signed[at].signature = sign(floor, key, size);
    }
    return &key->is_signed[at].signature;
}

static void verify(const struct floor_suite *floor, struct floor_key *key, size_t size)
{
    gnutls_datum_t text = {floor->text, (unsigned)size};

    bench_check(gnutls_pubkey_verify_data2(key->public_key, key->scheme->algorithm,
                                           key->scheme->flags, &text,
                                           signature_over(floor, key, size)) >= 0);
}

static void open_key(struct floor_key *key, const struct test_party *party, int32_t type)
{
    gnutls_datum_t pem = gk_datum(party->key);

    bench_check(gnutls_privkey_init(&key->key) >= 0 && gnutls_pubkey_init(&key->public_key) >= 0);
    bench_check(gnutls_privkey_import_x509_raw(key->key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0) >= 0);
    bench_check(gnutls_pubkey_import_privkey(key->public_key, key->key, 0, 0) >= 0);
    key->scheme = type < 0 ? gk_scheme_for(key->public_key) : gk_scheme_find((uint16_t)type);
    bench_check(key->scheme);
}

static void close_key(struct floor_key *key)
{
    gnutls_privkey_deinit(key->key);
    gnutls_pubkey_deinit(key->public_key);
    for (size_t i = 0; i < SLOTS; i++)
        gnutls_free(key->is_signed[i].signature.data);
}

void floor_suite_sign(struct floor_suite *floor, size_t size)
{
    gnutls_datum_t signature = sign(floor, &floor->own, size);

    gnutls_free(signature.data);
}

void floor_suite_verify(struct floor_suite *floor, size_t size)
{
    verify(floor, &floor->own, size);
}

void floor_suite_certificate(struct floor_suite *floor, size_t size)
{
    verify(floor, &floor->issuer, size);
}

/* --- agreement ------------------------------------------------------------------------------ */

static void agree_x25519(void)
{
    static const uint8_t peer[CURVE25519_SIZE] = {9};
    uint8_t secret[CURVE25519_SIZE];
    uint8_t value[CURVE25519_SIZE];

    gk_random_fill(&gk_random_system, secret, sizeof secret);
    curve25519_mul_g(value, secret);
    curve25519_mul(value, secret, peer);
}

static void agree_p256(void)
{
    const struct ecc_curve *curve = nettle_get_secp_256r1();
    struct ecc_scalar scalar;
    struct ecc_point point;
    uint8_t secret[SCALAR];
    mpz_t number;

    /* Below n with a probability of 1 - 2^-32. */
    gk_random_fill(&gk_random_system, secret, sizeof secret);
    secret[0] |= 1;
    mpz_init(number);
    mpz_import(number, sizeof secret, 1, 1, 1, 0, secret);
    ecc_scalar_init(&scalar, curve);
    ecc_point_init(&point, curve);
    bench_check(ecc_scalar_set(&scalar, number));
    ecc_point_mul_g(&point, &scalar);
    ecc_point_mul(&point, &scalar, &point);
    ecc_point_clear(&point);
    ecc_scalar_clear(&scalar);
    mpz_clear(number);
}

/* The time of a power depends on the sizes alone: any odd number serves as p. */
static void agree_modp(unsigned bits)
{
    uint8_t secret[EXPONENT];
    mpz_t prime, value, exponent;

    gk_random_fill(&gk_random_system, secret, sizeof secret);
    mpz_inits(prime, value, exponent, NULL);
    mpz_setbit(prime, bits);
    mpz_sub_ui(prime, prime, 105);
    mpz_import(exponent, sizeof secret, 1, 1, 1, 0, secret);
    mpz_set_ui(value, 2);
    mpz_powm_sec(value, value, exponent, prime);
    mpz_powm_sec(value, value, exponent, prime);
    mpz_clears(prime, value, exponent, NULL);
}

void floor_suite_agree(struct floor_suite *floor)
{
    switch (floor->mechanism.key_creation) {
    case 2:
        agree_modp(1024);
        break;
    case 14:
        agree_modp(2048);
        break;
    case 49153:
        agree_x25519();
        break;
    default:
        agree_p256();
        break;
    }
}

/* --- wraps ---------------------------------------------------------------------------------- */

static const uint8_t aad[] = "a Group ID and payload";

static void seal_cbc(struct floor_suite *floor, const uint8_t *key, size_t size)
{
    struct CBC_CTX(struct aes128_ctx, AES_BLOCK_SIZE) context;

    aes128_set_encrypt_key(&context.ctx, key);
    CBC_SET_IV(&context, floor->sealed);
    size += AES_BLOCK_SIZE - size % AES_BLOCK_SIZE;
    CBC_ENCRYPT(&context, aes128_encrypt, size, floor->sealed + AES_BLOCK_SIZE, floor->text);
}

static void seal_gcm128(struct floor_suite *floor, const uint8_t *key, size_t size)
{
    struct gcm_aes128_ctx context;

    gcm_aes128_set_key(&context, key);
    gcm_aes128_set_iv(&context, GCM_IV_SIZE, floor->sealed);
    gcm_aes128_update(&context, sizeof aad, aad);
    gcm_aes128_encrypt(&context, size, floor->sealed + GCM_IV_SIZE, floor->text);
    gcm_aes128_digest(&context, GCM_DIGEST_SIZE, floor->sealed + GCM_IV_SIZE + size);
}

static void seal_gcm256(struct floor_suite *floor, const uint8_t *key, size_t size)
{
    struct gcm_aes256_ctx context;

    gcm_aes256_set_key(&context, key);
    gcm_aes256_set_iv(&context, GCM_IV_SIZE, floor->sealed);
    gcm_aes256_update(&context, sizeof aad, aad);
    gcm_aes256_encrypt(&context, size, floor->sealed + GCM_IV_SIZE, floor->text);
    gcm_aes256_digest(&context, GCM_DIGEST_SIZE, floor->sealed + GCM_IV_SIZE + size);
}

static void seal_chacha(struct floor_suite *floor, const uint8_t *key, size_t size)
{
    struct chacha_poly1305_ctx context;
    uint8_t *at = floor->sealed + CHACHA_POLY1305_NONCE_SIZE;

    chacha_poly1305_set_key(&context, key);
    chacha_poly1305_set_nonce(&context, floor->sealed);
    chacha_poly1305_update(&context, sizeof aad, aad);
    chacha_poly1305_encrypt(&context, size, at, floor->text);
    chacha_poly1305_digest(&context, CHACHA_POLY1305_DIGEST_SIZE, at + size);
}

void floor_suite_seal(struct floor_suite *floor, size_t plain)
{
    uint8_t key[32] = {1, 2, 3};

    bench_check(plain <= TEXT - SLACK);
    gk_random_fill(&gk_random_system, floor->sealed, 16);
    switch (floor->mechanism.key_wrap) {
    case 12:
        seal_cbc(floor, key, plain);
        break;
    case 49153:
        seal_gcm128(floor, key, plain);
        break;
    case 49154:
        seal_gcm256(floor, key, plain);
        break;
    default:
        seal_chacha(floor, key, plain);
        break;
    }
}

/* --- life ----------------------------------------------------------------------------------- */

struct floor_suite *floor_suite_new(const struct gk_mechanism *mechanism,
                                    const struct test_party *party, const struct test_party *issuer)
{
    struct floor_suite *floor = gk_alloc(1, sizeof *floor);

    floor->mechanism = *mechanism;
    open_key(&floor->own, party, mechanism->signature);
    open_key(&floor->issuer, issuer, -1);
    floor->text = gk_alloc(TEXT, 1);
    floor->sealed = gk_alloc(TEXT, 1);
    return floor;
}

void floor_suite_free(struct floor_suite *floor)
{
    close_key(&floor->own);
    close_key(&floor->issuer);
    free(floor->text);
    free(floor->sealed);
    free(floor);
}
