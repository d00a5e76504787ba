/* SPDX-License-Identifier: Apache-2.0 */
#include "token/der-write.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/stamp.h"
#include "token/oid.h"

size_t der_open(const struct gk_writer *to)
{
    return to->size;
}

void der_close(struct gk_writer *to, size_t start, uint8_t tag)
{
    size_t size = to->size - start;
    uint8_t head[2 + sizeof size] = {tag};
    size_t count = 2;

    if (size < 0x80) {
        head[1] = (uint8_t)size;
    } else {
        for (size_t rest = size; rest; rest >>= 8)
            count++;
        head[1] = (uint8_t)(0x80 | (count - 2));
        for (size_t i = 2; i < count; i++)
            head[i] = (uint8_t)(size >> 8 * (count - 1 - i));
    }
    (void)gk_write_reserve(to, count);
    memmove(to->data + start + count, to->data + start, size);
    memcpy(to->data + start, head, count);
}

void der_write(struct gk_writer *to, uint8_t tag, struct gk_octets value)
{
    size_t start = der_open(to);

    gk_write_octets(to, value);
    der_close(to, start, tag);
}

void der_write_integer(struct gk_writer *to, uint8_t tag, int64_t value)
{
    size_t start = der_open(to);
    unsigned shift = 56;

    /* As long as the nine leading bits are equal the first octet says nothing. */
    while (shift && (value >> (shift - 1) == 0 || value >> (shift - 1) == -1))
        shift -= 8;
    for (;; shift -= 8) {
        gk_write_u8(to, (uint8_t)(value >> shift));
        if (!shift)
            break;
    }
    der_close(to, start, tag);
}

void der_write_boolean(struct gk_writer *to, bool value)
{
    uint8_t octet = value ? 0xff : 0x00;

    der_write(to, DER_BOOLEAN, gk_octets(&octet, 1));
}

void der_write_null(struct gk_writer *to, uint8_t tag)
{
    der_write(to, tag, GK_NO_OCTETS);
}

static int compare(const void *a, const void *b)
{
    return gk_octets_compare(*(const struct gk_octets *)a, *(const struct gk_octets *)b);
}

void der_write_set(struct gk_writer *to, uint8_t tag, struct gk_octets *elements, size_t count)
{
    size_t start = der_open(to);

    if (count)
        qsort(elements, count, sizeof *elements, compare);
    for (size_t i = 0; i < count; i++)
        gk_write_octets(to, elements[i]);
    der_close(to, start, tag);
}

bool der_write_oid(struct gk_writer *to, uint8_t tag, const char *oid)
{
    size_t start = der_open(to);

    if (!oid || !oid_from_text(oid, to))
        return false;
    der_close(to, start, tag);
    return true;
}

bool der_write_time(struct gk_writer *to, uint8_t tag, int64_t time)
{
    char text[GK_STAMP_SIZE + 1];
    bool utc = tag == DER_UTC_TIME;

    if (utc ? !der_utc_holds(time) : time < GK_TIME_FIRST || time > GK_TIME_NEVER)
        return false;
    gk_stamp_format(time, text);
    der_write(to, tag, gk_octets_of(utc ? text + 2 : text));
    return true;
}
