/* SPDX-License-Identifier: Apache-2.0 */
/* Key Download - Ack/Failure (RFC 4535 5.2.1.4, profile 12.1, 12.6). */
#include "roles/gcks-internal.h"

#include <stdlib.h>

#define ACKS_AT_ONCE 4 /* of one session: a forged one does not keep the honest one out */

struct ack_job {
    struct gcks_job job;
    struct gk_secret octets;
    struct gk_message message;
    uint32_t session;
    uint64_t serial;
    struct gcks_path *path; /* of the session's RTJ */
    uint16_t type;          /* of the mechanism's signatures */
};

/* --- the job ------------------------------------------------------------------------------- */

static bool check_signature(const struct ack_job *ack, struct gk_reason *why)
{
    const struct gk_signature_payload *signature = &ack->message.signature;

    if (signature->type != ack->type)
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, signature->offset, "signature-type",
                         "the signature has type %u, the registration's mechanism has %u",
                         signature->type, ack->type);
    return gk_signature_verify(signature->type, ack->path->identity->spki,
                               ack->message.signed_octets, signature->signature, why);
}

static void run(struct gk_job *base)
{
    struct ack_job *ack = (struct ack_job *)base;

    ack->job.good = check_signature(ack, &ack->job.why);
}

static void drop(struct gk_job *base)
{
    struct ack_job *ack = (struct ack_job *)base;

    gk_secret_free(&ack->octets);
    gcks_path_unref(ack->path);
    free(ack);
}

/* --- back in the loop ------------------------------------------------------------------------ */

/* Missing one event it is sent that again; missing more it has to register again (profile
 * 12.1). */
static bool check_events(const struct gcks *g, const struct gcks_session *session,
                         struct gk_reason *why)
{
    uint64_t missed = g->event_number - session->event;

    if (missed <= 1)
        return true;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "events-missed",
                     "%llu Rekey Events passed before the Ack; it has to register again",
                     (unsigned long long)missed);
}

static bool is_ack(const struct gk_message *message)
{
    const struct gk_notification_payload *ack =
        gk_message_notification(message, GK_ACKNOWLEDGEMENT);

    return ack && ack->data.size == 1 && ack->data.data[0] == 0;
}

static bool check_contents(struct gcks *g, struct gk_message *message, struct gk_reason *why)
{
    if (!gk_message_contents(message, why))
        return false;
    g->counts.acks++;
    if (is_ack(message))
        return true;
    g->counts.nacks++;
    return gk_refuse(why, message->notification_count ? message->notification[0].type : GK_NACK,
                     GK_NO_OFFSET, "nack", "it does not accept the Key Download");
}

static void judge(struct gcks *g, struct gcks_session *session, struct ack_job *ack)
{
    struct gk_reason why;

    if (!check_contents(g, &ack->message, &why) || !check_events(g, session, &why)) {
        gcks_refused(g, "member-refused", &session->peer, session->path->identity->name, &why);
        gcks_session_end(g, session, GCKS_NACK);
    } else if (gcks_session_still_admitted(g, session)) {
        if (session->event != g->event_number)
            gcks_event_repeat(g, &session->peer);
        gcks_session_end(g, session, GCKS_ACK);
    }
}

/* A signature that does not verify is somebody else's: the session waits on. */
static void done(struct gcks *g, struct gcks_job *job)
{
    struct ack_job *ack = (struct ack_job *)job;
    struct gcks_session *session = gcks_session_at(g, ack->session, ack->serial);

    if (!session || session->state != GCKS_WAIT_RESPONSE) {
        g->counts.dropped++;
        return;
    }
    session->acks--;
    if (job->good)
        judge(g, session, ack);
    else
        gcks_refused(g, "ack-refused", &session->peer, session->path->identity->name, &job->why);
}

void gcks_act_admit(struct gcks *g, struct gcks_session *session)
{
    struct gcks_entry *entry = &g->entry[session->entry];
    struct rules_verdict verdict;
    bool judged = gcks_judge(g->loaded->rules, session->path->identity,
                             &session->mechanism.algorithms, &verdict);
    char name[200];
    char address[GK_ADDRESS_TEXT];

    entry->joined = g->now.utc;
    entry->peer = session->peer;
    entry->mechanism = session->mechanism.algorithms;
    gcks_entry_meet(g, session->entry, session->path->identity);
    gcks_entry_admit(g, session->entry, session->leaf);
    gcks_trial_look(g, session->entry);
    gcks_entry_record(g, session->entry);
    g->counts.admitted++;
    gk_turn_notice(g->turn, GK_NOTICE, "member-admitted", GK_NONE,
                   "%s at %s is member %lu by %.200s",
                   gk_escape(name, sizeof name, session->path->identity->name),
                   gk_address_format(&session->peer.address, address), (unsigned long)session->leaf,
                   judged ? verdict.rule : "the token");
    if (g->config.rekey_on_join)
        gcks_want_event(g);
}

/* --- arrival --------------------------------------------------------------------------------- */

static void queue(struct gcks *g, struct gcks_session *session, const struct gk_message *message)
{
    struct ack_job *ack = gk_alloc(1, sizeof *ack);

    ack->job.base.run = run;
    ack->job.base.drop = drop;
    ack->job.done = done;
    ack->octets = gk_secret_copy(message->octets);
    ack->session = session->handle;
    ack->serial = session->serial;
    ack->path = gcks_path_ref(session->path);
    ack->type = session->mechanism.algorithms.signature;
    /* These octets have just passed both. */
    if (!gk_message_header(&ack->message, gk_secret_octets(&ack->octets), &g->group,
                           GK_EXCHANGE_BIT(GK_KEY_DOWNLOAD_ACK), NULL) ||
        !gk_message_chain(&ack->message, NULL)) {
        drop(&ack->job.base);
        return;
    }
    session->acks++;
    gcks_job_queue(g, GCKS_LANE_ACK, &ack->job);
}

/* What an Ack must have before anything is spent on it. */
static bool check_signer(const struct gcks *g, const struct gcks_session *session,
                         const struct gk_message *message, struct gk_reason *why)
{
    if (!gk_octets_equal(message->signature.signer_id, session->path->identity->name) &&
        !name_equal(message->signature.signer_id, session->path->identity->name))
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, message->signature.offset, "signer-name",
                         "the Ack's signer is not that of the registration");
    return gcks_in_skew(g, message->signature.stamp, why);
}

void gcks_take_ack(struct gcks *g, const struct gk_peer *from, struct gk_message *message)
{
    struct gcks_session *session;
    struct gk_reason why;

    if (!gk_message_chain(message, &why)) {
        gcks_refused(g, "message-refused", from, GK_NO_OCTETS, &why);
        return;
    }
    session = message->nonce[GK_NONCE_C].size ? gcks_session_by_nonce(g, message->nonce[GK_NONCE_C])
                                              : NULL;
    if (!session || session->state != GCKS_WAIT_RESPONSE || session->acks >= ACKS_AT_ONCE ||
        g->queue[GCKS_LANE_ACK].count >= g->config.queue_most) {
        g->counts.dropped++;
        return;
    }
    if (check_signer(g, session, message, &why))
        queue(g, session, message);
    else
        gcks_refused(g, "ack-refused", from, session->path->identity->name, &why);
}
