/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The main of a fuzz target without libFuzzer: runs the target over files, and over the files
 * of directories, that the arguments name; without arguments over the corpus that belongs to
 * it (FUZZ_CORPUS). Fails when there was nothing to run. An input at fault ends the program.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/octets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned run_file(FILE *file)
{
    struct gk_writer input = {0};
    uint8_t block[4096];
    uint8_t *exact;
    size_t size;

    while ((size = fread(block, 1, sizeof block, file)) > 0)
        gk_write(&input, block, size);
    /* As large as the input and no larger, so that a read beyond its end is seen. */
    exact = malloc(input.size ? input.size : 1);
    if (!exact)
        abort();
    if (input.size)
        memcpy(exact, input.data, input.size);
    (void)LLVMFuzzerTestOneInput(exact, input.size);
    free(exact);
    gk_writer_free(&input);
    return 1;
}

static unsigned run(const char *path);

static unsigned run_directory(DIR *directory, const char *path)
{
    struct dirent *entry;
    unsigned ran = 0;

    while ((entry = readdir(directory))) {
        char *inside;

        if (entry->d_name[0] == '.')
            continue;
        inside = gk_format("%s/%s", path, entry->d_name);
        ran += run(inside);
        free(inside);
    }
    return ran;
}

static unsigned run(const char *path)
{
    DIR *directory = opendir(path);
    FILE *file;
    unsigned ran;

    if (directory) {
        ran = run_directory(directory, path);
        closedir(directory);
        return ran;
    }
    file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(2);
    }
    ran = run_file(file);
    fclose(file);
    return ran;
}

int main(int argc, char **argv)
{
    unsigned ran = 0;

    for (int i = 1; i < argc; i++)
        ran += run(argv[i]);
    if (argc < 2)
        ran = run(FUZZ_CORPUS);
    printf("%u inputs ran\n", ran);
    return ran ? 0 : 1;
}
