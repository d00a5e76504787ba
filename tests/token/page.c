/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/token/page.h"

#include <stdio.h>
#include <string.h>

#include <libxml/parser.h>

static void silent(void *context, const char *format, ...) GK_PRINTF(2, 3);
static void silent(void *context, const char *format, ...)
{
    (void)context;
    (void)format;
}

xmlDoc *page_read(struct gk_octets page)
{
    xmlSetGenericErrorFunc(NULL, silent);
    return xmlReadMemory((const char *)page.data, (int)page.size, "page.html", "UTF-8",
                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                             XML_PARSE_HUGE);
}

/* --- elements ------------------------------------------------------------------- */

static bool one_of(const char *const *list, const xmlChar *name)
{
    while (*list && strcmp(*list, (const char *)name) != 0)
        list++;
    return *list;
}

static bool plain(const xmlChar *value)
{
    return strspn((const char *)value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789 .,;:'=/_-") == strlen((const char *)value);
}

static bool attributes_good(const xmlNode *at, char *what, size_t room)
{
    static const char *const known[] = {
        "lang",        "http-equiv",      "content", "name", "class", "scope", "dir",    "id",
        "role",        "viewBox",         "x",       "y",    "width", "rx",    "height", "d",
        "text-anchor", "aria-labelledby", NULL};

    for (const xmlAttr *attribute = at->properties; attribute; attribute = attribute->next) {
        if (!one_of(known, attribute->name) || !attribute->children ||
            !plain(attribute->children->content)) {
            (void)snprintf(what, room, "<%s> has the attribute %s", (const char *)at->name,
                           (const char *)attribute->name);
            return false;
        }
    }
    return true;
}

static bool elements_good(const xmlNode *at, char *what, size_t room)
{
    static const char *const known[] = {
        "html", "head", "meta", "title",  "style", "body",  "main", "header", "section",
        "h1",   "h2",   "h3",   "h4",     "h5",    "h6",    "p",    "b",      "em",
        "bdi",  "code", "span", "dl",     "dt",    "dd",    "div",  "table",  "caption",
        "tr",   "th",   "td",   "thead",  "tbody", "small", "svg",  "g",      "rect",
        "path", "text", "desc", "footer", NULL};

    for (; at; at = at->next) {
        if (at->type == XML_TEXT_NODE || at->type == XML_DTD_NODE)
            continue;
        if (at->type != XML_ELEMENT_NODE || !one_of(known, at->name)) {
            (void)snprintf(what, room, "there is a <%.40s>", (const char *)at->name);
            return false;
        }
        if (!attributes_good(at, what, room) || !elements_good(at->children, what, room))
            return false;
    }
    return true;
}

/* --- characters ------------------------------------------------------------------- */

/* Ranges of what orders terminals and browsers about, hides, or turns its neighbours around. */
static const struct {
    unsigned first, last;
} hidden[] = {
    {0x00, 0x09},     {0x0b, 0x1f},     {0x7f, 0x9f},        {0xad, 0xad},     {0x61c, 0x61c},
    {0x115f, 0x1160}, {0x180e, 0x180e}, {0x200b, 0x200f},    {0x2028, 0x202e}, {0x2060, 0x206f},
    {0x2800, 0x2800}, {0x3164, 0x3164}, {0xd800, 0xf8ff},    {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},
    {0xffa0, 0xffa0}, {0xfff9, 0xffff}, {0xe0000, 0x10ffff},
};

static unsigned next_code(const uint8_t **at)
{
    unsigned code = *(*at)++;
    unsigned more = code >= 0xf0 ? 3 : code >= 0xe0 ? 2 : code >= 0xc0 ? 1 : 0;

    code &= more ? 0x3fu >> more : 0x7fu;
    while (more--)
        code = code << 6 | (*(*at)++ & 0x3f);
    return code;
}

/* libxml2 has found it to be UTF-8. */
static bool characters_good(struct gk_octets page, char *what, size_t room)
{
    const uint8_t *at = page.data;

    while (at < page.data + page.size) {
        unsigned code = next_code(&at);

        for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
            if (code < hidden[i].first || code > hidden[i].last)
                continue;
            (void)snprintf(what, room, "there is a U+%04X", code);
            return false;
        }
    }
    return true;
}

/* --- the whole -------------------------------------------------------------------- */

static const xmlNode *find(const xmlNode *at, const char *name)
{
    for (; at; at = at->next) {
        const xmlNode *below;

        if (at->type != XML_ELEMENT_NODE)
            continue;
        if (strcmp((const char *)at->name, name) == 0)
            return at;
        if ((below = find(at->children, name)))
            return below;
    }
    return NULL;
}

static bool policy_good(const xmlDoc *doc)
{
    const xmlNode *head = find(doc->children, "head");
    bool found = false;

    for (xmlNode *at = head ? head->children : NULL; at; at = at->next) {
        xmlChar *name = xmlGetProp(at, (const xmlChar *)"http-equiv");
        xmlChar *content = xmlGetProp(at, (const xmlChar *)"content");

        found = found ||
                (name && content && !xmlStrcmp(name, (const xmlChar *)"Content-Security-Policy") &&
                 !xmlStrcmp(content, (const xmlChar *)"default-src 'none'; style-src "
                                                      "'unsafe-inline'"));
        xmlFree(name);
        xmlFree(content);
        if (!found && !xmlStrcmp(at->name, (const xmlChar *)"style"))
            return false; /* it holds from where it stands */
    }
    return found;
}

bool page_harmless(const xmlDoc *doc, struct gk_octets page, char *what, size_t room)
{
    const xmlNode *style = find(doc->children, "style");

    if (!elements_good(doc->children, what, room) || !characters_good(page, what, room))
        return false;
    if (!policy_good(doc)) {
        (void)snprintf(what, room, "there is no Content-Security-Policy");
        return false;
    }
    if (!style || strpbrk((const char *)style->children->content, "<>&") ||
        strstr((const char *)style->children->content, "url(") ||
        strstr((const char *)style->children->content, "@import")) {
        (void)snprintf(what, room, "the style fetches, or reads otherwise as HTML");
        return false;
    }
    return true;
}

char *page_text(const xmlDoc *doc)
{
    const xmlNode *body = find(doc->children, "body");

    return (char *)xmlNodeGetContent(body);
}

size_t page_count(const xmlNode *at, const char *name, const char *class)
{
    size_t count = 0;

    for (xmlNode *child = at->children; child; child = child->next) {
        xmlChar *have = NULL;

        if (child->type != XML_ELEMENT_NODE)
            continue;
        have = xmlGetProp(child, (const xmlChar *)"class");
        count += strcmp((const char *)child->name, name) == 0 &&
                 (!class || (have && strcmp((const char *)have, class) == 0));
        xmlFree(have);
        count += page_count(child, name, class);
    }
    return count;
}
