/* SPDX-License-Identifier: Apache-2.0 */
/* Identities in words, and authorities by number. */
#include <arpa/inet.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/message.h"
#include "token/name.h"
#include "token/render-html-part.h"

/* --- identities ------------------------------------------------------------------- */

static void say_hex(struct gk_octets id, struct gk_writer *to)
{
    char *hex = gk_hex(id);

    gk_write_octets(to, gk_octets_of(hex));
    free(hex);
}

static void say_address(int family, struct gk_octets id, struct gk_writer *to)
{
    char text[INET6_ADDRSTRLEN];

    if (id.size == (family == AF_INET ? 4 : 16) && inet_ntop(family, id.data, text, sizeof text))
        gk_write_octets(to, gk_octets_of(text));
    else
        say_hex(id, to);
}

/* ID_U_NAME (RFC 4535 7.6.1.1): serial in 20 octets, length in 4, the name. */
static void say_u_name(struct gk_octets id, struct gk_writer *to)
{
    struct gk_reader reader = gk_reader(id);
    struct gk_octets serial = gk_read_octets(&reader, GK_U_NAME_SERIAL);
    uint32_t size = gk_read_u32(&reader);
    struct gk_octets name = gk_read_octets(&reader, size);

    if (!gk_reader_done(&reader)) {
        say_hex(id, to);
        return;
    }
    while (serial.size > 1 && !serial.data[0])
        serial = gk_octets(serial.data + 1, serial.size - 1);
    gk_write_octets(to, name);
    gk_write_octets(to, gk_octets_of(", serial number "));
    say_hex(serial, to);
}

void html_identity(const struct token_pair *pair, struct gk_writer *to)
{
    switch (pair->id_type) {
    case GK_ID_DN_STRING:
    case GK_ID_FQDN:
    case GK_ID_RFC822_ADDR:
        gk_write_octets(to, pair->id);
        break;
    case GK_ID_IPV4_ADDR:
        say_address(AF_INET, pair->id, to);
        break;
    case GK_ID_IPV6_ADDR:
        say_address(AF_INET6, pair->id, to);
        break;
    case GK_ID_DER_ASN1_DN:
        if (!name_of_der(pair->id, to, NULL))
            say_hex(pair->id, to);
        break;
    case GK_ID_U_NAME:
        say_u_name(pair->id, to);
        break;
    default:
        say_hex(pair->id, to);
        break;
    }
}

const char *html_identity_kind(int64_t type)
{
    switch (type) {
    case GK_ID_DN_STRING:
        return "distinguished name";
    case GK_ID_FQDN:
        return "host name";
    case GK_ID_RFC822_ADDR:
        return "mail address";
    case GK_ID_IPV4_ADDR:
        return "IPv4 address";
    case GK_ID_IPV6_ADDR:
        return "IPv6 address";
    case GK_ID_DER_ASN1_DN:
        return "distinguished name in DER";
    case GK_ID_KEY_ID:
        return "key identifier";
    case GK_ID_U_NAME:
        return "unique name";
    default:
        return token_id_name(type);
    }
}

/* Profile 11.7: a whole value in a name; the left-most label; the whole mailbox. */
bool html_is_pattern(const struct token_pair *pair)
{
    const uint8_t *at = pair->id.data;

    if (pair->id_type == GK_ID_FQDN)
        return pair->id.size > 2 && memcmp(at, "*.", 2) == 0;
    if (pair->id_type == GK_ID_RFC822_ADDR)
        return pair->id.size > 2 && memcmp(at, "*@", 2) == 0;
    if (pair->id_type != GK_ID_DN_STRING)
        return false;
    for (size_t i = 0; i + 1 < pair->id.size; i++) {
        if (at[i] == '=' && at[i + 1] == '*' &&
            (i + 2 == pair->id.size || at[i + 2] == ',' || at[i + 2] == '+'))
            return true;
    }
    return false;
}

/* --- authorities ------------------------------------------------------------------- */

static int by_key_id(const void *a, const void *b)
{
    const struct html_ca *left = a;
    const struct html_ca *right = b;

    return gk_octets_compare(left->key_id, right->key_id);
}

size_t html_ca_number(struct html *html, struct gk_octets key_id)
{
    struct html_ca *fresh = gk_alloc(1, sizeof *fresh);
    struct html_ca **at;

    fresh->key_id = key_id;
    at = tsearch(fresh, &html->found, by_key_id);
    if (!at)
        abort();
    if (*at != fresh) {
        free(fresh);
        return (*at)->number;
    }
    if (html->ca_count == html->ca_room) {
        html->ca_room = html->ca_room ? 2 * html->ca_room : 16;
        html->cas = gk_realloc(html->cas, html->ca_room, sizeof(struct html_ca *));
    }
    html->cas[html->ca_count++] = fresh;
    fresh->number = html->ca_count;
    return fresh->number;
}

#define HEAD 3 /* octets of a key identifier, and as many of its end */

void html_ca(struct html *html, xmlNode *at, struct gk_octets key_id)
{
    bool whole = key_id.size <= 2 * HEAD + 2;
    char *head = gk_hex(gk_octets(key_id.data, whole ? key_id.size : HEAD));
    char *tail =
        gk_hex(gk_octets(whole ? NULL : key_id.data + key_id.size - HEAD, whole ? 0 : HEAD));

    html_put(at, "CA %zu ", html_ca_number(html, key_id));
    if (key_id.size)
        html_put(html_element(at, "small"), "(%s%s%s)", head, whole ? "" : "\u2026", tail);
    free(head);
    free(tail);
}

void html_cas(struct html *html)
{
    xmlNode *section, *table, *row, *cell;

    if (!html->ca_count)
        return;
    section = html_element(html->main, "section");
    html_say(section, "h2", "Certification authorities");
    html_say(section, "p",
             "The page numbers them in the order in which it comes to them. A token names an "
             "authority by its key identifier alone.");
    table = html_element(section, "table");
    row = html_element(html_element(table, "thead"), "tr");
    html_attribute(html_say(row, "th", "Authority"), "scope", "col");
    html_attribute(html_say(row, "th", "Key identifier"), "scope", "col");
    table = html_element(table, "tbody");
    for (size_t i = 0; i < html->ca_count; i++) {
        row = html_element(table, "tr");
        cell = html_element(row, "th");
        html_attribute(cell, "scope", "row");
        html_put(cell, "CA %zu", i + 1);
        html_hex(html_element(row, "td"), html->cas[i]->key_id);
    }
}

static void keep(void *entry)
{
    (void)entry; /* html->cas frees it */
}

void html_cas_free(struct html *html)
{
    tdestroy(html->found, keep);
    for (size_t i = 0; i < html->ca_count; i++)
        free(html->cas[i]);
    free(html->cas);
}
