/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures on certificates and CRLs (profile 11.14, 11.16). GnuTLS verifies; which
 * algorithms may stand there is said here, since its own judgement follows the system's
 * configuration. */
#include "roles/x509.h"

#include <gnutls/abstract.h>

#include "gsakmp/datum.h"
#include "token/tlv.h"
#include "token/der-certificate.h"

#define RSA_PKCS1  "\x2a\x86\x48\x86\xf7\x0d\x01\x01"
#define ECDSA_SHA2 "\x2a\x86\x48\xce\x3d\x04\x03"
#define NIST_DSA   "\x60\x86\x48\x01\x65\x03\x04\x03"
#define OID_PSS    RSA_PKCS1 "\x0a"
#define OID_MGF1   RSA_PKCS1 "\x08"

enum weakness { SOUND, SHA1, BROKEN };

static const struct algorithm {
    const char *oid;
    size_t size;
    gnutls_sign_algorithm_t sign;
    enum weakness weakness;
    bool der; /* the value is a SEQUENCE of two INTEGERs */
} algorithms[] = {
#define ROW(oid, sign, weakness, der)                                                              \
    {                                                                                              \
        oid, sizeof(oid) - 1, sign, weakness, der                                                  \
    }
    ROW(RSA_PKCS1 "\x02", GNUTLS_SIGN_RSA_MD2, BROKEN, false),
    ROW(RSA_PKCS1 "\x04", GNUTLS_SIGN_RSA_MD5, BROKEN, false),
    ROW(RSA_PKCS1 "\x05", GNUTLS_SIGN_RSA_SHA1, SHA1, false),
    ROW(RSA_PKCS1 "\x0e", GNUTLS_SIGN_RSA_SHA224, SOUND, false),
    ROW(RSA_PKCS1 "\x0b", GNUTLS_SIGN_RSA_SHA256, SOUND, false),
    ROW(RSA_PKCS1 "\x0c", GNUTLS_SIGN_RSA_SHA384, SOUND, false),
    ROW(RSA_PKCS1 "\x0d", GNUTLS_SIGN_RSA_SHA512, SOUND, false),
    ROW("\x2a\x86\x48\xce\x38\x04\x03", GNUTLS_SIGN_DSA_SHA1, SHA1, true),
    ROW(NIST_DSA "\x01", GNUTLS_SIGN_DSA_SHA224, SOUND, true),
    ROW(NIST_DSA "\x02", GNUTLS_SIGN_DSA_SHA256, SOUND, true),
    ROW("\x2a\x86\x48\xce\x3d\x04\x01", GNUTLS_SIGN_ECDSA_SHA1, SHA1, true),
    ROW(ECDSA_SHA2 "\x01", GNUTLS_SIGN_ECDSA_SHA224, SOUND, true),
    ROW(ECDSA_SHA2 "\x02", GNUTLS_SIGN_ECDSA_SHA256, SOUND, true),
    ROW(ECDSA_SHA2 "\x03", GNUTLS_SIGN_ECDSA_SHA384, SOUND, true),
    ROW(ECDSA_SHA2 "\x04", GNUTLS_SIGN_ECDSA_SHA512, SOUND, true),
    ROW("\x2b\x65\x70", GNUTLS_SIGN_EDDSA_ED25519, SOUND, false),
    ROW("\x2b\x65\x71", GNUTLS_SIGN_EDDSA_ED448, SOUND, false),
#undef ROW
};

static const struct pss {
    const char *oid; /* of the hash */
    gnutls_sign_algorithm_t sign;
    int32_t salt;
} pss_hashes[] = {
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x01", GNUTLS_SIGN_RSA_PSS_SHA256, 32},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x02", GNUTLS_SIGN_RSA_PSS_SHA384, 48},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x03", GNUTLS_SIGN_RSA_PSS_SHA512, 64},
};
#define PSS_HASH_SIZE 9

static struct gk_octets hash_of(struct gk_reader *from)
{
    struct gk_reader identifier = tlv_enter(from, DER_SEQUENCE);
    struct der_tlv oid;

    (void)tlv_take(&identifier, DER_OID, &oid);
    from->failed |= !gk_reader_ok(&identifier);
    return oid.value;
}

/* RFC 4055 3.1: the hash, MGF1 with the same one, a salt of its length, trailer 1. */
static gnutls_sign_algorithm_t pss_of(struct gk_reader *parameters)
{
    struct gk_reader list = tlv_enter(parameters, DER_SEQUENCE);
    struct gk_reader part = tlv_enter(&list, DER_CONTEXT_CONSTRUCTED | 0);
    struct gk_octets hash = hash_of(&part);
    struct gk_reader mgf;
    struct der_tlv oid;
    struct gk_octets mgf_hash;
    int32_t salt;

    part = tlv_enter(&list, DER_CONTEXT_CONSTRUCTED | 1);
    mgf = tlv_enter(&part, DER_SEQUENCE);
    (void)tlv_take(&mgf, DER_OID, &oid);
    mgf_hash = hash_of(&mgf);
    part = tlv_enter(&list, DER_CONTEXT_CONSTRUCTED | 2);
    (void)tlv_small(&part, DER_INTEGER, &salt);
    if (!gk_reader_done(&part) || !gk_reader_done(&mgf) || !gk_reader_done(&list) ||
        !TLV_OID_IS(oid.value, OID_MGF1) || !gk_octets_equal(hash, mgf_hash))
        return GNUTLS_SIGN_UNKNOWN;
    for (size_t i = 0; i < sizeof pss_hashes / sizeof pss_hashes[0]; i++) {
        if (tlv_oid_is(hash, pss_hashes[i].oid, PSS_HASH_SIZE) && salt == pss_hashes[i].salt)
            return pss_hashes[i].sign;
    }
    return GNUTLS_SIGN_UNKNOWN;
}

/* False for what no certificate may be signed with. */
static bool find(struct gk_octets identifier, struct algorithm *found)
{
    struct gk_reader outer = gk_reader(identifier);
    struct gk_reader inner = tlv_enter(&outer, DER_SEQUENCE);
    struct der_tlv oid;

    if (!tlv_take(&inner, DER_OID, &oid))
        return false;
    if (TLV_OID_IS(oid.value, OID_PSS)) {
        *found = (struct algorithm){.sign = pss_of(&inner)};
        return found->sign != GNUTLS_SIGN_UNKNOWN;
    }
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        if (tlv_oid_is(oid.value, algorithms[i].oid, algorithms[i].size)) {
            *found = algorithms[i];
            return true;
        }
    }
    return false;
}

bool x509_algorithm_allowed(struct gk_octets identifier, bool tolerate_sha1, struct gk_reason *why)
{
    struct algorithm found;

    if (!find(identifier, &found))
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "signature-algorithm",
                         "a certificate of the path is signed with an algorithm or parameters "
                         "that this version does not know");
    if (found.weakness == BROKEN)
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "signature-algorithm",
                         "a certificate of the path is signed with MD5 or MD2");
    if (found.weakness == SHA1 && !tolerate_sha1)
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "signature-algorithm",
                         "a certificate of the path is signed with SHA-1, which local policy "
                         "refuses (tolerate_suite_1)");
    return true;
}

bool x509_signed_by(const struct x509_signature *signature, struct gk_octets spki)
{
    gnutls_datum_t key_der = gk_datum(spki);
    gnutls_datum_t tbs = gk_datum(signature->tbs);
    gnutls_datum_t value = gk_datum(signature->value);
    struct algorithm found;
    gnutls_pubkey_t key;
    bool good;

    if (!find(signature->algorithm, &found) || found.weakness == BROKEN)
        return false;
    if (found.der && !der_check_signature(signature->value, NULL, NULL, NULL))
        return false;
    if (gnutls_pubkey_init(&key) < 0)
        return false;
    good = gnutls_pubkey_import(key, &key_der, GNUTLS_X509_FMT_DER) >= 0 &&
           gnutls_pubkey_verify_data2(key, found.sign, GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1, &tbs,
                                      &value) >= 0;
    gnutls_pubkey_deinit(key);
    return good;
}
