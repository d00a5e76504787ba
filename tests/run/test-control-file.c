/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket as a file: its mode, what is in its way, and one daemon at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/harness.h"
#include "tests/run/daemon.h"

static void the_mode_is_as_configured(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    struct stat about = {0};
    mode_t old = umask(077);

    daemon_name(&daemon);
    daemon.mode = 0622;
    world_start(&world);
    (void)umask(old);
    CU_ASSERT_EQUAL(stat(daemon.path, &about), 0);
    CU_ASSERT_EQUAL(about.st_mode & 07777, 0622);
    world_stop(&world);
    daemon_end(&daemon);
}

static const char *open_code(struct run *run, struct daemon *daemon)
{
    static struct gk_reason why;
    struct run_control_config config = daemon_config(daemon);
    struct run_control *control = run_control_open(run, &config, &why);

    run_control_close(control);
    return control ? "" : why.code;
}

static int bound_socket(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)strcpy(name.sun_path, path);
    CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    return fd;
}

/* What is there already: a dead daemon's socket, a live one's, another kind of file. */
static void files_in_the_way(void)
{
    struct run_config none = {0};
    struct run *run = run_new(&none);
    struct daemon daemon;
    struct stat there;
    FILE *file;
    int fd;

    daemon_name(&daemon);
    fd = bound_socket(daemon.path);
    CU_ASSERT_EQUAL(listen(fd, 1), 0);
    CU_ASSERT_STRING_EQUAL(open_code(run, &daemon), "control-in-use");
    CU_ASSERT_EQUAL(lstat(daemon.path, &there), 0);
    close(fd); /* the daemon dies and leaves its socket */
    CU_ASSERT_STRING_EQUAL(open_code(run, &daemon), "");
    CU_ASSERT_NOT_EQUAL(lstat(daemon.path, &there), 0);
    file = fopen(daemon.path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    (void)fclose(file);
    CU_ASSERT_STRING_EQUAL(open_code(run, &daemon), "control-not-a-socket");
    CU_ASSERT_EQUAL(lstat(daemon.path, &there), 0);
    CU_ASSERT_EQUAL(unlink(daemon.path), 0);
    CU_ASSERT_EQUAL(rmdir(daemon.folder), 0);
    CU_ASSERT_STRING_EQUAL(open_code(run, &daemon), "control-folder");
    run_free(run);
}

static void one_daemon_at_a_time(void)
{
    struct run_config none = {0};
    struct run *run = run_new(&none);
    struct daemon daemon;
    struct run_control_config config;
    struct run_control *first;
    struct gk_reason why;

    daemon_name(&daemon);
    config = daemon_config(&daemon);
    first = run_control_open(run, &config, &why);
    CU_ASSERT_PTR_NOT_NULL(first);
    CU_ASSERT_STRING_EQUAL(open_code(run, &daemon), "control-in-use");
    /* Somebody removes the socket by hand: the lock still tells. */
    CU_ASSERT_EQUAL(unlink(daemon.path), 0);
    CU_ASSERT_STRING_EQUAL(open_code(run, &daemon), "control-in-use");
    run_control_close(first);
    CU_ASSERT_STRING_EQUAL(open_code(run, &daemon), "");
    run_free(run);
    CU_ASSERT_EQUAL(rmdir(daemon.folder), 0);
}

/* At its end a daemon does not remove what another put in the place of its socket. */
static void a_foreign_socket_is_left_alone(void)
{
    struct run_config none = {0};
    struct run *run = run_new(&none);
    struct daemon daemon;
    struct run_control_config config;
    struct gk_reason why;
    struct stat there;

    daemon_name(&daemon);
    config = daemon_config(&daemon);
    CU_ASSERT_PTR_NOT_NULL(run_control_open(run, &config, &why));
    CU_ASSERT_EQUAL(unlink(daemon.path), 0);
    close(bound_socket(daemon.path));
    run_free(run);
    CU_ASSERT_EQUAL(lstat(daemon.path, &there), 0);
    CU_ASSERT_EQUAL(unlink(daemon.path), 0);
    CU_ASSERT_EQUAL(rmdir(daemon.folder), 0);
}

static void a_client_tells_what_is_wrong(void)
{
    struct daemon daemon;
    struct gk_reason why = {0};
    json_t *request = json_pack("{s:s}", "command", "echo");
    char path[200];
    int fd;

    daemon_name(&daemon);
    CU_ASSERT_PTR_NULL(run_control_ask(daemon.path, request, 1000, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "control-connect");
    fd = bound_socket(daemon.path);
    CU_ASSERT_PTR_NULL(run_control_ask(daemon.path, request, 1000, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "control-connect");
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "is the daemon running"));
    CU_ASSERT_EQUAL(listen(fd, 4), 0);
    CU_ASSERT_PTR_NULL(run_control_ask(daemon.path, request, 30, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "control-timeout");
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    CU_ASSERT_PTR_NULL(run_control_ask(path, request, 30, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "control-path");
    close(fd);
    CU_ASSERT_EQUAL(unlink(daemon.path), 0);
    CU_ASSERT_EQUAL(rmdir(daemon.folder), 0);
    json_decref(request);
}

const struct test_suite suite_control_file = {
    "control-file",
    {
        {"the mode is as configured", the_mode_is_as_configured},
        {"files in the way", files_in_the_way},
        {"one daemon at a time", one_daemon_at_a_time},
        {"a foreign socket is left alone", a_foreign_socket_is_left_alone},
        {"a client tells what is wrong", a_client_tells_what_is_wrong},
        {NULL, NULL},
    }};
