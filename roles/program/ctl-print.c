/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/ctl-print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/octets.h"

/* UTF-8 as it is, but C0, DEL and C1 (0xc2 0x80 to 0xc2 0x9f) as RFC 4514 writes them, so
 * that a name can be given back to evict. */
static void put(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)
            printf("\\C2\\%02X", *++at);
        else if (*at < 0x20 || *at == 0x7f)
            printf("\\%02X", *at);
        else
            putchar(*at);
    }
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "-";
}

static void print_scalar(const json_t *value)
{
    if (json_is_string(value))
        put(json_string_value(value));
    else if (json_is_integer(value))
        printf("%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        fputs(json_is_true(value) ? "yes" : "no", stdout);
    else
        putchar('-');
}

static void print_line(const char *path, const json_t *value)
{
    printf("%-22s ", path);
    print_scalar(value);
    putchar('\n');
}

/* Lists of text; others have a form of their own. */
static void print_list(const char *path, const json_t *list)
{
    size_t i;
    json_t *value;

    json_array_foreach(list, i, value)
    {
        if (json_is_string(value))
            print_line(path, value);
    }
}

static void print_flat(const json_t *object, const char *prefix)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        char *path = gk_format("%s%s", prefix, name);

        if (json_is_object(value)) {
            char *deeper = gk_format("%s.", path);

            print_flat(value, deeper);
            free(deeper);
        } else if (json_is_array(value)) {
            print_list(path, value);
        } else if (strcmp(path, "ok") != 0 && strcmp(path, "summary") != 0) {
            print_line(path, value);
        }
        free(path);
    }
}

static void print_keys(const json_t *keys)
{
    size_t i;
    json_t *key;

    json_array_foreach(keys, i, key)
    {
        printf("%-22s %s %s", "key", text_of(key, "id"), text_of(key, "handle"));
        if (json_object_get(key, "type"))
            printf(" %s", text_of(key, "type"));
        if (json_object_get(key, "data"))
            printf(", %s", text_of(key, "data"));
        if (json_object_get(key, "use"))
            printf(", for %s", text_of(key, "use"));
        printf(", made %s", text_of(key, "created"));
        if (json_is_string(json_object_get(key, "expires")))
            printf(", until %s", text_of(key, "expires"));
        putchar('\n');
    }
}

/* What each is for is said where not all are for the same. */
static void print_secret_keys(const json_t *keys, bool uses)
{
    size_t i;
    json_t *key;

    json_array_foreach(keys, i, key)
    {
        const char *use = uses ? text_of(key, "use") : NULL;

        printf("%s %s %s %s%s%s\n", text_of(key, "id"), text_of(key, "handle"),
               text_of(key, "type"), text_of(key, "key"), use ? " " : "", use ? use : "");
    }
}

static void print_members(const json_t *members)
{
    size_t i;
    json_t *member;

    json_array_foreach(members, i, member)
    {
        bool confirmed = json_is_true(json_object_get(member, "acknowledged"));

        printf("%8lld  %-20s  ",
               (long long)json_integer_value(json_object_get(member, "member_id")),
               confirmed ? text_of(member, "joined") : "(registering)");
        put(text_of(member, "name"));
        printf("\n          at %s by %s, admitted by ", text_of(member, "address"),
               text_of(member, "transport"));
        put(text_of(member, "rule"));
        printf("\n          by %s, certificate %.16s...\n", text_of(member, "mechanism"),
               text_of(member, "certificate"));
    }
}

/* Whom a token would change something for. */
static void print_affected(const json_t *answer)
{
    const char *summary = json_string_value(json_object_get(answer, "summary"));
    size_t i;
    json_t *member;

    if (summary) {
        put(summary);
        putchar('\n');
    }
    json_array_foreach(json_object_get(answer, "affected"), i, member)
    {
        printf("%8lld  %s: ", (long long)json_integer_value(json_object_get(member, "member_id")),
               text_of(member, "change"));
        put(text_of(member, "name"));
        fputs("\n          now: ", stdout);
        put(text_of(member, "rule_before"));
        fputs("\n          then: ", stdout);
        put(text_of(member, "rule"));
        putchar('\n');
    }
}

static void print_names(const json_t *names)
{
    size_t i;
    json_t *name;

    json_array_foreach(names, i, name)
    {
        put(json_string_value(name));
        putchar('\n');
    }
}

static void print_group(const json_t *answer)
{
    const char *summary = json_string_value(json_object_get(answer, "summary"));

    if (summary) {
        put(summary);
        putchar('\n');
    }
    /* What changes something has said all; a status has much more. */
    if (!summary || json_object_get(answer, "group")) {
        print_flat(answer, "");
        print_keys(json_object_get(answer, "keys"));
    }
}

void ctl_print(const json_t *answer, bool keys)
{
    const json_t *groups = json_object_get(answer, "groups");
    const json_t *excluded = json_object_get(answer, "excluded");
    size_t i;
    json_t *group;

    if (keys) {
        print_secret_keys(json_object_get(answer, "keys"),
                          json_is_true(json_object_get(answer, "receive")));
    } else if (json_object_get(answer, "affected")) {
        print_affected(answer);
    } else if (groups) {
        json_array_foreach(groups, i, group)
        {
            put(text_of(group, "summary"));
            putchar('\n');
        }
    } else if (json_object_get(answer, "members") && !json_object_get(answer, "group")) {
        print_members(json_object_get(answer, "members"));
    } else if (json_is_array(excluded)) {
        print_names(excluded);
    } else {
        print_group(answer);
    }
}
