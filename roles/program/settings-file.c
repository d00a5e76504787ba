/* SPDX-License-Identifier: Apache-2.0 */
/* Files that libconfuse reads: configurations, and tables that go with them. */
#include "roles/program/settings.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/run/file.h"

/* libconfuse reports through a callback without a context: its words are kept here between
 * the parse and its return, in the one thread that reads configurations. */
static struct gk_reason parse_error;
static const char *parsing;

static void on_error(cfg_t *cfg, const char *format, va_list list)
{
    char text[200];

    (void)vsnprintf(text, sizeof text, format, list);
    (void)gk_refuse(&parse_error, GK_NONE, GK_NO_OFFSET, "configuration", "%s:%d: %s", parsing,
                    cfg ? cfg->line : 0, text);
}

/* Spaces up to `end`, line ends kept; where the scan goes on. */
static char *blank(char *from, const char *end)
{
    size_t length = strlen(end);

    while (*from && strncmp(from, end, length) != 0) {
        if (*from != '\n')
            *from = ' ';
        from++;
    }
    for (size_t i = 0; *from && *from != '\n' && i < length; i++)
        *from++ = ' ';
    return from;
}

/* Of the quoted string that starts here, both quotes included. */
static size_t string_length(const char *from)
{
    const char *text = from + 1;

    while (*text && *text != *from)
        text += *text == '\\' && text[1] ? 2 : 1;
    return (size_t)(text - from) + (*text != '\0');
}

/* libconfuse 3.3 counts the lines of a `#` comment twice over, so that every later error would
 * name a wrong line: comments of all three kinds are blanked before it sees them. */
static void blank_comments(char *text)
{
    while (*text) {
        if (*text == '"' || *text == '\'')
            text += string_length(text);
        else if (*text == '#' || strncmp(text, "//", 2) == 0)
            text = blank(text, "\n");
        else if (strncmp(text, "/*", 2) == 0)
            text = blank(text, "*/");
        else
            text++;
    }
}

/* libconfuse takes the end of the file for the end of a section, as in a file that was cut: the
 * line of a brace that nobody closes, 0 for none. */
static unsigned open_brace(const char *text)
{
    unsigned line = 1;
    unsigned depth = 0;
    unsigned opened = 0;

    while (*text) {
        if (*text == '"' || *text == '\'') {
            for (size_t left = string_length(text); left; left--)
                line += *text++ == '\n';
            continue;
        }
        line += *text == '\n';
        if (*text == '{' && !depth++)
            opened = line;
        else if (*text == '}' && depth)
            depth--;
        text++;
    }
    return depth ? opened : 0;
}

static int refuse_open(const char *path, unsigned line, struct gk_reason *why)
{
    (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "configuration",
                    "%s:%u: what begins here with { has no } up to the end of the file", path,
                    line);
    return CFG_PARSE_ERROR;
}

static bool read_text(const char *path, bool table, struct gk_writer *text, struct gk_reason *why)
{
    return table ? run_file_read_regular(path, SETTINGS_MAX, text, why)
                 : run_file_read(path, SETTINGS_MAX, text, why);
}

static bool parse(cfg_t *cfg, const char *path, bool table, struct gk_reason *why)
{
    struct gk_writer text = {0};
    int result = CFG_FILE_ERROR;
    unsigned open;

    if (!read_text(path, table, &text, why)) {
        why->code = SETTINGS_NO_FILE;
    } else if (table && !text.size) {
        result = CFG_PARSE_ERROR;
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "configuration",
                        "%s: is empty; a table that names nobody has a comment", path);
    } else if (text.size && memchr(text.data, '\0', text.size)) {
        result = CFG_PARSE_ERROR;
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "configuration",
                        "%s: holds a NUL octet; it is to be text", path);
    } else {
        gk_write_u8(&text, '\0');
        blank_comments((char *)text.data);
        open = open_brace((const char *)text.data);
        parsing = path;
        parse_error = (struct gk_reason){0};
        result = cfg_parse_buf(cfg, (char *)text.data);
        if (result != CFG_SUCCESS && parse_error.code)
            *why = parse_error;
        else if (open)
            result = refuse_open(path, open, why);
        else if (result != CFG_SUCCESS)
            (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "configuration", "%s: cannot be parsed",
                            path);
    }
    gk_writer_free(&text);
    return result == CFG_SUCCESS;
}

static cfg_t *read_as(const char *path, bool table, cfg_opt_t *options, struct gk_reason *why)
{
    cfg_t *cfg = cfg_init(options, CFGF_NONE);

    cfg_set_error_function(cfg, on_error);
    if (parse(cfg, path, table, why))
        return cfg;
    cfg_free(cfg);
    return NULL;
}

cfg_t *settings_read(const char *path, cfg_opt_t *options, struct gk_reason *why)
{
    return read_as(path, false, options, why);
}

cfg_t *settings_read_table(const char *path, cfg_opt_t *options, struct gk_reason *why)
{
    return read_as(path, true, options, why);
}

char *settings_path(const char *file, const char *path)
{
    char *copy;
    char *joined;

    if (*path == '/')
        return gk_strdup(path);
    copy = gk_strdup(file);
    joined = gk_format("%s/%s", dirname(copy), path);
    free(copy);
    return joined;
}
