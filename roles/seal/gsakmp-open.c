/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "roles/seal/program.h"

static const char usage[] =
    "Usage: gsakmp-open [-s SOCKET] [-g GROUP] [--cbc] [-o OUT] [FILE]\n"
    "Open a file that was sealed under the key of a GSAKMP group.\n"
    "\n"
    "  -s, --socket SOCKET  the agent's control socket [" GSAKMP_AGENT_SOCKET "]\n"
    "  -g, --group GROUP    the group, by its name in the agent's configuration [the only one]\n"
    "      --cbc            open EnvelopedData with AES-CBC too, which proves nothing: whoever "
    "saw\n"
    "                       a sealed file and knows what it says can make one that opens\n"
    "  -o, --output OUT     where to, readable by this user alone [standard output]\n"
    "      --help           show this and end\n"
    "      --version        show the version and end\n"
    "\n"
    "FILE, or standard input, is CMS in DER, see gsakmp-open(1). Nothing is written unless all\n"
    "of it is good.\n"
    "\n"
    "Exit: 0 opened, 1 refused, 2 could not run.\n";

/* Names what was sealed for, when no key of this host fits. */
static int no_key(const struct seal_program *program, const struct envelope *envelope, int result)
{
    fprintf(stderr,
            "%s: this host holds none of the keys that it was sealed under (%s):", program->name,
            gsakmp_result_text(result));
    for (size_t i = 0; i < envelope->recipient_count; i++)
        fprintf(stderr, " %08lx %08lx", (unsigned long)envelope->recipient[i].id,
                (unsigned long)envelope->recipient[i].handle);
    fputc('\n', stderr);
    return seal_program_code(result);
}

static int open_by(const struct seal_program *program, const struct envelope *envelope,
                   const struct envelope_recipient *recipient, const struct gsakmp_key *key)
{
    struct seal_key kek = {key->id, key->handle, key->type, gk_octets(key->octets, key->size)};
    struct gk_secret plain;
    struct gk_reason why;
    int code;

    if (!seal_open(envelope, recipient, &kek, &plain, &why))
        return seal_program_complain(program, why.text, EXIT_REFUSED);
    if (!envelope->authenticated)
        (void)seal_program_complain(
            program, "warning: AES-CBC proves neither who sealed it nor that it is unchanged", 0);
    code = seal_program_write(program, gk_secret_octets(&plain), 0600);
    gk_secret_free(&plain);
    return code;
}

/* Anybody can say CBC of what was sealed with GCM, and choose what comes out when he knows some of
 * it: so the form is the reader's choice, not the file's (RFC 9709 1.1 has the attack). */
static bool takes_form(const struct seal_program *program, const struct envelope *envelope)
{
    if (envelope->authenticated || program->cbc)
        return true;
    (void)seal_program_complain(program,
                                "it is EnvelopedData with AES-CBC, which proves nothing and which "
                                "a stranger can make of a sealed file; --cbc opens it all the same",
                                0);
    return false;
}

static int open_file(const struct seal_program *program, struct gsakmp_client *client,
                     const struct envelope *envelope)
{
    struct gsakmp_key key;
    int result = GSAKMP_E_NO_KEY;
    int code;

    for (size_t i = 0; i < envelope->recipient_count; i++) {
        const struct envelope_recipient *recipient = &envelope->recipient[i];

        result = gsakmp_client_receive_key(client, recipient->id, recipient->handle, &key);
        if (result < 0)
            continue;
        code = open_by(program, envelope, recipient, &key);
        gsakmp_key_wipe(&key);
        return code;
    }
    return no_key(program, envelope, result);
}

int main(int argc, char **argv)
{
    struct seal_program program = {.name = "gsakmp-open", .usage = usage};
    struct gsakmp_client *client;
    struct gk_writer sealed = {0};
    struct envelope envelope;
    struct gk_reason why;
    int code;

    if (!seal_program_options(&program, argc, argv, &code))
        return code;
    code = EXIT_COULD_NOT;
    if (seal_program_read(&program, &sealed)) {
        if (!envelope_read(gk_writer_octets(&sealed), &envelope, &why)) {
            code = seal_program_complain(&program, why.text, EXIT_REFUSED);
        } else if (!takes_form(&program, &envelope)) {
            code = EXIT_REFUSED;
        } else if ((client = seal_program_agent(&program, &code))) {
            code = open_file(&program, client, &envelope);
            gsakmp_client_close(client);
        }
    }
    gk_writer_free(&sealed);
    return code;
}
