/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RUN_DAEMON_H
#define TESTS_RUN_DAEMON_H
/*
 * A world with a control socket in a folder of its own, whose commands answer at once
 * ("echo", "big"), later ("later"), with a refusal ("fail"), with nothing good ("broken"), and
 * with the end ("quit").
 *
 *     struct daemon daemon;
 *     struct world world = DAEMON_WORLD(&daemon);
 *     daemon_name(&daemon);
 *     world_start(&world);
 *     ...
 *     world_stop(&world);
 *     daemon_end(&daemon);
 */
#include "gsakmp/run/control-inside.h"
#include "tests/run/world.h"

#define DAEMON_PATIENCE_MS (WORLD_PATIENCE * 1000)
#define DAEMON_STRANGER    65534 /* may use "echo" and nothing else */

struct daemon {
    char folder[32];
    char path[64];
    mode_t mode;
    struct world *world;
    struct run_control *control;
    struct run_request *later;
    unsigned calls;
    bool opened;
};

#define DAEMON_WORLD(daemon)                                                                       \
    {                                                                                              \
        .toys = 1, .deaf = true, .setup = daemon_open, .context = (daemon)                         \
    }

void daemon_name(struct daemon *daemon);
void daemon_open(struct world *world);
struct run_control_config daemon_config(struct daemon *daemon);
/* Fails unless socket and lock are gone. */
void daemon_end(struct daemon *daemon);
/* A caller of octets, for what run_control_ask never sends. */
int daemon_call(const struct daemon *daemon);
/* The next line; NULL when none comes, or when it is no JSON. */
json_t *daemon_hear(int fd);

#endif
