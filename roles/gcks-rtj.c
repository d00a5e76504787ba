/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Request to Join (RFC 4535 5.2.1.1), in the order of profile 12.1: header and chain in the
 * loop, then one job for path, access rules and signature, then the rest in the loop again.
 */
#include "roles/gcks-internal.h"

#include <stdlib.h>
#include <string.h>

#define RTJ GK_EXCHANGE_BIT(GK_REQUEST_TO_JOIN)

struct rtj_job {
    struct gcks_job job;
    struct gk_secret octets; /* the message that `message` borrows from */
    struct gk_message message;
    struct gk_peer from;
    uint64_t arrived;
    struct pki_trust trust;
    struct pki_lists *lists; /* behind it */
    uint64_t generation;     /* of local policy */
    gk_time at;
    struct loaded *loaded;
    struct gcks_path *path; /* cached, or NULL */
    uint8_t chain[GCKS_DIGEST];
    struct pki_identity *identity; /* found by the job */
};

/* --- the job: touches nothing but its own ------------------------------------------------ */

static bool is_signers_name(const struct gk_message *message, const struct pki_identity *identity,
                            struct gk_reason *why)
{
    const struct gk_signature_payload *signature = &message->signature;

    if (signature->id_type != GK_ID_DN_STRING)
        return gk_refuse(why, GK_INVALID_ID_INFORMATION, signature->offset, "signer-id-type",
                         "the Signer ID has type %u, a distinguished name (31) is asked for",
                         signature->id_type);
    if (!name_equal(signature->signer_id, identity->name))
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, signature->offset, "signer-name",
                         "the Signer ID is not the subject of the signer's certificate");
    return true;
}

static bool check_path(struct rtj_job *rtj, struct gk_reason *why)
{
    if (rtj->path)
        return is_signers_name(&rtj->message, rtj->path->identity, why);
    return pki_signer_of_message(&rtj->trust, &rtj->message, rtj->at, &rtj->identity, why);
}

/* The Registration whose rules apply (profile 6.2): that of the mechanism asked for, or any
 * when none is found or the contents, which are judged later, do not parse. */
static size_t registration_of(const struct rules *rules, const struct gk_message *message)
{
    struct gk_message whole = *message;
    size_t index;

    if (!gk_message_contents(&whole, NULL) ||
        !rules_mechanism(rules, whole.signature.type, whole.key_creation_type, &whole.choices,
                         &index, NULL))
        return RULES_ANY;
    return rules_terms(rules)->mechanism[index].registration;
}

static bool check_access(const struct loaded *loaded, const struct gk_message *message,
                         const struct pki_identity *identity, struct gk_reason *why)
{
    struct rules_verdict verdict;

    if (rules_member(loaded->rules, registration_of(loaded->rules, message), identity, &verdict))
        return true;
    return gk_refuse(why, verdict.notification, GK_NO_OFFSET, "rules", "%.250s", verdict.rule);
}

static bool check_signature(const struct gk_message *message, const struct pki_identity *identity,
                            struct gk_reason *why)
{
    return gk_signature_verify(message->signature.type, identity->spki, message->signed_octets,
                               message->signature.signature, why);
}

static const struct pki_identity *signer_of(const struct rtj_job *rtj)
{
    return rtj->path ? rtj->path->identity : rtj->identity;
}

static void run(struct gk_job *base)
{
    struct rtj_job *rtj = (struct rtj_job *)base;
    struct gk_reason *why = &rtj->job.why;

    rtj->job.good = check_path(rtj, why) &&
                    check_access(rtj->loaded, &rtj->message, signer_of(rtj), why) &&
                    check_signature(&rtj->message, signer_of(rtj), why);
}

static void drop(struct gk_job *base)
{
    struct rtj_job *rtj = (struct rtj_job *)base;

    gk_secret_free(&rtj->octets);
    load_unref(rtj->loaded);
    pki_lists_unref(rtj->lists);
    gcks_path_unref(rtj->path);
    pki_identity_free(rtj->identity);
    free(rtj);
}

/* --- back in the loop ------------------------------------------------------------------------ */

/* Token, local policy and local list may have changed since the job began. */
static bool check_epoch(struct gcks *g, const struct rtj_job *rtj, struct gk_reason *why)
{
    bool changed = rtj->generation != g->generation;

    if (changed && gcks_revoked(g, signer_of(rtj)))
        return gcks_refuse_revoked(why);
    if ((changed || rtj->loaded != g->loaded) &&
        !check_access(g->loaded, &rtj->message, signer_of(rtj), why))
        return false;
    if (g->staged.loaded && !check_access(g->staged.loaded, &rtj->message, signer_of(rtj), why))
        return false;
    if (gcks_excluded(g, signer_of(rtj)->name))
        return gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "local-exclusion",
                         "it is on the local exclusion list");
    return true;
}

/* The mechanism is looked for in what parses of the contents; where they do not parse, that
 * is the error. */
static bool check_mechanism(struct gcks *g, struct gk_message *message, size_t *index,
                            struct gk_reason *why)
{
    return gk_message_contents(message, why) &&
           rules_mechanism(g->loaded->rules, message->signature.type, message->key_creation_type,
                           &message->choices, index, why);
}

static bool check_contents(const struct gk_message *message, struct gk_reason *why)
{
    const struct gk_creation *creation = gk_creation_find(message->key_creation_type);

    if (!creation || message->key_creation.size != creation->public_size)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "public-value",
                         "the Key Creation Data has %zu octets, %zu are needed",
                         message->key_creation.size, creation ? creation->public_size : 0);
    return true;
}

/* What a registration session is, besides the identity (profile 12.2). */
static void session_key(const struct gk_message *message, uint8_t key[GCKS_DIGEST])
{
    struct gk_writer writer = {0};

    gk_write_v(&writer, message->nonce[GK_NONCE_I]);
    gk_write_u16(&writer, message->key_creation_type);
    gk_write_v(&writer, message->key_creation);
    gk_sha256(gk_writer_octets(&writer), key);
    gk_writer_free(&writer);
}

static struct gcks_session *pending_of(struct gcks *g, const struct pki_identity *identity)
{
    uint32_t entry = gcks_entry_find(g, identity);

    if (entry == GCKS_NONE || g->entry[entry].session == GCKS_NONE)
        return NULL;
    return &g->session[g->entry[entry].session];
}

/* The pending session in other octets goes on; another one takes its place. */
static bool continues(struct gcks *g, const struct rtj_job *rtj, const uint8_t digest[GCKS_DIGEST],
                      const uint8_t key[GCKS_DIGEST])
{
    struct gcks_session *session = pending_of(g, signer_of(rtj));

    if (!session)
        return false;
    if (memcmp(session->key, key, GCKS_DIGEST) == 0) {
        gcks_session_rename(g, session, digest);
        gcks_session_repeat(g, session, &rtj->from);
        return true;
    }
    gk_turn_notice(g->turn, GK_DEBUG, "session-replaced", GK_NONE,
                   "a newer RTJ takes the place of a registration under way");
    gcks_session_end(g, session, GCKS_TIMEOUT);
    return false;
}

/* Asked before the stamp is taken, so that the member may send the same RTJ again. */
static bool check_room(struct gcks *g, const struct rtj_job *rtj, struct gk_reason *why)
{
    if (g->pending < g->config.sessions_most || pending_of(g, signer_of(rtj)))
        return true;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "sessions-full",
                     "%u registrations are under way, no more are allowed", g->pending);
}

static bool begin(struct gcks *g, struct rtj_job *rtj, const uint8_t digest[GCKS_DIGEST],
                  const uint8_t key[GCKS_DIGEST], size_t mechanism, struct gk_reason *why)
{
    const struct pki_identity *identity = signer_of(rtj);
    uint32_t entry = gcks_entry_find(g, identity);
    struct gcks_session *session;
    uint32_t leaf;

    if (entry == GCKS_NONE)
        entry = gcks_entry_make(g, identity);
    if (!gcks_entry_take(g, entry, &leaf, why))
        return false;
    session = gcks_session_new(g, entry, digest);
    session->leaf = leaf;
    session->peer = rtj->from;
    session->mechanism = g->terms->mechanism[mechanism];
    session->path = gcks_path_ref(rtj->path);
    session->generation = g->generation;
    memcpy(session->key, key, GCKS_DIGEST);
    session->deadline_ms = gcks_session_deadline(g, &session->mechanism);
    gcks_session_timer(g, session);
    gcks_entry_record(g, entry);
    gcks_make_keydl(g, session, &rtj->message);
    return true;
}

static bool judge(struct gcks *g, struct rtj_job *rtj, struct gk_reason *why)
{
    struct gk_message *message = &rtj->message;
    uint8_t digest[GCKS_DIGEST];
    uint8_t key[GCKS_DIGEST];
    size_t mechanism;

    gk_sha256(message->signed_octets, digest);
    if (!check_epoch(g, rtj, why) || !check_room(g, rtj, why) ||
        !gcks_in_skew(g, message->signature.stamp, why) ||
        !gcks_seen_take(g, signer_of(rtj), message->signature.stamp, message->nonce[GK_NONCE_I],
                        why))
        return false;
    if (!check_mechanism(g, message, &mechanism, why) || !check_contents(message, why))
        return false;
    session_key(message, key);
    return continues(g, rtj, digest, key) || begin(g, rtj, digest, key, mechanism, why);
}

/* The path that the job found is kept: the session needs it, and the next RTJ may. */
static void keep_path(struct gcks *g, struct rtj_job *rtj)
{
    if (rtj->path || !rtj->identity)
        return;
    rtj->path = gcks_path_new(rtj->identity, rtj->chain);
    rtj->identity = NULL;
    if (rtj->job.good && rtj->generation == g->generation)
        gcks_path_keep(g, rtj->path);
}

static void done(struct gcks *g, struct gcks_job *job)
{
    struct rtj_job *rtj = (struct rtj_job *)job;

    gcks_index_drop(&g->arrived, rtj->arrived, 0);
    keep_path(g, rtj);
    if (g->state != GCKS_WAIT_EVENT)
        g->counts.dropped++;
    else if (!job->good || !judge(g, rtj, &job->why)) {
        if (rtj->path)
            gcks_refused(g, "member-refused", &rtj->from, rtj->path->identity->name, &job->why);
        else
            gcks_refused_unproven(g, "member-refused", &rtj->from, rtj->message.signature.signer_id,
                                  &job->why);
        (void)gcks_step(g, NULL, GCKS_RTJ_BAD);
    }
}

/* --- arrival --------------------------------------------------------------------------------- */

/* Octets and source together: a copy that somebody else sends from elsewhere, or with another
 * signature under the same signed octets, does not stand in the way of the honest one. */
static uint64_t arrival_hash(const struct gcks *g, const struct gk_peer *from,
                             struct gk_octets octets)
{
    struct gk_writer writer = {0};
    uint64_t hash;

    gk_write_u8(&writer, (uint8_t)from->transport);
    gk_write_u32(&writer, from->connection);
    gk_write_u8(&writer, from->address.family);
    gk_write(&writer, from->address.ip, sizeof from->address.ip);
    gk_write_u16(&writer, from->address.port);
    gk_write_octets(&writer, octets);
    hash = gcks_hash(g->seed, gk_writer_octets(&writer));
    gk_writer_free(&writer);
    return hash;
}

static bool has_room(const struct gcks *g, uint64_t arrived)
{
    size_t at = 0;
    uint32_t unused;

    return !gcks_index_next(&g->arrived, arrived, &at, &unused) &&
           g->queue[GCKS_LANE_RTJ].count < g->config.queue_most &&
           g->pending < g->config.sessions_most;
}

static void queue(struct gcks *g, const struct gk_peer *from, const struct gk_message *message,
                  uint64_t arrived)
{
    struct rtj_job *rtj = gk_alloc(1, sizeof *rtj);

    rtj->job.base.run = run;
    rtj->job.base.drop = drop;
    rtj->job.done = done;
    rtj->octets = gk_secret_copy(message->octets);
    /* These octets have just passed both. */
    if (!gk_message_header(&rtj->message, gk_secret_octets(&rtj->octets), &g->group, RTJ, NULL) ||
        !gk_message_chain(&rtj->message, NULL)) {
        gk_secret_free(&rtj->octets);
        free(rtj);
        return;
    }
    rtj->from = *from;
    rtj->arrived = arrived;
    rtj->trust = g->policy.trust;
    rtj->lists = pki_lists_ref(g->lists);
    rtj->generation = g->generation;
    rtj->at = g->now.utc;
    rtj->loaded = load_ref(g->loaded);
    gcks_chain_digest(message, rtj->chain);
    rtj->path = gcks_path_ref(gcks_path_find(g, rtj->chain));
    gcks_index_add(&g->arrived, arrived, 0);
    gcks_job_queue(g, GCKS_LANE_RTJ, &rtj->job);
}

void gcks_take_rtj(struct gcks *g, const struct gk_peer *from, struct gk_message *message)
{
    struct gcks_session *session;
    uint8_t digest[GCKS_DIGEST];
    struct gk_reason why;
    uint64_t arrived;

    g->counts.rtj++;
    if (!gk_message_chain(message, &why)) {
        gcks_refused(g, "message-refused", from, GK_NO_OCTETS, &why);
        return;
    }
    gk_sha256(message->signed_octets, digest);
    session = gcks_session_by_rtj(g, digest);
    arrived = arrival_hash(g, from, message->octets);
    if (session)
        gcks_session_repeat(g, session, from);
    else if (has_room(g, arrived))
        queue(g, from, message, arrived);
    else
        g->counts.dropped++;
}
