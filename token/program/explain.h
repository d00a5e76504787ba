/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_PROGRAM_EXPLAIN_H
#define TOKEN_PROGRAM_EXPLAIN_H
/* Between the files of `explain`: options, tokens with their rules, certificates, answers. */
#include <jansson.h>

#include "roles/ask.h"
#include "token/program/either.h"
#include "token/program/trust.h"

struct explained {
    const char *path;
    bool verified;        /* by load_token; else only read */
    struct either either; /* of one that is not verified */
    struct loaded *loaded;
    struct rules *own;
    const struct rules *rules;
    const struct token *token;
};

struct explain {
    struct trust *trust;
    const char *certificate, *directory, *permissions_file;
    struct list chain;
    bool json, all;
    size_t token_count;
    struct explained token[2];
};

/* The token as a host would take it: verified where an owner is named (--owner), else only read;
 * and its rules under the local policy. */
bool explained_load(struct explain *explain, struct explained *to, const char *path,
                    struct gk_reason *why) GK_MUST_USE;
void explained_free(struct explained *token);
/* "weather.pt: group ..., edition 1, verified"; a fresh string. */
char *explained_text(const struct explained *token) GK_MUST_USE;
json_t *explained_json(const struct explained *token) GK_MUST_USE;

/* A certificate with its path. False, with `refused` when the file is one and the daemons would
 * refuse it, else when it is no certificate or cannot be read. */
bool explain_person(const struct explain *explain, const char *path, struct pki_identity **to,
                    bool *refused, struct gk_reason *why) GK_MUST_USE;

/* What one may be under one token; and what many gain and lose. DONE, REFUSED or NOT_RUN. */
int explain_one(const struct explain *explain);
int explain_table(const struct explain *explain);

#endif
