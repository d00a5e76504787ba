/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ROLES_LEDGER_H
#define TESTS_ROLES_LEDGER_H
/*
 * A ledger of what may never come twice (invariant 8): each name stands for one value. A copy
 * says the same again; anything else is a violation, which is printed and counted.
 *
 *   Sequence ID          one set of signed octets
 *   Nonce_I, Nonce_R     one message
 *   public values        one message
 *   IV                   one sealed payload, whatever its key
 *   KeyID and handle     one key; and a handle that was replaced never comes back
 */
#include "tests/roles/troupe.h"

#define LEDGER_ROOM 65536

struct ledger_line {
    uint8_t name[16], value[16];
    bool used;
};

struct ledger {
    struct ledger_line *line;
    size_t count;
    unsigned violations;
};

struct ledger ledger_new(void);
void ledger_free(struct ledger *ledger);
/* A message on the wire. */
void ledger_message(struct ledger *ledger, struct gk_octets octets);
/* The keys that the GC/KS has now. */
void ledger_keys(struct ledger *ledger, const struct troupe *troupe);

#endif
