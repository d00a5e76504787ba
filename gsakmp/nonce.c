/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/suite.h"

#include <stdlib.h>

#include "gsakmp/digest.h"

static const struct gk_nonce_hash hashes[] = {
    {.type = 1, .name = "SHA-1", .run = true, .size = GK_SHA1_SIZE},
    {.type = 49153, .name = "SHA-256", .run = true, .private_use = true, .size = GK_SHA256_SIZE},
};

const struct gk_nonce_hash *gk_nonce_hash_find(int64_t type)
{
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
        if (hashes[i].type == type)
            return &hashes[i];
    }
    return NULL;
}

void gk_nonce_combine(const struct gk_nonce_hash *hash, struct gk_octets nonce_i,
                      struct gk_octets nonce_r, struct gk_octets server, struct gk_writer *to)
{
    struct gk_writer input = {0};
    uint8_t digest[GK_SHA256_SIZE];

    switch (hash->type) {
    case 1:
        gk_write_octets(&input, nonce_i);
        gk_write_octets(&input, nonce_r);
        gk_sha1(gk_writer_octets(&input), digest);
        break;
    case 49153:
        gk_write_octets(&input, gk_octets_of("GSAKMP Nonce_C"));
        gk_write_v(&input, nonce_i);
        gk_write_v(&input, nonce_r);
        gk_write_v(&input, server);
        gk_sha256(gk_writer_octets(&input), digest);
        break;
    default:
        abort();
    }
    gk_write(to, digest, hash->size);
    gk_writer_free(&input);
}
