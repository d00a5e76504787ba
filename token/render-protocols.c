/* SPDX-License-Identifier: Apache-2.0 */
/* The walk through the protocols of RFC 4534's appendices B and C. */
#include <string.h>

#include "token/render-internal.h"

/* --- registration (B.1) ------------------------------------------------------- */

static void render_access(const struct token_access *access, struct token_sink *sink)
{
    sink->open(sink, NULL, "access rule");
    if (access->has_permissions) {
        sink->list(sink, "permissions", "permission", access->permission_count);
        for (size_t i = 0; i < access->permission_count; i++)
            sink->number(sink, NULL, "permission", access->permissions[i], NULL);
        sink->close(sink);
    }
    sink->pairs(sink, "accessRule", "allowed", &access->access_rule);
    if (access->has_exclusions)
        sink->pairs(sink, "exclusionsRule", "excluded", &access->exclusions_rule);
    sink->close(sink);
}

static void render_mechanism(const struct token_mechanism *mechanism, struct token_sink *sink)
{
    sink->open(sink, NULL, "join mechanism");
    if (mechanism->suite) {
        sink->oid(sink, "suite", "suite", mechanism->suite,
                  strcmp(mechanism->suite, TOKEN_OID_SUITE_1) == 0 ? "security suite 1"
                                                                   : "not known to this version");
        sink->close(sink);
        return;
    }
    token_render_number(sink, "sigAlgorithmID", "signature", GK_REGISTRY_SIGNATURE,
                        mechanism->signature);
    token_render_number(sink, "hashAlgorithmID", "nonce hash", GK_REGISTRY_NONCE_HASH,
                        mechanism->nonce_hash);
    token_render_number(sink, "keyExchangeAlgorithmID", "key creation", GK_REGISTRY_KEY_CREATION,
                        mechanism->key_creation);
    if (mechanism->has_key_creation_data)
        sink->hex(sink, "keyExchangeAlgorithmData", "key creation data",
                  mechanism->key_creation_data);
    token_render_number(sink, "keyWrap", "key wrap", GK_REGISTRY_KEY, mechanism->key_wrap);
    sink->life(sink, "timeOut", "a message counts as lost after", &mechanism->time_out);
    sink->flag(sink, "terse", "terse", mechanism->terse);
    if (mechanism->has_timestamp)
        sink->flag(sink, "timestamp", "timestamps instead of nonces", mechanism->timestamp);
    sink->close(sink);
}

void token_render_register(const struct token_register *info, struct token_sink *sink)
{
    sink->pairs(sink, "gCKS", "key servers", &info->gcks);
    if (info->has_sub_gcks) {
        sink->list(sink, "subGCKS", "subordinate key servers", info->sub_gcks_count);
        for (size_t i = 0; i < info->sub_gcks_count; i++)
            sink->pairs(sink, NULL, "subordinate key servers", &info->sub_gcks[i]);
        sink->close(sink);
    }
    if (info->senders_limited)
        sink->pairs(sink, "senders", "senders", &info->senders);
    else
        sink->text(sink, "senders", "senders", "all");
    sink->list(sink, "joinAccessControl", "access rule", info->access_count);
    for (size_t i = 0; i < info->access_count; i++)
        render_access(&info->access[i], sink);
    sink->close(sink);
    sink->list(sink, "joinMechanisms", "join mechanism", info->mechanism_count);
    for (size_t i = 0; i < info->mechanism_count; i++)
        render_mechanism(&info->mechanisms[i], sink);
    sink->close(sink);
    token_render_transport(sink, info->transport);
}

/* --- de-registration (B.3) ------------------------------------------------------ */

void token_render_deregister(const struct token_deregister *info, struct token_sink *sink)
{
    sink->list(sink, "leaveMechanisms", "leave mechanism", info->mechanism_count);
    for (size_t i = 0; i < info->mechanism_count; i++) {
        const struct token_leave_mechanism *mechanism = &info->mechanisms[i];

        sink->open(sink, NULL, "leave mechanism");
        token_render_number(sink, "sigAlgorithm", "signature", GK_REGISTRY_SIGNATURE,
                            mechanism->signature);
        token_render_number(sink, "hashAlgorithm", "nonce hash", GK_REGISTRY_NONCE_HASH,
                            mechanism->nonce_hash);
        sink->hex(sink, "cA", "under CA", mechanism->ca);
        sink->close(sink);
    }
    sink->close(sink);
    sink->flag(sink, "terse", info->has_terse ? "terse" : "terse (not said)",
               info->has_terse ? info->terse : true);
    token_render_transport(sink, info->transport);
}

/* --- rekey (B.5) ------------------------------------------------------------------ */

static void render_event(const struct token_rekey *rekey, struct token_sink *sink)
{
    bool by_time =
        rekey->event_kind == TOKEN_TIME_ONLY || rekey->event_kind == TOKEN_TIME_AND_EVENT;
    bool by_event = rekey->event_kind == TOKEN_EVENT || rekey->event_kind == TOKEN_TIME_AND_EVENT;

    if (!by_time && !by_event) {
        sink->none(sink, "rekeyEventDef", "rekeys");
        return;
    }
    sink->open(sink, "rekeyEventDef", "rekeys");
    if (by_time)
        sink->life(sink, "time", "after", &rekey->event_time);
    if (by_event)
        sink->number(sink, "event", "after this many events", rekey->event_count, NULL);
    sink->close(sink);
}

static void render_method(const struct token_rekey *rekey, struct token_sink *sink)
{
    sink->open(sink, "rekeyMethod", "method");
    switch (rekey->method) {
    case TOKEN_METHOD_NONE:
        sink->oid(sink, "rekeyMethodType", "type", TOKEN_OID_METHOD_NONE, "none");
        break;
    case TOKEN_METHOD_LKH:
        sink->oid(sink, "rekeyMethodType", "type", TOKEN_OID_METHOD_LKH, "GSAKMP LKH");
        token_render_number(sink, "rekeyMethodInfo", "key type", GK_REGISTRY_KEY,
                            rekey->lkh_key_type);
        break;
    case TOKEN_METHOD_OTHER:
        sink->oid(sink, "rekeyMethodType", "type", rekey->method_oid, "not known to this version");
        sink->hex(sink, "rekeyMethodInfo", "content", rekey->method_info);
        break;
    }
    sink->close(sink);
}

static void render_reliability(const struct token_rekey *rekey, struct token_sink *sink)
{
    static const char key[] = "reliabilityMechanism";

    sink->open(sink, "reliability", "reliability");
    switch (rekey->reliability) {
    case TOKEN_RELIABILITY_NONE:
        sink->oid(sink, key, "mechanism", TOKEN_OID_RELIABILITY_NONE, "none");
        break;
    case TOKEN_RELIABILITY_RESEND:
        sink->oid(sink, key, "mechanism", TOKEN_OID_RELIABILITY_RESEND, "resend");
        sink->number(sink, "reliabilityMechContent", "times", rekey->resend, NULL);
        break;
    case TOKEN_RELIABILITY_POST:
        sink->oid(sink, key, "mechanism", TOKEN_OID_RELIABILITY_POST, "post");
        sink->octets(sink, "reliabilityMechContent", "at", rekey->post);
        break;
    case TOKEN_RELIABILITY_OTHER:
        sink->oid(sink, key, "mechanism", rekey->reliability_oid, "not known to this version");
        sink->hex(sink, "reliabilityMechContent", "content", rekey->reliability_info);
        break;
    }
    sink->close(sink);
}

static void render_scheme(const struct token_rekey *rekey, struct token_sink *sink)
{
    static const char key[] = "subGCKSScheme";

    sink->open(sink, "subGCKSInfo", "subordinate key servers");
    switch (rekey->scheme) {
    case TOKEN_SCHEME_NONE:
        sink->oid(sink, key, "scheme", TOKEN_OID_SCHEME_NONE, "none");
        break;
    case TOKEN_SCHEME_AUTONOMOUS:
        sink->oid(sink, key, "scheme", TOKEN_OID_SCHEME_AUTONOMOUS, "autonomous");
        sink->pairs(sink, "authSubs", "authorized", &rekey->auth_subs);
        if (rekey->has_domain)
            sink->octets(sink, "domain", "domain (ignored)", rekey->domain);
        break;
    case TOKEN_SCHEME_OTHER:
        sink->oid(sink, key, "scheme", rekey->scheme_oid, "not known to this version");
        sink->hex(sink, "sGCKSContent", "content", rekey->scheme_info);
        break;
    }
    sink->close(sink);
}

void token_render_rekey(const struct token_rekey *rekey, struct token_sink *sink)
{
    sink->pairs(sink, "authorization", "rekey authorities", &rekey->authorization);
    token_render_number(sink, "sigAlgorithm", "signature", GK_REGISTRY_SIGNATURE, rekey->signature);
    token_render_number(sink, "hashAlgorithm", "nonce hash", GK_REGISTRY_NONCE_HASH,
                        rekey->nonce_hash);
    render_event(rekey, sink);
    render_method(rekey, sink);
    sink->life(sink, "rekeyInterval", "members expect a rekey within", &rekey->interval);
    render_reliability(rekey, sink);
    render_scheme(rekey, sink);
}

/* --- generic data (C.1) ------------------------------------------------------------ */

static void render_key_info(const struct token_key_info *info, const char *key,
                            struct token_sink *sink)
{
    if (!info->present) {
        sink->none(sink, key, key);
        return;
    }
    sink->open(sink, key, key);
    sink->hex(sink, "kMKeyID", "key", info->key_id);
    if (info->has_expiration)
        sink->life(sink, "keyExpirationDate", "expires", &info->expiration);
    sink->close(sink);
}

void token_render_data(const struct token_data *info, struct token_sink *sink)
{
    render_key_info(&info->authentication, "authentication", sink);
    render_key_info(&info->encryption, "encryption", sink);
}
