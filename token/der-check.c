/* SPDX-License-Identifier: Apache-2.0 */
#include "token/der-check.h"

#include <string.h>

#include "gsakmp/stamp.h"
#include "token/der.h"

/* X.509 inside CMS needs about 14. */
#define DEPTH 32

static const struct der_fault truncated = {"der-truncated", "the octets end inside a value"};
static const struct der_fault trailing = {"der-trailing", "octets follow the value"};
static const struct der_fault tag_form = {"der-tag", "the identifier octets are no DER"};
static const struct der_fault indefinite = {"der-indefinite",
                                            "the length is indefinite, DER gives it in full"};
static const struct der_fault length = {"der-length", "the length is not minimal"};
static const struct der_fault constructed = {
    "der-constructed", "a value that DER encodes primitively is constructed, or the reverse"};
static const struct der_fault boolean = {"der-boolean", "a BOOLEAN is one octet, 00 or FF"};
static const struct der_fault integer = {"der-integer",
                                         "an INTEGER is empty or longer than it needs to be"};
static const struct der_fault null_content = {"der-null", "a NULL has contents"};
static const struct der_fault oid = {"der-oid",
                                     "an OBJECT IDENTIFIER is empty, cut off or not minimal"};
static const struct der_fault bits = {"der-bit-string",
                                      "a BIT STRING has a wrong count of unused bits"};
static const struct der_fault ia5 = {"der-ia5", "an IA5String has an octet above 7F"};
static const struct der_fault time_form = {
    "der-time", "a time is impossible or not in DER's form (with seconds, ending in Z)"};
static const struct der_fault set_order = {"der-set-order",
                                           "the elements of a SET are not in ascending order"};
static const struct der_fault depth = {"der-depth", "values are nested too deeply"};

/* The rest of identifier octets whose number is 31 or more (X.690 8.1.2.4). */
static bool read_long_tag(struct gk_reader *reader)
{
    uint8_t octet = gk_read_u8(reader);
    size_t count = 1;
    uint8_t first = octet;

    while (octet & 0x80) {
        if (++count > 4)
            return false;
        octet = gk_read_u8(reader);
    }
    return first != 0x80 && (count > 1 || first >= 0x1f);
}

/* X.690 10.1: the shortest definite form. */
static const struct der_fault *read_length(struct gk_reader *reader, size_t *size)
{
    uint8_t first = gk_read_u8(reader);
    size_t count = first & 0x7f;

    *size = first;
    if (first < 0x80)
        return NULL;
    if (!count)
        return &indefinite;
    if (count > 4)
        return &length;
    *size = 0;
    for (size_t i = 0; i < count; i++)
        *size = *size << 8 | gk_read_u8(reader);
    if (!gk_reader_ok(reader))
        return &truncated;
    return *size < 0x80 || *size >> 8 * (count - 1) == 0 ? &length : NULL;
}

/* Universal types by their number: 'p' primitive, 'c' constructed, '-' none that X.509, CMS
 * or RFC 4534 use. */
static bool universal_form(uint8_t tag)
{
    static const char form[] = "-pppppppcppcpp--ccpppppppppppcp";
    uint8_t number = tag & 0x1f;

    return number < 0x1f && form[number] == (tag & DER_CONSTRUCTED ? 'c' : 'p');
}

const struct der_fault *der_header(struct gk_reader *reader, struct der_tlv *tlv)
{
    const struct der_fault *fault;
    size_t start = reader->at;
    size_t size;

    *tlv = (struct der_tlv){.offset = gk_reader_offset(reader)};
    if (!gk_reader_left(reader))
        return &truncated;
    tlv->tag = gk_read_u8(reader);
    if ((tlv->tag & 0x1f) == 0x1f && !read_long_tag(reader))
        return gk_reader_ok(reader) ? &tag_form : &truncated;
    if (!gk_reader_left(reader))
        return &truncated;
    fault = read_length(reader, &size);
    if (fault)
        return fault;
    if (tlv->tag < 0x40 && !universal_form(tlv->tag))
        return tlv->tag & 0x1f ? &constructed : &tag_form;
    tlv->value = gk_read_octets(reader, size);
    if (!gk_reader_ok(reader))
        return &truncated;
    tlv->whole = gk_octets(reader->data + start, reader->at - start);
    return NULL;
}

/* X.690 8.3.2 and 8.4. */
static bool integer_minimal(struct gk_octets value)
{
    if (value.size < 2)
        return value.size == 1;
    return !(value.data[0] == 0x00 && value.data[1] < 0x80) &&
           !(value.data[0] == 0xff && value.data[1] >= 0x80);
}

/* X.690 8.19.2: the last octet of each arc, and no other, is below 80; none begins with 80. */
static bool oid_minimal(struct gk_octets value)
{
    bool first = true;

    for (size_t i = 0; i < value.size; i++) {
        if (first && value.data[i] == 0x80)
            return false;
        first = value.data[i] < 0x80;
    }
    return value.size && first;
}

/* X.690 8.6.2 and 11.2.1: unused bits are zero. */
static bool bits_canonical(struct gk_octets value)
{
    uint8_t unused = value.size ? value.data[0] : 8;

    if (unused > 7 || (value.size == 1 && unused))
        return false;
    return value.size == 1 || !(value.data[value.size - 1] & ((1U << unused) - 1));
}

static bool seven_bits(struct gk_octets value)
{
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] > 0x7f)
            return false;
    }
    return true;
}

bool der_time(uint8_t type, struct gk_octets value, int64_t *time)
{
    uint8_t full[GK_STAMP_SIZE] = "20";

    if (type == DER_GENERALIZED_TIME)
        return gk_stamp_parse(value, time);
    if (value.size != GK_STAMP_SIZE - 2)
        return false;
    if (value.data[0] >= '5')
        memcpy(full, "19", 2);
    memcpy(full + 2, value.data, value.size);
    return gk_stamp_parse(gk_octets(full, sizeof full), time);
}

/* 19500101000000Z to 20491231235959Z. */
bool der_utc_holds(int64_t time)
{
    return time >= INT64_C(-631152000) && time <= INT64_C(2524607999);
}

/* X.690 11.7: a fraction ends in no zero. */
static bool generalized_time(struct gk_octets value)
{
    uint8_t whole[GK_STAMP_SIZE];
    size_t last = value.size - 1;
    int64_t time;

    if (value.size < GK_STAMP_SIZE)
        return false;
    memcpy(whole, value.data, sizeof whole - 1);
    whole[sizeof whole - 1] = value.data[last];
    if (value.size > GK_STAMP_SIZE &&
        (value.data[14] != '.' || last < 16 || value.data[last - 1] == '0'))
        return false;
    for (size_t i = 15; i < last; i++) {
        if (value.data[i] < '0' || value.data[i] > '9')
            return false;
    }
    return gk_stamp_parse(gk_octets(whole, sizeof whole), &time);
}

const struct der_fault *der_value(uint8_t type, struct gk_octets value)
{
    int64_t time;

    switch (type) {
    case DER_BOOLEAN:
        return value.size == 1 && (value.data[0] == 0 || value.data[0] == 0xff) ? NULL : &boolean;
    case DER_INTEGER:
    case DER_ENUMERATED:
        return integer_minimal(value) ? NULL : &integer;
    case DER_BIT_STRING:
        return bits_canonical(value) ? NULL : &bits;
    case DER_NULL:
        return value.size ? &null_content : NULL;
    case DER_OID:
    case DER_RELATIVE_OID:
        return oid_minimal(value) ? NULL : &oid;
    case DER_IA5_STRING:
        return seven_bits(value) ? NULL : &ia5;
    case DER_UTC_TIME:
        return der_time(type, value, &time) ? NULL : &time_form;
    case DER_GENERALIZED_TIME:
        return generalized_time(value) ? NULL : &time_form;
    default:
        return NULL;
    }
}

static const struct der_fault *walk(struct gk_reader *reader, size_t level, size_t *offset);

/* X.690 10.3 and 11.6: a SET's elements ascend by tag, a SET OF's by their octets. In what
 * X.509 and CMS define the octets tell both. */
static const struct der_fault *walk_inside(struct gk_reader *inside, bool set, size_t level,
                                           size_t *offset)
{
    struct gk_octets before = GK_NO_OCTETS;
    const struct der_fault *fault = NULL;

    while (!fault && gk_reader_left(inside)) {
        size_t start = inside->at;
        struct gk_octets now;

        fault = walk(inside, level + 1, offset);
        now = gk_octets(inside->data + start, inside->at - start);
        if (!fault && set && gk_octets_compare(before, now) > 0) {
            *offset = inside->base + start;
            return &set_order;
        }
        before = now;
    }
    return fault;
}

/* One value and what is inside it. */
static const struct der_fault *walk(struct gk_reader *reader, size_t level, size_t *offset)
{
    const struct der_fault *fault;
    struct gk_reader inside;
    struct der_tlv tlv;

    *offset = gk_reader_offset(reader);
    if (level > DEPTH)
        return &depth;
    fault = der_header(reader, &tlv);
    if (fault)
        return fault;
    if (!(tlv.tag & DER_CONSTRUCTED))
        return tlv.tag < 0x40 ? der_value(tlv.tag, tlv.value) : NULL;
    inside = gk_reader(tlv.value);
    inside.base = gk_reader_offset(reader) - tlv.value.size;
    return walk_inside(&inside, tlv.tag == DER_SET, level, offset);
}

bool der_check(struct gk_octets der, struct gk_reason *why)
{
    struct gk_reader reader = gk_reader(der);
    size_t offset = 0;
    const struct der_fault *fault = walk(&reader, 0, &offset);

    if (!fault && !gk_reader_done(&reader)) {
        offset = gk_reader_offset(&reader);
        fault = &trailing;
    }
    return !fault || gk_refuse(why, GK_PAYLOAD_MALFORMED, offset, fault->code, "%s", fault->text);
}
