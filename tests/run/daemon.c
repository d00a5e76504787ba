/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/run/daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/harness.h"

static void echo(void *context, struct run_request *request, const json_t *arguments)
{
    struct daemon *daemon = context;

    daemon->calls++;
    run_reply(request, json_pack("{s:O?,s:i,s:i}", "said", json_object_get(arguments, "say"), "uid",
                                 (int)run_request_caller(request)->uid, "pid",
                                 (int)run_request_caller(request)->pid));
}

static void fail(void *context, struct run_request *request, const json_t *arguments)
{
    struct gk_reason why;

    (void)context;
    (void)arguments;
    (void)gk_refuse(&why, GK_UNAUTHORIZED_REQUEST, GK_NO_OFFSET, "not-today", "come back later");
    run_refuse(request, &why);
}

static void later(void *context, struct run_request *request, const json_t *arguments)
{
    (void)arguments;
    ((struct daemon *)context)->later = request;
}

static void broken(void *context, struct run_request *request, const json_t *arguments)
{
    (void)context;
    (void)arguments;
    run_reply(request, NULL);
}

static void big(void *context, struct run_request *request, const json_t *arguments)
{
    json_t *list = json_array();

    (void)context;
    (void)arguments;
    for (int i = 0; i < 200000; i++)
        (void)json_array_append_new(list, json_integer(i));
    run_reply(request, json_pack("{s:o}", "list", list));
}

static void quit(void *context, struct run_request *request, const json_t *arguments)
{
    struct run *run = ((struct daemon *)context)->world->run;

    (void)arguments;
    run_reply(request, json_pack("{s:s}", "said", "goodbye"));
    run_stop(run);
}

static void watch(void *context, struct run_request *request, const json_t *arguments)
{
    struct daemon *daemon = context;
    bool other = json_is_true(json_object_get(arguments, "other"));

    run_watch(request, json_pack("{s:s}", "event", "watching"),
              other ? (const void *)daemon->world : daemon);
}

static const struct run_command commands[] = {{"echo", echo},     {"fail", fail}, {"later", later},
                                              {"broken", broken}, {"big", big},   {"quit", quit},
                                              {"watch", watch},   {NULL, NULL}};

static bool allow_echo(void *context, const struct run_caller *caller, const char *command,
                       const json_t *arguments)
{
    (void)context;
    (void)arguments;
    return caller->uid == DAEMON_STRANGER && strcmp(command, "echo") == 0;
}

struct run_control_config daemon_config(struct daemon *daemon)
{
    return (struct run_control_config){.path = daemon->path,
                                       .mode = daemon->mode,
                                       .commands = commands,
                                       .allow = allow_echo,
                                       .context = daemon};
}

void daemon_open(struct world *world)
{
    struct daemon *daemon = world->context;
    struct run_control_config config = daemon_config(daemon);
    struct gk_reason why = {0};

    daemon->world = world;
    daemon->control = run_control_open(world->run, &config, &why);
    daemon->opened = daemon->control != NULL;
    if (!daemon->opened)
        printf("\n    %s\n", why.text);
}

void daemon_name(struct daemon *daemon)
{
    *daemon = (struct daemon){.mode = 0};
    (void)strcpy(daemon->folder, "/tmp/test-control-XXXXXX");
    if (!mkdtemp(daemon->folder) || chmod(daemon->folder, 0755) != 0)
        CU_FAIL_FATAL("mkdtemp");
    (void)snprintf(daemon->path, sizeof daemon->path, "%s/socket", daemon->folder);
}

void daemon_end(struct daemon *daemon)
{
    CU_ASSERT_TRUE(daemon->opened);
    CU_ASSERT_EQUAL(rmdir(daemon->folder), 0);
}

int daemon_call(const struct daemon *daemon)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = WORLD_PATIENCE};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)strcpy(name.sun_path, daemon->path);
    CU_ASSERT_EQUAL(connect(fd, (struct sockaddr *)&name, sizeof name), 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

json_t *daemon_hear(int fd)
{
    struct gk_writer line = {0};
    uint8_t octet = 0;
    json_t *heard;

    while (octet != '\n' && recv(fd, &octet, 1, 0) == 1)
        gk_write_u8(&line, octet);
    heard = json_loadb(line.size ? (const char *)line.data : "", line.size, 0, NULL);
    gk_writer_free(&line);
    return heard;
}
