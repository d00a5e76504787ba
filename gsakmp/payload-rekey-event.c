/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4535 7.5, profile 9.10. Rekey Event Data is opened elsewhere; here their number and
 * lengths must add up. */
#include "gsakmp/keys.h"
#include "gsakmp/payload.h"

#define ALGORITHM_VERSION 1

/* RFC 4535 7.5.2, items 2 to 6. */
static bool judge_header(const struct gk_rekey_payload *rekey, uint8_t inner_type, size_t at,
                         struct gk_reason *why)
{
    if (inner_type != rekey->type)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "rekey-type",
                         "the Rekey Event Header has type %u, its payload type %u", inner_type,
                         rekey->type);
    if (rekey->algorithm_version != ALGORITHM_VERSION)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at + 1, "rekey-version",
                         "rekey algorithm version %u is not supported", rekey->algorithm_version);
    if (rekey->type == GK_REKEY_NONE && (rekey->count || rekey->data.size))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at + 2, "rekey-none-data",
                         "a Rekey Event of type None has no data");
    return true;
}

static bool judge_data(const struct gk_rekey_payload *rekey, struct gk_reason *why)
{
    struct gk_reader reader = gk_reader(rekey->data);
    struct gk_rekey_data data;

    reader.base = rekey->offset;
    for (unsigned i = 0; i < rekey->count; i++) {
        if (!gk_rekey_data_read(&data, &reader, why))
            return false;
    }
    return gk_payload_whole(&reader, "Rekey Event", why);
}

static bool parse(struct gk_message *message, struct gk_reader *body, struct gk_reason *why)
{
    size_t at = gk_reader_offset(body);
    struct gk_rekey_payload rekey = {.type = gk_read_u8(body)};
    struct gk_octets group = gk_read_octets(body, message->group.size);
    struct gk_octets stamp = gk_read_octets(body, GK_STAMP_SIZE);
    size_t inner = gk_reader_offset(body);
    uint8_t inner_type = gk_read_u8(body);

    rekey.algorithm_version = gk_read_u8(body);
    rekey.count = gk_read_u16(body);
    rekey.offset = gk_reader_offset(body);
    rekey.data = gk_read_rest(body);
    if (!gk_reader_ok(body))
        return gk_payload_whole(body, "Rekey Event", why);
    if (!gk_payload_value(GK_REGISTRY_REKEY_EVENT, rekey.type, message->vendor, at, why))
        return false;
    if (!gk_octets_equal(group, gk_group_value(&message->group)))
        return gk_refuse(why, GK_INVALID_GROUP_ID, at + 1, "rekey-group",
                         "the Rekey Event Header names another group than the message");
    if (!gk_stamp_parse(stamp, &rekey.stamp))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at + 1 + group.size, "stamp",
                         "the Time/Date Stamp of the Rekey Event is not YYYYMMDDHHMMSSZ");
    if (!judge_header(&rekey, inner_type, inner, why) || !judge_data(&rekey, why))
        return false;
    if (message->rekey_count == GK_MESSAGE_REKEY_EVENTS)
        return gk_payload_repeated("Rekey Event", at, why);
    message->rekey[message->rekey_count++] = rekey;
    return true;
}

static size_t count(const struct gk_message *message)
{
    return message->rekey_count;
}

static void write(const struct gk_message *message, size_t index, struct gk_writer *to)
{
    const struct gk_rekey_payload *rekey = &message->rekey[index];

    gk_write_u8(to, rekey->type);
    gk_write_octets(to, gk_group_value(&message->group));
    gk_write_stamp(to, rekey->stamp);
    gk_write_u8(to, rekey->type);
    gk_write_u8(to, ALGORITHM_VERSION);
    gk_write_u16(to, rekey->count);
    gk_write_octets(to, rekey->data);
}

const struct gk_payload_kind gk_payload_rekey_event = {false, parse, count, write};
