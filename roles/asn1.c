/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/asn1.h"

#include <string.h>

static size_t read_length(struct gk_reader *from)
{
    uint8_t first = gk_read_u8(from);
    size_t length = 0;
    unsigned octets = first & 0x7f;

    if (first < 0x80)
        return first;
    if (octets == 0 || octets > 4) {
        from->failed = true;
        return 0;
    }
    for (unsigned i = 0; i < octets; i++)
        length = length << 8 | gk_read_u8(from);
    if (length < 0x80 || length >> (8 * (octets - 1)) == 0)
        from->failed = true;
    return length;
}

bool asn1_next(struct gk_reader *from, struct asn1 *item)
{
    size_t start = from->at;
    size_t length;

    memset(item, 0, sizeof *item);
    item->tag = gk_read_u8(from);
    if ((item->tag & 0x1f) == 0x1f)
        from->failed = true;
    length = read_length(from);
    if (!gk_reader_ok(from))
        return false;
    item->content = gk_read_octets(from, length);
    if (!gk_reader_ok(from))
        return false;
    item->whole = gk_octets(from->data + start, from->at - start);
    return true;
}

bool asn1_at(const struct gk_reader *from, uint8_t tag)
{
    return gk_reader_ok(from) && gk_reader_left(from) && from->data[from->at] == tag;
}

bool asn1_take(struct gk_reader *from, uint8_t tag, struct asn1 *item)
{
    memset(item, 0, sizeof *item);
    if (!asn1_at(from, tag)) {
        from->failed = true;
        return false;
    }
    return asn1_next(from, item);
}

bool asn1_optional(struct gk_reader *from, uint8_t tag, struct asn1 *item)
{
    memset(item, 0, sizeof *item);
    return asn1_at(from, tag) && asn1_next(from, item);
}

struct gk_reader asn1_enter(struct gk_reader *from, uint8_t tag)
{
    struct asn1 item;
    struct gk_reader inside;

    (void)asn1_take(from, tag, &item);
    inside = gk_reader(item.content);
    inside.failed = !gk_reader_ok(from);
    inside.base = gk_reader_offset(from) - item.content.size;
    return inside;
}

/* RFC 5280 4.1.2.5.1: years 50 to 99 are of the twentieth century. */
static bool utc_time(struct gk_octets content, gk_time *time)
{
    char full[GK_STAMP_SIZE];

    if (content.size != GK_STAMP_SIZE - 2)
        return false;
    memcpy(full, content.data[0] >= '5' ? "19" : "20", 2);
    memcpy(full + 2, content.data, content.size);
    return gk_stamp_parse(gk_octets(full, sizeof full), time);
}

bool asn1_time(struct gk_reader *from, gk_time *time)
{
    struct asn1 item;
    bool good;

    *time = 0;
    if (!asn1_next(from, &item))
        return false;
    if (item.tag == ASN1_UTC_TIME)
        good = utc_time(item.content, time);
    else
        good = item.tag == ASN1_GENERALIZED_TIME && gk_stamp_parse(item.content, time);
    from->failed |= !good;
    return good;
}

bool asn1_oid_is(struct gk_octets oid, const char *octets, size_t size)
{
    return oid.size == size && memcmp(oid.data, octets, size) == 0;
}

bool asn1_small(struct gk_reader *from, uint8_t tag, int32_t *value)
{
    struct asn1 item;
    uint32_t sum = 0;

    *value = 0;
    if (!asn1_take(from, tag, &item) || item.content.size < 1 || item.content.size > 4 ||
        item.content.data[0] & 0x80) {
        from->failed = true;
        return false;
    }
    for (size_t i = 0; i < item.content.size; i++)
        sum = sum << 8 | item.content.data[i];
    *value = (int32_t)sum;
    return true;
}
