/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/utf8.h"

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
