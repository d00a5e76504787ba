/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_LINT_WHO_H
#define TOKEN_LINT_WHO_H
/*
 * Between the files that look for what is odd in who may do what; inside token/ only.
 *
 * All lists of UserCAPairs of a token are gathered once, each with its role and path. Questions
 * are of two kinds. "Does one rule match all that another matches" is token/cover.h's, and is
 * always told. "Can anybody match both" is a crowd's: names that differ in a value have nobody
 * in common; a name and a host may belong to one certificate, which a token does not tell.
 * Without wildcards that is looked up; rules with wildcards are compared with each of the others,
 * LINT_COMPARED at most: what was not compared counts as meeting, and a notice says so.
 */
#include <limits.h>

#include "token/cover.h"
#include "token/lint.h"

enum lint_role {
    LINT_GCKS = 1,
    LINT_SUBORDINATE = 2,
    LINT_SENDER = 4,
    LINT_ALLOW = 8,
    LINT_EXCLUDE = 16,
    LINT_AUTHORITY = 32, /* of the rekey entry in force, as the next */
    LINT_AUTH_SUB = 64
};
#define LINT_ADMIT (LINT_GCKS | LINT_SUBORDINATE | LINT_SENDER | LINT_ALLOW)

struct lint_list {
    enum lint_role role;
    const char *name; /* "accessRule" */
    const struct token_pairs *pairs;
    size_t registration; /* LINT_ALL: of none */
    size_t entry;        /* of the accesses, or of the lists of subordinates; LINT_ALL */
    unsigned needs;      /* an accessRule's permissions: 1 << level */
    char path[FINDING_PATH];
};
#define LINT_ALL      SIZE_MAX
#define LINT_COMPARED 65536

struct lint_who {
    const struct token *token;
    struct findings *findings;
    const struct token_rekey *rekey; /* in force; NULL without */
    const struct token_protocol *rekey_protocol;
    size_t rekey_index;
    size_t count, room;
    struct lint_list *list;
    size_t compared;
    struct cover exclusions; /* all, folded; a rule's `list` is an index in `list` above */
};

void lint_who(const struct token_linting *linting);

/* A finding of a rule about pair `index` of a list: "accessRule 2 of entry 1 (CN=*,O=Acme under
 * CA 5f:01:...): " and the sentence. */
void lint_say(struct lint_who *who, const char *rule, const struct lint_list *list, size_t index,
              const char *format, ...) GK_PRINTF(5, 6);
/* "accessRule 2 of entry 1" of a list; with the registration where there are several. */
#define LINT_PLACE 96
const char *lint_place(const struct lint_who *who, const struct lint_list *list, size_t index,
                       char to[LINT_PLACE]);
/* The lists of these roles of one registration, or of all, in one cover, indexed. */
void lint_cover(const struct lint_who *who, unsigned roles, size_t registration, bool folded,
                struct cover *to);

/* --- who meets whom ----------------------------------------------------------------------- */

struct lint_crowd_kind {
    struct gk_octets ca;
    int kind; /* names are one kind, each other type is its own */
};

struct lint_crowd {
    struct token_pair *bare; /* the pairs without CA */
    struct cover cover;      /* of `bare`, folded */
    size_t count;
    const struct token_pair **pair; /* as they stand */
    struct lint_crowd_kind *kind;   /* sorted */
};

void lint_crowd_make(struct lint_crowd *crowd, const struct lint_who *who, unsigned roles,
                     size_t registration);
void lint_crowd_drop(struct lint_crowd *crowd);
/* Can somebody match the pair and one of its kind in the crowd? `same_ca`: under the pair's own
 * CA, else of the same name under any. */
bool lint_crowd_meets(struct lint_who *who, const struct lint_crowd *crowd,
                      const struct token_pair *pair, bool same_ca);
/* Has the crowd pairs of another kind under the CA? A certificate may match both. */
bool lint_crowd_has_other_kind(const struct lint_crowd *crowd, const struct token_pair *pair);
/* All of it. LINT_OTHER_CA: such a name stands there under another CA, and one path may have
 * both. */
enum lint_fit { LINT_FITS, LINT_OTHER_CA, LINT_OTHER_KIND, LINT_FITS_NOT };
enum lint_fit lint_crowd_fit(struct lint_who *who, const struct lint_crowd *crowd,
                             const struct token_pair *pair);
/* A pair of one list needs one of another, by rule `rule` and the sentence: if none of the crowd
 * fits it, or only one under another CA, that is said. */
void lint_need(struct lint_who *who, const char *rule, const struct lint_list *list, size_t index,
               const struct lint_crowd *crowd, const char *sentence);
/* Does it have a wildcard (profile 11.7)? */
bool lint_is_pattern(const struct token_pair *pair);

/* --- the families ------------------------------------------------------------------------- */

void lint_identifiers(const struct token_linting *linting);
void lint_roles(struct lint_who *who);
void lint_access(struct lint_who *who);
void lint_entries(struct lint_who *who);
void lint_forms(struct lint_who *who);
void lint_alike(struct lint_who *who);
void lint_distributed(struct lint_who *who);

#endif
