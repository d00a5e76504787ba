/* SPDX-License-Identifier: Apache-2.0 */
/* show --format html: it says everything, and nothing in it can do anything. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/token/build.h"
#include "tests/token/page.h"
#include "tests/token/random-token.h"
#include "tests/vectors.h"
#include "token/algorithm.h"
#include "token/der.h"
#include "token/render-html-part.h"
#include "token/strength.h"

struct page {
    struct gk_writer octets;
    xmlDoc *doc;
    char *text;
};

/* Renders, and holds the page against all that pages must keep. */
static struct page shown(const struct token *token, const struct html_origin *origin)
{
    struct page page = {{0}, NULL, NULL};
    char what[120] = "it is no XML";

    token_show_html(token, origin, &page.octets);
    page.doc = page_read(gk_writer_octets(&page.octets));
    if (!page.doc || !page_harmless(page.doc, gk_writer_octets(&page.octets), what, sizeof what)) {
        printf("\n    %s\n", what);
        CU_FAIL("the page is not harmless");
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(page.doc);
    page.text = page_text(page.doc);
    return page;
}

static void drop(struct page *page)
{
    xmlFree(page->text);
    xmlFreeDoc(page->doc);
    gk_writer_free(&page->octets);
}

static const struct html_origin unsigned_token = {"policy.der", false, NULL};

static void must_say(const struct page *page, const char *what)
{
    if (strstr(page->text, what))
        return;
    printf("\n    missing: %s\n%.3000s", what, page->text);
    CU_FAIL("the page does not say it");
}

/* --- everything --------------------------------------------------------------------- */

/* Another sink over the same walk: what it is told must stand on the page, in that order. */
struct expect {
    struct token_sink sink;
    const struct page *page;
};

static void want(struct token_sink *sink, const char *text)
{
    must_say(((struct expect *)(void *)sink)->page, text);
}

static void want_open(struct token_sink *sink, const char *key, const char *label)
{
    (void)sink, (void)key, (void)label;
}

static void want_list(struct token_sink *sink, const char *key, const char *label, size_t count)
{
    (void)sink, (void)key, (void)label, (void)count;
}

static void want_close(struct token_sink *sink)
{
    (void)sink;
}

static void want_none(struct token_sink *sink, const char *key, const char *label)
{
    (void)key;
    (void)label;
    want(sink, "none");
}

static void want_text(struct token_sink *sink, const char *key, const char *label,
                      const char *value)
{
    (void)key;
    want(sink, label);
    want(sink, value);
}

static void want_number(struct token_sink *sink, const char *key, const char *label, int64_t value,
                        const char *name)
{
    char text[40];

    (void)key;
    (void)label;
    (void)snprintf(text, sizeof text, name ? "(%" PRId64 ")" : "%" PRId64, value);
    want(sink, text);
}

static void want_oid(struct token_sink *sink, const char *key, const char *label, const char *oid,
                     const char *name)
{
    (void)key;
    want(sink, label);
    want(sink, oid);
    want(sink, name);
}

static void want_flag(struct token_sink *sink, const char *key, const char *label, bool value)
{
    want_text(sink, key, label, value ? "yes" : "no");
}

static void want_hex(struct token_sink *sink, const char *key, const char *label,
                     struct gk_octets value)
{
    bool cut = value.size > HTML_HEX_MOST;
    char *hex = gk_hex(gk_octets(value.data, cut ? HTML_HEX_MOST : value.size));

    (void)key;
    (void)label;
    want(sink, value.size ? hex : "empty");
    free(hex);
    hex = gk_format("and %zu more octet", value.size - HTML_HEX_MOST);
    if (cut)
        want(sink, hex);
    free(hex);
}

static void want_octets(struct token_sink *sink, const char *key, const char *label,
                        struct gk_octets value)
{
    struct gk_octets name = html_spoken_name(value);
    char *readable = html_readable(name, HTML_TEXT_MOST, NULL);

    want(sink, readable);
    free(readable);
    if (name.size < value.size)
        want_hex(sink, key, label, gk_octets(value.data, value.size - name.size));
    if (!token_printable(name))
        want_hex(sink, key, label, name);
}

static void want_life(struct token_sink *sink, const char *key, const char *label,
                      const struct token_life *life)
{
    struct gk_writer words = {0};

    (void)key;
    want(sink, label);
    token_render_life(life, &words);
    gk_write_u8(&words, 0);
    want(sink, (const char *)words.data);
    gk_writer_free(&words);
}

static void want_pairs(struct token_sink *sink, const char *key, const char *label,
                       const struct token_pairs *pairs)
{
    (void)label;
    if (!pairs->count)
        want(sink, "nobody");
    for (size_t i = 0; i < pairs->count; i++) {
        struct gk_writer words = {0};
        char *text;

        html_identity(&pairs->at[i], &words);
        text = html_readable(gk_writer_octets(&words), HTML_TEXT_MOST, NULL);
        want(sink, text);
        free(text);
        if (words.size && !token_printable(gk_writer_octets(&words)))
            want_hex(sink, key, label, pairs->at[i].id);
        gk_writer_free(&words);
        text = gk_format("(%" PRId64 ")", pairs->at[i].id_type);
        want(sink, text);
        free(text);
        want_hex(sink, key, label, pairs->at[i].ca);
        text = gk_format("%s %zu",
                         key && strcmp(key, "authorization") == 0 ? "rekey authorization"
                         : key                                    ? key
                                                                  : "subGCKS",
                         i + 1);
        want(sink, text);
        free(text);
    }
}

static void says_everything(const struct token *token)
{
    struct page page = shown(token, &unsigned_token);
    struct expect expect = {
        .sink = {want_open, want_list, want_close, want_none, want_text, want_number, want_oid,
                 want_flag, want_octets, want_hex, want_life, want_pairs},
        .page = &page,
    };

    token_render(token, &expect.sink);
    drop(&page);
}

static void everything_is_there(void)
{
    struct gk_random random = test_random(1);
    struct token *token = build_token();

    says_everything(token);
    token_free(token);
    token = token_from_der(vector_octets("tokens/recommended/der"), NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    says_everything(token);
    token_free(token);
    for (size_t i = 0; i < 150; i++) {
        token = random_token(&random);
        says_everything(token);
        token_free(token);
    }
}

/* Verdicts say "accessRule 2 of entry 1": so does the page. */
static void rules_have_the_names_of_verdicts(void)
{
    struct token *token = build_token();
    struct token_register *join = token->registrations[0].join.registration;
    struct token_access *access;
    struct page page;

    access = token_append(token, (void **)&join->access, &join->access_count, sizeof *access);
    (void)build_pair(token, &access->access_rule, "CN=One");
    (void)build_pair(token, &access->access_rule, "CN=Two");
    access->has_exclusions = true;
    (void)build_pair(token, &access->exclusions_rule, "CN=Out");
    page = shown(token, &unsigned_token);
    must_say(&page, "accessRule 1 of entry 1CN=*");
    must_say(&page, "accessRule 2 of entry 2CN=Two");
    must_say(&page, "exclusionsRule 1 of entry 2CN=Out");
    CU_ASSERT_PTR_NULL(strstr(page.text, "of registration"));
    drop(&page);
    CU_ASSERT_PTR_NOT_NULL(token_append(token, (void **)&token->registrations,
                                        &token->registration_count,
                                        sizeof(struct token_registration)));
    page = shown(token, &unsigned_token);
    must_say(&page, "accessRule 2 of entry 2 of registration 1CN=Two");
    drop(&page);
    token_free(token);
}

/* --- hostile text --------------------------------------------------------------------- */

static void reads_as(const char *from, size_t size, const char *to)
{
    char *text = html_readable(gk_octets(from, size), HTML_TEXT_MOST, NULL);

    CU_ASSERT_STRING_EQUAL(text, to);
    if (strcmp(text, to) != 0)
        printf("\n    %s is not %s\n", text, to);
    free(text);
}

static void foreign_characters(void)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"CN=a <b> & \"c\" 'd' \\", "CN=a <b> & \"c\" 'd' \\"},
        {"CN=M\xc3\xbcller,O=\xe6\x9d\xb1", "CN=M\xc3\xbcller,O=\xe6\x9d\xb1"},
        {"a\x1b[2Jb", "a\u27e8U+001B\u27e9[2Jb"},
        {"a\nb\tc\x7f", "a\u27e8U+000A\u27e9b\u27e8U+0009\u27e9c\u27e8U+007F\u27e9"},
        {"a\xc2\x9b"
         "2J",
         "a\u27e8U+009B\u27e92J"},
        {"a\xe2\x80\xae"
         "b",
         "a\u27e8U+202E\u27e9b"}, /* right to left */
        {"a\xe2\x81\xa6"
         "b",
         "a\u27e8U+2066\u27e9b"}, /* isolate */
        {"a\xe2\x80\x8b"
         "b",
         "a\u27e8U+200B\u27e9b"}, /* no width */
        {"a\xc2\xad"
         "b",
         "a\u27e8U+00AD\u27e9b"}, /* soft hyphen */
        {"a\xe2\x80\xa8"
         "b",
         "a\u27e8U+2028\u27e9b"}, /* line */
        {"a\xc2\xa0"
         "b",
         "a\u27e8U+00A0\u27e9b"}, /* another blank */
        {"a\xe3\x85\xa4"
         "b",
         "a\u27e8U+3164\u27e9b"}, /* blank letter */
        {"a\xef\xbb\xbf"
         "b",
         "a\u27e8U+FEFF\u27e9b"},
        {"a\xef\xbf\xbe"
         "b",
         "a\u27e8U+FFFE\u27e9b"},
        {"a\xee\x80\x80"
         "b",
         "a\u27e8U+E000\u27e9b"}, /* private */
        {"a\xf3\xa0\x81\x81"
         "b",
         "a\u27e8U+E0041\u27e9b"},                      /* tags */
        {"\xff\xc3", "\u27e8xff\u27e9\u27e8xc3\u27e9"}, /* no UTF-8 */
        {"\xc0\xbc"
         "b",
         "\u27e8xc0\u27e9\u27e8xbc\u27e9b"},                                  /* overlong < */
        {"\u27e8U+202E\u27e9", "\u27e8U+27E8\u27e9U+202E\u27e8U+27E9\u27e9"}, /* as if we had */
        {"e\u0301\u0301\u0301", "e\u0301\u0301\u27e8U+0301\u27e9"}, /* a heap of accents */
        {"\u0301", "\u27e8U+0301\u27e9"},                           /* none to carry it */
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        reads_as(rows[i].from, strlen(rows[i].from), rows[i].to);
    reads_as("a\0b", 3,
             "a\u27e8U+0000\u27e9"
             "b");
    reads_as("", 0, "");
}

static void long_text_is_cut(void)
{
    char text[500];
    size_t left;
    char *readable;

    memset(text, 'x', sizeof text);
    readable = html_readable(gk_octets(text, 20), 20, &left);
    CU_ASSERT_STRING_EQUAL(readable, "xxxxxxxxxxxxxxxxxxxx");
    CU_ASSERT_EQUAL(left, 0);
    free(readable);
    readable = html_readable(gk_octets(text, 21), 20, &left);
    CU_ASSERT_STRING_EQUAL(readable, "xxxxxxxxxxxxxxxxxxx\u2026");
    CU_ASSERT_EQUAL(left, 2);
    free(readable);
    /* Wide ones count twice, and nothing is cut within. */
    readable = html_readable(gk_octets_of("\u6771\u6771\u6771"), 5, &left);
    CU_ASSERT_STRING_EQUAL(readable, "\u6771\u6771\u2026");
    CU_ASSERT_EQUAL(left, 3);
    free(readable);
    readable = html_readable(gk_octets_of("abc\x01"), 5, &left);
    CU_ASSERT_STRING_EQUAL(readable, "abc\u2026");
    CU_ASSERT_EQUAL(left, 1);
    free(readable);
}

#define HOSTILE                                                                                    \
    "</title></style></bdi><script>alert(1)</script>&lt;<img src=x onerror=alert(1)>\"'"           \
    "]]><!--<svg/onload=alert(1)>\xe2\x80\xae\x1b[2J"

/* In every place for text: it comes out as text, and whole. */
static void markup_is_text(void)
{
    struct gk_octets hostile = gk_octets_of(HOSTILE);
    struct token *token = build_token();
    struct token_register *join = token->registrations[0].join.registration;
    struct token_rekey *rekey = token->rekeys[0].rekey;
    struct html_origin origin = {HOSTILE, false, NULL};
    struct page page;
    size_t before, found = 0;

    join->senders_limited = true;
    (void)build_pair(token, &join->senders, "CN=a");
    join->access[0].has_exclusions = true;
    (void)build_pair(token, &join->access[0].exclusions_rule, "CN=a");
    (void)build_pair(token, &rekey->authorization, "CN=a");
    rekey->reliability = TOKEN_RELIABILITY_POST;
    rekey->post = gk_octets_of("CN=a");
    page = shown(token, &(struct html_origin){"a", false, NULL});
    before = page_count((xmlNode *)page.doc, "td", NULL);
    drop(&page);
    token->group_name = hostile;
    join->gcks.at[0].id = join->senders.at[0].id = join->access[0].access_rule.at[0].id = hostile;
    join->access[0].exclusions_rule.at[0].id = rekey->authorization.at[0].id = hostile;
    rekey->post = hostile;
    page = shown(token, &origin);
    CU_ASSERT_EQUAL(page_count((xmlNode *)page.doc, "td", NULL), before);
    for (const char *at = page.text; (at = strstr(at, "<script>alert(1)</script>&lt;<img")); at++)
        found++;
    CU_ASSERT(found >= 8); /* heading, file, and the six places in the tables */
    drop(&page);
    token_free(token);
}

/* Whatever is drawn: elements, attributes and characters that shown() lets pass. */
static void noise_is_harmless(void)
{
    struct gk_random random = test_random(2);

    for (size_t i = 0; i < 300; i++) {
        struct token *token = build_token();
        struct token_register *join = token->registrations[0].join.registration;
        uint8_t noise[600];
        struct page page;

        gk_random_fill(&random, noise, sizeof noise);
        token->group_name = gk_octets(noise, i % 255);
        join->gcks.at[0].id = gk_octets(noise, sizeof noise - i);
        join->gcks.at[0].id_type = (int64_t[]){1, 2, 3, 5, 9, 11, 30, 31, 77, -1}[i % 10];
        join->gcks.at[0].ca = gk_octets(noise + i, i % 30);
        join->access[0].access_rule.at[0].id = gk_octets(noise + i, 100);
        page = shown(token, &unsigned_token);
        drop(&page);
        token_free(token);
    }
}

static void huge_values_are_bounded(void)
{
    struct token *token = build_token();
    struct token_register *join = token->registrations[0].join.registration;
    uint8_t *huge = token_alloc(token, 60000, 1);
    struct page page;

    memset(huge, 'W', 60000);
    join->gcks.at[0].id = gk_octets(huge, 60000);
    join->gcks.at[0].ca = gk_octets(huge, 300);
    token->rekeys[0].kind = TOKEN_PROTOCOL_OPAQUE;
    token->rekeys[0].oid = "1.2.3.4";
    token->rekeys[0].info = gk_octets(huge, 60000);
    page = shown(token, &unsigned_token);
    must_say(&page, "and 59601 more octets");
    must_say(&page, "not known to this version (1.2.3.4)");
    must_say(&page, "and 59744 more octets");
    must_say(&page, "and 44 more octets");
    CU_ASSERT(page.octets.size < 40000);
    drop(&page);
    token_free(token);
}

/* --- what was checked ----------------------------------------------------------------- */

static void says_what_was_checked(void)
{
    struct gk_octets pt = vector_octets("tokens/recommended/signed");
    struct token *token = build_token();
    struct html_origin origin = {"weather.xml", true, NULL};
    struct gk_reason why = {0};
    struct page page = shown(token, &origin);
    struct cms cms;

    must_say(&page, "Nothing on this page was verified.");
    must_say(&page, "A policy source: a draft that nobody has signed");
    must_say(&page, "weather.xml");
    must_say(&page, "nobody yet");
    drop(&page);
    page = shown(token, &unsigned_token);
    must_say(&page, "Nothing on this page was verified.");
    must_say(&page, "An unsigned token: nobody has signed it");
    drop(&page);
    CU_ASSERT_TRUE_FATAL(cms_verify(&cms, pt, &why));
    origin = (struct html_origin){NULL, false, &cms};
    page = shown(token, &origin);
    must_say(&page, "Nothing on this page was verified.");
    must_say(&page, "A signed token. CN=Owner,OU=Owners,O=Acme,C=US signed it with Ed25519 at "
                    "2025-12-31 23:58:21 UTC");
    must_say(&page, "nobody has asked here: gsakmp-token verify");
    CU_ASSERT_EQUAL(page_count((xmlNode *)page.doc, "span", "weak"), 0);
    drop(&page);
    cms.sha1 = true;
    page = shown(token, &origin);
    CU_ASSERT_EQUAL(page_count((xmlNode *)page.doc, "span", "weak"), 1);
    drop(&page);
    token_free(token);
}

static void marks_what_is_weak(void)
{
    struct token *token = build_token();
    struct token_mechanism *mechanism = token->registrations[0].join.registration->mechanisms;
    struct page page = shown(token, &unsigned_token);

    must_say(&page, "1 join mechanism, without a weakness");
    CU_ASSERT_EQUAL(page_count((xmlNode *)page.doc, "span", "weak"), 0);
    drop(&page);
    mechanism->key_creation = 2;
    mechanism->nonce_hash = 1;
    page = shown(token, &unsigned_token);
    must_say(&page, "weak: SHA-1");
    must_say(&page, "weak: a group of 1024 bits");
    must_say(&page, "1 with a weakness");
    CU_ASSERT_EQUAL(page_count((xmlNode *)page.doc, "span", "weak"), 2);
    drop(&page);
    mechanism->suite = TOKEN_OID_SUITE_1;
    page = shown(token, &unsigned_token);
    must_say(&page, "security suite 1 (1.3.6.1.5.5.12.2.1)weak");
    drop(&page);
    token_free(token);
    /* What is called weak here is what comparisons call weaker than all else. */
    for (int64_t value = 0; value <= UINT16_MAX; value++) {
        static const enum gk_registry registries[] = {GK_REGISTRY_SIGNATURE, GK_REGISTRY_NONCE_HASH,
                                                      GK_REGISTRY_KEY_CREATION, GK_REGISTRY_KEY};

        for (size_t i = 0; i < 4; i++) {
            int bits = token_strength(registries[i], value);

            CU_ASSERT_EQUAL(token_algorithm_weakness(registries[i], value) != NULL,
                            bits != TOKEN_STRENGTH_UNKNOWN && bits < 112);
        }
    }
    CU_ASSERT_PTR_NOT_NULL(token_algorithm_weakness(GK_REGISTRY_SIGNATURE, 0));
    CU_ASSERT_PTR_NULL(token_algorithm_weakness(GK_REGISTRY_SIGNATURE, 49153));
    CU_ASSERT_PTR_NULL(token_algorithm_weakness(GK_REGISTRY_KEY, 49154));
}

/* --- the picture ----------------------------------------------------------------------- */

static int64_t attribute(const xmlNode *at, const char *name)
{
    xmlChar *text = xmlGetProp((xmlNode *)(uintptr_t)at, (const xmlChar *)name);
    int64_t value = text ? strtoll((const char *)text, NULL, 10) : -1;

    xmlFree(text);
    return value;
}

/* Boxes and frames lie inside the drawing, and boxes beside one another. */
static void shapes_fit(const xmlNode *at, int64_t wide, int64_t tall)
{
    int64_t x = 0, y = 0, width = 0, height = 0;

    for (const xmlNode *child = at->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE && strcmp((const char *)child->name, "g") == 0)
            shapes_fit(child, wide, tall);
        if (child->type != XML_ELEMENT_NODE || strcmp((const char *)child->name, "svg") != 0)
            continue;
        CU_ASSERT(attribute(child, "y") >= y + height || attribute(child, "x") >= x + width);
        x = attribute(child, "x");
        y = attribute(child, "y");
        width = attribute(child, "width");
        height = attribute(child, "height");
        CU_ASSERT(x > 0 && x + width < wide);
        CU_ASSERT(y > 0 && y + height < tall);
        shapes_fit(child, width, height);
    }
}

static const xmlNode *picture_in(const xmlNode *at)
{
    for (const xmlNode *child = at->children; child; child = child->next) {
        const xmlNode *below;

        if (child->type == XML_ELEMENT_NODE && strcmp((const char *)child->name, "svg") == 0)
            return child;
        if (child->type == XML_ELEMENT_NODE && (below = picture_in(child)))
            return below;
    }
    return NULL;
}

static void add_many(struct token *token, struct token_pairs *pairs, size_t count)
{
    char name[40];

    for (size_t i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "CN=Number %zu,O=Acme", i);
        (void)build_pair(token, pairs, name);
    }
}

static void draws(size_t servers, size_t subordinates, size_t excluded, const char *const *lines)
{
    struct token *token = build_token();
    struct token_register *join = token->registrations[0].join.registration;
    struct token_rekey *rekey = token->rekeys[0].rekey;
    struct page page;
    const xmlNode *svg;
    xmlChar *box, *role;
    char *text;

    add_many(token, &join->gcks, servers - 1);
    rekey->scheme = TOKEN_SCHEME_AUTONOMOUS;
    add_many(token, &rekey->auth_subs, subordinates);
    join->access[0].has_exclusions = excluded;
    add_many(token, &join->access[0].exclusions_rule, excluded);
    rekey->authorization = join->gcks;
    page = shown(token, &unsigned_token);
    svg = picture_in((xmlNode *)page.doc);
    CU_ASSERT_PTR_NOT_NULL_FATAL(svg);
    box = xmlGetProp((xmlNode *)(uintptr_t)svg, (const xmlChar *)"viewBox");
    role = xmlGetProp((xmlNode *)(uintptr_t)svg, (const xmlChar *)"role");
    CU_ASSERT_STRING_EQUAL(role, "img");
    shapes_fit(svg, 560, strtoll(strrchr((const char *)box, ' '), NULL, 10));
    text = (char *)xmlNodeGetContent(svg);
    for (; *lines; lines++) {
        if (!strstr(text, *lines))
            printf("\n    missing: %s in %s\n", *lines, text);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, *lines));
    }
    CU_ASSERT_EQUAL(page_count(svg, "g", "out"), excluded ? 1 : 0);
    CU_ASSERT_EQUAL(page_count(svg, "path", "cross"), excluded ? 1 : 0);
    CU_ASSERT_EQUAL(page_count(svg, "g", "serve"), subordinates ? 2 : 1);
    CU_ASSERT_EQUAL(page_count(svg, "title", NULL), 1);
    CU_ASSERT_EQUAL(page_count(svg, "desc", NULL), 1);
    xmlFree(text);
    xmlFree(box);
    xmlFree(role);
    drop(&page);
    token_free(token);
}

static void pictures(void)
{
    draws(1, 0, 0,
          (const char *const[]){"Who may hand keys to whom",
                                "names 1 key server. They hand keys to members, whom 1 rule in 1 "
                                "entry admits.",
                                "CN=G", "may rekey", "entry 1", "CN=*", "all may send", NULL});
    draws(30, 34, 20,
          (const char *const[]){"30 key servers and, below, 34 subordinates", "and 24 more",
                                "CN=Number 4", "Subordinate key servers", "and 28 more",
                                "20 exclusions keep out", "Excluded", "and 14 more", NULL});
    draws(7, 1, 1, (const char *const[]){"and 1 more", "1 exclusion keeps out", NULL});
}

const struct test_suite suite_html = {
    "html",
    {
        {"everything is there", everything_is_there},
        {"rules have the names of verdicts", rules_have_the_names_of_verdicts},
        {"foreign characters", foreign_characters},
        {"long text is cut", long_text_is_cut},
        {"markup is text", markup_is_text},
        {"noise is harmless", noise_is_harmless},
        {"huge values are bounded", huge_values_are_bounded},
        {"says what was checked", says_what_was_checked},
        {"marks what is weak", marks_what_is_weak},
        {"pictures", pictures},
        {NULL, NULL},
    }};
