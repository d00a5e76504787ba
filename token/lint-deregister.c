/* SPDX-License-Identifier: Apache-2.0 */
/* De-registration (RFC 4534 B.3). */
#include <stdlib.h>
#include <string.h>

#include "token/lint-parts.h"
#include "token/mechanism.h"

/* The one that is looked at, and the registration that it belongs to, NULL when that is not
 * known. */
struct leaving {
    struct findings *findings;
    const struct token_protocol *protocol;
    const struct token_deregister *policy;
    const struct token_register *join;
    size_t index;
};

static struct finding_spot spot_of(const struct leaving *of, const char *part)
{
    return finding_spot(&of->protocol->place, "registration[%zu].de-register%s%s", of->index,
                        *part ? "." : "", part);
}

static struct finding_spot spot_at(const struct leaving *of, size_t i)
{
    return finding_spot(&of->policy->mechanisms[i].place,
                        "registration[%zu].de-register.leaveMechanisms[%zu]", of->index, i);
}

/* --- each mechanism --------------------------------------------------------------------- */

static void find_not_run(const struct leaving *of, size_t i)
{
    const struct gk_signature_scheme *signature =
        gk_signature_find(of->policy->mechanisms[i].signature);
    const struct gk_nonce_hash *hash = gk_nonce_hash_find(of->policy->mechanisms[i].nonce_hash);

    if (!signature || !signature->run || !hash || !hash->run)
        finding_add(of->findings, "leave-not-run", spot_at(of, i),
                    "leaveMechanism %zu of registration %zu names a signature or hash that "
                    "this version does not run",
                    i + 1, of->index + 1);
}

static bool joins_with(const struct leaving *of, int64_t signature)
{
    for (size_t i = 0; i < of->join->mechanism_count && i < LINT_MECHANISMS; i++) {
        struct gk_mechanism algorithms;

        if (!token_mechanism_algorithms(&of->join->mechanisms[i], &algorithms) ||
            algorithms.signature == signature)
            return true;
    }
    return false;
}

static void find_idle(const struct leaving *of, size_t i)
{
    if (of->join && of->join->mechanism_count &&
        !joins_with(of, of->policy->mechanisms[i].signature))
        finding_add(of->findings, "leave-idle", spot_at(of, i),
                    "leaveMechanism %zu of registration %zu has a signature by which nobody joins",
                    i + 1, of->index + 1);
}

/* --- all of them ------------------------------------------------------------------------ */

static void find_none(const struct leaving *of)
{
    if (!of->policy->mechanism_count)
        finding_add(of->findings, "leave-none", spot_of(of, "leaveMechanisms"),
                    "registration %zu has no leaveMechanism: nobody can leave", of->index + 1);
}

static bool leaves_with(const struct leaving *of, int64_t signature)
{
    for (size_t i = 0; i < of->policy->mechanism_count; i++) {
        if (of->policy->mechanisms[i].signature == signature)
            return true;
    }
    return false;
}

static void find_signature(const struct leaving *of)
{
    for (size_t i = 0; of->join && i < of->join->mechanism_count && i < LINT_MECHANISMS; i++) {
        const struct token_mechanism *mechanism = &of->join->mechanisms[i];
        struct gk_mechanism algorithms;

        if (!of->policy->mechanism_count || !token_mechanism_algorithms(mechanism, &algorithms) ||
            leaves_with(of, algorithms.signature))
            continue;
        finding_add(of->findings, "leave-signature",
                    finding_spot(&mechanism->place,
                                 "registration[%zu].register.joinMechanisms[%zu]", of->index, i),
                    "members of joinMechanism %zu of registration %zu cannot leave: no "
                    "leaveMechanism has its signature",
                    i + 1, of->index + 1);
    }
}

static void find_transport(const struct leaving *of)
{
    if (of->join && (of->join->transport == TOKEN_UDP) != (of->policy->transport == TOKEN_UDP))
        finding_add(of->findings, "leave-transport", spot_of(of, "transport"),
                    "members of registration %zu join by %s and leave by %s: servers need both "
                    "ports",
                    of->index + 1, of->join->transport == TOKEN_UDP ? "UDP" : "TCP",
                    of->policy->transport == TOKEN_UDP ? "UDP" : "TCP");
}

static void find_terse(const struct leaving *of)
{
    if (!of->policy->has_terse)
        finding_add(of->findings, "terse-absent", spot_of(of, "terse"),
                    "terse of de-registration %zu is absent, which is read as TRUE", of->index + 1);
}

/* --- sorted, since there may be thousands ------------------------------------------------- */

static int compare_octets(struct gk_octets a, struct gk_octets b)
{
    size_t least = a.size < b.size ? a.size : b.size;
    int order = least ? memcmp(a.data, b.data, least) : 0;

    return order ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare_authorities(const void *a, const void *b)
{
    const struct token_leave_mechanism *const *one = a;
    const struct token_leave_mechanism *const *other = b;

    return compare_octets((*one)->ca, (*other)->ca);
}

static int compare_leaves(const void *a, const void *b)
{
    const struct token_leave_mechanism *const *one = a;
    const struct token_leave_mechanism *const *other = b;
    int order =
        ((*one)->signature > (*other)->signature) - ((*one)->signature < (*other)->signature);

    order = order ? order : compare_authorities(a, b);
    return order ? order : (*one > *other) - (*one < *other);
}

/* Profile 5.2: the first that fits signature and authority is taken. */
static void find_repeated(const struct leaving *of, const struct token_leave_mechanism **sorted)
{
    qsort(sorted, of->policy->mechanism_count, sizeof *sorted, compare_leaves);
    for (size_t i = 1; i < of->policy->mechanism_count; i++) {
        if (sorted[i]->signature != sorted[i - 1]->signature ||
            compare_octets(sorted[i]->ca, sorted[i - 1]->ca) != 0)
            continue;
        finding_add(of->findings, "leave-repeated",
                    spot_at(of, (size_t)(sorted[i] - of->policy->mechanisms)),
                    "leaveMechanism %td of registration %zu has signature and authority of an "
                    "earlier one, which is always taken instead",
                    sorted[i] - of->policy->mechanisms + 1, of->index + 1);
    }
}

static bool has_authority(const struct token_leave_mechanism **sorted, size_t count,
                          const struct token_leave_mechanism *like)
{
    return bsearch(&like, sorted, count, sizeof *sorted, compare_authorities) != NULL;
}

/* Profile 12.10. An authority above both would do as well: that the token does not say. */
static void find_authority(const struct leaving *of, const struct token_leave_mechanism **sorted)
{
    size_t count = of->policy->mechanism_count;

    if (!of->join || !count)
        return;
    qsort(sorted, count, sizeof *sorted, compare_authorities);
    for (size_t i = 0; i < of->join->access_count; i++) {
        const struct token_pairs *rule = &of->join->access[i].access_rule;

        for (size_t k = 0; k < rule->count; k++) {
            const struct token_leave_mechanism like = {.ca = rule->at[k].ca};

            if (has_authority(sorted, count, &like))
                continue;
            finding_add(of->findings, "leave-authority",
                        finding_spot(&rule->at[k].place,
                                     "registration[%zu].register.joinAccessControl[%zu]."
                                     "accessRule[%zu]",
                                     of->index, i, k),
                        "members by rule %zu of entry %zu of registration %zu can leave only if "
                        "the authority of some leaveMechanism stands above theirs",
                        k + 1, i + 1, of->index + 1);
            return;
        }
    }
}

static void find_in_lists(const struct leaving *of)
{
    size_t count = of->policy->mechanism_count;
    const struct token_leave_mechanism **sorted = gk_alloc(count, sizeof *sorted);

    for (size_t i = 0; i < count; i++)
        sorted[i] = &of->policy->mechanisms[i];
    find_repeated(of, sorted);
    find_authority(of, sorted);
    free(sorted);
}

void token_lint_deregister(const struct token_linting *linting,
                           const struct token_protocol *protocol, size_t index)
{
    const struct token_protocol *join = &linting->token->registrations[index].join;
    const struct leaving of = {linting->findings, protocol, protocol->deregistration,
                               join->kind == TOKEN_PROTOCOL_REGISTER ? join->registration : NULL,
                               index};

    for (size_t i = 0; i < of.policy->mechanism_count; i++) {
        find_not_run(&of, i);
        find_idle(&of, i);
    }
    find_none(&of);
    find_signature(&of);
    find_transport(&of);
    find_terse(&of);
    find_in_lists(&of);
}

/* Who joins by a registration of ours and finds no way to leave. */
void token_lint_leaving(const struct token_linting *linting)
{
    for (size_t i = 0; i < linting->token->registration_count; i++) {
        const struct token_registration *registration = &linting->token->registrations[i];

        if (registration->join.kind == TOKEN_PROTOCOL_REGISTER &&
            registration->leave.kind == TOKEN_PROTOCOL_NONE)
            finding_add(
                linting->findings, "leave-none",
                finding_spot(&registration->leave.place, "registration[%zu].de-register", i),
                "registration %zu has no de-registration protocol: nobody can leave", i + 1);
    }
}
