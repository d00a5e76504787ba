/* SPDX-License-Identifier: Apache-2.0 */
/* What several of RFC 4534's modules share: UserCAPair, LifeDate, choices among NULLs. */
#include "token/der-write.h"
#include "token/protocol.h"

void token_read_fits(struct token_reading *reading, enum asn1_module module, const char *type,
                     struct gk_octets der, size_t offset)
{
    const char *misfit = der_ok(&reading->in) ? asn1_misfit(module, type, der) : NULL;

    if (misfit)
        (void)der_refuse(&reading->in, offset, "asn1-module", "is no %s of RFC 4534's module (%s)",
                         type, misfit);
}

const char *token_read_oid(struct token_reading *reading, struct gk_reader *reader, uint8_t tag,
                           const char *name)
{
    char text[OID_TEXT];

    der_read_oid(&reading->in, reader, tag, name, text);
    return token_text(reading->token, text);
}

void token_write_oid(struct token_writing *writing, uint8_t tag, const char *oid, const char *name)
{
    if (!der_write_oid(writing->to, tag, oid))
        token_unwritable(writing, "%s: %.64s is no OBJECT IDENTIFIER", name, oid ? oid : "nothing");
}

/* RFC 4534 B.1.1. */
static void read_pair(struct token_reading *reading, struct gk_reader *list,
                      struct token_pair *pair)
{
    struct der_in *in = &reading->in;
    size_t offset = gk_reader_offset(list);
    struct gk_reader sequence = der_enter(in, list, DER_SEQUENCE, NULL);
    struct gk_reader entity = der_enter(in, &sequence, DER_SEQUENCE, "groupEntity");

    pair->place.offset = offset;
    pair->id_type = der_read_integer(in, &entity, DER_INTEGER, "typeValue");
    pair->id = token_octets(reading->token, der_read_octets(in, &entity, "typeData"));
    der_leave(in, &entity);
    pair->ca = token_octets(reading->token, der_read_octets(in, &sequence, "cA"));
    der_leave(in, &sequence);
}

void token_read_pairs(struct token_reading *reading, struct gk_reader *list,
                      struct token_pairs *pairs)
{
    while (der_more(&reading->in, list))
        read_pair(
            reading, list,
            token_append(reading->token, (void **)&pairs->at, &pairs->count, sizeof *pairs->at));
}

void token_write_pairs(struct token_writing *writing, const struct token_pairs *pairs)
{
    struct gk_writer *to = writing->to;
    size_t list = der_open(to);

    for (size_t i = 0; i < pairs->count; i++) {
        const struct token_pair *pair = &pairs->at[i];
        size_t sequence = der_open(to);

        der_write_integer(to, DER_INTEGER, pair->id_type);
        der_write(to, DER_OCTET_STRING, pair->id);
        der_close(to, sequence, DER_SEQUENCE);
        der_write(to, DER_OCTET_STRING, pair->ca);
        der_close(to, sequence, DER_SEQUENCE);
    }
    der_close(to, list, DER_SEQUENCE);
}

/* RFC 4534 3.1. */
void token_read_life(struct token_reading *reading, struct gk_reader *reader, const char *name,
                     struct token_life *life)
{
    struct der_in *in = &reading->in;
    size_t offset = gk_reader_offset(reader);
    uint8_t tag = der_peek(in, reader);
    struct gk_octets value;

    if (tag != DER_UTC_TIME && tag != DER_GENERALIZED_TIME) {
        life->kind = TOKEN_LIFE_INTERVAL;
        life->value = der_read_integer(in, reader, DER_INTEGER, name);
        return;
    }
    life->kind = tag == DER_UTC_TIME ? TOKEN_LIFE_UTC : TOKEN_LIFE_GT;
    value = der_read(in, reader, tag, tag, name);
    if (der_ok(in) && !der_time(tag, value, &life->value))
        (void)der_refuse(in, offset, "der-time", "%s: fractions of a second are not taken", name);
}

void token_write_life(struct token_writing *writing, const struct token_life *life)
{
    bool utc = life->kind == TOKEN_LIFE_UTC;

    if (life->kind == TOKEN_LIFE_INTERVAL)
        der_write_integer(writing->to, DER_INTEGER, life->value);
    else if (life->kind != TOKEN_LIFE_UTC && life->kind != TOKEN_LIFE_GT)
        token_unwritable(writing, "a LifeDate is of no kind that RFC 4534 3.1 has");
    else if (!der_write_time(writing->to, utc ? DER_UTC_TIME : DER_GENERALIZED_TIME, life->value))
        token_unwritable(writing, "a time lies outside the years %s, which %s holds",
                         utc ? "1950 to 2049" : "0 to 9999", utc ? "UTCTime" : "GeneralizedTime");
}

unsigned token_read_choice(struct token_reading *reading, struct gk_reader *reader,
                           const char *name, unsigned last)
{
    unsigned number = der_peek(&reading->in, reader) ^ DER_CONTEXT;

    if (number > last)
        number = 0; /* refused below */
    der_read_null(&reading->in, reader, (uint8_t)(DER_CONTEXT | number), name);
    return number;
}

void token_write_choice(struct token_writing *writing, unsigned number, unsigned last,
                        const char *name)
{
    if (number > last)
        token_unwritable(writing, "%s has no choice %u", name, number);
    else
        der_write_null(writing->to, (uint8_t)(DER_CONTEXT | number));
}
