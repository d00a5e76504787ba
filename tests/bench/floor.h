/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_FLOOR_H
#define TESTS_BENCH_FLOOR_H
/*
 * The cryptography of the recommended mechanism without a protocol around it: nettle's own
 * functions, which GnuTLS calls too, on buffers that are there already, with keys that need
 * no parsing. Only randomness comes as the product draws it (gk_random_system), since a
 * batched draw is cheaper than what the libraries offer.
 *
 * Each call does the work once for a size in octets and throws the result away, but looks at
 * it: a signature that does not verify ends the program.
 */
#include <stddef.h>

#define FLOOR_MOST ((size_t)1 << 20) /* octets in one call */

struct floor;

struct floor *floor_new(void);
void floor_free(struct floor *floor);

/* An Ed25519 signature made or verified over that many octets. */
void floor_sign(struct floor *floor, size_t size);
void floor_verify(struct floor *floor, size_t size);
/* X25519: a key pair drawn, then the shared value. */
void floor_agree(struct floor *floor);
/* Keys of 32 octets drawn. */
void floor_draw(struct floor *floor, size_t keys);
/* AES-256-GCM under a key not used before: its schedule, IV drawn, AAD of a Rekey Event Data's
 * length, that many octets of plaintext, the tag. */
void floor_seal(struct floor *floor, size_t plain);
/* The same backwards, with the tag compared. */
void floor_open(struct floor *floor, size_t plain);

#endif
