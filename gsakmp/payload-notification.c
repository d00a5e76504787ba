/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4535 7.9, profile 3.5, 6.2, 12.8. Which kinds a message may hold is in its layout. */
#include "gsakmp/payload.h"

#define COOKIE_MOST 1024

static bool judge_ack(struct gk_octets data, size_t at, struct gk_reason *why)
{
    if (data.size != 1 || data.data[0] != 0)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "ack-data",
                         "the data of an Acknowledgement is one octet, 0");
    return true;
}

static bool judge_size(struct gk_octets data, size_t least, size_t most, uint16_t type, size_t at,
                       struct gk_reason *why)
{
    if (data.size < least || data.size > most)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "notification-size",
                         "a notification of type %s has %zu octets of data, %zu to %zu are allowed",
                         gk_name_notification(type), data.size, least, most);
    return true;
}

static bool judge_choices(struct gk_message *message, struct gk_octets data, size_t at,
                          struct gk_reason *why)
{
    struct gk_choices *choices = &message->choices;
    bool vendor = message->vendor;

    if (!gk_choices_parse(choices, data, at, why))
        return false;
    message->has_choices = true;
    return (!choices->has_key_creation ||
            gk_payload_value(GK_REGISTRY_KEY_CREATION, choices->key_creation, vendor, at, why)) &&
           (!choices->has_key_wrap ||
            gk_payload_value(GK_REGISTRY_KEY, choices->key_wrap, vendor, at, why)) &&
           (!choices->has_nonce_hash ||
            gk_payload_value(GK_REGISTRY_NONCE_HASH, choices->nonce_hash, vendor, at, why));
}

/* Types without a data format: any data is ignored (profile 3.5). */
static bool judge_data(struct gk_message *message, const struct gk_notification_payload *note,
                       size_t at, struct gk_reason *why)
{
    switch (note->type) {
    case GK_ACKNOWLEDGEMENT:
        return judge_ack(note->data, at, why);
    case GK_COOKIE_REQUIRED:
    case GK_COOKIE:
        return judge_size(note->data, 1, COOKIE_MOST, note->type, at, why);
    case GK_MECHANISM_CHOICES:
        return judge_choices(message, note->data, at, why);
    case GK_IPV4_VALUE:
        return judge_size(note->data, 4, 4, note->type, at, why);
    case GK_IPV6_VALUE:
        return judge_size(note->data, 16, 16, note->type, at, why);
    default:
        return true;
    }
}

static bool parse(struct gk_message *message, struct gk_reader *body, struct gk_reason *why)
{
    size_t at = gk_reader_offset(body);
    struct gk_notification_payload note = {.type = gk_read_u16(body)};

    note.data = gk_read_rest(body);
    if (!gk_reader_ok(body))
        return gk_payload_whole(body, "Notification", why);
    if (!gk_payload_value(GK_REGISTRY_NOTIFICATION, note.type, message->vendor, at, why) ||
        !judge_data(message, &note, at + 2, why))
        return false;
    if (message->notification_count == GK_MESSAGE_NOTIFICATIONS)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "payload-repeated",
                         "a message has at most %d Notification payloads",
                         GK_MESSAGE_NOTIFICATIONS);
    message->notification[message->notification_count++] = note;
    return true;
}

static size_t count(const struct gk_message *message)
{
    return message->notification_count;
}

static void write(const struct gk_message *message, size_t index, struct gk_writer *to)
{
    gk_write_u16(to, message->notification[index].type);
    gk_write_octets(to, message->notification[index].data);
}

const struct gk_payload_kind gk_payload_notification = {false, parse, count, write};
