/* SPDX-License-Identifier: Apache-2.0 */
#include "token/diff-json.h"

#include <stdlib.h>

static json_t *made(json_t *value)
{
    if (!value)
        abort(); /* out of memory: sizes are bounded */
    return value;
}

static json_t *one(const struct token_difference *at)
{
    return made(json_pack("{s:s, s:s, s:s, s:s, s:o, s:s}", "effect", token_effect_name(at->effect),
                          "code", at->code, "token", at->in_old ? "old" : "new", "path", at->path,
                          "line", at->line ? json_integer(at->line) : json_null(), "text",
                          at->text));
}

json_t *token_diff_json(const struct token_diff *diff)
{
    json_t *list = made(json_array());
    json_t *sums = made(json_object());

    for (size_t i = 0; i < diff->count; i++) {
        if (json_array_append_new(list, one(&diff->at[i])))
            abort();
    }
    for (int i = 0; i < TOKEN_EFFECTS; i++) {
        enum token_effect effect = (enum token_effect)i;

        if (json_object_set_new(sums, token_effect_name(effect),
                                json_integer((json_int_t)token_diff_count(diff, effect))))
            abort();
    }
    return made(json_pack("{s:b, s:o, s:o}", "same", token_diff_none(diff), "sums", sums,
                          "differences", list));
}
