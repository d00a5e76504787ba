/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RUN_RUN_H
#define GSAKMP_RUN_RUN_H
/*
 * The runtime: hosts engines (gsakmp/engine.h) on libuv. Sockets, clocks, the job pool, the
 * store, the log and the control socket live here and nowhere else.
 *
 * Life: run_new, the listeners and engines are added, run_loop returns after run_stop or
 * SIGTERM/SIGINT, run_free. One thread, the loop's, calls everything but the jobs.
 */
#include "gsakmp/engine.h"
#include "gsakmp/message.h"
#include "gsakmp/run/log.h"
#include "gsakmp/run/store.h"

struct run;
struct run_host; /* one engine in its runtime */

struct run_config {
    struct run_log *log;
    struct run_store *store;
    size_t message_most;       /* octets of one message by TCP; 0: 1 MiB (profile 1.3) */
    size_t before_most;        /* before the peer is authenticated; 0: 128 KiB */
    unsigned connections_each; /* per address; 0: 16 */
    int64_t connection_ms;     /* deadline of an idle connection; 0: 60 s */
    uint64_t octets_a_second;  /* pacing of UDP sends; 0: not paced */
    int multicast_ttl;         /* 0: 1 */
    bool multicast_loop;       /* deliver to this host too */
};

struct run *run_new(const struct run_config *config);
void run_free(struct run *run);

/* Datagrams and streams to this address reach the engines. */
bool run_listen(struct run *run, const struct gk_address *address, enum gk_transport transport,
                struct gk_reason *why) GK_MUST_USE;
/* Where outgoing UDP leaves from when nothing listens (a member). Port 0: any. */
bool run_bind(struct run *run, const struct gk_address *address, struct gk_reason *why) GK_MUST_USE;
/* Rekeys by multicast come in here; `interface` is the IPv4 address or the name of the
 * network interface, NULL for the system's choice. Several processes may listen on one port. */
bool run_join(struct run *run, const struct gk_address *multicast, const char *interface,
              struct gk_reason *why) GK_MUST_USE;
/* The interface by which multicast leaves. */
bool run_multicast_by(struct run *run, const char *interface, struct gk_reason *why) GK_MUST_USE;

/* Hosts the engine of a group; messages are told apart by their Group ID, those of no hosted
 * group go to the only engine, if there is one (it may answer Invalid-Group-ID). */
struct run_host *run_host(struct run *run, const struct gk_group *group,
                          const struct gk_engine *engine);
/* Carries out a turn that a command made, then runs `done` (may be NULL) once its records
 * are stored and its messages are on their way. Takes what the turn owns. */
void run_turn(struct run_host *host, struct gk_turn *turn, void (*done)(void *context),
              void *context);
/* Called after each turn that changed the keys. */
void run_on_keys(struct run_host *host, void (*changed)(void *context), void *context);

struct gk_now run_now(void);
int run_loop(struct run *run); /* 0 after a clean stop, else 2 */
void run_stop(struct run *run);

#endif
