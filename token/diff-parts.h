/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_DIFF_PARTS_H
#define TOKEN_DIFF_PARTS_H
/* Between the files of the difference. */
#include "gsakmp/registry.h"
#include "token/cover.h"
#include "token/diff.h"

/* A JoinMechanism that can be used: the first of its algorithms in the token (profile 6.2). */
struct diff_way {
    const char *suite;    /* of an unknown suite; else NULL, and the algorithms: */
    int64_t algorithm[4]; /* signature, nonce hash, key creation, key wrap */
    bool terse, timestamp, has_data;
    struct token_life time_out;
    struct gk_octets data; /* of the key creation */
    size_t registration, index;
    int line;
};

struct diff_side {
    const struct token *token;
    struct cover exclusions; /* of all entries of all Registrations (profile 11.8) */
    struct cover access;     /* all accessRules */
    size_t way_count;
    struct diff_way *way; /* in the token's order */
    const struct diff_way **by_algorithms;
    const struct token_rekey *rekey; /* in force (profile 11.10), or NULL */
    size_t rekey_index;
};

struct differing {
    struct token_diff *diff;
    struct diff_side old, new;
};

/* Appends a difference; `path` is taken over, NULL: the whole token. */
void diff_add(struct differing *d, enum token_effect effect, const char *code, bool in_old,
              char *path, int line, const char *format, ...) GK_PRINTF(7, 8);

/* --- lists of pairs (diff-pairs.c) */

enum diff_where {
    DIFF_GCKS,
    DIFF_SENDERS,
    DIFF_AUTHORIZATION,
    DIFF_AUTH_SUBS,
    DIFF_SUB_GCKS, /* nested from here */
    DIFF_ACCESS,
    DIFF_EXCLUSIONS,
};
/* Numbers of lists: of the registration (rekey entry), and where nested of the list inside. */
#define DIFF_LIST(outer, inner) ((size_t)(outer) << 16 | (size_t)(inner))

struct diff_words {
    enum diff_where where;
    const char *gained_code, *gained; /* "member-admitted", "newly admitted" */
    const char *lost_code, *lost;
    bool exclusions; /* what is gained makes narrower */
    /* Accesses: who is not new (gone) in the token, only in the Registration; may be NULL. */
    const struct cover *old_elsewhere, *new_elsewhere;
};
/* Both indexed. */
void diff_covers(struct differing *d, const struct cover *old, const struct cover *new,
                 const struct diff_words *words);
/* Two single lists, NULL: none. */
void diff_pairs(struct differing *d, const struct token_pairs *old, size_t old_list,
                const struct token_pairs *new, size_t new_list, const struct diff_words *words);

/* --- values (diff-values.c) */

/* Compares `new` with `old`: -1 shorter, 0 the same, 1 longer, 2 not to be compared. */
#define DIFF_OTHER 2
int diff_lives(const struct token_life *old, const struct token_life *new);
#define DIFF_TEXT 64
const char *diff_life(const struct token_life *life, char to[DIFF_TEXT]);
/* "Ed25519 (128 bits)", or the number. */
const char *diff_algorithm(enum gk_registry registry, int64_t value, char to[DIFF_TEXT]);
/* Stronger, weaker, or changed where one is of no table or both are alike. */
enum token_effect diff_strength(enum gk_registry registry, int64_t old, int64_t new);
/* Shorter is stronger (what expires, what is repeated). */
enum token_effect diff_shorter(int order);

/* --- parts of a token */

void diff_ways_fill(struct diff_side *side);
/* The way with the same algorithms, or NULL. */
const struct diff_way *diff_way_find(const struct diff_side *side, const struct diff_way *way);
void diff_ways(struct differing *d);
void diff_registrations(struct differing *d);
/* Of two registrations; DIFF_NOTHING: none. */
#define DIFF_NOTHING SIZE_MAX
void diff_leave(struct differing *d, size_t old_index, size_t new_index);
void diff_rekey(struct differing *d);
void diff_data(struct differing *d);

static inline const struct token_register *diff_register_of(const struct diff_side *side, size_t i)
{
    const struct token_protocol *join = &side->token->registrations[i].join;

    return join->kind == TOKEN_PROTOCOL_REGISTER ? join->registration : NULL;
}

#endif
