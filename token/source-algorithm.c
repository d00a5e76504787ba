/* SPDX-License-Identifier: Apache-2.0 */
/* Algorithms by name or number. The names are those of the suites' tables: every number is
 * asked there, so that no second list of names exists. */
#include "token/source-part.h"

#include <stdio.h>
#include <string.h>

#include "gsakmp/suite.h"

/* Where named values lie: at the start of the assigned and of the private range. */
#define BLOCK       256
#define PRIVATE_USE 49152

static const char *signature_name(int64_t type)
{
    const struct gk_signature_scheme *row = gk_signature_find(type);

    return row ? row->name : NULL;
}

static const char *nonce_hash_name(int64_t type)
{
    const struct gk_nonce_hash *row = gk_nonce_hash_find(type);

    return row ? row->name : NULL;
}

static const char *key_creation_name(int64_t type)
{
    const struct gk_creation *row = gk_creation_find(type);

    return row ? row->name : NULL;
}

static const char *key_wrap_name(int64_t type)
{
    const struct gk_wrap *row = gk_wrap_find(type);

    return row ? row->name : NULL;
}

static const struct registry {
    const char *(*name)(int64_t type);
    const char *expected;
} registries[] = {
    [SOURCE_SIGNATURE] = {signature_name, "a signature type of RFC 4535 table 21 as \"Ed25519\""},
    [SOURCE_NONCE_HASH] = {nonce_hash_name, "a nonce hash of RFC 4535 table 25 as \"SHA-256\""},
    [SOURCE_KEY_CREATION] = {key_creation_name, "a key creation of RFC 4535 table 26 as "
                                                "\"X25519\""},
    [SOURCE_KEY_WRAP] = {key_wrap_name, "a key type of RFC 4535 table 16 as \"AES-256-GCM\""},
};

static char plain(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c == ' ' || c == '_' ? '-' : c;
}

/* Without case; blank, hyphen and underline are one. */
static bool same_name(const char *a, const char *b)
{
    while (*a && plain(*a) == plain(*b)) {
        a++;
        b++;
    }
    return !*a && !*b;
}

bool source_algorithm(struct source *source, const xmlNode *at, const char *name,
                      enum source_registry registry, int64_t *to)
{
    const char *text = source_attribute(at, name);

    if (!text)
        return true;
    if (*text >= '0' && *text <= '9' && strspn(text, "0123456789") == strlen(text))
        return source_integer(source, at, name, 0, to);
    for (size_t i = 0; i < 2 * BLOCK; i++) {
        int64_t type = i < BLOCK ? (int64_t)i : (int64_t)(PRIVATE_USE + i - BLOCK);
        const char *known = registries[registry].name(type);

        if (known && same_name(known, text)) {
            *to = type;
            return true;
        }
    }
    return source_refuse_value(source, at, name, registries[registry].expected);
}
