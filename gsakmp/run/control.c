/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/run/control.h"

#include <stdlib.h>
#include <unistd.h>

#include "gsakmp/run/control-inside.h"

#define MODE    0660
#define BACKLOG 32

static void called(uv_stream_t *listener, int status)
{
    if (status == 0)
        run_connected_accept(listener->data);
}

static bool listen_on(struct run_control *control, int fd, struct gk_reason *why)
{
    uv_stream_t *stream = (uv_stream_t *)&control->listener;
    int result = uv_pipe_open(&control->listener, fd);

    if (result != 0)
        (void)close(fd);
    else
        result = uv_listen(stream, BACKLOG, called);
    if (result != 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-socket",
                         "%s cannot be listened on: %s", control->config.path, uv_strerror(result));
    return true;
}

struct run_control *run_control_open(struct run *run, const struct run_control_config *config,
                                     struct gk_reason *why)
{
    struct run_control *control = gk_alloc(1, sizeof *control);
    mode_t mode = config->mode ? config->mode : MODE;
    int fd;

    if (!run_socket_file_open(&control->file, config->path, mode, &fd, why)) {
        free(control);
        return NULL;
    }
    control->run = run;
    control->config = *config;
    control->config.path = control->file.path;
    (void)uv_pipe_init(&run->loop, &control->listener, 0);
    control->listener.data = control;
    control->open = true;
    control->next = run->controls;
    run->controls = control;
    if (!listen_on(control, fd, why)) {
        run_control_close(control);
        return NULL;
    }
    return control;
}

static void stop(struct run_control *control)
{
    if (!control->open)
        return;
    control->open = false;
    run_socket_file_remove(&control->file);
    for (struct run_connected *each = control->connected; each; each = each->next)
        run_watch_stop(each);
    uv_close((uv_handle_t *)&control->listener, NULL);
}

void run_control_close(struct run_control *control)
{
    if (!control)
        return;
    stop(control);
    for (struct run_connected *each = control->connected; each; each = each->next)
        run_connected_close(each);
}

void run_controls_stop(struct run *run, bool all)
{
    for (struct run_control *each = run->controls; each; each = each->next) {
        if (all)
            run_control_close(each);
        else
            stop(each);
    }
}

void run_controls_free(struct run *run)
{
    while (run->controls) {
        struct run_control *control = run->controls;

        run->controls = control->next;
        while (control->requests)
            run_request_free(control->requests);
        free(control);
    }
}
