/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4535 7.3 as sent: the data is encrypted (profile 8.1). */
#include "gsakmp/payload.h"

static bool parse(struct gk_message *message, struct gk_reader *body, struct gk_reason *why)
{
    size_t at = gk_reader_offset(body);

    if (message->has_token)
        return gk_payload_repeated("Policy Token", at, why);
    message->token_type = gk_read_u16(body);
    message->token = gk_read_rest(body);
    if (!gk_reader_ok(body))
        return gk_payload_whole(body, "Policy Token", why);
    if (!gk_payload_value(GK_REGISTRY_POLICY_TOKEN, message->token_type, message->vendor, at, why))
        return false;
    message->has_token = true;
    return true;
}

static size_t count(const struct gk_message *message)
{
    return message->has_token;
}

static void write(const struct gk_message *message, size_t index, struct gk_writer *to)
{
    (void)index;
    gk_write_u16(to, message->token_type);
    gk_write_octets(to, message->token);
}

const struct gk_payload_kind gk_payload_policy_token = {false, parse, count, write};
