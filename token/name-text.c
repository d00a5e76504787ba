/* SPDX-License-Identifier: Apache-2.0 */
/* Names from strings: the grammar of RFC 4514 3, strictly. */
#include "token/name-parts.h"

#include <string.h>
#include <unistr.h>

#include "token/oid.h"

static bool refuse(struct gk_reason *why, size_t at, const char *what)
{
    return gk_refuse(why, GK_INVALID_ID_INFORMATION, at, "name-syntax",
                     "not a distinguished name of RFC 4514: %s at character %zu", what, at + 1);
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Two hexadecimal digits at `at`, or -1. */
static int hex_pair(struct gk_octets text, size_t at)
{
    int high = at + 1 < text.size ? hex_digit(text.data[at]) : -1;
    int low = high >= 0 ? hex_digit(text.data[at + 1]) : -1;

    return low < 0 ? -1 : high << 4 | low;
}

static bool one_of(uint8_t c, const char *set)
{
    return c && strchr(set, c);
}

static bool at_end(struct gk_octets text, size_t at)
{
    return at == text.size || text.data[at] == ',' || text.data[at] == '+';
}

static bool read_type(struct name *name, struct gk_octets text, size_t *at, struct name_span *type,
                      struct gk_reason *why)
{
    struct gk_writer written = {0};
    struct gk_octets word;
    struct gk_octets oid;
    size_t start = *at;
    bool good;

    while (*at < text.size && text.data[*at] != '=')
        (*at)++;
    if (*at == text.size)
        return refuse(why, start, "an attribute without \"=\"");
    word = gk_octets(text.data + start, *at - start);
    (*at)++;
    if (name_short_find(word, &oid)) {
        *type = name_keep(name, oid);
        return true;
    }
    good = oid_parse(word, &written);
    if (good)
        *type = name_keep(name, gk_writer_octets(&written));
    gk_writer_free(&written);
    return good || refuse(why, start, "an unknown attribute type (use a dotted number)");
}

/* #hex: the DER of a value; a string counts as its text (profile 4.3). */
static bool read_hex(struct name *name, struct gk_octets text, size_t *at,
                     struct name_attribute *attribute, struct gk_reason *why)
{
    struct gk_writer der = {0};
    struct gk_writer string = {0};
    size_t start = *at;
    bool malformed;
    int pair;

    for (*at += 1; (pair = hex_pair(text, *at)) >= 0; *at += 2)
        gk_write_u8(&der, (uint8_t)pair);
    attribute->is_text = name_text_of_der(gk_writer_octets(&der), &string, &malformed);
    if (attribute->is_text)
        attribute->value = name_keep(name, gk_writer_octets(&string));
    else if (!malformed)
        attribute->value = name_keep(name, gk_writer_octets(&der));
    gk_writer_free(&der);
    gk_writer_free(&string);
    if (!at_end(text, *at))
        return refuse(why, *at, "what is no pair of hexadecimal digits");
    return attribute->is_text || !malformed ||
           refuse(why, start, "hexadecimal digits that are no DER value");
}

/* One character of a value, escapes undone; 0 octets taken when it must not stand there. */
static size_t read_character(struct gk_octets text, size_t at, uint8_t *c)
{
    int pair;

    *c = text.data[at];
    if (*c != '\\')
        return *c && !one_of(*c, "\";<>") ? 1 : 0;
    if (at + 1 < text.size && one_of(text.data[at + 1], " \"#+,;<=>\\")) {
        *c = text.data[at + 1];
        return 2;
    }
    pair = hex_pair(text, at + 1);
    *c = (uint8_t)pair;
    return pair < 0 ? 0 : 3;
}

static bool read_string(struct name *name, struct gk_octets text, size_t *at,
                        struct name_attribute *attribute, struct gk_reason *why)
{
    struct gk_writer value = {0};
    size_t start = *at;
    bool space = false; /* a trailing one is part of the value only when escaped */
    bool good;

    if (!at_end(text, *at) && text.data[*at] == ' ')
        return refuse(why, *at, "an unescaped space at the start of a value");
    while (!at_end(text, *at)) {
        uint8_t c;
        size_t taken = read_character(text, *at, &c);

        if (!taken) {
            gk_writer_free(&value);
            return refuse(why, *at, "a character that must be escaped");
        }
        gk_write_u8(&value, c);
        *at += taken;
        space = c == ' ' && taken == 1;
    }
    attribute->is_text = true;
    attribute->is_any = *at == start + 1 && text.data[start] == '*';
    attribute->value = name_keep(name, gk_writer_octets(&value));
    good = !u8_check(value.data, value.size);
    gk_writer_free(&value);
    if (!good)
        return refuse(why, start, "a value that is not UTF-8");
    return !space || refuse(why, *at - 1, "an unescaped space at the end of a value");
}

static bool read_attribute(struct name *name, struct gk_octets text, size_t *at,
                           struct gk_reason *why)
{
    struct name_attribute *attribute = name_grow(name);

    if (!attribute)
        return refuse(why, *at, "more than 64 attributes");
    attribute->rdn = name->rdn_count - 1;
    if (!read_type(name, text, at, &attribute->type, why))
        return false;
    if (*at < text.size && text.data[*at] == '#')
        return read_hex(name, text, at, attribute, why);
    return read_string(name, text, at, attribute, why);
}

static bool read_name(struct name *name, struct gk_octets text, struct gk_reason *why)
{
    size_t at = 0;

    if (!text.size)
        return refuse(why, 0, "it is empty");
    if (text.size > NAME_OCTETS_MAX)
        return refuse(why, NAME_OCTETS_MAX, "it goes on beyond 2048 octets");
    name->rdn_count = 1;
    for (;;) {
        if (!read_attribute(name, text, &at, why))
            return false;
        if (at == text.size)
            return true;
        name->rdn_count += text.data[at++] == ',';
    }
}

bool name_parse(struct name *name, struct gk_octets text, struct gk_reason *why)
{
    memset(name, 0, sizeof *name);
    if (read_name(name, text, why))
        return true;
    name_drop(name);
    return false;
}
