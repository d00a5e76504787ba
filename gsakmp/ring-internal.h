/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RING_INTERNAL_H
#define GSAKMP_RING_INTERNAL_H
/* What the files of the ring share; no other room includes it. */
#include "gsakmp/ring.h"

#define GK_RING_KEY_MAX 64

struct gk_ring_version {
    uint16_t type;
    uint8_t size;
    uint32_t handle;
    gk_time created, expires;
    uint8_t key[GK_RING_KEY_MAX];
};

struct gk_ring_key {
    uint32_t id;
    bool gtpk;
    bool brought;    /* a message of the event held it */
    bool has_before; /* `before` is what was held when the event began */
    struct gk_ring_version now, before;
};

/* GTPKs stand before KEKs. Always on the heap and wiped. */
struct gk_ring_keys {
    size_t count;
    struct gk_ring_key key[GK_RING_KEYS];
};

/* Sealed data whose key may still come. */
struct gk_ring_waiting {
    uint32_t id, handle;
    uint8_t *sealed;
    size_t size;
};

struct gk_ring {
    struct gk_ring_keys *keys;
    bool has_array;
    uint32_t member_id;
    struct gk_ring_waiting waiting[GK_RING_WAITING];
    size_t waiting_count;
};

struct gk_ring_key *gk_ring_keys_find(struct gk_ring_keys *keys, uint32_t id);
size_t gk_ring_keys_gtpks(const struct gk_ring_keys *keys);
void gk_ring_keys_free(struct gk_ring_keys *keys);
void gk_ring_version_set(struct gk_ring_version *version, const struct gk_key_datum *datum);
struct gk_octets gk_ring_version_key(const struct gk_ring_version *version);
/* Of one key, the expiration and the size; what holds wherever a key comes from. */
bool gk_ring_datum_ok(const struct gk_key_datum *datum, struct gk_reason *why) GK_MUST_USE;

#endif
