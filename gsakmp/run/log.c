/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/run/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gsakmp/run/log-line.h"

/* Codes that are limited apart; those beyond share the last place. */
#define CODES 256

struct limit {
    const char *code;
    enum gk_level level;
    int64_t second;
    unsigned lines;
    uint64_t held;
};

struct run_log {
    char *program;
    char *path;
    int fd;
    bool socket;
    enum run_log_form form;
    enum gk_level least;
    unsigned burst;
    struct limit limits[CODES];
    size_t limit_count;
    uint64_t lost; /* lines that the reader had no room for */
    bool torn;     /* the last line went out in part */
};

static const char *const level_names[] = {"debug", "info", "notice", "warning", "error"};
#define LEVELS (sizeof level_names / sizeof *level_names)

const char *run_log_level_name(enum gk_level level)
{
    return (size_t)level < LEVELS ? level_names[level] : "error";
}

bool run_log_level_parse(const char *name, enum gk_level *level)
{
    for (size_t i = 0; i < LEVELS; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *level = (enum gk_level)i;
            return true;
        }
    }
    return false;
}

static bool open_file(const char *path, int *fd, struct gk_reason *why)
{
    /* O_NONBLOCK: a FIFO without a reader is refused instead of waited for. */
    *fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
    if (*fd < 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "log-open",
                         "the log file %s cannot be opened for appending: %s", path,
                         strerror(errno));
    return true;
}

static bool is_socket(int fd)
{
    struct stat about;

    return fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode);
}

struct run_log *run_log_open(const char *program, const char *path, enum run_log_form form,
                             enum gk_level least, unsigned burst, struct gk_reason *why)
{
    int fd = STDERR_FILENO;
    struct run_log *log;

    if (path && !open_file(path, &fd, why))
        return NULL;
    log = gk_alloc(1, sizeof *log);
    log->program = gk_strdup(program);
    log->path = path ? gk_strdup(path) : NULL;
    log->fd = fd;
    log->socket = is_socket(fd);
    log->form = form;
    log->least = least;
    log->burst = burst;
    return log;
}

/* A pipe that polls writable takes PIPE_BUF octets at once, and a line is never longer. */
static bool write_now(struct run_log *log, const char *text, size_t size)
{
    struct pollfd room = {.fd = log->fd, .events = POLLOUT};
    ssize_t wrote;

    if (poll(&room, 1, 0) != 1 || !(room.revents & POLLOUT))
        return false;
    if (log->torn && write(log->fd, "\n", 1) != 1)
        return false;
    log->torn = false;
    do {
        wrote = log->socket ? send(log->fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL)
                            : write(log->fd, text, size);
    } while (wrote < 0 && errno == EINTR);
    log->torn = wrote > 0 && (size_t)wrote < size;
    return wrote == (ssize_t)size;
}

static bool emit(struct run_log *log, const struct run_event *event)
{
    struct run_line line;

    run_line_make(&line, log->form, event);
    return write_now(log, line.text, line.size);
}

static void tell_lost(struct run_log *log)
{
    char text[80];
    struct run_event event = {
        .program = log->program, .level = GK_WARNING, .code = "log-lines-lost", .text = text};

    (void)snprintf(text, sizeof text, "%llu lines were lost: the reader of the log is too slow",
                   (unsigned long long)log->lost);
    if (emit(log, &event))
        log->lost = 0;
}

static void tell(struct run_log *log, const struct run_event *event)
{
    if (log->lost)
        tell_lost(log);
    if (log->lost || !emit(log, event))
        log->lost++;
}

static void tell_held(struct run_log *log, struct limit *limit)
{
    struct run_event event = {
        .program = log->program, .level = limit->level, .code = limit->code, .more = limit->held};

    if (limit->held)
        tell(log, &event);
    limit->held = 0;
}

static int64_t this_second(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static struct limit *limit_of(struct run_log *log, const char *code)
{
    for (size_t i = 0; i < log->limit_count; i++) {
        if (strcmp(log->limits[i].code, code) == 0)
            return &log->limits[i];
    }
    if (log->limit_count == CODES)
        return &log->limits[CODES - 1];
    log->limits[log->limit_count].code = log->limit_count == CODES - 1 ? "other-codes" : code;
    return &log->limits[log->limit_count++];
}

static bool passes(struct run_log *log, const struct run_event *event)
{
    int64_t second = this_second();
    struct limit *limit = limit_of(log, event->code);

    if (limit->second != second) {
        tell_held(log, limit);
        limit->second = second;
        limit->lines = 0;
    }
    limit->level = event->level;
    if (log->burst && limit->lines >= log->burst) {
        limit->held++;
        return false;
    }
    limit->lines++;
    return true;
}

static void write_event(struct run_log *log, const struct run_event *event)
{
    if (event->level >= log->least && passes(log, event))
        tell(log, event);
}

void run_log_write(struct run_log *log, const char *group, const struct gk_notice *notice)
{
    struct run_event event = {.program = log->program,
                              .group = group,
                              .level = notice->level,
                              .code = notice->code,
                              .notification = notice->notification,
                              .text = notice->text};

    write_event(log, &event);
}

void run_log_line(struct run_log *log, enum gk_level level, const char *code, const char *format,
                  ...)
{
    char text[512];
    struct run_event event = {.program = log->program, .level = level, .code = code, .text = text};
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    write_event(log, &event);
}

void run_log_flush(struct run_log *log)
{
    int64_t second = this_second();

    for (size_t i = 0; i < log->limit_count; i++) {
        if (log->limits[i].second != second)
            tell_held(log, &log->limits[i]);
    }
    if (log->lost)
        tell_lost(log);
}

bool run_log_reopen(struct run_log *log, struct gk_reason *why)
{
    int fd;

    if (!log->path)
        return true;
    if (!open_file(log->path, &fd, why))
        return false;
    (void)close(log->fd);
    log->fd = fd;
    log->socket = is_socket(fd);
    log->torn = false;
    return true;
}

void run_log_close(struct run_log *log)
{
    if (!log)
        return;
    for (size_t i = 0; i < log->limit_count; i++)
        tell_held(log, &log->limits[i]);
    if (log->path)
        (void)close(log->fd);
    free(log->program);
    free(log->path);
    free(log);
}
