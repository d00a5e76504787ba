/* SPDX-License-Identifier: Apache-2.0 */
/* Token (RFC 4534 3, Appendix A). */
#include "token/der.h"

#include "token/der-write.h"
#include "token/protocol.h"

static void read_token_id(struct token_reading *reading, struct gk_reader *root)
{
    struct token *token = reading->token;
    struct der_in *in = &reading->in;
    struct gk_reader info = der_enter(in, root, DER_SEQUENCE, "tokenInfo");
    size_t offset = gk_reader_offset(&info);

    token->id_place.offset = offset;
    token->version = der_read_integer(in, &info, DER_INTEGER, "tokenDefVersion");
    if (der_ok(in) && token->version != 1)
        (void)der_refuse(in, offset, "token-version",
                         "tokenDefVersion is %lld, this version reads 1",
                         (long long)token->version);
    token->group_name = token_octets(token, der_read_octets(in, &info, "groupName"));
    token->has_edition = der_more(in, &info);
    if (token->has_edition)
        token->edition = der_read_integer(in, &info, DER_INTEGER, "edition");
    der_leave(in, &info);
}

static void read_registrations(struct token_reading *reading, struct gk_reader *root)
{
    struct token *token = reading->token;
    struct der_in *in = &reading->in;
    struct gk_reader list = der_enter(in, root, DER_SEQUENCE, "registration");

    while (der_more(in, &list)) {
        struct gk_reader sequence = der_enter(in, &list, DER_SEQUENCE, NULL);
        struct token_registration *into = token_append(token, (void **)&token->registrations,
                                                       &token->registration_count, sizeof *into);

        token_read_protocol(reading, &sequence, "register", TOKEN_PROTOCOL_REGISTER, &into->join);
        token_read_protocol(reading, &sequence, "de-register", TOKEN_PROTOCOL_DEREGISTER,
                            &into->leave);
        der_leave(in, &sequence);
    }
    der_leave(in, &list);
}

static void read_protocols(struct token_reading *reading, struct gk_reader *root, const char *name,
                           enum token_protocol_kind place, struct token_protocol **at,
                           size_t *count)
{
    struct gk_reader list = der_enter(&reading->in, root, DER_SEQUENCE, name);

    while (der_more(&reading->in, &list))
        token_read_protocol(reading, &list, NULL, place,
                            token_append(reading->token, (void **)at, count, sizeof **at));
    der_leave(&reading->in, &list);
}

static void read_token(struct token_reading *reading, struct gk_octets der)
{
    struct token *token = reading->token;
    struct gk_reader reader = gk_reader(der);
    struct gk_reader root = der_enter(&reading->in, &reader, DER_SEQUENCE, "");

    read_token_id(reading, &root);
    read_registrations(reading, &root);
    read_protocols(reading, &root, "rekey", TOKEN_PROTOCOL_REKEY, &token->rekeys,
                   &token->rekey_count);
    read_protocols(reading, &root, "data", TOKEN_PROTOCOL_DATA, &token->datas, &token->data_count);
    der_leave(&reading->in, &root);
    if (der_more(&reading->in, &reader))
        (void)der_refuse(&reading->in, gk_reader_offset(&reader), "der-trailing",
                         "octets follow the token");
    token_read_fits(reading, ASN1_CORE, "Token", der, 0);
}

static void write_token_id(struct token_writing *writing, const struct token *token)
{
    struct gk_writer *to = writing->to;
    size_t part = der_open(to);

    if (token->version != 1)
        token_unwritable(writing, "tokenDefVersion is not 1");
    der_write_integer(to, DER_INTEGER, token->version);
    der_write(to, DER_OCTET_STRING, token->group_name);
    if (token->has_edition)
        der_write_integer(to, DER_INTEGER, token->edition);
    der_close(to, part, DER_SEQUENCE);
}

static void write_token(struct token_writing *writing, const struct token *token)
{
    struct gk_writer *to = writing->to;
    size_t root = der_open(to);
    size_t part;

    write_token_id(writing, token);
    part = der_open(to);
    for (size_t i = 0; i < token->registration_count; i++) {
        size_t sequence = der_open(to);

        token_write_protocol(writing, TOKEN_PROTOCOL_REGISTER, &token->registrations[i].join);
        token_write_protocol(writing, TOKEN_PROTOCOL_DEREGISTER, &token->registrations[i].leave);
        der_close(to, sequence, DER_SEQUENCE);
    }
    der_close(to, part, DER_SEQUENCE);
    part = der_open(to);
    for (size_t i = 0; i < token->rekey_count; i++)
        token_write_protocol(writing, TOKEN_PROTOCOL_REKEY, &token->rekeys[i]);
    der_close(to, part, DER_SEQUENCE);
    part = der_open(to);
    for (size_t i = 0; i < token->data_count; i++)
        token_write_protocol(writing, TOKEN_PROTOCOL_DATA, &token->datas[i]);
    der_close(to, part, DER_SEQUENCE);
    der_close(to, root, DER_SEQUENCE);
}

/* What was read, written again, must be the same octets: catches whatever the reader might
 * take in two forms. */
static bool same_again(const struct token *token, struct gk_octets der, struct gk_reason *why)
{
    struct gk_writer again = {0};
    struct token_writing writing = {.to = &again, .as_read = true};
    struct gk_octets have;
    size_t at = 0;
    bool same;

    write_token(&writing, token);
    have = gk_writer_octets(&again);
    same = !writing.failed && gk_octets_compare(have, der) == 0;
    while (!same && at < have.size && at < der.size && have.data[at] == der.data[at])
        at++;
    gk_writer_free(&again);
    return same || gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "der-not-canonical",
                             "encoded again the token is another from octet %zu on", at);
}

bool token_id_from_der(struct token *token, struct gk_octets der, struct gk_reason *why)
{
    struct gk_reason own = {0};
    struct token_reading reading = {.in = {.why = &own}, .token = token};
    struct gk_reader reader = gk_reader(der);
    struct gk_writer again = {0};
    bool same;

    read_token_id(&reading, &reader);
    if (der_ok(&reading.in))
        token_id_to_der(token, &again);
    same = gk_octets_compare(gk_writer_octets(&again), der) == 0;
    gk_writer_free(&again);
    if (!der_ok(&reading.in))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, own.code, "%s", own.text);
    return same || gk_refuse(why, GK_NONE, GK_NO_OFFSET, "der-not-canonical",
                             "encoded again the octets are others");
}

void token_id_to_der(const struct token *token, struct gk_writer *to)
{
    struct token_writing writing = {.to = to};

    write_token_id(&writing, token);
}

struct token *token_from_der(struct gk_octets der, struct gk_reason *why)
{
    struct token_reading reading = {.in = {.why = why}};

    if (der.size > TOKEN_MAX) {
        (void)gk_refuse(why, GK_PAYLOAD_MALFORMED, TOKEN_MAX, "token-size",
                        "the token has %zu octets, %d are allowed", der.size, TOKEN_MAX);
        return NULL;
    }
    reading.token = token_new();
    read_token(&reading, der);
    if (der_ok(&reading.in) && same_again(reading.token, der, why))
        return reading.token;
    token_free(reading.token);
    return NULL;
}

bool token_to_der(const struct token *token, struct gk_writer *to, struct gk_reason *why)
{
    struct token_writing writing = {.to = to, .why = why};
    size_t start = to->size;
    struct token *check;

    write_token(&writing, token);
    if (!writing.failed && to->size - start > TOKEN_MAX)
        token_unwritable(&writing, "the token would have %zu octets, %d are allowed",
                         to->size - start, TOKEN_MAX);
    if (!writing.failed) {
        check = token_from_der(gk_octets(to->data + start, to->size - start), why);
        writing.failed = !check;
        token_free(check);
    }
    if (writing.failed)
        gk_writer_cut(to, start);
    return !writing.failed;
}
