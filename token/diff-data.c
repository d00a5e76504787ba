/* SPDX-License-Identifier: Apache-2.0 */
/* The group's keys, as the data protocols name them (profile 9.1 to 9.4). */
#include "token/diff-parts.h"

#include <stdlib.h>

/* A KeyID, where it is named first. */
struct key {
    const struct token_key_info *info;
    bool authenticates, encrypts;
    size_t order, protocol;
};
struct keys {
    size_t count;
    struct key *at;             /* sorted by KeyID */
    struct gk_octets token_key; /* profile 8.6 */
};

static int compare(const void *a, const void *b)
{
    return gk_octets_compare(((const struct key *)a)->info->key_id,
                             ((const struct key *)b)->info->key_id);
}

static int compare_placed(const void *a, const void *b)
{
    const struct key *first = a;
    const struct key *second = b;
    int order = compare(a, b);

    return order ? order : (first->order > second->order) - (first->order < second->order);
}

static void add(struct keys *keys, const struct token_key_info *info, bool encrypts,
                size_t protocol)
{
    if (!info->present)
        return;
    keys->at[keys->count] = (struct key){info, !encrypts, encrypts, keys->count, protocol};
    keys->count++;
}

static struct keys keys_of(const struct token *token)
{
    struct keys keys = {.at = gk_alloc(2 * token->data_count, sizeof *keys.at)};
    size_t kept = 0;

    for (size_t i = 0; i < token->data_count; i++) {
        const struct token_data *data =
            token->datas[i].kind == TOKEN_PROTOCOL_DATA ? token->datas[i].data : NULL;

        if (!data)
            continue;
        if (!keys.count)
            keys.token_key =
                data->encryption.present ? data->encryption.key_id : data->authentication.key_id;
        add(&keys, &data->authentication, false, i);
        add(&keys, &data->encryption, true, i);
    }
    if (keys.count)
        qsort(keys.at, keys.count, sizeof *keys.at, compare_placed);
    for (size_t i = 0; i < keys.count; i++) {
        if (!kept || compare(&keys.at[kept - 1], &keys.at[i]) != 0) {
            keys.at[kept++] = keys.at[i];
            continue;
        }
        keys.at[kept - 1].authenticates |= keys.at[i].authenticates;
        keys.at[kept - 1].encrypts |= keys.at[i].encrypts;
    }
    keys.count = kept;
    return keys;
}

static const char *use_of(const struct key *key)
{
    if (key->authenticates && key->encrypts)
        return "authentication and encryption";
    return key->authenticates ? "authentication" : "encryption";
}

static void say(struct differing *d, enum token_effect effect, const char *code, bool in_old,
                const struct key *key, const char *what, const char *beside)
{
    char *hex = gk_hex(key->info->key_id);

    diff_add(d, effect, code, in_old,
             gk_format("data[%zu].%s", key->protocol,
                       key->authenticates ? "authentication" : "encryption"),
             key->info->place.line, "key %.80s %s%s", hex, what, beside);
    free(hex);
}

static void differ_expiration(struct differing *d, const struct key *old, const struct key *new)
{
    char text[DIFF_TEXT];
    int order = DIFF_OTHER;

    if (old->info->has_expiration && new->info->has_expiration)
        order = diff_lives(&old->info->expiration, &new->info->expiration);
    else if (!old->info->has_expiration && !new->info->has_expiration)
        order = 0;
    if (order && new->info->has_expiration)
        say(d, diff_shorter(order), "key-expiration", false, new, "now expires after ",
            diff_life(&new->info->expiration, text));
    else if (order)
        say(d, TOKEN_CHANGED, "key-expiration", false, new,
            "no longer has an expiration of its own", "");
}

static void differ_keys(struct differing *d, const struct keys *old, const struct keys *new)
{
    for (size_t i = 0; i < old->count; i++) {
        if (!new->count || !bsearch(&old->at[i], new->at, new->count, sizeof *new->at, compare))
            say(d, TOKEN_CHANGED, "key-removed", true, &old->at[i], "is no longer used", "");
    }
    for (size_t i = 0; i < new->count; i++) {
        const struct key *before =
            old->count ? bsearch(&new->at[i], old->at, old->count, sizeof *old->at, compare) : NULL;

        if (!before) {
            say(d, TOKEN_CHANGED, "key-added", false, &new->at[i], "is new, for ",
                use_of(&new->at[i]));
            continue;
        }
        if (before->authenticates != new->at[i].authenticates ||
            before->encrypts != new->at[i].encrypts)
            say(d, TOKEN_CHANGED, "key-use", false, &new->at[i], "is now for ",
                use_of(&new->at[i]));
        differ_expiration(d, before, &new->at[i]);
    }
}

void diff_data(struct differing *d)
{
    struct keys old = keys_of(d->old.token);
    struct keys new = keys_of(d->new.token);

    differ_keys(d, &old, &new);
    if (old.count && new.count && !gk_octets_equal(old.token_key, new.token_key))
        diff_add(d, TOKEN_CHANGED, "key-of-tokens", false, gk_format("data[0]"), 0,
                 "another key encrypts new tokens in Rekey Events");
    free(old.at);
    free(new.at);
}
