/* SPDX-License-Identifier: Apache-2.0 */
#include "token/finding-show.h"
#include "token/json.h"

#include <stdlib.h>

#include "gsakmp/utf8.h"

/* --- text --------------------------------------------------------------------------- */

static const char *colour_of(enum finding_severity severity)
{
    static const char *const colours[] = {"\033[36m", "\033[33m", "\033[31m"};

    return colours[severity];
}

/* A file's name, or a sentence that may have one in it. */
static void print_plain(const char *text, struct gk_writer *to)
{
    gk_utf8_plain(gk_octets_of(text), to);
}

static void print_finding(const char *name, const struct finding *finding, bool colour,
                          struct gk_writer *to)
{
    const struct finding_rule *rule = finding->rule;

    print_plain(name, to);
    gk_write_format(to, ":");
    if (finding->line)
        gk_write_format(to, "%d:", finding->line);
    else if (finding->offset != GK_NO_OFFSET)
        gk_write_format(to, "@%zu:", finding->offset);
    gk_write_format(to, " %s%s%s%s %s %s: ", colour ? colour_of(rule->severity) : "",
                    finding->allowed ? "allowed " : "", finding_severity_name(rule->severity),
                    colour ? "\033[0m" : "", rule->id, rule->name);
    if (*finding->path) {
        print_plain(finding->path, to);
        gk_write_format(to, ": ");
    }
    print_plain(finding->text, to);
    gk_write_format(to, "\n");
}

void findings_text(const struct finding_file *file, bool colour, struct gk_writer *to)
{
    for (size_t i = 0; i < file->findings.count; i++)
        print_finding(file->name, &file->findings.at[i], colour, to);
    if (file->findings.more) {
        print_plain(file->name, to);
        gk_write_format(to, ": and %zu more findings\n", file->findings.more);
    }
}

void finding_rule_text(const struct finding_rule *rule, struct gk_writer *to)
{
    gk_write_format(to, "%s %s (%s)\n%s\n  Source: %s\n  Why:    %s\n  Mend:   %s\n", rule->id,
                    rule->name, finding_severity_name(rule->severity), rule->what, rule->citation,
                    rule->why, rule->mend);
}

void catalogue_list(struct gk_writer *to)
{
    const struct finding_family *family;

    for (size_t i = 0; (family = finding_family_at(i)); i++) {
        gk_write_format(to, "%s%s %s\n", i ? "\n" : "", family->number, family->title);
        for (size_t k = 0; k < family->count; k++)
            gk_write_format(to, "%s %-8s %s\n", family->rules[k].id,
                            finding_severity_name(family->rules[k].severity),
                            family->rules[k].what);
    }
}

/* --- Markdown ----------------------------------------------------------------------- */

static void write_literal(const char *text, struct gk_writer *to)
{
    for (; *text; text++) {
        if (*text == '<' || *text == '*' || *text == '_' || *text == '|')
            gk_write_u8(to, '\\');
        gk_write_u8(to, (uint8_t)*text);
    }
}

void catalogue_markdown(struct gk_writer *to)
{
    const struct finding_family *family;

    gk_write_format(
        to, "<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
            "# What gsakmp-token lint finds\n\n"
            "Made by `gsakmp-token lint --list --format markdown`; a test compares. An error is\n"
            "what the daemons of this version refuse; a warning runs and is probably not what\n"
            "the owner meant; a notice is worth knowing. \"profile\" is the wire profile of this\n"
            "project.\n");
    for (size_t i = 0; (family = finding_family_at(i)); i++) {
        gk_write_format(to, "\n## %s %s\n", family->number, family->title);
        for (size_t k = 0; k < family->count; k++) {
            const struct finding_rule *rule = &family->rules[k];

            gk_write_format(to, "\n### %s %s (%s)\n\n", rule->id, rule->name,
                            finding_severity_name(rule->severity));
            write_literal(rule->what, to);
            gk_write_format(to, "\n\n* Source: %s\n* Why: ", rule->citation);
            write_literal(rule->why, to);
            gk_write_format(to, "\n* Mend: ");
            write_literal(rule->mend, to);
            gk_write_format(to, "\n");
        }
    }
}

/* --- JSON --------------------------------------------------------------------------- */

json_t *finding_rule_json(const struct finding_rule *rule)
{
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", rule->id, "name", rule->name,
                  "severity", finding_severity_name(rule->severity), "citation", rule->citation,
                  "what", rule->what, "why", rule->why, "mend", rule->mend);

    if (!object)
        abort();
    return object;
}

json_t *catalogue_json(void)
{
    json_t *rules = json_array();
    const struct finding_family *family;

    for (size_t i = 0; (family = finding_family_at(i)); i++) {
        for (size_t k = 0; k < family->count; k++) {
            token_json_append(rules, finding_rule_json(&family->rules[k]));
        }
    }
    return json_pack("{s:o}", "rules", rules);
}

/* A file's name in it need not be UTF-8. */
json_t *finding_string(const char *text)
{
    struct gk_writer plain = {0};
    json_t *string;

    gk_utf8_plain(gk_octets_of(text), &plain);
    string = json_stringn((const char *)plain.data, plain.size);
    gk_writer_free(&plain);
    if (!string)
        abort();
    return string;
}

static json_t *finding_json(const struct finding *finding)
{
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:o, s:b}", "rule", finding->rule->id, "name",
                  finding->rule->name, "severity", finding_severity_name(finding->rule->severity),
                  "text", finding_string(finding->text), "allowed", finding->allowed);

    if (!object)
        abort();
    token_json_set(object, "path", *finding->path ? finding_string(finding->path) : json_null());
    token_json_set(object, "line", finding->line ? json_integer(finding->line) : json_null());
    token_json_set(object, "offset",
                   finding->offset != GK_NO_OFFSET ? json_integer((json_int_t)finding->offset)
                                                   : json_null());
    return object;
}

json_t *findings_json(const struct finding_file *files, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *findings = json_array();
        char name[512];

        for (size_t k = 0; k < files[i].findings.count; k++) {
            token_json_append(findings, finding_json(&files[i].findings.at[k]));
        }
        if (json_array_append_new(
                list, json_pack("{s:s, s:o, s:I}", "file",
                                gk_escape(name, sizeof name, gk_octets_of(files[i].name)),
                                "findings", findings, "more", (json_int_t)files[i].findings.more)) <
            0)
            abort();
    }
    return json_pack("{s:o}", "files", list);
}
