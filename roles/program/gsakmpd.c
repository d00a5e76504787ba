/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/gsakmpd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "token/mechanism.h"

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
                                    CFG_INT("overlap", 30, CFGF_NONE),
                                    CFG_INT("activation", 5, CFGF_NONE),
                                    CFG_STR_LIST("hook", NULL, CFGF_NONE),
                                    CFG_INT("hook_seconds", 10, CFGF_NONE),
                                    CFG_END()};

static cfg_opt_t options[] = {
    SETTINGS_GLOBAL, CFG_STR("bind", "0.0.0.0", CFGF_NONE),
    CFG_SEC("group", group_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES), CFG_END()};

static struct gk_address *add_server(struct gsakmpd_group *group, bool tcp, struct gk_reason *why)
{
    struct gk_peer *server = &group->config.server[group->config.server_count];

    if (group->config.server_count == MEMBER_SERVERS) {
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "servers", "more than %d servers",
                        MEMBER_SERVERS);
        return NULL;
    }
    server->transport = tcp ? GK_TCP : GK_UDP;
    group->config.server_count++;
    return &server->address;
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
        struct gk_address *address =
            add_server(group, transport && strcmp(transport, "tcp") == 0, why);
        struct gk_reason inner;

        if (!address)
            return false;
        if (!run_address_parse(text, GSAKMP_PORT, address, &inner))
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "servers",
                             "group \"%.60s\": servers: %.180s", group->settings.title, inner.text);
    }
    if (group->config.server_count)
        return true;
    for (size_t i = 0; i < from->server_count; i++) {
        bool tcp = transport ? strcmp(transport, "tcp") == 0 : from->server[i].tcp;
        struct gk_address *address = add_server(group, tcp, why);

        if (!address || !settings_resolve(group->settings.title, "server", from->server[i].host,
                                          from->server[i].port, address, why))
            return false;
    }
    return true;
}

static bool can_use(const struct settings_group *settings, const struct gk_mechanism *mechanism)
{
    bool has_key = false;

    for (size_t i = 0; i < settings->credential_count; i++)
        has_key |= settings->signer[i].type == mechanism->signature;
    return has_key && rules_locally_allowed(&settings->policy.local, mechanism, NULL);
}

/* The announcement's; where keys or `mechanisms` rule that out, the first that they do not. */
static void choose_mechanism(struct gsakmpd_group *group)
{
    const struct settings_group *settings = &group->settings;
    const struct rules_local *local = &settings->policy.local;

    group->config.mechanism = settings->announcement->mechanism;
    for (size_t i = local->mechanism_count; i > 0; i--) {
        if (!can_use(settings, &settings->announcement->mechanism) &&
            can_use(settings, &local->mechanisms[i - 1]))
            group->config.mechanism = local->mechanisms[i - 1];
    }
}

static bool mechanism(struct gsakmpd_group *group, struct gk_reason *why)
{
    const char *text = cfg_getstr(group->settings.section, "mechanism");
    struct gk_reason inner;

    choose_mechanism(group);
    return !text || token_mechanism_parse(text, &group->config.mechanism, &inner) ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "mechanism", "group \"%.60s\": %.180s",
                     group->settings.title, inner.text);
}

static bool configure_group(struct gsakmpd *daemon, struct gsakmpd_group *group, cfg_t *section,
                            struct gk_reason *why)
{
    struct member_config *config = &group->config;
    const char *file = daemon->base.path;
    struct gk_reason inner;
    long tries;
    long every;
    long back_off;

    if (!settings_group_read(&group->settings, file, section, why) ||
        !settings_number(section, file, "rtj_tries", 1, 4, &tries, why) ||
        !settings_number(section, file, "rtj_every_ms", 100, 600000, &every, why) ||
        !settings_number(section, file, "back_off_ms", 1, 3600000, &back_off, why) ||
        !consumers_read(&group->consumers, &group->settings, file, why))
        return false;
    config->policy = &group->settings.policy;
    config->random = &gk_random_system;
    config->credential_count = group->settings.credential_count;
    memcpy(config->credential, group->settings.credential, sizeof config->credential);
    config->rtj_tries = (unsigned)tries;
    config->rtj_every_ms = every;
    config->back_off_ms = back_off;
    config->skew = group->settings.policy.skew;
    if (!settings_rekey(&group->settings, group->rekey, &group->rekey_count, why))
        return false;
    if (!servers(group, why) || !mechanism(group, why))
        return false;
    group->member = member_new(config, &inner);
    return group->member || gk_refuse(why, inner.notification, GK_NO_OFFSET, inner.code,
                                      "group \"%.60s\": %.180s", group->settings.title, inner.text);
}

static void refuse_group(struct gsakmpd *daemon, struct gsakmpd_group *group)
{
    member_free(group->member);
    group->member = NULL;
    daemon_group_refused(&daemon->base, group->settings.title, &group->refusal);
}

static size_t good_groups(const struct gsakmpd *daemon)
{
    size_t count = 0;

    for (size_t i = 0; i < daemon->group_count; i++)
        count += daemon->group[i].member != NULL;
    return count;
}

static bool some_good(const struct gsakmpd *daemon, struct gk_reason *why)
{
    return daemon_groups_good(&daemon->base, daemon->group_count, good_groups(daemon),
                              &daemon->group[0].refusal, why);
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
    struct member_status status;

    if (strcmp(notice->code, "back-off") != 0)
        return;
    member_get_status(daemon->group[0].member, &status);
    fprintf(stderr, "gsakmpd: \"%s\" was not joined: %s\n", daemon->group[0].settings.title,
            status.refusal);
    run_stop(daemon->base.run);
}

static void apply_policy(void *context)
{
    struct gsakmpd_group *group = context;
    struct gk_now now = run_now();
    struct gk_turn turn = {0};

    member_local_policy(group->member, group->settings.crls.at, group->settings.crls.count, &now,
                        &turn);
    run_turn(group->host, &turn, NULL, NULL);
}

static void reloads(struct gsakmpd *daemon, struct gsakmpd_group *group)
{
    group->reload = (struct reload){.daemon = &daemon->base,
                                    .settings = &group->settings,
                                    .apply = apply_policy,
                                    .context = group};
    reload_add(&daemon->base.reloads, &group->reload);
}

static bool start_group(struct gsakmpd *daemon, struct gsakmpd_group *group, struct gk_reason *why)
{
    struct gk_engine engine = member_engine(group->member);
    struct gk_now now = run_now();
    struct gk_turn turn = {0};
    struct gk_reason inner;

    for (size_t i = 0; i < group->rekey_count; i++) {
        if (gk_address_is_multicast(&group->rekey[i]) &&
            !run_join(daemon->base.run, &group->rekey[i], &inner))
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, inner.code, "group \"%.60s\": %.180s",
                             group->settings.title, inner.text);
    }
    group->host = run_host(daemon->base.run, &group->settings.policy.group, &engine);
    run_host_name(group->host, group->settings.title);
    group->events = (struct events){&daemon->base, group->settings.title, group};
    consumers_start(&group->consumers, daemon->base.run, group->host, group->member,
                    &group->events);
    reloads(daemon, group);
    if (daemon->base.only) {
        run_on_keys(group->host, try_ended, daemon);
        run_on_notice(group->host, try_failed, daemon);
    }
    if (!cfg_getbool(group->settings.section, "join") && !daemon->base.only)
        return true;
    if (!member_join(group->member, &now, &turn, why)) /* the engine is hosted: it stays */
        run_log_line(daemon->base.log, GK_ERROR, why->code, "%s", why->text);
    run_turn(group->host, &turn, NULL, NULL);
    return true;
}

static void stopping(void *context)
{
    struct gsakmpd *daemon = context;

    for (size_t i = 0; i < daemon->group_count; i++)
        consumers_stop(&daemon->group[i].consumers);
}

static bool start(struct gsakmpd *daemon, struct gk_reason *why)
{
    struct run_control_config control = {
        .commands = gsakmpd_commands, .allow = gsakmpd_allow, .context = daemon};

    run_on_stop(daemon->base.run, stopping, daemon);
    if (!run_bind(daemon->base.run, &daemon->bind, why))
        return false;
    for (size_t i = 0; i < daemon->group_count; i++) {
        struct gsakmpd_group *group = &daemon->group[i];

        if (group->member && !start_group(daemon, group, &group->refusal))
            refuse_group(daemon, group);
    }
    return some_good(daemon, why) && daemon_control(&daemon->base, &control, why);
}

static bool read_bind(struct gsakmpd *daemon, struct gk_reason *why)
{
    const char *bind = cfg_getstr(daemon->base.cfg, "bind");

    struct gk_reason inner;

    /* Without a port the system chooses one. */
    if (!run_address_parse(bind, 1, &daemon->bind, &inner))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "bind", "%s: bind: %.180s", daemon->base.path,
                         inner.text);
    if (daemon->bind.port == 1)
        daemon->bind.port = 0;
    return true;
}

static bool wanted(const struct gsakmpd *daemon, cfg_t *section)
{
    return !daemon->base.only || strcmp(daemon->base.only, cfg_title(section)) == 0;
}

static bool apart(const struct gsakmpd *daemon, const struct gsakmpd_group *group,
                  struct gk_reason *why)
{
    for (const struct gsakmpd_group *other = daemon->group; other < group; other++) {
        if (other->member && !settings_apart(&other->settings, &group->settings, why))
            return false;
    }
    return true;
}

/* One group that cannot be joined does not keep the others from it. */
static void add_group(struct gsakmpd *daemon, cfg_t *section)
{
    struct gsakmpd_group *group = &daemon->group[daemon->group_count++];

    if (!configure_group(daemon, group, section, &group->refusal) ||
        !apart(daemon, group, &group->refusal))
        refuse_group(daemon, group);
}

static bool read_groups(struct gsakmpd *daemon, struct gk_reason *why)
{
    unsigned groups = cfg_size(daemon->base.cfg, "group");

    if (groups > GSAKMPD_GROUPS)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "groups", "%s: more than %d groups",
                         daemon->base.path, GSAKMPD_GROUPS);
    for (unsigned i = 0; i < groups; i++) {
        cfg_t *section = cfg_getnsec(daemon->base.cfg, "group", i);

        if (wanted(daemon, section))
            add_group(daemon, section);
    }
    if (daemon->group_count)
        return some_good(daemon, why);
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "groups",
                     daemon->base.only ? "%s: no group \"%.80s\""
                                       : "%s: no group; expected `group \"NAME\" { ... }`%s",
                     daemon->base.path, daemon->base.only ? daemon->base.only : "");
}

/* Everything that can be judged before anything is opened. */
static bool build(struct gsakmpd *daemon, struct gk_reason *why)
{
    struct run_config config = {0};

    if (!read_bind(daemon, why) || !read_groups(daemon, why))
        return false;
    daemon_start(&daemon->base, &config);
    return true;
}

/* A certificate that is of no use now may be tomorrow, or by a clock that is set later: the
 * agent runs on; whoever checks or tries wants to know at once. */
static bool judge_own(struct gsakmpd *daemon, struct gk_reason *why)
{
    bool only = daemon->base.only || daemon->base.only_check;

    for (size_t i = 0; i < daemon->group_count; i++) {
        struct gsakmpd_group *group = &daemon->group[i];
        struct gk_reason inner;

        if (!group->member || settings_own_paths(&group->settings, run_now().utc, &inner))
            continue;
        if (only) {
            group->refusal = inner;
            refuse_group(daemon, group);
        } else {
            run_log_line(daemon->base.log, GK_WARNING, inner.code, "%s", inner.text);
        }
    }
    return some_good(daemon, why);
}

static void tell_group(const struct gsakmpd_group *group)
{
    char text[ANNOUNCEMENT_FINGERPRINT_TEXT];
    char mechanism[GK_MECHANISM_TEXT];
    char address[GK_ADDRESS_TEXT];

    announcement_fingerprint(group->settings.announcement, text);
    printf("group \"%s\": good\n  announcement: %s (compare it with the owner by voice)\n"
           "  mechanism: %s\n",
           group->settings.title, text, gk_mechanism_format(&group->config.mechanism, mechanism));
    daemon_tell_settings(&group->settings);
    if (rules_weak(&group->config.mechanism))
        puts("  warning: the mechanism is weak: DSS-SHA1 and MODP-1024 no longer withstand whoever "
             "can pay for it");
    for (size_t i = 0; i < group->config.server_count; i++)
        printf("  server: %s by %s\n", gk_address_format(&group->config.server[i].address, address),
               group->config.server[i].transport == GK_TCP ? "TCP" : "UDP");
    for (size_t i = 0; i < group->rekey_count; i++)
        printf("  rekeys: at %s\n", gk_address_format(&group->rekey[i], address));
}

static int serve(struct gsakmpd *daemon)
{
    struct gk_reason why;
    int code;

    if (!daemon_read(&daemon->base, options, &why))
        return daemon_complain(&daemon->base, &why, settings_exit_code(&why));
    if (!build(daemon, &why) || !judge_own(daemon, &why))
        return daemon_complain(&daemon->base, &why, EXIT_REFUSED);
    if (daemon->base.only_check) {
        for (size_t i = 0; i < daemon->group_count; i++) {
            if (daemon->group[i].member)
                tell_group(&daemon->group[i]);
        }
        return good_groups(daemon) == daemon->group_count ? EXIT_GOOD : EXIT_REFUSED;
    }
    daemon->try_code = EXIT_REFUSED;
    if (!start(daemon, &why))
        return daemon_complain(&daemon->base, &why, EXIT_COULD_NOT);
    code = daemon_loop(&daemon->base, good_groups(daemon));
    return daemon->base.only && code == EXIT_GOOD ? daemon->try_code : code;
}

/* The runtime ends before the engines that it hosts, the settings after both. */
static void stop(struct gsakmpd *daemon)
{
    daemon_stop(&daemon->base);
    for (size_t i = 0; i < daemon->group_count; i++) {
        consumers_free(&daemon->group[i].consumers);
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
