/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RUN_WORLD_H
#define TESTS_RUN_WORLD_H
/*
 * A runtime with toy engines in a thread of its own; the test is its client, with blocking
 * sockets that give up after WORLD_PATIENCE seconds. What the engines counted is looked at
 * after world_stop or inside world_call.
 *
 *     struct world world = {.toys = 1};
 *     world_start(&world);
 *     ...
 *     world_stop(&world);
 */
#include <pthread.h>
#include <semaphore.h>
#include <uv.h>

#include "tests/run/toy.h"

#define WORLD_PATIENCE 20

struct world {
    /* Filled in by the test. */
    struct run_config config;
    size_t toys;                           /* 1 or 2; groups "one" and "two" */
    const char *bind;                      /* UDP listens here; NULL: 127.0.0.1 */
    bool deaf;                             /* no listeners at all */
    void (*setup)(struct world *world);    /* in the thread, before the loop */
    void (*stopping)(struct world *world); /* in the thread, when the loop begins to stop */
    void *context;

    struct run *run;
    struct toy toy[2];
    struct run_host *host[2];
    struct gk_address udp, tcp;
    struct run_counts counts; /* at the end */
    int result;

    pthread_t thread;
    sem_t ready, called;
    uv_async_t wake;
    void (*_Atomic call)(struct world *world);
    bool stop;
};

void world_start(struct world *world);
/* Runs in the loop's thread; returns when it has. */
void world_call(struct world *world, void (*call)(struct world *world));
/* Waits until the loop has ended by itself. */
void world_wait(struct world *world);
void world_stop(struct world *world);

/* Clients. */
int client_udp(void); /* on 127.0.0.1 */
int client_tcp(const struct gk_address *to);
uint16_t client_port(int fd);
/* An order to the first toy, as an RTJ. */
void client_say(int fd, const struct gk_address *to, const char *body);
void client_send(int fd, const struct gk_address *to, struct gk_octets octets);
/* One datagram, or one framed message; false when none came in time or the end came. */
bool client_hear(int fd, struct gk_writer *message, struct gk_address *from);
/* True when the next answer has this body. */
bool client_hears(int fd, const char *body);
bool client_hears_octets(int fd, struct gk_octets body);
/* True when nothing is there within 50 ms. */
bool client_silent(int fd);
/* True when the other end closes. */
bool client_closed(int fd);

#endif
