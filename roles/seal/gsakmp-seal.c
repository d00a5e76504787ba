/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "roles/seal/program.h"

static const char usage[] =
    "Usage: gsakmp-seal [-s SOCKET] [-g GROUP] [-k KEYID] [--cbc] [-o OUT] [FILE]\n"
    "Seal a file under the key of a GSAKMP group, for all its members.\n"
    "\n"
    "  -s, --socket SOCKET  the agent's control socket [" GSAKMP_AGENT_SOCKET "]\n"
    "  -g, --group GROUP    the group, by its name in the agent's configuration [the only one]\n"
    "  -k, --key KEYID      the group's key, 8 hexadecimal digits [the policy's for encryption]\n"
    "      --cbc            EnvelopedData with AES-CBC, which proves nothing, for readers that\n"
    "                       know no AuthEnvelopedData\n"
    "  -o, --output OUT     where to [standard output]\n"
    "      --help           show this and end\n"
    "      --version        show the version and end\n"
    "\n"
    "FILE, or standard input, has at most 64 MiB. The output is CMS in DER, see\n"
    "gsakmp-seal(1).\n"
    "\n"
    "Exit: 0 sealed, 1 refused, 2 could not run.\n";

/* The first that the policy names for encryption; 0, the first of all, when none is. */
static uint32_t policy_key(struct gsakmp_client *client, const struct gsakmp_policy *policy)
{
    struct gsakmp_data data;

    for (size_t i = 0; i < policy->data_count; i++) {
        if (gsakmp_client_data(client, i, &data) == GSAKMP_OK && data.encryption)
            return data.encryption;
    }
    return 0;
}

static int fetch(const struct seal_program *program, struct gsakmp_client *client,
                 struct gsakmp_key *key)
{
    struct gsakmp_policy policy;
    int result = gsakmp_client_policy(client, &policy);

    if (result >= 0 && !policy.may_send) {
        fprintf(stderr, "%s: the group's policy does not let this host send: %s\n", program->name,
                gsakmp_client_rule(client));
        return EXIT_REFUSED;
    }
    if (result >= 0)
        result = gsakmp_client_send_key(
            client, program->key_id ? program->key_id : policy_key(client, &policy), key);
    return result >= 0 ? EXIT_GOOD
                       : seal_program_complain(program, gsakmp_result_text(result),
                                               seal_program_code(result));
}

static int seal(const struct seal_program *program, struct gsakmp_client *client,
                struct gk_octets plain)
{
    struct gsakmp_key key;
    struct gk_writer sealed = {0};
    struct gk_reason why;
    int code = fetch(program, client, &key);

    if (code == EXIT_GOOD) {
        struct seal_key kek = {key.id, key.handle, key.type, gk_octets(key.octets, key.size)};

        if (!seal_make(&kek, program->cbc, &gk_random_system, plain, &sealed, &why))
            code = seal_program_complain(program, why.text, EXIT_REFUSED);
        else
            code = seal_program_write(program, gk_writer_octets(&sealed), 0666);
    }
    gsakmp_key_wipe(&key);
    gk_writer_free(&sealed);
    return code;
}

int main(int argc, char **argv)
{
    struct seal_program program = {.name = "gsakmp-seal", .usage = usage, .seals = true};
    struct gsakmp_client *client;
    struct gk_writer plain = {0};
    int code;

    if (!seal_program_options(&program, argc, argv, &code))
        return code;
    code = EXIT_COULD_NOT;
    if (seal_program_read(&program, &plain)) {
        client = seal_program_agent(&program, &code);
        if (client)
            code = seal(&program, client, gk_writer_octets(&plain));
        gsakmp_client_close(client);
    }
    gk_writer_free(&plain);
    return code;
}
