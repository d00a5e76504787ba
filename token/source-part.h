/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_SOURCE_PART_H
#define TOKEN_SOURCE_PART_H
/*
 * Inside the source reader; nobody outside token/source*.c includes this.
 *
 * A source is read in four steps, and a later step may rely on the earlier ones:
 *   1. source-xml.c      octets to a tree: UTF-8, well-formed, no DOCTYPE
 *   2. source-grammar.c  which elements and attributes may stand where
 *   3. source-*.c        values and meaning, into the token
 *   4. source-schema.c   the RELAX NG schema's second opinion
 *
 * Every refusal is source_refuse(): "file.xml:12: <access> holds no <allow>; expected ...".
 */
#include <libxml/tree.h>

#include "token/algorithm.h"
#include "token/source.h"

#define SOURCE_TEXT_MAX   ((size_t)4096) /* octets of a name */
#define SOURCE_ELEMENTS   65536
#define SOURCE_KEY_ID_MAX ((size_t)64) /* octets of an authority's identifier */

/* A certification authority declared by <ca>. */
struct source_ca {
    const char *name;
    struct gk_octets key_id;
};

struct source {
    const char *name;
    const struct source_files *files;
    struct gk_reason *why;
    const xmlNode *policy; /* the root */
    struct token *token;   /* under construction */
    struct source_ca *cas;
    size_t ca_count;
};

bool source_refuse(const struct source *source, const xmlNode *at, const char *code,
                   const char *format, ...) GK_PRINTF(4, 5);
/* Refuses the value of an attribute: "<ca key-id="5g"> is ...; expected ...". */
bool source_refuse_value(const struct source *source, const xmlNode *at, const char *attribute,
                         const char *expected);

/* Where an element stands, for the model. */
struct token_place source_place(const xmlNode *at);

/* --- step 1 */
xmlDoc *source_parse(struct source *source, struct gk_octets xml) GK_MUST_USE;
/* --- step 2 */
bool source_check(struct source *source, const xmlNode *root) GK_MUST_USE;
/* --- step 4 */
/* token/policy.rng, made at build. */
extern const unsigned char source_schema[];
extern const size_t source_schema_size;
/* Cuts runs of like elements in the document short: nobody looks at it afterwards. */
bool source_validate(struct source *source, xmlDoc *doc) GK_MUST_USE;

/* --- walking; names are those of the grammar. NULL when there is none. */
const xmlNode *source_child(const xmlNode *at, const char *name);
/* The next sibling of the same name. */
const xmlNode *source_next(const xmlNode *at);
size_t source_children(const xmlNode *at); /* elements of any name */

/* --- attributes (source-value.c). Absent attributes leave `to` as it is, and are good. */
/* Borrowed from the tree; NULL when absent. */
const char *source_attribute(const xmlNode *at, const char *name);
bool source_has(const xmlNode *at, const char *name);
/* none="yes": the list that this element stands for is empty on purpose. */
bool source_says_none(const xmlNode *at);
/* From `first` on: an element that says none stands alone and says nothing else. */
bool source_none_alone(struct source *source, const xmlNode *first) GK_MUST_USE;
/* Refuses when `at` has one of the attributes of the NULL-terminated list. */
bool source_without(struct source *source, const xmlNode *at, const char *because,
                    const char *const *names) GK_MUST_USE;
bool source_integer(struct source *source, const xmlNode *at, const char *name, int64_t least,
                    int64_t *to) GK_MUST_USE;
/* Hexadecimal digits, or base64: and base64. */
bool source_octets(struct source *source, const xmlNode *at, const char *name, size_t most,
                   struct gk_octets *to) GK_MUST_USE;
bool source_oid(struct source *source, const xmlNode *at, const char *name,
                const char **to) GK_MUST_USE;
bool source_life(struct source *source, const xmlNode *at, const char *name,
                 struct token_life *to) GK_MUST_USE;
/* One of the names of `choices`, which ends with NULL; its place goes to `to`. */
bool source_choice(struct source *source, const xmlNode *at, const char *name,
                   const char *const *choices, size_t *to) GK_MUST_USE;

/* Numbers of the registries, by name or as they are. */
bool source_algorithm(struct source *source, const xmlNode *at, const char *name,
                      enum gk_registry registry, int64_t *to) GK_MUST_USE;

/* --- identities and authorities (source-identity.c) */
bool source_read_cas(struct source *source, const xmlNode *policy) GK_MUST_USE;
bool source_ca_of(struct source *source, const xmlNode *at, struct gk_octets *ca) GK_MUST_USE;
/* All children of that name as a list of pairs. */
bool source_pairs(struct source *source, const xmlNode *parent, const char *name,
                  struct token_pairs *to) GK_MUST_USE;
void source_add_pair(struct source *source, struct token_pairs *to, const struct token_pair *pair);
bool source_pair_in(const struct token_pairs *pairs, const struct token_pair *pair);

/* --- forms of text, also for whoever writes a source (render-xml.c) */
bool source_dn_form(const char *text);
bool source_fqdn_form(const char *text);
bool source_email_form(const char *text);
bool source_url_form(struct gk_octets text);
/* One of the methods, reliabilities and schemes that have words of their own. */
bool source_has_words(const char *oid);

/* --- protocols */
/* Reads protocol="none" and oid/info, which registration, de-registration, rekey and data
 * share; `told` is false when the element says the protocol itself. */
bool source_protocol(struct source *source, const xmlNode *at, enum token_protocol_kind place,
                     struct token_protocol *to, bool *told) GK_MUST_USE;
/* Another method, reliability or scheme: oid_name and info_name, both there. */
bool source_other(struct source *source, const xmlNode *at, const char *oid_name,
                  const char *info_name, const char **oid, struct gk_octets *info) GK_MUST_USE;
/* An element whose protocol is not GSAKMP's holds none. */
bool source_no_children(struct source *source, const xmlNode *at) GK_MUST_USE;
bool source_read_mechanism(struct source *source, const xmlNode *at,
                           struct token_mechanism *to) GK_MUST_USE;
/* The recommended one (profile section 10). */
void source_default_mechanism(struct token_mechanism *to);
bool source_read_registrations(struct source *source, const xmlNode *policy) GK_MUST_USE;
bool source_read_deregistration(struct source *source, const xmlNode *registration,
                                struct token_registration *to) GK_MUST_USE;
bool source_read_rekeys(struct source *source, const xmlNode *policy) GK_MUST_USE;
bool source_read_datas(struct source *source, const xmlNode *policy) GK_MUST_USE;
/* The first mechanism whose numbers are known, which the defaults follow; NULL when none. */
const struct token_mechanism *source_first_mechanism(const struct token_register *from);

#endif
