/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/member-internal.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "token/name.h"

/* The same Key Download of a session that ended gets the same answer (profile 12.3). What
 * makes it the same is what is signed (4.1): the copy that came first may have had other
 * octets around that. */
static bool answered_before(struct member *member, const struct gk_now *now, const uint8_t hash[32],
                            const struct gk_peer *from, struct gk_turn *turn)
{
    for (size_t i = 0; i < MEMBER_FINISHED; i++) {
        const struct member_finished *slot = &member->finished[i];

        if (slot->answer.size && now->ms < slot->until && memcmp(slot->keydl, hash, 32) == 0) {
            gk_turn_send(turn, from, gk_secret_octets(&slot->answer));
            return true;
        }
    }
    return false;
}

static bool seen_before(struct member_session *session, const uint8_t hash[32])
{
    for (size_t i = 0; i < session->seen_count; i++) {
        if (memcmp(session->seen[i], hash, 32) == 0)
            return true;
    }
    if (session->seen_count < MEMBER_SEEN)
        memcpy(session->seen[session->seen_count++], hash, 32);
    return false;
}

static bool combine_nonce_c(const struct member *member, const struct gk_message *message,
                            struct gk_writer *to, struct gk_reason *why)
{
    const struct gk_nonce_hash *hash = gk_nonce_hash_find(member->mechanism.nonce_hash);
    struct gk_writer server = {0};

    if (!message->nonce[GK_NONCE_R].size)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "keydl-without-nonces",
                         "the KeyDL carries no Nonce_R, this member registers with nonces only");
    gk_write_u8(&server, message->signature.id_type);
    gk_write_octets(&server, message->signature.signer_id);
    gk_nonce_combine(hash, gk_octets(member->session.nonce_i, GK_NONCE_SIZE),
                     message->nonce[GK_NONCE_R], gk_writer_octets(&server), to);
    gk_writer_free(&server);
    return true;
}

/* Is it meant for this member (RFC 4535 5.2.1.2, profile 3.6)? The Identification stands among
 * the contents, so these are parsed before the signature; nothing of them is acted upon. */
static bool for_us(const struct member *member, const struct gk_message *message,
                   struct gk_reason *why)
{
    const struct gk_id_payload *id = &message->identification[0];
    size_t own = member_credential_of(member, &member->mechanism);

    if (id->class != GK_ID_RECEIVER || id->type != GK_ID_DN_STRING)
        return gk_refuse(why, GK_INVALID_ID_INFORMATION, GK_NO_OFFSET, "keydl-identification",
                         "the KeyDL names its receiver by classification %u, type %u", id->class,
                         id->type);
    if (!name_equal(id->data, gk_secret_octets(&member->own[own].name)))
        return gk_refuse(why, GK_INVALID_ID_INFORMATION, GK_NO_OFFSET, "keydl-not-ours",
                         "the KeyDL is for another member");
    return true;
}

/* The whole exchange has its mechanism's signature type (profile 6.2): a server's key for a
 * lesser mechanism hands out no keys in this one. */
static bool right_signature(const struct member *member, const struct gk_message *message,
                            struct gk_reason *why)
{
    if (message->signature.type == member->mechanism.signature)
        return true;
    return gk_refuse(why, GK_AUTHENTICATION_FAILED, message->signature.offset,
                     "keydl-signature-type", "signature type %u, the mechanism in use says %u",
                     message->signature.type, member->mechanism.signature);
}

static bool fresh(const struct member *member, const struct gk_now *now,
                  const struct gk_message *message, struct gk_reason *why)
{
    struct gk_writer nonce_c = {0};
    int64_t off = message->signature.stamp - now->utc;
    bool good = combine_nonce_c(member, message, &nonce_c, why);

    if (good && !gk_octets_equal(gk_writer_octets(&nonce_c), message->nonce[GK_NONCE_C]))
        good = gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "keydl-nonce-c",
                         "the KeyDL's Nonce_C is not that of this session");
    gk_writer_free(&nonce_c);
    /* Profile 4.7, also with nonces unless the configuration says otherwise. */
    if (good && !member->config.skew_off_with_nonces &&
        (off > member->config.skew || off < -member->config.skew))
        good = gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "keydl-stamp",
                         "the KeyDL's timestamp is %lld s off our clock, %lld s are allowed",
                         (long long)off, (long long)member->config.skew);
    return good;
}

static void drop_keydl(struct member *member, const struct gk_reason *why, struct gk_turn *turn)
{
    char *last = member->session.last;

    member->counts.keydl_bad++;
    (void)snprintf(last, sizeof member->session.last, "one was dropped: %.170s", why->text);
    gk_turn_notice(turn, GK_INFO, why->code, why->notification, "KeyDL dropped: %s", why->text);
}

static void start_verify(struct member *member, const struct gk_now *now,
                         struct member_waiting *waiting, struct gk_turn *turn)
{
    struct member_job *job = member_job_new(member, MEMBER_VERIFY, now);

    job->octets = waiting->octets;
    job->from = waiting->from;
    *waiting = (struct member_waiting){{NULL, 0}, {0}};
    member->session.in_flight++;
    gk_turn_job(turn, &job->job);
}

void member_keydl(struct member *member, const struct gk_now *now, const struct gk_peer *from,
                  struct gk_message *message, struct gk_octets octets, struct gk_turn *turn)
{
    struct member_session *session = &member->session;
    struct member_waiting waiting = {{NULL, 0}, *from};
    struct gk_reason why;
    uint8_t hash[32];

    member->counts.keydl++;
    gk_sha256(message->signed_octets, hash);
    if (answered_before(member, now, hash, from, turn))
        return;
    if (!session->active || !session->has_rtj) {
        member->counts.dropped++;
        return;
    }
    if (!gk_message_contents(message, &why) || !for_us(member, message, &why) ||
        !right_signature(member, message, &why) || !fresh(member, now, message, &why)) {
        drop_keydl(member, &why, turn);
        return;
    }
    /* Here all octets count: a copy with a changed signature does not stand in the way. */
    gk_sha256(octets, hash);
    if (seen_before(session, hash))
        return;
    waiting.octets = gk_secret_copy(octets);
    if (session->in_flight < MEMBER_JOBS) {
        start_verify(member, now, &waiting, turn);
    } else if (session->queued < MEMBER_QUEUE) {
        session->queue[session->queued++] = waiting;
    } else {
        member->counts.dropped++;
        gk_secret_free(&waiting.octets);
    }
}

static void next_in_queue(struct member *member, const struct gk_now *now, struct gk_turn *turn)
{
    struct member_session *session = &member->session;

    session->in_flight--;
    if (!session->queued)
        return;
    start_verify(member, now, &session->queue[0], turn);
    session->queued--;
    memmove(session->queue, session->queue + 1, session->queued * sizeof *session->queue);
}

/* The place of the signer who had the fewest opened goes to a new one: neither many signers
 * together nor a namesake under another CA keep the server out. */
static size_t signer_slot(struct member_session *session, const uint8_t who[32])
{
    size_t fewest = 0;

    for (size_t i = 0; i < session->signer_count; i++) {
        if (memcmp(session->signer[i].who, who, 32) == 0)
            return i;
        if (session->signer[i].opened < session->signer[fewest].opened)
            fewest = i;
    }
    if (session->signer_count < MEMBER_SIGNERS)
        fewest = session->signer_count++;
    memcpy(session->signer[fewest].who, who, 32);
    session->signer[fewest].opened = 0;
    return fewest;
}

/* At most 8 different ones a signer and session are opened (profile 12.5); a signer is name
 * and CA (4.8), and the same one in other unsigned octets is no different one (4.1). */
static bool may_open(struct member_session *session, const struct pki_identity *signer,
                     struct gk_octets signed_octets)
{
    struct gk_writer key = {0};
    uint8_t who[32];
    uint8_t what[32];
    size_t slot;

    pki_identity_key(signer, &key);
    gk_sha256(gk_writer_octets(&key), who);
    gk_writer_free(&key);
    gk_sha256(signed_octets, what);
    slot = signer_slot(session, who);
    for (unsigned i = 0; i < session->signer[slot].opened; i++) {
        if (memcmp(session->signer[slot].what[i], what, sizeof what) == 0)
            return false;
    }
    if (session->signer[slot].opened == MEMBER_OPENED)
        return false;
    memcpy(session->signer[slot].what[session->signer[slot].opened++], what, sizeof what);
    return true;
}

/* It was parsed before: these are the octets of the job that verified it. */
static bool opens_now(const struct member *member, struct member_session *session,
                      const struct member_job *job)
{
    struct gk_message message;

    return gk_message_header(&message, gk_secret_octets(&job->octets),
                             &member->config.policy->group, GK_EXCHANGE_BIT(GK_KEY_DOWNLOAD),
                             NULL) &&
           gk_message_chain(&message, NULL) &&
           may_open(session, job->identity, message.signed_octets);
}

void member_keydl_verified(struct member *member, const struct gk_now *now, struct member_job *job,
                           struct gk_turn *turn)
{
    struct member_session *session = &member->session;
    struct member_job *open;

    if (!session->active || session->number != job->session)
        return;
    if (!job->good || !member_still_good(member, job, job->identity, &job->why)) {
        drop_keydl(member, &job->why, turn);
        next_in_queue(member, now, turn);
        return;
    }
    if (!opens_now(member, session, job)) {
        next_in_queue(member, now, turn);
        return;
    }
    open = member_job_new(member, MEMBER_OPEN, now);
    open->octets = job->octets;
    open->identity = job->identity;
    job->octets = (struct gk_secret){NULL, 0};
    job->identity = NULL;
    open->from = job->from;
    memcpy(open->nonce_i, session->nonce_i, sizeof open->nonce_i);
    open->secret = gk_secret_copy(gk_secret_octets(&session->secret));
    open->public_value = gk_secret_copy(gk_secret_octets(&session->public_value));
    open->mark = member->mark;
    gk_turn_job(turn, &open->job);
}

/* Kept for the NACK that is sent when no good one comes (profile 12.5). */
static void remember_bad(struct member *member, const struct member_job *job,
                         const struct gk_message *message)
{
    struct member_session *session = &member->session;
    struct gk_writer nonce_c = {0};

    if (session->has_bad || !combine_nonce_c(member, message, &nonce_c, NULL))
        return;
    session->has_bad = true;
    session->bad = job->why;
    session->bad_from = job->from;
    session->bad_nonce_c = gk_writer_take(&nonce_c);
    gk_sha256(message->signed_octets, session->bad_hash);
}

static bool still_newest(const struct member *member, struct member_job *job)
{
    const struct load_mark *mark = &member->mark;

    if (!mark->present || memcmp(mark->hash, job->loaded->mark.hash, sizeof mark->hash) == 0)
        return true;
    /* A Rekey Event brought a newer one while the job ran. */
    if (mark->has_edition
            ? job->loaded->mark.has_edition && job->loaded->mark.edition > mark->edition
            : true)
        return job->loaded->mark.signing_time > mark->signing_time ||
               gk_refuse(&job->why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "older-token",
                         "the KeyDL's token is older than the one accepted meanwhile");
    return gk_refuse(&job->why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "older-token",
                     "the KeyDL's token is older than the one accepted meanwhile");
}

void member_keydl_opened(struct member *member, const struct gk_now *now, struct member_job *job,
                         struct gk_turn *turn)
{
    struct member_session *session = &member->session;
    struct gk_writer nonce_c = {0};
    struct gk_message message;
    struct gk_reason why;
    uint8_t hash[32];

    if (!session->active || session->number != job->session)
        return;
    /* It parsed before; the octets are the job's now. */
    if (!gk_message_parse(&message, gk_secret_octets(&job->octets), &member->config.policy->group,
                          GK_EXCHANGE_BIT(GK_KEY_DOWNLOAD), &why)) {
        drop_keydl(member, &why, turn);
        next_in_queue(member, now, turn);
        return;
    }
    if (!job->loaded || !member_still_good(member, job, job->identity, &job->why) ||
        !member_still_good(member, job, job->rekeyer, &job->why) ||
        !member_still_good(member, job, job->loaded->owner, &job->why) ||
        !still_newest(member, job)) {
        remember_bad(member, job, &message);
        drop_keydl(member, &job->why, turn);
        next_in_queue(member, now, turn);
        return;
    }
    gk_sha256(message.signed_octets, hash);
    (void)combine_nonce_c(member, &message, &nonce_c, NULL);
    why = job->why;
    if (job->good && member_accept(member, now, job, &message, turn, &why)) {
        member_answer(member, now, GK_ACKNOWLEDGEMENT, gk_writer_octets(&nonce_c), hash, &job->from,
                      turn);
    } else {
        /* The server has shown itself: the failure is told at once (profile 12.5), by the
         * error's own type where the token says verbose (RFC 4535 5.2.1.2). */
        bool verbose = rules_terms(job->loaded->rules)->verbose;

        member->counts.keydl_bad++;
        member_answer(member, now, verbose ? why.notification : GK_NACK, gk_writer_octets(&nonce_c),
                      hash, &job->from, turn);
        member_session_fail(member, now, &why, turn);
    }
    gk_writer_free(&nonce_c);
}
