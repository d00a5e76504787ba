/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/agree/mutate.h"

#include <stdlib.h>
#include <string.h>

uint32_t mutate_below(const struct gk_random *random, uint32_t limit)
{
    return gk_random_u32(random) % limit;
}

/* --- values ------------------------------------------------------------------------- */

static int64_t any_number(const struct gk_random *random)
{
    static const int64_t some[] = {-1,    0,     1,     2,     3,     12,        13,        14,
                                   15,    20,    21,    31,    9,     30,        86400,     86401,
                                   49152, 49153, 49154, 49155, 49156, INT64_MAX, 65536 + 2, 255};

    return some[mutate_below(random, sizeof some / sizeof *some)];
}

static struct gk_octets any_octets(const struct gk_random *random, struct token *token)
{
    static const char *const some[] = {"",
                                       "CN=*,OU=Members,O=Acme,C=US",
                                       "CN=GCKS,OU=Servers,O=Acme,C=US",
                                       "CN=a, O=b",
                                       "C=US,O",
                                       "*.example.org",
                                       "*",
                                       "*@example.org",
                                       "example.org",
                                       "\xff\xfe",
                                       "\x80\x01\x02\x03",
                                       "\x01\x02\x03\x04",
                                       "0123456789abcdef0123"};
    uint8_t drawn[24];

    if (mutate_below(random, 3))
        return token_octets(token,
                            gk_octets_of(some[mutate_below(random, sizeof some / sizeof *some)]));
    gk_random_fill(random, drawn, sizeof drawn);
    return token_octets(token, gk_octets(drawn, mutate_below(random, sizeof drawn + 1)));
}

static struct token_life any_life(const struct gk_random *random)
{
    static const int64_t times[] = {0, 1735689600, 1767225600, 1900000000, 4102444800};
    struct token_life life = {(enum token_life_kind)mutate_below(random, 3), any_number(random)};

    if (life.kind != TOKEN_LIFE_INTERVAL)
        life.value = times[mutate_below(random, sizeof times / sizeof *times)];
    return life;
}

static const char *any_oid(const struct gk_random *random)
{
    static const char *const some[] = {TOKEN_OID_SUITE_1,    TOKEN_OID_REGISTER,
                                       TOKEN_OID_DATA,       TOKEN_OID_METHOD_NONE,
                                       TOKEN_OID_METHOD_LKH, "1.3.6.1.4.1.32473.4535.9",
                                       "1.3.6.1.5.5.12.2.9"};

    return some[mutate_below(random, sizeof some / sizeof *some)];
}

/* --- lists -------------------------------------------------------------------------- */

/* Drops, doubles or moves one element of an array that the token owns. */
static void spoil_list(const struct gk_random *random, struct token *token, void **array,
                       size_t *count, size_t size)
{
    uint8_t *at = *array;
    size_t which = *count ? mutate_below(random, (uint32_t)*count) : 0;
    void *fresh;

    if (!*count)
        return;
    if (mutate_below(random, 2)) {
        memmove(at + which * size, at + (which + 1) * size, (*count - which - 1) * size);
        (*count)--;
        return;
    }
    for (size_t i = mutate_below(random, 12) ? 1 : 40; i > 0; i--) {
        fresh = token_append(token, array, count, size);
        memcpy(fresh, (uint8_t *)*array + which * size, size);
    }
}
#define SPOIL_LIST(random, token, array, count)                                                    \
    spoil_list(random, token, (void **)&(array), &(count), sizeof *(array))

static void spoil_pairs(const struct gk_random *random, struct token *token,
                        struct token_pairs *pairs)
{
    struct token_pair *pair;

    if (!pairs->count || !mutate_below(random, 3)) {
        SPOIL_LIST(random, token, pairs->at, pairs->count);
        return;
    }
    pair = &pairs->at[mutate_below(random, (uint32_t)pairs->count)];
    switch (mutate_below(random, 3)) {
    case 0:
        pair->id_type = mutate_below(random, 4) ? mutate_below(random, 40) : any_number(random);
        break;
    case 1:
        pair->id = any_octets(random, token);
        break;
    default:
        pair->ca = any_octets(random, token);
        break;
    }
}

/* --- protocols ---------------------------------------------------------------------- */

static void spoil_mechanism(const struct gk_random *random, struct token *token,
                            struct token_mechanism *mechanism)
{
    int64_t *const fields[] = {&mechanism->signature, &mechanism->nonce_hash,
                               &mechanism->key_creation, &mechanism->key_wrap};

    switch (mutate_below(random, 6)) {
    case 0:
        mechanism->suite = mechanism->suite ? NULL : any_oid(random);
        break;
    case 1:
        mechanism->terse = !mechanism->terse;
        break;
    case 2:
        mechanism->has_timestamp = mechanism->timestamp = true;
        break;
    case 3:
        mechanism->time_out = any_life(random);
        break;
    case 4:
        mechanism->has_key_creation_data = true;
        mechanism->key_creation_data = any_octets(random, token);
        break;
    default:
        *fields[mutate_below(random, 4)] = any_number(random);
        break;
    }
}

static void spoil_access(const struct gk_random *random, struct token *token,
                         struct token_access *access)
{
    switch (mutate_below(random, 3)) {
    case 0:
        access->has_permissions = true;
        *(int64_t *)token_append(token, (void **)&access->permissions, &access->permission_count,
                                 sizeof *access->permissions) = mutate_below(random, 11);
        break;
    case 1:
        access->has_exclusions = true;
        spoil_pairs(random, token, &access->exclusions_rule);
        break;
    default:
        spoil_pairs(random, token, &access->access_rule);
        break;
    }
}

static void spoil_register(const struct gk_random *random, struct token *token,
                           struct token_register *policy)
{
    switch (mutate_below(random, 7)) {
    case 0:
        spoil_pairs(random, token, &policy->gcks);
        break;
    case 1:
        policy->senders_limited = true;
        spoil_pairs(random, token, &policy->senders);
        break;
    case 2:
        policy->transport = (enum token_transport)mutate_below(random, 3);
        break;
    case 3:
        SPOIL_LIST(random, token, policy->mechanisms, policy->mechanism_count);
        break;
    case 4:
        SPOIL_LIST(random, token, policy->access, policy->access_count);
        break;
    case 5:
        if (policy->access_count)
            spoil_access(random, token,
                         &policy->access[mutate_below(random, (uint32_t)policy->access_count)]);
        break;
    default:
        if (policy->mechanism_count)
            spoil_mechanism(
                random, token,
                &policy->mechanisms[mutate_below(random, (uint32_t)policy->mechanism_count)]);
        break;
    }
}

static void spoil_rekey(const struct gk_random *random, struct token *token,
                        struct token_rekey *rekey)
{
    switch (mutate_below(random, 9)) {
    case 0:
        spoil_pairs(random, token, &rekey->authorization);
        break;
    case 1:
        rekey->signature = any_number(random);
        break;
    case 2:
        rekey->event_kind = (enum token_event_kind)mutate_below(random, 4);
        rekey->event_count = any_number(random);
        break;
    case 3:
        rekey->event_time = any_life(random);
        break;
    case 4:
        rekey->interval = any_life(random);
        break;
    case 5:
        rekey->lkh_key_type = any_number(random);
        break;
    case 6:
        rekey->resend = any_number(random);
        break;
    case 7:
        rekey->reliability = TOKEN_RELIABILITY_POST;
        rekey->reliability_oid = TOKEN_OID_RELIABILITY_POST;
        rekey->post = token_octets(token, gk_octets_of(mutate_below(random, 2) ? "https://a" : ""));
        break;
    default:
        rekey->scheme = TOKEN_SCHEME_AUTONOMOUS;
        rekey->scheme_oid = TOKEN_OID_SCHEME_AUTONOMOUS;
        spoil_pairs(random, token, &rekey->auth_subs);
        break;
    }
}

static void spoil_key(const struct gk_random *random, struct token *token,
                      struct token_key_info *key)
{
    if (mutate_below(random, 2)) {
        key->present = !key->present || mutate_below(random, 3);
        key->key_id = any_octets(random, token);
    } else {
        key->has_expiration = key->present;
        key->expiration = any_life(random);
    }
}

static void spoil_protocol(const struct gk_random *random, struct token *token,
                           struct token_protocol *protocol)
{
    if (!mutate_below(random, 12)) {
        protocol->kind = mutate_below(random, 2) ? TOKEN_PROTOCOL_NONE : TOKEN_PROTOCOL_OPAQUE;
        protocol->oid = "1.3.6.1.4.1.32473.4535.8";
        protocol->info = token_octets(token, gk_octets_of("opaque"));
    } else if (protocol->kind == TOKEN_PROTOCOL_REGISTER) {
        spoil_register(random, token, protocol->registration);
    } else if (protocol->kind == TOKEN_PROTOCOL_REKEY) {
        spoil_rekey(random, token, protocol->rekey);
    } else if (protocol->kind == TOKEN_PROTOCOL_DATA) {
        spoil_key(random, token,
                  mutate_below(random, 2) ? &protocol->data->encryption
                                          : &protocol->data->authentication);
    }
}

static void spoil_id(const struct gk_random *random, struct token *token)
{
    if (mutate_below(random, 2))
        token->group_name = any_octets(random, token);
    else
        token->edition = any_number(random);
}

static void spoil(const struct gk_random *random, struct token *token)
{
    switch (mutate_below(random, 8)) {
    case 0:
        spoil_id(random, token);
        break;
    case 1:
        SPOIL_LIST(random, token, token->registrations, token->registration_count);
        break;
    case 2:
        SPOIL_LIST(random, token, token->rekeys, token->rekey_count);
        break;
    case 3:
        SPOIL_LIST(random, token, token->datas, token->data_count);
        break;
    case 4:
        if (token->data_count)
            spoil_protocol(random, token,
                           &token->datas[mutate_below(random, (uint32_t)token->data_count)]);
        break;
    case 5:
        if (token->rekey_count)
            spoil_protocol(random, token,
                           &token->rekeys[mutate_below(random, (uint32_t)token->rekey_count)]);
        break;
    default:
        if (token->registration_count)
            spoil_protocol(
                random, token,
                &token->registrations[mutate_below(random, (uint32_t)token->registration_count)]
                     .join);
        break;
    }
}

void mutate_model(const struct gk_random *random, struct token *token, unsigned count)
{
    while (count--)
        spoil(random, token);
}

/* --- DER ---------------------------------------------------------------------------- */

#define VALUES_MOST 4096
struct value {
    size_t at, body, end;
};

/* Where values begin and end, as far as the octets can be read; constructed ones are entered. */
static size_t find_values(struct gk_octets der, size_t from, size_t end, struct value *to,
                          size_t count)
{
    while (from + 2 <= end && count < VALUES_MOST) {
        size_t size = der.data[from + 1];
        size_t body = from + 2;

        for (size_t more = size & 0x80 ? size & 0x7f : 0; more > 0 && body < end; more--) {
            size = more == (der.data[from + 1] & 0x7fu) ? 0 : size;
            size = size << 8 | der.data[body++];
        }
        if (size > end - body)
            return count;
        to[count++] = (struct value){from, body, body + size};
        if (der.data[from] & 0x20 || der.data[from] == 0x04)
            count = find_values(der, body, body + size, to, count);
        from = body + size;
    }
    return count;
}

static void put_length(struct gk_writer *to, size_t size)
{
    if (size < 128) {
        gk_write_u8(to, (uint8_t)size);
    } else if (size < 256) {
        gk_write_u8(to, 0x81);
        gk_write_u8(to, (uint8_t)size);
    } else {
        gk_write_u8(to, 0x82);
        gk_write_u16(to, (uint16_t)size);
    }
}

/* What stands in the place of one value. */
static void replace(const struct gk_random *random, struct gk_octets der,
                    const struct value *values, size_t count, size_t which, struct gk_writer *to)
{
    const struct value *value = &values[which];
    const struct value *other = &values[mutate_below(random, (uint32_t)count)];
    struct gk_octets whole = gk_octets(der.data + value->at, value->end - value->at);
    size_t start = to->size;

    switch (mutate_below(random, 7)) {
    case 0: /* deleted */
        return;
    case 1: /* doubled */
        gk_write_octets(to, whole);
        break;
    case 2: /* another one */
        gk_write(to, der.data + other->at, other->end - other->at);
        return;
    case 3: /* cut */
        gk_write(to, whole.data, whole.size - 1);
        return;
    case 4: /* an indefinite or long length */
        gk_write_u8(to, whole.data[0]);
        gk_write_u8(to, mutate_below(random, 2) ? 0x80 : 0x83);
        gk_write(to, der.data + value->body, value->end - value->body);
        return;
    default:
        break;
    }
    gk_write_octets(to, whole);
    if (whole.size > 1)
        to->data[start + mutate_below(random, (uint32_t)whole.size)] ^=
            (uint8_t)(1u << mutate_below(random, 8));
}

/* The value around `which`, written anew from the inside out. */
static void rewrap(struct gk_octets der, const struct value *values, size_t which,
                   struct gk_octets inside, struct gk_writer *to)
{
    const struct value *value = &values[which];
    size_t around = which;
    struct gk_writer body = {0};

    while (around > 0 &&
           !(values[around - 1].body <= value->at && value->end <= values[around - 1].end))
        around--;
    if (!around) {
        gk_write_octets(to, inside);
        return;
    }
    around--;
    gk_write(&body, der.data + values[around].body, value->at - values[around].body);
    gk_write_octets(&body, inside);
    gk_write(&body, der.data + value->end, values[around].end - value->end);
    {
        struct gk_writer whole = {0};

        gk_write_u8(&whole, der.data[values[around].at]);
        put_length(&whole, body.size);
        gk_write_octets(&whole, gk_writer_octets(&body));
        rewrap(der, values, around, gk_writer_octets(&whole), to);
        gk_writer_free(&whole);
    }
    gk_writer_free(&body);
}

void mutate_der(const struct gk_random *random, struct gk_octets from, struct gk_writer *to)
{
    struct value *values = gk_alloc(VALUES_MOST, sizeof *values);
    size_t count = find_values(from, 0, from.size, values, 0);
    size_t which = count ? mutate_below(random, (uint32_t)count) : 0;
    struct gk_writer inside = {0};

    if (!count) {
        gk_write_octets(to, from);
    } else {
        replace(random, from, values, count, which, &inside);
        if (mutate_below(random, 5)) {
            rewrap(from, values, which, gk_writer_octets(&inside), to);
        } else { /* the lengths around it stay */
            gk_write(to, from.data, values[which].at);
            gk_write_octets(to, gk_writer_octets(&inside));
            gk_write(to, from.data + values[which].end, from.size - values[which].end);
        }
    }
    gk_writer_free(&inside);
    free(values);
}
