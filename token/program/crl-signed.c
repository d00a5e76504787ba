/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the given revocation lists an authority of the path signed (wire profile 11.19). */
#include "token/program/program.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#define BAD                                                                                        \
    (GNUTLS_CERT_SIGNATURE_FAILURE | GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA)

static gnutls_datum_t datum(struct gk_octets der)
{
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)der.data, (unsigned)der.size};
}

static bool verifies(gnutls_x509_crl_t crl, struct gk_octets ca)
{
    gnutls_datum_t der = datum(ca);
    gnutls_x509_crt_t certificate;
    unsigned found = 0;
    bool good;

    if (gnutls_x509_crt_init(&certificate) < 0)
        return false;
    good = gnutls_x509_crt_import(certificate, &der, GNUTLS_X509_FMT_DER) >= 0 &&
           gnutls_x509_crl_verify(crl, &certificate, 1, GNUTLS_VERIFY_ALLOW_BROKEN, &found) >= 0 &&
           !(found & BAD);
    gnutls_x509_crt_deinit(certificate);
    return good;
}

bool crl_signed_by(struct gk_octets crl, const struct pki_identity *owner,
                   const struct gk_octets *certificates, size_t count)
{
    gnutls_datum_t der = datum(crl);
    gnutls_x509_crl_t parsed;
    bool found = false;

    if (gnutls_x509_crl_init(&parsed) < 0)
        return false;
    if (gnutls_x509_crl_import(parsed, &der, GNUTLS_X509_FMT_DER) >= 0) {
        for (size_t i = 0; i < count && !found; i++) {
            uint8_t key_id[PKI_KEY_ID_SIZE];

            found = pki_key_id_of(certificates[i], key_id, NULL) &&
                    pki_under(owner, gk_octets(key_id, sizeof key_id)) &&
                    verifies(parsed, certificates[i]);
        }
    }
    gnutls_x509_crl_deinit(parsed);
    return found;
}
