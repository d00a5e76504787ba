/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_RULES_H
#define ROLES_RULES_H
/*
 * Rules: who may do what under a verified token and the host's local policy (RFC 4534 3,
 * RFC 4535 5.2; wire profile 6, 9.9, 11.6 to 11.13).
 *
 * rules_new compiles a token once; every question afterwards is a look-up that answers with a
 * verdict which names the rule: "accessRule 2 of entry 1: CN=*,OU=video under CA 5f:...".
 * Rules borrow the token, are immutable, and may be asked by several threads.
 */
#include "gsakmp/message.h"
#include "gsakmp/suite.h"
#include "roles/pki.h"
#include "token/finding.h"
#include "token/token.h"

/* The host's local policy for one group (RFC 4534 2, last point): configuration, borrowed.
 * Zeroed means: nothing beyond what this version recommends. */
struct rules_local {
    const struct gk_mechanism *mechanisms; /* acceptable ones; none listed: all that run */
    size_t mechanism_count;
    bool tolerate_unknown_protocols; /* beside known ones (RFC 4534 3) */
    bool tolerate_suite_1;
    /* It is to run the group: what a GC/KS of this version cannot serve is refused too. */
    bool serves;
    /* Permission levels of an identity, from the GC/KS's table (profile 11.9); a set of
     * 1 << level. NULL: nobody holds any. */
    unsigned (*permissions)(void *context, const struct pki_identity *identity);
    void *context;
};

/* Has it what makes Suite 1 weak: DSS-SHA1, or a group of 1024 bits? */
bool rules_weak(const struct gk_mechanism *mechanism);
/* May this host use the mechanism? Prohibited-by-Local-Policy, naming the setting. */
bool rules_locally_allowed(const struct rules_local *local, const struct gk_mechanism *mechanism,
                           struct gk_reason *why) GK_MUST_USE;

struct rules_verdict {
    bool granted;
    uint16_t notification; /* why not (profile 11.8) */
    char rule[320];        /* the rule that decided, for a log line */
};

/* One JoinMechanism of the token, flattened in order (profile 6.2). */
struct rules_mechanism {
    struct gk_mechanism algorithms;
    size_t registration; /* index in the token */
    int64_t time_out;    /* milliseconds; 30 s where the token gives a deadline instead */
    gk_time deadline;    /* an absolute timeOut (profile 6.4), GK_TIME_NEVER without */
    bool terse;
    bool timestamp; /* TRUE: no nonces (profile 5.3) */
    enum token_transport transport;
};

/* A GTPK that the token asks for (profile 9.2, 9.3). */
struct rules_gtpk {
    uint32_t key_id;
    uint16_t key_type;
    bool authenticates, encrypts; /* what some data protocol names it for; both may be */
    bool has_expiration;
    struct token_life expiration;
};

#define RULES_MECHANISMS 32
#define RULES_GTPKS      16

/* What an engine needs of the token at every turn. */
struct rules_terms {
    struct gk_octets group_name;
    bool has_edition;
    int64_t edition;
    /* The JoinMechanisms that this version runs and local policy allows, in order; how many
     * the token lists beside them (with any, it is no token for a GC/KS: profile 6.7). */
    size_t mechanism_count;
    struct rules_mechanism mechanism[RULES_MECHANISMS];
    size_t mechanisms_left_out;
    bool verbose;                    /* before a mechanism is known (profile 6.5) */
    bool rekeys;                     /* some rekey protocol is in force */
    const struct token_rekey *rekey; /* profile 11.10; NULL without */
    size_t rekey_number;             /* its index in the token */
    uint16_t rekey_signature;
    uint16_t kek_type;
    int64_t rekey_every;         /* ms; 0 = not by time */
    int64_t rekey_interval;      /* ms within which a member expects an event; 0 = none */
    int64_t rekey_after;         /* events; 0 = not by count */
    gk_time rekey_by, expect_by; /* the first two as absolute times (profile 6.4): one event
                                    by then; GK_TIME_NEVER without */
    unsigned resend;             /* copies beyond the first */
    struct gk_octets post;
    bool autonomous;
    size_t gtpk_count;
    struct rules_gtpk gtpk[RULES_GTPKS];
    size_t token_key; /* index in gtpk: what encrypts a token (profile 8.6) */
};

struct rules;

/* "authentication", "encryption", "authentication and encryption". */
const char *rules_gtpk_use(const struct rules_gtpk *gtpk);

/* Judges the token as this version would run it (profile 11.13, 11.18): refuses with
 * "not-run" what it does not run, with the local setting's name what local policy forbids.
 * `findings`, may be NULL, takes all errors and what is odd besides; `why` is the first error. */
struct rules *rules_new(const struct token *token, const struct rules_local *local,
                        struct findings *findings, struct gk_reason *why) GK_MUST_USE;
void rules_free(struct rules *rules);
const struct rules_terms *rules_terms(const struct rules *rules);
/* Can a member run a group by this token: is there a mechanism and a key (profile 9.1)? For a
 * GC/KS, which serves every JoinMechanism (profile 6.7), rules_new asks when local->serves. */
bool rules_can_run(const struct rules *rules, struct gk_reason *why) GK_MUST_USE;

/* The mechanism that an RTJ asks for (profile 6.2): its index in terms->mechanism.
 * Prohibited-by-Group-Policy when there is none. */
bool rules_mechanism(const struct rules *rules, uint16_t signature, uint16_t key_creation,
                     const struct gk_choices *choices, size_t *index,
                     struct gk_reason *why) GK_MUST_USE;

/* May it be a member by this Registration (profile 11.8)? RULES_ANY: by any. */
#define RULES_ANY SIZE_MAX
bool rules_member(const struct rules *rules, size_t registration,
                  const struct pki_identity *identity, struct rules_verdict *verdict);
/* May it sign KeyDLs of this Registration: gCKS, or subordinate (profile 11.10)? */
bool rules_server(const struct rules *rules, size_t registration,
                  const struct pki_identity *identity, struct rules_verdict *verdict);
bool rules_gcks(const struct rules *rules, size_t registration, const struct pki_identity *identity,
                struct rules_verdict *verdict);
bool rules_subordinate(const struct rules *rules, const struct pki_identity *identity,
                       struct rules_verdict *verdict);
/* May it send: by some Registration that admits its name (permissions apart) and lists it, or
 * everybody, as senders. */
bool rules_sender(const struct rules *rules, const struct pki_identity *identity,
                  struct rules_verdict *verdict);
/* May it sign the Rekey Events of members that joined by this Registration (profile 9.9)? */
bool rules_rekey(const struct rules *rules, size_t registration,
                 const struct pki_identity *identity, struct rules_verdict *verdict);
/* May it end the group for everybody (profile 9.11): gCKS of any, and authorization? */
bool rules_destroyer(const struct rules *rules, const struct pki_identity *identity,
                     struct rules_verdict *verdict);
/* Is it named by an exclusionsRule? The verdict, granted when not, says by which. */
bool rules_excluded(const struct rules *rules, const struct pki_identity *identity,
                    struct rules_verdict *verdict);

/* The LeaveMechanism of an RTD with this signature type from this identity: the first of the
 * Registration whose cA is in its path (profile 5.2, 12.10); NULL without. `deregister`, may
 * be NULL, takes the policy around it. */
const struct token_leave_mechanism *rules_leave(const struct rules *rules, size_t registration,
                                                uint16_t signature,
                                                const struct pki_identity *identity,
                                                const struct token_deregister **deregister);

#endif
