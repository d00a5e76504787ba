/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handles that look random and never repeat for a node (profile 9.1, RFC 4535 7.4.1.1).
 *
 * For each node the handle is a permutation of the tree's epoch: a Feistel network over 32
 * bits whose round function is AES under the tree's seed, with the KeyID beside the half.
 * A node's key is made at most once an epoch (by its event, or by a join after it), so that
 * a node's handles differ until the epoch has run through 2^32 events. Seed and epoch are
 * stored with the tree; nothing else needs to be remembered.
 */
#include "gsakmp/lkh-internal.h"

#include <string.h>

/* Handles are public and keyed only to look like nothing: four rounds are ample. */
#define ROUNDS 4

void gk_lkh_handle_key(struct gk_lkh *lkh)
{
    aes128_set_encrypt_key(&lkh->aes, lkh->seed);
}

static uint16_t mix(const struct gk_lkh *lkh, uint32_t id, uint8_t round, uint16_t half)
{
    uint8_t block[AES_BLOCK_SIZE] = {
        (uint8_t)(id >> 24),  (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id, round,
        (uint8_t)(half >> 8), (uint8_t)half};

    aes128_encrypt(&lkh->aes, sizeof block, block, block);
    return (uint16_t)(block[0] << 8 | block[1]);
}

uint32_t gk_lkh_handle(const struct gk_lkh *lkh, uint32_t id, uint32_t epoch)
{
    uint16_t left = (uint16_t)(epoch >> 16);
    uint16_t right = (uint16_t)epoch;

    for (uint8_t round = 0; round < ROUNDS; round++) {
        uint16_t next = (uint16_t)(left ^ mix(lkh, id, round, right));

        left = right;
        right = next;
    }
    return (uint32_t)left << 16 | right;
}

uint32_t gk_lkh_handle_epoch(const struct gk_lkh *lkh, uint32_t id, uint32_t handle)
{
    uint16_t left = (uint16_t)(handle >> 16);
    uint16_t right = (uint16_t)handle;

    for (uint8_t round = ROUNDS; round-- > 0;) {
        uint16_t before = (uint16_t)(right ^ mix(lkh, id, round, left));

        right = left;
        left = before;
    }
    return (uint32_t)left << 16 | right;
}
