/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RING_H
#define GSAKMP_RING_H
/*
 * A member's key ring: the GTPKs of its group by KeyID, and the KEKs of its Rekey Array
 * (RFC 4535 7.4.1, A.1), kept in step by Rekey Events (RFC 4535 7.5.2, profile 9.6).
 *
 * It installs keys; it judges no signer, sequence, stamp, token or clock: the member's engine
 * has done that before, and tells which GTPKs the token in force allows. What a ring holds is
 * wiped when it goes.
 *
 * An event may come in several messages, in any order of their data:
 *
 *   gk_ring_begin_event   what is held now can open data until the next event begins
 *   gk_ring_open          one message: all of it good and taken in, or nothing of it. Data for
 *                         this member whose wrapping key is not known yet wait for the other
 *                         messages.
 *   gk_ring_brought       are all GTPKs there that the token names? (profile 9.8)
 *   gk_ring_end_event     what still waits is dropped
 *
 * Until the next event begins gk_ring_open also takes messages of the ended one (profile
 * 9.8, `post`).
 *
 * A datum that waited and then proves bad is dropped: its own message was taken in before,
 * and the message that brought its key is not to blame.
 */
#include "gsakmp/keys.h"
#include "gsakmp/message.h"
#include "gsakmp/reason.h"

#define GK_RING_KEYS    (GK_KEY_DOWNLOAD_GTPKS + GK_REKEY_ARRAY_KEKS)
#define GK_RING_WAITING 64 /* data; an honest event has at most one a KEK */

struct gk_ring;

/* Takes over a Key Download's keys. Payload-Malformed: no GTPK, a KeyID twice, a GTPK below
 * 0x80000000 or a KEK above, a Rekey Array of another version or with a KEK type that wraps
 * nothing. Invalid-Key-Information: an expiration not after its creation. */
struct gk_ring *gk_ring_new(const struct gk_key_download *download,
                            struct gk_reason *why) GK_MUST_USE;
void gk_ring_free(struct gk_ring *ring);

/* False without a Rekey Array. */
bool gk_ring_member_id(const struct gk_ring *ring, uint32_t *member_id);
/* The key of that KeyID; its octets are borrowed until the ring changes. */
bool gk_ring_find(const struct gk_ring *ring, uint32_t id, struct gk_key_datum *datum);
/* As it stood when the event began: what a token in the event is encrypted under (profile
 * 8.6). False when it was not held then. */
bool gk_ring_find_before(const struct gk_ring *ring, uint32_t id, struct gk_key_datum *datum);
/* All keys, GTPKs first, in the order in which they came; false behind the last. */
bool gk_ring_at(const struct gk_ring *ring, size_t index, struct gk_key_datum *datum);
/* Newest creation date of all keys, and of the GTPKs (profile 9.7, 9.11). */
gk_time gk_ring_newest(const struct gk_ring *ring);
gk_time gk_ring_newest_gtpk(const struct gk_ring *ring);

/* How long a GTPK may live at the most: so many seconds from its creation, and until then. */
struct gk_ring_life {
    int64_t seconds;
    gk_time until;
};

/* What the token in force says of GTPKs (profile 9.3, 9.9). */
struct gk_ring_rules {
    struct gk_octets group_value; /* for the AAD */
    const uint32_t *gtpk;         /* its kMKeyIDs */
    size_t gtpk_count;
    uint16_t gtpk_type;
    bool vendor; /* the message bears our Vendor ID: private-use types are in force */
    const struct gk_ring_life *life; /* by kMKeyID; NULL: the token says nothing */
};

void gk_ring_begin_event(struct gk_ring *ring);
/* The Rekey Event payloads of one message. False: the message is bad and the ring as it was.
 * Invalid-Key-Information: a datum does not open, or brings a key that RFC 4535 7.5.2 or
 * profile 9.5 and 9.9 refuse; Payload-Malformed: octets that are none. */
bool gk_ring_open(struct gk_ring *ring, const struct gk_ring_rules *rules,
                  const struct gk_rekey_payload *payload, size_t count,
                  struct gk_reason *why) GK_MUST_USE;
void gk_ring_end_event(struct gk_ring *ring);

/* The event's messages so far held all of these GTPKs, changed or not. */
bool gk_ring_brought(const struct gk_ring *ring, const uint32_t *gtpk, size_t count);
/* The key of that KeyID has another handle than when the event began, or is new. */
bool gk_ring_changed(const struct gk_ring *ring, uint32_t id);
/* Drops the GTPKs that a new token no longer names. */
void gk_ring_keep(struct gk_ring *ring, const uint32_t *gtpk, size_t count);

/* Records. Only current keys are written; the octets are as secret as the keys. */
void gk_ring_write(const struct gk_ring *ring, struct gk_writer *to);
struct gk_ring *gk_ring_read(struct gk_octets from, struct gk_reason *why) GK_MUST_USE;

#endif
