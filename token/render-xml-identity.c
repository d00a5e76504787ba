/* SPDX-License-Identifier: Apache-2.0 */
/* Identities and authorities as a policy source names them. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/message.h"
#include "token/der.h"
#include "token/render-xml-part.h"
#include "token/source-part.h"

/* --- authorities ---------------------------------------------------------------- */

/* <ca> stands behind <group> and the <ca> before it. */
static void declare(struct xml *xml, const struct xml_ca *ca)
{
    xmlNode *fresh = xmlNewDocNode(xml->policy->doc, NULL, (const xmlChar *)"ca", NULL);
    xmlNode *before = xml->policy->children;

    if (!fresh)
        abort();
    for (size_t i = 0; i + 1 < xml->ca_count; i++)
        before = before->next;
    (void)xmlAddNextSibling(before, fresh);
    xml_text(fresh, "name", ca->name);
    xml_hex(fresh, "key-id", ca->key_id);
}

static const struct xml_ca *find(struct xml *xml, struct gk_octets key_id)
{
    struct xml_ca *fresh;

    for (size_t i = 0; i < xml->ca_count; i++) {
        if (gk_octets_equal(xml->cas[i].key_id, key_id))
            return &xml->cas[i];
    }
    if (xml->ca_count == xml->ca_room) {
        xml->ca_room = xml->ca_room ? 2 * xml->ca_room : 16;
        xml->cas = reallocarray(xml->cas, xml->ca_room, sizeof *xml->cas);
        if (!xml->cas)
            abort();
    }
    fresh = &xml->cas[xml->ca_count++];
    fresh->key_id = key_id;
    (void)snprintf(fresh->name, sizeof fresh->name, "ca-%zu", xml->ca_count);
    declare(xml, fresh);
    return fresh;
}

/* Beyond as many as a policy names by hand they stand where they are used. */
#define NAMED_MOST 64

void xml_ca(struct xml *xml, xmlNode *at, struct gk_octets key_id)
{
    if (!key_id.size || key_id.size > SOURCE_KEY_ID_MAX)
        xml->speechless = true;
    else if (xml->ca_count < NAMED_MOST)
        xml_text(at, "ca", find(xml, key_id)->name);
    else
        xml_hex(at, "ca-key-id", key_id);
}

/* --- identities ------------------------------------------------------------------- */

/* Text of an attribute, when it has its form. */
static bool say_text(xmlNode *at, const char *name, struct gk_octets id, bool (*form)(const char *))
{
    char *text;
    bool good;

    if (!xml_nice(id) || id.size > SOURCE_TEXT_MAX)
        return false;
    text = gk_format("%.*s", (int)id.size, (const char *)id.data);
    good = form(text);
    if (good)
        xml_text(at, name, text);
    free(text);
    return good;
}

static bool say_address(xmlNode *at, const char *name, int family, struct gk_octets id)
{
    char text[INET6_ADDRSTRLEN];

    if (id.size != (family == AF_INET ? 4 : 16) || !inet_ntop(family, id.data, text, sizeof text))
        return false;
    xml_text(at, name, text);
    return true;
}

static bool starts_with_slash(const char *text)
{
    return text[0] == '/' && text[1];
}

/* ID_U_NAME (RFC 4535 7.6.1.1): serial in 20 octets, length in 4, the name. */
static bool say_u_name(xmlNode *at, struct gk_octets id)
{
    struct gk_reader reader = gk_reader(id);
    struct gk_octets serial = gk_read_octets(&reader, GK_U_NAME_SERIAL);
    uint32_t size = gk_read_u32(&reader);
    struct gk_octets name = gk_read_octets(&reader, size);

    if (!gk_reader_done(&reader) || !say_text(at, "u-name", name, starts_with_slash))
        return false;
    while (serial.size && !serial.data[0])
        serial = gk_octets(serial.data + 1, serial.size - 1);
    xml_hex(at, "serial", serial);
    return true;
}

static bool say_octets(xmlNode *at, const char *name, struct gk_octets id)
{
    if (!id.size || id.size > SOURCE_TEXT_MAX)
        return false;
    xml_hex(at, name, id);
    return true;
}

static bool say_der(xmlNode *at, struct gk_octets id)
{
    return id.size > 1 && id.data[0] == 0x30 && der_check(id, NULL) && say_octets(at, "der-dn", id);
}

static bool say_in_words(xmlNode *at, const struct token_pair *pair)
{
    switch (pair->id_type) {
    case GK_ID_DN_STRING:
        return say_text(at, "dn", pair->id, source_dn_form);
    case GK_ID_FQDN:
        return say_text(at, "fqdn", pair->id, source_fqdn_form);
    case GK_ID_RFC822_ADDR:
        return say_text(at, "email", pair->id, source_email_form);
    case GK_ID_IPV4_ADDR:
        return say_address(at, "ipv4", AF_INET, pair->id);
    case GK_ID_IPV6_ADDR:
        return say_address(at, "ipv6", AF_INET6, pair->id);
    case GK_ID_DER_ASN1_DN:
        return say_der(at, pair->id);
    case GK_ID_KEY_ID:
        return say_octets(at, "key-id", pair->id);
    case GK_ID_U_NAME:
        return say_u_name(at, pair->id);
    default:
        return false;
    }
}

static void say_pair(struct xml *xml, xmlNode *at, const struct token_pair *pair)
{
    if (!say_in_words(at, pair)) {
        xml_number(xml, at, "id-type", pair->id_type, 0);
        xml->speechless = !say_octets(at, "id", pair->id) || xml->speechless;
    }
    xml_ca(xml, at, pair->ca);
}

void xml_pairs(struct xml *xml, xmlNode *parent, const char *name, const struct token_pairs *pairs)
{
    if (!pairs->count)
        xml_text(xml_element(parent, name), "none", "yes");
    for (size_t i = 0; i < pairs->count && !xml->speechless; i++)
        say_pair(xml, xml_element(parent, name), &pairs->at[i]);
}
