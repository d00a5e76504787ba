/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RUN_TOY_H
#define TESTS_RUN_TOY_H
/*
 * An engine that does what a message tells it, so that tests see the runtime from both ends.
 * A message is a GSAKMP header and a body, of at least 4 octets by TCP (profile 1.3); the
 * body's first octet is the order:
 *
 *     'e'  store a record, answer with the same body
 *     'n'  answer without a record
 *     'c'  answer as a Cookie Download (unsigned)
 *     't'  answer at a tick 20 ms later
 *     'j'  answer when a job is done; the next octet is the lane
 *     'T'  send the rest to 127.0.0.1 by TCP; two octets of port
 *     'U'  send the rest to 127.0.0.1 by UDP; two octets of port
 *     'M'  send the rest to the multicast group `multicast`
 *     'b'  answer with as many messages as the next octet says, numbered
 *     'B'  answer with a message that is too big for UDP
 *     'k'  change the keys, with a record
 */
#include "gsakmp/run/run.h"

struct toy {
    struct run *run;
    struct gk_group group;
    struct gk_address multicast;
    struct gk_peer waiting; /* for the tick */
    int64_t due;
    bool early;  /* a tick came before its time */
    bool inside; /* in a call: another one would be re-entrant */
    bool reentered;
    unsigned messages, ticks, jobs, closed;
    struct gk_peer last_closed;
    uint16_t last_port;
    char order[64]; /* lanes of finished jobs: r, a, g */
    size_t ordered;
    uint8_t serial;
};

/* Group of type 2: 8 zero octets and a name. */
struct gk_group toy_group(const char *name);
struct gk_engine toy_engine(struct toy *toy);
/* A message to append to `to`. */
void toy_message(struct gk_writer *to, const struct gk_group *group, uint8_t exchange,
                 struct gk_octets body);
/* The body of a whole message, empty when it is none. */
struct gk_octets toy_body(struct gk_octets message);
/* A job that waits until `gate` opens (jobs of lane `lane`); NULL gate: at once. */
struct gk_job *toy_job(enum gk_lane lane, const struct gk_peer *answer, void *gate);
unsigned toy_jobs_alive(void);

#endif
