/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"

static json_t *root;

static _Noreturn void give_up(const char *path)
{
    fprintf(stderr, "%s: %s: no such vector\n", TEST_VECTORS, path);
    exit(2);
}

const json_t *vector_at(const char *path)
{
    const json_t *at;
    char *copy = gk_strdup(path);
    char *rest = copy;
    char *step;

    if (!root)
        root = json_load_file(TEST_VECTORS, 0, NULL);
    at = root;
    while (at && (step = strsep(&rest, "/"))) {
        char *slash = strstr(step, "~1");

        if (slash) { /* as in a JSON pointer: a "/" of the key itself */
            *slash = '/';
            memmove(slash + 1, slash + 2, strlen(slash + 2) + 1);
        }
        at = json_is_array(at) ? json_array_get(at, strtoul(step, NULL, 10))
                               : json_object_get(at, step);
    }
    free(copy);
    if (!at)
        give_up(path);
    return at;
}

const char *vector_text(const char *path)
{
    const char *text = json_string_value(vector_at(path));

    if (!text)
        give_up(path);
    return text;
}

struct gk_octets vector_octets(const char *path)
{
    return test_unhex(vector_text(path));
}

long long vector_integer(const char *path)
{
    return json_integer_value(vector_at(path));
}
