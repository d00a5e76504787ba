/* SPDX-License-Identifier: Apache-2.0 */
/* Who is matched newly, and who no more. */
#include "token/diff-parts.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "token/pair.h"

/* One way of looking: what `to` matches and `from` does not. */
struct look {
    struct differing *d;
    const struct cover *from, *to, *elsewhere, *exclusions;
    const struct diff_words *words;
    bool gained;   /* `to` is the new one */
    size_t *parts; /* for each rule of `to`: how many rules of `from` lie strictly below it, */
    const struct cover_rule **part; /* and one of them */
};

/* Rules that differ in what permissions they ask for, told in one line. */
struct levels {
    const struct cover_rule *first, *other; /* of `to`, and what covers it in `from` */
    size_t count;
};

static char *path_of(enum diff_where where, const struct cover_rule *rule)
{
    static const char *const name[] = {"gCKS",    "senders",    "authorization", "authSubs",
                                       "subGCKS", "accessRule", "exclusionsRule"};
    size_t outer = rule->list >> 16;
    size_t inner = rule->list & 0xffff;

    switch (where) {
    case DIFF_GCKS:
    case DIFF_SENDERS:
        return gk_format("registration[%zu].register.%s[%zu]", outer, name[where], rule->index);
    case DIFF_AUTHORIZATION:
        return gk_format("rekey[%zu].authorization[%zu]", outer, rule->index);
    case DIFF_AUTH_SUBS:
        return gk_format("rekey[%zu].subGCKSInfo.authSubs[%zu]", outer, rule->index);
    case DIFF_SUB_GCKS:
        return gk_format("registration[%zu].register.subGCKS[%zu][%zu]", outer, inner, rule->index);
    default:
        return gk_format("registration[%zu].register.joinAccessControl[%zu].%s[%zu]", outer, inner,
                         name[where], rule->index);
    }
}

static enum token_effect effect_of(const struct look *look)
{
    return look->gained != look->words->exclusions ? TOKEN_WIDER : TOKEN_NARROWER;
}

static void say(const struct look *look, enum token_effect effect, const char *code,
                const struct cover_rule *rule, const char *what, const char *beside)
{
    char text[TOKEN_PAIR_ROOM];

    diff_add(look->d, effect, code, !look->gained, path_of(look->words->where, rule),
             rule->pair->place.line, "%s: %s%s", what,
             token_pair_print(rule->pair, text, sizeof text), beside);
}

/* --- permissions ------------------------------------------------------------------------------ */

static const char *print_levels(unsigned levels, char to[DIFF_TEXT])
{
    int at = snprintf(to, DIFF_TEXT, "permission");

    for (unsigned i = 0; i < 16; i++) {
        if (levels >> i & 1)
            at += snprintf(to + at, DIFF_TEXT - (size_t)at, "%s%u", at > 10 ? "+" : " ", i);
    }
    return to;
}

static void say_levels(const struct look *look, struct levels *levels)
{
    char what[2 * DIFF_TEXT];
    char names[DIFF_TEXT];
    char beside[DIFF_TEXT] = "";

    if (!levels->count)
        return;
    (void)print_levels(levels->other->needs & ~levels->first->needs, names);
    (void)snprintf(what, sizeof what,
                   look->gained ? "admitted without %s, which was asked for before"
                                : "admitted only with %s, which was not asked for before",
                   names);
    if (levels->count > 1)
        (void)snprintf(beside, sizeof beside, " and %zu more rules of its entry",
                       levels->count - 1);
    say(look, effect_of(look), look->gained ? "permission-dropped" : "permission-asked",
        levels->first, what, beside);
    levels->count = 0;
}

static void count_levels(const struct look *look, struct levels *levels,
                         const struct cover_rule *rule, const struct cover_rule *other)
{
    if (levels->count &&
        (levels->first->list != rule->list || levels->other->list != other->list ||
         levels->first->needs != rule->needs || levels->other->needs != other->needs))
        say_levels(look, levels);
    if (!levels->count++) {
        levels->first = rule;
        levels->other = other;
    }
}

/* --- who -------------------------------------------------------------------------------------- */

/* The rule matches nobody, since an exclusion of its own token always wins (profile 11.8). Of an
 * RDN with several attributes and a wildcard that is not said: folding may make two of somebody's
 * values one, and then the exclusion does not meet them. */
static bool is_dead(const struct look *look, const struct cover_rule *rule)
{
    struct cover_rule folded;
    bool dead;

    if (look->words->exclusions)
        return false;
    cover_rule_make(&folded, rule->pair, true);
    dead = !folded.walked && cover_find(look->exclusions, &folded, UINT_MAX) != NULL;
    cover_rule_drop(&folded);
    return dead;
}

static void say_rule(const struct look *look, const struct cover_rule *rule)
{
    const struct diff_words *words = look->words;
    size_t at = (size_t)(rule - look->to->rule);
    size_t count = look->parts[at];
    char part[TOKEN_PAIR_ROOM];
    char *beside = NULL;

    if (count)
        beside = gk_format("; %s only %s%s", look->gained ? "before" : "now",
                           token_pair_print(look->part[at]->pair, part, sizeof part),
                           count > 1 ? " and others of them" : "");
    say(look, effect_of(look), look->gained ? words->gained_code : words->lost_code, rule,
        look->gained ? words->gained : words->lost, beside ? beside : "");
    free(beside);
}

static void judge(const struct look *look, const struct cover_rule *rule, struct levels *levels)
{
    const struct cover_rule *other = cover_find(look->to, rule, rule->needs);

    if (cover_find(look->from, rule, rule->needs))
        return;
    if (other && other != rule)
        return; /* what covers it in its own list is told instead */
    other = cover_find(look->from, rule, UINT_MAX);
    if (is_dead(look, rule))
        say(look, TOKEN_SAME, "excluded-anyway", rule, "a rule for those who are excluded anyway",
            "");
    else if (other)
        count_levels(look, levels, rule, other);
    else if (look->elsewhere && cover_find(look->elsewhere, rule, rule->needs))
        say(look, effect_of(look), look->gained ? "member-way-added" : "member-way-dropped", rule,
            look->gained ? "may join by this registration too"
                         : "may no longer join by this registration, only by another",
            "");
    else
        say_rule(look, rule);
}

static void find_parts(struct look *look)
{
    for (size_t i = 0; i < look->from->count; i++) {
        const struct cover_rule *rule = &look->from->rule[i];
        const struct cover_rule *above = cover_find(look->to, rule, UINT_MAX);

        if (!above || cover_covers(rule, above, look->to->folded))
            continue;
        look->parts[above - look->to->rule]++;
        look->part[above - look->to->rule] = rule;
    }
}

static void look_at(struct look *look)
{
    struct levels levels = {0};

    look->parts = gk_alloc(look->to->count, sizeof *look->parts);
    look->part = gk_alloc(look->to->count, sizeof *look->part);
    find_parts(look);
    for (size_t i = 0; i < look->to->count; i++)
        judge(look, &look->to->rule[i], &levels);
    say_levels(look, &levels);
    free(look->parts);
    free(look->part);
}

static bool same_pair(const struct token_pair *a, const struct token_pair *b)
{
    return a->id_type == b->id_type && gk_octets_equal(a->id, b->id) &&
           gk_octets_equal(a->ca, b->ca);
}

static bool same_rules(const struct cover *a, const struct cover *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->rule[i].needs != b->rule[i].needs || !same_pair(a->rule[i].pair, b->rule[i].pair))
            return false;
    }
    return true;
}

static void say_rewritten(const struct look *look)
{
    say(look, TOKEN_SAME, "rules-rewritten", &look->to->rule[0],
        "rules that match the same stand in another order or form, the first", "");
}

void diff_covers(struct differing *d, const struct cover *old, const struct cover *new,
                 const struct diff_words *words)
{
    struct look lost = {.d = d,
                        .from = new,
                        .to = old,
                        .elsewhere = words->new_elsewhere,
                        .exclusions = &d->old.exclusions,
                        .words = words};
    struct look gained = {.d = d,
                          .from = old,
                          .to = new,
                          .elsewhere = words->old_elsewhere,
                          .exclusions = &d->new.exclusions,
                          .words = words,
                          .gained = true};
    size_t before = d->diff->count;

    if (same_rules(old, new))
        return;
    look_at(&lost);
    look_at(&gained);
    if (d->diff->count == before)
        say_rewritten(new->count ? &gained : &lost);
}

void diff_pairs(struct differing *d, const struct token_pairs *old, size_t old_list,
                const struct token_pairs *new, size_t new_list, const struct diff_words *words)
{
    struct cover before = {.folded = false};
    struct cover after = {.folded = false};

    if (old)
        cover_add(&before, old, 0, old_list);
    if (new)
        cover_add(&after, new, 0, new_list);
    cover_index(&before);
    cover_index(&after);
    diff_covers(d, &before, &after, words);
    cover_drop(&before);
    cover_drop(&after);
}
