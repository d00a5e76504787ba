/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RUN_CONTROL_INSIDE_H
#define GSAKMP_RUN_CONTROL_INSIDE_H
/*
 * The control socket's own structs: control.c listens, control-caller.c has one caller's
 * lines in and out, control-request.c judges and answers, control-watch.c has the
 * subscribers. Private.
 */
#include "gsakmp/run/control.h"
#include "gsakmp/run/inside.h"
#include "gsakmp/run/socket-file.h"

#define RUN_REQUEST_MOST ((size_t)1 << 20)
#define RUN_CALLERS_MOST 64
#define RUN_CALLERS_EACH 16
#define RUN_CALLER_MS    30000
#define RUN_WATCH_MOST   ((size_t)256 << 10) /* what waits for one subscriber */

struct run_connected {
    struct run_connected *next;
    struct run_control *control;
    struct run_caller caller;
    uv_pipe_t pipe;
    uv_timer_t deadline;
    unsigned handles; /* not closed yet */
    bool closing;
    bool ended; /* sends no more, may still wait for answers */
    bool last;  /* closed after the answer that is being written */
    struct gk_writer in;
    struct run_request *request; /* under way */
    uv_write_t write;
    struct gk_secret out;   /* the answer being written */
    const void *topic;      /* a subscriber's */
    bool cut;               /* a subscriber that was too slow, or whose daemon ends */
    struct gk_writer queue; /* lines for a subscriber, behind `out` */
};

struct run_request {
    struct run_request *next; /* all of a control socket */
    struct run_control *control;
    struct run_connected *from; /* NULL: has gone */
    struct run_caller caller;
    json_t *arguments;
};

struct run_control {
    struct run_control *next;
    struct run *run;
    struct run_control_config config;
    struct run_socket_file file;
    uv_pipe_t listener;
    bool open;
    struct run_connected *connected;
    struct run_request *requests;
};

/* control-caller.c */
void run_connected_accept(struct run_control *control);
void run_connected_close(struct run_connected *connected);
/* Writes one line and then reads on; takes the text. */
void run_connected_write(struct run_connected *connected, struct gk_secret *text);

/* Reads on; false when it cannot be; that it is done already is as good. */
bool run_connected_read(struct run_connected *connected);

/* control-watch.c */
/* What a subscriber gets next; a subscriber that spoke or ended its side is closed. */
void run_watch_on(struct run_connected *connected);
/* The daemon ends. */
void run_watch_stop(struct run_connected *connected);

/* control-request.c */
/* The object as one line; what jansson made of it is wiped. */
struct gk_secret run_control_line(json_t *object);
/* One line, without its newline. */
void run_request_begin(struct run_connected *from, struct gk_octets line);
/* An answer outside of a request, after which the caller is cut off. */
void run_connected_refuse(struct run_connected *connected, const struct gk_reason *why);
bool run_control_allows(const struct run_control_config *config, const struct run_caller *caller,
                        const char *command, const json_t *arguments);
void run_request_free(struct run_request *request);

#endif
