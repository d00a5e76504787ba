/* SPDX-License-Identifier: Apache-2.0 */
/* Subscribers on the control socket: a bounded queue of lines each. */
#include "gsakmp/run/control-inside.h"

void run_watch(struct run_request *request, json_t *object, const void *topic)
{
    if (request->from && !request->from->closing)
        request->from->topic = topic;
    run_reply(request, object);
}

bool run_watched(const struct run_control *control, const void *topic)
{
    const struct run_connected *each = control ? control->connected : NULL;

    while (each && (each->topic != topic || each->closing))
        each = each->next;
    return each != NULL;
}

void run_watch_on(struct run_connected *connected)
{
    struct gk_secret lines;

    if (connected->closing || connected->request || connected->out.data)
        return;
    if (connected->in.size || connected->ended) {
        run_connected_close(connected);
    } else if (connected->queue.size) {
        lines = gk_writer_take(&connected->queue);
        connected->last = connected->cut;
        run_connected_write(connected, &lines);
        gk_secret_free(&lines);
    } else if (connected->cut || !run_connected_read(connected)) {
        run_connected_close(connected);
    }
}

/* A last line, before which nothing stands that has not been begun. */
static void cut_off(struct run_connected *connected, json_t *last)
{
    struct gk_secret line = run_control_line(last);

    connected->cut = true;
    gk_writer_free(&connected->queue);
    gk_write_octets(&connected->queue, gk_secret_octets(&line));
    gk_secret_free(&line);
}

static void late(uv_timer_t *timer)
{
    run_connected_close(timer->data);
}

static void add(struct run_connected *connected, struct gk_octets line)
{
    if (connected->queue.size + line.size <= RUN_WATCH_MOST) {
        gk_write_octets(&connected->queue, line);
    } else {
        RUN_LOG(connected->control->run, GK_WARNING, "watch-cut-off",
                "user %u (process %d) reads its events too slowly and is cut off",
                (unsigned)connected->caller.uid, (int)connected->caller.pid);
        cut_off(connected, json_pack("{s:s, s:s}", "event", "cut-off", "text",
                                     "events were read too slowly; what was missed is lost"));
        (void)uv_timer_start(&connected->deadline, late, RUN_CALLER_MS, 0);
    }
    run_watch_on(connected);
}

void run_tell(struct run_control *control, const void *topic, json_t *event)
{
    struct gk_secret line;

    if (!run_watched(control, topic)) {
        json_decref(event);
        return;
    }
    line = run_control_line(event);
    for (struct run_connected *each = control->connected; each; each = each->next) {
        if (each->topic == topic && !each->closing && !each->cut)
            add(each, gk_secret_octets(&line));
    }
    gk_secret_free(&line);
}

/* One that is in the middle of a line is not waited for. */
void run_watch_stop(struct run_connected *connected)
{
    if (!connected->topic || connected->closing)
        return;
    if (connected->out.data && !connected->cut && connected->queue.size) {
        run_connected_close(connected);
        return;
    }
    if (!connected->cut)
        cut_off(connected, json_pack("{s:s, s:s}", "event", "stopping", "text",
                                     "the daemon ends in good order"));
    run_watch_on(connected);
}
