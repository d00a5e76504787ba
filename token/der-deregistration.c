/* SPDX-License-Identifier: Apache-2.0 */
/* GSAKMPv1DeRegistrationInfo (RFC 4534 B.3, B.4; wire profile 11.2). */
#include "token/der-write.h"
#include "token/protocol.h"

static void read_leave_mechanism(struct token_reading *reading, struct gk_reader *list,
                                 struct token_leave_mechanism *mechanism)
{
    struct der_in *in = &reading->in;
    size_t offset = gk_reader_offset(list);
    struct gk_reader sequence = der_enter(in, list, DER_SEQUENCE, NULL);

    mechanism->place.offset = offset;
    mechanism->signature = der_read_integer(in, &sequence, DER_INTEGER, "sigAlgorithm");
    mechanism->nonce_hash = der_read_integer(in, &sequence, DER_INTEGER, "hashAlgorithm");
    mechanism->ca = token_octets(reading->token, der_read_octets(in, &sequence, "cA"));
    der_leave(in, &sequence);
}

void token_read_deregister(struct token_reading *reading, struct gk_reader *info,
                           struct token_protocol *protocol)
{
    struct token_deregister *into = token_alloc(reading->token, 1, sizeof *into);
    struct der_in *in = &reading->in;
    struct gk_reader list;

    protocol->deregistration = into;
    list = der_enter(in, info, DER_SEQUENCE, "leaveMechanisms");
    while (der_more(in, &list))
        read_leave_mechanism(reading, &list,
                             token_append(reading->token, (void **)&into->mechanisms,
                                          &into->mechanism_count, sizeof *into->mechanisms));
    der_leave(in, &list);
    into->has_terse = der_peek(in, info) == DER_BOOLEAN;
    into->terse = into->has_terse ? der_read_boolean(in, info, "terse") : true;
    into->transport =
        (enum token_transport)token_read_choice(reading, info, "transport", TOKEN_UDP);
}

void token_write_deregister(struct token_writing *writing, const struct token_protocol *protocol)
{
    const struct token_deregister *info = protocol->deregistration;
    struct gk_writer *to = writing->to;
    size_t sequence = der_open(to);
    size_t list = sequence;

    for (size_t i = 0; i < info->mechanism_count; i++) {
        size_t start = der_open(to);

        der_write_integer(to, DER_INTEGER, info->mechanisms[i].signature);
        der_write_integer(to, DER_INTEGER, info->mechanisms[i].nonce_hash);
        der_write(to, DER_OCTET_STRING, info->mechanisms[i].ca);
        der_close(to, start, DER_SEQUENCE);
    }
    der_close(to, list, DER_SEQUENCE);
    if (info->has_terse || !writing->as_read)
        der_write_boolean(to, info->has_terse ? info->terse : true);
    token_write_choice(writing, info->transport, TOKEN_UDP, "the de-registration's transport");
    der_close(to, sequence, DER_SEQUENCE);
}
