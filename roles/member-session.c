/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/member-internal.h"

#include <string.h>

/* Profile 12.9: the sum of the intervals is the RTJ's timeout. */
static int64_t rtj_timeout(const struct member *member)
{
    return member->config.rtj_every_ms * member->config.rtj_tries;
}

void member_session_clear(struct member *member)
{
    struct member_session *session = &member->session;
    uint64_t number = session->number;

    gk_secret_free(&session->secret);
    gk_secret_free(&session->public_value);
    gk_secret_free(&session->rtj);
    gk_secret_free(&session->bad_nonce_c);
    for (size_t i = 0; i < session->queued; i++)
        gk_secret_free(&session->queue[i].octets);
    for (size_t i = 0; i < session->kept_count; i++)
        gk_secret_free(&session->kept[i].octets);
    gk_wipe(session, sizeof *session);
    session->number = number;
}

void member_session_start(struct member *member, const struct gk_now *now, struct gk_turn *turn)
{
    struct member_session *session = &member->session;
    struct member_job *job;

    member_session_clear(member);
    if (member->state == MEMBER_IDLE && !member_do_move(member, MEMBER_MOVE_JOIN, turn))
        return;
    session->active = true;
    session->number = ++member->sessions;
    session->server = member->next_server;
    /* Profile 12.2: RTJs are stamped max(now, last own RTJ + 1 s). */
    session->stamp = now->utc > member->last_rtj ? now->utc : member->last_rtj + 1;
    member->last_rtj = session->stamp;
    member->retry_at = GK_NO_TICK;
    job = member_job_new(member, MEMBER_MAKE_RTJ, now);
    job->stamp = session->stamp;
    member_record_mark(member, turn);
    gk_turn_job(turn, &job->job);
}

static void send_rtj(struct member *member, const struct gk_now *now, struct gk_turn *turn)
{
    struct member_session *session = &member->session;

    gk_turn_send(turn, &member->config.server[session->server], gk_secret_octets(&session->rtj));
    session->sent++;
    member->counts.rtj++;
    session->next_send = session->sent < member->config.rtj_tries
                             ? now->ms + member->config.rtj_every_ms
                             : GK_NO_TICK;
}

void member_session_rtj(struct member *member, const struct gk_now *now, struct member_job *job,
                        struct gk_turn *turn)
{
    struct member_session *session = &member->session;
    char address[GK_ADDRESS_TEXT];

    if (!session->active || session->number != job->session)
        return;
    if (!job->good) {
        member_session_fail(member, now, &job->why, turn);
        return;
    }
    memcpy(session->nonce_i, job->nonce_i, sizeof session->nonce_i);
    session->secret = job->secret;
    session->public_value = job->public_value;
    session->rtj = job->octets;
    job->secret = job->public_value = job->octets = (struct gk_secret){NULL, 0};
    session->has_rtj = true;
    session->deadline = now->ms + rtj_timeout(member);
    send_rtj(member, now, turn);
    gk_turn_notice(turn, GK_INFO, "rtj-sent", 0, "asked %s to join",
                   gk_address_format(&member->config.server[session->server].address, address));
}

/* Silence has two causes that look alike from here, and only the server's log tells them apart. */
static void no_answer(const struct member *member, struct gk_reason *why)
{
    const struct member_session *session = &member->session;
    long long waited = (long long)rtj_timeout(member);

    if (session->last[0])
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "no-answer",
                        "no good Key Download came within %lld ms; %s", waited, session->last);
    else
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "no-answer",
                        "no good Key Download came within %lld ms, nor anything else: the server "
                        "is not reached, or refuses without a word (terse mode), and then its "
                        "log says why",
                        waited);
}

void member_session_tick(struct member *member, const struct gk_now *now, struct gk_turn *turn)
{
    struct member_session *session = &member->session;

    if (!session->active || !session->has_rtj)
        return;
    if (now->ms >= session->deadline) {
        struct gk_reason why = session->bad;

        /* Profile 12.5: with no good one, the first whose signature passed gets a NACK. */
        if (session->has_bad)
            member_answer(member, now, GK_NACK, gk_secret_octets(&session->bad_nonce_c),
                          session->bad_hash, &session->bad_from, turn);
        else
            no_answer(member, &why);
        member_session_fail(member, now, &why, turn);
    } else if (now->ms >= session->next_send) {
        send_rtj(member, now, turn);
    }
}

void member_session_fail(struct member *member, const struct gk_now *now,
                         const struct gk_reason *why, struct gk_turn *turn)
{
    struct member_session *session = &member->session;
    char address[GK_ADDRESS_TEXT];
    bool again;

    gk_turn_notice(turn, GK_WARNING, "join-failed", why->notification, "%s: %s",
                   gk_address_format(&member->config.server[session->server].address, address),
                   why->text);
    member->refusal = *why;
    if (member->state == MEMBER_WAIT_MEMBERSHIP)
        (void)member_do_move(member, MEMBER_MOVE_FAIL, turn);
    member->next_server = (session->server + !session->better) % member->config.server_count;
    again = session->better;
    if (again)
        member_raise(member, &session->preferred);
    member_session_clear(member);
    /* Keys that came meanwhile have made it needless (profile 9.8). */
    if (!member->wanted || (member->in.present && !member->out_of_step))
        return;
    /* The next server is tried at once, and after all of them the next mechanism; a random wait
     * follows a round of all. */
    if (member->next_server || again || member_next_mechanism(member)) {
        member->retry_at = now->ms;
        return;
    }
    member->failures++;
    member_retry(member, now, turn);
}

void member_answer(struct member *member, const struct gk_now *now, uint16_t notification,
                   struct gk_octets nonce_c, const uint8_t keydl[32], const struct gk_peer *to,
                   struct gk_turn *turn)
{
    struct member_job *job = member_job_new(member, MEMBER_ANSWER, now);

    /* Profile 4.9 asks for max(now, last + 1 s) of messages without nonces; it harms none. */
    job->stamp = now->utc;
    job->notification = notification;
    job->nonce_c = gk_secret_copy(nonce_c);
    job->from = *to;
    memcpy(job->keydl, keydl, sizeof job->keydl);
    gk_turn_job(turn, &job->job);
}

void member_answered(struct member *member, const struct gk_now *now, struct member_job *job,
                     struct gk_turn *turn)
{
    struct member_finished *slot = &member->finished[member->finished_next];
    const struct rules_terms *terms =
        member->in.present ? rules_terms(member->in.loaded->rules) : NULL;
    int64_t time_out = terms && member->in.mechanism < terms->mechanism_count
                           ? terms->mechanism[member->in.mechanism].time_out
                           : 30000;

    if (!job->good) {
        gk_turn_notice(turn, GK_ERROR, job->why.code, 0, "the answer cannot be signed: %s",
                       job->why.text);
        return;
    }
    gk_turn_send(turn, &job->from, gk_secret_octets(&job->octets));
    member->finished_next = (member->finished_next + 1) % MEMBER_FINISHED;
    gk_secret_free(&slot->answer);
    memcpy(slot->keydl, job->keydl, sizeof slot->keydl);
    slot->answer = job->octets;
    slot->until = now->ms + 2 * time_out; /* profile 12.3 */
    job->octets = (struct gk_secret){NULL, 0};
    gk_turn_notice(turn, GK_DEBUG, "answer-sent", job->notification, "sent %s",
                   job->notification == GK_ACKNOWLEDGEMENT ? "an Ack" : "a NACK");
}
