/* SPDX-License-Identifier: Apache-2.0 */
/* What the clients of the control socket share: reaching the daemon, and saying something. */
#include "gsakmp/run/control-reach.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "gsakmp/run/socket-file.h"

#define RETRY_MS 10

int64_t run_reach_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool run_reach_wait(int fd, short events, int64_t deadline, const char *path, struct gk_reason *why)
{
    struct pollfd wait = {.fd = fd, .events = events};
    int ready;

    do {
        int64_t left = deadline - run_reach_now();

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
bool run_reach(int fd, const char *path, int64_t deadline, struct gk_reason *why)
{
    struct sockaddr_un name;

    if (!run_socket_name(path, &name, why))
        return false;
    while (connect(fd, (const struct sockaddr *)&name, sizeof name) != 0) {
        int error = errno;

        if (error != EAGAIN && error != EINTR)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-connect", "%s: %s%s", path,
                             strerror(error), advice(error));
        if (run_reach_now() >= deadline)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-timeout",
                             "the daemon at %s has too many callers", path);
        (void)poll(NULL, 0, RETRY_MS);
    }
    return true;
}

bool run_reach_gone(const char *path, struct gk_reason *why)
{
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-closed",
                     "the daemon at %s closed the connection without an answer", path);
}

bool run_reach_send(int fd, const char *path, const char *text, int64_t deadline,
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
            return run_reach_gone(path, why);
        } else if (!run_reach_wait(fd, POLLOUT, deadline, path, why)) {
            return false;
        }
    }
    return true;
}
