/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime's life: made, looping, stopping, gone. */
#include "gsakmp/run/inside.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MESSAGE_MOST     ((size_t)1 << 20)
#define BEFORE_MOST      ((size_t)128 << 10)
#define CONNECTIONS_EACH 16
#define CONNECTIONS_MOST 1024
#define CONNECTION_MS    60000
/* How long messages may take to leave when the program ends. */
#define GRACE_MS 5000

static const int signal_numbers[3] = {SIGTERM, SIGINT, SIGHUP};

struct gk_now run_now(void)
{
    struct timespec utc;

    (void)clock_gettime(CLOCK_REALTIME, &utc);
    return (struct gk_now){(int64_t)(uv_hrtime() / 1000000), utc.tv_sec};
}

static void each_second(uv_timer_t *timer)
{
    struct run *run = timer->data;

    if (run->config.log)
        run_log_flush(run->config.log);
    if (run->counts.datagrams_lost != run->lost_told)
        RUN_LOG(run, GK_WARNING, "datagrams-lost",
                "the system lost %llu datagrams: the receive buffer was full (net.core.rmem_max)",
                (unsigned long long)(run->counts.datagrams_lost - run->lost_told));
    run->lost_told = run->counts.datagrams_lost;
}

static void set_defaults(struct run_config *config)
{
    if (!config->message_most)
        config->message_most = MESSAGE_MOST;
    if (!config->before_most)
        config->before_most = BEFORE_MOST;
    if (config->before_most > config->message_most)
        config->before_most = config->message_most;
    if (!config->connections_each)
        config->connections_each = CONNECTIONS_EACH;
    if (!config->connections_most)
        config->connections_most = CONNECTIONS_MOST;
    if (config->connection_ms <= 0)
        config->connection_ms = CONNECTION_MS;
}

static void init_handles(struct run *run)
{
    uv_async_init(&run->loop, &run->wake, run_turn_told);
    uv_timer_init(&run->loop, &run->second);
    uv_timer_init(&run->loop, &run->grace);
    run->wake.data = run->second.data = run->grace.data = run;
    for (size_t i = 0; i < 3; i++) {
        uv_signal_init(&run->loop, &run->signals[i]);
        run->signals[i].data = run;
    }
}

struct run *run_new(const struct run_config *config)
{
    struct run *run = gk_alloc(1, sizeof *run);
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    run->config = *config;
    set_defaults(&run->config);
    if (uv_loop_init(&run->loop) != 0 || pthread_mutex_init(&run->lock, NULL) != 0)
        abort();                  /* no descriptors at the very start: nothing can be served */
    run->thread = pthread_self(); /* until run_loop says otherwise */
    (void)sigaction(SIGPIPE, &ignore, NULL);
    init_handles(run);
    run_pace_init(run);
    run_jobs_init(run);
    return run;
}

uv_loop_t *run_uv(struct run *run)
{
    return &run->loop;
}

static void hang_up(struct run *run)
{
    struct gk_reason why;

    if (run->config.log && !run_log_reopen(run->config.log, &why))
        RUN_LOG(run, GK_WARNING, why.code, "%s", why.text);
    if (run->hangup)
        run->hangup(run->hangup_context);
}

static void signalled(uv_signal_t *handle, int number)
{
    struct run *run = handle->data;

    if (number == SIGHUP)
        hang_up(run);
    else
        run_stop(run);
}

void run_on_hangup(struct run *run, void (*hangup)(void *context), void *context)
{
    run->hangup = hangup;
    run->hangup_context = context;
}

void run_on_stop(struct run *run, void (*stopping)(void *context), void *context)
{
    run->stopping = stopping;
    run->stopping_context = context;
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void close_everything(struct run *run)
{
    run->state = RUN_CLOSING;
    run_pace_drop(run);
    for (struct run_socket *each = run->sockets; each; each = each->next)
        run_socket_close(each);
    for (struct run_connection *each = run->connections; each; each = each->next)
        run_connection_close(each);
    for (struct run_listener *each = run->listeners; each; each = each->next)
        run_listener_close(each);
    run_controls_stop(run, true);
    for (struct run_host *each = run->hosts; each; each = each->next)
        close_handle((uv_handle_t *)&each->timer);
    for (size_t i = 0; i < 3; i++)
        close_handle((uv_handle_t *)&run->signals[i]);
    close_handle((uv_handle_t *)&run->second);
    close_handle((uv_handle_t *)&run->grace);
    close_handle((uv_handle_t *)&run->pace);
    close_handle((uv_handle_t *)&run->wake);
}

void run_settle(struct run *run)
{
    bool leaving = !run->patience_over && (run->out || run->writing);

    if (run->state == RUN_STOPPING && !run->turns_waiting && !run->jobs_running && !leaving)
        close_everything(run);
}

static void out_of_patience(uv_timer_t *timer)
{
    struct run *run = timer->data;

    run->patience_over = true;
    run_settle(run);
}

/* Turns that are being stored are waited for: their records may be half the truth. */
void run_stop(struct run *run)
{
    if (run->state >= RUN_STOPPING)
        return;
    run->state = RUN_STOPPING;
    for (struct run_socket *each = run->sockets; each; each = each->next) {
        /* libuv ends the program when a poll that is being closed is stopped. */
        if (!uv_is_closing((uv_handle_t *)&each->poll))
            (void)uv_poll_stop(&each->poll);
    }
    for (struct run_listener *each = run->listeners; each; each = each->next)
        run_listener_close(each);
    for (struct run_host *each = run->hosts; each; each = each->next)
        (void)uv_timer_stop(&each->timer);
    run_controls_stop(run, false);
    run_jobs_drop(run);
    (void)uv_timer_start(&run->grace, out_of_patience, GRACE_MS, 0);
    if (run->stopping)
        run->stopping(run->stopping_context);
    run_settle(run);
}

void run_fail(struct run *run)
{
    if (!run->failed)
        RUN_LOG(run, GK_ERROR, "store-failed",
                "the state could not be stored; nothing more is sent and the program ends");
    run->failed = true;
    run->patience_over = true;
    run_stop(run);
}

int run_loop(struct run *run)
{
    run->thread = pthread_self();
    if (run->state == RUN_READY) {
        run->state = RUN_LOOPING;
        for (size_t i = 0; i < 3; i++)
            (void)uv_signal_start(&run->signals[i], signalled, signal_numbers[i]);
        (void)uv_timer_start(&run->second, each_second, 1000, 1000);
    }
    (void)uv_run(&run->loop, UV_RUN_DEFAULT);
    return run->failed ? 2 : 0;
}

static void close_forgotten(uv_handle_t *handle, void *context)
{
    (void)context;
    close_handle(handle);
}

void run_free(struct run *run)
{
    if (!run)
        return;
    run_stop(run);
    (void)uv_run(&run->loop, UV_RUN_DEFAULT);
    uv_walk(&run->loop, close_forgotten, NULL);
    (void)uv_run(&run->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&run->loop);
    run_controls_free(run);
    while (run->hosts) {
        struct run_host *host = run->hosts;

        run->hosts = host->next;
        free(host->name);
        free(host);
    }
    (void)pthread_mutex_destroy(&run->lock);
    gk_wipe(run->datagram, sizeof run->datagram);
    gk_wipe(run->read, sizeof run->read);
    free(run);
}

void run_count(const struct run *run, struct run_counts *counts)
{
    *counts = run->counts;
    counts->connections = run->connection_count;
    counts->datagrams_waiting = run->out_count;
    for (size_t i = 0; i < RUN_LANES; i++)
        counts->jobs_waiting += run->lanes[i].count;
}
