/* SPDX-License-Identifier: Apache-2.0 */
/* The tree: its shape, and leaves that come and go. */
#include "gsakmp/lkh-internal.h"

#include <stdlib.h>

#define BLOB_NODES 273 /* a full subtree of 8 levels of degree 2, 4 of degree 4, 3 of 16 */

/* --- shape -------------------------------------------------------------------- */

/* KeyIDs run breadth-first from 1 (RFC 4535 A.2): level l begins behind the
 * 1 + d + ... + d^(l-1) nodes above it. False when one would reach the GTPKs' (profile 9.1). */
static bool lay_out(struct gk_lkh *lkh)
{
    uint64_t width = 1;
    uint64_t first = GK_LKH_ROOT;
    unsigned level = 0;

    for (;; level++) {
        if (level > GK_LKH_DEPTH_MAX || first + width > GK_GTPK_ID_LEAST)
            return false;
        lkh->first[level] = (uint32_t)first;
        if (level && width >= lkh->shape.capacity)
            break;
        first += width;
        width *= lkh->shape.degree;
    }
    lkh->depth = level;
    lkh->first[level + 1] = (uint32_t)(first + width);
    for (unsigned up = 0; up <= level; up++) {
        lkh->below[level - up] = up ? lkh->below[level - up + 1] * lkh->shape.degree : 1;
    }
    return true;
}

static unsigned blob_height(unsigned degree)
{
    unsigned height = 0;

    for (unsigned nodes = 1; nodes <= BLOB_NODES; nodes = nodes * degree + 1)
        height++;
    return height;
}

static bool shape_ok(const struct gk_lkh_shape *shape, const struct gk_wrap *wrap,
                     struct gk_reason *why)
{
    if (shape->degree < 2 || shape->degree > 16)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "lkh-degree",
                         "the tree's degree is %u, 2 to 16 are allowed", shape->degree);
    if (!shape->capacity)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "lkh-capacity",
                         "a tree needs room for at least one member");
    if (!wrap || !wrap->run || wrap->key_size > GK_LKH_KEY_MAX)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "lkh-key-type",
                         "KEKs of key type %u are not run by this version",
                         (unsigned)shape->key_type);
    return true;
}

struct gk_lkh *gk_lkh_shaped(const struct gk_lkh_shape *shape, const struct gk_random *random,
                             struct gk_reason *why)
{
    const struct gk_wrap *wrap = gk_wrap_find(shape->key_type);
    struct gk_lkh *lkh;

    if (!shape_ok(shape, wrap, why))
        return NULL;
    lkh = gk_alloc(1, sizeof *lkh);
    lkh->shape = *shape;
    lkh->wrap = wrap;
    lkh->random = random;
    lkh->height = blob_height(shape->degree);
    lkh->lowest = 1;
    lkh->newest = INT64_MIN;
    if (!lay_out(lkh)) {
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "lkh-shape",
                        "a tree of degree %u for %lu members has KeyIDs above 0x7fffffff; take "
                        "a smaller capacity or another degree",
                        shape->degree, (unsigned long)shape->capacity);
        gk_lkh_free(lkh);
        return NULL;
    }
    return lkh;
}

struct gk_lkh *gk_lkh_new(const struct gk_lkh_shape *shape, const struct gk_random *random,
                          struct gk_reason *why)
{
    struct gk_lkh *lkh = gk_lkh_shaped(shape, random, why);

    if (!lkh)
        return NULL;
    gk_random_fill(random, lkh->seed, sizeof lkh->seed);
    gk_lkh_handle_key(lkh);
    gk_lkh_touch_blob(lkh, 0);
    return lkh;
}

void gk_lkh_free(struct gk_lkh *lkh)
{
    if (!lkh)
        return;
    gk_lkh_nodes_free(&lkh->nodes);
    gk_lkh_list_free(&lkh->dirty);
    gk_wipe(lkh, sizeof *lkh);
    free(lkh);
}

unsigned gk_lkh_depth(const struct gk_lkh *lkh)
{
    return lkh->depth;
}

uint32_t gk_lkh_capacity(const struct gk_lkh *lkh)
{
    return lkh->below[0];
}

uint32_t gk_lkh_members(const struct gk_lkh *lkh)
{
    return lkh->used;
}

uint32_t gk_lkh_going(const struct gk_lkh *lkh)
{
    return lkh->taken - lkh->used;
}

gk_time gk_lkh_newest(const struct gk_lkh *lkh)
{
    return lkh->newest;
}

/* --- KeyIDs -------------------------------------------------------------------- */

uint32_t gk_lkh_parent(const struct gk_lkh *lkh, uint32_t id)
{
    return (id - 2) / lkh->shape.degree + 1;
}

uint32_t gk_lkh_first_child(const struct gk_lkh *lkh, uint32_t id)
{
    return (id - 1) * lkh->shape.degree + 2;
}

unsigned gk_lkh_level(const struct gk_lkh *lkh, uint32_t id)
{
    unsigned level = lkh->depth;

    while (id < lkh->first[level])
        level--;
    return level;
}

static uint32_t leaf_of(const struct gk_lkh *lkh, uint32_t member_id)
{
    return lkh->first[lkh->depth] + member_id - 1;
}

bool gk_lkh_is_leaf(const struct gk_lkh *lkh, uint32_t id)
{
    return id >= lkh->first[lkh->depth];
}

static struct gk_lkh_node *find_leaf(const struct gk_lkh *lkh, uint32_t member_id)
{
    if (!member_id || member_id > gk_lkh_capacity(lkh))
        return NULL;
    return gk_lkh_nodes_find(&lkh->nodes, leaf_of(lkh, member_id));
}

/* --- keys ---------------------------------------------------------------------- */

void gk_lkh_renew(struct gk_lkh *lkh, struct gk_lkh_node *node, gk_time created)
{
    gk_random_fill(lkh->random, node->key, lkh->wrap->key_size);
    node->handle = gk_lkh_handle(lkh, node->id, lkh->epoch);
    node->created = created;
    if (created > lkh->newest)
        lkh->newest = created;
    gk_lkh_touch(lkh, node->id);
}

struct gk_key_datum gk_lkh_datum(const struct gk_lkh *lkh, const struct gk_lkh_node *node)
{
    return (struct gk_key_datum){
        .type = lkh->shape.key_type,
        .id = node->id,
        .handle = node->handle,
        .created = node->created,
        .expires = GK_TIME_NEVER, /* profile 9.4 */
        .key = gk_octets(node->key, lkh->wrap->key_size),
    };
}

bool gk_lkh_array(const struct gk_lkh *lkh, uint32_t member_id, struct gk_rekey_array *array)
{
    uint32_t id;

    if (!gk_lkh_in_use(lkh, member_id))
        return false;
    array->version = 1;
    array->member_id = member_id;
    array->count = lkh->depth;
    id = leaf_of(lkh, member_id);
    for (unsigned level = lkh->depth; level > 0; level--) {
        array->kek[level - 1] = gk_lkh_datum(lkh, gk_lkh_nodes_find(&lkh->nodes, id));
        id = gk_lkh_parent(lkh, id);
    }
    return true;
}

/* --- leaves -------------------------------------------------------------------- */

void gk_lkh_count(struct gk_lkh *lkh, uint32_t leaf, int taken, int used)
{
    uint32_t id = gk_lkh_parent(lkh, leaf);

    for (; id != GK_LKH_ROOT; id = gk_lkh_parent(lkh, id)) {
        struct gk_lkh_node *node = gk_lkh_nodes_find(&lkh->nodes, id);

        node->taken += (uint32_t)taken;
        node->used += (uint32_t)used;
    }
    lkh->taken += (uint32_t)taken;
    lkh->used += (uint32_t)used;
}

/* The lowest leaf that nobody holds: a dense tree has short events. The tree is not full. */
static uint32_t lowest_free(const struct gk_lkh *lkh)
{
    uint32_t id = GK_LKH_ROOT;

    if (!find_leaf(lkh, lkh->lowest))
        return lkh->lowest;
    for (unsigned level = 1; level <= lkh->depth; level++) {
        const struct gk_lkh_node *node;

        id = gk_lkh_first_child(lkh, id);
        while ((node = gk_lkh_nodes_find(&lkh->nodes, id)) && node->taken == lkh->below[level])
            id++;
    }
    return id - lkh->first[lkh->depth] + 1;
}

static struct gk_lkh_node *make_node(struct gk_lkh *lkh, uint32_t id, gk_time created)
{
    struct gk_lkh_node *node = gk_lkh_nodes_add(&lkh->nodes, id);

    gk_lkh_renew(lkh, node, created);
    gk_lkh_touch_parent(lkh, id);
    return node;
}

/* What is missing above a leaf, top down. */
static void make_path(struct gk_lkh *lkh, uint32_t leaf, gk_time created)
{
    uint32_t path[GK_LKH_DEPTH_MAX];
    unsigned count = 0;
    uint32_t id = gk_lkh_parent(lkh, leaf);

    for (; id != GK_LKH_ROOT; id = gk_lkh_parent(lkh, id))
        path[count++] = id;
    while (count--) {
        if (!gk_lkh_nodes_find(&lkh->nodes, path[count]))
            (void)make_node(lkh, path[count], created);
    }
}

bool gk_lkh_join(struct gk_lkh *lkh, gk_time created, uint32_t *member_id, struct gk_reason *why)
{
    struct gk_lkh_node *leaf;
    uint32_t id;

    if (lkh->in_event)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "lkh-in-event",
                         "nobody joins the tree while an event is laid out");
    if (lkh->taken == gk_lkh_capacity(lkh))
        return gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "lkh-full",
                         "all %lu leaves of the tree are taken, %lu of them until the next rekey",
                         (unsigned long)lkh->taken, (unsigned long)gk_lkh_going(lkh));
    *member_id = lowest_free(lkh);
    lkh->lowest = *member_id + 1;
    id = leaf_of(lkh, *member_id);
    make_path(lkh, id, created);
    leaf = make_node(lkh, id, created);
    leaf->taken = leaf->used = 1;
    gk_lkh_count(lkh, id, 1, 1);
    return true;
}

bool gk_lkh_in_use(const struct gk_lkh *lkh, uint32_t member_id)
{
    const struct gk_lkh_node *leaf = find_leaf(lkh, member_id);

    return leaf && leaf->used;
}

static bool set_used(struct gk_lkh *lkh, uint32_t member_id, uint32_t used)
{
    struct gk_lkh_node *leaf = find_leaf(lkh, member_id);

    if (lkh->in_event || !leaf || leaf->used == used)
        return false;
    leaf->used = used;
    gk_lkh_count(lkh, leaf->id, 0, used ? 1 : -1);
    gk_lkh_touch(lkh, leaf->id);
    return true;
}

bool gk_lkh_remove(struct gk_lkh *lkh, uint32_t member_id)
{
    return set_used(lkh, member_id, 0);
}

bool gk_lkh_restore(struct gk_lkh *lkh, uint32_t member_id)
{
    return set_used(lkh, member_id, 1);
}
