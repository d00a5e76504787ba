/* SPDX-License-Identifier: Apache-2.0 */
/* Family 05: what exclusions and accessRules do to one another. */
#include "token/lint-who.h"

/* --- exclusions --------------------------------------------------------------------------- */

/* `members` only, without the servers, say whether rules of another kind are what it is meant
 * for. */
static void ask_exclusion(struct lint_who *who, const struct lint_list *list, size_t index,
                          const struct lint_crowd *admitted, const struct lint_crowd *members)
{
    const struct token_pair *pair = &list->pairs->at[index];
    enum lint_fit fit = lint_crowd_fit(who, admitted, pair);

    if (fit == LINT_OTHER_KIND && !lint_crowd_has_other_kind(members, pair))
        fit = LINT_FITS_NOT;
    switch (fit) {
    case LINT_FITS:
        return;
    case LINT_OTHER_CA:
        lint_say(who, "exclusion-other-ca", list, index,
                 "rules admit such names under other CAs only");
        return;
    case LINT_OTHER_KIND:
        lint_say(who, "exclusion-other-kind", list, index,
                 "no rule of its kind fits: it holds for certificates that another rule under its "
                 "CA admits and that carry this");
        return;
    case LINT_FITS_NOT:
        lint_say(who, "exclusion-idle", list, index,
                 "nobody whom it matches is admitted by any rule of the token");
        return;
    }
}

static void judge_exclusions(struct lint_who *who)
{
    struct lint_crowd admitted;
    struct lint_crowd members;

    lint_crowd_make(&admitted, who, LINT_ADMIT, LINT_ALL);
    lint_crowd_make(&members, who, LINT_ALLOW, LINT_ALL);
    for (size_t i = 0; i < who->count; i++) {
        for (size_t k = 0; who->list[i].role == LINT_EXCLUDE && k < who->list[i].pairs->count; k++)
            ask_exclusion(who, &who->list[i], k, &admitted, &members);
    }
    lint_crowd_drop(&admitted);
    lint_crowd_drop(&members);
}

/* --- accessRules that exclusions take back ------------------------------------------------ */

static void judge_allowed(struct lint_who *who)
{
    struct cover allowed;

    lint_cover(who, LINT_ALLOW, LINT_ALL, true, &allowed);
    for (size_t i = 0; i < allowed.count; i++) {
        const struct cover_rule *rule = &allowed.rule[i];
        const struct cover_rule *found = cover_find(&who->exclusions, rule, UINT_MAX);
        char place[LINT_PLACE];

        if (found)
            lint_say(who, "allow-excluded", &who->list[rule->list], rule->index,
                     "%s excludes all whom it matches",
                     lint_place(who, &who->list[found->list], found->index, place));
    }
    cover_drop(&allowed);
}

/* --- rules that others make needless ------------------------------------------------------ */

/* A rule and the one that makes it needless. */
static void say_needless(struct lint_who *who, const struct cover_rule *rule,
                         const struct cover_rule *by, bool folded)
{
    const struct lint_list *list = &who->list[rule->list];
    const struct lint_list *other = &who->list[by->list];
    char place[LINT_PLACE];

    (void)lint_place(who, other, by->index, place);
    if (rule->needs != by->needs)
        lint_say(who, "permissions-bypassed", list, rule->index,
                 "its entry demands permissions, and %s admits all of them with fewer", place);
    else if (cover_covers(rule, by, folded))
        lint_say(who, "pair-repeated", list, rule->index, "%s says the same", place);
    else
        lint_say(who, "pair-covered", list, rule->index, "%s is wider, and says no less", place);
}

static void judge_cover(struct lint_who *who, const struct cover *cover)
{
    for (size_t i = 0; i < cover->count; i++) {
        const struct cover_rule *by = cover_find_beside(cover, i);

        if (by)
            say_needless(who, &cover->rule[i], by, cover->folded);
    }
}

static void judge_lists(struct lint_who *who, unsigned role, size_t registration)
{
    struct cover cover;

    lint_cover(who, role, registration, false, &cover);
    judge_cover(who, &cover);
    cover_drop(&cover);
}

/* accessRules count together in a registration, exclusions everywhere; a list of subordinates is
 * as good as another (profile 11.10). */
static void judge_needless(struct lint_who *who)
{
    judge_cover(who, &who->exclusions);
    for (size_t i = 0; i < who->token->registration_count; i++) {
        judge_lists(who, LINT_GCKS, i);
        judge_lists(who, LINT_SUBORDINATE, i);
        judge_lists(who, LINT_SENDER, i);
        judge_lists(who, LINT_ALLOW, i);
    }
    judge_lists(who, LINT_AUTHORITY, LINT_ALL);
    judge_lists(who, LINT_AUTH_SUB, LINT_ALL);
}

void lint_access(struct lint_who *who)
{
    judge_exclusions(who);
    judge_allowed(who);
    judge_needless(who);
}
