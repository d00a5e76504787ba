/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/suite-rows.h"

#include <stdlib.h>

static const struct gk_wrap wraps[] = {
    {.type = 3, .name = "3DES-CBC", .key_size = 24, .iv_size = 8, .overhead = 16},
    {.type = 12,
     .name = "AES-CBC-128",
     .run = true,
     .untagged = true,
     .key_size = 16,
     .iv_size = 16,
     .overhead = 32,
     .seal = gk_cbc_seal,
     .open = gk_cbc_open},
    {.type = 13, .name = "AES-CTR", .key_size = 16, .iv_size = 8, .overhead = 8},
    {.type = 49153,
     .name = "AES-128-GCM",
     .run = true,
     .private_use = true,
     .key_size = 16,
     .iv_size = 12,
     .overhead = 28,
     .seal = gk_aead_seal,
     .open = gk_aead_open},
    {.type = 49154,
     .name = "AES-256-GCM",
     .run = true,
     .private_use = true,
     .key_size = 32,
     .iv_size = 12,
     .overhead = 28,
     .seal = gk_aead_seal,
     .open = gk_aead_open},
    {.type = 49155,
     .name = "ChaCha20-Poly1305",
     .run = true,
     .private_use = true,
     .key_size = 32,
     .iv_size = 12,
     .overhead = 28,
     .seal = gk_aead_seal,
     .open = gk_aead_open},
    {.name = NULL},
};

static const struct gk_wrap *find(const struct gk_wrap *rows, int64_t type)
{
    for (; rows && rows->name; rows++) {
        if (rows->type == type)
            return rows;
    }
    return NULL;
}

const struct gk_wrap *gk_wrap_find(int64_t type)
{
    const struct gk_wrap *extra = gk_suite_extra ? find(gk_suite_extra->wraps, type) : NULL;

    return extra ? extra : find(wraps, type);
}

void gk_wrap_seal(const struct gk_wrap *wrap, struct gk_octets key, const struct gk_random *random,
                  struct gk_octets aad, struct gk_octets plain, struct gk_writer *to)
{
    uint8_t iv[16];

    if (!wrap->run || wrap->iv_size > sizeof iv)
        abort();
    gk_random_fill(random, iv, wrap->iv_size);
    wrap->seal(wrap, key, gk_octets(iv, wrap->iv_size), aad, plain, to);
}

bool gk_wrap_open(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets aad,
                  struct gk_octets sealed, struct gk_secret *plain, struct gk_reason *why)
{
    if (wrap->run)
        return wrap->open(wrap, key, aad, sealed, plain, why);
    *plain = (struct gk_secret){NULL, 0};
    return gk_refuse(why, GK_INVALID_KEY_INFORMATION, GK_NO_OFFSET, "not-run",
                     "key wrap %u (%s) is not run by this version", wrap->type, wrap->name);
}

bool gk_wrap_refused(const struct gk_wrap *wrap, struct gk_reason *why)
{
    if (why && wrap->untagged && why->notification == GK_PAYLOAD_MALFORMED)
        why->notification = GK_INVALID_KEY_INFORMATION;
    return false;
}

bool gk_wrap_sizes(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets sealed,
                   size_t least, struct gk_reason *why)
{
    if (key.size != wrap->key_size)
        return gk_refuse(why, GK_INVALID_KEY_INFORMATION, GK_NO_OFFSET, "wrap-key-size",
                         "%s takes a key of %zu octets, this one has %zu", wrap->name,
                         wrap->key_size, key.size);
    if (sealed.size < least)
        return gk_refuse(why, GK_INVALID_KEY_INFORMATION, GK_NO_OFFSET, "wrap-size",
                         "%zu encrypted octets are too few for %s, which has at least %zu",
                         sealed.size, wrap->name, least);
    return true;
}

void gk_aad(struct gk_writer *to, struct gk_octets group_value, uint8_t payload)
{
    gk_write_octets(to, group_value);
    gk_write_u8(to, payload);
}

void gk_aad_rekey(struct gk_writer *to, struct gk_octets group_value, uint32_t wrapping_id,
                  uint32_t wrapping_handle)
{
    gk_aad(to, group_value, 3); /* Rekey Event, RFC 4535 table 12 */
    gk_write_u32(to, wrapping_id);
    gk_write_u32(to, wrapping_handle);
}
