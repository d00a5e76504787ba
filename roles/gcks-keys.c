/* SPDX-License-Identifier: Apache-2.0 */
/* GTPKs, their handles, and the stamps that order keys and events (profile 9.1 to 9.5). */
#include "roles/gcks-internal.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#define ROUNDS 4

/* --- handles --------------------------------------------------------------------------------- */

static uint16_t mix(const struct gcks *g, uint32_t key_id, uint8_t round, uint16_t half)
{
    const uint8_t input[7] = {(uint8_t)(key_id >> 24),
                              (uint8_t)(key_id >> 16),
                              (uint8_t)(key_id >> 8),
                              (uint8_t)key_id,
                              round,
                              (uint8_t)(half >> 8),
                              (uint8_t)half};
    struct sha256_ctx sha;
    uint8_t digest[2];

    sha256_init(&sha);
    sha256_update(&sha, sizeof g->handle_seed, g->handle_seed);
    sha256_update(&sha, sizeof input, input);
    sha256_digest(&sha, sizeof digest, digest);
    return (uint16_t)(digest[0] << 8 | digest[1]);
}

/* A keyed permutation of a counter: looks random, never repeats for a key (profile 9.1), and
 * needs no list of what was used. */
static uint32_t handle_of(const struct gcks *g, uint32_t key_id, uint32_t count)
{
    uint16_t left = (uint16_t)(count >> 16);
    uint16_t right = (uint16_t)count;

    for (uint8_t round = 0; round < ROUNDS; round++) {
        uint16_t next = (uint16_t)(left ^ mix(g, key_id, round, right));

        left = right;
        right = next;
    }
    return (uint32_t)left << 16 | right;
}

/* --- GTPKs ------------------------------------------------------------------------------------ */

/* Profile 9.4. */
static gk_time expiration(const struct rules_terms *terms, const struct rules_gtpk *gtpk,
                          gk_time created)
{
    if (gtpk->has_expiration && gtpk->expiration.kind == TOKEN_LIFE_INTERVAL)
        return gtpk->expiration.value < GK_TIME_NEVER - created ? created + gtpk->expiration.value
                                                                : GK_TIME_NEVER;
    if (gtpk->has_expiration)
        return gtpk->expiration.value;
    if (terms->rekey_every > 0 && terms->rekey_every / 500 < GK_TIME_NEVER - created)
        return created + (terms->rekey_every * 2 + 999) / 1000;
    return GK_TIME_NEVER;
}

static bool all_live(const struct rules_terms *terms, gk_time created, struct gk_reason *why)
{
    for (size_t i = 0; i < terms->gtpk_count; i++) {
        if (expiration(terms, &terms->gtpk[i], created) <= created)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "keys-expired",
                             "by the token key %08lx expires no later than it would be made; "
                             "publish a new token",
                             (unsigned long)terms->gtpk[i].key_id);
    }
    return true;
}

bool gcks_gtpks_renew(struct gcks *g, const struct rules_terms *terms, gk_time created,
                      struct gk_reason *why)
{
    if (!all_live(terms, created, why))
        return false;
    gcks_gtpks_free(g);
    for (size_t i = 0; i < terms->gtpk_count; i++) {
        const struct rules_gtpk *asked = &terms->gtpk[i];
        struct gcks_gtpk *gtpk = &g->gtpk[i];

        gtpk->id = asked->key_id;
        gtpk->type = asked->key_type;
        gtpk->handle = handle_of(g, asked->key_id, g->handle_count);
        gtpk->created = created;
        gtpk->expires = expiration(terms, asked, created);
        gtpk->key = gk_random_secret(g->config.random, gk_wrap_find(asked->key_type)->key_size);
    }
    g->gtpk_count = terms->gtpk_count;
    g->handle_count++;
    g->dirty_gtpks = g->dirty_counters = true;
    return true;
}

size_t gcks_gtpks_datums(const struct gcks *g, struct gk_key_datum *datums)
{
    for (size_t i = 0; i < g->gtpk_count; i++)
        datums[i] = (struct gk_key_datum){
            .type = g->gtpk[i].type,
            .id = g->gtpk[i].id,
            .handle = g->gtpk[i].handle,
            .created = g->gtpk[i].created,
            .expires = g->gtpk[i].expires,
            .key = gk_secret_octets(&g->gtpk[i].key),
        };
    return g->gtpk_count;
}

void gcks_gtpks_free(struct gcks *g)
{
    for (size_t i = 0; i < g->gtpk_count; i++)
        gk_secret_free(&g->gtpk[i].key);
    g->gtpk_count = 0;
}

bool gcks_private_keys(const struct gcks *g)
{
    const struct gk_wrap *kek = g->lkh ? gk_wrap_find(g->terms->kek_type) : NULL;

    for (size_t i = 0; i < g->gtpk_count; i++) {
        if (gk_wrap_find(g->gtpk[i].type)->private_use)
            return true;
    }
    return kek && kek->private_use;
}

/* --- stamps ---------------------------------------------------------------------------------- */

static gk_time latest(gk_time a, gk_time b)
{
    return a > b ? a : b;
}

gk_time gcks_next_stamp(const struct gcks *g)
{
    return latest(g->now.utc, latest(g->last_stamp, g->newest_given) + 1);
}

gk_time gcks_join_stamp(const struct gcks *g)
{
    return latest(g->now.utc, g->last_stamp);
}

void gcks_given_out(struct gcks *g, gk_time created)
{
    if (created <= g->newest_given)
        return;
    g->newest_given = created;
    g->dirty_counters = true;
}
