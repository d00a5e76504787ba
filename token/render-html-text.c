/* SPDX-License-Identifier: Apache-2.0 */
/* Elements, and text that others wrote. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unictype.h>
#include <uniwidth.h>

#include "gsakmp/utf8.h"
#include "token/render-html-part.h"

/* --- elements ------------------------------------------------------------------- */

xmlNode *html_element(xmlNode *parent, const char *name)
{
    xmlNode *node = xmlNewChild(parent, NULL, (const xmlChar *)name, NULL);

    if (!node)
        abort(); /* out of memory: sizes are bounded */
    return node;
}

void html_attribute(xmlNode *at, const char *name, const char *value)
{
    if (!xmlNewProp(at, (const xmlChar *)name, (const xmlChar *)value))
        abort();
}

void html_number(xmlNode *at, const char *name, int64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRId64, value);
    html_attribute(at, name, text);
}

static void add_text(xmlNode *at, const char *text)
{
    xmlNode *node = xmlNewDocText(at->doc, (const xmlChar *)text);

    if (!node || !xmlAddChild(at, node))
        abort();
}

void html_put(xmlNode *at, const char *format, ...)
{
    char *text = NULL;
    va_list list;
    int size;

    va_start(list, format);
    size = vasprintf(&text, format, list);
    va_end(list);
    if (size < 0)
        abort();
    add_text(at, text);
    free(text);
}

xmlNode *html_say(xmlNode *parent, const char *name, const char *text)
{
    xmlNode *node = html_element(parent, name);

    add_text(node, text);
    return node;
}

/* --- foreign text ---------------------------------------------------------------- */

#define MARKS_MOST 2 /* that one letter may carry: more paint over the lines around it */

struct reading {
    struct gk_octets rest;
    unsigned marks; /* behind the last letter; at the start there is none to carry any */
};

/* Has the character a shape that is its own, and leaves it its neighbours alone? The brackets of
 * our own escapes are not taken from others. */
static bool harmless(struct reading *reading, uint32_t code)
{
    uc_general_category_t shaped =
        uc_general_category_or(uc_general_category_or(UC_LETTER, UC_NUMBER),
                               uc_general_category_or(UC_PUNCTUATION, UC_SYMBOL));

    if (code < 0x80)
        return code >= 0x20 && code != 0x7f;
    if (uc_is_property_default_ignorable_code_point(code) || code == 0x27e8 || code == 0x27e9 ||
        code == 0x2800 || (code >= 0xfff9 && code <= 0xfffd))
        return false;
    if (uc_is_general_category(code, UC_MARK))
        return reading->marks++ < MARKS_MOST;
    return uc_is_general_category(code, shaped);
}

/* The next piece of the text: one character, or what stands for it. */
static size_t piece(struct reading *reading, char to[16], int *columns)
{
    size_t size = gk_utf8_character(reading->rest);
    uint32_t code = size ? gk_utf8_point(gk_octets(reading->rest.data, size)) : 0;

    if (size && harmless(reading, code)) {
        bool mark = uc_is_general_category(code, UC_MARK);
        int width = uc_width(code, "UTF-8");

        memcpy(to, reading->rest.data, size);
        to[size] = '\0';
        *columns = mark ? 0 : width > 0 ? width : 1;
        reading->marks = mark ? reading->marks : 0;
        return size;
    }
    if (size)
        (void)snprintf(to, 16, "\u27e8U+%04X\u27e9", (unsigned)code);
    else
        (void)snprintf(to, 16, "\u27e8x%02x\u27e9", reading->rest.data[0]);
    reading->marks = MARKS_MOST;
    *columns = (int)strlen(to) - 4;
    return size ? size : 1;
}

char *html_readable(struct gk_octets text, size_t most, size_t *left)
{
    struct reading reading = {text, MARKS_MOST};
    struct gk_writer to = {0};
    size_t columns = 0;
    size_t fits = 0;      /* what stands before the last column */
    size_t fits_left = 0; /* octets behind it */

    while (reading.rest.size && columns <= most) {
        char one[16];
        int wide;
        size_t size;

        if (columns < most) {
            fits = to.size;
            fits_left = reading.rest.size;
        }
        size = piece(&reading, one, &wide);
        columns += (size_t)wide;
        if (columns <= most)
            gk_write_octets(&to, gk_octets_of(one));
        reading.rest = gk_octets(reading.rest.data + size, reading.rest.size - size);
    }
    if (columns > most) {
        gk_writer_cut(&to, fits);
        gk_write_octets(&to, gk_octets_of("\u2026"));
    }
    if (left)
        *left = columns > most ? fits_left : 0;
    gk_write_u8(&to, 0);
    return (char *)gk_writer_take(&to).data;
}

static void put_rest(xmlNode *at, size_t left)
{
    xmlNode *rest;

    if (!left)
        return;
    rest = html_element(at, "small");
    html_put(rest, " and %zu more octet%s", left, left == 1 ? "" : "s");
}

void html_foreign(xmlNode *at, struct gk_octets text)
{
    size_t left;
    char *readable = html_readable(text, HTML_TEXT_MOST, &left);
    xmlNode *bdi;

    if (!text.size) {
        html_say(at, "em", "empty");
    } else {
        bdi = html_say(at, "bdi", readable);
        html_attribute(bdi, "dir", "ltr");
        put_rest(at, left);
    }
    free(readable);
}

void html_hex(xmlNode *at, struct gk_octets octets)
{
    size_t shown = octets.size > HTML_HEX_MOST ? HTML_HEX_MOST : octets.size;
    char *hex = gk_hex(gk_octets(octets.data, shown));

    if (!octets.size)
        html_say(at, "em", "empty");
    else
        html_say(at, "code", hex);
    put_rest(at, octets.size - shown);
    free(hex);
}

bool html_ascii(struct gk_octets text)
{
    return !text.size || token_printable(text);
}
