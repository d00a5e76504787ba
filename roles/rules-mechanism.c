/* SPDX-License-Identifier: Apache-2.0 */
/* JoinMechanisms: which of them this version runs and local policy allows (profile 6). */
#include "roles/rules-parts.h"

#include "token/mechanism.h"

#define TIME_OUT_DEFAULT INT64_C(30000) /* profile 6.3 */
#define TIME_OUT_MOST    INT64_C(86400)

/* Its other numbers may be of no table. */
int64_t rules_mechanism_wrap(const struct token_mechanism *mechanism)
{
    struct gk_mechanism of_suite;

    if (!mechanism->suite)
        return mechanism->key_wrap;
    return token_mechanism_algorithms(mechanism, &of_suite) ? of_suite.key_wrap : -1;
}

/* What a token can have of Suite 1 that breaks what it protects: signatures over SHA-1 under keys
 * of 1024 bits and up, and a group of 1024 bits. Alone they are no better than all four. */
bool rules_weak(const struct gk_mechanism *mechanism)
{
    const struct gk_mechanism *suite_1 = &gk_suite_named("suite-1")->mechanism;

    return mechanism->signature == suite_1->signature ||
           mechanism->key_creation == suite_1->key_creation;
}

static bool take_time_out(struct rules_mechanism *to, const struct token_life *life,
                          struct gk_reason *why)
{
    to->time_out = TIME_OUT_DEFAULT;
    to->deadline = GK_TIME_NEVER;
    if (life->kind != TOKEN_LIFE_INTERVAL) {
        to->deadline = life->value;
        return true;
    }
    if (life->value < 1 || life->value > TIME_OUT_MOST)
        return gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "time-out",
                         "a timeOut of %lld s is not run, 1 s to a day is", (long long)life->value);
    to->time_out = life->value * 1000;
    return true;
}

/* Its numbers; false, with a reason, for what no table or suite of ours has. */
static bool resolve(struct rules_mechanism *to, const struct token_mechanism *from,
                    struct gk_reason *why)
{
    bool known = token_mechanism_algorithms(from, &to->algorithms);

    if (!known && from->suite)
        return gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "not-run",
                         "suite %.60s is not run by this version", from->suite);
    if (!known)
        return gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "not-run",
                         "a number of the mechanism is not of RFC 4535's tables");
    if (from->suite) {
        to->time_out = TIME_OUT_DEFAULT;
        to->deadline = GK_TIME_NEVER;
        to->terse = true;
        return true;
    }
    to->terse = from->terse;
    to->timestamp = from->has_timestamp && from->timestamp;
    return take_time_out(to, &from->time_out, why);
}

bool rules_locally_allowed(const struct rules_local *local, const struct gk_mechanism *mechanism,
                           struct gk_reason *why)
{
    bool listed = !local->mechanism_count;
    char text[GK_MECHANISM_TEXT];

    if (rules_weak(mechanism) && !local->tolerate_suite_1)
        return gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "tolerate-suite-1",
                         "%s: Suite 1 is weak and refused by local policy (tolerate_suite_1)",
                         gk_mechanism_format(mechanism, text));
    for (size_t i = 0; i < local->mechanism_count; i++)
        listed |= gk_mechanism_equal(mechanism, &local->mechanisms[i]);
    return listed ||
           gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "mechanisms",
                     "the mechanism %s is not among those that local policy allows (mechanisms)",
                     gk_mechanism_format(mechanism, text));
}

static bool usable(const struct rules *rules, struct rules_mechanism *to,
                   const struct token_mechanism *from, struct gk_reason *why)
{
    struct gk_reason detail = {0};

    if (!resolve(to, from, why))
        return false;
    if (!gk_mechanism_runs(&to->algorithms, &detail))
        return gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "not-run", "%.250s",
                         detail.text);
    return rules_locally_allowed(&rules->local, &to->algorithms, why);
}

/* What this host leaves out, a member does without; a GC/KS serves all or none (profile 6.7). */
static void leave_out(struct rules *rules, struct finding_spot spot, size_t registration,
                      size_t number, const struct gk_reason *reason)
{
    rules->terms.mechanisms_left_out++;
    if (rules->local.serves)
        finding_take_at(rules->findings, spot, reason);
    else
        finding_add(rules->findings, "mechanism-left-out", spot,
                    "joinMechanism %zu of registration %zu is left out: %s", number + 1,
                    registration + 1, reason->text);
}

/* `first` keeps why the first one was left out. */
static void add(struct rules *rules, size_t registration, size_t number, struct gk_reason *first)
{
    const struct token_register *policy = rules->registration[registration].policy;
    const struct token_mechanism *from = &policy->mechanisms[number];
    struct finding_spot spot = finding_spot(
        &from->place, "registration[%zu].register.joinMechanisms[%zu]", registration, number);
    struct rules_mechanism mechanism = {.registration = registration};
    struct rules_terms *terms = &rules->terms;
    struct gk_reason reason = {0};
    char text[GK_MECHANISM_TEXT];

    if (!usable(rules, &mechanism, from, &reason)) {
        leave_out(rules, spot, registration, number, &reason);
        if (!first->code)
            *first = reason;
        return;
    }
    if (terms->mechanism_count == RULES_MECHANISMS) {
        finding_refuse(rules->findings, GK_PROHIBITED_BY_LOCAL_POLICY, "mechanism-count", spot,
                       "the token has more than %d JoinMechanisms", RULES_MECHANISMS);
        return;
    }
    if (rules_weak(&mechanism.algorithms))
        finding_add(rules->findings, "mechanism-weak", spot,
                    "joinMechanism %zu of registration %zu is %s, which is weak: whoever breaks "
                    "DSA with SHA-1 or a 1024-bit Diffie-Hellman group reads or runs the group",
                    number + 1, registration + 1, gk_mechanism_format(&mechanism.algorithms, text));
    mechanism.transport = policy->transport;
    terms->mechanism[terms->mechanism_count++] = mechanism;
}

void rules_terms_mechanisms(struct rules *rules)
{
    struct rules_terms *terms = &rules->terms;
    struct gk_reason first = {0};
    bool terse = false;
    bool known = false;

    for (size_t i = 0; i < rules->registration_count; i++) {
        const struct token_register *policy = rules->registration[i].policy;

        known |= rules->registration[i].known;
        for (size_t j = 0; rules->registration[i].known && j < policy->mechanism_count; j++) {
            terse |= policy->mechanisms[j].suite || policy->mechanisms[j].terse;
            add(rules, i, j, &first);
        }
    }
    terms->verbose = !terse && terms->mechanism_count + terms->mechanisms_left_out > 0;
    if (terms->mechanism_count || !known)
        return;
    if (!first.code)
        finding_refuse(rules->findings, GK_PROHIBITED_BY_LOCAL_POLICY, "not-run",
                       finding_spot(&rules->token->registrations[0].join.place, "registration"),
                       "no registration of the token is run by this version");
    else if (!rules->local.serves)
        finding_take_at(rules->findings, finding_nowhere(), &first);
}

static bool refuse_choice(struct gk_reason *why, uint16_t notification, const char *what,
                          unsigned value)
{
    return gk_refuse(why, notification, GK_NO_OFFSET, "mechanism-value", "%s %u %s", what, value,
                     notification == GK_PAYLOAD_MALFORMED ? "is of no table"
                                                          : "is not run by this version");
}

/* Profile 8.4: values of no table, and known ones that nobody runs, are told apart first. */
static bool judge_values(uint16_t signature, uint16_t key_creation,
                         const struct gk_choices *choices, struct gk_reason *why)
{
    const struct gk_signature_scheme *scheme = gk_signature_find(signature);
    const struct gk_wrap *wrap = gk_wrap_find(choices->key_wrap);

    if (!scheme)
        return refuse_choice(why, GK_PAYLOAD_MALFORMED, "signature type", signature);
    if (!scheme->run && !scheme->verify)
        return refuse_choice(why, GK_AUTHENTICATION_FAILED, "signature type", signature);
    if (!gk_creation_find(key_creation))
        return refuse_choice(why, GK_PAYLOAD_MALFORMED, "key creation type", key_creation);
    if (choices->has_nonce_hash && !gk_nonce_hash_find(choices->nonce_hash))
        return refuse_choice(why, GK_PAYLOAD_MALFORMED, "nonce hash", choices->nonce_hash);
    if (!choices->has_key_wrap)
        return true;
    if (!wrap)
        return refuse_choice(why, GK_PAYLOAD_MALFORMED, "key wrap", choices->key_wrap);
    return wrap->run || wrap->open ||
           refuse_choice(why, GK_INVALID_KEY_INFORMATION, "key wrap", choices->key_wrap);
}

bool rules_mechanism(const struct rules *rules, uint16_t signature, uint16_t key_creation,
                     const struct gk_choices *choices, size_t *index, struct gk_reason *why)
{
    const struct rules_terms *terms = &rules->terms;
    struct gk_mechanism asked;
    char text[GK_MECHANISM_TEXT];

    if (!judge_values(signature, key_creation, choices, why))
        return false;
    for (size_t i = 0; i < terms->mechanism_count; i++) {
        const struct gk_mechanism *have = &terms->mechanism[i].algorithms;

        if (have->signature == signature && have->key_creation == key_creation &&
            (!choices->has_key_creation || have->key_creation == choices->key_creation) &&
            (!choices->has_key_wrap || have->key_wrap == choices->key_wrap) &&
            (!choices->has_nonce_hash || have->nonce_hash == choices->nonce_hash)) {
            *index = i;
            return true;
        }
    }
    asked = (struct gk_mechanism){signature, choices->nonce_hash, key_creation, choices->key_wrap};
    return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "no-mechanism",
                     "the token lists no JoinMechanism with %s", gk_mechanism_format(&asked, text));
}
