/* SPDX-License-Identifier: Apache-2.0 */
/* sign: the Group Owner's signature over a token. */
#include "token/program/program.h"

#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "gsakmp/suite.h"
#include "token/cms-algorithm.h"

struct sign {
    const char *key, *cert, *chain, *at, *algorithm, *in, *out;
};

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

/* The signer's own first, then what is above it. */
static bool load_chain(const struct sign *sign, struct list *list, struct gk_reason *why)
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

static bool make(const struct sign *sign, const struct gk_signer *signer, const struct list *list,
                 struct gk_octets der, struct gk_writer *to, struct gk_reason *why)
{
    struct gk_octets certificates[LIST_MAX];
    struct cms check;
    gk_time now;

    list_octets(list, certificates);
    if (!current_time(sign->at, &now, why) || !check_fit(signer, certificates[0], sign, why) ||
        !cms_sign_with(sign->algorithm, der, certificates, list->count, signer, now, to, why))
        return false;
    if (to->size > TOKEN_MAX)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "token-size",
                         "the signed token has %zu octets; expected at most %d, which fit a "
                         "Policy Token payload: write fewer rules",
                         to->size, TOKEN_MAX);
    return cms_verify(&check, gk_writer_octets(to), why);
}

static int sign_with(const struct sign *sign, const struct gk_signer *signer, struct gk_octets der)
{
    struct gk_reason why = {0};
    struct gk_writer to = {0};
    struct list list = {0};
    int status;

    if (!load_chain(sign, &list, &why))
        status = complain_of(sign->cert, &why);
    else if (!make(sign, signer, &list, der, &to, &why))
        status = complain_of(strcmp(why.code, "file-key") == 0 ? sign->cert : sign->in, &why);
    else
        status = deliver(sign->out, gk_writer_octets(&to), &why);
    gk_writer_free(&to);
    list_free(&list);
    return status;
}

static int sign_file(const struct sign *sign)
{
    struct gk_reason why = {0};
    struct gk_writer der = {0};
    struct key key;
    int status;

    if (!der_of(sign->in, &der, &why)) {
        status = complain_of(sign->in, &why);
    } else if (!load_key(sign->key, &key, &why)) {
        (void)complain_of(sign->key, &why);
        status = NOT_RUN;
    } else {
        status = sign_with(sign, &key.signer, gk_writer_octets(&der));
        key_free(&key);
    }
    gk_writer_free(&der);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"key", required_argument, NULL, 'k'},   {"cert", required_argument, NULL, 'c'},
        {"chain", required_argument, NULL, 'f'}, {"algorithm", required_argument, NULL, 'g'},
        {"at", required_argument, NULL, 'a'},    {"output", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0}};
    struct sign sign = {0};
    int option;

    while ((option = getopt_long(argc, argv, "k:c:f:g:a:o:h", options, NULL)) != -1) {
        switch (option) {
        case 'k':
            sign.key = optarg;
            break;
        case 'c':
            sign.cert = optarg;
            break;
        case 'f':
            sign.chain = optarg;
            break;
        case 'g':
            sign.algorithm = optarg;
            if (!cms_algorithm_named(optarg))
                return misused(&command_sign, "%s is no algorithm of signatures", optarg);
            break;
        case 'a':
            sign.at = optarg;
            break;
        case 'o':
            sign.out = optarg;
            break;
        case 'h':
            return help(&command_sign);
        default:
            return misused(&command_sign, "an option is wrong");
        }
    }
    if (argc - optind != 1 || !sign.key || !sign.cert || !sign.out)
        return misused(&command_sign, "--key, --cert, -o and one source or token are needed");
    sign.in = argv[optind];
    return sign_file(&sign);
}

const struct command command_sign = {
    "sign", "source or token to signed token",
    "Usage: gsakmp-token sign --key K --cert C [--chain F] [--algorithm A] [--at TIME]\n"
    "           IN -o OUT.pt\n"
    "Signs a token as the Group Owner. IN is a policy source, which is compiled first, or a\n"
    "token that compile wrote.\n\n"
    "  -k, --key FILE      private key, PEM or DER, readable by nobody else; the password of\n"
    "                      an encrypted one is asked on the terminal. Or a PKCS #11 URI,\n"
    "                      pkcs11:token=...;object=...?pin-source=file:...; without a\n"
    "                      pin-source the PIN is asked on the terminal\n"
    "  -c, --cert FILE     the owner's certificate; what follows it in the file goes along\n"
    "  -f, --chain FILE    intermediate certificates, without the root\n"
    "  -g, --algorithm A   ed25519, ecdsa-sha256, ecdsa-sha384, rsa-sha256, rsa-sha384,\n"
    "                      rsa-sha512, rsa-pss-sha256, rsa-pss-sha384, rsa-pss-sha512,\n"
    "                      dsa-sha256 or dsa-sha1; by default the first of these that the\n"
    "                      key can\n"
    "  -a, --at TIME       signing time, 20260101000000Z or RFC 3339, instead of now\n"
    "  -o, --output FILE   where the signed token goes; - is standard output\n",
    run};
