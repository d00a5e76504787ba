/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ROLES_RULES_MAKER_H
#define TESTS_ROLES_RULES_MAKER_H
/*
 * A token made by hand, the rules over it, and people under one root to ask about.
 *
 * case_new gives a token that runs a group and lets nobody in: one Registration with one
 * entry, the recommended mechanism, LKH, one key. Change c->token through the pointers and
 * case_pair, then case_rules.
 */
#include "roles/rules.h"
#include "tests/roles/pki-maker.h"

struct rules_case {
    const struct test_party *root;
    struct token *token;
    struct token_register *registration; /* the latest */
    struct token_access *entry;          /* its latest */
    struct token_rekey *rekey;
    struct token_data *data;
    struct rules_local local;
    struct rules *rules;
    struct gk_reason why;
    struct findings findings;
    size_t people;
    struct pki_identity *person[16];
};

struct rules_case *case_new(void);
void case_free(struct rules_case *c);
struct token_registration *case_registration(struct rules_case *c);
struct token_mechanism *case_mechanism(struct rules_case *c, int64_t signature, int64_t nonce_hash,
                                       int64_t key_creation, int64_t key_wrap);
struct token_rekey *case_rekey(struct rules_case *c);
struct token_data *case_data(struct rules_case *c, const char *authentication_id,
                             const char *encryption_id);
/* A pair under the case's root; text, or any octets under any CA. */
void case_pair(struct rules_case *c, struct token_pairs *pairs, const char *name);
void case_pair_of(struct rules_case *c, struct token_pairs *pairs, int64_t type,
                  struct gk_octets id, struct gk_octets ca);
void case_exclude(struct rules_case *c, const char *name);
/* Compiles (again); false with c->why when refused. */
bool case_rules(struct rules_case *c);
/* Compiles and is refused with that code. */
bool case_refused(struct rules_case *c, const char *code);

/* Somebody under the root; lives as long as the case. */
struct pki_identity *case_person(struct rules_case *c, const char *name);
struct pki_identity *case_identity(struct rules_case *c, const struct test_party *party);

#endif
