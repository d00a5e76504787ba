/* SPDX-License-Identifier: Apache-2.0 */
/* Family 05: names that are almost another's. Admissions are compared exactly (profile 11.8),
 * so that of two names which differ in case or blanks one probably never matches; and a CA that
 * writes the attributes of its names in one order writes them so in all. */
#include <stdlib.h>
#include <string.h>

#include "gsakmp/digest.h"
#include "gsakmp/message.h"
#include "token/lint-who.h"

#define HASH 16

/* Two things of a name: it is looked for others that have the first and not the second. */
struct alike {
    uint8_t shared[HASH], own[HASH];
    size_t list, index; /* in the order of the token */
};

static void hash(struct gk_writer *text, uint8_t to[HASH])
{
    uint8_t digest[GK_SHA256_SIZE];

    gk_sha256(gk_writer_octets(text), digest);
    memcpy(to, digest, HASH);
    gk_writer_free(text);
}

static void hash_key(const struct name *name, struct gk_octets ca, uint8_t to[HASH])
{
    struct gk_writer key = {0};

    gk_write_v(&key, ca);
    name_print_key(name, &key);
    hash(&key, to);
}

static int compare_types(const void *a, const void *b)
{
    return gk_octets_compare(*(const struct gk_octets *)a, *(const struct gk_octets *)b);
}

/* The types of its attributes, as they stand or sorted. */
static void hash_types(const struct name *name, struct gk_octets ca, bool sorted, uint8_t to[HASH])
{
    struct gk_octets type[NAME_ATTRIBUTES];
    struct gk_writer key = {0};

    for (size_t i = 0; i < name->count; i++)
        type[i] = name_type(name, i);
    if (sorted)
        qsort(type, name->count, sizeof *type, compare_types);
    gk_write_v(&key, ca);
    for (size_t i = 0; i < name->count; i++)
        gk_write_v(&key, type[i]);
    hash(&key, to);
}

/* What is asked of all names: which lists, what each name has, what is said. */
struct question {
    unsigned roles;
    bool (*describe)(struct cover_rule *rule, struct alike *to); /* false: not this name */
    const char *finding, *before, *after;                        /* the place of the other name */
};

static bool describe_letters(struct cover_rule *rule, struct alike *to)
{
    hash_key(&rule->name, rule->pair->ca, to->own);
    name_fold_values(&rule->name);
    hash_key(&rule->name, rule->pair->ca, to->shared);
    return true;
}

static bool describe_order(struct cover_rule *rule, struct alike *to)
{
    if (rule->several)
        return false; /* an RDN is a set */
    hash_types(&rule->name, rule->pair->ca, false, to->own);
    hash_types(&rule->name, rule->pair->ca, true, to->shared);
    return true;
}

static bool describe(const struct question *question, const struct token_pair *pair,
                     struct alike *to)
{
    struct cover_rule rule;
    bool is;

    if (pair->id_type != GK_ID_DN_STRING || pair->ca.size > UINT16_MAX)
        return false;
    cover_rule_make(&rule, pair, false);
    is = rule.name.count > 0 && question->describe(&rule, to);
    cover_rule_drop(&rule);
    return is;
}

static int compare(const void *a, const void *b)
{
    const struct alike *first = a;
    const struct alike *second = b;
    int order = memcmp(first->shared, second->shared, HASH);

    if (order)
        return order;
    if (first->list != second->list)
        return first->list < second->list ? -1 : 1;
    return (first->index > second->index) - (first->index < second->index);
}

static void judge(struct lint_who *who, const struct question *question, const struct alike *alike,
                  const struct alike *first)
{
    char place[LINT_PLACE];

    if (memcmp(alike->own, first->own, HASH) == 0)
        return;
    (void)lint_place(who, &who->list[first->list], first->index, place);
    lint_say(who, question->finding, &who->list[alike->list], alike->index, "%s %s%s",
             question->before, place, question->after);
}

static void ask(struct lint_who *who, const struct question *question)
{
    struct alike *alike;
    size_t most = 0;
    size_t count = 0;
    size_t first = 0;

    for (size_t i = 0; i < who->count; i++)
        most += who->list[i].pairs->count;
    alike = gk_alloc(most, sizeof *alike);
    for (size_t i = 0; i < who->count; i++) {
        const struct lint_list *list = &who->list[i];

        for (size_t k = 0; list->role & question->roles && k < list->pairs->count; k++) {
            alike[count] = (struct alike){.list = i, .index = k};
            count += describe(question, &list->pairs->at[k], &alike[count]);
        }
    }
    if (count)
        qsort(alike, count, sizeof *alike, compare);
    for (size_t i = 1; i < count; i++) {
        if (memcmp(alike[i].shared, alike[first].shared, HASH) != 0)
            first = i;
        judge(who, question, &alike[i], &alike[first]);
    }
    free(alike);
}

void lint_alike(struct lint_who *who)
{
    static const struct question letters = {~(unsigned)LINT_EXCLUDE, describe_letters, "name-alike",
                                            "but for case or blanks it is the name of",
                                            ", and matches other people"};
    static const struct question order = {UINT_MAX, describe_order, "name-order",
                                          "its attributes are in another order than those of", ""};

    ask(who, &letters);
    ask(who, &order);
}
