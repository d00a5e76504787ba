/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_PROGRAM_ANSWERS_H
#define ROLES_PROGRAM_ANSWERS_H
/* JSON that both daemons answer with. */
#include <jansson.h>

#include "gsakmp/reason.h"
#include "gsakmp/stamp.h"
#include "roles/credential.h"

/* "2026-01-01T00:00:00Z" */
json_t *answer_time(gk_time time);
/* Text; octets that are no UTF-8 come escaped. */
json_t *answer_octets(struct gk_octets text);
/* {"id": "80000001", "handle": "...", "created": ..., "expires": ... or null} */
json_t *answer_key(uint32_t id, uint32_t handle, gk_time created, gk_time expires);

/* The status of a group that did not start. */
json_t *answer_refused(const char *title, const char *how, const struct gk_reason *why);

/* SHA-256 of a certificate, in hexadecimal. */
json_t *answer_fingerprint(const uint8_t fingerprint[32]);

/* "NAME: Ed25519, certificate 5f01..." */
json_t *answer_credential(const struct credential *credential, const char *name);

/* Its sentence; null without one. */
json_t *answer_reason(const struct gk_reason *why);

/* "23 h 59 min", "12 s" */
#define ANSWER_SPAN 48
const char *answer_span(int64_t ms, char text[ANSWER_SPAN]);
/* What a plural takes. */
const char *answer_s(uint64_t count);

#endif
