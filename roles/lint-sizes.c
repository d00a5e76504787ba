/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes: what travels with the token, and whether it fits (profile 1.2, 11.17). */
#include "roles/lint-parts.h"

#define DATAGRAM  65507 /* octets of UDP over IPv4 */
#define SIGNATURE 1500  /* an envelope: one certificate, one intermediate, the signature */
#define DOWNLOAD  5120  /* names, nonces, certificates and keys around the token */

void lint_sizes(const struct lint_subject *subject, const struct lint_context *context,
                struct findings *findings)
{
    size_t size = subject->size + (subject->is_signed ? 0 : SIGNATURE) + DOWNLOAD;

    (void)context;
    for (size_t i = 0; i < subject->token->registration_count; i++) {
        const struct token_protocol *join = &subject->token->registrations[i].join;

        if (join->kind == TOKEN_PROTOCOL_REGISTER && join->registration->transport == TOKEN_UDP &&
            size > DATAGRAM)
            finding_add(findings, "download-datagram",
                        finding_spot(&join->place, "registration[%zu].register.transport", i),
                        "a Key Download with this token has up to %zu octets, a datagram takes %d",
                        size, DATAGRAM);
    }
}
