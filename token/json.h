/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_JSON_H
#define TOKEN_JSON_H
/*
 * JSON as files and terminals get it: ASCII, so that no character gives a terminal orders, and a
 * newline at the end. Sizes are bounded before a tree is made; that there is no memory for it
 * ends the program.
 */
#include <jansson.h>

#include "gsakmp/octets.h"

/* Appends the tree, with `indent` blanks a level, and takes it. NULL stands for a tree that
 * could not be made. */
void token_json_write(json_t *tree, int indent, struct gk_writer *to);
void token_json_set(json_t *object, const char *key, json_t *value);
void token_json_append(json_t *array, json_t *value);

#endif
