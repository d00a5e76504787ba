/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_GCKS_INDEX_H
#define ROLES_GCKS_INDEX_H
/*
 * A hash index from octets to handles, and a heap of deadlines: what keeps the GC/KS's work
 * for one message independent of how many members it has.
 *
 * The index stores 64-bit hashes under a random seed and small integers; whether a found
 * handle is the right one is for the caller to compare. Several handles may stand under one
 * hash. Nothing here owns what the handles mean.
 */
#include "gsakmp/random.h"

#define GCKS_SEED_SIZE 16

/* SHA-256 of seed and octets, cut to 64 bits: nobody outside can make values collide. */
uint64_t gcks_hash(const uint8_t seed[GCKS_SEED_SIZE], struct gk_octets octets);

struct gcks_slot {
    uint64_t hash;
    uint32_t handle; /* plus 1; 0 marks an empty slot */
};

struct gcks_index {
    struct gcks_slot *slot;
    size_t room; /* a power of two, or 0 */
    size_t count;
};

void gcks_index_add(struct gcks_index *index, uint64_t hash, uint32_t handle);
/* Nothing when it is not there. */
void gcks_index_drop(struct gcks_index *index, uint64_t hash, uint32_t handle);
/* The next handle under that hash; a search starts with *at 0. */
bool gcks_index_next(const struct gcks_index *index, uint64_t hash, size_t *at, uint32_t *handle);
void gcks_index_free(struct gcks_index *index);

/* The earliest of many deadlines. Each entry may move: `place` of the entry's owner is kept
 * up to date, 0 when it is not in the heap. */
struct gcks_timer {
    int64_t at; /* monotonic ms */
    uint32_t handle;
};

struct gcks_heap {
    struct gcks_timer *timer; /* from 1 */
    size_t count, room;
    size_t *place; /* by handle */
    size_t places;
};

void gcks_heap_set(struct gcks_heap *heap, uint32_t handle, int64_t at);
void gcks_heap_drop(struct gcks_heap *heap, uint32_t handle);
bool gcks_heap_first(const struct gcks_heap *heap, uint32_t *handle, int64_t *at);
void gcks_heap_free(struct gcks_heap *heap);

#endif
