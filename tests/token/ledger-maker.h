/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TOKEN_LEDGER_MAKER_H
#define TESTS_TOKEN_LEDGER_MAKER_H
/* Signed tokens of one owner, and what a ledger says of them. */
#include "token/ledger.h"

/* The owner's name. */
struct gk_octets made_owner(void);
/* Edition 0: without one. */
struct gk_secret made_signed(const char *group, int64_t edition, gk_time at);
struct ledger_entry made_entry(const char *group, int64_t edition, gk_time at);

#endif
