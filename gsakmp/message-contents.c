/* SPDX-License-Identifier: Apache-2.0 */
/* Which payloads stand in a message, and those that are parsed once its signature may have
 * been verified. */
#include "gsakmp/payload.h"

static bool is_late(uint8_t type)
{
    return !gk_payload_kind(type)->early;
}

static bool judge_counts(const struct gk_layout *layout, const struct gk_message *message,
                         struct gk_reason *why)
{
    struct gk_walk walk = gk_walk_begin(message);
    size_t counts[GK_PAYLOAD_TYPES] = {0};

    while (walk.next != GK_PAYLOAD_NONE) {
        size_t at = gk_reader_offset(&walk.reader);
        struct gk_reader body;
        uint8_t type;

        if (!gk_walk_take(&walk, &type, &body, why) ||
            !gk_layout_may(layout, type, ++counts[type], at, why))
            return false;
    }
    return gk_layout_needs(layout, counts, why);
}

/* Profile 5.1: the private key creations bind nonces of a fixed size. */
static bool judge_nonce_sizes(const struct gk_message *message, struct gk_reason *why)
{
    const struct gk_registry_entry *row =
        gk_registry_find(GK_REGISTRY_KEY_CREATION, message->key_creation_type);

    if (!message->has_key_creation || !row || !row->private_use)
        return true;
    for (unsigned type = GK_NONCE_I; type <= GK_NONCE_R; type++) {
        size_t size = message->nonce[type].size;

        if (size && size != GK_NONCE_SIZE)
            return gk_refuse(why, GK_PAYLOAD_MALFORMED,
                             gk_payload_offset(message, message->nonce[type]), "nonce-size",
                             "with key creation %s a nonce has %d octets, not %zu", row->name,
                             GK_NONCE_SIZE, size);
    }
    return true;
}

/* Profile 6.2: the choice and the payload name one key creation. */
static bool judge_choices(const struct gk_message *message, struct gk_reason *why)
{
    if (message->has_choices && message->choices.has_key_creation &&
        message->choices.key_creation != message->key_creation_type)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED,
                         gk_payload_offset(message, message->key_creation), "choices-differ",
                         "the key creation choice is %u, the Key Creation payload has type %u",
                         message->choices.key_creation, message->key_creation_type);
    return true;
}

/* Profile 3.6: the receiver, and in a subordinate's Request to Depart a third party (9.12).
 * The receiver is put first. */
static bool judge_identifications(struct gk_message *message, struct gk_reason *why)
{
    struct gk_id_payload *id = message->identification;

    for (size_t i = 0; i < message->identification_count; i++) {
        if (id[i].class == GK_ID_SENDER ||
            (id[i].class == GK_ID_THIRD_PARTY && message->identification_count == 1))
            return gk_refuse(why, GK_INVALID_ID_INFORMATION, gk_payload_offset(message, id[i].data),
                             "id-class", "the identification is classified as %s, not as Receiver",
                             gk_registry_name(GK_REGISTRY_ID_CLASS, id[i].class));
    }
    if (message->identification_count < 2)
        return true;
    if (id[0].class == id[1].class)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, gk_payload_offset(message, id[1].data),
                         "id-repeated", "two identifications are classified as %s",
                         gk_registry_name(GK_REGISTRY_ID_CLASS, id[0].class));
    if (id[0].class != GK_ID_RECEIVER) {
        struct gk_id_payload first = id[0];

        id[0] = id[1];
        id[1] = first;
    }
    return true;
}

/* Profile 9.10. */
static bool judge_rekey_events(const struct gk_message *message, struct gk_reason *why)
{
    const struct gk_rekey_payload *first = &message->rekey[0];

    for (size_t i = 1; i < message->rekey_count; i++) {
        if (message->rekey[i].type != first->type || message->rekey[i].stamp != first->stamp)
            return gk_refuse(why, GK_PAYLOAD_MALFORMED, message->rekey[i].offset, "rekey-differ",
                             "the Rekey Event payloads differ in type or stamp");
    }
    return true;
}

static void forget(struct gk_message *message)
{
    message->has_key_creation = false;
    message->has_token = false;
    message->has_key_download = false;
    message->has_choices = false;
    message->identification_count = 0;
    message->rekey_count = 0;
    message->notification_count = 0;
}

bool gk_message_contents(struct gk_message *message, struct gk_reason *why)
{
    const struct gk_layout *layout = gk_layout_find(message->exchange);

    forget(message);
    if (!layout)
        return gk_refuse(why, GK_INVALID_EXCHANGE_TYPE, GK_NO_OFFSET, "exchange-type",
                         "exchange type %u is unknown", message->exchange);
    return judge_counts(layout, message, why) && gk_layout_nonces(layout, message, why) &&
           gk_walk_parse(message, is_late, why) && gk_layout_notifications(layout, message, why) &&
           judge_identifications(message, why) && judge_nonce_sizes(message, why) &&
           judge_choices(message, why) && judge_rekey_events(message, why);
}

bool gk_message_parse(struct gk_message *message, struct gk_octets datagram,
                      const struct gk_group *group, unsigned exchanges, struct gk_reason *why)
{
    return gk_message_header(message, datagram, group, exchanges, why) &&
           gk_message_chain(message, why) && gk_message_contents(message, why);
}

const struct gk_notification_payload *gk_message_notification(const struct gk_message *message,
                                                              uint16_t type)
{
    for (size_t i = 0; i < message->notification_count; i++) {
        if (message->notification[i].type == type)
            return &message->notification[i];
    }
    return NULL;
}
