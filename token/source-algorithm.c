/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes that name an algorithm: by name or by number. */
#include "token/source-part.h"

#include <string.h>

static const char *expected(enum gk_registry registry)
{
    switch (registry) {
    case GK_REGISTRY_SIGNATURE:
        return "a signature type of RFC 4535 table 21 as \"Ed25519\"";
    case GK_REGISTRY_NONCE_HASH:
        return "a nonce hash of RFC 4535 table 25 as \"SHA-256\"";
    case GK_REGISTRY_KEY_CREATION:
        return "a key creation type of RFC 4535 table 26 as \"X25519\"";
    default:
        return "a key type of RFC 4535 table 16 as \"AES-256-GCM\"";
    }
}

bool source_algorithm(struct source *source, const xmlNode *at, const char *name,
                      enum gk_registry registry, int64_t *to)
{
    const char *text = source_attribute(at, name);

    if (!text)
        return true;
    if (*text && strspn(text, "0123456789") == strlen(text))
        return source_integer(source, at, name, 0, to);
    return token_algorithm_find(registry, text, to) ||
           source_refuse_value(source, at, name, expected(registry));
}
