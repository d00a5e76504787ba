/* SPDX-License-Identifier: Apache-2.0 */
/* Folding for exclusions and name constraints: RFC 5280 7.1, profile 11.18. */
#include "token/name-parts.h"

#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>
#include <unictype.h>

/* RFC 4518 2.2: what is mapped to nothing besides the control and format characters. */
static bool maps_to_nothing(ucs4_t c)
{
    return c == 0x034f || c == 0x1806 || (c >= 0x180b && c <= 0x180d) ||
           (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfffc || uc_is_general_category(c, UC_CONTROL) ||
           uc_is_general_category(c, UC_FORMAT);
}

static bool maps_to_space(ucs4_t c)
{
    return (c >= 0x09 && c <= 0x0d) || c == 0x85 || uc_is_general_category(c, UC_SEPARATOR);
}

/* Maps, and leaves no space at the ends and one between words. */
static void map(struct gk_octets text, struct gk_writer *to)
{
    size_t start = to->size;
    bool space = false;

    for (size_t at = 0; at < text.size;) {
        ucs4_t c;
        int size = u8_mbtouc(&c, text.data + at, text.size - at);
        uint8_t utf8[6];

        at += (size_t)size;
        if (maps_to_space(c)) {
            space = true;
        } else if (!maps_to_nothing(c)) {
            if (space && to->size > start)
                gk_write_u8(to, ' ');
            space = false;
            size = u8_uctomb(utf8, c, sizeof utf8);
            gk_write(to, utf8, size > 0 ? (size_t)size : 0);
        }
    }
}

static void casefold(struct gk_writer *text)
{
    size_t size = 0;
    uint8_t *folded = u8_casefold(text->data, text->size, NULL, UNINORM_NFKC, NULL, &size);

    if (!folded)
        abort();
    gk_writer_cut(text, 0);
    gk_write(text, folded, size);
    free(folded);
}

static void normalize(struct gk_writer *text)
{
    size_t size = 0;
    uint8_t *normal = u8_normalize(UNINORM_NFKC, text->data, text->size, NULL, &size);

    if (!normal)
        abort();
    gk_writer_cut(text, 0);
    gk_write(text, normal, size);
    free(normal);
}

void name_fold(struct gk_octets text, struct gk_writer *to)
{
    struct gk_writer work = {0};

    map(text, &work);
    if (work.size) {
        /* Compatibility forms of capitals (U+1D400) become capitals first. */
        normalize(&work);
        casefold(&work);
    }
    map(gk_writer_octets(&work), to);
    gk_writer_free(&work);
}

void name_fold_values(struct name *name)
{
    for (size_t i = 0; i < name->count; i++) {
        struct name_attribute *attribute = &name->attribute[i];
        struct gk_writer folded = {0};

        if (!attribute->is_text)
            continue;
        name_fold(name_value(name, i), &folded);
        attribute->value = name_keep(name, gk_writer_octets(&folded));
        gk_writer_free(&folded);
    }
}
