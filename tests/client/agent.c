/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/client/agent.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/harness.h"

static void listen_on(struct agent *agent)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    (void)strcpy(agent->folder, "/tmp/test-client-XXXXXX");
    if (!mkdtemp(agent->folder))
        CU_FAIL_FATAL("mkdtemp");
    (void)snprintf(agent->path, sizeof agent->path, "%s/socket", agent->folder);
    (void)strcpy(name.sun_path, agent->path);
    agent->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(agent->listener, (struct sockaddr *)&name, sizeof name) != 0 ||
        listen(agent->listener, 1) != 0)
        CU_FAIL_FATAL("bind");
}

struct gsakmp_client *agent_begin(struct agent *agent, const char *group)
{
    struct gsakmp_client *client;
    ssize_t got;

    *agent = (struct agent){.fd = -1};
    listen_on(agent);
    CU_ASSERT_EQUAL_FATAL(gsakmp_client_open(&client, agent->path, group), GSAKMP_OK);
    agent->fd = accept(agent->listener, NULL, NULL);
    got = recv(agent->fd, agent->request, sizeof agent->request - 1, 0);
    CU_ASSERT_TRUE_FATAL(got > 0);
    return client;
}

void agent_say(const struct agent *agent, const char *format, ...)
{
    char *line;
    va_list list;
    int size;

    va_start(list, format);
    size = vasprintf(&line, format, list);
    va_end(list);
    CU_ASSERT_TRUE_FATAL(size >= 0);
    CU_ASSERT_EQUAL(send(agent->fd, line, (size_t)size, MSG_NOSIGNAL), size);
    CU_ASSERT_EQUAL(send(agent->fd, "\n", 1, MSG_NOSIGNAL), 1);
    free(line);
}

void agent_hang_up(struct agent *agent)
{
    (void)close(agent->fd);
    agent->fd = -1;
}

void agent_end(struct agent *agent, struct gsakmp_client *client)
{
    gsakmp_client_close(client);
    if (agent->fd >= 0)
        agent_hang_up(agent);
    (void)close(agent->listener);
    (void)unlink(agent->path);
    (void)rmdir(agent->folder);
}
