/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/rules.h"

#include <stdlib.h>

#include "roles/rules-parts.h"

static bool compile_entry(struct rules_entry *entry, const struct token_access *access,
                          struct gk_reason *why)
{
    entry->access = access;
    for (size_t i = 0; i < access->permission_count; i++) {
        if (access->permissions[i] < 1 || access->permissions[i] > 9)
            return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "rule-unjudgeable",
                             "permission %lld is none of 1 to 9",
                             (long long)access->permissions[i]);
    }
    return rules_list_compile(&entry->rule, &access->access_rule, false, "accessRule", why) &&
           (!access->has_exclusions ||
            rules_list_compile(&entry->exclusions, &access->exclusions_rule, true, "exclusionsRule",
                               why));
}

static bool compile_registration(struct rules_registration *to, const struct token_register *policy,
                                 struct gk_reason *why)
{
    to->known = true;
    to->policy = policy;
    if (!rules_list_compile(&to->gcks, &policy->gcks, false, "gCKS", why))
        return false;
    if (policy->has_sub_gcks) {
        to->sub_count = policy->sub_gcks_count;
        to->sub = gk_alloc(to->sub_count, sizeof *to->sub);
    }
    for (size_t i = 0; i < to->sub_count; i++) {
        if (!rules_list_compile(&to->sub[i], &policy->sub_gcks[i], false, "subGCKS", why))
            return false;
    }
    if (policy->senders_limited &&
        !rules_list_compile(&to->senders, &policy->senders, false, "senders", why))
        return false;
    to->entry_count = policy->access_count;
    to->entry = gk_alloc(to->entry_count, sizeof *to->entry);
    for (size_t i = 0; i < to->entry_count; i++) {
        if (!compile_entry(&to->entry[i], &policy->access[i], why))
            return false;
    }
    return true;
}

static bool compile(struct rules *rules, struct gk_writer *warnings, struct gk_reason *why)
{
    const struct token *token = rules->token;

    rules->registration_count = token->registration_count;
    rules->registration = gk_alloc(rules->registration_count, sizeof *rules->registration);
    for (size_t i = 0; i < rules->registration_count; i++) {
        const struct token_protocol *join = &token->registrations[i].join;

        if (join->kind == TOKEN_PROTOCOL_REGISTER &&
            !compile_registration(&rules->registration[i], join->registration, why))
            return false;
    }
    return rules_terms_fill(rules, warnings, why);
}

struct rules *rules_new(const struct token *token, const struct rules_local *local,
                        struct gk_writer *warnings, struct gk_reason *why)
{
    struct rules *rules = gk_alloc(1, sizeof *rules);

    rules->token = token;
    rules->local = *local;
    if (compile(rules, warnings, why))
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
