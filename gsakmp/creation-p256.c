/* SPDX-License-Identifier: Apache-2.0 */
/* ECDH on P-256 (profile 7.2): secrets are 32 octets, 1 to n - 1; public values uncompressed
 * points, 65 octets; Z is the x of the shared point. Integers of ours are wiped here; nettle's
 * scratch is wiped by GMP's free, which GnuTLS replaces when it is loaded (a test looks). */
#include "gsakmp/suite-rows.h"

#include <gmp.h>
#include <nettle/bignum.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecc.h>

#define SIZE  32
#define LIMBS ((SIZE + sizeof(mp_limb_t) - 1) / sizeof(mp_limb_t))

/* Room for a coordinate from the start, so that GMP never leaves a copy behind. */
static void open_integer(mpz_t integer)
{
    mpz_init2(integer, 8 * SIZE + 8 * sizeof(mp_limb_t));
}

static void close_integer(mpz_t integer)
{
    gk_wipe(mpz_limbs_write(integer, LIMBS), LIMBS * sizeof(mp_limb_t));
    mpz_limbs_finish(integer, 0);
    mpz_clear(integer);
}

static void close_scalar(struct ecc_scalar *scalar)
{
    gk_wipe(scalar->p, (size_t)ecc_size(scalar->ecc) * sizeof(mp_limb_t));
    ecc_scalar_clear(scalar);
}

static void close_point(struct ecc_point *point)
{
    gk_wipe(point->p, (size_t)ecc_size_a(point->ecc) * sizeof(mp_limb_t));
    ecc_point_clear(point);
}

/* The scalar is to be closed only when this returns true. */
static bool open_scalar(struct ecc_scalar *scalar, struct gk_octets secret)
{
    mpz_t integer;
    bool good;

    if (secret.size != SIZE)
        return false;
    open_integer(integer);
    mpz_import(integer, SIZE, 1, 1, 1, 0, secret.data);
    ecc_scalar_init(scalar, nettle_get_secp_256r1());
    good = ecc_scalar_set(scalar, integer);
    close_integer(integer);
    if (!good)
        close_scalar(scalar);
    return good;
}

static bool set_point(struct ecc_point *point, const uint8_t *coordinates)
{
    mpz_t x, y;
    bool good;

    open_integer(x);
    open_integer(y);
    mpz_import(x, SIZE, 1, 1, 1, 0, coordinates);
    mpz_import(y, SIZE, 1, 1, 1, 0, coordinates + SIZE);
    good = ecc_point_set(point, x, y);
    close_integer(x);
    close_integer(y);
    return good;
}

/* Either place may be NULL. */
static void get_point(const struct ecc_point *point, uint8_t *to_x, uint8_t *to_y)
{
    mpz_t x, y;

    open_integer(x);
    open_integer(y);
    ecc_point_get(point, x, y);
    if (to_x)
        nettle_mpz_get_str_256(SIZE, to_x, x);
    if (to_y)
        nettle_mpz_get_str_256(SIZE, to_y, y);
    close_integer(x);
    close_integer(y);
}

bool gk_p256_derive(const struct gk_creation *creation, struct gk_octets secret,
                    struct gk_writer *public_value, struct gk_reason *why)
{
    struct ecc_scalar scalar;
    struct ecc_point point;
    size_t start;
    uint8_t *at;

    if (!open_scalar(&scalar, secret))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "creation-secret",
                         "a secret of %s has 32 octets, between 1 and the group's order less 1",
                         creation->name);
    ecc_point_init(&point, nettle_get_secp_256r1());
    ecc_point_mul_g(&point, &scalar);
    gk_write_u8(public_value, 4);
    start = gk_write_reserve(public_value, 2 * SIZE); /* may move the data */
    at = public_value->data + start;
    get_point(&point, at, at + SIZE);
    close_point(&point);
    close_scalar(&scalar);
    return true;
}

/* Draws until the octets are a scalar: 1 to n - 1, evenly. */
void gk_p256_generate(const struct gk_creation *creation, const struct gk_random *random,
                      struct gk_secret *secret, struct gk_writer *public_value)
{
    *secret = gk_random_secret(random, SIZE);
    while (!gk_p256_derive(creation, gk_secret_octets(secret), public_value, NULL))
        gk_random_fill(random, secret->data, SIZE);
}

bool gk_p256_agree(const struct gk_creation *creation, struct gk_octets secret,
                   struct gk_octets peer_public, struct gk_secret *z, struct gk_reason *why)
{
    struct ecc_scalar scalar;
    struct ecc_point point;

    *z = (struct gk_secret){NULL, 0};
    if (!gk_creation_size(creation, peer_public, why))
        return false;
    ecc_point_init(&point, nettle_get_secp_256r1());
    if (peer_public.data[0] != 4 || !set_point(&point, peer_public.data + 1)) {
        ecc_point_clear(&point);
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "creation-value",
                         "the public value is no uncompressed point of P-256");
    }
    if (!open_scalar(&scalar, secret)) {
        ecc_point_clear(&point);
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "creation-secret",
                         "the secret is no scalar of P-256");
    }
    ecc_point_mul(&point, &scalar, &point);
    *z = gk_secret_new(SIZE);
    get_point(&point, z->data, NULL);
    close_point(&point);
    close_scalar(&scalar);
    return true;
}
