/* SPDX-License-Identifier: Apache-2.0 */
/* Identities (RFC 4535 table 19) and the authorities that they must come from. */
#include "token/source-part.h"

#include <arpa/inet.h>
#include <string.h>

#include "gsakmp/message.h"
#include "token/der.h"

#define DER_DN_MAX 4096

/* How an attribute becomes a GSAKMPID. */
struct kind {
    const char *attribute;
    int64_t type;
    bool (*read)(struct source *source, const xmlNode *at, const char *attribute,
                 struct gk_octets *to);
};

static bool read_text(struct source *source, const xmlNode *at, const char *attribute,
                      struct gk_octets *to)
{
    struct gk_octets text = gk_octets_of(source_attribute(at, attribute));

    if (!text.size || text.size > SOURCE_TEXT_MAX)
        return source_refuse_value(source, at, attribute, "1 to 4096 octets of text");
    *to = token_octets(source->token, text);
    return true;
}

/* The form of an RFC 4514 string as wire profile 4.3 writes it: "TYPE=value" joined by commas
 * and plus signs without spaces. What the types are is for the rules to say. */
bool source_dn_form(const char *text)
{
    for (;;) {
        size_t type = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                   ".-");

        if (!type || text[type] != '=')
            return false;
        text += type + 1;
        if (!*text || strchr(",+ ", *text))
            return false;
        while (*text && !strchr(",+", *text)) {
            if (*text == '\\' && !text[1])
                return false;
            text += *text == '\\' ? 2 : 1;
        }
        if (!*text)
            return true;
        text++;
    }
}

static bool read_dn(struct source *source, const xmlNode *at, const char *attribute,
                    struct gk_octets *to)
{
    if (!source_dn_form(source_attribute(at, attribute)))
        return source_refuse_value(source, at, attribute,
                                   "a name as \"CN=Ann,O=Acme,C=US\", without spaces behind "
                                   "commas");
    return read_text(source, at, attribute, to);
}

bool source_fqdn_form(const char *text)
{
    size_t plain = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-_.*");

    return *text && !text[plain] && strcmp(text, "*") != 0;
}

static bool read_fqdn(struct source *source, const xmlNode *at, const char *attribute,
                      struct gk_octets *to)
{
    if (!source_fqdn_form(source_attribute(at, attribute)))
        return source_refuse_value(source, at, attribute,
                                   "a domain name as \"gcks.example.org\" or \"*.example.org\"");
    return read_text(source, at, attribute, to);
}

bool source_email_form(const char *text)
{
    const char *sign = strrchr(text, '@');

    return sign && sign != text && sign[1] && !strpbrk(text, " \t");
}

static bool read_email(struct source *source, const xmlNode *at, const char *attribute,
                       struct gk_octets *to)
{
    if (!source_email_form(source_attribute(at, attribute)))
        return source_refuse_value(source, at, attribute,
                                   "a mailbox as \"ann@example.org\" or \"*@example.org\"");
    return read_text(source, at, attribute, to);
}

static bool read_ipv4(struct source *source, const xmlNode *at, const char *attribute,
                      struct gk_octets *to)
{
    uint8_t address[4];

    if (inet_pton(AF_INET, source_attribute(at, attribute), address) != 1)
        return source_refuse_value(source, at, attribute, "an address as \"192.0.2.1\"");
    *to = token_octets(source->token, gk_octets(address, sizeof address));
    return true;
}

static bool read_ipv6(struct source *source, const xmlNode *at, const char *attribute,
                      struct gk_octets *to)
{
    uint8_t address[16];

    if (inet_pton(AF_INET6, source_attribute(at, attribute), address) != 1)
        return source_refuse_value(source, at, attribute, "an address as \"2001:db8::1\"");
    *to = token_octets(source->token, gk_octets(address, sizeof address));
    return true;
}

static bool read_der_dn(struct source *source, const xmlNode *at, const char *attribute,
                        struct gk_octets *to)
{
    if (!source_octets(source, at, attribute, DER_DN_MAX, to))
        return false;
    if (to->size < 2 || to->data[0] != 0x30 || !der_check(*to, NULL))
        return source_refuse_value(source, at, attribute, "the canonical DER of a Name");
    return true;
}

static bool read_octets(struct source *source, const xmlNode *at, const char *attribute,
                        struct gk_octets *to)
{
    if (!source_octets(source, at, attribute, SOURCE_TEXT_MAX, to))
        return false;
    return to->size || source_refuse_value(source, at, attribute, "at least one octet");
}

/* ID_U_NAME (RFC 4535 7.6.1.1): serial in 20 octets, length in 4, the name root first. */
static bool read_u_name(struct source *source, const xmlNode *at, const char *attribute,
                        struct gk_octets *to)
{
    struct gk_octets name = gk_octets_of(source_attribute(at, attribute));
    struct gk_octets serial = GK_NO_OCTETS;
    struct gk_writer writer = {0};

    if (!source_has(at, "serial"))
        return source_refuse(source, at, "source-missing",
                             "<%s> has u-name without serial; expected both",
                             (const char *)at->name);
    if (!source_octets(source, at, "serial", GK_U_NAME_SERIAL, &serial))
        return false;
    if (name.size < 2 || name.size > SOURCE_TEXT_MAX || name.data[0] != '/')
        return source_refuse_value(source, at, attribute, "a name as \"/C=US/O=Acme/CN=Ann\"");
    (void)gk_write_reserve(&writer, GK_U_NAME_SERIAL - serial.size);
    gk_write_octets(&writer, serial);
    gk_write_u32(&writer, (uint32_t)name.size);
    gk_write_octets(&writer, name);
    *to = token_octets(source->token, gk_writer_octets(&writer));
    gk_writer_free(&writer);
    return true;
}

static const struct kind kinds[] = {
    {"dn", GK_ID_DN_STRING, read_dn},
    {"fqdn", GK_ID_FQDN, read_fqdn},
    {"email", GK_ID_RFC822_ADDR, read_email},
    {"ipv4", GK_ID_IPV4_ADDR, read_ipv4},
    {"ipv6", GK_ID_IPV6_ADDR, read_ipv6},
    {"der-dn", GK_ID_DER_ASN1_DN, read_der_dn},
    {"key-id", GK_ID_KEY_ID, read_octets},
    {"u-name", GK_ID_U_NAME, read_u_name},
    {"id", -1, read_octets},
};
#define KINDS (sizeof kinds / sizeof *kinds)

static const struct kind *kind_of(struct source *source, const xmlNode *at)
{
    const struct kind *kind = NULL;

    for (size_t i = 0; i < KINDS; i++) {
        if (!source_has(at, kinds[i].attribute))
            continue;
        if (kind) {
            (void)source_refuse(source, at, "source-combination",
                                "<%s> has %s besides %s; expected one identity",
                                (const char *)at->name, kinds[i].attribute, kind->attribute);
            return NULL;
        }
        kind = &kinds[i];
    }
    if (!kind)
        (void)source_refuse(source, at, "source-missing",
                            "<%s> names nobody; expected dn, fqdn, email, ipv4, ipv6, der-dn, "
                            "key-id, u-name, or id with id-type",
                            (const char *)at->name);
    return kind;
}

static bool read_pair(struct source *source, const xmlNode *at, struct token_pair *pair)
{
    const struct kind *kind = kind_of(source, at);

    if (!kind)
        return false;
    pair->id_type = kind->type;
    pair->place = source_place(at);
    if (source_has(at, "serial") && kind->type != GK_ID_U_NAME)
        return source_refuse(source, at, "source-combination",
                             "<%s> has serial without u-name; expected both or neither",
                             (const char *)at->name);
    if (source_has(at, "id-type") != (kind->type < 0))
        return source_refuse(source, at, "source-combination",
                             "<%s> has only one of id and id-type; expected both or neither",
                             (const char *)at->name);
    return source_integer(source, at, "id-type", 0, &pair->id_type) &&
           kind->read(source, at, kind->attribute, &pair->id) &&
           source_ca_of(source, at, &pair->ca);
}

void source_add_pair(struct source *source, struct token_pairs *to, const struct token_pair *pair)
{
    struct token_pair *fresh =
        token_append(source->token, (void **)&to->at, &to->count, sizeof *fresh);

    *fresh = *pair;
}

bool source_pair_in(const struct token_pairs *pairs, const struct token_pair *pair)
{
    for (size_t i = 0; i < pairs->count; i++) {
        const struct token_pair *other = &pairs->at[i];

        if (other->id_type == pair->id_type && gk_octets_equal(other->id, pair->id) &&
            gk_octets_equal(other->ca, pair->ca))
            return true;
    }
    return false;
}

/* none="yes" stands alone: no other attribute, no child, no brother of its name. */
bool source_none_alone(struct source *source, const xmlNode *first)
{
    size_t none = 0;
    size_t count = 0;

    for (const xmlNode *at = first; at; at = source_next(at), count++) {
        static const char *const yes[] = {"yes", NULL};
        size_t choice;

        if (!source_says_none(at))
            continue;
        none++;
        if (!source_choice(source, at, "none", yes, &choice))
            return false;
        if (at->properties->next || source_children(at))
            return source_refuse(source, at, "source-none",
                                 "<%s none=\"yes\"> says more; expected nothing else in it",
                                 (const char *)at->name);
    }
    return !none || count == 1 ||
           source_refuse(source, first, "source-none",
                         "<%s none=\"yes\"> stands beside another <%s>; expected it alone",
                         (const char *)first->name, (const char *)first->name);
}

bool source_pairs(struct source *source, const xmlNode *parent, const char *name,
                  struct token_pairs *to)
{
    const xmlNode *first = source_child(parent, name);

    if (!first)
        return source_refuse(source, parent, "source-missing",
                             "<%s> holds no <%s>; expected one or more <%s>, or <%s "
                             "none=\"yes\"/>",
                             (const char *)parent->name, name, name, name);
    if (!source_none_alone(source, first))
        return false;
    if (source_says_none(first))
        return true;
    for (const xmlNode *at = first; at; at = source_next(at)) {
        struct token_pair pair = {0};

        if (!read_pair(source, at, &pair))
            return false;
        source_add_pair(source, to, &pair);
    }
    return true;
}
