/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_PROGRAM_GSAKMPD_H
#define ROLES_PROGRAM_GSAKMPD_H
/*
 * gsakmpd: the member agent of this host, for the groups in its configuration. It joins them
 * at the start, keeps their keys current, and gives them to the local users that each group's
 * `users` lists.
 */
#include "gsakmp/run/control.h"
#include "roles/member.h"
#include "roles/program/settings.h"

#define GSAKMPD_GROUPS 16

struct gsakmpd_group {
    struct settings_group settings;
    struct member_config config;
    struct member *member;
    struct run_host *host;
    struct gk_address rekey[ANNOUNCEMENT_REKEYS];
    size_t rekey_count;
};

struct gsakmpd {
    const char *path;
    cfg_t *cfg;
    struct run *run;
    struct run_log *log;
    struct run_store *store;
    struct run_control *control;
    const char *only; /* --try: this group */
    int try_code;
    size_t group_count;
    struct gsakmpd_group group[GSAKMPD_GROUPS];
};

extern const struct run_command gsakmpd_commands[];
/* May this local user use the command (gsakmpd.conf(5), `users`)? */
bool gsakmpd_allow(void *context, const struct run_caller *caller, const char *command,
                   const json_t *arguments);

#endif
