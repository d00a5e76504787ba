/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Step 4 of the source reader: the RELAX NG schema (token/policy.rng, compiled in) is asked
 * after the reader has said yes, so that it sees no document that is not known to be tame. A
 * test holds the reader to refusing by itself all that the schema refuses.
 */
#include "token/source-part.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/relaxng.h>

struct verdict {
    int line;
    char message[160];
};

static void keep_message(void *context, xmlErrorPtr error)
{
    struct verdict *verdict = context;
    const char *message = error->message ? error->message : "";

    if (verdict->message[0])
        return;
    verdict->line = error->line;
    (void)gk_escape(verdict->message, sizeof verdict->message,
                    gk_octets(message, strcspn(message, "\n")));
}

static xmlRelaxNG *load_schema(void)
{
    struct verdict ignored = {0};
    xmlRelaxNGParserCtxt *parser =
        xmlRelaxNGNewMemParserCtxt((const char *)source_schema, (int)source_schema_size);
    xmlRelaxNG *schema;

    if (!parser)
        abort();
    xmlRelaxNGSetParserStructuredErrors(parser, keep_message, &ignored);
    schema = xmlRelaxNGParse(parser);
    xmlRelaxNGFreeParserCtxt(parser);
    /* The schema is a constant of this library: one that does not parse is a broken build. */
    if (!schema)
        abort();
    return schema;
}

/*
 * libxml2 follows every optional attribute there and not there, and every end of a list of
 * elements, and compares all that with all: a thousand <authorized> beside ten attributes take
 * hours. A list is valid when each element is, so that the first two stand for the rest, which the
 * reader has judged.
 */
#define RUN_MOST 2

static void shorten(xmlNode *parent)
{
    const xmlChar *name = NULL;
    xmlNode *next;
    unsigned run = 0;

    for (xmlNode *at = parent->children; at; at = next) {
        next = at->next;
        if (at->type != XML_ELEMENT_NODE)
            continue;
        if (!name || !xmlStrEqual(name, at->name)) {
            name = at->name;
            run = 0;
        }
        if (++run <= RUN_MOST) {
            shorten(at);
        } else {
            xmlUnlinkNode(at);
            xmlFreeNode(at);
        }
    }
}

bool source_validate(struct source *source, xmlDoc *doc)
{
    struct verdict verdict = {0};
    xmlRelaxNG *schema = load_schema();
    xmlRelaxNGValidCtxt *validator = xmlRelaxNGNewValidCtxt(schema);
    int result;

    if (!validator)
        abort();
    shorten(xmlDocGetRootElement(doc));
    xmlRelaxNGSetValidStructuredErrors(validator, keep_message, &verdict);
    result = xmlRelaxNGValidateDoc(validator, doc);
    xmlRelaxNGFreeValidCtxt(validator);
    xmlRelaxNGFree(schema);
    if (result == 0)
        return true;
    return gk_refuse(source->why, GK_NONE, GK_NO_OFFSET, "source-schema",
                     "%s:%d: %s; expected what the schema policy.rng says", source->name,
                     verdict.line, verdict.message);
}
