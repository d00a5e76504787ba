/* SPDX-License-Identifier: Apache-2.0 */
/* Times and algorithms, compared and in words. */
#include "token/diff-parts.h"

#include <inttypes.h>
#include <stdio.h>

#include "token/algorithm.h"
#include "token/strength.h"

int diff_lives(const struct token_life *old, const struct token_life *new)
{
    if ((old->kind == TOKEN_LIFE_INTERVAL) != (new->kind == TOKEN_LIFE_INTERVAL))
        return DIFF_OTHER;
    return (new->value > old->value) - (new->value < old->value);
}

const char *diff_life(const struct token_life *life, char to[DIFF_TEXT])
{
    if (life->kind == TOKEN_LIFE_INTERVAL)
        (void)snprintf(to, DIFF_TEXT, "%" PRId64 " s", life->value);
    else
        gk_stamp_format(life->value, to);
    return to;
}

const char *diff_algorithm(enum gk_registry registry, int64_t value, char to[DIFF_TEXT])
{
    const char *name = token_algorithm_name(registry, value);

    if (name)
        (void)snprintf(to, DIFF_TEXT, "%s (%d bits)", name, token_strength(registry, value));
    else
        (void)snprintf(to, DIFF_TEXT, "the unknown %" PRId64, value);
    return to;
}

enum token_effect diff_strength(enum gk_registry registry, int64_t old, int64_t new)
{
    int before = token_strength(registry, old);
    int after = token_strength(registry, new);

    if (before == TOKEN_STRENGTH_UNKNOWN || after == TOKEN_STRENGTH_UNKNOWN || before == after)
        return TOKEN_CHANGED;
    return after > before ? TOKEN_STRONGER : TOKEN_WEAKER;
}

enum token_effect diff_shorter(int order)
{
    return order == DIFF_OTHER ? TOKEN_CHANGED : order < 0 ? TOKEN_STRONGER : TOKEN_WEAKER;
}
