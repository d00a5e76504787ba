/* SPDX-License-Identifier: Apache-2.0 */
#include "token/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct finding_spot finding_spot(const struct token_place *place, const char *format, ...)
{
    struct finding_spot spot = {.place = *place};
    va_list list;

    va_start(list, format);
    (void)vsnprintf(spot.path, sizeof spot.path, format, list);
    va_end(list);
    return spot;
}

struct finding_spot finding_nowhere(void)
{
    return (struct finding_spot){0};
}

static const char *const severities[] = {"notice", "warning", "error"};

const char *finding_severity_name(enum finding_severity severity)
{
    return severities[severity];
}

bool finding_severity_parse(const char *text, enum finding_severity *to)
{
    for (size_t i = 0; i < sizeof severities / sizeof *severities; i++) {
        if (strcmp(severities[i], text) == 0) {
            *to = (enum finding_severity)i;
            return true;
        }
    }
    return false;
}

/* NULL when the list is full. */
static struct finding *append(struct findings *to, const char *name)
{
    const struct finding_rule *rule = finding_rule_of(name);
    struct finding *fresh;

    if (to->kept[rule->severity] == FINDINGS_MOST) {
        to->beyond[rule->severity]++;
        to->more++;
        return NULL;
    }
    to->kept[rule->severity]++;
    if (!(to->count & (to->count + 1))) /* full at one less than a power of two */
        to->at = gk_realloc(to->at, 2 * (to->count + 1), sizeof *to->at);
    fresh = &to->at[to->count++];
    *fresh = (struct finding){.rule = rule, .offset = GK_NO_OFFSET};
    return fresh;
}

static void put(struct findings *to, const char *name, const struct finding_spot *spot,
                const char *text)
{
    struct finding *fresh = append(to, name);

    if (!fresh)
        return;
    fresh->path = gk_strdup(spot->path);
    fresh->line = spot->place.line;
    if (!fresh->line && spot->place.offset)
        fresh->offset = to->base + spot->place.offset;
    fresh->text = gk_strdup(text);
}

void finding_add(struct findings *to, const char *name, struct finding_spot spot,
                 const char *format, ...)
{
    char text[400];
    va_list list;

    if (!to)
        return;
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    put(to, name, &spot, text);
}

void finding_refuse(struct findings *to, uint16_t notification, const char *code,
                    struct finding_spot spot, const char *format, ...)
{
    char text[sizeof to->first.text];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (!to->refused) {
        (void)gk_refuse(&to->first, notification, GK_NO_OFFSET, code, "%s", text);
        to->first.line = spot.place.line;
        (void)snprintf(to->first.path, sizeof to->first.path, "%.95s", spot.path);
    }
    to->refused = true;
    put(to, code, &spot, text);
}

/* The sentence without the place at its head, which the finding tells by itself. */
static const char *sentence(const struct gk_reason *why)
{
    size_t size = strlen(why->path);
    const char *at;
    char line[24];

    if (size && strncmp(why->text, why->path, size) == 0 && why->text[size] == ':')
        return why->text + size + 2;
    (void)snprintf(line, sizeof line, ":%d: ", why->line);
    at = why->line ? strstr(why->text, line) : NULL;
    return at ? at + strlen(line) : why->text;
}

void finding_take(struct findings *to, const struct gk_reason *why)
{
    struct finding *fresh = append(to, why->code);

    if (!to->refused)
        to->first = *why;
    to->refused = true;
    if (!fresh)
        return;
    fresh->path = gk_strdup(why->path);
    fresh->line = why->line;
    if (why->offset != GK_NO_OFFSET)
        fresh->offset = to->base + why->offset;
    fresh->text = gk_strdup(sentence(why));
}

void finding_take_at(struct findings *to, struct finding_spot spot, const struct gk_reason *why)
{
    finding_refuse(to, why->notification, why->code, spot, "%s", why->text);
}

size_t findings_count(const struct findings *findings, enum finding_severity least)
{
    size_t count = 0;

    for (size_t severity = least; severity < FINDINGS_SEVERITIES; severity++)
        count += findings->beyond[severity];
    for (size_t i = 0; i < findings->count; i++)
        count += !findings->at[i].allowed && findings->at[i].rule->severity >= least;
    return count;
}

void findings_move(struct findings *to, struct findings *from)
{
    for (size_t i = 0; i < from->count; i++) {
        struct finding *fresh = append(to, from->at[i].rule->name);

        if (fresh) {
            *fresh = from->at[i];
        } else {
            free(from->at[i].path);
            free(from->at[i].text);
        }
    }
    for (size_t i = 0; i < FINDINGS_SEVERITIES; i++)
        to->beyond[i] += from->beyond[i];
    to->more += from->more;
    if (from->refused && !to->refused) {
        to->refused = true;
        to->first = from->first;
    }
    free(from->at);
    *from = (struct findings){0};
}

void findings_free(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        free(findings->at[i].path);
        free(findings->at[i].text);
    }
    free(findings->at);
    *findings = (struct findings){0};
}
