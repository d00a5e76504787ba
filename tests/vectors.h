/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_VECTORS_H
#define TESTS_VECTORS_H
/*
 * Known answers of an independent implementation (tests/vectors/vectors.json).
 * A path names a value by keys and array positions: "key_creation/0/kek_nonces/12".
 * A "/" inside a key is written "~1". A path that is absent ends the program.
 */
#include <jansson.h>

#include "gsakmp/octets.h"

const json_t *vector_at(const char *path);
const char *vector_text(const char *path);
/* Hexadecimal decoded; borrowed for the rest of the program. */
struct gk_octets vector_octets(const char *path);
long long vector_integer(const char *path);

#endif
