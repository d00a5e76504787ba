/* SPDX-License-Identifier: Apache-2.0 */
/* Public-key work in libuv's pool: three lanes, at most twice as many jobs as threads. */
#include "gsakmp/run/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define JOBS_MOST    1024
#define THREADS_MOST 128

struct work {
    uv_work_t request;
    struct gk_job *job;
    struct run_host *host;
};

static void start(struct run *run);

/* libuv reads UV_THREADPOOL_SIZE when its first job begins; there is one pool a process. */
static unsigned choose_threads(unsigned wanted)
{
    char text[16];
    size_t size = sizeof text;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned long threads = wanted;

    if (uv_os_getenv("UV_THREADPOOL_SIZE", text, &size) == 0 && strtoul(text, NULL, 10) > 0)
        threads = strtoul(text, NULL, 10);
    else if (!threads)
        threads = processors > 0 ? (unsigned long)processors : 1;
    if (threads > THREADS_MOST)
        threads = THREADS_MOST;
    (void)snprintf(text, sizeof text, "%lu", threads);
    (void)uv_os_setenv("UV_THREADPOOL_SIZE", text);
    return (unsigned)threads;
}

void run_jobs_init(struct run *run)
{
    run->jobs_abreast = 2 * choose_threads(run->config.threads);
    if (!run->config.jobs_most)
        run->config.jobs_most = JOBS_MOST;
    for (size_t i = 0; i < RUN_LANES; i++)
        run->lanes[i].last = &run->lanes[i].first;
}

static void work(uv_work_t *request)
{
    struct work *work = request->data;

    work->job->run(work->job);
}

static void worked(uv_work_t *request, int status)
{
    struct work *work = request->data;
    struct run_host *host = work->host;
    struct gk_job *job = work->job;
    struct run *run = host->run;

    free(work);
    run->jobs_running--;
    if (status != 0 || run->state >= RUN_STOPPING) {
        job->drop(job);
    } else {
        run->counts.jobs_done++;
        run_job_done(host, job);
    }
    start(run);
    run_settle(run);
}

static struct gk_job *take_next(struct run *run)
{
    for (size_t i = 0; i < RUN_LANES; i++) {
        struct run_lane *lane = &run->lanes[i];
        struct gk_job *job = lane->first;

        if (!job)
            continue;
        lane->first = job->next;
        if (!lane->first)
            lane->last = &lane->first;
        lane->count--;
        job->next = NULL;
        return job;
    }
    return NULL;
}

static void start(struct run *run)
{
    struct gk_job *job;

    while (run->jobs_running < run->jobs_abreast && (job = take_next(run))) {
        struct work *fresh = gk_alloc(1, sizeof *fresh);

        fresh->request.data = fresh;
        fresh->job = job;
        fresh->host = job->host;
        run->jobs_running++;
        /* Fails only without a callback. */
        (void)uv_queue_work(&run->loop, &fresh->request, work, worked);
    }
}

void run_jobs_add(struct run_host *host, struct gk_job *job)
{
    struct run *run = host->run;
    size_t which = (size_t)job->lane < RUN_LANES ? (size_t)job->lane : RUN_LANES - 1;
    struct run_lane *lane = &run->lanes[which];

    if (run->state >= RUN_STOPPING) {
        job->drop(job);
        return;
    }
    job->host = host;
    job->next = NULL;
    *lane->last = job;
    lane->last = &job->next;
    lane->count++;
    start(run);
}

bool run_jobs_full(const struct run *run, enum gk_lane lane)
{
    return run->lanes[lane].count >= run->config.jobs_most;
}

void run_jobs_drop(struct run *run)
{
    struct gk_job *job;

    while ((job = take_next(run)))
        job->drop(job);
}
