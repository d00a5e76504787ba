/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_PROGRAM_GCKSD_H
#define ROLES_PROGRAM_GCKSD_H
/*
 * gcksd: the GC/KS of the groups in its configuration. main reads and judges the settings,
 * builds an engine a group, and hands both to the runtime; gcksd-control.c answers operators.
 */
#include "roles/gcks.h"
#include "roles/program/daemon.h"
#include "roles/program/events.h"
#include "roles/program/permissions.h"
#include "roles/program/places.h"

#define GCKSD_GROUPS 16
#define GCKSD_LISTEN 16

/* `gcks` is NULL for a group that is not served; then `refusal` says why. */
struct gcksd_group {
    struct settings_group settings;
    struct gk_reason refusal;
    struct permissions *permissions;
    struct places *places;
    struct reload reload;
    struct gcks_config config;
    struct gcks *gcks;
    struct gk_turn first; /* what the engine wants done at the start */
    struct run_host *host;
    struct events events;
    struct run_request *publishing; /* waits until the members are judged; NULL without */
};

struct gcksd {
    struct daemon base;
    struct run_config config;
    size_t listen_count;
    struct gk_address listen[GCKSD_LISTEN];
    size_t group_count;
    struct gcksd_group group[GCKSD_GROUPS];
};

/* The group that a request names, the only one when it names none; if it is served. NULL, and the
 * request is answered, when not. */
struct gcksd_group *gcksd_find_group(struct gcksd *daemon, struct run_request *request,
                                     const json_t *arguments);
/* The command publish, and what it waits for: for run_on_notice, with the group as context. */
void gcksd_publish(void *context, struct run_request *request, const json_t *arguments);
void gcksd_notice(void *context, const struct gk_notice *notice);
extern const struct run_command gcksd_commands[];
/* All about a group, what matters first in words as "summary". */
json_t *gcksd_status(const struct gcksd_group *group);

#endif
