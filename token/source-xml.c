/* SPDX-License-Identifier: Apache-2.0 */
/* Step 1 of the source reader: hostile octets to a tree. */
#include "token/source-part.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "gsakmp/utf8.h"

#define ATTRIBUTES_MOST 256 /* of an element; more than the language has */

struct parse {
    struct source *source;
    bool doctype;
    int line;
    char message[160]; /* of libxml2, the first one */
};

static bool check_utf8(const struct source *source, struct gk_octets xml)
{
    size_t line = 1;

    for (size_t at = 0; at < xml.size;) {
        size_t size = gk_utf8_character(gk_octets(xml.data + at, xml.size - at));

        if (!size || !xml.data[at])
            return gk_refuse(source->why, GK_NONE, at, "source-encoding",
                             "%s:%zu: octet %zu of the file is no UTF-8 text; expected UTF-8",
                             source->name, line, at);
        line += xml.data[at] == '\n';
        at += size;
    }
    return true;
}

/* The encoding that an XML declaration names is UTF-8 or unsaid: libxml2 would follow it. */
static bool check_encoding(const struct source *source, struct gk_octets xml)
{
    const char *text = (const char *)xml.data;
    size_t size = xml.size;
    const char *end;
    const char *at;

    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        size -= 3;
    }
    if (size < 5 || memcmp(text, "<?xml", 5) != 0)
        return true;
    end = memmem(text, size, "?>", 2);
    if (!end)
        return true;
    at = memmem(text, (size_t)(end - text), "encoding", 8);
    if (!at)
        return true;
    for (at += 8; at < end && (isspace((unsigned char)*at) || *at == '='); at++)
        ;
    if (end - at >= 7 && strncasecmp(at + 1, "utf-8", 5) == 0 && at[6] == at[0])
        return true;
    return gk_refuse(source->why, GK_NONE, GK_NO_OFFSET, "source-encoding",
                     "%s:1: the XML declaration names another encoding; expected "
                     "encoding=\"UTF-8\", or no encoding",
                     source->name);
}

/* A DOCTYPE is the way to entities and external subsets: parsing ends where it begins. */
static void refuse_doctype(void *context, const xmlChar *name, const xmlChar *external,
                           const xmlChar *system)
{
    xmlParserCtxt *parser = context;
    struct parse *parse = parser->_private;

    (void)name;
    (void)external;
    (void)system;
    parse->doctype = true;
    parse->line = parser->input ? parser->input->line : 0;
    xmlStopParser(parser);
}

static void keep_message(void *context, xmlErrorPtr error)
{
    xmlParserCtxt *parser = context;
    struct parse *parse = parser->_private;
    const char *message = error->message ? error->message : "not well-formed";

    if (parse->doctype || parse->message[0])
        return;
    parse->line = error->line;
    (void)gk_escape(parse->message, sizeof parse->message,
                    gk_octets(message, strcspn(message, "\n")));
}

/* --- many attributes -------------------------------------------------------------------------- */

/* Behind the text, from `at`; the end without it. */
static size_t behind(struct gk_octets xml, size_t at, const char *text)
{
    const uint8_t *found = memmem(xml.data + at, xml.size - at, text, strlen(text));

    return found ? (size_t)(found - xml.data) + strlen(text) : xml.size;
}

static bool begins(struct gk_octets xml, size_t at, const char *text)
{
    return xml.size - at >= strlen(text) && memcmp(xml.data + at, text, strlen(text)) == 0;
}

/* Behind the tag that begins at `at`. Its values are counted: quotes in it are in pairs, or the
 * parser refuses it. */
static size_t pass_tag(struct gk_octets xml, size_t at, size_t *values)
{
    for (*values = 0; at < xml.size && xml.data[at] != '>'; at++) {
        const uint8_t *end;

        if (xml.data[at] != '"' && xml.data[at] != '\'')
            continue;
        ++*values;
        end = memchr(xml.data + at + 1, xml.data[at], xml.size - at - 1);
        at = end ? (size_t)(end - xml.data) : xml.size - 1;
    }
    return at;
}

static size_t line_of(struct gk_octets xml, size_t at)
{
    size_t line = 1;

    for (size_t i = 0; i < at && i < xml.size; i++)
        line += xml.data[i] == '\n';
    return line;
}

/* libxml2 compares each attribute of an element with each other one: a hundred thousand would keep
 * it busy for minutes. */
static bool check_attributes(const struct source *source, struct gk_octets xml)
{
    size_t values = 0;

    for (size_t at = 0; at < xml.size;) {
        if (xml.data[at] != '<')
            at++;
        else if (begins(xml, at, "<!--"))
            at = behind(xml, at, "-->");
        else if (begins(xml, at, "<![CDATA["))
            at = behind(xml, at, "]]>");
        else if (begins(xml, at, "<?"))
            at = behind(xml, at, "?>");
        else
            at = pass_tag(xml, at, &values);
        if (values > ATTRIBUTES_MOST)
            return gk_refuse(source->why, GK_NONE, at, "source-attribute",
                             "%s:%zu: an element has %zu attributes; expected at most %d",
                             source->name, line_of(xml, at), values, ATTRIBUTES_MOST);
    }
    return true;
}

static void refuse_parse(const struct parse *parse)
{
    const struct source *source = parse->source;

    if (parse->doctype) {
        (void)gk_refuse(source->why, GK_NONE, GK_NO_OFFSET, "source-doctype",
                        "%s:%d: a DOCTYPE declaration stands here; expected none, "
                        "policies have no entities",
                        source->name, parse->line);
        return;
    }
    (void)gk_refuse(source->why, GK_NONE, GK_NO_OFFSET, "source-xml",
                    "%s:%d: %s; expected well-formed XML", source->name, parse->line,
                    parse->message[0] ? parse->message : "the text is no XML document");
}

xmlDoc *source_parse(struct source *source, struct gk_octets xml)
{
    const int options = XML_PARSE_NONET | XML_PARSE_BIG_LINES;
    struct parse parse = {.source = source};
    xmlParserCtxt *parser;
    xmlDoc *doc;

    if (!xml.size || xml.size > SOURCE_MAX) {
        (void)gk_refuse(source->why, GK_NONE, GK_NO_OFFSET, "source-size",
                        "%s: the file has %zu octets; expected 1 to %zu", source->name, xml.size,
                        SOURCE_MAX);
        return NULL;
    }
    if (!check_utf8(source, xml) || !check_encoding(source, xml) || !check_attributes(source, xml))
        return NULL;
    xmlInitParser();
    parser = xmlNewParserCtxt();
    if (!parser)
        abort();
    parser->_private = &parse;
    parser->sax->internalSubset = refuse_doctype;
    parser->sax->serror = keep_message;
    doc = xmlCtxtReadMemory(parser, (const char *)xml.data, (int)xml.size, NULL, "UTF-8", options);
    if (doc && (parse.doctype || doc->intSubset || doc->extSubset)) {
        xmlFreeDoc(doc);
        doc = NULL;
        parse.doctype = true;
    }
    if (!doc)
        refuse_parse(&parse);
    xmlFreeParserCtxt(parser);
    return doc;
}
