/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/harness.h"

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#include "gsakmp/random.h"

static bool wanted(const char *name, int argc, char **argv, int at)
{
    return argc <= at || strcmp(argv[at], name) == 0;
}

static void add_suite(const struct test_suite *suite, int argc, char **argv)
{
    CU_pSuite added = CU_add_suite(suite->name, NULL, NULL);

    if (!added)
        abort();
    for (size_t i = 0; i < TEST_CASES && suite->cases[i].name; i++) {
        if (wanted(suite->cases[i].name, argc, argv, 2) &&
            !CU_add_test(added, suite->cases[i].name, suite->cases[i].run)) {
            fprintf(stderr, "%s: %s: %s\n", suite->name, suite->cases[i].name, CU_get_error_msg());
            exit(2);
        }
    }
}

int test_main(const struct test_suite *const *suites, int argc, char **argv)
{
    unsigned failures;
    unsigned ran;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 2;
    for (; *suites; suites++) {
        if (wanted((*suites)->name, argc, argv, 1))
            add_suite(*suites, argc, argv);
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    (void)CU_basic_run_tests();
    failures = CU_get_number_of_tests_failed() + CU_get_number_of_failures() +
               CU_get_number_of_suites_failed();
    ran = CU_get_number_of_tests_run();
    CU_cleanup_registry();
    printf("\n%u cases ran, %u failures\n", ran, failures);
    return ran && !failures ? 0 : 1;
}

bool test_equals_hex(struct gk_octets octets, const char *hex)
{
    char *have = gk_hex(octets);
    bool same = strcmp(have, hex) == 0;

    if (!same)
        printf("\n    have %s\n    want %s\n", have, hex);
    free(have);
    return same;
}

/* What tests borrow for the rest of the program stays reachable, so that leak
 * reports speak only of the code under test. */
static struct kept {
    struct kept *next;
    struct gk_secret octets;
} * kept;

static struct gk_octets keep(struct gk_secret octets)
{
    struct kept *entry = gk_alloc(1, sizeof *entry);

    entry->next = kept;
    entry->octets = octets;
    kept = entry;
    return gk_secret_octets(&entry->octets);
}

struct gk_octets test_unhex(const char *hex)
{
    struct gk_writer writer = {0};

    if (!gk_unhex(hex, &writer)) {
        fprintf(stderr, "not hexadecimal: %.40s\n", hex);
        exit(2);
    }
    return keep(gk_writer_take(&writer));
}

struct gk_octets test_file(const char *path)
{
    struct gk_writer writer = {0};
    uint8_t block[4096];
    size_t size;
    FILE *file = fopen(path, "rb");

    if (!file) {
        perror(path);
        exit(2);
    }
    while ((size = fread(block, 1, sizeof block, file)) > 0)
        gk_write(&writer, block, size);
    fclose(file);
    return keep(gk_writer_take(&writer));
}

struct seeded {
    uint64_t seed;
    uint64_t counter;
};

static void fill_seeded(void *context, uint8_t *to, size_t size)
{
    struct seeded *seeded = context;

    while (size) {
        uint64_t input[2] = {seeded->seed, seeded->counter++};
        uint8_t block[SHA256_DIGEST_SIZE];
        size_t part = size < sizeof block ? size : sizeof block;
        struct sha256_ctx hash;

        sha256_init(&hash);
        sha256_update(&hash, sizeof input, (const uint8_t *)input);
        sha256_digest(&hash, sizeof block, block);
        memcpy(to, block, part);
        to += part;
        size -= part;
    }
}

struct gk_random test_random(uint64_t seed)
{
    struct gk_secret state = gk_secret_new(sizeof(struct seeded));
    struct seeded *seeded = (void *)state.data;

    seeded->seed = seed;
    (void)keep(state);
    return (struct gk_random){fill_seeded, seeded};
}
