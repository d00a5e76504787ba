/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_ALGORITHM_H
#define TOKEN_ALGORITHM_H
/*
 * Algorithms by name, for sources and renderers: the short names of gsakmp/suite.h, and the
 * RFC's own of gsakmp/registry.h.
 */
#include "gsakmp/registry.h"

/* The short name, "AES-256-GCM"; NULL when no table has the value. The registry is that of
 * keys, signatures, nonce hashes or key creation. */
const char *token_algorithm_name(enum gk_registry registry, int64_t value);
/* Why nobody should choose it any more, "SHA-1, which no longer resists collisions"; NULL when
 * nothing speaks against it. */
const char *token_algorithm_weakness(enum gk_registry registry, int64_t value);
/* By either name, without case; blank, hyphen and underline are one. */
bool token_algorithm_find(enum gk_registry registry, const char *name, int64_t *value) GK_MUST_USE;

#endif
