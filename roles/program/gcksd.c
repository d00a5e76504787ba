/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/gcksd.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "gsakmp/run/file.h"
#include "gsakmp/run/secure.h"

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

static int complain(const struct gk_reason *why, int code)
{
    fprintf(stderr, "gcksd: %s\n", why->text);
    return code;
}

static bool rekey_addresses(struct gcksd_group *group, struct gk_reason *why)
{
    const struct announcement *from = group->settings.announcement;

    for (size_t i = 0; i < from->rekey_count && i < GCKS_REKEY_ADDRESSES; i++) {
        if (!settings_resolve(from->rekey[i].address, from->rekey[i].port,
                              &group->config.rekey[group->config.rekey_count++], why))
            return false;
    }
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

    if (!settings_group_read(&group->settings, daemon->path, section, why) ||
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
    config->single_group = cfg_size(daemon->cfg, "group") == 1;
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
    path = settings_path(daemon->path, name);
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
    unsigned count = cfg_size(daemon->cfg, "listen");

    for (unsigned i = 0; i < (count ? count : 1); i++) {
        const char *text = count ? cfg_getnstr(daemon->cfg, "listen", i) : "0.0.0.0:3761";
        struct gk_address address;

        if (!gk_address_parse(text, 3761, &address))
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "listen",
                             "%s: listen is \"%s\"; expected a numeric address and port such as "
                             "192.0.2.1:3761",
                             daemon->path, text);
        /* One port number for UDP and TCP (profile 1.4). */
        if (!run_listen(daemon->run, &address, GK_UDP, why) ||
            !run_listen(daemon->run, &address, GK_TCP, why))
            return false;
    }
    return true;
}

static bool open_control(struct gcksd *daemon, struct gk_reason *why)
{
    const char *name = cfg_getstr(daemon->cfg, "control");
    struct run_control_config config = {.commands = gcksd_commands, .context = daemon};
    char *path;

    if (!name)
        return true;
    if (!settings_mode(cfg_getstr(daemon->cfg, "control_mode"), &config.mode, why))
        return false;
    path = settings_path(daemon->path, name);
    config.path = path;
    daemon->control = run_control_open(daemon->run, &config, why);
    free(path);
    return daemon->control != NULL;
}

static bool start(struct gcksd *daemon, struct gk_reason *why)
{
    struct run_config config = {
        .log = daemon->log,
        .store = daemon->store,
        .multicast_ttl = (int)cfg_getint(daemon->cfg, "multicast_ttl"),
        .multicast_loop = cfg_getbool(daemon->cfg, "multicast_loop"),
        .octets_a_second = (uint64_t)cfg_getint(daemon->cfg, "octets_a_second"),
    };

    daemon->run = run_new(&config);
    for (size_t i = 0; i < daemon->group_count; i++) {
        struct gcksd_group *group = &daemon->group[i];
        const char *interface = cfg_getstr(group->settings.section, "interface");
        struct gk_turn turn = {0};
        struct gk_engine engine;

        if (!create_group(daemon, group, &turn, why) ||
            (interface && !run_multicast_by(daemon->run, interface, why))) {
            gk_turn_free(&turn);
            return false;
        }
        engine = gcks_engine(group->gcks);
        group->host = run_host(daemon->run, &group->settings.policy.group, &engine);
        run_turn(group->host, &turn, NULL, NULL);
    }
    return listen_all(daemon, why) && open_control(daemon, why) &&
           settings_become(daemon->cfg, why);
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
            return complain(&why, EXIT_REFUSED);
        printf("group \"%s\": good\n", daemon->group[i].settings.title);
    }
    return EXIT_GOOD;
}

static void stop(struct gcksd *daemon)
{
    if (daemon->control)
        run_control_close(daemon->control);
    if (daemon->run)
        run_free(daemon->run);
    for (size_t i = 0; i < daemon->group_count; i++) {
        gcks_free(daemon->group[i].gcks);
        settings_group_free(&daemon->group[i].settings);
    }
    if (daemon->store)
        daemon->store->close(daemon->store);
    if (daemon->log)
        run_log_close(daemon->log);
    if (daemon->cfg)
        cfg_free(daemon->cfg);
}

static bool read_settings(struct gcksd *daemon, struct gk_reason *why)
{
    struct settings_log log;
    unsigned groups;

    daemon->cfg = settings_read(daemon->path, options, why);
    if (!daemon->cfg || !settings_log_read(daemon->cfg, daemon->path, &log, why))
        return false;
    daemon->log = run_log_open("gcksd", log.file, log.form, log.level, 20, why);
    daemon->store = run_store_memory();
    groups = cfg_size(daemon->cfg, "group");
    if (!groups || groups > GCKSD_GROUPS)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "groups",
                         "%s: %u groups; expected 1 to %d `group \"NAME\" { ... }` sections",
                         daemon->path, groups, GCKSD_GROUPS);
    for (unsigned i = 0; i < groups; i++) {
        if (!configure_group(daemon, cfg_getnsec(daemon->cfg, "group", i), why))
            return false;
    }
    return daemon->log != NULL;
}

static int serve(struct gcksd *daemon, bool only_check)
{
    struct gk_reason why;

    run_secure_json();
    if (!run_secure_process(false, &why))
        return complain(&why, EXIT_COULD_NOT);
    if (!read_settings(daemon, &why))
        return complain(&why, settings_exit_code(&why));
    if (only_check)
        return check(daemon);
    if (!start(daemon, &why))
        return complain(&why, EXIT_COULD_NOT);
    run_log_line(daemon->log, GK_NOTICE, "started", "gcksd %s serves %zu group%s", PACKAGE_VERSION,
                 daemon->group_count, daemon->group_count == 1 ? "" : "s");
    return run_loop(daemon->run) == 0 ? EXIT_GOOD : EXIT_COULD_NOT;
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {{"config", required_argument, NULL, 'c'},
                                                 {"check", no_argument, NULL, 'k'},
                                                 {"help", no_argument, NULL, 'h'},
                                                 {"version", no_argument, NULL, 'v'},
                                                 {NULL, 0, NULL, 0}};
    struct gcksd *daemon = gk_alloc(1, sizeof *daemon);
    bool only_check = false;
    int option;
    int code;

    while ((option = getopt_long(argc, argv, "c:", long_options, NULL)) != -1) {
        if (option == 'c') {
            daemon->path = optarg;
        } else if (option == 'k') {
            only_check = true;
        } else if (option == 'h') {
            fputs(usage, stdout);
            free(daemon);
            return EXIT_GOOD;
        } else if (option == 'v') {
            puts("gcksd (gsakmp) " PACKAGE_VERSION);
            free(daemon);
            return EXIT_GOOD;
        } else {
            free(daemon);
            return EXIT_COULD_NOT;
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
