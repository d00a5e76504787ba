/* SPDX-License-Identifier: Apache-2.0 */
/* Attribute types: OIDs and short names (RFC 4514 3, profile 4.3). */
#include "token/name-parts.h"

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
