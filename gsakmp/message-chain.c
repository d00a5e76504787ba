/* SPDX-License-Identifier: Apache-2.0 */
/* The payload chain and the payloads that are parsed with it (profile 12.1). */
#include "gsakmp/payload.h"

struct gk_walk gk_walk_begin(const struct gk_message *message)
{
    struct gk_walk walk = {gk_reader(message->octets), message->next_payload};

    walk.reader.base = message->base;
    (void)gk_read_octets(&walk.reader, message->header_size);
    return walk;
}

bool gk_walk_take(struct gk_walk *walk, uint8_t *type, struct gk_reader *body,
                  struct gk_reason *why)
{
    size_t at = gk_reader_offset(&walk->reader);
    uint8_t next = gk_read_u8(&walk->reader);
    uint8_t reserved = gk_read_u8(&walk->reader);
    size_t size = gk_read_u16(&walk->reader);

    *type = walk->next;
    if (!gk_reader_ok(&walk->reader))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "chain-cut",
                         "the message ends where a %s payload should begin",
                         gk_name_payload(walk->next));
    if (!gk_registry_allows(GK_REGISTRY_PAYLOAD, next, false))
        return gk_refuse(why, GK_INVALID_PAYLOAD_TYPE, at, "payload-type",
                         "next payload %u is none of RFC 4535 table 12", next);
    if (reserved)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at + 1, "reserved",
                         "the RESERVED octet of a %s payload is %u, not 0",
                         gk_name_payload(walk->next), reserved);
    if (size < GK_PAYLOAD_HEADER || size - GK_PAYLOAD_HEADER > gk_reader_left(&walk->reader))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at + 2, "payload-length",
                         "a %s payload counts %zu octets, %zu are left",
                         gk_name_payload(walk->next), size,
                         gk_reader_left(&walk->reader) + GK_PAYLOAD_HEADER);
    walk->next = next;
    *body = gk_read_sub(&walk->reader, size - GK_PAYLOAD_HEADER);
    return true;
}

/* Generic headers first, to the end: an unknown type behind the signature is told before the
 * rule that only certificates stand there (profile 3.1). */
static bool judge_headers(const struct gk_message *message, struct gk_reason *why)
{
    struct gk_walk walk = gk_walk_begin(message);
    size_t behind_signature = GK_NO_OFFSET;
    bool signature = false;

    while (walk.next != GK_PAYLOAD_NONE) {
        size_t at = gk_reader_offset(&walk.reader);
        struct gk_reader body;
        uint8_t type;

        if (!gk_walk_take(&walk, &type, &body, why))
            return false;
        if (signature && type != GK_PAYLOAD_CERTIFICATE && behind_signature == GK_NO_OFFSET)
            behind_signature = at;
        signature = signature || type == GK_PAYLOAD_SIGNATURE;
    }
    if (gk_reader_left(&walk.reader))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, gk_reader_offset(&walk.reader), "chain-end",
                         "%zu octets follow the last payload", gk_reader_left(&walk.reader));
    if (behind_signature != GK_NO_OFFSET)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, behind_signature, "behind-signature",
                         "only certificate payloads may follow the signature payload");
    return true;
}

bool gk_walk_parse(struct gk_message *message, bool (*wanted)(uint8_t type), struct gk_reason *why)
{
    struct gk_walk walk = gk_walk_begin(message);

    while (walk.next != GK_PAYLOAD_NONE) {
        struct gk_reader body;
        uint8_t type;

        if (!gk_walk_take(&walk, &type, &body, why))
            return false;
        if (wanted(type) && (!gk_payload_kind(type)->parse(message, &body, why) ||
                             !gk_payload_whole(&body, gk_name_payload(type), why)))
            return false;
    }
    return true;
}

static bool is_vendor_id(uint8_t type)
{
    return type == GK_PAYLOAD_VENDOR_ID;
}

static bool is_early(uint8_t type)
{
    return type != GK_PAYLOAD_VENDOR_ID && gk_payload_kind(type)->early;
}

static bool is_nonce(uint8_t type)
{
    return type == GK_PAYLOAD_NONCE;
}

static void forget(struct gk_message *message)
{
    message->vendor = false;
    message->has_signature = false;
    message->signed_octets = GK_NO_OCTETS;
    message->certificate_count = 0;
    for (unsigned type = GK_NONCE_I; type <= GK_NONCE_C; type++)
        message->nonce[type] = GK_NO_OCTETS;
}

bool gk_message_chain(struct gk_message *message, struct gk_reason *why)
{
    const struct gk_layout *layout = gk_layout_find(message->exchange);

    forget(message);
    if (!layout)
        return gk_refuse(why, GK_INVALID_EXCHANGE_TYPE, GK_NO_OFFSET, "exchange-type",
                         "exchange type %u is unknown", message->exchange);
    if (!judge_headers(message, why) || !gk_walk_parse(message, is_vendor_id, why) ||
        !gk_walk_parse(message, is_early, why)) {
        /* Profile 12.9: an answer echoes Nonce_I when it could be parsed. */
        bool ignored = gk_walk_parse(message, is_nonce, NULL);

        (void)ignored;
        return false;
    }
    if (layout->is_signed && !message->has_signature)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "payload-missing",
                         "a %s message needs a Signature payload",
                         gk_name_exchange(message->exchange));
    return !layout->nonce_needed || gk_layout_nonces(layout, message, why);
}
