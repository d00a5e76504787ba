/* SPDX-License-Identifier: Apache-2.0 */
/* What each message may hold: RFC 4535 tables 1 to 10, profile 3.2. */
#include "gsakmp/payload.h"

#define N(name) GK_NOTIFICATION_BIT(GK_##name)
/* What is reported to a peer as met. */
#define ERRORS                                                                                     \
    (N(INVALID_PAYLOAD_TYPE) | N(INVALID_VERSION) | N(INVALID_GROUP_ID) | N(INVALID_SEQUENCE_ID) | \
     N(PAYLOAD_MALFORMED) | N(INVALID_KEY_INFORMATION) | N(INVALID_ID_INFORMATION) |               \
     N(CERT_TYPE_UNSUPPORTED) | N(INVALID_CERT_AUTHORITY) | N(AUTHENTICATION_FAILED) |             \
     N(CERTIFICATE_UNAVAILABLE) | N(UNAUTHORIZED_REQUEST) | N(INVALID_EXCHANGE_TYPE) |             \
     N(PROHIBITED_BY_GROUP_POLICY) | N(PROHIBITED_BY_LOCAL_POLICY))

#define ONE(payload)                                                                               \
    {                                                                                              \
        GK_PAYLOAD_##payload, 1, 1                                                                 \
    }
#define MAYBE(payload)                                                                             \
    {                                                                                              \
        GK_PAYLOAD_##payload, 0, 1                                                                 \
    }
#define ANY(payload)                                                                               \
    {                                                                                              \
        GK_PAYLOAD_##payload, 0, GK_MANY                                                           \
    }
#define UP_TO(payload, n)                                                                          \
    {                                                                                              \
        GK_PAYLOAD_##payload, 0, n                                                                 \
    }
#define SOME(payload, n)                                                                           \
    {                                                                                              \
        GK_PAYLOAD_##payload, 1, n                                                                 \
    }
#define CERTIFICATES UP_TO(CERTIFICATE, GK_MESSAGE_CERTIFICATES)
#define I            GK_NONCE_BIT(GK_NONCE_I)
#define R            GK_NONCE_BIT(GK_NONCE_R)
#define C            GK_NONCE_BIT(GK_NONCE_C)

static const struct gk_layout layouts[] = {
    {GK_REQUEST_TO_JOIN,
     true,
     true,
     I,
     N(MECHANISM_CHOICES) | N(COOKIE) | N(IPV4_VALUE) | N(IPV6_VALUE),
     {ONE(KEY_CREATION), ONE(NONCE), ANY(VENDOR_ID), UP_TO(NOTIFICATION, 4), ONE(SIGNATURE),
      CERTIFICATES}},
    {GK_KEY_DOWNLOAD,
     true,
     false,
     R | C,
     0,
     {ONE(IDENTIFICATION), UP_TO(NONCE, 2), ONE(KEY_CREATION), ONE(POLICY_TOKEN), ONE(KEY_DOWNLOAD),
      ANY(VENDOR_ID), ONE(SIGNATURE), CERTIFICATES}},
    {GK_REQUEST_TO_JOIN_ERROR,
     false,
     false,
     I,
     ERRORS,
     {MAYBE(NONCE), ONE(NOTIFICATION), ANY(VENDOR_ID), CERTIFICATES}},
    {GK_KEY_DOWNLOAD_ACK,
     true,
     false,
     C,
     ERRORS | N(ACKNOWLEDGEMENT) | N(NACK),
     {MAYBE(NONCE), ONE(NOTIFICATION), ANY(VENDOR_ID), ONE(SIGNATURE), CERTIFICATES}},
    {GK_LACK_OF_ACK,
     true,
     false,
     R | C,
     ERRORS | N(NACK),
     {ONE(IDENTIFICATION), UP_TO(NONCE, 2), ONE(NOTIFICATION), ANY(VENDOR_ID), ONE(SIGNATURE),
      CERTIFICATES}},
    {GK_COOKIE_DOWNLOAD,
     false,
     false,
     0,
     N(COOKIE_REQUIRED),
     {ONE(NOTIFICATION), ANY(VENDOR_ID), CERTIFICATES}},
    {GK_REKEY_EVENT,
     true,
     false,
     0,
     0,
     {MAYBE(POLICY_TOKEN), SOME(REKEY_EVENT, GK_MESSAGE_REKEY_EVENTS), ANY(VENDOR_ID),
      ONE(SIGNATURE), CERTIFICATES}},
    {GK_REQUEST_TO_DEPART,
     true,
     true,
     I,
     N(LEAVE_GROUP),
     {SOME(IDENTIFICATION, 2), ONE(NONCE), ONE(NOTIFICATION), ANY(VENDOR_ID), ONE(SIGNATURE),
      CERTIFICATES}},
    {GK_DEPARTURE_RESPONSE,
     true,
     false,
     R | C,
     N(DEPARTURE_ACCEPTED) | N(REQUEST_TO_DEPART_ERROR),
     {ONE(IDENTIFICATION), UP_TO(NONCE, 2), ONE(NOTIFICATION), ANY(VENDOR_ID), ONE(SIGNATURE),
      CERTIFICATES}},
    {GK_DEPARTURE_ACK,
     true,
     false,
     C,
     ERRORS | N(ACKNOWLEDGEMENT) | N(NACK),
     {MAYBE(NONCE), ONE(NOTIFICATION), ANY(VENDOR_ID), ONE(SIGNATURE), CERTIFICATES}},
};

const struct gk_layout *gk_layout_find(uint8_t exchange)
{
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        if (layouts[i].exchange == exchange)
            return &layouts[i];
    }
    return NULL;
}

static const struct gk_layout_rule *find_rule(const struct gk_layout *layout, uint8_t payload)
{
    static const struct gk_layout_rule absent = {GK_PAYLOAD_NONE, 0, 0};
    const struct gk_layout_rule *rule = layout->rules;

    while (rule->payload != GK_PAYLOAD_NONE && rule->payload != payload)
        rule++;
    return rule->payload == GK_PAYLOAD_NONE ? &absent : rule;
}

bool gk_layout_may(const struct gk_layout *layout, uint8_t payload, size_t count, size_t offset,
                   struct gk_reason *why)
{
    const struct gk_layout_rule *rule = find_rule(layout, payload);
    const char *message = gk_name_exchange((uint8_t)layout->exchange);

    if (count <= rule->most)
        return true;
    if (!rule->most)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, offset, "payload-unexpected",
                         "a %s message has no %s payload", message, gk_name_payload(payload));
    return gk_refuse(why, GK_PAYLOAD_MALFORMED, offset, "payload-repeated",
                     "a %s message has at most %zu %s payloads", message, rule->most,
                     gk_name_payload(payload));
}

bool gk_layout_needs(const struct gk_layout *layout, const size_t counts[GK_PAYLOAD_TYPES],
                     struct gk_reason *why)
{
    const struct gk_layout_rule *rule = layout->rules;

    for (; rule->payload != GK_PAYLOAD_NONE; rule++) {
        if (counts[rule->payload] < rule->least)
            return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "payload-missing",
                             "a %s message needs a %s payload",
                             gk_name_exchange((uint8_t)layout->exchange),
                             gk_name_payload(rule->payload));
    }
    return true;
}

bool gk_layout_nonces(const struct gk_layout *layout, const struct gk_message *message,
                      struct gk_reason *why)
{
    unsigned have = 0;

    for (unsigned type = GK_NONCE_I; type <= GK_NONCE_C; type++) {
        if (message->nonce[type].size)
            have |= GK_NONCE_BIT(type);
    }
    if (have == layout->nonces || (!have && !layout->nonce_needed))
        return true;
    return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "nonce-set",
                     "a %s message has other nonces than these (%s%s%s )",
                     gk_name_exchange((uint8_t)layout->exchange), have & I ? " Nonce_I" : "",
                     have & R ? " Nonce_R" : "", have & C ? " Nonce_C" : "");
}

bool gk_layout_notifications(const struct gk_layout *layout, const struct gk_message *message,
                             struct gk_reason *why)
{
    uint64_t seen = 0;

    for (size_t i = 0; i < message->notification_count; i++) {
        uint16_t type = message->notification[i].type;
        uint64_t bit = type < 64 ? GK_NOTIFICATION_BIT(type) : 0;

        if (!(layout->notifications & bit))
            return gk_refuse(
                why, GK_PAYLOAD_MALFORMED,
                gk_payload_offset(message, message->notification[i].data),
                "notification-unexpected", "a %s message has no notification of type %u (%s)",
                gk_name_exchange((uint8_t)layout->exchange), type, gk_name_notification(type));
        if (seen & bit)
            return gk_refuse(why, GK_PAYLOAD_MALFORMED,
                             gk_payload_offset(message, message->notification[i].data),
                             "notification-repeated", "there are two notifications of type %u (%s)",
                             type, gk_name_notification(type));
        seen |= bit;
    }
    return true;
}
