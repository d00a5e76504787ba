/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_RULES_PARTS_H
#define ROLES_RULES_PARTS_H
/*
 * Between the files of the rules; inside roles/ only.
 *
 * A compiled rule list stands beside each list of UserCAPairs that a question may be asked
 * of: names are parsed once, and folded once for exclusions. Names without wildcards are
 * found by their hash, so that long lists of single members cost a look-up; the rest is
 * walked.
 */
#include "token/name-parts.h"
#include "roles/rules.h"

struct rules_pair {
    const struct token_pair *pair;
    struct name name; /* of types 9 and 31 */
};

#define RULES_HASH 16
struct rules_exact {
    uint8_t hash[RULES_HASH]; /* of the name's canonical key */
    size_t index;
};

struct rules_list {
    bool folded; /* an exclusion */
    size_t count;
    struct rules_pair *at;
    size_t exact_count, loose_count;
    struct rules_exact *exact; /* sorted */
    size_t *loose;             /* of all other pairs, ascending */
};

struct rules_entry {
    const struct token_access *access;
    struct rules_list rule, exclusions;
};

/* One Registration; `known` false for unknown protocols and none. */
struct rules_registration {
    bool known;
    const struct token_register *policy;
    struct rules_list gcks, senders;
    size_t sub_count;
    struct rules_list *sub;
    size_t entry_count;
    struct rules_entry *entry;
};

struct rules {
    const struct token *token;
    struct rules_local local;
    struct findings *findings; /* while it is made */
    struct rules_terms terms;
    size_t registration_count;
    struct rules_registration *registration;
    struct rules_list authorization, auth_subs; /* of the rekey entry in force */
};

/* Where a list of pairs stands: its name in sentences ("accessRule"), its path. */
struct rules_where {
    const char *name;
    char path[FINDING_PATH];
};
struct rules_where rules_where(const char *name, const char *format, ...) GK_PRINTF(2, 3);
/* Finds fault with each pair that cannot be judged (profile 11.18). */
void rules_list_compile(struct rules_list *list, const struct token_pairs *pairs, bool folded,
                        struct rules_where where, struct findings *findings);
void rules_list_drop(struct rules_list *list);

/* An identity while questions are asked about it. */
struct rules_asked {
    const struct pki_identity *identity;
    struct name exact, folded;
    uint8_t exact_hash[RULES_HASH], folded_hash[RULES_HASH];
};

void rules_hash_name(const struct name *name, uint8_t hash[RULES_HASH]);
/* Sorts the compiled pairs into exact and loose ones. */
void rules_list_index(struct rules_list *list);
/* Whatever the CA; and under the pair's. */
bool rules_id_matches(const struct rules_pair *pair, const struct rules_asked *asked, bool folded);
bool rules_pair_matches(const struct rules_pair *pair, const struct rules_asked *asked,
                        bool folded);

void rules_ask(struct rules_asked *asked, const struct pki_identity *identity);
void rules_asked_drop(struct rules_asked *asked);
/* One question, exclusion first; names are parsed once for as many as are asked. */
enum rules_role {
    RULES_MEMBER,
    RULES_SENDER,
    RULES_GCKS,
    RULES_SERVER,
    RULES_SUBORDINATE,
    RULES_REKEYER,
    RULES_DESTROYER
};
bool rules_answer(const struct rules *rules, enum rules_role role, size_t registration,
                  const struct rules_asked *asked, struct rules_verdict *verdict);
bool rules_asked_excluded(const struct rules *rules, const struct rules_asked *asked,
                          struct rules_verdict *verdict);
/* The first pair that matches, or NULL. */
const struct rules_pair *rules_list_find(const struct rules_list *list,
                                         const struct rules_asked *asked);

/* They fill rules->terms; what is wrong or odd goes to rules->findings. */
void rules_judge_id(struct rules *rules);
void rules_terms_fill(struct rules *rules);
void rules_terms_mechanisms(struct rules *rules);
/* Its key wrap; -1 for a suite that is not known. */
int64_t rules_mechanism_wrap(const struct token_mechanism *mechanism);
void rules_terms_rekey(struct rules *rules);

/* Times of tokens are hostile numbers: seconds from 1 (`least`) up to a century. */
#define RULES_SECONDS_MAX INT64_C(3155760000)

#endif
