/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4535 7.8, profile 4.1, 4.3. The writer stops before the Signature Length: what is
 * signed ends there, and message-build.c adds the rest. */
#include "gsakmp/payload.h"

static bool judge(const struct gk_message *message, const struct gk_signature_payload *signature,
                  size_t at, struct gk_reason *why)
{
    if (!gk_payload_value(GK_REGISTRY_SIGNATURE, signature->type, message->vendor, at, why) ||
        !gk_payload_value(GK_REGISTRY_ID, signature->id_type, message->vendor, at + 2, why))
        return false;
    if (signature->id_type != GK_ID_DN_STRING)
        return gk_refuse(why, GK_INVALID_ID_INFORMATION, at + 2, "signer-id-type",
                         "the signer is named as %s, only ID_DN_STRING is taken",
                         gk_registry_name(GK_REGISTRY_ID, signature->id_type));
    return true;
}

static bool parse(struct gk_message *message, struct gk_reader *body, struct gk_reason *why)
{
    struct gk_signature_payload signature = {.offset = gk_reader_offset(body)};
    size_t at = signature.offset;
    struct gk_octets stamp;
    size_t end;

    if (message->has_signature)
        return gk_payload_repeated("Signature", at, why);
    signature.type = gk_read_u16(body);
    signature.id_type = gk_read_u8(body);
    stamp = gk_read_octets(body, GK_STAMP_SIZE);
    signature.signer_id = gk_read_octets(body, gk_read_u16(body));
    end = gk_reader_offset(body) - message->base;
    signature.signature = gk_read_octets(body, gk_read_u16(body));
    if (!gk_reader_ok(body))
        return gk_payload_whole(body, "Signature", why);
    if (!judge(message, &signature, at, why))
        return false;
    if (!gk_stamp_parse(stamp, &signature.stamp))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at + 3, "stamp",
                         "the Signature Timestamp is not YYYYMMDDHHMMSSZ");
    message->signature = signature;
    message->signed_octets = gk_octets(message->octets.data, end);
    message->has_signature = true;
    return true;
}

static size_t count(const struct gk_message *message)
{
    return message->has_signature;
}

static void write(const struct gk_message *message, size_t index, struct gk_writer *to)
{
    (void)index;
    gk_write_u16(to, message->signature.type);
    gk_write_u8(to, message->signature.id_type);
    gk_write_stamp(to, message->signature.stamp);
    gk_write_v(to, message->signature.signer_id);
}

const struct gk_payload_kind gk_payload_signature = {true, parse, count, write};
