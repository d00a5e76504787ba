/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/answers.h"

#include <stdio.h>
#include <stdlib.h>

#include "gsakmp/digest.h"
#include "gsakmp/reason.h"
#include "gsakmp/suite.h"

json_t *answer_time(gk_time time)
{
    char stamp[GK_STAMP_SIZE + 1];

    gk_stamp_format(time, stamp);
    return json_sprintf("%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", stamp, stamp + 4, stamp + 6, stamp + 8,
                        stamp + 10, stamp + 12);
}

json_t *answer_octets(struct gk_octets text)
{
    json_t *plain = json_stringn((const char *)text.data, text.size);
    char escaped[1024];

    return plain ? plain : json_string(gk_escape(escaped, sizeof escaped, text));
}

json_t *answer_key(uint32_t id, uint32_t handle, gk_time created, gk_time expires)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "id", json_sprintf("%08x", id), "handle",
                     json_sprintf("%08x", handle), "created", answer_time(created), "expires",
                     expires == GK_TIME_NEVER ? json_null() : answer_time(expires));
}

const char *answer_span(int64_t ms, char text[ANSWER_SPAN])
{
    long long seconds = (long long)(ms < 0 ? 0 : ms) / 1000;

    if (seconds < 100)
        (void)snprintf(text, ANSWER_SPAN, "%lld s", seconds);
    else if (seconds < 3600)
        (void)snprintf(text, ANSWER_SPAN, "%lld min", seconds / 60);
    else if (seconds < 48 * 3600)
        (void)snprintf(text, ANSWER_SPAN, "%lld h %lld min", seconds / 3600, seconds / 60 % 60);
    else
        (void)snprintf(text, ANSWER_SPAN, "%lld d %lld h", seconds / 86400, seconds / 3600 % 24);
    return text;
}

const char *answer_s(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* A reason may have been cut inside a character. */
json_t *answer_refused(const char *title, const char *how, const struct gk_reason *why)
{
    char text[2 * sizeof why->text];

    return json_pack("{s:o, s:s, s:s}", "summary",
                     json_sprintf("%s: %s: %s", title, how,
                                  gk_escape(text, sizeof text, gk_octets_of(why->text))),
                     "group", title, "state", "Idle");
}

json_t *answer_fingerprint(const uint8_t fingerprint[32])
{
    char *hex = gk_hex(gk_octets(fingerprint, 32));
    json_t *text = json_string(hex);

    free(hex);
    return text;
}

json_t *answer_credential(const struct credential *credential, const char *name)
{
    const struct gk_signature_scheme *scheme = gk_signature_find(credential->signer->type);
    uint8_t fingerprint[GK_SHA256_SIZE];
    json_t *hex;
    json_t *text;

    gk_sha256(credential->certificates[0], fingerprint);
    hex = answer_fingerprint(fingerprint);
    text = json_sprintf("%s%s%s, certificate %s", name, *name ? ": " : "",
                        scheme ? scheme->name : "?", json_string_value(hex));
    json_decref(hex);
    return text;
}

json_t *answer_reason(const struct gk_reason *why)
{
    return why->code ? answer_octets(gk_octets_of(why->text)) : json_null();
}
