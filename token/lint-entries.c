/* SPDX-License-Identifier: Apache-2.0 */
/* Family 05: the entries that say who may join, and rules that say too much. */
#include <string.h>

#include "gsakmp/message.h"
#include "token/lint-who.h"

#define ENTRY "registration[%zu].register.joinAccessControl[%zu]"

static void judge_permissions(struct lint_who *who, size_t registration, size_t entry)
{
    const struct token_access *access =
        &who->token->registrations[registration].join.registration->access[entry];
    unsigned seen = 0;

    if (access->has_permissions && !access->permission_count)
        finding_add(who->findings, "permissions-idle",
                    finding_spot(&access->place, ENTRY ".permissions", registration, entry),
                    "entry %zu has an empty list of permissions, which asks for none", entry + 1);
    for (size_t i = 0; i < access->permission_count; i++) {
        int64_t level = access->permissions[i];

        if (level < 1 || level > 9)
            continue; /* refused elsewhere */
        if (seen >> level & 1)
            finding_add(
                who->findings, "permissions-idle",
                finding_spot(&access->place, ENTRY ".permissions[%zu]", registration, entry, i),
                "entry %zu asks for permission %d twice", entry + 1, (int)level);
        seen |= 1U << level;
    }
}

static void judge_registration(struct lint_who *who, size_t registration)
{
    const struct token_protocol *join = &who->token->registrations[registration].join;
    const struct token_register *policy = join->registration;
    size_t rules = 0;

    for (size_t i = 0; i < policy->access_count; i++)
        rules += policy->access[i].access_rule.count;
    if (!rules)
        finding_add(who->findings, "access-none",
                    finding_spot(&join->place, "registration[%zu].register.joinAccessControl",
                                 registration),
                    "registration %zu has no accessRule: nobody may join by it", registration + 1);
    for (size_t i = 0; i < policy->access_count; i++) {
        if (rules && !policy->access[i].access_rule.count)
            finding_add(
                who->findings, "entry-empty",
                finding_spot(&policy->access[i].place, ENTRY ".accessRule", registration, i),
                "entry %zu admits nobody; only its exclusions count", i + 1);
        judge_permissions(who, registration, i);
    }
}

/* --- too wide ----------------------------------------------------------------------------- */

/* Does it leave open each part of the name? */
static bool is_all_open(const struct token_pair *pair)
{
    struct cover_rule rule;
    bool open;

    cover_rule_make(&rule, pair, false);
    open = rule.name.count > 0;
    for (size_t i = 0; i < rule.name.count; i++)
        open &= rule.name.attribute[i].is_any;
    cover_rule_drop(&rule);
    return open;
}

static bool is_whole_domain(const struct token_pair *pair)
{
    struct gk_octets id = pair->id;

    return id.size > 2 && id.data[0] == '*' && id.data[1] == '.' &&
           !memchr(id.data + 2, '.', id.size - 2);
}

static void judge_width(struct lint_who *who, const struct lint_list *list, size_t index)
{
    const struct token_pair *pair = &list->pairs->at[index];

    if (pair->id_type == GK_ID_DN_STRING && is_all_open(pair))
        lint_say(who, "allow-everybody", list, index,
                 "it fits whomever the CA certifies with these attributes");
    else if (pair->id_type == GK_ID_FQDN && is_whole_domain(pair))
        lint_say(who, "allow-everybody", list, index, "it fits each host of a top-level domain");
    else if (pair->id_type == GK_ID_KEY_ID)
        lint_say(who, "key-id-claimed", list, index,
                 "any CA below the named one can write it into another certificate");
}

void lint_entries(struct lint_who *who)
{
    for (size_t i = 0; i < who->token->registration_count; i++) {
        if (who->token->registrations[i].join.kind == TOKEN_PROTOCOL_REGISTER)
            judge_registration(who, i);
    }
    for (size_t i = 0; i < who->count; i++) {
        for (size_t k = 0; who->list[i].role & (LINT_GCKS | LINT_SUBORDINATE | LINT_ALLOW) &&
                           k < who->list[i].pairs->count;
             k++)
            judge_width(who, &who->list[i], k);
    }
}
