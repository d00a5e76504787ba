/* SPDX-License-Identifier: Apache-2.0 */
/* json-fits SCHEMA FILE...: exit 0 when each file is JSON that fits the schema. */
#include <stdio.h>

#include "tests/token/json-schema.h"

static json_t *load(const char *path)
{
    json_error_t error;
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);

    if (!json)
        fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
    return json;
}

int main(int argc, char **argv)
{
    json_t *schema = argc > 2 ? load(argv[1]) : NULL;
    int status = schema ? 0 : 2;

    for (int i = 2; schema && i < argc; i++) {
        json_t *value = load(argv[i]);
        char wrong[512] = "";

        if (!value || !json_fits(schema, value, wrong, sizeof wrong)) {
            fprintf(stderr, "%s: %s\n", argv[i], wrong);
            status = 1;
        }
        json_decref(value);
    }
    json_decref(schema);
    return status;
}
