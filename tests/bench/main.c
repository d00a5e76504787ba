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
    struct bench_figure *filled = bench_registrations(report, group, rounds);

    bench_evictions(report, group, size);
    bench_count_add(filled, "memory octets a member", (double)bench_group_free(group) / members);
}

/* One goes, a hundred, one in a hundred. */
static void measure_trees(struct bench_report *report)
{
    static const uint32_t members[] = {1 << 10, 1 << 14, 1 << 17, 1 << 20};
    static const struct bench_size sizes[] = {{48, 16}, {12, 2}, {6, 1}};

    for (unsigned i = 0; i < 4; i++) {
        const uint32_t batches[] = {1, 100, (members[i] + 50) / 100};

        bench_tree(report, members[i], batches, sizes, 3);
    }
}

static void measure(struct bench_report *report, const struct options *options)
{
    static const struct bench_size quick = {2, 4}, engines = {24, 16}, suites = {12, 32};
    static const struct bench_size policies = {12, 8};
    static const struct bench_size people = {19, 500}; /* and a round that is not counted */

    if (options->quick) {
        bench_tree(report, 1 << 10, (uint32_t[]){1, 100}, (struct bench_size[]){{2, 4}, {2, 1}}, 2);
        measure_engines(report, 1 << 6, 3, &quick);
        bench_suites(report, &quick);
        bench_tokens(report, &quick, &quick);
        bench_policies(report, 10, &quick);
        return;
    }
    measure_trees(report);
    measure_engines(report, 1 << 10, 15, &engines);
    measure_engines(report, 1 << (options->large ? 17 : 14), 31, &engines);
    bench_suites(report, &suites);
    bench_tokens(report, &engines, &people);
    for (unsigned rules = 10; rules <= 1000; rules *= 10)
        bench_policies(report, rules, &policies);
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
