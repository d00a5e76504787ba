/* SPDX-License-Identifier: Apache-2.0 */
/* <rekey>. */
#include <stdlib.h>
#include <string.h>

#include "token/render-xml-part.h"
#include "token/source-part.h"

static void say_event(struct xml *xml, xmlNode *at, const struct token_rekey *from)
{
    bool time = from->event_kind == TOKEN_TIME_ONLY || from->event_kind == TOKEN_TIME_AND_EVENT;
    bool event = from->event_kind == TOKEN_EVENT || from->event_kind == TOKEN_TIME_AND_EVENT;

    if (!time && !event)
        xml_text(at, "never", "yes");
    if (time)
        xml_life(xml, at, "every", &from->event_time);
    if (event)
        xml_number(xml, at, "after-events", from->event_count, 1);
}

/* One that this version does not know, unless its identifier means something elsewhere. */
static void say_other(struct xml *xml, xmlNode *at, const char *oid_name, const char *oid,
                      const char *info_name, struct gk_octets info)
{
    xml_text(at, oid_name, oid);
    xml_hex(at, info_name, info);
    xml->speechless = xml->speechless || source_has_words(oid);
}

static void say_method(struct xml *xml, xmlNode *at, const struct token_rekey *from)
{
    if (from->method == TOKEN_METHOD_OTHER) {
        say_other(xml, at, "method-oid", from->method_oid, "method-info", from->method_info);
        return;
    }
    xml_text(at, "method", from->method == TOKEN_METHOD_LKH ? "lkh" : "none");
    if (from->method == TOKEN_METHOD_LKH)
        xml_algorithm(xml, at, "key-wrap", GK_REGISTRY_KEY, from->lkh_key_type);
}

static void say_post(struct xml *xml, xmlNode *at, struct gk_octets url)
{
    char *text;

    if (!source_url_form(url)) {
        xml->speechless = true;
        return;
    }
    text = gk_format("%.*s", (int)url.size, (const char *)url.data);
    xml_text(at, "post", text);
    free(text);
}

static void say_reliability(struct xml *xml, xmlNode *at, const struct token_rekey *from)
{
    switch (from->reliability) {
    case TOKEN_RELIABILITY_NONE:
        xml_text(at, "reliability", "none");
        break;
    case TOKEN_RELIABILITY_RESEND:
        xml_number(xml, at, "resend", from->resend, 0);
        break;
    case TOKEN_RELIABILITY_POST:
        say_post(xml, at, from->post);
        break;
    case TOKEN_RELIABILITY_OTHER:
        say_other(xml, at, "reliability-oid", from->reliability_oid, "reliability-info",
                  from->reliability_info);
        break;
    }
}

/* `domain` is written absent by everybody (profile 11.11). */
static void say_scheme(struct xml *xml, xmlNode *at, const struct token_rekey *from)
{
    if (from->scheme == TOKEN_SCHEME_OTHER)
        say_other(xml, at, "scheme-oid", from->scheme_oid, "scheme-info", from->scheme_info);
    else
        xml_text(at, "scheme", from->scheme == TOKEN_SCHEME_AUTONOMOUS ? "autonomous" : "none");
}

void xml_rekey(struct xml *xml, xmlNode *at, const struct token_rekey *from)
{
    say_event(xml, at, from);
    xml_life(xml, at, "interval", &from->interval);
    xml_algorithm(xml, at, "signature", GK_REGISTRY_SIGNATURE, from->signature);
    xml_algorithm(xml, at, "nonce-hash", GK_REGISTRY_NONCE_HASH, from->nonce_hash);
    say_method(xml, at, from);
    say_reliability(xml, at, from);
    say_scheme(xml, at, from);
    xml_pairs(xml, at, "authorized", &from->authorization);
    if (from->scheme == TOKEN_SCHEME_AUTONOMOUS)
        xml_pairs(xml, at, "subordinate", &from->auth_subs);
}
