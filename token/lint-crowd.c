/* SPDX-License-Identifier: Apache-2.0 */
/* Can anybody match two rules? */
#include "token/lint-who.h"

#include <stdlib.h>

#include "gsakmp/message.h"
#include "gsakmp/search.h"

/* Names are one kind, whatever they are written in. */
static int kind_of(const struct token_pair *pair)
{
    return pair->id_type == GK_ID_DER_ASN1_DN                     ? GK_ID_DN_STRING
           : pair->id_type > 0 && pair->id_type < GK_ID_DN_STRING ? (int)pair->id_type
                                                                  : GK_ID_DN_STRING;
}

static int compare(const void *a, const void *b)
{
    const struct lint_crowd_kind *first = a;
    const struct lint_crowd_kind *second = b;
    int order = gk_octets_compare(first->ca, second->ca);

    return order ? order : (first->kind > second->kind) - (first->kind < second->kind);
}

static bool is_of(const struct lint_list *list, unsigned roles, size_t registration)
{
    return list->role & roles && (registration == LINT_ALL || registration == list->registration);
}

void lint_crowd_make(struct lint_crowd *crowd, const struct lint_who *who, unsigned roles,
                     size_t registration)
{
    struct token_pairs bare = {NULL, 0};

    *crowd = (struct lint_crowd){.cover = {.folded = true}};
    for (size_t i = 0; i < who->count; i++)
        crowd->count += is_of(&who->list[i], roles, registration) ? who->list[i].pairs->count : 0;
    crowd->pair = gk_alloc(crowd->count, sizeof *crowd->pair);
    for (size_t i = 0, at = 0; i < who->count; i++) {
        const struct lint_list *list = &who->list[i];

        for (size_t k = 0; is_of(list, roles, registration) && k < list->pairs->count; k++)
            crowd->pair[at++] = &list->pairs->at[k];
    }
    crowd->bare = gk_alloc(crowd->count, sizeof *crowd->bare);
    crowd->kind = gk_alloc(crowd->count, sizeof *crowd->kind);
    for (size_t i = 0; i < crowd->count; i++) {
        crowd->bare[i] = *crowd->pair[i];
        crowd->bare[i].ca = GK_NO_OCTETS;
        crowd->kind[i] = (struct lint_crowd_kind){crowd->pair[i]->ca, kind_of(crowd->pair[i])};
    }
    bare = (struct token_pairs){crowd->bare, crowd->count};
    cover_add(&crowd->cover, &bare, 0, 0);
    cover_index(&crowd->cover);
    if (crowd->count)
        qsort(crowd->kind, crowd->count, sizeof *crowd->kind, compare);
}

void lint_crowd_drop(struct lint_crowd *crowd)
{
    cover_drop(&crowd->cover);
    free(crowd->bare);
    free(crowd->kind);
    free(crowd->pair);
}

/* --- by kind ------------------------------------------------------------------------------ */

/* The first that is not below. */
static size_t lower_bound(const struct lint_crowd *crowd, const struct lint_crowd_kind *kind)
{
    return gk_lower_bound(kind, crowd->kind, crowd->count, sizeof *crowd->kind, compare);
}

static bool has(const struct lint_crowd *crowd, size_t at, struct gk_octets ca)
{
    return at < crowd->count && gk_octets_equal(crowd->kind[at].ca, ca);
}

bool lint_crowd_has_other_kind(const struct lint_crowd *crowd, const struct token_pair *pair)
{
    struct lint_crowd_kind least = {pair->ca, 0};
    struct lint_crowd_kind above = {pair->ca, kind_of(pair) + 1};
    size_t first = lower_bound(crowd, &least);

    return has(crowd, lower_bound(crowd, &above), pair->ca) ||
           (has(crowd, first, pair->ca) && crowd->kind[first].kind < kind_of(pair));
}

/* --- one with one ------------------------------------------------------------------------- */

bool lint_is_pattern(const struct token_pair *pair)
{
    struct gk_octets id = pair->id;
    struct cover_rule rule;
    bool is;

    if (pair->id_type == GK_ID_FQDN)
        return id.size > 2 && id.data[0] == '*' && id.data[1] == '.';
    if (pair->id_type == GK_ID_RFC822_ADDR)
        return id.size > 2 && id.data[0] == '*' && id.data[1] == '@';
    if (pair->id_type != GK_ID_DN_STRING)
        return false;
    cover_rule_make(&rule, pair, false);
    is = rule.any != 0;
    cover_rule_drop(&rule);
    return is;
}

/* Attribute by attribute; where an RDN has several, which stand in any order, nothing is told. */
static bool names_meet(const struct cover_rule *a, const struct cover_rule *b)
{
    if (a->name.rdn_count != b->name.rdn_count)
        return false;
    if (a->several || b->several)
        return true;
    for (size_t i = 0; i < a->name.count; i++) {
        if (!gk_octets_equal(name_type(&a->name, i), name_type(&b->name, i)))
            return false;
        if (!a->name.attribute[i].is_any && !b->name.attribute[i].is_any &&
            !gk_octets_equal(name_value(&a->name, i), name_value(&b->name, i)))
            return false;
    }
    return true;
}

static bool rules_meet(const struct cover_rule *a, const struct cover_rule *b)
{
    if (a->name.count && b->name.count)
        return names_meet(a, b);
    return cover_covers(a, b, true) || cover_covers(b, a, true);
}

/* --- one with all ------------------------------------------------------------------------- */

/* Bare rules; `ca` NULL: of any. */
static bool meets_one(struct lint_who *who, const struct lint_crowd *crowd,
                      const struct cover_rule *rule, const struct gk_octets *ca)
{
    for (size_t i = 0; i < crowd->count; i++) {
        if (ca && !gk_octets_equal(*ca, crowd->pair[i]->ca))
            continue;
        if (who->compared++ >= LINT_COMPARED || rules_meet(rule, &crowd->cover.rule[i]))
            return true;
    }
    return false;
}

bool lint_crowd_meets(struct lint_who *who, const struct lint_crowd *crowd,
                      const struct token_pair *pair, bool same_ca)
{
    struct token_pair bare = *pair;
    struct cover_rule rule;
    const struct cover_rule *found;
    bool meets;

    bare.ca = GK_NO_OCTETS;
    cover_rule_make(&rule, &bare, true);
    found = cover_find(&crowd->cover, &rule, UINT_MAX);
    if (!found && !lint_is_pattern(pair))
        meets = false;
    else if (found &&
             (!same_ca || gk_octets_equal(crowd->pair[found - crowd->cover.rule]->ca, pair->ca)))
        meets = true;
    else
        meets = meets_one(who, crowd, &rule, same_ca ? &pair->ca : NULL);
    cover_rule_drop(&rule);
    return meets;
}

enum lint_fit lint_crowd_fit(struct lint_who *who, const struct lint_crowd *crowd,
                             const struct token_pair *pair)
{
    if (!lint_crowd_meets(who, crowd, pair, false))
        return lint_crowd_has_other_kind(crowd, pair) ? LINT_OTHER_KIND : LINT_FITS_NOT;
    return lint_crowd_meets(who, crowd, pair, true) ? LINT_FITS : LINT_OTHER_CA;
}
