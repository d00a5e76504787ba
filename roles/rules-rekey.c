/* SPDX-License-Identifier: Apache-2.0 */
/* The rekey entry in force (profile 11.10) and its numbers, which are an attacker's until
 * they are bounded. */
#include "roles/rules-parts.h"

#define RESEND_MOST 20
#define EVENTS_MOST INT64_C(1000000000)

static bool refuse_not_run(struct gk_reason *why, const char *what, const char *detail)
{
    return gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "not-run",
                     "%s of the token's rekey (%.60s) is not run by this version", what, detail);
}

static bool refuse_number(struct gk_reason *why, const char *what, int64_t value,
                          const char *allowed)
{
    return gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "rekey-number",
                     "%s is %lld, %s is run", what, (long long)value, allowed);
}

/* An interval to milliseconds, an absolute time to a deadline. */
static bool take_life(const struct token_life *life, int64_t least, const char *what, int64_t *ms,
                      gk_time *deadline, struct gk_reason *why)
{
    if (life->kind != TOKEN_LIFE_INTERVAL) {
        *deadline = life->value;
        return true;
    }
    if (life->value < least)
        return refuse_number(why, what, life->value, "a positive number of seconds");
    *ms = 1000 * (life->value > RULES_SECONDS_MAX ? RULES_SECONDS_MAX : life->value);
    return true;
}

static bool take_events(struct rules_terms *terms, const struct token_rekey *rekey,
                        struct gk_reason *why)
{
    bool by_time =
        rekey->event_kind == TOKEN_TIME_ONLY || rekey->event_kind == TOKEN_TIME_AND_EVENT;
    bool by_count = rekey->event_kind == TOKEN_EVENT || rekey->event_kind == TOKEN_TIME_AND_EVENT;

    if (by_time && !take_life(&rekey->event_time, 1, "the time between rekeys", &terms->rekey_every,
                              &terms->rekey_by, why))
        return false;
    if (by_count && rekey->event_count < 1)
        return refuse_number(why, "the count of events between rekeys", rekey->event_count,
                             "1 or more");
    if (by_count)
        terms->rekey_after = rekey->event_count > EVENTS_MOST ? EVENTS_MOST : rekey->event_count;
    return true;
}

static bool take_reliability(struct rules_terms *terms, const struct token_rekey *rekey,
                             struct gk_reason *why)
{
    switch (rekey->reliability) {
    case TOKEN_RELIABILITY_NONE:
        return true;
    case TOKEN_RELIABILITY_RESEND:
        if (rekey->resend < 0 || rekey->resend > RESEND_MOST)
            return refuse_number(why, "the count of resent copies", rekey->resend, "0 to 20");
        terms->resend = (unsigned)rekey->resend;
        return true;
    case TOKEN_RELIABILITY_POST:
        terms->post = rekey->post;
        return rekey->post.size ||
               gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "rekey-post",
                         "the token's rekey messages are posted at an empty address");
    default:
        return refuse_not_run(why, "the reliability mechanism",
                              rekey->reliability_oid ? rekey->reliability_oid : "unknown");
    }
}

/* Whoever forges such a signature hands out keys of his own. */
static bool judge_signature(const struct rules_local *local, uint16_t signature,
                            struct gk_writer *warnings, struct gk_reason *why)
{
    if (signature != gk_suite_named("suite-1")->mechanism.signature)
        return true;
    rules_warn(warnings, "the token's rekey is signed with Suite 1's DSS-SHA1, which is weak");
    return local->tolerate_suite_1 ||
           gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "tolerate-suite-1",
                     "the token's rekey is signed with Suite 1's DSS-SHA1, which is weak and "
                     "refused by local policy (tolerate_suite_1)");
}

static bool take_algorithms(struct rules_terms *terms, const struct rules_local *local,
                            const struct token_rekey *rekey, struct gk_writer *warnings,
                            struct gk_reason *why)
{
    const struct gk_signature_scheme *signature = gk_signature_find(rekey->signature);
    const struct gk_wrap *wrap = gk_wrap_find(rekey->lkh_key_type);

    if (!signature || !signature->run)
        return refuse_not_run(why, "the signature type", signature ? signature->name : "unknown");
    if (!judge_signature(local, signature->type, warnings, why))
        return false;
    terms->rekey_signature = signature->type;
    if (rekey->method != TOKEN_METHOD_LKH)
        return true;
    if (!wrap || !wrap->run)
        return refuse_not_run(why, "the key type", wrap ? wrap->name : "unknown");
    terms->kek_type = wrap->type;
    return true;
}

static bool take_scheme(struct rules *rules, const struct token_rekey *rekey, struct gk_reason *why)
{
    if (rekey->scheme == TOKEN_SCHEME_OTHER)
        return refuse_not_run(why, "the scheme of subordinates",
                              rekey->scheme_oid ? rekey->scheme_oid : "unknown");
    rules->terms.autonomous = rekey->scheme == TOKEN_SCHEME_AUTONOMOUS;
    return rules_list_compile(&rules->authorization, &rekey->authorization, false,
                              "rekey authorization", why) &&
           (!rules->terms.autonomous ||
            rules_list_compile(&rules->auth_subs, &rekey->auth_subs, false, "authSubs", why));
}

/* Rules of entries that are not in force must be judgeable too (profile 11.18). */
static bool judge_other(const struct token_rekey *rekey, struct gk_reason *why)
{
    struct rules_list list = {0};
    bool good = rules_list_compile(&list, &rekey->authorization, false, "rekey authorization", why);

    rules_list_drop(&list);
    if (good && rekey->scheme == TOKEN_SCHEME_AUTONOMOUS) {
        good = rules_list_compile(&list, &rekey->auth_subs, false, "authSubs", why);
        rules_list_drop(&list);
    }
    return good;
}

static bool take_rekey(struct rules *rules, const struct token_rekey *rekey,
                       struct gk_writer *warnings, struct gk_reason *why)
{
    struct rules_terms *terms = &rules->terms;

    terms->rekeys = true;
    terms->rekey = rekey;
    return take_algorithms(terms, &rules->local, rekey, warnings, why) &&
           take_events(terms, rekey, why) &&
           take_life(&rekey->interval, 0, "the rekey interval", &terms->rekey_interval,
                     &terms->expect_by, why) &&
           take_reliability(terms, rekey, why) && take_scheme(rules, rekey, why);
}

bool rules_terms_rekey(struct rules *rules, struct gk_writer *warnings, struct gk_reason *why)
{
    const struct token *token = rules->token;
    bool protocols = false;

    rules->terms.rekey_by = rules->terms.expect_by = GK_TIME_NEVER;
    for (size_t i = 0; i < token->rekey_count; i++) {
        const struct token_rekey *rekey = token->rekeys[i].rekey;

        protocols |= token->rekeys[i].kind != TOKEN_PROTOCOL_NONE;
        if (token->rekeys[i].kind != TOKEN_PROTOCOL_REKEY)
            continue;
        if (rekey->method == TOKEN_METHOD_OTHER)
            rules_warn(warnings, "rekey %zu has an unknown method: %.60s", i + 1,
                       rekey->method_oid ? rekey->method_oid : "none");
        if (rekey->method == TOKEN_METHOD_OTHER || rules->terms.rekeys) {
            if (!judge_other(rekey, why))
                return false;
        } else if (!take_rekey(rules, rekey, warnings, why)) {
            return false;
        }
    }
    return rules->terms.rekeys || !protocols ||
           gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "not-run",
                     "no rekey protocol of the token is run by this version");
}
