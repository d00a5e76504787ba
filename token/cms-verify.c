/* SPDX-License-Identifier: Apache-2.0 */
/* Judging a signed token (RFC 5652 5, wire profile 11.4, 11.14, 11.16, 11.17). */
#include <string.h>

#include "token/asn1.h"
#include "token/cms-algorithm.h"
#include "token/cms-read.h"
#include "token/der-certificate.h"
#include "token/der.h"
#include "token/token.h"

/* digestAlgorithms holds the signer's (wire profile 11.16). */
static bool digest_listed(struct cms_reading *reading)
{
    struct der_in *in = &reading->in;
    struct gk_reader list = reading->digests;
    bool found = false;

    while (der_more(in, &list)) {
        char oid[OID_TEXT];

        cms_read_digest_algorithm(in, &list, "content.digestAlgorithms", oid);
        found = found || strcmp(oid, reading->signer.digest) == 0;
    }
    return der_ok(in) &&
           (found || der_refuse(in, reading->digests.base, "cms-digest-listed",
                                "digestAlgorithms lacks the signer's %s", reading->signer.digest));
}

/* All embedded certificates are strict DER; `found` counts those that are the signer's. */
static bool find_signer(struct cms_reading *reading, struct gk_octets all, size_t *found,
                        struct gk_reason *why)
{
    const struct cms_signer_info *signer = &reading->signer;
    struct cms *cms = reading->cms;

    for (size_t i = 0; i < cms->certificate_count; i++) {
        struct gk_octets der = cms->certificate[i];
        struct der_certificate parts;
        struct gk_reason own = {0};
        bool is;

        if (!der_check_certificate(der, &parts, &own))
            return gk_refuse(why, GK_PAYLOAD_MALFORMED, (size_t)(der.data - all.data) + own.offset,
                             own.code, "content.certificates[%zu].%.200s", i, own.text);
        is = signer->by_key_id ? parts.subject_key_id.size &&
                                     gk_octets_equal(parts.subject_key_id, signer->key_id)
                               : gk_octets_equal(parts.issuer, signer->issuer) &&
                                     gk_octets_equal(parts.serial, signer->serial);
        *found += is;
        if (is)
            cms->signer = der;
    }
    return true;
}

static bool judge_found(size_t found, struct gk_reason *why)
{
    return found == 1 || gk_refuse(why, GK_CERTIFICATE_UNAVAILABLE, GK_NO_OFFSET, "cms-signer",
                                   found ? "several embedded certificates are the signer's"
                                         : "the signer's certificate is not embedded");
}

static bool check_crls(const struct cms *cms, struct gk_octets all, struct gk_reason *why)
{
    for (size_t i = 0; i < cms->crl_count; i++) {
        struct gk_reason own = {0};

        if (!der_check_crl(cms->crl[i], &own))
            return gk_refuse(why, GK_PAYLOAD_MALFORMED,
                             (size_t)(cms->crl[i].data - all.data) + own.offset, own.code,
                             "content.crls[%zu].%.200s", i, own.text);
    }
    return true;
}

/* RFC 5652 5.4: what is signed are the attributes as a SET OF, not under their tag. */
static bool check_signature(const struct cms_reading *reading, struct gk_reason *why)
{
    const struct cms_signer_info *signer = &reading->signer;
    const struct cms_algorithm *algorithm =
        cms_algorithm(signer->signature_algorithm, signer->digest, why);
    uint8_t digest[CMS_DIGEST_MOST];
    struct gk_writer data = {0};
    bool good;

    if (!algorithm)
        return false;
    cms_digest(algorithm, reading->cms->content, digest);
    if (!gk_octets_equal(gk_octets(digest, algorithm->hash_size), signer->message_digest))
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "cms-digest",
                         "messageDigest is not the digest of the token");
    gk_write_octets(&data, signer->attributes);
    data.data[0] = DER_SET;
    good = cms_signature_verify(algorithm, reading->cms->signer, gk_writer_octets(&data),
                                signer->signature, why);
    gk_writer_free(&data);
    reading->cms->algorithm = algorithm->name;
    reading->cms->sha1 = algorithm->hash == GNUTLS_DIG_SHA1;
    return good;
}

bool cms_verify(struct cms *cms, struct gk_octets signed_token, struct gk_reason *why)
{
    struct cms_reading reading = {.in = {.why = why}, .cms = cms};
    const char *misfit;
    size_t found = 0;

    *cms = (struct cms){0};
    if (signed_token.size > TOKEN_MAX)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, TOKEN_MAX, "cms-size",
                         "the signed token has %zu octets, %d are allowed", signed_token.size,
                         TOKEN_MAX);
    cms_read(&reading, signed_token);
    if (!der_ok(&reading.in) || !der_check(signed_token, why))
        return false;
    misfit = asn1_misfit(ASN1_CMS, "ContentInfo", signed_token);
    if (misfit)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, 0, "asn1-module",
                         "is no ContentInfo of RFC 5652 (%s)", misfit);
    cms->formed = digest_listed(&reading) && find_signer(&reading, signed_token, &found, why) &&
                  check_crls(cms, signed_token, why);
    return cms->formed && judge_found(found, why) && check_signature(&reading, why);
}
