/* SPDX-License-Identifier: Apache-2.0 */
/* explain: what a certificate may be in the group, and by which rule. */
#include "token/program/explain.h"

#include <stdlib.h>
#include <string.h>

#include "roles/program/permissions.h"

/* --- the GC/KS's table of permissions --------------------------------------------------------- */

static int with_tokens(struct explain *explain, char **paths)
{
    struct gk_reason why = {0};
    int status = DONE;

    for (size_t i = 0; i < explain->token_count && status == DONE; i++) {
        if (explained_load(explain, &explain->token[i], paths[i], &why))
            continue;
        (void)complain_of(paths[i], &why);
        status = NOT_RUN;
    }
    if (status == DONE)
        status = explain->token_count == 2 ? explain_table(explain) : explain_one(explain);
    for (size_t i = 0; i < explain->token_count; i++)
        explained_free(&explain->token[i]);
    return status;
}

static int with_permissions(struct explain *explain, char **paths)
{
    cfg_opt_t options[] = {PERMISSIONS_SECTION, CFG_END()};
    struct rules_local *local = &explain->trust->policy.local;
    struct permissions *permissions;
    struct gk_reason why = {0};
    cfg_t *cfg;
    int status;

    if (!explain->permissions_file)
        return with_tokens(explain, paths);
    cfg = cfg_init(options, CFGF_NONE);
    cfg_setstr(cfg, PERMISSIONS_FILE, explain->permissions_file);
    permissions = permissions_new(cfg, ".", &why);
    if (permissions) {
        local->permissions = permissions_of;
        local->context = permissions;
        status = with_tokens(explain, paths);
        permissions_free(permissions);
    } else {
        complain("%s", why.text);
        status = NOT_RUN;
    }
    cfg_free(cfg);
    return status;
}

/* --- options ---------------------------------------------------------------------------------- */

enum { CHAIN = 1000, CERTS, PERMISSIONS, ALL };

static int take(struct explain *explain, int option, const char *value)
{
    struct gk_reason why = {0};
    int status = trust_take(explain->trust, &command_explain, option, value);

    if (status != TRUST_OTHER)
        return status;
    switch (option) {
    case 'C':
        explain->certificate = value;
        return DONE;
    case CHAIN:
        return load_certificates(value, &explain->chain, &why) ? DONE : complain_of(value, &why);
    case CERTS:
        explain->directory = value;
        return DONE;
    case PERMISSIONS:
        explain->permissions_file = value;
        return DONE;
    case ALL:
        explain->all = true;
        return DONE;
    default:
        explain->json = strcmp(value, "json") == 0;
        return explain->json || strcmp(value, "text") == 0
                   ? DONE
                   : misused(&command_explain, "%s is no format", value);
    }
}

static int check(const struct explain *explain)
{
    if (!explain->token_count || explain->token_count > 2)
        return misused(&command_explain, "one token is needed, or two");
    if (!explain->certificate == !explain->directory)
        return misused(&command_explain, "either --cert or --certs is needed");
    if (explain->directory && explain->token_count != 2)
        return misused(&command_explain, "--certs needs two tokens");
    if (!explain->trust->roots.count)
        return misused(&command_explain, "--root is needed");
    if (explain->trust->last && !explain->trust->owner)
        return misused(&command_explain, "--last needs --owner");
    return DONE;
}

static int explain_with(struct explain *explain, int argc, char **argv)
{
    static const struct option options[] = {TRUST_OPTIONS,
                                            {"cert", required_argument, NULL, 'C'},
                                            {"chain", required_argument, NULL, CHAIN},
                                            {"certs", required_argument, NULL, CERTS},
                                            {"permissions", required_argument, NULL, PERMISSIONS},
                                            {"all", no_argument, NULL, ALL},
                                            {"format", required_argument, NULL, 'f'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option;
    int status;

    while ((option = getopt_long(argc, argv, TRUST_SHORT "C:f:h", options, NULL)) != -1) {
        if (option == 'h')
            return help(&command_explain);
        if (take(explain, option, optarg) != DONE)
            return NOT_RUN;
    }
    explain->token_count = (size_t)(argc - optind);
    status = check(explain);
    if (status == DONE)
        status = trust_prepare(explain->trust, &command_explain);
    return status == DONE ? with_permissions(explain, argv + optind) : NOT_RUN;
}

static int run(int argc, char **argv)
{
    struct explain *explain = gk_alloc(1, sizeof *explain);
    int status;

    explain->trust = gk_alloc(1, sizeof *explain->trust);
    status = explain_with(explain, argc, argv);
    list_free(&explain->chain);
    trust_free(explain->trust);
    free(explain);
    return status;
}

const struct command command_explain = {
    "explain", "what a certificate may be in the group, and by which rule",
    "Usage: gsakmp-token explain --cert C [--chain F] --root CA [--owner DN] [--at TIME]\n"
    "           [--permissions FILE] [--format text|json] TOKEN\n"
    "       gsakmp-token explain --certs DIR [--chain F] --root CA [--all] ... OLD NEW\n"
    "Says what a certificate may be in the group, as the daemons decide: a member, by which\n"
    "mechanism, who may leave, a sender, a gCKS, a subordinate, who may rekey or end the\n"
    "group; each with the rule that says so or forbids it, or the one that came nearest.\n"
    "With two tokens: who of many gains and who loses what. A token is a policy source, DER,\n"
    "or signed; it is verified only where --owner says who has to have signed it.\n"
    "Exit status: 0 may join (or nobody gains or loses), 1 may not (or somebody does),\n"
    "2 could not run.\n\n"
    "  -C, --cert FILE         the certificate, and others of its path behind it\n"
    "      --certs DIR         all certificates in that folder\n"
    "      --chain FILE        intermediate certificates; may be repeated\n"
    "      --permissions FILE  who holds which permission levels, as gcksd.conf(5) has it\n"
    "      --all               also those who gain and lose nothing\n" TRUST_HELP
    "  -f, --format FORMAT     text (default), or json, as gsakmp-token-explain.schema.json\n"
    "                          describes it\n",
    run};
