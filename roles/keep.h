/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_KEEP_H
#define ROLES_KEEP_H
/*
 * What the programs of a member's host may do with the group's keys.
 *
 * The engine holds one key a KeyID: the newest. Those who send and those who receive do not get
 * it at the same moment, so at a rekey
 *
 *     the new key serves to receive at once, and to send after `activation`;
 *     until then the old one goes on to send;
 *     the old one serves to receive for `overlap` from the rekey on, then it is wiped.
 *
 * Hence overlap is at least activation. The price: whoever was evicted by that rekey can read
 * what is sent during activation, and what it sends is taken during overlap; with both 0 there
 * is neither and some data is lost at each rekey instead.
 *
 * Keys of a registration serve to send at once: the group has used them before. A KeyID that the
 * token no longer names sends no more. An expired key serves for nothing and is wiped. At most
 * KEEP_VERSIONS keys of a KeyID are kept; above, the oldest goes early.
 *
 * Nothing here reads a clock: keep_tick is to be called at keep_due. All keys are wiped when
 * they go.
 */
#include "roles/member.h"

#define KEEP_VERSIONS 8

enum keep_use {
    KEEP_SEND,    /* and receive */
    KEEP_RECEIVE, /* an older one */
    KEEP_NEXT,    /* to receive; will send */
};

struct keep_key {
    struct member_key key; /* its octets are borrowed until the next call */
    enum keep_use use;
    int64_t left; /* ms: RECEIVE: until it goes; NEXT: until it sends; SEND: 0 */
};

enum keep_change { KEEP_NEW, KEEP_ACTIVE, KEEP_RETIRED, KEEP_EXPIRED };

struct keep;

/* `tell`, may be NULL, hears of each change after it was made. Times in ms. */
struct keep *keep_new(int64_t overlap, int64_t activation,
                      void (*tell)(void *context, enum keep_change change,
                                   const struct member_key *key),
                      void *context);
void keep_free(struct keep *keep);
/* The keys that the member holds now, each KeyID once; `joined`: a registration brought them. */
void keep_take(struct keep *keep, const struct gk_now *now, const struct member_key *keys,
               size_t count, bool joined);
/* The membership has ended: nothing is kept. */
void keep_clear(struct keep *keep);
void keep_tick(struct keep *keep, const struct gk_now *now);
/* When something changes next, GK_NO_TICK for never. */
int64_t keep_due(const struct keep *keep, const struct gk_now *now);
/* The index-th key that serves now: KeyIDs in the order of the token, of each the newest first;
 * false behind the last. Also right when keep_tick is late. */
bool keep_at(const struct keep *keep, size_t index, const struct gk_now *now,
             struct keep_key *key) GK_MUST_USE;
const char *keep_use_name(enum keep_use use);

#endif
