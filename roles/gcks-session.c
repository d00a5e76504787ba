/* SPDX-License-Identifier: Apache-2.0 */
/* Registrations under way: how they are found, timed and ended (profile 12.2 to 12.4). */
#include "roles/gcks-internal.h"

#include <stdlib.h>
#include <string.h>

#define REPEAT_MS 1000 /* an identical KeyDL leaves at most so often */

static uint64_t hash_of(const struct gcks *g, const uint8_t *octets, size_t size)
{
    return gcks_hash(g->seed, gk_octets(octets, size));
}

struct gcks_session *gcks_session_at(struct gcks *g, uint32_t handle, uint64_t serial)
{
    struct gcks_session *session = handle < g->session_room ? &g->session[handle] : NULL;

    return session && session->used && session->serial == serial ? session : NULL;
}

struct gcks_session *gcks_session_by_rtj(struct gcks *g, const uint8_t rtj[GCKS_DIGEST])
{
    uint32_t handle;
    size_t at = 0;

    while (gcks_index_next(&g->by_rtj, hash_of(g, rtj, GCKS_DIGEST), &at, &handle)) {
        if (memcmp(g->session[handle].rtj, rtj, GCKS_DIGEST) == 0)
            return &g->session[handle];
    }
    return NULL;
}

struct gcks_session *gcks_session_by_nonce(struct gcks *g, struct gk_octets nonce_c)
{
    uint32_t handle;
    size_t at = 0;

    while (gcks_index_next(&g->by_nonce, gcks_hash(g->seed, nonce_c), &at, &handle)) {
        struct gcks_session *session = &g->session[handle];

        if (gk_octets_equal(gk_octets(session->nonce_c, session->nonce_c_size), nonce_c))
            return session;
    }
    return NULL;
}

static uint32_t free_handle(struct gcks *g)
{
    uint32_t handle = g->session_free;

    if (handle != GCKS_NONE) {
        g->session_free = g->session[handle].next;
        return handle;
    }
    handle = g->session_room++;
    if ((handle & (handle - 1)) == 0)
        g->session = gk_realloc(g->session, handle ? (size_t)handle * 2 : 1, sizeof *g->session);
    return handle;
}

struct gcks_session *gcks_session_new(struct gcks *g, uint32_t entry,
                                      const uint8_t rtj[GCKS_DIGEST])
{
    uint32_t handle = free_handle(g);
    struct gcks_session *session = &g->session[handle];

    *session = (struct gcks_session){
        .used = true,
        .handle = handle,
        .serial = ++g->serial,
        .state = GCKS_WAIT_EVENT,
        .entry = entry,
        .resend_ms = GK_NO_TICK,
    };
    memcpy(session->rtj, rtj, GCKS_DIGEST);
    gcks_index_add(&g->by_rtj, hash_of(g, rtj, GCKS_DIGEST), handle);
    g->entry[entry].session = handle;
    g->pending++;
    return session;
}

void gcks_session_rename(struct gcks *g, struct gcks_session *session,
                         const uint8_t rtj[GCKS_DIGEST])
{
    gcks_index_drop(&g->by_rtj, hash_of(g, session->rtj, GCKS_DIGEST), session->handle);
    memcpy(session->rtj, rtj, GCKS_DIGEST);
    gcks_index_add(&g->by_rtj, hash_of(g, rtj, GCKS_DIGEST), session->handle);
}

static void drop_nonce(struct gcks *g, struct gcks_session *session)
{
    if (session->nonce_c_size)
        gcks_index_drop(&g->by_nonce, hash_of(g, session->nonce_c, session->nonce_c_size),
                        session->handle);
    session->nonce_c_size = 0;
}

void gcks_session_set_nonce(struct gcks *g, struct gcks_session *session, struct gk_octets nonce_c)
{
    drop_nonce(g, session);
    memcpy(session->nonce_c, nonce_c.data, nonce_c.size);
    session->nonce_c_size = nonce_c.size;
    gcks_index_add(&g->by_nonce, gcks_hash(g->seed, nonce_c), session->handle);
}

/* timeOut from now, and not beyond an absolute one (profile 6.4). */
int64_t gcks_session_deadline(const struct gcks *g, const struct rules_mechanism *mechanism)
{
    gk_time left = mechanism->deadline > g->now.utc ? mechanism->deadline - g->now.utc : 0;

    if (mechanism->deadline != GK_TIME_NEVER && left < mechanism->time_out / 1000)
        return g->now.ms + left * 1000;
    return g->now.ms + mechanism->time_out;
}

void gcks_session_timer(struct gcks *g, struct gcks_session *session)
{
    int64_t at = session->deadline_ms;

    if (session->resend_ms < at)
        at = session->resend_ms;
    gcks_heap_set(&g->timers, session->handle, at);
}

static void forget(struct gcks *g, struct gcks_session *session)
{
    gcks_index_drop(&g->by_rtj, hash_of(g, session->rtj, GCKS_DIGEST), session->handle);
    drop_nonce(g, session);
    gcks_heap_drop(&g->timers, session->handle);
    g->entry[session->entry].session = GCKS_NONE;
    gcks_path_unref(session->path);
    gk_secret_free(&session->keydl);
    *session = (struct gcks_session){.next = g->session_free, .handle = session->handle};
    g->session_free = session->handle;
    g->pending--;
}

/* A session whose KeyDL has not left yet is still in Wait for GC/KS Event: it ends without a
 * transition, and only its leaf goes. */
void gcks_session_end(struct gcks *g, struct gcks_session *session, enum gcks_step step)
{
    if (session->state == GCKS_WAIT_RESPONSE)
        (void)gcks_step(g, session, step);
    else
        gcks_act_release(g, session);
    forget(g, session);
}

void gcks_act_release(struct gcks *g, struct gcks_session *session)
{
    gcks_entry_release(g, session->entry, session->leaf);
    gcks_entry_record(g, session->entry);
}

void gcks_sessions_end_all(struct gcks *g)
{
    for (uint32_t i = 0; i < g->session_room; i++) {
        if (g->session[i].used)
            gcks_session_end(g, &g->session[i], GCKS_TIMEOUT);
    }
}

void gcks_sessions_free(struct gcks *g)
{
    for (uint32_t i = 0; i < g->session_room; i++) {
        gcks_path_unref(g->session[i].path);
        gk_secret_free(&g->session[i].keydl);
    }
    free(g->session);
    gcks_index_free(&g->by_rtj);
    gcks_index_free(&g->by_nonce);
    gcks_heap_free(&g->timers);
}

/* --- admission, again and again (profile 12.1) -------------------------------------------- */

/* While a new token waits for its event, that has to admit too. */
bool gcks_session_still_admitted(struct gcks *g, struct gcks_session *session)
{
    const struct pki_identity *identity = session->path->identity;
    const struct gk_mechanism *mechanism = &session->mechanism.algorithms;
    struct rules_verdict verdict;
    struct gk_reason why;

    if (session->generation != g->generation && gcks_revoked(g, identity)) {
        (void)gcks_refuse_revoked(&why);
    } else if (gcks_excluded(g, identity->name)) {
        (void)gk_refuse(&why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "local-exclusion",
                        "it has been put on the local exclusion list");
    } else if (!gcks_judge(g->loaded->rules, identity, mechanism, &verdict) ||
               (g->staged.loaded &&
                !gcks_judge(g->staged.loaded->rules, identity, mechanism, &verdict))) {
        (void)gk_refuse(&why, verdict.notification, GK_NO_OFFSET, "rules", "%.250s", verdict.rule);
    } else {
        session->generation = g->generation;
        return true;
    }
    gcks_refused(g, "member-refused", &session->peer, identity->name, &why);
    gcks_session_end(g, session, GCKS_NACK);
    return false;
}

/* --- the KeyDL leaves ----------------------------------------------------------------------- */

/* By UDP three more copies, spaced evenly in timeOut (profile 12.3). */
static void plan_resend(struct gcks *g, struct gcks_session *session)
{
    session->resend_ms = GK_NO_TICK;
    if (session->peer.transport == GK_UDP && session->copies < GCKS_COPIES)
        session->resend_ms = g->now.ms + session->mechanism.time_out / GCKS_COPIES;
    gcks_session_timer(g, session);
}

void gcks_session_send(struct gcks *g, struct gcks_session *session)
{
    gk_turn_send(g->turn, &session->peer, gk_secret_octets(&session->keydl));
    session->copies++;
    session->sent_ms = g->now.ms;
    plan_resend(g, session);
}

void gcks_session_repeat(struct gcks *g, struct gcks_session *session, const struct gk_peer *from)
{
    bool same = from->transport == session->peer.transport &&
                from->connection == session->peer.connection &&
                gk_address_equal(&from->address, &session->peer.address);

    if (!same || !session->keydl.size || session->copies >= GCKS_COPIES ||
        g->now.ms - session->sent_ms < REPEAT_MS) {
        g->counts.dropped++;
        return;
    }
    if (gcks_session_still_admitted(g, session))
        gcks_session_send(g, session);
}

static void time_out(struct gcks *g, struct gcks_session *session)
{
    char name[256];
    char address[GK_ADDRESS_TEXT];

    if (session->state == GCKS_WAIT_RESPONSE) {
        g->counts.ack_timeouts++;
        gk_turn_notice(g->turn, GK_INFO, "ack-timeout", GK_NONE,
                       "%s at %s has not acknowledged its Key Download and is out at the next "
                       "rekey",
                       gk_escape(name, sizeof name, session->path->identity->name),
                       gk_address_format(&session->peer.address, address));
    }
    gcks_session_end(g, session, GCKS_TIMEOUT);
}

void gcks_sessions_tick(struct gcks *g)
{
    uint32_t handle;
    int64_t at;

    while (gcks_heap_first(&g->timers, &handle, &at) && at <= g->now.ms) {
        struct gcks_session *session = &g->session[handle];

        if (session->deadline_ms <= g->now.ms)
            time_out(g, session);
        else if (gcks_session_still_admitted(g, session))
            gcks_session_send(g, session);
    }
}
