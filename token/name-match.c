/* SPDX-License-Identifier: Apache-2.0 */
/* Do a rule and a name agree (profile 4.3, 11.7, 11.8)? */
#include "token/name-parts.h"

#include <string.h>

/* The attributes of one RDN, without repetitions: an RDN is a set. */
struct rdn {
    const struct name *name;
    size_t count;
    size_t index[NAME_ATTRIBUTES];
};

static bool same(const struct name *a, size_t i, const struct name *b, size_t j)
{
    return a->attribute[i].is_text == b->attribute[j].is_text &&
           a->attribute[i].is_any == b->attribute[j].is_any &&
           gk_octets_equal(name_type(a, i), name_type(b, j)) &&
           gk_octets_equal(name_value(a, i), name_value(b, j));
}

/* Takes the RDN that starts at *at, and moves behind it. */
static void gather(const struct name *name, size_t *at, struct rdn *rdn)
{
    size_t number = name->attribute[*at].rdn;

    rdn->name = name;
    rdn->count = 0;
    for (; *at < name->count && name->attribute[*at].rdn == number; (*at)++) {
        bool seen = false;

        for (size_t i = 0; i < rdn->count; i++)
            seen |= same(name, rdn->index[i], name, *at);
        if (!seen)
            rdn->index[rdn->count++] = *at;
    }
}

static bool attribute_matches(const struct name *rule, size_t i, const struct name *name, size_t j)
{
    if (!gk_octets_equal(name_type(rule, i), name_type(name, j)))
        return false;
    if (rule->attribute[i].is_any || name->attribute[j].is_any)
        return rule->attribute[i].is_any;
    return rule->attribute[i].is_text == name->attribute[j].is_text &&
           gk_octets_equal(name_value(rule, i), name_value(name, j));
}

/* Exact values first, so that a wildcard does not take what another value needs. */
static bool rdn_matches(const struct rdn *rule, const struct rdn *name)
{
    bool taken[NAME_ATTRIBUTES] = {false};

    if (rule->count != name->count)
        return false;
    for (int any = 0; any < 2; any++) {
        for (size_t i = 0; i < rule->count; i++) {
            size_t j = 0;

            if (rule->name->attribute[rule->index[i]].is_any != (any == 1))
                continue;
            while (j < name->count && (taken[j] || !attribute_matches(rule->name, rule->index[i],
                                                                      name->name, name->index[j])))
                j++;
            if (j == name->count)
                return false;
            taken[j] = true;
        }
    }
    return true;
}

/* `rule` from its start against `name` from attribute `at`. */
static bool rdns_match(const struct name *rule, const struct name *name, size_t at)
{
    struct rdn a;
    struct rdn b;

    for (size_t i = 0; i < rule->count;) {
        if (at >= name->count)
            return false;
        gather(rule, &i, &a);
        gather(name, &at, &b);
        if (!rdn_matches(&a, &b))
            return false;
    }
    return at == name->count;
}

bool name_parts_match(const struct name *rule, const struct name *name)
{
    return rule->rdn_count == name->rdn_count && rdns_match(rule, name, 0);
}

bool name_parts_below(const struct name *base, const struct name *name)
{
    size_t at = 0;

    if (base->rdn_count > name->rdn_count)
        return false;
    while (at < name->count && name->attribute[at].rdn < name->rdn_count - base->rdn_count)
        at++;
    return rdns_match(base, name, at);
}

bool name_matches(struct gk_octets rule, struct gk_octets name, bool folded)
{
    struct name a;
    struct name b;
    bool matches;

    if (!name_parse(&a, rule, NULL))
        return false;
    if (!name_parse(&b, name, NULL)) {
        name_drop(&a);
        return false;
    }
    /* Only rules have wildcards. */
    for (size_t i = 0; i < b.count; i++)
        b.attribute[i].is_any = false;
    if (folded) {
        name_fold_values(&a);
        name_fold_values(&b);
    }
    matches = name_parts_match(&a, &b);
    name_drop(&a);
    name_drop(&b);
    return matches;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool equal_without_case(struct gk_octets a, struct gk_octets b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++) {
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    }
    return true;
}

static struct gk_octets from(struct gk_octets text, size_t at)
{
    return gk_octets(text.data + at, text.size - at);
}

bool name_fqdn_matches(struct gk_octets rule, struct gk_octets fqdn)
{
    size_t label = 0;

    if (!rule.size || !fqdn.size)
        return false;
    if (rule.data[0] != '*')
        return equal_without_case(rule, fqdn);
    if (rule.size < 3 || rule.data[1] != '.')
        return false;
    while (label < fqdn.size && fqdn.data[label] != '.')
        label++;
    return label > 0 && equal_without_case(from(rule, 1), from(fqdn, label));
}

/* Where the last @ stands (a quoted local part may hold others); size when none. */
static size_t find_at(struct gk_octets mailbox)
{
    for (size_t i = mailbox.size; i > 0; i--) {
        if (mailbox.data[i - 1] == '@')
            return i - 1;
    }
    return mailbox.size;
}

bool name_mail_matches(struct gk_octets rule, struct gk_octets mailbox)
{
    size_t a = find_at(rule);
    size_t b = find_at(mailbox);

    if (a == 0 || a + 1 >= rule.size || b == 0 || b + 1 >= mailbox.size)
        return false;
    if (!equal_without_case(from(rule, a + 1), from(mailbox, b + 1)))
        return false;
    return (a == 1 && rule.data[0] == '*') ||
           gk_octets_equal(gk_octets(rule.data, a), gk_octets(mailbox.data, b));
}
