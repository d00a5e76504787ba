/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "roles/client/inside.h"

#define BUSY_MS    5000 /* how long a full backlog is waited for */
#define RETRY_MS   10
#define REQUEST_MS 5000

int64_t client_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int client_end(struct gsakmp_client *client, int error, const char *text)
{
    char copy[sizeof client->text];

    if (client->error)
        return client->error;
    (void)snprintf(copy, sizeof copy, "%s", text); /* it may be the client's own */
    client->error = error;
    client_drop_keys(client);
    explicit_bzero(client->line, sizeof client->line);
    client->size = 0;
    json_decref(client->policy);
    client->policy = NULL;
    memcpy(client->text, copy, sizeof copy);
    client_add_event(client, "gone", copy, 0, 0);
    return error;
}

/* --- opening ---------------------------------------------------------------------------- */

static int connect_to(int fd, const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int64_t deadline = client_now_ms() + BUSY_MS;

    if (strlen(path) >= sizeof name.sun_path)
        return GSAKMP_E_ARGUMENT;
    memcpy(name.sun_path, path, strlen(path) + 1);
    while (connect(fd, (const struct sockaddr *)&name, sizeof name) != 0) {
        if ((errno != EAGAIN && errno != EINTR) || client_now_ms() >= deadline)
            return GSAKMP_E_CONNECT;
        (void)poll(NULL, 0, RETRY_MS);
    }
    return GSAKMP_OK;
}

static int send_text(int fd, const char *text)
{
    int64_t deadline = client_now_ms() + REQUEST_MS;
    size_t left = strlen(text);

    while (left) {
        ssize_t sent = send(fd, text, left, MSG_NOSIGNAL);

        if (sent > 0) {
            text += sent;
            left -= (size_t)sent;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return GSAKMP_OK; /* an answer may be there all the same */
        } else if ((errno != EAGAIN && errno != EINTR) || client_now_ms() >= deadline) {
            return GSAKMP_E_CONNECT;
        } else {
            (void)poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, RETRY_MS);
        }
    }
    return GSAKMP_OK;
}

static int subscribe(int fd, const char *group)
{
    json_t *request = json_pack("{s:s}", "command", "follow");
    char *text;
    int result;

    if (request && group && json_object_set_new(request, "group", json_string(group)) != 0) {
        json_decref(request);
        return GSAKMP_E_ARGUMENT; /* no UTF-8 */
    }
    text = json_dumps(request, JSON_COMPACT);
    json_decref(request);
    if (!text)
        return GSAKMP_E_MEMORY;
    result = send_text(fd, text);
    free(text);
    return result == GSAKMP_OK ? send_text(fd, "\n") : result;
}

static struct gsakmp_client *map_client(void)
{
    void *memory = mmap(NULL, sizeof(struct gsakmp_client), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    (void)madvise(memory, sizeof(struct gsakmp_client), MADV_DONTDUMP);
    (void)mlock(memory, sizeof(struct gsakmp_client));
    return memory;
}

static void unmap_client(struct gsakmp_client *client)
{
    explicit_bzero(client, sizeof *client);
    (void)munlock(client, sizeof *client);
    (void)munmap(client, sizeof *client);
}

int gsakmp_client_open(struct gsakmp_client **client, const char *socket_path, const char *group)
{
    struct gsakmp_client *fresh;
    int result;

    if (!client)
        return GSAKMP_E_ARGUMENT;
    *client = NULL;
    fresh = map_client();
    if (!fresh)
        return GSAKMP_E_MEMORY;
    fresh->state = GSAKMP_AGAIN;
    fresh->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    result = fresh->fd < 0 ? GSAKMP_E_CONNECT
                           : connect_to(fresh->fd, socket_path ? socket_path : GSAKMP_AGENT_SOCKET);
    if (result == GSAKMP_OK)
        result = subscribe(fresh->fd, group);
    if (result == GSAKMP_OK) {
        *client = fresh;
        return GSAKMP_OK;
    }
    if (fresh->fd >= 0)
        (void)close(fresh->fd);
    unmap_client(fresh);
    return result;
}

void gsakmp_client_close(struct gsakmp_client *client)
{
    if (!client)
        return;
    (void)close(client->fd);
    json_decref(client->policy);
    unmap_client(client);
}

int gsakmp_client_fd(const struct gsakmp_client *client)
{
    return client ? client->fd : -1;
}

/* --- reading ------------------------------------------------------------------------------ */

/* All whole lines of what is there. */
static int take_lines(struct gsakmp_client *client)
{
    char *end;

    while (!client->error && (end = memchr(client->line, '\n', client->size))) {
        size_t size = (size_t)(end - client->line);
        size_t left = client->size - size - 1;
        int result = client_line(client, client->line, size);

        if (result < 0)
            return client_end(client, result, client->text);
        memmove(client->line, client->line + size + 1, left);
        explicit_bzero(client->line + left, size + 1);
        client->size = left;
    }
    if (!client->error && client->size == sizeof client->line)
        return client_end(client, GSAKMP_E_PROTOCOL, "a line of the agent is too long");
    return client->error;
}

int client_absorb(struct gsakmp_client *client)
{
    while (!client->error) {
        ssize_t got = recv(client->fd, client->line + client->size,
                           sizeof client->line - client->size, MSG_DONTWAIT);

        if (got > 0) {
            client->size += (size_t)got;
            (void)take_lines(client);
        } else if (got < 0 && errno == EINTR) {
            continue;
        } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            break;
        } else {
            (void)client_end(client, GSAKMP_E_GONE, "the agent went away without a word");
        }
    }
    return client->error;
}

int gsakmp_client_process(struct gsakmp_client *client)
{
    return client ? client_absorb(client) : GSAKMP_E_ARGUMENT;
}

int gsakmp_client_wait(struct gsakmp_client *client, int timeout_ms)
{
    int64_t deadline = client_now_ms() + timeout_ms;
    bool heard;

    if (!client)
        return GSAKMP_E_ARGUMENT;
    heard = client->heard;
    for (;;) {
        struct pollfd wait = {.fd = client->fd, .events = POLLIN};
        int64_t left = timeout_ms < 0 ? -1 : deadline - client_now_ms();

        if (client_absorb(client) < 0)
            return client->error;
        if (client->event_count || client->heard != heard)
            return GSAKMP_OK;
        if (timeout_ms >= 0 && left <= 0)
            return GSAKMP_E_TIMEOUT;
        (void)poll(&wait, 1, (int)left);
    }
}
