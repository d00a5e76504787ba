/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_PROGRAM_PERMISSIONS_H
#define ROLES_PROGRAM_PERMISSIONS_H
/*
 * The GC/KS's table of who holds which permission levels (RFC 4534 B.1.2, profile 11.9):
 * `permissions "NAME" { levels = {1, 3} }` sections of a group in gcksd.conf(5). A name means
 * its bearer under any CA; the token's rule, which has to match besides, names the CA.
 */
#include <confuse.h>

#include "roles/pki.h"

struct permissions;

#define PERMISSIONS_SECTION                                                                        \
    CFG_SEC("permissions", permissions_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES)
extern cfg_opt_t permissions_options[];

/* NULL when refused; a group without such sections has an empty table. */
struct permissions *permissions_read(cfg_t *group, const char *file, struct gk_reason *why);
void permissions_free(struct permissions *permissions);
/* As rules ask it, on any thread; `context` is the table. */
unsigned permissions_of(void *context, const struct pki_identity *identity);

#endif
