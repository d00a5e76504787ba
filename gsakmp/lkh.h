/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_LKH_H
#define GSAKMP_LKH_H
/*
 * The Logical Key Hierarchy of RFC 4535 appendix A and RFC 2627 5.4, as wire profile 9
 * fixes it: a full tree of fixed depth, KeyIDs breadth-first with the root 1, Member IDs
 * from the left-most leaf 1. The root holds no KEK: the GTPKs stand there.
 *
 * The tree is sparse: nodes exist only above leaves that are taken, so that cost follows
 * members (under 80 octets a node; a million joins take about a second). It is the server's;
 * a member holds only its own path (ring.h).
 *
 * Life of a leaf:  free -> (join) in use -> (remove) going -> (event) free.
 * A going leaf is given to nobody until an event has changed its path (profile 9.13). A freed
 * one gets a new key when it is taken again, as do the nodes above that vanished with it.
 *
 * A rekey: gk_lkh_event_begin lays out which Rekey Event Data will be sent and replaces every
 * key between root and going leaves below which others stay (an old version wraps nothing:
 * data go under keys that stay, or new ones); gk_lkh_event_next seals them one by one;
 * gk_lkh_event_end frees the going leaves. Between begin and end the tree rests: joins,
 * removals and a second event are refused, so all three belong into one turn. Without going
 * leaves only the GTPKs change, wrapped under the root's children; without members there is
 * nothing to send.
 *
 * Handles are, for each node, a keyed permutation of the number of events begun: they look
 * random, never come back (profile 9.1), and only the number is stored. Store before sending.
 *
 * Nothing here knows clocks, policy or storage; times are given, changed nodes are exported
 * as blobs.
 */
#include "gsakmp/keys.h"
#include "gsakmp/random.h"
#include "gsakmp/reason.h"

struct gk_lkh;

struct gk_lkh_shape {
    unsigned degree;   /* 2 to 16 */
    uint32_t capacity; /* leaves wanted, 1 or more; the tree has degree^depth >= capacity */
    uint16_t key_type; /* of the KEKs: RekeyMethodGSAKMPLKHInfo (profile 9.3) */
};

#define GK_LKH_CAPACITY ((uint32_t)1 << 20)

/* Refuses a degree outside 2 to 16, no capacity, a key type not run, and a shape whose KeyIDs
 * reach 0x80000000. `random` must outlive the tree. */
struct gk_lkh *gk_lkh_new(const struct gk_lkh_shape *shape, const struct gk_random *random,
                          struct gk_reason *why) GK_MUST_USE;
void gk_lkh_free(struct gk_lkh *lkh);
unsigned gk_lkh_depth(const struct gk_lkh *lkh);
uint32_t gk_lkh_capacity(const struct gk_lkh *lkh);
uint32_t gk_lkh_members(const struct gk_lkh *lkh); /* leaves not free and not going */

/* Takes the lowest free leaf and makes the missing keys of its path, dated `created` (profile 9.5).
 * Refused when the tree is full: Prohibited-by-Locally-Configured-Policy. */
bool gk_lkh_join(struct gk_lkh *lkh, gk_time created, uint32_t *member_id,
                 struct gk_reason *why) GK_MUST_USE;
/* The leaf goes at the next event. False when the leaf is not in use. */
bool gk_lkh_remove(struct gk_lkh *lkh, uint32_t member_id) GK_MUST_USE;
/* A going leaf comes back to the same identity (profile 9.13). */
bool gk_lkh_restore(struct gk_lkh *lkh, uint32_t member_id) GK_MUST_USE;
bool gk_lkh_in_use(const struct gk_lkh *lkh, uint32_t member_id);
uint32_t gk_lkh_going(const struct gk_lkh *lkh); /* how many wait for an event */

/* The Rekey Array of a member: KEKs from the root's child down to the leaf. The key octets
 * are borrowed until the next change of the tree. */
bool gk_lkh_array(const struct gk_lkh *lkh, uint32_t member_id,
                  struct gk_rekey_array *array) GK_MUST_USE;
/* Newest creation date of a key that the tree has made; for stamps (profile 9.5). INT64_MIN
 * before the first. */
gk_time gk_lkh_newest(const struct gk_lkh *lkh);

/* --- events ----------------------------------------------------------------- */

struct gk_lkh_cost {
    uint32_t keys;  /* KEKs made */
    uint32_t wraps; /* Rekey Event Data */
    uint64_t packages;
    uint64_t octets; /* of all Rekey Event Data with their 10 octets of header */
};

enum gk_lkh_packaging {
    GK_LKH_SMALLER,      /* profile 9.6's choice for senders */
    GK_LKH_PER_RECEIVER, /* each receiver needs one datum */
    GK_LKH_PAIR_BY_PAIR, /* each new key once under each child */
};

struct gk_lkh_order {
    struct gk_octets group_value; /* for the AAD */
    const struct gk_key_datum *gtpk;
    size_t gtpk_count;
    gk_time stamp; /* creation date of the new KEKs */
    enum gk_lkh_packaging packaging;
    size_t limit; /* octets of a message: per receiver where its sum fits (profile 9.6, 9.7) */
};

struct gk_lkh_event;

/* `order` is copied, `cost` may be NULL. Returns NULL when an event runs already, without or
 * with too many GTPKs, and after 2^32 - 1 events, when no fresh handles are left. */
struct gk_lkh_event *gk_lkh_event_begin(struct gk_lkh *lkh, const struct gk_lkh_order *order,
                                        struct gk_lkh_cost *cost);
/* Appends the next Rekey Event Data (packet length, wrapping fields, sealed packages);
 * false after the last. */
bool gk_lkh_event_next(struct gk_lkh_event *event, struct gk_writer *to) GK_MUST_USE;
/* Has the last one taken a key of a private-use type in it (profile 3.3)? */
bool gk_lkh_event_private(const struct gk_lkh_event *event);
/* The event took effect: going leaves are free. Also before the last datum was taken. */
void gk_lkh_event_end(struct gk_lkh_event *event);

/* --- records ------------------------------------------------------------------ */

/* The tree as blobs, each a subtree of at most 273 nodes; blob 0 holds the shape and the
 * counters. After a change the dirty ones are written, all or none; gk_lkh_load rebuilds the
 * tree from all of them, and judges them as octets from a stranger: forms, places, dates,
 * handles of an epoch to come, records that are missing or come twice. A blob holds keys: it
 * lives in a secret and is sealed by the store. */
/* Takes the next dirty blob: its number and octets; `gone` when it is empty and the record
 * is to be deleted. False when none is left. */
bool gk_lkh_dirty(struct gk_lkh *lkh, uint32_t *number, struct gk_secret *blob,
                  bool *gone) GK_MUST_USE;
struct gk_lkh_blob {
    uint32_t number;
    struct gk_octets octets;
};
struct gk_lkh *gk_lkh_load(const struct gk_lkh_blob *blobs, size_t count,
                           const struct gk_random *random, struct gk_reason *why) GK_MUST_USE;

#endif
