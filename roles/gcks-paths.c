/* SPDX-License-Identifier: Apache-2.0 */
/* Validated paths, cached by the SHA-256 of the whole chain (profile 13.3). */
#include "roles/gcks-internal.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

struct gcks_path *gcks_path_new(struct pki_identity *identity, const uint8_t chain[GCKS_DIGEST])
{
    struct gcks_path *path = gk_alloc(1, sizeof *path);

    path->references = 1;
    path->identity = identity;
    memcpy(path->chain, chain, GCKS_DIGEST);
    return path;
}

struct gcks_path *gcks_path_ref(struct gcks_path *path)
{
    if (path)
        path->references++;
    return path;
}

void gcks_path_unref(struct gcks_path *path)
{
    if (!path || --path->references)
        return;
    pki_identity_free(path->identity);
    free(path);
}

void gcks_chain_digest(const struct gk_message *message, uint8_t chain[GCKS_DIGEST])
{
    struct sha256_ctx sha;

    sha256_init(&sha);
    for (size_t i = 0; i < message->certificate_count; i++) {
        const struct gk_certificate_payload *at = &message->certificate[i];
        const uint8_t head[6] = {(uint8_t)(at->type >> 8),       (uint8_t)at->type,
                                 (uint8_t)(at->data.size >> 24), (uint8_t)(at->data.size >> 16),
                                 (uint8_t)(at->data.size >> 8),  (uint8_t)at->data.size};

        sha256_update(&sha, sizeof head, head);
        sha256_update(&sha, at->data.size, at->data.data);
    }
    sha256_digest(&sha, GCKS_DIGEST, chain);
}

static uint64_t hash_of(const struct gcks *g, const uint8_t chain[GCKS_DIGEST])
{
    return gcks_hash(g->seed, gk_octets(chain, GCKS_DIGEST));
}

static void forget(struct gcks *g, uint32_t at)
{
    struct gcks_path *path = g->paths.path[at];

    if (!path)
        return;
    g->paths.path[at] = NULL;
    gcks_index_drop(&g->paths.index, hash_of(g, path->chain), at);
    gcks_path_unref(path);
}

struct gcks_path *gcks_path_find(struct gcks *g, const uint8_t chain[GCKS_DIGEST])
{
    size_t search = 0;
    uint32_t at;

    while (gcks_index_next(&g->paths.index, hash_of(g, chain), &search, &at)) {
        struct gcks_path *path = g->paths.path[at];

        if (memcmp(path->chain, chain, GCKS_DIGEST) != 0)
            continue;
        if (g->now.utc >= path->identity->valid_from && g->now.utc <= path->identity->valid_until)
            return path;
        forget(g, at);
        return NULL;
    }
    return NULL;
}

void gcks_path_keep(struct gcks *g, struct gcks_path *path)
{
    if (gcks_path_find(g, path->chain))
        return;
    forget(g, g->paths.next);
    g->paths.path[g->paths.next] = gcks_path_ref(path);
    gcks_index_add(&g->paths.index, hash_of(g, path->chain), g->paths.next);
    g->paths.next = (g->paths.next + 1) % GCKS_PATHS;
}

void gcks_paths_forget(struct gcks *g)
{
    for (uint32_t at = 0; at < GCKS_PATHS; at++)
        forget(g, at);
}

void gcks_paths_free(struct gcks *g)
{
    for (uint32_t at = 0; at < GCKS_PATHS; at++)
        gcks_path_unref(g->paths.path[at]);
    gcks_index_free(&g->paths.index);
}
