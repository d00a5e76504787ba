/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_GSAKMP_FREED_H
#define TESTS_GSAKMP_FREED_H
/*
 * Looks at each block of memory, ours and the libraries', at the moment when it is freed, for
 * secrets that were left in it. For one thread at a time.
 *
 *     freed_watch(secret);        up to 16, each of 16 octets or more
 *     ... what must wipe ...
 *     CU_ASSERT_EQUAL(freed_found(), 0);
 */
#include "gsakmp/octets.h"

/* Watches for the first 16 octets, and for those of the reverse (limbs are little-endian). */
void freed_watch(struct gk_octets secret);
/* How many freed blocks held a secret; ends the watch. */
size_t freed_found(void);

#endif
