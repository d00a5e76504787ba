/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gsakmp/message-help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/vectors.h"

/* Where the fields of the known answers' header stand: the Group ID Value has 15 octets. */
#define HEADER_SIZE  28
#define LENGTH_PLACE 24

const uint8_t help_exchanges[] = {4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 0};

struct gk_group help_group(void)
{
    struct gk_group group = {0};
    struct gk_reason why;

    CU_ASSERT_TRUE_FATAL(gk_group_set(&group, (uint8_t)vector_integer("group/type"),
                                      vector_octets("group/value"), &why));
    return group;
}

void help_parse(struct gk_message *message, struct gk_octets octets)
{
    struct gk_group group = help_group();
    struct gk_reason why = {0};

    if (!gk_message_parse(message, octets, &group, GK_EXCHANGE_ANY, &why)) {
        printf("\n    refused at %zu: %s\n", why.offset, why.text);
        CU_FAIL_FATAL("a good message is refused");
    }
}

bool help_accepted(struct gk_octets octets)
{
    struct gk_group group = help_group();
    struct gk_message message;

    return gk_message_parse(&message, octets, &group, GK_EXCHANGE_ANY, NULL);
}

bool help_refused(struct gk_octets octets, uint16_t notification, const char *code)
{
    struct gk_group group = help_group();
    struct gk_message message;
    struct gk_reason why = {0};

    if (gk_message_parse(&message, octets, &group, GK_EXCHANGE_ANY, &why)) {
        printf("\n    taken, not refused as %s\n", code ? code : "anything");
        return false;
    }
    if (why.notification == notification && (!code || strcmp(why.code, code) == 0) &&
        (why.offset <= octets.size || why.offset == GK_NO_OFFSET))
        return true;
    printf("\n    refused at %zu with %u as %s, not with %u as %s: %s\n", why.offset,
           why.notification, why.code, notification, code ? code : "anything", why.text);
    return false;
}

bool help_judged(struct gk_octets octets, bool good, uint16_t notification, const char *code)
{
    return good ? help_accepted(octets) : help_refused(octets, notification, code);
}

static bool sign(const struct gk_signer *signer, struct gk_octets data, struct gk_writer *to,
                 struct gk_reason *why)
{
    struct help_signer *state = signer->context;
    size_t size = state->sizes[state->calls++ % state->count];

    (void)data;
    (void)why;
    for (size_t i = 0; i < size; i++)
        gk_write_u8(to, 0x5a);
    return true;
}

struct gk_signer help_signer(struct help_signer *state)
{
    return (struct gk_signer){.type = 49153, .sign = sign, .context = state};
}

static struct gk_octets some(size_t size, uint8_t value)
{
    static uint8_t store[8][64];

    memset(store[value % 8], value, sizeof store[0]);
    return gk_octets(store[value % 8], size);
}

static void add_id(struct gk_message *message, uint8_t class, const char *name)
{
    message->identification[message->identification_count++] =
        (struct gk_id_payload){class, 31, gk_octets_of(name)};
}

static void add_note(struct gk_message *message, uint16_t type, struct gk_octets data)
{
    message->notification[message->notification_count++] =
        (struct gk_notification_payload){type, data};
}

static void fill_join(struct gk_message *message)
{
    static const uint8_t choices[] = {0, 0xc0, 1, 1, 0xc0, 2, 2, 0xc0, 1};

    message->nonce[GK_NONCE_I] = some(32, 1);
    add_note(message, GK_MECHANISM_CHOICES, gk_octets(choices, sizeof choices));
    add_note(message, GK_COOKIE, some(27, 4));
    add_note(message, GK_IPV4_VALUE, some(4, 5));
    add_note(message, GK_IPV6_VALUE, some(16, 5));
}

static void fill_key_creation(struct gk_message *message)
{
    message->has_key_creation = true;
    message->key_creation_type = 49153;
    message->key_creation = some(32, 6);
}

static void fill_token(struct gk_message *message)
{
    message->has_token = true;
    message->token_type = GK_TOKEN_V1;
    message->token = some(50, 7);
}

static void fill_download(struct gk_message *message)
{
    fill_key_creation(message);
    fill_token(message);
    message->has_key_download = true;
    message->key_download = some(60, 7);
    message->private_inside = true;
}

static void fill_rekey(struct gk_message *message)
{
    static const uint8_t data[] = {0, 3, 0, 0, 0, 2, 9, 9, 9, 9, 1, 2,
                                   3, 0, 0, 0, 0, 0, 3, 8, 8, 8, 8};

    fill_token(message);
    message->sequence = 7;
    message->private_inside = true;
    for (message->rekey_count = 0; message->rekey_count < 2; message->rekey_count++)
        message->rekey[message->rekey_count] =
            (struct gk_rekey_payload){.type = GK_REKEY_LKH,
                                      .stamp = 1767225600,
                                      .count = 2,
                                      .data = gk_octets(data, sizeof data)};
}

static void fill_nonces(struct gk_message *message)
{
    message->nonce[GK_NONCE_R] = some(32, 2);
    message->nonce[GK_NONCE_C] = some(32, 3);
}

static void fill_kind(struct gk_message *message)
{
    switch (message->exchange) {
    case GK_REQUEST_TO_JOIN:
        fill_key_creation(message);
        fill_join(message);
        return;
    case GK_KEY_DOWNLOAD:
        add_id(message, GK_ID_RECEIVER, "CN=M1");
        fill_nonces(message);
        fill_download(message);
        return;
    case GK_REQUEST_TO_JOIN_ERROR:
        message->nonce[GK_NONCE_I] = some(32, 1);
        add_note(message, GK_UNAUTHORIZED_REQUEST, GK_NO_OCTETS);
        return;
    case GK_COOKIE_DOWNLOAD:
        add_note(message, GK_COOKIE_REQUIRED, some(27, 4));
        return;
    case GK_REKEY_EVENT:
        fill_rekey(message);
        return;
    case GK_REQUEST_TO_DEPART:
        add_id(message, GK_ID_RECEIVER, "CN=GCKS");
        add_id(message, GK_ID_THIRD_PARTY, "CN=M1");
        message->nonce[GK_NONCE_I] = some(32, 1);
        add_note(message, GK_LEAVE_GROUP, GK_NO_OCTETS);
        return;
    case GK_LACK_OF_ACK:
    case GK_DEPARTURE_RESPONSE:
        add_id(message, GK_ID_RECEIVER, "CN=M1");
        fill_nonces(message);
        add_note(message, message->exchange == GK_LACK_OF_ACK ? GK_NACK : GK_DEPARTURE_ACCEPTED,
                 GK_NO_OCTETS);
        return;
    default:
        message->nonce[GK_NONCE_C] = some(32, 3);
        add_note(message, GK_ACKNOWLEDGEMENT, some(1, 0));
    }
}

void help_fill(struct gk_message *message, uint8_t exchange)
{
    *message = (struct gk_message){.group = help_group(), .exchange = exchange};
    fill_kind(message);
    message->signature = (struct gk_signature_payload){
        .id_type = 31, .stamp = 1767225600, .signer_id = gk_octets_of("CN=GCKS,O=Acme,C=US")};
    message->certificate_count = 2;
    message->certificate[0] =
        (struct gk_certificate_payload){GK_CERTIFICATE_X509, gk_octets_of("leaf")};
    message->certificate[1] =
        (struct gk_certificate_payload){GK_CERTIFICATE_CRL, gk_octets_of("list")};
}

/* Keeps what a writer holds for the rest of the program. */
static struct gk_octets keep(struct gk_writer *to)
{
    char *hex = gk_hex(gk_writer_octets(to));
    struct gk_octets kept = test_unhex(hex);

    free(hex);
    gk_writer_free(to);
    return kept;
}

struct gk_octets help_build(const struct gk_message *message)
{
    static const size_t size = 64;
    struct help_signer state = {&size, 1, 0};
    struct gk_signer signer = help_signer(&state);
    struct gk_writer to = {0};
    struct gk_reason why = {0};

    if (!gk_message_build(message, &signer, &to, &why)) {
        printf("\n    not built: %s\n", why.text);
        CU_FAIL_FATAL("a good message is not built");
    }
    return keep(&to);
}

struct gk_octets help_message(uint8_t exchange)
{
    struct gk_message message;

    help_fill(&message, exchange);
    return help_build(&message);
}

/* --- octets taken apart ----------------------------------------------------------- */

struct help_chain help_take(struct gk_octets octets)
{
    struct help_chain chain = {.header = gk_octets(octets.data, HEADER_SIZE)};
    uint8_t type = octets.data[HEADER_SIZE - 11];

    for (size_t at = HEADER_SIZE; type; chain.count++) {
        size_t size = (size_t)octets.data[at + 2] << 8 | octets.data[at + 3];

        CU_ASSERT_TRUE_FATAL(chain.count < HELP_PARTS && size >= 4 && at + size <= octets.size);
        chain.part[chain.count] =
            (struct help_part){type, at, gk_octets(octets.data + at + 4, size - 4)};
        type = octets.data[at];
        at += size;
    }
    return chain;
}

size_t help_where(const struct help_chain *chain, uint8_t type)
{
    for (size_t i = 0; i < chain->count; i++) {
        if (chain->part[i].type == type)
            return i;
    }
    CU_FAIL_FATAL("the message lacks that payload");
    return 0;
}

void help_remove(struct help_chain *chain, size_t index)
{
    chain->count--;
    memmove(&chain->part[index], &chain->part[index + 1],
            (chain->count - index) * sizeof *chain->part);
}

void help_insert(struct help_chain *chain, size_t index, uint8_t type, struct gk_octets body)
{
    CU_ASSERT_TRUE_FATAL(chain->count < HELP_PARTS);
    memmove(&chain->part[index + 1], &chain->part[index],
            (chain->count - index) * sizeof *chain->part);
    chain->part[index] = (struct help_part){type, 0, body};
    chain->count++;
}

struct gk_octets help_put(const struct help_chain *chain)
{
    struct gk_writer to = {0};
    size_t link = HEADER_SIZE - 11;

    gk_write_octets(&to, chain->header);
    to.data[link] = 0;
    for (size_t i = 0; i < chain->count; i++) {
        to.data[link] = chain->part[i].type;
        link = to.size;
        gk_write_u16(&to, 0);
        gk_write_u16(&to, (uint16_t)(chain->part[i].body.size + 4));
        gk_write_octets(&to, chain->part[i].body);
    }
    gk_write_u32_at(&to, LENGTH_PLACE, (uint32_t)to.size);
    return keep(&to);
}

struct gk_octets help_patch(struct gk_octets octets, size_t at, const char *hex)
{
    struct gk_octets patch = test_unhex(hex);
    struct gk_writer to = {0};

    CU_ASSERT_TRUE_FATAL(at + patch.size <= octets.size);
    gk_write(&to, octets.data, at);
    gk_write_octets(&to, patch);
    gk_write(&to, octets.data + at + patch.size, octets.size - at - patch.size);
    return keep(&to);
}

struct gk_octets help_body(struct gk_octets octets, uint8_t type, const char *hex)
{
    struct help_chain chain = help_take(octets);

    chain.part[help_where(&chain, type)].body = test_unhex(hex);
    return help_put(&chain);
}
