/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing with linear probing; a dropped slot is filled by shifting back, so that no
 * graves pile up. */
#include "roles/gcks-index.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

uint64_t gcks_hash(const uint8_t seed[GCKS_SEED_SIZE], struct gk_octets octets)
{
    struct sha256_ctx sha;
    uint8_t digest[8];
    uint64_t hash = 0;

    sha256_init(&sha);
    sha256_update(&sha, GCKS_SEED_SIZE, seed);
    sha256_update(&sha, octets.size, octets.data);
    sha256_digest(&sha, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        hash = hash << 8 | digest[i];
    return hash;
}

static void put(struct gcks_index *index, struct gcks_slot slot)
{
    size_t at = (size_t)slot.hash & (index->room - 1);

    while (index->slot[at].handle)
        at = (at + 1) & (index->room - 1);
    index->slot[at] = slot;
}

static void grow(struct gcks_index *index)
{
    struct gcks_index larger = {.room = index->room ? index->room * 2 : 16};

    larger.slot = gk_alloc(larger.room, sizeof *larger.slot);
    larger.count = index->count;
    for (size_t i = 0; i < index->room; i++) {
        if (index->slot[i].handle)
            put(&larger, index->slot[i]);
    }
    free(index->slot);
    *index = larger;
}

void gcks_index_add(struct gcks_index *index, uint64_t hash, uint32_t handle)
{
    if ((index->count + 1) * 2 > index->room)
        grow(index);
    put(index, (struct gcks_slot){hash, handle + 1});
    index->count++;
}

/* Closes the gap: later slots of the run move up unless that puts them before their home. */
static void close_gap(struct gcks_index *index, size_t gap)
{
    size_t mask = index->room - 1;

    for (size_t at = (gap + 1) & mask; index->slot[at].handle; at = (at + 1) & mask) {
        size_t home = (size_t)index->slot[at].hash & mask;

        if (((at - home) & mask) >= ((at - gap) & mask)) {
            index->slot[gap] = index->slot[at];
            gap = at;
        }
    }
    index->slot[gap] = (struct gcks_slot){0};
}

void gcks_index_drop(struct gcks_index *index, uint64_t hash, uint32_t handle)
{
    size_t mask = index->room - 1;

    if (!index->room)
        return;
    for (size_t at = (size_t)hash & mask; index->slot[at].handle; at = (at + 1) & mask) {
        if (index->slot[at].hash == hash && index->slot[at].handle == handle + 1) {
            close_gap(index, at);
            index->count--;
            return;
        }
    }
}

bool gcks_index_next(const struct gcks_index *index, uint64_t hash, size_t *at, uint32_t *handle)
{
    size_t mask = index->room - 1;

    if (!index->room)
        return false;
    for (;; (*at)++) {
        const struct gcks_slot *slot = &index->slot[((size_t)hash + *at) & mask];

        if (!slot->handle)
            return false;
        if (slot->hash == hash) {
            *handle = slot->handle - 1;
            (*at)++;
            return true;
        }
    }
}

void gcks_index_free(struct gcks_index *index)
{
    free(index->slot);
    *index = (struct gcks_index){0};
}

/* --- heap ---------------------------------------------------------------------- */

static void place(struct gcks_heap *heap, size_t at, struct gcks_timer timer)
{
    heap->timer[at] = timer;
    heap->place[timer.handle] = at;
}

static void rise(struct gcks_heap *heap, size_t at, struct gcks_timer timer)
{
    for (; at > 1 && heap->timer[at / 2].at > timer.at; at /= 2)
        place(heap, at, heap->timer[at / 2]);
    place(heap, at, timer);
}

static void sink(struct gcks_heap *heap, size_t at, struct gcks_timer timer)
{
    for (size_t child = at * 2; child <= heap->count; child = at * 2) {
        if (child < heap->count && heap->timer[child + 1].at < heap->timer[child].at)
            child++;
        if (heap->timer[child].at >= timer.at)
            break;
        place(heap, at, heap->timer[child]);
        at = child;
    }
    place(heap, at, timer);
}

static void make_room(struct gcks_heap *heap, uint32_t handle)
{
    if (heap->count + 2 > heap->room) {
        heap->room = heap->room ? heap->room * 2 : 16;
        heap->timer = gk_realloc(heap->timer, heap->room, sizeof *heap->timer);
    }
    if (handle >= heap->places) {
        size_t more = heap->places ? heap->places : 16;

        while (handle >= heap->places + more)
            more *= 2;
        heap->place = gk_realloc(heap->place, heap->places + more, sizeof *heap->place);
        memset(heap->place + heap->places, 0, more * sizeof *heap->place);
        heap->places += more;
    }
}

void gcks_heap_set(struct gcks_heap *heap, uint32_t handle, int64_t at)
{
    gcks_heap_drop(heap, handle);
    make_room(heap, handle);
    rise(heap, ++heap->count, (struct gcks_timer){at, handle});
}

void gcks_heap_drop(struct gcks_heap *heap, uint32_t handle)
{
    size_t at = handle < heap->places ? heap->place[handle] : 0;
    struct gcks_timer last;

    if (!at)
        return;
    heap->place[handle] = 0;
    last = heap->timer[heap->count--];
    if (at > heap->count)
        return;
    if (at > 1 && heap->timer[at / 2].at > last.at)
        rise(heap, at, last);
    else
        sink(heap, at, last);
}

bool gcks_heap_first(const struct gcks_heap *heap, uint32_t *handle, int64_t *at)
{
    if (!heap->count)
        return false;
    *handle = heap->timer[1].handle;
    *at = heap->timer[1].at;
    return true;
}

void gcks_heap_free(struct gcks_heap *heap)
{
    free(heap->timer);
    free(heap->place);
    *heap = (struct gcks_heap){0};
}
