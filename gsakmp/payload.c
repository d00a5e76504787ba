/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/payload.h"

const struct gk_payload_kind *gk_payload_kind(uint8_t type)
{
    static const struct gk_payload_kind *const kinds[GK_PAYLOAD_TYPES] = {
        [GK_PAYLOAD_POLICY_TOKEN] = &gk_payload_policy_token,
        [GK_PAYLOAD_KEY_DOWNLOAD] = &gk_payload_key_download,
        [GK_PAYLOAD_REKEY_EVENT] = &gk_payload_rekey_event,
        [GK_PAYLOAD_IDENTIFICATION] = &gk_payload_identification,
        [GK_PAYLOAD_CERTIFICATE] = &gk_payload_certificate,
        [GK_PAYLOAD_SIGNATURE] = &gk_payload_signature,
        [GK_PAYLOAD_NOTIFICATION] = &gk_payload_notification,
        [GK_PAYLOAD_VENDOR_ID] = &gk_payload_vendor_id,
        [GK_PAYLOAD_KEY_CREATION] = &gk_payload_key_creation,
        [GK_PAYLOAD_NONCE] = &gk_payload_nonce,
    };

    return type < GK_PAYLOAD_TYPES ? kinds[type] : NULL;
}

bool gk_payload_value(enum gk_registry registry, uint32_t value, bool vendor, size_t offset,
                      struct gk_reason *why)
{
    if (gk_registry_allows(registry, value, vendor))
        return true;
    if (gk_registry_allows(registry, value, true))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, offset, "private-value",
                         "%s %lu (%s) is in force only in messages with its Vendor ID",
                         gk_registry_title(registry), (unsigned long)value,
                         gk_registry_name(registry, value));
    return gk_refuse(why, GK_PAYLOAD_MALFORMED, offset, "unknown-value",
                     "%s %lu is none of RFC 4535 table %d", gk_registry_title(registry),
                     (unsigned long)value, (int)registry);
}

bool gk_payload_whole(const struct gk_reader *body, const char *what, struct gk_reason *why)
{
    if (!gk_reader_ok(body))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, gk_reader_offset(body), "payload-cut",
                         "a %s payload ends within a field", what);
    if (gk_reader_left(body))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, gk_reader_offset(body), "payload-rest",
                         "a %s payload has %zu octets too many", what, gk_reader_left(body));
    return true;
}

bool gk_payload_repeated(const char *what, size_t offset, struct gk_reason *why)
{
    return gk_refuse(why, GK_PAYLOAD_MALFORMED, offset, "payload-repeated",
                     "a message has one %s payload", what);
}

size_t gk_payload_offset(const struct gk_message *message, struct gk_octets slice)
{
    if (!message->octets.size || !slice.data)
        return GK_NO_OFFSET; /* a message to be built */
    return message->base + (size_t)(slice.data - message->octets.data);
}
