/* SPDX-License-Identifier: Apache-2.0 */
/* X25519 (RFC 7748 6.1, profile 7.2). Every 32 octets are a public value; those of low order
 * give an all-zero Z, which is refused. */
#include "gsakmp/suite-rows.h"

#include <nettle/curve25519.h>

static bool secret_size(struct gk_octets secret, struct gk_reason *why)
{
    if (secret.size == CURVE25519_SIZE)
        return true;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "creation-secret",
                     "a secret of X25519 has 32 octets, this one has %zu", secret.size);
}

static void write_public(const uint8_t *secret, struct gk_writer *to)
{
    size_t at = gk_write_reserve(to, CURVE25519_SIZE);

    curve25519_mul_g(to->data + at, secret);
}

void gk_x25519_generate(const struct gk_creation *creation, const struct gk_random *random,
                        struct gk_secret *secret, struct gk_writer *public_value)
{
    (void)creation;
    *secret = gk_random_secret(random, CURVE25519_SIZE);
    write_public(secret->data, public_value);
}

bool gk_x25519_derive(const struct gk_creation *creation, struct gk_octets secret,
                      struct gk_writer *public_value, struct gk_reason *why)
{
    (void)creation;
    if (!secret_size(secret, why))
        return false;
    write_public(secret.data, public_value);
    return true;
}

bool gk_x25519_agree(const struct gk_creation *creation, struct gk_octets secret,
                     struct gk_octets peer_public, struct gk_secret *z, struct gk_reason *why)
{
    static const uint8_t zero[CURVE25519_SIZE];

    *z = (struct gk_secret){NULL, 0};
    if (!secret_size(secret, why) || !gk_creation_size(creation, peer_public, why))
        return false;
    *z = gk_secret_new(CURVE25519_SIZE);
    curve25519_mul(z->data, secret.data, peer_public.data);
    if (!gk_octets_equal(gk_secret_octets(z), gk_octets(zero, sizeof zero)))
        return true;
    gk_secret_free(z);
    return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "creation-value",
                     "the X25519 public value is a point of low order");
}
