/* SPDX-License-Identifier: Apache-2.0 */
/* verify: judges a signed token as a daemon of this version would. */
#include "token/program/program.h"
#include "token/program/verify-chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/digest.h"
#include "roles/load.h"
#include "token/name.h"
#include "token/der.h"

#define SKEW 300 /* wire profile 4.7 */

struct verify {
    const char *owner, *owner_ca, *owner_cert, *last, *at, *in;
    bool tolerate_suite_1, json;
    struct list roots, crls;
    struct gk_octets root[LIST_MAX], crl[LIST_MAX];
    struct load_policy policy;
    gk_time now;
};

/* The token names its group: whose it is follows from the owner. A name that no Group ID holds
 * is left for load_token to refuse. */
static bool group_of(struct gk_octets content, struct gk_group *group, struct gk_reason *why)
{
    struct token *token = token_from_der(content, why);

    if (!token)
        return false;
    *group = (struct gk_group){.type = 2};
    if (token->group_name.size && token->group_name.size <= sizeof group->value) {
        group->size = (uint8_t)token->group_name.size;
        memcpy(group->value, token->group_name.data, group->size);
    }
    token_free(token);
    return true;
}

static bool open_envelope(struct gk_octets file, struct cms *cms, struct gk_reason *why)
{
    return cms_verify(cms, file, why) ||
           token_kind_explain(file, TOKEN_KIND_SIGNED, "a signed token", why);
}

/* The last token's mark; one of another group or owner, or without a good signature, means
 * that the question cannot be asked (profile 11.19). */
static bool mark_of(const struct verify *verify, struct gk_octets file, struct load_mark *mark,
                    struct gk_reason *why)
{
    struct gk_writer name = {0};
    struct gk_group group;
    struct token *token;
    struct cms cms;
    bool same;

    if (!open_envelope(file, &cms, why) || !group_of(cms.content, &group, why))
        return false;
    same = name_of_certificate(cms.signer, &name, NULL) &&
           name_equal(gk_writer_octets(&name), verify->policy.owner) &&
           gk_octets_equal(gk_group_value(&group), gk_group_value(&verify->policy.group));
    gk_writer_free(&name);
    if (!same)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-last",
                         "%s: the token is of another group or owner", verify->last);
    token = token_from_der(cms.content, why);
    if (!token)
        return false;
    *mark = (struct load_mark){true, token->has_edition, token->edition, cms.signing_time, {0}};
    token_free(token);
    gk_sha256(file, mark->hash);
    return true;
}

/* Profile 11.19: what no CA of the path signed is ignored, and said. */
static void find_idle_crls(const struct verify *verify, struct loaded *loaded)
{
    for (size_t i = 0; loaded->owner && i < verify->crls.count; i++) {
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
        load_token_chain(file, &verify->policy, last, verify->now, &chain, &why);
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

static int judge_after(struct verify *verify, struct gk_octets file)
{
    struct gk_reason why = {0};
    struct gk_secret before = {0};
    struct load_mark mark;
    int status = NOT_RUN;

    if (load_file(verify->last, &before, &why) &&
        mark_of(verify, gk_secret_octets(&before), &mark, &why))
        status = judge(verify, file, &mark);
    else
        (void)complain_of(verify->last, &why);
    gk_secret_free(&before);
    return status;
}

/* What has no group is refused before it would be compared with the last. */
static int verify_file(struct verify *verify)
{
    struct gk_reason why = {0};
    struct gk_secret file = {0};
    struct cms cms;
    bool known;
    int status;

    if (!load_file(verify->in, &file, &why))
        return complain_of(verify->in, &why);
    known = cms_verify(&cms, gk_secret_octets(&file), &why) &&
            group_of(cms.content, &verify->policy.group, &why);
    status = known && verify->last ? judge_after(verify, gk_secret_octets(&file))
                                   : judge(verify, gk_secret_octets(&file), NULL);
    gk_secret_free(&file);
    return status;
}

/* --- options ------------------------------------------------------------------------ */

/* An owner is one somebody: no value of its name is a lone star (profile 11.7, 11.19). */
static bool has_wildcard(const char *name)
{
    for (const char *at = strstr(name, "=*"); at; at = strstr(at + 1, "=*")) {
        if (!at[2] || strchr(",+", at[2]))
            return true;
    }
    return false;
}

static int take(struct verify *verify, int option, const char *value)
{
    struct gk_reason why = {0};

    switch (option) {
    case 'w':
        verify->owner = value;
        return DONE;
    case 'A':
        verify->owner_ca = value;
        return DONE;
    case 'C':
        verify->owner_cert = value;
        return DONE;
    case 'l':
        verify->last = value;
        return DONE;
    case 'a':
        verify->at = value;
        return DONE;
    case 'f':
        verify->json = strcmp(value, "json") == 0;
        return verify->json || strcmp(value, "text") == 0
                   ? DONE
                   : misused(&command_verify, "%s is no format", value);
    case '1':
        verify->tolerate_suite_1 = true;
        return DONE;
    case 'r':
        return load_certificates(value, &verify->roots, &why) ? DONE : complain_of(value, &why);
    case 'c':
        return load_crls(value, &verify->crls, &why) ? DONE : complain_of(value, &why);
    default:
        return misused(&command_verify, "an option is wrong");
    }
}

/* The first certificate of a file. */
static bool first_of(const char *path, struct gk_secret *to, struct gk_reason *why)
{
    struct list list = {0};
    bool good = load_certificates(path, &list, why);

    if (good)
        *to = gk_secret_copy(gk_secret_octets(&list.value[0]));
    list_free(&list);
    return good;
}

/* What tells owners of one name apart (profile 4.8). */
static bool pin_owner(struct verify *verify, struct gk_reason *why)
{
    struct load_policy *policy = &verify->policy;
    struct gk_secret certificate = {0};
    bool good = true;

    if (verify->owner_ca) {
        good = first_of(verify->owner_ca, &certificate, why) &&
               pki_key_id_of(gk_secret_octets(&certificate), policy->owner_ca, why);
        policy->has_owner_ca = true;
        gk_secret_free(&certificate);
    }
    if (good && verify->owner_cert) {
        good = first_of(verify->owner_cert, &certificate, why);
        gk_sha256(gk_secret_octets(&certificate), policy->owner_fingerprint);
        policy->has_owner_fingerprint = true;
        gk_secret_free(&certificate);
    }
    return good;
}

static int prepare(struct verify *verify)
{
    struct gk_writer key = {0};
    struct gk_reason why = {0};
    bool is_name = name_key(gk_octets_of(verify->owner), &key, &why);

    gk_writer_free(&key);
    if (!is_name)
        return misused(&command_verify, "--owner: %s", why.text);
    if (has_wildcard(verify->owner))
        return misused(&command_verify, "--owner takes no wildcard");
    if (!current_time(verify->at, &verify->now, &why))
        return misused(&command_verify, "%s", why.text);
    if (verify->roots.count > 1 && !verify->owner_ca && !verify->owner_cert)
        return misused(&command_verify, "with several roots the owner's name alone does not tell "
                                        "who it is, --owner-ca or --owner-cert is needed");
    if (!pin_owner(verify, &why))
        return misused(&command_verify, "%s", why.text);
    list_octets(&verify->roots, verify->root);
    list_octets(&verify->crls, verify->crl);
    verify->policy.owner = gk_octets_of(verify->owner);
    verify->policy.trust = (struct pki_trust){.roots = verify->root,
                                              .root_count = verify->roots.count,
                                              .crls = verify->crl,
                                              .crl_count = verify->crls.count,
                                              .tolerate_sha1 = verify->tolerate_suite_1};
    verify->policy.local.tolerate_suite_1 = verify->tolerate_suite_1;
    verify->policy.skew = SKEW;
    return DONE;
}

static int verify_with(struct verify *verify, int argc, char **argv)
{
    static const struct option options[] = {{"owner", required_argument, NULL, 'w'},
                                            {"owner-ca", required_argument, NULL, 'A'},
                                            {"owner-cert", required_argument, NULL, 'C'},
                                            {"root", required_argument, NULL, 'r'},
                                            {"crl", required_argument, NULL, 'c'},
                                            {"last", required_argument, NULL, 'l'},
                                            {"at", required_argument, NULL, 'a'},
                                            {"format", required_argument, NULL, 'f'},
                                            {"tolerate-suite-1", no_argument, NULL, '1'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option;
    int status;

    while ((option = getopt_long(argc, argv, "r:c:l:a:f:h", options, NULL)) != -1) {
        if (option == 'h')
            return help(&command_verify);
        status = take(verify, option, optarg);
        if (status != DONE)
            return NOT_RUN;
    }
    if (argc - optind != 1 || !verify->owner || !verify->roots.count)
        return misused(&command_verify, "--owner, --root and one token are needed");
    verify->in = argv[optind];
    status = prepare(verify);
    return status == DONE ? verify_file(verify) : status;
}

static int run(int argc, char **argv)
{
    struct verify *verify = gk_alloc(1, sizeof *verify);
    int status = verify_with(verify, argc, argv);

    list_free(&verify->roots);
    list_free(&verify->crls);
    free(verify);
    return status;
}

const struct command command_verify = {
    "verify", "judge a signed token as a member would",
    "Usage: gsakmp-token verify --owner DN --root CA [--crl F] [--last PREV.pt] [--at TIME]\n"
    "           [--format text|json] TOKEN.pt\n"
    "Judges a signed token as the daemons of this version do, and says of each step what was\n"
    "found: form, signer, path, owner, age, content. A step below a bad one is not judged.\n\n"
    "      --owner DN          the Group Owner, as \"CN=Owner,O=Acme,C=US\"; no wildcards\n"
    "  -r, --root FILE         trusted roots, PEM or DER; may be repeated\n"
    "      --owner-ca FILE     certificate of the authority that issued the owner's; this or\n"
    "                          the next is needed with several roots\n"
    "      --owner-cert FILE   the owner's certificate itself\n"
    "  -c, --crl FILE          revocation lists, PEM or DER; may be repeated\n"
    "  -l, --last FILE         the token accepted before: an older one is refused\n"
    "  -a, --at TIME           judge as of then, 20260101000000Z or RFC 3339\n"
    "  -f, --format FORMAT     text (default), or json, as gsakmp-token-verify.schema.json\n"
    "                          describes it\n"
    "      --tolerate-suite-1  local policy tolerates Suite 1 and SHA-1\n",
    run};
