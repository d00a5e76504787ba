/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of the control socket. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gsakmp/run/control-reach.h"
#include "gsakmp/run/control.h"

#define ANSWER_MOST ((size_t)64 << 20)

static bool read_line(int fd, const char *path, struct gk_writer *line, int64_t deadline,
                      struct gk_reason *why)
{
    uint8_t block[16384];
    bool whole = false;

    while (!whole) {
        ssize_t got = recv(fd, block, sizeof block, 0);

        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR) || line->size > ANSWER_MOST)
            return run_reach_gone(path, why);
        if (got < 0 && !run_reach_wait(fd, POLLIN, deadline, path, why))
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
    return run_reach(fd, path, deadline, why) && run_reach_send(fd, path, text, deadline, why) &&
           run_reach_send(fd, path, "\n", deadline, why) &&
           read_line(fd, path, line, deadline, why);
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
    int64_t deadline = run_reach_now() + timeout_ms;
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
