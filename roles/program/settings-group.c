/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a group's section names: announcement, key, certificates, CRLs. */
#include "roles/program/settings.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#include "gsakmp/run/file.h"
#include "token/kind.h"
#include "token/mechanism.h"

/* Signature types of one kind of key (RFC 4535 table 21, profile 10). */
#define P384_SHA3   2
#define P384_SHA384 49155

/* Slices of a store that still grows are offsets; they become pointers at the end. */
struct builder {
    struct settings_group *group;
    const char *file;
    struct gk_writer store;
};

static struct gk_octets put(struct builder *builder, struct gk_octets octets)
{
    size_t at = builder->store.size;

    gk_write_octets(&builder->store, octets);
    return gk_octets((const uint8_t *)(uintptr_t)at, octets.size);
}

static void settle(struct gk_octets *slice, const uint8_t *base)
{
    slice->data = base + (uintptr_t)slice->data;
}

static bool put_pem(struct builder *builder, const gnutls_datum_t *pem, const char *path,
                    struct gk_octets *slots, size_t most, size_t *count, struct gk_reason *why)
{
    gnutls_x509_crt_t *list = NULL;
    unsigned size = 0;
    bool good = true;
    int result = gnutls_x509_crt_list_import2(&list, &size, pem, GNUTLS_X509_FMT_PEM, 0);

    if (result < 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "certificate-file",
                         "%s: no certificates in PEM: %s", path, gnutls_strerror(result));
    for (unsigned i = 0; i < size; i++) {
        gnutls_datum_t der = {NULL, 0};

        if (good && *count == most)
            good = gk_refuse(why, GK_NONE, GK_NO_OFFSET, "certificate-count",
                             "%s: more than %zu certificates", path, most);
        if (good && gnutls_x509_crt_export2(list[i], GNUTLS_X509_FMT_DER, &der) < 0)
            good = gk_refuse(why, GK_NONE, GK_NO_OFFSET, "certificate-file",
                             "%s: certificate %u cannot be read", path, i + 1);
        if (good)
            slots[(*count)++] = put(builder, gk_octets(der.data, der.size));
        gnutls_free(der.data);
        gnutls_x509_crt_deinit(list[i]);
    }
    gnutls_free(list);
    return good;
}

static bool put_crl(struct builder *builder, const gnutls_datum_t *octets, const char *path,
                    struct gk_reason *why)
{
    struct settings_group *group = builder->group;
    gnutls_x509_crl_t crl;
    gnutls_datum_t der = {NULL, 0};
    int result = gnutls_x509_crl_init(&crl);

    if (result >= 0) {
        result = gnutls_x509_crl_import(crl, octets, GNUTLS_X509_FMT_PEM);
        if (result < 0)
            result = gnutls_x509_crl_import(crl, octets, GNUTLS_X509_FMT_DER);
        if (result >= 0)
            result = gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_DER, &der);
        gnutls_x509_crl_deinit(crl);
    }
    if (result < 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "crl-file", "%s: no CRL: %s", path,
                         gnutls_strerror(result));
    if (group->crl_count == SETTINGS_CRLS) {
        gnutls_free(der.data);
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "crl-count", "more than %d CRLs",
                         SETTINGS_CRLS);
    }
    group->crls[group->crl_count++] = put(builder, gk_octets(der.data, der.size));
    gnutls_free(der.data);
    return true;
}

/* A key of another certificate would sign what nobody can verify. */
static bool judge_pair(const struct settings_group *group, struct gk_reason *why)
{
    gnutls_datum_t der = {(uint8_t *)(uintptr_t)group->certificate[0].data,
                          (unsigned)group->certificate[0].size};
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
               gk_signer_spki(&group->signer, &own, NULL) &&
               gk_octets_equal(gk_writer_octets(&own), gk_octets(spki.data, spki.size));
        gnutls_pubkey_deinit(key);
    }
    gnutls_x509_crt_deinit(certificate);
    gnutls_free(spki.data);
    gk_writer_free(&own);
    return good ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "key-and-certificate",
                     "group \"%s\": the key is not that of the first certificate", group->title);
}

static bool read_list(struct builder *builder, const char *option, bool crls, struct gk_reason *why)
{
    struct settings_group *group = builder->group;

    for (unsigned i = 0; i < cfg_size(group->section, option); i++) {
        char *path = settings_path(builder->file, cfg_getnstr(group->section, option, i));
        struct gk_writer octets = {0};
        bool good = run_file_read(path, (size_t)1 << 20, &octets, why);

        if (good) {
            gnutls_datum_t datum = {octets.data, (unsigned)octets.size};

            good = crls ? put_crl(builder, &datum, path, why)
                        : put_pem(builder, &datum, path, group->certificate, SETTINGS_CERTIFICATES,
                                  &group->certificate_count, why);
        }
        gk_writer_free(&octets);
        free(path);
        if (!good)
            return false;
    }
    return true;
}

static bool read_key(struct builder *builder, struct gk_reason *why)
{
    struct settings_group *group = builder->group;
    const char *name = cfg_getstr(group->section, "key");
    struct gk_writer key = {0};
    struct gk_reason inner;
    char *path;
    bool good;

    if (!name)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "key-missing",
                         "%s: group \"%s\" has no key; give a private key file in PEM",
                         builder->file, group->title);
    path = settings_path(builder->file, name);
    good = run_file_read_private(path, 65536, &key, why);
    if (good && !gk_signer_open(&group->signer, gk_writer_octets(&key), -1, NULL, &inner))
        good = gk_refuse(why, GK_NONE, GK_NO_OFFSET, "key-file", "%s: %s", path,
                         strcmp(inner.code, "key-password") == 0
                             ? "the private key is encrypted, and a daemon has nobody to ask for "
                               "its password; store it in clear with mode 0600"
                             : inner.text);
    group->has_signer = good;
    group->has_sha3_signer =
        good && group->signer.type == P384_SHA384 &&
        gk_signer_open(&group->sha3_signer, gk_writer_octets(&key), P384_SHA3, NULL, NULL);
    gk_writer_free(&key);
    free(path);
    return good;
}

static bool read_announcement(struct builder *builder, struct gk_reason *why)
{
    struct settings_group *group = builder->group;
    const char *name = cfg_getstr(group->section, "announcement");
    struct gk_writer octets = {0};
    char *path;
    struct gk_reason inner;

    if (!name)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "announcement-missing",
                         "%s: group \"%s\" has no announcement; the group owner makes one with "
                         "gsakmp-token announce",
                         builder->file, group->title);
    path = settings_path(builder->file, name);
    if (!run_file_read(path, ANNOUNCEMENT_MAX, &octets, why)) {
        free(path);
        return false;
    }
    group->announcement = announcement_read(gk_writer_octets(&octets), &inner);
    if (!group->announcement)
        (void)token_kind_explain(gk_writer_octets(&octets), TOKEN_KIND_ANNOUNCEMENT,
                                 "the group's announcement", &inner);
    if (!group->announcement)
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, inner.code, "%s: %.180s", path, inner.text);
    gk_writer_free(&octets);
    free(path);
    return group->announcement != NULL;
}

static bool read_mechanisms(struct builder *builder, struct gk_reason *why)
{
    struct settings_group *group = builder->group;
    unsigned count = cfg_size(group->section, "mechanisms");

    if (count > SETTINGS_MECHANISMS)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "mechanisms", "more than %d mechanisms",
                         SETTINGS_MECHANISMS);
    for (unsigned i = 0; i < count; i++) {
        const char *name = cfg_getnstr(group->section, "mechanisms", i);
        struct gk_reason inner;

        if (!token_mechanism_parse(name, &group->mechanisms[i], &inner))
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "mechanisms",
                             "%.60s: group \"%.40s\": %.180s", builder->file, group->title,
                             inner.text);
    }
    group->policy.local.mechanisms = count ? group->mechanisms : NULL;
    group->policy.local.mechanism_count = count;
    return true;
}

static bool read_policy(struct builder *builder, struct gk_reason *why)
{
    struct settings_group *group = builder->group;
    struct load_policy *policy = &group->policy;
    const struct announcement *from = group->announcement;
    long edition;
    long skew;

    if (!settings_number(group->section, builder->file, "minimum_edition", 0, LONG_MAX, &edition,
                         why) ||
        !settings_number(group->section, builder->file, "skew", 1, 86400, &skew, why))
        return false;
    for (size_t i = 0; i < from->root_count; i++) {
        if (!pki_check_root(gk_secret_octets(&from->root[i]), why))
            return false;
    }
    policy->group = from->group;
    policy->owner = gk_octets_of(from->owner);
    policy->has_owner_fingerprint = true;
    memcpy(policy->owner_fingerprint, from->owner_fingerprint, sizeof policy->owner_fingerprint);
    for (size_t i = 0; i < from->root_count; i++)
        group->roots[i] = gk_secret_octets(&from->root[i]);
    policy->trust.roots = group->roots;
    policy->trust.root_count = from->root_count;
    policy->trust.crls = group->crls;
    policy->trust.crl_count = group->crl_count;
    policy->trust.demand_crl = cfg_getbool(group->section, "demand_crls");
    policy->local.tolerate_suite_1 = cfg_getbool(group->section, "tolerate_suite_1");
    policy->trust.tolerate_sha1 = policy->local.tolerate_suite_1;
    policy->local.tolerate_unknown_protocols =
        cfg_getbool(group->section, "tolerate_unknown_protocols");
    policy->has_least_edition = edition || from->has_least_edition;
    policy->least_edition = edition ? edition : from->least_edition;
    policy->skew = skew;
    return read_mechanisms(builder, why);
}

bool settings_group_read(struct settings_group *group, const char *file, cfg_t *section,
                         struct gk_reason *why)
{
    struct builder builder = {.group = group, .file = file};
    bool good;

    *group = (struct settings_group){.title = cfg_title(section), .section = section};
    good = read_announcement(&builder, why) && read_key(&builder, why) &&
           read_list(&builder, "certificates", false, why) &&
           read_list(&builder, "crls", true, why) && read_policy(&builder, why);
    group->store = gk_writer_take(&builder.store);
    for (size_t i = 0; i < group->certificate_count; i++)
        settle(&group->certificate[i], group->store.data);
    for (size_t i = 0; i < group->crl_count; i++)
        settle(&group->crls[i], group->store.data);
    for (size_t i = 0; good && i < group->crl_count; i++)
        good = pki_check_crl(group->crls[i], why);
    if (good && !group->certificate_count)
        good = gk_refuse(why, GK_NONE, GK_NO_OFFSET, "certificate-missing",
                         "%s: group \"%s\" names no certificates; give this host's own first, "
                         "then the intermediates",
                         file, group->title);
    return good && judge_pair(group, why);
}

struct pki_identity *settings_own_path(const struct settings_group *group, gk_time now,
                                       struct gk_reason *why)
{
    struct pki_identity *own = NULL;
    struct gk_reason inner;

    if (!pki_validate(&group->policy.trust, group->certificate, group->certificate_count, NULL, 0,
                      now, &own, &inner))
        (void)gk_refuse(why, inner.notification, GK_NO_OFFSET, "own-certificate",
                        "group \"%.40s\": nobody will accept this host's certificate: %.170s",
                        group->title, inner.text);
    return own;
}

bool settings_apart(const struct settings_group *a, const struct settings_group *b,
                    struct gk_reason *why)
{
    return !gk_group_equal(&a->policy.group, &b->policy.group) ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "groups",
                     "groups \"%.60s\" and \"%.60s\" have the same Group ID; one section is "
                     "enough",
                     a->title, b->title);
}

void settings_group_free(struct settings_group *group)
{
    announcement_free(group->announcement);
    if (group->has_signer)
        gk_signer_free(&group->signer);
    if (group->has_sha3_signer)
        gk_signer_free(&group->sha3_signer);
    gk_secret_free(&group->store);
    *group = (struct settings_group){0};
}
