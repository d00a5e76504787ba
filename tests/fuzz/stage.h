/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_STAGE_H
#define TESTS_FUZZ_STAGE_H
/*
 * A group in the middle of its life, the same octets in every process, for fuzz targets of
 * engines and records: two members in, one evicted, one that has left and is back, one that
 * never joined; a second edition in force. Built once; stage_reset brings it back to that
 * point from its records, the clock and the random numbers too.
 */
#include "tests/roles/troupe.h"

#define STAGE_MEMBERS  5
#define STAGE_EVICTED  2
#define STAGE_OUTSIDE  4 /* never joined */
#define STAGE_RECORDED 64
#define STAGE_TOKENS   3

struct stage_records {
    size_t count;
    struct gk_record *records;
};

struct stage {
    struct troupe *troupe;
    uint64_t random;                      /* state of the troupe's random numbers */
    struct gk_octets token[STAGE_TOKENS]; /* editions 3 and 4, and 3 of another owner */
    /* at the point to which stage_reset goes back */
    struct gk_now now;
    uint64_t random_then;
    struct stage_records then[STAGE_MEMBERS + 1];
    size_t recorded_count;
    struct gk_secret recorded[STAGE_RECORDED]; /* every message so far, newest first */
};

/* Lives as long as the program. */
struct stage *stage_get(void);
void stage_reset(struct stage *stage);
/* Forgets what travels and what was sent, noticed and begun. */
void stage_clear(struct stage *stage);
/* The node's store then holds copies of these. */
void stage_store(struct stage *stage, size_t node, const struct stage_records *records);

#endif
