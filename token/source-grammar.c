/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Step 2 of the source reader: which elements and attributes may stand where, as tables.
 * token/policy.rng says the same in RELAX NG; a test compares the two.
 */
#include "token/source-part.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CHILDREN   8
#define ATTRIBUTES 24

struct rule;

struct place {
    const struct rule *rule;
    bool many;
};

/* An element: its attributes, and its children in the order in which they stand. */
struct rule {
    const char *name;
    const char *attributes[ATTRIBUTES];
    struct place children[CHILDREN];
};

#define IDENTITY                                                                                   \
    "dn", "fqdn", "email", "ipv4", "ipv6", "der-dn", "key-id", "u-name", "serial", "id-type",      \
        "id", "ca", "ca-key-id", "none"
#define OPAQUE "protocol", "oid", "info"

static const struct rule group = {
    "group", {"random", "name", "type", "ipv4", "ipv6", "value", "info", "edition"}, {{0}}};
static const struct rule ca = {"ca", {"name", "file", "key-id"}, {{0}}};
static const struct rule gcks = {"gcks", {IDENTITY}, {{0}}};
static const struct rule subordinate = {"subordinate", {IDENTITY}, {{0}}};
static const struct rule sender = {"sender", {IDENTITY}, {{0}}};
static const struct rule allow = {"allow", {IDENTITY}, {{0}}};
static const struct rule exclude = {"exclude", {IDENTITY}, {{0}}};
static const struct rule authorized = {"authorized", {IDENTITY}, {{0}}};
static const struct rule subordinates = {"subordinates", {"none"}, {{&subordinate, true}}};
static const struct rule senders = {"senders", {NULL}, {{&sender, true}}};
static const struct rule access = {
    "access", {"permissions", "none"}, {{&allow, true}, {&exclude, true}}};
static const struct rule mechanism = {"mechanism",
                                      {"suite", "suite-oid", "signature", "nonce-hash",
                                       "key-creation", "key-creation-data", "key-wrap", "time-out",
                                       "mode", "freshness", "none"},
                                      {{0}}};
static const struct rule leave = {
    "leave", {"signature", "nonce-hash", "ca", "ca-key-id", "none"}, {{0}}};
static const struct rule deregistration = {
    "de-registration", {OPAQUE, "transport", "mode"}, {{&leave, true}}};
static const struct rule registration = {"registration",
                                         {OPAQUE, "none", "transport"},
                                         {{&gcks, true},
                                          {&subordinates, true},
                                          {&senders, false},
                                          {&access, true},
                                          {&mechanism, true},
                                          {&deregistration, false}}};
static const struct rule rekey = {"rekey",
                                  {OPAQUE,
                                   "none",
                                   "signature",
                                   "nonce-hash",
                                   "every",
                                   "after-events",
                                   "never",
                                   "interval",
                                   "method",
                                   "key-wrap",
                                   "method-oid",
                                   "method-info",
                                   "reliability",
                                   "resend",
                                   "post",
                                   "reliability-oid",
                                   "reliability-info",
                                   "scheme",
                                   "domain",
                                   "scheme-oid",
                                   "scheme-info"},
                                  {{&authorized, true}, {&subordinate, true}}};
static const struct rule data = {"data",
                                 {"oid", "info", "none", "keys", "authentication",
                                  "authentication-expires", "encryption", "encryption-expires"},
                                 {{0}}};
static const struct rule policy = {
    "policy",
    {NULL},
    {{&group, false}, {&ca, true}, {&registration, true}, {&rekey, true}, {&data, true}}};

bool source_refuse(const struct source *source, const xmlNode *at, const char *code,
                   const char *format, ...)
{
    char text[sizeof source->why->text];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    (void)gk_refuse(source->why, GK_NONE, GK_NO_OFFSET, code, "%s:%ld: %s", source->name,
                    xmlGetLineNo(at), text);
    source->why->line = (int)xmlGetLineNo(at);
    return false;
}

struct token_place source_place(const xmlNode *at)
{
    return (struct token_place){.line = (int)xmlGetLineNo(at)};
}

/* A name from the source, cut and escaped for a message. */
struct shown {
    char text[64];
};

static const char *show(struct shown *shown, const xmlChar *text)
{
    return gk_escape(shown->text, sizeof shown->text, gk_octets_of((const char *)text));
}

/* What does not fit is told by "...", and nothing follows that. */
static void append(char *to, size_t room, const char *text)
{
    size_t at = strlen(to);

    if (at + strlen(text) + 4 < room)
        memcpy(to + at, text, strlen(text) + 1);
    else if (at < 3 || strcmp(to + at - 3, "...") != 0)
        memcpy(to + at, "...", 4);
}

/* "<allow>, <exclude> or </access>": what may stand from `place` on. */
static const char *expected_children(const struct rule *rule, size_t place, char *to, size_t room)
{
    to[0] = '\0';
    for (; place < CHILDREN && rule->children[place].rule; place++) {
        append(to, room, "<");
        append(to, room, rule->children[place].rule->name);
        append(to, room, place + 1 < CHILDREN && rule->children[place + 1].rule ? ">, " : "> or ");
    }
    append(to, room, "</");
    append(to, room, rule->name);
    append(to, room, ">");
    return to;
}

static const char *expected_attributes(const struct rule *rule, char *to, size_t room)
{
    to[0] = '\0';
    if (!rule->attributes[0])
        append(to, room, "no attribute");
    for (size_t i = 0; i < ATTRIBUTES && rule->attributes[i]; i++) {
        append(to, room, i ? ", " : "");
        append(to, room, rule->attributes[i]);
    }
    return to;
}

static bool allows_attribute(const struct rule *rule, const xmlAttr *attribute)
{
    if (attribute->ns)
        return false;
    for (size_t i = 0; i < ATTRIBUTES && rule->attributes[i]; i++) {
        if (strcmp(rule->attributes[i], (const char *)attribute->name) == 0)
            return true;
    }
    return false;
}

static bool check_attributes(const struct source *source, const struct rule *rule,
                             const xmlNode *at)
{
    struct shown shown;
    char expected[160];

    if (at->ns || at->nsDef)
        return source_refuse(source, at, "source-namespace",
                             "<%s> has a namespace; expected none, policies have no namespaces",
                             rule->name);
    for (const xmlAttr *attribute = at->properties; attribute; attribute = attribute->next) {
        if (!allows_attribute(rule, attribute))
            return source_refuse(source, at, "source-attribute",
                                 "<%s> has the attribute %s; expected %s", rule->name,
                                 show(&shown, attribute->name),
                                 expected_attributes(rule, expected, sizeof expected));
    }
    return true;
}

static bool is_element(const xmlNode *at, const char *name)
{
    return at->type == XML_ELEMENT_NODE && strcmp((const char *)at->name, name) == 0;
}

/* Where the element may stand at or behind `from`; CHILDREN when nowhere. */
static size_t find_place(const struct rule *rule, size_t from, const xmlNode *child)
{
    for (size_t i = from; i < CHILDREN && rule->children[i].rule; i++) {
        if (is_element(child, rule->children[i].rule->name))
            return i;
    }
    return CHILDREN;
}

static bool is_blank(const xmlChar *text)
{
    return strspn((const char *)text, " \t\r\n") == strlen((const char *)text);
}

/* A text node has the line of its end; what is in the way begins where its first word does. */
static bool refuse_text(const struct source *source, const struct rule *rule, const xmlNode *node)
{
    const char *text = (const char *)node->content;
    const char *word = text + strspn(text, " \t\r\n");
    long line = xmlGetLineNo(node);
    char shown[64];

    for (const char *at = word; *at; at++)
        line -= *at == '\n';
    return gk_refuse(source->why, GK_NONE, GK_NO_OFFSET, "source-text",
                     "%s:%ld: the text \"%s\" stands in <%s>; expected no text, values are "
                     "attributes",
                     source->name, line,
                     gk_escape(shown, sizeof shown, gk_octets(word, strcspn(word, "\r\n"))),
                     rule->name);
}

static bool refuse_other_node(const struct source *source, const struct rule *rule,
                              const xmlNode *node)
{
    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
        return refuse_text(source, rule, node);
    return source_refuse(source, node, "source-node",
                         "a processing instruction or entity stands in <%s>; expected elements "
                         "and comments",
                         rule->name);
}

static bool refuse_child(const struct source *source, const struct rule *rule, size_t place,
                         const xmlNode *child, const xmlNode *before)
{
    bool known = find_place(rule, 0, child) < CHILDREN;
    struct shown shown;
    char expected[120];

    expected_children(rule, place, expected, sizeof expected);
    if (known && before && xmlStrcmp(before->name, child->name) == 0)
        return source_refuse(source, child, "source-repeated",
                             "<%s> stands twice in <%s>; expected one", show(&shown, child->name),
                             rule->name);
    if (known)
        return source_refuse(source, child, "source-order", "<%s> stands behind <%s>; expected %s",
                             show(&shown, child->name), (const char *)before->name, expected);
    return source_refuse(source, child, "source-element", "<%s> stands in <%s>; expected %s",
                         show(&shown, child->name), rule->name, expected);
}

static bool check_element(struct source *source, const struct rule *rule, const xmlNode *at,
                          size_t *count);

static bool check_children(struct source *source, const struct rule *rule, const xmlNode *at,
                           size_t *count)
{
    const xmlNode *before = NULL;
    size_t place = 0;

    for (const xmlNode *child = at->children; child; child = child->next) {
        size_t found;

        if (child->type == XML_COMMENT_NODE ||
            (child->type == XML_TEXT_NODE && is_blank(child->content)))
            continue;
        if (child->type != XML_ELEMENT_NODE)
            return refuse_other_node(source, rule, child);
        found = find_place(rule, place, child);
        if (found == CHILDREN)
            return refuse_child(source, rule, place, child, before);
        if (!check_element(source, rule->children[found].rule, child, count))
            return false;
        place = rule->children[found].many ? found : found + 1;
        before = child;
    }
    return true;
}

static bool check_element(struct source *source, const struct rule *rule, const xmlNode *at,
                          size_t *count)
{
    if (++*count > SOURCE_ELEMENTS)
        return source_refuse(source, at, "source-count",
                             "the policy has too many elements; expected %d at most",
                             SOURCE_ELEMENTS);
    return check_attributes(source, rule, at) && check_children(source, rule, at, count);
}

bool source_check(struct source *source, const xmlNode *root)
{
    struct shown shown;
    size_t count = 0;

    if (!is_element(root, policy.name))
        return source_refuse(source, root, "source-element",
                             "the root element is <%s>; expected <policy>",
                             show(&shown, root->name));
    for (const xmlNode *node = root->doc->children; node; node = node->next) {
        if (node->type == XML_PI_NODE)
            return refuse_other_node(source, &policy, node);
    }
    return check_element(source, &policy, root, &count);
}

/* --- walking ------------------------------------------------------------- */

static const xmlNode *first_from(const xmlNode *at, const char *name)
{
    while (at && !is_element(at, name))
        at = at->next;
    return at;
}

const xmlNode *source_child(const xmlNode *at, const char *name)
{
    return first_from(at->children, name);
}

const xmlNode *source_next(const xmlNode *at)
{
    return first_from(at->next, (const char *)at->name);
}

size_t source_children(const xmlNode *at)
{
    size_t count = 0;

    for (const xmlNode *child = at->children; child; child = child->next)
        count += child->type == XML_ELEMENT_NODE;
    return count;
}
