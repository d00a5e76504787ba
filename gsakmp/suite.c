/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/suite.h"

#include <stdio.h>
#include <string.h>

const struct gk_suite_extra *gk_suite_extra;

/* Numbers of RFC 4535 tables 16, 21, 25, 26 and profile section 10; the names' meaning is
 * tabled in suite.h. */
static const struct gk_suite suites[] = {
    {"recommended", {49153, 49153, 49153, 49154}},
    {"recommended-aes128", {49153, 49153, 49153, 49153}},
    {"recommended-chacha20", {49153, 49153, 49153, 49155}},
    {"p256", {49154, 49153, 49154, 49154}},
    {"p256-aes128", {49154, 49153, 49154, 49153}},
    {"p256-chacha20", {49154, 49153, 49154, 49155}},
    {"suite-1", {0, 1, 2, 12}}, /* profile 6.3 */
};

const struct gk_suite *gk_suite_at(size_t index)
{
    return index < sizeof suites / sizeof *suites ? &suites[index] : NULL;
}

const struct gk_suite *gk_suite_named(const char *name)
{
    const struct gk_suite *suite;

    for (size_t i = 0; (suite = gk_suite_at(i)); i++) {
        if (!strcmp(suite->name, name))
            return suite;
    }
    return NULL;
}

/* One algorithm of a mechanism; `never` is what profile 8.4 says of rows without functions. */
static bool runs(const char *kind, unsigned value, const char *name, bool run, uint16_t never,
                 struct gk_reason *why)
{
    if (!name)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "unknown-algorithm",
                         "%s %u stands in no table; RFC 4535 and the wire profile list the "
                         "values",
                         kind, value);
    if (!run)
        return gk_refuse(why, never ? never : GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET,
                         "not-run", "%s %u (%s) is not run by this version", kind, value, name);
    return true;
}

bool gk_mechanism_runs(const struct gk_mechanism *mechanism, struct gk_reason *why)
{
    const struct gk_signature_scheme *signature = gk_signature_find(mechanism->signature);
    const struct gk_nonce_hash *hash = gk_nonce_hash_find(mechanism->nonce_hash);
    const struct gk_creation *creation = gk_creation_find(mechanism->key_creation);
    const struct gk_wrap *wrap = gk_wrap_find(mechanism->key_wrap);

    return runs("signature", mechanism->signature, signature ? signature->name : NULL,
                signature && signature->run,
                signature && !signature->verify ? GK_AUTHENTICATION_FAILED : GK_NONE, why) &&
           runs("nonce hash", mechanism->nonce_hash, hash ? hash->name : NULL, hash && hash->run,
                GK_NONE, why) &&
           runs("key creation", mechanism->key_creation, creation ? creation->name : NULL,
                creation && creation->run, GK_NONE, why) &&
           runs("key wrap", mechanism->key_wrap, wrap ? wrap->name : NULL, wrap && wrap->run,
                wrap && !wrap->seal ? GK_INVALID_KEY_INFORMATION : GK_NONE, why);
}

static size_t put_algorithm(char *text, size_t at, const char *name, unsigned value)
{
    const char *comma = at ? ", " : "";
    int wrote = name ? snprintf(text + at, GK_MECHANISM_TEXT - at, "%s%.28s", comma, name)
                     : snprintf(text + at, GK_MECHANISM_TEXT - at, "%s%u", comma, value);

    return at + (size_t)(wrote < 0 ? 0 : wrote);
}

const char *gk_mechanism_format(const struct gk_mechanism *mechanism, char text[GK_MECHANISM_TEXT])
{
    const struct gk_signature_scheme *signature = gk_signature_find(mechanism->signature);
    const struct gk_nonce_hash *hash = gk_nonce_hash_find(mechanism->nonce_hash);
    const struct gk_creation *creation = gk_creation_find(mechanism->key_creation);
    const struct gk_wrap *wrap = gk_wrap_find(mechanism->key_wrap);
    size_t at = put_algorithm(text, 0, signature ? signature->name : NULL, mechanism->signature);

    at = put_algorithm(text, at, hash ? hash->name : NULL, mechanism->nonce_hash);
    at = put_algorithm(text, at, creation ? creation->name : NULL, mechanism->key_creation);
    (void)put_algorithm(text, at, wrap ? wrap->name : NULL, mechanism->key_wrap);
    return text;
}

bool gk_mechanism_equal(const struct gk_mechanism *a, const struct gk_mechanism *b)
{
    return a->signature == b->signature && a->nonce_hash == b->nonce_hash &&
           a->key_creation == b->key_creation && a->key_wrap == b->key_wrap;
}
