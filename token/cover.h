/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_COVER_H
#define TOKEN_COVER_H
/*
 * Does one rule match everybody that another one matches (wire profile 11.7, 11.8)?
 *
 * CN=*,O=Acme covers CN=Ann,O=Acme under the same CA; *.example.org covers a.example.org; an
 * exclusion covers names that differ in case only. A rule for a CA never covers one for another,
 * and a rule by name never covers one by host, mailbox, address or key, since a token does not
 * say which of these belong to one certificate. So "covers" is always true, and "does not cover"
 * means: as far as the token tells.
 *
 *     struct cover cover = {.folded = false};
 *     cover_add(&cover, &access->access_rule, needs, entry);   once or more; borrows the pairs
 *     cover_index(&cover);                                     once, before questions
 *     wider = cover_find(&cover, &rule, UINT_MAX);
 *     cover_drop(&cover);
 *
 * A question costs a look-up by hash for each set of places at which the list's names of that
 * form have wildcards; only names with several attributes in one RDN, and a wildcard anywhere, are
 * walked.
 * Pairs that cannot be judged (profile 11.18) cover what is equal to them.
 */
#include "token/name-parts.h"
#include "token/token.h"

struct cover_rule {
    const struct token_pair *pair;
    struct name name; /* of types 9 and 31; empty where it does not parse */
    unsigned needs;   /* levels that are asked for besides: 1 << level */
    size_t list;      /* what cover_add was given */
    size_t index;     /* in its list, from 0 */
    bool walked;      /* has a wildcard, and several attributes in some RDN */
    bool several;     /* has such an RDN */
    uint64_t any;     /* which attributes are wildcards: bit 0 is the first */
    /* A bit for each value that it asks for, and for each that it has: a rule with a bit that
     * the other has not cannot cover it, which spares most comparisons. */
    uint64_t asks, has;
};

struct cover_key {
    uint64_t shape, any, hash;
    size_t rule;
};

struct cover {
    bool folded; /* exclusions: names are compared as RFC 5280 7.1 has it */
    size_t count, room;
    struct cover_rule *rule; /* in the order of cover_add */
    size_t key_count;
    struct cover_key *key; /* sorted */
    size_t walked_count;
    size_t *walked;
};

void cover_add(struct cover *cover, const struct token_pairs *pairs, unsigned needs, size_t list);
void cover_index(struct cover *cover);
void cover_drop(struct cover *cover);

/* One rule by itself, for questions to a cover that is folded or not. */
void cover_rule_make(struct cover_rule *rule, const struct token_pair *pair, bool folded);
void cover_rule_drop(struct cover_rule *rule);

bool cover_covers(const struct cover_rule *wide, const struct cover_rule *narrow, bool folded);
/* A rule of the cover that covers the given one and needs no level outside `levels`; NULL when
 * there is none. */
const struct cover_rule *cover_find(const struct cover *cover, const struct cover_rule *rule,
                                    unsigned levels);
/* Is cover->rule[index] needless: does another rule of the cover match all that it matches, and
 * need no level that it does not need? Of rules that are equal the first is none. */
const struct cover_rule *cover_find_beside(const struct cover *cover, size_t index);

#endif
