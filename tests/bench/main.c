/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench: speed as ratios (bench.h). Run by `make bench`; doc/bench.md says how to read it.
 *
 *     bench [--quick] [--json FILE]
 *
 * Exit: 0 measured, 2 could not measure.
 */
#include "tests/bench/bench.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "gsakmp/octets.h"

static const char usage[] =
    "usage: bench [--quick] [--json FILE]\n"
    "  --quick      a few small rounds: shows that it runs, the times say little\n"
    "  --json FILE  writes the figures there, too\n";

struct options {
    bool quick;
    const char *json;
};

static bool read_options(struct options *options, int argc, char **argv)
{
    static const struct option known[] = {{"quick", no_argument, NULL, 'q'},
                                          {"json", required_argument, NULL, 'j'},
                                          {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'q')
            options->quick = true;
        else if (option == 'j')
            options->json = optarg;
        else
            return false;
    }
    return optind == argc;
}

static void measure(struct bench_report *report, bool quick)
{
    const struct bench_size size = quick ? (struct bench_size){2, 4} : (struct bench_size){48, 16};

    bench_tree(report, 1 << 10, &size);
    if (quick)
        return;
    bench_tree(report, 1 << 14, &size);
    bench_tree(report, 1 << 17, &size);
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
    measure(report, options.quick);
    bench_print(report);
    if (options.json && !bench_write_json(report, options.json)) {
        perror(options.json);
        status = 2;
    }
    free(report);
    return status;
}
