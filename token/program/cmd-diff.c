/* SPDX-License-Identifier: Apache-2.0 */
/* diff: what changes in policy from one token to another. */
#include "token/program/program.h"

#include <stdlib.h>
#include <string.h>

#include "token/diff-json.h"
#include "token/diff.h"
#include "token/program/either.h"
#include "token/json.h"

static json_t *side_json(const struct either *side)
{
    char path[1024];
    char name[1024];
    char stamp[GK_STAMP_SIZE + 1];
    char *group = gk_hex(side->token->group_name);
    json_t *json;

    gk_stamp_format(side->signing_time, stamp);
    json = json_pack(
        "{s:s, s:s, s:o, s:b, s:o, s:o, s:b}", "file",
        gk_escape(path, sizeof path, gk_octets_of(side->path)), "group", group, "edition",
        side->token->has_edition ? json_integer(side->token->edition) : json_null(), "signed",
        side->is_signed, "signer",
        side->is_signed ? json_string(gk_escape(name, sizeof name, gk_writer_octets(&side->signer)))
                        : json_null(),
        "signing-time", side->is_signed ? json_string(stamp) : json_null(), "verified",
        side->verified);
    free(group);
    return json;
}

static void write_json(const struct either *old, const struct either *new,
                       const struct token_diff *diff, struct gk_writer *to)
{
    json_t *root = json_pack("{s:o, s:o}", "old", side_json(old), "new", side_json(new));
    json_t *rest = token_diff_json(diff);

    if (!root || json_object_update(root, rest) < 0)
        abort(); /* out of memory: sizes are bounded */
    json_decref(rest);
    token_json_write(root, 2, to);
}

static void write_text(const struct either *old, const struct either *new,
                       const struct token_diff *diff, struct gk_writer *to)
{
    char *old_name = either_name(old);
    char *new_name = either_name(new);

    token_diff_text(diff, old_name, new_name, to);
    free(old_name);
    free(new_name);
}

static int tell(const struct either *old, const struct either *new, bool json)
{
    struct token_diff *diff = token_diff(old->token, new->token);
    struct gk_reason why = {0};
    struct gk_writer to = {0};
    int status;

    (json ? write_json : write_text)(old, new, diff, &to);
    status = deliver(NULL, gk_writer_octets(&to), &why);
    if (status == DONE && !token_diff_none(diff))
        status = REFUSED;
    gk_writer_free(&to);
    token_diff_free(diff);
    return status;
}

static int compare(struct trust *trust, char *const path[2], bool json)
{
    struct either side[2] = {{0}, {0}};
    struct gk_reason why = {0};
    int status = NOT_RUN;
    bool good = true;

    for (int i = 0; i < 2 && good; i++) {
        if (either_load(&side[i], path[i], &why) && either_verify(&side[i], trust, &why))
            continue;
        (void)complain_of(path[i], &why);
        good = false;
    }
    if (good)
        status = tell(&side[0], &side[1], json);
    either_free(&side[0]);
    either_free(&side[1]);
    return status;
}

static int diff_with(struct trust *trust, int argc, char **argv)
{
    static const struct option options[] = {TRUST_OPTIONS,
                                            {"format", required_argument, NULL, 'f'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    bool json = false;
    int option;
    int status;

    while ((option = getopt_long(argc, argv, TRUST_SHORT "f:h", options, NULL)) != -1) {
        if (option == 'h')
            return help(&command_diff);
        status = trust_take(trust, &command_diff, option, optarg);
        if (status == DONE)
            continue;
        if (status != TRUST_OTHER)
            return NOT_RUN;
        json = strcmp(optarg, "json") == 0;
        if (!json && strcmp(optarg, "text") != 0)
            return misused(&command_diff, "%s is no format", optarg);
    }
    if (argc - optind != 2)
        return misused(&command_diff, "two files are needed");
    if (!trust->owner != !trust->roots.count || (trust->last && !trust->owner))
        return misused(&command_diff, "--owner and --root are needed together");
    if (trust_prepare(trust, &command_diff) != DONE)
        return NOT_RUN;
    return compare(trust, argv + optind, json);
}

static int run(int argc, char **argv)
{
    struct trust *trust = gk_alloc(1, sizeof *trust);
    int status = diff_with(trust, argc, argv);

    trust_free(trust);
    return status;
}

const struct command command_diff = {
    "diff", "what changes in policy from one token to another",
    "Usage: gsakmp-token diff [--owner DN --root CA] [--format text|json] OLD NEW\n"
    "Says what changes in policy when NEW takes the place of OLD: who is newly admitted,\n"
    "excluded or in charge, which mechanisms are weaker or stronger, what else is another.\n"
    "Each may be a policy source, a token or a signed token. Signed ones are verified only\n"
    "where --owner says who has to have signed them.\n"
    "Exit status: 0 the same policy, 1 another, 2 could not run.\n\n" TRUST_HELP
    "  -f, --format FORMAT   text (default), or json, as\n"
    "                        gsakmp-token-diff.schema.json describes it\n",
    run};
