/* SPDX-License-Identifier: Apache-2.0 */
/* Data policy (RFC 4534 C). */
#include "token/lint-parts.h"

#define KEYS_MOST 64 /* what is beyond is an error already (roles/rules.h takes 16) */

void token_lint_data(const struct token_linting *linting, const struct token_protocol *protocol,
                     size_t index)
{
    const struct token_key_info *authentication = &protocol->data->authentication;
    const struct token_key_info *encryption = &protocol->data->encryption;

    if (!authentication->present && !encryption->present)
        finding_add(linting->findings, "data-keyless",
                    finding_spot(&protocol->place, "data[%zu]", index),
                    "data protocol %zu names no key", index + 1);
    if (authentication->present && encryption->present &&
        gk_octets_equal(authentication->key_id, encryption->key_id))
        finding_add(linting->findings, "key-shared",
                    finding_spot(&authentication->place, "data[%zu]", index),
                    "data protocol %zu authenticates and encrypts with one key", index + 1);
}

/* --- over all of them ------------------------------------------------------------------- */

struct keys {
    size_t count;
    struct key {
        const struct token_key_info *info;
        size_t data;
    } at[KEYS_MOST];
};

static void collect(const struct token *token, struct keys *keys)
{
    for (size_t i = 0; i < token->data_count; i++) {
        const struct token_protocol *protocol = &token->datas[i];

        if (protocol->kind != TOKEN_PROTOCOL_DATA || keys->count + 2 > KEYS_MOST)
            continue;
        if (protocol->data->authentication.present)
            keys->at[keys->count++] = (struct key){&protocol->data->authentication, i};
        if (protocol->data->encryption.present)
            keys->at[keys->count++] = (struct key){&protocol->data->encryption, i};
    }
}

static bool same_end(const struct token_key_info *a, const struct token_key_info *b)
{
    return a->has_expiration == b->has_expiration &&
           (!a->has_expiration || ((a->expiration.kind == TOKEN_LIFE_INTERVAL) ==
                                       (b->expiration.kind == TOKEN_LIFE_INTERVAL) &&
                                   a->expiration.value == b->expiration.value));
}

/* Profile 9.2: a KeyID is handed out once, as where it stands first. */
static void find_repeated(struct findings *findings, const struct keys *keys, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (!gk_octets_equal(keys->at[k].info->key_id, keys->at[i].info->key_id) ||
            same_end(keys->at[k].info, keys->at[i].info))
            continue;
        finding_add(findings, "key-repeated",
                    finding_spot(&keys->at[i].info->place, "data[%zu]", keys->at[i].data),
                    "a KeyID of data protocol %zu stands before, in data protocol %zu, with "
                    "another expiration: that one holds",
                    keys->at[i].data + 1, keys->at[k].data + 1);
        return;
    }
}

static bool replaced(const struct token *token)
{
    size_t index;
    const struct token_protocol *rekey = token_lint_rekey_in_force(token, &index);

    return rekey && rekey->rekey->method == TOKEN_METHOD_LKH;
}

void token_lint_keys(const struct token_linting *linting)
{
    bool lives_on = replaced(linting->token);
    struct keys keys = {0};

    collect(linting->token, &keys);
    for (size_t i = 0; i < keys.count; i++) {
        const struct token_key_info *info = keys.at[i].info;

        find_repeated(linting->findings, &keys, i);
        if (info->has_expiration && info->expiration.kind == TOKEN_LIFE_INTERVAL && !lives_on)
            finding_add(linting->findings, "key-not-replaced",
                        finding_spot(&info->place, "data[%zu]", keys.at[i].data),
                        "a key of data protocol %zu lives %lld s, and no rekey method brings the "
                        "next one",
                        keys.at[i].data + 1, (long long)info->expiration.value);
    }
}
