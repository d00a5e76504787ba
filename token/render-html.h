/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_RENDER_HTML_H
#define TOKEN_RENDER_HTML_H
/*
 * A token as one page for people: HTML5 that is well-formed XML besides, with its style and its
 * pictures inside, without script, and without a reference to anything outside. Browsers are told
 * so, too, by a Content-Security-Policy.
 *
 * The page says all that the other renderers say (it is one more sink of token/render.h), and
 * before that what most readers ask: sentences, and a picture for each registration of who may
 * hand keys to whom. It judges nothing and verifies nothing, and says so.
 *
 * What the token's writer chose as text is escaped: markup, control characters, characters without
 * a shape of their own or that turn the writing direction stand there by their number. Text beyond
 * some hundred columns, and octets beyond some hundred, are cut, and the page tells how many are
 * left out. It grows as the token does.
 */
#include "token/cms.h"
#include "token/token.h"

/* Where the token comes from: what the page's head says of it. */
struct html_origin {
    const char *name;      /* of the file; NULL leaves it out */
    bool source;           /* a policy source, no token yet */
    const struct cms *cms; /* whose signature was verified under the certificate that it brings;
                              NULL when nobody signed */
};

/* Appends the page. */
void token_show_html(const struct token *token, const struct html_origin *origin,
                     struct gk_writer *to);

#endif
