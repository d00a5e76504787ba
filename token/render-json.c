/* SPDX-License-Identifier: Apache-2.0 */
#include "token/render-json.h"

#include <stdlib.h>

#include "token/render.h"

#define DEPTH 16

struct json_sink {
    struct token_sink sink;
    size_t depth;
    json_t *open[DEPTH]; /* the innermost last; each owned by the one before */
};

static json_t *made(json_t *value)
{
    if (!value)
        abort(); /* out of memory: sizes are bounded */
    return value;
}

/* Puts a value into what is open, which takes it over. */
static void add(struct token_sink *sink, const char *key, json_t *value)
{
    struct json_sink *json = (struct json_sink *)(void *)sink;
    json_t *into = json->open[json->depth - 1];
    int result = key ? json_object_set_new(into, key, made(value))
                     : json_array_append_new(into, made(value));

    if (result)
        abort();
}

static void push(struct token_sink *sink, json_t *value)
{
    struct json_sink *json = (struct json_sink *)(void *)sink;

    if (json->depth == DEPTH)
        abort(); /* only our own walk nests */
    json->open[json->depth++] = value;
}

static void json_open(struct token_sink *sink, const char *key, const char *label)
{
    json_t *object = json_object();

    (void)label;
    add(sink, key, object);
    push(sink, object);
}

static void json_list(struct token_sink *sink, const char *key, const char *label, size_t count)
{
    json_t *array = json_array();

    (void)label;
    (void)count;
    add(sink, key, array);
    push(sink, array);
}

static void json_close(struct token_sink *sink)
{
    ((struct json_sink *)(void *)sink)->depth--;
}

static void json_none(struct token_sink *sink, const char *key, const char *label)
{
    (void)label;
    add(sink, key, json_null());
}

static void json_text(struct token_sink *sink, const char *key, const char *label,
                      const char *value)
{
    (void)label;
    add(sink, key, json_string(value));
}

static void json_number(struct token_sink *sink, const char *key, const char *label, int64_t value,
                        const char *name)
{
    (void)label;
    add(sink, key,
        name ? json_pack("{s:I,s:s}", "value", (json_int_t)value, "name", name)
             : json_integer(value));
}

static void json_oid(struct token_sink *sink, const char *key, const char *label, const char *oid,
                     const char *name)
{
    (void)label;
    add(sink, key, json_pack("{s:s,s:s}", "oid", oid, "name", name));
}

static void json_flag(struct token_sink *sink, const char *key, const char *label, bool value)
{
    (void)label;
    add(sink, key, json_boolean(value));
}

static json_t *hex_of(struct gk_octets value)
{
    char *hex = gk_hex(value);
    json_t *text = made(json_string(hex));

    free(hex);
    return text;
}

static void json_hex(struct token_sink *sink, const char *key, const char *label,
                     struct gk_octets value)
{
    (void)label;
    add(sink, key, hex_of(value));
}

/* Into an object: hex, and text where it is printable. */
static void set_octets(json_t *object, struct gk_octets value)
{
    if (json_object_set_new(object, "hex", hex_of(value)))
        abort();
    if (token_printable(value) &&
        json_object_set_new(object, "text",
                            made(json_stringn((const char *)value.data, value.size))))
        abort();
}

static void json_octets(struct token_sink *sink, const char *key, const char *label,
                        struct gk_octets value)
{
    json_t *object = made(json_object());

    (void)label;
    set_octets(object, value);
    add(sink, key, object);
}

static void json_life(struct token_sink *sink, const char *key, const char *label,
                      const struct token_life *life)
{
    char stamp[GK_STAMP_SIZE + 1];

    (void)label;
    gk_stamp_format(life->value, stamp);
    if (life->kind == TOKEN_LIFE_INTERVAL)
        add(sink, key, json_pack("{s:I}", "interval", (json_int_t)life->value));
    else
        add(sink, key,
            json_pack("{s:s,s:s}", "time", stamp, "form",
                      life->kind == TOKEN_LIFE_UTC ? "utc" : "gt"));
}

static void json_pairs(struct token_sink *sink, const char *key, const char *label,
                       const struct token_pairs *pairs)
{
    json_list(sink, key, label, pairs->count);
    for (size_t i = 0; i < pairs->count; i++) {
        const struct token_pair *pair = &pairs->at[i];
        json_t *object =
            made(json_pack("{s:I,s:s,s:o}", "type", (json_int_t)pair->id_type, "typeName",
                           token_id_name(pair->id_type), "cA", hex_of(pair->ca)));

        set_octets(object, pair->id);
        add(sink, NULL, object);
    }
    json_close(sink);
}

json_t *token_show_json(const struct token *token)
{
    json_t *root = made(json_object());
    struct json_sink json = {
        .sink = {json_open, json_list, json_close, json_none, json_text, json_number, json_oid,
                 json_flag, json_octets, json_hex, json_life, json_pairs},
        .depth = 1,
        .open = {root},
    };

    token_render(token, &json.sink);
    return root;
}
