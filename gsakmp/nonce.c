/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/suite.h"

#include <stdlib.h>

#include <nettle/sha1.h>
#include <nettle/sha2.h>

static const struct gk_nonce_hash hashes[] = {
    {.type = 1, .name = "SHA-1", .size = SHA1_DIGEST_SIZE},
    {.type = 49153,
     .name = "SHA-256",
     .run = true,
     .private_use = true,
     .size = SHA256_DIGEST_SIZE},
};

const struct gk_nonce_hash *gk_nonce_hash_find(int64_t type)
{
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
        if (hashes[i].type == type)
            return &hashes[i];
    }
    return NULL;
}

static void sha1(struct gk_octets from, struct gk_writer *to)
{
    struct sha1_ctx context;
    uint8_t digest[SHA1_DIGEST_SIZE];

    sha1_init(&context);
    sha1_update(&context, from.size, from.data);
    sha1_digest(&context, sizeof digest, digest);
    gk_write(to, digest, sizeof digest);
}

static void sha256(struct gk_octets from, struct gk_writer *to)
{
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];

    sha256_init(&context);
    sha256_update(&context, from.size, from.data);
    sha256_digest(&context, sizeof digest, digest);
    gk_write(to, digest, sizeof digest);
}

void gk_nonce_combine(const struct gk_nonce_hash *hash, struct gk_octets nonce_i,
                      struct gk_octets nonce_r, struct gk_octets server, struct gk_writer *to)
{
    struct gk_writer input = {0};

    switch (hash->type) {
    case 1:
        gk_write_octets(&input, nonce_i);
        gk_write_octets(&input, nonce_r);
        sha1(gk_writer_octets(&input), to);
        break;
    case 49153:
        gk_write_octets(&input, gk_octets_of("GSAKMP Nonce_C"));
        gk_write_v(&input, nonce_i);
        gk_write_v(&input, nonce_r);
        gk_write_v(&input, server);
        sha256(gk_writer_octets(&input), to);
        break;
    default:
        abort();
    }
    gk_writer_free(&input);
}
