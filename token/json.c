/* SPDX-License-Identifier: Apache-2.0 */
#include "token/json.h"

#include <stdlib.h>

void token_json_write(json_t *tree, int indent, struct gk_writer *to)
{
    char *text = tree ? json_dumps(tree, JSON_INDENT(indent) | JSON_ENSURE_ASCII) : NULL;

    if (!text)
        abort();
    gk_write_octets(to, gk_octets_of(text));
    gk_write_u8(to, '\n');
    free(text);
    json_decref(tree);
}

void token_json_set(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) < 0)
        abort();
}

void token_json_append(json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) < 0)
        abort();
}
