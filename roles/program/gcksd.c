/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/gcksd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/run/file.h"

static const char usage[] =
    "Usage: gcksd -c FILE [--check]\n"
    "Run the group controller and key server (GC/KS) of GSAKMP groups.\n"
    "\n"
    "  -c, --config FILE  the configuration, see gcksd.conf(5)\n"
    "      --check        judge configuration, keys and tokens, start nothing\n"
    "      --help         show this and end\n"
    "      --version      show the version and end\n"
    "\n"
    "Exit: 0 ended cleanly or all is good, 1 a setting, key or token is refused,\n"
    "2 could not run.\n";

static cfg_opt_t group_options[] = {SETTINGS_GROUP,
                                    CFG_STR("token", NULL, CFGF_NONE),
                                    CFG_BOOL("rekey_to_members", cfg_false, CFGF_NONE),
                                    CFG_BOOL("rekey_on_join", cfg_false, CFGF_NONE),
                                    CFG_INT("degree", 4, CFGF_NONE),
                                    CFG_INT("capacity", GK_LKH_CAPACITY, CFGF_NONE),
                                    CFG_INT("message_limit", 8192, CFGF_NONE),
                                    CFG_END()};

static cfg_opt_t options[] = {SETTINGS_GLOBAL,
                              CFG_STR_LIST("listen", NULL, CFGF_NONE),
                              CFG_INT("multicast_ttl", 1, CFGF_NONE),
                              CFG_BOOL("multicast_loop", cfg_true, CFGF_NONE),
                              CFG_INT("octets_a_second", 0, CFGF_NONE),
                              CFG_SEC("group", group_options, CFGF_MULTI | CFGF_TITLE),
                              CFG_END()};

_Static_assert(GCKS_REKEY_ADDRESSES >= ANNOUNCEMENT_REKEYS, "all of an announcement fit");

static bool rekey_addresses(struct gcksd_group *group, struct gk_reason *why)
{
    if (!settings_rekey(group->settings.announcement, group->config.rekey,
                        &group->config.rekey_count, why))
        return false;
    if (!group->config.rekey_count && !group->config.rekey_to_members)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "rekey-nowhere",
                         "group \"%s\": the announcement names no rekey address; set "
                         "rekey_to_members = true to send rekeys to each member",
                         group->settings.title);
    return true;
}

static bool ranged(cfg_t *section, const char *option, long least, long most, long *value,
                   struct gk_reason *why)
{
    *value = cfg_getint(section, option);
    if (*value >= least && *value <= most)
        return true;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "configuration",
                     "group \"%s\": %s is %ld; expected %ld to %ld", cfg_title(section), option,
                     *value, least, most);
}

static bool configure_group(struct gcksd *daemon, cfg_t *section, struct gk_reason *why)
{
    struct gcksd_group *group = &daemon->group[daemon->group_count++];
    struct gcks_config *config = &group->config;
    long degree;
    long capacity;
    long limit;

    if (!settings_group_read(&group->settings, daemon->base.path, section, why) ||
        !ranged(section, "degree", 2, 16, &degree, why) ||
        !ranged(section, "capacity", 1, 0x7fffffff, &capacity, why) ||
        !ranged(section, "message_limit", 1024, 60000, &limit, why))
        return false;
    config->policy = &group->settings.policy;
    config->random = &gk_random_system;
    config->credential_count = 1;
    config->credential[0] = (struct gcks_credential){
        &group->settings.signer, group->settings.certificate, group->settings.certificate_count};
    config->degree = (unsigned)degree;
    config->capacity = (uint32_t)capacity;
    config->message_limit = (size_t)limit;
    config->rekey_on_join = cfg_getbool(section, "rekey_on_join");
    config->rekey_to_members = cfg_getbool(section, "rekey_to_members");
    config->skew = group->settings.policy.skew;
    config->single_group = cfg_size(daemon->base.cfg, "group") == 1;
    return rekey_addresses(group, why);
}

static bool create_group(struct gcksd *daemon, struct gcksd_group *group, struct gk_turn *turn,
                         struct gk_reason *why)
{
    const char *name = cfg_getstr(group->settings.section, "token");
    struct gk_now now = run_now();
    struct gk_writer token = {0};
    struct gk_reason inner;
    char *path;

    if (!name)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "token-missing",
                         "group \"%s\" has no token; give the signed token of the group owner",
                         group->settings.title);
    path = settings_path(daemon->base.path, name);
    if (run_file_read(path, TOKEN_MAX, &token, why)) {
        group->gcks = gcks_new(&group->config, gk_writer_octets(&token), &now, turn, &inner);
        if (!group->gcks)
            (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, inner.code, "%s: %.200s", path, inner.text);
    }
    gk_writer_free(&token);
    free(path);
    return group->gcks != NULL;
}

static bool listen_all(struct gcksd *daemon, struct gk_reason *why)
{
    unsigned count = cfg_size(daemon->base.cfg, "listen");

    for (unsigned i = 0; i < (count ? count : 1); i++) {
        const char *text = count ? cfg_getnstr(daemon->base.cfg, "listen", i) : "0.0.0.0:3761";
        struct gk_address address;

        if (!gk_address_parse(text, GSAKMP_PORT, &address))
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "listen",
                             "%s: listen is \"%s\"; expected a numeric address and port such as "
                             "192.0.2.1:3761",
                             daemon->base.path, text);
        /* One port number for UDP and TCP (profile 1.4). */
        if (!run_listen(daemon->base.run, &address, GK_UDP, why) ||
            !run_listen(daemon->base.run, &address, GK_TCP, why))
            return false;
    }
    return true;
}

static bool start(struct gcksd *daemon, struct gk_reason *why)
{
    struct run_config config = {
        .multicast_ttl = (int)cfg_getint(daemon->base.cfg, "multicast_ttl"),
        .multicast_loop = cfg_getbool(daemon->base.cfg, "multicast_loop"),
        .octets_a_second = (uint64_t)cfg_getint(daemon->base.cfg, "octets_a_second"),
    };
    struct run_control_config control = {.commands = gcksd_commands, .context = daemon};

    daemon_start(&daemon->base, &config);
    for (size_t i = 0; i < daemon->group_count; i++) {
        struct gcksd_group *group = &daemon->group[i];
        const char *interface = cfg_getstr(group->settings.section, "interface");
        struct gk_turn turn = {0};
        struct gk_engine engine;

        if (!create_group(daemon, group, &turn, why) ||
            (interface && !run_multicast_by(daemon->base.run, interface, why))) {
            gk_turn_free(&turn);
            return false;
        }
        engine = gcks_engine(group->gcks);
        group->host = run_host(daemon->base.run, &group->settings.policy.group, &engine);
        run_turn(group->host, &turn, NULL, NULL);
    }
    return listen_all(daemon, why) && daemon_control(&daemon->base, &control, why);
}

/* Everything that would be refused at the start, without starting. */
static int check(struct gcksd *daemon)
{
    struct gk_reason why;

    for (size_t i = 0; i < daemon->group_count; i++) {
        struct gk_turn turn = {0};
        bool good = create_group(daemon, &daemon->group[i], &turn, &why);

        gk_turn_free(&turn);
        if (!good)
            return daemon_complain(&daemon->base, &why, EXIT_REFUSED);
        printf("group \"%s\": good\n", daemon->group[i].settings.title);
    }
    return EXIT_GOOD;
}

static bool read_groups(struct gcksd *daemon, struct gk_reason *why)
{
    unsigned groups;

    if (!daemon_read(&daemon->base, options, why))
        return false;
    groups = cfg_size(daemon->base.cfg, "group");
    if (!groups || groups > GCKSD_GROUPS)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "groups",
                         "%s: %u groups; expected 1 to %d `group \"NAME\" { ... }` sections",
                         daemon->base.path, groups, GCKSD_GROUPS);
    for (unsigned i = 0; i < groups; i++) {
        if (!configure_group(daemon, cfg_getnsec(daemon->base.cfg, "group", i), why))
            return false;
    }
    return true;
}

static int serve(struct gcksd *daemon)
{
    struct gk_reason why;

    if (!read_groups(daemon, &why))
        return daemon_complain(&daemon->base, &why, settings_exit_code(&why));
    if (daemon->base.only_check)
        return check(daemon);
    if (!start(daemon, &why))
        return daemon_complain(&daemon->base, &why, EXIT_COULD_NOT);
    return daemon_loop(&daemon->base, daemon->group_count);
}

/* The runtime ends before the engines that it hosts, the settings after both. */
static void stop(struct gcksd *daemon)
{
    daemon_stop(&daemon->base);
    for (size_t i = 0; i < daemon->group_count; i++) {
        gcks_free(daemon->group[i].gcks);
        settings_group_free(&daemon->group[i].settings);
    }
    daemon_close(&daemon->base);
}

int main(int argc, char **argv)
{
    struct gcksd *daemon = gk_alloc(1, sizeof *daemon);
    int code;

    daemon->base.name = "gcksd";
    daemon->base.usage = usage;
    if (daemon_arguments(&daemon->base, argc, argv, &code))
        code = serve(daemon);
    stop(daemon);
    free(daemon);
    return code;
}
