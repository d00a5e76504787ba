/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stamps of accepted RTJs (profile 12.2): what stops RTJs of replaced and ended sessions.
 * Kept for twice the skew, also over a restart; whoever comes first forgets the oldest.
 * Stamps up to `stamp_floor` may have been forgotten: an RTJ that old is taken from nobody,
 * even when the clock has been set back.
 */
#include "roles/gcks-internal.h"

#include <stdlib.h>
#include <string.h>

#define FORGET_AT_ONCE 256 /* so that no turn is long */

static uint64_t hash_of(const struct gcks *g, const uint8_t who[GCKS_DIGEST])
{
    return gcks_hash(g->seed, gk_octets(who, GCKS_DIGEST));
}

static void digest_of(const struct pki_identity *identity, uint8_t who[GCKS_DIGEST])
{
    struct gk_writer writer = {0};

    gk_write_v(&writer, identity->name_key);
    gk_write(&writer, identity->issuer, sizeof identity->issuer);
    gk_sha256(gk_writer_octets(&writer), who);
    gk_writer_free(&writer);
}

static uint32_t find(const struct gcks *g, const uint8_t who[GCKS_DIGEST])
{
    uint32_t handle;
    size_t at = 0;

    while (gcks_index_next(&g->seens, hash_of(g, who), &at, &handle)) {
        if (memcmp(g->seen[handle].who, who, GCKS_DIGEST) == 0)
            return handle;
    }
    return GCKS_NONE;
}

static void unlink_seen(struct gcks *g, uint32_t handle)
{
    struct gcks_seen *seen = &g->seen[handle];

    if (seen->older != GCKS_NONE)
        g->seen[seen->older].newer = seen->newer;
    else
        g->seen_oldest = seen->newer;
    if (seen->newer != GCKS_NONE)
        g->seen[seen->newer].older = seen->older;
    else
        g->seen_newest = seen->older;
}

static void link_newest(struct gcks *g, uint32_t handle)
{
    struct gcks_seen *seen = &g->seen[handle];

    seen->older = g->seen_newest;
    seen->newer = GCKS_NONE;
    if (g->seen_newest != GCKS_NONE)
        g->seen[g->seen_newest].newer = handle;
    else
        g->seen_oldest = handle;
    g->seen_newest = handle;
}

static uint32_t add(struct gcks *g, const uint8_t who[GCKS_DIGEST])
{
    uint32_t handle = g->seen_free;

    if (handle != GCKS_NONE) {
        g->seen_free = g->seen[handle].newer;
    } else {
        handle = g->seen_count++;
        if ((handle & (handle - 1)) == 0)
            g->seen = gk_realloc(g->seen, handle ? (size_t)handle * 2 : 1, sizeof *g->seen);
    }
    g->seen[handle] = (struct gcks_seen){.used = true};
    memcpy(g->seen[handle].who, who, GCKS_DIGEST);
    gcks_index_add(&g->seens, hash_of(g, who), handle);
    link_newest(g, handle);
    return handle;
}

static void record(struct gcks *g, const struct gcks_seen *seen)
{
    struct gk_writer writer = {0};
    struct gk_octets value;

    gk_write_u64(&writer, (uint64_t)seen->stamp);
    gk_write_u64(&writer, (uint64_t)seen->forget);
    gk_write_u8(&writer, seen->nonce_count);
    gk_write(&writer, seen->nonce, seen->nonce_count * sizeof *seen->nonce);
    value = gk_writer_octets(&writer);
    gcks_record_named(g, GCKS_RECORD_SEEN, seen->who, &value);
    gk_writer_free(&writer);
}

static bool nonce_seen(const struct gcks_seen *seen, const uint8_t nonce[8])
{
    for (size_t i = 0; i < seen->nonce_count; i++) {
        if (memcmp(seen->nonce[i], nonce, sizeof *seen->nonce) == 0)
            return true;
    }
    return false;
}

/* Later than all, or at the same second another nonce of few. */
static bool is_newer(const struct gcks_seen *seen, gk_time stamp, const uint8_t nonce[8],
                     struct gk_reason *why)
{
    if (stamp > seen->stamp ||
        (stamp == seen->stamp && seen->nonce_count < GCKS_SEEN_NONCES && !nonce_seen(seen, nonce)))
        return true;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "rtj-replayed",
                     "the RTJ is not newer than the last one that was taken from this identity");
}

bool gcks_seen_take(struct gcks *g, const struct pki_identity *identity, gk_time stamp,
                    struct gk_octets nonce, struct gk_reason *why)
{
    uint8_t who[GCKS_DIGEST];
    uint8_t digest[GCKS_DIGEST];
    uint32_t handle;
    struct gcks_seen *seen;

    digest_of(identity, who);
    gk_sha256(nonce, digest);
    handle = find(g, who);
    if (handle == GCKS_NONE && stamp <= g->stamp_floor && !g->config.skew_off_with_nonces)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "rtj-replayed",
                         "the RTJ is as old as those whose stamps have been forgotten");
    if (handle != GCKS_NONE && !is_newer(&g->seen[handle], stamp, digest, why))
        return false;
    if (handle == GCKS_NONE)
        handle = add(g, who);
    seen = &g->seen[handle];
    if (stamp > seen->stamp)
        seen->nonce_count = 0;
    seen->stamp = stamp;
    memcpy(seen->nonce[seen->nonce_count++], digest, sizeof *seen->nonce);
    seen->forget = (g->now.utc > stamp ? g->now.utc : stamp) + 2 * g->config.skew;
    unlink_seen(g, handle);
    link_newest(g, handle);
    record(g, seen);
    return true;
}

static void forget(struct gcks *g, uint32_t handle)
{
    struct gcks_seen *seen = &g->seen[handle];

    if (seen->stamp > g->stamp_floor) {
        g->stamp_floor = seen->stamp;
        g->dirty_counters = true;
    }
    gcks_record_named(g, GCKS_RECORD_SEEN, seen->who, NULL);
    gcks_index_drop(&g->seens, hash_of(g, seen->who), handle);
    unlink_seen(g, handle);
    *seen = (struct gcks_seen){.newer = g->seen_free};
    g->seen_free = handle;
}

void gcks_seen_forget(struct gcks *g)
{
    for (int i = 0; i < FORGET_AT_ONCE && g->seen_oldest != GCKS_NONE; i++) {
        if (g->seen[g->seen_oldest].forget >= g->now.utc)
            return;
        forget(g, g->seen_oldest);
    }
}

int64_t gcks_seen_tick(const struct gcks *g)
{
    gk_time wait;

    if (g->seen_oldest == GCKS_NONE)
        return GK_NO_TICK;
    wait = g->seen[g->seen_oldest].forget - g->now.utc;
    return g->now.ms + (wait < 0 ? 0 : wait + 1) * 1000;
}

bool gcks_seen_restore(struct gcks *g, const uint8_t who[GCKS_DIGEST], struct gk_octets value)
{
    struct gk_reader reader = gk_reader(value);
    struct gcks_seen read = {0};
    struct gk_octets nonces;
    struct gcks_seen *seen;
    uint32_t at;

    read.stamp = gcks_read_time(&reader);
    read.forget = gcks_read_time(&reader);
    read.nonce_count = gk_read_u8(&reader);
    if (read.nonce_count > GCKS_SEEN_NONCES)
        return false;
    nonces = gk_read_octets(&reader, read.nonce_count * sizeof *read.nonce);
    if (!gk_reader_done(&reader) || find(g, who) != GCKS_NONE)
        return false;
    at = add(g, who); /* it may move the array */
    seen = &g->seen[at];
    seen->stamp = read.stamp;
    seen->forget = read.forget;
    seen->nonce_count = read.nonce_count;
    if (nonces.size)
        memcpy(seen->nonce, nonces.data, nonces.size);
    return true;
}

void gcks_seen_free(struct gcks *g)
{
    free(g->seen);
    g->seen = NULL;
    g->seen_count = 0;
    g->seen_free = g->seen_oldest = g->seen_newest = GCKS_NONE;
    gcks_index_free(&g->seens);
}
