/* SPDX-License-Identifier: Apache-2.0 */
/* Strictly, as profile 11.16 asks. The integers have at most 64 octets here, so every length but
 * the SEQUENCE's takes its short form. */
#include "gsakmp/signature-rs.h"

#define INTEGER_MOST 64

static struct gk_octets without_zeros(struct gk_octets integer)
{
    while (integer.size && !integer.data[0]) {
        integer.data++;
        integer.size--;
    }
    return integer;
}

/* A positive INTEGER in its fewest octets. */
static bool read_integer(struct gk_reader *reader, struct gk_octets *integer)
{
    bool tagged = gk_read_u8(reader) == 0x02;
    size_t size = gk_read_u8(reader);
    struct gk_octets raw;

    if (!tagged || size > INTEGER_MOST + 1)
        return false;
    raw = gk_read_octets(reader, size);
    if (!raw.size || raw.data[0] & 0x80)
        return false;
    *integer = without_zeros(raw);
    return integer->size == raw.size ||
           (integer->size + 1 == raw.size && integer->size && integer->data[0] & 0x80);
}

bool gk_rs_read(struct gk_octets der, struct gk_octets *r, struct gk_octets *s)
{
    struct gk_reader reader = gk_reader(der);
    size_t size;

    if (gk_read_u8(&reader) != 0x30)
        return false;
    size = gk_read_u8(&reader);
    if (size == 0x81) {
        size = gk_read_u8(&reader);
        if (size < 0x80)
            return false;
    } else if (size > 0x80) {
        return false;
    }
    return size == gk_reader_left(&reader) && read_integer(&reader, r) &&
           read_integer(&reader, s) && gk_reader_done(&reader);
}

static size_t integer_size(struct gk_octets integer)
{
    return integer.size + (integer.data[0] >> 7);
}

static void write_integer(struct gk_octets integer, struct gk_writer *to)
{
    gk_write_u8(to, 0x02);
    gk_write_u8(to, (uint8_t)integer_size(integer));
    if (integer.data[0] & 0x80)
        gk_write_u8(to, 0);
    gk_write_octets(to, integer);
}

bool gk_rs_write(struct gk_octets r, struct gk_octets s, struct gk_writer *to)
{
    size_t size;

    r = without_zeros(r);
    s = without_zeros(s);
    if (!r.size || !s.size || r.size > INTEGER_MOST || s.size > INTEGER_MOST)
        return false;
    size = 4 + integer_size(r) + integer_size(s);
    gk_write_u8(to, 0x30);
    if (size > 0x7f)
        gk_write_u8(to, 0x81);
    gk_write_u8(to, (uint8_t)size);
    write_integer(r, to);
    write_integer(s, to);
    return true;
}
