/* SPDX-License-Identifier: Apache-2.0 */
/* What consumers are given, as JSON. */
#include <stdlib.h>
#include <string.h>

#include "roles/program/answers.h"
#include "roles/program/consumers.h"
#include "token/pair.h"

#define DERIVED_SIZE 32
#define SENDERS      64 /* rules shown; a program that wants more reads the token */

static void add_secret(json_t *entry, struct gk_octets key)
{
    char *hex = gk_hex(key);

    json_object_set_new(entry, "key", json_string(hex));
    gk_wipe(hex, strlen(hex));
    free(hex);
}

/* The key, or what is derived from it for a label (profile 13.1). */
static void add_labelled(json_t *entry, struct gk_octets key, const char *label)
{
    struct gk_secret derived;

    if (!*label) {
        add_secret(entry, key);
        return;
    }
    derived = gk_data_key(key, gk_octets_of(label), DERIVED_SIZE);
    add_secret(entry, gk_secret_octets(&derived));
    json_object_set_new(entry, "type", json_string("derived"));
    gk_secret_free(&derived);
}

static const char *type_name(uint16_t type)
{
    const struct gk_wrap *wrap = gk_wrap_find(type);

    return wrap ? wrap->name : "?";
}

/* What the token in force names this KeyID for; NULL when it no longer does. */
static const struct rules_gtpk *named(const struct consumers *consumers, uint32_t id)
{
    const struct loaded *loaded = member_policy(consumers->member);
    const struct rules_terms *terms = loaded ? rules_terms(loaded->rules) : NULL;

    for (size_t i = 0; terms && i < terms->gtpk_count; i++) {
        if (terms->gtpk[i].key_id == id)
            return &terms->gtpk[i];
    }
    return NULL;
}

static bool serves(const struct rules_gtpk *gtpk, const char *data)
{
    if (!data)
        return true;
    return gtpk && (strcmp(data, "encryption") == 0 ? gtpk->encrypts : gtpk->authenticates);
}

json_t *consumers_keys(const struct consumers *consumers, bool all, const char *data,
                       const char *label)
{
    struct gk_now now = run_now();
    json_t *list = json_array();
    struct keep_key key;

    for (size_t i = 0; keep_at(consumers->keep, i, &now, &key); i++) {
        const struct rules_gtpk *gtpk = named(consumers, key.key.id);
        json_t *entry;

        if ((!all && key.use != KEEP_SEND) || !serves(gtpk, data))
            continue;
        entry = answer_key(key.key.id, key.key.handle, key.key.created, key.key.expires);
        json_object_set_new(entry, "type", json_string(type_name(key.key.type)));
        json_object_set_new(entry, "use", json_string(keep_use_name(key.use)));
        if (gtpk)
            json_object_set_new(entry, "data", json_string(rules_gtpk_use(gtpk)));
        if (label)
            add_labelled(entry, key.key.key, label);
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t *keys_of(const struct consumers *consumers)
{
    struct gk_now now = run_now();
    json_t *list = json_array();
    struct keep_key key;

    for (size_t i = 0; keep_at(consumers->keep, i, &now, &key); i++) {
        json_t *entry = json_pack(
            "{s:o, s:o, s:i, s:s, s:I, s:o, s:s, s:I}", "id", json_sprintf("%08x", key.key.id),
            "handle", json_sprintf("%08x", key.key.handle), "type", (int)key.key.type, "name",
            type_name(key.key.type), "created", (json_int_t)key.key.created, "expires",
            key.key.expires == GK_TIME_NEVER ? json_null() : json_integer(key.key.expires), "use",
            keep_use_name(key.use), "left", (json_int_t)key.left);

        add_secret(entry, key.key.key);
        json_array_append_new(list, entry);
    }
    return list;
}

/* --- policy ------------------------------------------------------------------------------ */

static json_t *key_info(const struct token_key_info *info)
{
    struct gk_reader reader = gk_reader(info->key_id);

    return info->present ? json_sprintf("%08x", gk_read_u32(&reader)) : json_null();
}

static json_t *data_of(const struct token *token)
{
    json_t *list = json_array();

    for (size_t i = 0; i < token->data_count; i++) {
        const struct token_protocol *data = &token->datas[i];
        json_t *entry = json_pack("{s:s}", "protocol", data->oid ? data->oid : "");

        if (data->kind == TOKEN_PROTOCOL_DATA) {
            json_object_set_new(entry, "authentication", key_info(&data->data->authentication));
            json_object_set_new(entry, "encryption", key_info(&data->data->encryption));
        }
        json_array_append_new(list, entry);
    }
    return list;
}

/* The rules of who may send; null where some Registration lets all its members. */
static json_t *senders_of(const struct token *token)
{
    json_t *list = json_array();

    for (size_t i = 0; i < token->registration_count; i++) {
        const struct token_protocol *join = &token->registrations[i].join;

        if (join->kind != TOKEN_PROTOCOL_REGISTER)
            continue;
        if (!join->registration->senders_limited) {
            json_decref(list);
            return json_null();
        }
        for (size_t j = 0; j < join->registration->senders.count; j++) {
            char text[256];

            (void)token_pair_print(&join->registration->senders.at[j], text, sizeof text);
            if (json_array_size(list) < SENDERS)
                json_array_append_new(list, answer_octets(gk_octets_of(text)));
        }
    }
    return list;
}

static json_t *policy_of(const struct consumers *consumers)
{
    const struct loaded *loaded = member_policy(consumers->member);
    struct rules_verdict verdict = {.granted = false};
    struct member_status status;
    struct pki_identity *own;
    json_t *policy;

    if (!loaded || consumers->evicted)
        return json_null();
    member_get_status(consumers->member, &status);
    own = settings_own_path(consumers->settings, status.credential, run_now().utc, NULL);
    if (own)
        (void)rules_sender(loaded->rules, own, &verdict);
    pki_identity_free(own);
    policy = json_pack("{s:o, s:I, s:o, s:o, s:b, s:o}", "edition",
                       loaded->mark.has_edition ? json_integer(loaded->mark.edition) : json_null(),
                       "signed", (json_int_t)loaded->mark.signing_time, "data",
                       data_of(loaded->token), "senders", senders_of(loaded->token), "may_send",
                       (int)verdict.granted, "rule", answer_octets(gk_octets_of(verdict.rule)));
    return policy;
}

json_t *consumers_snapshot(const struct consumers *consumers, json_t *happened)
{
    json_t *list = happened ? happened : json_array();

    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "event", "state", "group",
                     consumers->settings->title, "state", consumers_state(consumers), "text",
                     answer_octets(gk_octets_of(consumers->evicted ? consumers->rule
                                                                   : consumers_why(consumers))),
                     "events", list, "keys", keys_of(consumers), "policy", policy_of(consumers));
}
