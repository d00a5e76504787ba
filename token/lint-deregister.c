/* SPDX-License-Identifier: Apache-2.0 */
/* De-registration (RFC 4534 B.3). */
#include "gsakmp/suite.h"
#include "token/lint.h"

void token_lint_deregister(const struct token_linting *linting,
                           const struct token_protocol *protocol, size_t index)
{
    const struct token_deregister *policy = protocol->deregistration;

    for (size_t i = 0; i < policy->mechanism_count; i++) {
        const struct token_leave_mechanism *mechanism = &policy->mechanisms[i];
        const struct gk_signature_scheme *signature = gk_signature_find(mechanism->signature);
        const struct gk_nonce_hash *hash = gk_nonce_hash_find(mechanism->nonce_hash);

        if (!signature || !signature->run || !hash || !hash->run)
            finding_add(linting->findings, "leave-not-run",
                        finding_spot(&mechanism->place,
                                     "registration[%zu].de-register.leaveMechanisms[%zu]", index,
                                     i),
                        "leaveMechanism %zu of registration %zu names a signature or hash that "
                        "this version does not run",
                        i + 1, index + 1);
    }
}
