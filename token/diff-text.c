/* SPDX-License-Identifier: Apache-2.0 */
/* A difference for people. */
#include "token/diff.h"

#include <stdlib.h>

#include "gsakmp/reason.h"

static void put(struct gk_writer *to, char *text)
{
    gk_write_octets(to, gk_octets_of(text));
    free(text);
}

static void put_place(struct gk_writer *to, const struct token_difference *at)
{
    const char *side = at->in_old ? "old" : "new";

    if (at->line)
        put(to, gk_format(" (%s, line %d: %s)", side, at->line, at->path));
    else if (*at->path)
        put(to, gk_format(" (%s: %s)", side, at->path));
    put(to, gk_strdup("\n"));
}

static void put_sums(struct gk_writer *to, const struct token_diff *diff)
{
    const char *before = "";

    if (token_diff_none(diff)) {
        put(to, gk_strdup("the policy is the same\n"));
        return;
    }
    put(to, gk_strdup("the policy is another: "));
    for (int effect = TOKEN_EFFECTS - 1; effect >= 0; effect--) {
        size_t count = token_diff_count(diff, (enum token_effect)effect);

        if (!count)
            continue;
        put(to, gk_format("%s%zu %s", before, count, token_effect_name((enum token_effect)effect)));
        before = ", ";
    }
    put(to, gk_strdup("\n"));
}

void token_diff_text(const struct token_diff *diff, const char *old_name, const char *new_name,
                     struct gk_writer *to)
{
    char old[512];
    char new[512];

    put(to, gk_format("old: %s\nnew: %s\n", gk_escape(old, sizeof old, gk_octets_of(old_name)),
                      gk_escape(new, sizeof new, gk_octets_of(new_name))));
    for (size_t i = 0; i < diff->count; i++) {
        const struct token_difference *at = &diff->at[i];

        put(to, gk_format("%s: %s", token_effect_name(at->effect), at->text));
        put_place(to, at);
    }
    put_sums(to, diff);
}
