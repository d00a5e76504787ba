/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4535 7.11. Whether the data is a public value is the suites' business (profile 7). */
#include "gsakmp/payload.h"

static bool parse(struct gk_message *message, struct gk_reader *body, struct gk_reason *why)
{
    size_t at = gk_reader_offset(body);

    if (message->has_key_creation)
        return gk_payload_repeated("Key Creation", at, why);
    message->key_creation_type = gk_read_u16(body);
    message->key_creation = gk_read_rest(body);
    if (!gk_reader_ok(body))
        return gk_payload_whole(body, "Key Creation", why);
    if (!gk_payload_value(GK_REGISTRY_KEY_CREATION, message->key_creation_type, message->vendor, at,
                          why))
        return false;
    if (!message->key_creation.size)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at + 2, "key-creation-empty",
                         "the Key Creation payload has no data");
    message->has_key_creation = true;
    return true;
}

static size_t count(const struct gk_message *message)
{
    return message->has_key_creation;
}

static void write(const struct gk_message *message, size_t index, struct gk_writer *to)
{
    (void)index;
    gk_write_u16(to, message->key_creation_type);
    gk_write_octets(to, message->key_creation);
}

const struct gk_payload_kind gk_payload_key_creation = {false, parse, count, write};
