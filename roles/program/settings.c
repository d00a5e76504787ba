/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/settings.h"

#include <errno.h>
#include <libgen.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gsakmp/run/file.h"
#include "gsakmp/run/run.h"
#include "gsakmp/run/secure.h"

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

int settings_exit_code(const struct gk_reason *why)
{
    return strcmp(why->code, SETTINGS_NO_FILE) == 0 ? EXIT_COULD_NOT : EXIT_REFUSED;
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

bool settings_log_read(cfg_t *cfg, const char *file, struct settings_log *log,
                       struct gk_reason *why)
{
    static const char *const levels[] = {"debug", "info", "notice", "warning", "error"};
    const char *form = cfg_getstr(cfg, "log_format");
    const char *level = cfg_getstr(cfg, "log_level");

    log->file = cfg_getstr(cfg, "log_file");
    if (strcmp(form, "text") != 0 && strcmp(form, "json") != 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "log-format",
                         "%s: log_format is \"%s\"; expected \"text\" or \"json\"", file, form);
    log->form = strcmp(form, "json") == 0 ? RUN_LOG_JSON : RUN_LOG_TEXT;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (strcmp(level, levels[i]) == 0) {
            log->level = (enum gk_level)i;
            return true;
        }
    }
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "log-level",
                     "%s: log_level is \"%s\"; expected debug, info, notice, warning or error",
                     file, level);
}

bool settings_user(cfg_t *cfg, struct gk_reason *why)
{
    const char *user = cfg_getstr(cfg, "user");

    return !user || getpwnam(user) ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "user", "user is \"%.64s\", and there is none",
                     user);
}

/* Else the daemon's own user could not use its socket, nor open its log again. */
static bool give_away(const char *user, const char *const *owned, struct gk_reason *why)
{
    const struct passwd *to = getpwnam(user);
    struct stat about;

    for (; to && geteuid() == 0 && *owned; owned++) {
        if (lstat(*owned, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISSOCK(about.st_mode))
            continue; /* /dev/null and the like */
        if (lchown(*owned, to->pw_uid, to->pw_gid) != 0)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "user",
                             "%s cannot be given to user %.64s: %s", *owned, user, strerror(errno));
    }
    return true;
}

bool settings_become(cfg_t *cfg, const char *const *owned, struct gk_reason *why)
{
    const char *user = cfg_getstr(cfg, "user");

    return !user || (give_away(user, owned, why) && run_secure_become(user, why));
}

bool settings_number(cfg_t *cfg, const char *file, const char *option, long least, long most,
                     long *value, struct gk_reason *why)
{
    const char *title = cfg_title(cfg);

    *value = cfg_getint(cfg, option);
    return (*value >= least && *value <= most) ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "configuration",
                     "%.120s: %s%.64s%s%s is %ld; expected %ld to %ld", file,
                     title ? "group \"" : "", title ? title : "", title ? "\": " : "", option,
                     *value, least, most);
}

bool settings_mode(const char *text, mode_t *mode, struct gk_reason *why)
{
    char *end;
    unsigned long value = strtoul(text, &end, 8);

    if (!*text || *end || value > 0777)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-mode",
                         "control_mode is \"%s\"; expected an octal file mode such as 0660", text);
    *mode = (mode_t)value;
    return true;
}

bool settings_resolve(const char *title, const char *what, const char *host, uint16_t port,
                      struct gk_address *address, struct gk_reason *why)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *list = NULL;
    int result;

    if (run_address_parse(host, port, address, why))
        return true;
    if (strcmp(why->code, "address") != 0)
        return false;
    result = getaddrinfo(host, NULL, &hints, &list);
    if (result != 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "resolve",
                         "group \"%.64s\": %s %.100s has no address: %s", title, what, host,
                         gai_strerror(result));
    *address = (struct gk_address){.port = port};
    if (list->ai_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, list->ai_addr, sizeof in);
        address->family = 4;
        memcpy(address->ip, &in.sin_addr, 4);
    } else {
        struct sockaddr_in6 in6;

        memcpy(&in6, list->ai_addr, sizeof in6);
        address->family = 6;
        memcpy(address->ip, &in6.sin6_addr, 16);
        address->scope = in6.sin6_scope_id;
    }
    freeaddrinfo(list);
    return true;
}

/* Types 3 and 4: 8 random octets, then the address (RFC 4535 7.1.1.1). */
static bool address_of_group(const struct gk_group *group, struct gk_address *address)
{
    size_t size = group->type == 3 ? 4 : 16;

    if ((group->type != 3 && group->type != 4) || group->size != 8 + size)
        return false;
    *address = (struct gk_address){.family = group->type == 3 ? 4 : 6, .port = GSAKMP_PORT};
    memcpy(address->ip, group->value + 8, size);
    return gk_address_is_multicast(address);
}

bool settings_interface(const struct settings_group *group, struct gk_address *to, size_t count,
                        struct gk_reason *why)
{
    const char *interface = cfg_getstr(group->section, "interface");
    struct gk_reason inner;
    uint32_t index;

    if (!run_interface(interface, &index, &inner))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, inner.code, "group \"%.60s\": %.180s",
                         group->title, inner.text);
    for (size_t i = 0; i < count; i++) {
        if (!gk_address_is_multicast(&to[i]))
            continue;
        to[i].scope = index;
        if (gk_address_is_link_local(&to[i]) && !index)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "interface",
                             "group \"%.60s\": its rekey address means nothing without an "
                             "interface: set interface",
                             group->title);
    }
    return true;
}

bool settings_rekey(const struct settings_group *group, struct gk_address to[ANNOUNCEMENT_REKEYS],
                    size_t *count, struct gk_reason *why)
{
    const struct announcement *from = group->announcement;

    *count = 0;
    for (size_t i = 0; i < from->rekey_count; i++) {
        if (!settings_resolve(group->title, "rekey address", from->rekey[i].address,
                              from->rekey[i].port, &to[(*count)++], why))
            return false;
    }
    if (!from->rekey_count && address_of_group(&from->group, &to[0]))
        *count = 1;
    return settings_interface(group, to, *count, why);
}
