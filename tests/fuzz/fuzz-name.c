/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rule and a name, parted by the first NUL octet: whatever they are, the ways to compare
 * them agree with one another.
 */
#include <stdlib.h>
#include <string.h>

#include "token/name-parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

static bool has_wildcard(struct gk_octets text)
{
    struct name name;
    bool any = false;

    if (!name_parse(&name, text, NULL))
        return false;
    for (size_t i = 0; i < name.count; i++)
        any |= name.attribute[i].is_any;
    name_drop(&name);
    return any;
}

static bool same_key(bool (*key_of)(struct gk_octets, struct gk_writer *, struct gk_reason *),
                     struct gk_octets a, struct gk_octets b)
{
    struct gk_writer one = {0}, two = {0};
    bool same = key_of(a, &one, NULL) && key_of(b, &two, NULL) &&
                gk_octets_equal(gk_writer_octets(&one), gk_writer_octets(&two));

    gk_writer_free(&one);
    gk_writer_free(&two);
    return same;
}

static void try_pair(struct gk_octets rule, struct gk_octets name)
{
    bool exact = name_matches(rule, name, false);
    bool folded = name_matches(rule, name, true);
    bool equal = name_equal(rule, name);

    must(!exact || folded);
    must(equal == name_equal(name, rule));
    must(equal == same_key(name_key, rule, name));
    must(!equal || same_key(name_key_folded, rule, name));
    if (!has_wildcard(rule) && !has_wildcard(name)) {
        must(exact == equal);
        must(folded == same_key(name_key_folded, rule, name));
    }
}

/* Folding once is folding for good. */
static void try_fold(struct gk_octets text)
{
    struct gk_writer once = {0}, twice = {0};

    name_fold(text, &once);
    name_fold(gk_writer_octets(&once), &twice);
    must(gk_octets_equal(gk_writer_octets(&once), gk_writer_octets(&twice)));
    gk_writer_free(&once);
    gk_writer_free(&twice);
}

static bool is_star(struct gk_octets text)
{
    return text.size && text.data[0] == '*';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
    size_t split = nul ? (size_t)(nul - data) : size;
    struct gk_octets rule = gk_octets(data, split);
    struct gk_octets name = nul ? gk_octets(nul + 1, size - split - 1) : GK_NO_OCTETS;

    try_pair(rule, name);
    try_fold(rule);
    if (!is_star(rule) && !is_star(name)) {
        must(name_fqdn_matches(rule, name) == name_fqdn_matches(name, rule));
        must(name_mail_matches(rule, name) == name_mail_matches(name, rule));
    }
    return 0;
}
