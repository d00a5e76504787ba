/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_GCKS_INTERNAL_H
#define ROLES_GCKS_INTERNAL_H
/*
 * What the files of the GC/KS engine (gcks*.c) share; no other room includes it.
 *
 * A call of the engine is one turn: gcks_enter takes the clocks and the turn to fill,
 * gcks_leave writes what changed, starts jobs and sets the next tick. In between every
 * function finds both in the engine.
 *
 *   entry     an identity that has a leaf of the tree: a member, somebody who is about to be
 *             one, or somebody whose leaf goes at the next event. At most two leaves each.
 *   session   a registration under way (profile 12.2); hangs on its entry
 *   seen      the stamp of an identity's newest RTJ, kept for twice the skew
 *   event     a Rekey Event: laid out in one turn, signed by a job, sent in another
 *   trail     the CAs of a validated path, as the rules compare them; shared by many entries
 */
#include "gsakmp/digest.h"
#include "roles/gcks.h"
#include "roles/gcks-index.h"
#include "token/name.h"
#include "roles/pki-lists.h"
#include "roles/sizes.h"

#define GCKS_DIGEST   GK_SHA256_SIZE
#define GCKS_DATAGRAM SIZES_DATAGRAM
#define GCKS_NONE     UINT32_MAX /* no handle */

/* --- states (RFC 4535 tables 28 and 29) ------------------------------------------ */

enum gcks_step {
    GCKS_CREATE,         /* 1: Create group command */
    GCKS_RTJ_BAD,        /* 2: Receive bad RTJ */
    GCKS_COMMAND,        /* 2: Receive valid command to change group membership */
    GCKS_COMPROMISE,     /* 2: Send Compromise message x times */
    GCKS_DEREGISTRATION, /* 2: Member Deregistration */
    GCKS_RTJ_VALID,      /* 3: Receive valid RTJ */
    GCKS_TIMEOUT,        /* 4: Timeout, or another registration in its place */
    GCKS_ACK,            /* 4: Receive Ack */
    GCKS_NACK,           /* 4: Receive Nack */
    GCKS_DELETE,         /* 5: Delete group command */
    GCKS_STEPS
};

struct gcks_session;

struct gcks_transition {
    enum gcks_state from;
    enum gcks_step step;
    void (*action)(struct gcks *g, struct gcks_session *session);
    enum gcks_state to;
    const char *number; /* in table 29 */
};

const char *gcks_state_name(enum gcks_state state);
/* NULL: the cell is forbidden. */
const struct gcks_transition *gcks_transition(enum gcks_state from, enum gcks_step step);
/* Takes the step for the group (session NULL) or for a registration: checks, assigns, acts.
 * False, with a notice, in a forbidden cell. */
bool gcks_step(struct gcks *g, struct gcks_session *session, enum gcks_step step);

/* --- identities -------------------------------------------------------------------- */

/* A validated path, shared by the cache, sessions and jobs; in the loop's thread only. */
struct gcks_path {
    unsigned references;
    struct pki_identity *identity;
    uint8_t chain[GCKS_DIGEST]; /* SHA-256 of the certificate payloads */
};

struct gcks_path *gcks_path_new(struct pki_identity *identity, const uint8_t chain[GCKS_DIGEST]);
struct gcks_path *gcks_path_ref(struct gcks_path *path);
void gcks_path_unref(struct gcks_path *path);
void gcks_chain_digest(const struct gk_message *message, uint8_t chain[GCKS_DIGEST]);
/* A cached path that is valid now, or NULL (profile 13.3). Borrowed. */
struct gcks_path *gcks_path_find(struct gcks *g, const uint8_t chain[GCKS_DIGEST]);
void gcks_path_keep(struct gcks *g, struct gcks_path *path);
/* No path that was validated before counts. */
void gcks_paths_forget(struct gcks *g);
void gcks_paths_free(struct gcks *g);

#define GCKS_PATHS 1024
struct gcks_paths {
    struct gcks_path *path[GCKS_PATHS]; /* a ring: the oldest makes room */
    uint32_t next;
    struct gcks_index index;
};

struct gcks_trail {
    uint32_t references;
    uint8_t count, issuer_count;
    struct pki_key_id *ca;
    struct gk_secret octets;
    struct gk_octets issuers[PKI_PATH_MAX]; /* certificates, in `octets` */
    uint64_t asked;                         /* the generation of `verdict` */
    struct pki_issuers verdict;
};

/* What the rules ask of an identity, as octets; holds a reference to its trail. */
struct gk_secret gcks_person(struct gcks *g, const struct pki_identity *identity);
void gcks_person_drop(struct gcks *g, struct gk_secret *person);
/* The name and key parts. */
struct gcks_who {
    struct gk_octets name, name_key;
    const uint8_t *issuer;
    uint32_t trail;
    const uint8_t *fingerprint;
};
bool gcks_person_who(struct gk_octets person, struct gcks_who *who) GK_MUST_USE;
/* As an identity for the rules (without certificate); borrows the person's octets. */
bool gcks_person_open(const struct gcks *g, struct gk_octets person,
                      struct pki_identity *identity) GK_MUST_USE;
void gcks_person_close(struct pki_identity *identity);
uint32_t gcks_trail_of(struct gk_octets person);
void gcks_trail_record(struct gcks *g, uint32_t number);
void gcks_trails_free(struct gcks *g);
bool gcks_trail_restore(struct gcks *g, uint32_t number, struct gk_octets value) GK_MUST_USE;

/* --- entries ------------------------------------------------------------------------- */

enum gcks_leaf_state { GCKS_LEAF_FREE, GCKS_LEAF_PENDING, GCKS_LEAF_MEMBER, GCKS_LEAF_GOING };

struct gcks_leaf {
    uint32_t id;
    uint8_t state;
};

struct gcks_entry {
    struct gk_secret person; /* empty: the handle is free */
    struct gcks_leaf leaf[2];
    uint32_t session; /* handle, GCKS_NONE without */
    uint32_t next;    /* free, or going at the next event */
    bool going;       /* is in that list */
    uint8_t effect;   /* enum gcks_effect, of ... */
    uint32_t trial;   /* ... the trial with this number */
    gk_time joined;
    struct gk_peer peer;
    struct gk_mechanism mechanism;
};

/* The entry of that identity, or GCKS_NONE. */
uint32_t gcks_entry_find(const struct gcks *g, const struct pki_identity *identity);
/* Entries whose name has that key, under any CA; *at starts at 0. */
uint32_t gcks_entry_named(const struct gcks *g, struct gk_octets name_key, size_t *at);
uint32_t gcks_entry_make(struct gcks *g, const struct pki_identity *identity);
/* Gives a leaf for a new registration (profile 9.13): one of its own that was about to go, a
 * free one, or in a full tree the one that it has. */
bool gcks_entry_take(struct gcks *g, uint32_t handle, uint32_t *leaf,
                     struct gk_reason *why) GK_MUST_USE;
/* That pending leaf becomes the member's; an earlier one goes. */
void gcks_entry_admit(struct gcks *g, uint32_t handle, uint32_t leaf);
/* A pending leaf goes; a member's own stays. */
void gcks_entry_release(struct gcks *g, uint32_t handle, uint32_t leaf);
/* All its leaves go. */
void gcks_entry_expel(struct gcks *g, uint32_t handle);
bool gcks_entry_is_member(const struct gcks_entry *entry, uint32_t *leaf);
/* After an event: leaves that went are free, entries without one are forgotten. */
void gcks_entries_settle(struct gcks *g);
void gcks_entry_record(struct gcks *g, uint32_t handle);
bool gcks_entry_restore(struct gcks *g, uint32_t handle, struct gk_octets value) GK_MUST_USE;
/* After all records: handles that nobody holds; leaves without an Ack go. */
bool gcks_entries_restored(struct gcks *g, struct gk_reason *why) GK_MUST_USE;
void gcks_entries_free(struct gcks *g);
/* Admission by the rules (profile 11.8) of the Registration that has this mechanism; by those
 * of any, when the token has it no more. */
bool gcks_judge(const struct rules *rules, const struct pki_identity *identity,
                const struct gk_mechanism *mechanism, struct rules_verdict *verdict);
/* Of a member, by the certificate of its latest registration. */
bool gcks_entry_judge(const struct gcks *g, const struct rules *rules,
                      const struct gcks_entry *entry, struct rules_verdict *verdict);
/* It registered with this certificate, which may be another than the time before. */
void gcks_entry_meet(struct gcks *g, uint32_t handle, const struct pki_identity *identity);

/* --- the local exclusion list (profile 9.14) ------------------------------------------- */

struct gcks_exclusion {
    uint8_t digest[GCKS_DIGEST]; /* of the folded name's key */
    struct gk_secret name;       /* empty: free */
};

bool gcks_excluded(const struct gcks *g, struct gk_octets name);
void gcks_exclude(struct gcks *g, struct gk_octets name);
bool gcks_exclusion_lift(struct gcks *g, struct gk_octets name, struct gk_reason *why) GK_MUST_USE;
void gcks_exclusion_restore(struct gcks *g, const uint8_t digest[GCKS_DIGEST],
                            struct gk_octets name);
void gcks_exclusions_free(struct gcks *g);

/* --- stamps of RTJs (profile 12.2) ------------------------------------------------------- */

#define GCKS_SEEN_NONCES 4

struct gcks_seen {
    uint8_t who[GCKS_DIGEST];
    gk_time stamp;
    gk_time forget;
    uint8_t nonce_count;
    uint8_t nonce[GCKS_SEEN_NONCES][8];
    uint32_t older, newer; /* by `forget` */
    bool used;
};

/* Takes the RTJ's stamp if it is later than that of every RTJ accepted from the identity, or
 * equal with another nonce. */
bool gcks_seen_take(struct gcks *g, const struct pki_identity *identity, gk_time stamp,
                    struct gk_octets nonce, struct gk_reason *why) GK_MUST_USE;
void gcks_seen_forget(struct gcks *g);
int64_t gcks_seen_tick(const struct gcks *g);
bool gcks_seen_restore(struct gcks *g, const uint8_t who[GCKS_DIGEST],
                       struct gk_octets value) GK_MUST_USE;
void gcks_seen_free(struct gcks *g);

/* --- registrations under way ---------------------------------------------------------------- */

#define GCKS_COPIES 4 /* of one KeyDL (profile 12.2) */

struct gcks_session {
    bool used;
    uint32_t handle;
    uint32_t next; /* free */
    uint64_t serial;
    enum gcks_state state;
    struct gcks_path *path;
    uint64_t generation; /* of local policy, by which `path` is known to be good */
    uint32_t entry;
    uint32_t leaf;
    struct gk_peer peer;
    uint8_t rtj[GCKS_DIGEST]; /* of its newest signed octets */
    uint8_t key[GCKS_DIGEST]; /* of Nonce_I and the Key Creation payload */
    struct rules_mechanism mechanism;
    uint64_t event; /* number of the newest event that its keys know */
    uint8_t nonce_c[GCKS_DIGEST];
    size_t nonce_c_size;
    struct gk_secret keydl;
    unsigned copies;     /* that left */
    int64_t sent_ms;     /* the last of them */
    int64_t resend_ms;   /* the next by itself, GK_NO_TICK for none */
    int64_t deadline_ms; /* for the Ack, and before that for the KeyDL */
    unsigned acks;       /* of it that are being verified */
};

struct gcks_session *gcks_session_at(struct gcks *g, uint32_t handle, uint64_t serial);
struct gcks_session *gcks_session_by_rtj(struct gcks *g, const uint8_t rtj[GCKS_DIGEST]);
struct gcks_session *gcks_session_by_nonce(struct gcks *g, struct gk_octets nonce_c);
struct gcks_session *gcks_session_new(struct gcks *g, uint32_t entry,
                                      const uint8_t rtj[GCKS_DIGEST]);
void gcks_session_rename(struct gcks *g, struct gcks_session *session,
                         const uint8_t rtj[GCKS_DIGEST]);
void gcks_session_set_nonce(struct gcks *g, struct gcks_session *session, struct gk_octets nonce_c);
int64_t gcks_session_deadline(const struct gcks *g, const struct rules_mechanism *mechanism);
void gcks_session_timer(struct gcks *g, struct gcks_session *session);
/* Takes the transition that ends it; what becomes of the leaf is the transition's action. */
void gcks_session_end(struct gcks *g, struct gcks_session *session, enum gcks_step step);
void gcks_sessions_tick(struct gcks *g);
void gcks_sessions_end_all(struct gcks *g);
void gcks_sessions_free(struct gcks *g);
/* The KeyDL leaves, or once more (profile 12.2, 12.3). */
void gcks_session_send(struct gcks *g, struct gcks_session *session);
/* The same RTJ came again. */
void gcks_session_repeat(struct gcks *g, struct gcks_session *session, const struct gk_peer *from);
/* Admission once more (profile 12.1); a change against the member ends the session. */
bool gcks_session_still_admitted(struct gcks *g, struct gcks_session *session);

/* Actions of the transitions. */
void gcks_act_create(struct gcks *g, struct gcks_session *session);
void gcks_act_nothing(struct gcks *g, struct gcks_session *session);
void gcks_act_keydl(struct gcks *g, struct gcks_session *session);
void gcks_act_admit(struct gcks *g, struct gcks_session *session);
void gcks_act_release(struct gcks *g, struct gcks_session *session);
void gcks_act_delete(struct gcks *g, struct gcks_session *session);

/* --- messages -------------------------------------------------------------------------------- */

void gcks_take_rtj(struct gcks *g, const struct gk_peer *from, struct gk_message *message);
void gcks_take_ack(struct gcks *g, const struct gk_peer *from, struct gk_message *message);
void gcks_make_keydl(struct gcks *g, struct gcks_session *session, const struct gk_message *rtj);
/* A message that nobody answers in terse mode: counted, with a notice. `who` may be empty. */
void gcks_refused(struct gcks *g, const char *code, const struct gk_peer *from,
                  struct gk_octets who, const struct gk_reason *why);
/* The same where `who` is only what the message says of itself. */
void gcks_refused_unproven(struct gcks *g, const char *code, const struct gk_peer *from,
                           struct gk_octets who, const struct gk_reason *why);
bool gcks_in_skew(const struct gcks *g, gk_time stamp, struct gk_reason *why) GK_MUST_USE;

/* --- keys and stamps ------------------------------------------------------------------------- */

struct gcks_gtpk {
    uint32_t id, handle;
    uint16_t type;
    gk_time created, expires;
    struct gk_secret key;
};

/* Fresh GTPKs as the token asks for them; false when they would have expired at once. */
bool gcks_gtpks_renew(struct gcks *g, const struct rules_terms *terms, gk_time created,
                      struct gk_reason *why) GK_MUST_USE;
size_t gcks_gtpks_datums(const struct gcks *g, struct gk_key_datum *datums);
void gcks_gtpks_free(struct gcks *g);
/* The stamp that the next event takes (profile 9.5). */
gk_time gcks_next_stamp(const struct gcks *g);
/* The creation date of keys made at a join. */
gk_time gcks_join_stamp(const struct gcks *g);
void gcks_given_out(struct gcks *g, gk_time created);
/* Does a private-use value stand among the group's key types (profile 3.3)? */
bool gcks_private_keys(const struct gcks *g);

/* --- Rekey Events ---------------------------------------------------------------------------- */

struct gcks_part {
    uint32_t sequence;
    uint16_t count;      /* of Rekey Event Data */
    bool private_inside; /* they hold keys of a private-use type (profile 3.3) */
    struct gk_secret data;
    struct gk_secret token; /* encrypted (profile 8.6) */
    struct gk_secret message;
};

/* One by one to the members: a window of entries has all copies, then the next window. A window
 * takes about a second at the pace configured, so that nobody's copies are further apart than
 * profile 9.7 allows, however many members there are. */
struct gcks_round {
    bool under_way;
    unsigned copies; /* each member's */
    unsigned copy;   /* of the window, from 0 */
    uint32_t begin, end, at;
    uint64_t octets;  /* of the window so far */
    int64_t began_ms; /* this copy of the window */
    int64_t next_ms;  /* of the next slice */
};

struct gcks_event {
    struct gcks_event *next;
    uint64_t number;
    gk_time stamp;
    int later;          /* seconds that the signature's own stamp is later (profile 4.2) */
    uint8_t type;       /* enum gk_rekey_type */
    uint16_t signature; /* of the token that authorises it */
    size_t part_count;
    struct gcks_part *part;
    struct gk_lkh_cost cost;
    unsigned copies; /* to the configured addresses, still to send */
    int64_t next_ms; /* of the next of them */
    struct gcks_round round;
};

struct gcks_event *gcks_event_new(const struct gcks *g, uint8_t type, gk_time stamp);
struct gcks_part *gcks_event_add(struct gcks_event *event, uint32_t sequence);
void gcks_event_free(struct gcks_event *event);
/* Starts the job that signs; the event returns through gcks_event_signed. */
void gcks_event_sign(struct gcks *g, struct gcks_event *event);
void gcks_event_records(struct gcks *g, const struct gcks_event *event);
/* The stored part belongs to an event that was laid out and not signed; the stored message to
 * the newest that was signed. In the order of their numbers. */
bool gcks_event_restore_part(struct gcks *g, uint32_t index, struct gk_octets value) GK_MUST_USE;
bool gcks_event_restore_message(struct gcks *g, uint32_t index, struct gk_octets value) GK_MUST_USE;
/* Signs and sends what the earlier life may not have sent. */
void gcks_events_restored(struct gcks *g);
void gcks_events_tick(struct gcks *g);
int64_t gcks_events_next(const struct gcks *g);
/* What this server puts into messages signed by that type. */
struct sizes_server gcks_sizes(const struct gcks *g, uint16_t signature);
/* The newest event once more, to one member (profile 12.1). */
void gcks_round_begin(struct gcks *g, struct gcks_event *event, unsigned copies);
void gcks_round_tick(struct gcks *g, struct gcks_event *event);
/* So many events are on their way to the members one by one that another one waits: what it
 * would change is gathered meanwhile. */
bool gcks_rounds_full(const struct gcks *g);
void gcks_event_send(struct gcks *g, const struct gcks_event *event, const struct gk_peer *to);
void gcks_event_repeat(struct gcks *g, const struct gk_peer *to);
void gcks_events_free(struct gcks *g);

/* An event is wanted: as soon as gap and stamps allow. */
void gcks_want_event(struct gcks *g);
/* One event of rekeyEventDef: a member that was acknowledged has gone, of its own will or
 * expelled, here or by a subordinate (RFC 4534 B.5.3, profile 9.12). The leaves of registrations
 * that were never acknowledged, or replaced, are none (profile 9.13), nor are joins. */
void gcks_count_event(struct gcks *g);
void gcks_rekey_tick(struct gcks *g);
int64_t gcks_rekey_next(const struct gcks *g);
void gcks_schedule(struct gcks *g, int64_t since_ms); /* by time */
void gcks_lay_out_destruction(struct gcks *g);

/* --- tokens ---------------------------------------------------------------------------------- */

/* Can this server run the group by that token (profile 6.7, 9.9)? */
/* As load_token, for a host that is to run the group. */
struct loaded *gcks_load(const struct gcks *g, struct gk_octets signed_token,
                         const struct load_mark *last, struct gk_reason *why) GK_MUST_USE;
bool gcks_can_serve(const struct gcks *g, const struct loaded *loaded,
                    struct gk_reason *why) GK_MUST_USE;
/* Validates this server's own paths; one subject and one issuing CA key (profile 12.11). */
bool gcks_know_self(struct gcks *g, struct gk_reason *why) GK_MUST_USE;
/* The credential of that signature type, or NULL. */
const struct credential *gcks_credential_of(const struct gcks *g, uint16_t type);

/* A new token while the members are judged by it, slice by slice. */
struct gcks_staged {
    struct loaded *loaded;
    uint32_t cursor; /* the next entry */
    bool judged;     /* all of them */
};
/* Takes the token. */
void gcks_stage(struct gcks *g, struct loaded *loaded);
void gcks_staged_tick(struct gcks *g);
/* The token comes into force, in the turn that lays out its event. */
void gcks_staged_apply(struct gcks *g);

/* A token that is tried on the members. */
struct gcks_trial {
    struct loaded *loaded; /* after the end only of a dry one */
    bool dry;
    uint32_t number;
    uint32_t cursor; /* the next entry */
    struct gcks_trial_told told;
};
/* Takes the token. */
void gcks_trial_begin(struct gcks *g, struct loaded *loaded, bool dry);
void gcks_trial_unchanged(struct gcks *g);
bool gcks_trial_runs(const struct gcks *g);
void gcks_trial_tick(struct gcks *g);
/* That entry has become a member, or is none any more, or another certificate's. */
void gcks_trial_look(struct gcks *g, uint32_t handle);
/* Local policy has changed. */
void gcks_trial_again(struct gcks *g);
void gcks_trial_drop(struct gcks *g);
void gcks_trial_free(struct gcks *g);

/* --- local policy, which may change (profile 4.5, 11.9) ----------------------------------- */

/* Everybody judged again, slice by slice. */
struct gcks_review {
    bool active;
    uint32_t cursor; /* the next entry */
    uint32_t out;    /* so many have been put out */
};
/* Judges all entries again; who is out goes at the next event. */
void gcks_review_begin(struct gcks *g);
void gcks_review_tick(struct gcks *g);
/* A member, or somebody who registers, loses its leaves. `by`: "by the new token". */
void gcks_expel(struct gcks *g, uint32_t handle, const char *by, uint16_t notification,
                const char *rule);
/* A certificate of the path is revoked by the lists now at hand. */
bool gcks_revoked(const struct gcks *g, const struct pki_identity *identity);
bool gcks_refuse_revoked(struct gk_reason *why);

/* --- jobs ------------------------------------------------------------------------------------ */

struct gcks_job {
    struct gk_job base;
    struct gcks_job *next;
    /* Back in the loop's thread; frees nothing of the job itself. */
    void (*done)(struct gcks *g, struct gcks_job *job);
    bool good;
    struct gk_reason why;
};

struct gcks_queue {
    struct gcks_job *first, **end;
    size_t count;
};

/* Queues by lane; registrations that got as far as their KeyDL go before new RTJs. */
enum gcks_lane { GCKS_LANE_REKEY, GCKS_LANE_ACK, GCKS_LANE_KEYDL, GCKS_LANE_RTJ, GCKS_LANES };
void gcks_job_queue(struct gcks *g, enum gcks_lane lane, struct gcks_job *job);
void gcks_jobs_start(struct gcks *g);
void gcks_jobs_drop(struct gcks *g, enum gcks_lane lane);

/* --- records --------------------------------------------------------------------------------- */

/* Kinds, the first letter of a key; numbers follow in 4 octets. */
enum gcks_kind {
    GCKS_RECORD_TREE = 'b',
    GCKS_RECORD_COUNTERS = 'c',
    GCKS_RECORD_PART = 'e', /* of an event that is not signed yet */
    GCKS_RECORD_GTPKS = 'g',
    GCKS_RECORD_MESSAGE = 'm', /* of the newest signed event */
    GCKS_RECORD_ENTRY = 'n',
    GCKS_RECORD_TRAIL = 'p',
    GCKS_RECORD_SEEN = 'r',
    GCKS_RECORD_STAGED = 's', /* a token that is not in force yet */
    GCKS_RECORD_TOKEN = 't',
    GCKS_RECORD_EXCLUSION = 'x',
};
void gcks_record_numbered(struct gcks *g, enum gcks_kind kind, uint32_t number,
                          struct gk_octets value);
void gcks_record_numbered_gone(struct gcks *g, enum gcks_kind kind, uint32_t number);
void gcks_record_named(struct gcks *g, enum gcks_kind kind, const uint8_t name[GCKS_DIGEST],
                       const struct gk_octets *value); /* NULL: gone */
/* A time of 8 octets; one that no stamp can say fails the reader. */
gk_time gcks_read_time(struct gk_reader *reader);
/* Everything that changed and is not stored entry by entry. */
void gcks_records_flush(struct gcks *g);
const struct gk_record *gcks_records_find(const struct gk_record *records, size_t count,
                                          enum gcks_kind kind);
/* All records of a kind; the tree's make the tree. */
bool gcks_records_take(struct gcks *g, const struct gk_record *records, size_t count,
                       enum gcks_kind kind, struct gk_reason *why) GK_MUST_USE;
bool gcks_records_take_tree(struct gcks *g, const struct gk_record *records, size_t count,
                            struct gk_reason *why) GK_MUST_USE;
/* The end of the group: keys and token leave the store, members once they have been told. */
void gcks_records_wipe(struct gcks *g);
void gcks_records_forget_members(struct gcks *g);

/* --- the engine ------------------------------------------------------------------------------ */

struct gcks {
    struct gcks_config config;
    struct load_policy policy; /* config.policy is this copy, with `lists` */
    struct pki_lists *lists;
    uint64_t generation; /* of both; starts with 1 */
    struct gcks_review review;
    struct gk_group group;
    struct gk_now now;
    struct gk_turn *turn;
    enum gcks_state state;
    bool destroyed;
    uint8_t seed[GCKS_SEED_SIZE];

    struct pki_identity *self[CREDENTIALS_MOST]; /* by credential */
    struct loaded *loaded;                       /* the token in force */
    const struct rules_terms *terms;
    struct gcks_staged staged;
    struct gcks_trial trial;

    /* Keys and counters; stored. */
    struct gk_lkh *lkh;      /* NULL: the token has no rekey method */
    struct gcks_index blobs; /* numbers of the tree's stored blobs */
    size_t gtpk_count;
    struct gcks_gtpk gtpk[RULES_GTPKS];
    uint8_t handle_seed[GCKS_SEED_SIZE];
    uint32_t handle_count; /* GTPK handles made */
    gk_time last_stamp;    /* of the last event, or the group's creation */
    gk_time newest_given;
    gk_time stamp_floor;  /* RTJs stamped up to here may have been forgotten */
    uint32_t sequence;    /* next */
    uint32_t reserved;    /* sequence IDs below are stored as used */
    uint32_t events_seen; /* of rekeyEventDef, since the last Rekey Event */
    bool wants_event;
    bool dirty_counters, dirty_gtpks;

    struct gcks_entry *entry;
    uint32_t entry_count, entry_room, entry_free, entry_going;
    struct gcks_index entries; /* by name key */
    struct gcks_trail *trail;
    uint32_t trail_count;
    struct gcks_index trails;
    uint32_t members; /* acknowledged */
    struct gcks_exclusion *exclusion;
    uint32_t exclusion_count;
    struct gcks_index exclusions;
    struct gcks_seen *seen;
    uint32_t seen_count, seen_free, seen_oldest, seen_newest;
    struct gcks_index seens;

    struct gcks_session *session;
    uint32_t session_room, session_free, pending;
    uint64_t serial;
    struct gcks_index by_rtj, by_nonce;
    struct gcks_heap timers;
    struct gcks_paths paths;
    struct gcks_index arrived; /* RTJs on their way through the queue */

    uint64_t event_number;
    bool signing;
    struct gcks_event *unsigned_event; /* whose signing failed, until retry_ms */
    int64_t retry_ms;
    struct gcks_event *events; /* being sent, oldest first; the newest stays */
    uint32_t stored_parts, stored_messages;
    int64_t last_event_ms; /* for the gap */
    int64_t event_due_ms;  /* by time, GK_NO_TICK for none */

    struct gcks_queue queue[GCKS_LANES];
    unsigned jobs;
    int64_t answers_second;
    unsigned answers;
    struct gcks_counts counts;
    struct gk_lkh_cost last_cost;
    uint32_t last_sequence;
};

void gcks_enter(struct gcks *g, const struct gk_now *now, struct gk_turn *turn);
void gcks_leave(struct gcks *g);

#endif
