/* SPDX-License-Identifier: Apache-2.0 */
/* Rekey (RFC 4534 B.5): the entry in force, and those that are not. */
#include "token/lint-parts.h"

#define DAY      INT64_C(86400)
#define SELDOM   (30 * DAY)
#define APART(n) (2 * (1 + (n))) /* seconds that an event with its copies takes (profile 9.7) */

struct rekeying {
    struct findings *findings;
    const struct token_protocol *protocol;
    const struct token_rekey *rekey;
    size_t index;
    struct lint_mechanisms mechanisms;
};

static struct finding_spot spot_of(const struct rekeying *of, const char *part)
{
    return finding_spot(&of->protocol->place, "rekey[%zu]%s%s", of->index, *part ? "." : "", part);
}

static bool by_time(const struct token_rekey *rekey)
{
    return rekey->event_kind == TOKEN_TIME_ONLY || rekey->event_kind == TOKEN_TIME_AND_EVENT;
}

/* Seconds between rekeys by time; 0 when there are none, or at a moment. */
static int64_t every(const struct token_rekey *rekey)
{
    return by_time(rekey) && rekey->event_time.kind == TOKEN_LIFE_INTERVAL ? rekey->event_time.value
                                                                           : 0;
}

/* --- when ------------------------------------------------------------------------------- */

static void find_never(const struct rekeying *of)
{
    if (of->rekey->event_kind == TOKEN_NEVER)
        finding_add(of->findings, "rekey-never", spot_of(of, "rekeyEventDef"),
                    "neither time nor events change the group's keys");
}

static void find_once(const struct rekeying *of)
{
    char stamp[GK_STAMP_SIZE + 1];

    if (!by_time(of->rekey) || of->rekey->event_time.kind == TOKEN_LIFE_INTERVAL)
        return;
    gk_stamp_format(of->rekey->event_time.value, stamp);
    finding_add(of->findings, "rekey-once", spot_of(of, "rekeyEventDef"),
                "the time between rekeys is the moment %s: one rekey by then, and none by time "
                "afterwards",
                stamp);
}

/* Profile 9.7: the copies of one event are still on their way when the next one is sent. */
static void find_fast(const struct rekeying *of)
{
    int64_t copies = of->rekey->reliability == TOKEN_RELIABILITY_RESEND ? of->rekey->resend : 0;
    int64_t seconds = every(of->rekey);

    if (seconds > 0 && copies >= 0 && copies <= 20 && seconds <= APART(copies))
        finding_add(of->findings, "rekey-fast", spot_of(of, "rekeyEventDef"),
                    "a rekey every %lld s, and members wait up to %lld s for the messages of one "
                    "event and its copies",
                    (long long)seconds, (long long)APART(copies));
}

/* Profile 9.8: the longest silence that members take for normal. */
static void find_interval(const struct rekeying *of)
{
    const struct token_life *interval = &of->rekey->interval;
    int64_t seconds = every(of->rekey);

    if (interval->kind != TOKEN_LIFE_INTERVAL)
        return;
    if (interval->value == 0)
        finding_add(of->findings, "interval-zero", spot_of(of, "rekeyInterval"),
                    "rekeyInterval is 0: members never take silence for a loss");
    else if (seconds > 0 && interval->value < seconds)
        finding_add(of->findings, "interval-short", spot_of(of, "rekeyInterval"),
                    "rekeyInterval is %lld s, and the group is rekeyed every %lld s: members give "
                    "up before the next rekey",
                    (long long)interval->value, (long long)seconds);
    else if (!by_time(of->rekey) && interval->value > 0 && interval->value < SELDOM)
        finding_add(of->findings, "interval-without-time", spot_of(of, "rekeyInterval"),
                    "rekeyEventDef names no time, and rekeyInterval makes servers rekey every "
                    "%lld s all the same",
                    (long long)interval->value);
}

/* --- by what ---------------------------------------------------------------------------- */

static void find_method(const struct rekeying *of)
{
    if (of->rekey->method == TOKEN_METHOD_NONE)
        finding_add(of->findings, "method-none", spot_of(of, "rekeyMethod"),
                    "the rekey method is none: no event, no time and no eviction ever changes a "
                    "key");
}

/* Profile 12.11: one key pair a signature type. */
static void find_signature(const struct rekeying *of)
{
    const struct lint_mechanisms *list = &of->mechanisms;
    const struct gk_signature_scheme *scheme = gk_signature_find(of->rekey->signature);

    if (!scheme || !scheme->run || !list->count)
        return;
    for (size_t i = 0; i < list->count; i++) {
        if (!list->at[i].known || list->at[i].algorithms.signature == scheme->type)
            return;
    }
    finding_add(of->findings, "rekey-signature", spot_of(of, "mechanism"),
                "rekeys are signed with %s and no JoinMechanism is: servers need a second key "
                "pair, and members software for it",
                scheme->name);
}

static void find_nonce_hash(const struct rekeying *of)
{
    if (!gk_nonce_hash_find(of->rekey->nonce_hash))
        finding_add(of->findings, "rekey-nonce-hash", spot_of(of, "mechanism"),
                    "the rekey mechanism's nonce hash %lld is of no table",
                    (long long)of->rekey->nonce_hash);
}

/* The KEKs carry the GTPKs: a chain of keys is as strong as the weakest. */
static void find_weaker(const struct rekeying *of)
{
    const struct gk_wrap *gtpk = lint_gtpk_wrap(&of->mechanisms);
    const struct gk_wrap *kek = gk_wrap_find(of->rekey->lkh_key_type);

    if (of->rekey->method != TOKEN_METHOD_LKH || !gtpk || !kek || !kek->run ||
        (kek->key_size >= gtpk->key_size && kek->untagged <= gtpk->untagged))
        return;
    finding_add(of->findings, "kek-weaker", spot_of(of, "rekeyMethod"),
                "the tree's keys are of %s, and carry keys of %s", kek->name, gtpk->name);
}

static void find_resend(const struct rekeying *of)
{
    if (of->rekey->reliability == TOKEN_RELIABILITY_RESEND && of->rekey->resend == 0)
        finding_add(of->findings, "resend-zero", spot_of(of, "reliability"),
                    "messages are resent 0 times");
}

/* --- forms ------------------------------------------------------------------------------ */

/* A NULL's octets are missing; a source has none to look at. */
static void find_empty(const struct rekeying *of)
{
    const struct token_rekey *rekey = of->rekey;

    if (!of->protocol->info.size)
        return;
    if ((rekey->method == TOKEN_METHOD_NONE && !rekey->method_info.size) ||
        (rekey->reliability == TOKEN_RELIABILITY_NONE && !rekey->reliability_info.size) ||
        (rekey->scheme == TOKEN_SCHEME_NONE && !rekey->scheme_info.size))
        finding_add(of->findings, "null-empty", spot_of(of, ""),
                    "a part of rekey %zu that says none has empty octets instead of a NULL",
                    of->index + 1);
}

void token_lint_rekey(const struct token_linting *linting, const struct token_protocol *protocol,
                      size_t index)
{
    static void (*const finders[])(const struct rekeying *of) = {
        find_never,     find_once,       find_fast,   find_interval, find_method,
        find_signature, find_nonce_hash, find_weaker, find_resend,   find_empty};
    struct rekeying of = {linting->findings, protocol, protocol->rekey, index, {0}};
    size_t in_force;

    if (token_lint_rekey_in_force(linting->token, &in_force) != protocol) {
        if (protocol->rekey->method != TOKEN_METHOD_OTHER)
            finding_add(linting->findings, "rekey-shadowed", spot_of(&of, ""),
                        "rekey %zu is never in force: rekey %zu is, as the first that is known",
                        index + 1, in_force + 1);
        return;
    }
    lint_mechanisms(linting->token, &of.mechanisms);
    for (size_t i = 0; i < sizeof finders / sizeof *finders; i++)
        finders[i](&of);
}
