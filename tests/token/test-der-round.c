/* SPDX-License-Identifier: Apache-2.0 */
/* Every structure of RFC 4534's modules, every alternative, there and back. */
#include <stdio.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/token/build.h"
#include "token/der.h"
#include "token/render-json.h"

/* Writes, reads, and compares both as JSON, which names every field. */
static void returns_here(const struct token *token, const char *file, int line)
{
    struct gk_writer der = {0};
    struct gk_reason why = {0};
    struct token *again = NULL;
    json_t *before;
    json_t *after;

    if (!token_to_der(token, &der, &why) ||
        !(again = token_from_der(gk_writer_octets(&der), &why))) {
        printf("\n    %s:%d: %s (%s)\n", file, line, why.text, why.code);
        CU_FAIL("has no encoding");
    } else {
        before = token_show_json(token);
        after = token_show_json(again);
        if (!json_equal(before, after)) {
            printf("\n    %s:%d\n", file, line);
            CU_FAIL("came back as another");
        }
        CU_ASSERT_TRUE(der_check(gk_writer_octets(&der), NULL));
        json_decref(before);
        json_decref(after);
    }
    token_free(again);
    gk_writer_free(&der);
}
#define RETURNS(token) returns_here(token, __FILE__, __LINE__)

static void unwritable_here(const struct token *token, const char *file, int line)
{
    struct gk_reason why = {.code = ""};
    struct gk_writer der = {0};

    gk_write_u8(&der, 0xee);
    if (token_to_der(token, &der, &why) || strcmp(why.code, "token-unwritable") != 0) {
        printf("\n    %s:%d: %s\n", file, line, why.code);
        CU_FAIL("was written");
    }
    CU_ASSERT_EQUAL(der.size, 1);
    gk_writer_free(&der);
}
#define UNWRITABLE(token) unwritable_here(token, __FILE__, __LINE__)

static void token_identifiers(void)
{
    static const int64_t editions[] = {0, 1, -1, INT64_MAX, INT64_MIN};
    struct token *token = build_token();

    RETURNS(token);
    for (size_t i = 0; i < sizeof editions / sizeof *editions; i++) {
        token->edition = editions[i];
        RETURNS(token);
    }
    token->has_edition = false;
    RETURNS(token);
    token->group_name = GK_NO_OCTETS;
    RETURNS(token);
    token->version = 2;
    UNWRITABLE(token);
    token_free(token);
}

static void lists_may_be_empty(void)
{
    struct token *token = build_token();

    token->registration_count = 0;
    RETURNS(token);
    token->rekey_count = 0;
    RETURNS(token);
    token->data_count = 0;
    RETURNS(token);
    token_free(token);
}

static void several_protocols(void)
{
    struct token *token = build_token();
    struct token_registration *registration;
    struct token_protocol *protocol;

    registration = token_append(token, (void **)&token->registrations, &token->registration_count,
                                sizeof *registration);
    *registration = token->registrations[0];
    registration->join.kind = TOKEN_PROTOCOL_NONE;
    RETURNS(token);
    registration->leave.kind = TOKEN_PROTOCOL_NONE;
    registration->join.kind = TOKEN_PROTOCOL_OPAQUE;
    registration->join.oid = "1.2.3.4";
    registration->join.info = gk_octets_of("neither DER nor anything else");
    RETURNS(token);
    registration->join.oid = TOKEN_OID_DEREGISTER; /* unknown in this place */
    RETURNS(token);
    protocol = token_append(token, (void **)&token->rekeys, &token->rekey_count, sizeof *protocol);
    protocol->kind = TOKEN_PROTOCOL_NONE;
    protocol = token_append(token, (void **)&token->rekeys, &token->rekey_count, sizeof *protocol);
    *protocol = registration->join;
    protocol->info = GK_NO_OCTETS;
    RETURNS(token);
    protocol = token_append(token, (void **)&token->datas, &token->data_count, sizeof *protocol);
    *protocol = registration->join;
    RETURNS(token);
    token_free(token);
}

static void misplaced_protocols_are_not_written(void)
{
    struct token *token = build_token();
    struct token_protocol *join = &token->registrations[0].join;
    struct token_protocol good = *join;

    *join = (struct token_protocol){.kind = TOKEN_PROTOCOL_OPAQUE, .oid = TOKEN_OID_REGISTER};
    UNWRITABLE(token);
    join->oid = "1.3.6.1.5.5.12.7";
    UNWRITABLE(token);
    join->oid = "1.3.6.1.5.5.x";
    UNWRITABLE(token);
    join->oid = NULL;
    UNWRITABLE(token);
    *join = token->rekeys[0];
    UNWRITABLE(token);
    *join = (struct token_protocol){.kind = TOKEN_PROTOCOL_REGISTER};
    UNWRITABLE(token);
    *join = good;
    token->datas[0].kind = TOKEN_PROTOCOL_NONE;
    UNWRITABLE(token);
    token_free(token);
}

static void registration(void)
{
    struct token *token = build_token();
    struct token_register *join = token->registrations[0].join.registration;
    struct token_pairs *list;
    int64_t *permission;

    for (int transport = TOKEN_TCP; transport <= TOKEN_UDP_RTJ_TCP_OTHER; transport++) {
        join->transport = (enum token_transport)transport;
        RETURNS(token);
    }
    join->senders_limited = true;
    RETURNS(token);
    (void)build_pair(token, &join->senders, "CN=S1");
    build_pair(token, &join->senders, "")->id_type = INT64_MIN;
    RETURNS(token);
    join->has_sub_gcks = true;
    RETURNS(token);
    list = token_append(token, (void **)&join->sub_gcks, &join->sub_gcks_count, sizeof *list);
    RETURNS(token);
    list = token_append(token, (void **)&join->sub_gcks, &join->sub_gcks_count, sizeof *list);
    build_pair(token, list, "CN=Sub")->ca = GK_NO_OCTETS;
    RETURNS(token);
    join->access[0].has_permissions = true;
    RETURNS(token);
    for (int64_t level = 1; level <= 9; level++) {
        permission = token_append(token, (void **)&join->access[0].permissions,
                                  &join->access[0].permission_count, sizeof *permission);
        *permission = level;
        RETURNS(token);
    }
    join->access[0].has_exclusions = true;
    RETURNS(token);
    (void)build_pair(token, &join->access[0].exclusions_rule, "CN=X");
    RETURNS(token);
    join->access[0].permissions[4] = 10;
    UNWRITABLE(token);
    join->access_count = 0;
    join->mechanism_count = 0;
    join->gcks.count = 0;
    RETURNS(token);
    token_free(token);
}

static void join_mechanisms(void)
{
    struct token *token = build_token();
    struct token_register *join = token->registrations[0].join.registration;
    struct token_mechanism *mechanism = &join->mechanisms[0];

    mechanism->terse = true;
    RETURNS(token);
    mechanism->has_timestamp = mechanism->timestamp = true;
    RETURNS(token);
    mechanism->has_key_creation_data = true;
    RETURNS(token);
    mechanism->key_creation_data = gk_octets_of("data");
    RETURNS(token);
    mechanism->time_out = (struct token_life){TOKEN_LIFE_GT, 0};
    RETURNS(token);
    mechanism->time_out.value = GK_TIME_NEVER;
    RETURNS(token);
    mechanism->time_out = (struct token_life){TOKEN_LIFE_UTC, 2524607999};
    RETURNS(token);
    mechanism->time_out.value = -631152000;
    RETURNS(token);
    mechanism->time_out.value = 2524608000;
    UNWRITABLE(token);
    mechanism->time_out.kind = TOKEN_LIFE_GT;
    RETURNS(token);
    mechanism->time_out.value = GK_TIME_NEVER + 1;
    UNWRITABLE(token);
    mechanism =
        token_append(token, (void **)&join->mechanisms, &join->mechanism_count, sizeof *mechanism);
    mechanism->suite = TOKEN_OID_SUITE_1;
    join->mechanisms[0].time_out.kind = TOKEN_LIFE_INTERVAL;
    RETURNS(token);
    mechanism->suite = "suite one";
    UNWRITABLE(token);
    token_free(token);
}

static void de_registration(void)
{
    struct token *token = build_token();
    struct token_deregister *leave = token->registrations[0].leave.deregistration;

    leave->terse = false;
    RETURNS(token);
    leave->transport = TOKEN_UDP;
    RETURNS(token);
    leave->transport = TOKEN_UDP_RTJ_TCP_OTHER;
    UNWRITABLE(token);
    leave->transport = TOKEN_TCP;
    leave->mechanism_count = 0;
    RETURNS(token);
    token_free(token);
}

static void rekey_events_and_methods(void)
{
    struct token *token = build_token();
    struct token_rekey *rekey = token->rekeys[0].rekey;

    rekey->event_time = (struct token_life){TOKEN_LIFE_INTERVAL, 60};
    rekey->event_kind = TOKEN_TIME_ONLY;
    RETURNS(token);
    rekey->event_kind = TOKEN_TIME_AND_EVENT;
    rekey->event_count = 5;
    RETURNS(token);
    rekey->event_time = (struct token_life){TOKEN_LIFE_UTC, 1700000000};
    RETURNS(token);
    rekey->event_kind = TOKEN_EVENT;
    rekey->event_count = -5;
    RETURNS(token);
    rekey->interval = (struct token_life){TOKEN_LIFE_GT, 1700000000};
    RETURNS(token);
    rekey->method = TOKEN_METHOD_NONE;
    RETURNS(token);
    rekey->method = TOKEN_METHOD_OTHER;
    rekey->method_oid = "1.2.3";
    rekey->method_info = gk_octets_of("whatever");
    RETURNS(token);
    rekey->method_oid = TOKEN_OID_METHOD_NONE;
    UNWRITABLE(token);
    token_free(token);
}

static void rekey_reliability_and_scheme(void)
{
    struct token *token = build_token();
    struct token_rekey *rekey = token->rekeys[0].rekey;

    rekey->reliability = TOKEN_RELIABILITY_RESEND;
    rekey->resend = 3;
    RETURNS(token);
    rekey->reliability = TOKEN_RELIABILITY_POST;
    RETURNS(token);
    rekey->post = gk_octets_of("https://example.org/rekey");
    RETURNS(token);
    rekey->post = gk_octets_of("caf\xc3\xa9");
    UNWRITABLE(token);
    rekey->reliability = TOKEN_RELIABILITY_OTHER;
    rekey->reliability_oid = "1.2.4";
    RETURNS(token);
    rekey->scheme = TOKEN_SCHEME_AUTONOMOUS;
    RETURNS(token);
    (void)build_pair(token, &rekey->auth_subs, "CN=Sub");
    RETURNS(token);
    rekey->scheme = TOKEN_SCHEME_OTHER;
    rekey->scheme_oid = "1.2.5";
    rekey->scheme_info = gk_octets_of("scheme");
    RETURNS(token);
    rekey->scheme_oid = NULL;
    UNWRITABLE(token);
    token_free(token);
}

static void generic_data(void)
{
    struct token *token = build_token();
    struct token_data *data = token->datas[0].data;

    data->encryption.has_expiration = true;
    data->encryption.expiration = (struct token_life){TOKEN_LIFE_INTERVAL, 86400};
    RETURNS(token);
    data->authentication = data->encryption;
    data->authentication.expiration = (struct token_life){TOKEN_LIFE_GT, 1700000000};
    RETURNS(token);
    data->encryption.present = false;
    RETURNS(token);
    data->authentication.present = false;
    RETURNS(token);
    token_free(token);
}

static void size_is_bounded(void)
{
    struct token *token = build_token();
    struct gk_secret name = gk_secret_new(TOKEN_MAX);
    struct gk_writer der = {0};
    size_t rest;

    CU_ASSERT_TRUE_FATAL(token_to_der(token, &der, NULL));
    rest = der.size - 2 - token->group_name.size;
    token->group_name = gk_octets(name.data, TOKEN_MAX - rest - 6);
    RETURNS(token);
    token->group_name.size += 8;
    UNWRITABLE(token);
    CU_ASSERT_PTR_NULL(token_from_der(gk_secret_octets(&name), NULL));
    token_free(token);
    gk_writer_free(&der);
    gk_secret_free(&name);
}

const struct test_suite suite_der_round = {
    "der_round",
    {
        {"token identifiers", token_identifiers},
        {"lists may be empty", lists_may_be_empty},
        {"several protocols", several_protocols},
        {"misplaced protocols are not written", misplaced_protocols_are_not_written},
        {"registration", registration},
        {"join mechanisms", join_mechanisms},
        {"de-registration", de_registration},
        {"rekey events and methods", rekey_events_and_methods},
        {"rekey reliability and scheme", rekey_reliability_and_scheme},
        {"generic data", generic_data},
        {"size is bounded", size_is_bounded},
        {NULL, NULL},
    }};
