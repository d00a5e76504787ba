/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/member-internal.h"

#include <string.h>

/* The token must list what the exchange used (profile 6.6), nonces or timestamps as it used
 * them (profile 5.3), and its Registration must let the signer hand out keys (11.10). */
static bool judge_mechanism(const struct member *member, const struct member_job *job,
                            size_t *index, struct gk_reason *why)
{
    const struct rules_terms *terms = rules_terms(job->loaded->rules);
    const struct gk_choices choices = {true,
                                       true,
                                       true,
                                       member->mechanism.key_creation,
                                       member->mechanism.key_wrap,
                                       member->mechanism.nonce_hash};
    struct rules_verdict verdict;

    if (!rules_mechanism(job->loaded->rules, member->mechanism.signature,
                         member->mechanism.key_creation, &choices, index, why))
        return false;
    if (terms->mechanism[*index].timestamp)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "nonces-against-token",
                         "the exchange used nonces, the token's mechanism asks for timestamps");
    if (!rules_server(job->loaded->rules, terms->mechanism[*index].registration, job->identity,
                      &verdict))
        return gk_refuse(why, verdict.notification, GK_NO_OFFSET, "server-not-allowed", "%.250s",
                         verdict.rule);
    return true;
}

/* Profile 6.7: when the verified token lists, before the one used, a mechanism that the
 * configuration also allows, the member registers again with that one. */
static bool judge_preference(struct member *member, const struct member_job *job, size_t used,
                             struct gk_reason *why)
{
    const struct rules_terms *terms = rules_terms(job->loaded->rules);

    for (size_t i = 0; i < used; i++) {
        if (!member_may_use(member, &terms->mechanism[i]))
            continue;
        member->session.better = true;
        member->session.preferred = terms->mechanism[i].algorithms;
        return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "better-mechanism",
                         "the token prefers mechanism %zu, which this member allows too: "
                         "registers again with it",
                         i + 1);
    }
    return true;
}

/* The GTPKs are those of the token, each once, of its type, and not expired (RFC 4535 7.4.2,
 * profile 9.2, 9.3). */
static bool judge_gtpks(const struct rules_terms *terms, const struct gk_key_download *download,
                        gk_time now, struct gk_reason *why)
{
    if (download->gtpk_count != terms->gtpk_count)
        return gk_refuse(why, GK_INVALID_KEY_INFORMATION, GK_NO_OFFSET, "keydl-gtpks",
                         "the KeyDL brings %zu GTPKs, the token names %zu", download->gtpk_count,
                         terms->gtpk_count);
    for (size_t i = 0; i < terms->gtpk_count; i++) {
        const struct rules_gtpk *want = &terms->gtpk[i];
        const struct gk_key_datum *have = NULL;

        for (size_t j = 0; j < download->gtpk_count && !have; j++) {
            if (download->gtpk[j].id == want->key_id)
                have = &download->gtpk[j];
        }
        if (!have || have->type != want->key_type)
            return gk_refuse(why, GK_INVALID_KEY_INFORMATION, GK_NO_OFFSET, "keydl-gtpk",
                             "the KeyDL %s GTPK %08x", have ? "has another type for" : "lacks",
                             want->key_id);
        if (have->expires <= now)
            return gk_refuse(why, GK_INVALID_KEY_INFORMATION, GK_NO_OFFSET, "keydl-expired",
                             "GTPK %08x of the KeyDL has expired", want->key_id);
    }
    return true;
}

static bool judge_array(const struct rules_terms *terms, const struct gk_key_download *download,
                        gk_time now, struct gk_reason *why)
{
    bool lkh = terms->rekey && terms->rekey->method == TOKEN_METHOD_LKH;

    if (download->has_array != lkh)
        return gk_refuse(why, GK_INVALID_KEY_INFORMATION, GK_NO_OFFSET, "keydl-array",
                         lkh ? "the token rekeys by LKH, the KeyDL brings no Rekey Array"
                             : "the KeyDL brings a Rekey Array, the token does not rekey by LKH");
    for (size_t i = 0; lkh && i < download->array.count; i++) {
        const struct gk_key_datum *kek = &download->array.kek[i];

        if (kek->type != terms->kek_type || kek->expires <= now)
            return gk_refuse(why, GK_INVALID_KEY_INFORMATION, GK_NO_OFFSET, "keydl-kek",
                             "KEK %u of the KeyDL has another type than the token says, or has "
                             "expired",
                             kek->id);
    }
    return true;
}

/* No unexpired GTPK gives way to one created earlier (profile 12.13). */
static bool judge_dates(const struct member *member, const struct gk_key_download *download,
                        gk_time now, struct gk_reason *why)
{
    struct gk_key_datum held;

    for (size_t i = 0; member->in.present && i < download->gtpk_count; i++) {
        const struct gk_key_datum *fresh = &download->gtpk[i];

        if (gk_ring_find(member->in.ring, fresh->id, &held) && held.expires > now &&
            fresh->created < held.created)
            return gk_refuse(why, GK_INVALID_KEY_INFORMATION, GK_NO_OFFSET, "keydl-older-key",
                             "GTPK %08x of the KeyDL was created before the one held", fresh->id);
    }
    return true;
}

static void become_member(struct member *member, const struct gk_now *now, struct member_job *job,
                          const struct gk_message *message, size_t mechanism, struct gk_ring *ring)
{
    struct pki_identity *server = job->rekeyer ? job->rekeyer : job->identity;
    struct pki_identity *signer = job->rekeyer ? job->identity : NULL;
    struct gk_writer id = {0};

    /* Jobs that verify with the key of another server end in vain (profile 9.9). */
    if (!member->in.present || !pki_identity_same(member->in.server, job->identity))
        member->server_number++;
    member_forget(member);
    gk_write_u8(&id, message->signature.id_type);
    gk_write_octets(&id, message->signature.signer_id);
    member->in = (struct member_membership){
        .present = true,
        .loaded = job->loaded,
        .mechanism = mechanism,
        .server = server,
        .server_signer = signer,
        .server_id = gk_writer_take(&id),
        .server_chain = member_server_chain(message, server, signer),
        .server_peer = job->from,
        .ring = ring,
        .baseline = true,
        .ignore_until = gk_ring_newest(ring),
        .joined = now->utc,
        .last_event = now->ms,
    };
    (void)gk_ring_member_id(ring, &member->in.member_id);
    job->loaded = NULL;
    job->identity = job->rekeyer = NULL;
    member->mark = member->in.loaded->mark;
    member->failures = 0;
    member->refusal = (struct gk_reason){0};
    member->next_server = 0;
}

/* What came between RTJ and KeyDL was kept unjudged (profile 12.1). */
static void judge_kept(struct member *member, const struct gk_now *now, struct member_waiting *kept,
                       size_t count, struct gk_turn *turn)
{
    for (size_t i = 0; i < count; i++) {
        struct gk_octets octets = gk_secret_octets(&kept[i].octets);
        struct gk_message message;

        if (member->in.present &&
            gk_message_header(&message, octets, &member->config.policy->group,
                              GK_EXCHANGE_BIT(GK_REKEY_EVENT), NULL) &&
            gk_message_chain(&message, NULL))
            member_rekey(member, now, &kept[i].from, &message, octets, turn);
        gk_secret_free(&kept[i].octets);
    }
}

bool member_accept(struct member *member, const struct gk_now *now, struct member_job *job,
                   struct gk_message *message, struct gk_turn *turn, struct gk_reason *why)
{
    const struct rules_terms *terms = rules_terms(job->loaded->rules);
    struct member_waiting kept[MEMBER_KEPT];
    size_t kept_count = member->session.kept_count;
    struct gk_key_download download;
    struct gk_ring *ring = NULL;
    char server[200];
    size_t mechanism;

    if (rules_can_run(job->loaded->rules, why) && judge_mechanism(member, job, &mechanism, why) &&
        judge_preference(member, job, mechanism, why) &&
        (gk_key_download_read(&download, gk_secret_octets(&job->plain), message->vendor, why) ||
         gk_wrap_refused(gk_wrap_find(job->mechanism.key_wrap), why)) &&
        judge_gtpks(terms, &download, now->utc, why) &&
        judge_array(terms, &download, now->utc, why) &&
        judge_dates(member, &download, now->utc, why))
        ring = gk_ring_new(&download, why);
    if (!ring)
        return false;
    become_member(member, now, job, message, mechanism, ring);
    load_warn(member->in.loaded, turn);
    memcpy(kept, member->session.kept, sizeof kept);
    member->session.kept_count = 0;
    member_session_clear(member);
    if (member->state == MEMBER_WAIT_MEMBERSHIP)
        (void)member_do_move(member, MEMBER_MOVE_ACK, turn);
    member_record(member, turn);
    turn->keys_changed = true;
    member->counts.joined++;
    gk_turn_notice(turn, GK_NOTICE, "joined", 0,
                   "in the group as member %u, token edition %lld, keys from %s",
                   member->in.member_id, (long long)member->mark.edition,
                   gk_escape(server, sizeof server, member->in.server->name));
    judge_kept(member, now, kept, kept_count, turn);
    return true;
}
