/* SPDX-License-Identifier: Apache-2.0 */
#include "token/source.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "token/der.h"
#include "token/source-part.h"

#define GROUP_VALUE_MAX 255 /* one octet of length in the header (RFC 4535 7.1.1) */
#define RANDOM_SIZE     8

/* --- <group>: the Group ID Value of RFC 4535 7.1.1.1 ------------------------ */

static bool read_random(struct source *source, const xmlNode *at, struct gk_octets *random)
{
    if (!source_has(at, "random"))
        return source_refuse(source, at, "source-missing",
                             "<group> has no random; expected 8 random octets in hexadecimal "
                             "(openssl rand -hex 8), or value");
    if (!source_octets(source, at, "random", RANDOM_SIZE, random))
        return false;
    return random->size == RANDOM_SIZE ||
           source_refuse_value(source, at, "random", "exactly 8 octets in hexadecimal");
}

static void write_random(struct gk_writer *to, struct gk_octets random, bool as_text)
{
    char *hex = gk_hex(random);

    for (char *at = hex; *at; at++)
        *at = *at >= 'a' ? (char)(*at - 'a' + 'A') : *at;
    gk_write_octets(to, as_text ? gk_octets_of(hex) : random);
    free(hex);
}

static bool write_name(struct source *source, const xmlNode *at, struct gk_octets random,
                       struct gk_writer *to)
{
    static const char *const types[] = {"octets", "utf-8", NULL};
    const char *name = source_attribute(at, "name");
    size_t type = 0;

    if (!source_choice(source, at, "type", types, &type))
        return false;
    if (!*name)
        return source_refuse_value(source, at, "name", "at least one character");
    write_random(to, random, type == 1);
    gk_write_octets(to, gk_octets_of(name));
    return true;
}

static bool write_address(struct source *source, const xmlNode *at, struct gk_octets random,
                          struct gk_writer *to)
{
    bool six = source_has(at, "ipv6");
    const char *name = six ? "ipv6" : "ipv4";
    uint8_t address[16];

    if (inet_pton(six ? AF_INET6 : AF_INET, source_attribute(at, name), address) != 1)
        return source_refuse_value(source, at, name, "a numeric address");
    gk_write_octets(to, random);
    gk_write(to, address, six ? 16 : 4);
    return true;
}

/* One of name, ipv4, ipv6 behind the random part, or the whole value. */
static bool write_group_name(struct source *source, const xmlNode *at, struct gk_writer *to)
{
    static const char *const beside_value[] = {"random", "name", "type", "ipv4", "ipv6", NULL};
    static const char *const beside_address[] = {"type", NULL};
    int forms = source_has(at, "name") + source_has(at, "ipv4") + source_has(at, "ipv6");
    struct gk_octets octets = GK_NO_OCTETS;

    if (source_has(at, "value")) {
        if (!source_without(source, at, "value", beside_value) ||
            !source_octets(source, at, "value", GROUP_VALUE_MAX, &octets))
            return false;
        gk_write_octets(to, octets);
        return octets.size || source_refuse_value(source, at, "value", "at least one octet");
    }
    if (forms != 1)
        return source_refuse(source, at, forms ? "source-combination" : "source-missing",
                             "<group> has %s of name, ipv4 and ipv6; expected one, or value",
                             forms ? "several" : "none");
    if (!read_random(source, at, &octets))
        return false;
    if (source_has(at, "name"))
        return write_name(source, at, octets, to);
    return source_without(source, at, "an address", beside_address) &&
           write_address(source, at, octets, to);
}

static bool read_edition(struct source *source, const xmlNode *at)
{
    struct token *token = source->token;
    const char *text = source_attribute(at, "edition");

    if (!text)
        return source_refuse(source, at, "source-missing",
                             "<group> has no edition; expected a number that grows with each "
                             "change of the policy, from 1");
    token->has_edition = strcmp(text, "none") != 0;
    return !token->has_edition || source_integer(source, at, "edition", 1, &token->edition);
}

/* TokenID as DER: what the other attributes cannot say. */
static bool read_info(struct source *source, const xmlNode *at)
{
    static const char *const others[] = {"value", "random", "name",    "type",
                                         "ipv4",  "ipv6",   "edition", NULL};
    struct gk_reason why = {0};
    struct gk_octets der;

    if (!source_without(source, at, "info", others) ||
        !source_octets(source, at, "info", TOKEN_MAX, &der))
        return false;
    return token_id_from_der(source->token, der, &why) ||
           source_refuse(source, at, "source-info",
                         "<group> has info that is no TokenID: %.100s; expected its DER", why.text);
}

static bool read_group(struct source *source, const xmlNode *policy)
{
    const xmlNode *at = source_child(policy, "group");
    struct gk_writer writer = {0};
    bool good;

    if (!at)
        return source_refuse(source, policy, "source-missing",
                             "<policy> holds no <group>; expected one");
    source->token->id_place = source_place(at);
    if (source_has(at, "info"))
        return read_info(source, at);
    good = write_group_name(source, at, &writer);
    if (good && writer.size > GROUP_VALUE_MAX)
        good = source_refuse(source, at, "source-value",
                             "the Group ID has %zu octets; expected at most %d", writer.size,
                             GROUP_VALUE_MAX);
    if (good)
        source->token->group_name = token_octets(source->token, gk_writer_octets(&writer));
    gk_writer_free(&writer);
    return good && read_edition(source, at);
}

/* --- the whole ---------------------------------------------------------------- */

static bool read_policy(struct source *source)
{
    source->token->version = 1;
    return source_check(source, source->policy) && read_group(source, source->policy) &&
           source_read_cas(source, source->policy) &&
           source_read_registrations(source, source->policy) &&
           source_read_rekeys(source, source->policy) && source_read_datas(source, source->policy);
}

struct token *source_read(struct gk_octets xml, const char *name, const struct source_files *files,
                          struct gk_reason *why)
{
    struct gk_reason unwanted;
    struct source source = {.name = name, .files = files, .why = why ? why : &unwanted};
    xmlDoc *doc = source_parse(&source, xml);
    bool good;

    if (!doc)
        return NULL;
    source.policy = xmlDocGetRootElement(doc);
    source.token = token_new();
    good = read_policy(&source) && source_validate(&source, doc);
    xmlFreeDoc(doc);
    if (good)
        return source.token;
    token_free(source.token);
    return NULL;
}
