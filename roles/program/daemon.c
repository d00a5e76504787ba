/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/daemon.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "gsakmp/run/secure.h"
#include "roles/program/answers.h"

int daemon_complain(const struct daemon *daemon, const struct gk_reason *why, int code)
{
    fprintf(stderr, "%s: %s\n", daemon->name, why->text);
    return code;
}

bool daemon_arguments(struct daemon *daemon, int argc, char **argv, int *code)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, 'k'},
        {"try", required_argument, NULL, 't'},    {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},      {NULL, 0, NULL, 0}};
    int option;

    *code = EXIT_COULD_NOT;
    while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
        if (option == 'c') {
            daemon->path = optarg;
        } else if (option == 'k') {
            daemon->only_check = true;
        } else if (option == 't' && daemon->takes_try) {
            daemon->only = optarg;
        } else if (option == 'h') {
            fputs(daemon->usage, stdout);
            *code = EXIT_GOOD;
            return false;
        } else if (option == 'v') {
            printf("%s (gsakmp) %s\n", daemon->name, PACKAGE_VERSION);
            *code = EXIT_GOOD;
            return false;
        } else {
            return false;
        }
    }
    if (daemon->path && optind == argc && !(daemon->only && daemon->only_check))
        return true;
    fputs(daemon->usage, stderr);
    return false;
}

static bool open_log(struct daemon *daemon, struct gk_reason *why)
{
    struct settings_log log;

    if (!settings_log_read(daemon->cfg, daemon->path, &log, why))
        return false;
    /* One attempt's log is for whoever makes it. */
    if (log.file && !daemon->only && !daemon->only_check)
        daemon->log_path = settings_path(daemon->path, log.file);
    daemon->log = run_log_open(daemon->name, daemon->log_path, log.form, log.level, 20, why);
    return daemon->log != NULL;
}

static bool read_reload(struct daemon *daemon, struct gk_reason *why)
{
    long seconds;
    bool good = settings_number(daemon->cfg, daemon->path, "reload_every", 0, 86400, &seconds, why);

    daemon->reload_every = good ? (unsigned)seconds : 0;
    return good;
}

bool daemon_read(struct daemon *daemon, cfg_opt_t *options, struct gk_reason *why)
{
    run_secure_json();
    if (!run_secure_process(false, why))
        return false;
    daemon->cfg = settings_read(daemon->path, options, why);
    daemon->store = run_store_memory();
    return daemon->cfg &&
           settings_mode(cfg_getstr(daemon->cfg, "control_mode"), &daemon->control_mode, why) &&
           settings_user(daemon->cfg, why) && read_reload(daemon, why) && open_log(daemon, why);
}

/* A single group's reason is the daemon's own, which main tells. */
static bool alone(const struct daemon *daemon)
{
    return daemon->only || cfg_size(daemon->cfg, "group") == 1;
}

void daemon_group_refused(const struct daemon *daemon, const char *title,
                          const struct gk_reason *why)
{
    if (alone(daemon))
        return;
    if (daemon->only_check)
        fprintf(stderr, "%s: group \"%s\": REFUSED: %s\n", daemon->name, title, why->text);
    else
        run_log_line(daemon->log, GK_ERROR, "group-refused",
                     "group \"%s\" is not served, the others are: %s", title, why->text);
}

bool daemon_groups_good(const struct daemon *daemon, size_t groups, size_t good,
                        const struct gk_reason *first, struct gk_reason *why)
{
    if (good)
        return true;
    if (alone(daemon)) {
        *why = *first;
        return false;
    }
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "groups",
                     "%s: none of its %zu groups can be served", daemon->path, groups);
}

void daemon_tell_settings(const struct settings_group *settings)
{
    for (size_t i = 0; i < settings->credential_count; i++) {
        json_t *text = answer_credential(&settings->credential[i], settings->credential_name[i]);

        printf("  key: %s\n", json_string_value(text));
        json_decref(text);
    }
    if (settings->crls.count)
        printf("  revocation lists: %zu\n", settings->crls.count);
}

void daemon_start(struct daemon *daemon, struct run_config *config)
{
    config->log = daemon->log;
    config->store = daemon->store;
    daemon->run = run_new(config);
}

bool daemon_control(struct daemon *daemon, struct run_control_config *config, struct gk_reason *why)
{
    const char *name = cfg_getstr(daemon->cfg, "control");
    const char *owned[3] = {NULL};
    size_t count = 0;
    char *path = NULL;
    bool good = true;

    if (name && !daemon->only) {
        path = settings_path(daemon->path, name);
        config->path = owned[count++] = path;
        config->mode = daemon->control_mode;
        daemon->control = run_control_open(daemon->run, config, why);
        good = daemon->control != NULL;
    }
    if (daemon->log_path)
        owned[count] = daemon->log_path;
    good = good && settings_become(daemon->cfg, owned, why);
    free(path);
    return good;
}

int daemon_loop(struct daemon *daemon, size_t groups)
{
    if (!daemon->only)
        run_log_line(daemon->log, GK_NOTICE, "started", "%s %s, %zu group%s", daemon->name,
                     PACKAGE_VERSION, groups, groups == 1 ? "" : "s");
    reload_start(&daemon->reloads, daemon->run, daemon->only ? 0 : daemon->reload_every);
    return run_loop(daemon->run) == 0 ? EXIT_GOOD : EXIT_COULD_NOT;
}

void daemon_stop(struct daemon *daemon)
{
    if (daemon->control)
        run_control_close(daemon->control);
    if (daemon->run)
        run_free(daemon->run);
}

void daemon_close(struct daemon *daemon)
{
    if (daemon->store)
        daemon->store->close(daemon->store);
    if (daemon->log)
        run_log_close(daemon->log);
    if (daemon->cfg)
        cfg_free(daemon->cfg);
    free(daemon->log_path);
}
