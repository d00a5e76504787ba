/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <time.h>

#include <jansson.h>

#include "config.h"

#define FORMAT 1 /* of the file; raised when a name changes its meaning or goes */

struct bench_figure *bench_figure_new(struct bench_report *report, const char *per,
                                      const char *floor)
{
    struct bench_figure *figure = &report->figure[report->count];

    bench_check(report->count < BENCH_FIGURES);
    report->count++;
    *figure = (struct bench_figure){.per = per, .floor = floor};
    return figure;
}

void bench_count_add(struct bench_figure *figure, const char *name, double value)
{
    bench_check(figure->count_count < BENCH_COUNTS);
    figure->count[figure->count_count++] = (struct bench_count){name, value};
}

static double ratio_least(const struct bench_figure *figure)
{
    return bench_least(&figure->cost) / bench_least(&figure->raw);
}

/* --- for people ------------------------------------------------------------------------ */

static void print_times(const struct bench_figure *figure)
{
    printf("%-44s %9.2f %9.2f  %9.2f %9.2f  %6.2f %6.2f\n", figure->title,
           bench_least(&figure->cost), bench_median(&figure->cost), bench_least(&figure->raw),
           bench_median(&figure->raw), ratio_least(figure), bench_ratio_median(figure));
}

static void print_facts(const struct bench_figure *figure)
{
    printf("%s: %zu rounds of %u\n    floor: %s\n    one %s:", figure->id, figure->cost.count,
           figure->operations, figure->floor, figure->per);
    for (size_t i = 0; i < figure->count_count; i++)
        printf("%s %s %.10g", i ? "," : "", figure->count[i].name, figure->count[i].value);
    putchar('\n');
}

static void print_machine(void)
{
    struct bench_fact facts[BENCH_FACTS];
    size_t count = bench_machine(facts);

    for (size_t i = 0; i < count; i++)
        printf("%-12s %s\n", facts[i].name, facts[i].text);
}

void bench_print(const struct bench_report *report)
{
    print_machine();
    printf("\n%-44s %19s  %19s  %13s\n", "CPU microseconds for one", "this code", "floor", "ratio");
    printf("%-44s %9s %9s  %9s %9s  %6s %6s\n", "", "least", "median", "least", "median", "least",
           "median");
    for (size_t i = 0; i < report->count; i++)
        print_times(&report->figure[i]);
    putchar('\n');
    for (size_t i = 0; i < report->count; i++)
        print_facts(&report->figure[i]);
}

/* --- for programs ----------------------------------------------------------------------- */

static json_t *series(const struct bench_series *from)
{
    json_t *rounds = json_array();

    for (size_t i = 0; i < from->count; i++)
        json_array_append_new(rounds, json_real(from->value[i]));
    return json_pack("{s:f, s:f, s:o}", "least", bench_least(from), "median", bench_median(from),
                     "rounds", rounds);
}

static json_t *figure_json(const struct bench_figure *figure)
{
    json_t *counts = json_object();

    for (size_t i = 0; i < figure->count_count; i++)
        json_object_set_new(counts, figure->count[i].name, json_real(figure->count[i].value));
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:{s:f, s:f}, s:o}", "id", figure->id,
                     "title", figure->title, "per", figure->per, "floor", figure->floor,
                     "operations", (int)figure->operations, "cpu_us", series(&figure->cost),
                     "floor_us", series(&figure->raw), "ratio", "least", ratio_least(figure),
                     "median", bench_ratio_median(figure), "counts", counts);
}

static json_t *machine_json(void)
{
    struct bench_fact facts[BENCH_FACTS];
    size_t count = bench_machine(facts);
    json_t *machine = json_object();

    for (size_t i = 0; i < count; i++)
        json_object_set_new(machine, facts[i].name, json_string(facts[i].text));
    return machine;
}

static json_t *now_json(void)
{
    time_t now = time(NULL);
    struct tm utc;
    char text[sizeof "2026-01-01T00:00:00Z"];

    bench_check(gmtime_r(&now, &utc) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc));
    return json_string(text);
}

bool bench_write_json(const struct bench_report *report, const char *file)
{
    json_t *figures = json_array();
    json_t *all;
    bool good;

    for (size_t i = 0; i < report->count; i++)
        json_array_append_new(figures, figure_json(&report->figure[i]));
    all = json_pack("{s:i, s:s, s:s, s:o, s:o, s:o}", "format", FORMAT, "package", PACKAGE_NAME,
                    "version", PACKAGE_VERSION, "ended", now_json(), "machine", machine_json(),
                    "figures", figures);
    good = all && json_dump_file(all, file, JSON_INDENT(1) | JSON_REAL_PRECISION(7)) == 0;
    json_decref(all);
    return good;
}
