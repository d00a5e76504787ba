/* SPDX-License-Identifier: Apache-2.0 */
/* verify: judges a signed token as a daemon of this version would. */
#include "token/program/trust.h"
#include "token/program/verify-chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/digest.h"
#include "roles/load.h"
#include "token/name.h"
#include "token/der.h"

struct verify {
    const char *in;
    bool json;
    struct trust *trust;
};

/* Profile 11.19: what no CA of the path signed is ignored, and said. */
static void find_idle_crls(const struct verify *verify, struct loaded *loaded)
{
    for (size_t i = 0; loaded->owner && i < verify->trust->crls.count; i++) {
        if (!(loaded->owner->crls_signed >> i & 1))
            finding_add(&loaded->findings, "crl-ignored", finding_nowhere(),
                        "the revocation list number %zu is ignored, no CA of the path signed it",
                        i + 1);
    }
}

static void warn(const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->at[i];

        if (finding->rule->severity < FINDING_ERROR)
            complain("%s: %s (%s)", finding_severity_name(finding->rule->severity), finding->text,
                     finding->rule->id);
    }
}

static void tell(const struct loaded *loaded, struct gk_writer *to)
{
    char stamp[GK_STAMP_SIZE + 1];
    char edition[32] = "";
    char name[512];
    char *group = gk_hex(loaded->token->group_name);
    char *line;

    gk_stamp_format(loaded->mark.signing_time, stamp);
    if (loaded->mark.has_edition)
        (void)snprintf(edition, sizeof edition, ", edition %lld", (long long)loaded->mark.edition);
    line = gk_format("good: group %s%s, signed %s by %s\n", group, edition, stamp,
                     gk_escape(name, sizeof name, loaded->owner->name));
    gk_write_octets(to, gk_octets_of(line));
    free(line);
    free(group);
}

/* Warnings and refusal go to standard error besides; the chain is the result. */
static int report(const struct verify *verify, const struct chain_report *report)
{
    struct gk_reason why = {0};
    struct gk_writer text = {0};
    int status;

    if (verify->json)
        chain_json(report, &text);
    else
        chain_text(report, &text);
    if (report->good && !verify->json)
        tell(report->chain->tried, &text);
    status = deliver(NULL, gk_writer_octets(&text), &why);
    gk_writer_free(&text);
    warn(&report->chain->tried->findings);
    if (!report->good) {
        (void)complain_of(verify->in, report->why);
        return REFUSED;
    }
    return status;
}

static int judge(const struct verify *verify, struct gk_octets file, const struct load_mark *last)
{
    struct gk_reason why = {0};
    struct load_chain chain;
    struct loaded *loaded =
        load_token_chain(file, &verify->trust->policy, last, verify->trust->now, &chain, &why);
    int status;

    find_idle_crls(verify, chain.tried);
    status = report(verify, &(struct chain_report){.file = verify->in,
                                                   .good = loaded != NULL,
                                                   .chain = &chain,
                                                   .why = &why,
                                                   .last = last});
    load_chain_free(&chain);
    load_unref(loaded);
    return status;
}

static int judge_after(const struct verify *verify, struct gk_octets file)
{
    struct gk_reason why = {0};

    if (trust_last(verify->trust, &why))
        return judge(verify, file, &verify->trust->mark);
    (void)complain_of(verify->trust->last, &why);
    return NOT_RUN;
}

/* What has no group is refused before it would be compared with the last. */
static int verify_file(const struct verify *verify)
{
    struct gk_reason why = {0};
    struct gk_secret file = {0};
    bool known;
    int status;

    if (!load_file(verify->in, &file, &why))
        return complain_of(verify->in, &why);
    known = trust_group(verify->trust, gk_secret_octets(&file), &why);
    status = known && verify->trust->last ? judge_after(verify, gk_secret_octets(&file))
                                          : judge(verify, gk_secret_octets(&file), NULL);
    gk_secret_free(&file);
    return status;
}

/* --- options ------------------------------------------------------------------------ */

static int take(struct verify *verify, int option, const char *value)
{
    int status = trust_take(verify->trust, &command_verify, option, value);

    if (status != TRUST_OTHER)
        return status;
    verify->json = strcmp(value, "json") == 0;
    return verify->json || strcmp(value, "text") == 0
               ? DONE
               : misused(&command_verify, "%s is no format", value);
}

static int verify_with(struct verify *verify, int argc, char **argv)
{
    static const struct option options[] = {TRUST_OPTIONS,
                                            {"format", required_argument, NULL, 'f'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option;
    int status;

    while ((option = getopt_long(argc, argv, TRUST_SHORT "f:h", options, NULL)) != -1) {
        if (option == 'h')
            return help(&command_verify);
        if (take(verify, option, optarg) != DONE)
            return NOT_RUN;
    }
    if (argc - optind != 1 || !verify->trust->owner || !verify->trust->roots.count)
        return misused(&command_verify, "--owner, --root and one token are needed");
    verify->in = argv[optind];
    status = trust_prepare(verify->trust, &command_verify);
    return status == DONE ? verify_file(verify) : status;
}

static int run(int argc, char **argv)
{
    struct verify verify = {.trust = gk_alloc(1, sizeof *verify.trust)};
    int status = verify_with(&verify, argc, argv);

    trust_free(verify.trust);
    return status;
}

const struct command command_verify = {
    "verify", "judge a signed token as a member would",
    "Usage: gsakmp-token verify --owner DN --root CA [--crl F] [--last PREV.pt] [--at TIME]\n"
    "           [--format text|json] TOKEN.pt\n"
    "Judges a signed token as the daemons of this version do, and says of each step what was\n"
    "found: form, signer, path, owner, age, content. A step below a bad one is not "
    "judged.\n\n" TRUST_HELP
    "  -f, --format FORMAT     text (default), or json, as gsakmp-token-verify.schema.json\n"
    "                          describes it\n",
    run};
