/* SPDX-License-Identifier: Apache-2.0 */
/* <rekey> (RFC 4534 B.5), or the one that follows from the registrations. */
#include "token/source-part.h"

#include <string.h>

/* More pairs than a token can hold (the least takes 11 octets) are refused when it is written;
 * until then they are not compared with one another. */
#define PAIRS_MOST (TOKEN_MAX / 11)

#define DAY    86400
#define EVERY  DAY
#define SELDOM (365 * (int64_t)DAY)

/* The registrations' servers, each once. */
static void derive_authorized(struct source *source, struct token_rekey *to)
{
    const struct token *token = source->token;

    for (size_t i = 0; i < token->registration_count; i++) {
        const struct token_protocol *join = &token->registrations[i].join;

        if (join->kind != TOKEN_PROTOCOL_REGISTER)
            continue;
        for (size_t j = 0; j < join->registration->gcks.count; j++) {
            const struct token_pair *pair = &join->registration->gcks.at[j];

            if (to->authorization.count > PAIRS_MOST || !source_pair_in(&to->authorization, pair))
                source_add_pair(source, &to->authorization, pair);
        }
    }
}

static void derive_subordinates(struct source *source, struct token_rekey *to)
{
    const struct token *token = source->token;

    for (size_t i = 0; i < token->registration_count; i++) {
        const struct token_protocol *join = &token->registrations[i].join;

        if (join->kind != TOKEN_PROTOCOL_REGISTER)
            continue;
        for (size_t list = 0; list < join->registration->sub_gcks_count; list++) {
            const struct token_pairs *pairs = &join->registration->sub_gcks[list];

            for (size_t j = 0; j < pairs->count; j++) {
                if (to->auth_subs.count > PAIRS_MOST ||
                    !source_pair_in(&to->auth_subs, &pairs->at[j]))
                    source_add_pair(source, &to->auth_subs, &pairs->at[j]);
            }
        }
    }
}

static const struct token_mechanism *first_mechanism(const struct token *token)
{
    for (size_t i = 0; i < token->registration_count; i++) {
        const struct token_protocol *join = &token->registrations[i].join;
        const struct token_mechanism *found = join->kind == TOKEN_PROTOCOL_REGISTER
                                                  ? source_first_mechanism(join->registration)
                                                  : NULL;

        if (found)
            return found;
    }
    return NULL;
}

static bool read_authorized(struct source *source, const xmlNode *at, struct token_rekey *to)
{
    if (at && source_child(at, "authorized"))
        return source_pairs(source, at, "authorized", &to->authorization);
    derive_authorized(source, to);
    return to->authorization.count > 0 ||
           source_refuse(source, at ? at : source->policy, "source-missing",
                         "the rekey policy names nobody, and no registration has a <gcks> to take "
                         "them from; expected <authorized> in <rekey>");
}

static bool read_mechanism(struct source *source, const xmlNode *at, struct token_rekey *to)
{
    const struct token_mechanism *like = first_mechanism(source->token);
    struct token_mechanism recommended = {0};

    if (!like) {
        source_default_mechanism(&recommended);
        like = &recommended;
    }
    to->signature = like->signature;
    to->nonce_hash = like->nonce_hash;
    to->lkh_key_type = like->key_wrap;
    return !at ||
           (source_algorithm(source, at, "signature", GK_REGISTRY_SIGNATURE, &to->signature) &&
            source_algorithm(source, at, "nonce-hash", GK_REGISTRY_NONCE_HASH, &to->nonce_hash));
}

/* rekeyEventDef: never, every, after-events or both; a day or one event where nothing stands. */
static bool read_event(struct source *source, const xmlNode *at, struct token_rekey *to)
{
    static const char *const yes[] = {"yes", NULL};
    static const char *const others[] = {"every", "after-events", NULL};
    bool every = at && source_has(at, "every");
    bool after = at && source_has(at, "after-events");
    size_t choice;

    if (at && source_has(at, "never")) {
        to->event_kind = TOKEN_NEVER;
        return source_choice(source, at, "never", yes, &choice) &&
               source_without(source, at, "never", others);
    }
    to->event_kind = every && !after   ? TOKEN_TIME_ONLY
                     : after && !every ? TOKEN_EVENT
                                       : TOKEN_TIME_AND_EVENT;
    if (every || !after)
        to->event_time = (struct token_life){TOKEN_LIFE_INTERVAL, EVERY};
    if (after || !every)
        to->event_count = 1;
    return !at || (source_life(source, at, "every", &to->event_time) &&
                   source_integer(source, at, "after-events", 1, &to->event_count));
}

/* The longest silence that a member takes for normal. */
static bool read_interval(struct source *source, const xmlNode *at, struct token_rekey *to)
{
    bool timed = to->event_kind == TOKEN_TIME_ONLY || to->event_kind == TOKEN_TIME_AND_EVENT;

    to->interval = timed ? to->event_time : (struct token_life){TOKEN_LIFE_INTERVAL, SELDOM};
    return !at || source_life(source, at, "interval", &to->interval);
}

static bool read_method(struct source *source, const xmlNode *at, struct token_rekey *to)
{
    static const char *const methods[] = {"none", "lkh", NULL};
    static const char *const others[] = {"method", "key-wrap", NULL};
    static const char *const wrap[] = {"key-wrap", NULL};
    size_t method = 1;

    to->method = TOKEN_METHOD_LKH;
    to->method_oid = TOKEN_OID_METHOD_LKH;
    if (!at)
        return true;
    if (source_has(at, "method-oid") || source_has(at, "method-info")) {
        to->method = TOKEN_METHOD_OTHER;
        to->lkh_key_type = 0;
        return source_without(source, at, "method-oid", others) &&
               source_other(source, at, "method-oid", "method-info", &to->method_oid,
                            &to->method_info);
    }
    if (!source_choice(source, at, "method", methods, &method))
        return false;
    if (method == 1)
        return source_algorithm(source, at, "key-wrap", GK_REGISTRY_KEY, &to->lkh_key_type);
    to->method = TOKEN_METHOD_NONE;
    to->method_oid = TOKEN_OID_METHOD_NONE;
    to->lkh_key_type = 0;
    return source_without(source, at, "method=\"none\"", wrap);
}

bool source_url_form(struct gk_octets text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] <= 0x20 || text.data[i] >= 0x7f)
            return false;
    }
    return text.size && text.size <= SOURCE_TEXT_MAX;
}

static bool read_post(struct source *source, const xmlNode *at, struct token_rekey *to)
{
    struct gk_octets text = gk_octets_of(source_attribute(at, "post"));

    if (!source_url_form(text))
        return source_refuse_value(source, at, "post", "a URL in ASCII");
    to->post = token_octets(source->token, text);
    return true;
}

static bool read_reliability(struct source *source, const xmlNode *at, struct token_rekey *to)
{
    static const char *const none[] = {"none", NULL};
    static const char *const with_post[] = {"reliability", "resend", "reliability-oid",
                                            "reliability-info", NULL};
    size_t choice;

    to->reliability = TOKEN_RELIABILITY_NONE;
    to->reliability_oid = TOKEN_OID_RELIABILITY_NONE;
    if (!at)
        return true;
    if (source_has(at, "post")) {
        to->reliability = TOKEN_RELIABILITY_POST;
        to->reliability_oid = TOKEN_OID_RELIABILITY_POST;
        return source_without(source, at, "post", with_post) && read_post(source, at, to);
    }
    if (source_has(at, "resend")) {
        static const char *const with_resend[] = {"reliability", "reliability-oid",
                                                  "reliability-info", NULL};

        to->reliability = TOKEN_RELIABILITY_RESEND;
        to->reliability_oid = TOKEN_OID_RELIABILITY_RESEND;
        return source_without(source, at, "resend", with_resend) &&
               source_integer(source, at, "resend", 0, &to->resend);
    }
    if (source_has(at, "reliability-oid") || source_has(at, "reliability-info")) {
        static const char *const with_oid[] = {"reliability", NULL};

        to->reliability = TOKEN_RELIABILITY_OTHER;
        return source_without(source, at, "reliability-oid", with_oid) &&
               source_other(source, at, "reliability-oid", "reliability-info", &to->reliability_oid,
                            &to->reliability_info);
    }
    return source_choice(source, at, "reliability", none, &choice);
}

static bool read_autonomous(struct source *source, const xmlNode *at, struct token_rekey *to)
{
    to->scheme = TOKEN_SCHEME_AUTONOMOUS;
    to->scheme_oid = TOKEN_OID_SCHEME_AUTONOMOUS;
    if (at && source_has(at, "domain")) {
        to->has_domain = true;
        if (!source_octets(source, at, "domain", SOURCE_TEXT_MAX, &to->domain))
            return false;
    }
    if (at && source_child(at, "subordinate"))
        return source_pairs(source, at, "subordinate", &to->auth_subs);
    derive_subordinates(source, to);
    return to->auth_subs.count > 0 ||
           source_refuse(source, at ? at : source->policy, "source-missing",
                         "<rekey> says autonomous and names no subordinate, and no registration "
                         "has any to take; expected <subordinate> in <rekey>");
}

static bool has_subordinates(const struct token *token)
{
    for (size_t i = 0; i < token->registration_count; i++) {
        const struct token_protocol *join = &token->registrations[i].join;

        for (size_t list = 0;
             join->kind == TOKEN_PROTOCOL_REGISTER && list < join->registration->sub_gcks_count;
             list++) {
            if (join->registration->sub_gcks[list].count)
                return true;
        }
    }
    return false;
}

/* Distributed operation: autonomous where subordinates are named here or in a registration. */
static bool read_scheme(struct source *source, const xmlNode *at, struct token_rekey *to)
{
    static const char *const schemes[] = {"none", "autonomous", NULL};
    static const char *const with_oid[] = {"scheme", "domain", NULL};
    bool named = at && source_child(at, "subordinate");
    size_t scheme = named || has_subordinates(source->token);

    if (at && (source_has(at, "scheme-oid") || source_has(at, "scheme-info"))) {
        to->scheme = TOKEN_SCHEME_OTHER;
        if (named)
            return source_refuse(source, at, "source-combination",
                                 "<rekey> has scheme-oid and holds <subordinate>; expected one");
        return source_without(source, at, "scheme-oid", with_oid) &&
               source_other(source, at, "scheme-oid", "scheme-info", &to->scheme_oid,
                            &to->scheme_info);
    }
    if (at && !source_choice(source, at, "scheme", schemes, &scheme))
        return false;
    if (scheme)
        return read_autonomous(source, at, to);
    to->scheme = TOKEN_SCHEME_NONE;
    to->scheme_oid = TOKEN_OID_SCHEME_NONE;
    if (named)
        return source_refuse(source, at, "source-combination",
                             "<rekey> says scheme=\"none\" and holds <subordinate>; expected one");
    return !at || !source_has(at, "domain") ||
           source_refuse(source, at, "source-combination",
                         "<rekey> has domain without an autonomous scheme; expected both");
}

/* `at` is NULL for the default. */
static bool read_rekey(struct source *source, const xmlNode *at, struct token_protocol *to)
{
    bool told = false;

    to->place = source_place(at ? at : source->policy);
    if (at && !source_protocol(source, at, TOKEN_PROTOCOL_REKEY, to, &told))
        return false;
    if (told)
        return source_no_children(source, at);
    to->kind = TOKEN_PROTOCOL_REKEY;
    to->oid = TOKEN_OID_REKEY;
    to->rekey = token_alloc(source->token, 1, sizeof *to->rekey);
    return read_authorized(source, at, to->rekey) && read_mechanism(source, at, to->rekey) &&
           read_event(source, at, to->rekey) && read_interval(source, at, to->rekey) &&
           read_method(source, at, to->rekey) && read_reliability(source, at, to->rekey) &&
           read_scheme(source, at, to->rekey);
}

bool source_read_rekeys(struct source *source, const xmlNode *policy)
{
    struct token *token = source->token;
    const xmlNode *at = source_child(policy, "rekey");

    if (!at)
        return read_rekey(source, NULL,
                          token_append(token, (void **)&token->rekeys, &token->rekey_count,
                                       sizeof *token->rekeys));
    if (!source_none_alone(source, at))
        return false;
    for (; at && !source_says_none(at); at = source_next(at)) {
        if (!read_rekey(source, at,
                        token_append(token, (void **)&token->rekeys, &token->rekey_count,
                                     sizeof *token->rekeys)))
            return false;
    }
    return true;
}
