/* SPDX-License-Identifier: Apache-2.0 */
/* Registration (RFC 4534 B.1). */
#include "token/lint.h"

void token_lint_register(const struct token_linting *linting, const struct token_protocol *protocol,
                         size_t index)
{
    if (!protocol->registration->gcks.count)
        finding_add(linting->findings, "gcks-none",
                    finding_spot(&protocol->place,
                                 "registration[%zu].register.joinAuthorization.gCKS", index),
                    "registration %zu names no GC/KS: nobody may serve it", index + 1);
}
