/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_PROGRAM_GSAKMPD_H
#define ROLES_PROGRAM_GSAKMPD_H
/*
 * gsakmpd: the member agent of this host, for the groups in its configuration. It joins them
 * at the start, keeps their keys current, and gives them to the local users that each group's
 * `users` lists.
 */
#include "roles/member.h"
#include "roles/program/consumers.h"
#include "roles/program/daemon.h"
#include "roles/program/events.h"

#define GSAKMPD_GROUPS 16

/* `member` is NULL for a group that did not start; then `refusal` says why. */
struct gsakmpd_group {
    struct settings_group settings;
    struct gk_reason refusal;
    struct member_config config;
    struct member *member;
    struct run_host *host;
    struct reload reload;
    struct events events;
    struct consumers consumers;
    struct gk_address rekey[ANNOUNCEMENT_REKEYS];
    size_t rekey_count;
};

struct gsakmpd {
    struct daemon base;
    int try_code;
    struct gk_address bind;
    size_t group_count;
    struct gsakmpd_group group[GSAKMPD_GROUPS];
};

extern const struct run_command gsakmpd_commands[];
/* May this local user use the command (gsakmpd.conf(5), `users`)? */
bool gsakmpd_allow(void *context, const struct run_caller *caller, const char *command,
                   const json_t *arguments);

#endif
