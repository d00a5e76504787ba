/* SPDX-License-Identifier: Apache-2.0 */
/* Attribute types: OIDs and short names (RFC 4514 3, profile 4.3). */
#include "roles/name-parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct short_name {
    const char *text;
    bool written; /* one of the nine that strings are written with */
    uint8_t size;
    char oid[10];
};

static const struct short_name short_names[] = {
    {"CN", true, 3, "\x55\x04\x03"},
    {"L", true, 3, "\x55\x04\x07"},
    {"ST", true, 3, "\x55\x04\x08"},
    {"O", true, 3, "\x55\x04\x0a"},
    {"OU", true, 3, "\x55\x04\x0b"},
    {"C", true, 3, "\x55\x04\x06"},
    {"STREET", true, 3, "\x55\x04\x09"},
    {"DC",
     true,
     10,
     {'\x09', '\x92', '\x26', '\x89', '\x93', '\xf2', '\x2c', '\x64', '\x01', '\x19'}},
    {"UID",
     true,
     10,
     {'\x09', '\x92', '\x26', '\x89', '\x93', '\xf2', '\x2c', '\x64', '\x01', '\x01'}},
    {"EMAIL", false, 9, "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"},
    {"E", false, 9, "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"},
    {"EMAILADDRESS", false, 9, "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"},
    {"SERIALNUMBER", false, 3, "\x55\x04\x05"},
    {"T", false, 3, "\x55\x04\x0c"},
    {"TITLE", false, 3, "\x55\x04\x0c"},
    {"GN", false, 3, "\x55\x04\x2a"},
    {"SN", false, 3, "\x55\x04\x04"},
};
#define SHORT_NAMES (sizeof short_names / sizeof short_names[0])

bool name_short_find(struct gk_octets text, struct gk_octets *oid)
{
    for (size_t i = 0; i < SHORT_NAMES; i++) {
        const struct short_name *row = &short_names[i];

        if (strlen(row->text) == text.size &&
            strncasecmp(row->text, (const char *)text.data, text.size) == 0) {
            *oid = gk_octets(row->oid, row->size);
            return true;
        }
    }
    return false;
}

const char *name_short_of(struct gk_octets oid)
{
    for (size_t i = 0; i < SHORT_NAMES; i++) {
        const struct short_name *row = &short_names[i];

        if (row->written && gk_octets_equal(gk_octets(row->oid, row->size), oid))
            return row->text;
    }
    return NULL;
}

/* One arc, without leading zeros and within 64 bits. */
static bool read_arc(struct gk_octets dotted, size_t *at, uint64_t *arc)
{
    size_t start = *at;

    *arc = 0;
    for (; *at < dotted.size && dotted.data[*at] != '.'; (*at)++) {
        unsigned digit = dotted.data[*at] - (unsigned)'0';

        if (digit > 9 || *arc > (UINT64_MAX - digit) / 10)
            return false;
        *arc = *arc * 10 + digit;
    }
    return *at > start && (*at == start + 1 || dotted.data[start] != '0');
}

static void write_arc(struct gk_writer *to, uint64_t arc)
{
    unsigned shift = 63;

    while (shift && arc >> shift == 0)
        shift -= 7;
    for (; shift; shift -= 7)
        gk_write_u8(to, (uint8_t)(0x80 | (arc >> shift & 0x7f)));
    gk_write_u8(to, (uint8_t)(arc & 0x7f));
}

bool name_oid_of(struct gk_octets dotted, struct gk_writer *to)
{
    uint64_t first;
    uint64_t arc;
    size_t at = 0;

    if (!read_arc(dotted, &at, &first) || first > 2 || at++ >= dotted.size)
        return false;
    if (!read_arc(dotted, &at, &arc) || (first < 2 && arc > 39) || arc > UINT64_MAX - 80)
        return false;
    write_arc(to, first * 40 + arc);
    while (at++ < dotted.size) {
        if (!read_arc(dotted, &at, &arc))
            return false;
        write_arc(to, arc);
    }
    return true;
}

void name_oid_print(struct gk_octets oid, struct gk_writer *to)
{
    bool first = true;
    uint64_t arc = 0;

    for (size_t i = 0; i < oid.size; i++) {
        char text[48];
        int size;

        arc = arc << 7 | (oid.data[i] & 0x7f);
        if (oid.data[i] & 0x80)
            continue;
        if (first) {
            uint64_t top = arc < 80 ? arc / 40 : 2;

            size = snprintf(text, sizeof text, "%" PRIu64 ".%" PRIu64, top, arc - top * 40);
        } else {
            size = snprintf(text, sizeof text, ".%" PRIu64, arc);
        }
        gk_write(to, text, (size_t)size);
        first = false;
        arc = 0;
    }
}
