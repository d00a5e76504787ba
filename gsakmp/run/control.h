/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RUN_CONTROL_H
#define GSAKMP_RUN_CONTROL_H
/*
 * The control socket: a Unix stream socket (file mode as configured, default 0660) on which
 * local users send one JSON object a line, {"command": "...", ...}, and get one JSON object a
 * line, {"ok": true, ...} or {"ok": false, "code": "...", "error": "..."}.
 *
 * The peer's user and group come from the kernel (SO_PEERCRED). Each command has a handler;
 * root and the daemon's own user may use all, other users those that `allow` grants.
 * Requests are at most 1 MiB; a connection has at most one request under way, those sent
 * behind it wait. A caller has 30 s to send a request and to take its answer; at most 64
 * connections are open, 16 of them by one user other than root.
 *
 * A handler may make its connection a subscription (run_watch): it takes no more requests and
 * gets a line for each event of its topic. What waits for one subscriber is at most 256 KiB;
 * one that reads too slowly loses what waits, gets a last line {"event": "cut-off", ...} and
 * is closed, so it never holds up the daemon or the others. A subscriber that sends anything,
 * or ends its side, is closed. When the daemon ends its subscribers get {"event": "stopping"}.
 *
 * The socket's file is guarded by a lock (PATH.lock): one that a dead daemon left behind is
 * replaced, one that a daemon answers on, or that is no socket, is left alone. Both files go
 * at the end. Besides the handlers' own codes answers have "control-syntax",
 * "control-too-long", "control-unknown" and "control-denied".
 */
#include <jansson.h>
#include <sys/types.h>

#include "gsakmp/run/run.h"

struct run_control;
struct run_request;

struct run_caller {
    uid_t uid;
    gid_t gid;
    pid_t pid;
};

struct run_command {
    const char *name;
    /* Answers with exactly one run_reply or run_refuse, now or later. */
    void (*handle)(void *context, struct run_request *request, const json_t *arguments);
};

struct run_control_config {
    const char *path;
    mode_t mode;
    const struct run_command *commands; /* ends with a NULL name */
    bool (*allow)(void *context, const struct run_caller *caller, const char *command,
                  const json_t *arguments);
    void *context;
};

/* The path is copied; commands must outlive it. NULL when refused. */
struct run_control *run_control_open(struct run *run, const struct run_control_config *config,
                                     struct gk_reason *why);
/* Takes no more requests and removes the socket; run_stop does so too. Requests under way may
 * still be answered. Not after run_free, which frees what is left, unanswered requests too. */
void run_control_close(struct run_control *control);
const struct run_caller *run_request_caller(const struct run_request *request);
/* Takes the object; adds "ok": true. Its text is wiped after sending. */
void run_reply(struct run_request *request, json_t *object);
void run_refuse(struct run_request *request, const struct gk_reason *why);

/* Answers, takes the object, and subscribes the caller to the topic: any address, which is
 * compared and not looked into. */
void run_watch(struct run_request *request, json_t *object, const void *topic);
/* Takes the event, one line to every subscriber of the topic. Its text is wiped after
 * sending. */
void run_tell(struct run_control *control, const void *topic, json_t *event);
bool run_watched(const struct run_control *control, const void *topic);

/* The client's side, blocking: sends one request, waits for one answer ("ok" false is one
 * too), a JSON object that the caller releases. NULL with "control-connect",
 * "control-timeout", "control-closed" or "control-answer" when there is none. */
json_t *run_control_ask(const char *path, const json_t *request, int timeout_ms,
                        struct gk_reason *why);
/* The same for what may take long: `waits` is called again and again until the answer comes. */
json_t *run_control_ask_long(const char *path, const json_t *request, int timeout_ms,
                             void (*waits)(void *context), void *context, struct gk_reason *why);
/* The same for a subscription: `line` is called with each JSON object that comes, the answer
 * first, until it returns false (then true is returned), SIGINT or SIGTERM comes (true too), or
 * the stream ends (false, "control-closed"). For programs with one thread; both signals are
 * this function's while it runs. */
bool run_control_follow(const char *path, const json_t *request, int timeout_ms,
                        bool (*line)(void *context, const json_t *object), void *context,
                        struct gk_reason *why);

#endif
