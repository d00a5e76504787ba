/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_MEMBER_INTERNAL_H
#define ROLES_MEMBER_INTERNAL_H
/*
 * The member engine's own structures. Files, one concern each:
 *
 *   member.c          life, dispatch, states, status
 *   member-mechanism.c  credentials, and which mechanism is used (profile 6.1, 6.7)
 *   member-server.c   the server's certificates (profile 12.11), and their revocation (4.5)
 *   member-session.c  a registration: RTJ out, waiting, giving up (profile 12.5, 12.9)
 *   member-keydl.c    a Key Download judged in the order of RFC 4535 5.2.1.2
 *   member-accept.c   the accepted Key Download becomes a membership
 *   member-rekey.c    a Rekey Event message up to its signature (profile 9.15)
 *   member-event.c    sequence, gaps, the end of an event, out of step (profile 9.7, 9.8)
 *   member-install.c  one Rekey Event message takes effect or changes nothing (profile 9.10)
 *   member-jobs.c     public-key work
 *   member-records.c  what outlives the process
 */
#include "gsakmp/message.h"
#include "gsakmp/suite.h"
#include "gsakmp/digest.h"
#include "roles/member.h"
#include "roles/pki-lists.h"

#define MEMBER_JOBS          4  /* in flight, of each kind */
#define MEMBER_QUEUE         64 /* messages that wait for a job, of each kind */
#define MEMBER_SEEN          64 /* Key Downloads of a session told apart */
#define MEMBER_SIGNERS       16 /* of a session's Key Downloads, told apart */
#define MEMBER_OPENED        8  /* opened for each of them (profile 12.5) */
#define MEMBER_KEPT          64 /* Rekey Events kept unjudged (profile 12.1) */
#define MEMBER_KEPT_SIZE     ((size_t)1 << 20)
#define MEMBER_HELD          16384 /* verified messages behind a gap (profile 9.15) */
#define MEMBER_HELD_SIZE     ((size_t)64 << 20)
#define MEMBER_FINISHED      4 /* sessions whose answer can be given again */
#define MEMBER_BACK_OFF_MOST ((int64_t)3600 * 1000)
#define MEMBER_GAP_MOST      60000 /* ms; W of profile 9.7 */

/* Events of the state machine: RFC 4535 table 29, the member's half. */
enum member_move {
    MEMBER_MOVE_JOIN,    /* 1a: Join group command */
    MEMBER_MOVE_ACK,     /* 2a: Send Ack */
    MEMBER_MOVE_MESSAGE, /* 3a: Receipt of group management messages */
    MEMBER_MOVE_LEAVE,   /* 4a: Delete group, De-registration command */
    MEMBER_MOVE_FAIL,    /* 5a: Time out, message failure, errors */
    MEMBER_MOVES
};
/* The state after it, or -1 where the table has no such transition. */
int member_next_state(enum member_state state, enum member_move move);

/* A message that waits for its turn. */
struct member_waiting {
    struct gk_secret octets;
    struct gk_peer from;
};

struct member_session {
    bool active;
    /* It ends because the token prefers another mechanism, which is the next (profile 6.7). */
    bool better;
    struct gk_mechanism preferred;
    uint64_t number; /* jobs of an earlier session are told by it */
    size_t server;   /* index in the configuration */
    bool has_rtj;
    gk_time stamp;
    uint8_t nonce_i[GK_NONCE_SIZE];
    struct gk_secret secret, public_value, rtj;
    unsigned sent;
    int64_t next_send, deadline;
    unsigned in_flight;
    size_t queued;
    struct member_waiting queue[MEMBER_QUEUE];
    size_t seen_count;
    uint8_t seen[MEMBER_SEEN][32];
    size_t signer_count;
    struct {
        uint8_t who[32]; /* SHA-256 of the identity */
        unsigned opened;
        uint8_t what[MEMBER_OPENED][32]; /* SHA-256 of what was signed (4.1) */
    } signer[MEMBER_SIGNERS];
    /* The first Key Download whose signature passed and that failed later. */
    bool has_bad;
    struct gk_secret bad_nonce_c;
    struct gk_peer bad_from;
    uint8_t bad_hash[32];
    struct gk_reason bad;
    char last[200]; /* the last answer that was none, for the sentence that no good one came */
    /* Rekey Events kept for after the Key Download (profile 12.1). */
    size_t kept_count, kept_size;
    struct member_waiting kept[MEMBER_KEPT];
};

/* A session that ended with an Ack/Failure: the same Key Download gets the same answer
 * (profile 12.3). */
struct member_finished {
    uint8_t keydl[32];
    struct gk_secret answer;
    int64_t until;
};

/* Verified messages behind a gap, ordered by Sequence ID. */
struct member_held {
    uint32_t sequence;
    int64_t since;
    struct gk_secret octets;
};

/* The event whose messages are being processed: those of one stamp (profile 9.7). */
struct member_event {
    bool open;
    bool lkh; /* some message of it was of type LKH */
    gk_time stamp;
    int64_t last; /* when the last of its messages that were processed came */
    /* Of the event that sets the baseline: which messages were processed (profile 9.7). */
    size_t done_count;
    uint32_t *done;
    uint32_t token_key; /* KeyID of the GTPK that encrypts a token (profile 8.6) */
};

struct member_membership {
    bool present;
    struct loaded *loaded;
    size_t mechanism; /* index in the token's terms */
    /* By the certificate that Rekey Events are verified with, and, where that is not the one that
     * signed the KeyDL (profile 12.11), by this too: one identity (4.8). */
    struct pki_identity *server;
    struct pki_identity *server_signer;
    struct gk_secret server_id;    /* ID Type octet | ID data */
    struct gk_secret server_chain; /* certificates, v() each; those two first */
    struct gk_peer server_peer;
    struct gk_ring *ring;
    uint32_t member_id;
    uint32_t sequence;    /* last processed */
    bool baseline;        /* the first event has still to set `sequence` (profile 9.7) */
    gk_time ignore_until; /* events with keys stamped no later are ignored, while baseline */
    gk_time last_stamp;   /* of the last event processed */
    gk_time joined;       /* or restarted */
    int64_t last_event;   /* monotonic: the last event or the join */
    int64_t last_path;    /* monotonic: the last path validated for a Rekey Event */
};

/* By credential. */
struct member_own {
    struct gk_secret name; /* our subject: Signer ID Data */
    struct gk_secret id;   /* ID Type octet | ID data */
};

struct member {
    struct member_config config;
    struct load_policy policy; /* config.policy is this copy, with `lists` */
    struct pki_lists *lists;
    struct gk_mechanism mechanism; /* in use */
    bool raised;                   /* by a token: no lesser one is tried (profile 6.7) */
    struct member_own own[CREDENTIALS_MOST];
    enum member_state state;
    bool wanted; /* the host wants to be in the group */
    bool out_of_step;
    bool ended;
    struct load_mark mark;
    gk_time last_rtj;
    uint64_t sessions;
    uint64_t server_number; /* grows when another identity becomes our server */
    struct member_session session;
    int64_t retry_at;  /* when to register (again), GK_NO_TICK for not */
    unsigned failures; /* in a row, for the back-off */
    size_t next_server;
    size_t finished_next;
    struct member_finished finished[MEMBER_FINISHED];
    struct member_membership in;
    struct member_event event;
    size_t held_count, held_size, held_room;
    struct member_held *held;
    unsigned verifying;
    struct {
        bool used;
        uint8_t digest[32]; /* of all octets */
    } verifies[MEMBER_JOBS];
    size_t waiting_count;
    struct member_waiting waiting[MEMBER_QUEUE];
    struct gk_reason refusal;
    struct member_counts counts;
};

/* --- jobs ------------------------------------------------------------------------- */

enum member_work { MEMBER_MAKE_RTJ, MEMBER_VERIFY, MEMBER_OPEN, MEMBER_ANSWER, MEMBER_REKEY };

struct member_job {
    struct gk_job job;
    enum member_work work;
    const struct member_config *config;
    struct load_policy policy; /* as it was when the job began */
    struct pki_lists *lists;
    struct gk_mechanism mechanism;
    const struct credential *own;
    struct gk_now now;
    uint64_t session;
    struct gk_peer from;
    struct gk_secret octets; /* the message judged, or made */
    /* MAKE_RTJ, OPEN: the session's values. OPEN: nonce_r and the parts to bind. */
    uint8_t nonce_i[GK_NONCE_SIZE];
    struct gk_secret secret, public_value;
    struct gk_secret own_id;
    struct load_mark mark;
    /* ANSWER */
    uint16_t notification;
    struct gk_secret nonce_c;
    uint8_t keydl[32];
    gk_time stamp;
    /* REKEY: the server's key; with a path to be validated where it does not fit. */
    struct gk_secret spki;
    uint8_t certificate[32]; /* SHA-256 of the certificate that has it */
    uint64_t server_number;
    size_t slot; /* in `verifies` */
    bool may_validate;
    bool validated;
    /* what came out */
    bool good;
    struct gk_reason why;
    struct pki_identity *identity;
    struct pki_identity *rekeyer; /* OPEN: NULL where `identity` signs Rekey Events too */
    struct loaded *loaded;
    struct gk_secret plain; /* the Key Download, decrypted */
};

struct member_job *member_job_new(struct member *member, enum member_work work,
                                  const struct gk_now *now);
void member_job_drop(struct gk_job *job);

/* --- credentials and mechanisms -------------------------------------------------------- */

/* Its names, of all credentials; refuses a configuration in which a mechanism has none. */
bool member_own_names(struct member *member, struct gk_reason *why);
void member_own_drop(struct member *member);
/* The index of the credential that signs for the mechanism, credential_count without. */
size_t member_credential_of(const struct member *member, const struct gk_mechanism *mechanism);
/* May and can this member register by the mechanism? */
bool member_may_use(const struct member *member, const struct rules_mechanism *mechanism);
/* After a round of all servers in vain; true while there is another one to try at once. */
bool member_next_mechanism(struct member *member);
/* The end of the KeyDL's session gives way to a better one. */
void member_raise(struct member *member, const struct gk_mechanism *mechanism);

/* --- the server's certificates (profile 12.11) ------------------------------------------- */

/* The server's identity by the certificate with which it signs Rekey Events; NULL where that is
 * the KeyDL's own, or did not come. In a job. */
struct pki_identity *member_find_rekeyer(const struct member_job *job,
                                         const struct gk_message *message);
/* The certificates that came, `first` and, unless NULL, `second` before the others. */
struct gk_secret member_server_chain(const struct gk_message *message,
                                     const struct pki_identity *first,
                                     const struct pki_identity *second);
/* Validates the stored chain again. */
bool member_server_restore(struct member *member, bool two, gk_time at, struct gk_reason *why);

bool member_revoked(const struct member *member, const struct pki_identity *identity);
/* Has it been revoked since the job began? */
bool member_still_good(const struct member *member, const struct member_job *job,
                       const struct pki_identity *identity, struct gk_reason *why);

/* --- between the files --------------------------------------------------------------- */

bool member_do_move(struct member *member, enum member_move move, struct gk_turn *turn);
void member_set_tick(struct member *member, const struct gk_now *now, struct gk_turn *turn);
/* The engine was asked to be in the group and is not: when to try again. */
void member_retry(struct member *member, const struct gk_now *now, struct gk_turn *turn);

void member_session_start(struct member *member, const struct gk_now *now, struct gk_turn *turn);
void member_session_rtj(struct member *member, const struct gk_now *now, struct member_job *job,
                        struct gk_turn *turn);
void member_session_tick(struct member *member, const struct gk_now *now, struct gk_turn *turn);
void member_session_clear(struct member *member);
/* Ends a session that failed: an Ack/Failure with `why` when the server has shown itself,
 * then the next server or the back-off. */
void member_session_fail(struct member *member, const struct gk_now *now,
                         const struct gk_reason *why, struct gk_turn *turn);
void member_answer(struct member *member, const struct gk_now *now, uint16_t notification,
                   struct gk_octets nonce_c, const uint8_t keydl[32], const struct gk_peer *to,
                   struct gk_turn *turn);
void member_answered(struct member *member, const struct gk_now *now, struct member_job *job,
                     struct gk_turn *turn);

void member_keydl(struct member *member, const struct gk_now *now, const struct gk_peer *from,
                  struct gk_message *message, struct gk_octets octets, struct gk_turn *turn);
void member_keydl_verified(struct member *member, const struct gk_now *now, struct member_job *job,
                           struct gk_turn *turn);
void member_keydl_opened(struct member *member, const struct gk_now *now, struct member_job *job,
                         struct gk_turn *turn);
/* Judges the opened Key Download and installs it; false leaves everything as it was. */
bool member_accept(struct member *member, const struct gk_now *now, struct member_job *job,
                   struct gk_message *message, struct gk_turn *turn, struct gk_reason *why);

void member_rekey(struct member *member, const struct gk_now *now, const struct gk_peer *from,
                  struct gk_message *message, struct gk_octets octets, struct gk_turn *turn);
void member_rekey_verified(struct member *member, const struct gk_now *now, struct member_job *job,
                           struct gk_turn *turn);
/* A verified message in its place; `octets` is taken. */
void member_event_add(struct member *member, const struct gk_now *now, uint32_t sequence,
                      struct gk_secret *octets, struct gk_turn *turn);
void member_event_tick(struct member *member, const struct gk_now *now, struct gk_turn *turn);
bool member_event_holds(const struct member *member, uint32_t sequence);
/* Processed already, among those of the event that sets the baseline? */
bool member_event_done(const struct member *member, uint32_t sequence);
void member_event_clear(struct member *member);
int64_t member_event_due(const struct member *member);
void member_fall_out(struct member *member, const struct gk_now *now, const char *because,
                     struct gk_turn *turn);
/* Is the server still allowed to rekey this member, by the token held (profile 9.9)? */
bool member_judge_authority(const struct member *member, struct gk_reason *why);
/* One message, all or nothing. */
bool member_install(struct member *member, const struct gk_now *now, struct gk_message *message,
                    struct gk_turn *turn, struct gk_reason *why);
void member_end_group(struct member *member, struct gk_turn *turn);
void member_forget(struct member *member);

void member_record(const struct member *member, struct gk_turn *turn);
void member_record_mark(const struct member *member, struct gk_turn *turn);

#endif
