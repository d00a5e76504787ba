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

bool oid_to_text(struct gk_octets der, char to[OID_TEXT])
{
    struct gk_reader reader = gk_reader(der);
    uint64_t first;
    uint64_t arc;
    size_t at;

    if (!read_arc(&reader, &arc))
        return false;
    first = arc < 80 ? arc / 40 : 2;
    at = (size_t)snprintf(to, OID_TEXT, "%" PRIu64 ".%" PRIu64, first, arc - first * 40);
    while (gk_reader_left(&reader)) {
        if (!read_arc(&reader, &arc))
            return false;
        at += (size_t)snprintf(to + at, OID_TEXT - at, ".%" PRIu64, arc);
        if (at >= OID_TEXT)
            return false;
    }
    return true;
}

/* One decimal arc; moves `text` behind it. */
static bool parse_arc(const char **text, uint64_t *arc)
{
    const char *at = *text;

    if (*at < '0' || *at > '9' || (*at == '0' && at[1] >= '0' && at[1] <= '9'))
        return false;
    for (*arc = 0; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');

        if (*arc > (UINT64_MAX - digit) / 10)
            return false;
        *arc = *arc * 10 + digit;
    }
    *text = at;
    return true;
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

static bool write_arcs(const char *text, struct gk_writer *to)
{
    uint64_t first;
    uint64_t arc;

    if (strlen(text) >= OID_TEXT || !parse_arc(&text, &first) || *text++ != '.' ||
        !parse_arc(&text, &arc))
        return false;
    if (first > 2 || (first < 2 && arc >= 40) || arc > UINT64_MAX - 80)
        return false;
    write_arc(to, first * 40 + arc);
    while (*text == '.') {
        text++;
        if (!parse_arc(&text, &arc))
            return false;
        write_arc(to, arc);
    }
    return !*text;
}

bool oid_from_text(const char *text, struct gk_writer *to)
{
    size_t start = to->size;

    if (write_arcs(text, to))
        return true;
    gk_writer_cut(to, start);
    return false;
}
