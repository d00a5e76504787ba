/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/run/hook.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gsakmp/run/inside.h"

#define ERROR_MOST 1024
#define KILL_MS    2000

struct run_hook {
    struct run *run;
    struct run_hook_config config;
    struct run_hook_status status;
    bool stopping;
    bool has_next;
    struct gk_secret next; /* the latest news while it runs */
    /* of a run */
    uv_process_t process;
    uv_pipe_t in, err;
    uv_timer_t limit;
    unsigned handles; /* not closed yet */
    uv_write_t write;
    struct gk_secret input;
    size_t error_size;
    char error[ERROR_MOST + 1];
    bool late, exited;
    int64_t code;
    int signal;
};

static bool is_safe(const struct stat *about)
{
    bool open = about->st_mode & (S_IWGRP | S_IWOTH);

    return (about->st_uid == 0 || about->st_uid == geteuid()) &&
           (!open || (S_ISDIR(about->st_mode) && about->st_mode & S_ISVTX));
}

/* `path` is cut to the folder that is not. */
static bool folders_are_safe(char *path)
{
    struct stat about;
    char *end;

    do {
        end = strrchr(path, '/');
        end[end == path] = '\0';
        if (stat(path, &about) != 0 || !is_safe(&about))
            return false;
    } while (end != path);
    return true;
}

/* Whoever may write in a folder above may put another program there: above the name, and above
 * what links make of it. */
static bool judge_folders(const char *path, struct gk_reason *why)
{
    char *each[2] = {gk_strdup(path), realpath(path, NULL)};
    bool safe = true;

    for (int i = 0; i < 2 && safe; i++) {
        safe = each[i] && folders_are_safe(each[i]);
        if (!safe)
            (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "hook-mode",
                            "hook %.100s: others than root and this user may change its folder "
                            "%.80s",
                            path, each[i] ? each[i] : "");
    }
    free(each[0]);
    free(each[1]);
    return safe;
}

bool run_hook_judge(const char *path, struct gk_reason *why)
{
    struct stat about;

    if (*path != '/')
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "hook-path",
                         "hook %.120s: an absolute path is expected", path);
    if (stat(path, &about) != 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "hook-path", "hook %.120s: %s", path,
                         strerror(errno));
    if (!S_ISREG(about.st_mode) || access(path, X_OK) != 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "hook-path",
                         "hook %.120s: no file that can be executed", path);
    if (!is_safe(&about))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "hook-mode",
                         "hook %.120s: others than root and this user may change it", path);
    return judge_folders(path, why);
}

struct run_hook *run_hook_new(struct run *run, const struct run_hook_config *config)
{
    struct run_hook *hook = gk_alloc(1, sizeof *hook);

    hook->run = run;
    hook->config = *config;
    return hook;
}

/* --- the end of a run --------------------------------------------------------------------- */

/* The first line of what it said, as text. */
static const char *first_line(struct run_hook *hook, char *to, size_t room)
{
    hook->error[hook->error_size] = '\0';
    hook->error[strcspn(hook->error, "\n")] = '\0';
    return gk_escape(to, room, gk_octets_of(hook->error));
}

static const char *describe(struct run_hook *hook, int spawned)
{
    char *to = hook->status.failure;
    size_t room = sizeof hook->status.failure;
    char line[96];
    const char *said = first_line(hook, line, sizeof line);

    if (spawned != 0)
        (void)snprintf(to, room, "it cannot be started: %s", uv_strerror(spawned));
    else if (hook->late)
        (void)snprintf(to, room, "it took longer than %lld ms and was ended%s%s",
                       (long long)hook->config.limit_ms, *said ? ": " : "", said);
    else if (hook->signal)
        (void)snprintf(to, room, "it was ended by signal %d%s%s", hook->signal, *said ? ": " : "",
                       said);
    else if (hook->code)
        (void)snprintf(to, room, "it ended with exit code %lld%s%s", (long long)hook->code,
                       *said ? ": " : "", said);
    else
        return NULL;
    hook->status.failures++;
    return to;
}

static void start(struct run_hook *hook);

static void closed(uv_handle_t *handle)
{
    struct run_hook *hook = handle->data;

    if (--hook->handles)
        return;
    hook->status.running = false;
    gk_secret_free(&hook->input);
    gk_wipe(hook->error, sizeof hook->error);
    if (hook->stopping || !hook->has_next)
        return;
    hook->has_next = false;
    hook->input = hook->next;
    hook->next = (struct gk_secret){0};
    start(hook);
}

static void shut(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, closed);
}

static void shut_all(struct run_hook *hook)
{
    shut((uv_handle_t *)&hook->process);
    shut((uv_handle_t *)&hook->in);
    shut((uv_handle_t *)&hook->err);
    shut((uv_handle_t *)&hook->limit);
}

static void end(struct run_hook *hook, int spawned)
{
    const char *failure = describe(hook, spawned);

    shut_all(hook);
    if (hook->config.ended)
        hook->config.ended(hook->config.context, failure);
}

/* The program and what it has started. */
static void signal_all(const struct run_hook *hook, int number)
{
    if (hook->process.pid > 0)
        (void)kill(-hook->process.pid, number);
}

static void exited(uv_process_t *process, int64_t code, int number)
{
    struct run_hook *hook = process->data;

    hook->exited = true;
    hook->code = code;
    hook->signal = number;
    if (hook->late)
        signal_all(hook, SIGKILL); /* what it left behind */
    if (!hook->stopping)
        end(hook, 0);
}

/* --- a run ---------------------------------------------------------------------------------- */

static void too_late(uv_timer_t *timer)
{
    struct run_hook *hook = timer->data;

    signal_all(hook, hook->late ? SIGKILL : SIGTERM);
    if (!hook->late)
        (void)uv_timer_start(timer, too_late, KILL_MS, 0);
    hook->late = true;
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct run_hook *hook = handle->data;

    (void)suggested;
    *buffer =
        uv_buf_init(hook->error + hook->error_size, (unsigned)(ERROR_MOST - hook->error_size));
}

static void said(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct run_hook *hook = stream->data;

    (void)buffer;
    if (size > 0)
        hook->error_size += (size_t)size;
    if (size < 0 || hook->error_size == ERROR_MOST)
        shut((uv_handle_t *)stream);
}

static void wrote(uv_write_t *write, int status)
{
    struct run_hook *hook = write->data;

    (void)status; /* one that did not read it all has its reasons */
    gk_secret_free(&hook->input);
    shut((uv_handle_t *)&hook->in);
}

/* libuv opens everything with close-on-exec; what was there before it may not be. */
static void close_for_child(void)
{
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
        uv_disable_stdio_inheritance();
}

static int spawn(struct run_hook *hook)
{
    static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    static char language[] = "LANG=C";
    char *environment[] = {path, language, NULL};
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&hook->in},
        {.flags = UV_IGNORE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&hook->err},
    };
    uv_process_options_t options = {
        .file = hook->config.arguments[0],
        .args = (char **)(uintptr_t)hook->config.arguments,
        .env = environment,
        .cwd = "/",
        .flags = UV_PROCESS_DETACHED,
        .stdio_count = 3,
        .stdio = stdio,
        .exit_cb = exited,
    };

    close_for_child();
    return uv_spawn(&hook->run->loop, &hook->process, &options);
}

static void feed(struct run_hook *hook)
{
    uv_buf_t buffer = uv_buf_init((char *)hook->input.data, (unsigned)hook->input.size);

    hook->write.data = hook;
    if (uv_write(&hook->write, (uv_stream_t *)&hook->in, &buffer, 1, wrote) != 0)
        shut((uv_handle_t *)&hook->in);
    if (uv_read_start((uv_stream_t *)&hook->err, give_room, said) != 0)
        shut((uv_handle_t *)&hook->err);
    (void)uv_timer_start(&hook->limit, too_late, (uint64_t)hook->config.limit_ms, 0);
}

static void start(struct run_hook *hook)
{
    int result;

    hook->status.running = true;
    hook->status.runs++;
    hook->late = hook->exited = false;
    hook->code = hook->signal = 0;
    hook->error_size = 0;
    hook->handles = 4;
    hook->process = (uv_process_t){.pid = 0};
    (void)uv_pipe_init(&hook->run->loop, &hook->in, 0);
    (void)uv_pipe_init(&hook->run->loop, &hook->err, 0);
    (void)uv_timer_init(&hook->run->loop, &hook->limit);
    hook->in.data = hook->err.data = hook->limit.data = hook->process.data = hook;
    result = spawn(hook);
    hook->process.data = hook;
    if (result != 0)
        end(hook, result);
    else
        feed(hook);
}

void run_hook_call(struct run_hook *hook, struct gk_secret *input)
{
    struct gk_secret taken = *input;

    *input = (struct gk_secret){0};
    if (hook->stopping) {
        gk_secret_free(&taken);
    } else if (hook->status.running) {
        hook->status.skipped += hook->has_next;
        gk_secret_free(&hook->next);
        hook->next = taken;
        hook->has_next = true;
    } else {
        hook->input = taken;
        start(hook);
    }
}

void run_hook_get_status(const struct run_hook *hook, struct run_hook_status *status)
{
    *status = hook->status;
}

void run_hook_stop(struct run_hook *hook)
{
    if (!hook || hook->stopping)
        return;
    hook->stopping = true;
    if (!hook->status.running)
        return;
    if (!hook->exited)
        signal_all(hook, SIGTERM);
    shut_all(hook);
}

void run_hook_free(struct run_hook *hook)
{
    if (!hook)
        return;
    gk_secret_free(&hook->next);
    gk_secret_free(&hook->input);
    gk_wipe(hook->error, sizeof hook->error);
    free(hook);
}
