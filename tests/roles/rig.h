/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ROLES_RIG_H
#define TESTS_ROLES_RIG_H
/*
 * A rig: engines in one process, on a virtual clock and a network that the test controls.
 *
 * A turn is carried out as gsakmp/engine.h orders: records stored, then messages queued, then
 * jobs run in place. Messages travel for 1 ms; a filter may drop, change, repeat or keep them.
 * A message to a multicast address reaches every other node.
 */
#include "gsakmp/engine.h"
#include "tests/harness.h"

#define RIG_NODES 40

struct rig;

struct rig_node {
    struct gk_engine engine;
    struct gk_address address;
    bool down;
    gk_time utc_off; /* its clock is that many seconds fast */
    int64_t next_tick;
    size_t record_count;
    struct gk_record *records; /* ordered by key, one a key */
    size_t notice_count, notice_room;
    struct gk_notice *notices;
    unsigned keys_changed;
};

struct rig_packet {
    struct rig_packet *next;
    size_t from, to; /* node indices */
    enum gk_transport transport;
    int64_t due;
    struct gk_secret octets;
};

struct rig {
    struct gk_now now;
    size_t node_count;
    struct rig_node node[RIG_NODES];
    struct rig_packet *queue;
    /* Asked for each packet before it travels; false drops it. It may change the octets and
     * call rig_inject for copies. */
    bool (*filter)(struct rig *rig, struct rig_packet *packet, void *context);
    void *context;
    bool hold_jobs; /* collect jobs instead of running them */
    size_t job_count;
    struct {
        size_t node;
        struct gk_job *job;
    } jobs[256];
    struct rig_packet *sent; /* every message ever sent, newest first */
};

struct rig *rig_new(gk_time utc);
void rig_free(struct rig *rig);
/* Adds an engine at 192.0.2.(index+1):3761 and returns its index. */
size_t rig_add(struct rig *rig, const struct gk_engine *engine);
struct gk_address rig_address(size_t node);
/* The clocks as that node sees them. */
struct gk_now rig_now(const struct rig *rig, size_t node);
#define RIG_MULTICAST ((struct gk_address){.family = 4, .ip = {239, 1, 2, 3}, .port = 3762})

/* Carries out a turn that the test made with a command. */
void rig_turn(struct rig *rig, size_t node, struct gk_turn *turn);
/* Hands octets to a node as if they had come from `from` (an index, or any address). */
void rig_deliver(struct rig *rig, size_t node, const struct gk_peer *from, struct gk_octets octets);
/* Queues a message from one node to another, unfiltered. */
void rig_inject(struct rig *rig, size_t from, size_t to, enum gk_transport transport,
                struct gk_octets octets);
/* The same after `ms`. */
void rig_inject_later(struct rig *rig, size_t from, size_t to, enum gk_transport transport,
                      struct gk_octets octets, int64_t ms);
/* Runs held jobs, the last first when `backwards`. */
void rig_run_jobs(struct rig *rig, bool backwards);
/* Runs one of them. */
void rig_run_job(struct rig *rig, size_t at);
/* A node dies: its held jobs are dropped. */
void rig_drop_jobs(struct rig *rig, size_t node);
/* Lets `ms` pass: everything that falls due happens, in order. */
void rig_run(struct rig *rig, int64_t ms);
/* The last notice of that code, NULL if there was none. */
const struct gk_notice *rig_noticed(const struct rig *rig, size_t node, const char *code);
unsigned rig_count_noticed(const struct rig *rig, size_t node, const char *code);
void rig_forget_notices(struct rig *rig, size_t node);
/* The newest message that a node sent, by exchange type; empty if there was none. */
struct gk_octets rig_last_sent(const struct rig *rig, size_t node, uint8_t exchange);

#endif
