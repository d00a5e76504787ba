/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_LINT_H
#define ROLES_LINT_H
/*
 * Linting: everything that can be found wrong or odd in a policy, before or after it is signed.
 *
 * Errors come from the judges that the daemons run (token/cms.h, token/der.h, roles/load.h,
 * roles/rules.h), in the same context; the linter has no opinion of its own on what is refused.
 * Warnings and notices come from token/lint.h and from the checks behind this header, which
 * need more than the token: the clock, certificates, the group's size.
 */
#include "roles/load.h"
#include "token/cms.h"

struct lint_context {
    /* Whose tokens are taken; NULL when the roots are not known: then a signed token's path and
     * owner are not judged, and a notice says so. */
    const struct load_policy *policy;
    struct rules_local local;     /* where `policy` is NULL */
    const struct load_mark *last; /* what was accepted before, or NULL */
    gk_time now;
    bool as_member; /* a member's host, which leaves out what it does without; else a GC/KS */
    size_t members; /* how many the group is to have; 0: LINT_MEMBERS */
    /* Certificates of people whom the policy is about, validated; may be none. */
    const struct pki_identity *const *people;
    size_t people_count;
};

#define LINT_MEMBERS 1000

/* A model, of a source or of DER that is not signed. */
void lint_token(const struct token *token, const struct lint_context *context,
                struct findings *findings);
/* A ContentInfo. Offsets are those of the whole file. */
void lint_signed(struct gk_octets file, const struct lint_context *context,
                 struct findings *findings);

#endif
