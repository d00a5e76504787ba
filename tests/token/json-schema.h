/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TOKEN_JSON_SCHEMA_H
#define TESTS_TOKEN_JSON_SCHEMA_H
/*
 * Holds JSON against a JSON Schema (draft 7), as much of it as ours use: $ref into
 * definitions, type, const, enum, anyOf, properties, required, additionalProperties false,
 * items, pattern, minimum, maximum. A schema with any other keyword fits nothing.
 */
#include <jansson.h>
#include <stdbool.h>

/* False: `wrong` says where and why; where nothing of an anyOf fits, it is that place. */
bool json_fits(const json_t *schema, const json_t *value, char *wrong, size_t room);

#endif
