/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_REASON_H
#define GSAKMP_REASON_H
/*
 * Reasons: why foreign input was refused.
 *
 * A function that judges foreign input returns true when it is good. When it is
 * not, it returns gk_refuse(...), which fills the reason and is always false:
 *
 *     if (nonce.size < 4)
 *         return gk_refuse(why, GK_PAYLOAD_MALFORMED, offset, "nonce-size",
 *                          "the nonce has %zu octets, 4 to 256 are allowed",
 *                          nonce.size);
 *
 * `notification` is the value of RFC 4535 table 22 that a verbose peer is told;
 * GK_NONE means that no peer is told (a local error, a file).
 * `code` is a string literal, stable from release to release: tests, rate limits
 * and log filters use it. `text` is one sentence for a human: what was wrong,
 * where, what to do. Text from the network goes through gk_escape first.
 * `why` may be NULL everywhere.
 *
 * What stands in a file is found by `line` (of text) or `path` (of ASN.1, "rekey[0].mechanism"),
 * which the parsers fill in beside the sentence that says the same.
 */
#include "gsakmp/octets.h"

#define GK_NO_OFFSET SIZE_MAX

/* RFC 4535 table 22. */
enum gk_notification {
    GK_NONE = 0,
    GK_INVALID_PAYLOAD_TYPE = 1,
    GK_INVALID_VERSION = 4,
    GK_INVALID_GROUP_ID = 5,
    GK_INVALID_SEQUENCE_ID = 6,
    GK_PAYLOAD_MALFORMED = 7,
    GK_INVALID_KEY_INFORMATION = 8,
    GK_INVALID_ID_INFORMATION = 9,
    GK_CERT_TYPE_UNSUPPORTED = 12,
    GK_INVALID_CERT_AUTHORITY = 13,
    GK_AUTHENTICATION_FAILED = 14,
    GK_CERTIFICATE_UNAVAILABLE = 17,
    GK_UNAUTHORIZED_REQUEST = 19,
    GK_ACKNOWLEDGEMENT = 23,
    GK_NACK = 26,
    GK_COOKIE_REQUIRED = 27,
    GK_COOKIE = 28,
    GK_MECHANISM_CHOICES = 29,
    GK_LEAVE_GROUP = 30,
    GK_DEPARTURE_ACCEPTED = 31,
    GK_REQUEST_TO_DEPART_ERROR = 32,
    GK_INVALID_EXCHANGE_TYPE = 33,
    GK_IPV4_VALUE = 34,
    GK_IPV6_VALUE = 35,
    GK_PROHIBITED_BY_GROUP_POLICY = 36,
    GK_PROHIBITED_BY_LOCAL_POLICY = 37,
};

struct gk_reason {
    uint16_t notification; /* enum gk_notification */
    size_t offset;         /* in octets, or GK_NO_OFFSET */
    const char *code;      /* stable name, e.g. "payload-length" */
    char text[256];        /* a sentence */
    int line;              /* from 1; 0: none */
    char path[96];         /* empty: none */
};

bool gk_refuse(struct gk_reason *why, uint16_t notification, size_t offset, const char *code,
               const char *format, ...) GK_PRINTF(5, 6);

/* Printable ASCII without double quotes, brackets or backslash as it is, the rest as \xNN; at most
 * room - 1 characters, cut with "...". Returns `to`. */
const char *gk_escape(char *to, size_t room, struct gk_octets text);

#endif
