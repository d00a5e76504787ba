/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_FLOOR_SUITE_H
#define TESTS_BENCH_FLOOR_SUITE_H
/*
 * The cryptography of any mechanism without a protocol around it. Signatures by GnuTLS with keys
 * that were parsed before, agreements and wraps by GMP and nettle themselves. As in floor.h each
 * call does the work once, throws the result away, and looks at it.
 */
#include "gsakmp/suite.h"
#include "tests/roles/pki-maker.h"

struct floor_suite;

/* `party` signs, and its issuer's key signed the certificates. */
struct floor_suite *floor_suite_new(const struct gk_mechanism *mechanism,
                                    const struct test_party *party,
                                    const struct test_party *issuer);
void floor_suite_free(struct floor_suite *floor);

/* A signature made or verified over that many octets, by the mechanism's scheme. */
void floor_suite_sign(struct floor_suite *floor, size_t size);
void floor_suite_verify(struct floor_suite *floor, size_t size);
/* A certificate's signature verified, of which so many octets are signed. */
void floor_suite_certificate(struct floor_suite *floor, size_t size);
/* A key pair drawn, then the shared value. */
void floor_suite_agree(struct floor_suite *floor);
/* That many octets sealed under a key not used before. */
void floor_suite_seal(struct floor_suite *floor, size_t plain);

#endif
