/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/gcksd.h"

#include <limits.h>
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
                                    CFG_BOOL("rekey_to_announced", cfg_true, CFGF_NONE),
                                    PLACES_SECTION,
                                    CFG_BOOL("rekey_on_join", cfg_false, CFGF_NONE),
                                    CFG_INT("degree", 4, CFGF_NONE),
                                    CFG_INT("capacity", GK_LKH_CAPACITY, CFGF_NONE),
                                    CFG_INT("message_limit", 8192, CFGF_NONE),
                                    PERMISSIONS_SECTION,
                                    CFG_END()};

static cfg_opt_t options[] = {
    SETTINGS_GLOBAL,
    CFG_STR_LIST("listen", NULL, CFGF_NONE),
    CFG_INT("multicast_ttl", 1, CFGF_NONE),
    CFG_BOOL("multicast_loop", cfg_true, CFGF_NONE),
    CFG_INT("octets_a_second", 0, CFGF_NONE),
    CFG_SEC("group", group_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
    CFG_END()};

_Static_assert(GCKS_REKEY_ADDRESSES >= ANNOUNCEMENT_REKEYS, "all of an announcement fit");

/* By multicast, to members one by one, or both (profile 1.5). */
static bool rekey_addresses(const struct gcksd *daemon, struct gcksd_group *group,
                            struct gk_reason *why)
{
    group->config.rekey_to_members = cfg_getbool(group->settings.section, "rekey_to_members");
    if (!places_read(group->settings.section, daemon->base.path, &group->places, why))
        return false;
    group->config.rekey_address = group->places ? places_of : NULL;
    group->config.rekey_context = group->places;
    if (!settings_rekey(&group->settings, group->config.rekey, &group->config.rekey_count, why))
        return false;
    if (!cfg_getbool(group->settings.section, "rekey_to_announced"))
        group->config.rekey_count = 0;
    if (!group->config.rekey_count && !group->config.rekey_to_members && !group->places)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "rekey-nowhere",
                         "group \"%s\": %s; set rekey_to_members = true to send rekeys to each "
                         "member",
                         group->settings.title,
                         cfg_getbool(group->settings.section, "rekey_to_announced")
                             ? "the announcement names no rekey address"
                             : "rekeys go nowhere without rekey_to_announced");
    return true;
}

static bool configure_group(struct gcksd *daemon, struct gcksd_group *group, cfg_t *section,
                            struct gk_reason *why)
{
    struct gcks_config *config = &group->config;
    const char *file = daemon->base.path;
    long degree;
    long capacity;
    long limit;

    if (!settings_group_read(&group->settings, file, section, why) ||
        !settings_number(section, file, "degree", 2, 16, &degree, why) ||
        !settings_number(section, file, "capacity", 1, 0x7fffffff, &capacity, why) ||
        !settings_number(section, file, "message_limit", 1024, 60000, &limit, why))
        return false;
    group->permissions = permissions_new(section, daemon->base.path, why);
    if (!group->permissions)
        return false;
    group->settings.policy.local.permissions = permissions_of;
    group->settings.policy.local.context = group->permissions;
    config->policy = &group->settings.policy;
    config->random = &gk_random_system;
    config->credential_count = group->settings.credential_count;
    memcpy(config->credential, group->settings.credential, sizeof config->credential);
    config->degree = (unsigned)degree;
    config->capacity = (uint32_t)capacity;
    config->message_limit = (size_t)limit;
    config->rekey_on_join = cfg_getbool(section, "rekey_on_join");
    config->octets_a_second = daemon->config.octets_a_second;
    config->skew = group->settings.policy.skew;
    config->single_group = cfg_size(daemon->base.cfg, "group") == 1;
    return rekey_addresses(daemon, group, why);
}

/* Judges the token and builds the engine; what it wants done first waits for the start. */
static bool create_group(struct gcksd *daemon, struct gcksd_group *group, struct gk_reason *why)
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
        group->gcks =
            gcks_new(&group->config, gk_writer_octets(&token), &now, &group->first, &inner);
        if (!group->gcks)
            (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, inner.code, "%s: %.200s", path, inner.text);
    }
    gk_writer_free(&token);
    free(path);
    return group->gcks != NULL;
}

/* Where nothing is said, all addresses of either family. */
static const char *const everywhere[] = {"0.0.0.0:3761", "[::]:3761"};

static bool read_listen(struct gcksd *daemon, struct gk_reason *why)
{
    unsigned given = cfg_size(daemon->base.cfg, "listen");
    unsigned count = given ? given : sizeof everywhere / sizeof *everywhere;
    struct gk_reason inner;

    if (count > GCKSD_LISTEN)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "listen", "%s: listen has more than %d places",
                         daemon->base.path, GCKSD_LISTEN);
    for (unsigned i = 0; i < count; i++) {
        const char *text = given ? cfg_getnstr(daemon->base.cfg, "listen", i) : everywhere[i];

        if (!run_address_parse(text, GSAKMP_PORT, &daemon->listen[daemon->listen_count++], &inner))
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "listen", "%s: listen: %.180s",
                             daemon->base.path, inner.text);
    }
    return true;
}

static bool read_global(struct gcksd *daemon, struct gk_reason *why)
{
    cfg_t *cfg = daemon->base.cfg;
    const char *file = daemon->base.path;
    long ttl;
    long pace;

    if (!settings_number(cfg, file, "multicast_ttl", 1, 255, &ttl, why) ||
        !settings_number(cfg, file, "octets_a_second", 0, LONG_MAX, &pace, why))
        return false;
    daemon->config.multicast_ttl = (int)ttl;
    daemon->config.octets_a_second = (uint64_t)pace;
    daemon->config.multicast_loop = cfg_getbool(cfg, "multicast_loop");
    return read_listen(daemon, why);
}

static bool apart(const struct gcksd *daemon, const struct gcksd_group *group,
                  struct gk_reason *why)
{
    for (const struct gcksd_group *other = daemon->group; other < group; other++) {
        if (other->gcks && !settings_apart(&other->settings, &group->settings, why))
            return false;
    }
    return true;
}

/* One group that cannot be served does not keep the others from it. */
static void read_group(struct gcksd *daemon, struct gcksd_group *group, cfg_t *section)
{
    if (!configure_group(daemon, group, section, &group->refusal) ||
        !apart(daemon, group, &group->refusal) || !create_group(daemon, group, &group->refusal))
        daemon_group_refused(&daemon->base, cfg_title(section), &group->refusal);
}

static size_t served(const struct gcksd *daemon)
{
    size_t count = 0;

    for (size_t i = 0; i < daemon->group_count; i++)
        count += daemon->group[i].gcks != NULL;
    return count;
}

static bool read_groups(struct gcksd *daemon, struct gk_reason *why)
{
    unsigned groups = cfg_size(daemon->base.cfg, "group");

    if (!groups || groups > GCKSD_GROUPS)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "groups",
                         "%s: %u groups; expected 1 to %d `group \"NAME\" { ... }` sections",
                         daemon->base.path, groups, GCKSD_GROUPS);
    for (unsigned i = 0; i < groups; i++)
        read_group(daemon, &daemon->group[daemon->group_count++],
                   cfg_getnsec(daemon->base.cfg, "group", i));
    return daemon_groups_good(&daemon->base, groups, served(daemon), &daemon->group[0].refusal,
                              why);
}

/* Everything that the start would refuse of what is configured; nothing is opened yet. */
static bool build(struct gcksd *daemon, struct gk_reason *why)
{
    if (!read_global(daemon, why) || !read_groups(daemon, why))
        return false;
    daemon_start(&daemon->base, &daemon->config);
    return true;
}

/* One port number for UDP and TCP (profile 1.4). */
static bool listen_at(struct gcksd *daemon, const struct gk_address *address, struct gk_reason *why)
{
    return run_listen(daemon->base.run, address, GK_UDP, why) &&
           run_listen(daemon->base.run, address, GK_TCP, why);
}

/* A kernel without IPv6 is no reason not to serve by IPv4, unless IPv6 was asked for. */
static bool listen_all(struct gcksd *daemon, struct gk_reason *why)
{
    bool asked = cfg_size(daemon->base.cfg, "listen") != 0;

    for (size_t i = 0; i < daemon->listen_count; i++) {
        if (listen_at(daemon, &daemon->listen[i], why))
            continue;
        if (asked || daemon->listen[i].family != 6)
            return false;
        run_log_line(daemon->base.log, GK_NOTICE, "no-ipv6", "served by IPv4 only: %s", why->text);
    }
    return true;
}

/* --- local policy that changes ---------------------------------------------------------------- */

static bool read_permissions(void *context, struct gk_reason *why)
{
    struct gcksd_group *group = context;

    return permissions_read(group->permissions, why);
}

static bool take_permissions(void *context)
{
    struct gcksd_group *group = context;

    return permissions_take(group->permissions);
}

static void apply_policy(void *context)
{
    struct gcksd_group *group = context;
    struct gk_now now = run_now();
    struct gk_turn turn = {0};

    gcks_local_policy(group->gcks, group->settings.crls.at, group->settings.crls.count, &now,
                      &turn);
    run_turn(group->host, &turn, NULL, NULL);
}

static void reloads(struct gcksd *daemon, struct gcksd_group *group)
{
    group->reload = (struct reload){.daemon = &daemon->base,
                                    .settings = &group->settings,
                                    .more_file = PERMISSIONS_FILE,
                                    .read = read_permissions,
                                    .take = take_permissions,
                                    .apply = apply_policy,
                                    .context = group};
    reload_add(&daemon->base.reloads, &group->reload);
}

/* The doors first: a group is not created by a server that nobody can reach. */
static bool start(struct gcksd *daemon, struct gk_reason *why)
{
    struct run_control_config control = {.commands = gcksd_commands, .context = daemon};

    if (!listen_all(daemon, why) || !daemon_control(&daemon->base, &control, why))
        return false;
    for (size_t i = 0; i < daemon->group_count; i++) {
        struct gcksd_group *group = &daemon->group[i];
        struct gk_engine engine;

        if (!group->gcks)
            continue;
        engine = gcks_engine(group->gcks);
        group->host = run_host(daemon->base.run, &group->settings.policy.group, &engine);
        run_host_name(group->host, group->settings.title);
        group->events = (struct events){&daemon->base, group->settings.title, group};
        run_on_notice(group->host, gcksd_notice, group);
        run_turn(group->host, &group->first, NULL, NULL);
        reloads(daemon, group);
    }
    return true;
}

static void tell_group(const struct gcksd_group *group)
{
    char text[ANNOUNCEMENT_FINGERPRINT_TEXT];
    char stamp[GK_STAMP_SIZE + 1];
    struct gk_now now = run_now();
    struct gcks_status status;

    gcks_get_status(group->gcks, &now, &status);
    gk_stamp_format(status.signing_time, stamp);
    announcement_fingerprint(group->settings.announcement, text);
    printf("group \"%s\": good\n  token: edition %lld, signed %s\n  announcement: %s\n",
           group->settings.title, (long long)status.edition, stamp, text);
    daemon_tell_settings(&group->settings);
    for (size_t i = 0; i < group->first.notice_count; i++) {
        if (group->first.notices[i].level == GK_WARNING)
            printf("  warning: %s\n", group->first.notices[i].text);
    }
}

static int serve(struct gcksd *daemon)
{
    struct gk_reason why;

    if (!daemon_read(&daemon->base, options, &why))
        return daemon_complain(&daemon->base, &why, settings_exit_code(&why));
    if (!build(daemon, &why))
        return daemon_complain(&daemon->base, &why, EXIT_REFUSED);
    if (daemon->base.only_check) {
        for (size_t i = 0; i < daemon->group_count; i++) {
            if (daemon->group[i].gcks)
                tell_group(&daemon->group[i]);
        }
        return served(daemon) == daemon->group_count ? EXIT_GOOD : EXIT_REFUSED;
    }
    if (!start(daemon, &why))
        return daemon_complain(&daemon->base, &why, EXIT_COULD_NOT);
    return daemon_loop(&daemon->base, served(daemon));
}

/* The runtime ends before the engines that it hosts, the settings after both. */
static void stop(struct gcksd *daemon)
{
    daemon_stop(&daemon->base);
    for (size_t i = 0; i < daemon->group_count; i++) {
        gk_turn_free(&daemon->group[i].first);
        gcks_free(daemon->group[i].gcks);
        permissions_free(daemon->group[i].permissions);
        places_free(daemon->group[i].places);
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
