/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/rules.h"

#include <stdlib.h>

#include "roles/rules-parts.h"

/* Where a list of an entry of registration `i` stands. */
#define REGISTER "registration[%zu].register"

static void compile_entry(struct rules *rules, size_t i, size_t j)
{
    struct rules_entry *entry = &rules->registration[i].entry[j];
    const struct token_access *access = &rules->registration[i].policy->access[j];

    entry->access = access;
    for (size_t k = 0; k < access->permission_count; k++) {
        if (access->permissions[k] < 1 || access->permissions[k] > 9)
            finding_refuse(rules->findings, GK_PROHIBITED_BY_GROUP_POLICY, "rule-unjudgeable",
                           finding_spot(&access->place,
                                        REGISTER ".joinAccessControl[%zu].permissions[%zu]", i, j,
                                        k),
                           "permission %lld is none of 1 to 9", (long long)access->permissions[k]);
    }
    rules_list_compile(
        &entry->rule, &access->access_rule, false,
        rules_where("accessRule", REGISTER ".joinAccessControl[%zu].accessRule", i, j),
        rules->findings);
    if (access->has_exclusions)
        rules_list_compile(
            &entry->exclusions, &access->exclusions_rule, true,
            rules_where("exclusionsRule", REGISTER ".joinAccessControl[%zu].exclusionsRule", i, j),
            rules->findings);
}

static void compile_registration(struct rules *rules, size_t i, const struct token_register *policy)
{
    struct rules_registration *to = &rules->registration[i];

    to->known = true;
    to->policy = policy;
    rules_list_compile(&to->gcks, &policy->gcks, false,
                       rules_where("gCKS", REGISTER ".joinAuthorization.gCKS", i), rules->findings);
    if (policy->has_sub_gcks) {
        to->sub_count = policy->sub_gcks_count;
        to->sub = gk_alloc(to->sub_count, sizeof *to->sub);
    }
    for (size_t j = 0; j < to->sub_count; j++)
        rules_list_compile(&to->sub[j], &policy->sub_gcks[j], false,
                           rules_where("subGCKS", REGISTER ".joinAuthorization.subGCKS[%zu]", i, j),
                           rules->findings);
    if (policy->senders_limited)
        rules_list_compile(&to->senders, &policy->senders, false,
                           rules_where("senders", REGISTER ".joinAuthorization.senders", i),
                           rules->findings);
    to->entry_count = policy->access_count;
    to->entry = gk_alloc(to->entry_count, sizeof *to->entry);
    for (size_t j = 0; j < to->entry_count; j++)
        compile_entry(rules, i, j);
}

static void compile(struct rules *rules)
{
    const struct token *token = rules->token;

    rules_judge_id(rules);
    rules->registration_count = token->registration_count;
    rules->registration = gk_alloc(rules->registration_count, sizeof *rules->registration);
    for (size_t i = 0; i < rules->registration_count; i++) {
        const struct token_protocol *join = &token->registrations[i].join;

        if (join->kind == TOKEN_PROTOCOL_REGISTER)
            compile_registration(rules, i, join->registration);
    }
    rules_terms_fill(rules);
}

struct rules *rules_new(const struct token *token, const struct rules_local *local,
                        struct findings *findings, struct gk_reason *why)
{
    struct rules *rules = gk_alloc(1, sizeof *rules);
    struct findings own = {.base = findings ? findings->base : 0};
    bool refused;

    rules->token = token;
    rules->local = *local;
    rules->findings = &own;
    compile(rules);
    rules->findings = NULL;
    refused = own.refused;
    if (refused && why)
        *why = own.first;
    if (findings)
        findings_move(findings, &own);
    findings_free(&own);
    if (!refused)
        return rules;
    rules_free(rules);
    return NULL;
}

static void drop_registration(struct rules_registration *registration)
{
    rules_list_drop(&registration->gcks);
    rules_list_drop(&registration->senders);
    for (size_t i = 0; i < registration->sub_count; i++)
        rules_list_drop(&registration->sub[i]);
    free(registration->sub);
    for (size_t i = 0; i < registration->entry_count; i++) {
        rules_list_drop(&registration->entry[i].rule);
        rules_list_drop(&registration->entry[i].exclusions);
    }
    free(registration->entry);
}

void rules_free(struct rules *rules)
{
    if (!rules)
        return;
    for (size_t i = 0; i < rules->registration_count; i++)
        drop_registration(&rules->registration[i]);
    free(rules->registration);
    rules_list_drop(&rules->authorization);
    rules_list_drop(&rules->auth_subs);
    free(rules);
}

const struct rules_terms *rules_terms(const struct rules *rules)
{
    return &rules->terms;
}

const struct token_leave_mechanism *rules_leave(const struct rules *rules, size_t registration,
                                                uint16_t signature,
                                                const struct pki_identity *identity,
                                                const struct token_deregister **deregister)
{
    for (size_t i = 0; i < rules->registration_count; i++) {
        const struct token_protocol *leave = &rules->token->registrations[i].leave;

        if (leave->kind != TOKEN_PROTOCOL_DEREGISTER ||
            (registration != RULES_ANY && registration != i))
            continue;
        for (size_t j = 0; j < leave->deregistration->mechanism_count; j++) {
            const struct token_leave_mechanism *mechanism = &leave->deregistration->mechanisms[j];

            if (mechanism->signature != signature || !pki_under(identity, mechanism->ca))
                continue;
            if (deregister)
                *deregister = leave->deregistration;
            return mechanism;
        }
    }
    return NULL;
}
