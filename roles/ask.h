/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_ASK_H
#define ROLES_ASK_H
/*
 * Asking: all that one identity may be in a group under one token, and what it gains or loses when
 * another token takes its place. For owners and operators; the answers are those of
 * roles/rules.h, which the engines ask.
 *
 *     unsigned before = ask_roles(old_rules, RULES_ANY, identity, NULL);
 *     unsigned after = ask_roles(new_rules, RULES_ANY, identity, verdicts);
 *     ask_count(&sums, before, after);
 *
 * A member that has joined is judged by the Registration of its mechanism:
 *     ask_roles(rules, ask_registration(rules, &mechanism), identity, NULL) & ASK_BIT(ASK_MEMBER)
 *
 * Pure, and may be called from several threads over the same rules.
 */
#include "roles/rules.h"

enum ask_role {
    ASK_MEMBER, /* admitted by the rules of the Registration(s) asked for */
    ASK_JOIN,   /* and some JoinMechanism there takes a signature of its key */
    ASK_LEAVE,  /* is a member, and a LeaveMechanism there takes its key and CA */
    ASK_SENDER,
    ASK_GCKS, /* of the Registration(s) asked for */
    ASK_SUBORDINATE,
    ASK_REKEY,   /* may sign Rekey Events for members of these */
    ASK_DESTROY, /* may end the group for everybody */
};
#define ASK_ROLES     8
#define ASK_BIT(role) (1U << (role))

/* A set of ASK_BIT(role). `registration` is an index in the token, or RULES_ANY. `verdicts`, may
 * be NULL, takes for each role the rule that granted or forbade it. */
unsigned ask_roles(const struct rules *rules, size_t registration,
                   const struct pki_identity *identity, struct rules_verdict verdicts[ASK_ROLES]);

/* May it join by terms->mechanism[index], as a GC/KS decides on its RTJ: is it the mechanism that
 * such an RTJ gets, does its signature type take the key, do the rules admit? */
bool ask_join(const struct rules *rules, const struct pki_identity *identity, size_t index,
              struct rules_verdict *verdict);
/* May it leave, having joined by that Registration (profile 12.10)? */
bool ask_leave(const struct rules *rules, size_t registration, const struct pki_identity *identity,
               struct rules_verdict *verdict);
/* The Registration of a member that joined by that mechanism; RULES_ANY where the token no longer
 * has it. */
size_t ask_registration(const struct rules *rules, const struct gk_mechanism *mechanism);

/* Which rule for a role that was denied came nearest, and what parts it from the identity:
 * "accessRule 2 of entry 1: CN=Ann,OU=Staff under CA 5f:...: OU is Staff there, and Guests in the
 * certificate". False when there is no rule, and for ASK_JOIN and ASK_LEAVE. Walks all rules. */
bool ask_near(const struct rules *rules, enum ask_role role, size_t registration,
              const struct pki_identity *identity, char *text, size_t room);

/* "member", "join", "leave", "sender", "gcks", "subordinate", "rekey", "destroy". */
const char *ask_role_name(enum ask_role role);

/* Sums over many. */
struct ask_sums {
    size_t asked, changed; /* identities */
    size_t gained[ASK_ROLES], lost[ASK_ROLES];
};
/* Did anything change? */
bool ask_count(struct ask_sums *sums, unsigned before, unsigned after);

#endif
