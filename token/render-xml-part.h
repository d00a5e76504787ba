/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_RENDER_XML_PART_H
#define TOKEN_RENDER_XML_PART_H
/* Between the parts of the XML renderer; nobody outside token/render-xml*.c includes this. */
#include <libxml/tree.h>

#include "gsakmp/registry.h"
#include "token/token.h"

struct xml_ca {
    struct gk_octets key_id;
    char name[24];
};

struct xml {
    xmlNode *policy;
    struct xml_ca *cas; /* those named so far */
    size_t ca_count, ca_room;
    bool octets_only; /* known protocols as octets, whatever could be said */
    bool speechless;  /* something had no words: its protocol is told again, as octets */
};

/* --- elements and attributes (render-xml.c) */
xmlNode *xml_element(xmlNode *parent, const char *name);
void xml_text(xmlNode *at, const char *name, const char *text);
void xml_hex(xmlNode *at, const char *name, struct gk_octets octets);
/* From `least` on there are words for it. */
void xml_number(struct xml *xml, xmlNode *at, const char *name, int64_t value, int64_t least);
/* By name, or by number where it has none. */
void xml_algorithm(struct xml *xml, xmlNode *at, const char *name, enum gk_registry registry,
                   int64_t value);
void xml_life(struct xml *xml, xmlNode *at, const char *name, const struct token_life *life);
/* Text that an attribute can hold as it is. */
bool xml_nice(struct gk_octets octets);

/* --- identities (render-xml-identity.c) */
/* One element of that name for each pair, or one that says none. */
void xml_pairs(struct xml *xml, xmlNode *parent, const char *name, const struct token_pairs *pairs);
/* The attribute ca, and its <ca> where it is new. */
void xml_ca(struct xml *xml, xmlNode *at, struct gk_octets key_id);

/* --- one a protocol */
void xml_register(struct xml *xml, xmlNode *at, const struct token_register *from);
void xml_deregister(struct xml *xml, xmlNode *at, const struct token_deregister *from);
void xml_rekey(struct xml *xml, xmlNode *at, const struct token_rekey *from);
void xml_data(struct xml *xml, xmlNode *at, const struct token_data *from);

#endif
