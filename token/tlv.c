/* SPDX-License-Identifier: Apache-2.0 */
#include "token/tlv.h"

#include <string.h>

bool tlv_next(struct gk_reader *from, struct der_tlv *item)
{
    if (!gk_reader_ok(from) || der_header(from, item) || (item->tag & 0x1f) == 0x1f) {
        *item = (struct der_tlv){0};
        from->failed = true;
    }
    return gk_reader_ok(from);
}

bool tlv_at(const struct gk_reader *from, uint8_t tag)
{
    return gk_reader_ok(from) && gk_reader_left(from) && from->data[from->at] == tag;
}

bool tlv_take(struct gk_reader *from, uint8_t tag, struct der_tlv *item)
{
    *item = (struct der_tlv){0};
    if (!tlv_at(from, tag)) {
        from->failed = true;
        return false;
    }
    return tlv_next(from, item);
}

bool tlv_optional(struct gk_reader *from, uint8_t tag, struct der_tlv *item)
{
    *item = (struct der_tlv){0};
    return tlv_at(from, tag) && tlv_next(from, item);
}

struct gk_reader tlv_enter(struct gk_reader *from, uint8_t tag)
{
    struct der_tlv item;
    struct gk_reader inside;

    (void)tlv_take(from, tag, &item);
    inside = gk_reader(item.value);
    inside.failed = !gk_reader_ok(from);
    inside.base = gk_reader_offset(from) - item.value.size;
    return inside;
}

bool tlv_time(struct gk_reader *from, gk_time *time)
{
    struct der_tlv item;
    bool good;

    *time = 0;
    if (!tlv_next(from, &item))
        return false;
    good = (item.tag == DER_UTC_TIME || item.tag == DER_GENERALIZED_TIME) &&
           der_time(item.tag, item.value, time);
    from->failed |= !good;
    return good;
}

bool tlv_oid_is(struct gk_octets oid, const char *octets, size_t size)
{
    return oid.size == size && memcmp(oid.data, octets, size) == 0;
}

bool tlv_small(struct gk_reader *from, uint8_t tag, int32_t *value)
{
    struct der_tlv item;
    uint32_t sum = 0;

    *value = 0;
    if (!tlv_take(from, tag, &item) || item.value.size < 1 || item.value.size > 4 ||
        item.value.data[0] & 0x80) {
        from->failed = true;
        return false;
    }
    for (size_t i = 0; i < item.value.size; i++)
        sum = sum << 8 | item.value.data[i];
    *value = (int32_t)sum;
    return true;
}
