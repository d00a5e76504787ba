/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rekey Events of the tree (RFC 4535 7.5.1.2 and A.3.2, profile 9.6).
 *
 * Laying out keeps only KeyIDs: the nodes with members below that hang off a changed path,
 * found breadth-first and thus in ascending order. A node is changed when leaves below it
 * go and others stay. Each datum is sealed when it is asked for.
 */
#include "gsakmp/lkh-internal.h"

#include <stdlib.h>

struct gk_lkh_event {
    struct gk_lkh *lkh;
    struct gk_secret group_value;
    struct gk_writer gtpks; /* the GTPKs' packages, as every datum that carries them has them */
    uint16_t gtpk_count;
    bool gtpks_private; /* one of them has a private-use type */
    bool datum_private; /* a key in the last datum has */
    bool pairs;
    struct gk_lkh_list wrapping; /* KeyIDs, ascending */
    size_t next;
    struct gk_writer plain; /* of one datum; wiped and used again */
    struct gk_writer aad;
};

static bool changed(const struct gk_lkh_node *node)
{
    return node->used && node->used < node->taken;
}

static void list_children(const struct gk_lkh *lkh, uint32_t id, struct gk_lkh_list *list)
{
    uint32_t child = gk_lkh_first_child(lkh, id);

    for (unsigned i = 0; i < lkh->shape.degree; i++) {
        const struct gk_lkh_node *node = gk_lkh_nodes_find(&lkh->nodes, child + i);

        if (node && node->used)
            gk_lkh_list_add(list, child + i);
    }
}

/* All nodes with members below whose parent changes; the root, where the GTPKs stand,
 * always does. */
static void list_wrapping(const struct gk_lkh *lkh, struct gk_lkh_list *list)
{
    list_children(lkh, GK_LKH_ROOT, list);
    for (size_t i = 0; i < list->count; i++) {
        uint32_t id = list->item[i];

        if (changed(gk_lkh_nodes_find(&lkh->nodes, id)))
            list_children(lkh, id, list);
    }
}

/* --- cost ---------------------------------------------------------------------- */

#define DATUM_HEADER 10

/* What sealing makes of that many octets. Measured, so that it holds for every wrap. */
static size_t sealed_size(const struct gk_wrap *wrap, size_t size)
{
    struct gk_secret zeros = gk_secret_new(size + wrap->key_size + wrap->iv_size);
    const uint8_t *at = zeros.data;
    struct gk_writer sealed = {0};

    wrap->seal(wrap, gk_octets(at + size, wrap->key_size),
               gk_octets(at + size + wrap->key_size, wrap->iv_size), GK_NO_OCTETS,
               gk_octets(at, size), &sealed);
    size = sealed.size;
    gk_writer_free(&sealed);
    gk_secret_free(&zeros);
    return size;
}

static size_t package_size(const struct gk_lkh *lkh)
{
    const struct gk_lkh_node none = {0};
    const struct gk_key_datum datum = gk_lkh_datum(lkh, &none);
    struct gk_writer package = {0};
    size_t size;

    gk_package_write(GK_KDD_LKH, &datum, &package);
    size = package.size;
    gk_writer_free(&package);
    return size;
}

/* Octets of a datum with or without the GTPKs, by the number of KEKs. */
struct sizes {
    size_t keks[GK_LKH_DEPTH_MAX]; /* and all GTPKs */
    size_t kek;                    /* one, alone */
};

static void measure(const struct gk_lkh_event *event, struct sizes *sizes)
{
    const struct gk_lkh *lkh = event->lkh;
    size_t kek = package_size(lkh);

    for (unsigned i = 0; i < lkh->depth; i++)
        sizes->keks[i] = DATUM_HEADER + sealed_size(lkh->wrap, 2 + event->gtpks.size + i * kek);
    sizes->kek = DATUM_HEADER + sealed_size(lkh->wrap, 2 + kek);
}

static void add_datum(struct gk_lkh_cost *cost, unsigned packages, size_t octets)
{
    cost->wraps++;
    cost->packages += packages;
    cost->octets += octets;
}

static void cost_both(const struct gk_lkh_event *event, struct gk_lkh_cost *receiver,
                      struct gk_lkh_cost *pairs)
{
    struct sizes sizes;
    unsigned level = 1;

    measure(event, &sizes);
    for (size_t i = 0; i < event->wrapping.count; i++) {
        uint32_t id = event->wrapping.item[i];

        while (id >= event->lkh->first[level + 1])
            level++;
        if (changed(gk_lkh_nodes_find(&event->lkh->nodes, id)))
            receiver->keys = ++pairs->keys;
        else
            add_datum(receiver, event->gtpk_count + level - 1, sizes.keks[level - 1]);
        if (level == 1)
            add_datum(pairs, event->gtpk_count, sizes.keks[0]);
        else
            add_datum(pairs, 1, sizes.kek);
    }
}

static bool choose_pairs(const struct gk_lkh_order *order, const struct gk_lkh_cost *receiver,
                         const struct gk_lkh_cost *pairs)
{
    if (order->packaging != GK_LKH_SMALLER)
        return order->packaging == GK_LKH_PAIR_BY_PAIR;
    return receiver->octets > order->limit && pairs->octets < receiver->octets;
}

/* --- the event ------------------------------------------------------------------- */

/* Per receiver only keys that stay wrap. */
static void keep_unchanged(const struct gk_lkh *lkh, struct gk_lkh_list *list)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (!changed(gk_lkh_nodes_find(&lkh->nodes, list->item[i])))
            list->item[kept++] = list->item[i];
    }
    list->count = kept;
}

static void renew_changed(struct gk_lkh *lkh, const struct gk_lkh_list *list, gk_time stamp)
{
    lkh->epoch++;
    gk_lkh_touch_blob(lkh, 0);
    for (size_t i = 0; i < list->count; i++) {
        struct gk_lkh_node *node = gk_lkh_nodes_find(&lkh->nodes, list->item[i]);

        if (changed(node))
            gk_lkh_renew(lkh, node, stamp);
    }
}

struct gk_lkh_event *gk_lkh_event_begin(struct gk_lkh *lkh, const struct gk_lkh_order *order,
                                        struct gk_lkh_cost *cost)
{
    struct gk_lkh_cost receiver = {0};
    struct gk_lkh_cost pairs = {0};
    struct gk_lkh_event *event;

    if (lkh->in_event || lkh->epoch == UINT32_MAX || !order->gtpk_count ||
        order->gtpk_count > GK_KEY_DOWNLOAD_GTPKS)
        return NULL;
    event = gk_alloc(1, sizeof *event);
    event->lkh = lkh;
    event->group_value = gk_secret_copy(order->group_value);
    event->gtpk_count = (uint16_t)order->gtpk_count;
    for (size_t i = 0; i < order->gtpk_count; i++) {
        const struct gk_wrap *wrap = gk_wrap_find(order->gtpk[i].type);

        event->gtpks_private |= wrap && wrap->private_use;
        gk_package_write(GK_KDD_GTPK, &order->gtpk[i], &event->gtpks);
    }
    list_wrapping(lkh, &event->wrapping);
    cost_both(event, &receiver, &pairs);
    event->pairs = choose_pairs(order, &receiver, &pairs);
    renew_changed(lkh, &event->wrapping, order->stamp);
    if (!event->pairs)
        keep_unchanged(lkh, &event->wrapping);
    lkh->in_event = true;
    if (cost)
        *cost = event->pairs ? pairs : receiver;
    return event;
}

static void add_kek(struct gk_lkh_event *event, uint32_t id)
{
    const struct gk_lkh *lkh = event->lkh;
    const struct gk_key_datum datum = gk_lkh_datum(lkh, gk_lkh_nodes_find(&lkh->nodes, id));

    gk_package_write(GK_KDD_LKH, &datum, &event->plain);
    event->datum_private |= lkh->wrap->private_use;
}

static void add_gtpks(struct gk_lkh_event *event)
{
    gk_write_octets(&event->plain, gk_writer_octets(&event->gtpks));
    event->datum_private |= event->gtpks_private;
}

/* GTPKs first, then all KEKs above the wrapping key, top down: all of them changed. */
static void fill_per_receiver(struct gk_lkh_event *event, uint32_t wrapping)
{
    const struct gk_lkh *lkh = event->lkh;
    uint32_t path[GK_LKH_DEPTH_MAX];
    unsigned count = 0;
    uint32_t id = gk_lkh_parent(lkh, wrapping);

    for (; id != GK_LKH_ROOT; id = gk_lkh_parent(lkh, id))
        path[count++] = id;
    gk_write_u16(&event->plain, (uint16_t)(event->gtpk_count + count));
    add_gtpks(event);
    while (count)
        add_kek(event, path[--count]);
}

static void fill_pair(struct gk_lkh_event *event, uint32_t wrapping)
{
    uint32_t parent = gk_lkh_parent(event->lkh, wrapping);

    if (parent == GK_LKH_ROOT) {
        gk_write_u16(&event->plain, event->gtpk_count);
        add_gtpks(event);
        return;
    }
    gk_write_u16(&event->plain, 1);
    add_kek(event, parent);
}

static void seal(struct gk_lkh_event *event, const struct gk_lkh_node *node, struct gk_writer *to)
{
    const struct gk_lkh *lkh = event->lkh;
    size_t length = gk_write_reserve(to, 2);
    size_t start;

    gk_write_u32(to, node->id);
    gk_write_u32(to, node->handle);
    gk_writer_cut(&event->aad, 0);
    gk_aad_rekey(&event->aad, gk_secret_octets(&event->group_value), node->id, node->handle);
    start = to->size;
    gk_wrap_seal(lkh->wrap, gk_octets(node->key, lkh->wrap->key_size), lkh->random,
                 gk_writer_octets(&event->aad), gk_writer_octets(&event->plain), to);
    gk_write_u16_at(to, length, (uint16_t)(to->size - start));
}

bool gk_lkh_event_next(struct gk_lkh_event *event, struct gk_writer *to)
{
    const struct gk_lkh_list *list = &event->wrapping;
    uint32_t id;

    if (event->next == list->count)
        return false;
    gk_writer_cut(&event->plain, 0);
    event->datum_private = false;
    if (event->pairs) {
        id = list->item[list->count - 1 - event->next];
        fill_pair(event, id);
    } else {
        id = list->item[event->next];
        fill_per_receiver(event, id);
    }
    event->next++;
    seal(event, gk_lkh_nodes_find(&event->lkh->nodes, id), to);
    return true;
}

bool gk_lkh_event_private(const struct gk_lkh_event *event)
{
    return event->datum_private;
}

/* --- its end ---------------------------------------------------------------------- */

/* The nodes on paths of going leaves, leaves included, breadth-first. */
static void list_going(const struct gk_lkh *lkh, uint32_t id, struct gk_lkh_list *list)
{
    uint32_t child = gk_lkh_first_child(lkh, id);

    for (unsigned i = 0; i < lkh->shape.degree; i++) {
        const struct gk_lkh_node *node = gk_lkh_nodes_find(&lkh->nodes, child + i);

        if (node && node->used < node->taken)
            gk_lkh_list_add(list, child + i);
    }
}

static void release(struct gk_lkh *lkh, uint32_t id)
{
    struct gk_lkh_node *node = gk_lkh_nodes_find(&lkh->nodes, id);

    if (gk_lkh_is_leaf(lkh, id) && id - lkh->first[lkh->depth] + 1 < lkh->lowest)
        lkh->lowest = id - lkh->first[lkh->depth] + 1;
    node->taken = node->used;
    if (!node->used) {
        gk_lkh_touch_parent(lkh, id);
        gk_lkh_touch(lkh, id);
        gk_lkh_nodes_drop(&lkh->nodes, id);
    }
}

static void release_going(struct gk_lkh *lkh)
{
    struct gk_lkh_list list = {0};

    if (!gk_lkh_going(lkh))
        return;
    list_going(lkh, GK_LKH_ROOT, &list);
    for (size_t i = 0; i < list.count; i++) {
        if (!gk_lkh_is_leaf(lkh, list.item[i]))
            list_going(lkh, list.item[i], &list);
    }
    for (size_t i = 0; i < list.count; i++)
        release(lkh, list.item[i]);
    lkh->taken = lkh->used;
    gk_lkh_list_free(&list);
}

void gk_lkh_event_end(struct gk_lkh_event *event)
{
    if (!event)
        return;
    release_going(event->lkh);
    event->lkh->in_event = false;
    gk_secret_free(&event->group_value);
    gk_writer_free(&event->gtpks);
    gk_writer_free(&event->plain);
    gk_writer_free(&event->aad);
    gk_lkh_list_free(&event->wrapping);
    free(event);
}
