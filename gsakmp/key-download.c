/* SPDX-License-Identifier: Apache-2.0 */
/* The opened Key Download (RFC 4535 7.4, profile 9.2, 9.16). */
#include "gsakmp/keys.h"
#include "gsakmp/registry.h"

#define REKEY_VERSION 1

/* An item's length is filled in once its data stand there. */
static size_t open_item(uint8_t type, struct gk_writer *to)
{
    gk_write_u8(to, type);
    return gk_write_reserve(to, 2);
}

static void close_item(size_t at, struct gk_writer *to)
{
    gk_write_u16_at(to, at, (uint16_t)(to->size - at - 2));
}

static void write_array(const struct gk_rekey_array *array, struct gk_writer *to)
{
    size_t at = open_item(GK_KDD_LKH, to);

    gk_write_u8(to, REKEY_VERSION);
    gk_write_u32(to, array->member_id);
    gk_write_u16(to, (uint16_t)array->count);
    for (size_t i = 0; i < array->count; i++)
        gk_key_datum_write(&array->kek[i], to);
    close_item(at, to);
}

static void write_sender(const struct gk_sender_ids *sender, struct gk_writer *to)
{
    size_t at = open_item(GK_KDD_SENDER_IDS, to);

    gk_write_u32(to, sender->key_id);
    gk_write_u32(to, sender->first);
    gk_write_u32(to, sender->count);
    close_item(at, to);
}

void gk_key_download_write(const struct gk_key_download *download, struct gk_writer *to)
{
    gk_write_u16(to,
                 (uint16_t)(download->gtpk_count + download->has_array + download->sender_count));
    for (size_t i = 0; i < download->gtpk_count; i++) {
        size_t at = open_item(GK_KDD_GTPK, to);

        gk_key_datum_write(&download->gtpk[i], to);
        close_item(at, to);
    }
    if (download->has_array)
        write_array(&download->array, to);
    for (size_t i = 0; i < download->sender_count; i++)
        write_sender(&download->sender[i], to);
}

static bool item_done(const struct gk_reader *item, const char *what, struct gk_reason *why)
{
    if (!gk_reader_done(item))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, gk_reader_offset(item), "item-length",
                         "the item's length does not fit the %s in it", what);
    return true;
}

static bool too_many(const char *what, size_t offset, struct gk_reason *why)
{
    return gk_refuse(why, GK_PAYLOAD_MALFORMED, offset, "item-repeated",
                     "a Key Download has more %s than it may", what);
}

/* Profile 3.3, 9.2. */
static bool in_force(uint16_t type, bool vendor, size_t offset, struct gk_reason *why)
{
    if (gk_registry_allows(GK_REGISTRY_KEY, type, vendor))
        return true;
    return gk_refuse(why, GK_INVALID_KEY_INFORMATION, offset, "key-type-private",
                     "key type %u (%s) is in force only in messages with its Vendor ID", type,
                     gk_registry_name(GK_REGISTRY_KEY, type));
}

static bool read_datum(struct gk_key_datum *datum, struct gk_reader *from, bool vendor,
                       struct gk_reason *why)
{
    size_t at = gk_reader_offset(from);

    return gk_key_datum_read(datum, from, why) && in_force(datum->type, vendor, at, why);
}

static bool unique_id(const struct gk_key_datum *data, size_t count, uint32_t id, size_t offset,
                      struct gk_reason *why)
{
    for (size_t i = 0; i < count; i++) {
        if (data[i].id == id)
            return gk_refuse(why, GK_PAYLOAD_MALFORMED, offset, "key-repeated",
                             "key %08lx is given twice", (unsigned long)id);
    }
    return true;
}

static bool read_gtpk(struct gk_key_download *download, struct gk_reader *item, bool vendor,
                      struct gk_reason *why)
{
    size_t at = gk_reader_offset(item);
    struct gk_key_datum datum;

    if (!read_datum(&datum, item, vendor, why) || !item_done(item, "Key Datum", why) ||
        !unique_id(download->gtpk, download->gtpk_count, datum.id, at, why))
        return false;
    if (download->gtpk_count == GK_KEY_DOWNLOAD_GTPKS)
        return too_many("GTPKs", at, why);
    download->gtpk[download->gtpk_count++] = datum;
    return true;
}

static bool read_array(struct gk_key_download *download, struct gk_reader *item, bool vendor,
                       struct gk_reason *why)
{
    struct gk_rekey_array *array = &download->array;
    size_t at = gk_reader_offset(item);
    uint16_t count;

    if (download->has_array)
        return too_many("Rekey Arrays", at, why);
    array->version = gk_read_u8(item);
    array->member_id = gk_read_u32(item);
    count = gk_read_u16(item);
    if (!gk_reader_ok(item))
        return item_done(item, "Rekey Array", why);
    if (array->version != REKEY_VERSION)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "rekey-version",
                         "rekey version %u is not supported", array->version);
    if (count > GK_REKEY_ARRAY_KEKS)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at + 5, "kek-count",
                         "a Rekey Array of %u KEKs, %d is the most", count, GK_REKEY_ARRAY_KEKS);
    for (; array->count < count; array->count++) {
        struct gk_key_datum *kek = &array->kek[array->count];

        at = gk_reader_offset(item);
        if (!read_datum(kek, item, vendor, why) ||
            !unique_id(array->kek, array->count, kek->id, at, why))
            return false;
    }
    download->has_array = true;
    return item_done(item, "Rekey Array", why);
}

static bool read_sender(struct gk_key_download *download, struct gk_reader *item,
                        struct gk_reason *why)
{
    size_t at = gk_reader_offset(item);
    struct gk_sender_ids sender;

    sender.key_id = gk_read_u32(item);
    sender.first = gk_read_u32(item);
    sender.count = gk_read_u32(item);
    if (!item_done(item, "Sender Identifiers", why))
        return false;
    if (!sender.count || (uint64_t)sender.first + sender.count > UINT64_C(1) << 32)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at + 4, "sender-range",
                         "sender identifiers from %lu on, %lu of them, are no range",
                         (unsigned long)sender.first, (unsigned long)sender.count);
    for (size_t i = 0; i < download->sender_count; i++) {
        if (download->sender[i].key_id == sender.key_id)
            return too_many("Sender Identifiers for one key", at, why);
    }
    if (download->sender_count == GK_KEY_DOWNLOAD_GTPKS)
        return too_many("Sender Identifiers", at, why);
    download->sender[download->sender_count++] = sender;
    return true;
}

static bool read_item(struct gk_key_download *download, struct gk_reader *from, bool vendor,
                      struct gk_reason *why)
{
    size_t at = gk_reader_offset(from);
    uint8_t type = gk_read_u8(from);
    struct gk_reader item = gk_read_sub(from, gk_read_u16(from));

    if (!gk_reader_ok(from))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "item-cut",
                         "the Key Download ends within an item");
    if (!gk_registry_allows(GK_REGISTRY_KEY_DOWNLOAD_ITEM, type, vendor))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "item-type",
                         "key download data item type %u (%s) is not in force", type,
                         gk_registry_name(GK_REGISTRY_KEY_DOWNLOAD_ITEM, type));
    switch (type) {
    case GK_KDD_GTPK:
        return read_gtpk(download, &item, vendor, why);
    case GK_KDD_LKH:
        return read_array(download, &item, vendor, why);
    default:
        return read_sender(download, &item, why);
    }
}

bool gk_key_download_read(struct gk_key_download *download, struct gk_octets plain, bool vendor,
                          struct gk_reason *why)
{
    struct gk_reader reader = gk_reader(plain);
    uint16_t items = gk_read_u16(&reader);

    *download = (struct gk_key_download){0};
    if (!gk_reader_ok(&reader))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, 0, "item-cut",
                         "the Key Download has no Number of Items");
    for (unsigned i = 0; i < items; i++) {
        if (!read_item(download, &reader, vendor, why))
            return false;
    }
    if (gk_reader_left(&reader))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, gk_reader_offset(&reader), "item-count",
                         "%zu octets follow the last of %u items", gk_reader_left(&reader), items);
    return true;
}
