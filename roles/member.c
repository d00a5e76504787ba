/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/member-internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/registry.h"

/* RFC 4535 figure 28 and table 29, the member's half; -1: no such transition. */
static const int next_state[3][MEMBER_MOVES] = {
    [MEMBER_IDLE] = {[MEMBER_MOVE_JOIN] = MEMBER_WAIT_MEMBERSHIP,
                     [MEMBER_MOVE_ACK] = -1,
                     [MEMBER_MOVE_MESSAGE] = -1,
                     [MEMBER_MOVE_LEAVE] = -1,
                     [MEMBER_MOVE_FAIL] = -1},
    [MEMBER_WAIT_MEMBERSHIP] = {[MEMBER_MOVE_JOIN] = -1,
                                [MEMBER_MOVE_ACK] = MEMBER_WAIT_EVENT,
                                [MEMBER_MOVE_MESSAGE] = -1,
                                [MEMBER_MOVE_LEAVE] = -1,
                                [MEMBER_MOVE_FAIL] = MEMBER_IDLE},
    [MEMBER_WAIT_EVENT] = {[MEMBER_MOVE_JOIN] = -1,
                           [MEMBER_MOVE_ACK] = -1,
                           [MEMBER_MOVE_MESSAGE] = MEMBER_WAIT_EVENT,
                           [MEMBER_MOVE_LEAVE] = MEMBER_IDLE,
                           [MEMBER_MOVE_FAIL] = -1},
};

static const char *const state_names[] = {
    [MEMBER_IDLE] = "Idle",
    [MEMBER_WAIT_MEMBERSHIP] = "Wait for Group Membership",
    [MEMBER_WAIT_EVENT] = "Wait for Group Membership Event",
};

int member_next_state(enum member_state state, enum member_move move)
{
    return next_state[state][move];
}

bool member_do_move(struct member *member, enum member_move move, struct gk_turn *turn)
{
    int next = member_next_state(member->state, move);

    if (next < 0) {
        gk_turn_notice(turn, GK_ERROR, "forbidden-move", 0, "no transition %d from state %s", move,
                       state_names[member->state]);
        return false;
    }
    if (next != (int)member->state)
        gk_turn_notice(turn, GK_DEBUG, "state", 0, "%s -> %s", state_names[member->state],
                       state_names[next]);
    member->state = (enum member_state)next;
    return true;
}

static void defaults(struct member_config *config)
{
    if (!config->rtj_tries)
        config->rtj_tries = 4;
    if (!config->rtj_every_ms)
        config->rtj_every_ms = 5000;
    if (!config->back_off_ms)
        config->back_off_ms = 60000;
    if (!config->skew)
        config->skew = 300;
}

struct member *member_new(const struct member_config *config, struct gk_reason *why)
{
    struct member *member;

    if (!config->server_count) {
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "no-server", "no server is configured");
        return NULL;
    }
    if (!gk_mechanism_runs(&config->mechanism, why) ||
        !rules_locally_allowed(&config->policy->local, &config->mechanism, why))
        return NULL;
    member = gk_alloc(1, sizeof *member);
    member->config = *config;
    member->policy = *config->policy;
    member->config.policy = &member->policy;
    member->lists = pki_lists_new(member->policy.trust.crls, member->policy.trust.crl_count);
    pki_lists_lend(member->lists, &member->policy.trust);
    defaults(&member->config);
    member->mechanism = config->mechanism;
    member->state = MEMBER_IDLE;
    member->retry_at = GK_NO_TICK;
    if (!member_own_names(member, why)) {
        member_free(member);
        return NULL;
    }
    return member;
}

/* Drops the membership: keys are wiped, the marks stay (profile 11.5). */
void member_forget(struct member *member)
{
    member_event_clear(member);
    if (member->in.loaded)
        load_unref(member->in.loaded);
    pki_identity_free(member->in.server);
    pki_identity_free(member->in.server_signer);
    gk_secret_free(&member->in.server_id);
    gk_secret_free(&member->in.server_chain);
    gk_ring_free(member->in.ring);
    member->in = (struct member_membership){0};
    member->out_of_step = false;
}

void member_free(struct member *member)
{
    if (!member)
        return;
    member_session_clear(member);
    member_forget(member);
    for (size_t i = 0; i < MEMBER_FINISHED; i++)
        gk_secret_free(&member->finished[i].answer);
    for (size_t i = 0; i < member->waiting_count; i++)
        gk_secret_free(&member->waiting[i].octets);
    member_own_drop(member);
    pki_lists_unref(member->lists);
    free(member->held);
    free(member);
}

/* --- turns ---------------------------------------------------------------------- */

static void on_error_answer(struct member *member, const struct gk_message *message,
                            struct gk_turn *turn)
{
    const struct gk_octets *nonce = &message->nonce[GK_NONCE_I];
    uint16_t type;

    /* Unsigned: it is shown and never ends a wait by itself (profile 12.9). */
    if (!member->session.active || !member->session.has_rtj ||
        (nonce->size &&
         !gk_octets_equal(*nonce, gk_octets(member->session.nonce_i, GK_NONCE_SIZE))))
        return;
    if (!message->notification_count)
        return;
    type = message->notification[0].type;
    (void)snprintf(member->session.last, sizeof member->session.last,
                   "somebody answered, unsigned, with %s", gk_name_notification(type));
    gk_turn_notice(turn, GK_NOTICE, "rtj-error", type,
                   "somebody answered our RTJ, unsigned, with %s", gk_name_notification(type));
}

/* From here on a message is what a version 1 message has, wherever it stood (profile 1.6). */
static void on_message(void *self, const struct gk_now *now, const struct gk_peer *from,
                       struct gk_octets octets, struct gk_turn *turn)
{
    static const unsigned taken = GK_EXCHANGE_BIT(GK_KEY_DOWNLOAD) |
                                  GK_EXCHANGE_BIT(GK_REKEY_EVENT) |
                                  GK_EXCHANGE_BIT(GK_REQUEST_TO_JOIN_ERROR);
    struct member *member = self;
    struct gk_message message;
    struct gk_reason why;

    if (!gk_message_header(&message, octets, &member->config.policy->group, taken, &why) ||
        !gk_message_chain(&message, &why)) {
        member->counts.dropped++;
        gk_turn_notice(turn, GK_DEBUG, why.code, why.notification, "dropped: %s", why.text);
    } else if (message.exchange == GK_KEY_DOWNLOAD) {
        member_keydl(member, now, from, &message, message.octets, turn);
    } else if (message.exchange == GK_REKEY_EVENT) {
        member_rekey(member, now, from, &message, message.octets, turn);
    } else if (gk_message_contents(&message, NULL)) {
        on_error_answer(member, &message, turn);
    }
    member_set_tick(member, now, turn);
}

void member_retry(struct member *member, const struct gk_now *now, struct gk_turn *turn)
{
    int64_t most = member->config.back_off_ms;

    /* Drawn evenly from 0 to B, B doubled after each failure up to an hour (profile 9.8). */
    for (unsigned i = 0; i < member->failures && most < MEMBER_BACK_OFF_MOST; i++)
        most *= 2;
    if (most > MEMBER_BACK_OFF_MOST)
        most = MEMBER_BACK_OFF_MOST;
    most = gk_random_u32(member->config.random) % (most + 1);
    member->retry_at = now->ms + most;
    gk_turn_notice(turn, GK_INFO, "back-off", 0, "registers again in %lld.%lld s",
                   (long long)most / 1000, (long long)most % 1000 / 100);
}

/* When this member is out of step for want of an event (profile 9.8): so long after the last
 * one or the join, or, where the token names a moment (6.4), then. */
static int64_t interval_due(const struct member *member, const struct gk_now *now)
{
    const struct rules_terms *terms;
    int64_t skew = member->config.skew;

    if (!member->in.present || member->out_of_step)
        return GK_NO_TICK;
    terms = rules_terms(member->in.loaded->rules);
    if (terms->rekey_interval && terms->rekey_interval < GK_NO_TICK / 2)
        return member->in.last_event + terms->rekey_interval + skew * 1000;
    if (terms->expect_by == GK_TIME_NEVER || member->in.joined >= terms->expect_by ||
        member->in.last_stamp >= terms->expect_by)
        return GK_NO_TICK;
    return now->ms + (terms->expect_by + skew - now->utc) * 1000;
}

static void check_interval(struct member *member, const struct gk_now *now, struct gk_turn *turn)
{
    if (interval_due(member, now) <= now->ms)
        member_fall_out(member, now, "no Rekey Event came within the token's interval", turn);
}

static void on_tick(void *self, const struct gk_now *now, struct gk_turn *turn)
{
    struct member *member = self;

    member_session_tick(member, now, turn);
    member_event_tick(member, now, turn);
    check_interval(member, now, turn);
    if (member->retry_at <= now->ms) {
        member->retry_at = GK_NO_TICK;
        if (member->wanted && !member->session.active)
            member_session_start(member, now, turn);
    }
    member_set_tick(member, now, turn);
}

void member_set_tick(struct member *member, const struct gk_now *now, struct gk_turn *turn)
{
    int64_t next = member->retry_at;
    int64_t event = member_event_due(member);
    int64_t interval = interval_due(member, now);

    if (member->session.active && member->session.has_rtj) {
        if (member->session.next_send < next)
            next = member->session.next_send;
        if (member->session.deadline < next)
            next = member->session.deadline;
    }
    if (event < next)
        next = event;
    if (interval < next)
        next = interval;
    turn->next_tick = next;
}

static void on_job(void *self, const struct gk_now *now, struct gk_job *done, struct gk_turn *turn)
{
    struct member *member = self;
    struct member_job *job = (struct member_job *)done;

    switch (job->work) {
    case MEMBER_MAKE_RTJ:
        member_session_rtj(member, now, job, turn);
        break;
    case MEMBER_VERIFY:
        member_keydl_verified(member, now, job, turn);
        break;
    case MEMBER_OPEN:
        member_keydl_opened(member, now, job, turn);
        break;
    case MEMBER_ANSWER:
        member_answered(member, now, job, turn);
        break;
    case MEMBER_REKEY:
        member_rekey_verified(member, now, job, turn);
        break;
    }
    member_job_drop(done);
    member_set_tick(member, now, turn);
}

static void on_closed(void *self, const struct gk_now *now, const struct gk_peer *peer,
                      struct gk_turn *turn)
{
    struct member *member = self;

    /* The RTJ's own timer opens a new connection. */
    (void)peer;
    member_set_tick(member, now, turn);
}

struct gk_engine member_engine(struct member *member)
{
    return (struct gk_engine){member, on_message, on_tick, on_job, on_closed};
}

/* --- commands ---------------------------------------------------------------------- */

bool member_join(struct member *member, const struct gk_now *now, struct gk_turn *turn,
                 struct gk_reason *why)
{
    if (member->ended)
        return gk_refuse(why, GK_INVALID_GROUP_ID, GK_NO_OFFSET, "group-ended",
                         "this group was destroyed; its Group ID is never used again");
    if (member->wanted)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "already-joined",
                         "the group was joined already");
    member->wanted = true;
    member->failures = 0;
    member_session_start(member, now, turn);
    member_set_tick(member, now, turn);
    return true;
}

bool member_leave(struct member *member, const struct gk_now *now, struct gk_turn *turn,
                  struct gk_reason *why)
{
    if (!member->wanted)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "not-joined", "the group was not joined");
    member->wanted = false;
    member->retry_at = GK_NO_TICK;
    /* The operator's word: the next attempt begins as configured (profile 6.7). */
    member->mechanism = member->config.mechanism;
    member->raised = false;
    member_session_clear(member);
    if (member->state == MEMBER_WAIT_EVENT)
        (void)member_do_move(member, MEMBER_MOVE_LEAVE, turn);
    else if (member->state == MEMBER_WAIT_MEMBERSHIP)
        (void)member_do_move(member, MEMBER_MOVE_FAIL, turn);
    member_forget(member);
    member_record(member, turn);
    turn->keys_changed = true;
    gk_turn_notice(turn, GK_NOTICE, "left", 0, "left the group, keys are wiped");
    member_set_tick(member, now, turn);
    return true;
}

void member_end_group(struct member *member, struct gk_turn *turn)
{
    member->wanted = false;
    member->ended = true;
    member->retry_at = GK_NO_TICK;
    member_session_clear(member);
    if (member->state == MEMBER_WAIT_EVENT)
        (void)member_do_move(member, MEMBER_MOVE_LEAVE, turn);
    else if (member->state == MEMBER_WAIT_MEMBERSHIP)
        (void)member_do_move(member, MEMBER_MOVE_FAIL, turn);
    member_forget(member);
    member_record(member, turn);
    turn->keys_changed = true;
    gk_turn_notice(turn, GK_NOTICE, "group-ended", 0, "the group was destroyed, keys are wiped");
}

/* --- what it knows ------------------------------------------------------------------ */

void member_get_status(const struct member *member, struct member_status *status)
{
    size_t server = member->session.active ? member->session.server : member->next_server;
    size_t credential = member_credential_of(member, &member->mechanism);

    *status = (struct member_status){
        .state = member->state,
        .wanted = member->wanted,
        .retry_at = member->retry_at,
        .out_of_step = member->out_of_step,
        .ended = member->ended,
        .has_edition = member->mark.has_edition,
        .edition = member->mark.edition,
        .signing_time = member->mark.signing_time,
        .mechanism = member->mechanism,
        .raised = member->raised,
        .credential = credential,
        .name = gk_secret_octets(&member->own[credential].name),
        .server = member->config.server[server].address,
        .counts = member->counts,
    };
    memcpy(status->refusal, member->refusal.text, sizeof status->refusal - 1);
    if (member->in.present) {
        status->member_id = member->in.member_id;
        status->sequence = member->in.sequence;
        status->last_event = member->in.last_stamp;
        status->server_name = member->in.server->name;
        status->server = member->in.server_peer.address;
    }
}

const struct loaded *member_policy(const struct member *member)
{
    return member->in.present ? member->in.loaded : NULL;
}

bool member_key_at(const struct member *member, size_t index, const struct gk_now *now,
                   struct member_key *key)
{
    const struct rules_terms *terms;
    struct gk_key_datum datum;

    if (!member->in.present)
        return false;
    terms = rules_terms(member->in.loaded->rules);
    if (index >= terms->gtpk_count ||
        !gk_ring_find(member->in.ring, terms->gtpk[index].key_id, &datum) ||
        datum.expires <= now->utc)
        return false;
    *key = (struct member_key){datum.id,      datum.handle,  datum.type,
                               datum.created, datum.expires, datum.key};
    return true;
}
