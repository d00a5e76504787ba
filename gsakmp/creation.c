/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/suite-rows.h"

static const struct gk_creation creations[] = {
    {.type = 2,
     .name = "MODP-1024",
     .run = true,
     .public_size = 128,
     .shared_size = 128,
     .generate = gk_modp_generate,
     .agree = gk_modp_agree,
     .derive = gk_modp_derive},
    {.type = 14,
     .name = "MODP-2048",
     .run = true,
     .public_size = 256,
     .shared_size = 256,
     .generate = gk_modp_generate,
     .agree = gk_modp_agree,
     .derive = gk_modp_derive},
    {.type = 49153,
     .name = "X25519",
     .run = true,
     .private_use = true,
     .public_size = 32,
     .shared_size = 32,
     .generate = gk_x25519_generate,
     .agree = gk_x25519_agree,
     .derive = gk_x25519_derive},
    {.type = 49154,
     .name = "ECDH P-256",
     .run = true,
     .private_use = true,
     .public_size = 65,
     .shared_size = 32,
     .generate = gk_p256_generate,
     .agree = gk_p256_agree,
     .derive = gk_p256_derive},
    {.name = NULL},
};

static const struct gk_creation *find(const struct gk_creation *rows, int64_t type)
{
    for (; rows && rows->name; rows++) {
        if (rows->type == type)
            return rows;
    }
    return NULL;
}

const struct gk_creation *gk_creation_find(int64_t type)
{
    const struct gk_creation *extra = gk_suite_extra ? find(gk_suite_extra->creations, type) : NULL;

    return extra ? extra : find(creations, type);
}

bool gk_creation_public(const struct gk_creation *creation, struct gk_octets secret,
                        struct gk_writer *public_value, struct gk_reason *why)
{
    if (creation->derive)
        return creation->derive(creation, secret, public_value, why);
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "creation-secret",
                     "%s computes no public value from a given secret", creation->name);
}

bool gk_creation_size(const struct gk_creation *creation, struct gk_octets peer_public,
                      struct gk_reason *why)
{
    if (peer_public.size == creation->public_size)
        return true;
    return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "creation-size",
                     "a public value of %s has %zu octets, this one has %zu", creation->name,
                     creation->public_size, peer_public.size);
}
