/* SPDX-License-Identifier: Apache-2.0 */
/* The questions, and the verdicts that answer them (profile 9.9, 9.11, 11.8 to 11.10). */
#include "roles/rules-parts.h"

#include <stdio.h>

#include "token/pair.h"

/* Where a rule stands: "accessRule 2 of entry 1", with the registration when there are more. */
struct place {
    const char *list;
    size_t number, entry, registration; /* from 0; entry or registration SIZE_MAX: none */
};
#define NOWHERE SIZE_MAX

static bool decide(const struct rules *rules, struct rules_verdict *verdict, bool granted,
                   const struct place *place, const struct token_pair *pair, const char *beside)
{
    char where[80];
    char text[TOKEN_PAIR_ROOM];
    int at;

    if (!verdict)
        return granted;
    verdict->granted = granted;
    verdict->notification = granted ? GK_NONE : GK_UNAUTHORIZED_REQUEST;
    at = snprintf(where, sizeof where, "%s %zu", place->list, place->number + 1);
    if (place->entry != NOWHERE)
        at += snprintf(where + at, sizeof where - (size_t)at, " of entry %zu", place->entry + 1);
    if (place->registration != NOWHERE && rules->registration_count > 1)
        (void)snprintf(where + at, sizeof where - (size_t)at, " of registration %zu",
                       place->registration + 1);
    (void)snprintf(verdict->rule, sizeof verdict->rule, "%s: %s%s", where,
                   token_pair_print(pair, text, sizeof text), beside);
    return granted;
}

/* Nothing matched. */
static bool deny(struct rules_verdict *verdict, const struct pki_identity *identity,
                 const char *list)
{
    char name[200];

    if (!verdict)
        return false;
    verdict->granted = false;
    verdict->notification = GK_UNAUTHORIZED_REQUEST;
    (void)snprintf(verdict->rule, sizeof verdict->rule, "no %s matches %s", list,
                   gk_escape(name, sizeof name, identity->name));
    return false;
}

static bool from_list(const struct rules *rules, const struct rules_list *list,
                      const struct rules_asked *asked, struct place place,
                      struct rules_verdict *verdict)
{
    const struct rules_pair *pair = rules_list_find(list, asked);

    if (!pair)
        return false;
    place.number = (size_t)(pair - list->at);
    return decide(rules, verdict, true, &place, pair->pair, "");
}

static bool in_scope(const struct rules *rules, size_t registration, size_t i)
{
    return rules->registration[i].known && (registration == RULES_ANY || registration == i);
}

/* --- exclusion: of any entry of any Registration, for every role (profile 11.8) ---------- */

static bool excluded(const struct rules *rules, const struct rules_asked *asked,
                     struct rules_verdict *verdict)
{
    for (size_t i = 0; i < rules->registration_count; i++) {
        for (size_t j = 0; j < rules->registration[i].entry_count; j++) {
            const struct rules_list *list = &rules->registration[i].entry[j].exclusions;
            const struct rules_pair *pair = rules_list_find(list, asked);
            struct place place = {"exclusionsRule", 0, j, i};

            if (!pair)
                continue;
            place.number = (size_t)(pair - list->at);
            (void)decide(rules, verdict, false, &place, pair->pair, "");
            return true;
        }
    }
    return false;
}

bool rules_asked_excluded(const struct rules *rules, const struct rules_asked *asked,
                          struct rules_verdict *verdict)
{
    bool yes = excluded(rules, asked, verdict);

    if (!yes && verdict) {
        (void)deny(verdict, asked->identity, "exclusionsRule");
        verdict->granted = true;
        verdict->notification = GK_NONE;
    }
    return yes;
}

bool rules_excluded(const struct rules *rules, const struct pki_identity *identity,
                    struct rules_verdict *verdict)
{
    struct rules_asked asked;
    bool yes;

    rules_ask(&asked, identity);
    yes = rules_asked_excluded(rules, &asked, verdict);
    rules_asked_drop(&asked);
    return yes;
}

/* --- members ----------------------------------------------------------------- */

/* The first level that is asked for and not held, or 0. */
static int64_t lacking(const struct rules *rules, const struct token_access *access,
                       const struct pki_identity *identity)
{
    unsigned held = 0;

    if (!access->has_permissions)
        return 0;
    if (rules->local.permissions)
        held = rules->local.permissions(rules->local.context, identity);
    for (size_t i = 0; i < access->permission_count; i++) {
        if (!(held >> access->permissions[i] & 1))
            return access->permissions[i];
    }
    return 0;
}

/* `names_only` leaves permissions out, which only the GC/KS's table knows. */
static bool admitted(const struct rules *rules, size_t i, const struct rules_asked *asked,
                     bool names_only, struct rules_verdict *verdict)
{
    for (size_t j = 0; j < rules->registration[i].entry_count; j++) {
        const struct rules_entry *entry = &rules->registration[i].entry[j];
        const struct rules_pair *pair = rules_list_find(&entry->rule, asked);
        struct place place = {"accessRule", 0, j, i};
        int64_t level;
        char beside[48];

        if (!pair)
            continue;
        place.number = (size_t)(pair - entry->rule.at);
        level = names_only ? 0 : lacking(rules, entry->access, asked->identity);
        if (!level)
            return decide(rules, verdict, true, &place, pair->pair, "");
        (void)snprintf(beside, sizeof beside, ", but permission %d is not held", (int)level);
        (void)decide(rules, verdict, false, &place, pair->pair, beside);
    }
    return false;
}

static bool is_member(const struct rules *rules, size_t registration,
                      const struct rules_asked *asked, struct rules_verdict *verdict)
{
    (void)deny(verdict, asked->identity, "accessRule");
    for (size_t i = 0; i < rules->registration_count; i++) {
        if (in_scope(rules, registration, i) && admitted(rules, i, asked, false, verdict))
            return true;
    }
    return false;
}

/* --- servers ------------------------------------------------------------------ */

static bool is_gcks(const struct rules *rules, size_t registration, const struct rules_asked *asked,
                    struct rules_verdict *verdict)
{
    for (size_t i = 0; i < rules->registration_count; i++) {
        if (in_scope(rules, registration, i) &&
            from_list(rules, &rules->registration[i].gcks, asked,
                      (struct place){"gCKS", 0, NOWHERE, i}, verdict))
            return true;
    }
    return deny(verdict, asked->identity, "gCKS rule");
}

static bool is_authorised_sub(const struct rules *rules, const struct rules_asked *asked,
                              struct rules_verdict *verdict)
{
    return (rules->terms.autonomous &&
            from_list(rules, &rules->auth_subs, asked,
                      (struct place){"authSubs", 0, NOWHERE, NOWHERE}, verdict)) ||
           deny(verdict, asked->identity, "authSubs rule");
}

/* Profile 11.10: any pair of any list, and authSubs. */
static bool is_subordinate(const struct rules *rules, const struct rules_asked *asked,
                           struct rules_verdict *verdict)
{
    if (!is_authorised_sub(rules, asked, verdict))
        return false;
    for (size_t i = 0; i < rules->registration_count; i++) {
        for (size_t j = 0; j < rules->registration[i].sub_count; j++) {
            if (from_list(rules, &rules->registration[i].sub[j], asked,
                          (struct place){"subGCKS", 0, NOWHERE, i}, verdict))
                return true;
        }
    }
    return deny(verdict, asked->identity, "subGCKS rule");
}

static bool is_server(const struct rules *rules, size_t registration,
                      const struct rules_asked *asked, struct rules_verdict *verdict)
{
    struct rules_verdict first;

    if (is_gcks(rules, registration, asked, &first) || !rules->terms.autonomous) {
        if (verdict)
            *verdict = first;
        return first.granted;
    }
    return is_subordinate(rules, asked, verdict);
}

static bool is_authorised(const struct rules *rules, const struct rules_asked *asked,
                          struct rules_verdict *verdict)
{
    return from_list(rules, &rules->authorization, asked,
                     (struct place){"rekey authorization", 0, NOWHERE, NOWHERE}, verdict) ||
           deny(verdict, asked->identity, "rekey authorization");
}

static bool is_rekeyer(const struct rules *rules, size_t registration,
                       const struct rules_asked *asked, struct rules_verdict *verdict)
{
    if (is_gcks(rules, registration, asked, NULL))
        return is_authorised(rules, asked, verdict);
    return is_authorised_sub(rules, asked, verdict);
}

static bool is_destroyer(const struct rules *rules, size_t registration,
                         const struct rules_asked *asked, struct rules_verdict *verdict)
{
    return is_gcks(rules, registration, asked, verdict) && is_authorised(rules, asked, verdict);
}

static bool is_sender(const struct rules *rules, size_t registration,
                      const struct rules_asked *asked, struct rules_verdict *verdict)
{
    for (size_t i = 0; i < rules->registration_count; i++) {
        const struct rules_registration *at = &rules->registration[i];

        if (!in_scope(rules, registration, i) || !admitted(rules, i, asked, true, verdict))
            continue;
        if (!at->policy->senders_limited)
            return true;
        if (from_list(rules, &at->senders, asked, (struct place){"senders", 0, NOWHERE, i},
                      verdict))
            return true;
    }
    return deny(verdict, asked->identity, "senders rule");
}

static bool is_any_subordinate(const struct rules *rules, size_t registration,
                               const struct rules_asked *asked, struct rules_verdict *verdict)
{
    (void)registration;
    return is_subordinate(rules, asked, verdict);
}

bool rules_answer(const struct rules *rules, enum rules_role role, size_t registration,
                  const struct rules_asked *asked, struct rules_verdict *verdict)
{
    static bool (*const questions[])(const struct rules *, size_t, const struct rules_asked *,
                                     struct rules_verdict *) = {[RULES_MEMBER] = is_member,
                                                                [RULES_SENDER] = is_sender,
                                                                [RULES_GCKS] = is_gcks,
                                                                [RULES_SERVER] = is_server,
                                                                [RULES_SUBORDINATE] =
                                                                    is_any_subordinate,
                                                                [RULES_REKEYER] = is_rekeyer,
                                                                [RULES_DESTROYER] = is_destroyer};

    return !excluded(rules, asked, verdict) && questions[role](rules, registration, asked, verdict);
}

static bool ask(const struct rules *rules, enum rules_role role, size_t registration,
                const struct pki_identity *identity, struct rules_verdict *verdict)
{
    struct rules_asked asked;
    bool granted;

    rules_ask(&asked, identity);
    granted = rules_answer(rules, role, registration, &asked, verdict);
    rules_asked_drop(&asked);
    return granted;
}

bool rules_member(const struct rules *rules, size_t registration,
                  const struct pki_identity *identity, struct rules_verdict *verdict)
{
    return ask(rules, RULES_MEMBER, registration, identity, verdict);
}

bool rules_server(const struct rules *rules, size_t registration,
                  const struct pki_identity *identity, struct rules_verdict *verdict)
{
    return ask(rules, RULES_SERVER, registration, identity, verdict);
}

bool rules_gcks(const struct rules *rules, size_t registration, const struct pki_identity *identity,
                struct rules_verdict *verdict)
{
    return ask(rules, RULES_GCKS, registration, identity, verdict);
}

bool rules_subordinate(const struct rules *rules, const struct pki_identity *identity,
                       struct rules_verdict *verdict)
{
    return ask(rules, RULES_SUBORDINATE, RULES_ANY, identity, verdict);
}

bool rules_sender(const struct rules *rules, const struct pki_identity *identity,
                  struct rules_verdict *verdict)
{
    return ask(rules, RULES_SENDER, RULES_ANY, identity, verdict);
}

bool rules_rekey(const struct rules *rules, size_t registration,
                 const struct pki_identity *identity, struct rules_verdict *verdict)
{
    return ask(rules, RULES_REKEYER, registration, identity, verdict);
}

bool rules_destroyer(const struct rules *rules, const struct pki_identity *identity,
                     struct rules_verdict *verdict)
{
    return ask(rules, RULES_DESTROYER, RULES_ANY, identity, verdict);
}
