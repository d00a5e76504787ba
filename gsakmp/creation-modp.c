/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diffie-Hellman modulo the primes of RFC 7296 B.2 (1024 bits) and RFC 3526 3 (2048 bits), with
 * the generator 2 (RFC 4535 table 26, types 2 and 14; profile 7.1). Public values and Z are
 * left-padded to the length of the prime. Both are safe primes: the only values of small order
 * are those outside 2..p-2.
 *
 * mpn_sec_powm takes the same time for all exponents of a length and works in limbs of ours,
 * which are wiped.
 */
#include "gsakmp/suite-rows.h"

#include <stdlib.h>

#include <gmp.h>

/* RFC 3526 8 asks for 220 to 320 bits with 2048, and fewer with 1024. */
#define EXPONENT_SIZE 32
#define LIMB          sizeof(mp_limb_t)

static const uint8_t modp_1024[] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc9, 0x0f, 0xda, 0xa2, 0x21, 0x68, 0xc2, 0x34,
    0xc4, 0xc6, 0x62, 0x8b, 0x80, 0xdc, 0x1c, 0xd1, 0x29, 0x02, 0x4e, 0x08, 0x8a, 0x67, 0xcc, 0x74,
    0x02, 0x0b, 0xbe, 0xa6, 0x3b, 0x13, 0x9b, 0x22, 0x51, 0x4a, 0x08, 0x79, 0x8e, 0x34, 0x04, 0xdd,
    0xef, 0x95, 0x19, 0xb3, 0xcd, 0x3a, 0x43, 0x1b, 0x30, 0x2b, 0x0a, 0x6d, 0xf2, 0x5f, 0x14, 0x37,
    0x4f, 0xe1, 0x35, 0x6d, 0x6d, 0x51, 0xc2, 0x45, 0xe4, 0x85, 0xb5, 0x76, 0x62, 0x5e, 0x7e, 0xc6,
    0xf4, 0x4c, 0x42, 0xe9, 0xa6, 0x37, 0xed, 0x6b, 0x0b, 0xff, 0x5c, 0xb6, 0xf4, 0x06, 0xb7, 0xed,
    0xee, 0x38, 0x6b, 0xfb, 0x5a, 0x89, 0x9f, 0xa5, 0xae, 0x9f, 0x24, 0x11, 0x7c, 0x4b, 0x1f, 0xe6,
    0x49, 0x28, 0x66, 0x51, 0xec, 0xe6, 0x53, 0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static const uint8_t modp_2048[] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc9, 0x0f, 0xda, 0xa2, 0x21, 0x68, 0xc2, 0x34,
    0xc4, 0xc6, 0x62, 0x8b, 0x80, 0xdc, 0x1c, 0xd1, 0x29, 0x02, 0x4e, 0x08, 0x8a, 0x67, 0xcc, 0x74,
    0x02, 0x0b, 0xbe, 0xa6, 0x3b, 0x13, 0x9b, 0x22, 0x51, 0x4a, 0x08, 0x79, 0x8e, 0x34, 0x04, 0xdd,
    0xef, 0x95, 0x19, 0xb3, 0xcd, 0x3a, 0x43, 0x1b, 0x30, 0x2b, 0x0a, 0x6d, 0xf2, 0x5f, 0x14, 0x37,
    0x4f, 0xe1, 0x35, 0x6d, 0x6d, 0x51, 0xc2, 0x45, 0xe4, 0x85, 0xb5, 0x76, 0x62, 0x5e, 0x7e, 0xc6,
    0xf4, 0x4c, 0x42, 0xe9, 0xa6, 0x37, 0xed, 0x6b, 0x0b, 0xff, 0x5c, 0xb6, 0xf4, 0x06, 0xb7, 0xed,
    0xee, 0x38, 0x6b, 0xfb, 0x5a, 0x89, 0x9f, 0xa5, 0xae, 0x9f, 0x24, 0x11, 0x7c, 0x4b, 0x1f, 0xe6,
    0x49, 0x28, 0x66, 0x51, 0xec, 0xe4, 0x5b, 0x3d, 0xc2, 0x00, 0x7c, 0xb8, 0xa1, 0x63, 0xbf, 0x05,
    0x98, 0xda, 0x48, 0x36, 0x1c, 0x55, 0xd3, 0x9a, 0x69, 0x16, 0x3f, 0xa8, 0xfd, 0x24, 0xcf, 0x5f,
    0x83, 0x65, 0x5d, 0x23, 0xdc, 0xa3, 0xad, 0x96, 0x1c, 0x62, 0xf3, 0x56, 0x20, 0x85, 0x52, 0xbb,
    0x9e, 0xd5, 0x29, 0x07, 0x70, 0x96, 0x96, 0x6d, 0x67, 0x0c, 0x35, 0x4e, 0x4a, 0xbc, 0x98, 0x04,
    0xf1, 0x74, 0x6c, 0x08, 0xca, 0x18, 0x21, 0x7c, 0x32, 0x90, 0x5e, 0x46, 0x2e, 0x36, 0xce, 0x3b,
    0xe3, 0x9e, 0x77, 0x2c, 0x18, 0x0e, 0x86, 0x03, 0x9b, 0x27, 0x83, 0xa2, 0xec, 0x07, 0xa2, 0x8f,
    0xb5, 0xc5, 0x5d, 0xf0, 0x6f, 0x4c, 0x52, 0xc9, 0xde, 0x2b, 0xcb, 0xf6, 0x95, 0x58, 0x17, 0x18,
    0x39, 0x95, 0x49, 0x7c, 0xea, 0x95, 0x6a, 0xe5, 0x15, 0xd2, 0x26, 0x18, 0x98, 0xfa, 0x05, 0x10,
    0x15, 0x72, 0x8e, 0x5a, 0x8a, 0xac, 0xaa, 0x68, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static struct gk_octets prime_of(const struct gk_creation *creation)
{
    switch (creation->type) {
    case 2:
        return gk_octets(modp_1024, sizeof modp_1024);
    case 14:
        return gk_octets(modp_2048, sizeof modp_2048);
    default:
        abort();
    }
}

/* Big-endian octets into zeroed limbs, the least significant first. */
static void to_limbs(mp_limb_t *limbs, struct gk_octets from)
{
    for (size_t i = 0; i < from.size; i++) {
        size_t place = from.size - 1 - i;

        limbs[place / LIMB] |= (mp_limb_t)from.data[i] << 8 * (place % LIMB);
    }
}

static void from_limbs(uint8_t *to, size_t size, const mp_limb_t *limbs)
{
    for (size_t i = 0; i < size; i++) {
        size_t place = size - 1 - i;

        to[i] = (uint8_t)(limbs[place / LIMB] >> 8 * (place % LIMB));
    }
}

/* `to` has the prime's size; the base is not longer. All limbs lie in one secret. */
static void power(struct gk_octets prime, struct gk_octets base, struct gk_octets exponent,
                  uint8_t *to)
{
    size_t n = prime.size / LIMB;
    size_t e = (exponent.size + LIMB - 1) / LIMB;
    mp_bitcnt_t bits = 8 * exponent.size;
    size_t itch = (size_t)mpn_sec_powm_itch((mp_size_t)n, bits, (mp_size_t)n);
    struct gk_secret room = gk_secret_new((3 * n + e + itch) * LIMB);
    mp_limb_t *modulus = (void *)room.data;
    mp_limb_t *value = modulus + n;
    mp_limb_t *result = value + n;
    mp_limb_t *index = result + n;

    to_limbs(modulus, prime);
    to_limbs(value, base);
    to_limbs(index, exponent);
    mpn_sec_powm(result, value, (mp_size_t)n, index, bits, modulus, (mp_size_t)n, index + e);
    from_limbs(to, prime.size, result);
    gk_secret_free(&room);
}

/* 2..p-2, for public values of the prime's size. p ends in ff, so p - 1 differs from it in the
 * last octet only. */
static bool in_range(struct gk_octets value, struct gk_octets prime)
{
    size_t last = prime.size - 1;
    size_t high = 0;
    int order;

    while (high < last && !value.data[high])
        high++;
    if (high == last)
        return value.data[last] >= 2;
    order = gk_octets_compare(gk_octets(value.data, last), gk_octets(prime.data, last));
    return order < 0 || (!order && value.data[last] + 1 < prime.data[last]);
}

static bool secret_size(const struct gk_creation *creation, struct gk_octets secret,
                        struct gk_reason *why)
{
    if (secret.size >= EXPONENT_SIZE && secret.size <= creation->public_size)
        return true;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "creation-secret",
                     "a secret of %s has %d to %zu octets, this one has %zu", creation->name,
                     EXPONENT_SIZE, creation->public_size, secret.size);
}

bool gk_modp_derive(const struct gk_creation *creation, struct gk_octets secret,
                    struct gk_writer *public_value, struct gk_reason *why)
{
    static const uint8_t two = 2;
    struct gk_octets prime = prime_of(creation);
    size_t at;

    if (!secret_size(creation, secret, why))
        return false;
    at = gk_write_reserve(public_value, prime.size);
    power(prime, gk_octets(&two, 1), secret, public_value->data + at);
    if (in_range(gk_octets(public_value->data + at, prime.size), prime))
        return true;
    gk_writer_cut(public_value, at);
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "creation-secret",
                     "the secret's public value of %s lies outside 2 to p - 2", creation->name);
}

void gk_modp_generate(const struct gk_creation *creation, const struct gk_random *random,
                      struct gk_secret *secret, struct gk_writer *public_value)
{
    *secret = gk_random_secret(random, EXPONENT_SIZE);
    while (!gk_modp_derive(creation, gk_secret_octets(secret), public_value, NULL))
        gk_random_fill(random, secret->data, EXPONENT_SIZE);
}

bool gk_modp_agree(const struct gk_creation *creation, struct gk_octets secret,
                   struct gk_octets peer_public, struct gk_secret *z, struct gk_reason *why)
{
    struct gk_octets prime = prime_of(creation);

    *z = (struct gk_secret){NULL, 0};
    if (!gk_creation_size(creation, peer_public, why) || !secret_size(creation, secret, why))
        return false;
    if (!in_range(peer_public, prime))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "creation-value",
                         "the public value of %s lies outside 2 to p - 2", creation->name);
    *z = gk_secret_new(prime.size);
    power(prime, peer_public, secret, z->data);
    return true;
}
