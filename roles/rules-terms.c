/* SPDX-License-Identifier: Apache-2.0 */
/* The token's terms: what protocols it has, which this version runs (profile 11.13), and the
 * keys of its data (profile 9.1 to 9.3). */
#include "roles/rules-parts.h"

static void refuse_protocol(const struct rules *rules, struct finding_spot spot,
                            const struct token_protocol *protocol, const char *place, size_t number)
{
    if (rules->local.tolerate_unknown_protocols)
        finding_add(rules->findings, "unknown-protocol", spot,
                    "%s %zu is an unknown protocol: %.60s", place, number + 1, protocol->oid);
    else
        finding_refuse(rules->findings, GK_PROHIBITED_BY_LOCAL_POLICY, "tolerate-unknown-protocols",
                       spot,
                       "%s %zu is an unknown protocol (%.60s), which local policy refuses "
                       "(tolerate-unknown-protocols)",
                       place, number + 1, protocol->oid);
}

/* RFC 4534 3: an unknown protocol is shown; beside known ones local policy decides. */
static void judge_protocol(const struct rules *rules, const struct token_protocol *protocol,
                           struct finding_spot spot, const char *place, size_t number)
{
    if (protocol->erratum)
        finding_add(rules->findings, "erratum-oid", spot,
                    "%s %zu has the object identifier of an erratum in RFC 4534", place,
                    number + 1);
    if (protocol->kind == TOKEN_PROTOCOL_OPAQUE)
        refuse_protocol(rules, spot, protocol, place, number);
}

static void refuse_not_run(struct rules *rules, struct finding_spot spot, const char *what)
{
    finding_refuse(rules->findings, GK_PROHIBITED_BY_LOCAL_POLICY, "not-run", spot,
                   "%s is not run by this version", what);
}

/* Is it the only choice? Then it is not run, whatever local policy tolerates. */
static void judge_registrations(struct rules *rules)
{
    const struct token *token = rules->token;
    bool protocols = false;
    bool known = false;

    for (size_t i = 0; i < token->registration_count; i++) {
        protocols |= token->registrations[i].join.kind != TOKEN_PROTOCOL_NONE;
        known |= rules->registration[i].known;
    }
    if (protocols && !known)
        refuse_not_run(rules, finding_spot(&token->registrations[0].join.place, "registration"),
                       "the token's registration");
    for (size_t i = 0; i < token->registration_count; i++) {
        const struct token_registration *registration = &token->registrations[i];

        judge_protocol(rules, &registration->join,
                       finding_spot(&registration->join.place, "registration[%zu].register", i),
                       "registration", i);
        judge_protocol(rules, &registration->leave,
                       finding_spot(&registration->leave.place, "registration[%zu].de-register", i),
                       "de-registration", i);
    }
}

/* Every one must be run (RFC 4534 3): data is under all of them. */
static void judge_data(struct rules *rules)
{
    for (size_t i = 0; i < rules->token->data_count; i++) {
        const struct token_protocol *protocol = &rules->token->datas[i];
        struct finding_spot spot = finding_spot(&protocol->place, "data[%zu]", i);

        if (protocol->kind != TOKEN_PROTOCOL_DATA)
            refuse_not_run(rules, spot, "a data protocol of the token");
        else
            judge_protocol(rules, protocol, spot, "data protocol", i);
    }
}

/* --- keys ----------------------------------------------------------------- */

/* A kMKeyID whose number can be used. */
static bool judge_key(struct rules *rules, const struct token_key_info *key, size_t data)
{
    bool good = key->key_id.size == 4 && key->key_id.data[0] & 0x80;

    if (!good)
        finding_refuse(rules->findings, GK_PROHIBITED_BY_GROUP_POLICY, "kmkeyid",
                       finding_spot(&key->place, "data[%zu]", data),
                       "a kMKeyID of the token is not 4 octets of 80000000 or above (hex)");
    if (key->has_expiration && key->expiration.kind == TOKEN_LIFE_INTERVAL &&
        key->expiration.value < 1)
        finding_refuse(rules->findings, GK_PROHIBITED_BY_GROUP_POLICY, "key-expiration",
                       finding_spot(&key->place, "data[%zu]", data),
                       "a keyExpirationDate of the token is an interval of %lld s",
                       (long long)key->expiration.value);
    return good;
}

/* The key's place among the terms; NULL when it has none. */
static struct rules_gtpk *add_key(struct rules *rules, const struct token_key_info *key,
                                  size_t data)
{
    struct rules_terms *terms = &rules->terms;
    struct gk_reader reader = gk_reader(key->key_id);
    uint32_t id = gk_read_u32(&reader);
    struct rules_gtpk *fresh;

    if (!key->present || !judge_key(rules, key, data))
        return NULL;
    for (size_t i = 0; i < terms->gtpk_count; i++) {
        if (terms->gtpk[i].key_id == id)
            return &terms->gtpk[i];
    }
    if (terms->gtpk_count == RULES_GTPKS) {
        finding_refuse(rules->findings, GK_PROHIBITED_BY_LOCAL_POLICY, "key-count",
                       finding_spot(&key->place, "data[%zu]", data),
                       "the token names more than %d keys", RULES_GTPKS);
        return NULL;
    }
    fresh = &terms->gtpk[terms->gtpk_count++];
    *fresh = (struct rules_gtpk){
        .key_id = id, .has_expiration = key->has_expiration, .expiration = key->expiration};
    if (key->has_expiration && key->expiration.kind == TOKEN_LIFE_INTERVAL &&
        key->expiration.value > RULES_SECONDS_MAX)
        fresh->expiration.value = RULES_SECONDS_MAX;
    return fresh;
}

const char *rules_gtpk_use(const struct rules_gtpk *gtpk)
{
    if (gtpk->authenticates && gtpk->encrypts)
        return "authentication and encryption";
    return gtpk->authenticates ? "authentication" : "encryption";
}

/* Profile 9.2: token order, authentication before encryption, each KeyID once; 8.6: which
 * of them encrypts a token. */
static void take_keys(struct rules *rules)
{
    struct rules_terms *terms = &rules->terms;
    bool token_key = false;

    for (size_t i = 0; i < rules->token->data_count; i++) {
        const struct token_protocol *protocol = &rules->token->datas[i];
        bool known = protocol->kind == TOKEN_PROTOCOL_DATA;
        struct rules_gtpk *authentication;
        struct rules_gtpk *encryption;

        if (!known)
            continue;
        authentication = add_key(rules, &protocol->data->authentication, i);
        encryption = add_key(rules, &protocol->data->encryption, i);
        if (authentication)
            authentication->authenticates = true;
        if (encryption)
            encryption->encrypts = true;
        if (!token_key && (encryption || authentication)) {
            terms->token_key = (size_t)((encryption ? encryption : authentication) - terms->gtpk);
            token_key = true;
        }
    }
}

/* Profile 9.3: of the token's first JoinMechanism, whether we run that one or not. */
static void type_keys(struct rules *rules)
{
    struct rules_terms *terms = &rules->terms;

    for (size_t i = 0; i < rules->registration_count; i++) {
        const struct token_register *policy = rules->registration[i].policy;
        const struct gk_wrap *wrap;

        if (!rules->registration[i].known || !policy->mechanism_count)
            continue;
        wrap = gk_wrap_find(rules_mechanism_wrap(&policy->mechanisms[0]));
        if (terms->gtpk_count && (!wrap || !wrap->run)) {
            refuse_not_run(rules,
                           finding_spot(&policy->mechanisms[0].place,
                                        "registration[%zu].register.joinMechanisms[0]", i),
                           "the key wrap of the token's first JoinMechanism, which is the type of "
                           "the group's keys,");
            return;
        }
        for (size_t k = 0; k < terms->gtpk_count; k++)
            terms->gtpk[k].key_type = wrap->type;
        return;
    }
}

/* --- what a GC/KS needs besides ------------------------------------------------------- */

static void refuse_unserved(struct rules *rules, struct finding_spot spot, const char *what)
{
    finding_refuse(rules->findings, GK_PROHIBITED_BY_GROUP_POLICY, "not-run", spot,
                   "%s: not run by this version", what);
}

static void judge_served_registration(struct rules *rules, size_t i)
{
    const struct token_register *policy = rules->registration[i].policy;

    if (policy->mechanism_count && policy->transport == TOKEN_UDP_RTJ_TCP_OTHER)
        refuse_unserved(rules,
                        finding_spot(&rules->token->registrations[i].join.place,
                                     "registration[%zu].register.transport", i),
                        "the transport udpRTJtcpOther");
    for (size_t j = 0; j < policy->mechanism_count; j++) {
        const struct token_mechanism *mechanism = &policy->mechanisms[j];
        struct finding_spot spot = finding_spot(
            &mechanism->place, "registration[%zu].register.joinMechanisms[%zu].opInfo", i, j);

        if (!mechanism->suite && !mechanism->terse)
            refuse_unserved(rules, spot, "verbose registration");
        if (!mechanism->suite && mechanism->has_timestamp && mechanism->timestamp)
            refuse_unserved(rules, spot, "registration by timestamps instead of nonces");
    }
}

static struct finding_spot rekey_spot(const struct rules *rules, const char *part)
{
    size_t number = rules->terms.rekey_number;

    return finding_spot(&rules->token->rekeys[number].place, "rekey[%zu].%s", number, part);
}

/* Profile 6.7, 9.1: it serves all of the token or none. */
static void judge_served(struct rules *rules)
{
    const struct rules_terms *terms = &rules->terms;
    struct gk_reason why = {0};

    for (size_t i = 0; i < rules->registration_count; i++) {
        if (rules->registration[i].known)
            judge_served_registration(rules, i);
    }
    if (terms->rekeys && terms->post.size)
        refuse_unserved(rules, rekey_spot(rules, "reliability"), "rekey reliability by posting");
    if (terms->rekeys && terms->autonomous)
        refuse_unserved(rules, rekey_spot(rules, "subGCKSInfo"), "autonomous subordinates");
    if (!rules->findings->refused && !rules_can_run(rules, &why))
        finding_take(rules->findings, &why);
}

void rules_judge_id(struct rules *rules)
{
    const struct token *token = rules->token;

    if (token->group_name.size > sizeof((struct gk_group *)NULL)->value)
        finding_refuse(rules->findings, GK_INVALID_GROUP_ID, "group-size",
                       finding_spot(&token->id_place, "tokenInfo.groupName"),
                       "the group's name has %zu octets; no Group ID holds more than 255",
                       token->group_name.size);
    if (token->has_edition && token->edition < 1)
        finding_refuse(rules->findings, GK_PROHIBITED_BY_GROUP_POLICY, "edition",
                       finding_spot(&token->id_place, "tokenInfo.edition"),
                       "edition %lld: editions begin with 1", (long long)token->edition);
}

void rules_terms_fill(struct rules *rules)
{
    struct rules_terms *terms = &rules->terms;
    const struct token *token = rules->token;

    terms->group_name = token->group_name;
    terms->has_edition = token->has_edition;
    terms->edition = token->edition;
    judge_registrations(rules);
    judge_data(rules);
    rules_terms_mechanisms(rules);
    take_keys(rules);
    type_keys(rules);
    for (size_t i = 0; i < token->rekey_count; i++)
        judge_protocol(rules, &token->rekeys[i],
                       finding_spot(&token->rekeys[i].place, "rekey[%zu]", i), "rekey", i);
    rules_terms_rekey(rules);
    if (rules->local.serves)
        judge_served(rules);
}

bool rules_can_run(const struct rules *rules, struct gk_reason *why)
{
    const struct rules_terms *terms = &rules->terms;

    if (!terms->gtpk_count)
        return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "no-key",
                         "the token names no key (kMKeyID): it cannot run a group");
    return terms->mechanism_count ||
           gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "no-mechanism",
                     "the token lists no JoinMechanism that can be run: nobody can join");
}
