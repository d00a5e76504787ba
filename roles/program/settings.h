/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_PROGRAM_SETTINGS_H
#define ROLES_PROGRAM_SETTINGS_H
/*
 * Settings: what the daemons' configuration files have in common (gcksd.conf(5),
 * gsakmpd.conf(5)), read with libconfuse and judged before anything starts.
 *
 * A file has global options and one `group "TITLE" { ... }` section a group. Relative paths
 * in it are relative to the file. Reasons name file, line and option.
 */
#include <confuse.h>
#include <sys/types.h>

#include "gsakmp/run/log.h"
#include "roles/credential.h"
#include "roles/load.h"
#include "token/announce.h"

#define SETTINGS_MAX          ((size_t)1 << 20) /* octets of a configuration */
#define GSAKMP_PORT           3761              /* RFC 4535 9.1 */
#define SETTINGS_CERTIFICATES 32                /* of all keys together */
#define SETTINGS_CRLS         16
#define SETTINGS_MECHANISMS   16

struct settings_log {
    const char *file;
    enum run_log_form form;
    enum gk_level level;
};

/* Revocation lists, DER. */
struct settings_crls {
    size_t count;
    struct gk_octets at[SETTINGS_CRLS];
    struct gk_secret der[SETTINGS_CRLS];
};

/* What both daemons know of a group. */
struct settings_group {
    const char *title;
    struct announcement *announcement;
    struct load_policy policy;
    size_t credential_count; /* `key` and `certificates`, then the `credential` sections */
    struct credential credential[CREDENTIALS_MOST];
    const char *credential_name[CREDENTIALS_MOST]; /* of the section, "" for the group's own */
    /* storage that these and `policy` borrow */
    struct gk_signer signer[CREDENTIALS_MOST];
    size_t certificate_count;
    struct gk_octets certificate[SETTINGS_CERTIFICATES];
    struct gk_secret certificate_der[SETTINGS_CERTIFICATES];
    struct settings_crls crls;
    struct gk_octets roots[ANNOUNCEMENT_ROOTS];
    struct gk_mechanism mechanisms[SETTINGS_MECHANISMS];
    cfg_t *section;
};

extern cfg_opt_t settings_credential_options[];

/* Options that each daemon puts in front of its own, in its tables. */
#define SETTINGS_GLOBAL                                                                            \
    CFG_STR("user", NULL, CFGF_NONE), CFG_STR("control", NULL, CFGF_NONE),                         \
        CFG_STR("control_mode", "0660", CFGF_NONE), CFG_STR("log_file", NULL, CFGF_NONE),          \
        CFG_STR("log_format", "text", CFGF_NONE), CFG_STR("log_level", "info", CFGF_NONE),         \
        CFG_INT("reload_every", 60, CFGF_NONE)
#define SETTINGS_GROUP                                                                             \
    CFG_STR("announcement", NULL, CFGF_NONE), CFG_STR("key", NULL, CFGF_NONE),                     \
        CFG_STR_LIST("certificates", NULL, CFGF_NONE),                                             \
        CFG_SEC("credential", settings_credential_options,                                         \
                CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),                                    \
        CFG_STR_LIST("crls", NULL, CFGF_NONE), CFG_BOOL("demand_crls", cfg_false, CFGF_NONE),      \
        CFG_STR_LIST("mechanisms", NULL, CFGF_NONE),                                               \
        CFG_BOOL("tolerate_suite_1", cfg_false, CFGF_NONE),                                        \
        CFG_BOOL("tolerate_unknown_protocols", cfg_false, CFGF_NONE),                              \
        CFG_INT("minimum_edition", 0, CFGF_NONE), CFG_INT("skew", 300, CFGF_NONE),                 \
        CFG_STR("interface", NULL, CFGF_NONE)

/* Parses; the reason is what libconfuse said, with file and line. NULL when refused; the code
 * is SETTINGS_NO_FILE when there was nothing to parse, which is "could not run". */
#define SETTINGS_NO_FILE "configuration-file"
cfg_t *settings_read(const char *path, cfg_opt_t *options, struct gk_reason *why);
/* The same for a file that is read again while the daemon serves: a regular one, and not empty,
 * as one is that has just begun to be written. */
cfg_t *settings_read_table(const char *path, cfg_opt_t *options, struct gk_reason *why);
/* The file's path for a path that it names; a fresh string. */
char *settings_path(const char *file, const char *path);
bool settings_log_read(cfg_t *cfg, const char *file, struct settings_log *log,
                       struct gk_reason *why);
/* Is the user of the option `user` known? */
bool settings_user(cfg_t *cfg, struct gk_reason *why);
/* Gives up root for it, once files and sockets are open; `owned`, ends with NULL, are files
 * that shall be the user's then. */
bool settings_become(cfg_t *cfg, const char *const *owned, struct gk_reason *why);
/* An option of the file or of a group's section that is a number. */
bool settings_number(cfg_t *cfg, const char *file, const char *option, long least, long most,
                     long *value, struct gk_reason *why);
bool settings_mode(const char *text, mode_t *mode, struct gk_reason *why);
/* What the section's `crls` hold now, all or nothing. */
bool settings_crls_read(struct settings_crls *crls, const char *file, cfg_t *section,
                        struct gk_reason *why);
/* Adds those of `held` that no list in `crls` displaces (pki_list_displaces), so that an older list
 * put in a newer one's place brings nobody back; how many. False when there is no room. */
bool settings_crls_keep(struct settings_crls *crls, const struct settings_crls *held,
                        const struct pki_trust *trust, size_t *kept, struct gk_reason *why);
void settings_crls_free(struct settings_crls *crls);
/* The keys and certificates, each pair judged by itself. */
bool settings_credentials_read(struct settings_group *group, const char *file,
                               struct gk_reason *why);
void settings_credentials_free(struct settings_group *group);
/* Loads what the section names: announcement, keys, certificates, CRLs, local policy. */
bool settings_group_read(struct settings_group *group, const char *file, cfg_t *section,
                         struct gk_reason *why);
/* This host's own path by that credential, as others will judge it, who trust the same roots. NULL
 * when refused. */
struct pki_identity *settings_own_path(const struct settings_group *group, size_t credential,
                                       gk_time now, struct gk_reason *why);
/* Who this host is by that credential, though the certificate be expired or revoked by now: for
 * what the token says against it. NULL when it never was a good one. */
struct pki_identity *settings_own_identity(const struct settings_group *group, size_t credential,
                                           gk_time now);
/* Are all of them good? */
bool settings_own_paths(const struct settings_group *group, gk_time now, struct gk_reason *why);
/* Two groups of one daemon have different Group IDs. */
bool settings_apart(const struct settings_group *a, const struct settings_group *b,
                    struct gk_reason *why);
void settings_group_free(struct settings_group *group);
/* A host name or numeric address, by the resolver; the first answer. The reason names `what`
 * ("server"). */
bool settings_resolve(const char *title, const char *what, const char *host, uint16_t port,
                      struct gk_address *address, struct gk_reason *why);

/* Where rekeys go: the announcement's addresses; without any, for Group IDs of types 3 and 4
 * whose value is a multicast address, that (profile 1.5). */
bool settings_rekey(const struct settings_group *group, struct gk_address to[ANNOUNCEMENT_REKEYS],
                    size_t *count, struct gk_reason *why);

/* Multicast among these addresses is heard and sent by the group's `interface`. */
bool settings_interface(const struct settings_group *group, struct gk_address *to, size_t count,
                        struct gk_reason *why);

/* The exit code for settings that were not taken. */
int settings_exit_code(const struct gk_reason *why);

/* Exit codes of all programs. */
enum { EXIT_GOOD = 0, EXIT_REFUSED = 1, EXIT_COULD_NOT = 2 };

#endif
