/* SPDX-License-Identifier: Apache-2.0 */
/* Registrations: which belong together, and what each allows. */
#include "token/diff-parts.h"

#include <stdlib.h>

struct couple {
    size_t old, new; /* registrations, or DIFF_NOTHING */
};

/* --- one registration ------------------------------------------------------------------------- */

static unsigned needs_of(const struct token_access *access)
{
    unsigned needs = 0;

    for (size_t i = 0; access->has_permissions && i < access->permission_count; i++)
        needs |= 1U << (access->permissions[i] & 15);
    return needs;
}

static void add_access(struct cover *cover, const struct token_register *policy, size_t number)
{
    for (size_t i = 0; policy && i < policy->access_count; i++)
        cover_add(cover, &policy->access[i].access_rule, needs_of(&policy->access[i]),
                  DIFF_LIST(number, i));
}

static void differ_access(struct differing *d, const struct token_register *old, size_t old_index,
                          const struct token_register *new, size_t new_index)
{
    bool several = d->old.token->registration_count > 1 || d->new.token->registration_count > 1;
    const struct diff_words words = {DIFF_ACCESS,
                                     "member-admitted",
                                     "newly admitted",
                                     "member-dropped",
                                     "no longer admitted",
                                     false,
                                     several ? &d->old.access : NULL,
                                     several ? &d->new.access : NULL};
    struct cover before = {.folded = false};
    struct cover after = {.folded = false};

    add_access(&before, old, old_index);
    add_access(&after, new, new_index);
    cover_index(&before);
    cover_index(&after);
    diff_covers(d, &before, &after, &words);
    cover_drop(&before);
    cover_drop(&after);
}

static void differ_gcks(struct differing *d, const struct token_register *old, size_t old_index,
                        const struct token_register *new, size_t new_index)
{
    static const struct diff_words words = {DIFF_GCKS,
                                            "gcks-added",
                                            "may newly serve the group (gCKS)",
                                            "gcks-removed",
                                            "may no longer serve the group (gCKS)",
                                            false,
                                            NULL,
                                            NULL};

    diff_pairs(d, old ? &old->gcks : NULL, DIFF_LIST(old_index, 0), new ? &new->gcks : NULL,
               DIFF_LIST(new_index, 0), &words);
}

/* From everybody to a list, from a list to everybody, from one list to another. */
static void differ_senders(struct differing *d, const struct token_register *old, size_t old_index,
                           const struct token_register *new, size_t new_index)
{
    static const struct diff_words words = {DIFF_SENDERS,
                                            "sender-added",
                                            "may newly send",
                                            "sender-removed",
                                            "may no longer send",
                                            false,
                                            NULL,
                                            NULL};

    if (old->senders_limited && new->senders_limited)
        diff_pairs(d, &old->senders, DIFF_LIST(old_index, 0), &new->senders,
                   DIFF_LIST(new_index, 0), &words);
    else if (new->senders_limited)
        diff_add(d, TOKEN_NARROWER, "senders-limited", false,
                 gk_format("registration[%zu].register.senders", new_index), 0,
                 "only %zu listed senders may send, everybody who was admitted could before",
                 new->senders.count);
    else if (old->senders_limited)
        diff_add(d, TOKEN_WIDER, "senders-everybody", false,
                 gk_format("registration[%zu].register.senders", new_index), 0,
                 "everybody who is admitted may send, only %zu listed senders could before",
                 old->senders.count);
}

static const char *transport(enum token_transport value)
{
    static const char *const names[] = {"TCP", "UDP", "UDP for the RTJ and TCP for the rest"};

    return names[value];
}

static void differ_transport(struct differing *d, const struct token_register *old,
                             const struct token_register *new, size_t new_index)
{
    if (old->transport != new->transport)
        diff_add(d, TOKEN_CHANGED, "register-transport", false,
                 gk_format("registration[%zu].register.transport", new_index), 0,
                 "members register by %s, did by %s", transport(new->transport),
                 transport(old->transport));
}

static const struct token_register *policy_of(const struct diff_side *side, size_t i)
{
    return i == DIFF_NOTHING ? NULL : diff_register_of(side, i);
}

static void differ_registration(struct differing *d, struct couple couple)
{
    const struct token_register *old = policy_of(&d->old, couple.old);
    const struct token_register *new = policy_of(&d->new, couple.new);

    if (!old && !new)
        return;
    if (!old)
        diff_add(d, TOKEN_WIDER, "registration-added", false,
                 gk_format("registration[%zu].register", couple.new), 0,
                 "a further registration, %s",
                 new->senders_limited ? "with senders of its own"
                                      : "and everybody whom it admits may send");
    if (!new)
        diff_add(d, TOKEN_NARROWER, "registration-removed", true,
                 gk_format("registration[%zu].register", couple.old), 0,
                 "one registration less: nobody joins or sends by it");
    differ_gcks(d, old, couple.old, new, couple.new);
    differ_access(d, old, couple.old, new, couple.new);
    if (!old || !new)
        return;
    differ_senders(d, old, couple.old, new, couple.new);
    differ_transport(d, old, new, couple.new);
}

/* --- which belong together -------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const struct couple *first = a;
    const struct couple *second = b;

    if (first->new != second->new)
        return first->new < second->new ? -1 : 1;
    return (first->old > second->old) - (first->old < second->old);
}

struct couples {
    size_t count;
    struct couple *at;
    bool *old_used, *new_used;
};

static void couple_up(struct couples *couples, size_t old, size_t new)
{
    couples->at = gk_realloc(couples->at, couples->count + 1, sizeof *couples->at);
    couples->at[couples->count++] = (struct couple){old, new};
    if (old != DIFF_NOTHING)
        couples->old_used[old] = true;
    if (new != DIFF_NOTHING)
        couples->new_used[new] = true;
}

static size_t next_unused(const struct diff_side *side, const bool *used, size_t from, bool known)
{
    for (; from < side->token->registration_count; from++) {
        if (!used[from] && (!known || diff_register_of(side, from)))
            return from;
    }
    return DIFF_NOTHING;
}

/* What no mechanism brought together, in order: those that are known first. */
static void couple_rest(struct differing *d, struct couples *couples, bool known)
{
    size_t old = next_unused(&d->old, couples->old_used, 0, known);
    size_t new = next_unused(&d->new, couples->new_used, 0, known);

    while (known ? old != DIFF_NOTHING && new != DIFF_NOTHING
                 : old != DIFF_NOTHING || new != DIFF_NOTHING) {
        couple_up(couples, old, new);
        if (old != DIFF_NOTHING)
            old = next_unused(&d->old, couples->old_used, old + 1, known);
        if (new != DIFF_NOTHING)
            new = next_unused(&d->new, couples->new_used, new + 1, known);
    }
}

static void find_couples(struct differing *d, struct couples *couples)
{
    couples->old_used = gk_alloc(d->old.token->registration_count, sizeof(bool));
    couples->new_used = gk_alloc(d->new.token->registration_count, sizeof(bool));
    for (size_t i = 0; i < d->new.way_count; i++) {
        const struct diff_way *way = &d->new.way[i];
        const struct diff_way *before = diff_way_find(&d->old, way);

        if (before)
            couple_up(couples, before->registration, way->registration);
    }
    couple_rest(d, couples, true);
    couple_rest(d, couples, false);
    if (couples->count)
        qsort(couples->at, couples->count, sizeof *couples->at, compare);
}

/* --- all of them ------------------------------------------------------------------------------ */

static void fill(struct diff_side *side)
{
    for (size_t i = 0; i < side->token->registration_count; i++) {
        const struct token_register *policy = diff_register_of(side, i);

        add_access(&side->access, policy, i);
        for (size_t j = 0; policy && j < policy->access_count; j++) {
            if (policy->access[j].has_exclusions)
                cover_add(&side->exclusions, &policy->access[j].exclusions_rule, 0,
                          DIFF_LIST(i, j));
        }
    }
    cover_index(&side->access);
    cover_index(&side->exclusions);
}

static void differ_exclusions(struct differing *d)
{
    static const struct diff_words words = {DIFF_EXCLUSIONS,
                                            "excluded",
                                            "newly excluded",
                                            "no-longer-excluded",
                                            "no longer excluded",
                                            true,
                                            NULL,
                                            NULL};

    diff_covers(d, &d->old.exclusions, &d->new.exclusions, &words);
}

void diff_registrations(struct differing *d)
{
    struct couples couples = {0};

    fill(&d->old);
    fill(&d->new);
    find_couples(d, &couples);
    for (size_t i = 0; i < couples.count; i++) {
        struct couple couple = couples.at[i];

        if (i > 0 && compare(&couples.at[i - 1], &couple) == 0)
            continue;
        differ_registration(d, couple);
        diff_leave(d, couple.old, couple.new);
    }
    differ_exclusions(d);
    free(couples.at);
    free(couples.old_used);
    free(couples.new_used);
}
