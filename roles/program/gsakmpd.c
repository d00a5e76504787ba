/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/gsakmpd.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "gsakmp/run/secure.h"

static const char usage[] =
    "Usage: gsakmpd -c FILE [--check | --try GROUP]\n"
    "Run this host's member agent for GSAKMP groups.\n"
    "\n"
    "  -c, --config FILE  the configuration, see gsakmpd.conf(5)\n"
    "      --check        judge configuration, keys and announcements, start nothing\n"
    "      --try GROUP    join this group once, say how it went, leave\n"
    "      --help         show this and end\n"
    "      --version      show the version and end\n"
    "\n"
    "Exit: 0 ended cleanly, all is good, or the group was joined; 1 a setting or key is\n"
    "refused, or the group was not joined; 2 could not run.\n";

static cfg_opt_t group_options[] = {SETTINGS_GROUP,
                                    CFG_STR("mechanism", NULL, CFGF_NONE),
                                    CFG_STR_LIST("servers", NULL, CFGF_NONE),
                                    CFG_STR("transport", NULL, CFGF_NONE),
                                    CFG_STR_LIST("users", NULL, CFGF_NONE),
                                    CFG_INT("rtj_tries", 4, CFGF_NONE),
                                    CFG_INT("rtj_every_ms", 5000, CFGF_NONE),
                                    CFG_INT("back_off_ms", 60000, CFGF_NONE),
                                    CFG_BOOL("join", cfg_true, CFGF_NONE),
                                    CFG_END()};

static cfg_opt_t options[] = {SETTINGS_GLOBAL, CFG_STR("bind", "0.0.0.0", CFGF_NONE),
                              CFG_SEC("group", group_options, CFGF_MULTI | CFGF_TITLE), CFG_END()};

static int complain(const struct gk_reason *why, int code)
{
    fprintf(stderr, "gsakmpd: %s\n", why->text);
    return code;
}

static bool add_server(struct gsakmpd_group *group, const char *host, uint16_t port, bool tcp,
                       struct gk_reason *why)
{
    struct gk_peer *server = &group->config.server[group->config.server_count];

    if (group->config.server_count == MEMBER_SERVERS)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "servers", "more than %d servers",
                         MEMBER_SERVERS);
    server->transport = tcp ? GK_TCP : GK_UDP;
    group->config.server_count++;
    return settings_resolve(host, port, &server->address, why);
}

static bool servers(struct gsakmpd_group *group, struct gk_reason *why)
{
    const struct announcement *from = group->settings.announcement;
    const char *transport = cfg_getstr(group->settings.section, "transport");

    if (transport && strcmp(transport, "udp") != 0 && strcmp(transport, "tcp") != 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "transport",
                         "group \"%s\": transport is \"%s\"; expected \"udp\" or \"tcp\"",
                         group->settings.title, transport);
    for (unsigned i = 0; i < cfg_size(group->settings.section, "servers"); i++) {
        const char *text = cfg_getnstr(group->settings.section, "servers", i);
        struct gk_address address;

        if (!gk_address_parse(text, 3761, &address))
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "servers",
                             "group \"%s\": \"%s\" is no numeric address and port",
                             group->settings.title, text);
        if (!add_server(group, text, 3761, transport && strcmp(transport, "tcp") == 0, why))
            return false;
    }
    if (group->config.server_count)
        return true;
    for (size_t i = 0; i < from->server_count; i++) {
        bool tcp = transport ? strcmp(transport, "tcp") == 0 : from->server[i].tcp;

        if (!add_server(group, from->server[i].host, from->server[i].port, tcp, why))
            return false;
    }
    return true;
}

static bool mechanism(struct gsakmpd_group *group, struct gk_reason *why)
{
    const char *name = cfg_getstr(group->settings.section, "mechanism");
    const struct gk_suite *suite = name ? gk_suite_named(name) : NULL;

    if (name && !suite)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "mechanism",
                         "group \"%s\": no suite is named \"%s\"", group->settings.title, name);
    group->config.mechanism = suite ? suite->mechanism : group->settings.announcement->mechanism;
    return true;
}

static bool configure_group(struct gsakmpd *daemon, cfg_t *section, struct gk_reason *why)
{
    struct gsakmpd_group *group = &daemon->group[daemon->group_count++];
    struct member_config *config = &group->config;
    long tries = cfg_getint(section, "rtj_tries");
    long every = cfg_getint(section, "rtj_every_ms");
    long back_off = cfg_getint(section, "back_off_ms");

    if (!settings_group_read(&group->settings, daemon->path, section, why))
        return false;
    if (tries < 1 || tries > 4 || every < 100 || every > 600000 || back_off < 1 ||
        back_off > 3600000)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "configuration",
                         "group \"%s\": rtj_tries is 1 to 4, rtj_every_ms 100 to 600000, "
                         "back_off_ms 1 to 3600000",
                         group->settings.title);
    config->policy = &group->settings.policy;
    config->random = &gk_random_system;
    config->signer = &group->settings.signer;
    config->certificates = group->settings.certificate;
    config->certificate_count = group->settings.certificate_count;
    config->rtj_tries = (unsigned)tries;
    config->rtj_every_ms = every;
    config->back_off_ms = back_off;
    config->skew = group->settings.policy.skew;
    for (size_t i = 0; i < group->settings.announcement->rekey_count; i++) {
        const struct announcement_rekey *rekey = &group->settings.announcement->rekey[i];

        if (!settings_resolve(rekey->address, rekey->port, &group->rekey[group->rekey_count++],
                              why))
            return false;
    }
    if (!servers(group, why) || !mechanism(group, why))
        return false;
    group->member = member_new(config, why);
    return group->member != NULL;
}

/* --- --try ------------------------------------------------------------------------- */

static void try_ended(void *context)
{
    struct gsakmpd *daemon = context;
    struct member_status status;

    member_get_status(daemon->group[0].member, &status);
    if (status.state == MEMBER_WAIT_EVENT) {
        daemon->try_code = EXIT_GOOD;
        printf("joined \"%s\": token edition %lld, member %u\n", daemon->group[0].settings.title,
               (long long)status.edition, status.member_id);
    }
    run_stop(daemon->run);
}

/* A round of all servers has failed. */
static void try_failed(void *context, const struct gk_notice *notice)
{
    struct gsakmpd *daemon = context;

    if (strcmp(notice->code, "back-off") == 0)
        run_stop(daemon->run);
}

static bool start_group(struct gsakmpd *daemon, struct gsakmpd_group *group, struct gk_reason *why)
{
    const char *interface = cfg_getstr(group->settings.section, "interface");
    struct gk_engine engine = member_engine(group->member);
    struct gk_now now = run_now();
    struct gk_turn turn = {0};

    for (size_t i = 0; i < group->rekey_count; i++) {
        if (gk_address_is_multicast(&group->rekey[i]) &&
            !run_join(daemon->run, &group->rekey[i], interface, why))
            return false;
    }
    group->host = run_host(daemon->run, &group->settings.policy.group, &engine);
    if (daemon->only) {
        run_on_keys(group->host, try_ended, daemon);
        run_on_notice(group->host, try_failed, daemon);
    }
    if (!cfg_getbool(group->settings.section, "join") && !daemon->only)
        return true;
    if (!member_join(group->member, &now, &turn, why)) {
        gk_turn_free(&turn);
        return false;
    }
    run_turn(group->host, &turn, NULL, NULL);
    return true;
}

static bool open_control(struct gsakmpd *daemon, struct gk_reason *why)
{
    const char *name = cfg_getstr(daemon->cfg, "control");
    struct run_control_config config = {
        .commands = gsakmpd_commands, .allow = gsakmpd_allow, .context = daemon};
    char *path;

    if (!name || daemon->only)
        return true;
    if (!settings_mode(cfg_getstr(daemon->cfg, "control_mode"), &config.mode, why))
        return false;
    path = settings_path(daemon->path, name);
    config.path = path;
    daemon->control = run_control_open(daemon->run, &config, why);
    free(path);
    return daemon->control != NULL;
}

static bool start(struct gsakmpd *daemon, struct gk_reason *why)
{
    struct run_config config = {.log = daemon->log, .store = daemon->store};
    const char *bind = cfg_getstr(daemon->cfg, "bind");
    struct gk_address from;

    /* Without a port the system chooses one. */
    if (!gk_address_parse(bind, 1, &from))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "bind",
                         "%s: bind is \"%s\"; expected a numeric address, with or without a port",
                         daemon->path, bind);
    if (from.port == 1)
        from.port = 0;
    daemon->run = run_new(&config);
    if (!run_bind(daemon->run, &from, why))
        return false;
    for (size_t i = 0; i < daemon->group_count; i++) {
        if (!start_group(daemon, &daemon->group[i], why))
            return false;
    }
    return open_control(daemon, why) && settings_become(daemon->cfg, why);
}

static void stop(struct gsakmpd *daemon)
{
    if (daemon->control)
        run_control_close(daemon->control);
    if (daemon->run)
        run_free(daemon->run);
    for (size_t i = 0; i < daemon->group_count; i++) {
        member_free(daemon->group[i].member);
        settings_group_free(&daemon->group[i].settings);
    }
    if (daemon->store)
        daemon->store->close(daemon->store);
    if (daemon->log)
        run_log_close(daemon->log);
    if (daemon->cfg)
        cfg_free(daemon->cfg);
}

static bool wanted(const struct gsakmpd *daemon, cfg_t *section)
{
    return !daemon->only || strcmp(daemon->only, cfg_title(section)) == 0;
}

static bool read_settings(struct gsakmpd *daemon, struct gk_reason *why)
{
    struct settings_log log;
    unsigned groups;

    daemon->cfg = settings_read(daemon->path, options, why);
    if (!daemon->cfg || !settings_log_read(daemon->cfg, daemon->path, &log, why))
        return false;
    daemon->log =
        run_log_open("gsakmpd", daemon->only ? NULL : log.file, log.form, log.level, 20, why);
    daemon->store = run_store_memory();
    groups = cfg_size(daemon->cfg, "group");
    if (groups > GSAKMPD_GROUPS)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "groups", "%s: more than %d groups",
                         daemon->path, GSAKMPD_GROUPS);
    for (unsigned i = 0; i < groups; i++) {
        cfg_t *section = cfg_getnsec(daemon->cfg, "group", i);

        if (wanted(daemon, section) && !configure_group(daemon, section, why))
            return false;
    }
    if (!daemon->group_count)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "groups",
                         daemon->only ? "%s: no group \"%.80s\""
                                      : "%s: no group; expected `group \"NAME\" { ... }`%s",
                         daemon->path, daemon->only ? daemon->only : "");
    return daemon->log != NULL;
}

static int serve(struct gsakmpd *daemon, bool only_check)
{
    struct gk_reason why;
    int code;

    run_secure_json();
    if (!run_secure_process(false, &why))
        return complain(&why, EXIT_COULD_NOT);
    if (!read_settings(daemon, &why))
        return complain(&why, settings_exit_code(&why));
    if (only_check) {
        for (size_t i = 0; i < daemon->group_count; i++)
            printf("group \"%s\": good\n", daemon->group[i].settings.title);
        return EXIT_GOOD;
    }
    if (!start(daemon, &why))
        return complain(&why, EXIT_COULD_NOT);
    if (!daemon->only)
        run_log_line(daemon->log, GK_NOTICE, "started", "gsakmpd %s, %zu group%s", PACKAGE_VERSION,
                     daemon->group_count, daemon->group_count == 1 ? "" : "s");
    daemon->try_code = EXIT_REFUSED;
    code = run_loop(daemon->run) == 0 ? EXIT_GOOD : EXIT_COULD_NOT;
    return daemon->only && code == EXIT_GOOD ? daemon->try_code : code;
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, 'k'},
        {"try", required_argument, NULL, 't'},    {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},      {NULL, 0, NULL, 0}};
    struct gsakmpd *daemon = gk_alloc(1, sizeof *daemon);
    bool only_check = false;
    int option;
    int code;

    while ((option = getopt_long(argc, argv, "c:", long_options, NULL)) != -1) {
        if (option == 'c') {
            daemon->path = optarg;
        } else if (option == 'k') {
            only_check = true;
        } else if (option == 't') {
            daemon->only = optarg;
        } else {
            if (option == 'h')
                fputs(usage, stdout);
            if (option == 'v')
                puts("gsakmpd (gsakmp) " PACKAGE_VERSION);
            free(daemon);
            return option == '?' ? EXIT_COULD_NOT : EXIT_GOOD;
        }
    }
    if (!daemon->path || optind != argc) {
        fputs(usage, stderr);
        free(daemon);
        return EXIT_COULD_NOT;
    }
    code = serve(daemon, only_check);
    stop(daemon);
    free(daemon);
    return code;
}
