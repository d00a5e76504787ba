/* SPDX-License-Identifier: Apache-2.0 */
/* Announcements in memory, and out: the file and the canonical form. Reading is in
 * announce-read.c. */
#include "token/announce.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <nettle/base64.h>

#include "gsakmp/digest.h"
#include "token/announce-json.h"
#include "token/json.h"

static json_t *hex(struct gk_octets octets)
{
    char *text = gk_hex(octets);
    json_t *value = json_string(text);

    free(text);
    return value;
}

/* PEM with lines of 64: one text for one certificate. */
static json_t *pem(struct gk_octets der)
{
    size_t size = BASE64_ENCODE_RAW_LENGTH(der.size);
    char *base64 = gk_alloc(size + 1, 1);
    struct gk_writer writer = {0};
    json_t *value;

    base64_encode_raw(base64, der.size, der.data);
    gk_write_octets(&writer, gk_octets_of("-----BEGIN CERTIFICATE-----\n"));
    for (size_t at = 0; at < size; at += 64) {
        gk_write(&writer, base64 + at, size - at < 64 ? size - at : 64);
        gk_write_u8(&writer, '\n');
    }
    gk_write_octets(&writer, gk_octets_of("-----END CERTIFICATE-----\n"));
    value = json_stringn((const char *)writer.data, writer.size);
    gk_writer_free(&writer);
    free(base64);
    return value;
}

static json_t *group_json(const struct announcement *from)
{
    json_t *group = json_object();

    token_json_set(group, "type", json_integer(from->group.type));
    token_json_set(group, "value", hex(gk_group_value(&from->group)));
    if (from->has_least_edition)
        token_json_set(group, "least-edition", json_integer(from->least_edition));
    return group;
}

static json_t *mechanism_json(const struct gk_mechanism *from)
{
    json_t *mechanism = json_object();

    token_json_set(mechanism, "signature", json_integer(from->signature));
    token_json_set(mechanism, "nonce-hash", json_integer(from->nonce_hash));
    token_json_set(mechanism, "key-creation", json_integer(from->key_creation));
    token_json_set(mechanism, "key-wrap", json_integer(from->key_wrap));
    return mechanism;
}

static json_t *owner_json(const struct announcement *from)
{
    json_t *owner = json_object();

    token_json_set(owner, "name", json_string(from->owner));
    token_json_set(owner, "certificate-sha256", hex(gk_octets(from->owner_fingerprint, 32)));
    return owner;
}

static json_t *servers_json(const struct announcement *from)
{
    json_t *servers = json_array();

    for (size_t i = 0; i < from->server_count; i++) {
        json_t *server = json_object();

        token_json_set(server, "host", json_string(from->server[i].host));
        token_json_set(server, "port", json_integer(from->server[i].port));
        token_json_set(server, "transport", json_string(from->server[i].tcp ? "tcp" : "udp"));
        token_json_append(servers, server);
    }
    return servers;
}

static json_t *rekeys_json(const struct announcement *from)
{
    json_t *rekeys = json_array();

    for (size_t i = 0; i < from->rekey_count; i++) {
        json_t *rekey = json_object();

        token_json_set(rekey, "address", json_string(from->rekey[i].address));
        token_json_set(rekey, "port", json_integer(from->rekey[i].port));
        token_json_append(rekeys, rekey);
    }
    return rekeys;
}

static json_t *announcement_json(const struct announcement *from)
{
    json_t *root = json_object();
    json_t *roots = json_array();

    for (size_t i = 0; i < from->root_count; i++)
        token_json_append(roots, pem(gk_secret_octets(&from->root[i])));
    token_json_set(root, "gsakmp-announcement", json_integer(1));
    token_json_set(root, "group", group_json(from));
    token_json_set(root, "mechanism", mechanism_json(&from->mechanism));
    token_json_set(root, "owner", owner_json(from));
    token_json_set(root, "roots", roots);
    token_json_set(root, "servers", servers_json(from));
    token_json_set(root, "rekey", rekeys_json(from));
    return root;
}

static char *dump(const struct announcement *from, size_t flags)
{
    json_t *root = announcement_json(from);
    char *text = json_dumps(root, flags | JSON_ENSURE_ASCII);

    json_decref(root);
    if (!text)
        abort();
    return text;
}

bool announcement_write(const struct announcement *announcement, struct gk_writer *to,
                        struct gk_reason *why)
{
    struct announcement *again;
    char *text;
    bool good;

    if (!announcement_judge(announcement, why))
        return false;
    text = dump(announcement, JSON_INDENT(2));
    again = announcement_read(gk_octets_of(text), why);
    good = again != NULL;
    announcement_free(again);
    if (good) {
        gk_write_octets(to, gk_octets_of(text));
        gk_write_u8(to, '\n');
    }
    free(text);
    return good;
}

void announcement_fingerprint(const struct announcement *announcement,
                              char text[ANNOUNCEMENT_FINGERPRINT_TEXT])
{
    static const char digits[] = "0123456789ABCDEF";
    char *canonical = dump(announcement, JSON_COMPACT);
    uint8_t digest[GK_SHA256_SIZE];

    gk_sha256(gk_octets_of(canonical), digest);
    free(canonical);
    for (size_t i = 0; i < sizeof digest; i++) {
        *text++ = digits[digest[i] >> 4];
        *text++ = digits[digest[i] & 15];
        if (i % 2 && i + 1 < sizeof digest)
            *text++ = ' ';
    }
    *text = '\0';
}

void announcement_free(struct announcement *announcement)
{
    if (!announcement)
        return;
    free(announcement->owner);
    for (size_t i = 0; i < announcement->root_count; i++)
        gk_secret_free(&announcement->root[i]);
    for (size_t i = 0; i < announcement->server_count; i++)
        free(announcement->server[i].host);
    for (size_t i = 0; i < announcement->rekey_count; i++)
        free(announcement->rekey[i].address);
    free(announcement);
}
