/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/floor.h"

#include <stdlib.h>

#include <nettle/curve25519.h>
#include <nettle/eddsa.h>
#include <nettle/gcm.h>
#include <nettle/memops.h>

#include "gsakmp/octets.h"
#include "gsakmp/random.h"
#include "tests/bench/bench.h"

#define KEY 32
#define AAD 23 /* a Group ID Value of 15 octets | wrapping KeyID | handle */

/* What is verified was signed before, once for each size; a run has few. */
#define SIGNED 64

struct floor {
    uint8_t seed[ED25519_KEY_SIZE];
    uint8_t public_key[ED25519_KEY_SIZE];
    uint8_t peer[CURVE25519_SIZE];
    uint8_t aad[AAD];
    uint8_t key[KEY];
    size_t next_signed;
    struct {
        size_t size;
        uint8_t signature[ED25519_SIGNATURE_SIZE];
    } is_signed[SIGNED];
    uint8_t *text; /* FLOOR_MOST octets, as the next two */
    uint8_t *sealed;
    uint8_t *opened;
};

struct floor *floor_new(void)
{
    struct floor *floor = gk_alloc(1, sizeof *floor);
    uint8_t secret[CURVE25519_SIZE];

    gk_random_fill(&gk_random_system, floor->seed, sizeof floor->seed);
    gk_random_fill(&gk_random_system, floor->aad, sizeof floor->aad);
    gk_random_fill(&gk_random_system, floor->key, sizeof floor->key);
    gk_random_fill(&gk_random_system, secret, sizeof secret);
    ed25519_sha512_public_key(floor->public_key, floor->seed);
    curve25519_mul_g(floor->peer, secret);
    floor->text = gk_alloc(FLOOR_MOST, 1);
    floor->sealed = gk_alloc(FLOOR_MOST, 1);
    floor->opened = gk_alloc(FLOOR_MOST, 1);
    return floor;
}

void floor_free(struct floor *floor)
{
    free(floor->text);
    free(floor->sealed);
    free(floor->opened);
    free(floor);
}

void floor_sign(struct floor *floor, size_t size)
{
    uint8_t signature[ED25519_SIGNATURE_SIZE];

    bench_check(size <= FLOOR_MOST);
    ed25519_sha512_sign(floor->public_key, floor->seed, size, floor->text, signature);
}

static const uint8_t *signature_over(struct floor *floor, size_t size)
{
    size_t at = 0;

    while (at < SIGNED && floor->is_signed[at].size != size)
        at++;
    if (at == SIGNED) {
        bench_check(size && size <= FLOOR_MOST);
        at = floor->next_signed++ % SIGNED;
        floor->is_signed[at].size = size;
        ed25519_sha512_sign(floor->public_key, floor->seed, size, floor->text,
                            floor->is_signed[at].signature);
    }
    return floor->is_signed[at].signature;
}

void floor_verify(struct floor *floor, size_t size)
{
    bench_check(
        ed25519_sha512_verify(floor->public_key, size, floor->text, signature_over(floor, size)));
}

void floor_agree(struct floor *floor)
{
    uint8_t secret[CURVE25519_SIZE];
    uint8_t value[CURVE25519_SIZE];

    gk_random_fill(&gk_random_system, secret, sizeof secret);
    curve25519_mul_g(value, secret);
    curve25519_mul(value, secret, floor->peer);
}

void floor_draw(struct floor *floor, size_t keys)
{
    while (keys--)
        gk_random_fill(&gk_random_system, floor->key, sizeof floor->key);
}

static void begin(const struct floor *floor, struct gcm_aes256_ctx *context, const uint8_t *iv)
{
    gcm_aes256_set_key(context, floor->key);
    gcm_aes256_set_iv(context, GCM_IV_SIZE, iv);
    gcm_aes256_update(context, sizeof floor->aad, floor->aad);
}

void floor_seal(struct floor *floor, size_t plain)
{
    struct gcm_aes256_ctx context;
    uint8_t *at = floor->sealed + GCM_IV_SIZE;

    bench_check(plain <= FLOOR_MOST - GCM_IV_SIZE - GCM_DIGEST_SIZE);
    gk_random_fill(&gk_random_system, floor->sealed, GCM_IV_SIZE);
    begin(floor, &context, floor->sealed);
    gcm_aes256_encrypt(&context, plain, at, floor->text);
    gcm_aes256_digest(&context, GCM_DIGEST_SIZE, at + plain);
}

/* The octets are not a ciphertext of that length, so the tag differs; the work is the same. */
void floor_open(struct floor *floor, size_t plain)
{
    struct gcm_aes256_ctx context;
    const uint8_t *at = floor->sealed + GCM_IV_SIZE;
    uint8_t tag[GCM_DIGEST_SIZE];

    bench_check(plain <= FLOOR_MOST - GCM_IV_SIZE - GCM_DIGEST_SIZE);
    begin(floor, &context, floor->sealed);
    gcm_aes256_decrypt(&context, plain, floor->opened, at);
    gcm_aes256_digest(&context, sizeof tag, tag);
    (void)memeql_sec(tag, at + plain, sizeof tag);
}
