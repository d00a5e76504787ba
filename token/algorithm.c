/* SPDX-License-Identifier: Apache-2.0 */
#include "token/algorithm.h"

#include "gsakmp/suite.h"

const char *token_algorithm_name(enum gk_registry registry, int64_t value)
{
    const struct gk_signature_scheme *signature;
    const struct gk_nonce_hash *hash;
    const struct gk_creation *creation;
    const struct gk_wrap *wrap;

    switch (registry) {
    case GK_REGISTRY_SIGNATURE:
        signature = gk_signature_find(value);
        return signature ? signature->name : NULL;
    case GK_REGISTRY_NONCE_HASH:
        hash = gk_nonce_hash_find(value);
        return hash ? hash->name : NULL;
    case GK_REGISTRY_KEY_CREATION:
        creation = gk_creation_find(value);
        return creation ? creation->name : NULL;
    case GK_REGISTRY_KEY:
        wrap = gk_wrap_find(value);
        return wrap ? wrap->name : NULL;
    default:
        return NULL;
    }
}

const char *token_algorithm_weakness(enum gk_registry registry, int64_t value)
{
    static const struct {
        enum gk_registry registry;
        int64_t value;
        const char *why;
    } weak[] = {
        {GK_REGISTRY_SIGNATURE, 0, "SHA-1, which no longer resists collisions"},
        {GK_REGISTRY_SIGNATURE, 1, "MD5, which is broken, and RSA of 1024 bits"},
        {GK_REGISTRY_NONCE_HASH, 1, "SHA-1, which no longer resists collisions"},
        {GK_REGISTRY_KEY_CREATION, 2, "a group of 1024 bits, within reach of large attackers"},
        {GK_REGISTRY_KEY, 3, "3DES: blocks of 64 bits, and no integrity"},
        {GK_REGISTRY_KEY, 12, "CBC: no integrity of its own"},
        {GK_REGISTRY_KEY, 13, "CTR: no integrity of its own"},
    };

    for (size_t i = 0; i < sizeof weak / sizeof *weak; i++) {
        if (weak[i].registry == registry && weak[i].value == value)
            return weak[i].why;
    }
    return NULL;
}

static char plain(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c == ' ' || c == '_' ? '-' : c;
}

static bool same_name(const char *a, const char *b)
{
    while (*a && plain(*a) == plain(*b)) {
        a++;
        b++;
    }
    return !*a && !*b;
}

bool token_algorithm_find(enum gk_registry registry, const char *name, int64_t *value)
{
    const struct gk_registry_entry *row;

    for (size_t i = 0; (row = gk_registry_at(registry, i)); i++) {
        const char *known = token_algorithm_name(registry, row->value);

        if (row->status == GK_STATUS_RESERVED)
            continue;
        if (same_name(row->name, name) || (known && same_name(known, name))) {
            *value = row->value;
            return true;
        }
    }
    return false;
}
