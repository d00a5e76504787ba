/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_PROGRAM_PERMISSIONS_H
#define ROLES_PROGRAM_PERMISSIONS_H
/*
 * The GC/KS's table of who holds which permission levels (RFC 4534 B.1.2, profile 11.9):
 * `permissions "NAME" { levels = {1, 3} }` sections of a group in gcksd.conf(5), and of the file
 * that its `permissions_file` names, which may change while the daemon runs. A name means its
 * bearer under any CA; with `ca`, key identifiers in hexadecimal, only under these. Of several
 * sections that fit an identity the levels add up.
 */
#include <confuse.h>

#include "roles/pki.h"

struct permissions;

#define PERMISSIONS_FILE "permissions_file"
#define PERMISSIONS_SECTION                                                                        \
    CFG_SEC("permissions", permissions_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),    \
        CFG_STR(PERMISSIONS_FILE, NULL, CFGF_NONE)
extern cfg_opt_t permissions_options[];

/* NULL when refused; a group without sections and file has an empty table. `group` and `file`,
 * the configuration, are borrowed. */
struct permissions *permissions_new(cfg_t *group, const char *file, struct gk_reason *why);
void permissions_free(struct permissions *permissions);
/* Reads sections and file again, and keeps what it read apart; then puts it in force: did
 * anything change? */
bool permissions_read(struct permissions *permissions, struct gk_reason *why);
bool permissions_take(struct permissions *permissions);
/* As rules ask it, on any thread; `context` is the table. */
unsigned permissions_of(void *context, const struct pki_identity *identity);

#endif
