/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_PROGRAM_EITHER_H
#define TOKEN_PROGRAM_EITHER_H
/*
 * A token for questions, from whatever file holds one: a policy source, DER, or a signed token.
 * Of a signed one the form is judged, and that the signature fits the certificate beside it; whose
 * it is, either_verify asks, and without that answers say "not verified".
 */
#include "token/program/trust.h"

struct either {
    const char *path;
    struct gk_secret file;
    struct token *token;
    bool is_signed, verified;
    gk_time signing_time;
    struct gk_writer signer; /* its name */
};

bool either_load(struct either *either, const char *path, struct gk_reason *why) GK_MUST_USE;
/* Where --owner says whose a signed one has to be, judges it as the daemons do; others pass, not
 * verified. */
bool either_verify(struct either *either, struct trust *trust, struct gk_reason *why) GK_MUST_USE;
void either_free(struct either *either);
/* "weather.pt (signed 20260101000000Z by CN=Owner, not verified)", escaped; a fresh string. */
char *either_name(const struct either *either) GK_MUST_USE;

#endif
