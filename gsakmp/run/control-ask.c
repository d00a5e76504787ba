/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of the control socket. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "gsakmp/run/control.h"
#include "gsakmp/run/socket-file.h"

#define ANSWER_MOST ((size_t)64 << 20)
#define RETRY_MS    10

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool wait_for(int fd, short events, int64_t deadline, const char *path,
                     struct gk_reason *why)
{
    struct pollfd wait = {.fd = fd, .events = events};
    int ready;

    do {
        int64_t left = deadline - now_ms();

        ready = poll(&wait, 1, left > 0 ? (int)left : 0);
    } while (ready < 0 && errno == EINTR);
    return ready > 0 || gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-timeout",
                                  "the daemon at %s did not answer in time", path);
}

static const char *advice(int error)
{
    switch (error) {
    case ENOENT:
    case ECONNREFUSED:
        return "; is the daemon running?";
    case EACCES:
        return "; this user is not in the socket's group";
    default:
        return "";
    }
}

/* A full backlog answers EAGAIN at once and cannot be waited for otherwise. */
static bool reach(int fd, const char *path, int64_t deadline, struct gk_reason *why)
{
    struct sockaddr_un name;

    if (!run_socket_name(path, &name, why))
        return false;
    while (connect(fd, (const struct sockaddr *)&name, sizeof name) != 0) {
        int error = errno;

        if (error != EAGAIN && error != EINTR)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-connect", "%s: %s%s", path,
                             strerror(error), advice(error));
        if (now_ms() >= deadline)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-timeout",
                             "the daemon at %s has too many callers", path);
        (void)poll(NULL, 0, RETRY_MS);
    }
    return true;
}

static bool gone(const char *path, struct gk_reason *why)
{
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-closed",
                     "the daemon at %s closed the connection without an answer", path);
}

/* A daemon that refuses a request unread may have answered before it closed: what cannot be
 * sent is no failure, the answer decides. */
static bool send_all(int fd, const char *path, const char *text, int64_t deadline,
                     struct gk_reason *why)
{
    size_t left = strlen(text);

    while (left) {
        ssize_t sent = send(fd, text, left, MSG_NOSIGNAL);

        if (sent > 0) {
            text += sent;
            left -= (size_t)sent;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return true;
        } else if (errno != EAGAIN && errno != EINTR) {
            return gone(path, why);
        } else if (!wait_for(fd, POLLOUT, deadline, path, why)) {
            return false;
        }
    }
    return true;
}

static bool read_line(int fd, const char *path, struct gk_writer *line, int64_t deadline,
                      struct gk_reason *why)
{
    uint8_t block[16384];
    bool whole = false;

    while (!whole) {
        ssize_t got = recv(fd, block, sizeof block, 0);

        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR) || line->size > ANSWER_MOST)
            return gone(path, why);
        if (got < 0 && !wait_for(fd, POLLIN, deadline, path, why))
            return false;
        if (got > 0) {
            whole = memchr(block, '\n', (size_t)got) != NULL;
            gk_write(line, block, (size_t)got);
            gk_wipe(block, (size_t)got);
        }
    }
    return true;
}

static bool exchange(int fd, const char *path, const char *text, struct gk_writer *line,
                     int64_t deadline, struct gk_reason *why)
{
    return reach(fd, path, deadline, why) && send_all(fd, path, text, deadline, why) &&
           send_all(fd, path, "\n", deadline, why) && read_line(fd, path, line, deadline, why);
}

static json_t *parse(const struct gk_writer *line, const char *path, struct gk_reason *why)
{
    json_t *object = json_loadb((const char *)line->data, line->size, 0, NULL);

    if (!json_is_object(object)) {
        json_decref(object);
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-answer",
                        "the answer from %s is not a JSON object", path);
        return NULL;
    }
    return object;
}

json_t *run_control_ask(const char *path, const json_t *request, int timeout_ms,
                        struct gk_reason *why)
{
    int64_t deadline = now_ms() + timeout_ms;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    char *text = json_dumps(request, JSON_COMPACT);
    struct gk_writer line = {0};
    json_t *answer = NULL;

    if (fd < 0 || !text)
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-connect", "%s", strerror(errno));
    else if (exchange(fd, path, text, &line, deadline, why))
        answer = parse(&line, path, why);
    if (text)
        gk_wipe(text, strlen(text));
    free(text);
    gk_writer_free(&line);
    if (fd >= 0)
        (void)close(fd);
    return answer;
}
