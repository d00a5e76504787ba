/* SPDX-License-Identifier: Apache-2.0 */
/* The local exclusion list: names, under any CA (profile 4.8, 9.14), folded as in all
 * exclusions (11.8). */
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

static bool digest_of(struct gk_octets name, uint8_t digest[GCKS_DIGEST], struct gk_reason *why)
{
    struct gk_writer key = {0};
    bool good = name_key_folded(name, &key, why);

    if (good)
        gk_sha256(gk_writer_octets(&key), digest);
    gk_writer_free(&key);
    return good;
}

/* Whose name is none is let in nowhere. */
bool gcks_excluded(const struct gcks *g, struct gk_octets name)
{
    uint8_t digest[GCKS_DIGEST];

    return g->exclusion_count && (!digest_of(name, digest, NULL) || find(g, digest));
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

void gcks_exclude(struct gcks *g, struct gk_octets name)
{
    uint8_t digest[GCKS_DIGEST];

    if (!digest_of(name, digest, NULL) || find(g, digest))
        return;
    gcks_exclusion_restore(g, digest, name);
    gcks_record_named(g, GCKS_RECORD_EXCLUSION, digest, &name);
}

/* The last one moves into the gap. */
bool gcks_exclusion_lift(struct gcks *g, struct gk_octets name, struct gk_reason *why)
{
    uint8_t digest[GCKS_DIGEST];
    struct gcks_exclusion *gap;
    uint32_t last = g->exclusion_count - 1;

    if (!digest_of(name, digest, why))
        return false;
    gap = find(g, digest);
    if (!gap)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "not-excluded",
                         "the name is not on the local exclusion list");
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
