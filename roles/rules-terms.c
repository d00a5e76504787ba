/* SPDX-License-Identifier: Apache-2.0 */
/* The token's terms: what protocols it has, which this version runs (profile 11.13), and the
 * keys of its data (profile 9.1 to 9.3). */
#include "roles/rules-parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void rules_warn(struct gk_writer *warnings, const char *format, ...)
{
    char line[400];
    va_list list;

    if (!warnings)
        return;
    va_start(list, format);
    (void)vsnprintf(line, sizeof line, format, list);
    va_end(list);
    gk_write(warnings, line, strlen(line));
    gk_write_u8(warnings, '\n');
}

/* RFC 4534 3: an unknown protocol is shown; beside known ones local policy decides. */
static bool judge_protocol(const struct rules *rules, const struct token_protocol *protocol,
                           const char *place, size_t number, struct gk_writer *warnings,
                           struct gk_reason *why)
{
    if (protocol->erratum)
        rules_warn(warnings, "%s %zu has the object identifier of an erratum in RFC 4534", place,
                   number + 1);
    if (protocol->kind != TOKEN_PROTOCOL_OPAQUE)
        return true;
    if (!rules->local.tolerate_unknown_protocols)
        return gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET,
                         "tolerate-unknown-protocols",
                         "%s %zu is an unknown protocol (%.60s), which local policy refuses "
                         "(tolerate-unknown-protocols)",
                         place, number + 1, protocol->oid);
    rules_warn(warnings, "%s %zu is an unknown protocol: %.60s", place, number + 1, protocol->oid);
    return true;
}

static bool refuse_not_run(struct gk_reason *why, const char *what)
{
    return gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "not-run",
                     "%s is not run by this version", what);
}

/* Is it the only choice? Then it is not run, whatever local policy tolerates. */
static bool judge_registrations(const struct rules *rules, struct gk_writer *warnings,
                                struct gk_reason *why)
{
    const struct token *token = rules->token;
    bool protocols = false;
    bool known = false;

    for (size_t i = 0; i < token->registration_count; i++) {
        protocols |= token->registrations[i].join.kind != TOKEN_PROTOCOL_NONE;
        known |= rules->registration[i].known;
    }
    if (protocols && !known)
        return refuse_not_run(why, "the token's registration");
    for (size_t i = 0; i < token->registration_count; i++) {
        if (!judge_protocol(rules, &token->registrations[i].join, "registration", i, warnings,
                            why) ||
            !judge_protocol(rules, &token->registrations[i].leave, "de-registration", i, warnings,
                            why))
            return false;
    }
    return true;
}

/* Every one must be run (RFC 4534 3): data is under all of them. */
static bool judge_data(const struct rules *rules, struct gk_writer *warnings, struct gk_reason *why)
{
    for (size_t i = 0; i < rules->token->data_count; i++) {
        const struct token_protocol *protocol = &rules->token->datas[i];

        if (protocol->kind != TOKEN_PROTOCOL_DATA)
            return refuse_not_run(why, "a data protocol of the token");
        if (!judge_protocol(rules, protocol, "data protocol", i, warnings, why))
            return false;
    }
    return true;
}

/* --- keys ----------------------------------------------------------------- */

static bool judge_key(const struct token_key_info *key, struct gk_reason *why)
{
    if (key->key_id.size != 4 || !(key->key_id.data[0] & 0x80))
        return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "kmkeyid",
                         "a kMKeyID of the token is not 4 octets of 80000000 or above (hex)");
    if (key->has_expiration && key->expiration.kind == TOKEN_LIFE_INTERVAL &&
        key->expiration.value < 1)
        return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "key-expiration",
                         "a keyExpirationDate of the token is an interval of %lld s",
                         (long long)key->expiration.value);
    return true;
}

static bool add_key(struct rules_terms *terms, const struct token_key_info *key, size_t *index,
                    struct gk_reason *why)
{
    struct gk_reader reader = gk_reader(key->key_id);
    uint32_t id = gk_read_u32(&reader);

    if (!judge_key(key, why))
        return false;
    for (*index = 0; *index < terms->gtpk_count; (*index)++) {
        if (terms->gtpk[*index].key_id == id)
            return true;
    }
    if (terms->gtpk_count == RULES_GTPKS)
        return gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "key-count",
                         "the token names more than %d keys", RULES_GTPKS);
    terms->gtpk[terms->gtpk_count++] = (struct rules_gtpk){
        .key_id = id, .has_expiration = key->has_expiration, .expiration = key->expiration};
    if (key->has_expiration && key->expiration.kind == TOKEN_LIFE_INTERVAL &&
        key->expiration.value > RULES_SECONDS_MAX)
        terms->gtpk[*index].expiration.value = RULES_SECONDS_MAX;
    return true;
}

const char *rules_gtpk_use(const struct rules_gtpk *gtpk)
{
    if (gtpk->authenticates && gtpk->encrypts)
        return "authentication and encryption";
    return gtpk->authenticates ? "authentication" : "encryption";
}

/* Profile 9.2: token order, authentication before encryption, each KeyID once; 8.6: which
 * of them encrypts a token. */
static bool take_keys(struct rules *rules, struct gk_reason *why)
{
    struct rules_terms *terms = &rules->terms;
    bool token_key = false;

    for (size_t i = 0; i < rules->token->data_count; i++) {
        const struct token_data *data = rules->token->datas[i].data;
        size_t authentication = 0;
        size_t encryption = 0;

        if (data->authentication.present &&
            !add_key(terms, &data->authentication, &authentication, why))
            return false;
        if (data->encryption.present && !add_key(terms, &data->encryption, &encryption, why))
            return false;
        if (data->authentication.present)
            terms->gtpk[authentication].authenticates = true;
        if (data->encryption.present)
            terms->gtpk[encryption].encrypts = true;
        if (!token_key && (data->encryption.present || data->authentication.present)) {
            terms->token_key = data->encryption.present ? encryption : authentication;
            token_key = true;
        }
    }
    return true;
}

/* Profile 9.3: of the token's first JoinMechanism, whether we run that one or not. */
static bool type_keys(struct rules *rules, struct gk_reason *why)
{
    struct rules_terms *terms = &rules->terms;
    const struct gk_wrap *wrap = NULL;
    bool found = false;

    for (size_t i = 0; i < rules->registration_count && !found; i++) {
        const struct token_register *policy = rules->registration[i].policy;

        if (!rules->registration[i].known || !policy->mechanism_count)
            continue;
        found = true;
        wrap = gk_wrap_find(rules_mechanism_wrap(&policy->mechanisms[0]));
    }
    if (!found)
        return true;
    if (terms->gtpk_count && (!wrap || !wrap->run))
        return refuse_not_run(why, "the key wrap of the token's first JoinMechanism, which is the "
                                   "type of the group's keys,");
    for (size_t i = 0; i < terms->gtpk_count; i++)
        terms->gtpk[i].key_type = wrap->type;
    return true;
}

bool rules_terms_fill(struct rules *rules, struct gk_writer *warnings, struct gk_reason *why)
{
    struct rules_terms *terms = &rules->terms;
    const struct token *token = rules->token;

    terms->group_name = token->group_name;
    terms->has_edition = token->has_edition;
    terms->edition = token->edition;
    if (token->has_edition && token->edition < 1)
        return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "edition",
                         "edition %lld: editions begin with 1", (long long)token->edition);
    if (!judge_registrations(rules, warnings, why) || !judge_data(rules, warnings, why) ||
        !rules_terms_mechanisms(rules, warnings, why) || !take_keys(rules, why) ||
        !type_keys(rules, why))
        return false;
    for (size_t i = 0; i < token->rekey_count; i++) {
        if (!judge_protocol(rules, &token->rekeys[i], "rekey", i, warnings, why))
            return false;
    }
    return rules_terms_rekey(rules, warnings, why);
}

bool rules_can_run(const struct rules *rules, bool as_gcks, struct gk_reason *why)
{
    const struct rules_terms *terms = &rules->terms;

    if (!terms->gtpk_count)
        return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "no-key",
                         "the token names no key (kMKeyID): it cannot run a group");
    if (!terms->mechanism_count)
        return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "no-mechanism",
                         "the token lists no JoinMechanism that can be run: nobody can join");
    if (as_gcks && terms->mechanisms_left_out)
        return gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "mechanisms-left-out",
                         "%zu of the token's JoinMechanisms cannot be served here, and a GC/KS "
                         "serves all or none: %s",
                         terms->mechanisms_left_out, terms->left_out);
    return true;
}
