/* SPDX-License-Identifier: Apache-2.0 */
/* The tree's records. */
#include "gsakmp/lkh-internal.h"

/* Bands of `height` levels, counted from the leaves, so that only the highest one is cut. */
uint32_t gk_lkh_blob_of(const struct gk_lkh *lkh, uint32_t id)
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
    gk_lkh_touch_blob(lkh, gk_lkh_blob_of(lkh, id));
}
