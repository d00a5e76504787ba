/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_SOURCE_H
#define TOKEN_SOURCE_H
/*
 * The policy source: XML that a group owner writes by hand (token/policy.rng, documented in
 * gsakmp-policy(5)), read into the token's model.
 *
 * libxml2 runs without network, external entities and entity expansion; depth, size and
 * counts are bounded. The reader opens no file itself: certificates that the source names
 * are fetched through `load`. Reasons name file, line, what was found and what was expected.
 */
#include "gsakmp/reason.h"
#include "token/token.h"

#define SOURCE_MAX ((size_t)2 << 20)

struct source_files {
    /* Fetches a file that the source names, relative to the source. */
    bool (*load)(void *context, const char *name, struct gk_writer *to, struct gk_reason *why);
    void *context;
};

/* NULL when refused; free with token_free. `name` is for messages. */
struct token *source_read(struct gk_octets xml, const char *name, const struct source_files *files,
                          struct gk_reason *why) GK_MUST_USE;

#endif
