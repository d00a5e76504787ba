/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ROLES_GCKS_BENCH_H
#define TESTS_ROLES_GCKS_BENCH_H
/*
 * A bench: one GC/KS engine on the known answers' PKI, group and token, on a clock that the
 * test sets, with every message, record and notice in view; and actors, who speak to it in
 * raw messages, honest or not. No member engine takes part.
 *
 *     struct bench *bench = bench_new(NULL);
 *     struct actor *m = actor_new("CN=M2,OU=Members,O=Acme,C=US", 2);
 *     bench_join(bench, m);
 */
#include "gsakmp/message.h"
#include "gsakmp/ring.h"
#include "gsakmp/suite.h"
#include "roles/gcks.h"
#include "tests/harness.h"
#include "tests/roles/pki-maker.h"
#include "token/token.h"

struct bench_sent {
    struct gk_peer to;
    struct gk_secret octets;
};

struct bench {
    struct gk_now now;
    struct load_policy policy;
    struct gcks_config config;
    struct gk_signer signer;
    struct gk_octets certificates[2];
    struct gk_random random;
    struct gk_octets token;
    struct gcks *gcks;
    int64_t next_tick;
    bool hold_jobs; /* collect jobs instead of running them */
    size_t job_count;
    struct gk_job *jobs[64];
    size_t record_count;
    struct gk_record *records; /* ordered by key, as a store gives them */
    size_t notice_count;
    struct gk_notice *notices;
    size_t sent_count;
    struct bench_sent *sent;
    uint64_t turns;
    uint64_t crash_at; /* the turn after whose records were stored the engine dies, 0 for none */
    unsigned lives;
};

/* `change` may alter the configuration before the group is created. */
struct bench *bench_new(void (*change)(struct gcks_config *config));
/* The same with another token. */
struct bench *bench_with(struct gk_octets token, void (*change)(struct gcks_config *config));
void bench_free(struct bench *bench);
/* Carries out a turn that the test made with a command. */
void bench_turn(struct bench *bench, struct gk_turn *turn);
void bench_deliver(struct bench *bench, const struct gk_peer *from, struct gk_octets octets);
/* Lets time pass, tick by tick. */
void bench_pass(struct bench *bench, int64_t ms);
/* Runs the held job at that place. */
void bench_run_job(struct bench *bench, size_t index);
/* The engine dies, jobs and all, and is rebuilt from its records. */
void bench_restart(struct bench *bench);
/* Forgets what was sent and noticed so far. */
void bench_forget(struct bench *bench);

const struct gk_notice *bench_noticed(const struct bench *bench, const char *code);
size_t bench_sent_of(const struct bench *bench, uint8_t exchange);
/* The index-th message of that exchange; empty when there is none. */
const struct bench_sent *bench_sent_at(const struct bench *bench, uint8_t exchange, size_t index);
/* Records of a kind that are in the store. */
size_t bench_records(const struct bench *bench, char kind);
struct gcks_status bench_status(const struct bench *bench);
struct gk_peer bench_peer(unsigned number);
bool bench_rekey(struct bench *bench);
bool bench_evict(struct bench *bench, const char *name);
/* Not anyway, as bench_publish does. */
bool bench_try(struct bench *bench, struct gk_octets token, enum gcks_publishing how,
               struct gk_reason *why);
bool bench_publish(struct bench *bench, struct gk_octets token, struct gk_reason *why);

/* The known answers' token, changed and signed by its owner again. */
struct bench_token {
    int64_t edition;
    const char *exclude;                 /* a DN under the root */
    int64_t every;                       /* seconds between events, 0: as it is, -1: never */
    int64_t interval;                    /* within which members expect one; 0: as it is */
    int64_t resend;                      /* copies */
    bool no_method;                      /* rekeyMethod none */
    const char *gcks;                    /* another GC/KS */
    const char *member;                  /* another access rule */
    uint32_t gtpk;                       /* another kMKeyID */
    int64_t permission;                  /* that members must hold */
    const char *by;                      /* another entity of the known answers signs it */
    void (*change)(struct token *token); /* whatever else */
    gk_time at;                          /* signing time; 0: TEST_NOW */
};
struct gk_octets bench_token(const struct bench_token *want);

/* --- actors ----------------------------------------------------------------------------- */

struct actor {
    const struct test_party *party;
    const char *claims; /* another name as Signer ID, NULL: its own */
    struct gk_signer signer;
    struct gk_peer peer;
    struct gk_octets certificates[2];
    struct gk_mechanism mechanism;
    struct gk_secret secret; /* of the key creation */
    struct gk_writer public_value;
    uint8_t nonce_i[32];
    struct gk_secret rtj;
    struct gk_secret kek, plain;
    struct gk_key_download download;
    uint8_t nonce_c[32];
    struct gk_secret token;
    struct gk_ring *ring;
    uint32_t sequence;
    gk_time newest_event;
};

struct actor *actor_new(const char *subject, unsigned number);
void actor_free(struct actor *actor);
/* A fresh session: its RTJ stands in `rtj`. */
struct gk_octets actor_rtj(struct bench *bench, struct actor *actor, gk_time stamp);
/* The same session in other octets. */
struct gk_octets actor_rtj_again(struct bench *bench, struct actor *actor, gk_time stamp);
/* Opens the KeyDL with everything checked that a member checks. */
bool actor_open(struct bench *bench, struct actor *actor, struct gk_octets keydl);
/* Notification 23 with data 0 is the Ack. */
struct gk_octets actor_answer(struct bench *bench, struct actor *actor, uint16_t notification);
/* RTJ, KeyDL, Ack. */
bool bench_join(struct bench *bench, struct actor *actor);
/* Takes the Rekey Events that the bench has sent to the group since it was told to forget.
 * True when some event was complete: every GTPK came. */
bool actor_rekey(struct bench *bench, struct actor *actor);
/* Does it hold the GC/KS's GTPK? */
bool actor_current(const struct bench *bench, const struct actor *actor);

#endif
