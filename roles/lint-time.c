/* SPDX-License-Identifier: Apache-2.0 */
/* Time: the clock against the policy's moments (profile 6.4). */
#include "roles/lint-parts.h"
#include "token/lint.h"

#define DAY  INT64_C(86400)
#define SOON (30 * DAY)

struct timing {
    const struct lint_subject *subject;
    struct findings *findings;
    gk_time now;
};

static void find_closed(const struct timing *of, size_t registration,
                        const struct token_register *join)
{
    for (size_t i = 0; i < join->mechanism_count; i++) {
        const struct token_mechanism *mechanism = &join->mechanisms[i];

        if (mechanism->suite || !lint_is_moment(&mechanism->time_out) ||
            mechanism->time_out.value > of->now)
            continue;
        finding_add(of->findings, "registration-closed",
                    finding_spot(&mechanism->place,
                                 "registration[%zu].register.joinMechanisms[%zu].opInfo",
                                 registration, i),
                    "nobody can join by joinMechanism %zu of registration %zu: its timeOut was %s",
                    i + 1, registration + 1, lint_stamp(mechanism->time_out.value).text);
    }
}

static void find_rekey(const struct timing *of)
{
    size_t index;
    const struct token_protocol *rekey = token_lint_rekey_in_force(of->subject->token, &index);
    const struct token_life *time = rekey ? &rekey->rekey->event_time : NULL;

    if (!rekey || rekey->rekey->event_kind == TOKEN_NEVER ||
        rekey->rekey->event_kind == TOKEN_EVENT || !lint_is_moment(time) || time->value > of->now)
        return;
    finding_add(of->findings, "rekey-passed",
                finding_spot(&rekey->place, "rekey[%zu].rekeyEventDef", index),
                "the only rekey by time was to be by %s", lint_stamp(time->value).text);
}

static void find_key(const struct timing *of, const struct token_key_info *key, size_t data)
{
    struct finding_spot spot = finding_spot(&key->place, "data[%zu]", data);
    gk_time end = key->expiration.value;

    if (!key->present || !key->has_expiration || !lint_is_moment(&key->expiration))
        return;
    if (end <= of->now)
        finding_add(of->findings, "key-expired", spot, "a key of data protocol %zu expired at %s",
                    data + 1, lint_stamp(end).text);
    else if (end - of->now < SOON)
        finding_add(of->findings, "key-ends-soon", spot,
                    "a key of data protocol %zu and its successors end at %s, in less than %lld "
                    "days",
                    data + 1, lint_stamp(end).text, (long long)((end - of->now) / DAY + 1));
}

static void find_moments(const struct timing *of)
{
    const struct token *token = of->subject->token;

    for (size_t i = 0; i < token->registration_count; i++) {
        if (token->registrations[i].join.kind == TOKEN_PROTOCOL_REGISTER)
            find_closed(of, i, token->registrations[i].join.registration);
    }
    find_rekey(of);
    for (size_t i = 0; i < token->data_count; i++) {
        if (token->datas[i].kind != TOKEN_PROTOCOL_DATA)
            continue;
        find_key(of, &token->datas[i].data->authentication, i);
        find_key(of, &token->datas[i].data->encryption, i);
    }
}

void lint_time(const struct lint_subject *subject, const struct lint_context *context,
               struct findings *findings)
{
    const struct timing of = {subject, findings, context->now};

    find_moments(&of);
}
