/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_LINT_PARTS_H
#define ROLES_LINT_PARTS_H
/* Between the files of the linter; inside roles/ only. */
#include "roles/lint.h"

/* A policy while it is looked at. */
struct lint_subject {
    const struct token *token;
    const struct rules *rules;        /* NULL when this version refuses it */
    const struct pki_identity *owner; /* who signed it; NULL where that was not judged */
    size_t size;                      /* octets of the file */
    bool is_signed;                   /* else `size` is that of the token alone */
};

/* Does it fit what has to carry it? */
void lint_sizes(const struct lint_subject *subject, const struct lint_context *context,
                struct findings *findings);
/* Whom does it name, of those who are given? */
void lint_people(const struct lint_subject *subject, const struct lint_context *context,
                 struct findings *findings);

#endif
