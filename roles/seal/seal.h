/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_SEAL_SEAL_H
#define ROLES_SEAL_SEAL_H
/*
 * Sealing octets under a group's key and opening them, in the form of envelope.h.
 *
 * The group key itself is the key-encryption key of AES key wrap (RFC 3394), because
 * `openssl cms -secretkey` and others take a key and no derivation. That is one more use of the
 * raw key beside the group's data (profile 13.1): AES key wrap is deterministic, draws on no
 * nonce and wraps only fresh random keys, so it collides with no counter mode; each file has a
 * content key of its own, which is as long as the group key.
 *
 * Only AES keys are taken: a ChaCha20 key has 32 octets and is no AES-256 key.
 *
 * GCM proves that a holder of the group key sealed just this; CBC proves nothing and is for
 * readers that know no AuthEnvelopedData.
 */
#include "gsakmp/random.h"
#include "roles/seal/envelope.h"

struct seal_key {
    uint32_t id, handle;
    uint16_t type; /* RFC 4535 table 24 */
    struct gk_octets octets;
};

/* "seal-key-type" unless it is an AES key of 16 or 32 octets. */
bool seal_key_fits(const struct seal_key *key, struct gk_reason *why) GK_MUST_USE;
bool seal_make(const struct seal_key *key, bool cbc, const struct gk_random *random,
               struct gk_octets plain, struct gk_writer *to, struct gk_reason *why) GK_MUST_USE;
/* Opens what that recipient of the envelope is for. "seal-key-type", "seal-open": this key does
 * not open it, or it was changed; then `plain` is empty. */
bool seal_open(const struct envelope *envelope, const struct envelope_recipient *recipient,
               const struct seal_key *key, struct gk_secret *plain,
               struct gk_reason *why) GK_MUST_USE;

#endif
