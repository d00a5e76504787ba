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
#define WAITS_MS    200

/* A question on its way. */
struct asking {
    int fd;
    const char *path;
    int64_t deadline;
    void (*waits)(void *context); /* NULL: nobody wants to know */
    void *context;
};

/* Calls `waits` until something can be read, or the time is over. */
static bool wait_for_answer(const struct asking *asking, struct gk_reason *why)
{
    struct pollfd wait = {.fd = asking->fd, .events = POLLIN};

    while (asking->waits && run_reach_now() + WAITS_MS < asking->deadline) {
        if (poll(&wait, 1, WAITS_MS) > 0)
            return true;
        asking->waits(asking->context);
    }
    return run_reach_wait(asking->fd, POLLIN, asking->deadline, asking->path, why);
}

static bool read_line(const struct asking *asking, struct gk_writer *line, struct gk_reason *why)
{
    uint8_t block[16384];
    bool whole = false;

    while (!whole) {
        ssize_t got = recv(asking->fd, block, sizeof block, 0);

        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR) || line->size > ANSWER_MOST)
            return run_reach_gone(asking->path, why);
        if (got < 0 && !wait_for_answer(asking, why))
            return false;
        if (got > 0) {
            whole = memchr(block, '\n', (size_t)got) != NULL;
            gk_write(line, block, (size_t)got);
            gk_wipe(block, (size_t)got);
        }
    }
    return true;
}

static bool exchange(const struct asking *asking, const char *text, struct gk_writer *line,
                     struct gk_reason *why)
{
    return run_reach(asking->fd, asking->path, asking->deadline, why) &&
           run_reach_send(asking->fd, asking->path, text, asking->deadline, why) &&
           run_reach_send(asking->fd, asking->path, "\n", asking->deadline, why) &&
           read_line(asking, line, why);
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

json_t *run_control_ask_long(const char *path, const json_t *request, int timeout_ms,
                             void (*waits)(void *context), void *context, struct gk_reason *why)
{
    struct asking asking = {.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                            .path = path,
                            .deadline = run_reach_now() + timeout_ms,
                            .waits = waits,
                            .context = context};
    char *text = json_dumps(request, JSON_COMPACT);
    struct gk_writer line = {0};
    json_t *answer = NULL;

    if (asking.fd < 0 || !text)
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-connect", "%s", strerror(errno));
    else if (exchange(&asking, text, &line, why))
        answer = parse(&line, path, why);
    if (text)
        gk_wipe(text, strlen(text));
    free(text);
    gk_writer_free(&line);
    if (asking.fd >= 0)
        (void)close(asking.fd);
    return answer;
}

json_t *run_control_ask(const char *path, const json_t *request, int timeout_ms,
                        struct gk_reason *why)
{
    return run_control_ask_long(path, request, timeout_ms, NULL, NULL, why);
}
