/* SPDX-License-Identifier: Apache-2.0 */
/* GenericDataSAInfo (RFC 4534 C.1, C.2). */
#include "token/der-write.h"
#include "token/protocol.h"

static void read_key_info(struct token_reading *reading, struct gk_reader *info, unsigned number,
                          const char *name, struct token_key_info *into)
{
    uint8_t tag = (uint8_t)(DER_CONTEXT_CONSTRUCTED | number);
    struct der_in *in = &reading->in;
    struct gk_reader sequence;
    struct gk_reader tagged;

    if (der_peek(in, info) != tag)
        return;
    into->present = true;
    into->place.offset = gk_reader_offset(info);
    tagged = der_enter(in, info, tag, name);
    sequence = der_enter(in, &tagged, DER_SEQUENCE, "");
    into->key_id = token_octets(reading->token, der_read_octets(in, &sequence, "kMKeyID"));
    into->has_expiration = der_more(in, &sequence);
    if (into->has_expiration)
        token_read_life(reading, &sequence, "keyExpirationDate", &into->expiration);
    der_leave(in, &sequence);
    der_leave(in, &tagged);
}

static void write_key_info(struct token_writing *writing, unsigned number,
                           const struct token_key_info *info)
{
    size_t start = der_open(writing->to);

    if (!info->present)
        return;
    der_write(writing->to, DER_OCTET_STRING, info->key_id);
    if (info->has_expiration)
        token_write_life(writing, &info->expiration);
    der_close(writing->to, start, DER_SEQUENCE);
    der_close(writing->to, start, (uint8_t)(DER_CONTEXT_CONSTRUCTED | number));
}

void token_read_data(struct token_reading *reading, struct gk_reader *info,
                     struct token_protocol *protocol)
{
    struct token_data *into = token_alloc(reading->token, 1, sizeof *into);

    protocol->data = into;
    read_key_info(reading, info, 0, "authentication", &into->authentication);
    read_key_info(reading, info, 1, "encryption", &into->encryption);
}

void token_write_data(struct token_writing *writing, const struct token_protocol *protocol)
{
    size_t sequence = der_open(writing->to);

    write_key_info(writing, 0, &protocol->data->authentication);
    write_key_info(writing, 1, &protocol->data->encryption);
    der_close(writing->to, sequence, DER_SEQUENCE);
}
