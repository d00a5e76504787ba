/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_FINDING_H
#define TOKEN_FINDING_H
/*
 * Findings: what is wrong or odd in a policy, each by a rule of the catalogue.
 *
 * A rule has an identifier that never changes its meaning ("GT0803": family 08, number 03), a
 * severity, a citation, and text for who has to mend it. An error is what the daemons of this
 * version refuse, in the context that was given: the same code finds it for them and for the
 * linter, and names it by the same rule. A warning runs and is probably not what the owner
 * meant; a notice is worth knowing.
 *
 * Where a function refuses with a struct gk_reason, its code leads to the rule:
 * finding_rule_of. One rule may stand for several codes.
 *
 *     struct findings findings = {0};
 *     finding_add(&findings, "rekey-never", finding_spot(&place, "rekey[%zu].rekeyEventDef", i),
 *                 "nothing ever rekeys the group");
 *     ...
 *     findings_free(&findings);
 *
 * Lists are bounded: of each severity, beyond FINDINGS_MOST findings are only counted. Text of the
 * token is hostile: it goes through gk_escape before it stands in a finding. Public data.
 */
#include "gsakmp/reason.h"
#include "token/token.h"

enum finding_severity { FINDING_NOTICE, FINDING_WARNING, FINDING_ERROR };

struct finding_rule {
    const char *id;    /* "GT0803" */
    const char *name;  /* "rekey-never": by which the code adds it */
    const char *codes; /* of reasons that it stands for, with blanks; NULL: the name alone */
    enum finding_severity severity;
    const char *citation; /* "RFC 4534 B.5; profile 9.13" */
    const char *what;     /* one sentence each */
    const char *why;
    const char *mend;
};

struct finding_family {
    const char *number; /* "08" */
    const char *title;  /* "Rekey" */
    const struct finding_rule *rules;
    size_t count;
};

/* The catalogue; NULL after the last. */
const struct finding_family *finding_family_at(size_t index);
/* By identifier, NULL when there is none. */
const struct finding_rule *finding_rule_named(const char *id);
/* By a rule's name or a reason's code. Never NULL: what no rule lists is GT0100. */
const struct finding_rule *finding_rule_of(const char *code);
/* "error", "warning", "notice"; the other way false for other words. */
const char *finding_severity_name(enum finding_severity severity);
bool finding_severity_parse(const char *text, enum finding_severity *to) GK_MUST_USE;

/* Where: the ASN.1 path "registration[0].register.joinMechanisms[1]", which holds for sources
 * too, and line or offset as far as they are known. */
#define FINDING_PATH 128
struct finding_spot {
    struct token_place place;
    char path[FINDING_PATH];
};
struct finding_spot finding_spot(const struct token_place *place, const char *format, ...)
    GK_PRINTF(2, 3);
/* For what concerns the whole. */
struct finding_spot finding_nowhere(void);

struct finding {
    const struct finding_rule *rule;
    char *path;    /* may be empty */
    int line;      /* 0: none */
    size_t offset; /* GK_NO_OFFSET: none */
    char *text;
    bool allowed; /* suppressed by whoever asked; shown all the same */
};

#define FINDINGS_MOST       1000 /* of each severity: many of one hide none of another */
#define FINDINGS_SEVERITIES 3
struct findings {
    struct finding *at;
    size_t count;
    size_t kept[FINDINGS_SEVERITIES];
    size_t beyond[FINDINGS_SEVERITIES]; /* counted only */
    size_t more;                        /* all of these */
    size_t base;                        /* added to offsets: where the token begins in its file */
    bool refused;                       /* an error is among them: `first`, with its notification */
    struct gk_reason first;
};

/* A warning or notice. `name` is that of a rule. `to` may be NULL. */
void finding_add(struct findings *to, const char *name, struct finding_spot spot,
                 const char *format, ...) GK_PRINTF(4, 5);
/* An error: what this version or the context refuses. */
void finding_refuse(struct findings *to, uint16_t notification, const char *code,
                    struct finding_spot spot, const char *format, ...) GK_PRINTF(5, 6);
/* What a parser or another judge refused. */
void finding_take(struct findings *to, const struct gk_reason *why);
/* The same at a place that the judge did not know. */
void finding_take_at(struct findings *to, struct finding_spot spot, const struct gk_reason *why);
/* How many are of that severity or above, and not allowed; those beyond count. */
size_t findings_count(const struct findings *findings, enum finding_severity least);
/* Moves all of `from` behind those of `to`. */
void findings_move(struct findings *to, struct findings *from);
void findings_free(struct findings *findings);

#endif
