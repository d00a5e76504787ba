/* SPDX-License-Identifier: Apache-2.0 */
/* The owner's signature: key, certificates and time that fit one another. */
#include "token/program/sign.h"

#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "gsakmp/suite.h"

static bool spki_of(struct gk_octets certificate, struct gk_writer *to)
{
    gnutls_datum_t der = {(unsigned char *)(uintptr_t)certificate.data, (unsigned)certificate.size};
    gnutls_datum_t spki = {NULL, 0};
    gnutls_x509_crt_t parsed;
    gnutls_pubkey_t key;
    bool good;

    if (gnutls_x509_crt_init(&parsed) < 0)
        return false;
    if (gnutls_pubkey_init(&key) < 0) {
        gnutls_x509_crt_deinit(parsed);
        return false;
    }
    good = gnutls_x509_crt_import(parsed, &der, GNUTLS_X509_FMT_DER) >= 0 &&
           gnutls_pubkey_import_x509(key, parsed, 0) >= 0 &&
           gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &spki) >= 0;
    if (good)
        gk_write(to, spki.data, spki.size);
    gnutls_free(spki.data);
    gnutls_pubkey_deinit(key);
    gnutls_x509_crt_deinit(parsed);
    return good;
}

/* A signature that the certificate does not verify would be found out by every member. */
static bool check_fit(const struct gk_signer *signer, struct gk_octets certificate,
                      const struct sign *sign, struct gk_reason *why)
{
    struct gk_writer of_key = {0};
    struct gk_writer of_certificate = {0};
    bool good = gk_signer_spki(signer, &of_key, why);

    if (good && !(spki_of(certificate, &of_certificate) &&
                  gk_octets_equal(gk_writer_octets(&of_key), gk_writer_octets(&of_certificate))))
        good = gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-key",
                         "%s: the certificate is not that of the key %s", sign->cert, sign->key);
    gk_writer_free(&of_key);
    gk_writer_free(&of_certificate);
    return good;
}

static bool is_root(struct gk_octets certificate)
{
    gnutls_datum_t der = {(unsigned char *)(uintptr_t)certificate.data, (unsigned)certificate.size};
    gnutls_x509_crt_t parsed;
    bool root;

    if (gnutls_x509_crt_init(&parsed) < 0)
        return false;
    root = gnutls_x509_crt_import(parsed, &der, GNUTLS_X509_FMT_DER) >= 0 &&
           gnutls_x509_crt_check_issuer(parsed, parsed) == 1;
    gnutls_x509_crt_deinit(parsed);
    return root;
}

/* Receivers have their own roots and look at no embedded one (profile 11.16). */
static void drop_roots(struct list *list)
{
    size_t kept = 1;

    for (size_t i = 1; i < list->count; i++) {
        if (is_root(gk_secret_octets(&list->value[i])))
            gk_secret_free(&list->value[i]);
        else
            list->value[kept++] = list->value[i];
    }
    list->count = kept;
}

bool sign_chain(const struct sign *sign, struct list *list, struct gk_reason *why)
{
    if (!load_certificates(sign->cert, list, why) ||
        (sign->chain && !load_certificates(sign->chain, list, why)))
        return false;
    drop_roots(list);
    return list->count <= CMS_CERTIFICATES ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-contents",
                     "%s: there are %zu certificates; expected at most %d", sign->cert, list->count,
                     CMS_CERTIFICATES);
}

static bool validity_of(struct gk_octets certificate, gk_time *from, gk_time *until)
{
    gnutls_datum_t der = {(unsigned char *)(uintptr_t)certificate.data, (unsigned)certificate.size};
    gnutls_x509_crt_t parsed;
    bool good;

    if (gnutls_x509_crt_init(&parsed) < 0)
        return false;
    good = gnutls_x509_crt_import(parsed, &der, GNUTLS_X509_FMT_DER) >= 0;
    if (good) {
        *from = gnutls_x509_crt_get_activation_time(parsed);
        *until = gnutls_x509_crt_get_expiration_time(parsed);
    }
    gnutls_x509_crt_deinit(parsed);
    return good;
}

/* A clock years off would otherwise burn all times up to then. */
bool sign_time_fits(const struct sign *sign, const struct list *list, gk_time at,
                    struct gk_reason *why)
{
    char stamp[GK_STAMP_SIZE + 1];
    gk_time from;
    gk_time until;

    if (!validity_of(gk_secret_octets(&list->value[0]), &from, &until))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-contents",
                         "%s: the certificate's dates cannot be read", sign->cert);
    gk_stamp_format(at, stamp);
    return (at >= from && at <= until) ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "sign-certificate-time",
                     "%s: the certificate is not valid at the signing time %s; set the clock "
                     "right, say the time with --at, or have a new certificate made",
                     sign->cert, stamp);
}

/* As every host judges it. */
static bool judge_digest(const struct sign *sign, const struct cms *cms, struct gk_reason *why)
{
    return !cms->sha1 || sign->tolerate_suite_1 ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "tolerate-suite-1",
                     "nothing is signed: %s is weak, and hosts refuse it unless they tolerate "
                     "Suite 1; choose another --algorithm, or say --tolerate-suite-1",
                     cms->algorithm);
}

static bool make(const struct sign *sign, const struct gk_signer *signer, const struct list *list,
                 struct gk_octets der, gk_time at, struct gk_writer *to, struct gk_reason *why)
{
    struct gk_octets certificates[LIST_MAX];
    struct cms check;

    list_octets(list, certificates);
    if (!check_fit(signer, certificates[0], sign, why) ||
        !cms_sign_with(sign->algorithm, der, certificates, list->count, signer, at, to, why))
        return false;
    if (to->size > TOKEN_MAX)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "token-size",
                         "the signed token has %zu octets; expected at most %d, which fit a "
                         "Policy Token payload: write fewer rules",
                         to->size, TOKEN_MAX);
    return cms_verify(&check, gk_writer_octets(to), why) && judge_digest(sign, &check, why);
}

bool sign_make(const struct sign *sign, const struct list *list, struct gk_octets der, gk_time at,
               struct gk_writer *to, struct gk_reason *why)
{
    struct gk_reason own = {0};
    struct key key;
    bool good;

    if (!load_key(sign->key, &key, &own)) {
        bool named = strncmp(own.text, sign->key, strlen(sign->key)) == 0;

        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-key", "%s%s%s", named ? "" : sign->key,
                         named ? "" : ": ", own.text);
    }
    good = make(sign, &key.signer, list, der, at, to, why);
    key_free(&key);
    return good;
}
