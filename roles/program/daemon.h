/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_PROGRAM_DAEMON_H
#define ROLES_PROGRAM_DAEMON_H
/*
 * What gcksd and gsakmpd have in common as programs: arguments, hardening, configuration, log,
 * store, control socket, and their end. In the order of a life: daemon_arguments, daemon_read,
 * daemon_start, daemon_control, daemon_loop, daemon_stop, daemon_close.
 */
#include "gsakmp/run/control.h"
#include "roles/program/reload.h"
#include "roles/program/settings.h"

struct daemon {
    const char *name;  /* "gcksd" */
    const char *usage; /* --help */
    bool takes_try;    /* knows --try GROUP */
    /* from the arguments */
    const char *path; /* of the configuration */
    bool only_check;
    const char *only; /* --try: this group, NULL without */
    /* made by the functions below */
    cfg_t *cfg;
    char *log_path;
    mode_t control_mode;
    struct run *run;
    struct run_log *log;
    struct run_store *store;
    struct run_control *control;
    unsigned reload_every; /* seconds */
    struct reloads reloads;
};

/* False when the program is to end now, with *code. */
bool daemon_arguments(struct daemon *daemon, int argc, char **argv, int *code);
/* Hardens the process and reads the configuration; opens log and store. */
bool daemon_read(struct daemon *daemon, cfg_opt_t *options, struct gk_reason *why);
/* A group that is not served is named, and the others are served nonetheless: by --check on
 * standard error, else in the log. */
void daemon_group_refused(const struct daemon *daemon, const char *title,
                          const struct gk_reason *why);
/* Of so many groups in the configuration so many can be served: without any the daemon does not
 * start, for `first`, the first one's reason. */
bool daemon_groups_good(const struct daemon *daemon, size_t groups, size_t good,
                        const struct gk_reason *first, struct gk_reason *why);
/* Makes the runtime; log and store are filled in. */
void daemon_start(struct daemon *daemon, struct run_config *config);
/* Opens the control socket, if one is configured, and gives up root, if a user is. */
bool daemon_control(struct daemon *daemon, struct run_control_config *config,
                    struct gk_reason *why);
/* Serves until it is told to stop; the exit code. */
int daemon_loop(struct daemon *daemon, size_t groups);
/* Ends the runtime; the engines that it hosted may be freed after it. */
void daemon_stop(struct daemon *daemon);
/* Ends log, store and configuration, when nothing uses them any more. */
void daemon_close(struct daemon *daemon);
/* For --check: the group's keys and how many CRLs there are, on standard output. */
void daemon_tell_settings(const struct settings_group *settings);
/* Says why on standard error and returns `code`. */
int daemon_complain(const struct daemon *daemon, const struct gk_reason *why, int code);

#endif
