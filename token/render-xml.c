/* SPDX-License-Identifier: Apache-2.0 */
#include "token/render-xml.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/utf8.h"
#include "token/der.h"
#include "token/algorithm.h"
#include "token/protocol.h"
#include "token/render-xml-part.h"
#include "token/source-part.h"

/* --- elements and attributes ------------------------------------------------- */

xmlNode *xml_element(xmlNode *parent, const char *name)
{
    xmlNode *node = xmlNewChild(parent, NULL, (const xmlChar *)name, NULL);

    if (!node)
        abort(); /* out of memory: sizes are bounded */
    return node;
}

void xml_text(xmlNode *at, const char *name, const char *text)
{
    if (!xmlNewProp(at, (const xmlChar *)name, (const xmlChar *)text))
        abort();
}

void xml_hex(xmlNode *at, const char *name, struct gk_octets octets)
{
    char *hex = gk_hex(octets);

    xml_text(at, name, hex);
    free(hex);
}

void xml_number(struct xml *xml, xmlNode *at, const char *name, int64_t value, int64_t least)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRId64, value);
    xml_text(at, name, text);
    xml->speechless = xml->speechless || value < least;
}

void xml_algorithm(struct xml *xml, xmlNode *at, const char *name, enum gk_registry registry,
                   int64_t value)
{
    const char *known = token_algorithm_name(registry, value);
    int64_t found;

    if (known && token_algorithm_find(registry, known, &found) && found == value)
        xml_text(at, name, known);
    else
        xml_number(xml, at, name, value, 0);
}

/* "90 s", "24 h", "7 d": in the largest unit that divides it. */
static void format_interval(int64_t seconds, char *to, size_t room)
{
    static const struct unit {
        const char *name;
        int64_t seconds;
    } units[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};
    const struct unit *unit = units;

    while (seconds % unit->seconds || !seconds) {
        if (unit->seconds == 1)
            break;
        unit++;
    }
    (void)snprintf(to, room, "%" PRId64 " %s", seconds / unit->seconds, unit->name);
}

static void format_moment(const struct token_life *life, char *to, size_t room)
{
    char stamp[GK_STAMP_SIZE + 1];

    gk_stamp_format(life->value, stamp);
    (void)snprintf(to, room, "%s%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ",
                   life->kind == TOKEN_LIFE_UTC ? "utc " : "", stamp, stamp + 4, stamp + 6,
                   stamp + 8, stamp + 10, stamp + 12);
}

void xml_life(struct xml *xml, xmlNode *at, const char *name, const struct token_life *life)
{
    char text[48];

    if (life->kind != TOKEN_LIFE_INTERVAL)
        format_moment(life, text, sizeof text);
    else
        format_interval(life->value, text, sizeof text);
    xml_text(at, name, text);
    xml->speechless = xml->speechless || (life->kind == TOKEN_LIFE_INTERVAL && life->value < 0);
}

/* UTF-8 without control characters, nor the two that XML excludes besides. */
bool xml_nice(struct gk_octets octets)
{
    for (size_t i = 0; i < octets.size; i++) {
        if (octets.data[i] < 0x20 || octets.data[i] == 0x7f)
            return false;
    }
    return octets.size && gk_utf8_is(octets) &&
           !memmem(octets.data, octets.size, "\xef\xbf\xbe", 3) &&
           !memmem(octets.data, octets.size, "\xef\xbf\xbf", 3);
}

/* --- <group> -------------------------------------------------------------------- */

static bool upper_hex(struct gk_octets octets)
{
    for (size_t i = 0; i < octets.size; i++) {
        if (!octets.data[i] || !strchr("0123456789ABCDEF", octets.data[i]))
            return false;
    }
    return true;
}

/* `random` octets of the value are the random part, the rest the name. */
static bool group_named(xmlNode *at, struct gk_octets value, size_t random)
{
    struct gk_octets head = gk_octets(value.data, random);
    struct gk_octets name = gk_octets(value.data + random, value.size - random);
    char *text;

    if (!xml_nice(name))
        return false;
    if (random == 8) {
        xml_hex(at, "random", head);
    } else {
        text = gk_format("%.*s", (int)random, (const char *)value.data);
        xml_text(at, "random", text);
        xml_text(at, "type", "utf-8");
        free(text);
    }
    text = gk_format("%.*s", (int)name.size, (const char *)name.data);
    xml_text(at, "name", text);
    free(text);
    return true;
}

static void group_as_octets(xmlNode *at, const struct token *token)
{
    struct gk_writer der = {0};

    token_id_to_der(token, &der);
    xml_hex(at, "info", gk_writer_octets(&der));
    gk_writer_free(&der);
}

static void render_group(struct xml *xml, const struct token *token)
{
    xmlNode *at = xml_element(xml->policy, "group");
    struct gk_octets value = token->group_name;

    if (!value.size || value.size > 255 || (token->has_edition && token->edition < 1)) {
        group_as_octets(at, token);
        return;
    }
    if (!(value.size > 16 && upper_hex(gk_octets(value.data, 16)) && group_named(at, value, 16)) &&
        !(value.size > 8 && group_named(at, value, 8)))
        xml_hex(at, "value", value);
    if (token->has_edition)
        xml_number(xml, at, "edition", token->edition, 1);
    else
        xml_text(at, "edition", "none");
}

/* --- protocols -------------------------------------------------------------------- */

static void render_words(struct xml *xml, xmlNode *at, const struct token_protocol *protocol)
{
    xml->speechless = xml->octets_only;
    switch (protocol->kind) {
    case TOKEN_PROTOCOL_REGISTER:
        xml_register(xml, at, protocol->registration);
        break;
    case TOKEN_PROTOCOL_DEREGISTER:
        xml_deregister(xml, at, protocol->deregistration);
        break;
    case TOKEN_PROTOCOL_REKEY:
        xml_rekey(xml, at, protocol->rekey);
        break;
    default:
        xml_data(xml, at, protocol->data);
        break;
    }
}

static void clear(xmlNode *at)
{
    while (at->properties)
        xmlRemoveProp(at->properties);
    xmlFreeNodeList(at->children);
    at->children = NULL;
    at->last = NULL;
}

static void render_octets(xmlNode *at, const struct token_protocol *protocol)
{
    const struct token_protocol_row *row = token_protocol_row(protocol->kind);
    struct gk_writer info = {0};

    if (row && !token_protocol_to_info(protocol, &info))
        abort(); /* a token that was read has an encoding */
    xml_text(at, "oid", row ? row->oid : protocol->oid);
    xml_hex(at, "info", row ? gk_writer_octets(&info) : protocol->info);
    gk_writer_free(&info);
}

static void render_protocol(struct xml *xml, xmlNode *at, const struct token_protocol *protocol)
{
    if (protocol->kind == TOKEN_PROTOCOL_NONE) {
        xml_text(at, "protocol", "none");
        return;
    }
    xml->speechless = true;
    if (protocol->kind != TOKEN_PROTOCOL_OPAQUE && !xml->octets_only)
        render_words(xml, at, protocol);
    if (xml->speechless) {
        clear(at);
        render_octets(at, protocol);
    }
}

static void render_registrations(struct xml *xml, const struct token *token)
{
    if (!token->registration_count)
        xml_text(xml_element(xml->policy, "registration"), "none", "yes");
    for (size_t i = 0; i < token->registration_count; i++) {
        const struct token_registration *from = &token->registrations[i];
        xmlNode *at = xml_element(xml->policy, "registration");

        render_protocol(xml, at, &from->join);
        /* By itself the reader would derive one from a registration it knows. */
        if (from->join.kind == TOKEN_PROTOCOL_REGISTER || from->leave.kind != TOKEN_PROTOCOL_NONE)
            render_protocol(xml, xml_element(at, "de-registration"), &from->leave);
    }
}

static void render_protocols(struct xml *xml, const char *name, const struct token_protocol *list,
                             size_t count)
{
    if (!count)
        xml_text(xml_element(xml->policy, name), "none", "yes");
    for (size_t i = 0; i < count; i++)
        render_protocol(xml, xml_element(xml->policy, name), &list[i]);
}

/* --- the whole -------------------------------------------------------------------- */

static size_t elements(const xmlNode *at)
{
    size_t count = 1;

    for (const xmlNode *child = at->children; child; child = child->next)
        count += elements(child);
    return count;
}

static void dump(xmlDoc *doc, struct gk_writer *to)
{
    xmlChar *text = NULL;
    int size = 0;

    xmlDocDumpFormatMemoryEnc(doc, &text, &size, "UTF-8", 1);
    if (!text)
        abort();
    gk_write(to, text, (size_t)size);
    xmlFree(text);
}

/* False when the reader would find it too large. */
static bool render(const struct token *token, bool octets_only, struct gk_writer *to)
{
    struct xml xml = {.octets_only = octets_only};
    xmlDoc *doc = xmlNewDoc((const xmlChar *)"1.0");
    size_t start = to->size;
    bool fits;

    if (!doc)
        abort();
    xml.policy = xmlNewDocNode(doc, NULL, (const xmlChar *)"policy", NULL);
    (void)xmlDocSetRootElement(doc, xml.policy);
    render_group(&xml, token);
    render_registrations(&xml, token);
    render_protocols(&xml, "rekey", token->rekeys, token->rekey_count);
    render_protocols(&xml, "data", token->datas, token->data_count);
    dump(doc, to);
    fits = elements(xml.policy) <= SOURCE_ELEMENTS && to->size - start <= SOURCE_MAX;
    xmlFreeDoc(doc);
    free(xml.cas);
    return fits;
}

void token_show_xml(const struct token *token, struct gk_writer *to)
{
    size_t start = to->size;

    if (render(token, false, to))
        return;
    gk_writer_cut(to, start);
    (void)render(token, true, to); /* octets fit: a token has less than 64 KiB */
}
