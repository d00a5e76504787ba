/* SPDX-License-Identifier: Apache-2.0 */
/* What each element and attribute of a policy source comes to mean in the token. */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "token/source.h"

#define CA   "907b3f2cdaf33d479a34b5feaa9264aab5f5852c"
#define GCKS "<gcks dn='CN=GCKS,O=Acme'/>"
#define ACC  "<access><allow dn='CN=*,O=Acme'/></access>"

static struct token *token_of(const char *group, const char *body)
{
    char *xml = gk_format("<policy>%s<ca name='acme' key-id='" CA "'/>%s</policy>", group, body);
    struct gk_reason why = {0};
    struct token *token = source_read(gk_octets_of(xml), "test", NULL, &why);

    if (!token)
        printf("\n    %s", why.text);
    free(xml);
    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    return token;
}

/* A policy with these <registration>s and what follows them. */
static struct token *with(const char *body)
{
    return token_of("<group random='a1a2a3a4a5a6a7a8' name='x' edition='7'/>", body);
}

static struct token *with_rekey(const char *rekey)
{
    char *body = gk_format("<registration>" GCKS ACC "</registration>%s", rekey);
    struct token *token = with(body);

    free(body);
    return token;
}

static struct token *with_registration(const char *attributes, const char *rest)
{
    char *body = gk_format("<registration %s>" GCKS "%s</registration>", attributes, rest);
    struct token *token = with(body);

    free(body);
    return token;
}

static void is_text(struct gk_octets octets, const char *text)
{
    CU_ASSERT_TRUE(gk_octets_equal(octets, gk_octets_of(text)));
}

/* --- group -------------------------------------------------------------------- */

static void group_is(const char *group, const char *hex)
{
    struct token *token = token_of(group, "<registration>" GCKS ACC "</registration>");

    CU_ASSERT_EQUAL(token->version, 1);
    CU_ASSERT_HEX(token->group_name, hex);
    token_free(token);
}

static void groups(void)
{
    struct token *token;

    group_is("<group random='a1a2a3a4a5a6a7a8' name='x' edition='1'/>", "a1a2a3a4a5a6a7a878");
    group_is("<group type='octets' random='a1a2a3a4a5a6a7a8' name='x' edition='1'/>",
             "a1a2a3a4a5a6a7a878");
    group_is("<group type='utf-8' random='0aa2a3a4a5a6a7a8' name='&#xfc;' edition='1'/>",
             "30414132413341344135413641374138c3bc");
    group_is("<group random='a1a2a3a4a5a6a7a8' ipv4='239.1.2.3' edition='1'/>",
             "a1a2a3a4a5a6a7a8ef010203");
    group_is("<group random='a1a2a3a4a5a6a7a8' ipv6='ff35::1' edition='1'/>",
             "a1a2a3a4a5a6a7a8ff350000000000000000000000000001");
    group_is("<group value='00ff' edition='1'/>", "00ff");
    group_is("<group value='base64:AP8=' edition='none'/>", "00ff");
    token = with("<registration>" GCKS ACC "</registration>");
    CU_ASSERT_TRUE(token->has_edition);
    CU_ASSERT_EQUAL(token->edition, 7);
    token_free(token);
    token =
        token_of("<group value='00' edition='none'/>", "<registration>" GCKS ACC "</registration>");
    CU_ASSERT_FALSE(token->has_edition);
    token_free(token);
}

/* --- identities ------------------------------------------------------------------ */

static void identity_is(const char *attributes, int64_t type, const char *hex, const char *ca)
{
    char *body = gk_format("<registration>\n<gcks %s/>" ACC "</registration>", attributes);
    struct token *token = with(body);
    const struct token_pairs *pairs = &token->registrations[0].join.registration->gcks;

    CU_ASSERT_EQUAL_FATAL(pairs->count, 1);
    CU_ASSERT_EQUAL(pairs->at[0].id_type, type);
    CU_ASSERT_EQUAL(pairs->at[0].place.line, 2);
    CU_ASSERT_HEX(pairs->at[0].id, hex);
    CU_ASSERT_HEX(pairs->at[0].ca, ca);
    token_free(token);
    free(body);
}

static void identities(void)
{
    identity_is("dn='CN=a'", 31, "434e3d61", CA);
    identity_is("dn='CN=a' ca='acme'", 31, "434e3d61", CA);
    identity_is("dn='CN=a' ca-key-id='0102'", 31, "434e3d61", "0102");
    identity_is("dn='CN=a' ca-key-id='base64:AQI='", 31, "434e3d61", "0102");
    identity_is("fqdn='*.b'", 2, "2a2e62", CA);
    identity_is("email='*@b'", 3, "2a4062", CA);
    identity_is("ipv4='192.0.2.1'", 1, "c0000201", CA);
    identity_is("ipv6='2001:db8::1'", 5, "20010db8000000000000000000000001", CA);
    identity_is("der-dn='3000'", 9, "3000", CA);
    identity_is("key-id='00ff'", 11, "00ff", CA);
    identity_is("u-name='/CN=a' serial='03ed'", 30,
                "00000000000000000000000000000000000003ed000000052f434e3d61", CA);
    identity_is("id-type='200' id='00'", 200, "00", CA);
    identity_is("id-type='31' id='434e3d61'", 31, "434e3d61", CA);
}

/* --- registration ------------------------------------------------------------------ */

static void lists(void)
{
    struct token *token = with_registration(
        "", "<subordinates><subordinate dn='CN=a'/><subordinate dn='CN=b'/></subordinates>"
            "<subordinates><subordinate none='yes'/></subordinates>"
            "<senders><sender dn='CN=c'/></senders>"
            "<access permissions='3 9'><allow dn='CN=d'/><allow dn='CN=e'/>"
            "<exclude dn='CN=f'/></access>"
            "<access permissions='none'><allow none='yes'/><exclude none='yes'/></access>");
    const struct token_register *from = token->registrations[0].join.registration;

    CU_ASSERT_TRUE(from->has_sub_gcks);
    CU_ASSERT_EQUAL_FATAL(from->sub_gcks_count, 2);
    CU_ASSERT_EQUAL_FATAL(from->sub_gcks[0].count, 2);
    is_text(from->sub_gcks[0].at[1].id, "CN=b");
    CU_ASSERT_EQUAL(from->sub_gcks[1].count, 0);
    CU_ASSERT_TRUE(from->senders_limited);
    is_text(from->senders.at[0].id, "CN=c");
    CU_ASSERT_EQUAL_FATAL(from->access_count, 2);
    CU_ASSERT_EQUAL_FATAL(from->access[0].permission_count, 2);
    CU_ASSERT_EQUAL(from->access[0].permissions[0], 3);
    CU_ASSERT_EQUAL(from->access[0].permissions[1], 9);
    CU_ASSERT_EQUAL(from->access[0].access_rule.count, 2);
    is_text(from->access[0].exclusions_rule.at[0].id, "CN=f");
    CU_ASSERT_TRUE(from->access[1].has_permissions);
    CU_ASSERT_EQUAL(from->access[1].permission_count, 0);
    CU_ASSERT_EQUAL(from->access[1].access_rule.count, 0);
    CU_ASSERT_TRUE(from->access[1].has_exclusions);
    CU_ASSERT_EQUAL(from->access[1].exclusions_rule.count, 0);
    token_free(token);
}

static void registration_defaults(void)
{
    struct token *token = with_registration("", ACC);
    const struct token_register *from = token->registrations[0].join.registration;
    const struct token_deregister *leave = token->registrations[0].leave.deregistration;

    CU_ASSERT_STRING_EQUAL(token->registrations[0].join.oid, TOKEN_OID_REGISTER);
    CU_ASSERT_EQUAL(from->transport, TOKEN_UDP);
    CU_ASSERT_FALSE(from->has_sub_gcks);
    CU_ASSERT_FALSE(from->senders_limited);
    CU_ASSERT_FALSE(from->access[0].has_permissions);
    CU_ASSERT_FALSE(from->access[0].has_exclusions);
    CU_ASSERT_EQUAL_FATAL(from->mechanism_count, 1);
    CU_ASSERT_PTR_NULL(from->mechanisms[0].suite);
    CU_ASSERT_EQUAL(from->mechanisms[0].signature, 49153);
    CU_ASSERT_EQUAL(from->mechanisms[0].nonce_hash, 49153);
    CU_ASSERT_EQUAL(from->mechanisms[0].key_creation, 49153);
    CU_ASSERT_EQUAL(from->mechanisms[0].key_wrap, 49154);
    CU_ASSERT_EQUAL(from->mechanisms[0].time_out.value, 30);
    CU_ASSERT_TRUE(from->mechanisms[0].terse);
    CU_ASSERT_FALSE(from->mechanisms[0].has_timestamp);
    CU_ASSERT_STRING_EQUAL(token->registrations[0].leave.oid, TOKEN_OID_DEREGISTER);
    CU_ASSERT_EQUAL_FATAL(leave->mechanism_count, 1);
    CU_ASSERT_EQUAL(leave->mechanisms[0].signature, 49153);
    CU_ASSERT_EQUAL(leave->mechanisms[0].nonce_hash, 49153);
    CU_ASSERT_HEX(leave->mechanisms[0].ca, CA);
    CU_ASSERT_TRUE(leave->has_terse && leave->terse);
    CU_ASSERT_EQUAL(leave->transport, TOKEN_UDP);
    token_free(token);
}

/* Each mechanism with each authority of servers, subordinates and members, once. */
static void derived_leaves(void)
{
    struct token *token =
        with_registration("transport='udp-rtj-tcp-other'",
                          "<subordinates><subordinate dn='CN=a' ca-key-id='02'/></subordinates>"
                          "<access><allow dn='CN=a'/><allow dn='CN=b' ca-key-id='03'/>"
                          "<exclude dn='CN=b' ca-key-id='04'/></access>"
                          "<mechanism mode='verbose'/><mechanism suite='recommended-aes128'/>"
                          "<mechanism suite='p256'/><mechanism suite-oid='1.2.3'/>");
    const struct token_deregister *leave = token->registrations[0].leave.deregistration;

    CU_ASSERT_EQUAL_FATAL(leave->mechanism_count, 6);
    CU_ASSERT_EQUAL(leave->mechanisms[2].signature, 49153);
    CU_ASSERT_HEX(leave->mechanisms[1].ca, "02");
    CU_ASSERT_HEX(leave->mechanisms[2].ca, "03");
    CU_ASSERT_EQUAL(leave->mechanisms[3].signature, 49154);
    CU_ASSERT_HEX(leave->mechanisms[3].ca, CA);
    CU_ASSERT_FALSE(leave->terse);
    CU_ASSERT_EQUAL(leave->transport, TOKEN_TCP);
    token_free(token);
}

static void mechanisms(void)
{
    struct token *token = with_registration(
        "transport='tcp'",
        ACC "<mechanism suite='suite-1'/><mechanism suite-oid='1.2.3'/>"
            "<mechanism suite='p256' time-out='1 min' mode='verbose' freshness='timestamps'/>"
            "<mechanism freshness='nonces-written'/>"
            "<mechanism signature='rsa-pss' nonce-hash='sha 1' key-creation='Modp_2048'"
            " key-creation-data='0a' key-wrap='AES_CBC_128'/>");
    const struct token_register *from = token->registrations[0].join.registration;
    const struct token_mechanism *at = from->mechanisms;

    CU_ASSERT_EQUAL(from->transport, TOKEN_TCP);
    CU_ASSERT_EQUAL_FATAL(from->mechanism_count, 5);
    CU_ASSERT_STRING_EQUAL(at[0].suite, TOKEN_OID_SUITE_1);
    CU_ASSERT_STRING_EQUAL(at[1].suite, "1.2.3");
    CU_ASSERT_EQUAL(at[2].signature, 49154);
    CU_ASSERT_EQUAL(at[2].key_creation, 49154);
    CU_ASSERT_EQUAL(at[2].time_out.value, 60);
    CU_ASSERT_FALSE(at[2].terse);
    CU_ASSERT_TRUE(at[2].has_timestamp && at[2].timestamp);
    CU_ASSERT_TRUE(at[3].has_timestamp && !at[3].timestamp);
    CU_ASSERT_EQUAL(at[4].signature, 49156);
    CU_ASSERT_EQUAL(at[4].nonce_hash, 1);
    CU_ASSERT_EQUAL(at[4].key_creation, 14);
    CU_ASSERT_EQUAL(at[4].key_wrap, 12);
    CU_ASSERT_TRUE(at[4].has_key_creation_data);
    CU_ASSERT_HEX(at[4].key_creation_data, "0a");
    token_free(token);
}

static void deregistrations(void)
{
    struct token *token =
        with_registration("", ACC "<de-registration transport='tcp' mode='verbose'>"
                                  "<leave/><leave signature='0' nonce-hash='SHA-1' ca-key-id='05'/>"
                                  "</de-registration>");
    const struct token_deregister *leave = token->registrations[0].leave.deregistration;

    CU_ASSERT_EQUAL(leave->transport, TOKEN_TCP);
    CU_ASSERT_TRUE(leave->has_terse && !leave->terse);
    CU_ASSERT_EQUAL_FATAL(leave->mechanism_count, 2);
    CU_ASSERT_EQUAL(leave->mechanisms[0].signature, 49153);
    CU_ASSERT_HEX(leave->mechanisms[0].ca, CA);
    CU_ASSERT_EQUAL(leave->mechanisms[1].signature, 0);
    CU_ASSERT_EQUAL(leave->mechanisms[1].nonce_hash, 1);
    CU_ASSERT_HEX(leave->mechanisms[1].ca, "05");
    token_free(token);
    token = with_registration("", ACC "<de-registration mode='unwritten'/>");
    leave = token->registrations[0].leave.deregistration;
    CU_ASSERT_FALSE(leave->has_terse);
    CU_ASSERT_EQUAL(leave->mechanism_count, 1);
    token_free(token);
    token = with_registration("", ACC "<de-registration protocol='none'/>");
    CU_ASSERT_EQUAL(token->registrations[0].leave.kind, TOKEN_PROTOCOL_NONE);
    token_free(token);
}

static void opaque_protocols(void)
{
    struct token *token =
        with("<registration oid='1.2.3' info='00'><de-registration oid='1.2.4' info=''/>"
             "</registration><registration protocol='none'/><rekey oid='1.2.5' info='01'/>"
             "<rekey protocol='none'/><data oid='1.2.6' info='base64:Ag=='/>");

    CU_ASSERT_EQUAL_FATAL(token->registration_count, 2);
    CU_ASSERT_EQUAL(token->registrations[0].join.kind, TOKEN_PROTOCOL_OPAQUE);
    CU_ASSERT_STRING_EQUAL(token->registrations[0].join.oid, "1.2.3");
    CU_ASSERT_HEX(token->registrations[0].join.info, "00");
    CU_ASSERT_STRING_EQUAL(token->registrations[0].leave.oid, "1.2.4");
    CU_ASSERT_EQUAL(token->registrations[1].join.kind, TOKEN_PROTOCOL_NONE);
    CU_ASSERT_EQUAL(token->registrations[1].leave.kind, TOKEN_PROTOCOL_NONE);
    CU_ASSERT_EQUAL_FATAL(token->rekey_count, 2);
    CU_ASSERT_STRING_EQUAL(token->rekeys[0].oid, "1.2.5");
    CU_ASSERT_EQUAL(token->rekeys[1].kind, TOKEN_PROTOCOL_NONE);
    CU_ASSERT_EQUAL_FATAL(token->data_count, 1);
    CU_ASSERT_HEX(token->datas[0].info, "02");
    token_free(token);
}

/* --- times -------------------------------------------------------------------------- */

static void time_is(const char *text, enum token_life_kind kind, int64_t value)
{
    char *rest = gk_format(ACC "<mechanism time-out='%s'/>", text);
    struct token *token = with_registration("", rest);
    const struct token_life *life =
        &token->registrations[0].join.registration->mechanisms->time_out;

    CU_ASSERT_EQUAL(life->kind, kind);
    CU_ASSERT_EQUAL(life->value, value);
    token_free(token);
    free(rest);
}

static void times(void)
{
    time_is("30", TOKEN_LIFE_INTERVAL, 30);
    time_is("30s", TOKEN_LIFE_INTERVAL, 30);
    time_is("1 second", TOKEN_LIFE_INTERVAL, 1);
    time_is("5 min", TOKEN_LIFE_INTERVAL, 300);
    time_is("2 minutes", TOKEN_LIFE_INTERVAL, 120);
    time_is("24 h", TOKEN_LIFE_INTERVAL, 86400);
    time_is("7 days", TOKEN_LIFE_INTERVAL, 604800);
    time_is("2 w", TOKEN_LIFE_INTERVAL, 1209600);
    time_is("PT30S", TOKEN_LIFE_INTERVAL, 30);
    time_is("P1DT2H3M4S", TOKEN_LIFE_INTERVAL, 93784);
    time_is("P2W", TOKEN_LIFE_INTERVAL, 1209600);
    time_is("2026-01-01T00:00:00Z", TOKEN_LIFE_GT, 1767225600);
    time_is("20260101000000Z", TOKEN_LIFE_GT, 1767225600);
    time_is("utc 2026-01-01T00:00:00Z", TOKEN_LIFE_UTC, 1767225600);
    time_is("utc 19500101000000Z", TOKEN_LIFE_UTC, -631152000);
    time_is("utc 20491231235959Z", TOKEN_LIFE_UTC, 2524607999);
}

/* --- rekey ----------------------------------------------------------------------------- */

static void rekey_defaults(void)
{
    struct token *token = with_rekey("");
    const struct token_rekey *rekey = token->rekeys[0].rekey;

    CU_ASSERT_EQUAL_FATAL(token->rekey_count, 1);
    CU_ASSERT_STRING_EQUAL(token->rekeys[0].oid, TOKEN_OID_REKEY);
    CU_ASSERT_EQUAL_FATAL(rekey->authorization.count, 1);
    is_text(rekey->authorization.at[0].id, "CN=GCKS,O=Acme");
    CU_ASSERT_EQUAL(rekey->signature, 49153);
    CU_ASSERT_EQUAL(rekey->nonce_hash, 49153);
    CU_ASSERT_EQUAL(rekey->event_kind, TOKEN_TIME_AND_EVENT);
    CU_ASSERT_EQUAL(rekey->event_time.value, 86400);
    CU_ASSERT_EQUAL(rekey->event_count, 1);
    CU_ASSERT_EQUAL(rekey->interval.value, 86400);
    CU_ASSERT_EQUAL(rekey->method, TOKEN_METHOD_LKH);
    CU_ASSERT_EQUAL(rekey->lkh_key_type, 49154);
    CU_ASSERT_EQUAL(rekey->reliability, TOKEN_RELIABILITY_NONE);
    CU_ASSERT_EQUAL(rekey->scheme, TOKEN_SCHEME_NONE);
    token_free(token);
}

/* Servers of all registrations, each once; algorithms of the first mechanism. */
static void rekey_follows_registrations(void)
{
    struct token *token =
        with("<registration>" GCKS "<gcks dn='CN=2'/>"
             "<subordinates><subordinate dn='CN=s'/></subordinates>" ACC
             "<mechanism suite='suite-1'/></registration>"
             "<registration>" GCKS "<gcks dn='CN=GCKS,O=Acme' ca-key-id='01'/>"
             "<subordinates><subordinate dn='CN=s'/><subordinate dn='CN=t'/></subordinates>" ACC
             "</registration><rekey/><rekey scheme='none'/>");
    const struct token_rekey *rekey = token->rekeys[0].rekey;

    CU_ASSERT_EQUAL(rekey->authorization.count, 3);
    CU_ASSERT_EQUAL(rekey->signature, 0);
    CU_ASSERT_EQUAL(rekey->nonce_hash, 1);
    CU_ASSERT_EQUAL(rekey->lkh_key_type, 12);
    CU_ASSERT_EQUAL(rekey->scheme, TOKEN_SCHEME_AUTONOMOUS);
    CU_ASSERT_EQUAL(rekey->auth_subs.count, 2);
    CU_ASSERT_EQUAL(token->rekeys[1].rekey->scheme, TOKEN_SCHEME_NONE);
    CU_ASSERT_EQUAL(token->rekeys[1].rekey->auth_subs.count, 0);
    token_free(token);
}

static void event_is(const char *attributes, enum token_event_kind kind, int64_t time,
                     int64_t count, int64_t interval)
{
    char *text = gk_format("<rekey %s/>", attributes);
    struct token *token = with_rekey(text);
    const struct token_rekey *rekey = token->rekeys[0].rekey;

    CU_ASSERT_EQUAL(rekey->event_kind, kind);
    CU_ASSERT_EQUAL(rekey->event_time.value, time);
    CU_ASSERT_EQUAL(rekey->event_count, count);
    CU_ASSERT_EQUAL(rekey->interval.value, interval);
    token_free(token);
    free(text);
}

static void rekey_events(void)
{
    event_is("", TOKEN_TIME_AND_EVENT, 86400, 1, 86400);
    event_is("never='yes'", TOKEN_NEVER, 0, 0, 31536000);
    event_is("every='1 h'", TOKEN_TIME_ONLY, 3600, 0, 3600);
    event_is("after-events='5'", TOKEN_EVENT, 0, 5, 31536000);
    event_is("every='1 h' after-events='5'", TOKEN_TIME_AND_EVENT, 3600, 5, 3600);
    event_is("every='1 h' interval='2 h'", TOKEN_TIME_ONLY, 3600, 0, 7200);
}

static void rekey_ways(void)
{
    struct token *token =
        with_rekey("<rekey signature='ECDSA P-256' nonce-hash='1' key-wrap='AES-128-GCM' resend='2'"
                   " domain='0a'><authorized dn='CN=r'/><subordinate dn='CN=s'/></rekey>"
                   "<rekey method='none' post='https://a/b'/>");
    const struct token_rekey *rekey = token->rekeys[0].rekey;

    is_text(rekey->authorization.at[0].id, "CN=r");
    CU_ASSERT_EQUAL(rekey->authorization.count, 1);
    CU_ASSERT_EQUAL(rekey->signature, 49154);
    CU_ASSERT_EQUAL(rekey->nonce_hash, 1);
    CU_ASSERT_EQUAL(rekey->lkh_key_type, 49153);
    CU_ASSERT_EQUAL(rekey->reliability, TOKEN_RELIABILITY_RESEND);
    CU_ASSERT_EQUAL(rekey->resend, 2);
    CU_ASSERT_EQUAL(rekey->scheme, TOKEN_SCHEME_AUTONOMOUS);
    is_text(rekey->auth_subs.at[0].id, "CN=s");
    CU_ASSERT_TRUE(rekey->has_domain);
    CU_ASSERT_HEX(rekey->domain, "0a");
    rekey = token->rekeys[1].rekey;
    CU_ASSERT_EQUAL(rekey->method, TOKEN_METHOD_NONE);
    CU_ASSERT_STRING_EQUAL(rekey->method_oid, TOKEN_OID_METHOD_NONE);
    CU_ASSERT_EQUAL(rekey->reliability, TOKEN_RELIABILITY_POST);
    is_text(rekey->post, "https://a/b");
    token_free(token);
}

static void rekey_other_ways(void)
{
    struct token *token =
        with_rekey("<rekey method-oid='1.2.3' method-info='01' reliability-oid='1.2.4'"
                   " reliability-info='02' scheme-oid='1.2.5' scheme-info=''/>"
                   "<rekey scheme='autonomous'><subordinate none='yes'/></rekey>");
    const struct token_rekey *rekey = token->rekeys[0].rekey;

    CU_ASSERT_EQUAL(rekey->method, TOKEN_METHOD_OTHER);
    CU_ASSERT_STRING_EQUAL(rekey->method_oid, "1.2.3");
    CU_ASSERT_HEX(rekey->method_info, "01");
    CU_ASSERT_EQUAL(rekey->reliability, TOKEN_RELIABILITY_OTHER);
    CU_ASSERT_STRING_EQUAL(rekey->reliability_oid, "1.2.4");
    CU_ASSERT_HEX(rekey->reliability_info, "02");
    CU_ASSERT_EQUAL(rekey->scheme, TOKEN_SCHEME_OTHER);
    CU_ASSERT_STRING_EQUAL(rekey->scheme_oid, "1.2.5");
    CU_ASSERT_EQUAL(rekey->scheme_info.size, 0);
    CU_ASSERT_EQUAL(token->rekeys[1].rekey->scheme, TOKEN_SCHEME_AUTONOMOUS);
    CU_ASSERT_EQUAL(token->rekeys[1].rekey->auth_subs.count, 0);
    token_free(token);
}

/* --- data, and none at all ----------------------------------------------------------- */

static void datas(void)
{
    struct token *token =
        with_rekey("<data authentication='80000002' authentication-expires='30 d'/>"
                   "<data encryption='80000003' encryption-expires='2026-01-01T00:00:00Z'"
                   " authentication='8000'/><data keys='none'/>");
    const struct token_data *data = token->datas[0].data;

    CU_ASSERT_STRING_EQUAL(token->datas[0].oid, TOKEN_OID_DATA);
    CU_ASSERT_TRUE(data->authentication.present && data->authentication.has_expiration);
    CU_ASSERT_HEX(data->authentication.key_id, "80000002");
    CU_ASSERT_EQUAL(data->authentication.expiration.value, 2592000);
    CU_ASSERT_FALSE(data->encryption.present);
    data = token->datas[1].data;
    CU_ASSERT_HEX(data->authentication.key_id, "8000");
    CU_ASSERT_FALSE(data->authentication.has_expiration);
    CU_ASSERT_EQUAL(data->encryption.expiration.kind, TOKEN_LIFE_GT);
    CU_ASSERT_FALSE(token->datas[2].data->encryption.present);
    token_free(token);
    token = with_rekey("");
    CU_ASSERT_EQUAL_FATAL(token->data_count, 1);
    CU_ASSERT_HEX(token->datas[0].data->encryption.key_id, "80000001");
    CU_ASSERT_FALSE(token->datas[0].data->encryption.has_expiration);
    CU_ASSERT_FALSE(token->datas[0].data->authentication.present);
    token_free(token);
}

static void none_at_all(void)
{
    struct token *token = with("<registration none='yes'/><rekey none='yes'/><data none='yes'/>");

    CU_ASSERT_EQUAL(token->registration_count, 0);
    CU_ASSERT_EQUAL(token->rekey_count, 0);
    CU_ASSERT_EQUAL(token->data_count, 0);
    token_free(token);
    token = with("<registration><gcks none='yes'/><subordinates none='yes'/>"
                 "<senders><sender none='yes'/></senders><access none='yes'/>"
                 "<mechanism none='yes'/><de-registration><leave none='yes'/></de-registration>"
                 "</registration><rekey><authorized none='yes'/></rekey>");
    CU_ASSERT_EQUAL(token->registrations[0].join.registration->gcks.count, 0);
    CU_ASSERT_TRUE(token->registrations[0].join.registration->has_sub_gcks);
    CU_ASSERT_EQUAL(token->registrations[0].join.registration->sub_gcks_count, 0);
    CU_ASSERT_TRUE(token->registrations[0].join.registration->senders_limited);
    CU_ASSERT_EQUAL(token->registrations[0].join.registration->access_count, 0);
    CU_ASSERT_EQUAL(token->registrations[0].join.registration->mechanism_count, 0);
    CU_ASSERT_EQUAL(token->registrations[0].leave.deregistration->mechanism_count, 0);
    CU_ASSERT_EQUAL(token->rekeys[0].rekey->authorization.count, 0);
    CU_ASSERT_EQUAL(token->rekeys[0].rekey->signature, 49153);
    token_free(token);
}

const struct test_suite suite_source_meaning = {
    "source_meaning",
    {
        {"groups", groups},
        {"identities", identities},
        {"lists", lists},
        {"registration defaults", registration_defaults},
        {"derived leaves", derived_leaves},
        {"mechanisms", mechanisms},
        {"de-registrations", deregistrations},
        {"opaque protocols", opaque_protocols},
        {"times", times},
        {"rekey defaults", rekey_defaults},
        {"rekey follows registrations", rekey_follows_registrations},
        {"rekey events", rekey_events},
        {"rekey ways", rekey_ways},
        {"other rekey ways", rekey_other_ways},
        {"data", datas},
        {"none at all", none_at_all},
        {NULL, NULL},
    }};
