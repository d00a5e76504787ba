/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree's records. Blob 0: shape, epoch, newest creation date, the seed of the handles, and
 * which children the root has. Every other blob: the nodes of one subtree of a few levels,
 * ascending; its number is the KeyID of the subtree's highest place. Each KEK names its
 * children, so that no record can be lost unseen. Counts are not stored: a join writes only
 * what it made, and loading counts again.
 */
#include "gsakmp/lkh-internal.h"

#include <string.h>

#define BLOB_VERSION 1

enum leaf_state { IN_USE = 1, GOING };

/* The blob that holds a node: the KeyID of its subtree's highest place. Bands of `height`
 * levels, counted from the leaves, so that only the highest one is cut. */
static uint32_t blob_of(const struct gk_lkh *lkh, uint32_t id)
{
    unsigned level = gk_lkh_level(lkh, id);
    unsigned up = lkh->height - 1 - (lkh->depth - level) % lkh->height;

    for (; up && id != GK_LKH_ROOT; up--)
        id = gk_lkh_parent(lkh, id);
    return id;
}

void gk_lkh_touch_blob(struct gk_lkh *lkh, uint32_t number)
{
    struct gk_lkh_list *dirty = &lkh->dirty;

    if (dirty->count && dirty->item[dirty->count - 1] == number)
        return;
    /* Repetitions go before the list grows; it at least doubles between two sorts. */
    if (dirty->count == dirty->room && dirty->count >= 2 * lkh->dirty_sorted) {
        gk_lkh_list_sort(dirty);
        lkh->dirty_sorted = dirty->count;
    }
    gk_lkh_list_add(dirty, number);
}

void gk_lkh_touch(struct gk_lkh *lkh, uint32_t id)
{
    gk_lkh_touch_blob(lkh, blob_of(lkh, id));
}

void gk_lkh_touch_parent(struct gk_lkh *lkh, uint32_t id)
{
    uint32_t parent = gk_lkh_parent(lkh, id);

    if (parent == GK_LKH_ROOT)
        gk_lkh_touch_blob(lkh, 0);
    else
        gk_lkh_touch(lkh, parent);
}

/* One bit a child. */
static uint16_t children(const struct gk_lkh *lkh, uint32_t id)
{
    uint32_t child = gk_lkh_first_child(lkh, id);
    unsigned mask = 0;

    for (unsigned i = 0; i < lkh->shape.degree; i++)
        mask |= (unsigned)!!gk_lkh_nodes_find(&lkh->nodes, child + i) << i;
    return (uint16_t)mask;
}

/* --- writing ---------------------------------------------------------------------- */

static void write_head(const struct gk_lkh *lkh, struct gk_writer *to)
{
    gk_write_u8(to, BLOB_VERSION);
    gk_write_u8(to, (uint8_t)lkh->shape.degree);
    gk_write_u16(to, lkh->shape.key_type);
    gk_write_u32(to, lkh->shape.capacity);
    gk_write_u32(to, lkh->epoch);
    gk_write_u64(to, (uint64_t)lkh->newest);
    gk_write(to, lkh->seed, sizeof lkh->seed);
    gk_write_u16(to, children(lkh, GK_LKH_ROOT));
}

static void write_node(const struct gk_lkh *lkh, const struct gk_lkh_node *node,
                       struct gk_writer *to)
{
    gk_write_u32(to, node->id);
    gk_write_u32(to, node->handle);
    gk_write_u64(to, (uint64_t)node->created);
    if (gk_lkh_is_leaf(lkh, node->id))
        gk_write_u16(to, node->used ? IN_USE : GOING);
    else
        gk_write_u16(to, children(lkh, node->id));
    gk_write(to, node->key, lkh->wrap->key_size);
}

static uint16_t write_nodes(const struct gk_lkh *lkh, uint32_t number, struct gk_writer *to)
{
    unsigned left = lkh->depth - gk_lkh_level(lkh, number); /* levels below */
    uint32_t width = 1;
    uint16_t count = 0;

    for (;; left--) {
        for (uint32_t i = 0; i < width; i++) {
            const struct gk_lkh_node *node = gk_lkh_nodes_find(&lkh->nodes, number + i);

            if (node) {
                write_node(lkh, node, to);
                count++;
            }
        }
        if (left % lkh->height == 0)
            return count;
        number = gk_lkh_first_child(lkh, number);
        width *= lkh->shape.degree;
    }
}

bool gk_lkh_dirty(struct gk_lkh *lkh, uint32_t *number, struct gk_secret *blob, bool *gone)
{
    struct gk_lkh_list *dirty = &lkh->dirty;
    struct gk_writer to = {0};
    uint16_t count;

    if (!dirty->count)
        return false;
    if (lkh->dirty_sorted != dirty->count)
        gk_lkh_list_sort(dirty);
    *number = dirty->item[--dirty->count];
    lkh->dirty_sorted = dirty->count;
    *gone = false;
    if (!*number) {
        write_head(lkh, &to);
    } else {
        gk_write_u8(&to, BLOB_VERSION);
        gk_write_u16(&to, 0);
        count = write_nodes(lkh, *number, &to);
        gk_write_u16_at(&to, 1, count);
        *gone = !count;
    }
    if (*gone)
        gk_writer_free(&to);
    *blob = gk_writer_take(&to);
    return true;
}

/* --- reading ---------------------------------------------------------------------- */

static bool refuse_blob(struct gk_reason *why, uint32_t number, const struct gk_reader *reader,
                        const char *code, const char *what)
{
    return gk_refuse(why, GK_NONE, reader ? gk_reader_offset(reader) : GK_NO_OFFSET, code,
                     "record %lu of the key tree %s", (unsigned long)number, what);
}

static bool time_ok(gk_time time)
{
    return time >= GK_TIME_FIRST && time <= GK_TIME_NEVER;
}

static struct gk_lkh *read_head(struct gk_octets octets, const struct gk_random *random,
                                uint16_t *below, struct gk_reason *why)
{
    struct gk_reader reader = gk_reader(octets);
    struct gk_lkh_shape shape;
    struct gk_lkh *lkh;
    uint8_t version = gk_read_u8(&reader);
    uint32_t epoch;
    gk_time newest;
    struct gk_octets seed;

    shape.degree = gk_read_u8(&reader);
    shape.key_type = gk_read_u16(&reader);
    shape.capacity = gk_read_u32(&reader);
    epoch = gk_read_u32(&reader);
    newest = (gk_time)gk_read_u64(&reader);
    seed = gk_read_octets(&reader, GK_LKH_SEED_SIZE);
    *below = gk_read_u16(&reader);
    if (!gk_reader_done(&reader) || version != BLOB_VERSION) {
        (void)refuse_blob(why, 0, &reader, "lkh-blob-head", "has another form");
        return NULL;
    }
    if (newest != INT64_MIN && !time_ok(newest)) {
        (void)refuse_blob(why, 0, &reader, "lkh-blob-time", "holds an impossible date");
        return NULL;
    }
    lkh = gk_lkh_shaped(&shape, random, why);
    if (!lkh)
        return NULL;
    lkh->epoch = epoch;
    lkh->newest = newest;
    memcpy(lkh->seed, seed.data, sizeof lkh->seed);
    gk_lkh_handle_key(lkh);
    return lkh;
}

/* KeyIDs ascend, lie in the tree and in this blob, and come once. */
static bool place_ok(const struct gk_lkh *lkh, uint32_t number, uint32_t id, uint32_t last,
                     const struct gk_reader *reader, struct gk_reason *why)
{
    if (id <= last || id <= GK_LKH_ROOT || id >= lkh->first[lkh->depth + 1] ||
        blob_of(lkh, id) != number)
        return refuse_blob(why, number, reader, "lkh-blob-id",
                           "holds a KeyID that does not belong there");
    if (gk_lkh_nodes_find(&lkh->nodes, id))
        return refuse_blob(why, number, reader, "lkh-blob-twice", "comes twice");
    return true;
}

static bool read_node(struct gk_lkh *lkh, uint32_t number, uint32_t *last, struct gk_reader *reader,
                      struct gk_reason *why)
{
    uint32_t id = gk_read_u32(reader);
    uint32_t handle = gk_read_u32(reader);
    gk_time created = (gk_time)gk_read_u64(reader);
    uint16_t below = gk_read_u16(reader); /* a leaf's state, a KEK's children */
    struct gk_octets key = gk_read_octets(reader, lkh->wrap->key_size);
    struct gk_lkh_node *node;

    if (!gk_reader_ok(reader))
        return refuse_blob(why, number, reader, "lkh-blob-cut", "is cut");
    if (!place_ok(lkh, number, id, *last, reader, why))
        return false;
    if (gk_lkh_is_leaf(lkh, id) ? below != IN_USE && below != GOING : !below)
        return refuse_blob(why, number, reader, "lkh-blob-state",
                           "holds a leaf in no known state or a KEK without children");
    if (!time_ok(created))
        return refuse_blob(why, number, reader, "lkh-blob-time", "holds an impossible date");
    /* A handle of an epoch to come would be given out a second time. */
    if (gk_lkh_handle_epoch(lkh, id, handle) > lkh->epoch)
        return refuse_blob(why, number, reader, "lkh-blob-handle",
                           "holds a handle that this tree has not made");
    *last = id;
    node = gk_lkh_nodes_add(&lkh->nodes, id);
    node->handle = handle;
    node->created = created;
    memcpy(node->key, key.data, key.size);
    node->taken = below; /* until connected */
    if (created > lkh->newest)
        lkh->newest = created;
    return true;
}

static bool read_blob(struct gk_lkh *lkh, const struct gk_lkh_blob *blob, struct gk_reason *why)
{
    struct gk_reader reader = gk_reader(blob->octets);
    uint8_t version = gk_read_u8(&reader);
    uint16_t count = gk_read_u16(&reader);
    uint32_t last = 0;

    if (!gk_reader_ok(&reader) || version != BLOB_VERSION || !count)
        return refuse_blob(why, blob->number, &reader, "lkh-blob-head", "has another form");
    while (count--) {
        if (!read_node(lkh, blob->number, &last, &reader, why))
            return false;
    }
    return gk_reader_done(&reader) || refuse_blob(why, blob->number, &reader, "lkh-blob-rest",
                                                  "has octets behind its last node");
}

/* Every node has its parent, every KEK the children that it names. */
static bool connected(const struct gk_lkh *lkh, uint16_t below_root, struct gk_reason *why)
{
    if (children(lkh, GK_LKH_ROOT) != below_root)
        return refuse_blob(why, 0, NULL, "lkh-blob-missing",
                           "names other nodes below the root than are there");
    for (uint32_t i = 0; i < lkh->nodes.count; i++) {
        const struct gk_lkh_node *node = gk_lkh_nodes_at(&lkh->nodes, i);
        uint32_t parent = gk_lkh_parent(lkh, node->id);

        if (parent != GK_LKH_ROOT && !gk_lkh_nodes_find(&lkh->nodes, parent))
            return refuse_blob(why, blob_of(lkh, parent), NULL, "lkh-blob-missing",
                               "lacks a node that others hang from, or is missing");
        if (!gk_lkh_is_leaf(lkh, node->id) && children(lkh, node->id) != node->taken)
            return refuse_blob(why, blob_of(lkh, node->id), NULL, "lkh-blob-missing",
                               "names other nodes below one of its own than are there");
    }
    return true;
}

static void count_leaves(struct gk_lkh *lkh)
{
    for (uint32_t i = 0; i < lkh->nodes.count; i++) {
        struct gk_lkh_node *node = gk_lkh_nodes_at(&lkh->nodes, i);

        node->used = gk_lkh_is_leaf(lkh, node->id) && node->taken == IN_USE;
        node->taken = gk_lkh_is_leaf(lkh, node->id);
    }
    for (uint32_t i = 0; i < lkh->nodes.count; i++) {
        const struct gk_lkh_node *node = gk_lkh_nodes_at(&lkh->nodes, i);

        if (gk_lkh_is_leaf(lkh, node->id))
            gk_lkh_count(lkh, node->id, 1, (int)node->used);
    }
}

static const struct gk_lkh_blob *find_head(const struct gk_lkh_blob *blobs, size_t count,
                                           struct gk_reason *why)
{
    const struct gk_lkh_blob *head = NULL;

    for (size_t i = 0; i < count; i++) {
        if (blobs[i].number)
            continue;
        if (head) {
            (void)refuse_blob(why, 0, NULL, "lkh-blob-twice", "comes twice");
            return NULL;
        }
        head = &blobs[i];
    }
    if (!head)
        (void)refuse_blob(why, 0, NULL, "lkh-blob-missing", "is missing");
    return head;
}

struct gk_lkh *gk_lkh_load(const struct gk_lkh_blob *blobs, size_t count,
                           const struct gk_random *random, struct gk_reason *why)
{
    const struct gk_lkh_blob *head = find_head(blobs, count, why);
    uint16_t below_root = 0;
    struct gk_lkh *lkh = head ? read_head(head->octets, random, &below_root, why) : NULL;
    bool good = lkh;

    for (size_t i = 0; good && i < count; i++) {
        if (blobs[i].number)
            good = read_blob(lkh, &blobs[i], why);
    }
    if (good && connected(lkh, below_root, why)) {
        count_leaves(lkh);
        return lkh;
    }
    gk_lkh_free(lkh);
    return NULL;
}
