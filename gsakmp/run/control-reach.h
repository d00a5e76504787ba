/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RUN_CONTROL_REACH_H
#define GSAKMP_RUN_CONTROL_REACH_H
/* Clients of the control socket, with blocking calls over a descriptor that does not block.
 * Deadlines are by run_reach_now. */
#include "gsakmp/reason.h"

int64_t run_reach_now(void);
/* Connects; a full backlog is waited for. */
bool run_reach(int fd, const char *path, int64_t deadline, struct gk_reason *why) GK_MUST_USE;
bool run_reach_wait(int fd, short events, int64_t deadline, const char *path,
                    struct gk_reason *why) GK_MUST_USE;
/* A daemon that refuses a request unread may have answered before it closed: what cannot be
 * sent is no failure, the answer decides. */
bool run_reach_send(int fd, const char *path, const char *text, int64_t deadline,
                    struct gk_reason *why) GK_MUST_USE;
/* Refuses with "control-closed". */
bool run_reach_gone(const char *path, struct gk_reason *why);

#endif
