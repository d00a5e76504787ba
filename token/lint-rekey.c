/* SPDX-License-Identifier: Apache-2.0 */
/* Rekey (RFC 4534 B.5). */
#include "token/lint.h"

void token_lint_rekey(const struct token_linting *linting, const struct token_protocol *protocol,
                      size_t index)
{
    size_t in_force;

    if (token_lint_rekey_in_force(linting->token, &in_force) == protocol &&
        protocol->rekey->event_kind == TOKEN_NEVER)
        finding_add(linting->findings, "rekey-never",
                    finding_spot(&protocol->place, "rekey[%zu].rekeyEventDef", index),
                    "neither time nor events change the group's keys");
}
