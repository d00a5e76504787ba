/* SPDX-License-Identifier: Apache-2.0 */
/* The header: RFC 4535 7.1.2 in the order of profile 1.7. */
#include "gsakmp/message.h"
#include "gsakmp/registry.h"

#include <string.h>

#define VERSION 1
/* Octets of the header besides the Group ID Value. */
#define HEADER_FIXED 13

struct header {
    struct gk_group group;
    uint8_t next_payload;
    uint8_t version;
    uint8_t exchange;
    uint32_t sequence;
    uint32_t length;
    size_t size;
};

/* Group ID type and length, then the octets of the rest. */
static bool read_header(struct header *header, struct gk_octets octets, size_t base,
                        struct gk_reason *why)
{
    struct gk_reader reader = gk_reader(octets);
    uint8_t type = gk_read_u8(&reader);
    struct gk_octets value = gk_read_octets(&reader, gk_read_u8(&reader));

    if (!gk_reader_ok(&reader))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, base, "header-cut",
                         "%zu octets are too few for a header", octets.size);
    if (!gk_group_set(&header->group, type, value, why)) {
        if (why)
            why->offset = base;
        return false;
    }
    header->next_payload = gk_read_u8(&reader);
    header->version = gk_read_u8(&reader);
    header->exchange = gk_read_u8(&reader);
    header->sequence = gk_read_u32(&reader);
    header->length = gk_read_u32(&reader);
    header->size = reader.at;
    if (!gk_reader_ok(&reader))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, base, "header-cut",
                         "%zu octets are too few for a header", octets.size);
    return true;
}

static bool length_fits(const struct header *header, size_t size, bool exact, size_t base,
                        struct gk_reason *why)
{
    bool fits = exact ? header->length == size : header->length <= size;

    if (!fits)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, base + header->size - 4, "length",
                         "the header counts %lu octets, %zu are there",
                         (unsigned long)header->length, size);
    if (header->length < header->size + 4 || header->length > GK_MESSAGE_MAX)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, base + header->size - 4, "length",
                         "a length of %lu octets is impossible, %zu to %zu are allowed",
                         (unsigned long)header->length, header->size + 4, GK_MESSAGE_MAX);
    return true;
}

/* RFC 4535 7.1.2, profile 1.6: what follows a later version's header is tried as a v1
 * message. `header` and `octets` become the inner ones. */
static bool enter_embedded(struct header *header, struct gk_octets *octets, size_t *base,
                           struct gk_reason *why)
{
    struct header inner;
    struct gk_reason cause;
    size_t skip = header->size;
    struct gk_octets rest = gk_octets(octets->data + skip, octets->size - skip);

    if (header->version == 0)
        return gk_refuse(why, GK_INVALID_VERSION, *base + skip - 10, "version",
                         "version 0 was never in use");
    if (!read_header(&inner, rest, *base + skip, &cause) ||
        !length_fits(&inner, rest.size, false, *base + skip, &cause))
        return gk_refuse(why, GK_INVALID_VERSION, *base + skip, "embedded",
                         "version %u, and no version 1 message follows its header: %s",
                         header->version, cause.text);
    if (inner.version != VERSION)
        return gk_refuse(why, GK_INVALID_VERSION, *base + skip, "embedded",
                         "version %u, and the message inside has version %u", header->version,
                         inner.version);
    if (!gk_group_equal(&inner.group, &header->group))
        return gk_refuse(why, GK_INVALID_GROUP_ID, *base + skip, "embedded-group",
                         "the message inside version %u names another group", header->version);
    *header = inner;
    *base += skip;
    *octets = gk_octets(rest.data, inner.length);
    return true;
}

/* Group, next payload, exchange type, sequence; `at` is the offset of the next payload. */
static bool judge_header(const struct header *header, const struct gk_group *group,
                         unsigned exchanges, size_t base, struct gk_reason *why)
{
    size_t at = base + header->size - 11;
    bool management = header->exchange == GK_REKEY_EVENT;

    if (group && !gk_group_equal(&header->group, group))
        return gk_refuse(why, GK_INVALID_GROUP_ID, base, "group",
                         "the message is for another group");
    if (header->next_payload == GK_PAYLOAD_NONE)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "no-payload",
                         "no payload follows the header");
    if (!gk_registry_allows(GK_REGISTRY_PAYLOAD, header->next_payload, false))
        return gk_refuse(why, GK_INVALID_PAYLOAD_TYPE, at, "payload-type",
                         "the first payload has type %u, which is none of RFC 4535 table 12",
                         header->next_payload);
    if (header->exchange > GK_DEPARTURE_ACK || !(exchanges & GK_EXCHANGE_BIT(header->exchange)))
        return gk_refuse(why, GK_INVALID_EXCHANGE_TYPE, at + 2, "exchange-type",
                         "exchange type %u (%s) is not expected here", header->exchange,
                         gk_name_exchange(header->exchange));
    if (management != (header->sequence != 0))
        return gk_refuse(why, GK_INVALID_SEQUENCE_ID, at + 3, "sequence",
                         "sequence id %lu in a %s message", (unsigned long)header->sequence,
                         gk_name_exchange(header->exchange));
    return true;
}

bool gk_message_header(struct gk_message *message, struct gk_octets datagram,
                       const struct gk_group *group, unsigned exchanges, struct gk_reason *why)
{
    struct header header;
    struct gk_octets octets = datagram;
    size_t base = 0;

    *message = (struct gk_message){0};
    if (!read_header(&header, octets, base, why))
        return false;
    message->group = header.group;
    if (!length_fits(&header, octets.size, true, base, why))
        return false;
    if (header.version != VERSION && !enter_embedded(&header, &octets, &base, why))
        return false;
    message->exchange = header.exchange;
    message->sequence = header.sequence;
    message->octets = octets;
    message->base = base;
    message->next_payload = header.next_payload;
    message->header_size = header.size;
    return judge_header(&header, group, exchanges, base, why);
}

bool gk_message_peek_group(struct gk_octets datagram, struct gk_group *group)
{
    struct header header;

    if (!read_header(&header, datagram, 0, NULL))
        return false;
    *group = header.group;
    return true;
}

bool gk_message_frame(struct gk_octets stream, size_t most, size_t *length, struct gk_reason *why)
{
    struct gk_reader reader = gk_reader(stream);
    size_t header;
    uint32_t counted;

    *length = 0;
    (void)gk_read_u8(&reader);
    header = gk_read_u8(&reader);
    (void)gk_read_octets(&reader, header + 7);
    counted = gk_read_u32(&reader);
    if (!gk_reader_ok(&reader))
        return true;
    header += HEADER_FIXED;
    if (counted < header + 4 || counted > most)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, header - 4, "frame-length",
                         "a message of %lu octets is announced, %zu to %zu are taken here",
                         (unsigned long)counted, header + 4, most);
    *length = counted;
    return true;
}
