/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_LOAD_H
#define ROLES_LOAD_H
/*
 * Loading: from the octets of a signed token to rules, or to the reason why not. The only way
 * in which daemons and offline tools take a token (RFC 4534 2):
 *
 *   envelope and signature (token/cms.h), the signer's path, the Group Owner's identity,
 *   edition and signing time against what was accepted before, the token's DER, the group's
 *   name, and what this version and local policy run (roles/rules.h).
 *
 * A loaded token is immutable and counted: load_ref, load_unref (from one thread).
 */
#include "gsakmp/engine.h"
#include "roles/rules.h"
#include "token/cms.h"

/* Of the last token accepted for a group and owner; outlives departure (profile 11.5). */
struct load_mark {
    bool present;
    bool has_edition;
    int64_t edition;
    gk_time signing_time;
    uint8_t hash[32]; /* SHA-256 of the ContentInfo */
};

struct load_policy {
    struct gk_group group;
    struct gk_octets owner; /* name, without wildcards */
    bool has_owner_ca;
    uint8_t owner_ca[PKI_KEY_ID_SIZE]; /* its issuing CA; may be absent with a single root
                                          only (profile 4.8) */
    bool has_owner_fingerprint;
    uint8_t owner_fingerprint[32]; /* of the announcement; the certificate must be that */
    struct pki_trust trust;
    struct rules_local local;
    bool has_least_edition;
    int64_t least_edition;
    int64_t skew; /* seconds */
};

struct loaded {
    struct token *token;
    struct rules *rules;
    struct gk_secret octets; /* the ContentInfo */
    struct load_mark mark;
    struct pki_identity *owner;
    struct findings findings; /* of all steps; errors too, of a token that was refused */
    unsigned references;
};

/* `last`, may be NULL, is what was accepted before: the same octets pass as unchanged, an
 * older edition or signing time is refused (code "older-token", Prohibited-by-Group-Policy). */
struct loaded *load_token(struct gk_octets signed_token, const struct load_policy *policy,
                          const struct load_mark *last, gk_time now,
                          struct gk_reason *why) GK_MUST_USE;

/* The same, step by step, for who wants to know why. The steps are judged in this order and each
 * rests on those above it; only the edition, of LOAD_AGE, is known once the content was read. A
 * token is good when all of them are. */
enum load_step {
    LOAD_FORM,    /* strict DER, a SignedData of one signer (profile 11.4, 11.16, 11.17) */
    LOAD_SIGNER,  /* the signature, by an algorithm that local policy takes */
    LOAD_PATH,    /* of the signer's certificate, to a trusted root */
    LOAD_OWNER,   /* the signer is the configured Group Owner (profile 4.8) */
    LOAD_AGE,     /* edition and signing time, against clock and last token (profile 11.5) */
    LOAD_CONTENT, /* the token, for this group, and run by this version (profile 11.13) */
    LOAD_STEPS
};
enum load_verdict { LOAD_NOT_JUDGED, LOAD_GOOD, LOAD_BAD };
struct load_chain {
    enum load_verdict verdict[LOAD_STEPS];
    struct cms cms;       /* borrows from the octets that were judged */
    struct loaded *tried; /* what was read, of a refused token too: to tell of, never to use */
};
struct loaded *load_token_chain(struct gk_octets signed_token, const struct load_policy *policy,
                                const struct load_mark *last, gk_time now, struct load_chain *chain,
                                struct gk_reason *why) GK_MUST_USE;
void load_chain_free(struct load_chain *chain);

struct loaded *load_ref(struct loaded *loaded);
void load_unref(struct loaded *loaded);

/* All findings as notices: what a token that comes into force wants the operator to know. */
void load_warn(const struct loaded *loaded, struct gk_turn *turn);

#endif
