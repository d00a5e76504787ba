/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/gsakmpd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

        if (!gk_address_parse(text, GSAKMP_PORT, &address))
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "servers",
                             "group \"%s\": \"%s\" is no numeric address and port",
                             group->settings.title, text);
        if (!add_server(group, text, GSAKMP_PORT, transport && strcmp(transport, "tcp") == 0, why))
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

    if (!settings_group_read(&group->settings, daemon->base.path, section, why))
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
    if (!settings_rekey(group->settings.announcement, group->rekey, &group->rekey_count, why))
        return false;
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
    run_stop(daemon->base.run);
}

/* A round of all servers has failed. */
static void try_failed(void *context, const struct gk_notice *notice)
{
    struct gsakmpd *daemon = context;

    if (strcmp(notice->code, "back-off") == 0)
        run_stop(daemon->base.run);
}

static bool start_group(struct gsakmpd *daemon, struct gsakmpd_group *group, struct gk_reason *why)
{
    const char *interface = cfg_getstr(group->settings.section, "interface");
    struct gk_engine engine = member_engine(group->member);
    struct gk_now now = run_now();
    struct gk_turn turn = {0};

    for (size_t i = 0; i < group->rekey_count; i++) {
        if (gk_address_is_multicast(&group->rekey[i]) &&
            !run_join(daemon->base.run, &group->rekey[i], interface, why))
            return false;
    }
    group->host = run_host(daemon->base.run, &group->settings.policy.group, &engine);
    if (daemon->base.only) {
        run_on_keys(group->host, try_ended, daemon);
        run_on_notice(group->host, try_failed, daemon);
    }
    if (!cfg_getbool(group->settings.section, "join") && !daemon->base.only)
        return true;
    if (!member_join(group->member, &now, &turn, why)) {
        gk_turn_free(&turn);
        return false;
    }
    run_turn(group->host, &turn, NULL, NULL);
    return true;
}

static bool start(struct gsakmpd *daemon, struct gk_reason *why)
{
    struct run_config config = {0};
    struct run_control_config control = {
        .commands = gsakmpd_commands, .allow = gsakmpd_allow, .context = daemon};
    const char *bind = cfg_getstr(daemon->base.cfg, "bind");
    struct gk_address from;

    /* Without a port the system chooses one. */
    if (!gk_address_parse(bind, 1, &from))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "bind",
                         "%s: bind is \"%s\"; expected a numeric address, with or without a port",
                         daemon->base.path, bind);
    if (from.port == 1)
        from.port = 0;
    daemon_start(&daemon->base, &config);
    if (!run_bind(daemon->base.run, &from, why))
        return false;
    for (size_t i = 0; i < daemon->group_count; i++) {
        if (!start_group(daemon, &daemon->group[i], why))
            return false;
    }
    return daemon_control(&daemon->base, &control, why);
}

static bool wanted(const struct gsakmpd *daemon, cfg_t *section)
{
    return !daemon->base.only || strcmp(daemon->base.only, cfg_title(section)) == 0;
}

static bool read_groups(struct gsakmpd *daemon, struct gk_reason *why)
{
    unsigned groups;

    if (!daemon_read(&daemon->base, options, why))
        return false;
    groups = cfg_size(daemon->base.cfg, "group");
    if (groups > GSAKMPD_GROUPS)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "groups", "%s: more than %d groups",
                         daemon->base.path, GSAKMPD_GROUPS);
    for (unsigned i = 0; i < groups; i++) {
        cfg_t *section = cfg_getnsec(daemon->base.cfg, "group", i);

        if (wanted(daemon, section) && !configure_group(daemon, section, why))
            return false;
    }
    if (daemon->group_count)
        return true;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "groups",
                     daemon->base.only ? "%s: no group \"%.80s\""
                                       : "%s: no group; expected `group \"NAME\" { ... }`%s",
                     daemon->base.path, daemon->base.only ? daemon->base.only : "");
}

static int serve(struct gsakmpd *daemon)
{
    struct gk_reason why;
    int code;

    if (!read_groups(daemon, &why))
        return daemon_complain(&daemon->base, &why, settings_exit_code(&why));
    if (daemon->base.only_check) {
        for (size_t i = 0; i < daemon->group_count; i++)
            printf("group \"%s\": good\n", daemon->group[i].settings.title);
        return EXIT_GOOD;
    }
    daemon->try_code = EXIT_REFUSED;
    if (!start(daemon, &why))
        return daemon_complain(&daemon->base, &why, EXIT_COULD_NOT);
    code = daemon_loop(&daemon->base, daemon->group_count);
    return daemon->base.only && code == EXIT_GOOD ? daemon->try_code : code;
}

/* The runtime ends before the engines that it hosts, the settings after both. */
static void stop(struct gsakmpd *daemon)
{
    daemon_stop(&daemon->base);
    for (size_t i = 0; i < daemon->group_count; i++) {
        member_free(daemon->group[i].member);
        settings_group_free(&daemon->group[i].settings);
    }
    daemon_close(&daemon->base);
}

int main(int argc, char **argv)
{
    struct gsakmpd *daemon = gk_alloc(1, sizeof *daemon);
    int code;

    daemon->base.name = "gsakmpd";
    daemon->base.usage = usage;
    daemon->base.takes_try = true;
    if (daemon_arguments(&daemon->base, argc, argv, &code))
        code = serve(daemon);
    stop(daemon);
    free(daemon);
    return code;
}
