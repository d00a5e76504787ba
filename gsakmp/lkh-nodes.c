/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/lkh-internal.h"

#include <stdlib.h>
#include <string.h>

#define SLAB   512 /* nodes */
#define PLACES 64  /* the smallest index */
/* The largest: there are fewer KeyIDs, so that it never fills. */
#define PLACES_MAX UINT32_C(0x80000000)

struct gk_lkh_node *gk_lkh_nodes_at(const struct gk_lkh_nodes *nodes, uint32_t slot)
{
    return &nodes->slab[slot / SLAB][slot % SLAB];
}

/* KeyIDs of one level are dense: Fibonacci hashing spreads them evenly. */
static uint32_t start(const struct gk_lkh_nodes *nodes, uint32_t id)
{
    return (uint32_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> (64 - __builtin_ctz(nodes->places)));
}

static uint32_t seek(const struct gk_lkh_nodes *nodes, uint32_t id)
{
    uint32_t place = start(nodes, id);

    while (nodes->place[place].id && nodes->place[place].id != id)
        place = (place + 1) & (nodes->places - 1);
    return place;
}

struct gk_lkh_node *gk_lkh_nodes_find(const struct gk_lkh_nodes *nodes, uint32_t id)
{
    uint32_t place;

    if (!nodes->places)
        return NULL;
    place = seek(nodes, id);
    return nodes->place[place].id ? gk_lkh_nodes_at(nodes, nodes->place[place].slot) : NULL;
}

static void resize(struct gk_lkh_nodes *nodes, uint32_t places)
{
    free(nodes->place);
    nodes->place = gk_alloc(places, sizeof *nodes->place);
    nodes->places = places;
    for (uint32_t slot = 0; slot < nodes->count; slot++) {
        uint32_t id = gk_lkh_nodes_at(nodes, slot)->id;

        nodes->place[seek(nodes, id)] = (struct gk_lkh_place){id, slot};
    }
}

struct gk_lkh_node *gk_lkh_nodes_add(struct gk_lkh_nodes *nodes, uint32_t id)
{
    uint32_t slot = nodes->count;
    struct gk_lkh_node *node;

    if (!nodes->places)
        resize(nodes, PLACES);
    else if (slot >= nodes->places / 4 * 3 && nodes->places < PLACES_MAX)
        resize(nodes, nodes->places * 2);
    if (slot / SLAB == nodes->slabs) {
        nodes->slab = gk_realloc(nodes->slab, nodes->slabs + 1, sizeof *nodes->slab);
        nodes->slab[nodes->slabs++] = gk_alloc(SLAB, sizeof **nodes->slab);
    }
    nodes->place[seek(nodes, id)] = (struct gk_lkh_place){id, slot};
    nodes->count++;
    node = gk_lkh_nodes_at(nodes, slot);
    node->id = id;
    return node;
}

/* Closes the gap that an emptied place leaves in its chain. */
static void close_gap(struct gk_lkh_nodes *nodes, uint32_t gap)
{
    uint32_t mask = nodes->places - 1;

    for (uint32_t next = (gap + 1) & mask; nodes->place[next].id; next = (next + 1) & mask) {
        uint32_t home = start(nodes, nodes->place[next].id);

        if (((next - home) & mask) >= ((next - gap) & mask)) {
            nodes->place[gap] = nodes->place[next];
            gap = next;
        }
    }
    nodes->place[gap] = (struct gk_lkh_place){0, 0};
}

static void free_slab(struct gk_lkh_nodes *nodes)
{
    struct gk_lkh_node *slab = nodes->slab[--nodes->slabs];

    gk_wipe(slab, SLAB * sizeof *slab);
    free(slab);
}

void gk_lkh_nodes_drop(struct gk_lkh_nodes *nodes, uint32_t id)
{
    uint32_t place = seek(nodes, id);
    uint32_t slot = nodes->place[place].slot;
    struct gk_lkh_node *last = gk_lkh_nodes_at(nodes, nodes->count - 1);

    close_gap(nodes, place);
    if (slot != nodes->count - 1) {
        *gk_lkh_nodes_at(nodes, slot) = *last;
        nodes->place[seek(nodes, last->id)].slot = slot;
    }
    gk_wipe(last, sizeof *last);
    nodes->count--;
    /* One slab in reserve, so that a leaf that comes and goes costs no allocation. */
    if (nodes->count + 2 * SLAB <= nodes->slabs * SLAB)
        free_slab(nodes);
    if (nodes->places > PLACES && nodes->count < nodes->places / 8)
        resize(nodes, nodes->places / 2);
}

void gk_lkh_nodes_free(struct gk_lkh_nodes *nodes)
{
    while (nodes->slabs)
        free_slab(nodes);
    free(nodes->slab);
    free(nodes->place);
    *nodes = (struct gk_lkh_nodes){0};
}

void gk_lkh_list_add(struct gk_lkh_list *list, uint32_t item)
{
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 64;
        list->item = gk_realloc(list->item, list->room, sizeof *list->item);
    }
    list->item[list->count++] = item;
}

static int ascending(const void *a, const void *b)
{
    const uint32_t *left = a;
    const uint32_t *right = b;

    return (*left > *right) - (*left < *right);
}

void gk_lkh_list_sort(struct gk_lkh_list *list)
{
    size_t kept = 0;

    if (list->count)
        qsort(list->item, list->count, sizeof *list->item, ascending);
    for (size_t i = 0; i < list->count; i++) {
        if (!kept || list->item[kept - 1] != list->item[i])
            list->item[kept++] = list->item[i];
    }
    list->count = kept;
}

void gk_lkh_list_free(struct gk_lkh_list *list)
{
    free(list->item);
    *list = (struct gk_lkh_list){0};
}
