/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/token/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"
#include "token/der-write.h"
#include "token/der.h"

struct token_pair *build_pair(struct token *token, struct token_pairs *pairs, const char *id)
{
    struct token_pair *pair = token_append(token, (void **)&pairs->at, &pairs->count, sizeof *pair);

    pair->id_type = 31;
    pair->id = token_octets(token, gk_octets_of(id));
    pair->ca = token_octets(token, gk_octets_of("twenty octets of key"));
    return pair;
}

static void add_registration(struct token *token)
{
    struct token_registration *registration = token_append(
        token, (void **)&token->registrations, &token->registration_count, sizeof *registration);
    struct token_register *join = token_alloc(token, 1, sizeof *join);
    struct token_deregister *leave = token_alloc(token, 1, sizeof *leave);
    struct token_access *access =
        token_append(token, (void **)&join->access, &join->access_count, sizeof *access);
    struct token_mechanism *mechanism =
        token_append(token, (void **)&join->mechanisms, &join->mechanism_count, sizeof *mechanism);
    struct token_leave_mechanism *leaving =
        token_append(token, (void **)&leave->mechanisms, &leave->mechanism_count, sizeof *leaving);

    registration->join.kind = TOKEN_PROTOCOL_REGISTER;
    registration->join.registration = join;
    registration->leave.kind = TOKEN_PROTOCOL_DEREGISTER;
    registration->leave.deregistration = leave;
    (void)build_pair(token, &join->gcks, "CN=G");
    (void)build_pair(token, &access->access_rule, "CN=*");
    *mechanism = (struct token_mechanism){.signature = 49153,
                                          .nonce_hash = 49153,
                                          .key_creation = 49153,
                                          .key_wrap = 49154,
                                          .time_out = {TOKEN_LIFE_INTERVAL, 30}};
    *leaving = (struct token_leave_mechanism){
        .signature = 49153, .nonce_hash = 49153, .ca = gk_octets_of("ca")};
    leave->has_terse = leave->terse = true;
}

struct token *build_token(void)
{
    struct token *token = token_new();
    struct token_rekey *rekey = token_alloc(token, 1, sizeof *rekey);
    struct token_data *data = token_alloc(token, 1, sizeof *data);
    struct token_protocol *protocol;

    token->group_name = gk_octets_of("a group");
    token->has_edition = true;
    token->edition = 7;
    add_registration(token);
    protocol = token_append(token, (void **)&token->rekeys, &token->rekey_count, sizeof *protocol);
    *protocol = (struct token_protocol){.kind = TOKEN_PROTOCOL_REKEY, .rekey = rekey};
    (void)build_pair(token, &rekey->authorization, "CN=G");
    rekey->signature = rekey->nonce_hash = 49153;
    rekey->method = TOKEN_METHOD_LKH;
    rekey->lkh_key_type = 49154;
    rekey->interval = (struct token_life){TOKEN_LIFE_INTERVAL, 3600};
    rekey->reliability = TOKEN_RELIABILITY_NONE;
    rekey->scheme = TOKEN_SCHEME_NONE;
    protocol = token_append(token, (void **)&token->datas, &token->data_count, sizeof *protocol);
    *protocol = (struct token_protocol){.kind = TOKEN_PROTOCOL_DATA, .data = data};
    data->encryption.present = true;
    data->encryption.key_id = gk_octets_of("\x80\0\0\1");
    data->encryption.key_id.size = 4;
    return token;
}

/* The harness keeps what was hexadecimal. */
static struct gk_octets kept(struct gk_writer *writer)
{
    char *hex = gk_hex(gk_writer_octets(writer));
    struct gk_octets octets = test_unhex(hex);

    free(hex);
    gk_writer_free(writer);
    return octets;
}

/* Until the end or an unmatched '}', which it passes. */
static const char *assemble(struct gk_writer *to, const char *at)
{
    while (*at && *at != '}') {
        char hex[] = {at[0], at[1], 0};

        if (*at == ' ') {
            at++;
        } else if (*at == '\'') {
            size_t size = strcspn(at + 1, "'");

            gk_write(to, at + 1, size);
            at += size + 2;
        } else if (at[1] && at[2] == '{') {
            size_t start = der_open(to);

            at = assemble(to, at + 3);
            der_close(to, start, (uint8_t)strtoul(hex, NULL, 16));
        } else {
            gk_write_octets(to, test_unhex(hex));
            at += 2;
        }
    }
    return *at ? at + 1 : at;
}

struct gk_octets build_der(const char *notation)
{
    struct gk_writer writer = {0};

    (void)assemble(&writer, notation);
    return kept(&writer);
}

static void write_protocol(struct gk_writer *to, const char *oid, struct gk_octets info)
{
    size_t start = der_open(to);

    CU_ASSERT_TRUE(der_write_oid(to, DER_OID, oid));
    der_write(to, DER_OCTET_STRING, info);
    der_close(to, start, DER_SEQUENCE);
}

struct gk_octets build_with(enum token_protocol_kind place, const char *oid, struct gk_octets info)
{
    struct gk_writer to = {0};
    size_t part;

    der_write_integer(&to, DER_INTEGER, 1);
    der_write(&to, DER_OCTET_STRING, gk_octets_of("a group"));
    der_close(&to, 0, DER_SEQUENCE);
    part = der_open(&to);
    if (place == TOKEN_PROTOCOL_REGISTER || place == TOKEN_PROTOCOL_DEREGISTER) {
        if (place == TOKEN_PROTOCOL_DEREGISTER)
            der_write_null(&to, DER_NULL);
        write_protocol(&to, oid, info);
        if (place == TOKEN_PROTOCOL_REGISTER)
            der_write_null(&to, DER_NULL);
        der_close(&to, part, DER_SEQUENCE);
    }
    der_close(&to, part, DER_SEQUENCE);
    part = der_open(&to);
    if (place == TOKEN_PROTOCOL_REKEY)
        write_protocol(&to, oid, info);
    der_close(&to, part, DER_SEQUENCE);
    part = der_open(&to);
    if (place == TOKEN_PROTOCOL_DATA)
        write_protocol(&to, oid, info);
    der_close(&to, part, DER_SEQUENCE);
    der_close(&to, 0, DER_SEQUENCE);
    return kept(&to);
}

struct gk_octets build_info(enum token_protocol_kind place)
{
    struct token *token = build_token();
    struct gk_writer der = {0};
    struct gk_writer info = {0};
    struct token *again;

    if (!token_to_der(token, &der, NULL))
        abort();
    token_free(token);
    again = token_from_der(gk_writer_octets(&der), NULL);
    if (!again)
        abort();
    gk_write_octets(&info, place == TOKEN_PROTOCOL_REGISTER     ? again->registrations[0].join.info
                           : place == TOKEN_PROTOCOL_DEREGISTER ? again->registrations[0].leave.info
                           : place == TOKEN_PROTOCOL_REKEY      ? again->rekeys[0].info
                                                                : again->datas[0].info);
    token_free(again);
    gk_writer_free(&der);
    return kept(&info);
}

struct gk_octets build_changed(struct gk_octets from, const char *hex, const char *by)
{
    char *whole = gk_hex(from);
    char *at = strstr(whole, hex);
    char *changed;
    struct gk_octets octets;

    while (at && (at - whole) % 2)
        at = strstr(at + 1, hex);
    if (!at || strstr(at + 1, hex)) {
        fprintf(stderr, "%s is not there once in %s\n", hex, whole);
        exit(2);
    }
    changed = gk_format("%.*s%s%s", (int)(at - whole), whole, by, at + strlen(hex));
    octets = test_unhex(changed);
    free(changed);
    free(whole);
    return octets;
}
