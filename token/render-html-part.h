/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_RENDER_HTML_PART_H
#define TOKEN_RENDER_HTML_PART_H
/* Between the parts of the HTML renderer; nobody outside token/render-html*.c includes this. */
#include <libxml/tree.h>

#include "gsakmp/registry.h"
#include "token/render-html.h"
#include "token/render.h"

struct html_ca {
    struct gk_octets key_id;
    size_t number; /* from 1, in the order in which the page names them */
};

struct html {
    const struct token *token;
    const struct html_origin *origin;
    xmlNode *main;
    void *found; /* the same, ordered by key_id (tsearch) */
    struct html_ca **cas;
    size_t ca_count, ca_room;
};

/* --- elements (render-html-text.c): their text is ours, or has gone through html_readable */
xmlNode *html_element(xmlNode *parent, const char *name);
void html_attribute(xmlNode *at, const char *name, const char *value);
void html_number(xmlNode *at, const char *name, int64_t value);
void html_put(xmlNode *at, const char *format, ...) GK_PRINTF(2, 3);
/* An element that holds only text. */
xmlNode *html_say(xmlNode *parent, const char *name, const char *text);

/* --- foreign text (render-html-text.c) */
#define HTML_TEXT_MOST 400 /* columns */
#define HTML_HEX_MOST  256 /* octets */
/* Octets as text that a browser shows as it stands, at most `most` columns: what is no UTF-8 as
 * "⟨x1b⟩", what has no harmless shape as "⟨U+202E⟩", and "…" where it was cut. A fresh string;
 * `left` takes how many octets were left out. */
char *html_readable(struct gk_octets text, size_t most, size_t *left);
/* In the direction of its own, with a word on what was cut. */
void html_foreign(xmlNode *at, struct gk_octets text);
void html_hex(xmlNode *at, struct gk_octets octets);
bool html_ascii(struct gk_octets text);
/* The name in a Group ID value: as a rule 8 random octets stand before it (RFC 4535 7.1.1.1). */
struct gk_octets html_spoken_name(struct gk_octets group);

/* --- identities (render-html-identity.c) */
/* What the pair names, as octets of text: "192.0.2.1", "CN=*,O=Acme". */
void html_identity(const struct token_pair *pair, struct gk_writer *to);
/* "distinguished name". */
const char *html_identity_kind(int64_t type);
/* Does it let in whoever fits a pattern? */
bool html_is_pattern(const struct token_pair *pair);
size_t html_ca_number(struct html *html, struct gk_octets key_id);
/* "CA 2 (907b3f…f5852c)" */
void html_ca(struct html *html, xmlNode *at, struct gk_octets key_id);
/* The table of all that the page has named. */
void html_cas(struct html *html);
void html_cas_free(struct html *html);

/* --- parts of the page */
extern const char *const html_style[];            /* render-html-style.c; ends with NULL */
void html_head(struct html *html);                /* render-html-summary.c */
void html_summary(struct html *html);             /* render-html-summary.c */
void html_pictures(struct html *html);            /* render-html-picture.c */
void html_facts(struct html *html);               /* render-html-facts.c */
xmlNode *html_weak(xmlNode *at, const char *why); /* render-html-facts.c */
/* The rekey that is in force (profile 11.10); NULL without. */
const struct token_rekey *html_rekey(const struct token *token);

#endif
