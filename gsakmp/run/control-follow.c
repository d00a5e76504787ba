/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of a subscription. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gsakmp/run/control-reach.h"
#include "gsakmp/run/control.h"

#define LINE_MOST ((size_t)16 << 20)

static volatile sig_atomic_t told_to_end;

static void on_signal(int number)
{
    (void)number;
    told_to_end = 1;
}

struct follow {
    int fd;
    const char *path;
    bool (*line)(void *context, const json_t *object);
    void *context;
    struct gk_writer in;
    sigset_t open; /* while it waits; at other times SIGINT and SIGTERM are blocked */
    bool done;
};

/* The first line of what is there; false when none is whole or it is none. */
static bool take_line(struct follow *follow, struct gk_reason *why)
{
    const uint8_t *data = follow->in.data;
    const uint8_t *end = follow->in.size ? memchr(data, '\n', follow->in.size) : NULL;
    struct gk_writer rest = {0};
    json_t *object;

    if (!end)
        return false;
    object = json_loadb((const char *)data, (size_t)(end - data), 0, NULL);
    gk_write(&rest, end + 1, follow->in.size - (size_t)(end + 1 - data));
    gk_writer_free(&follow->in);
    follow->in = rest;
    if (!json_is_object(object))
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-answer",
                        "a line from %s is not a JSON object", follow->path);
    else
        follow->done = !follow->line(follow->context, object);
    json_decref(object);
    return object != NULL && !follow->done;
}

/* Waits for more; false at the end, which is good when a signal brought it. */
static bool hear(struct follow *follow, struct gk_reason *why)
{
    struct pollfd wait = {.fd = follow->fd, .events = POLLIN};
    uint8_t block[16384];
    ssize_t got;

    if (!told_to_end)
        (void)ppoll(&wait, 1, NULL, &follow->open);
    if (told_to_end) {
        follow->done = true;
        return false;
    }
    got = recv(follow->fd, block, sizeof block, 0);
    if (got > 0) {
        gk_write(&follow->in, block, (size_t)got);
        gk_wipe(block, (size_t)got);
    }
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR) || follow->in.size > LINE_MOST)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-closed",
                         "the daemon at %s closed the connection", follow->path);
    return true;
}

static bool begin(struct follow *follow, const json_t *request, int timeout_ms,
                  struct gk_reason *why)
{
    int64_t deadline = run_reach_now() + timeout_ms;
    char *text = json_dumps(request, JSON_COMPACT);
    bool good = text && run_reach(follow->fd, follow->path, deadline, why) &&
                run_reach_send(follow->fd, follow->path, text, deadline, why) &&
                run_reach_send(follow->fd, follow->path, "\n", deadline, why);

    free(text);
    return good;
}

bool run_control_follow(const char *path, const json_t *request, int timeout_ms,
                        bool (*line)(void *context, const json_t *object), void *context,
                        struct gk_reason *why)
{
    struct follow follow = {.path = path, .line = line, .context = context};
    struct sigaction action = {.sa_handler = on_signal};
    struct gk_reason bad = {0};
    sigset_t both;

    follow.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (follow.fd < 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-connect", "%s", strerror(errno));
    (void)sigemptyset(&both);
    (void)sigaddset(&both, SIGINT);
    (void)sigaddset(&both, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &both, &follow.open);
    (void)sigdelset(&follow.open, SIGINT);
    (void)sigdelset(&follow.open, SIGTERM);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    if (begin(&follow, request, timeout_ms, &bad)) {
        do {
            while (take_line(&follow, &bad))
                ;
        } while (!follow.done && !bad.code && hear(&follow, &bad));
    }
    (void)sigprocmask(SIG_UNBLOCK, &both, NULL);
    gk_writer_free(&follow.in);
    (void)close(follow.fd);
    if (!follow.done && why)
        *why = bad;
    return follow.done;
}
