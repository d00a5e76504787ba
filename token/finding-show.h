/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_FINDING_SHOW_H
#define TOKEN_FINDING_SHOW_H
/*
 * Findings and the catalogue as text, JSON (doc/gsakmp-lint.schema.json) and SARIF 2.1.0.
 * Everything is printable ASCII; what came from a file is escaped.
 */
#include <jansson.h>

#include "token/finding.h"

/* What was linted, and what was found. */
struct finding_file {
    const char *name;
    struct findings findings;
};

/* "policy.xml:12: error GT0501 rule-unjudgeable: ..." a line; with `colour` for a terminal. */
void findings_text(const struct finding_file *file, bool colour, struct gk_writer *to);
/* Fresh objects; json_decref them. */
json_t *findings_json(const struct finding_file *files, size_t count) GK_MUST_USE;
json_t *findings_sarif(const struct finding_file *files, size_t count,
                       const char *version) GK_MUST_USE;

/* Text of a finding as JSON takes it, whatever file names are in it. */
json_t *finding_string(const char *text) GK_MUST_USE;

/* One rule in full, the whole catalogue a line a rule, and as Markdown for doc/. */
void finding_rule_text(const struct finding_rule *rule, struct gk_writer *to);
json_t *finding_rule_json(const struct finding_rule *rule) GK_MUST_USE;
void catalogue_list(struct gk_writer *to);
json_t *catalogue_json(void) GK_MUST_USE;
void catalogue_markdown(struct gk_writer *to);

#endif
