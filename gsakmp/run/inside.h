/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RUN_INSIDE_H
#define GSAKMP_RUN_INSIDE_H
/*
 * The runtime's own structs, shared by the files of this folder. Private.
 *
 *     socket.c, connection.c  ->  host.c (deliver)  ->  the engine  ->  turn.c (store, then
 *     carry out)  ->  pace.c, connection.c, jobs.c
 */
#include <pthread.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <uv.h>

#include "gsakmp/run/run.h"

#define RUN_DATAGRAM_MOST 65536
#define RUN_READ_SIZE     65536
#define RUN_PATHS         256
#define RUN_LANES         3

/* One UDP socket. */
struct run_socket {
    struct run_socket *next;
    struct run *run;
    uv_poll_t poll;
    int fd;
    struct gk_address bound;
    bool multicast; /* of run_join: never sent from */
    uint32_t index; /* of the interface that it joined on */
    bool wildcard;  /* the local address differs from datagram to datagram */
    uint32_t lost;  /* SO_RXQ_OVFL as last told */
};

/* A local address that datagrams came to: what gk_peer.connection counts by UDP. */
struct run_path {
    struct run_socket *socket;
    struct gk_address local;
    unsigned interface; /* of link-local addresses, else 0 */
};

struct run_datagram {
    struct run_datagram *next;
    struct gk_peer to;
    struct gk_secret octets;
};

/* A turn on its way through the store. */
struct run_entry {
    struct run_entry *next; /* of its host, in order */
    struct run_entry *told; /* finished on another thread, not yet seen by the loop */
    struct run_host *host;
    struct gk_turn turn;
    bool stored;
    bool bad;
    void (*done)(void *context);
    void *context;
};

struct run_host {
    struct run_host *next;
    struct run *run;
    struct gk_group group;
    struct gk_engine engine;
    char *name;
    uv_timer_t timer;
    int64_t next_tick;
    struct run_entry *first;
    struct run_entry **last;
    bool busy; /* carrying out: what comes meanwhile waits its turn */
    void (*keys_changed)(void *context);
    void *keys_context;
    void (*notice)(void *context, const struct gk_notice *notice);
    void *notice_context;
};

struct run_listener {
    struct run_listener *next;
    struct run *run;
    uv_tcp_t tcp;
    struct gk_address bound;
};

struct run_connection {
    struct run_connection *next;
    struct run *run;
    uint32_t number;
    struct gk_address address;
    uv_tcp_t tcp;
    uv_timer_t deadline;
    uv_connect_t connecting;
    unsigned handles; /* not closed yet */
    bool opened;      /* by this side */
    bool heard;       /* a message came in */
    bool authenticated;
    bool closing;
    struct gk_writer in;
    size_t writing;          /* messages that the kernel has not taken yet */
    struct run_host **hosts; /* who is told of its end */
    size_t host_count;
};

struct run_lane {
    struct gk_job *first;
    struct gk_job **last;
    size_t count;
};

enum run_state { RUN_READY, RUN_LOOPING, RUN_STOPPING, RUN_CLOSING };

struct run {
    struct run_config config;
    uv_loop_t loop;
    enum run_state state;
    bool failed;        /* a commit failed: nothing more leaves */
    bool patience_over; /* while stopping: messages no longer keep the program */
    uint64_t lost_told;

    uv_signal_t signals[3];
    uv_timer_t second; /* log limits, lost datagrams */
    uv_timer_t grace;  /* the end of patience while stopping */
    uv_async_t wake;   /* a store finished on another thread */
    pthread_t thread;  /* the loop's */
    pthread_mutex_t lock;
    struct run_entry *told; /* under lock; newest first */

    struct run_host *hosts;
    size_t turns_waiting;

    struct run_socket *sockets; /* in the order of their making */
    struct run_path paths[RUN_PATHS];
    size_t path_count;
    uint8_t datagram[RUN_DATAGRAM_MOST];

    struct run_datagram *out;
    struct run_datagram **out_last;
    size_t out_count;
    size_t out_octets;
    uint64_t out_next; /* ns: the next datagram leaves no earlier */
    uv_timer_t pace;

    struct run_listener *listeners;
    struct run_connection *connections;
    size_t connection_count;
    uint32_t last_number;
    size_t writing;
    uint8_t read[RUN_READ_SIZE];

    struct run_lane lanes[RUN_LANES];
    unsigned jobs_running;
    unsigned jobs_abreast;

    struct run_control *controls;

    void (*hangup)(void *context);
    void *hangup_context;
    void (*stopping)(void *context);
    void *stopping_context;
    struct run_counts counts;
};

#define RUN_LOG(run, ...)                                                                          \
    do {                                                                                           \
        if ((run)->config.log)                                                                     \
            run_log_line((run)->config.log, __VA_ARGS__);                                          \
    } while (0)

/* address.c */
socklen_t run_sockaddr(const struct gk_address *address, struct sockaddr_storage *to);
bool run_address_of(const struct sockaddr *from, struct gk_address *address);
bool run_address_any(const struct gk_address *address);
/* Of one source: IPv4 as it is, IPv6 by /64, in which one host may take any address. */
bool run_address_same_source(const struct gk_address *a, const struct gk_address *b);

/* socket.c */
struct run_socket *run_socket_open(struct run *run, const struct gk_address *address,
                                   bool multicast, struct gk_reason *why);
bool run_socket_read(struct run_socket *socket, struct gk_reason *why) GK_MUST_USE;
void run_socket_close(struct run_socket *socket);
/* The socket that datagrams without a path leave from; NULL when it cannot be made. */
struct run_socket *run_socket_of(struct run *run, const struct gk_address *to);
/* The number of a path, 0 when there are too many. */
uint32_t run_path_number(struct run_socket *socket, const struct gk_address *local,
                         unsigned interface);
/* 0, or the errno. */
int run_datagram_send(struct run *run, const struct gk_peer *to, struct gk_octets octets);

/* multicast.c */
bool run_multicast_apply(struct run_socket *socket, struct gk_reason *why) GK_MUST_USE;

/* pace.c */
void run_pace_init(struct run *run);
void run_pace_send(struct run *run, struct gk_send *send);
void run_pace_drop(struct run *run);

/* connection.c */
struct run_connection *run_connection_new(struct run *run, const struct gk_address *address);
void run_connection_accept(struct run *run, uv_stream_t *listener);
void run_connection_close(struct run_connection *connection);

/* Its number, address and transport. */
struct gk_peer run_connection_peer(const struct run_connection *connection);
/* Remembers that the host is told of its end. */
void run_connection_used(struct run_connection *connection, struct run_host *host);
/* Starts the deadline again. */
void run_connection_alive(struct run_connection *connection);
bool run_connection_read(struct run_connection *connection);

/* connection-out.c */
void run_connection_send(struct run_host *host, struct gk_send *send);
/* listen.c */
void run_listener_close(struct run_listener *listener);

/* host.c */
void run_deliver(struct run *run, const struct gk_peer *from, struct gk_octets octets,
                 struct run_connection *connection);
void run_closed(struct run_host *host, const struct gk_peer *peer);
void run_job_done(struct run_host *host, struct gk_job *job);

/* turn.c */
/* Takes what the turn owns. */
void run_turn_begin(struct run_host *host, struct gk_turn *turn, void (*done)(void *context),
                    void *context);
void run_turn_told(uv_async_t *wake);

/* jobs.c */
void run_jobs_init(struct run *run);
void run_jobs_add(struct run_host *host, struct gk_job *job);
bool run_jobs_full(const struct run *run, enum gk_lane lane);
void run_jobs_drop(struct run *run);

/* run.c */
/* Something ended: closes everything when the runtime is stopping and nothing is left. */
void run_settle(struct run *run);
void run_fail(struct run *run);

/* control.c */
/* No new callers; with `all`, none at all. */
void run_controls_stop(struct run *run, bool all);
void run_controls_free(struct run *run);

/* frame.c */
/* The exchange type in a message's header, or in that of the version 1 message inside; 0 when
 * there is none. */
uint8_t run_exchange(struct gk_octets message);

#endif
