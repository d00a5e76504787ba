/* SPDX-License-Identifier: Apache-2.0 */
#include "token/render-text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "gsakmp/reason.h"
#include "token/render.h"

#define DEPTH 16

struct text_sink {
    struct token_sink sink;
    struct gk_writer *to;
    size_t indent;
    size_t depth;
    struct {
        bool list;
        size_t elements; /* begun so far */
    } level[DEPTH];
};

static struct text_sink *text_of(struct token_sink *sink)
{
    return (struct text_sink *)(void *)sink;
}

/* "  label: ", in a list "  label 2: ". */
static void begin(struct text_sink *text, const char *key, const char *label)
{
    gk_write_format(text->to, "%*s%s", (int)(2 * text->indent), "", label);
    if (!key && text->depth)
        gk_write_format(text->to, " %zu", ++text->level[text->depth - 1].elements);
    gk_write_format(text->to, ":");
}

static void push(struct text_sink *text, bool list)
{
    if (text->depth == DEPTH)
        abort(); /* only our own walk nests */
    text->level[text->depth].list = list;
    text->level[text->depth].elements = 0;
    text->depth++;
}

static void text_open(struct token_sink *sink, const char *key, const char *label)
{
    struct text_sink *text = text_of(sink);

    begin(text, key, label);
    gk_write_format(text->to, "\n");
    push(text, false);
    text->indent++;
}

/* A list has no line of its own: its elements are numbered. */
static void text_list(struct token_sink *sink, const char *key, const char *label, size_t count)
{
    struct text_sink *text = text_of(sink);

    if (!count) {
        begin(text, key, label);
        gk_write_format(text->to, " none\n");
    }
    push(text, true);
}

static void text_close(struct token_sink *sink)
{
    struct text_sink *text = text_of(sink);

    text->depth--;
    text->indent -= !text->level[text->depth].list;
}

static void text_none(struct token_sink *sink, const char *key, const char *label)
{
    begin(text_of(sink), key, label);
    gk_write_format(text_of(sink)->to, " none\n");
}

static void text_text(struct token_sink *sink, const char *key, const char *label,
                      const char *value)
{
    begin(text_of(sink), key, label);
    gk_write_format(text_of(sink)->to, " %s\n", value);
}

static void text_number(struct token_sink *sink, const char *key, const char *label, int64_t value,
                        const char *name)
{
    begin(text_of(sink), key, label);
    if (name)
        gk_write_format(text_of(sink)->to, " %s (%" PRId64 ")\n", name, value);
    else
        gk_write_format(text_of(sink)->to, " %" PRId64 "\n", value);
}

static void text_oid(struct token_sink *sink, const char *key, const char *label, const char *oid,
                     const char *name)
{
    begin(text_of(sink), key, label);
    gk_write_format(text_of(sink)->to, " %s (%s)\n", name, oid);
}

static void text_flag(struct token_sink *sink, const char *key, const char *label, bool value)
{
    text_text(sink, key, label, value ? "yes" : "no");
}

/* Hexadecimal, or "empty". */
static void put_hex(struct text_sink *text, struct gk_octets value)
{
    char *hex = gk_hex(value);

    gk_write_format(text->to, "%s", value.size ? hex : "empty");
    free(hex);
}

static void text_hex(struct token_sink *sink, const char *key, const char *label,
                     struct gk_octets value)
{
    begin(text_of(sink), key, label);
    gk_write_format(text_of(sink)->to, " ");
    put_hex(text_of(sink), value);
    gk_write_format(text_of(sink)->to, "\n");
}

/* Whole, whatever its length. */
static void put_escaped(struct text_sink *text, struct gk_octets value)
{
    size_t room = 4 * value.size + 8;
    char *escaped = gk_alloc(room, 1);

    gk_write_format(text->to, "%s", gk_escape(escaped, room, value));
    free(escaped);
}

static void text_octets(struct token_sink *sink, const char *key, const char *label,
                        struct gk_octets value)
{
    struct text_sink *text = text_of(sink);
    size_t head = 0;

    begin(text, key, label);
    /* As a rule 8 random octets stand in front of a name (RFC 4535 7.1.1.1). */
    if (!token_printable(value) && value.size > 8 &&
        token_printable(gk_octets(value.data + 8, value.size - 8)))
        head = 8;
    if (head) {
        gk_write_format(text->to, " ");
        put_hex(text, gk_octets(value.data, head));
    }
    gk_write_format(text->to, " \"");
    put_escaped(text, gk_octets(value.data + head, value.size - head));
    gk_write_format(text->to, "\"");
    if (!token_printable(value)) {
        gk_write_format(text->to, " (");
        put_hex(text, value);
        gk_write_format(text->to, ")");
    }
    gk_write_format(text->to, "\n");
}

static void text_life(struct token_sink *sink, const char *key, const char *label,
                      const struct token_life *life)
{
    struct text_sink *text = text_of(sink);

    begin(text, key, label);
    gk_write_format(text->to, " ");
    token_render_life(life, text->to);
    gk_write_format(text->to, "\n");
}

static void put_pair(struct text_sink *text, const struct token_pair *pair)
{
    gk_write_format(text->to, "%*s", (int)(2 * text->indent), "");
    if (token_printable(pair->id))
        put_escaped(text, pair->id);
    else
        put_hex(text, pair->id);
    gk_write_format(text->to, " (%s, %" PRId64 "), under CA ", token_id_name(pair->id_type),
                    pair->id_type);
    put_hex(text, pair->ca);
    gk_write_format(text->to, "\n");
}

static void text_pairs(struct token_sink *sink, const char *key, const char *label,
                       const struct token_pairs *pairs)
{
    struct text_sink *text = text_of(sink);

    begin(text, key, label);
    gk_write_format(text->to, "%s\n", pairs->count ? "" : " nobody");
    text->indent++;
    for (size_t i = 0; i < pairs->count; i++)
        put_pair(text, &pairs->at[i]);
    text->indent--;
}

void token_show_text(const struct token *token, struct gk_writer *to)
{
    struct text_sink text = {
        .sink = {text_open, text_list, text_close, text_none, text_text, text_number, text_oid,
                 text_flag, text_octets, text_hex, text_life, text_pairs},
        .to = to,
    };

    token_render(token, &text.sink);
}
