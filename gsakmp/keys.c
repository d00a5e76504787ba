/* SPDX-License-Identifier: Apache-2.0 */
/* Key Datums (RFC 4535 7.4.1.1). */
#include "gsakmp/keys.h"
#include "gsakmp/registry.h"
#include "gsakmp/suite.h"

void gk_key_datum_write(const struct gk_key_datum *datum, struct gk_writer *to)
{
    gk_write_u16(to, datum->type);
    gk_write_u32(to, datum->id);
    gk_write_u32(to, datum->handle);
    gk_write_stamp(to, datum->created);
    gk_write_stamp(to, datum->expires);
    gk_write_octets(to, datum->key);
}

static bool read_fields(struct gk_key_datum *datum, size_t key_size, struct gk_reader *from,
                        size_t at, struct gk_reason *why)
{
    struct gk_octets created;
    struct gk_octets expires;

    datum->id = gk_read_u32(from);
    datum->handle = gk_read_u32(from);
    created = gk_read_octets(from, GK_STAMP_SIZE);
    expires = gk_read_octets(from, GK_STAMP_SIZE);
    datum->key = gk_read_octets(from, key_size);
    if (!gk_reader_ok(from))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "key-datum-cut",
                         "a Key Datum of type %u ends too early", datum->type);
    if (!gk_stamp_parse(created, &datum->created) || !gk_stamp_parse(expires, &datum->expires))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at + 10, "stamp",
                         "a date of key %08lx is not YYYYMMDDHHMMSSZ", (unsigned long)datum->id);
    return true;
}

bool gk_key_datum_read(struct gk_key_datum *datum, struct gk_reader *from, struct gk_reason *why)
{
    size_t at = gk_reader_offset(from);
    const struct gk_wrap *wrap;

    *datum = (struct gk_key_datum){.type = gk_read_u16(from)};
    if (!gk_reader_ok(from))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "key-datum-cut",
                         "a Key Datum ends within its Key Type");
    wrap = gk_wrap_find(datum->type);
    if (!wrap || !wrap->run)
        return gk_refuse(why, GK_INVALID_KEY_INFORMATION, at, "key-type",
                         "key type %u (%s) is not run by this version", datum->type,
                         gk_registry_name(GK_REGISTRY_KEY, datum->type));
    if (!read_fields(datum, wrap->key_size, from, at, why))
        return false;
    if (datum->expires <= datum->created)
        return gk_refuse(why, GK_INVALID_KEY_INFORMATION, at + 10, "key-dates",
                         "key %08lx expires no later than it was created",
                         (unsigned long)datum->id);
    return true;
}
