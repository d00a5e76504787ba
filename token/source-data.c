/* SPDX-License-Identifier: Apache-2.0 */
/* <data> (RFC 4534 C.1): the keys that the group's data use. */
#include "token/source-part.h"

#define KEY_ID_MAX 255

static const uint8_t first_key_id[] = {0x80, 0x00, 0x00, 0x01}; /* profile 9.1 */

static bool read_key(struct source *source, const xmlNode *at, const char *name,
                     const char *expires, struct token_key_info *to)
{
    to->present = source_has(at, name);
    to->place = source_place(at);
    to->has_expiration = source_has(at, expires);
    if (to->has_expiration && !to->present)
        return source_refuse(source, at, "source-combination",
                             "<data> has %s without %s; expected both or neither", expires, name);
    if (!source_octets(source, at, name, KEY_ID_MAX, &to->key_id) ||
        !source_life(source, at, expires, &to->expiration))
        return false;
    return !to->present || to->key_id.size ||
           source_refuse_value(source, at, name, "a key identifier as \"80000001\"");
}

static bool read_generic(struct source *source, const xmlNode *at, struct token_data *to)
{
    static const char *const none[] = {"none", NULL};
    size_t choice;

    if (!read_key(source, at, "authentication", "authentication-expires", &to->authentication) ||
        !read_key(source, at, "encryption", "encryption-expires", &to->encryption) ||
        !source_choice(source, at, "keys", none, &choice))
        return false;
    if (source_has(at, "keys") == (to->authentication.present || to->encryption.present))
        return source_refuse(source, at, "source-combination",
                             "<data> has %s; expected authentication, encryption or both, or "
                             "keys=\"none\"",
                             source_has(at, "keys") ? "keys=\"none\" and a key" : "no key");
    return true;
}

static bool read_data(struct source *source, const xmlNode *at, struct token_protocol *to)
{
    bool told;

    to->place = source_place(at);
    if (!source_protocol(source, at, TOKEN_PROTOCOL_DATA, to, &told))
        return false;
    if (told)
        return true;
    to->kind = TOKEN_PROTOCOL_DATA;
    to->oid = TOKEN_OID_DATA;
    to->data = token_alloc(source->token, 1, sizeof *to->data);
    return read_generic(source, at, to->data);
}

/* One encryption key, since a group without any cannot run (profile 9.1). */
static void derive_data(struct source *source, struct token_protocol *to)
{
    to->place = source_place(source->policy);
    to->kind = TOKEN_PROTOCOL_DATA;
    to->oid = TOKEN_OID_DATA;
    to->data = token_alloc(source->token, 1, sizeof *to->data);
    to->data->encryption.present = true;
    to->data->encryption.place = to->place;
    to->data->encryption.key_id =
        token_octets(source->token, gk_octets(first_key_id, sizeof first_key_id));
}

bool source_read_datas(struct source *source, const xmlNode *policy)
{
    struct token *token = source->token;
    const xmlNode *at = source_child(policy, "data");

    if (!at) {
        derive_data(source, token_append(token, (void **)&token->datas, &token->data_count,
                                         sizeof *token->datas));
        return true;
    }
    if (!source_none_alone(source, at))
        return false;
    for (; at && !source_says_none(at); at = source_next(at)) {
        if (!read_data(source, at,
                       token_append(token, (void **)&token->datas, &token->data_count,
                                    sizeof *token->datas)))
            return false;
    }
    return true;
}
