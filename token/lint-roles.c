/* SPDX-License-Identifier: Apache-2.0 */
/* Family 04: who may serve, rekey and send. */
#include "gsakmp/suite.h"
#include "token/lint-who.h"
#include "token/mechanism.h"

static const struct token_register *policy_of(const struct lint_who *who, size_t registration)
{
    const struct token_protocol *join = &who->token->registrations[registration].join;

    return join->kind == TOKEN_PROTOCOL_REGISTER ? join->registration : NULL;
}

/* Asks of each pair of the lists with that role. */
static void each(struct lint_who *who, enum lint_role role,
                 void (*ask)(struct lint_who *who, const struct lint_list *list, size_t index,
                             const void *context),
                 const void *context)
{
    for (size_t i = 0; i < who->count; i++) {
        for (size_t k = 0; who->list[i].role == role && k < who->list[i].pairs->count; k++)
            ask(who, &who->list[i], k, context);
    }
}

/* --- rekey -------------------------------------------------------------------------------- */

static void ask_authorized(struct lint_who *who, const struct lint_list *list, size_t index,
                           const void *context)
{
    lint_need(who, "gcks-not-authorized", list, index, context,
              "no rekey authorization fits: members that register there take no rekey from it");
}

static void ask_authority(struct lint_who *who, const struct lint_list *list, size_t index,
                          const void *context)
{
    if (lint_crowd_fit(who, context, &list->pairs->at[index]) == LINT_FITS_NOT)
        lint_say(who, "authority-idle", list, index,
                 "no gCKS fits: members take rekeys from their server only");
}

static void judge_rekey(struct lint_who *who)
{
    struct lint_crowd gcks;
    struct lint_crowd authority;

    if (!who->rekey)
        return;
    if (!who->rekey->authorization.count) {
        finding_add(
            who->findings, "authority-none",
            finding_spot(&who->rekey_protocol->place, "rekey[%zu].authorization", who->rekey_index),
            "the rekey in force authorizes nobody: no GC/KS may rekey or end the group");
        return;
    }
    lint_crowd_make(&gcks, who, LINT_GCKS, LINT_ALL);
    lint_crowd_make(&authority, who, LINT_AUTHORITY, LINT_ALL);
    each(who, LINT_GCKS, ask_authorized, &authority);
    if (gcks.count)
        each(who, LINT_AUTHORITY, ask_authority, &gcks);
    lint_crowd_drop(&gcks);
    lint_crowd_drop(&authority);
}

/* --- servers ------------------------------------------------------------------------------ */

static void ask_gcks(struct lint_who *who, const struct lint_list *list, size_t index,
                     const void *context)
{
    const struct token_pair *pair = &list->pairs->at[index];
    const struct cover_rule *found;
    struct cover_rule rule;
    char place[LINT_PLACE];

    if (lint_is_pattern(pair))
        lint_say(who, "gcks-several", list, index,
                 "whoever is certified under such a name may hand out the group's keys");
    cover_rule_make(&rule, pair, true);
    found = cover_find(&who->exclusions, &rule, UINT_MAX);
    if (found)
        lint_say(who, "gcks-excluded", list, index, "%s keeps it out",
                 lint_place(who, &who->list[found->list], found->index, place));
    cover_rule_drop(&rule);
    cover_rule_make(&rule, pair, false);
    found = cover_find(context, &rule, UINT_MAX);
    if (found)
        lint_say(who, "gcks-member", list, index, "%s lets it in as a member too",
                 lint_place(who, &who->list[found->list], found->index, place));
    cover_rule_drop(&rule);
}

static void judge_servers(struct lint_who *who)
{
    struct cover allowed;

    lint_cover(who, LINT_ALLOW, LINT_ALL, false, &allowed);
    each(who, LINT_GCKS, ask_gcks, &allowed);
    cover_drop(&allowed);
}

/* --- senders ------------------------------------------------------------------------------ */

static void ask_sender(struct lint_who *who, const struct lint_list *list, size_t index,
                       const struct lint_crowd *members)
{
    const struct token_pair *pair = &list->pairs->at[index];
    const struct cover_rule *found;
    struct cover_rule rule;
    char place[LINT_PLACE];

    cover_rule_make(&rule, pair, true);
    found = cover_find(&who->exclusions, &rule, UINT_MAX);
    if (found)
        lint_say(who, "sender-excluded", list, index, "%s keeps it out",
                 lint_place(who, &who->list[found->list], found->index, place));
    else if (members->count)
        lint_need(who, "sender-no-member", list, index, members,
                  "no accessRule of the registration fits: it cannot join, nor send");
    cover_rule_drop(&rule);
}

/* Does the list of senders name each and every member? */
static void ask_senders(struct lint_who *who, const struct lint_list *list)
{
    struct cover senders;
    struct cover members;
    size_t i = 0;

    lint_cover(who, LINT_SENDER, list->registration, false, &senders);
    lint_cover(who, LINT_ALLOW, list->registration, false, &members);
    while (i < members.count && cover_find(&senders, &members.rule[i], UINT_MAX))
        i++;
    if (members.count && i == members.count)
        lint_say(who, "senders-everybody", list, 0,
                 "the list of senders holds all whom the registration admits");
    cover_drop(&senders);
    cover_drop(&members);
}

static void judge_senders(struct lint_who *who)
{
    size_t lists = 0;
    size_t empty = 0;

    for (size_t i = 0; i < who->token->registration_count; i++) {
        const struct token_register *policy = policy_of(who, i);

        lists += policy != NULL;
        empty += policy && policy->senders_limited && !policy->senders.count;
    }
    if (lists && lists == empty)
        finding_add(who->findings, "senders-nobody",
                    finding_spot(&who->token->registrations[0].join.place,
                                 "registration[0].register.joinAuthorization.senders"),
                    "the list of senders is empty: nobody may send to the group");
    for (size_t i = 0; i < who->count; i++) {
        const struct lint_list *list = &who->list[i];
        struct lint_crowd members;

        if (list->role != LINT_SENDER || !list->pairs->count)
            continue;
        lint_crowd_make(&members, who, LINT_ALLOW, list->registration);
        for (size_t k = 0; k < list->pairs->count; k++)
            ask_sender(who, list, k, &members);
        lint_crowd_drop(&members);
        ask_senders(who, list);
    }
}

/* --- registrations ------------------------------------------------------------------------ */

static bool same(const struct gk_mechanism *a, const struct gk_mechanism *b)
{
    return a->signature == b->signature && a->nonce_hash == b->nonce_hash &&
           a->key_creation == b->key_creation && a->key_wrap == b->key_wrap;
}

/* Does an earlier registration offer what the mechanism says? The first that equals is taken,
 * and its access rules count (profile 6.2). */
static bool offered_before(const struct lint_who *who, size_t registration,
                           const struct gk_mechanism *mechanism, size_t *earlier)
{
    for (size_t i = 0; i < registration; i++) {
        const struct token_register *policy = policy_of(who, i);

        for (size_t k = 0; policy && k < policy->mechanism_count; k++) {
            struct gk_mechanism other;

            *earlier = i;
            if (token_mechanism_algorithms(&policy->mechanisms[k], &other) &&
                same(&other, mechanism))
                return true;
        }
    }
    return false;
}

static bool is_shadowed(const struct lint_who *who, size_t registration, size_t *earlier)
{
    const struct token_register *policy = policy_of(who, registration);

    for (size_t i = 0; policy && i < policy->mechanism_count; i++) {
        struct gk_mechanism mechanism;

        if (!token_mechanism_algorithms(&policy->mechanisms[i], &mechanism) ||
            !offered_before(who, registration, &mechanism, earlier))
            return false;
    }
    return policy && policy->mechanism_count;
}

#define REGISTRATIONS_MOST 64

static void judge_registrations(struct lint_who *who)
{
    const struct token *token = who->token;
    size_t earlier = 0;

    if (!token->registration_count)
        finding_add(who->findings, "registration-none", finding_nowhere(),
                    "the token has no registration: nobody can join the group");
    for (size_t i = 0; i < token->registration_count && i < REGISTRATIONS_MOST; i++) {
        if (is_shadowed(who, i, &earlier))
            finding_add(who->findings, "registration-shadowed",
                        finding_spot(&token->registrations[i].join.place, "registration[%zu]", i),
                        "registration %zu has only mechanisms of earlier ones, as of registration "
                        "%zu: nobody joins by it",
                        i + 1, earlier + 1);
    }
}

void lint_roles(struct lint_who *who)
{
    judge_registrations(who);
    judge_rekey(who);
    judge_servers(who);
    judge_senders(who);
}
