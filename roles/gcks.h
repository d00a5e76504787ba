/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_GCKS_H
#define ROLES_GCKS_H
/*
 * The GC/KS engine (RFC 4535 4.1.3, 5, 8): creates the group from a token, admits members,
 * makes and changes keys, and takes them away.
 *
 * States, by their names in RFC 4535 table 28: Idle (no group: before the token, after the
 * end), Wait for GC/KS Event, and for each registration under way Wait for Response from Key
 * Download.
 *
 * Life: gcks_new with a signed token (Create group command, transition 1), or gcks_restore from
 * the records of an earlier life; then messages, ticks and jobs through gcks_engine, and the
 * commands below, each of which fills a turn; gcks_free wipes. After gcks_destroy the engine
 * answers RTJs with Invalid-Group-ID for ever (profile 9.11).
 *
 * Signers, certificates, policy and randomness are borrowed, must outlive the engine and its
 * jobs, and are used by these on any thread.
 * Times: stamps in seconds UTC, timers in milliseconds of the monotonic clock.
 */
#include "gsakmp/engine.h"
#include "gsakmp/lkh.h"
#include "roles/credential.h"
#include "roles/load.h"

#define GCKS_REKEY_ADDRESSES 16 /* as many as an announcement names */

struct gcks_config {
    const struct load_policy *policy;
    const struct gk_random *random;
    /* One a signature type; all have one subject and one issuing CA key (profile 12.11). */
    struct credential credential[CREDENTIALS_MOST];
    size_t credential_count;
    struct gk_address rekey[GCKS_REKEY_ADDRESSES]; /* multicast or one host's (profile 1.5) */
    size_t rekey_count;
    bool rekey_to_members; /* to the source of each registration, besides */
    /* Where that member hears rekeys instead (configuration: profile 1.5), by its name's key
     * (token/name.h); false: nothing is configured. May be NULL. */
    bool (*rekey_address)(void *context, struct gk_octets name_key, struct gk_address *to);
    void *rekey_context;
    uint64_t octets_a_second; /* of rekeys to members, all together; 0: 8 MiB */
    unsigned degree;          /* of the tree; 0: 4 */
    uint32_t capacity;        /* 0: GK_LKH_CAPACITY */
    bool rekey_on_join;       /* profile 9.13 */
    size_t message_limit;     /* octets of a Rekey Event message; 0: 8192 (profile 9.7) */
    enum gk_lkh_packaging packaging;
    int64_t skew;              /* seconds; 0: 300 */
    bool skew_off_with_nonces; /* profile 13.2 */
    int64_t event_gap_ms;      /* least time between events; 0: 1 s */
    unsigned sessions_most;    /* registrations under way; 0: 4096 */
    unsigned queue_most;       /* RTJs that wait for a job; 0: 1024 */
    unsigned jobs_most;        /* in flight; 0: 4 */
    unsigned judged_a_turn;    /* members, by a token that is tried; 0: 128 */
    unsigned answers_a_second; /* unsigned answers in all; 0: 100 (profile 1.8) */
    bool single_group;         /* this server has no other group (profile 2.3) */
};

struct gcks;

/* NULL when refused: the token does not load, this server is not its gCKS or cannot serve
 * every JoinMechanism (profile 6.7), the tree's shape is impossible. */
struct gcks *gcks_new(const struct gcks_config *config, struct gk_octets signed_token,
                      const struct gk_now *now, struct gk_turn *turn,
                      struct gk_reason *why) GK_MUST_USE;
/* From records; refuses records that do not fit together, and a clock more than a day beyond
 * the last stamp (profile 13.2) unless `clock_confirmed`. */
struct gcks *gcks_restore(const struct gcks_config *config, const struct gk_record *records,
                          size_t count, bool clock_confirmed, const struct gk_now *now,
                          struct gk_turn *turn, struct gk_reason *why) GK_MUST_USE;
void gcks_free(struct gcks *gcks);
struct gk_engine gcks_engine(struct gcks *gcks);

/* --- commands ---------------------------------------------------------------- */

/* A Rekey Event now, or as soon as the least gap and the stamps allow. */
bool gcks_rekey(struct gcks *gcks, const struct gk_now *now, struct gk_turn *turn,
                struct gk_reason *why) GK_MUST_USE;
/* Expels every member whose name equals (an identity has its issuing CA besides: all CAs'),
 * puts it on the local exclusion list, and rekeys. `names` that are no members are excluded
 * all the same. */
bool gcks_evict(struct gcks *gcks, const struct gk_octets *names, size_t count,
                const struct gk_now *now, struct gk_turn *turn, struct gk_reason *why) GK_MUST_USE;
/* The same, but the keys change by the token's rekeyEventDef: each member that goes counts as one
 * event, and the rekey comes with the count or the time (RFC 4534 B.5.3). Until then who was
 * expelled still holds the keys. */
bool gcks_evict_by_policy(struct gcks *gcks, const struct gk_octets *names, size_t count,
                          const struct gk_now *now, struct gk_turn *turn,
                          struct gk_reason *why) GK_MUST_USE;
/* Takes a name off the local exclusion list. */
bool gcks_readmit(struct gcks *gcks, struct gk_octets name, struct gk_turn *turn,
                  struct gk_reason *why) GK_MUST_USE;
/*
 * A new token: judged, applied to members and pending sessions, sent in a Rekey Event.
 *
 * Guarded, it is first tried on all present members, in slices, without any change; if it puts out
 * more than GCKS_OUT_PERCENT of them (with fewer than ten: any), it is refused, else published in
 * the turn that judged the last. GCKS_DRY only tries it. Of both the end is told by the notice
 * "token-judged", at once or in a later turn, and by gcks_get_trial. One trial runs at a time
 * ("trial-runs"); publishing anyway, and the end of the group, drop it.
 */
enum gcks_publishing { GCKS_GUARDED, GCKS_ANYWAY, GCKS_DRY };
#define GCKS_OUT_PERCENT 10
bool gcks_publish(struct gcks *gcks, struct gk_octets signed_token, enum gcks_publishing how,
                  const struct gk_now *now, struct gk_turn *turn,
                  struct gk_reason *why) GK_MUST_USE;
/* Local policy has changed: these revocation lists (DER, copied) are at hand from now on instead
 * of the earlier ones, and the table of permissions is asked again. No path that was validated
 * before counts; all members and registrations are judged, in slices, and who is out goes at an
 * event that follows at once. The configuration's lists are those of the start. */
void gcks_local_policy(struct gcks *gcks, const struct gk_octets *crls, size_t count,
                       const struct gk_now *now, struct gk_turn *turn);
/* Delete group command (transition 5). */
bool gcks_destroy(struct gcks *gcks, const struct gk_now *now, struct gk_turn *turn,
                  struct gk_reason *why) GK_MUST_USE;

/* --- what it knows ------------------------------------------------------------- */

/* The group is in one of the first two, a registration under way in one of the last two. */
enum gcks_state { GCKS_IDLE, GCKS_WAIT_EVENT, GCKS_WAIT_RESPONSE };

struct gcks_counts {
    uint64_t rtj, keydl, admitted, refused, dropped, acks, nacks, ack_timeouts, evicted, events,
        rekey_messages, rekey_octets;
};

struct gcks_status {
    enum gcks_state state;
    bool destroyed;
    bool has_edition;
    int64_t edition;
    gk_time signing_time;
    uint32_t members;    /* acknowledged */
    uint32_t pending;    /* registrations under way */
    uint32_t exclusions; /* names on the local exclusion list */
    uint32_t capacity;
    unsigned degree, depth;
    uint32_t sequence;     /* of the last Rekey Event message */
    gk_time last_event;    /* its stamp, 0 for none */
    int64_t next_event_ms; /* until the next by time, -1 for none */
    uint32_t events;       /* of rekeyEventDef since the last: members that went */
    int64_t rekey_after;   /* so many of them bring the next, 0 for none */
    struct gk_lkh_cost last_cost;
    struct gcks_counts counts;
    size_t gtpk_count;
    struct {
        uint32_t id, handle;
        gk_time created, expires;
        const char *use; /* rules_gtpk_use */
    } gtpk[RULES_GTPKS];
};
void gcks_get_status(const struct gcks *gcks, const struct gk_now *now, struct gcks_status *status);

struct gcks_member {
    struct gk_octets name; /* borrowed until the next call of the engine */
    uint8_t issuer[PKI_KEY_ID_SIZE];
    uint32_t member_id;
    bool acknowledged;
    gk_time joined;
    struct gk_peer address;
    struct gk_mechanism mechanism;
    uint8_t fingerprint[32]; /* SHA-256 of its certificate */
    char rule[160];
};
/* Pages of members: starts with *cursor 0, false after the last. */
bool gcks_next_member(const struct gcks *gcks, uint64_t *cursor,
                      struct gcks_member *member) GK_MUST_USE;
/* Names on the local exclusion list, the same way. */
bool gcks_next_excluded(const struct gcks *gcks, uint64_t *cursor,
                        struct gk_octets *name) GK_MUST_USE;

/* How the last trial of a token ended. */
enum gcks_trial_end {
    GCKS_TRIAL_NONE,
    GCKS_TRIAL_RUNS,
    GCKS_TRIAL_JUDGED, /* dry: nothing was changed */
    GCKS_TRIAL_PUBLISHED,
    GCKS_TRIAL_REFUSED,   /* too many would be out, or the owner was revoked meanwhile */
    GCKS_TRIAL_DROPPED,   /* another command came in between */
    GCKS_TRIAL_UNCHANGED, /* it is the token in force */
};
struct gcks_trial_counts {
    uint32_t members;     /* acknowledged */
    uint32_t out;         /* of these the token does not admit */
    uint32_t mute, sends; /* of the others may no longer send, may send from now on */
};
struct gcks_trial_told {
    enum gcks_trial_end end;
    struct gcks_trial_counts counts;
    bool too_many; /* for a guarded publication */
    struct gk_reason why;
    bool kept;              /* gcks_next_affected knows who: of a dry trial, until the next command
                               that changes a token or the local policy */
    struct gk_octets token; /* then the one that was tried, borrowed */
};
void gcks_get_trial(const struct gcks *gcks, struct gcks_trial_told *told);

enum gcks_effect { GCKS_EFFECT_NONE, GCKS_EFFECT_OUT, GCKS_EFFECT_MUTE, GCKS_EFFECT_SENDS };
struct gcks_affected {
    struct gk_octets name; /* borrowed until the next call of the engine */
    uint32_t member_id;
    enum gcks_effect effect;
    struct rules_verdict before, after; /* of membership, or of sending */
};
/* Pages of those whom the kept trial's token changes something for, as they are now: starts with
 * *cursor 0. False at the end, or, with *more, after as many members as a turn may look at. */
bool gcks_next_affected(const struct gcks *gcks, uint64_t *cursor, bool *more,
                        struct gcks_affected *affected) GK_MUST_USE;

#endif
