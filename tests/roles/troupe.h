/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ROLES_TROUPE_H
#define TESTS_ROLES_TROUPE_H
/*
 * A troupe: a whole group in one process. A PKI, an owner who compiles and signs tokens from
 * policy sources, one GC/KS (node 0) and members, on a rig.
 *
 *     struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 4});
 *     troupe_join_all(troupe);
 *     ... troupe_agree(troupe) ...
 *     troupe_free(troupe);
 *
 * Members are m0, m1, ...: "CN=mN,OU=Members,O=Acme"; the rule admits OU=Members.
 */
#include "gsakmp/suite.h"
#include "roles/gcks.h"
#include "roles/member.h"
#include "tests/roles/pki-maker.h"
#include "tests/roles/rig.h"

#define TROUPE_MEMBERS (RIG_NODES - 1)

struct troupe_plan {
    unsigned members;
    uint64_t seed;
    const char *suite;             /* NULL: recommended */
    struct gk_mechanism mechanism; /* instead of a suite, where its key creation is not 0 */
    const struct gk_signer *gcks_signer, *member_signer; /* instead of the keys' own */
    unsigned degree;                                     /* of the tree; 0: the engine's */
    uint32_t capacity;                                   /* 0: 64 */
    const char *rekey;         /* attributes of <rekey>; NULL: every="1 h" resend="0" */
    bool tcp;                  /* members register by TCP */
    const char *also;          /* the server has a key for this suite, too */
    const char *registrations; /* the token's <registration> elements; NULL: one, of `suite` */
    const char *data;          /* attributes of <data>; NULL: one key, encryption="80000001" */
    size_t message_limit;
    enum gk_lkh_packaging packaging;
    bool rekey_on_join;
    bool unicast; /* Rekey Events go to each member's address instead of the multicast one */
    bool both;    /* to both */
    unsigned queue_most, jobs_most;
    gk_time gcks_off; /* the GC/KS's clock is that many seconds fast */
};

struct troupe_part {
    char subject[64];
    const struct test_party *party;
    struct gk_signer signer;
    struct gk_octets certificates[1];
    const struct test_party *second; /* troupe_equip */
    struct gk_signer second_signer;
    struct gk_octets second_certificates[1];
    struct member_config config;
    struct member *member;
    size_t node;
};

struct troupe {
    struct troupe_plan plan;
    struct rig *rig;
    struct gk_random random;
    const struct test_party *root, *owner, *gcks_party;
    struct gk_signer gcks_signer;
    struct gk_octets gcks_certificates[1];
    const struct test_party *gcks_second; /* of plan.also */
    struct gk_signer gcks_second_signer;
    struct gk_octets gcks_second_certificates[1];
    struct load_policy policy;
    struct gcks_config gcks_config;
    struct gcks *gcks;
    struct gk_octets token; /* the one the group began with */
    unsigned member_count;
    struct troupe_part member[TROUPE_MEMBERS];
};

struct troupe *troupe_new(const struct troupe_plan *plan);
void troupe_free(struct troupe *troupe);

/* The mechanism of the plan. */
struct gk_mechanism troupe_mechanism(const struct troupe_plan *plan);
/* A signed token of this owner: `edition`, `exclude` a comma-free DN or NULL, signed `at`. */
struct gk_octets troupe_token(struct troupe *troupe, int edition, const char *exclude, gk_time at);
/* The same by another owner, for attacks. */
struct gk_octets troupe_token_by(struct troupe *troupe, const struct test_party *owner, int edition,
                                 const char *exclude, gk_time at);
/* Adds a member of any name; not joined. Returns its index. */
unsigned troupe_add(struct troupe *troupe, const char *subject);
/* Gives it a key for another suite, too. */
void troupe_equip(struct troupe *troupe, unsigned index, const char *suite);
/* Makes it anew, not joined, after its configuration was changed. */
void troupe_rebuild(struct troupe *troupe, unsigned index);
void troupe_join(struct troupe *troupe, unsigned index);
/* All join, one after the other, until all are in. */
void troupe_join_all(struct troupe *troupe);

/* Leaves without notice; false when it had not joined. */
bool troupe_leave(struct troupe *troupe, unsigned index);

bool troupe_in(const struct troupe *troupe, unsigned index);
/* The member's GTPK, empty when it has none. */
struct gk_octets troupe_key(const struct troupe *troupe, unsigned index);
/* Do all these members hold the GC/KS's current GTPK (by handle)? */
bool troupe_current(const struct troupe *troupe, unsigned index);
/* All but `but` (-1 for none) are in and hold the current key. */
bool troupe_agree(const struct troupe *troupe, int but);

/* Commands at the GC/KS. */
bool troupe_rekey(struct troupe *troupe);
bool troupe_evict(struct troupe *troupe, unsigned index);
bool troupe_publish(struct troupe *troupe, struct gk_octets token, struct gk_reason *why);
bool troupe_destroy(struct troupe *troupe);
/* Local policy changes: these revocation lists are at hand. */
void troupe_gcks_policy(struct troupe *troupe, const struct gk_octets *crls, size_t count);
void troupe_member_policy(struct troupe *troupe, unsigned index, const struct gk_octets *crls,
                          size_t count);
/* The GC/KS, or a member, dies and is rebuilt from its records alone. */
void troupe_restart_gcks(struct troupe *troupe);
void troupe_restart_member(struct troupe *troupe, unsigned index);
struct gcks_status troupe_status(const struct troupe *troupe);
struct member_status troupe_member_status(const struct troupe *troupe, unsigned index);

#endif
