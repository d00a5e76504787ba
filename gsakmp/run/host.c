/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts: which engine a message is for, its ticks, and the calls into it. */
#include "gsakmp/run/inside.h"

#include <stdlib.h>
#include <string.h>

static void tick_due(uv_timer_t *timer);

static void set_timer(struct run_host *host, int64_t now)
{
    int64_t wait = host->next_tick - now;

    if (host->next_tick == GK_NO_TICK || host->run->state >= RUN_STOPPING)
        (void)uv_timer_stop(&host->timer);
    else
        (void)uv_timer_start(&host->timer, tick_due, wait > 0 ? (uint64_t)wait : 0, 0);
}

/* What an engine says that sets no next tick keeps the one it had. */
static struct gk_turn fresh_turn(const struct run_host *host)
{
    return (struct gk_turn){.next_tick = host->next_tick};
}

static void end_call(struct run_host *host, struct gk_turn *turn, uint64_t began)
{
    struct run *run = host->run;
    uint64_t took = (uv_hrtime() - began) / 1000;

    if (took > run->counts.longest_turn_us)
        run->counts.longest_turn_us = took;
    run_turn(host, turn, NULL, NULL);
}

void run_turn(struct run_host *host, struct gk_turn *turn, void (*done)(void *context),
              void *context)
{
    host->next_tick = turn->next_tick;
    uv_update_time(&host->run->loop);
    set_timer(host, run_now().ms);
    run_turn_begin(host, turn, done, context);
}

/* libuv's timers may fire a few milliseconds early by the finer clock that engines see. */
static void tick_due(uv_timer_t *timer)
{
    struct run_host *host = timer->data;
    struct gk_turn turn = fresh_turn(host);
    struct gk_now now = run_now();
    uint64_t began = uv_hrtime();

    if (now.ms < host->next_tick) {
        set_timer(host, now.ms);
        return;
    }
    host->engine.tick(host->engine.self, &now, &turn);
    end_call(host, &turn, began);
}

void run_closed(struct run_host *host, const struct gk_peer *peer)
{
    struct gk_turn turn = fresh_turn(host);
    struct gk_now now = run_now();
    uint64_t began = uv_hrtime();

    host->engine.closed(host->engine.self, &now, peer, &turn);
    end_call(host, &turn, began);
}

void run_job_done(struct run_host *host, struct gk_job *job)
{
    struct gk_turn turn = fresh_turn(host);
    struct gk_now now = run_now();
    uint64_t began = uv_hrtime();

    host->engine.job(host->engine.self, &now, job, &turn);
    end_call(host, &turn, began);
}

static struct run_host *host_of(const struct run *run, struct gk_octets message)
{
    struct gk_group group;

    if (gk_message_peek_group(message, &group)) {
        for (struct run_host *host = run->hosts; host; host = host->next) {
            if (gk_group_equal(&host->group, &group))
                return host;
        }
    }
    return run->hosts && !run->hosts->next ? run->hosts : NULL;
}

static enum gk_lane lane_of(struct gk_octets message)
{
    switch (run_exchange(message)) {
    case GK_REKEY_EVENT:
        return GK_LANE_REKEY;
    case GK_KEY_DOWNLOAD_ACK:
    case GK_DEPARTURE_ACK:
        return GK_LANE_ACK;
    default:
        return GK_LANE_REGISTRATION;
    }
}

void run_deliver(struct run *run, const struct gk_peer *from, struct gk_octets octets,
                 struct run_connection *connection)
{
    struct run_host *host = host_of(run, octets);
    struct gk_turn turn;
    struct gk_now now = run_now();
    uint64_t began = uv_hrtime();

    if (!host || run_jobs_full(run, lane_of(octets))) {
        run->counts.messages_dropped++;
        RUN_LOG(run, GK_DEBUG, host ? "lane-full" : "group-unknown",
                host ? "a message was dropped: too much work waits already"
                     : "a message was dropped: its group is not served here");
        return;
    }
    if (connection)
        run_connection_used(connection, host);
    turn = fresh_turn(host);
    host->engine.message(host->engine.self, &now, from, octets, &turn);
    end_call(host, &turn, began);
}

/* Types 2 to 4 begin with 8 random octets (RFC 4535 7.1.1.1), type 1 with 16 digits. */
static char *name_of(const struct gk_group *group)
{
    size_t random = group->type >= 2 && group->type <= 4 && group->size >= 8 ? 8 : 0;
    struct gk_octets value = gk_octets(group->value, group->size);
    char *digits = gk_hex(gk_octets(value.data, random));
    char text[4 * 255 + 8];
    char *name = gk_format(
        "%s%s", digits,
        gk_escape(text, sizeof text, gk_octets(value.data + random, value.size - random)));

    free(digits);
    return name;
}

struct run_host *run_host(struct run *run, const struct gk_group *group,
                          const struct gk_engine *engine)
{
    struct run_host *host = gk_alloc(1, sizeof *host);
    struct run_host **at = &run->hosts;

    host->run = run;
    host->group = *group;
    host->engine = *engine;
    host->name = name_of(group);
    host->next_tick = GK_NO_TICK;
    host->last = &host->first;
    (void)uv_timer_init(&run->loop, &host->timer);
    host->timer.data = host;
    while (*at)
        at = &(*at)->next;
    *at = host;
    return host;
}

void run_host_name(struct run_host *host, const char *name)
{
    free(host->name);
    host->name = gk_strdup(name);
}

void run_on_keys(struct run_host *host, void (*changed)(void *context), void *context)
{
    host->keys_changed = changed;
    host->keys_context = context;
}

void run_on_notice(struct run_host *host,
                   void (*notice)(void *context, const struct gk_notice *notice), void *context)
{
    host->notice = notice;
    host->notice_context = context;
}
