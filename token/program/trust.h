/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_PROGRAM_TRUST_H
#define TOKEN_PROGRAM_TRUST_H
/*
 * Whom to trust, and when: the options that commands share which judge signed tokens and
 * certificates as the daemons do.
 *
 *     struct trust *trust = gk_alloc(1, sizeof *trust);
 *     ... getopt_long with TRUST_OPTIONS among its rows; for each option:
 *     status = trust_take(trust, &command_verify, option, optarg);
 *     if (status == TRUST_OTHER) ... an option of the command's own
 *     ...
 *     status = trust_prepare(trust, &command_verify);     then trust->policy, trust->now
 *     trust_free(trust);
 */
#include "gsakmp/suite.h"
#include "roles/load.h"
#include "token/program/program.h"

#define TRUST_MECHANISMS 16

struct trust {
    const char *owner, *owner_ca, *owner_cert, *last, *at;
    bool tolerate_suite_1, tolerate_unknown_protocols;
    struct gk_mechanism mechanism[TRUST_MECHANISMS]; /* those that local policy allows */
    size_t mechanism_count;
    struct list roots, crls;
    struct gk_octets root[LIST_MAX], crl[LIST_MAX];
    gk_time now;
    struct load_policy policy; /* the group is that of trust_group */
    struct load_mark mark;     /* of --last, by trust_last */
};

#define TRUST_OWNER      256 /* above every character */
#define TRUST_OWNER_CA   257
#define TRUST_OWNER_CERT 258
#define TRUST_SUITE_1    259
#define TRUST_UNKNOWN    260
#define TRUST_MECHANISM  261
#define TRUST_OPTIONS                                                                              \
    {"owner", required_argument, NULL, TRUST_OWNER},                                               \
        {"owner-ca", required_argument, NULL, TRUST_OWNER_CA},                                     \
        {"owner-cert", required_argument, NULL, TRUST_OWNER_CERT},                                 \
        {"root", required_argument, NULL, 'r'}, {"crl", required_argument, NULL, 'c'},             \
        {"last", required_argument, NULL, 'l'}, {"at", required_argument, NULL, 'a'},              \
        {"mechanism", required_argument, NULL, TRUST_MECHANISM},                                   \
        {"tolerate-suite-1", no_argument, NULL, TRUST_SUITE_1},                                    \
    {                                                                                              \
        "tolerate-unknown-protocols", no_argument, NULL, TRUST_UNKNOWN                             \
    }
#define TRUST_SHORT "r:c:l:a:"

/* What --help says of them. */
#define TRUST_HELP                                                                                 \
    "      --owner DN          the Group Owner, as \"CN=Owner,O=Acme,C=US\"; no wildcards\n"       \
    "  -r, --root FILE         trusted roots, PEM or DER; may be repeated\n"                       \
    "      --owner-ca FILE     certificate of the authority that issued the owner's; this or\n"    \
    "                          the next is needed with several roots\n"                            \
    "      --owner-cert FILE   the owner's certificate itself\n"                                   \
    "  -c, --crl FILE          revocation lists, PEM or DER; may be repeated\n"                    \
    "  -l, --last FILE         the token accepted before: an older one is refused\n"               \
    "  -a, --at TIME           judge as of then, 20260101000000Z or RFC 3339\n"                    \
    "      --mechanism M       one that the hosts allow, as recommended; may be repeated\n"        \
    "      --tolerate-suite-1, --tolerate-unknown-protocols\n"                                     \
    "                          as the hosts' local policy has it\n"

enum { TRUST_OTHER = -1 };
int trust_take(struct trust *trust, const struct command *command, int option,
               const char *value) GK_MUST_USE;
/* Reads the clock and fills the policy; `owner` may be absent where the command allows it. */
int trust_prepare(struct trust *trust, const struct command *command) GK_MUST_USE;
/* The group that the token names; what it cannot be read from is left for the judge to refuse. */
bool trust_group(struct trust *trust, struct gk_octets signed_token, struct gk_reason *why);
/* Reads --last into the mark; one of another group or owner, or without a good signature, means
 * that the question cannot be asked (profile 11.19). */
bool trust_last(struct trust *trust, struct gk_reason *why) GK_MUST_USE;
void trust_free(struct trust *trust);

#endif
