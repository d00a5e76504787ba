/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/token/json-schema.h"

#include <regex.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct fitting {
    const json_t *root;
    char *wrong;
    size_t room;
};

static bool fits(struct fitting *fitting, const json_t *schema, const json_t *value,
                 const char *path);

static bool misfit(struct fitting *fitting, const char *path, const char *why)
{
    (void)snprintf(fitting->wrong, fitting->room, "%s %s", *path ? path : "the whole", why);
    return false;
}

static bool is_type(const json_t *value, const char *type)
{
    return strcmp(type, "object") == 0    ? json_is_object(value)
           : strcmp(type, "array") == 0   ? json_is_array(value)
           : strcmp(type, "string") == 0  ? json_is_string(value)
           : strcmp(type, "integer") == 0 ? json_is_integer(value)
           : strcmp(type, "boolean") == 0 ? json_is_boolean(value)
           : strcmp(type, "null") == 0    ? json_is_null(value)
                                          : false;
}

static bool has_pattern(const json_t *value, const char *pattern)
{
    regex_t regex;
    bool good;

    if (!json_is_string(value))
        return true;
    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    good = regexec(&regex, json_string_value(value), 0, NULL, 0) == 0;
    regfree(&regex);
    return good;
}

static bool any_equal(const json_t *list, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (json_equal(json_array_get(list, i), value))
            return true;
    }
    return false;
}

static bool any_fits(struct fitting *fitting, const json_t *list, const json_t *value,
                     const char *path)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (fits(fitting, json_array_get(list, i), value, path))
            return true;
    }
    return misfit(fitting, path, "is nothing that may stand there");
}

static bool properties_fit(struct fitting *fitting, const json_t *properties, const json_t *value,
                           const char *path)
{
    const char *key;
    json_t *each;

    json_object_foreach((json_t *)(uintptr_t)properties, key, each)
    {
        char below[512];
        const json_t *member = json_object_get(value, key);

        (void)snprintf(below, sizeof below, "%s.%s", path, key);
        if (member && !fits(fitting, each, member, below))
            return false;
    }
    return true;
}

static bool members_known(struct fitting *fitting, const json_t *schema, const json_t *value,
                          const char *path)
{
    const json_t *properties = json_object_get(schema, "properties");
    const char *key;
    json_t *each;

    json_object_foreach((json_t *)(uintptr_t)value, key, each)
    {
        if (!json_object_get(properties, key)) {
            (void)snprintf(fitting->wrong, fitting->room, "%s has %s, of which nothing is said",
                           path, key);
            return false;
        }
    }
    return true;
}

static bool required_there(struct fitting *fitting, const json_t *names, const json_t *value,
                           const char *path)
{
    for (size_t i = 0; json_is_object(value) && i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));

        if (!json_object_get(value, name)) {
            (void)snprintf(fitting->wrong, fitting->room, "%s has no %s", path, name);
            return false;
        }
    }
    return true;
}

static bool items_fit(struct fitting *fitting, const json_t *schema, const json_t *value,
                      const char *path)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        char below[512];

        (void)snprintf(below, sizeof below, "%s[%zu]", path, i);
        if (!fits(fitting, schema, json_array_get(value, i), below))
            return false;
    }
    return true;
}

static bool refers(struct fitting *fitting, const char *to, const json_t *value, const char *path)
{
    const json_t *found =
        strncmp(to, "#/definitions/", 14) == 0
            ? json_object_get(json_object_get(fitting->root, "definitions"), to + 14)
            : NULL;

    return found ? fits(fitting, found, value, path)
                 : misfit(fitting, path, "refers to what is not defined");
}

static bool is_any_of(const char *key, const char *const *list)
{
    while (*list && strcmp(*list, key) != 0)
        list++;
    return *list;
}

static bool in_range(const char *key, const json_t *limit, const json_t *value)
{
    json_int_t bound = json_integer_value(limit);

    return !json_is_integer(value) ||
           (strcmp(key, "minimum") == 0 ? json_integer_value(value) >= bound
                                        : json_integer_value(value) <= bound);
}

static bool keyword(struct fitting *fitting, const json_t *schema, const char *key,
                    const json_t *said, const json_t *value, const char *path)
{
    static const char *const notes[] = {"$schema",     "$id",         "title",
                                        "description", "definitions", NULL};

    if (is_any_of(key, notes))
        return true;
    if (strcmp(key, "$ref") == 0)
        return refers(fitting, json_string_value(said), value, path);
    if (strcmp(key, "type") == 0)
        return is_type(value, json_string_value(said)) ||
               misfit(fitting, path, "is of another type");
    if (strcmp(key, "const") == 0)
        return json_equal(said, value) || misfit(fitting, path, "is not the constant");
    if (strcmp(key, "enum") == 0)
        return any_equal(said, value) || misfit(fitting, path, "is none of those listed");
    if (strcmp(key, "anyOf") == 0)
        return any_fits(fitting, said, value, path);
    if (strcmp(key, "properties") == 0)
        return properties_fit(fitting, said, value, path);
    if (strcmp(key, "required") == 0)
        return required_there(fitting, said, value, path);
    if (strcmp(key, "additionalProperties") == 0 && json_is_false(said))
        return members_known(fitting, schema, value, path);
    if (strcmp(key, "items") == 0)
        return items_fit(fitting, said, value, path);
    if (strcmp(key, "pattern") == 0)
        return has_pattern(value, json_string_value(said)) ||
               misfit(fitting, path, "has not the pattern");
    if (strcmp(key, "minimum") == 0 || strcmp(key, "maximum") == 0)
        return in_range(key, said, value) || misfit(fitting, path, "is out of range");
    return misfit(fitting, path, "meets a keyword that is not understood");
}

static bool fits(struct fitting *fitting, const json_t *schema, const json_t *value,
                 const char *path)
{
    const char *key;
    json_t *said;

    json_object_foreach((json_t *)(uintptr_t)schema, key, said)
    {
        if (!keyword(fitting, schema, key, said, value, path))
            return false;
    }
    return true;
}

bool json_fits(const json_t *schema, const json_t *value, char *wrong, size_t room)
{
    struct fitting fitting = {schema, wrong, room};

    return json_is_object(schema) && json_object_size(schema)
               ? fits(&fitting, schema, value, "")
               : misfit(&fitting, "", "has no schema");
}
