/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_DIFF_H
#define TOKEN_DIFF_H
/*
 * What changes when one token takes the place of another: policy, not octets.
 *
 * Each difference is one sentence with its effect and its place. Rules are compared by whom they
 * match (token/cover.h): a rule that an old one covers admits nobody new, an order that decides
 * nothing is no difference. Mechanisms are compared by token/strength.h. Registrations belong
 * together that have a JoinMechanism in common, since a member is judged by the Registration of
 * the mechanism with which it joins (wire profile 6.2); those left over are taken in order.
 *
 * Permissions are compared as the token asks for them; who holds them only the GC/KS's table
 * knows. Nothing here verifies a signature, or says whether this version runs a token.
 *
 *     struct token_diff *diff = token_diff(old, new);
 *     token_diff_text(diff, "weather.pt", "weather-2.xml", &writer);
 *     token_diff_free(diff);
 *
 * Both tokens are borrowed until token_diff returns. Cost: n log n in rules (token/cover.h).
 */
#include "token/token.h"

enum token_effect {
    TOKEN_SAME,     /* said in another way; the policy is the same */
    TOKEN_CHANGED,  /* neither of the following */
    TOKEN_NARROWER, /* fewer may do something */
    TOKEN_WIDER,    /* more may do something */
    TOKEN_STRONGER, /* cryptography, or how often keys change */
    TOKEN_WEAKER,
};
#define TOKEN_EFFECTS 6

struct token_difference {
    enum token_effect effect;
    const char *code; /* stable from release to release: "member-admitted" */
    bool in_old;      /* the place is in the old token, else in the new one */
    char *path;       /* "registration[0].register.senders[2]"; empty: the whole token */
    int line;         /* of the source, 0 without */
    char *text;       /* a sentence; what the token says in it is escaped */
};

struct token_diff {
    size_t count;
    struct token_difference *at; /* in the order of the token */
};

struct token_diff *token_diff(const struct token *old, const struct token *new) GK_MUST_USE;
void token_diff_free(struct token_diff *diff);
/* How many have that effect. */
size_t token_diff_count(const struct token_diff *diff, enum token_effect effect);
/* Is the policy the same: is there nothing, or nothing but TOKEN_SAME? */
bool token_diff_none(const struct token_diff *diff);
/* "same meaning", "changed", "narrower", "wider", "stronger", "weaker". */
const char *token_effect_name(enum token_effect effect);

/* A line each, "wider: newly admitted: ... (new, line 12: registration[0]...)", and a last one
 * with the sums. The names say which token is which. */
void token_diff_text(const struct token_diff *diff, const char *old_name, const char *new_name,
                     struct gk_writer *to);

#endif
