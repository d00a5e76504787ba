/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_DIGEST_H
#define GSAKMP_DIGEST_H
/*
 * Digests of public octets in one call: fingerprints, key identifiers, the keys of caches and
 * records. Nothing is wiped; secrets are hashed where they live.
 */
#include "gsakmp/octets.h"

#define GK_SHA1_SIZE   20
#define GK_SHA256_SIZE 32

void gk_sha1(struct gk_octets octets, uint8_t digest[GK_SHA1_SIZE]);
void gk_sha256(struct gk_octets octets, uint8_t digest[GK_SHA256_SIZE]);

#endif
