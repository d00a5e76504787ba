/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_PROGRAM_RELOAD_H
#define ROLES_PROGRAM_RELOAD_H
/*
 * What a daemon reads again while it runs: the revocation lists of its groups, and what else a
 * role keeps in files. At SIGHUP, and when a look at the files, every `reload_every` seconds,
 * shows that one has changed. All of a group's files are taken together or not at all: where one
 * is bad, what was read before stays in force, and log and status say so.
 *
 * Life: reload_add for each group once its engine is hosted, then reload_start. All of it
 * outlives the runtime.
 */
#include <uv.h>

#include "gsakmp/run/run.h"
#include "roles/program/settings.h"

struct daemon;

struct reload {
    struct reload *next;
    const struct daemon *daemon;
    struct settings_group *settings;
    const char *more_file; /* the role's own, an option of the section; NULL without */
    /* Reads that one, and keeps what it read apart; both may be NULL. */
    bool (*read)(void *context, struct gk_reason *why);
    /* Puts it in force; did anything change? */
    bool (*take)(void *context);
    /* Tells the engine: settings->crls, or what `take` took, is new. */
    void (*apply)(void *context);
    void *context;
    uint8_t seen[32];         /* how the files looked */
    struct gk_reason refusal; /* why what is there now was not taken; no code: it was */
};

struct reloads {
    struct reload *first;
    uv_timer_t timer;
};

void reload_add(struct reloads *reloads, struct reload *reload);
/* Looks every so many seconds, 0: at SIGHUP only. */
void reload_start(struct reloads *reloads, struct run *run, unsigned seconds);

#endif
