/* SPDX-License-Identifier: Apache-2.0 */
/* Data policy (RFC 4534 C). */
#include "token/lint.h"

void token_lint_data(const struct token_linting *linting, const struct token_protocol *protocol,
                     size_t index)
{
    if (!protocol->data->authentication.present && !protocol->data->encryption.present)
        finding_add(linting->findings, "data-keyless",
                    finding_spot(&protocol->place, "data[%zu]", index),
                    "data protocol %zu names no key", index + 1);
}
