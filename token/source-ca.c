/* SPDX-License-Identifier: Apache-2.0 */
/* Certification authorities: declared by <ca>, named by ca, or given by ca-key-id. */
#include "token/source-part.h"

#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "gsakmp/datum.h"
#include "gsakmp/digest.h"
#include "token/der-read.h"

#define CAS_MOST 1024

/* SHA-1 of the subjectPublicKey BIT STRING (RFC 5280 4.2.1.2 method 1, profile 11.6). */
static bool hash_key(struct gk_octets spki, uint8_t to[GK_SHA1_SIZE])
{
    struct der_in in = {.why = NULL};
    struct gk_reader reader = gk_reader(spki);
    struct gk_reader info = der_enter(&in, &reader, DER_SEQUENCE, "");
    struct gk_octets key;

    (void)der_read_whole(&in, &info, DER_SEQUENCE, "");
    key = der_read(&in, &info, DER_BIT_STRING, DER_BIT_STRING, "");
    der_leave(&in, &info);
    if (!der_ok(&in) || key.data[0])
        return false;
    gk_sha1(gk_octets(key.data + 1, key.size - 1), to);
    return true;
}

static bool key_id_of(gnutls_x509_crt_t certificate, uint8_t to[GK_SHA1_SIZE])
{
    gnutls_datum_t spki = {NULL, 0};
    gnutls_pubkey_t key;
    bool good;

    if (gnutls_pubkey_init(&key) < 0)
        return false;
    good = gnutls_pubkey_import_x509(key, certificate, 0) >= 0 &&
           gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &spki) >= 0 &&
           hash_key(gk_octets(spki.data, spki.size), to);
    gnutls_free(spki.data);
    gnutls_pubkey_deinit(key);
    return good;
}

/* Exactly one certificate, PEM or DER, of an authority. */
static const char *judge_certificate(struct gk_octets file, uint8_t to[GK_SHA1_SIZE])
{
    gnutls_datum_t datum = gk_datum(file);
    bool pem = memmem(file.data, file.size, "-----BEGIN", 10) != NULL;
    gnutls_x509_crt_t *list = NULL;
    unsigned count = 0;
    const char *wrong = NULL;

    if (gnutls_x509_crt_list_import2(&list, &count, &datum,
                                     pem ? GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER, 0) < 0)
        return "holds no certificate; expected one, PEM or DER";
    if (count != 1)
        wrong = "holds several certificates; expected one";
    else if (gnutls_x509_crt_get_ca_status(list[0], NULL) <= 0)
        wrong = "is no certificate of an authority; expected one with CA:TRUE";
    else if (!key_id_of(list[0], to))
        wrong = "has a public key that cannot be read; expected another certificate";
    for (unsigned i = 0; i < count; i++)
        gnutls_x509_crt_deinit(list[i]);
    gnutls_free(list);
    return wrong;
}

static bool load_ca(struct source *source, const xmlNode *at, const char *file,
                    struct gk_octets *key_id)
{
    struct gk_writer writer = {0};
    struct gk_reason why = {0};
    uint8_t hash[GK_SHA1_SIZE];
    const char *wrong;
    char shown[64];

    gk_escape(shown, sizeof shown, gk_octets_of(file));
    if (!source->files || !source->files->load(source->files->context, file, &writer, &why)) {
        gk_writer_free(&writer);
        return source_refuse(source, at, "source-file",
                             "no <ca> is named \"%s\" and no such file can be read: %.80s; "
                             "expected either",
                             shown, why.text[0] ? why.text : "files are not read here");
    }
    wrong = judge_certificate(gk_writer_octets(&writer), hash);
    gk_writer_free(&writer);
    if (wrong)
        return source_refuse(source, at, "source-certificate", "the file \"%s\" %s", shown, wrong);
    *key_id = token_octets(source->token, gk_octets(hash, sizeof hash));
    return true;
}

static bool read_key_id(struct source *source, const xmlNode *at, const char *attribute,
                        struct gk_octets *to)
{
    if (!source_octets(source, at, attribute, SOURCE_KEY_ID_MAX, to))
        return false;
    return to->size || source_refuse_value(source, at, attribute, "the octets of a key identifier");
}

static bool read_ca(struct source *source, const xmlNode *at, struct source_ca *ca)
{
    ca->name = source_attribute(at, "name");
    if (!ca->name || !*ca->name)
        return source_refuse(source, at, "source-missing",
                             "<ca> has no name; expected the name by which identities refer to it");
    for (size_t i = 0; i < source->ca_count; i++) {
        if (&source->cas[i] != ca && strcmp(source->cas[i].name, ca->name) == 0)
            return source_refuse_value(source, at, "name", "a name that no other <ca> has");
    }
    if (source_has(at, "file") == source_has(at, "key-id"))
        return source_refuse(source, at, "source-combination",
                             "<ca> has %s of file and key-id; expected one",
                             source_has(at, "file") ? "both" : "neither");
    if (source_has(at, "key-id"))
        return read_key_id(source, at, "key-id", &ca->key_id);
    return load_ca(source, at, source_attribute(at, "file"), &ca->key_id);
}

bool source_read_cas(struct source *source, const xmlNode *policy)
{
    for (const xmlNode *at = source_child(policy, "ca"); at; at = source_next(at)) {
        struct source_ca *ca;

        if (source->ca_count == CAS_MOST)
            return source_refuse(source, at, "source-count",
                                 "the policy declares too many <ca>; expected %d at most, others "
                                 "can stand as ca-key-id",
                                 CAS_MOST);
        ca = token_append(source->token, (void **)&source->cas, &source->ca_count, sizeof *ca);
        if (!read_ca(source, at, ca))
            return false;
    }
    return true;
}

bool source_ca_of(struct source *source, const xmlNode *at, struct gk_octets *ca)
{
    const char *name = source_attribute(at, "ca");

    if (name && source_has(at, "ca-key-id"))
        return source_refuse(source, at, "source-combination",
                             "<%s> has ca and ca-key-id; expected one of them",
                             (const char *)at->name);
    if (source_has(at, "ca-key-id"))
        return read_key_id(source, at, "ca-key-id", ca);
    if (!name && source->ca_count != 1)
        return source_refuse(source, at, "source-missing",
                             "<%s> names no authority, and %zu <ca> are declared; expected ca or "
                             "ca-key-id, or exactly one <ca>",
                             (const char *)at->name, source->ca_count);
    for (size_t i = 0; i < source->ca_count; i++) {
        if (!name || strcmp(source->cas[i].name, name) == 0) {
            *ca = source->cas[i].key_id;
            return true;
        }
    }
    return load_ca(source, at, name, ca);
}
