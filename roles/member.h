/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_MEMBER_H
#define ROLES_MEMBER_H
/*
 * The member engine (RFC 4535 4.1.5, 5, 8): joins a group, judges token and server, keeps the
 * keys current, hands them to the host, and leaves.
 *
 * States, by their names in RFC 4535 table 28: Idle, Wait for Group Membership (RTJ sent), Wait
 * for Group Membership Event (keys held). Beside the RFC's states, a member that is out of step
 * waits a random time and registers again while it keeps its keys (profile 9.8).
 *
 * Life: member_new (or member_restore from records), member_join (Join group command, transition
 * 1a), then messages, ticks and jobs through member_engine; member_leave or the group's end
 * bring it back to Idle; member_free wipes.
 */
#include "gsakmp/engine.h"
#include "gsakmp/ring.h"
#include "roles/credential.h"
#include "roles/load.h"

#define MEMBER_SERVERS 16 /* as many as an announcement names */

struct member_config {
    const struct load_policy *policy;
    const struct gk_random *random;
    /* One a signature type; subjects and CAs may differ. A mechanism is used with that of its
     * signature type. */
    struct credential credential[CREDENTIALS_MOST];
    size_t credential_count;
    /* Profile 6.1: what it asks with first. When a round of all servers brought nothing, the next
     * of policy->local.mechanisms for which there is a credential follows, in their order. A
     * verified token that prefers one of all that local policy allows ends that (6.7): the member
     * registers by that one, and by no lesser until it is told to leave or `mechanism` changes. */
    struct gk_mechanism mechanism;
    struct gk_peer server[MEMBER_SERVERS]; /* in order of preference */
    size_t server_count;
    unsigned rtj_tries;   /* 0: 4 (profile 12.9) */
    int64_t rtj_every_ms; /* 0: 5 s */
    int64_t back_off_ms;  /* B of profile 9.8; 0: 60 s */
    int64_t skew;         /* seconds; 0: 300 */
    bool skew_off_with_nonces;
};

struct member;

struct member *member_new(const struct member_config *config, struct gk_reason *why) GK_MUST_USE;
struct member *member_restore(const struct member_config *config, const struct gk_record *records,
                              size_t count, const struct gk_now *now, struct gk_turn *turn,
                              struct gk_reason *why) GK_MUST_USE;
void member_free(struct member *member);
struct gk_engine member_engine(struct member *member);

bool member_join(struct member *member, const struct gk_now *now, struct gk_turn *turn,
                 struct gk_reason *why) GK_MUST_USE;
/* Leaves without notice (RFC 4535 5.3.2.2): keys are wiped. */
bool member_leave(struct member *member, const struct gk_now *now, struct gk_turn *turn,
                  struct gk_reason *why) GK_MUST_USE;

/* Local policy has changed: these revocation lists (DER, copied) are at hand from now on instead
 * of the earlier ones. A member whose server, or whose token's owner, they revoke wipes its keys
 * and registers again. The configuration's lists are those of the start. */
void member_local_policy(struct member *member, const struct gk_octets *crls, size_t count,
                         const struct gk_now *now, struct gk_turn *turn);

enum member_state { MEMBER_IDLE, MEMBER_WAIT_MEMBERSHIP, MEMBER_WAIT_EVENT };

struct member_counts {
    uint64_t joined; /* registrations that succeeded */
    uint64_t rtj, keydl, keydl_bad, rekey_events, rekey_messages, rekey_bad, dropped, out_of_step;
};

struct member_status {
    enum member_state state;
    bool wanted;      /* the host asked to be in the group */
    int64_t retry_at; /* monotonic ms of the next attempt, GK_NO_TICK for none */
    bool out_of_step;
    bool ended; /* the group was destroyed */
    bool has_edition;
    int64_t edition;
    gk_time signing_time;
    uint32_t member_id;
    uint32_t sequence;             /* last processed */
    gk_time last_event;            /* the stamp of the last Rekey Event, 0 for none */
    struct gk_mechanism mechanism; /* of the membership, or of the next attempt */
    bool raised;                   /* a token asked for it (profile 6.7) */
    size_t credential;             /* its index in the configuration */
    struct gk_octets name;         /* its subject; borrowed until the next call */
    struct gk_octets server_name;  /* so is this */
    struct gk_address server;
    char refusal[256]; /* why the last attempt failed */
    struct member_counts counts;
};
/* The verified token in force, borrowed until the next call of the engine; NULL while the member
 * is not in the group. */
const struct loaded *member_policy(const struct member *member);
void member_get_status(const struct member *member, struct member_status *status);

/* A GTPK as a consumer takes it. `key` is borrowed until the next call of the engine. */
struct member_key {
    uint32_t id, handle;
    uint16_t type;
    gk_time created, expires;
    struct gk_octets key;
};
/* The index-th current GTPK in token order; false when there is none, it has expired at
 * `now`, or the member is out of the group (fail closed). */
bool member_key_at(const struct member *member, size_t index, const struct gk_now *now,
                   struct member_key *key) GK_MUST_USE;

#endif
