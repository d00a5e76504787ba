/* SPDX-License-Identifier: Apache-2.0 */
/* Announcements, in: JSON to the struct, strictly. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <jansson.h>

#include "gsakmp/datum.h"
#include "gsakmp/utf8.h"
#include "token/announce-json.h"

#define TEXT_MAX        2048
#define CERTIFICATE_MAX 8192

static bool refuse(struct gk_reason *why, const char *place, const char *expected)
{
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "announcement",
                     "the announcement's %s is missing or wrong; expected %s", place, expected);
}

/* Exactly the keys of the list, which ends with NULL, are in the object; those behind a '?'
 * may be absent. */
static bool has_keys(const json_t *object, const char *place, const char *const *keys,
                     struct gk_reason *why)
{
    size_t known = 0;

    if (!json_is_object(object))
        return refuse(why, place, "an object");
    for (; *keys; keys++) {
        bool optional = **keys == '?';
        bool there = json_object_get(object, *keys + optional) != NULL;

        if (!there && !optional)
            return refuse(why, place, *keys);
        known += there;
    }
    return known == json_object_size(object) || refuse(why, place, "no other keys");
}

static bool integer(const json_t *object, const char *key, int64_t least, int64_t most, int64_t *to,
                    struct gk_reason *why)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_integer(value) || json_integer_value(value) < least ||
        json_integer_value(value) > most)
        return refuse(why, key, "a whole number in its range");
    *to = json_integer_value(value);
    return true;
}

static bool small(const json_t *object, const char *key, uint16_t least, uint16_t *to,
                  struct gk_reason *why)
{
    int64_t value;

    if (!integer(object, key, least, UINT16_MAX, &value, why))
        return false;
    *to = (uint16_t)value;
    return true;
}

/* Borrowed; NULL when it is no string of 1 to `most` octets. Control characters are none of
 * what an announcement says on one line. */
static const char *line(const json_t *value, size_t most)
{
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);

    if (!text || !size || size > most || strlen(text) != size)
        return NULL;
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return NULL;
    }
    return text;
}

static bool octets(const json_t *value, const char *place, size_t most, struct gk_writer *to,
                   struct gk_reason *why)
{
    const char *text = line(value, 2 * most);

    return (text && gk_unhex(text, to)) || refuse(why, place, "hexadecimal digits");
}

static bool read_group(const json_t *from, struct announcement *to, struct gk_reason *why)
{
    static const char *const keys[] = {"type", "value", "?least-edition", NULL};
    struct gk_writer value = {0};
    int64_t type;
    bool good;

    if (!has_keys(from, "group", keys, why) || !integer(from, "type", 1, 255, &type, why))
        return false;
    good = octets(json_object_get(from, "value"), "group value", 255, &value, why) &&
           gk_group_set(&to->group, (uint8_t)type, gk_writer_octets(&value), why);
    gk_writer_free(&value);
    to->has_least_edition = json_object_get(from, "least-edition") != NULL;
    return good && (!to->has_least_edition ||
                    integer(from, "least-edition", 1, INT64_MAX, &to->least_edition, why));
}

static bool read_mechanism(const json_t *from, struct gk_mechanism *to, struct gk_reason *why)
{
    static const char *const keys[] = {"signature", "nonce-hash", "key-creation", "key-wrap", NULL};

    return has_keys(from, "mechanism", keys, why) &&
           small(from, "signature", 0, &to->signature, why) &&
           small(from, "nonce-hash", 0, &to->nonce_hash, why) &&
           small(from, "key-creation", 0, &to->key_creation, why) &&
           small(from, "key-wrap", 0, &to->key_wrap, why);
}

static bool read_owner(const json_t *from, struct announcement *to, struct gk_reason *why)
{
    static const char *const keys[] = {"name", "certificate-sha256", NULL};
    struct gk_writer hash = {0};
    const char *name;
    bool good;

    if (!has_keys(from, "owner", keys, why))
        return false;
    name = line(json_object_get(from, "name"), TEXT_MAX);
    if (!name)
        return refuse(why, "owner name", "a name on one line");
    to->owner = gk_strdup(name);
    good = octets(json_object_get(from, "certificate-sha256"), "owner certificate-sha256", 32,
                  &hash, why) &&
           (hash.size == 32 || refuse(why, "owner certificate-sha256", "32 octets"));
    if (good)
        memcpy(to->owner_fingerprint, hash.data, 32);
    gk_writer_free(&hash);
    return good;
}

static bool is_certificate(const gnutls_datum_t *der)
{
    gnutls_x509_crt_t certificate;
    bool good;

    if (gnutls_x509_crt_init(&certificate) < 0)
        return false;
    good = gnutls_x509_crt_import(certificate, der, GNUTLS_X509_FMT_DER) >= 0;
    gnutls_x509_crt_deinit(certificate);
    return good;
}

static bool read_root(const json_t *from, struct gk_secret *to, struct gk_reason *why)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    const char *text = json_string_value(from);
    gnutls_datum_t der = {NULL, 0};
    gnutls_datum_t pem = gk_datum(gk_octets(text, json_string_length(from)));
    bool good;

    if (!text || json_string_length(from) > 2 * CERTIFICATE_MAX ||
        strncmp(text, begin, strlen(begin)) != 0 || strstr(text + 1, begin))
        return refuse(why, "root", "one certificate as PEM");
    if (gnutls_pem_base64_decode2("CERTIFICATE", &pem, &der) < 0)
        return refuse(why, "root", "one certificate as PEM");
    good = der.size <= CERTIFICATE_MAX && is_certificate(&der);
    if (good)
        *to = gk_secret_copy(gk_octets(der.data, der.size));
    gnutls_free(der.data);
    return good || refuse(why, "root", "an X.509 certificate of at most 8192 octets");
}

static bool read_roots(const json_t *from, struct announcement *to, struct gk_reason *why)
{
    if (!json_is_array(from) || !json_array_size(from) ||
        json_array_size(from) > ANNOUNCEMENT_ROOTS)
        return refuse(why, "list of roots", "1 to 16 certificates as PEM");
    for (size_t i = 0; i < json_array_size(from); i++) {
        if (!read_root(json_array_get(from, i), &to->root[i], why))
            return false;
        to->root_count++;
    }
    return true;
}

static bool read_server(const json_t *from, struct announcement_server *to, struct gk_reason *why)
{
    static const char *const keys[] = {"host", "port", "transport", NULL};
    const char *host;
    const char *transport;

    if (!has_keys(from, "server", keys, why) || !small(from, "port", 1, &to->port, why))
        return false;
    host = line(json_object_get(from, "host"), 255);
    transport = line(json_object_get(from, "transport"), 3);
    if (!transport || (strcmp(transport, "udp") != 0 && strcmp(transport, "tcp") != 0))
        return refuse(why, "server transport", "udp or tcp");
    if (!host)
        return refuse(why, "server host", "a name or an address");
    to->tcp = strcmp(transport, "tcp") == 0;
    to->host = gk_strdup(host);
    return true;
}

static bool read_servers(const json_t *from, struct announcement *to, struct gk_reason *why)
{
    if (!json_is_array(from) || !json_array_size(from) ||
        json_array_size(from) > ANNOUNCEMENT_SERVERS)
        return refuse(why, "list of servers", "1 to 16 servers");
    for (size_t i = 0; i < json_array_size(from); i++) {
        if (!read_server(json_array_get(from, i), &to->server[i], why))
            return false;
        to->server_count++;
    }
    return true;
}

static bool read_rekey(const json_t *from, struct announcement_rekey *to, struct gk_reason *why)
{
    static const char *const keys[] = {"address", "port", NULL};
    const char *address;

    if (!has_keys(from, "rekey", keys, why) || !small(from, "port", 1, &to->port, why))
        return false;
    address = line(json_object_get(from, "address"), 64);
    if (!address)
        return refuse(why, "rekey address", "a numeric address");
    to->address = gk_strdup(address);
    return true;
}

static bool read_rekeys(const json_t *from, struct announcement *to, struct gk_reason *why)
{
    if (!json_is_array(from) || json_array_size(from) > ANNOUNCEMENT_REKEYS)
        return refuse(why, "list of rekey addresses", "at most 16 addresses");
    for (size_t i = 0; i < json_array_size(from); i++) {
        if (!read_rekey(json_array_get(from, i), &to->rekey[i], why))
            return false;
        to->rekey_count++;
    }
    return true;
}

static bool read_all(const json_t *root, struct announcement *to, struct gk_reason *why)
{
    static const char *const keys[] = {
        "gsakmp-announcement", "group", "mechanism", "owner", "roots", "servers", "rekey", NULL};
    int64_t version;

    return has_keys(root, "list of keys", keys, why) &&
           integer(root, "gsakmp-announcement", 1, 1, &version, why) &&
           read_group(json_object_get(root, "group"), to, why) &&
           read_mechanism(json_object_get(root, "mechanism"), &to->mechanism, why) &&
           read_owner(json_object_get(root, "owner"), to, why) &&
           read_roots(json_object_get(root, "roots"), to, why) &&
           read_servers(json_object_get(root, "servers"), to, why) &&
           read_rekeys(json_object_get(root, "rekey"), to, why) && announcement_judge(to, why);
}

/* Names of hosts as RFC 1123 has them, or numeric addresses. */
static bool is_host(const char *host)
{
    uint8_t address[16];

    if (inet_pton(AF_INET6, host, address) == 1)
        return true;
    return *host && *host != '-' && *host != '.' &&
           strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.") ==
               strlen(host);
}

static bool is_address(const char *text)
{
    uint8_t address[16];

    return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

bool announcement_judge(const struct announcement *announcement, struct gk_reason *why)
{
    struct gk_group group;

    if (!announcement->owner || !gk_utf8_is(gk_octets_of(announcement->owner)))
        return refuse(why, "owner name", "a name on one line");
    if (!gk_group_set(&group, announcement->group.type, gk_group_value(&announcement->group), why))
        return false;
    for (size_t i = 0; i < announcement->server_count; i++) {
        if (!is_host(announcement->server[i].host))
            return refuse(why, "server host", "a name or an address");
    }
    for (size_t i = 0; i < announcement->rekey_count; i++) {
        if (!is_address(announcement->rekey[i].address))
            return refuse(why, "rekey address", "a numeric address");
    }
    return true;
}

struct announcement *announcement_read(struct gk_octets from, struct gk_reason *why)
{
    struct announcement *to;
    json_error_t error;
    json_t *root;
    bool good;

    if (!from.size || from.size > ANNOUNCEMENT_MAX) {
        (void)refuse(why, "size", "1 to 262144 octets");
        return NULL;
    }
    root = json_loadb((const char *)from.data, from.size, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        char shown[120];

        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "announcement-json", "line %d: %s", error.line,
                        gk_escape(shown, sizeof shown, gk_octets_of(error.text)));
        return NULL;
    }
    to = gk_alloc(1, sizeof *to);
    good = read_all(root, to, why);
    json_decref(root);
    if (good)
        return to;
    announcement_free(to);
    return NULL;
}
