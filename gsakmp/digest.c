/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/digest.h"

#include <nettle/sha1.h>
#include <nettle/sha2.h>

void gk_sha1(struct gk_octets octets, uint8_t digest[GK_SHA1_SIZE])
{
    struct sha1_ctx context;

    sha1_init(&context);
    if (octets.size)
        sha1_update(&context, octets.size, octets.data);
    sha1_digest(&context, GK_SHA1_SIZE, digest);
}

void gk_sha256(struct gk_octets octets, uint8_t digest[GK_SHA256_SIZE])
{
    struct sha256_ctx context;

    sha256_init(&context);
    if (octets.size)
        sha256_update(&context, octets.size, octets.data);
    sha256_digest(&context, GK_SHA256_SIZE, digest);
}
