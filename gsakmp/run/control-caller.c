/* SPDX-License-Identifier: Apache-2.0 */
/* One caller on the control socket: lines in, one at a time, and answers out. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "gsakmp/run/control-inside.h"

static void take_off(struct run_connected *connected)
{
    struct run_connected **at = &connected->control->connected;

    while (*at != connected)
        at = &(*at)->next;
    *at = connected->next;
}

static void closed(uv_handle_t *handle)
{
    struct run_connected *connected = handle->data;
    struct run *run = connected->control->run;

    if (--connected->handles)
        return;
    take_off(connected);
    gk_writer_free(&connected->in);
    gk_writer_free(&connected->queue);
    free(connected);
    run_settle(run);
}

void run_connected_close(struct run_connected *connected)
{
    if (connected->closing)
        return;
    connected->closing = true;
    if (connected->request)
        connected->request->from = NULL;
    connected->request = NULL;
    uv_close((uv_handle_t *)&connected->pipe, closed);
    uv_close((uv_handle_t *)&connected->deadline, closed);
}

static void late(uv_timer_t *timer)
{
    run_connected_close(timer->data);
}

static void came(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer);

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct run_connected *connected = handle->data;
    struct run *run = connected->control->run;

    (void)suggested;
    *buffer = uv_buf_init((char *)run->read, sizeof run->read);
}

/* Cuts the first line off; false when none is whole. */
static bool take_line(struct run_connected *connected, struct gk_writer *line)
{
    struct gk_octets in = gk_writer_octets(&connected->in);
    const uint8_t *end = in.size ? memchr(in.data, '\n', in.size) : NULL;
    struct gk_writer rest = {0};
    size_t size;

    if (!end)
        return false;
    size = (size_t)(end - in.data);
    gk_write(line, in.data, size);
    gk_write(&rest, end + 1, in.size - size - 1);
    gk_writer_free(&connected->in);
    connected->in = rest;
    return true;
}

static void refuse_long(struct run_connected *connected)
{
    struct gk_reason why;

    (void)gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "control-too-long",
                    "a request has at most %zu octets", RUN_REQUEST_MOST);
    run_connected_refuse(connected, &why);
}

bool run_connected_read(struct run_connected *connected)
{
    int result = uv_read_start((uv_stream_t *)&connected->pipe, give_buffer, came);

    return result == 0 || result == UV_EALREADY;
}

/* The next request, when none is under way and no answer is being written. */
static void go_on(struct run_connected *connected)
{
    struct gk_writer line = {0};

    if (connected->closing || connected->request || connected->out.data)
        return;
    if (connected->topic) {
        run_watch_on(connected);
        return;
    }
    if (connected->control->run->state >= RUN_STOPPING) {
        run_connected_close(connected);
        return;
    }
    /* One deadline for the whole of a request, however many pieces it comes in. */
    if (!uv_is_active((uv_handle_t *)&connected->deadline))
        (void)uv_timer_start(&connected->deadline, late, RUN_CALLER_MS, 0);
    if (take_line(connected, &line)) {
        (void)uv_read_stop((uv_stream_t *)&connected->pipe);
        if (line.size > RUN_REQUEST_MOST)
            refuse_long(connected);
        else
            run_request_begin(connected, gk_writer_octets(&line));
    } else if (connected->in.size > RUN_REQUEST_MOST) {
        (void)uv_read_stop((uv_stream_t *)&connected->pipe);
        refuse_long(connected);
    } else if (connected->ended || !run_connected_read(connected)) {
        run_connected_close(connected);
    }
    gk_writer_free(&line);
    if (connected->request && !connected->closing)
        (void)uv_timer_stop(&connected->deadline); /* the handler takes its time */
}

static void came(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct run_connected *connected = stream->data;

    if (size > 0) {
        gk_write(&connected->in, buffer->base, (size_t)size);
        gk_wipe(buffer->base, (size_t)size);
    }
    if (size < 0) {
        (void)uv_read_stop(stream);
        connected->ended = true;
    }
    if (size != 0)
        go_on(connected);
}

static void wrote(uv_write_t *request, int status)
{
    struct run_connected *connected = request->data;
    struct run *run = connected->control->run;

    gk_secret_free(&connected->out);
    run->writing--;
    (void)uv_timer_stop(&connected->deadline);
    if (status != 0 || connected->last)
        run_connected_close(connected);
    go_on(connected);
    run_settle(run);
}

void run_connected_write(struct run_connected *connected, struct gk_secret *text)
{
    struct run *run = connected->control->run;
    uv_buf_t buffer = uv_buf_init((char *)text->data, (unsigned)text->size);

    connected->out = *text;
    *text = (struct gk_secret){0};
    connected->write.data = connected;
    /* A subscriber may take its time: what waits for it is bounded. */
    if (connected->topic && !connected->cut)
        (void)uv_timer_stop(&connected->deadline);
    else
        (void)uv_timer_start(&connected->deadline, late, RUN_CALLER_MS, 0);
    run->writing++;
    if (uv_write(&connected->write, (uv_stream_t *)&connected->pipe, &buffer, 1, wrote) != 0) {
        run->writing--;
        gk_secret_free(&connected->out);
        run_connected_close(connected);
    }
}

static bool has_room(const struct run_connected *fresh)
{
    unsigned all = 0;
    unsigned same = 0;

    for (const struct run_connected *each = fresh->control->connected; each; each = each->next) {
        all += !each->closing;
        same += !each->closing && each->caller.uid == fresh->caller.uid;
    }
    return all <= RUN_CALLERS_MOST && (fresh->caller.uid == 0 || same <= RUN_CALLERS_EACH);
}

static bool identify(struct run_connected *connected)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    uv_os_fd_t fd;

    if (uv_fileno((uv_handle_t *)&connected->pipe, &fd) != 0 ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return false;
    connected->caller = (struct run_caller){peer.uid, peer.gid, peer.pid};
    return true;
}

void run_connected_accept(struct run_control *control)
{
    struct run_connected *fresh = gk_alloc(1, sizeof *fresh);

    fresh->control = control;
    (void)uv_pipe_init(&control->run->loop, &fresh->pipe, 0);
    (void)uv_timer_init(&control->run->loop, &fresh->deadline);
    fresh->pipe.data = fresh->deadline.data = fresh;
    fresh->handles = 2;
    fresh->next = control->connected;
    control->connected = fresh;
    if (uv_accept((uv_stream_t *)&control->listener, (uv_stream_t *)&fresh->pipe) != 0 ||
        !identify(fresh) || !has_room(fresh))
        run_connected_close(fresh);
    else
        go_on(fresh);
}
