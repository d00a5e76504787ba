/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_PAYLOAD_H
#define GSAKMP_PAYLOAD_H
/*
 * Inside the codec: one row a payload, the walk along the chain, and the layout of each
 * message. Callers outside use message.h.
 *
 * A payload's parser reads the octets behind the generic header and stores what it finds in
 * the message; the walk checks afterwards that it read them all. Its writer appends those
 * octets for the index-th payload of its type.
 */
#include "gsakmp/message.h"
#include "gsakmp/registry.h"

#define GK_PAYLOAD_TYPES  13
#define GK_PAYLOAD_HEADER 4
#define GK_PAYLOAD_MAX    65535

struct gk_payload_kind {
    bool early; /* parsed with the chain, before a signature is verified (profile 12.1) */
    bool (*parse)(struct gk_message *message, struct gk_reader *body, struct gk_reason *why);
    size_t (*count)(const struct gk_message *message);
    void (*write)(const struct gk_message *message, size_t index, struct gk_writer *to);
};

/* NULL for a type that names no payload; the walk yields no such type. */
const struct gk_payload_kind *gk_payload_kind(uint8_t type);

extern const struct gk_payload_kind gk_payload_certificate;
extern const struct gk_payload_kind gk_payload_identification;
extern const struct gk_payload_kind gk_payload_key_creation;
extern const struct gk_payload_kind gk_payload_key_download;
extern const struct gk_payload_kind gk_payload_nonce;
extern const struct gk_payload_kind gk_payload_notification;
extern const struct gk_payload_kind gk_payload_policy_token;
extern const struct gk_payload_kind gk_payload_rekey_event;
extern const struct gk_payload_kind gk_payload_signature;
extern const struct gk_payload_kind gk_payload_vendor_id;

/* Payload-Malformed unless the value is one of its table, private-use values with the Vendor
 * ID only (profile 3.3). */
bool gk_payload_value(enum gk_registry registry, uint32_t value, bool vendor, size_t offset,
                      struct gk_reason *why) GK_MUST_USE;
/* Payload-Malformed unless the reader took exactly what was there. */
bool gk_payload_whole(const struct gk_reader *body, const char *what,
                      struct gk_reason *why) GK_MUST_USE;
bool gk_payload_repeated(const char *what, size_t offset, struct gk_reason *why);
/* Where a slice of a parsed message stands in the datagram. */
size_t gk_payload_offset(const struct gk_message *message, struct gk_octets slice);

/* --- the walk ------------------------------------------------------------- */

struct gk_walk {
    struct gk_reader reader;
    uint8_t next; /* type of the payload that comes, GK_PAYLOAD_NONE at the end */
};

struct gk_walk gk_walk_begin(const struct gk_message *message);
/* Takes the next payload's generic header (RFC 4535 7.2.2); `body` reads what is behind it. */
bool gk_walk_take(struct gk_walk *walk, uint8_t *type, struct gk_reader *body,
                  struct gk_reason *why) GK_MUST_USE;
/* Walks a chain and parses the payloads whose type is wanted. */
bool gk_walk_parse(struct gk_message *message, bool (*wanted)(uint8_t type),
                   struct gk_reason *why) GK_MUST_USE;

/* --- layouts -------------------------------------------------------------- */

#define GK_NONCE_BIT(type)        (1u << (type))
#define GK_NOTIFICATION_BIT(type) (UINT64_C(1) << (type))
#define GK_MANY                   SIZE_MAX

struct gk_layout_rule {
    uint8_t payload; /* GK_PAYLOAD_NONE ends the rules */
    size_t least;
    size_t most;
};

/* What a message's dissection in RFC 4535 section 5 allows (profile 3.2): payloads in the
 * order in which they are sent, the nonces and the kinds of notification. */
struct gk_layout {
    enum gk_exchange exchange;
    bool is_signed;
    bool nonce_needed; /* Nonce_I is there from the chain on (profile 5.3, 12.1) */
    unsigned nonces;   /* all of them or, unless needed, none */
    uint64_t notifications;
    struct gk_layout_rule rules[GK_PAYLOAD_TYPES];
};

/* NULL when there is no such exchange. */
const struct gk_layout *gk_layout_find(uint8_t exchange);
/* May there be that many payloads of the type? `offset` is that of the last of them. */
bool gk_layout_may(const struct gk_layout *layout, uint8_t payload, size_t count, size_t offset,
                   struct gk_reason *why) GK_MUST_USE;
/* Are all payloads there that the message cannot be without? */
bool gk_layout_needs(const struct gk_layout *layout, const size_t counts[GK_PAYLOAD_TYPES],
                     struct gk_reason *why) GK_MUST_USE;
bool gk_layout_nonces(const struct gk_layout *layout, const struct gk_message *message,
                      struct gk_reason *why) GK_MUST_USE;
bool gk_layout_notifications(const struct gk_layout *layout, const struct gk_message *message,
                             struct gk_reason *why) GK_MUST_USE;

#endif
