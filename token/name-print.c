/* SPDX-License-Identifier: Apache-2.0 */
/* Names as octets: the string (RFC 4514 2), type 30's DN Data, the canonical key. */
#include "token/name-parts.h"

#include <stdlib.h>
#include <string.h>

#include "token/tlv.h"
#include "token/oid.h"

#define OID_EMAIL "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"

static void write_text(struct gk_writer *to, const char *text)
{
    gk_write(to, text, strlen(text));
}

static void write_hex(struct gk_writer *to, struct gk_octets octets)
{
    static const char digits[] = "0123456789abcdef";

    gk_write_u8(to, '#');
    for (size_t i = 0; i < octets.size; i++) {
        gk_write_u8(to, (uint8_t)digits[octets.data[i] >> 4]);
        gk_write_u8(to, (uint8_t)digits[octets.data[i] & 15]);
    }
}

/* RFC 4514 2.4. */
static void write_escaped(struct gk_writer *to, struct gk_octets text)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        bool edge = (c == ' ' && (i == 0 || i + 1 == text.size)) || (c == '#' && i == 0);

        if (!c) {
            write_text(to, "\\00");
            continue;
        }
        if (edge || strchr("\"+,;<>\\", c))
            gk_write_u8(to, '\\');
        gk_write_u8(to, c);
    }
}

static struct gk_octets der_of(const struct name *name, size_t index)
{
    struct name_span span = name->attribute[index].der;

    return gk_octets(name->store.data + span.at, span.size);
}

void name_print(const struct name *name, struct gk_writer *to)
{
    for (size_t i = 0; i < name->count; i++) {
        const struct name_attribute *attribute = &name->attribute[i];
        const char *known = name_short_of(name_type(name, i));

        if (i)
            gk_write_u8(to, attribute->rdn == attribute[-1].rdn ? '+' : ',');
        if (known)
            write_text(to, known);
        else
            (void)oid_print(name_type(name, i), to);
        gk_write_u8(to, '=');
        if (known && attribute->is_text)
            write_escaped(to, name_value(name, i));
        else
            write_hex(to, der_of(name, i));
    }
}

static void print_slash_rdn(const struct name *name, size_t first, struct gk_writer *to)
{
    for (size_t i = first; i < name->count && name->attribute[i].rdn == name->attribute[first].rdn;
         i++) {
        struct gk_octets type = name_type(name, i);
        const char *known = name_short_of(type);

        gk_write_u8(to, i > first ? '+' : '/');
        if (TLV_OID_IS(type, OID_EMAIL))
            known = "Email"; /* as the RFC's example has it */
        if (known)
            write_text(to, known);
        else
            (void)oid_print(type, to);
        gk_write_u8(to, '=');
        if (name->attribute[i].is_text)
            gk_write_octets(to, name_value(name, i));
        else
            write_hex(to, der_of(name, i));
    }
}

void name_print_slash(const struct name *name, struct gk_writer *to)
{
    /* Root first: from the last RDN of the string's order back. */
    for (size_t i = name->count; i > 0; i--) {
        size_t first = i - 1;

        if (first == 0 || name->attribute[first].rdn != name->attribute[first - 1].rdn)
            print_slash_rdn(name, first, to);
    }
}

bool name_slash_ambiguous(const struct name *name)
{
    for (size_t i = 0; i < name->count; i++) {
        struct gk_octets value = name_value(name, i);

        if (value.size && memchr(value.data, '/', value.size))
            return true;
    }
    return name->rdn_count != name->count;
}

static void write_key_attribute(const struct name *name, size_t index, struct gk_writer *to)
{
    gk_write_v(to, name_type(name, index));
    gk_write_u8(to, name->attribute[index].is_text);
    gk_write_v(to, name_value(name, index));
}

static int compare_entries(const void *a, const void *b)
{
    return gk_octets_compare(gk_secret_octets(a), gk_secret_octets(b));
}

/* Sorted and without repetitions. */
static void write_key_rdn(const struct name *name, size_t first, size_t count, struct gk_writer *to)
{
    struct gk_secret entry[NAME_ATTRIBUTES];
    size_t at = gk_write_reserve(to, 2);
    uint16_t written = 0;

    for (size_t i = 0; i < count; i++) {
        struct gk_writer writer = {0};

        write_key_attribute(name, first + i, &writer);
        entry[i] = gk_writer_take(&writer);
    }
    qsort(entry, count, sizeof entry[0], compare_entries);
    for (size_t i = 0; i < count; i++) {
        if (i && compare_entries(&entry[i - 1], &entry[i]) == 0)
            continue;
        gk_write_octets(to, gk_secret_octets(&entry[i]));
        written++;
    }
    gk_write_u16_at(to, at, written);
    for (size_t i = 0; i < count; i++)
        gk_secret_free(&entry[i]);
}

void name_print_key(const struct name *name, struct gk_writer *to)
{
    gk_write_u16(to, (uint16_t)name->rdn_count);
    for (size_t first = 0; first < name->count;) {
        size_t end = first + 1;

        while (end < name->count && name->attribute[end].rdn == name->attribute[first].rdn)
            end++;
        write_key_rdn(name, first, end - first, to);
        first = end;
    }
}
