/* SPDX-License-Identifier: Apache-2.0 */
/* lint: what is wrong or odd in a policy. */
#include "config.h"

#include "token/program/trust.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "roles/lint.h"
#include "token/der.h"
#include "token/finding-show.h"

enum format { TEXT, JSON, SARIF, MARKDOWN };
#define ALLOWED_MOST 64
#define PEOPLE_MOST  64

struct lint {
    enum format format;
    enum finding_severity fail_on;
    const struct finding_rule *allowed[ALLOWED_MOST];
    size_t allowed_count;
    bool list;
    const struct finding_rule *explain;
    struct trust *trust;
    struct gk_writer group; /* its name, where one was given */
    struct lint_context context;
    struct pki_identity *people[PEOPLE_MOST];
    const char *person[PEOPLE_MOST]; /* their files */
};

/* --- one file ----------------------------------------------------------------------- */

static void lint_octets(const struct lint *lint, const char *path, struct gk_octets file,
                        struct findings *findings)
{
    struct gk_reason why = {0};
    struct token *token;

    if (token_kind_of(file) == TOKEN_KIND_SIGNED) {
        if (!lint->group.size)
            (void)trust_group(lint->trust, file, NULL);
        lint_signed(file, &lint->context, findings);
        return;
    }
    token = token_of(path, file, &why);
    if (token)
        lint_token(token, &lint->context, findings);
    else
        finding_take(findings, &why);
    token_free(token);
}

/* Suppressed findings stay to be seen. */
static void allow(const struct lint *lint, struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        for (size_t k = 0; k < lint->allowed_count; k++)
            findings->at[i].allowed |= findings->at[i].rule == lint->allowed[k];
    }
}

/* The token before it must be one of the same group. */
static bool read_file(const struct lint *lint, const char *path, struct gk_secret *to,
                      struct gk_reason *why)
{
    if (!load_file(path, to, why))
        return false;
    if (!lint->trust->last)
        return true;
    return trust_group(lint->trust, gk_secret_octets(to), NULL) ? trust_last(lint->trust, why)
                                                                : true;
}

static bool lint_file(const struct lint *lint, struct finding_file *file)
{
    struct gk_reason why = {0};
    struct gk_secret octets = {0};

    if (!read_file(lint, file->name, &octets, &why)) {
        gk_secret_free(&octets);
        (void)complain_of(file->name, &why);
        return false;
    }
    lint_octets(lint, file->name, gk_secret_octets(&octets), &file->findings);
    allow(lint, &file->findings);
    gk_secret_free(&octets);
    return true;
}

/* --- what was found ----------------------------------------------------------------- */

static int deliver_text(struct gk_writer *to)
{
    struct gk_reason why = {0};
    int status = deliver(NULL, gk_writer_octets(to), &why);

    gk_writer_free(to);
    return status;
}

static void summarize(const struct finding_file *files, size_t count, struct gk_writer *to)
{
    size_t found[3] = {0};

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < files[i].findings.count; k++)
            found[files[i].findings.at[k].rule->severity]++;
        for (size_t k = 0; k < FINDINGS_SEVERITIES; k++)
            found[k] += files[i].findings.beyond[k];
    }
    gk_write_format(to, "%zu file%s: %zu error%s, %zu warning%s, %zu notice%s\n", count,
                    count == 1 ? "" : "s", found[FINDING_ERROR],
                    found[FINDING_ERROR] == 1 ? "" : "s", found[FINDING_WARNING],
                    found[FINDING_WARNING] == 1 ? "" : "s", found[FINDING_NOTICE],
                    found[FINDING_NOTICE] == 1 ? "" : "s");
}

static int show(const struct lint *lint, const struct finding_file *files, size_t count)
{
    struct gk_writer to = {0};
    bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");

    if (lint->format == JSON)
        return deliver_json(findings_json(files, count));
    if (lint->format == SARIF)
        return deliver_json(findings_sarif(files, count, PACKAGE_VERSION));
    for (size_t i = 0; i < count; i++)
        findings_text(&files[i], colour, &to);
    summarize(files, count, &to);
    return deliver_text(&to);
}

static int lint_files(const struct lint *lint, struct finding_file *files, size_t count)
{
    bool could = true;
    size_t failing = 0;
    int status;

    for (size_t i = 0; i < count; i++) {
        could &= lint_file(lint, &files[i]);
        failing += findings_count(&files[i].findings, lint->fail_on);
    }
    status = show(lint, files, count);
    if (status != DONE || !could)
        return NOT_RUN;
    return failing ? REFUSED : DONE;
}

static int show_catalogue(const struct lint *lint)
{
    struct gk_writer to = {0};

    if (lint->explain && lint->format == JSON)
        return deliver_json(finding_rule_json(lint->explain));
    if (lint->explain)
        finding_rule_text(lint->explain, &to);
    else if (lint->format == JSON)
        return deliver_json(catalogue_json());
    else if (lint->format == MARKDOWN)
        catalogue_markdown(&to);
    else
        catalogue_list(&to);
    return deliver_text(&to);
}

/* --- options ------------------------------------------------------------------------ */

static bool take_format(struct lint *lint, const char *value)
{
    static const char *const formats[] = {"text", "json", "sarif", "markdown"};

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(formats[i], value) == 0) {
            lint->format = (enum format)i;
            return true;
        }
    }
    return false;
}

static bool take_members(struct lint *lint, const char *value)
{
    char *end;
    unsigned long members;

    errno = 0;
    members = strtoul(value, &end, 10);
    if (errno || *end || end == value || *value == '-' || !members || members > 16777216)
        return false;
    lint->context.members = members;
    return true;
}

/* As a host does that is configured for that group alone. */
static bool take_group(struct lint *lint, const char *value)
{
    gk_writer_cut(&lint->group, 0);
    return gk_unhex(value, &lint->group) &&
           gk_group_set(&lint->trust->policy.group, 2, gk_writer_octets(&lint->group), NULL);
}

static int take(struct lint *lint, int option, const char *value)
{
    const struct finding_rule *rule;

    switch (option) {
    case 'f':
        return take_format(lint, value) ? DONE : misused(&command_lint, "%s is no format", value);
    case 'F':
        return finding_severity_parse(value, &lint->fail_on)
                   ? DONE
                   : misused(&command_lint, "--fail-on takes error, warning or notice");
    case 'A':
    case 'e':
        rule = finding_rule_named(value);
        if (!rule)
            return misused(&command_lint, "%s is no rule; --list lists them", value);
        if (option == 'e')
            lint->explain = rule;
        else if (lint->allowed_count < ALLOWED_MOST)
            lint->allowed[lint->allowed_count++] = rule;
        return DONE;
    case 'g':
        return take_group(lint, value)
                   ? DONE
                   : misused(&command_lint, "--group takes a Group ID in hexadecimal digits");
    case 'L':
        lint->list = true;
        return DONE;
    case 'M':
        lint->context.as_member = true;
        return DONE;
    case 'm':
        return take_members(lint, value)
                   ? DONE
                   : misused(&command_lint, "--members takes a number from 1 to 16777216");
    default: /* 'C' */
        if (lint->context.people_count == PEOPLE_MOST)
            return misused(&command_lint, "--cert may be given %d times", PEOPLE_MOST);
        lint->person[lint->context.people_count++] = value;
        return DONE;
    }
}

/* The first certificate of a file, with what stands behind it as its intermediates. */
static bool read_person(struct lint *lint, size_t i, struct gk_reason *why)
{
    struct gk_octets certificates[LIST_MAX];
    struct list list = {0};
    bool good = load_certificates(lint->person[i], &list, why);

    list_octets(&list, certificates);
    good = good && pki_validate(&lint->trust->policy.trust, certificates, list.count, NULL, 0,
                                lint->trust->now, &lint->people[i], why);
    list_free(&list);
    return good;
}

static int prepare(struct lint *lint)
{
    struct gk_reason why = {0};
    int status = trust_prepare(lint->trust, &command_lint);

    if (status != DONE)
        return status;
    if ((lint->trust->owner || lint->context.people_count) && !lint->trust->roots.count)
        return misused(&command_lint, "--owner and --cert need --root");
    if ((lint->trust->last || lint->group.size) && !lint->trust->owner)
        return misused(&command_lint, "--last and --group need --owner");
    if (lint->trust->last && lint->group.size)
        return misused(&command_lint, "--last names the group already; leave --group out");
    for (size_t i = 0; i < lint->context.people_count; i++) {
        if (!read_person(lint, i, &why)) {
            (void)complain_of(lint->person[i], &why);
            return NOT_RUN;
        }
    }
    lint->context.now = lint->trust->now;
    lint->context.local = lint->trust->policy.local;
    lint->context.policy = lint->trust->owner ? &lint->trust->policy : NULL;
    lint->context.last = lint->trust->last ? &lint->trust->mark : NULL;
    lint->context.people = (const struct pki_identity *const *)lint->people;
    return DONE;
}

static int lint_with(struct lint *lint, int argc, char **argv)
{
    size_t count = (size_t)(argc - optind);
    struct finding_file *files;
    int status;

    if (lint->list || lint->explain)
        return count ? misused(&command_lint, "--list and --explain take no file")
                     : show_catalogue(lint);
    if (!count || lint->format == MARKDOWN)
        return misused(&command_lint, count ? "markdown is for --list" : "a file is needed");
    status = prepare(lint);
    if (status != DONE)
        return status;
    files = gk_alloc(count, sizeof *files);
    for (size_t i = 0; i < count; i++)
        files[i].name = argv[optind + (int)i];
    status = lint_files(lint, files, count);
    for (size_t i = 0; i < count; i++)
        findings_free(&files[i].findings);
    free(files);
    return status;
}

static int run_with(struct lint *lint, int argc, char **argv)
{
    static const struct option options[] = {TRUST_OPTIONS,
                                            {"format", required_argument, NULL, 'f'},
                                            {"fail-on", required_argument, NULL, 'F'},
                                            {"allow", required_argument, NULL, 'A'},
                                            {"list", no_argument, NULL, 'L'},
                                            {"explain", required_argument, NULL, 'e'},
                                            {"members", required_argument, NULL, 'm'},
                                            {"as-member", no_argument, NULL, 'M'},
                                            {"cert", required_argument, NULL, 'C'},
                                            {"group", required_argument, NULL, 'g'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, TRUST_SHORT "f:m:h", options, NULL)) != -1) {
        int status;

        if (option == 'h')
            return help(&command_lint);
        status = trust_take(lint->trust, &command_lint, option, optarg);
        if (status == TRUST_OTHER)
            status = take(lint, option, optarg);
        if (status != DONE)
            return NOT_RUN;
    }
    return lint_with(lint, argc, argv);
}

static int run(int argc, char **argv)
{
    struct lint *lint = gk_alloc(1, sizeof *lint);
    int status;

    lint->fail_on = FINDING_ERROR;
    lint->trust = gk_alloc(1, sizeof *lint->trust);
    status = run_with(lint, argc, argv);
    for (size_t i = 0; i < lint->context.people_count; i++)
        pki_identity_free(lint->people[i]);
    gk_writer_free(&lint->group);
    trust_free(lint->trust);
    free(lint);
    return status;
}

const struct command command_lint = {
    "lint", "find what is wrong or odd in a policy",
    "Usage: gsakmp-token lint [--format text|json|sarif] [--fail-on SEVERITY] [--allow ID]\n"
    "           [--members N] [--owner DN --root CA ...] [--cert C] [--at TIME] FILE...\n"
    "       gsakmp-token lint --list | --explain ID\n"
    "Finds what is wrong or odd in policy sources, tokens and signed tokens. An error is what\n"
    "the daemons of this version refuse; a warning runs, and is probably not what was meant; a\n"
    "notice is worth knowing. Exit status: 0 nothing of the severity or above, 1 findings, 2\n"
    "could not run.\n\n"
    "  -f, --format FORMAT     text (default), json, or sarif for code scanners; markdown for\n"
    "                          --list\n"
    "      --fail-on S         error (default), warning or notice\n"
    "      --allow ID          findings of that rule do not count; they are still shown\n"
    "      --list              all rules\n"
    "      --explain ID        one rule in full: what, why, how to mend\n"
    "  -m, --members N         how many members the group is to have (1000), for sizes\n"
    "      --as-member         judge as a member's host does, which leaves out mechanisms that it\n"
    "                          does without, instead of a server, which takes all or none\n"
    "      --cert FILE         somebody whom the policy is about; may be repeated\n"
    "      --group HEX         the group that a signed token must be for, its random octets and\n"
    "                          its name in hexadecimal digits\n" TRUST_HELP,
    run};
