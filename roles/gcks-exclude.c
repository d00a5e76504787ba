/* SPDX-License-Identifier: Apache-2.0 */
/* The local exclusion list: names, under any CA (profile 4.8, 9.14). */
#include "roles/gcks-internal.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_of(const struct gcks *g, const uint8_t digest[GCKS_DIGEST])
{
    return gcks_hash(g->seed, gk_octets(digest, GCKS_DIGEST));
}

static struct gcks_exclusion *find(const struct gcks *g, const uint8_t digest[GCKS_DIGEST])
{
    uint32_t handle;
    size_t at = 0;

    while (gcks_index_next(&g->exclusions, hash_of(g, digest), &at, &handle)) {
        if (memcmp(g->exclusion[handle].digest, digest, GCKS_DIGEST) == 0)
            return &g->exclusion[handle];
    }
    return NULL;
}

bool gcks_excluded(const struct gcks *g, struct gk_octets name_key)
{
    uint8_t digest[GCKS_DIGEST];

    gk_sha256(name_key, digest);
    return find(g, digest);
}

void gcks_exclusion_restore(struct gcks *g, const uint8_t digest[GCKS_DIGEST],
                            struct gk_octets name)
{
    uint32_t handle = g->exclusion_count;

    if (find(g, digest))
        return;
    if ((handle & (handle - 1)) == 0)
        g->exclusion =
            gk_realloc(g->exclusion, handle ? (size_t)handle * 2 : 1, sizeof *g->exclusion);
    g->exclusion_count++;
    memcpy(g->exclusion[handle].digest, digest, GCKS_DIGEST);
    g->exclusion[handle].name = gk_secret_copy(name);
    gcks_index_add(&g->exclusions, hash_of(g, digest), handle);
}

void gcks_exclude(struct gcks *g, struct gk_octets name, struct gk_octets name_key)
{
    uint8_t digest[GCKS_DIGEST];

    gk_sha256(name_key, digest);
    if (find(g, digest))
        return;
    gcks_exclusion_restore(g, digest, name);
    gcks_record_named(g, GCKS_RECORD_EXCLUSION, digest, &name);
}

/* The last one moves into the gap. */
bool gcks_exclusion_lift(struct gcks *g, struct gk_octets name_key)
{
    uint8_t digest[GCKS_DIGEST];
    struct gcks_exclusion *gap;
    uint32_t last = g->exclusion_count - 1;

    gk_sha256(name_key, digest);
    gap = find(g, digest);
    if (!gap)
        return false;
    gcks_index_drop(&g->exclusions, hash_of(g, digest), (uint32_t)(gap - g->exclusion));
    gk_secret_free(&gap->name);
    if (gap != &g->exclusion[last]) {
        gcks_index_drop(&g->exclusions, hash_of(g, g->exclusion[last].digest), last);
        *gap = g->exclusion[last];
        gcks_index_add(&g->exclusions, hash_of(g, gap->digest), (uint32_t)(gap - g->exclusion));
    }
    g->exclusion_count = last;
    gcks_record_named(g, GCKS_RECORD_EXCLUSION, digest, NULL);
    return true;
}

void gcks_exclusions_free(struct gcks *g)
{
    for (uint32_t i = 0; i < g->exclusion_count; i++)
        gk_secret_free(&g->exclusion[i].name);
    free(g->exclusion);
    g->exclusion = NULL;
    g->exclusion_count = 0;
    gcks_index_free(&g->exclusions);
}
