/* SPDX-License-Identifier: Apache-2.0 */
/* All that the token says, as sections and tables: the page's sink. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "token/algorithm.h"
#include "token/render-html-part.h"

#define DEPTH   16
#define COLUMNS 16

struct level {
    const char *key;
    const char *label;
    bool list;
    size_t elements; /* begun so far */
    size_t count;    /* of a list */
    xmlNode *section;
    xmlNode *facts;     /* <tbody> of the section's own facts, once it has any */
    const char *prefix; /* of a part that has no section of its own: its facts are its parent's */
    xmlNode *table;     /* <tbody> of a list that is one table, an element a row */
    xmlNode *row;
    size_t columns;
    const char *column[COLUMNS]; /* keys */
    xmlNode *cell;               /* of a list of numbers */
};

struct facts_sink {
    struct token_sink sink;
    struct html *html;
    size_t depth;
    struct level level[DEPTH];
};

static struct facts_sink *facts_of(struct token_sink *sink)
{
    return (struct facts_sink *)(void *)sink;
}

static struct level *top(struct facts_sink *facts)
{
    return &facts->level[facts->depth - 1];
}

static struct level *push(struct facts_sink *facts, const char *key, const char *label, bool list)
{
    struct level *fresh;

    if (facts->depth == DEPTH)
        abort(); /* only our own walk nests */
    fresh = &facts->level[facts->depth++];
    *fresh = (struct level){.key = key, .label = label, .list = list};
    return fresh;
}

static bool is(const char *key, const char *name)
{
    return key && strcmp(key, name) == 0;
}

/* --- headings ------------------------------------------------------------------- */

/* What people call it, where RFC 4534's name and the walk's label leave that open. */
static const char *title_of(const char *key, const char *label)
{
    static const char *const titles[][2] = {
        {"register", "Joining"},
        {"de-register", "Leaving"},
        {"gCKS", "Key servers (gCKS)"},
        {"subGCKS", "Subordinate key servers (subGCKS)"},
        {"senders", "Senders: only these may send"},
        {"joinAccessControl", "Who may join"},
        {"accessRule", "Admitted (accessRule)"},
        {"exclusionsRule", "Kept out, whatever admits (exclusionsRule)"},
        {"joinMechanisms", "Join mechanisms, in order of preference"},
        {"leaveMechanisms", "Leave mechanisms"},
        {"authorization", "Rekey authority (authorization)"},
        {"authSubs", "Subordinates that may rekey (authSubs)"},
        {"registration", "Registration"},
        {"rekey", "Rekey"},
        {"data", "Group data keys"},
    };

    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        if (is(key, titles[i][0]))
            return titles[i][1];
    }
    return label;
}

/* Number of the innermost element of the list with that key, 0 when there is none. */
static size_t number_in(const struct facts_sink *facts, const char *list)
{
    for (size_t i = facts->depth; i--;) {
        if (facts->level[i].list && is(facts->level[i].key, list))
            return facts->level[i].elements;
    }
    return 0;
}

/* "accessRule 2 of entry 1", as verdicts have it. */
static void put_place(struct facts_sink *facts, xmlNode *at, const char *list, size_t number)
{
    size_t entry = number_in(facts, "joinAccessControl");
    size_t registration = number_in(facts, "registration");

    html_put(at, "%s %zu", is(list, "authorization") ? "rekey authorization" : list, number);
    if (entry)
        html_put(at, " of entry %zu", entry);
    if (registration && facts->html->token->registration_count > 1)
        html_put(at, " of registration %zu", registration);
}

static void heading(xmlNode *section, size_t rank, const char *text, size_t number)
{
    static const char *const names[] = {"h3", "h4", "h5", "h6"};
    xmlNode *at = html_element(section, names[rank < 3 ? rank : 3]);

    html_put(at, "%s", text);
    if (number)
        html_put(at, " %zu", number);
}

static size_t rank_of(const struct facts_sink *facts)
{
    size_t rank = 0;

    for (size_t i = 0; i < facts->depth; i++)
        rank += facts->level[i].section && !facts->level[i].list && i > 0;
    return rank;
}

/* --- facts ------------------------------------------------------------------------ */

/* The facts of a section stand before the sections inside it. */
static xmlNode *facts_table(struct level *level)
{
    xmlNode *table;
    xmlNode *first = level->section->children;

    if (level->facts)
        return level->facts;
    table = xmlNewDocNode(level->section->doc, NULL, (const xmlChar *)"table", NULL);
    if (!table)
        abort();
    html_attribute(table, "class", "facts");
    if (first)
        (void)xmlAddNextSibling(first, table);
    else
        (void)xmlAddChild(level->section, table);
    level->facts = html_element(table, "tbody");
    return level->facts;
}

static void add_column(struct level *level, const char *key, const char *label)
{
    xmlNode *head = level->table->prev->children; /* <thead>'s row */

    if (level->columns == COLUMNS)
        abort(); /* only our own walk has columns */
    level->column[level->columns++] = key;
    html_attribute(html_say(head, "th", label), "scope", "col");
}

static size_t cells_in(const xmlNode *row)
{
    size_t count = 0;

    for (const xmlNode *cell = row->children; cell; cell = cell->next)
        count++;
    return count - 1; /* the first numbers the row */
}

static void fill(xmlNode *row, size_t columns)
{
    for (size_t i = cells_in(row); i < columns; i++)
        html_say(row, "td", "\u2013");
}

/* A cell of the row: columns come up as elements have them, in the walk's order or at the end. */
static xmlNode *cell_of(struct level *level, const char *key, const char *label)
{
    size_t i = 0;
    xmlNode *cell;

    while (i < level->columns && strcmp(level->column[i], key) != 0)
        i++;
    if (i == level->columns)
        add_column(level, key, label);
    fill(level->row, i + 1);
    cell = level->row->children->next;
    while (i--)
        cell = cell->next;
    xmlNodeSetContent(cell, NULL);
    return cell;
}

/* Where the value goes: a cell of a table, a line of the facts, or behind the last number. */
static xmlNode *place(struct facts_sink *facts, const char *key, const char *label)
{
    struct level *level = top(facts);
    size_t at = facts->depth - 1;
    xmlNode *row, *head;

    if (level->list && level->cell) {
        if (level->elements++)
            html_put(level->cell, ", ");
        return level->cell;
    }
    if (at && facts->level[at - 1].table)
        return cell_of(&facts->level[at - 1], key, label);
    while (at && !facts->level[at].section)
        at--;
    row = html_element(facts_table(&facts->level[at]), "tr");
    head = html_element(row, "th");
    html_attribute(head, "scope", "row");
    if (level->prefix)
        html_put(head, "%s: ", level->prefix);
    html_put(head, "%s", label);
    if (level->list && !key)
        html_put(head, " %zu", level->elements);
    return html_element(row, "td");
}

/* --- structure -------------------------------------------------------------------- */

static xmlNode *section_in(struct facts_sink *facts)
{
    for (size_t i = facts->depth; i--;) {
        if (facts->level[i].section)
            return facts->level[i].section;
    }
    abort(); /* the lowest is <main> */
}

static xmlNode *new_table(xmlNode *section, const char *caption, const char *of_rows)
{
    xmlNode *scroll = html_element(section, "div");
    xmlNode *table = html_element(scroll, "table");
    xmlNode *row;

    html_attribute(scroll, "class", "wide");
    html_say(table, "caption", caption);
    row = html_element(html_element(table, "thead"), "tr");
    html_attribute(html_say(row, "th", of_rows), "scope", "col");
    return html_element(table, "tbody");
}

static void open_row(struct level *list)
{
    xmlNode *head;

    list->row = html_element(list->table, "tr");
    head = html_element(list->row, "th");
    html_attribute(head, "scope", "row");
    html_put(head, "%zu", ++list->elements);
}

static void facts_open(struct token_sink *sink, const char *key, const char *label)
{
    struct facts_sink *facts = facts_of(sink);
    struct level *list = top(facts);
    size_t rank = rank_of(facts);
    xmlNode *section = section_in(facts);
    struct level *level;

    if (list->table) {
        open_row(list);
        (void)push(facts, key, label, false);
        return;
    }
    if (!key && list->list)
        list->elements++;
    level = push(facts, key, label, false);
    list = level - 1;
    /* Methods, events and the like are a few words each. */
    if (key && !is(key, "register") && !is(key, "de-register")) {
        level->prefix = label;
        return;
    }
    level->section = html_element(section, "section");
    if (is(list->key, "joinAccessControl"))
        heading(level->section, rank, "Who may join: entry", list->elements);
    else
        heading(level->section, rank, title_of(key ? key : list->key, label),
                key || list->count == 1 ? 0 : list->elements);
}

static void facts_list(struct token_sink *sink, const char *key, const char *label, size_t count)
{
    struct facts_sink *facts = facts_of(sink);
    struct level *level;

    if (!count) {
        html_say(place(facts, key, label), "em", "none");
        (void)push(facts, key, label, true);
    } else if (is(key, "permissions")) {
        xmlNode *cell = place(facts, key, "permissions that all must hold");

        push(facts, key, label, true)->cell = cell;
    } else {
        xmlNode *section = section_in(facts);

        level = push(facts, key, label, true);
        level->count = count;
        if (is(key, "joinMechanisms") || is(key, "leaveMechanisms")) {
            level->table = new_table(section, title_of(key, label), "No.");
            html_attribute(level->table->parent, "class", "list");
        }
    }
}

static void facts_close(struct token_sink *sink)
{
    struct facts_sink *facts = facts_of(sink);
    struct level *level = top(facts);

    if (level->table) {
        for (xmlNode *row = level->table->children; row; row = row->next)
            fill(row, level->columns);
    }
    facts->depth--;
}

/* --- values ------------------------------------------------------------------------- */

static void facts_none(struct token_sink *sink, const char *key, const char *label)
{
    struct facts_sink *facts = facts_of(sink);

    if (!key)
        top(facts)->elements++;
    html_say(place(facts, key, title_of(key, label)), "em", "none");
}

static void facts_text(struct token_sink *sink, const char *key, const char *label,
                       const char *value)
{
    html_put(place(facts_of(sink), key, label), "%s", value);
}

/* Which registry the number is of. */
static bool registry_of(const char *key, enum gk_registry *registry)
{
    static const struct {
        const char *key;
        enum gk_registry registry;
    } keys[] = {
        {"sigAlgorithmID", GK_REGISTRY_SIGNATURE},
        {"sigAlgorithm", GK_REGISTRY_SIGNATURE},
        {"hashAlgorithmID", GK_REGISTRY_NONCE_HASH},
        {"hashAlgorithm", GK_REGISTRY_NONCE_HASH},
        {"keyExchangeAlgorithmID", GK_REGISTRY_KEY_CREATION},
        {"keyWrap", GK_REGISTRY_KEY},
        {"rekeyMethodInfo", GK_REGISTRY_KEY},
    };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (is(key, keys[i].key)) {
            *registry = keys[i].registry;
            return true;
        }
    }
    return false;
}

xmlNode *html_weak(xmlNode *at, const char *why)
{
    xmlNode *mark = html_element(at, "span");

    html_attribute(mark, "class", "weak");
    html_say(mark, "b", "weak");
    html_put(mark, ": %s", why);
    return mark;
}

static void facts_number(struct token_sink *sink, const char *key, const char *label, int64_t value,
                         const char *name)
{
    xmlNode *at = place(facts_of(sink), key, label);
    enum gk_registry registry;
    const char *short_name = NULL;
    const char *weak = NULL;

    if (registry_of(key, &registry)) {
        short_name = token_algorithm_name(registry, value);
        weak = token_algorithm_weakness(registry, value);
    }
    if (name)
        html_put(at, "%s ", short_name ? short_name : name);
    if (name)
        html_put(html_element(at, "small"), "(%" PRId64 ")", value);
    else
        html_put(at, "%" PRId64, value);
    if (weak)
        html_weak(at, weak);
}

static void facts_oid(struct token_sink *sink, const char *key, const char *label, const char *oid,
                      const char *name)
{
    xmlNode *at = place(facts_of(sink), key, label);

    html_put(at, "%s ", name);
    html_put(html_element(at, "small"), "(%s)", oid);
    if (is(key, "suite") && strcmp(oid, TOKEN_OID_SUITE_1) == 0)
        html_weak(at, "DSA and SHA-1, a group of 1024 bits, CBC");
}

static void facts_flag(struct token_sink *sink, const char *key, const char *label, bool value)
{
    facts_text(sink, key, label, value ? "yes" : "no");
}

static void facts_hex(struct token_sink *sink, const char *key, const char *label,
                      struct gk_octets value)
{
    struct facts_sink *facts = facts_of(sink);
    xmlNode *at = place(facts, key, label);

    if (is(key, "cA"))
        html_ca(facts->html, at, value);
    else
        html_hex(at, value);
}

static void facts_octets(struct token_sink *sink, const char *key, const char *label,
                         struct gk_octets value)
{
    xmlNode *at = place(facts_of(sink), key, label);
    struct gk_octets name = html_spoken_name(value);

    if (name.size < value.size) {
        html_hex(at, gk_octets(value.data, value.size - name.size));
        html_put(at, " ");
    }
    html_foreign(at, name);
    if (!html_ascii(name)) {
        html_put(at, " ");
        html_hex(at, name);
    }
}

static void facts_life(struct token_sink *sink, const char *key, const char *label,
                       const struct token_life *life)
{
    struct gk_writer words = {0};

    token_render_life(life, &words);
    html_put(place(facts_of(sink), key, label), "%.*s", (int)words.size, (const char *)words.data);
    gk_writer_free(&words);
}

static void put_pair(struct facts_sink *facts, xmlNode *body, const char *list, size_t number,
                     const struct token_pair *pair)
{
    xmlNode *row = html_element(body, "tr");
    xmlNode *cell = html_element(row, "th");
    struct gk_writer words = {0};

    html_attribute(cell, "scope", "row");
    put_place(facts, cell, list, number);
    html_identity(pair, &words);
    cell = html_element(row, "td");
    html_attribute(cell, "class", "name");
    html_foreign(cell, gk_writer_octets(&words));
    if (!html_ascii(gk_writer_octets(&words))) {
        html_put(cell, " ");
        html_hex(cell, pair->id);
    }
    cell = html_element(row, "td");
    html_put(cell, "%s ", html_identity_kind(pair->id_type));
    html_put(html_element(cell, "small"), "(%" PRId64 ")", pair->id_type);
    html_ca(facts->html, html_element(row, "td"), pair->ca);
    gk_writer_free(&words);
}

static void facts_pairs(struct token_sink *sink, const char *key, const char *label,
                        const struct token_pairs *pairs)
{
    static const char *const columns[] = {"Identity", "Kind", "Authority"};
    struct facts_sink *facts = facts_of(sink);
    struct level *level = top(facts);
    const char *list = key ? key : "subGCKS"; /* whose elements are lists */
    xmlNode *body;

    if (!key)
        level->elements++;
    if (!pairs->count) {
        html_say(place(facts, key, title_of(list, label)), "em", "nobody");
        return;
    }
    body = new_table(section_in(facts), title_of(list, label), "Rule");
    if (!key)
        html_put(body->parent->children, ", list %zu", level->elements);
    html_attribute(body->parent, "class", is(key, "exclusionsRule") ? "rules out" : "rules");
    for (size_t i = 0; i < 3; i++)
        html_attribute(html_say(body->prev->children, "th", columns[i]), "scope", "col");
    for (size_t i = 0; i < pairs->count; i++)
        put_pair(facts, body, list, i + 1, &pairs->at[i]);
}

void html_facts(struct html *html)
{
    struct facts_sink facts = {
        .sink = {facts_open, facts_list, facts_close, facts_none, facts_text, facts_number,
                 facts_oid, facts_flag, facts_octets, facts_hex, facts_life, facts_pairs},
        .html = html,
    };

    push(&facts, NULL, NULL, false)->section = html_element(html->main, "section");
    html_say(facts.level[0].section, "h2", "The whole token");
    token_render(html->token, &facts.sink);
}
