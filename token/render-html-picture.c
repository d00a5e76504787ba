/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may hand keys to whom, as a drawing: tiers from the owner down to the members, and below
 * them who gets none. One of each registration; many of a kind are a few and a number.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/message.h"
#include "token/name.h"
#include "token/render-html-part.h"

#define WIDTH         560
#define LEFT          26 /* of the tiers: beside them runs the way past the subordinates, */
#define RIGHT         26 /* and on the other side the way that leads to nobody */
#define PAD           10
#define GAP           8
#define CAPTION       24
#define ARROW         38
#define BOXES_MOST    6 /* of a tier */
#define LINES_MOST    5 /* of a box */
#define PICTURES_MOST 8

struct box {
    char *head;
    char *line[LINES_MOST];
    size_t count;
    const char *mark;
};

struct tier {
    const char *class;
    char *caption;
    char *note;
    struct box box[BOXES_MOST];
    size_t count;
    size_t more;       /* beside these */
    size_t wide, tall; /* columns and height of a box */
};

struct picture {
    struct html *html;
    const struct token_register *policy;
    const struct token_rekey *rekey;
    xmlNode *svg;
    size_t y;
    size_t from, to; /* of the way past the subordinates */
};

/* --- shapes ------------------------------------------------------------------------ */

static xmlNode *shape(xmlNode *at, const char *name, const char *class)
{
    xmlNode *node = html_element(at, name);

    html_attribute(node, "class", class);
    return node;
}

static void rect(xmlNode *at, const char *class, size_t x, size_t y, size_t width, size_t height)
{
    xmlNode *node = shape(at, "rect", class);

    html_number(node, "x", (int64_t)x);
    html_number(node, "y", (int64_t)y);
    html_number(node, "width", (int64_t)width);
    html_number(node, "height", (int64_t)height);
    html_number(node, "rx", 6);
}

static xmlNode *words(xmlNode *at, const char *class, size_t x, size_t y, const char *text)
{
    xmlNode *node = html_say(at, "text", text);

    html_attribute(node, "class", class);
    html_number(node, "x", (int64_t)x);
    html_number(node, "y", (int64_t)y);
    return node;
}

static void path(xmlNode *at, const char *class, const char *format, ...) GK_PRINTF(3, 4);
static void path(xmlNode *at, const char *class, const char *format, ...)
{
    char text[160];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    html_attribute(shape(at, "path", class), "d", text);
}

/* From the tier above to the one below. */
static void arrow(struct picture *picture, const char *note)
{
    size_t x = WIDTH / 2;
    size_t y = picture->y;

    path(picture->svg, "arrow", "M%zu %zuV%zu", x, y, y + ARROW - 6);
    path(picture->svg, "tip", "M%zu %zul-6 -10h12z", x, y + ARROW);
    words(picture->svg, "note", x + 14, y + ARROW / 2 + 4, note);
    picture->y += ARROW;
}

/* --- boxes -------------------------------------------------------------------------- */

static struct box *add_box(struct tier *tier)
{
    if (tier->count == BOXES_MOST) {
        tier->more++;
        return NULL;
    }
    return &tier->box[tier->count++];
}

static void add_line(struct box *box, char *line)
{
    if (box->count == LINES_MOST)
        abort(); /* lines are counted before */
    box->line[box->count++] = line;
}

/* Columns that a box of the tier has for its head and its lines. */
static size_t columns(const struct tier *tier, bool head)
{
    size_t width = (WIDTH - LEFT - RIGHT - 2 * PAD - (tier->wide - 1) * GAP) / tier->wide - 20;

    return head ? width * 10 / 77 : width * 10 / 65;
}

/* In two columns, where there are more than two. */
static void settle(struct tier *tier, size_t count)
{
    tier->wide = count > 2 ? 2 : 1;
}

/* The first RDN, or the whole. */
static size_t head_of(const struct token_pair *pair, struct gk_octets name)
{
    if (pair->id_type != GK_ID_DN_STRING && pair->id_type != GK_ID_DER_ASN1_DN)
        return name.size;
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] == '\\')
            i++;
        else if (name.data[i] == ',')
            return i;
    }
    return name.size;
}

static void name_box(struct picture *picture, struct tier *tier, struct box *box,
                     const struct token_pair *pair)
{
    struct gk_writer name = {0};
    struct gk_octets rest;
    size_t head;

    html_identity(pair, &name);
    head = head_of(pair, gk_writer_octets(&name));
    box->head = html_readable(gk_octets(name.data, head), columns(tier, true), NULL);
    if (head < name.size) {
        rest = gk_octets(name.data + head + 1, name.size - head - 1);
        add_line(box, html_readable(rest, columns(tier, false), NULL));
    } else {
        add_line(box, gk_strdup(html_identity_kind(pair->id_type)));
    }
    add_line(box, gk_format("under CA %zu", html_ca_number(picture->html, pair->ca)));
    gk_writer_free(&name);
}

static bool same_pair(const struct token_pair *a, const struct token_pair *b)
{
    return a->id_type == b->id_type && gk_octets_equal(a->id, b->id) &&
           gk_octets_equal(a->ca, b->ca);
}

static bool listed(const struct token_pairs *pairs, const struct token_pair *pair)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (same_pair(&pairs->at[i], pair))
            return true;
    }
    return false;
}

static void free_tier(struct tier *tier)
{
    for (size_t i = 0; i < tier->count; i++) {
        for (size_t j = 0; j < tier->box[i].count; j++)
            free(tier->box[i].line[j]);
        free(tier->box[i].head);
    }
    free(tier->caption);
    free(tier->note);
}

/* --- drawing a tier ------------------------------------------------------------------- */

static void draw_box(const struct tier *tier, xmlNode *at, const struct box *box, size_t x,
                     size_t y, size_t width)
{
    xmlNode *inner = html_element(at, "svg"); /* clips what is wider than it */

    html_number(inner, "x", (int64_t)x);
    html_number(inner, "y", (int64_t)y);
    html_number(inner, "width", (int64_t)width);
    html_number(inner, "height", (int64_t)tier->tall);
    rect(inner, "box", 1, 1, width - 2, tier->tall - 2);
    words(inner, "head", 10, 19, box->head);
    for (size_t i = 0; i < box->count; i++)
        words(inner, "line", 10, 35 + 14 * i, box->line[i]);
    if (box->mark) {
        size_t size = 7 * strlen(box->mark) + 12;

        rect(inner, "pill", width - size - 6, tier->tall - 20, size, 15);
        words(inner, "mark", width - size, tier->tall - 9, box->mark);
    }
}

static void draw(struct picture *picture, struct tier *tier)
{
    size_t width = (WIDTH - LEFT - RIGHT - 2 * PAD - (tier->wide - 1) * GAP) / tier->wide;
    size_t rows = (tier->count + tier->wide - 1) / tier->wide;
    size_t top = picture->y;
    size_t lines = 0;
    size_t height;
    xmlNode *group = shape(picture->svg, "g", tier->class);

    for (size_t i = 0; i < tier->count; i++)
        lines = tier->box[i].count > lines ? tier->box[i].count : lines;
    tier->tall = 28 + 14 * lines;
    height = CAPTION + rows * (tier->tall + GAP) + (tier->more ? 18 : 0) + PAD - GAP / 2;
    rect(group, "frame", LEFT, top, WIDTH - LEFT - RIGHT, height);
    words(group, "tier", LEFT + PAD, top + 17, tier->caption);
    if (tier->note)
        html_attribute(words(group, "note", WIDTH - RIGHT - PAD, top + 17, tier->note),
                       "text-anchor", "end");
    for (size_t i = 0; i < tier->count; i++)
        draw_box(tier, group, &tier->box[i], LEFT + PAD + i % tier->wide * (width + GAP),
                 top + CAPTION + i / tier->wide * (tier->tall + GAP), width);
    if (tier->more) {
        char *more = gk_format("and %zu more", tier->more);

        words(group, "tier", LEFT + PAD, top + height - 9, more);
        free(more);
    }
    picture->y = top + height;
    free_tier(tier);
}

/* --- the tiers ------------------------------------------------------------------------ */

static void draw_owner(struct picture *picture)
{
    const struct cms *cms = picture->html->origin->cms;
    struct tier tier = {.class = "own", .caption = gk_strdup("Group Owner"), .wide = 1};
    struct box *box = add_box(&tier);
    struct gk_writer name = {0};

    if (cms && name_of_certificate(cms->signer, &name, NULL)) {
        box->head = html_readable(gk_writer_octets(&name), columns(&tier, true), NULL);
        add_line(box, gk_strdup("signed this token; that it is the owner was not verified"));
    } else {
        box->head = gk_strdup("nobody yet");
        add_line(box, gk_strdup("this is not signed"));
    }
    draw(picture, &tier);
    gk_writer_free(&name);
    arrow(picture, "names, by the signed token,");
}

static void add_names(struct picture *picture, struct tier *tier, const struct token_pairs *pairs,
                      const struct token_pairs *marked, const char *mark)
{
    for (size_t i = 0; i < pairs->count; i++) {
        struct box *box = add_box(tier);

        if (!box)
            continue;
        name_box(picture, tier, box, &pairs->at[i]);
        if (marked && listed(marked, &pairs->at[i]))
            box->mark = mark;
    }
}

static void add_nobody(struct tier *tier, const char *why)
{
    struct box *box = add_box(tier);

    box->head = gk_strdup("nobody");
    add_line(box, gk_strdup(why));
}

static void draw_servers(struct picture *picture)
{
    const struct token_pairs *gcks = &picture->policy->gcks;
    const struct token_pairs *authority = picture->rekey ? &picture->rekey->authorization : NULL;
    struct tier tier = {.class = "serve", .caption = gk_strdup("Key servers (GC/KS)")};

    settle(&tier, gcks->count);
    if (!gcks->count)
        add_nobody(&tier, "no gCKS rule");
    add_names(picture, &tier, gcks, authority, "may rekey");
    picture->from = picture->y + CAPTION;
    draw(picture, &tier);
}

/* Rekey authorities that no key server rule spells in the same way. */
static void draw_authorities(struct picture *picture)
{
    const struct token_pairs *authority = &picture->rekey->authorization;
    struct tier tier = {.class = "serve"};
    size_t count = 0;

    for (size_t i = 0; i < authority->count; i++)
        count += !listed(&picture->policy->gcks, &authority->at[i]);
    if (!count)
        return;
    settle(&tier, count);
    tier.caption = gk_strdup("Rekey authorities that no gCKS rule names in these words");
    for (size_t i = 0; i < authority->count; i++) {
        struct box *box;

        if (listed(&picture->policy->gcks, &authority->at[i]) || !(box = add_box(&tier)))
            continue;
        name_box(picture, &tier, box, &authority->at[i]);
        box->mark = "may rekey";
    }
    picture->y += PAD;
    draw(picture, &tier);
}

static void draw_subordinates(struct picture *picture)
{
    const struct token_pairs *subs = &picture->rekey->auth_subs;
    struct tier tier = {.class = "serve", .caption = gk_strdup("Subordinate key servers")};
    size_t lists = 0;

    for (size_t i = 0; i < picture->policy->sub_gcks_count; i++)
        lists += picture->policy->sub_gcks[i].count;
    settle(&tier, subs->count);
    tier.note = lists ? gk_strdup("in authSubs; a subGCKS rule must name them, too")
                      : gk_strdup("in authSubs, but no subGCKS rule names any");
    arrow(picture, "hand keys to");
    add_names(picture, &tier, subs, subs, "may rekey");
    draw(picture, &tier);
}

static void entry_box(struct tier *tier, const struct token_access *access, size_t number)
{
    const struct token_pairs *pairs = &access->access_rule;
    struct box *box = add_box(tier);
    size_t shown = pairs->count > LINES_MOST - 1 ? LINES_MOST - 2 : pairs->count;

    if (!box)
        return;
    box->head =
        gk_format("entry %zu%s", number, access->has_permissions ? ", with permissions" : "");
    for (size_t i = 0; i < shown; i++) {
        struct gk_writer name = {0};

        html_identity(&pairs->at[i], &name);
        add_line(box, html_readable(gk_writer_octets(&name), columns(tier, false), NULL));
        gk_writer_free(&name);
    }
    if (shown < pairs->count)
        add_line(box, gk_format("and %zu more", pairs->count - shown));
    if (!pairs->count)
        add_line(box, gk_strdup("nobody"));
}

static void draw_members(struct picture *picture)
{
    const struct token_register *policy = picture->policy;
    struct tier tier = {.class = "join", .caption = gk_strdup("Members")};

    settle(&tier, policy->access_count);
    tier.note = policy->senders_limited
                    ? gk_format("only %zu senders rule%s may send", policy->senders.count,
                                policy->senders.count == 1 ? "" : "s")
                    : gk_strdup("all may send");
    arrow(picture, "hand keys to whom these rules admit:");
    if (!policy->access_count)
        add_nobody(&tier, "no access rule");
    for (size_t i = 0; i < policy->access_count; i++)
        entry_box(&tier, &policy->access[i], i + 1);
    picture->to = picture->y + CAPTION;
    draw(picture, &tier);
}

/* Exclusions of any registration hold for all (profile 11.8). */
static size_t count_excluded(const struct token *token)
{
    size_t count = 0;

    for (size_t i = 0; i < token->registration_count; i++) {
        const struct token_protocol *join = &token->registrations[i].join;

        for (size_t j = 0;
             join->kind == TOKEN_PROTOCOL_REGISTER && j < join->registration->access_count; j++)
            count += join->registration->access[j].exclusions_rule.count;
    }
    return count;
}

/* From the servers to the tier that follows: it does not arrive. */
static void draw_no_way(struct picture *picture)
{
    size_t from = picture->from + 12;
    size_t to = picture->y + 12;
    int edge = WIDTH - RIGHT;

    path(picture->svg, "barred", "M%d %zuH%dV%zuH%d", edge, from, WIDTH - 12, to, edge);
    path(picture->svg, "cross", "M%d %zul14 14m0 -14l-14 14", WIDTH - 19, (from + to) / 2);
}

static void draw_excluded(struct picture *picture, size_t count)
{
    const struct token *token = picture->html->token;
    struct tier tier = {.class = "out", .caption = gk_strdup("Excluded")};

    settle(&tier, count);
    tier.note = gk_strdup("get no keys, whatever admits them");
    picture->y += PAD;
    draw_no_way(picture);
    for (size_t i = 0; i < token->registration_count; i++) {
        const struct token_protocol *join = &token->registrations[i].join;

        for (size_t j = 0;
             join->kind == TOKEN_PROTOCOL_REGISTER && j < join->registration->access_count; j++)
            add_names(picture, &tier, &join->registration->access[j].exclusions_rule, NULL, NULL);
    }
    draw(picture, &tier);
}

/* --- the whole -------------------------------------------------------------------------- */

static void describe(struct picture *picture, size_t number, bool subordinates, size_t excluded)
{
    const struct token_register *policy = picture->policy;
    char *id = gk_format("picture-%zu-title picture-%zu-text", number, number);
    size_t rules = 0;
    xmlNode *at;

    for (size_t i = 0; i < policy->access_count; i++)
        rules += policy->access[i].access_rule.count;
    html_attribute(picture->svg, "aria-labelledby", id);
    free(id);
    at = html_say(picture->svg, "title", "Who may hand keys to whom");
    id = gk_format("picture-%zu-title", number);
    html_attribute(at, "id", id);
    free(id);
    at = html_element(picture->svg, "desc");
    id = gk_format("picture-%zu-text", number);
    html_attribute(at, "id", id);
    free(id);
    html_put(at, "The Group Owner names %zu key server%s", policy->gcks.count,
             policy->gcks.count == 1 ? "" : "s");
    if (subordinates)
        html_put(at, " and, below, %zu subordinate%s", picture->rekey->auth_subs.count,
                 picture->rekey->auth_subs.count == 1 ? "" : "s");
    html_put(at, ". They hand keys to members, whom %zu rule%s in %zu entr%s admit%s.", rules,
             rules == 1 ? "" : "s", policy->access_count, policy->access_count == 1 ? "y" : "ies",
             rules == 1 ? "s" : "");
    if (excluded)
        html_put(at, " %zu exclusion%s keep%s out.", excluded, excluded == 1 ? "" : "s",
                 excluded == 1 ? "s" : "");
}

/* Servers serve members directly, too. */
static void draw_way_past(struct picture *picture)
{
    path(picture->svg, "arrow", "M%d %zuH12V%zuH%d", LEFT, picture->from + 12, picture->to,
         LEFT - 6);
    path(picture->svg, "tip", "M%d %zul-10 -6v12z", LEFT, picture->to);
}

static void draw_picture(struct html *html, xmlNode *section, size_t number)
{
    struct picture picture = {
        .html = html,
        .policy = html->token->registrations[number].join.registration,
        .rekey = html_rekey(html->token),
    };
    size_t excluded = count_excluded(html->token);
    bool subordinates = picture.rekey && picture.rekey->scheme == TOKEN_SCHEME_AUTONOMOUS &&
                        picture.rekey->auth_subs.count;
    xmlNode *frame = html_element(section, "div");
    char size[48];

    html_attribute(frame, "class", "picture");
    picture.svg = html_element(frame, "svg");
    html_attribute(picture.svg, "xmlns", "http://www.w3.org/2000/svg");
    html_attribute(picture.svg, "role", "img");
    describe(&picture, number + 1, subordinates, excluded);
    draw_owner(&picture);
    draw_servers(&picture);
    if (subordinates)
        draw_subordinates(&picture);
    draw_members(&picture);
    if (subordinates)
        draw_way_past(&picture);
    if (excluded)
        draw_excluded(&picture, excluded);
    if (picture.rekey)
        draw_authorities(&picture);
    (void)snprintf(size, sizeof size, "0 0 %d %zu", WIDTH, picture.y + 2);
    html_attribute(picture.svg, "viewBox", size);
}

void html_pictures(struct html *html)
{
    const struct token *token = html->token;
    xmlNode *section = NULL;

    for (size_t i = 0; i < token->registration_count && i < PICTURES_MOST; i++) {
        if (token->registrations[i].join.kind != TOKEN_PROTOCOL_REGISTER)
            continue;
        if (!section) {
            section = html_element(html->main, "section");
            html_say(section, "h2", "Who may hand keys to whom");
        }
        if (token->registration_count > 1)
            html_put(html_element(section, "h3"), "By registration %zu", i + 1);
        draw_picture(html, section, i);
    }
    if (section && token->registration_count > PICTURES_MOST)
        html_say(section, "p", "The other registrations stand below, without a picture.");
}
