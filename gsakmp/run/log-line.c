/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/run/log-line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Room that stays free for a closing quote, brace and newline. */
#define TAIL 8

static void put(struct run_line *line, const char *format, ...) GK_PRINTF(2, 3);

static void put(struct run_line *line, const char *format, ...)
{
    size_t room = sizeof line->text - TAIL - line->size;
    va_list list;
    int wrote;

    va_start(list, format);
    wrote = vsnprintf(line->text + line->size, room, format, list);
    va_end(list);
    if (wrote > 0)
        line->size += (size_t)wrote < room ? (size_t)wrote : room - 1;
}

/* Every character is kept whole or left out, so that a cut never splits an escape. */
static void put_escaped(struct run_line *line, const char *text, const char *special, bool json)
{
    for (; *text && sizeof line->text - TAIL - line->size > 8; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = c >= 0x20 && c < 0x7f && !strchr(special, c);

        if (!plain)
            put(line, json ? "\\\\x%02x" : "\\x%02x", c);
        else if (json && (c == '"' || c == '\\'))
            put(line, "\\%c", c);
        else
            put(line, "%c", c);
    }
}

static void put_time(struct run_line *line)
{
    struct timespec now;
    struct tm parts;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &parts);
    put(line, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
        parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, (int)(now.tv_nsec / 1000000));
}

static void put_member(struct run_line *line, const char *name, const char *value)
{
    put(line, ",\"%s\":\"", name);
    put_escaped(line, value, "", true);
    put(line, "\"");
}

static void make_json(struct run_line *line, const struct run_event *event)
{
    put(line, "{\"time\":\"");
    put_time(line);
    put(line, "\"");
    put_member(line, "program", event->program);
    put_member(line, "level", run_log_level_name(event->level));
    put_member(line, "code", event->code);
    if (event->group)
        put_member(line, "group", event->group);
    if (event->notification)
        put(line, ",\"notification\":%u", event->notification);
    if (event->more)
        put(line, ",\"more\":%llu", (unsigned long long)event->more);
    put(line, ",\"text\":\"");
    put_escaped(line, event->text, "", true);
    memcpy(line->text + line->size, "\"}\n", 3);
    line->size += 3;
}

static void make_text(struct run_line *line, const struct run_event *event)
{
    put_time(line);
    put(line, " %s %s ", event->program, run_log_level_name(event->level));
    put_escaped(line, event->code, " ", false);
    if (event->group) {
        put(line, " [");
        put_escaped(line, event->group, "[]", false);
        put(line, "]");
    }
    put(line, " ");
    put_escaped(line, event->text, "", false);
    if (event->notification)
        put(line, " (notification %u)", event->notification);
    line->text[line->size++] = '\n';
}

void run_line_make(struct run_line *line, enum run_log_form form, const struct run_event *event)
{
    struct run_event told = *event;
    char more[64];

    line->size = 0;
    if (told.more) {
        (void)snprintf(more, sizeof more, "and %llu more", (unsigned long long)told.more);
        told.text = more;
    }
    (form == RUN_LOG_JSON ? make_json : make_text)(line, &told);
}
