/* SPDX-License-Identifier: Apache-2.0 */
/* The rekey entry in force (profile 11.10) and its numbers, which are an attacker's until
 * they are bounded. */
#include "roles/rules-parts.h"

#define RESEND_MOST 20
#define EVENTS_MOST INT64_C(1000000000)

/* The rekey entry that is being judged. */
struct entry {
    struct rules *rules;
    struct rules_terms *terms;
    const struct token_rekey *rekey;
    const struct token_protocol *protocol;
    size_t number;
};

static struct finding_spot spot_of(const struct entry *entry, const char *part)
{
    return finding_spot(&entry->protocol->place, "rekey[%zu]%s%s", entry->number, *part ? "." : "",
                        part);
}

static void refuse_not_run(const struct entry *entry, const char *part, const char *what,
                           const char *detail)
{
    finding_refuse(entry->rules->findings, GK_PROHIBITED_BY_LOCAL_POLICY, "not-run",
                   spot_of(entry, part),
                   "%s of the token's rekey (%.60s) is not run by this version", what, detail);
}

static void refuse_number(const struct entry *entry, const char *part, const char *what,
                          int64_t value, const char *allowed)
{
    finding_refuse(entry->rules->findings, GK_PROHIBITED_BY_LOCAL_POLICY, "rekey-number",
                   spot_of(entry, part), "%s is %lld, %s is run", what, (long long)value, allowed);
}

/* An interval to milliseconds, an absolute time to a deadline. */
static void take_life(const struct entry *entry, const struct token_life *life, int64_t least,
                      const char *part, const char *what, int64_t *ms, gk_time *deadline)
{
    if (life->kind != TOKEN_LIFE_INTERVAL)
        *deadline = life->value;
    else if (life->value < least)
        refuse_number(entry, part, what, life->value, "a positive number of seconds");
    else
        *ms = 1000 * (life->value > RULES_SECONDS_MAX ? RULES_SECONDS_MAX : life->value);
}

static void take_events(const struct entry *entry)
{
    const struct token_rekey *rekey = entry->rekey;
    struct rules_terms *terms = entry->terms;
    bool by_time =
        rekey->event_kind == TOKEN_TIME_ONLY || rekey->event_kind == TOKEN_TIME_AND_EVENT;
    bool by_count = rekey->event_kind == TOKEN_EVENT || rekey->event_kind == TOKEN_TIME_AND_EVENT;

    if (by_time)
        take_life(entry, &rekey->event_time, 1, "rekeyEventDef", "the time between rekeys",
                  &terms->rekey_every, &terms->rekey_by);
    if (by_count && rekey->event_count < 1)
        refuse_number(entry, "rekeyEventDef", "the count of events between rekeys",
                      rekey->event_count, "1 or more");
    else if (by_count)
        terms->rekey_after = rekey->event_count > EVENTS_MOST ? EVENTS_MOST : rekey->event_count;
}

static void take_reliability(const struct entry *entry)
{
    const struct token_rekey *rekey = entry->rekey;
    struct rules_terms *terms = entry->terms;

    switch (rekey->reliability) {
    case TOKEN_RELIABILITY_NONE:
        return;
    case TOKEN_RELIABILITY_RESEND:
        if (rekey->resend < 0 || rekey->resend > RESEND_MOST)
            refuse_number(entry, "reliability", "the count of resent copies", rekey->resend,
                          "0 to 20");
        else
            terms->resend = (unsigned)rekey->resend;
        return;
    case TOKEN_RELIABILITY_POST:
        terms->post = rekey->post;
        if (!rekey->post.size)
            finding_refuse(entry->rules->findings, GK_PROHIBITED_BY_GROUP_POLICY, "rekey-post",
                           spot_of(entry, "reliability"),
                           "the token's rekey messages are posted at an empty address");
        return;
    default:
        refuse_not_run(entry, "reliability", "the reliability mechanism",
                       rekey->reliability_oid ? rekey->reliability_oid : "unknown");
    }
}

/* Whoever forges such a signature hands out keys of his own. */
static void judge_signature(const struct entry *entry, uint16_t signature)
{
    if (signature != gk_suite_named("suite-1")->mechanism.signature)
        return;
    if (entry->rules->local.tolerate_suite_1)
        finding_add(entry->rules->findings, "rekey-weak", spot_of(entry, "mechanism"),
                    "the token's rekey is signed with Suite 1's DSS-SHA1, which is weak");
    else
        finding_refuse(entry->rules->findings, GK_PROHIBITED_BY_LOCAL_POLICY, "tolerate-suite-1",
                       spot_of(entry, "mechanism"),
                       "the token's rekey is signed with Suite 1's DSS-SHA1, which is weak and "
                       "refused by local policy (tolerate_suite_1)");
}

static void take_algorithms(const struct entry *entry)
{
    const struct gk_signature_scheme *signature = gk_signature_find(entry->rekey->signature);
    const struct gk_wrap *wrap = gk_wrap_find(entry->rekey->lkh_key_type);

    if (!signature || !signature->run) {
        refuse_not_run(entry, "mechanism", "the signature type",
                       signature ? signature->name : "unknown");
    } else {
        judge_signature(entry, signature->type);
        entry->terms->rekey_signature = signature->type;
    }
    if (entry->rekey->method != TOKEN_METHOD_LKH)
        return;
    if (!wrap || !wrap->run)
        refuse_not_run(entry, "rekeyMethod", "the key type", wrap ? wrap->name : "unknown");
    else
        entry->terms->kek_type = wrap->type;
}

/* Whose keys are taken: into `authorization` and, under the autonomous scheme, `subs`. */
static void compile_lists(const struct entry *entry, struct rules_list *authorization,
                          struct rules_list *subs)
{
    const struct token_rekey *rekey = entry->rekey;

    rules_list_compile(
        authorization, &rekey->authorization, false,
        rules_where("rekey authorization", "rekey[%zu].authorization", entry->number),
        entry->rules->findings);
    if (rekey->scheme == TOKEN_SCHEME_AUTONOMOUS)
        rules_list_compile(
            subs, &rekey->auth_subs, false,
            rules_where("authSubs", "rekey[%zu].subGCKSInfo.authSubs", entry->number),
            entry->rules->findings);
}

static void take_scheme(const struct entry *entry)
{
    const struct token_rekey *rekey = entry->rekey;

    if (rekey->scheme == TOKEN_SCHEME_OTHER)
        refuse_not_run(entry, "subGCKSInfo", "the scheme of subordinates",
                       rekey->scheme_oid ? rekey->scheme_oid : "unknown");
    entry->terms->autonomous = rekey->scheme == TOKEN_SCHEME_AUTONOMOUS;
    compile_lists(entry, &entry->rules->authorization, &entry->rules->auth_subs);
}

/* Rules of entries that are not in force must be judgeable too (profile 11.18). */
static void judge_other(const struct entry *entry)
{
    struct rules_list authorization = {0};
    struct rules_list subs = {0};

    compile_lists(entry, &authorization, &subs);
    rules_list_drop(&authorization);
    rules_list_drop(&subs);
}

static void take_rekey(const struct entry *entry)
{
    struct rules_terms *terms = entry->terms;

    terms->rekeys = true;
    terms->rekey = entry->rekey;
    terms->rekey_number = entry->number;
    take_algorithms(entry);
    take_events(entry);
    take_life(entry, &entry->rekey->interval, 0, "rekeyInterval", "the rekey interval",
              &terms->rekey_interval, &terms->expect_by);
    take_reliability(entry);
    take_scheme(entry);
}

void rules_terms_rekey(struct rules *rules)
{
    const struct token *token = rules->token;
    bool protocols = false;

    rules->terms.rekey_by = rules->terms.expect_by = GK_TIME_NEVER;
    for (size_t i = 0; i < token->rekey_count; i++) {
        const struct token_protocol *protocol = &token->rekeys[i];
        struct entry entry = {rules, &rules->terms, protocol->rekey, protocol, i};

        protocols |= protocol->kind != TOKEN_PROTOCOL_NONE;
        if (protocol->kind != TOKEN_PROTOCOL_REKEY)
            continue;
        if (entry.rekey->method == TOKEN_METHOD_OTHER)
            finding_add(rules->findings, "rekey-unknown-method", spot_of(&entry, "rekeyMethod"),
                        "rekey %zu has an unknown method: %.60s", i + 1,
                        entry.rekey->method_oid ? entry.rekey->method_oid : "none");
        if (entry.rekey->method == TOKEN_METHOD_OTHER || rules->terms.rekeys)
            judge_other(&entry);
        else
            take_rekey(&entry);
    }
    if (!rules->terms.rekeys && protocols)
        finding_refuse(rules->findings, GK_PROHIBITED_BY_LOCAL_POLICY, "not-run",
                       finding_spot(&token->rekeys[0].place, "rekey"),
                       "no rekey protocol of the token is run by this version");
}
