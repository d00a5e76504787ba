/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/ask.h"

#include <stdio.h>

#include "roles/rules-parts.h"

static bool answer(struct rules_verdict *verdict, bool granted, const char *sentence)
{
    if (verdict) {
        verdict->granted = granted;
        verdict->notification = granted ? GK_NONE : GK_PROHIBITED_BY_GROUP_POLICY;
        (void)snprintf(verdict->rule, sizeof verdict->rule, "%s", sentence);
    }
    return granted;
}

/* --- joining -------------------------------------------------------------------------------- */

/* An RTJ gets the first mechanism that equals what it asks for (profile 6.2). */
static bool is_first(const struct rules_terms *terms, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (gk_mechanism_equal(&terms->mechanism[i].algorithms,
                               &terms->mechanism[index].algorithms))
            return false;
    }
    return true;
}

static bool takes_key(const struct rules_mechanism *mechanism, const struct pki_identity *identity,
                      struct rules_verdict *verdict)
{
    const struct gk_signature_scheme *scheme = gk_signature_find(mechanism->algorithms.signature);
    char text[160];

    if (gk_signature_takes(mechanism->algorithms.signature, identity->spki, NULL))
        return true;
    (void)snprintf(text, sizeof text, "its key cannot sign with %s, which the mechanism demands",
                   scheme ? scheme->name : "an unknown signature type");
    return answer(verdict, false, text);
}

static bool join(const struct rules *rules, const struct rules_asked *asked, size_t index,
                 struct rules_verdict *verdict)
{
    const struct rules_mechanism *mechanism = &rules->terms.mechanism[index];

    return (is_first(&rules->terms, index) ||
            answer(verdict, false, "an earlier mechanism of the token is the same")) &&
           takes_key(mechanism, asked->identity, verdict) &&
           rules_answer(rules, RULES_MEMBER, mechanism->registration, asked, verdict);
}

bool ask_join(const struct rules *rules, const struct pki_identity *identity, size_t index,
              struct rules_verdict *verdict)
{
    struct rules_asked asked;
    bool granted;

    rules_ask(&asked, identity);
    granted = join(rules, &asked, index, verdict);
    rules_asked_drop(&asked);
    return granted;
}

static bool join_by_any(const struct rules *rules, size_t registration,
                        const struct rules_asked *asked, struct rules_verdict *verdict)
{
    const struct rules_terms *terms = &rules->terms;

    (void)answer(verdict, false, "the token has no JoinMechanism that is run here");
    for (size_t i = 0; i < terms->mechanism_count; i++) {
        if ((registration == RULES_ANY || registration == terms->mechanism[i].registration) &&
            join(rules, asked, i, verdict))
            return true;
    }
    return false;
}

size_t ask_registration(const struct rules *rules, const struct gk_mechanism *mechanism)
{
    const struct rules_terms *terms = rules_terms(rules);

    for (size_t i = 0; i < terms->mechanism_count; i++) {
        if (gk_mechanism_equal(&terms->mechanism[i].algorithms, mechanism))
            return terms->mechanism[i].registration;
    }
    return RULES_ANY;
}

/* --- leaving -------------------------------------------------------------------------------- */

static bool grant_leave(const struct rules *rules, size_t registration,
                        const struct token_leave_mechanism *mechanism,
                        struct rules_verdict *verdict)
{
    const struct gk_signature_scheme *scheme = gk_signature_find(mechanism->signature);
    const struct token_deregister *leave =
        rules->token->registrations[registration].leave.deregistration;
    char text[120];

    (void)snprintf(text, sizeof text, "leaveMechanism %zu of registration %zu: with a signature %s",
                   (size_t)(mechanism - leave->mechanisms) + 1, registration + 1,
                   scheme ? scheme->name : "of an unknown type");
    return answer(verdict, true, text);
}

/* The first whose signature its key can make, and whose CA is in its path. */
static bool leave_by(const struct rules *rules, size_t registration,
                     const struct pki_identity *identity, struct rules_verdict *verdict)
{
    const struct token_protocol *leave = &rules->token->registrations[registration].leave;

    if (leave->kind != TOKEN_PROTOCOL_DEREGISTER)
        return false;
    for (size_t i = 0; i < leave->deregistration->mechanism_count; i++) {
        const struct token_leave_mechanism *at = &leave->deregistration->mechanisms[i];

        if (at->signature >= 0 && at->signature <= UINT16_MAX && pki_under(identity, at->ca) &&
            gk_signature_takes((uint16_t)at->signature, identity->spki, NULL))
            return grant_leave(rules, registration, at, verdict);
    }
    return false;
}

bool ask_leave(const struct rules *rules, size_t registration, const struct pki_identity *identity,
               struct rules_verdict *verdict)
{
    for (size_t i = 0; i < rules->registration_count; i++) {
        if ((registration == RULES_ANY || registration == i) &&
            leave_by(rules, i, identity, verdict))
            return true;
    }
    return answer(verdict, false, "no leaveMechanism takes its key and its CA");
}

/* Nobody leaves who is no member. */
static bool leave(const struct rules *rules, size_t registration, const struct rules_asked *asked,
                  struct rules_verdict *verdict)
{
    bool member = false;

    for (size_t i = 0; i < rules->registration_count; i++) {
        if ((registration != RULES_ANY && registration != i) ||
            !rules_answer(rules, RULES_MEMBER, i, asked, NULL))
            continue;
        member = true;
        if (leave_by(rules, i, asked->identity, verdict))
            return true;
    }
    return answer(verdict, false,
                  member ? "no leaveMechanism takes its key and its CA" : "it is no member");
}

/* --- all of it ------------------------------------------------------------------------------ */

static bool one(const struct rules *rules, enum ask_role role, size_t registration,
                const struct rules_asked *asked, struct rules_verdict *verdict)
{
    switch (role) {
    case ASK_JOIN:
        return join_by_any(rules, registration, asked, verdict);
    case ASK_LEAVE:
        return leave(rules, registration, asked, verdict);
    case ASK_SENDER:
        return rules_answer(rules, RULES_SENDER, RULES_ANY, asked, verdict);
    case ASK_GCKS:
        return rules_answer(rules, RULES_GCKS, registration, asked, verdict);
    case ASK_SUBORDINATE:
        return rules_answer(rules, RULES_SUBORDINATE, RULES_ANY, asked, verdict);
    case ASK_REKEY:
        return rules_answer(rules, RULES_REKEYER, registration, asked, verdict);
    case ASK_DESTROY:
        return rules_answer(rules, RULES_DESTROYER, RULES_ANY, asked, verdict);
    default:
        return rules_answer(rules, RULES_MEMBER, registration, asked, verdict);
    }
}

unsigned ask_roles(const struct rules *rules, size_t registration,
                   const struct pki_identity *identity, struct rules_verdict verdicts[ASK_ROLES])
{
    struct rules_asked asked;
    unsigned may = 0;

    rules_ask(&asked, identity);
    for (unsigned role = 0; role < ASK_ROLES; role++) {
        if (one(rules, (enum ask_role)role, registration, &asked,
                verdicts ? &verdicts[role] : NULL))
            may |= ASK_BIT(role);
    }
    rules_asked_drop(&asked);
    return may;
}

const char *ask_role_name(enum ask_role role)
{
    static const char *const names[ASK_ROLES] = {"member", "join",        "leave", "sender",
                                                 "gcks",   "subordinate", "rekey", "destroy"};

    return names[role];
}

bool ask_count(struct ask_sums *sums, unsigned before, unsigned after)
{
    sums->asked++;
    sums->changed += before != after;
    for (unsigned role = 0; role < ASK_ROLES; role++) {
        sums->gained[role] += (after & ~before) >> role & 1;
        sums->lost[role] += (before & ~after) >> role & 1;
    }
    return before != after;
}
