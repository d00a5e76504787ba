/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_HOST_H
#define TESTS_BENCH_HOST_H
/*
 * A host for one engine whose world does nothing: records are counted and dropped, jobs run
 * in place, messages are kept until they are cleared.
 *
 * The watch takes the engine's calls and its jobs. Taking a turn apart is the host's work and
 * is not in it; neither is a disk. BENCH_TRACE in the environment shows the engine's notices.
 */
#include "gsakmp/engine.h"
#include "tests/bench/bench.h"

struct bench_host {
    struct gk_engine engine;
    const struct gk_now *now;
    struct bench_watch watch;
    size_t sent_count, sent_room;
    struct gk_send *sent; /* owned */
    uint64_t records, record_octets;
};

void host_message(struct bench_host *host, const struct gk_peer *from, struct gk_octets octets);
/* Carries out a turn that a command filled (measured by the caller). */
void host_turn(struct bench_host *host, struct gk_turn *turn);
void host_tick(struct bench_host *host);
/* Forgets what was sent. */
void host_clear(struct bench_host *host);
void host_free(struct bench_host *host);

#endif
