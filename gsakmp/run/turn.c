/* SPDX-License-Identifier: Apache-2.0 */
/* Turns: stored first, then carried out, each host's in order. */
#include "gsakmp/run/inside.h"

#include <stdlib.h>

static bool is_somewhere(const struct gk_address *address)
{
    return (address->family == 4 || address->family == 6) && address->port;
}

static void send_one(struct run_host *host, struct gk_send *send)
{
    char text[GK_ADDRESS_TEXT];

    if (!is_somewhere(&send->to.address)) {
        host->run->counts.sends_failed++;
        RUN_LOG(host->run, GK_WARNING, "address-none", "a message of %zu octets to %s",
                send->octets.size, gk_address_format(&send->to.address, text));
    } else if (send->to.transport == GK_TCP) {
        run_connection_send(host, send);
    } else {
        run_pace_send(host->run, send);
    }
}

static void tell_all(struct run_host *host, const struct gk_turn *turn)
{
    for (size_t i = 0; i < turn->notice_count; i++) {
        if (host->run->config.log)
            run_log_write(host->run->config.log, host->name, &turn->notices[i]);
        if (host->notice)
            host->notice(host->notice_context, &turn->notices[i]);
    }
}

static void carry_out(struct run_entry *entry)
{
    struct run_host *host = entry->host;
    struct gk_turn *turn = &entry->turn;

    for (size_t i = 0; i < turn->send_count; i++)
        send_one(host, &turn->sends[i]);
    tell_all(host, turn);
    if (turn->keys_changed && host->keys_changed)
        host->keys_changed(host->keys_context);
    for (size_t i = 0; i < turn->job_count; i++)
        run_jobs_add(host, turn->jobs[i]);
    turn->job_count = 0;
    if (entry->done)
        entry->done(entry->context);
}

/* Callbacks of a turn may begin the next: `busy` makes those wait for this loop. */
static void drain(struct run_host *host)
{
    struct run *run = host->run;

    if (host->busy)
        return;
    host->busy = true;
    while (host->first && host->first->stored) {
        struct run_entry *entry = host->first;

        host->first = entry->next;
        if (!host->first)
            host->last = &host->first;
        if (!run->failed)
            carry_out(entry);
        gk_turn_free(&entry->turn);
        free(entry);
        run->turns_waiting--;
    }
    host->busy = false;
}

static void finish(struct run_entry *entry, bool good)
{
    struct run_host *host = entry->host;

    entry->stored = true;
    if (!good)
        run_fail(host->run);
    drain(host);
    run_settle(host->run);
}

static void told(void *context, bool good)
{
    struct run_entry *entry = context;
    struct run *run = entry->host->run;

    if (pthread_equal(pthread_self(), run->thread)) {
        finish(entry, good);
        return;
    }
    (void)pthread_mutex_lock(&run->lock);
    entry->told = run->told;
    run->told = entry;
    entry->bad = !good;
    /* Inside the lock: the loop may close the handle once it has seen the entry. */
    (void)uv_async_send(&run->wake);
    (void)pthread_mutex_unlock(&run->lock);
}

void run_turn_told(uv_async_t *wake)
{
    struct run *run = wake->data;
    struct run_entry *newest;
    struct run_entry *oldest = NULL;

    (void)pthread_mutex_lock(&run->lock);
    newest = run->told;
    run->told = NULL;
    (void)pthread_mutex_unlock(&run->lock);
    while (newest) {
        struct run_entry *entry = newest;

        newest = entry->told;
        entry->told = oldest;
        oldest = entry;
    }
    while (oldest) {
        struct run_entry *entry = oldest;

        oldest = entry->told;
        finish(entry, !entry->bad);
    }
}

void run_turn_begin(struct run_host *host, struct gk_turn *turn, void (*done)(void *context),
                    void *context)
{
    struct run *run = host->run;
    struct run_entry *entry = gk_alloc(1, sizeof *entry);
    bool was_busy = host->busy;

    entry->host = host;
    entry->turn = *turn;
    entry->done = done;
    entry->context = context;
    *turn = (struct gk_turn){0};
    *host->last = entry;
    host->last = &entry->next;
    run->turns_waiting++;
    run->counts.turns++;
    if (!entry->turn.record_count || !run->config.store || run->failed) {
        entry->stored = true;
    } else {
        host->busy = true; /* a store that answers at once does not carry out inside commit */
        run->config.store->commit(run->config.store, run_store_group(&host->group),
                                  entry->turn.records, entry->turn.record_count, told, entry);
        host->busy = was_busy;
    }
    drain(host);
}
