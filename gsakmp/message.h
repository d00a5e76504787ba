/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_MESSAGE_H
#define GSAKMP_MESSAGE_H
/*
 * Messages: RFC 4535 sections 5 and 7 as octets, in and out. No policy, no crypto.
 *
 * A parsed struct gk_message borrows every slice from the datagram, which must outlive it;
 * it owns nothing and is not freed. Parsing runs in the three steps that RFC 4535 5.2.1.1
 * and wire profile 12.1 order, so that an engine can verify a signature before it looks at
 * the contents:
 *
 *   1. gk_message_header    the header, in the order of profile 1.7; a v1 message inside a
 *                           later version (RFC 4535 7.1.2, profile 1.6) is found here.
 *   2. gk_message_chain     generic headers, known types, what follows the signature, and
 *                           the payloads Signature, Certificate, Vendor ID and Nonce.
 *   3. gk_message_contents  which payloads may occur how often (a table per message,
 *                           profile 3.2), then all other payloads.
 *
 * gk_message_parse runs all three. Every refusal carries the notification type and, unless
 * something is missing from the whole, the offset in the datagram. What the codec knows it
 * judges: forms, lengths, counts, values of no table, the payloads that a message may hold.
 * What a value means to a mechanism is left to others: a known key type, signature type or
 * mechanism choice that is not run passes here (profile 8.4), and so does a public value of
 * the wrong length.
 *
 * Building goes the other way: fill a struct gk_message (zeroed) with what the dissection
 * table of the message names, then gk_message_build. Payloads are emitted in the
 * dissection's order, certificates after the signature (profile 3.1); the Vendor ID of
 * profile section 10 is added when the message, or `private_inside`, holds a private-use
 * value (profile 3.3). A message that its own receiver would refuse for what it holds is not
 * built: the reason then has notification GK_NONE.
 *
 * Sizes in octets. Limits: a message 1 MiB, a payload 65535, 10 certificates (profile
 * 4.10), 2 Identifications, 64 Rekey Events.
 */
#include "gsakmp/reason.h"
#include "gsakmp/signer.h"
#include "gsakmp/stamp.h"

#define GK_MESSAGE_MAX           ((size_t)1 << 20)
#define GK_MESSAGE_CERTIFICATES  10
#define GK_MESSAGE_REKEY_EVENTS  64
#define GK_MESSAGE_NOTIFICATIONS 8
#define GK_NONCE_SIZE            32 /* what we send (profile 5.1) */
#define GK_SEQUENCE_END          UINT32_C(0xffffffff)

/* RFC 4535 table 13. */
enum gk_exchange {
    GK_KEY_DOWNLOAD_ACK = 4,
    GK_REKEY_EVENT = 5,
    GK_REQUEST_TO_JOIN = 8,
    GK_KEY_DOWNLOAD = 9,
    GK_COOKIE_DOWNLOAD = 10,
    GK_REQUEST_TO_JOIN_ERROR = 11,
    GK_LACK_OF_ACK = 12,
    GK_REQUEST_TO_DEPART = 13,
    GK_DEPARTURE_RESPONSE = 14,
    GK_DEPARTURE_ACK = 15,
};
#define GK_EXCHANGE_BIT(exchange) (1u << (exchange))
#define GK_EXCHANGE_ANY           0xff30u

/* RFC 4535 table 12. */
enum gk_payload {
    GK_PAYLOAD_NONE = 0,
    GK_PAYLOAD_POLICY_TOKEN = 1,
    GK_PAYLOAD_KEY_DOWNLOAD = 2,
    GK_PAYLOAD_REKEY_EVENT = 3,
    GK_PAYLOAD_IDENTIFICATION = 4,
    GK_PAYLOAD_CERTIFICATE = 6,
    GK_PAYLOAD_SIGNATURE = 8,
    GK_PAYLOAD_NOTIFICATION = 9,
    GK_PAYLOAD_VENDOR_ID = 10,
    GK_PAYLOAD_KEY_CREATION = 11,
    GK_PAYLOAD_NONCE = 12,
};

/* RFC 4535 table 18. */
enum gk_id_class { GK_ID_SENDER = 0, GK_ID_RECEIVER = 1, GK_ID_THIRD_PARTY = 2 };
/* RFC 4535 table 19. */
enum gk_id_type {
    GK_ID_IPV4_ADDR = 1,
    GK_ID_FQDN = 2,
    GK_ID_RFC822_ADDR = 3,
    GK_ID_IPV6_ADDR = 5,
    GK_ID_DER_ASN1_DN = 9,
    GK_ID_KEY_ID = 11,
    GK_ID_U_NAME = 30,
    GK_ID_DN_STRING = 31, /* the one that names signers (profile 4.3) */
};
/* RFC 4535 table 27. */
enum gk_nonce_type { GK_NONCE_I = 1, GK_NONCE_R = 2, GK_NONCE_C = 3 };
/* RFC 4535 table 17. */
enum gk_rekey_type { GK_REKEY_NONE = 0, GK_REKEY_LKH = 1 };
/* RFC 4535 table 20: the types that are processed (profile 4.4). */
enum gk_certificate_type { GK_CERTIFICATE_X509 = 4, GK_CERTIFICATE_CRL = 7 };
#define GK_TOKEN_V1 1 /* table 14 */

/* A Group ID with storage of its own (RFC 4535 7.1.1.1, profile 2). */
struct gk_group {
    uint8_t type;
    uint8_t size;
    uint8_t value[255];
};

/* False when the type is unknown or the value has the wrong shape (profile 2.2). */
bool gk_group_set(struct gk_group *group, uint8_t type, struct gk_octets value,
                  struct gk_reason *why) GK_MUST_USE;
struct gk_octets gk_group_value(const struct gk_group *group);
bool gk_group_equal(const struct gk_group *a, const struct gk_group *b);

struct gk_id_payload {
    uint8_t class;
    uint8_t type;
    struct gk_octets data;
};

struct gk_certificate_payload {
    uint16_t type;
    struct gk_octets data;
};

struct gk_notification_payload {
    uint16_t type;
    struct gk_octets data;
};

/* Mechanism Choices (RFC 4535 7.9.1.3, profile 6.1). */
struct gk_choices {
    bool has_key_creation, has_key_wrap, has_nonce_hash;
    uint16_t key_creation, key_wrap, nonce_hash;
};

/* One Rekey Event payload; `data` holds its Rekey Event Data, taken one by one with
 * gk_rekey_data_read (keys.h). */
struct gk_rekey_payload {
    uint8_t type;
    gk_time stamp;
    uint8_t algorithm_version;
    uint16_t count;
    struct gk_octets data;
    size_t offset; /* of `data` in the datagram */
};

struct gk_signature_payload {
    uint16_t type;
    uint8_t id_type;
    gk_time stamp;
    struct gk_octets signer_id;
    struct gk_octets signature;
    size_t offset; /* of the fields behind the generic header */
};

struct gk_message {
    struct gk_group group;
    uint8_t exchange;
    uint32_t sequence;

    /* Parsed messages only. */
    struct gk_octets octets;        /* the (inner) message, from its header on */
    struct gk_octets signed_octets; /* profile 4.1; empty when unsigned */
    size_t base;                    /* where `octets` starts in the datagram */
    uint8_t next_payload;           /* of the header */
    size_t header_size;
    bool vendor; /* our Vendor ID is present: private-use values are in force */

    /* Payloads; `has_` says which are there. */
    bool has_key_creation;
    uint16_t key_creation_type;
    struct gk_octets key_creation;

    struct gk_octets nonce[4]; /* by enum gk_nonce_type; size 0 = absent */

    /* The Receiver first, whatever the order on the wire; behind it the Third Party of a
     * subordinate's Request to Depart (profile 9.12). */
    size_t identification_count;
    struct gk_id_payload identification[2];

    bool has_token;
    uint16_t token_type;
    struct gk_octets token; /* Policy Token Data as sent, encrypted (profile 8.1) */

    bool has_key_download;
    struct gk_octets key_download; /* all behind the generic header, encrypted */

    size_t rekey_count;
    struct gk_rekey_payload rekey[GK_MESSAGE_REKEY_EVENTS];

    size_t notification_count; /* in the order of the dissection when built */
    struct gk_notification_payload notification[GK_MESSAGE_NOTIFICATIONS];
    bool has_choices; /* parsed only: what the Mechanism Choices notification says */
    struct gk_choices choices;

    bool has_signature;
    struct gk_signature_payload signature;

    size_t certificate_count;
    struct gk_certificate_payload certificate[GK_MESSAGE_CERTIFICATES];

    /* Building only: private-use values stand inside encrypted payloads. */
    bool private_inside;
};

/* Step 1. `group` is the receiver's, NULL accepts any; `exchanges` is a set of
 * GK_EXCHANGE_BIT that the receiver's role takes. A datagram longer than the header's
 * Length is refused (profile 1.2); a stream is framed before (gk_message_frame). When the
 * header is read but refused, group, exchange and base tell what it said. */
bool gk_message_header(struct gk_message *message, struct gk_octets datagram,
                       const struct gk_group *group, unsigned exchanges,
                       struct gk_reason *why) GK_MUST_USE;
/* Steps 2 and 3 may be repeated: each begins anew with what it reads. */
/* Step 2. When it refuses, the nonces that stand before the fault are there nonetheless:
 * an answer echoes Nonce_I when it could be parsed (profile 12.9). */
bool gk_message_chain(struct gk_message *message, struct gk_reason *why) GK_MUST_USE;
/* Step 3. The 32 octets that profile 5.1 asks of nonces with a private key creation are asked
 * here where the message has a Key Creation payload. */
bool gk_message_contents(struct gk_message *message, struct gk_reason *why) GK_MUST_USE;
bool gk_message_parse(struct gk_message *message, struct gk_octets datagram,
                      const struct gk_group *group, unsigned exchanges,
                      struct gk_reason *why) GK_MUST_USE;

/* The Group ID of a datagram, without judging the rest: which engine is it for? */
bool gk_message_peek_group(struct gk_octets datagram, struct gk_group *group) GK_MUST_USE;
/* Length of the message at the start of a stream's octets (profile 1.3), which may not have
 * come in full yet: 0 when more octets are needed to tell; false when it is below header + 4
 * or above `most`. */
bool gk_message_frame(struct gk_octets stream, size_t most, size_t *length,
                      struct gk_reason *why) GK_MUST_USE;

/* The parts of an ID_U_NAME's data (RFC 4535 7.6.1.1, 7.6.2.1): false unless the serial number
 * is at least 1 and the length is right. Whether the name is text is not asked. */
#define GK_U_NAME_SERIAL 20
bool gk_u_name_split(struct gk_octets data, struct gk_octets *serial,
                     struct gk_octets *name) GK_MUST_USE;
/* The notification of that type, or NULL. */
const struct gk_notification_payload *gk_message_notification(const struct gk_message *message,
                                                              uint16_t type);
bool gk_choices_parse(struct gk_choices *choices, struct gk_octets data, size_t offset,
                      struct gk_reason *why) GK_MUST_USE;
void gk_choices_write(const struct gk_choices *choices, struct gk_writer *to);

/* Appends the octets of the message. A signed message (every exchange but Cookie Download
 * and RTJ-Error) needs `signer`, whose type overrides message->signature.type; id_type,
 * stamp and signer_id are taken from message->signature. A DER signature is made again until
 * the lengths that it signs agree (profile 4.2); after 64 tries the code is
 * "signature-length" and the caller starts with a fresh nonce or stamp. Where signatures are
 * reproducible about one message in three never settles; who has started GK_SIGN_STARTS times
 * has a signer that never will. */
#define GK_SIGN_STARTS 16
bool gk_message_build(const struct gk_message *message, const struct gk_signer *signer,
                      struct gk_writer *to, struct gk_reason *why) GK_MUST_USE;

#endif
