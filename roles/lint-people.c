/* SPDX-License-Identifier: Apache-2.0 */
/* Given certificates against the rules, and the Group Owner's own: what a token alone does not
 * tell, since only a certificate brings a name, its hosts and its mailboxes together. */
#include <stdlib.h>

#include "roles/ask.h"
#include "roles/lint-parts.h"
#include "roles/rules-parts.h"
#include "token/pair.h"

#define REGISTER "registration[%zu].register"
#define TEXT     160

/* All who were given, taken apart. */
struct crowd {
    const struct rules *rules;
    struct findings *findings;
    size_t count;
    const struct pki_identity *const *identity;
    struct rules_asked *asked;
};

/* --- rules that nobody or too many match -------------------------------------------------- */

struct matches {
    const struct pki_identity *first, *second; /* different identities */
};

static struct matches match(const struct crowd *crowd, const struct rules_pair *pair, bool folded)
{
    struct matches found = {NULL, NULL};

    for (size_t i = 0; i < crowd->count && !found.second; i++) {
        if (!rules_pair_matches(pair, &crowd->asked[i], folded))
            continue;
        if (!found.first)
            found.first = crowd->identity[i];
        else if (!pki_identity_same(found.first, crowd->identity[i]))
            found.second = crowd->identity[i];
    }
    return found;
}

/* Where pair k of a list stands. */
static struct finding_spot spot_of(const struct rules_list *list, struct rules_where where,
                                   size_t k)
{
    return finding_spot(&list->at[k].pair->place, "%s[%zu]", where.path, k);
}

static void judge_gcks(const struct crowd *crowd, const struct rules_list *list,
                       struct rules_where where)
{
    char first[TEXT];
    char second[TEXT];

    for (size_t k = 0; k < list->count; k++) {
        struct matches found = match(crowd, &list->at[k], false);

        if (found.second)
            finding_add(crowd->findings, "gcks-shared", spot_of(list, where, k),
                        "gCKS %zu is matched by both %s and %s", k + 1,
                        gk_escape(first, sizeof first, found.first->name),
                        gk_escape(second, sizeof second, found.second->name));
    }
}

static void judge_unmatched(const struct crowd *crowd, const struct rules_list *list,
                            struct rules_where where, const char *rule)
{
    char text[TOKEN_PAIR_ROOM];

    for (size_t k = 0; k < list->count; k++) {
        if (!match(crowd, &list->at[k], list->folded).first)
            finding_add(crowd->findings, rule, spot_of(list, where, k),
                        "%s %zu matches none of the given certificates: %s", where.name, k + 1,
                        token_pair_print(list->at[k].pair, text, sizeof text));
    }
}

static void judge_registration(const struct crowd *crowd, size_t i)
{
    const struct rules_registration *at = &crowd->rules->registration[i];

    judge_gcks(crowd, &at->gcks, rules_where("gCKS", REGISTER ".joinAuthorization.gCKS", i));
    for (size_t j = 0; j < at->entry_count; j++) {
        judge_unmatched(
            crowd, &at->entry[j].rule,
            rules_where("accessRule", REGISTER ".joinAccessControl[%zu].accessRule", i, j),
            "allow-unmatched");
        judge_unmatched(
            crowd, &at->entry[j].exclusions,
            rules_where("exclusionsRule", REGISTER ".joinAccessControl[%zu].exclusionsRule", i, j),
            "exclusion-unmatched");
    }
}

/* --- people ------------------------------------------------------------------------------- */

static unsigned needs_of(const struct rules_entry *entry)
{
    unsigned needs = 0;

    for (size_t i = 0; i < entry->access->permission_count; i++)
        needs |= 1U << entry->access->permissions[i];
    return needs;
}

/* Does an entry that demands permissions admit somebody whom another admits with fewer of them? */
static void judge_entries(const struct crowd *crowd, size_t person, size_t i)
{
    const struct rules_registration *at = &crowd->rules->registration[i];
    unsigned least = 0;
    size_t easy = SIZE_MAX; /* the entry that demands those */
    char name[TEXT];

    for (size_t j = 0; j < at->entry_count; j++) {
        unsigned needs = needs_of(&at->entry[j]);

        if (!rules_list_find(&at->entry[j].rule, &crowd->asked[person]))
            continue;
        if (easy != SIZE_MAX && needs != least &&
            ((needs & least) == needs || (needs & least) == least)) {
            finding_add(
                crowd->findings, "person-bypasses",
                finding_spot(&at->entry[j].access->place, REGISTER ".joinAccessControl[%zu]", i, j),
                "%s is matched by the entries %zu and %zu: the one with fewer permissions "
                "admits him",
                gk_escape(name, sizeof name, crowd->identity[person]->name), easy + 1, j + 1);
            return;
        }
        if (easy == SIZE_MAX) {
            easy = j;
            least = needs;
        }
    }
}

/* Has any list a place for him? Permissions are the server's to know. */
static bool is_named(const struct crowd *crowd, size_t person)
{
    const struct rules_asked *asked = &crowd->asked[person];

    for (size_t i = 0; i < crowd->rules->registration_count; i++) {
        const struct rules_registration *at = &crowd->rules->registration[i];

        if (rules_list_find(&at->gcks, asked))
            return true;
        for (size_t j = 0; j < at->sub_count; j++) {
            if (rules_list_find(&at->sub[j], asked))
                return true;
        }
        for (size_t j = 0; j < at->entry_count; j++) {
            if (rules_list_find(&at->entry[j].rule, asked))
                return true;
        }
    }
    return false;
}

static void judge_person(const struct crowd *crowd, size_t person)
{
    char name[TEXT];

    if (!is_named(crowd, person))
        finding_add(crowd->findings, "person-nobody", finding_nowhere(),
                    "no rule gives %s a place in the group",
                    gk_escape(name, sizeof name, crowd->identity[person]->name));
    if (rules_excluded(crowd->rules, crowd->identity[person], NULL))
        return;
    for (size_t i = 0; i < crowd->rules->registration_count; i++)
        judge_entries(crowd, person, i);
}

/* --- the owner ---------------------------------------------------------------------------- */

static void judge_owner(const struct lint_subject *subject, struct findings *findings)
{
    unsigned may = ask_roles(subject->rules, RULES_ANY, subject->owner, NULL);

    may &= ASK_BIT(ASK_GCKS) | ASK_BIT(ASK_SUBORDINATE) | ASK_BIT(ASK_MEMBER);
    if (may)
        finding_add(findings, "owner-serves", finding_nowhere(),
                    "the Group Owner's certificate is good for a %s too",
                    may & ASK_BIT(ASK_GCKS)          ? "GC/KS"
                    : may & ASK_BIT(ASK_SUBORDINATE) ? "subordinate"
                                                     : "member");
}

void lint_people(const struct lint_subject *subject, const struct lint_context *context,
                 struct findings *findings)
{
    struct crowd crowd = {subject->rules, findings, context->people_count, context->people, NULL};

    if (!subject->rules)
        return; /* what is refused admits nobody */
    if (subject->owner)
        judge_owner(subject, findings);
    if (!crowd.count)
        return;
    crowd.asked = gk_alloc(crowd.count, sizeof *crowd.asked);
    for (size_t i = 0; i < crowd.count; i++)
        rules_ask(&crowd.asked[i], crowd.identity[i]);
    for (size_t i = 0; i < crowd.rules->registration_count; i++)
        judge_registration(&crowd, i);
    for (size_t i = 0; i < crowd.count; i++)
        judge_person(&crowd, i);
    for (size_t i = 0; i < crowd.count; i++)
        rules_asked_drop(&crowd.asked[i]);
    free(crowd.asked);
}
