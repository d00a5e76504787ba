/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_PROGRAM_EVENTS_H
#define ROLES_PROGRAM_EVENTS_H
/*
 * What `gsakmpctl watch` is told: an object a line, {"event": "joined", "group": "demo",
 * "time": "2026-01-01T00:00:00Z", "level": "notice", "text": "..."}, with more members where
 * an event has some. The events are the engines' notices by their codes, from level info on,
 * and the agent's own. None ever has a key.
 *
 * A group's struct is the topic of its events, the daemon's that of all groups.
 */
#include "roles/program/daemon.h"

struct events {
    struct daemon *daemon;
    const char *group; /* its name in the configuration */
    const void *topic; /* of this group alone */
};

/* Tells the event; `more`, may be NULL, is an object with what it has besides; it is taken. */
void events_tell(const struct events *events, enum gk_level level, const char *code, json_t *more,
                 const char *text);
/* For run_on_notice, with a struct events as context. */
void events_notice(void *context, const struct gk_notice *notice);
/* Answers the request to watch: the topic of one group, or of all (the daemon). */
void events_watch(struct run_request *request, const void *topic, const char *group);

#endif
