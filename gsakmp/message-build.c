/* SPDX-License-Identifier: Apache-2.0 */
/* Building: the layout's payloads in their order, then the signature over what stands there. */
#include "gsakmp/payload.h"

#define VERSION     1
#define SIGN_TRIES  64
#define SIZE_OF_LEN 2
#define USUAL_SIZE  64 /* of a signature: Ed25519 and ECDSA P-256 */

/* A message under construction. `link` is where the type of the next payload goes. */
struct build {
    const struct gk_message *message;
    struct gk_writer *to;
    size_t start;
    size_t link;
    size_t length_at;
};

static bool is_private(enum gk_registry registry, uint16_t value)
{
    const struct gk_registry_entry *row = gk_registry_find(registry, value);

    return row && row->private_use;
}

static bool choices_private(const struct gk_message *message)
{
    const struct gk_notification_payload *note =
        gk_message_notification(message, GK_MECHANISM_CHOICES);
    struct gk_choices choices;

    if (!note || !gk_choices_parse(&choices, note->data, 0, NULL))
        return false;
    return (choices.has_key_creation &&
            is_private(GK_REGISTRY_KEY_CREATION, choices.key_creation)) ||
           (choices.has_key_wrap && is_private(GK_REGISTRY_KEY, choices.key_wrap)) ||
           (choices.has_nonce_hash && is_private(GK_REGISTRY_NONCE_HASH, choices.nonce_hash));
}

/* Profile 3.3: in clear or encrypted, and in no other message. */
static bool needs_vendor_id(const struct gk_message *message)
{
    return message->private_inside ||
           (message->has_signature && is_private(GK_REGISTRY_SIGNATURE, message->signature.type)) ||
           (message->has_key_creation &&
            is_private(GK_REGISTRY_KEY_CREATION, message->key_creation_type)) ||
           choices_private(message);
}

static bool judge(const struct gk_layout *layout, const struct gk_message *message,
                  struct gk_reason *why)
{
    size_t counts[GK_PAYLOAD_TYPES] = {0};

    for (uint8_t type = 1; type < GK_PAYLOAD_TYPES; type++) {
        const struct gk_payload_kind *kind = gk_payload_kind(type);

        if (kind)
            counts[type] = kind->count(message);
        if (!gk_layout_may(layout, type, counts[type], GK_NO_OFFSET, why))
            return false;
    }
    if ((message->exchange == GK_REKEY_EVENT) != (message->sequence != 0))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "sequence",
                         "a %s message cannot have sequence id %lu",
                         gk_name_exchange(message->exchange), (unsigned long)message->sequence);
    return gk_layout_needs(layout, counts, why) && gk_layout_nonces(layout, message, why) &&
           gk_layout_notifications(layout, message, why);
}

static void write_header(struct build *build)
{
    const struct gk_message *message = build->message;
    struct gk_writer *to = build->to;

    build->start = to->size;
    gk_write_u8(to, message->group.type);
    gk_write_u8(to, message->group.size);
    gk_write_octets(to, gk_group_value(&message->group));
    build->link = gk_write_reserve(to, 1);
    gk_write_u8(to, VERSION);
    gk_write_u8(to, message->exchange);
    gk_write_u32(to, message->sequence);
    build->length_at = gk_write_reserve(to, 4);
}

/* The generic header of a payload and its octets, but not its length. */
static size_t open_payload(struct build *build, uint8_t type, size_t index)
{
    size_t at = gk_write_reserve(build->to, GK_PAYLOAD_HEADER);

    build->to->data[build->link] = type;
    build->link = at;
    gk_payload_kind(type)->write(build->message, index, build->to);
    return at;
}

static bool close_payload(struct build *build, size_t at, size_t extra, struct gk_reason *why)
{
    size_t size = build->to->size - at + extra;

    if (size > GK_PAYLOAD_MAX)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "payload-size",
                         "a payload of %zu octets cannot be sent, %d is the most", size,
                         GK_PAYLOAD_MAX);
    gk_write_u16_at(build->to, at + 2, (uint16_t)size);
    return true;
}

static bool write_payload(struct build *build, uint8_t type, size_t index, struct gk_reason *why)
{
    return close_payload(build, open_payload(build, type, index), 0, why);
}

/* All that the layout names before the signature, or all when there is none. */
static bool write_body(struct build *build, const struct gk_layout *layout, struct gk_reason *why)
{
    const struct gk_layout_rule *rule = layout->rules;

    for (; rule->payload != GK_PAYLOAD_NONE && rule->payload != GK_PAYLOAD_SIGNATURE; rule++) {
        size_t count = gk_payload_kind(rule->payload)->count(build->message);

        for (size_t i = 0; i < count; i++) {
            if (!write_payload(build, rule->payload, i, why))
                return false;
        }
    }
    return true;
}

static bool set_length(struct build *build, size_t extra, struct gk_reason *why)
{
    size_t size = build->to->size - build->start + extra;

    if (size > GK_MESSAGE_MAX)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "message-size",
                         "a message of %zu octets cannot be sent, %zu is the most", size,
                         GK_MESSAGE_MAX);
    gk_write_u32_at(build->to, build->length_at, (uint32_t)size);
    return true;
}

/* Signs until the lengths that are signed are those of the signature (profile 4.2). */
static bool sign(struct build *build, const struct gk_signer *signer, size_t payload_at,
                 size_t behind, struct gk_writer *signature, struct gk_reason *why)
{
    size_t assumed = signer->size ? signer->size : USUAL_SIZE;

    for (int i = 0; i < SIGN_TRIES; i++) {
        const uint8_t *from = build->to->data + build->start;

        if (!close_payload(build, payload_at, SIZE_OF_LEN + assumed, why) ||
            !set_length(build, SIZE_OF_LEN + assumed + behind, why))
            return false;
        gk_writer_cut(signature, 0);
        if (!signer->sign(signer, gk_octets(from, build->to->size - build->start), signature, why))
            return false;
        if (signature->size == assumed)
            return true;
        assumed = signature->size;
    }
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "signature-length",
                     "no signature had the length that it signs in %d tries", SIGN_TRIES);
}

/* The certificates' octets do not depend on the signature before them: they are laid out
 * apart, so that their length is known when the header's is signed. */
static bool write_certificates(struct build *behind, struct gk_reason *why)
{
    for (size_t i = 0; i < behind->message->certificate_count; i++) {
        if (!write_payload(behind, GK_PAYLOAD_CERTIFICATE, i, why))
            return false;
    }
    return true;
}

static bool write_signature(struct build *build, const struct gk_signer *signer,
                            struct gk_reason *why)
{
    struct gk_writer certificates = {0};
    struct gk_writer signature = {0};
    struct build behind = {.message = build->message, .to = &certificates};
    size_t at = open_payload(build, GK_PAYLOAD_SIGNATURE, 0);
    bool done;

    /* The first link of `behind` is the signature's, which stands in the other writer. */
    (void)gk_write_reserve(&certificates, 1);
    done = write_certificates(&behind, why);
    build->to->data[at] = certificates.data[0];
    done = done && sign(build, signer, at, certificates.size - 1, &signature, why);
    if (done) {
        gk_write_v(build->to, gk_writer_octets(&signature));
        gk_write(build->to, certificates.data + 1, certificates.size - 1);
    }
    gk_writer_free(&certificates);
    gk_writer_free(&signature);
    return done;
}

static bool write_all(struct build *build, const struct gk_layout *layout,
                      const struct gk_signer *signer, struct gk_reason *why)
{
    write_header(build);
    if (!write_body(build, layout, why))
        return false;
    return layout->is_signed ? write_signature(build, signer, why) : set_length(build, 0, why);
}

bool gk_message_build(const struct gk_message *message, const struct gk_signer *signer,
                      struct gk_writer *to, struct gk_reason *why)
{
    const struct gk_layout *layout = gk_layout_find(message->exchange);
    struct gk_message full = *message;
    struct build build = {.message = &full, .to = to};
    size_t start = to->size;

    if (!layout || (layout->is_signed && !signer))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, layout ? "signer" : "exchange-type",
                         layout ? "a %s message needs a signer" : "no message is called %s",
                         gk_name_exchange(message->exchange));
    full.has_signature = layout->is_signed;
    if (signer)
        full.signature.type = signer->type;
    full.vendor = needs_vendor_id(&full);
    if (judge(layout, &full, why) && write_all(&build, layout, signer, why))
        return true;
    gk_writer_cut(to, start);
    if (why)
        why->notification = GK_NONE;
    return false;
}
