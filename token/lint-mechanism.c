/* SPDX-License-Identifier: Apache-2.0 */
/* JoinMechanisms (RFC 4534 B.1.3), which profile 6.2 takes as one list over all registrations. */
#include "token/lint-parts.h"

#include "token/mechanism.h"
#include "token/strength.h"

#define MECHANISM "registration[%zu].register.joinMechanisms[%zu]"

/* --- the list ------------------------------------------------------------------------- */

/* Bits of the weakest of the four; 0 for what this version does not run. */
static int strength_of(const struct gk_mechanism *algorithms)
{
    const int bits[] = {token_strength(GK_REGISTRY_SIGNATURE, algorithms->signature),
                        token_strength(GK_REGISTRY_NONCE_HASH, algorithms->nonce_hash),
                        token_strength(GK_REGISTRY_KEY_CREATION, algorithms->key_creation),
                        token_strength(GK_REGISTRY_KEY, algorithms->key_wrap)};
    int least = bits[0];

    for (size_t i = 1; i < sizeof bits / sizeof *bits; i++)
        least = bits[i] < least ? bits[i] : least;
    return gk_mechanism_runs(algorithms, NULL) ? least : 0;
}

/* As rules_weak has it: what makes Suite 1 weak. */
static bool is_weak(const struct gk_mechanism *algorithms)
{
    const struct gk_mechanism *suite_1 = &gk_suite_named("suite-1")->mechanism;

    return algorithms->signature == suite_1->signature ||
           algorithms->key_creation == suite_1->key_creation;
}

static void add(struct lint_mechanisms *list, const struct token_mechanism *policy,
                size_t registration, size_t number)
{
    struct lint_mechanism *to = &list->at[list->count];

    to->policy = policy;
    to->registration = registration;
    to->number = number;
    to->known = token_mechanism_algorithms(policy, &to->algorithms);
    to->strength = to->known ? strength_of(&to->algorithms) : 0;
    to->weak = to->known && is_weak(&to->algorithms);
    to->terse = policy->suite || policy->terse;
    list->count++;
}

void lint_mechanisms(const struct token *token, struct lint_mechanisms *list)
{
    list->count = 0;
    for (size_t i = 0; i < token->registration_count; i++) {
        const struct token_protocol *join = &token->registrations[i].join;

        if (join->kind != TOKEN_PROTOCOL_REGISTER)
            continue;
        for (size_t j = 0; j < join->registration->mechanism_count; j++) {
            if (list->count < LINT_MECHANISMS)
                add(list, &join->registration->mechanisms[j], i, j);
        }
    }
}

static struct finding_spot spot_of(const struct lint_mechanism *mechanism, const char *part)
{
    return finding_spot(&mechanism->policy->place, MECHANISM "%s%s", mechanism->registration,
                        mechanism->number, *part ? "." : "", part);
}

/* --- one with others ------------------------------------------------------------------ */

/* The earlier one that equals it, NULL without. */
static const struct lint_mechanism *equal_before(const struct lint_mechanisms *list, size_t i)
{
    const struct lint_mechanism *own = &list->at[i];

    for (size_t k = 0; own->known && k < i; k++) {
        if (list->at[k].known && gk_mechanism_equal(&own->algorithms, &list->at[k].algorithms))
            return &list->at[k];
    }
    return NULL;
}

/* Has the registration nothing that earlier ones lack? Another rule says so of the whole. */
static bool is_shadowed(const struct lint_mechanisms *list, size_t registration)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct lint_mechanism *earlier = equal_before(list, i);

        if (list->at[i].registration == registration &&
            (!earlier || earlier->registration == registration))
            return false;
    }
    return true;
}

/* Profile 6.2 takes the first that equals what the RTJ asks for. */
static void find_repeated(struct findings *findings, const struct lint_mechanisms *list, size_t i)
{
    const struct lint_mechanism *own = &list->at[i];
    const struct lint_mechanism *earlier = equal_before(list, i);
    bool elsewhere = earlier && earlier->registration != own->registration;
    char text[GK_MECHANISM_TEXT];

    if (!earlier || (elsewhere && is_shadowed(list, own->registration)))
        return;
    finding_add(findings, "mechanism-repeated", spot_of(own, ""),
                "joinMechanism %zu of registration %zu (%s) equals joinMechanism %zu of "
                "registration %zu, which is always taken instead%s",
                own->number + 1, own->registration + 1, gk_mechanism_format(&own->algorithms, text),
                earlier->number + 1, earlier->registration + 1,
                elsewhere ? ", with the access rules there" : "");
}

/* Profile 6.7: members go up to what stands before, never to what stands behind. */
static void find_order(struct findings *findings, const struct lint_mechanisms *list, size_t i)
{
    const struct lint_mechanism *own = &list->at[i];

    for (size_t k = i + 1; own->strength && k < list->count; k++) {
        if (list->at[k].strength <= own->strength)
            continue;
        finding_add(findings, "mechanism-order", spot_of(own, ""),
                    "joinMechanism %zu of registration %zu (about %d bits) stands before "
                    "joinMechanism %zu of registration %zu (about %d)",
                    own->number + 1, own->registration + 1, own->strength, list->at[k].number + 1,
                    list->at[k].registration + 1, list->at[k].strength);
        return;
    }
}

static void find_beside(struct findings *findings, const struct lint_mechanisms *list)
{
    const struct lint_mechanism *weak = NULL;
    bool strong = false;

    for (size_t i = 0; i < list->count; i++) {
        if (list->at[i].weak && !weak)
            weak = &list->at[i];
        strong |= list->at[i].strength && !list->at[i].weak;
    }
    if (weak && strong)
        finding_add(findings, "weak-beside-strong", spot_of(weak, ""),
                    "joinMechanism %zu of registration %zu is weak and hands out the same keys as "
                    "the stronger ones beside it",
                    weak->number + 1, weak->registration + 1);
}

static void find_modes(struct findings *findings, const struct lint_mechanisms *list)
{
    for (size_t i = 1; i < list->count; i++) {
        if (list->at[i].terse == list->at[0].terse)
            continue;
        finding_add(findings, "mode-mixed", spot_of(&list->at[i], "opInfo"),
                    "joinMechanism %zu of registration %zu is %s, the first one %s: before a "
                    "mechanism is known the group is terse",
                    list->at[i].number + 1, list->at[i].registration + 1,
                    list->at[i].terse ? "terse" : "verbose",
                    list->at[0].terse ? "terse" : "verbose");
        return;
    }
}

/* Profile 9.3: the first one's key wrap is the type of the group's keys. */
static void find_key_type(struct findings *findings, const struct lint_mechanisms *list)
{
    const struct gk_wrap *wrap = lint_gtpk_wrap(list);

    if (wrap && wrap->untagged)
        finding_add(findings, "gtpk-unauthenticated", spot_of(&list->at[0], ""),
                    "the first JoinMechanism makes the group's keys %s keys, which detect no "
                    "change of what they encrypt",
                    wrap->name);
}

const struct gk_wrap *lint_gtpk_wrap(const struct lint_mechanisms *list)
{
    const struct gk_wrap *wrap =
        list->count && list->at[0].known ? gk_wrap_find(list->at[0].algorithms.key_wrap) : NULL;

    return wrap && wrap->run ? wrap : NULL;
}

/* --- each by itself ------------------------------------------------------------------- */

#define RESENDS_FIT 4 /* seconds: a KeyDL goes out four times, at most once a second */

static bool resends(const struct token *token, const struct lint_mechanism *mechanism)
{
    return token->registrations[mechanism->registration].join.registration->transport == TOKEN_UDP;
}

static void find_in_operation(const struct token_linting *linting,
                              const struct lint_mechanism *mechanism)
{
    const struct token_mechanism *policy = mechanism->policy;

    if (policy->suite)
        return;
    if (policy->has_timestamp && !policy->timestamp)
        finding_add(linting->findings, "timestamp-false", spot_of(mechanism, "opInfo"),
                    "joinMechanism %zu of registration %zu writes timestamp FALSE, which an absent "
                    "one means too",
                    mechanism->number + 1, mechanism->registration + 1);
    if (policy->time_out.kind == TOKEN_LIFE_INTERVAL && policy->time_out.value > 0 &&
        policy->time_out.value < RESENDS_FIT && resends(linting->token, mechanism))
        finding_add(linting->findings, "time-out-short", spot_of(mechanism, "opInfo"),
                    "joinMechanism %zu of registration %zu gives a registration %lld s; a lost Key "
                    "Download is sent again up to 3 times, a second or more apart",
                    mechanism->number + 1, mechanism->registration + 1,
                    (long long)policy->time_out.value);
}

static void find_in_creation(const struct token_linting *linting,
                             const struct lint_mechanism *mechanism)
{
    const struct gk_creation *creation =
        mechanism->known ? gk_creation_find(mechanism->algorithms.key_creation) : NULL;

    if (!creation || mechanism->policy->suite)
        return;
    if (mechanism->policy->has_key_creation_data)
        finding_add(linting->findings, "creation-data", spot_of(mechanism, ""),
                    "joinMechanism %zu of registration %zu has keyCreationData, and %s takes none",
                    mechanism->number + 1, mechanism->registration + 1, creation->name);
    if (!creation->private_use && !mechanism->weak)
        finding_add(linting->findings, "creation-unbound", spot_of(mechanism, ""),
                    "joinMechanism %zu of registration %zu makes its key by %s, which binds "
                    "neither names nor nonces",
                    mechanism->number + 1, mechanism->registration + 1, creation->name);
}

void token_lint_mechanisms(const struct token_linting *linting)
{
    struct lint_mechanisms list;

    lint_mechanisms(linting->token, &list);
    for (size_t i = 0; i < list.count; i++) {
        find_repeated(linting->findings, &list, i);
        find_order(linting->findings, &list, i);
        find_in_operation(linting, &list.at[i]);
        find_in_creation(linting, &list.at[i]);
    }
    find_beside(linting->findings, &list);
    find_modes(linting->findings, &list);
    find_key_type(linting->findings, &list);
}
