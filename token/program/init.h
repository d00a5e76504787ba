/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_PROGRAM_INIT_H
#define TOKEN_PROGRAM_INIT_H
/* Between cmd-init.c, which asks, and init-policy.c, which writes. */
#include "gsakmp/octets.h"

#define INIT_MOST 16

/* What was asked, or given as options. */
struct init {
    const char *name, *random, *ca, *suite, *every, *transport;
    const char *gcks[INIT_MOST], *allow[INIT_MOST], *sender[INIT_MOST];
    size_t gcks_count, allow_count, sender_count;
};

/* Appends the commented policy. */
void init_policy(const struct init *init, struct gk_writer *to);

#endif
