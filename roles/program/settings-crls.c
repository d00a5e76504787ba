/* SPDX-License-Identifier: Apache-2.0 */
/* The revocation lists that a group's section names. */
#include <stdlib.h>

#include <gnutls/x509.h>

#include "gsakmp/run/file.h"
#include "roles/pki-lists.h"
#include "roles/program/settings.h"

#define FILE_MOST ((size_t)16 << 20)

static bool put(struct settings_crls *crls, gnutls_x509_crl_t crl, const char *path,
                struct gk_reason *why)
{
    gnutls_datum_t der = {NULL, 0};
    struct gk_reason inner;
    bool good;

    if (crls->count == SETTINGS_CRLS)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "crl-count", "%s: more than %d CRLs", path,
                         SETTINGS_CRLS);
    if (gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_DER, &der) < 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "crl-file", "%s: a CRL cannot be read", path);
    good = pki_check_crl(gk_octets(der.data, der.size), &inner) ||
           gk_refuse(why, inner.notification, GK_NO_OFFSET, inner.code, "%s: %.200s", path,
                     inner.text);
    if (good) {
        crls->der[crls->count] = gk_secret_copy(gk_octets(der.data, der.size));
        crls->at[crls->count] = gk_secret_octets(&crls->der[crls->count]);
        crls->count++;
    }
    gnutls_free(der.data);
    return good;
}

/* PEM, one or several, or DER. */
static bool put_file(struct settings_crls *crls, struct gk_octets octets, const char *path,
                     struct gk_reason *why)
{
    gnutls_datum_t datum = {(uint8_t *)(uintptr_t)octets.data, (unsigned)octets.size};
    gnutls_x509_crl_t *list = NULL;
    unsigned size = 0;
    bool good = true;
    int result = gnutls_x509_crl_list_import2(&list, &size, &datum, GNUTLS_X509_FMT_PEM, 0);

    if (result < 0)
        result = gnutls_x509_crl_list_import2(&list, &size, &datum, GNUTLS_X509_FMT_DER, 0);
    if (result < 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "crl-file", "%s: no CRL: %s", path,
                         gnutls_strerror(result));
    for (unsigned i = 0; i < size; i++) {
        good = good && put(crls, list[i], path, why);
        gnutls_x509_crl_deinit(list[i]);
    }
    gnutls_free(list);
    return good;
}

bool settings_crls_read(struct settings_crls *crls, const char *file, cfg_t *section,
                        struct gk_reason *why)
{
    bool good = true;

    *crls = (struct settings_crls){0};
    for (unsigned i = 0; good && i < cfg_size(section, "crls"); i++) {
        char *path = settings_path(file, cfg_getnstr(section, "crls", i));
        struct gk_writer octets = {0};

        good = run_file_read_regular(path, FILE_MOST, &octets, why) &&
               put_file(crls, gk_writer_octets(&octets), path, why);
        gk_writer_free(&octets);
        free(path);
    }
    if (!good)
        settings_crls_free(crls);
    return good;
}

static bool is_displaced(const struct settings_crls *crls, struct gk_octets held,
                         const struct pki_trust *trust)
{
    for (size_t i = 0; i < crls->count; i++) {
        if (pki_list_displaces(crls->at[i], held, trust))
            return true;
    }
    return false;
}

bool settings_crls_keep(struct settings_crls *crls, const struct settings_crls *held,
                        const struct pki_trust *trust, size_t *kept, struct gk_reason *why)
{
    *kept = 0;
    for (size_t i = 0; i < held->count; i++) {
        if (is_displaced(crls, held->at[i], trust))
            continue;
        if (crls->count == SETTINGS_CRLS)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "crl-count",
                             "more than %d CRLs, with those that are in force and that none of the "
                             "files replaces by a newer one of its CA",
                             SETTINGS_CRLS);
        crls->der[crls->count] = gk_secret_copy(held->at[i]);
        crls->at[crls->count] = gk_secret_octets(&crls->der[crls->count]);
        crls->count++;
        ++*kept;
    }
    return true;
}

void settings_crls_free(struct settings_crls *crls)
{
    for (size_t i = 0; i < crls->count; i++)
        gk_secret_free(&crls->der[i]);
    *crls = (struct settings_crls){0};
}
