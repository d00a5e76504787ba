/* SPDX-License-Identifier: Apache-2.0 */
/* Family 09: subordinate GC/KSes. */
#include "token/lint-who.h"

/* What a subordinate is compared with. */
struct beside {
    struct lint_crowd authorized, named, members;
    struct cover gcks;
};

static void ask_excluded(struct lint_who *who, const struct lint_list *list, size_t index)
{
    const struct cover_rule *found;
    struct cover_rule rule;
    char place[LINT_PLACE];

    cover_rule_make(&rule, &list->pairs->at[index], true);
    found = cover_find(&who->exclusions, &rule, UINT_MAX);
    if (found)
        lint_say(who, "subordinate-excluded", list, index, "%s keeps it out",
                 lint_place(who, &who->list[found->list], found->index, place));
    cover_rule_drop(&rule);
}

static void ask_gcks(struct lint_who *who, const struct lint_list *list, size_t index,
                     const struct cover *gcks)
{
    const struct cover_rule *found;
    struct cover_rule rule;
    char place[LINT_PLACE];

    cover_rule_make(&rule, &list->pairs->at[index], false);
    found = cover_find(gcks, &rule, UINT_MAX);
    if (found)
        lint_say(who, "subordinate-gcks", list, index,
                 "%s names it too: it counts as a GC/KS, and authSubs do not count for it",
                 lint_place(who, &who->list[found->list], found->index, place));
    cover_rule_drop(&rule);
}

static void ask_subordinate(struct lint_who *who, const struct lint_list *list, size_t index,
                            const struct beside *beside)
{
    const struct token_pair *pair = &list->pairs->at[index];

    ask_excluded(who, list, index);
    ask_gcks(who, list, index, &beside->gcks);
    if (beside->authorized.count)
        lint_need(who, "subordinate-not-authorized", list, index, &beside->authorized,
                  "no pair of authSubs fits: nobody takes keys from it");
    if (beside->members.count)
        lint_need(who, "subordinate-no-member", list, index, &beside->members,
                  "no accessRule fits: it cannot register with its superior");
    if (lint_is_pattern(pair))
        lint_say(who, "subordinates-several", list, index,
                 "whoever is certified under such a name may hand on the group's keys");
}

/* Of the autonomous scheme: whom does nobody name? */
static void judge_scheme(struct lint_who *who, const struct beside *beside)
{
    struct finding_spot spot =
        finding_spot(&who->rekey_protocol->place, "rekey[%zu].subGCKSInfo", who->rekey_index);

    if (who->rekey->has_domain)
        finding_add(who->findings, "domain-ignored", spot,
                    "the scheme's domain is read and ignored");
    if (!beside->named.count || !beside->authorized.count) {
        finding_add(who->findings, "autonomous-nobody", spot,
                    "the scheme of subordinates is autonomous, and %s names none",
                    beside->named.count ? "authSubs" : "no subGCKS");
        return;
    }
    for (size_t i = 0; i < who->count; i++) {
        const struct lint_list *list = &who->list[i];

        for (size_t k = 0; list->role == LINT_AUTH_SUB && k < list->pairs->count; k++) {
            if (lint_crowd_fit(who, &beside->named, &list->pairs->at[k]) == LINT_FITS_NOT)
                lint_say(who, "auth-sub-idle", list, k,
                         "no pair of a subGCKS fits: both must name a subordinate");
        }
    }
}

/* Profile 11.10: any pair of any list. */
static void judge_lists(struct lint_who *who)
{
    for (size_t i = 0; i < who->token->registration_count; i++) {
        const struct token_protocol *join = &who->token->registrations[i].join;

        if (join->kind == TOKEN_PROTOCOL_REGISTER && join->registration->sub_gcks_count > 1)
            finding_add(who->findings, "subordinate-lists",
                        finding_spot(&join->place,
                                     "registration[%zu].register.joinAuthorization.subGCKS", i),
                        "the %zu lists of subordinates of registration %zu count as one",
                        join->registration->sub_gcks_count, i + 1);
    }
}

void lint_distributed(struct lint_who *who)
{
    struct beside beside;

    lint_crowd_make(&beside.authorized, who, LINT_AUTH_SUB, LINT_ALL);
    lint_crowd_make(&beside.named, who, LINT_SUBORDINATE, LINT_ALL);
    lint_crowd_make(&beside.members, who, LINT_ALLOW, LINT_ALL);
    lint_cover(who, LINT_GCKS, LINT_ALL, false, &beside.gcks);
    for (size_t i = 0; i < who->count; i++) {
        for (size_t k = 0; who->list[i].role == LINT_SUBORDINATE && k < who->list[i].pairs->count;
             k++)
            ask_subordinate(who, &who->list[i], k, &beside);
    }
    if (who->rekey && who->rekey->scheme == TOKEN_SCHEME_AUTONOMOUS)
        judge_scheme(who, &beside);
    judge_lists(who);
    lint_crowd_drop(&beside.authorized);
    lint_crowd_drop(&beside.named);
    lint_crowd_drop(&beside.members);
    cover_drop(&beside.gcks);
}
