/* SPDX-License-Identifier: Apache-2.0 */
/* The values of attributes: text to octets, integers, OIDs, choices. */
#include "token/source-part.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>

#include "token/oid.h"

const char *source_attribute(const xmlNode *at, const char *name)
{
    for (const xmlAttr *attribute = at->properties; attribute; attribute = attribute->next) {
        if (strcmp((const char *)attribute->name, name) != 0)
            continue;
        /* No entity survives the parser, so that a value is one text node or none. */
        return attribute->children ? (const char *)attribute->children->content : "";
    }
    return NULL;
}

bool source_has(const xmlNode *at, const char *name)
{
    return source_attribute(at, name) != NULL;
}

bool source_says_none(const xmlNode *at)
{
    return source_has(at, "none");
}

bool source_refuse_value(const struct source *source, const xmlNode *at, const char *attribute,
                         const char *expected)
{
    const char *value = source_attribute(at, attribute);
    char shown[64];

    return source_refuse(
        source, at, "source-value", "<%s> has %s=\"%s\"; expected %s", (const char *)at->name,
        attribute, gk_escape(shown, sizeof shown, gk_octets_of(value ? value : "")), expected);
}

bool source_without(struct source *source, const xmlNode *at, const char *because,
                    const char *const *names)
{
    for (; *names; names++) {
        if (source_has(at, *names))
            return source_refuse(source, at, "source-combination",
                                 "<%s> has %s besides %s; expected one of them",
                                 (const char *)at->name, *names, because);
    }
    return true;
}

/* Decimal digits only, within int64_t. */
static bool decimal(const char *text, int64_t *to)
{
    int64_t value = 0;

    if (!*text || (*text == '0' && text[1]))
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, *text - '0', &value))
            return false;
    }
    *to = value;
    return true;
}

bool source_integer(struct source *source, const xmlNode *at, const char *name, int64_t least,
                    int64_t *to)
{
    const char *text = source_attribute(at, name);

    if (!text)
        return true;
    if (!decimal(text, to) || *to < least)
        return source_refuse_value(source, at, name,
                                   least ? "a whole number from 1 on" : "a whole number");
    return true;
}

static bool base64(const char *text, struct gk_writer *to)
{
    struct base64_decode_ctx context;
    size_t size = BASE64_DECODE_LENGTH(strlen(text));
    size_t at = gk_write_reserve(to, size + 1);

    base64_decode_init(&context);
    if (!base64_decode_update(&context, &size, to->data + at, strlen(text), text) ||
        !base64_decode_final(&context))
        return false;
    gk_writer_cut(to, at + size);
    return true;
}

bool source_octets(struct source *source, const xmlNode *at, const char *name, size_t most,
                   struct gk_octets *to)
{
    const char *text = source_attribute(at, name);
    struct gk_writer writer = {0};
    bool good;

    if (!text)
        return true;
    good = strncmp(text, "base64:", 7) == 0 ? base64(text + 7, &writer) : gk_unhex(text, &writer);
    if (!good)
        good = source_refuse_value(source, at, name,
                                   "hexadecimal digits in pairs, or base64: and base64");
    else if (writer.size > most)
        good = source_refuse(source, at, "source-value",
                             "<%s> has %s of %zu octets; expected at most %zu",
                             (const char *)at->name, name, writer.size, most);
    else
        *to = token_octets(source->token, gk_writer_octets(&writer));
    gk_writer_free(&writer);
    return good;
}

static bool is_oid(const char *text)
{
    struct gk_writer ignored = {0};
    bool good = oid_from_text(text, &ignored);

    gk_writer_free(&ignored);
    return good;
}

bool source_oid(struct source *source, const xmlNode *at, const char *name, const char **to)
{
    const char *text = source_attribute(at, name);

    if (!text)
        return true;
    if (!is_oid(text))
        return source_refuse_value(source, at, name, "an object identifier as 1.3.6.1.4.1.32473");
    *to = token_text(source->token, text);
    return true;
}

bool source_choice(struct source *source, const xmlNode *at, const char *name,
                   const char *const *choices, size_t *to)
{
    const char *text = source_attribute(at, name);
    char expected[120] = "";

    if (!text)
        return true;
    for (size_t i = 0; choices[i]; i++) {
        if (strcmp(choices[i], text) == 0) {
            *to = i;
            return true;
        }
        if (strlen(expected) + strlen(choices[i]) + 5 < sizeof expected) {
            strcat(expected, i ? " or " : "");
            strcat(expected, choices[i]);
        }
    }
    return source_refuse_value(source, at, name, expected);
}
