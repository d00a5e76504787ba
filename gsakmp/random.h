/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RANDOM_H
#define GSAKMP_RANDOM_H
/*
 * Randomness, passed in. Engines, suites and trees draw only from the struct
 * gk_random that they are given: the daemons' one is gk_random_system, the
 * simulator's and the transcripts' are seeded (never in an installed program).
 */
#include "gsakmp/octets.h"

struct gk_random {
    void (*fill)(void *context, uint8_t *to, size_t size);
    void *context;
};

/* GnuTLS's generator, drawn in batches of 4 KiB that are wiped as they are used; each
 * thread has its own batch. A failing generator ends the program. */
extern const struct gk_random gk_random_system;

void gk_random_fill(const struct gk_random *random, uint8_t *to, size_t size);
uint32_t gk_random_u32(const struct gk_random *random);
struct gk_secret gk_random_secret(const struct gk_random *random, size_t size);

#endif
