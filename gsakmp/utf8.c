/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/utf8.h"

#include <stdio.h>

/* RFC 3629 4: what the second octet may be depends on the first. */
static bool second_fits(uint8_t first, uint8_t second)
{
    switch (first) {
    case 0xe0:
        return second >= 0xa0;
    case 0xed:
        return second <= 0x9f;
    case 0xf0:
        return second >= 0x90;
    case 0xf4:
        return second <= 0x8f;
    default:
        return true;
    }
}

size_t gk_utf8_character(struct gk_octets text)
{
    uint8_t first = text.size ? text.data[0] : 0xff;
    size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

    if (size == 1)
        return 1;
    if (first < 0xc2 || first > 0xf4 || size > text.size || !second_fits(first, text.data[1]))
        return 0;
    for (size_t i = 1; i < size; i++) {
        if ((text.data[i] & 0xc0) != 0x80)
            return 0;
    }
    return size;
}

bool gk_utf8_is(struct gk_octets text)
{
    while (text.size) {
        size_t size = gk_utf8_character(text);

        if (!size)
            return false;
        text = gk_octets(text.data + size, text.size - size);
    }
    return true;
}

uint32_t gk_utf8_point(struct gk_octets character)
{
    static const uint8_t bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point = character.data[0] & bits[character.size];

    for (size_t i = 1; i < character.size; i++)
        point = point << 6 | (character.data[i] & 0x3f);
    return point;
}

/* Unicode's general categories Cc, Cf, Zl and Zp, as far as terminals know them. */
static bool is_unseen(uint32_t point)
{
    static const struct {
        uint32_t first, last;
    } unseen[] = {{0, 0x1f},        {0x7f, 0x9f},      {0xad, 0xad},     {0x600, 0x605},
                  {0x61c, 0x61c},   {0x6dd, 0x6dd},    {0x70f, 0x70f},   {0x180e, 0x180e},
                  {0x200b, 0x200f}, {0x2028, 0x202e},  {0x2060, 0x206f}, {0xfeff, 0xfeff},
                  {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};

    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++) {
        if (point >= unseen[i].first && point <= unseen[i].last)
            return true;
    }
    return false;
}

void gk_utf8_plain(struct gk_octets text, struct gk_writer *to)
{
    char hex[5];

    for (size_t at = 0; at < text.size;) {
        size_t size = gk_utf8_character(gk_octets(text.data + at, text.size - at));
        struct gk_octets character = gk_octets(text.data + at, size ? size : 1);

        at += character.size;
        if (size && !is_unseen(gk_utf8_point(character))) {
            gk_write_octets(to, character);
            continue;
        }
        for (size_t i = 0; i < character.size; i++) {
            (void)snprintf(hex, sizeof hex, "\\x%02x", character.data[i]);
            gk_write_octets(to, gk_octets_of(hex));
        }
    }
}
