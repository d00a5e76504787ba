/* SPDX-License-Identifier: Apache-2.0 */
/* Queues of public-key work, and how much of it is in flight. */
#include "roles/gcks-internal.h"

static const enum gk_lane lanes[GCKS_LANES] = {
    [GCKS_LANE_REKEY] = GK_LANE_REKEY,
    [GCKS_LANE_ACK] = GK_LANE_ACK,
    [GCKS_LANE_KEYDL] = GK_LANE_REGISTRATION,
    [GCKS_LANE_RTJ] = GK_LANE_REGISTRATION,
};

void gcks_job_queue(struct gcks *g, enum gcks_lane lane, struct gcks_job *job)
{
    struct gcks_queue *queue = &g->queue[lane];

    job->base.lane = lanes[lane];
    job->next = NULL;
    if (!queue->first)
        queue->end = &queue->first;
    *queue->end = job;
    queue->end = &job->next;
    queue->count++;
}

static struct gcks_job *take(struct gcks_queue *queue)
{
    struct gcks_job *job = queue->first;

    if (job) {
        queue->first = job->next;
        job->next = NULL;
        queue->count--;
    }
    return job;
}

void gcks_jobs_start(struct gcks *g)
{
    for (int lane = 0; lane < GCKS_LANES && g->jobs < g->config.jobs_most;) {
        struct gcks_job *job = take(&g->queue[lane]);

        if (!job) {
            lane++;
            continue;
        }
        g->jobs++;
        gk_turn_job(g->turn, &job->base);
    }
}

void gcks_jobs_drop(struct gcks *g, enum gcks_lane lane)
{
    struct gcks_job *job;

    while ((job = take(&g->queue[lane])))
        job->base.drop(&job->base);
}
