/* SPDX-License-Identifier: Apache-2.0 */
/* The page as a whole. */
#include <stdlib.h>
#include <string.h>

#include <libxml/xmlsave.h>

#include "token/render-html-part.h"

const struct token_rekey *html_rekey(const struct token *token)
{
    for (size_t i = 0; i < token->rekey_count; i++) {
        if (token->rekeys[i].kind == TOKEN_PROTOCOL_REKEY &&
            token->rekeys[i].rekey->method != TOKEN_METHOD_OTHER)
            return token->rekeys[i].rekey;
    }
    return NULL;
}

static void meta(xmlNode *head, const char *attribute, const char *name, const char *content)
{
    xmlNode *at = html_element(head, "meta");

    html_attribute(at, attribute, name);
    html_attribute(at, "content", content);
}

static void put_head(struct html *html, xmlNode *head)
{
    char *group = html_readable(html_spoken_name(html->token->group_name), 60, NULL);
    xmlNode *style;

    meta(head, "http-equiv", "Content-Type", "text/html; charset=utf-8");
    meta(head, "http-equiv", "Content-Security-Policy",
         "default-src 'none'; style-src 'unsafe-inline'");
    meta(head, "name", "viewport", "width=device-width, initial-scale=1");
    meta(head, "name", "referrer", "no-referrer");
    html_put(html_element(head, "title"), "Policy of the group %s", group);
    style = html_element(head, "style");
    for (size_t i = 0; html_style[i]; i++)
        html_put(style, "%s", html_style[i]);
    free(group);
}

static void put_body(struct html *html, xmlNode *body)
{
    html->main = html_element(body, "main");
    html_head(html);
    html_summary(html);
    html_pictures(html);
    html_facts(html);
    html_cas(html);
    html_say(html_element(body, "footer"), "p",
             "Made by gsakmp-token show --format html. Text that is cut here stands whole in "
             "--format json and --format xml.");
}

static void dump(xmlDoc *doc, struct gk_writer *to)
{
    xmlBuffer *buffer = xmlBufferCreate();
    xmlSaveCtxt *save =
        buffer ? xmlSaveToBuffer(buffer, "UTF-8", XML_SAVE_XHTML | XML_SAVE_NO_DECL) : NULL;

    if (!save || xmlSaveDoc(save, doc) < 0 || xmlSaveClose(save) < 0)
        abort(); /* out of memory: sizes are bounded */
    gk_write(to, xmlBufferContent(buffer), (size_t)xmlBufferLength(buffer));
    xmlBufferFree(buffer);
}

void token_show_html(const struct token *token, const struct html_origin *origin,
                     struct gk_writer *to)
{
    struct html html = {.token = token, .origin = origin};
    xmlDoc *doc = xmlNewDoc((const xmlChar *)"1.0");
    xmlNode *root;

    if (!doc || !xmlCreateIntSubset(doc, (const xmlChar *)"html", NULL, NULL))
        abort();
    root = xmlNewDocNode(doc, NULL, (const xmlChar *)"html", NULL);
    if (!root)
        abort();
    (void)xmlDocSetRootElement(doc, root);
    html_attribute(root, "xmlns", "http://www.w3.org/1999/xhtml");
    html_attribute(root, "lang", "en");
    put_head(&html, html_element(root, "head"));
    put_body(&html, html_element(root, "body"));
    dump(doc, to);
    xmlFreeDoc(doc);
    html_cas_free(&html);
}
