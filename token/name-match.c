/* SPDX-License-Identifier: Apache-2.0 */
/* Do a rule and a name agree (profile 4.3, 11.7, 11.8)? */
#include "token/name-parts.h"

#include <stdlib.h>
#include <string.h>

/* The attributes of one RDN, in order and without repetitions: an RDN is a set. */
struct rdn {
    const struct name *name;
    size_t count;
    size_t index[NAME_ATTRIBUTES];
};

/* By type, wildcards last in each, then by value. */
static int order(const struct name *a, size_t i, const struct name *b, size_t j)
{
    int types = gk_octets_compare(name_type(a, i), name_type(b, j));

    if (types)
        return types;
    if (a->attribute[i].is_any != b->attribute[j].is_any)
        return a->attribute[i].is_any ? 1 : -1;
    if (a->attribute[i].is_text != b->attribute[j].is_text)
        return a->attribute[i].is_text ? 1 : -1;
    return gk_octets_compare(name_value(a, i), name_value(b, j));
}

/* Takes the RDN that starts at *at, and moves behind it. Quick where its attributes stand in order
 * already, as name_sort has them. */
static void gather(const struct name *name, size_t *at, struct rdn *rdn)
{
    size_t number = name->attribute[*at].rdn;

    rdn->name = name;
    rdn->count = 0;
    for (; *at < name->count && name->attribute[*at].rdn == number; (*at)++) {
        size_t place = rdn->count;
        int last = 1;

        while (place > 0 && (last = order(name, rdn->index[place - 1], name, *at)) > 0)
            place--;
        if (place > 0 && last == 0)
            continue;
        memmove(&rdn->index[place + 1], &rdn->index[place],
                (rdn->count - place) * sizeof rdn->index[0]);
        rdn->index[place] = *at;
        rdn->count++;
    }
}

void name_sort(struct name *name)
{
    struct name_attribute *sorted = gk_alloc(name->count, sizeof *sorted);
    size_t count = 0;
    struct rdn rdn;

    for (size_t at = 0; at < name->count;) {
        gather(name, &at, &rdn);
        for (size_t i = 0; i < rdn.count; i++)
            sorted[count++] = name->attribute[rdn.index[i]];
    }
    free(name->attribute);
    name->attribute = sorted;
    name->count = count;
}

/* Behind the last attribute of the type of the one at `from`. */
static size_t end_of_type(const struct rdn *rdn, size_t from)
{
    size_t end = from + 1;

    while (end < rdn->count && gk_octets_equal(name_type(rdn->name, rdn->index[end]),
                                               name_type(rdn->name, rdn->index[from])))
        end++;
    return end;
}

/* As many of each type; and of these each exact value of the rule. What is left over is the
 * wildcard's, of which a set has one of a type at most. */
static bool rdn_matches(const struct rdn *rule, const struct rdn *name)
{
    size_t end;

    if (rule->count != name->count)
        return false;
    for (size_t i = 0; i < rule->count; i = end) {
        size_t j = i;

        end = end_of_type(rule, i);
        if (end != end_of_type(name, i) || !gk_octets_equal(name_type(rule->name, rule->index[i]),
                                                            name_type(name->name, name->index[i])))
            return false;
        for (size_t k = i; k < end && !rule->name->attribute[rule->index[k]].is_any; k++, j++) {
            while (j < end && order(name->name, name->index[j], rule->name, rule->index[k]) < 0)
                j++;
            if (j == end || order(name->name, name->index[j], rule->name, rule->index[k]) != 0)
                return false;
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
