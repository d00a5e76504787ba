/* SPDX-License-Identifier: Apache-2.0 */
#include "token/strength.h"

#include "gsakmp/suite.h"

static const struct rank {
    enum gk_registry registry;
    int64_t value;
    int bits;
} ranks[] = {{GK_REGISTRY_SIGNATURE, 0, 80},        {GK_REGISTRY_SIGNATURE, 1, 0},
             {GK_REGISTRY_SIGNATURE, 2, 192},       {GK_REGISTRY_SIGNATURE, 49153, 128},
             {GK_REGISTRY_SIGNATURE, 49154, 128},   {GK_REGISTRY_SIGNATURE, 49155, 192},
             {GK_REGISTRY_SIGNATURE, 49156, 112},   {GK_REGISTRY_NONCE_HASH, 1, 80},
             {GK_REGISTRY_NONCE_HASH, 49153, 128},  {GK_REGISTRY_KEY_CREATION, 2, 80},
             {GK_REGISTRY_KEY_CREATION, 14, 112},   {GK_REGISTRY_KEY_CREATION, 49153, 128},
             {GK_REGISTRY_KEY_CREATION, 49154, 128}};

/* The key's length, or what is left of it without a tag. */
static int wrap_strength(int64_t value)
{
    const struct gk_wrap *wrap = gk_wrap_find(value);

    if (!wrap)
        return TOKEN_STRENGTH_UNKNOWN;
    return wrap->untagged || !wrap->run ? 80 : (int)(8 * wrap->key_size);
}

int token_strength(enum gk_registry registry, int64_t value)
{
    if (registry == GK_REGISTRY_KEY)
        return wrap_strength(value);
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++) {
        if (ranks[i].registry == registry && ranks[i].value == value)
            return ranks[i].bits;
    }
    return TOKEN_STRENGTH_UNKNOWN;
}
