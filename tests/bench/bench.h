/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H
/*
 * Speed as a ratio: what this code takes for a piece of work, over what the cryptography in it
 * takes alone (the floor, floor.h). Both are measured in turns in the same run, so that the
 * ratio says something where the microseconds do not: on another machine, under load, on a
 * slower day. Nothing here passes or fails by time.
 *
 * All times are CPU time of the thread (CLOCK_THREAD_CPUTIME_ID). A figure is measured in
 * rounds of many operations each; one round before them is not counted. The least of the
 * rounds is what the work costs undisturbed, the median what was usual. A ratio is made of
 * two leasts; its median is that of the rounds' own ratios.
 *
 * A figure's work is checked as it goes (bench_check): a measurement of refusals is none.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_ROUNDS 64
#define BENCH_COUNTS 12

/* --- the clock ------------------------------------------------------------------- */

/* Adds up the CPU time between start and stop. */
struct bench_watch {
    int64_t ns;
    int64_t since;
};

void bench_start(struct bench_watch *watch);
void bench_stop(struct bench_watch *watch);

/* --- figures ---------------------------------------------------------------------- */

struct bench_series {
    size_t count;
    double value[BENCH_ROUNDS];
};

double bench_least(const struct bench_series *series);
double bench_median(const struct bench_series *series);

/* Facts beside the times, per operation where they are amounts ("wraps"). */
struct bench_count {
    const char *name;
    double value;
};

struct bench_figure {
    char id[64];                   /* stable from release to release: "tree-evict-1024" */
    char title[96];                /* one line */
    const char *per;               /* "registration" */
    const char *floor;             /* what the floor consists of */
    unsigned operations;           /* in a round */
    struct bench_series cost, raw; /* CPU microseconds for one operation, by round */
    size_t count_count;
    struct bench_count count[BENCH_COUNTS];
};

/* One round: both watches hold `operations` operations; they start anew. */
void bench_round(struct bench_figure *figure, struct bench_watch *cost, struct bench_watch *raw);
void bench_count_add(struct bench_figure *figure, const char *name, double value);
/* Median of the rounds' ratios. */
double bench_ratio_median(const struct bench_figure *figure);

/* --- the report ------------------------------------------------------------------- */

#define BENCH_FIGURES 96

struct bench_report {
    size_t count;
    struct bench_figure figure[BENCH_FIGURES];
};

struct bench_figure *bench_figure_new(struct bench_report *report, const char *per,
                                      const char *floor);
void bench_print(const struct bench_report *report);
/* False when the file cannot be written. */
bool bench_write_json(const struct bench_report *report, const char *file);

/* --- the machine ------------------------------------------------------------------- */

#define BENCH_FACTS 16

struct bench_fact {
    const char *name; /* "cpu", "cores", "gnutls" */
    char text[128];
};

/* What the figures depend on: processor, compiler and its options, libraries. */
size_t bench_machine(struct bench_fact facts[BENCH_FACTS]);

/* --- what is measured ---------------------------------------------------------------- */

struct bench_size {
    unsigned rounds;
    unsigned operations; /* wanted in a round */
};

/* Ends the program with the line and what failed when it does not hold. */
#define bench_check(holds) bench_must((holds), #holds, __FILE__, __LINE__)
void bench_must(bool holds, const char *what, const char *file, int line);

/* Octets that this process holds from malloc. */
size_t bench_memory(void);

/* Events of a tree of that many members (gsakmp/lkh.h); one pair of figures for each batch of
 * members who go in one event. */
void bench_tree(struct bench_report *report, uint32_t members, const uint32_t *batches,
                const struct bench_size *sizes, size_t count);
/* A registration under each suite, and under each signature and group that no suite names. */
void bench_suites(struct bench_report *report, const struct bench_size *size);
/* The difference of two tokens with 10 to 1,000 rules; and who of many gains or loses by it. */
void bench_tokens(struct bench_report *report, const struct bench_size *diffs,
                  const struct bench_size *people);

/* What the owner's tool does with a policy of so many access rules. */
void bench_policies(struct bench_report *report, unsigned rules, const struct bench_size *size);

#endif
