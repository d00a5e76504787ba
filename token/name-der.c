/* SPDX-License-Identifier: Apache-2.0 */
/* Names from DER: Name of RFC 5280 4.1.2.4. */
#include "token/name-parts.h"

#include <string.h>
#include <unistr.h>

#include "token/tlv.h"
#include "token/oid.h"

enum string_tag {
    STRING_UTF8 = 0x0c,
    STRING_NUMERIC = 0x12,
    STRING_PRINTABLE = 0x13,
    STRING_TELETEX = 0x14,
    STRING_IA5 = 0x16,
    STRING_VISIBLE = 0x1a,
    STRING_UNIVERSAL = 0x1c,
    STRING_BMP = 0x1e,
};

static bool is_ascii(struct gk_octets text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] > 0x7f)
            return false;
    }
    return true;
}

/* Units of 2 or 4 octets, each a Unicode scalar value. */
static bool wide_to_utf8(struct gk_octets from, size_t unit, struct gk_writer *to)
{
    struct gk_reader reader = gk_reader(from);

    if (from.size % unit)
        return false;
    while (gk_reader_left(&reader)) {
        ucs4_t c = unit == 2 ? gk_read_u16(&reader) : gk_read_u32(&reader);
        uint8_t utf8[6];
        int size = c > 0x10ffff ? -1 : u8_uctomb(utf8, c, sizeof utf8);

        if (size < 1)
            return false;
        gk_write(to, utf8, (size_t)size);
    }
    return true;
}

bool name_text_of_der(struct gk_octets value, struct gk_writer *to, bool *malformed)
{
    struct gk_reader reader = gk_reader(value);
    struct der_tlv item;
    bool good;

    *malformed = true;
    if (!tlv_next(&reader, &item) || gk_reader_left(&reader))
        return false;
    switch (item.tag) {
    case STRING_UTF8:
        good = !u8_check(item.value.data, item.value.size);
        break;
    case STRING_NUMERIC:
    case STRING_PRINTABLE:
    case STRING_IA5:
    case STRING_VISIBLE:
        good = is_ascii(item.value);
        break;
    case STRING_TELETEX:
        /* T.61 beyond ASCII has no agreed reading: compared as DER. */
        *malformed = false;
        good = is_ascii(item.value);
        break;
    case STRING_BMP:
        return wide_to_utf8(item.value, 2, to);
    case STRING_UNIVERSAL:
        return wide_to_utf8(item.value, 4, to);
    default:
        *malformed = false;
        return false;
    }
    if (good)
        gk_write_octets(to, item.value);
    return good;
}

static bool refuse(struct gk_reason *why, const struct gk_reader *at, const char *what)
{
    return gk_refuse(why, GK_AUTHENTICATION_FAILED, gk_reader_offset(at), "name-der",
                     "the distinguished name is malformed: %s", what);
}

/* Can it be written as text? */
static bool good_oid(struct gk_octets oid)
{
    struct gk_writer text = {0};
    bool good = oid_print(oid, &text);

    gk_writer_free(&text);
    return good;
}

static bool read_attribute(struct name *name, size_t rdn, struct gk_reader *from,
                           struct gk_reason *why)
{
    struct gk_reader pair = tlv_enter(from, DER_SEQUENCE);
    struct gk_writer text = {0};
    struct name_attribute *attribute;
    struct der_tlv type;
    struct der_tlv value;
    bool malformed = false;

    if (!tlv_take(&pair, DER_OID, &type) || !tlv_next(&pair, &value) || !gk_reader_done(&pair))
        return refuse(why, from, "an attribute is not a pair of type and value");
    if (!good_oid(type.value))
        return refuse(why, from, "an attribute type is no object identifier of 64-bit arcs");
    attribute = name_grow(name);
    if (!attribute)
        return refuse(why, from, "it has more than 64 attributes");
    attribute->rdn = rdn;
    attribute->type = name_keep(name, type.value);
    attribute->der = name_keep(name, value.whole);
    attribute->is_text = name_text_of_der(value.whole, &text, &malformed);
    attribute->value =
        attribute->is_text ? name_keep(name, gk_writer_octets(&text)) : attribute->der;
    gk_writer_free(&text);
    if (!attribute->is_text && malformed)
        return refuse(why, from, "a string holds what its type does not define");
    return true;
}

static bool read_rdn(struct name *name, size_t rdn, struct gk_octets content, struct gk_reason *why)
{
    struct gk_reader set = gk_reader(content);

    if (!content.size)
        return refuse(why, &set, "a relative name is empty");
    while (gk_reader_left(&set)) {
        if (!read_attribute(name, rdn, &set, why))
            return false;
    }
    return true;
}

static bool read_name(struct name *name, struct gk_octets der, struct gk_reason *why)
{
    struct gk_octets rdn[NAME_ATTRIBUTES];
    struct gk_reader outer = gk_reader(der);
    struct gk_reader inner = tlv_enter(&outer, DER_SEQUENCE);
    struct der_tlv item;
    size_t count = 0;

    if (der.size > NAME_DER_MAX)
        return refuse(why, &outer, "it is longer than 8192 octets");
    while (gk_reader_ok(&inner) && gk_reader_left(&inner)) {
        if (!tlv_take(&inner, DER_SET, &item))
            break;
        if (count == NAME_ATTRIBUTES)
            return refuse(why, &inner, "it has more than 64 relative names");
        rdn[count++] = item.value;
    }
    if (!gk_reader_done(&inner) || !gk_reader_done(&outer))
        return refuse(why, &inner, "it is not a sequence of sets");
    name->rdn_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!read_rdn(name, i, rdn[count - 1 - i], why))
            return false;
    }
    return true;
}

bool name_parse_der(struct name *name, struct gk_octets der, struct gk_reason *why)
{
    memset(name, 0, sizeof *name);
    if (read_name(name, der, why))
        return true;
    name_drop(name);
    return false;
}
