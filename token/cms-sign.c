/* SPDX-License-Identifier: Apache-2.0 */
/* Signing a token (RFC 5652 5, RFC 8419, RFC 5754; wire profile 11.4). */
#include <string.h>

#include "gsakmp/suite.h"
#include "token/cms-algorithm.h"
#include "token/cms-oids.h"
#include "token/cms.h"
#include "token/der-certificate.h"
#include "token/der-write.h"
#include "token/token.h"

/* Our own OIDs are OIDs, so that der_write_oid cannot refuse them. */
static void write_oid(struct gk_writer *to, const char *oid)
{
    bool written = der_write_oid(to, DER_OID, oid);

    (void)written;
}

/* Parameters are absent (wire profile 11.4). */
static void write_algorithm(struct gk_writer *to, const char *oid)
{
    size_t start = der_open(to);

    write_oid(to, oid);
    der_close(to, start, DER_SEQUENCE);
}

/* Explicit [number] around what was written since `start`. */
static void close_tagged(struct gk_writer *to, size_t start, unsigned number)
{
    der_close(to, start, (uint8_t)(DER_CONTEXT_CONSTRUCTED | number));
}

/* RFC 4056 2.2, wire profile 11.14. */
static void write_pss(struct gk_writer *to, const struct cms_algorithm *algorithm)
{
    size_t params = der_open(to);
    size_t start = der_open(to);
    size_t mask;

    write_algorithm(to, algorithm->digest);
    close_tagged(to, start, 0);
    start = der_open(to);
    mask = der_open(to);
    write_oid(to, CMS_OID_MGF1);
    write_algorithm(to, algorithm->digest);
    der_close(to, mask, DER_SEQUENCE);
    close_tagged(to, start, 1);
    start = der_open(to);
    der_write_integer(to, DER_INTEGER, (int64_t)algorithm->hash_size);
    close_tagged(to, start, 2);
    der_close(to, params, DER_SEQUENCE);
}

static void write_signature_algorithm(struct gk_writer *to, const struct cms_algorithm *algorithm)
{
    size_t start = der_open(to);

    write_oid(to, algorithm->signature);
    if (algorithm->parameters == CMS_NULL)
        der_write_null(to, DER_NULL);
    else if (algorithm->parameters == CMS_PSS)
        write_pss(to, algorithm);
    der_close(to, start, DER_SEQUENCE);
}

/* The three signed attributes as a SET OF; false when the time has no form. */
static bool write_attributes(struct gk_writer *to, const struct cms_algorithm *algorithm,
                             struct gk_octets content, gk_time signing_time)
{
    static const char *const types[] = {CMS_OID_CONTENT_TYPE, CMS_OID_SIGNING_TIME,
                                        CMS_OID_MESSAGE_DIGEST};
    struct gk_writer attribute[3] = {{0}};
    struct gk_octets sorted[3];
    uint8_t digest[CMS_DIGEST_MOST];
    bool good = true;

    cms_digest(algorithm, content, digest);
    for (size_t i = 0; i < 3; i++) {
        struct gk_writer *one = &attribute[i];
        size_t values;

        write_oid(one, types[i]);
        values = der_open(one);
        if (i == 0)
            write_oid(one, TOKEN_OID_CONTENT);
        else if (i == 1)
            good = der_write_time(one, DER_UTC_TIME, signing_time) ||
                   der_write_time(one, DER_GENERALIZED_TIME, signing_time);
        else
            der_write(one, DER_OCTET_STRING, gk_octets(digest, algorithm->hash_size));
        der_close(one, values, DER_SET);
        der_close(one, 0, DER_SEQUENCE);
        sorted[i] = gk_writer_octets(one);
    }
    der_write_set(to, DER_SET, sorted, 3);
    for (size_t i = 0; i < 3; i++)
        gk_writer_free(&attribute[i]);
    return good;
}

/* As the signer signs messages: any signer can. */
static bool sign_as_message(const struct gk_signer *signer, const struct cms_algorithm *algorithm,
                            struct gk_octets attributes, struct gk_writer *to,
                            struct gk_reason *why)
{
    struct gk_writer raw = {0};
    bool made = signer->sign(signer, attributes, &raw, why);
    bool good = made && cms_signature_wrap(algorithm, gk_writer_octets(&raw), to);

    gk_writer_free(&raw);
    return good || (made && gk_refuse(why, GK_NONE, GK_NO_OFFSET, "cms-signature-form",
                                      "the signer's signature has another form than %s gives it",
                                      algorithm->name));
}

/* Signs the attributes and appends the SignatureValue. */
static bool sign(const struct gk_signer *signer, const struct cms_algorithm *algorithm,
                 struct gk_octets attributes, struct gk_writer *to, struct gk_reason *why)
{
    return algorithm->as_message
               ? sign_as_message(signer, algorithm, attributes, to, why)
               : gk_signer_sign_as(signer, (int)algorithm->sign, attributes, to, why);
}

static bool write_signer_info(struct gk_writer *to, const struct cms_algorithm *algorithm,
                              const struct der_certificate *certificate,
                              struct gk_octets attributes, const struct gk_signer *signer,
                              struct gk_reason *why)
{
    size_t info = der_open(to);
    size_t sid;
    size_t at;

    der_write_integer(to, DER_INTEGER, 1);
    sid = der_open(to);
    gk_write_octets(to, certificate->issuer);
    der_write(to, DER_INTEGER, certificate->serial);
    der_close(to, sid, DER_SEQUENCE);
    write_algorithm(to, algorithm->digest);
    at = to->size;
    gk_write_octets(to, attributes);
    to->data[at] = DER_CONTEXT_CONSTRUCTED | 0;
    write_signature_algorithm(to, algorithm);
    at = der_open(to);
    if (!sign(signer, algorithm, attributes, to, why))
        return false;
    der_close(to, at, DER_OCTET_STRING);
    der_close(to, info, DER_SEQUENCE);
    der_close(to, info, DER_SET);
    return true;
}

/* SignedData up to the signerInfos. */
static void write_head(struct gk_writer *to, const struct cms_algorithm *algorithm,
                       struct gk_octets content, struct gk_octets *certificates, size_t count)
{
    size_t start;
    size_t inner;

    der_write_integer(to, DER_INTEGER, 3);
    start = der_open(to);
    write_algorithm(to, algorithm->digest);
    der_close(to, start, DER_SET);
    start = der_open(to);
    write_oid(to, TOKEN_OID_CONTENT);
    inner = der_open(to);
    der_write(to, DER_OCTET_STRING, content);
    der_close(to, inner, DER_CONTEXT_CONSTRUCTED | 0);
    der_close(to, start, DER_SEQUENCE);
    der_write_set(to, DER_CONTEXT_CONSTRUCTED | 0, certificates, count);
}

static bool write_content_info(struct gk_writer *to, const struct cms_algorithm *algorithm,
                               struct gk_octets content, const struct gk_octets *certificates,
                               size_t count, const struct gk_signer *signer, gk_time signing_time,
                               struct gk_reason *why)
{
    struct gk_octets sorted[CMS_CERTIFICATES];
    struct der_certificate own;
    struct gk_writer attributes = {0};
    size_t root = der_open(to);
    size_t tagged;
    bool good;

    if (!der_check_certificate(certificates[0], &own, why))
        return false;
    memcpy(sorted, certificates, count * sizeof *sorted);
    write_oid(to, CMS_OID_SIGNED_DATA);
    tagged = der_open(to);
    write_head(to, algorithm, content, sorted, count);
    good = write_attributes(&attributes, algorithm, content, signing_time) ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "cms-time", "the signing time has no form");
    good =
        good && write_signer_info(to, algorithm, &own, gk_writer_octets(&attributes), signer, why);
    gk_writer_free(&attributes);
    der_close(to, tagged, DER_SEQUENCE);
    der_close(to, tagged, DER_CONTEXT_CONSTRUCTED | 0);
    der_close(to, root, DER_SEQUENCE);
    return good;
}

/* What leaves here verifies, so a key that is not the certificate's shows now. */
static bool verifies(struct gk_octets signed_token, struct gk_reason *why)
{
    struct gk_reason own = {0};
    struct cms check;

    if (cms_verify(&check, signed_token, &own))
        return true;
    if (strcmp(own.code, "cms-signature") == 0 || strcmp(own.code, "cms-key") == 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "cms-key",
                         "the private key does not belong to the first certificate");
    return gk_refuse(why, GK_NONE, own.offset, own.code, "%s", own.text);
}

bool cms_sign_with(const char *algorithm, struct gk_octets content,
                   const struct gk_octets *certificates, size_t count,
                   const struct gk_signer *signer, gk_time signing_time, struct gk_writer *to,
                   struct gk_reason *why)
{
    const struct cms_algorithm *row =
        algorithm ? cms_algorithm_named(algorithm) : cms_algorithm_of_type(signer->type);
    size_t start = to->size;
    bool good;

    if (!row || row->type != signer->type)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "cms-algorithm",
                         row ? "%s does not fit this key"
                             : "no token is signed with %s; take a key of Ed25519, ECDSA P-256 or "
                               "P-384, RSA or DSA, and one of its algorithms",
                         algorithm ? algorithm : "this key");
    if (!count || count > CMS_CERTIFICATES)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "cms-certificates",
                         "%zu certificates, a token takes 1 to %d", count, CMS_CERTIFICATES);
    good = write_content_info(to, row, content, certificates, count, signer, signing_time, why) &&
           verifies(gk_octets(to->data + start, to->size - start), why);
    if (!good)
        gk_writer_cut(to, start);
    return good;
}

bool cms_sign(struct gk_octets content, const struct gk_octets *certificates, size_t count,
              const struct gk_signer *signer, gk_time signing_time, struct gk_writer *to,
              struct gk_reason *why)
{
    return cms_sign_with(NULL, content, certificates, count, signer, signing_time, to, why);
}
