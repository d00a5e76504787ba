/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_LINT_PARTS_H
#define ROLES_LINT_PARTS_H
/* Between the files of the linter; inside roles/ only. */
#include "roles/lint.h"

struct lint_stamp {
    char text[GK_STAMP_SIZE + 1];
};

static inline struct lint_stamp lint_stamp(gk_time time)
{
    struct lint_stamp stamp;

    gk_stamp_format(time, stamp.text);
    return stamp;
}

/* Not an interval. */
static inline bool lint_is_moment(const struct token_life *life)
{
    return life->kind != TOKEN_LIFE_INTERVAL;
}

/* A policy while it is looked at. */
struct lint_subject {
    const struct token *token;
    const struct rules *rules;        /* NULL when this version refuses it */
    const struct pki_identity *owner; /* who signed it; NULL where that was not judged */
    size_t size;                      /* octets of the file */
    bool is_signed;                   /* else `size` is that of the token alone */
    const struct cms *cms;            /* of one that is signed */
};

/* Does it fit what has to carry it? */
void lint_sizes(const struct lint_subject *subject, const struct lint_context *context,
                struct findings *findings);
/* Whom does it name, of those who are given? */
void lint_people(const struct lint_subject *subject, const struct lint_context *context,
                 struct findings *findings);
/* Who signed, when, and for how long that holds. */
void lint_signer(const struct lint_subject *subject, const struct lint_context *context,
                 struct findings *findings);
/* Has something passed, or will it before somebody looks again? */
void lint_time(const struct lint_subject *subject, const struct lint_context *context,
               struct findings *findings);

#endif
