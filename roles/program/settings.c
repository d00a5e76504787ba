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

int settings_exit_code(const struct gk_reason *why)
{
    return strcmp(why->code, SETTINGS_NO_FILE) == 0 ? EXIT_COULD_NOT : EXIT_REFUSED;
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
