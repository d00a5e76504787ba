/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/tlv.h"

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

bool tlv_next(struct gk_reader *from, struct tlv *item)
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

bool tlv_at(const struct gk_reader *from, uint8_t tag)
{
    return gk_reader_ok(from) && gk_reader_left(from) && from->data[from->at] == tag;
}

bool tlv_take(struct gk_reader *from, uint8_t tag, struct tlv *item)
{
    memset(item, 0, sizeof *item);
    if (!tlv_at(from, tag)) {
        from->failed = true;
        return false;
    }
    return tlv_next(from, item);
}

bool tlv_optional(struct gk_reader *from, uint8_t tag, struct tlv *item)
{
    memset(item, 0, sizeof *item);
    return tlv_at(from, tag) && tlv_next(from, item);
}

struct gk_reader tlv_enter(struct gk_reader *from, uint8_t tag)
{
    struct tlv item;
    struct gk_reader inside;

    (void)tlv_take(from, tag, &item);
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

bool tlv_time(struct gk_reader *from, gk_time *time)
{
    struct tlv item;
    bool good;

    *time = 0;
    if (!tlv_next(from, &item))
        return false;
    if (item.tag == TLV_UTC_TIME)
        good = utc_time(item.content, time);
    else
        good = item.tag == TLV_GENERALIZED_TIME && gk_stamp_parse(item.content, time);
    from->failed |= !good;
    return good;
}

bool tlv_oid_is(struct gk_octets oid, const char *octets, size_t size)
{
    return oid.size == size && memcmp(oid.data, octets, size) == 0;
}

bool tlv_small(struct gk_reader *from, uint8_t tag, int32_t *value)
{
    struct tlv item;
    uint32_t sum = 0;

    *value = 0;
    if (!tlv_take(from, tag, &item) || item.content.size < 1 || item.content.size > 4 ||
        item.content.data[0] & 0x80) {
        from->failed = true;
        return false;
    }
    for (size_t i = 0; i < item.content.size; i++)
        sum = sum << 8 | item.content.data[i];
    *value = (int32_t)sum;
    return true;
}
