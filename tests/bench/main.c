/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench: speed as ratios (bench.h). Run by `make bench`; doc/bench.md says how to read it.
 *
 *     bench [--quick | --large] [--json FILE]
 *
 * Exit: 0 measured, 2 could not measure.
 */
#include "tests/bench/bench.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/group.h"

static const char usage[] =
    "usage: bench [--quick | --large] [--json FILE]\n"
    "  --quick      a few small rounds: shows that it runs, the times say little\n"
    "  --large      the larger engine with 2^17 members instead of 2^14: some minutes\n"
    "  --json FILE  writes the figures there, too\n";

struct options {
    bool quick, large;
    const char *json;
};

static bool read_options(struct options *options, int argc, char **argv)
{
    static const struct option known[] = {{"quick", no_argument, NULL, 'q'},
                                          {"large", no_argument, NULL, 'l'},
                                          {"json", required_argument, NULL, 'j'},
                                          {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'q')
            options->quick = true;
        else if (option == 'l')
            options->large = true;
        else if (option == 'j')
            options->json = optarg;
        else
            return false;
    }
    return optind == argc;
}

static void measure_engines(struct bench_report *report, uint32_t members, uint32_t rounds,
                            const struct bench_size *size)
{
    struct bench_group *group = bench_group_new(members);

    bench_registrations(report, group, rounds);
    bench_evictions(report, group, size);
    bench_group_free(group);
}

static void measure(struct bench_report *report, const struct options *options)
{
    static const struct bench_size quick = {2, 4}, usual = {48, 16}, engines = {24, 16};

    if (options->quick) {
        bench_tree(report, 1 << 10, &quick);
        measure_engines(report, 1 << 6, 3, &quick);
        return;
    }
    for (unsigned i = 0; i < 3; i++)
        bench_tree(report, UINT32_C(1) << (unsigned[]){10, 14, 17}[i], &usual);
    measure_engines(report, 1 << 10, 15, &engines);
    measure_engines(report, 1 << (options->large ? 17 : 14), 31, &engines);
}

int main(int argc, char **argv)
{
    struct bench_report *report = gk_alloc(1, sizeof *report);
    struct options options = {0};
    int status = 0;

    if (!read_options(&options, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    measure(report, &options);
    bench_print(report);
    if (options.json && !bench_write_json(report, options.json)) {
        perror(options.json);
        status = 2;
    }
    free(report);
    return status;
}
