/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_PROGRAM_CONSUMERS_H
#define ROLES_PROGRAM_CONSUMERS_H
/*
 * How the keys of one group reach the programs of this host: which key serves for what
 * (roles/keep.h), the state that followers are given, and what watchers are told.
 *
 * Followers (libgsakmp-client) subscribe with the command `follow` and get, first and after
 * each change, one line with all that there is:
 *
 *     {"event": "state", "group": "demo", "state": "in", "text": "...", "events": [...],
 *      "keys": [{"id": "80000001", "handle": "...", "type": 49154, "name": "AES-256-GCM",
 *                "created": SECONDS, "expires": SECONDS or null, "use": "send",
 *                "left": MILLISECONDS, "key": "..."}],
 *      "policy": {...} or null}
 *
 * `state` is in, out-of-step (keys may be old), joining, out (nobody asked to be in), evicted
 * (the verified token excludes this host) or ended (the group was destroyed). Only the first
 * two have keys: when a membership ends its keys are wiped.
 *
 * Life: consumers_read with the settings, consumers_start once the group is hosted,
 * consumers_stop while the loop ends, consumers_free.
 */
#include <uv.h>

#include "gsakmp/run/hook.h"
#include "roles/keep.h"
#include "roles/program/events.h"

struct consumers {
    struct settings_group *settings;
    struct member *member;
    struct events *events;
    struct keep *keep;
    struct run *run;
    uv_timer_t timer;
    bool started;
    uint64_t joined; /* registrations that were seen */
    bool judged;     /* whether the token excludes this host, under the token of `token` */
    uint8_t token[32];
    bool evicted;
    char rule[320];    /* by which it is */
    const char *state; /* as last told */
    bool keys_changed; /* since then */
    json_t *happened;  /* events that followers have not been told */
    long hook_ms;
    const char *hook_arguments[RUN_HOOK_ARGUMENTS + 1]; /* of the settings; none: no hook */
    struct run_hook *hook;
};

bool consumers_read(struct consumers *consumers, struct settings_group *settings, const char *file,
                    struct gk_reason *why);
/* Takes over the notices and key changes of the host. */
void consumers_start(struct consumers *consumers, struct run *run, struct run_host *host,
                     struct member *member, struct events *events);
void consumers_stop(struct consumers *consumers);
void consumers_free(struct consumers *consumers);

/* For `key` and `status`: those that send, or all that serve; `data`, "authentication" or
 * "encryption", asks for those that the token names for it (profile 9.2), NULL for either.
 * `label`: "" for the keys themselves, else for 32 octets derived from each for that label
 * (profile 13.1); NULL for no octets. */
json_t *consumers_keys(const struct consumers *consumers, bool all, const char *data,
                       const char *label);
const char *consumers_state(const struct consumers *consumers);
/* Why there are no keys, in words. */
const char *consumers_why(const struct consumers *consumers);
/* The line for followers; takes the events. */
json_t *consumers_snapshot(const struct consumers *consumers, json_t *happened);

/* consumers-hook.c: the program of `hook`, see gsakmpd.conf(5). */
bool consumers_hook_read(struct consumers *consumers, const char *file, struct gk_reason *why);
void consumers_hook_start(struct consumers *consumers);
/* The keys have changed. */
void consumers_hook_call(const struct consumers *consumers);
/* null without a hook. */
json_t *consumers_hook_status(const struct consumers *consumers);

#endif
