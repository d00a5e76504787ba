/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of a token that name people, gathered. */
#include "token/lint-who.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "token/pair.h"

static struct lint_list *add(struct lint_who *who, enum lint_role role, const char *name,
                             const struct token_pairs *pairs)
{
    struct lint_list *list;

    if (who->count == who->room) {
        who->room = 2 * who->room + 16;
        who->list = gk_realloc(who->list, who->room, sizeof *who->list);
    }
    list = &who->list[who->count++];
    *list = (struct lint_list){role, name, pairs, LINT_ALL, LINT_ALL, 0, ""};
    return list;
}

static void add_of_registration(struct lint_who *who, enum lint_role role, const char *name,
                                const struct token_pairs *pairs, size_t registration)
{
    struct lint_list *list = add(who, role, name, pairs);

    list->registration = registration;
    (void)snprintf(list->path, sizeof list->path, "registration[%zu].register.joinAuthorization.%s",
                   registration, name);
}

/* Levels of no table are refused elsewhere. */
static unsigned needs_of(const struct token_access *access)
{
    unsigned needs = 0;

    for (size_t i = 0; i < access->permission_count; i++) {
        if (access->permissions[i] >= 1 && access->permissions[i] <= 9)
            needs |= 1U << access->permissions[i];
    }
    return needs;
}

static void add_of_entry(struct lint_who *who, enum lint_role role, const char *name,
                         const struct token_pairs *pairs, size_t registration, size_t entry)
{
    struct lint_list *list = add(who, role, name, pairs);
    const struct token_register *policy = who->token->registrations[registration].join.registration;

    list->registration = registration;
    list->entry = entry;
    if (role == LINT_ALLOW)
        list->needs = needs_of(&policy->access[entry]);
    (void)snprintf(list->path, sizeof list->path,
                   "registration[%zu].register.joinAccessControl[%zu].%s", registration, entry,
                   name);
}

static void add_registration(struct lint_who *who, size_t index)
{
    const struct token_register *policy = who->token->registrations[index].join.registration;

    add_of_registration(who, LINT_GCKS, "gCKS", &policy->gcks, index);
    for (size_t i = 0; i < policy->sub_gcks_count; i++) {
        struct lint_list *list = add(who, LINT_SUBORDINATE, "subGCKS", &policy->sub_gcks[i]);

        list->registration = index;
        list->entry = i;
        (void)snprintf(list->path, sizeof list->path,
                       "registration[%zu].register.joinAuthorization.subGCKS[%zu]", index, i);
    }
    if (policy->senders_limited)
        add_of_registration(who, LINT_SENDER, "senders", &policy->senders, index);
    for (size_t i = 0; i < policy->access_count; i++) {
        add_of_entry(who, LINT_ALLOW, "accessRule", &policy->access[i].access_rule, index, i);
        add_of_entry(who, LINT_EXCLUDE, "exclusionsRule", &policy->access[i].exclusions_rule, index,
                     i);
    }
}

static void add_rekey(struct lint_who *who)
{
    struct lint_list *list;

    who->rekey_protocol = token_lint_rekey_in_force(who->token, &who->rekey_index);
    if (!who->rekey_protocol)
        return;
    who->rekey = who->rekey_protocol->rekey;
    list = add(who, LINT_AUTHORITY, "rekey authorization", &who->rekey->authorization);
    (void)snprintf(list->path, sizeof list->path, "rekey[%zu].authorization", who->rekey_index);
    if (who->rekey->scheme != TOKEN_SCHEME_AUTONOMOUS)
        return;
    list = add(who, LINT_AUTH_SUB, "authSubs", &who->rekey->auth_subs);
    (void)snprintf(list->path, sizeof list->path, "rekey[%zu].subGCKSInfo.authSubs",
                   who->rekey_index);
}

void lint_cover(const struct lint_who *who, unsigned roles, size_t registration, bool folded,
                struct cover *to)
{
    *to = (struct cover){.folded = folded};
    for (size_t i = 0; i < who->count; i++) {
        const struct lint_list *list = &who->list[i];

        if (list->role & roles && (registration == LINT_ALL || registration == list->registration))
            cover_add(to, list->pairs, list->needs, i);
    }
    cover_index(to);
}

void lint_who(const struct token_linting *linting)
{
    struct lint_who who = {.token = linting->token, .findings = linting->findings};

    for (size_t i = 0; i < who.token->registration_count; i++) {
        if (who.token->registrations[i].join.kind == TOKEN_PROTOCOL_REGISTER)
            add_registration(&who, i);
    }
    add_rekey(&who);
    lint_cover(&who, LINT_EXCLUDE, LINT_ALL, true, &who.exclusions);
    lint_identifiers(linting);
    lint_roles(&who);
    lint_access(&who);
    lint_entries(&who);
    lint_forms(&who);
    lint_alike(&who);
    lint_distributed(&who);
    if (who.compared > LINT_COMPARED)
        finding_add(who.findings, "patterns-not-compared", finding_nowhere(),
                    "not all rules with wildcards were compared with all others: above %d "
                    "comparisons rules count as meeting",
                    LINT_COMPARED);
    cover_drop(&who.exclusions);
    free(who.list);
}

/* --- sentences ---------------------------------------------------------------------------- */

const char *lint_place(const struct lint_who *who, const struct lint_list *list, size_t index,
                       char to[LINT_PLACE])
{
    int at = snprintf(to, LINT_PLACE, "%s %zu", list->name, index + 1);

    if (list->role & (LINT_ALLOW | LINT_EXCLUDE))
        at += snprintf(to + at, LINT_PLACE - (size_t)at, " of entry %zu", list->entry + 1);
    if (list->registration != LINT_ALL && who->token->registration_count > 1)
        (void)snprintf(to + at, LINT_PLACE - (size_t)at, " of registration %zu",
                       list->registration + 1);
    return to;
}

void lint_say(struct lint_who *who, const char *rule, const struct lint_list *list, size_t index,
              const char *format, ...)
{
    const struct token_pair *pair = &list->pairs->at[index];
    char place[LINT_PLACE];
    char name[TOKEN_PAIR_ROOM];
    char sentence[240];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(sentence, sizeof sentence, format, values);
    va_end(values);
    finding_add(who->findings, rule, finding_spot(&pair->place, "%s[%zu]", list->path, index),
                "%s (%s): %s", lint_place(who, list, index, place),
                token_pair_print(pair, name, 140), sentence);
}

void lint_need(struct lint_who *who, const char *rule, const struct lint_list *list, size_t index,
               const struct lint_crowd *crowd, const char *sentence)
{
    enum lint_fit fit = lint_crowd_fit(who, crowd, &list->pairs->at[index]);

    if (fit == LINT_FITS_NOT)
        lint_say(who, rule, list, index, "%s", sentence);
    else if (fit == LINT_OTHER_CA)
        lint_say(who, "role-other-ca", list, index,
                 "under its CA %s; under another CA there is one", sentence);
}
