/* SPDX-License-Identifier: Apache-2.0 */
/* De-registration: who may leave, and how. */
#include "token/diff-parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "token/algorithm.h"

/* The first LeaveMechanism of a signature type and a CA: later ones are never taken (profile
 * 5.2). */
struct leave {
    const struct token_leave_mechanism *mechanism;
    size_t index;
};
struct leaves {
    const struct token_deregister *policy;
    size_t registration, count;
    struct leave *at; /* sorted */
};

static int compare(const void *a, const void *b)
{
    const struct token_leave_mechanism *first = ((const struct leave *)a)->mechanism;
    const struct token_leave_mechanism *second = ((const struct leave *)b)->mechanism;

    if (first->signature != second->signature)
        return first->signature < second->signature ? -1 : 1;
    return gk_octets_compare(first->ca, second->ca);
}

static int compare_placed(const void *a, const void *b)
{
    size_t first = ((const struct leave *)a)->index;
    size_t second = ((const struct leave *)b)->index;
    int order = compare(a, b);

    return order ? order : (first > second) - (first < second);
}

static struct leaves leaves_of(const struct token_deregister *policy, size_t registration)
{
    struct leaves leaves = {.policy = policy, .registration = registration};

    if (!policy || !policy->mechanism_count)
        return leaves;
    leaves.at = gk_alloc(policy->mechanism_count, sizeof *leaves.at);
    for (size_t i = 0; i < policy->mechanism_count; i++)
        leaves.at[i] = (struct leave){&policy->mechanisms[i], i};
    qsort(leaves.at, policy->mechanism_count, sizeof *leaves.at, compare_placed);
    for (size_t i = 0; i < policy->mechanism_count; i++) {
        if (!leaves.count || compare(&leaves.at[leaves.count - 1], &leaves.at[i]) != 0)
            leaves.at[leaves.count++] = leaves.at[i];
    }
    return leaves;
}

static const struct leave *find(const struct leaves *leaves, const struct leave *leave)
{
    return leaves->count ? bsearch(leave, leaves->at, leaves->count, sizeof *leaves->at, compare)
                         : NULL;
}

static void say(struct differing *d, enum token_effect effect, const char *code, bool in_old,
                const struct leaves *leaves, const struct leave *leave, const char *what)
{
    const char *name = token_algorithm_name(GK_REGISTRY_SIGNATURE, leave->mechanism->signature);
    struct gk_octets ca = leave->mechanism->ca;
    char *hex = gk_hex(gk_octets(ca.data, ca.size < 4 ? ca.size : 4));

    diff_add(d, effect, code, in_old,
             gk_format("registration[%zu].de-register.leaveMechanisms[%zu]", leaves->registration,
                       leave->index),
             leave->mechanism->place.line, "%s: with a signature %s (%lld), under CA %s...", what,
             name ? name : "unknown", (long long)leave->mechanism->signature, hex);
    free(hex);
}

/* The same mechanisms, in an order that may give another nonce hash to who is under two CAs. */
static bool order_matters(const struct leaves *old, const struct leaves *new)
{
    for (size_t i = 0; i + 1 < new->count; i++) {
        const struct leave *one = find(old, &new->at[i]);
        const struct leave *next = find(old, &new->at[i + 1]);

        if (!one || !next || one->mechanism->signature != next->mechanism->signature ||
            new->at[i].mechanism->nonce_hash == new->at[i + 1].mechanism->nonce_hash)
            continue;
        if ((one->index < next->index) != (new->at[i].index < new->at[i + 1].index))
            return true;
    }
    return false;
}

static void differ_mechanisms(struct differing *d, const struct leaves *old,
                              const struct leaves *new)
{
    for (size_t i = 0; i < old->count; i++) {
        if (!find(new, &old->at[i]))
            say(d, TOKEN_NARROWER, "leave-removed", true, old, &old->at[i],
                "members may no longer leave");
    }
    for (size_t i = 0; i < new->count; i++) {
        const struct leave *before = find(old, &new->at[i]);

        if (!before)
            say(d, TOKEN_WIDER, "leave-added", false, new, &new->at[i], "members may leave");
        else if (before->mechanism->nonce_hash != new->at[i].mechanism->nonce_hash)
            say(d,
                diff_strength(GK_REGISTRY_NONCE_HASH, before->mechanism->nonce_hash,
                              new->at[i].mechanism->nonce_hash),
                "leave-nonce-hash", false, new, &new->at[i], "another nonce hash when leaving");
    }
    if (order_matters(old, new))
        diff_add(d, TOKEN_CHANGED, "leave-order", false,
                 gk_format("registration[%zu].de-register.leaveMechanisms", new->registration), 0,
                 "the order of leaving mechanisms with different nonce hashes is another");
}

static void differ_rest(struct differing *d, const struct leaves *old, const struct leaves *new)
{
    static const char *const names[] = {"TCP", "UDP", "UDP and TCP"};
    bool was_terse = !old->policy->has_terse || old->policy->terse;
    bool is_terse = !new->policy->has_terse || new->policy->terse;

    if (was_terse != is_terse)
        diff_add(d, TOKEN_CHANGED, "leave-terse", false,
                 gk_format("registration[%zu].de-register.terse", new->registration), 0,
                 "errors in leaving are %s",
                 is_terse ? "no longer answered (terse)" : "answered (verbose)");
    if (old->policy->transport != new->policy->transport)
        diff_add(d, TOKEN_CHANGED, "leave-transport", false,
                 gk_format("registration[%zu].de-register.transport", new->registration), 0,
                 "members leave by %s, did by %s", names[new->policy->transport],
                 names[old->policy->transport]);
}

static const struct token_deregister *policy_of(const struct diff_side *side, size_t i)
{
    const struct token_protocol *leave =
        i == DIFF_NOTHING ? NULL : &side->token->registrations[i].leave;

    return leave && leave->kind == TOKEN_PROTOCOL_DEREGISTER ? leave->deregistration : NULL;
}

void diff_leave(struct differing *d, size_t old_index, size_t new_index)
{
    struct leaves old = leaves_of(policy_of(&d->old, old_index), old_index);
    struct leaves new = leaves_of(policy_of(&d->new, new_index), new_index);

    if (old.policy && !new.policy)
        diff_add(d, TOKEN_NARROWER, "leave-none", true,
                 gk_format("registration[%zu].de-register", old_index), 0,
                 "members of this registration can no longer take their leave");
    else if (new.policy && !old.policy)
        diff_add(d, TOKEN_WIDER, "leave-some", false,
                 gk_format("registration[%zu].de-register", new_index), 0,
                 "members of this registration can take their leave");
    else if (old.policy) {
        differ_mechanisms(d, &old, &new);
        differ_rest(d, &old, &new);
    }
    free(old.at);
    free(new.at);
}
