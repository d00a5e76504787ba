/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_LKH_INTERNAL_H
#define GSAKMP_LKH_INTERNAL_H
/*
 * What the files of the tree share (lkh*.c) and its tests look into; no other room includes
 * it.
 *
 * Nodes live in slabs, found by KeyID through a hash index; the last node moves into the
 * place of a dropped one, so that memory follows members up and down (56 octets a node, 11
 * to 32 for the index). Slabs are wiped.
 *
 * Each node counts the leaves below that are taken (in use or going) and used (in use). A
 * node lies on the path of a going leaf exactly when used < taken: no other mark is kept.
 */
#include <nettle/aes.h>

#include "gsakmp/lkh.h"
#include "gsakmp/suite.h"

#define GK_LKH_KEY_MAX   32
#define GK_LKH_DEPTH_MAX 30
#define GK_LKH_ROOT      UINT32_C(1)
#define GK_LKH_SEED_SIZE 16 /* of the handles' permutation */

struct gk_lkh_node {
    uint32_t id;
    uint32_t handle;
    uint32_t taken, used;
    gk_time created;
    uint8_t key[GK_LKH_KEY_MAX];
};

struct gk_lkh_nodes {
    struct gk_lkh_node **slab;
    size_t slabs;
    uint32_t count;
    struct gk_lkh_place {
        uint32_t id; /* 0 marks an empty place */
        uint32_t slot;
    } * place;
    uint32_t places; /* a power of two, or 0 */
};

struct gk_lkh_node *gk_lkh_nodes_find(const struct gk_lkh_nodes *nodes, uint32_t id);
/* The nodes in no order: index below `count`. */
struct gk_lkh_node *gk_lkh_nodes_at(const struct gk_lkh_nodes *nodes, uint32_t index);
/* A zeroed node; the id must not be there. */
struct gk_lkh_node *gk_lkh_nodes_add(struct gk_lkh_nodes *nodes, uint32_t id);
/* Wipes and removes; another node may move. */
void gk_lkh_nodes_drop(struct gk_lkh_nodes *nodes, uint32_t id);
void gk_lkh_nodes_free(struct gk_lkh_nodes *nodes);

/* A growing list of KeyIDs or blob numbers. */
struct gk_lkh_list {
    uint32_t *item;
    size_t count, room;
};

void gk_lkh_list_add(struct gk_lkh_list *list, uint32_t item);
/* Sorts ascending and drops repetitions. */
void gk_lkh_list_sort(struct gk_lkh_list *list);
void gk_lkh_list_free(struct gk_lkh_list *list);

struct gk_lkh {
    struct gk_lkh_shape shape;
    const struct gk_wrap *wrap;
    const struct gk_random *random;
    unsigned depth;
    unsigned height;                      /* levels of a blob's subtree */
    uint32_t first[GK_LKH_DEPTH_MAX + 2]; /* KeyID of each level's first node */
    uint32_t below[GK_LKH_DEPTH_MAX + 1]; /* leaves below a node of that level */
    struct gk_lkh_nodes nodes;
    uint32_t taken, used; /* of the root, which holds no key */
    uint32_t lowest;      /* no leaf before this Member ID is free */
    uint32_t epoch;       /* events begun; each node's handle is a permutation of it */
    uint8_t seed[GK_LKH_SEED_SIZE];
    struct aes128_ctx aes;
    gk_time newest;
    bool in_event;
    struct gk_lkh_list dirty;
    size_t dirty_sorted; /* so many at the start are sorted and unique */
};

uint32_t gk_lkh_parent(const struct gk_lkh *lkh, uint32_t id);
uint32_t gk_lkh_first_child(const struct gk_lkh *lkh, uint32_t id);
unsigned gk_lkh_level(const struct gk_lkh *lkh, uint32_t id);
bool gk_lkh_is_leaf(const struct gk_lkh *lkh, uint32_t id);
struct gk_key_datum gk_lkh_datum(const struct gk_lkh *lkh, const struct gk_lkh_node *node);
/* A fresh key and the handle of this epoch. */
void gk_lkh_renew(struct gk_lkh *lkh, struct gk_lkh_node *node, gk_time created);
/* Adds to the counts of all nodes above (and not) `leaf`. */
void gk_lkh_count(struct gk_lkh *lkh, uint32_t leaf, int taken, int used);
/* An empty tree without seed and epoch. */
struct gk_lkh *gk_lkh_shaped(const struct gk_lkh_shape *shape, const struct gk_random *random,
                             struct gk_reason *why) GK_MUST_USE;

/* Handles (profile 9.1): for each node a keyed permutation of the epoch. */
void gk_lkh_handle_key(struct gk_lkh *lkh);
uint32_t gk_lkh_handle(const struct gk_lkh *lkh, uint32_t id, uint32_t epoch);
uint32_t gk_lkh_handle_epoch(const struct gk_lkh *lkh, uint32_t id, uint32_t handle);

/* The record of a node has changed. */
void gk_lkh_touch(struct gk_lkh *lkh, uint32_t id);
/* A node came or went: what stands above names its children. */
void gk_lkh_touch_parent(struct gk_lkh *lkh, uint32_t id);
void gk_lkh_touch_blob(struct gk_lkh *lkh, uint32_t number);

#endif
