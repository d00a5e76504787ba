/* SPDX-License-Identifier: Apache-2.0 */
/* JoinMechanisms (RFC 4534 B.1.3): a named suite, a suite by OID, or four algorithms. */
#include "token/source-part.h"

#include <string.h>

#include "gsakmp/suite.h"

#define TIME_OUT 30 /* seconds, also what security suite 1 says (profile 6.3) */

static const char *const modes[] = {"verbose", "terse", NULL};
static const char *const four[] = {"signature",         "nonce-hash", "key-creation",
                                   "key-creation-data", "key-wrap",   NULL};

static void set_algorithms(struct token_mechanism *to, const struct gk_mechanism *from)
{
    to->signature = from->signature;
    to->nonce_hash = from->nonce_hash;
    to->key_creation = from->key_creation;
    to->key_wrap = from->key_wrap;
}

static bool refuse_suite(struct source *source, const xmlNode *at)
{
    char expected[120] = "";

    for (size_t i = 0; gk_suite_at(i); i++) {
        const char *name = gk_suite_at(i)->name;

        if (strlen(expected) + strlen(name) + 5 > sizeof expected)
            break;
        strcat(expected, i ? " or " : "");
        strcat(expected, name);
    }
    return source_refuse_value(source, at, "suite", expected);
}

/* A suite that an OID names fixes everything else. */
static bool read_suite_oid(struct source *source, const xmlNode *at, struct token_mechanism *to)
{
    static const char *const others[] = {"time-out", "mode", "freshness", NULL};

    if (!source_without(source, at, "a suite that is written as an OID", four) ||
        !source_without(source, at, "a suite that is written as an OID", others))
        return false;
    to->suite = TOKEN_OID_SUITE_1;
    return source_oid(source, at, "suite-oid", &to->suite);
}

static bool read_algorithms(struct source *source, const xmlNode *at, struct token_mechanism *to)
{
    for (size_t i = 0; four[i]; i++) {
        if (i != 3 && !source_has(at, four[i]))
            return source_refuse(source, at, "source-missing",
                                 "<mechanism> has no %s; expected a suite, or all of signature, "
                                 "nonce-hash, key-creation and key-wrap",
                                 four[i]);
    }
    to->has_key_creation_data = source_has(at, "key-creation-data");
    return source_algorithm(source, at, "signature", GK_REGISTRY_SIGNATURE, &to->signature) &&
           source_algorithm(source, at, "nonce-hash", GK_REGISTRY_NONCE_HASH, &to->nonce_hash) &&
           source_algorithm(source, at, "key-creation", GK_REGISTRY_KEY_CREATION,
                            &to->key_creation) &&
           source_algorithm(source, at, "key-wrap", GK_REGISTRY_KEY, &to->key_wrap) &&
           source_octets(source, at, "key-creation-data", SOURCE_TEXT_MAX, &to->key_creation_data);
}

static bool read_named(struct source *source, const xmlNode *at, struct token_mechanism *to)
{
    const char *name = source_attribute(at, "suite");
    const struct gk_suite *suite = gk_suite_named(name ? name : "recommended");

    if (!suite)
        return refuse_suite(source, at);
    set_algorithms(to, &suite->mechanism);
    if (strcmp(suite->name, "suite-1") == 0)
        return read_suite_oid(source, at, to);
    return source_without(source, at, "suite", four);
}

static bool read_operation(struct source *source, const xmlNode *at, struct token_mechanism *to)
{
    static const char *const freshness[] = {"nonces", "timestamps", "nonces-written", NULL};
    size_t mode = 1;
    size_t fresh = 0;

    to->time_out = (struct token_life){TOKEN_LIFE_INTERVAL, TIME_OUT};
    if (!source_life(source, at, "time-out", &to->time_out) ||
        !source_choice(source, at, "mode", modes, &mode) ||
        !source_choice(source, at, "freshness", freshness, &fresh))
        return false;
    to->terse = mode == 1;
    to->has_timestamp = fresh != 0;
    to->timestamp = fresh == 1;
    return true;
}

bool source_read_mechanism(struct source *source, const xmlNode *at, struct token_mechanism *to)
{
    to->place = source_place(at);
    if (!read_operation(source, at, to))
        return false;
    if (source_has(at, "suite-oid")) {
        static const char *const suite[] = {"suite", NULL};

        return source_without(source, at, "suite-oid", suite) && read_suite_oid(source, at, to);
    }
    if (source_has(at, "suite"))
        return read_named(source, at, to);
    for (size_t i = 0; four[i]; i++) {
        if (source_has(at, four[i]))
            return read_algorithms(source, at, to);
    }
    return read_named(source, at, to);
}

void source_default_mechanism(struct token_mechanism *to)
{
    set_algorithms(to, &gk_suite_named("recommended")->mechanism);
    to->time_out = (struct token_life){TOKEN_LIFE_INTERVAL, TIME_OUT};
    to->terse = true;
}

const struct token_mechanism *source_first_mechanism(const struct token_register *from)
{
    for (size_t i = 0; i < from->mechanism_count; i++) {
        const char *suite = from->mechanisms[i].suite;

        if (!suite || strcmp(suite, TOKEN_OID_SUITE_1) == 0)
            return &from->mechanisms[i];
    }
    return NULL;
}
