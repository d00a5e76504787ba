/* SPDX-License-Identifier: Apache-2.0 */
/* Files: certificates and CRLs. */
#include "token/program/program.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "gsakmp/run/file.h"
#include "token/der.h"
#include "token/source.h"

#define FILE_MOST SOURCE_MAX /* the largest that there is */

void list_free(struct list *list)
{
    for (size_t i = 0; i < list->count; i++)
        gk_secret_free(&list->value[i]);
    list->count = 0;
}

void list_octets(const struct list *list, struct gk_octets to[LIST_MAX])
{
    for (size_t i = 0; i < list->count; i++)
        to[i] = gk_secret_octets(&list->value[i]);
}

bool load_file(const char *path, struct gk_secret *to, struct gk_reason *why)
{
    struct gk_writer writer = {0};
    bool good = run_file_read(path, FILE_MOST, &writer, why);

    if (good)
        *to = gk_writer_take(&writer);
    gk_writer_free(&writer);
    return good;
}

static bool refuse(const char *path, const char *what, struct gk_reason *why)
{
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-contents", "%s: %s", path, what);
}

/* --- PEM and DER ------------------------------------------------------------ */

static bool append(struct list *to, struct gk_octets der, const char *path, struct gk_reason *why)
{
    if (to->count == LIST_MAX)
        return refuse(path, "more certificates or CRLs than can be taken", why);
    to->value[to->count++] = gk_secret_copy(der);
    return true;
}

/* All blocks of that label; blocks of others are passed over. */
static bool append_pem(struct list *to, struct gk_octets text, const char *label, const char *path,
                       struct gk_reason *why)
{
    char *begin = gk_format("-----BEGIN %s-----", label);
    const char *at = (const char *)text.data;
    const char *end = at + text.size;
    size_t found = 0;
    bool good = true;

    while (good && (at = memmem(at, (size_t)(end - at), begin, strlen(begin)))) {
        gnutls_datum_t pem = {(unsigned char *)(uintptr_t)at, (unsigned)(end - at)};
        gnutls_datum_t der = {NULL, 0};

        good = gnutls_pem_base64_decode2(label, &pem, &der) >= 0
                   ? append(to, gk_octets(der.data, der.size), path, why)
                   : refuse(path, "the PEM text is damaged", why);
        gnutls_free(der.data);
        at += strlen(begin);
        found++;
    }
    free(begin);
    return good && (found || gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-contents",
                                       "%s: the PEM text holds no %s", path, label));
}

static bool load_list(const char *path, const char *label, struct list *to, struct gk_reason *why)
{
    struct gk_secret file = {0};
    struct gk_octets octets;
    bool good;

    if (!load_file(path, &file, why))
        return false;
    octets = gk_secret_octets(&file);
    if (octets.size && octets.data[0] == 0x30)
        good = der_check(octets, NULL) ? append(to, octets, path, why)
                                       : refuse(path, "the file is neither PEM nor DER", why);
    else
        good = octets.size ? append_pem(to, octets, label, path, why)
                           : refuse(path, "the file is empty", why);
    gk_secret_free(&file);
    return good;
}

bool load_certificates(const char *path, struct list *to, struct gk_reason *why)
{
    return load_list(path, "CERTIFICATE", to, why);
}

bool load_crls(const char *path, struct list *to, struct gk_reason *why)
{
    return load_list(path, "X509 CRL", to, why);
}
