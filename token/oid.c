/* SPDX-License-Identifier: Apache-2.0 */
#include "token/oid.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool read_arc(struct gk_reader *reader, uint64_t *arc)
{
    uint8_t octet;

    *arc = 0;
    do {
        octet = gk_read_u8(reader);
        if (*arc >> 57 || (!*arc && octet == 0x80))
            return false;
        *arc = *arc << 7 | (octet & 0x7f);
    } while (octet & 0x80);
    return gk_reader_ok(reader);
}

static void print_arc(struct gk_writer *to, uint64_t arc)
{
    char text[24];
    int size = snprintf(text, sizeof text, "%" PRIu64, arc);

    gk_write(to, text, (size_t)size);
}

static bool print_arcs(struct gk_octets der, struct gk_writer *to)
{
    struct gk_reader reader = gk_reader(der);
    uint64_t first;
    uint64_t arc;

    if (!read_arc(&reader, &arc))
        return false;
    first = arc < 80 ? arc / 40 : 2;
    print_arc(to, first);
    gk_write_u8(to, '.');
    print_arc(to, arc - first * 40);
    while (gk_reader_left(&reader)) {
        if (!read_arc(&reader, &arc))
            return false;
        gk_write_u8(to, '.');
        print_arc(to, arc);
    }
    return true;
}

bool oid_print(struct gk_octets der, struct gk_writer *to)
{
    size_t start = to->size;

    if (print_arcs(der, to))
        return true;
    gk_writer_cut(to, start);
    return false;
}

bool oid_to_text(struct gk_octets der, char to[OID_TEXT])
{
    struct gk_writer text = {0};
    bool good = oid_print(der, &text) && text.size < OID_TEXT;

    if (good) {
        memcpy(to, text.data, text.size);
        to[text.size] = '\0';
    }
    gk_writer_free(&text);
    return good;
}

/* One decimal arc; the reader stands behind it afterwards. */
static bool parse_arc(struct gk_reader *text, uint64_t *arc)
{
    size_t start = text->at;

    *arc = 0;
    for (; gk_reader_left(text) && text->data[text->at] != '.'; text->at++) {
        unsigned digit = text->data[text->at] - (unsigned)'0';

        if (digit > 9 || *arc > (UINT64_MAX - digit) / 10)
            return false;
        *arc = *arc * 10 + digit;
    }
    return text->at > start && (text->at == start + 1 || text->data[start] != '0');
}

static void write_arc(struct gk_writer *to, uint64_t arc)
{
    unsigned shift = 63;

    while (shift && !(arc >> shift))
        shift -= 7;
    for (; shift; shift -= 7)
        gk_write_u8(to, (uint8_t)(0x80 | (arc >> shift & 0x7f)));
    gk_write_u8(to, arc & 0x7f);
}

static bool write_arcs(struct gk_octets octets, struct gk_writer *to)
{
    struct gk_reader text = gk_reader(octets);
    uint64_t first;
    uint64_t arc;

    if (!parse_arc(&text, &first) || first > 2 || gk_read_u8(&text) != '.' ||
        !parse_arc(&text, &arc) || (first < 2 && arc >= 40) || arc > UINT64_MAX - 80)
        return false;
    write_arc(to, first * 40 + arc);
    while (gk_reader_left(&text)) {
        (void)gk_read_u8(&text); /* the point that ended the arc before */
        if (!parse_arc(&text, &arc))
            return false;
        write_arc(to, arc);
    }
    return true;
}

bool oid_parse(struct gk_octets text, struct gk_writer *to)
{
    size_t start = to->size;

    if (write_arcs(text, to))
        return true;
    gk_writer_cut(to, start);
    return false;
}

bool oid_from_text(const char *text, struct gk_writer *to)
{
    return strlen(text) < OID_TEXT && oid_parse(gk_octets_of(text), to);
}
