/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_RENDER_H
#define TOKEN_RENDER_H
/*
 * Showing a token. One walk names everything that a token says; a sink turns that into text,
 * JSON or another form, so that no form forgets a field that another shows.
 *
 * `key` is the name for machines (RFC 4534's, NULL for an element of a list), `label` the one
 * for people. What a sink gets as octets or as a pair came from whoever wrote the token: it
 * escapes them.
 */
#include "token/token.h"

struct token_sink {
    void (*open)(struct token_sink *sink, const char *key, const char *label);
    /* A list of `count` elements, which follow, each with a NULL key. */
    void (*list)(struct token_sink *sink, const char *key, const char *label, size_t count);
    void (*close)(struct token_sink *sink); /* of both */
    void (*none)(struct token_sink *sink, const char *key, const char *label);
    void (*text)(struct token_sink *sink, const char *key, const char *label, const char *value);
    /* `name` is what the number or OID means, NULL when it means no more than itself. */
    void (*number)(struct token_sink *sink, const char *key, const char *label, int64_t value,
                   const char *name);
    void (*oid)(struct token_sink *sink, const char *key, const char *label, const char *oid,
                const char *name);
    void (*flag)(struct token_sink *sink, const char *key, const char *label, bool value);
    /* Octets that are a name or text more often than not, and such that are numbers. */
    void (*octets)(struct token_sink *sink, const char *key, const char *label,
                   struct gk_octets value);
    void (*hex)(struct token_sink *sink, const char *key, const char *label,
                struct gk_octets value);
    void (*life)(struct token_sink *sink, const char *key, const char *label,
                 const struct token_life *life);
    void (*pairs)(struct token_sink *sink, const char *key, const char *label,
                  const struct token_pairs *pairs);
};

void token_render(const struct token *token, struct token_sink *sink);

/* "21600 s (6 h)", "2035-01-01 00:00:00 UTC". */
void token_render_life(const struct token_life *life, struct gk_writer *to);
/* "1 d 1 h 1 min 1 s"; at least 60. */
void token_render_span(int64_t seconds, struct gk_writer *to);
/* Name of an identification type (RFC 4535 table 19); never NULL. */
const char *token_id_name(int64_t type);
/* True for octets that a terminal can show as they are, after gk_escape at most. */
bool token_printable(struct gk_octets value);

#endif
