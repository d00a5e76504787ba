/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/seal/program.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "gsakmp/run/file.h"
#include "gsakmp/run/secure.h"

#define AGENT_MS 10000

int seal_program_complain(const struct seal_program *program, const char *text, int code)
{
    fprintf(stderr, "%s: %s\n", program->name, text);
    return code;
}

/* --- options ---------------------------------------------------------------------------- */

static bool read_key_id(const char *text, uint32_t *id)
{
    *id = (uint32_t)strtoul(text, NULL, 16);
    return strlen(text) == 8 && strspn(text, "0123456789abcdefABCDEF") == 8 && *id;
}

/* False when it is none of this program's. */
static bool take_option(struct seal_program *program, int option)
{
    switch (option) {
    case 's':
        program->socket = optarg;
        return true;
    case 'g':
        program->group = optarg;
        return true;
    case 'o':
        program->output = optarg;
        return true;
    case 'c':
        program->cbc = true;
        return true;
    case 'k':
        if (program->seals && read_key_id(optarg, &program->key_id))
            return true;
        (void)seal_program_complain(program, "a KeyID is 8 hexadecimal digits, as 80000001", 0);
        return false;
    default:
        return false;
    }
}

static bool harden(const struct seal_program *program)
{
    struct gk_reason why;

    run_secure_json();
    if (run_secure_process(false, &why))
        return true;
    (void)seal_program_complain(program, why.text, 0);
    return false;
}

bool seal_program_options(struct seal_program *program, int argc, char **argv, int *code)
{
    static const struct option options[] = {
        {"socket", required_argument, NULL, 's'}, {"group", required_argument, NULL, 'g'},
        {"output", required_argument, NULL, 'o'}, {"key", required_argument, NULL, 'k'},
        {"cbc", no_argument, NULL, 'c'},          {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},      {NULL, 0, NULL, 0}};
    int option;

    *code = EXIT_COULD_NOT;
    while ((option = getopt_long(argc, argv, "s:g:o:k:", options, NULL)) != -1) {
        if (option == 'h' || option == 'v') {
            if (option == 'h')
                fputs(program->usage, stdout);
            else
                printf("%s (gsakmp) %s\n", program->name, PACKAGE_VERSION);
            *code = EXIT_GOOD;
            return false;
        }
        if (!take_option(program, option)) {
            fputs(program->usage, stderr);
            return false;
        }
    }
    if (argc - optind > 1) {
        fputs(program->usage, stderr);
        return false;
    }
    if (optind < argc && strcmp(argv[optind], "-") != 0)
        program->input = argv[optind];
    return harden(program);
}

/* --- octets in and out -------------------------------------------------------------------- */

static bool read_standard(struct gk_writer *to)
{
    uint8_t block[65536];
    ssize_t got;

    while ((got = read(STDIN_FILENO, block, sizeof block)) != 0 && to->size <= ENVELOPE_MAX) {
        if (got < 0 && errno != EINTR)
            break;
        if (got > 0)
            gk_write(to, block, (size_t)got);
    }
    gk_wipe(block, sizeof block);
    return got >= 0;
}

bool seal_program_read(const struct seal_program *program, struct gk_writer *to)
{
    struct gk_reason why;
    bool good = true;

    if (program->input)
        good = run_file_read(program->input, ENVELOPE_MAX, to, &why);
    else if (!read_standard(to))
        good =
            gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "input", "standard input: %s", strerror(errno));
    else if (to->size > ENVELOPE_MAX)
        good = gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "input",
                         "standard input has more than %zu octets", ENVELOPE_MAX);
    if (!good)
        (void)seal_program_complain(program, why.text, 0);
    return good;
}

static bool write_standard(struct gk_octets octets)
{
    while (octets.size) {
        ssize_t put = write(STDOUT_FILENO, octets.data, octets.size);

        if (put < 0 && errno != EINTR)
            return false;
        if (put > 0)
            octets = gk_octets(octets.data + put, octets.size - (size_t)put);
    }
    return true;
}

int seal_program_write(const struct seal_program *program, struct gk_octets octets, unsigned mode)
{
    mode_t mask = umask(0);
    struct gk_reason why;

    (void)umask(mask);
    if (program->output && strcmp(program->output, "-") != 0) {
        if (run_file_write(program->output, octets, mode & ~mask, &why))
            return EXIT_GOOD;
        return seal_program_complain(program, why.text, EXIT_COULD_NOT);
    }
    return write_standard(octets)
               ? EXIT_GOOD
               : seal_program_complain(program, "the output takes no more", EXIT_COULD_NOT);
}

/* --- the agent ------------------------------------------------------------------------------ */

int seal_program_code(int result)
{
    switch (result) {
    case GSAKMP_OK:
    case GSAKMP_OUT_OF_STEP:
        return EXIT_GOOD;
    case GSAKMP_E_REFUSED:
    case GSAKMP_E_NO_KEY:
    case GSAKMP_E_EVICTED:
    case GSAKMP_E_ENDED:
    case GSAKMP_E_OUT:
        return EXIT_REFUSED;
    default:
        return EXIT_COULD_NOT;
    }
}

static int complain_of(const struct seal_program *program, struct gsakmp_client *client, int result)
{
    const char *words = gsakmp_client_text(client);

    fprintf(stderr, "%s: %s%s%s\n", program->name, gsakmp_result_text(result), *words ? ": " : "",
            words);
    return seal_program_code(result);
}

struct gsakmp_client *seal_program_agent(const struct seal_program *program, int *code)
{
    struct gsakmp_client *client;
    int result = gsakmp_client_open(&client, program->socket, program->group);

    if (result == GSAKMP_OK)
        result = gsakmp_client_wait(client, AGENT_MS);
    if (result == GSAKMP_OK)
        result = gsakmp_client_status(client);
    if (result == GSAKMP_OUT_OF_STEP)
        (void)seal_program_complain(program, gsakmp_result_text(result), 0);
    if (result >= 0)
        return client;
    *code = complain_of(program, client, result);
    gsakmp_client_close(client);
    return NULL;
}
