/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/member-internal.h"

#include <stdlib.h>
#include <string.h>

#include "token/name.h"

/* Kept unjudged between RTJ and KeyDL (profile 12.1). */
static void keep(struct member_session *session, const struct gk_peer *from,
                 struct gk_octets octets)
{
    if (!session->active || session->kept_count == MEMBER_KEPT ||
        octets.size > MEMBER_KEPT_SIZE - session->kept_size)
        return;
    session->kept[session->kept_count++] = (struct member_waiting){gk_secret_copy(octets), *from};
    session->kept_size += octets.size;
}

static bool from_server(const struct member *member, const struct gk_message *message)
{
    return message->signature.id_type == member->in.server_id.data[0] &&
           name_equal(message->signature.signer_id, member->in.server->name);
}

static bool judge_sequence(const struct member *member, const struct gk_message *message,
                           struct gk_reason *why)
{
    const struct member_membership *in = &member->in;
    bool below = message->sequence <= in->sequence;

    if (message->sequence == GK_SEQUENCE_END)
        return true;
    if (!message->sequence)
        return gk_refuse(why, GK_INVALID_SEQUENCE_ID, GK_NO_OFFSET, "sequence-zero",
                         "Sequence ID 0 in a Rekey Event");
    /* Until the first event has ended, lower ones of its stamp are taken (profile 9.7). */
    if (in->baseline && below && member->event.open)
        below = message->rekey[0].stamp != member->event.stamp ||
                member_event_done(member, message->sequence);
    if (below && in->sequence)
        return gk_refuse(why, GK_INVALID_SEQUENCE_ID, GK_NO_OFFSET, "sequence-old",
                         "Sequence ID %u was processed before (last %u)", message->sequence,
                         in->sequence);
    if (member_event_holds(member, message->sequence))
        return gk_refuse(why, GK_INVALID_SEQUENCE_ID, GK_NO_OFFSET, "sequence-held",
                         "Sequence ID %u is held already", message->sequence);
    return true;
}

static bool judge_stamp(const struct member *member, const struct gk_message *message,
                        struct gk_reason *why)
{
    if (message->sequence != GK_SEQUENCE_END && message->rekey[0].type == GK_REKEY_LKH &&
        message->rekey[0].stamp <= member->in.ignore_until)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "event-before-join",
                         "the event is no later than the keys that the Key Download brought");
    return true;
}

/* Everything that profile 9.15 puts before the signature. */
static bool judge_unsigned(const struct member *member, struct gk_message *message,
                           struct gk_reason *why)
{
    const struct rules_terms *terms = rules_terms(member->in.loaded->rules);

    if (message->sequence != GK_SEQUENCE_END && !from_server(member, message))
        return gk_refuse(why, GK_UNAUTHORIZED_REQUEST, GK_NO_OFFSET, "not-our-server",
                         "a Rekey Event of another signer");
    if (!gk_message_contents(message, why) || !judge_sequence(member, message, why) ||
        !judge_stamp(member, message, why))
        return false;
    /* The end too (9.9): a key for a lesser mechanism ends no group. */
    if (terms->rekeys && message->signature.type != terms->rekey_signature)
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "rekey-signature-type",
                         "signature type %u, the token's rekey mechanism says %u",
                         message->signature.type, terms->rekey_signature);
    return true;
}

/* The same octets by multicast and by unicast, or resent, are verified once: what a copy is
 * worth is known when the first one's job is done. */
static bool is_under_way(const struct member *member, struct gk_octets octets)
{
    uint8_t digest[32];

    gk_sha256(octets, digest);
    for (size_t i = 0; i < MEMBER_JOBS; i++) {
        if (member->verifies[i].used &&
            memcmp(member->verifies[i].digest, digest, sizeof digest) == 0)
            return true;
    }
    for (size_t i = 0; i < member->waiting_count; i++) {
        if (gk_octets_equal(gk_secret_octets(&member->waiting[i].octets), octets))
            return true;
    }
    return false;
}

static size_t take_slot(struct member *member, struct gk_octets octets)
{
    size_t slot = 0;

    while (slot + 1 < MEMBER_JOBS && member->verifies[slot].used)
        slot++;
    member->verifies[slot].used = true;
    gk_sha256(octets, member->verifies[slot].digest);
    return slot;
}

static void start_job(struct member *member, const struct gk_now *now,
                      struct member_waiting *waiting, struct gk_turn *turn)
{
    struct member_job *job = member_job_new(member, MEMBER_REKEY, now);

    job->octets = waiting->octets;
    job->from = waiting->from;
    job->slot = take_slot(member, gk_secret_octets(&job->octets));
    *waiting = (struct member_waiting){{NULL, 0}, {0}};
    job->spki = gk_secret_copy(member->in.server->spki);
    memcpy(job->certificate, member->in.server->fingerprint, sizeof job->certificate);
    job->server_number = member->server_number;
    /* At most one path validation a second (profile 9.15). */
    job->may_validate = !member->in.last_path || now->ms >= member->in.last_path + 1000;
    if (job->may_validate)
        member->in.last_path = now->ms;
    member->verifying++;
    gk_turn_job(turn, &job->job);
}

void member_rekey(struct member *member, const struct gk_now *now, const struct gk_peer *from,
                  struct gk_message *message, struct gk_octets octets, struct gk_turn *turn)
{
    struct member_waiting waiting = {{NULL, 0}, *from};
    struct gk_reason why;

    member->counts.rekey_messages++;
    keep(&member->session, from, octets);
    if (!member->in.present)
        return;
    if (!judge_unsigned(member, message, &why)) {
        member->counts.dropped++;
        gk_turn_notice(turn, GK_DEBUG, why.code, why.notification, "Rekey Event dropped: %s",
                       why.text);
        return;
    }
    if (is_under_way(member, octets)) {
        member->counts.dropped++;
        return;
    }
    waiting.octets = gk_secret_copy(octets);
    if (member->verifying < MEMBER_JOBS) {
        start_job(member, now, &waiting, turn);
    } else if (member->waiting_count < MEMBER_QUEUE) {
        member->waiting[member->waiting_count++] = waiting;
    } else {
        member->counts.dropped++;
        gk_secret_free(&waiting.octets);
    }
}

static void next_in_queue(struct member *member, const struct gk_now *now, struct gk_turn *turn)
{
    member->verifying--;
    while (member->waiting_count && !member->in.present)
        gk_secret_free(&member->waiting[--member->waiting_count].octets);
    if (!member->waiting_count)
        return;
    start_job(member, now, &member->waiting[0], turn);
    member->waiting_count--;
    memmove(member->waiting, member->waiting + 1, member->waiting_count * sizeof *member->waiting);
}

/* Sequence ID 0xFFFFFFFF, by our server or by whoever may end the group for all (profile
 * 9.11); without waiting for a gap. */
static bool judge_end(const struct member *member, const struct gk_message *message,
                      const struct member_job *job, struct gk_reason *why)
{
    bool server = !job->identity || pki_identity_same(job->identity, member->in.server);
    gk_time newest =
        server ? gk_ring_newest(member->in.ring) : gk_ring_newest_gtpk(member->in.ring);
    struct rules_verdict verdict;

    if (server && !from_server(member, message))
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "end-signer",
                         "the end of the group names another signer than its key");
    if (!server && !rules_destroyer(member->in.loaded->rules, job->identity, &verdict))
        return gk_refuse(why, GK_UNAUTHORIZED_REQUEST, GK_NO_OFFSET, "end-not-allowed", "%.250s",
                         verdict.rule);
    /* A server that a new token put out of office ends nothing for those it served. */
    if (server && rules_terms(member->in.loaded->rules)->rekeys &&
        !member_judge_authority(member, why))
        return false;
    if (message->rekey[0].stamp <= newest)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "end-too-old",
                         "the end of the group is no later than a key that is held");
    return true;
}

/* A new certificate of the same server takes the old one's place. */
static bool judge_signer(struct member *member, struct member_job *job, struct gk_reason *why)
{
    if (!job->identity)
        return true;
    if (!member_still_good(member, job, job->identity, why))
        return false;
    if (!pki_identity_same(job->identity, member->in.server))
        return gk_refuse(why, GK_UNAUTHORIZED_REQUEST, GK_NO_OFFSET, "not-our-server",
                         "the signer has our server's name under another CA");
    pki_identity_free(member->in.server);
    member->in.server = job->identity;
    job->identity = NULL;
    return true;
}

/* The server's new certificate came with another message while this one was judged by the old
 * one: once more, by the new. */
static bool again(struct member *member, const struct gk_now *now, struct member_job *job,
                  struct gk_turn *turn)
{
    struct member_waiting waiting = {job->octets, job->from};

    if (job->good || job->validated || !member->in.present ||
        job->server_number != member->server_number ||
        memcmp(job->certificate, member->in.server->fingerprint, sizeof job->certificate) == 0)
        return false;
    job->octets = (struct gk_secret){NULL, 0};
    member->verifying--;
    start_job(member, now, &waiting, turn);
    return true;
}

void member_rekey_verified(struct member *member, const struct gk_now *now, struct member_job *job,
                           struct gk_turn *turn)
{
    struct gk_reason why = job->why;
    struct gk_message message;
    bool good = job->good && member->in.present;

    member->verifies[job->slot].used = false;
    if (job->may_validate && !job->validated)
        member->in.last_path = 0; /* it was not needed: the next may */
    if (again(member, now, job, turn))
        return;

    if (good && !job->identity && job->server_number != member->server_number)
        good = gk_refuse(&why, GK_UNAUTHORIZED_REQUEST, GK_NO_OFFSET, "not-our-server",
                         "the signer was our server, and another one has become it");
    /* Parsed and judged again: other messages were processed while the job ran. */
    good =
        good &&
        gk_message_header(&message, gk_secret_octets(&job->octets), &member->config.policy->group,
                          GK_EXCHANGE_BIT(GK_REKEY_EVENT), &why) &&
        gk_message_chain(&message, &why) && judge_unsigned(member, &message, &why);
    if (good && message.sequence == GK_SEQUENCE_END) {
        good = judge_end(member, &message, job, &why);
        if (good)
            member_end_group(member, turn);
    } else if (good) {
        good = judge_signer(member, job, &why);
        if (good)
            member_event_add(member, now, message.sequence, &job->octets, turn);
    }
    if (!good && member->in.present) {
        member->counts.rekey_bad++;
        gk_turn_notice(turn, GK_INFO, why.code, why.notification, "Rekey Event refused: %s",
                       why.text);
    }
    next_in_queue(member, now, turn);
}
