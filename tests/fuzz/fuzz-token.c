/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever octets come: they are refused with a reason and a place, or they are a token. A
 * token is canonical DER, can be shown and compared, and written again it is a token that is
 * written to the same octets.
 */
#include <stdlib.h>

#include "token/der.h"
#include "token/diff.h"
#include "token/render-json.h"
#include "token/render-text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

static void show(const struct token *token)
{
    struct gk_writer text = {0};
    json_t *json = token_show_json(token);

    token_show_text(token, &text);
    for (size_t i = 0; i < text.size; i++)
        must(text.data[i] == '\n' || (text.data[i] >= 0x20 && text.data[i] < 0x7f));
    gk_writer_free(&text);
    json_decref(json);
}

/* From itself it differs in nothing; from nothing in whatever can be said in a line. */
static void compare(const struct token *token)
{
    struct token *nothing = token_new();
    struct token_diff *diff = token_diff(token, token);
    struct gk_writer text = {0};

    must(diff->count == 0);
    token_diff_free(diff);
    diff = token_diff(nothing, token);
    token_diff_text(diff, "nothing", "something", &text);
    for (size_t i = 0; i < text.size; i++)
        must(text.data[i] == '\n' || (text.data[i] >= 0x20 && text.data[i] < 0x7f));
    gk_writer_free(&text);
    token_diff_free(diff);
    diff = token_diff(token, nothing);
    token_diff_free(diff);
    token_free(nothing);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gk_octets der = gk_octets(data, size);
    struct gk_reason why = {0};
    struct token *token = token_from_der(der, &why);
    struct gk_writer once = {0};
    struct gk_writer twice = {0};
    struct token *again;

    if (!token) {
        must(why.code && *why.text && why.offset <= size);
        (void)!der_check(der, &why);
        return 0;
    }
    must(der_check(der, &why));
    show(token);
    compare(token);
    must(token_to_der(token, &once, &why));
    again = token_from_der(gk_writer_octets(&once), &why);
    must(again);
    must(token_to_der(again, &twice, &why));
    must(gk_octets_equal(gk_writer_octets(&once), gk_writer_octets(&twice)));
    token_free(again);
    token_free(token);
    gk_writer_free(&once);
    gk_writer_free(&twice);
    return 0;
}
