/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/member-internal.h"

bool member_judge_authority(const struct member *member, struct gk_reason *why)
{
    const struct rules_terms *terms = rules_terms(member->in.loaded->rules);
    size_t registration = member->in.mechanism < terms->mechanism_count
                              ? terms->mechanism[member->in.mechanism].registration
                              : RULES_ANY;
    struct rules_verdict verdict;

    if (rules_rekey(member->in.loaded->rules, registration, member->in.server, &verdict))
        return true;
    return gk_refuse(why, GK_UNAUTHORIZED_REQUEST, GK_NO_OFFSET, "rekey-not-allowed", "%.250s",
                     verdict.rule);
}

/* The token of a Rekey Event, under the GTPK as it stood before the event (profile 8.6). */
static struct loaded *open_token(const struct member *member, const struct gk_now *now,
                                 const struct gk_message *message, struct gk_reason *why)
{
    struct gk_octets group = gk_group_value(&message->group);
    struct gk_secret plain = {NULL, 0};
    struct gk_secret key;
    struct gk_writer aad = {0};
    struct gk_key_datum gtpk;
    struct loaded *loaded = NULL;

    if (!gk_ring_find_before(member->in.ring, member->event.token_key, &gtpk)) {
        (void)gk_refuse(why, GK_INVALID_KEY_INFORMATION, GK_NO_OFFSET, "token-key",
                        "the key that encrypts a token is not held");
        return NULL;
    }
    key = gk_token_key(gk_wrap_find(gtpk.type), group, gtpk.key);
    gk_aad(&aad, group, GK_PAYLOAD_POLICY_TOKEN);
    if (gk_wrap_open(gk_wrap_find(gtpk.type), gk_secret_octets(&key), gk_writer_octets(&aad),
                     message->token, &plain, why))
        loaded = load_token(gk_secret_octets(&plain), member->config.policy, &member->mark,
                            now->utc, why);
    gk_writer_free(&aad);
    gk_secret_free(&plain);
    gk_secret_free(&key);
    return loaded;
}

/* A key lives until its keyExpirationDate, which an interval counts from its creation (profile
 * 9.4). */
static struct gk_ring_life life_of(const struct rules_gtpk *gtpk)
{
    struct gk_ring_life life = {INT64_MAX, GK_TIME_NEVER};

    if (gtpk->has_expiration && gtpk->expiration.kind == TOKEN_LIFE_INTERVAL)
        life.seconds = gtpk->expiration.value;
    else if (gtpk->has_expiration)
        life.until = gtpk->expiration.value;
    return life;
}

static bool open_keys(struct member *member, const struct rules *rules,
                      const struct gk_message *message, struct gk_reason *why)
{
    const struct rules_terms *terms = rules_terms(rules);
    struct gk_ring_life life[RULES_GTPKS];
    uint32_t ids[RULES_GTPKS];
    struct gk_ring_rules ring = {
        .group_value = gk_group_value(&message->group),
        .gtpk = ids,
        .gtpk_count = terms->gtpk_count,
        .gtpk_type = terms->gtpk_count ? terms->gtpk[0].key_type : 0,
        .vendor = message->vendor,
        .life = life,
    };

    for (size_t i = 0; i < terms->gtpk_count; i++) {
        ids[i] = terms->gtpk[i].key_id;
        life[i] = life_of(&terms->gtpk[i]);
    }
    return message->rekey[0].type == GK_REKEY_NONE ||
           gk_ring_open(member->in.ring, &ring, message->rekey, message->rekey_count, why);
}

/* The mechanism by which this member is in the group, in the new token's terms. */
static void find_mechanism(struct member *member)
{
    const struct gk_choices choices = {true,
                                       true,
                                       true,
                                       member->mechanism.key_creation,
                                       member->mechanism.key_wrap,
                                       member->mechanism.nonce_hash};

    if (!rules_mechanism(member->in.loaded->rules, member->mechanism.signature,
                         member->mechanism.key_creation, &choices, &member->in.mechanism, NULL))
        member->in.mechanism = SIZE_MAX;
}

bool member_install(struct member *member, const struct gk_now *now, struct gk_message *message,
                    struct gk_turn *turn, struct gk_reason *why)
{
    struct loaded *fresh = NULL;

    if (!member_judge_authority(member, why))
        return false;
    if (message->has_token) {
        fresh = open_token(member, now, message, why);
        if (!fresh)
            return false;
        if (!rules_can_run(fresh->rules, why)) {
            load_unref(fresh);
            return false;
        }
    }
    /* The old token authorised; the new one says which keys may come (profile 9.9). */
    if (!open_keys(member, fresh ? fresh->rules : member->in.loaded->rules, message, why)) {
        if (fresh)
            load_unref(fresh);
        return false;
    }
    if (!fresh)
        return true;
    if (fresh->mark.edition != member->mark.edition || !member->mark.has_edition)
        gk_turn_notice(turn, GK_NOTICE, "new-token", 0, "token edition %lld is in force",
                       (long long)fresh->mark.edition);
    load_unref(member->in.loaded);
    member->in.loaded = fresh;
    load_warn(fresh, turn);
    member->mark = fresh->mark;
    find_mechanism(member);
    turn->keys_changed = true;
    return true;
}
