/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/host.h"

#include <stdio.h>
#include <stdlib.h>

static void keep_sent(struct bench_host *host, struct gk_turn *turn)
{
    for (size_t i = 0; i < turn->send_count; i++) {
        if (host->sent_count == host->sent_room) {
            host->sent_room = host->sent_room ? 2 * host->sent_room : 64;
            host->sent = gk_realloc(host->sent, host->sent_room, sizeof *host->sent);
        }
        host->sent[host->sent_count++] = turn->sends[i];
        turn->sends[i].octets = (struct gk_secret){NULL, 0};
    }
}

static void count_records(struct bench_host *host, const struct gk_turn *turn)
{
    host->records += turn->record_count;
    for (size_t i = 0; i < turn->record_count; i++)
        host->record_octets += turn->records[i].key.size + turn->records[i].value.size;
}

static void finish(struct bench_host *host, struct gk_job *job)
{
    struct gk_turn turn = {0};

    bench_start(&host->watch);
    job->run(job);
    host->engine.job(host->engine.self, host->now, job, &turn);
    bench_stop(&host->watch);
    host_turn(host, &turn);
}

void host_turn(struct bench_host *host, struct gk_turn *turn)
{
    size_t job_count = turn->job_count;
    struct gk_job **jobs = turn->jobs;

    keep_sent(host, turn);
    count_records(host, turn);
    for (size_t i = 0; getenv("BENCH_TRACE") && i < turn->notice_count; i++)
        fprintf(stderr, "    %s: %s\n", turn->notices[i].code, turn->notices[i].text);
    turn->jobs = NULL;
    turn->job_count = 0;
    gk_turn_free(turn);
    for (size_t i = 0; i < job_count; i++)
        finish(host, jobs[i]);
    free(jobs);
}

void host_message(struct bench_host *host, const struct gk_peer *from, struct gk_octets octets)
{
    struct gk_turn turn = {0};

    bench_start(&host->watch);
    host->engine.message(host->engine.self, host->now, from, octets, &turn);
    bench_stop(&host->watch);
    host_turn(host, &turn);
}

void host_tick(struct bench_host *host)
{
    struct gk_turn turn = {0};

    bench_start(&host->watch);
    host->engine.tick(host->engine.self, host->now, &turn);
    bench_stop(&host->watch);
    host_turn(host, &turn);
}

void host_clear(struct bench_host *host)
{
    while (host->sent_count)
        gk_secret_free(&host->sent[--host->sent_count].octets);
}

void host_free(struct bench_host *host)
{
    host_clear(host);
    free(host->sent);
    *host = (struct bench_host){0};
}
