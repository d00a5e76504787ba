/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_PROGRAM_PLACES_H
#define ROLES_PROGRAM_PLACES_H
/*
 * Where members hear rekeys when that is not where they registered from (profile 1.5): the
 * sections `rekey_address "NAME" { to = "192.0.2.7:3762" }` of a group in gcksd.conf(5).
 */
#include <confuse.h>

#include "gsakmp/engine.h"

struct places;

#define PLACES_SECTION                                                                             \
    CFG_SEC("rekey_address", places_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES)
extern cfg_opt_t places_options[];

/* False when refused; NULL in *places for a group without such sections. */
bool places_read(cfg_t *group, const char *file, struct places **places,
                 struct gk_reason *why) GK_MUST_USE;
void places_free(struct places *places);
/* As the GC/KS engine asks it (roles/gcks.h); `context` is the table. */
bool places_of(void *context, struct gk_octets name_key, struct gk_address *to);

#endif
