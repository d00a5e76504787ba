/* SPDX-License-Identifier: Apache-2.0 */
/* GSAKMPv1RegistrationInfo (RFC 4534 B.1, B.2). */
#include "token/der-write.h"
#include "token/protocol.h"

/* `[number] EXPLICIT SEQUENCE OF UserCAPair`. */
static void read_tagged_pairs(struct token_reading *reading, struct gk_reader *reader,
                              unsigned number, const char *name, struct token_pairs *pairs)
{
    struct der_in *in = &reading->in;
    uint8_t tag = (uint8_t)(DER_CONTEXT_CONSTRUCTED | number);
    struct gk_reader tagged = der_enter(in, reader, tag, name);
    struct gk_reader list = der_enter(in, &tagged, DER_SEQUENCE, "");

    token_read_pairs(reading, &list, pairs);
    der_leave(in, &list);
    der_leave(in, &tagged);
}

static void write_tagged_pairs(struct token_writing *writing, unsigned number,
                               const struct token_pairs *pairs)
{
    size_t start = der_open(writing->to);

    token_write_pairs(writing, pairs);
    der_close(writing->to, start, (uint8_t)(DER_CONTEXT_CONSTRUCTED | number));
}

/* --- JoinAuthorization (B.1.1) ---------------------------------------------- */

static void read_sub_gcks(struct token_reading *reading, struct gk_reader *reader,
                          struct token_register *info)
{
    struct der_in *in = &reading->in;
    struct gk_reader lists = der_enter(in, reader, DER_SEQUENCE, "subGCKS");

    info->has_sub_gcks = true;
    while (der_more(in, &lists)) {
        struct gk_reader list = der_enter(in, &lists, DER_SEQUENCE, NULL);

        token_read_pairs(reading, &list,
                         token_append(reading->token, (void **)&info->sub_gcks,
                                      &info->sub_gcks_count, sizeof *info->sub_gcks));
        der_leave(in, &list);
    }
    der_leave(in, &lists);
}

static void read_authorization(struct token_reading *reading, struct gk_reader *reader,
                               struct token_register *info)
{
    struct der_in *in = &reading->in;
    struct gk_reader sequence = der_enter(in, reader, DER_SEQUENCE, "joinAuthorization");
    struct gk_reader list = der_enter(in, &sequence, DER_SEQUENCE, "gCKS");

    token_read_pairs(reading, &list, &info->gcks);
    der_leave(in, &list);
    if (der_peek(in, &sequence) == DER_SEQUENCE)
        read_sub_gcks(reading, &sequence, info);
    info->senders_limited = der_peek(in, &sequence) == (DER_CONTEXT_CONSTRUCTED | 1);
    if (info->senders_limited)
        read_tagged_pairs(reading, &sequence, 1, "senders", &info->senders);
    else
        der_read_null(in, &sequence, DER_CONTEXT | 0, "senders");
    der_leave(in, &sequence);
}

static void write_authorization(struct token_writing *writing, const struct token_register *info)
{
    struct gk_writer *to = writing->to;
    size_t sequence = der_open(to);
    size_t lists;

    token_write_pairs(writing, &info->gcks);
    if (info->has_sub_gcks) {
        lists = der_open(to);
        for (size_t i = 0; i < info->sub_gcks_count; i++)
            token_write_pairs(writing, &info->sub_gcks[i]);
        der_close(to, lists, DER_SEQUENCE);
    }
    if (info->senders_limited)
        write_tagged_pairs(writing, 1, &info->senders);
    else
        der_write_null(to, DER_CONTEXT | 0);
    der_close(to, sequence, DER_SEQUENCE);
}

/* --- AccessControl (B.1.2) --------------------------------------------------- */

static void read_permissions(struct token_reading *reading, struct gk_reader *reader,
                             struct token_access *access)
{
    struct der_in *in = &reading->in;
    struct gk_reader tagged = der_enter(in, reader, DER_CONTEXT_CONSTRUCTED | 1, "permissions");
    struct gk_reader list = der_enter(in, &tagged, DER_SEQUENCE, "");

    access->has_permissions = true;
    while (der_more(in, &list)) {
        size_t offset = gk_reader_offset(&list);
        int64_t *permission = token_append(reading->token, (void **)&access->permissions,
                                           &access->permission_count, sizeof *permission);

        *permission = der_read_integer(in, &list, DER_CONTEXT | 1, NULL);
        if (*permission < 1 || *permission > 9)
            (void)der_refuse(in, offset, "permission-range",
                             "element %zu is not among one(1) to nine(9)",
                             access->permission_count - 1);
    }
    der_leave(in, &list);
    der_leave(in, &tagged);
}

static void write_permissions(struct token_writing *writing, const struct token_access *access)
{
    struct gk_writer *to = writing->to;
    size_t start = der_open(to);

    for (size_t i = 0; i < access->permission_count; i++) {
        if (access->permissions[i] < 1 || access->permissions[i] > 9)
            token_unwritable(writing, "a permission is not among one(1) to nine(9)");
        der_write_integer(to, DER_CONTEXT | 1, access->permissions[i]);
    }
    der_close(to, start, DER_SEQUENCE);
    der_close(to, start, DER_CONTEXT_CONSTRUCTED | 1);
}

static void read_access(struct token_reading *reading, struct gk_reader *list,
                        struct token_access *access)
{
    struct der_in *in = &reading->in;
    size_t offset = gk_reader_offset(list);
    struct gk_reader sequence = der_enter(in, list, DER_SEQUENCE, NULL);

    access->place.offset = offset;
    if (der_peek(in, &sequence) == (DER_CONTEXT_CONSTRUCTED | 1))
        read_permissions(reading, &sequence, access);
    read_tagged_pairs(reading, &sequence, 2, "accessRule", &access->access_rule);
    access->has_exclusions = der_more(in, &sequence);
    if (access->has_exclusions)
        read_tagged_pairs(reading, &sequence, 3, "exclusionsRule", &access->exclusions_rule);
    der_leave(in, &sequence);
}

static void write_access(struct token_writing *writing, const struct token_access *access)
{
    size_t sequence = der_open(writing->to);

    if (access->has_permissions)
        write_permissions(writing, access);
    write_tagged_pairs(writing, 2, &access->access_rule);
    if (access->has_exclusions)
        write_tagged_pairs(writing, 3, &access->exclusions_rule);
    der_close(writing->to, sequence, DER_SEQUENCE);
}

/* --- JoinMechanisms (B.1.3) --------------------------------------------------- */

static void read_algorithms(struct token_reading *reading, struct gk_reader *reader,
                            struct token_mechanism *mechanism)
{
    struct der_in *in = &reading->in;
    struct gk_reader part = der_enter(in, reader, DER_SEQUENCE, "signatureDef");

    mechanism->signature = der_read_integer(in, &part, DER_INTEGER, "sigAlgorithmID");
    mechanism->nonce_hash = der_read_integer(in, &part, DER_INTEGER, "hashAlgorithmID");
    der_leave(in, &part);
    part = der_enter(in, reader, DER_SEQUENCE, "kEAlg");
    mechanism->key_creation = der_read_integer(in, &part, DER_INTEGER, "keyExchangeAlgorithmID");
    mechanism->has_key_creation_data = der_more(in, &part);
    if (mechanism->has_key_creation_data)
        mechanism->key_creation_data =
            token_octets(reading->token, der_read_octets(in, &part, "keyExchangeAlgorithmData"));
    der_leave(in, &part);
    mechanism->key_wrap = der_read_integer(in, reader, DER_INTEGER, "keyWrap");
}

static void read_mechanism(struct token_reading *reading, struct gk_reader *list,
                           struct token_mechanism *mechanism)
{
    struct der_in *in = &reading->in;
    struct gk_reader sequence;
    struct gk_reader part;

    mechanism->place.offset = gk_reader_offset(list);
    if (der_peek(in, list) == (DER_CONTEXT | 1)) {
        mechanism->suite = token_read_oid(reading, list, DER_CONTEXT | 1, NULL);
        return;
    }
    sequence = der_enter(in, list, DER_CONTEXT_CONSTRUCTED | 0, NULL);
    read_algorithms(reading, &sequence, mechanism);
    der_read_null(in, &sequence, DER_CONTEXT | 0, "ackData");
    part = der_enter(in, &sequence, DER_SEQUENCE, "opInfo");
    token_read_life(reading, &part, "timeOut", &mechanism->time_out);
    mechanism->terse = der_read_boolean(in, &part, "terse");
    mechanism->has_timestamp = der_more(in, &part);
    if (mechanism->has_timestamp)
        mechanism->timestamp = der_read_boolean(in, &part, "timestamp");
    der_leave(in, &part);
    der_leave(in, &sequence);
}

/* OpInfo's timestamp is written only when TRUE (wire profile 5.3). */
static void write_op_info(struct token_writing *writing, const struct token_mechanism *mechanism)
{
    size_t start = der_open(writing->to);

    token_write_life(writing, &mechanism->time_out);
    der_write_boolean(writing->to, mechanism->terse);
    if (mechanism->has_timestamp && (mechanism->timestamp || writing->as_read))
        der_write_boolean(writing->to, mechanism->timestamp);
    der_close(writing->to, start, DER_SEQUENCE);
}

static void write_mechanism(struct token_writing *writing, const struct token_mechanism *mechanism)
{
    struct gk_writer *to = writing->to;
    size_t sequence = der_open(to);
    size_t part = sequence;

    if (mechanism->suite) {
        token_write_oid(writing, DER_CONTEXT | 1, mechanism->suite, "suite");
        return;
    }
    der_write_integer(to, DER_INTEGER, mechanism->signature);
    der_write_integer(to, DER_INTEGER, mechanism->nonce_hash);
    der_close(to, part, DER_SEQUENCE);
    part = der_open(to);
    der_write_integer(to, DER_INTEGER, mechanism->key_creation);
    if (mechanism->has_key_creation_data)
        der_write(to, DER_OCTET_STRING, mechanism->key_creation_data);
    der_close(to, part, DER_SEQUENCE);
    der_write_integer(to, DER_INTEGER, mechanism->key_wrap);
    der_write_null(to, DER_CONTEXT | 0);
    write_op_info(writing, mechanism);
    der_close(to, sequence, DER_CONTEXT_CONSTRUCTED | 0);
}

/* --- GSAKMPv1RegistrationInfo -------------------------------------------------- */

void token_read_register(struct token_reading *reading, struct gk_reader *info,
                         struct token_protocol *protocol)
{
    struct token *token = reading->token;
    struct token_register *into = token_alloc(token, 1, sizeof *into);
    struct der_in *in = &reading->in;
    struct gk_reader list;

    protocol->registration = into;
    read_authorization(reading, info, into);
    list = der_enter(in, info, DER_SEQUENCE, "joinAccessControl");
    while (der_more(in, &list))
        read_access(
            reading, &list,
            token_append(token, (void **)&into->access, &into->access_count, sizeof *into->access));
    der_leave(in, &list);
    list = der_enter(in, info, DER_SEQUENCE, "joinMechanisms");
    while (der_more(in, &list))
        read_mechanism(reading, &list,
                       token_append(token, (void **)&into->mechanisms, &into->mechanism_count,
                                    sizeof *into->mechanisms));
    der_leave(in, &list);
    into->transport = (enum token_transport)token_read_choice(reading, info, "transport",
                                                              TOKEN_UDP_RTJ_TCP_OTHER);
}

void token_write_register(struct token_writing *writing, const struct token_protocol *protocol)
{
    const struct token_register *info = protocol->registration;
    struct gk_writer *to = writing->to;
    size_t sequence = der_open(to);
    size_t list;

    write_authorization(writing, info);
    list = der_open(to);
    for (size_t i = 0; i < info->access_count; i++)
        write_access(writing, &info->access[i]);
    der_close(to, list, DER_SEQUENCE);
    list = der_open(to);
    for (size_t i = 0; i < info->mechanism_count; i++)
        write_mechanism(writing, &info->mechanisms[i]);
    der_close(to, list, DER_SEQUENCE);
    token_write_choice(writing, info->transport, TOKEN_UDP_RTJ_TCP_OTHER, "transport");
    der_close(to, sequence, DER_SEQUENCE);
}
