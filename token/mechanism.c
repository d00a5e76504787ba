/* SPDX-License-Identifier: Apache-2.0 */
#include "token/mechanism.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "token/algorithm.h"

static bool take(int64_t value, uint16_t *to)
{
    *to = (uint16_t)value;
    return value >= 0 && value <= UINT16_MAX;
}

bool token_mechanism_algorithms(const struct token_mechanism *mechanism, struct gk_mechanism *to)
{
    if (!mechanism->suite)
        return take(mechanism->signature, &to->signature) &&
               take(mechanism->nonce_hash, &to->nonce_hash) &&
               take(mechanism->key_creation, &to->key_creation) &&
               take(mechanism->key_wrap, &to->key_wrap);
    if (strcmp(mechanism->suite, TOKEN_OID_SUITE_1) != 0)
        return false;
    *to = gk_suite_named("suite-1")->mechanism;
    return true;
}

/* --- from words --------------------------------------------------------------------------- */

#define WORD_MOST 63

static const struct part {
    enum gk_registry registry;
    const char *what;
} parts[] = {{GK_REGISTRY_SIGNATURE, "signature"},
             {GK_REGISTRY_NONCE_HASH, "nonce hash"},
             {GK_REGISTRY_KEY_CREATION, "key creation"},
             {GK_REGISTRY_KEY, "key wrap"}};

#define PARTS (sizeof parts / sizeof *parts)

/* What stands before the next comma, without spaces around it; NULL where that is too long. */
static const char *next_word(const char *text, char word[WORD_MOST + 1])
{
    size_t size;

    text += strspn(text, " ");
    size = strcspn(text, ",");
    if (size > WORD_MOST)
        return NULL;
    (void)snprintf(word, WORD_MOST + 1, "%.*s", (int)size, text);
    while (size && word[size - 1] == ' ')
        word[--size] = '\0';
    return text + strcspn(text, ",");
}

static bool find_algorithm(enum gk_registry registry, const char *word, uint16_t *to)
{
    int64_t value;
    char *end;

    if (!token_algorithm_find(registry, word, &value)) {
        value = *word >= '0' && *word <= '9' ? strtoll(word, &end, 10) : -1;
        if (value < 0 || *end)
            return false;
    }
    return take(value, to);
}

static bool refuse_text(const char *text, struct gk_reason *why)
{
    char safe[WORD_MOST + 1];

    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "mechanism-text",
                     "\"%s\" is neither a suite, such as \"recommended\", nor four algorithms, "
                     "such as \"Ed25519, SHA-256, X25519, AES-256-GCM\"",
                     gk_escape(safe, sizeof safe, gk_octets_of(text)));
}

static bool read_four(const char *text, struct gk_mechanism *to, struct gk_reason *why)
{
    uint16_t *const at[PARTS] = {&to->signature, &to->nonce_hash, &to->key_creation, &to->key_wrap};
    const char *left = text;

    for (size_t i = 0; i < PARTS; i++) {
        char word[WORD_MOST + 1];
        char safe[WORD_MOST + 1];

        left = next_word(left, word);
        if (!left || (*left == ',') != (i + 1 < PARTS))
            return refuse_text(text, why);
        if (!find_algorithm(parts[i].registry, word, at[i]))
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "mechanism-text", "no %s is called \"%s\"",
                             parts[i].what, gk_escape(safe, sizeof safe, gk_octets_of(word)));
        left += *left == ',';
    }
    return true;
}

bool token_mechanism_parse(const char *text, struct gk_mechanism *to, struct gk_reason *why)
{
    const struct gk_suite *suite = gk_suite_named(text);
    struct gk_mechanism read;

    if (suite) {
        *to = suite->mechanism;
        return true;
    }
    if (!strchr(text, ','))
        return refuse_text(text, why);
    if (!read_four(text, &read, why))
        return false;
    *to = read;
    return true;
}
