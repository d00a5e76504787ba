/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_SEAL_PROGRAM_H
#define ROLES_SEAL_PROGRAM_H
/* What gsakmp-seal and gsakmp-open share: options, whole inputs and outputs, the agent. */
#include "roles/client/gsakmp-client.h"
#include "roles/seal/seal.h"

/* Exit codes of all programs. */
enum { EXIT_GOOD = 0, EXIT_REFUSED = 1, EXIT_COULD_NOT = 2 };

struct seal_program {
    const char *name;
    const char *usage;
    bool seals;
    /* options */
    const char *socket, *group, *output, *input;
    bool cbc;
    uint32_t key_id; /* 0: the policy's */
};

/* False when the program is to end now, with *code. */
bool seal_program_options(struct seal_program *program, int argc, char **argv, int *code);
/* Says why on standard error, and returns `code`. */
int seal_program_complain(const struct seal_program *program, const char *text, int code);
/* The input, whole and at most ENVELOPE_MAX octets; false after a complaint. */
bool seal_program_read(const struct seal_program *program, struct gk_writer *to);
/* All of it or nothing; the exit code. */
int seal_program_write(const struct seal_program *program, struct gk_octets octets, unsigned mode);
/* Follows the group and waits for the agent's answer. NULL after a complaint, with *code. */
struct gsakmp_client *seal_program_agent(const struct seal_program *program, int *code);
/* The code for what the agent's library says. */
int seal_program_code(int result);

#endif
