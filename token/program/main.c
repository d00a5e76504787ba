/* SPDX-License-Identifier: Apache-2.0 */
#include "token/program/program.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config.h"
#include "gsakmp/utf8.h"

static const struct command *const commands[] = {
    &command_init,     &command_compile, &command_lint, &command_sign,
    &command_verify,   &command_show,    &command_diff, &command_explain,
    &command_announce, &command_ledger,  NULL};

/* File names and what is wrong in files may be foreign, and the screen is not theirs. */
static void say(const char *format, va_list list)
{
    struct gk_writer plain = {0};
    char *text;

    if (vasprintf(&text, format, list) < 0)
        abort();
    gk_utf8_plain(gk_octets_of(text), &plain);
    fprintf(stderr, "gsakmp-token: %.*s", (int)plain.size, (const char *)plain.data);
    gk_writer_free(&plain);
    free(text);
}

void complain(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    say(format, list);
    va_end(list);
    fputc('\n', stderr);
}

int complain_of(const char *path, const struct gk_reason *why)
{
    bool file = why->code && strncmp(why->code, "file-", 5) == 0;
    bool named = strncmp(why->text, path, strlen(path)) == 0;
    bool placed = !named && why->offset != GK_NO_OFFSET;

    if (placed)
        complain("%s: octet %zu: %s", path, why->offset, why->text);
    else
        complain("%s%s%s", named ? "" : path, named ? "" : ": ", why->text);
    return file ? NOT_RUN : REFUSED;
}

int misused(const struct command *command, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    say(format, list);
    va_end(list);
    fprintf(stderr, "; see gsakmp-token %s --help\n", command->name);
    return NOT_RUN;
}

int help(const struct command *command)
{
    fputs(command->usage, stdout);
    return DONE;
}

/* `form`: d stands for a digit, s for a sign, capitals for either case, the rest for itself. */
static bool has_form(const char *text, const char *form)
{
    for (; *form; text++, form++) {
        bool fits = *form == 'd'   ? *text >= '0' && *text <= '9'
                    : *form == 's' ? *text == '+' || *text == '-'
                                   : *text == *form || *text == tolower((unsigned char)*form);

        if (!*text || !fits)
            return false;
    }
    return !*text;
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + text[1] - '0';
}

/* RFC 3339 without fractions: the stamp of its digits, less the offset. */
static bool parse_rfc3339(const char *text, gk_time *time)
{
    bool utc = has_form(text, "dddd-dd-ddTdd:dd:ddZ");
    char stamp[GK_STAMP_SIZE + 1] = "";
    size_t at = 0;
    int hours;
    int minutes;

    if (!utc && !has_form(text, "dddd-dd-ddTdd:dd:ddsdd:dd"))
        return false;
    for (size_t i = 0; i < 19; i++) {
        if (text[i] >= '0' && text[i] <= '9')
            stamp[at++] = text[i];
    }
    stamp[at] = 'Z';
    if (!gk_stamp_parse(gk_octets_of(stamp), time))
        return false;
    if (utc)
        return true;
    hours = two_digits(text + 20);
    minutes = two_digits(text + 23);
    *time -= (text[19] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
}

bool current_time(const char *at, gk_time *now, struct gk_reason *why)
{
    if (!at) {
        *now = time(NULL);
        return true;
    }
    if (gk_stamp_parse(gk_octets_of(at), now) || parse_rfc3339(at, now))
        return true;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-time",
                     "--at is no time; expected 20260101000000Z or 2026-01-01T00:00:00Z");
}

static int usage(FILE *to, int status)
{
    fputs("Usage: gsakmp-token COMMAND [OPTIONS] ...\n"
          "Makes, signs, checks and shows the policy tokens of GSAKMP groups (RFC 4534).\n\n"
          "Commands:\n",
          to);
    for (size_t i = 0; commands[i]; i++)
        fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\ngsakmp-token COMMAND --help tells about one. Exit status: 0 done and good,\n"
          "1 refused, 2 could not run. Described in gsakmp-token(1) and gsakmp-policy(5).\n",
          to);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return usage(stderr, NOT_RUN);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return usage(stdout, DONE);
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("gsakmp-token (" PACKAGE_NAME ") " PACKAGE_VERSION);
        return DONE;
    }
    for (size_t i = 0; commands[i]; i++) {
        if (strcmp(commands[i]->name, argv[1]) == 0)
            return commands[i]->run(argc - 1, argv + 1);
    }
    complain("%s is no command; see gsakmp-token --help", argv[1]);
    return NOT_RUN;
}
