/* SPDX-License-Identifier: Apache-2.0 */
/* compile: a policy source becomes the DER of a token. */
#include "token/program/program.h"

static int compile(const char *in, const char *out)
{
    struct gk_reason why = {0};
    struct gk_writer der = {0};
    int status;

    if (!output_is_apart(out, &in, 1, &why))
        return complain_of(out, &why);
    if (der_of(in, &der, &why))
        status = deliver(out, gk_writer_octets(&der), &why);
    else
        status = complain_of(in, &why);
    gk_writer_free(&der);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *out = NULL;
    int option;

    while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
        if (option == 'h')
            return help(&command_compile);
        if (option != 'o')
            return misused(&command_compile, "an option is wrong");
        out = optarg;
    }
    if (argc - optind != 1 || !out)
        return misused(&command_compile, "one source and -o are needed");
    return compile(argv[optind], out);
}

const struct command command_compile = {
    "compile", "policy source to token (DER)",
    "Usage: gsakmp-token compile IN.xml -o OUT.der\n"
    "Reads a policy source, gsakmp-policy(5), and writes the token that it says, not signed.\n"
    "The same source gives the same octets everywhere.\n\n"
    "  -o, --output FILE   where the token goes; - is standard output\n",
    run};
