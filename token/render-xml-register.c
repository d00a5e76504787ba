/* SPDX-License-Identifier: Apache-2.0 */
/* <registration>, <de-registration> and <data>. */
#include <string.h>

#include "gsakmp/suite.h"
#include "token/render-xml-part.h"

static void say_access(struct xml *xml, xmlNode *at, const struct token_access *from)
{
    if (from->has_permissions && !from->permission_count)
        xml_text(at, "permissions", "none");
    if (from->permission_count) {
        struct gk_writer levels = {0};

        for (size_t i = 0; i < from->permission_count; i++) {
            if (i)
                gk_write_u8(&levels, ' ');
            gk_write_u8(&levels, (uint8_t)('0' + from->permissions[i]));
        }
        gk_write_u8(&levels, 0);
        xml_text(at, "permissions", (const char *)levels.data);
        gk_writer_free(&levels);
    }
    xml_pairs(xml, at, "allow", &from->access_rule);
    if (from->has_exclusions)
        xml_pairs(xml, at, "exclude", &from->exclusions_rule);
}

/* The name of a suite that has these four, but for security suite 1, which stands for more. */
static const char *suite_of(const struct token_mechanism *from)
{
    const struct gk_suite *suite;

    for (size_t i = 0; (suite = gk_suite_at(i)); i++) {
        const struct gk_mechanism *four = &suite->mechanism;

        if (strcmp(suite->name, "suite-1") != 0 && four->signature == from->signature &&
            four->nonce_hash == from->nonce_hash && four->key_creation == from->key_creation &&
            four->key_wrap == from->key_wrap)
            return suite->name;
    }
    return NULL;
}

static void say_algorithms(struct xml *xml, xmlNode *at, const struct token_mechanism *from)
{
    const char *suite = from->has_key_creation_data ? NULL : suite_of(from);

    if (suite) {
        xml_text(at, "suite", suite);
        return;
    }
    xml_algorithm(xml, at, "signature", GK_REGISTRY_SIGNATURE, from->signature);
    xml_algorithm(xml, at, "nonce-hash", GK_REGISTRY_NONCE_HASH, from->nonce_hash);
    xml_algorithm(xml, at, "key-creation", GK_REGISTRY_KEY_CREATION, from->key_creation);
    if (from->has_key_creation_data)
        xml_hex(at, "key-creation-data", from->key_creation_data);
    xml_algorithm(xml, at, "key-wrap", GK_REGISTRY_KEY, from->key_wrap);
    xml->speechless = xml->speechless || from->key_creation_data.size > 4096;
}

static void say_mechanism(struct xml *xml, xmlNode *at, const struct token_mechanism *from)
{
    if (from->suite) {
        if (strcmp(from->suite, TOKEN_OID_SUITE_1) == 0)
            xml_text(at, "suite", "suite-1");
        else
            xml_text(at, "suite-oid", from->suite);
        return;
    }
    say_algorithms(xml, at, from);
    xml_life(xml, at, "time-out", &from->time_out);
    xml_text(at, "mode", from->terse ? "terse" : "verbose");
    xml_text(at, "freshness", from->has_timestamp && from->timestamp ? "timestamps" : "nonces");
}

static void say_subordinates(struct xml *xml, xmlNode *at, const struct token_register *from)
{
    if (!from->sub_gcks_count)
        xml_text(xml_element(at, "subordinates"), "none", "yes");
    for (size_t i = 0; i < from->sub_gcks_count && !xml->speechless; i++)
        xml_pairs(xml, xml_element(at, "subordinates"), "subordinate", &from->sub_gcks[i]);
}

void xml_register(struct xml *xml, xmlNode *at, const struct token_register *from)
{
    static const char *const transports[] = {"tcp", "udp", "udp-rtj-tcp-other"};

    xml_text(at, "transport", transports[from->transport]);
    xml_pairs(xml, at, "gcks", &from->gcks);
    if (from->has_sub_gcks)
        say_subordinates(xml, at, from);
    if (from->senders_limited)
        xml_pairs(xml, xml_element(at, "senders"), "sender", &from->senders);
    if (!from->access_count)
        xml_text(xml_element(at, "access"), "none", "yes");
    for (size_t i = 0; i < from->access_count && !xml->speechless; i++)
        say_access(xml, xml_element(at, "access"), &from->access[i]);
    if (!from->mechanism_count)
        xml_text(xml_element(at, "mechanism"), "none", "yes");
    for (size_t i = 0; i < from->mechanism_count && !xml->speechless; i++)
        say_mechanism(xml, xml_element(at, "mechanism"), &from->mechanisms[i]);
}

void xml_deregister(struct xml *xml, xmlNode *at, const struct token_deregister *from)
{
    xml_text(at, "transport", from->transport == TOKEN_UDP ? "udp" : "tcp");
    xml_text(at, "mode", from->has_terse && !from->terse ? "verbose" : "terse");
    if (!from->mechanism_count)
        xml_text(xml_element(at, "leave"), "none", "yes");
    for (size_t i = 0; i < from->mechanism_count && !xml->speechless; i++) {
        const struct token_leave_mechanism *leave = &from->mechanisms[i];
        xmlNode *child = xml_element(at, "leave");

        xml_algorithm(xml, child, "signature", GK_REGISTRY_SIGNATURE, leave->signature);
        xml_algorithm(xml, child, "nonce-hash", GK_REGISTRY_NONCE_HASH, leave->nonce_hash);
        xml_ca(xml, child, leave->ca);
    }
}

/* --- data -------------------------------------------------------------------------- */

static void say_key(struct xml *xml, xmlNode *at, const char *name, const char *expires,
                    const struct token_key_info *from)
{
    if (!from->present)
        return;
    xml_hex(at, name, from->key_id);
    if (from->has_expiration)
        xml_life(xml, at, expires, &from->expiration);
    xml->speechless = xml->speechless || !from->key_id.size || from->key_id.size > 255;
}

void xml_data(struct xml *xml, xmlNode *at, const struct token_data *from)
{
    say_key(xml, at, "authentication", "authentication-expires", &from->authentication);
    say_key(xml, at, "encryption", "encryption-expires", &from->encryption);
    if (!from->authentication.present && !from->encryption.present)
        xml_text(at, "keys", "none");
}
