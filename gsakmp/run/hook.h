/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RUN_HOOK_H
#define GSAKMP_RUN_HOOK_H
/*
 * Hooks: programs that the daemon runs when something has changed, with all that they need on
 * standard input.
 *
 * No shell has a part in it. The program gets its arguments as configured, an environment of
 * PATH and LANG alone, / as its folder, /dev/null as standard output, a session of its own, and
 * no descriptor of the daemon's. Of its standard error the first line is kept for whoever asks
 * why it failed; at most 1 KiB is read, then the pipe is closed.
 *
 * The daemon never waits. One run at a time; what is to be said meanwhile waits, and only the
 * latest of it. After `limit_ms` the program and its group get SIGTERM, two seconds later
 * SIGKILL.
 *
 * Life: run_hook_new, run_hook_call as often as there is news, run_hook_stop when the loop begins
 * to stop (a running program gets SIGTERM and is left to itself), run_hook_free after it.
 */
#include "gsakmp/run/run.h"

#define RUN_HOOK_ARGUMENTS 16

struct run_hook;

struct run_hook_status {
    uint64_t runs, failures, skipped; /* skipped: overtaken by later news */
    bool running;
    char failure[200]; /* why the last one that failed did; "" for none */
};

struct run_hook_config {
    const char *const *arguments; /* the program's absolute path first; ends with NULL; borrowed */
    int64_t limit_ms;
    /* After each run; `failure` is NULL when it was good. */
    void (*ended)(void *context, const char *failure);
    void *context;
};

/* May it be run: an absolute path to a file that can be executed, and that nobody but root and
 * this user may change, nor put another in its place in a folder above? "hook-path", "hook-mode". */
bool run_hook_judge(const char *path, struct gk_reason *why) GK_MUST_USE;
struct run_hook *run_hook_new(struct run *run, const struct run_hook_config *config);
/* Takes the input; it is wiped once it was written. */
void run_hook_call(struct run_hook *hook, struct gk_secret *input);
void run_hook_get_status(const struct run_hook *hook, struct run_hook_status *status);
void run_hook_stop(struct run_hook *hook);
void run_hook_free(struct run_hook *hook);

#endif
