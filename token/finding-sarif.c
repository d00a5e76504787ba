/* SPDX-License-Identifier: Apache-2.0 */
/* SARIF 2.1.0 (OASIS): what code scanners read. */
#include "token/finding-show.h"
#include "token/json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"

static json_t *take(json_t *value)
{
    if (!value)
        abort();
    return value;
}

static const char *level_of(enum finding_severity severity)
{
    return severity == FINDING_NOTICE ? "note" : finding_severity_name(severity);
}

static json_t *rule_of(const struct finding_rule *rule)
{
    return json_pack("{s:s, s:s, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}", "id", rule->id,
                     "name", rule->name, "shortDescription", "text", rule->what, "fullDescription",
                     "text", rule->why, "help", "text", rule->mend, "defaultConfiguration", "level",
                     level_of(rule->severity), "properties", "citation", rule->citation);
}

/* Each rule that was found, once. `index` takes its place in the list. */
static size_t place_of(json_t *rules, const struct finding_rule *rule)
{
    for (size_t i = 0; i < json_array_size(rules); i++) {
        if (strcmp(json_string_value(json_object_get(json_array_get(rules, i), "id")), rule->id) ==
            0)
            return i;
    }
    token_json_append(rules, rule_of(rule));
    return json_array_size(rules) - 1;
}

/* A relative reference (RFC 3986 4.2). */
static char *uri_of(const char *name)
{
    struct gk_writer to = {0};
    char *text;

    for (const char *at = name; *at; at++) {
        char hex[4];

        if (isalnum((unsigned char)*at) || strchr("-._~/", *at)) {
            gk_write_u8(&to, (uint8_t)*at);
            continue;
        }
        (void)snprintf(hex, sizeof hex, "%%%02X", (unsigned char)*at);
        gk_write_octets(&to, gk_octets_of(hex));
    }
    gk_write_u8(&to, 0);
    text = gk_strdup((const char *)to.data);
    gk_writer_free(&to);
    return text;
}

static json_t *location_of(const char *name, const struct finding *finding)
{
    char *uri = uri_of(name);
    json_t *physical = take(json_pack("{s:{s:s}}", "artifactLocation", "uri", uri));
    json_t *location;

    if (finding->line)
        token_json_set(physical, "region", take(json_pack("{s:i}", "startLine", finding->line)));
    else if (finding->offset != GK_NO_OFFSET)
        token_json_set(physical, "region",
                       take(json_pack("{s:I, s:i}", "byteOffset", (json_int_t)finding->offset,
                                      "byteLength", 1)));
    location = take(json_pack("{s:o}", "physicalLocation", physical));
    if (*finding->path)
        token_json_set(location, "logicalLocations",
                       take(json_pack("[{s:o, s:s}]", "fullyQualifiedName",
                                      finding_string(finding->path), "kind", "member")));
    free(uri);
    return location;
}

static json_t *result_of(const char *name, const struct finding *finding, json_t *rules)
{
    json_t *result = take(json_pack(
        "{s:s, s:I, s:s, s:{s:o}, s:[o]}", "ruleId", finding->rule->id, "ruleIndex",
        (json_int_t)place_of(rules, finding->rule), "level", level_of(finding->rule->severity),
        "message", "text", finding_string(finding->text), "locations", location_of(name, finding)));

    if (finding->allowed)
        token_json_set(result, "suppressions", take(json_pack("[{s:s}]", "kind", "external")));
    return result;
}

json_t *findings_sarif(const struct finding_file *files, size_t count, const char *version)
{
    json_t *rules = take(json_array());
    json_t *results = take(json_array());

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < files[i].findings.count; k++)
            token_json_append(results, result_of(files[i].name, &files[i].findings.at[k], rules));
    }
    return take(json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:o}]}", "$schema", SCHEMA,
                          "version", "2.1.0", "runs", "tool", "driver", "name", "gsakmp-token lint",
                          "version", version, "rules", rules, "results", results));
}
