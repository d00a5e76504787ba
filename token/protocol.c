/* SPDX-License-Identifier: Apache-2.0 */
#include "token/protocol.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "token/der-write.h"

static const struct token_protocol_row rows[] = {
    {TOKEN_PROTOCOL_REGISTER, "GSAKMP registration", TOKEN_OID_REGISTER, "1.3.6.1.5.5.12.7",
     ASN1_REGISTRATION, "GSAKMPv1RegistrationInfo", token_read_register, token_write_register,
     token_lint_register},
    {TOKEN_PROTOCOL_DEREGISTER, "GSAKMP de-registration", TOKEN_OID_DEREGISTER, NULL,
     ASN1_DEREGISTRATION, "GSAKMPv1DeRegistrationInfo", token_read_deregister,
     token_write_deregister, token_lint_deregister},
    {TOKEN_PROTOCOL_REKEY, "GSAKMP rekey", TOKEN_OID_REKEY, "1.3.6.1.5.5.12.0.4", ASN1_REKEY,
     "GSAKMPv1RekeyInfo", token_read_rekey, token_write_rekey, token_lint_rekey},
    {TOKEN_PROTOCOL_DATA, "generic data", TOKEN_OID_DATA, NULL, ASN1_DATA, "GenericDataSAInfo",
     token_read_data, token_write_data, token_lint_data},
};

const struct token_protocol_row *token_protocol_row(enum token_protocol_kind kind)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].kind == kind)
            return &rows[i];
    }
    return NULL;
}

void token_unwritable(struct token_writing *writing, const char *format, ...)
{
    char text[200];
    va_list list;

    if (writing->failed)
        return;
    writing->failed = true;
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    (void)gk_refuse(writing->why, GK_NONE, GK_NO_OFFSET, "token-unwritable", "%s", text);
}

static bool is(const char *oid, const char *known)
{
    return oid && known && strcmp(oid, known) == 0;
}

/* The content of a known protocol's protocolInfo. */
static void read_info(struct token_reading *reading, const struct token_protocol_row *row,
                      struct gk_reader *octets, struct token_protocol *protocol)
{
    struct der_in *in = &reading->in;
    struct gk_reader info = der_enter(in, octets, DER_SEQUENCE, "");

    row->read(reading, &info, protocol);
    der_leave(in, &info);
}

void token_read_protocol(struct token_reading *reading, struct gk_reader *reader, const char *name,
                         enum token_protocol_kind place, struct token_protocol *protocol)
{
    const struct token_protocol_row *row = token_protocol_row(place);
    struct der_in *in = &reading->in;
    struct gk_reader supported;
    struct gk_reader octets;

    protocol->place.offset = gk_reader_offset(reader);
    if (place != TOKEN_PROTOCOL_DATA && der_peek(in, reader) == DER_NULL) {
        der_read_null(in, reader, DER_NULL, name);
        protocol->kind = TOKEN_PROTOCOL_NONE;
        return;
    }
    supported = der_enter(in, reader, DER_SEQUENCE, name);
    protocol->oid = token_read_oid(reading, &supported, DER_OID, "protocol");
    octets = der_enter(in, &supported, DER_OCTET_STRING, "");
    protocol->info = token_octets(reading->token, gk_octets(octets.data, octets.size));
    protocol->erratum = is(protocol->oid, row->erratum);
    if (protocol->erratum || is(protocol->oid, row->oid)) {
        protocol->kind = place;
        read_info(reading, row, &octets, protocol);
    } else {
        protocol->kind = TOKEN_PROTOCOL_OPAQUE;
        (void)gk_read_rest(&octets);
    }
    der_leave(in, &octets);
    if (protocol->kind == place)
        token_read_fits(reading, row->module, row->type, protocol->info, octets.base);
    der_leave(in, &supported);
}

static void write_supported(struct token_writing *writing, const struct token_protocol_row *row,
                            const struct token_protocol *protocol)
{
    bool known = protocol->kind == row->kind;
    size_t sequence = der_open(writing->to);
    size_t octets;

    if (!known && (is(protocol->oid, row->oid) || is(protocol->oid, row->erratum)))
        token_unwritable(writing, "the OID of %s stands before opaque octets", row->name);
    if (known && !(protocol->erratum && writing->as_read))
        token_write_oid(writing, DER_OID, row->oid, "protocol");
    else
        token_write_oid(writing, DER_OID, known ? row->erratum : protocol->oid, "protocol");
    octets = der_open(writing->to);
    if (known)
        row->write(writing, protocol);
    else
        gk_write_octets(writing->to, protocol->info);
    der_close(writing->to, octets, DER_OCTET_STRING);
    der_close(writing->to, sequence, DER_SEQUENCE);
}

bool token_protocol_knows(enum token_protocol_kind place, const char *oid)
{
    const struct token_protocol_row *row = token_protocol_row(place);

    return is(oid, row->oid) || is(oid, row->erratum);
}

bool token_protocol_to_info(const struct token_protocol *protocol, struct gk_writer *to)
{
    struct token_writing writing = {.to = to};

    token_protocol_row(protocol->kind)->write(&writing, protocol);
    return !writing.failed;
}

bool token_protocol_from_info(struct token *token, enum token_protocol_kind place, const char *oid,
                              struct gk_octets info, struct token_protocol *to,
                              struct gk_reason *why)
{
    struct gk_reason own = {0};
    struct token_reading reading = {.in = {.why = &own}, .token = token};
    struct gk_writer der = {0};
    struct gk_writer again = {0};
    struct token_writing writing = {.to = &again, .as_read = true, .why = &own};
    size_t start = der_open(&der);
    struct gk_reader reader;
    bool good = der_write_oid(&der, DER_OID, oid);

    der_write(&der, DER_OCTET_STRING, info);
    der_close(&der, start, DER_SEQUENCE);
    reader = gk_reader(gk_writer_octets(&der));
    token_read_protocol(&reading, &reader, "info", place, to);
    if (der_ok(&reading.in))
        write_supported(&writing, token_protocol_row(place), to);
    good = good && der_ok(&reading.in) && !writing.failed;
    if (!good)
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, own.code, "%s", own.text);
    else if (gk_octets_compare(gk_writer_octets(&der), gk_writer_octets(&again)) != 0)
        good = gk_refuse(why, GK_NONE, GK_NO_OFFSET, "der-not-canonical",
                         "encoded again the octets are others");
    gk_writer_free(&der);
    gk_writer_free(&again);
    return good;
}

void token_write_protocol(struct token_writing *writing, enum token_protocol_kind place,
                          const struct token_protocol *protocol)
{
    const struct token_protocol_row *row = token_protocol_row(place);

    if (protocol->kind == TOKEN_PROTOCOL_NONE && place != TOKEN_PROTOCOL_DATA)
        der_write_null(writing->to, DER_NULL);
    else if (protocol->kind != place && protocol->kind != TOKEN_PROTOCOL_OPAQUE)
        token_unwritable(writing, "a protocol stands where %s is expected", row->name);
    else if (protocol->kind == place && (!row->erratum && protocol->erratum))
        token_unwritable(writing, "%s has no erratum", row->name);
    else if (protocol->kind == place && !protocol->registration)
        token_unwritable(writing, "%s has no content", row->name);
    else
        write_supported(writing, row, protocol);
}
