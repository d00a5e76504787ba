/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RUN_RUN_H
#define GSAKMP_RUN_RUN_H
/*
 * The runtime: hosts engines (gsakmp/engine.h) on libuv. Sockets, clocks, the job pool, the
 * store, the log and the control socket live here and nowhere else.
 *
 * Life: run_new, the listeners and engines are added, run_loop returns after run_stop or
 * SIGTERM/SIGINT, run_free; then the store and the log are closed and the engines freed. One
 * thread, the loop's, calls everything but the jobs.
 *
 * Peers. By TCP gk_peer.connection is the number of a connection; a message to one that has
 * ended is dropped (the engine was told by `closed`). By UDP it is the number of the local
 * address that a datagram came to, so that the answer leaves from there; 0, and any
 * multicast target, leaves from the first UDP socket of the family, which is made when there
 * is none.
 *
 * A TCP peer counts as authenticated once the engine has answered it with a message that is
 * neither Cookie Download nor RTJ-Error; until then messages are limited to before_most.
 *
 * Jobs. At most twice as many run as there are threads, rekey before Ack before registration.
 * When a lane is full, messages that would add to it are dropped before the engine sees them
 * (profile 1.8, no public-key work): Rekey Events for the first, Acks for the second, all
 * others for the last. So every job of a turn is run and comes back, save at the end of the
 * program, when jobs are dropped.
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
    unsigned connections_most; /* of all addresses, also outgoing; 0: 1024; each is an open
                                  file (run_secure_files) */
    unsigned threads;          /* for jobs; 0: UV_THREADPOOL_SIZE, else one a processor */
    size_t jobs_most;          /* that wait in one lane; 0: 1024 */
};

/* What the runtime has counted since it began. */
struct run_counts {
    uint64_t datagrams_in, datagrams_out, datagrams_lost /* SO_RXQ_OVFL */;
    uint64_t messages_dropped; /* incoming: no such group, lane full */
    uint64_t sends_failed;
    uint64_t connections_in, connections_out, connections_refused, connections_failed;
    uint64_t jobs_done;
    uint64_t turns;
    uint64_t longest_turn_us;
    size_t connections, datagrams_waiting, jobs_waiting;
};

/* SIGPIPE is ignored from here on; no other signal is touched before run_loop. */
struct run *run_new(const struct run_config *config);
/* After run_loop, or when it was never called. Wipes and frees; hosted engines, store and
 * log stay the caller's. */
void run_free(struct run *run);
/* The loop (uv_loop_t), for timers and watchers of the program; what it adds it closes when
 * run_on_stop tells it to. */
struct uv_loop_s *run_uv(struct run *run);

/* Datagrams and streams to this address reach the engines. */
bool run_listen(struct run *run, const struct gk_address *address, enum gk_transport transport,
                struct gk_reason *why) GK_MUST_USE;
/* Where outgoing UDP leaves from when nothing listens (a member). Port 0: any. */
bool run_bind(struct run *run, const struct gk_address *address, struct gk_reason *why) GK_MUST_USE;
/* Rekeys by multicast come in here, on the interface that multicast->scope is the index of; 0
 * for the system's choice. Several processes may listen on one port; to join twice is to join
 * once. */
bool run_join(struct run *run, const struct gk_address *multicast,
              struct gk_reason *why) GK_MUST_USE;
/* The index of the network interface with this name or address; 0 for NULL. What a multicast
 * address has as its scope leaves by that interface. */
bool run_interface(const char *interface, uint32_t *index, struct gk_reason *why) GK_MUST_USE;
/* gk_address_parse for what people write: interfaces by name ("[fe80::1%eth0]:3761"), and a
 * link-local address that names none is refused. */
bool run_address_parse(const char *text, uint16_t port, struct gk_address *address,
                       struct gk_reason *why) GK_MUST_USE;
/* The address that the n-th run_listen or run_bind (from 0) of this transport got, as when
 * port 0 was asked for. False when there is none. */
bool run_bound(const struct run *run, enum gk_transport transport, size_t at,
               struct gk_address *address) GK_MUST_USE;

/* Hosts the engine of a group; messages are told apart by their Group ID, those of no hosted
 * group go to the only engine, if there is one (it may answer Invalid-Group-ID). */
struct run_host *run_host(struct run *run, const struct gk_group *group,
                          const struct gk_engine *engine);
/* The name in log lines; otherwise it is made of the Group ID. */
void run_host_name(struct run_host *host, const char *name);
/* Carries out a turn that a command made, then runs `done` (may be NULL) once its records
 * are stored and its messages are on their way; not at all when storing failed, which ends
 * the program. Takes what the turn owns. May be called before run_loop. */
void run_turn(struct run_host *host, struct gk_turn *turn, void (*done)(void *context),
              void *context);
/* Called after each turn that changed the keys. */
void run_on_keys(struct run_host *host, void (*changed)(void *context), void *context);
/* Called with each notice when its turn is carried out, besides the log. */
void run_on_notice(struct run_host *host,
                   void (*notice)(void *context, const struct gk_notice *notice), void *context);

struct gk_now run_now(void);
/* Called on SIGHUP, after the log was opened again. */
void run_on_hangup(struct run *run, void (*hangup)(void *context), void *context);
/* Called once when the loop begins to stop: the program closes what it put on the loop. */
void run_on_stop(struct run *run, void (*stopping)(void *context), void *context);
int run_loop(struct run *run); /* 0 after a clean stop, else 2 */
/* Stops accepting, lets turns that are being stored finish and their messages leave (for a
 * few seconds at most), then run_loop returns. Safe to repeat. */
void run_stop(struct run *run);
void run_count(const struct run *run, struct run_counts *counts);

#endif
