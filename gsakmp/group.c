/* SPDX-License-Identifier: Apache-2.0 */
/* Group IDs (RFC 4535 7.1.1.1, profile section 2). */
#include "gsakmp/message.h"
#include "gsakmp/registry.h"
#include "gsakmp/utf8.h"

#include <string.h>

#define TYPE_UTF8  1
#define TYPE_OCTET 2
#define TYPE_IPV4  3
#define TYPE_IPV6  4

static bool is_upper_hex(struct gk_octets text)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F')))
            return false;
    }
    return true;
}

static bool has_shape(uint8_t type, struct gk_octets value)
{
    switch (type) {
    case TYPE_UTF8:
        return value.size >= 17 && is_upper_hex(gk_octets(value.data, 16)) &&
               gk_utf8_is(gk_octets(value.data + 16, value.size - 16));
    case TYPE_OCTET:
        return value.size >= 9;
    case TYPE_IPV4:
        return value.size == 12;
    default:
        return value.size == 24;
    }
}

bool gk_group_set(struct gk_group *group, uint8_t type, struct gk_octets value,
                  struct gk_reason *why)
{
    if (type < TYPE_UTF8 || type > TYPE_IPV6)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "group-type",
                         "group identification type %u is none of RFC 4535 table 11", type);
    if (value.size > sizeof group->value || !has_shape(type, value))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "group-shape",
                         "the group id value of %zu octets does not have the form of type %s",
                         value.size, gk_registry_name(GK_REGISTRY_GROUP_ID, type));
    *group = (struct gk_group){.type = type, .size = (uint8_t)value.size};
    memcpy(group->value, value.data, value.size);
    return true;
}

struct gk_octets gk_group_value(const struct gk_group *group)
{
    return gk_octets(group->value, group->size);
}

bool gk_group_equal(const struct gk_group *a, const struct gk_group *b)
{
    return a->type == b->type && gk_octets_equal(gk_group_value(a), gk_group_value(b));
}
