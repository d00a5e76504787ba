/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t cpu_ns(void)
{
    struct timespec at;

    bench_check(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at) == 0);
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

void bench_start(struct bench_watch *watch)
{
    watch->since = cpu_ns();
}

void bench_stop(struct bench_watch *watch)
{
    watch->ns += cpu_ns() - watch->since;
}

void bench_must(bool holds, const char *what, const char *file, int line)
{
    if (holds)
        return;
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    exit(2);
}

double bench_least(const struct bench_series *series)
{
    double least = series->count ? series->value[0] : 0;

    for (size_t i = 1; i < series->count; i++) {
        if (series->value[i] < least)
            least = series->value[i];
    }
    return least;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

double bench_median(const struct bench_series *series)
{
    struct bench_series sorted = *series;

    if (!sorted.count)
        return 0;
    qsort(sorted.value, sorted.count, sizeof sorted.value[0], compare);
    return (sorted.value[(sorted.count - 1) / 2] + sorted.value[sorted.count / 2]) / 2;
}

static void add(struct bench_series *series, double value)
{
    bench_check(series->count < BENCH_ROUNDS);
    series->value[series->count++] = value;
}

void bench_round(struct bench_figure *figure, struct bench_watch *cost, struct bench_watch *raw)
{
    add(&figure->cost, (double)cost->ns / 1000 / figure->operations);
    add(&figure->raw, (double)raw->ns / 1000 / figure->operations);
    *cost = *raw = (struct bench_watch){0};
}

double bench_ratio_median(const struct bench_figure *figure)
{
    struct bench_series ratio = {0};

    for (size_t i = 0; i < figure->cost.count; i++)
        add(&ratio, figure->cost.value[i] / figure->raw.value[i]);
    return bench_median(&ratio);
}
