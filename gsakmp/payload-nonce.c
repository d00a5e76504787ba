/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4535 7.12, profile 5.1. */
#include "gsakmp/payload.h"

#define NONCE_LEAST 4
#define NONCE_MOST  256

static bool parse(struct gk_message *message, struct gk_reader *body, struct gk_reason *why)
{
    size_t at = gk_reader_offset(body);
    uint8_t type = gk_read_u8(body);
    struct gk_octets data = gk_read_rest(body);

    if (!gk_reader_ok(body))
        return gk_payload_whole(body, "Nonce", why);
    if (type < GK_NONCE_I || type > GK_NONCE_C)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "unknown-value",
                         "nonce type %u (%s) names no nonce", type,
                         gk_registry_name(GK_REGISTRY_NONCE, type));
    if (data.size < NONCE_LEAST || data.size > NONCE_MOST)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at + 1, "nonce-size",
                         "the nonce has %zu octets, %d to %d are allowed", data.size, NONCE_LEAST,
                         NONCE_MOST);
    if (message->nonce[type].size)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "nonce-repeated",
                         "there are two nonces of type %s",
                         gk_registry_name(GK_REGISTRY_NONCE, type));
    message->nonce[type] = data;
    return true;
}

static size_t count(const struct gk_message *message)
{
    size_t present = 0;

    for (unsigned type = GK_NONCE_I; type <= GK_NONCE_C; type++)
        present += message->nonce[type].size != 0;
    return present;
}

static void write(const struct gk_message *message, size_t index, struct gk_writer *to)
{
    uint8_t type = GK_NONCE_I;

    while (!message->nonce[type].size || index--)
        type++;
    gk_write_u8(to, type);
    gk_write_octets(to, message->nonce[type]);
}

const struct gk_payload_kind gk_payload_nonce = {true, parse, count, write};
