/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ROLES_CLOSURE_H
#define TESTS_ROLES_CLOSURE_H
/*
 * Closure (invariant 1): all keys that somebody can come to know who keeps whatever a Key
 * Download ever gave him and opens with it every Rekey Event Data that was ever sent.
 *
 *     struct closure known = {0};
 *     closure_note(&known, troupe, packet);  for each packet to him, from the rig's filter
 *     ...
 *     closure_expand(&known, troupe->rig);
 *     CU_ASSERT_FALSE(closure_reaches(&known, limit));  nothing made later than `limit`
 *
 * What a Key Download holds is asked of the GC/KS that sends it, whether or not its receiver
 * ever opened it.
 */
#include "gsakmp/ring.h"
#include "tests/roles/troupe.h"

struct closure_key {
    uint32_t id, handle;
    uint16_t type;
    gk_time created;
    struct gk_secret key;
    uint32_t by, by_handle; /* which key opened it; 0: a Key Download brought it */
};

struct closure {
    size_t count, room;
    struct closure_key *key;
};

void closure_note(struct closure *closure, const struct troupe *troupe,
                  const struct rig_packet *packet);
void closure_add(struct closure *closure, const struct gk_key_datum *datum);
/* What another one knows: collusion. */
void closure_join(struct closure *closure, const struct closure *other);
void closure_expand(struct closure *closure, const struct rig *rig);
/* Is some key of it made later than `limit`? Says which, and by what keys. */
bool closure_reaches(const struct closure *closure, gk_time limit);
void closure_free(struct closure *closure);

/* The newest creation date of a key that the GC/KS has made: what is made from now on is
 * later, or belongs to another's leaf. */
gk_time closure_limit(const struct troupe *troupe);

#endif
