/* SPDX-License-Identifier: Apache-2.0 */
/* This host's keys and certificates for a group: those of the group's section itself, and those
 * of its `credential` sections. */
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#include "gsakmp/run/file.h"
#include "roles/program/settings.h"
#include "roles/x509.h"

/* A P-384 key signs in two types (RFC 4535 table 21, profile 10). */
#define P384_SHA3   2
#define P384_SHA384 49155

cfg_opt_t settings_credential_options[] = {
    CFG_STR("key", NULL, CFGF_NONE), CFG_STR_LIST("certificates", NULL, CFGF_NONE), CFG_END()};

/* One pair of `key` and `certificates` on its way into the group. */
struct pair {
    struct settings_group *group;
    const char *file;
    cfg_t *section;
    char where[120];  /* for sentences: the group, and the section in it */
    const char *name; /* of the section, "" for the group's own */
    size_t certificate_count;
    const struct gk_octets *certificates;
};

/* --- certificates ------------------------------------------------------------------------- */

static bool put(struct pair *pair, gnutls_x509_crt_t certificate, const char *path,
                struct gk_reason *why)
{
    struct settings_group *group = pair->group;
    size_t at = group->certificate_count;
    gnutls_datum_t der = {NULL, 0};

    if (at == SETTINGS_CERTIFICATES)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "certificate-count",
                         "%s: group \"%s\" has more than %d certificates", path, group->title,
                         SETTINGS_CERTIFICATES);
    if (gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_DER, &der) < 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "certificate-file",
                         "%s: certificate %zu cannot be read", path, pair->certificate_count + 1);
    group->certificate_der[at] = gk_secret_copy(gk_octets(der.data, der.size));
    group->certificate[at] = gk_secret_octets(&group->certificate_der[at]);
    group->certificate_count++;
    pair->certificate_count++;
    gnutls_free(der.data);
    return true;
}

static bool put_pem(struct pair *pair, const gnutls_datum_t *pem, const char *path,
                    struct gk_reason *why)
{
    gnutls_x509_crt_t *list = NULL;
    unsigned size = 0;
    bool good = true;
    int result = gnutls_x509_crt_list_import2(&list, &size, pem, GNUTLS_X509_FMT_PEM, 0);

    if (result < 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "certificate-file",
                         "%s: no certificates in PEM: %s", path, gnutls_strerror(result));
    for (unsigned i = 0; i < size; i++) {
        good = good && put(pair, list[i], path, why);
        gnutls_x509_crt_deinit(list[i]);
    }
    gnutls_free(list);
    return good;
}

static bool read_certificates(struct pair *pair, struct gk_reason *why)
{
    pair->certificates = &pair->group->certificate[pair->group->certificate_count];
    for (unsigned i = 0; i < cfg_size(pair->section, "certificates"); i++) {
        char *path = settings_path(pair->file, cfg_getnstr(pair->section, "certificates", i));
        struct gk_writer octets = {0};
        bool good = run_file_read(path, (size_t)1 << 20, &octets, why);

        if (good) {
            gnutls_datum_t datum = {octets.data, (unsigned)octets.size};

            good = put_pem(pair, &datum, path, why);
        }
        gk_writer_free(&octets);
        free(path);
        if (!good)
            return false;
    }
    return pair->certificate_count ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "certificate-missing",
                     "%s: %s names no certificates; give this host's own first, then the "
                     "intermediates",
                     pair->file, pair->where);
}

/* --- keys ----------------------------------------------------------------------------------- */

/* A key of another certificate would sign what nobody can verify. */
static bool judge_pair(const struct pair *pair, const struct gk_signer *signer,
                       struct gk_reason *why)
{
    gnutls_datum_t der = {(uint8_t *)(uintptr_t)pair->certificates[0].data,
                          (unsigned)pair->certificates[0].size};
    gnutls_datum_t spki = {NULL, 0};
    gnutls_x509_crt_t certificate;
    gnutls_pubkey_t key;
    struct gk_writer own = {0};
    bool good = false;

    if (gnutls_x509_crt_init(&certificate) < 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "certificate-file", "out of memory");
    if (gnutls_pubkey_init(&key) >= 0) {
        good = gnutls_x509_crt_import(certificate, &der, GNUTLS_X509_FMT_DER) >= 0 &&
               gnutls_pubkey_import_x509(key, certificate, 0) >= 0 &&
               gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &spki) >= 0 &&
               gk_signer_spki(signer, &own, NULL) &&
               gk_octets_equal(gk_writer_octets(&own), gk_octets(spki.data, spki.size));
        gnutls_pubkey_deinit(key);
    }
    gnutls_x509_crt_deinit(certificate);
    gnutls_free(spki.data);
    gk_writer_free(&own);
    return good || gk_refuse(why, GK_NONE, GK_NO_OFFSET, "key-and-certificate",
                             "%s: the key is not that of the first certificate", pair->where);
}

/* With the signature type that fits the key, or with `type`; one of each is enough. */
static bool add_signer(struct pair *pair, struct gk_octets key, int32_t type, struct gk_reason *why)
{
    struct settings_group *group = pair->group;
    struct gk_signer *signer = &group->signer[group->credential_count];

    if (group->credential_count == CREDENTIALS_MOST)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "credentials",
                         "%s is one too many: %d keys, one a signature type, are enough",
                         pair->where, CREDENTIALS_MOST);
    if (!gk_signer_open(signer, key, type, NULL, why))
        return false;
    group->credential_name[group->credential_count] = pair->name;
    group->credential[group->credential_count++] =
        (struct credential){signer, pair->certificates, pair->certificate_count};
    for (size_t i = 0; i + 1 < group->credential_count; i++) {
        if (group->signer[i].type == signer->type)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "credentials",
                             "%s has a second key for %s signatures; which one counts?",
                             pair->where, gk_signature_find(signer->type)->name);
    }
    return judge_pair(pair, signer, why);
}

static bool open_key(struct pair *pair, const char *path, struct gk_octets key,
                     struct gk_reason *why)
{
    size_t at = pair->group->credential_count;
    struct gk_reason inner;

    if (!add_signer(pair, key, -1, &inner)) {
        /* Reasons of the key itself; the others name their place already. */
        if (pair->group->credential_count > at || at == CREDENTIALS_MOST) {
            if (why)
                *why = inner;
            return false;
        }
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "key-file", "%s: %s", path,
                         strcmp(inner.code, "key-password") == 0
                             ? "the private key is encrypted, and a daemon has nobody to ask for "
                               "its password; store it in clear with mode 0600"
                             : inner.text);
    }
    return pair->group->signer[at].type != P384_SHA384 || at + 1 == CREDENTIALS_MOST ||
           add_signer(pair, key, P384_SHA3, why);
}

static bool read_key(struct pair *pair, struct gk_reason *why)
{
    const char *name = cfg_getstr(pair->section, "key");
    struct gk_writer key = {0};
    char *path;
    bool good;

    if (!name)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "key-missing",
                         "%s: %s has no key; give a private key file in PEM", pair->file,
                         pair->where);
    path = settings_path(pair->file, name);
    good = run_file_read_private(path, 65536, &key, why) &&
           open_key(pair, path, gk_writer_octets(&key), why);
    gk_writer_free(&key);
    free(path);
    return good;
}

/* --- the group ------------------------------------------------------------------------------ */

static bool read_pair(struct settings_group *group, const char *file, cfg_t *section,
                      const char *name, struct gk_reason *why)
{
    struct pair pair = {.group = group, .file = file, .section = section, .name = name};

    (void)snprintf(pair.where, sizeof pair.where, "group \"%.40s\"%s%.40s%s", group->title,
                   *name ? ", credential \"" : "", name, *name ? "\"" : "");
    return read_certificates(&pair, why) && read_key(&pair, why);
}

bool settings_credentials_read(struct settings_group *group, const char *file,
                               struct gk_reason *why)
{
    unsigned sections = cfg_size(group->section, "credential");
    bool own =
        !sections || cfg_getstr(group->section, "key") || cfg_size(group->section, "certificates");

    if (own && !read_pair(group, file, group->section, "", why))
        return false;
    for (unsigned i = 0; i < sections; i++) {
        cfg_t *section = cfg_getnsec(group->section, "credential", i);

        if (!read_pair(group, file, section, cfg_title(section), why))
            return false;
    }
    return true;
}

void settings_credentials_free(struct settings_group *group)
{
    for (size_t i = 0; i < CREDENTIALS_MOST; i++)
        gk_signer_free(&group->signer[i]);
    for (size_t i = 0; i < group->certificate_count; i++)
        gk_secret_free(&group->certificate_der[i]);
}

struct pki_identity *settings_own_path(const struct settings_group *group, size_t credential,
                                       gk_time now, struct gk_reason *why)
{
    const struct credential *own = &group->credential[credential];
    struct pki_identity *identity = NULL;
    struct gk_reason inner;

    if (!pki_validate(&group->policy.trust, own->certificates, own->certificate_count, NULL, 0, now,
                      &identity, &inner))
        (void)gk_refuse(why, inner.notification, GK_NO_OFFSET, "own-certificate",
                        "group \"%.40s\": nobody will accept this host's certificate: %.170s",
                        group->title, inner.text);
    return identity;
}

/* At a moment when its certificate was good, whatever the lists say: who it is does not end. */
struct pki_identity *settings_own_identity(const struct settings_group *group, size_t credential,
                                           gk_time now)
{
    const struct credential *own = &group->credential[credential];
    const struct pki_trust trust = {.roots = group->policy.trust.roots,
                                    .root_count = group->policy.trust.root_count,
                                    .tolerate_sha1 = group->policy.trust.tolerate_sha1};
    struct pki_identity *identity = NULL;
    gk_time at[3] = {now};
    struct x509 certificate;

    if (!own->certificate_count || !x509_parse(&certificate, own->certificates[0], NULL))
        return NULL;
    at[1] = certificate.until;
    at[2] = certificate.from;
    for (size_t i = 0; i < 3; i++) {
        if (pki_validate(&trust, own->certificates, own->certificate_count, NULL, 0, at[i],
                         &identity, NULL))
            return identity;
    }
    return NULL;
}

bool settings_own_paths(const struct settings_group *group, gk_time now, struct gk_reason *why)
{
    for (size_t i = 0; i < group->credential_count; i++) {
        struct pki_identity *own = settings_own_path(group, i, now, why);

        if (!own)
            return false;
        pki_identity_free(own);
    }
    return true;
}
