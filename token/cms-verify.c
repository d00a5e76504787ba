/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and verifying a signed token (RFC 5652 5, wire profile 11.4, 11.14, 11.16, 11.17). */
#include <string.h>

#include "token/asn1.h"
#include "token/cms-algorithm.h"
#include "token/cms-oids.h"
#include "token/cms.h"
#include "token/der-certificate.h"
#include "token/der-read.h"
#include "token/der.h"
#include "token/token.h"

struct signer_info {
    int64_t version;
    bool by_key_id;
    struct gk_octets issuer; /* whole Name */
    struct gk_octets serial;
    struct gk_octets key_id;
    char digest[OID_TEXT];
    struct gk_octets attributes; /* whole, under tag A0 */
    struct gk_octets message_digest;
    size_t content_types, message_digests, signing_times; /* how many of each */
    char signature_algorithm[OID_TEXT];
    struct gk_octets signature;
};

struct verifying {
    struct der_in in;
    struct cms *cms;
    struct signer_info signer;
    struct gk_reader digests; /* digestAlgorithms */
};

/* AlgorithmIdentifier without parameters; a digest's may be NULL. */
static void read_algorithm(struct der_in *in, struct gk_reader *reader, const char *name,
                           bool digest, char oid[OID_TEXT])
{
    struct gk_reader sequence = der_enter(in, reader, DER_SEQUENCE, name);

    der_read_oid(in, &sequence, DER_OID, "algorithm", oid);
    if (digest && der_more(in, &sequence))
        der_read_null(in, &sequence, DER_NULL, "parameters");
    else
        (void)gk_read_rest(&sequence); /* judged with the algorithm */
    der_leave(in, &sequence);
}

static void expect_oid(struct der_in *in, struct gk_reader *reader, const char *name,
                       const char *expected, const char *code)
{
    size_t offset = gk_reader_offset(reader);
    char oid[OID_TEXT];

    der_read_oid(in, reader, DER_OID, name, oid);
    if (der_ok(in) && strcmp(oid, expected) != 0)
        (void)der_refuse(in, offset, code, "%s is %.64s, %s is expected", name, oid, expected);
}

/* --- signed attributes --------------------------------------------------------- */

/* One value, in a SET. */
static struct gk_octets read_single(struct der_in *in, struct gk_reader *attribute, uint8_t tag)
{
    struct gk_reader values = der_enter(in, attribute, DER_SET, "attrValues");
    struct gk_octets value = der_read(in, &values, tag, tag, NULL);

    der_leave(in, &values);
    return value;
}

static void read_signing_time(struct verifying *verifying, struct gk_reader *attribute)
{
    struct der_in *in = &verifying->in;
    struct gk_reader values = der_enter(in, attribute, DER_SET, "attrValues");
    size_t offset = gk_reader_offset(&values);
    bool general = der_peek(in, &values) == DER_GENERALIZED_TIME;
    uint8_t tag = general ? DER_GENERALIZED_TIME : DER_UTC_TIME;
    struct gk_octets value = der_read(in, &values, tag, tag, NULL);
    gk_time *time = &verifying->cms->signing_time;

    /* RFC 5652 11.3: UTCTime through the years that it holds, and no fraction. */
    if (der_ok(in) &&
        (!der_time(tag, value, time) || (general && *time >= -631152000 && *time <= 2524607999)))
        (void)der_refuse(in, offset, "cms-time",
                         "signingTime is not UTCTime for 1950 to 2049, GeneralizedTime for others");
    der_leave(in, &values);
}

static void read_content_type(struct der_in *in, struct gk_reader *attribute)
{
    struct gk_reader values = der_enter(in, attribute, DER_SET, "attrValues");

    expect_oid(in, &values, "contentType", TOKEN_OID_CONTENT, "cms-content-type");
    der_leave(in, &values);
}

static void read_attribute(struct verifying *verifying, struct gk_reader *list)
{
    struct signer_info *signer = &verifying->signer;
    struct der_in *in = &verifying->in;
    struct gk_reader attribute = der_enter(in, list, DER_SEQUENCE, NULL);
    char oid[OID_TEXT];

    der_read_oid(in, &attribute, DER_OID, "attrType", oid);
    if (strcmp(oid, CMS_OID_CONTENT_TYPE) == 0) {
        signer->content_types++;
        read_content_type(in, &attribute);
    } else if (strcmp(oid, CMS_OID_MESSAGE_DIGEST) == 0) {
        signer->message_digests++;
        signer->message_digest = read_single(in, &attribute, DER_OCTET_STRING);
    } else if (strcmp(oid, CMS_OID_SIGNING_TIME) == 0) {
        signer->signing_times++;
        read_signing_time(verifying, &attribute);
    } else {
        (void)der_read_whole(in, &attribute, DER_SET, "attrValues");
    }
    der_leave(in, &attribute);
}

/* X.690 11.6 for SET OF under an implicit tag, which the generic walk cannot know. */
static void expect_ascending(struct der_in *in, struct gk_octets *before, struct gk_octets now,
                             size_t offset)
{
    if (der_ok(in) && gk_octets_compare(*before, now) > 0)
        (void)der_refuse(in, offset, "der-set-order",
                         "the elements of a SET OF are not in ascending order");
    *before = now;
}

static void read_attributes(struct verifying *verifying, struct gk_reader *info)
{
    struct signer_info *signer = &verifying->signer;
    struct der_in *in = &verifying->in;
    size_t offset = gk_reader_offset(info);
    struct gk_octets before = GK_NO_OCTETS;
    struct gk_reader list;
    size_t start = info->at;

    if (der_more(in, info) && der_peek(in, info) != (DER_CONTEXT_CONSTRUCTED | 0))
        (void)der_refuse(in, offset, "cms-attributes", "the token has no signed attributes");
    list = der_enter(in, info, DER_CONTEXT_CONSTRUCTED | 0, "signedAttrs");
    while (der_more(in, &list)) {
        size_t at = list.at;

        read_attribute(verifying, &list);
        expect_ascending(in, &before, gk_octets(list.data + at, list.at - at), list.base + at);
    }
    if (der_ok(in) &&
        (signer->content_types != 1 || signer->message_digests != 1 || signer->signing_times != 1))
        (void)der_refuse(in, offset, "cms-attributes",
                         "contentType, messageDigest and signingTime stand there %zu, %zu and %zu "
                         "times, not once each",
                         signer->content_types, signer->message_digests, signer->signing_times);
    der_leave(in, &list);
    if (der_ok(in))
        signer->attributes = gk_octets(info->data + start, info->at - start);
}

/* --- SignerInfo ------------------------------------------------------------------ */

static void read_sid(struct verifying *verifying, struct gk_reader *info)
{
    struct signer_info *signer = &verifying->signer;
    struct der_in *in = &verifying->in;
    struct gk_reader sid;

    signer->by_key_id = der_peek(in, info) == (DER_CONTEXT | 0);
    if (signer->by_key_id) {
        signer->key_id = der_read(in, info, DER_CONTEXT | 0, DER_OCTET_STRING, "sid");
        return;
    }
    sid = der_enter(in, info, DER_SEQUENCE, "sid");
    signer->issuer = der_read_whole(in, &sid, DER_SEQUENCE, "issuer");
    signer->serial = der_read(in, &sid, DER_INTEGER, DER_INTEGER, "serialNumber");
    der_leave(in, &sid);
}

/* The algorithms that this version runs have no parameters (RFC 8419 3.1, RFC 5758 3.2); of
 * others the name is what counts, so that the reason can give it. */
static void read_signature_algorithm(struct verifying *verifying, struct gk_reader *info)
{
    struct signer_info *signer = &verifying->signer;
    struct der_in *in = &verifying->in;
    size_t offset = gk_reader_offset(info);
    struct gk_reader sequence = der_enter(in, info, DER_SEQUENCE, "signatureAlgorithm");

    der_read_oid(in, &sequence, DER_OID, "algorithm", signer->signature_algorithm);
    if (der_ok(in) && cms_algorithm(signer->signature_algorithm, signer->digest, NULL) &&
        der_more(in, &sequence))
        (void)der_refuse(in, offset, "cms-algorithm", "%s has no parameters",
                         signer->signature_algorithm);
    (void)gk_read_rest(&sequence);
    der_leave(in, &sequence);
}

static void read_signer_info(struct verifying *verifying, struct gk_reader *list)
{
    struct signer_info *signer = &verifying->signer;
    struct der_in *in = &verifying->in;
    struct gk_reader info = der_enter(in, list, DER_SEQUENCE, NULL);
    size_t offset = gk_reader_offset(&info);

    signer->version = der_read_integer(in, &info, DER_INTEGER, "version");
    read_sid(verifying, &info);
    if (der_ok(in) && signer->version != (signer->by_key_id ? 3 : 1))
        (void)der_refuse(in, offset, "cms-version",
                         "version is %lld, which does not belong to this kind of sid",
                         (long long)signer->version);
    read_algorithm(in, &info, "digestAlgorithm", true, signer->digest);
    read_attributes(verifying, &info);
    read_signature_algorithm(verifying, &info);
    signer->signature = der_read_octets(in, &info, "signature");
    if (der_more(in, &info))
        (void)der_read_whole(in, &info, DER_CONTEXT_CONSTRUCTED | 1, "unsignedAttrs");
    der_leave(in, &info);
}

static void read_signers(struct verifying *verifying, struct gk_reader *data)
{
    struct der_in *in = &verifying->in;
    size_t offset = gk_reader_offset(data);
    struct gk_reader list = der_enter(in, data, DER_SET, "signerInfos");

    if (der_ok(in) && !der_more(in, &list))
        (void)der_refuse(in, offset, "cms-signers", "nobody signed the token");
    read_signer_info(verifying, &list);
    if (der_more(in, &list))
        (void)der_refuse(in, gk_reader_offset(&list), "cms-signers",
                         "more than one signer, a token has exactly one");
    der_leave(in, &list);
}

/* --- SignedData -------------------------------------------------------------------- */

/* Certificates and CRLs: whole SEQUENCEs; the other kinds of RFC 5652 10.2 would ask for
 * another version than 3. */
static void read_wholes(struct der_in *in, struct gk_reader *data, uint8_t tag, const char *name,
                        struct gk_octets *at, size_t *count)
{
    struct gk_octets before = GK_NO_OCTETS;
    struct gk_reader list;

    if (der_peek(in, data) != tag)
        return;
    list = der_enter(in, data, tag, name);
    while (der_more(in, &list)) {
        size_t offset = gk_reader_offset(&list);
        struct gk_octets whole = der_read_whole(in, &list, DER_SEQUENCE, NULL);

        expect_ascending(in, &before, whole, offset);
        if (*count == CMS_CERTIFICATES)
            (void)der_refuse(in, offset, "cms-certificates", "more than %d", CMS_CERTIFICATES);
        else if (der_ok(in))
            at[(*count)++] = whole;
    }
    der_leave(in, &list);
}

static void read_content(struct verifying *verifying, struct gk_reader *data)
{
    struct der_in *in = &verifying->in;
    struct gk_reader info = der_enter(in, data, DER_SEQUENCE, "encapContentInfo");
    struct gk_reader tagged;

    expect_oid(in, &info, "eContentType", TOKEN_OID_CONTENT, "cms-content-type");
    if (der_ok(in) && !der_more(in, &info))
        (void)der_refuse(in, gk_reader_offset(&info), "cms-detached",
                         "the token is not inside its signature");
    tagged = der_enter(in, &info, DER_CONTEXT_CONSTRUCTED | 0, "eContent");
    verifying->cms->content = der_read_octets(in, &tagged, "");
    der_leave(in, &tagged);
    der_leave(in, &info);
}

static void read_signed_data(struct verifying *verifying, struct gk_reader *data)
{
    struct der_in *in = &verifying->in;
    struct cms *cms = verifying->cms;
    size_t offset = gk_reader_offset(data);
    int64_t version = der_read_integer(in, data, DER_INTEGER, "version");

    if (der_ok(in) && version != 3)
        (void)der_refuse(in, offset, "cms-version", "version is %lld, a signed token has 3",
                         (long long)version);
    verifying->digests = der_enter(in, data, DER_SET, "digestAlgorithms");
    der_leave(in, &(struct gk_reader){0}); /* read once the signer is known */
    read_content(verifying, data);
    read_wholes(in, data, DER_CONTEXT_CONSTRUCTED | 0, "certificates", cms->certificate,
                &cms->certificate_count);
    read_wholes(in, data, DER_CONTEXT_CONSTRUCTED | 1, "crls", cms->crl, &cms->crl_count);
    read_signers(verifying, data);
}

static void read_content_info(struct verifying *verifying, struct gk_octets octets)
{
    struct der_in *in = &verifying->in;
    struct gk_reader reader = gk_reader(octets);
    struct gk_reader root = der_enter(in, &reader, DER_SEQUENCE, "");
    struct gk_reader tagged;
    struct gk_reader data;

    expect_oid(in, &root, "contentType", CMS_OID_SIGNED_DATA, "cms-type");
    tagged = der_enter(in, &root, DER_CONTEXT_CONSTRUCTED | 0, "content");
    data = der_enter(in, &tagged, DER_SEQUENCE, "");
    read_signed_data(verifying, &data);
    der_leave(in, &data);
    der_leave(in, &tagged);
    der_leave(in, &root);
    if (der_more(in, &reader))
        (void)der_refuse(in, gk_reader_offset(&reader), "der-trailing",
                         "octets follow the signed token");
}

/* --- judging -------------------------------------------------------------------------- */

/* digestAlgorithms holds the signer's (wire profile 11.16). */
static bool digest_listed(struct verifying *verifying)
{
    struct der_in *in = &verifying->in;
    struct gk_reader list = verifying->digests;
    bool found = false;

    while (der_more(in, &list)) {
        char oid[OID_TEXT];

        read_algorithm(in, &list, "content.digestAlgorithms", true, oid);
        found = found || strcmp(oid, verifying->signer.digest) == 0;
    }
    return der_ok(in) && (found || der_refuse(in, verifying->digests.base, "cms-digest-listed",
                                              "digestAlgorithms lacks the signer's %s",
                                              verifying->signer.digest));
}

/* All embedded certificates are strict DER; exactly one is the signer's. */
static bool find_signer(struct verifying *verifying, struct gk_octets all, struct gk_reason *why)
{
    const struct signer_info *signer = &verifying->signer;
    struct cms *cms = verifying->cms;
    size_t found = 0;

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
        found += is;
        if (is)
            cms->signer = der;
    }
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
static bool check_signature(const struct verifying *verifying, struct gk_reason *why)
{
    const struct signer_info *signer = &verifying->signer;
    const struct cms_algorithm *algorithm =
        cms_algorithm(signer->signature_algorithm, signer->digest, why);
    uint8_t digest[CMS_DIGEST_MOST];
    struct gk_writer data = {0};
    bool good;

    if (!algorithm)
        return false;
    cms_digest(algorithm, verifying->cms->content, digest);
    if (!gk_octets_equal(gk_octets(digest, algorithm->hash_size), signer->message_digest))
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "cms-digest",
                         "messageDigest is not the digest of the token");
    gk_write_octets(&data, signer->attributes);
    data.data[0] = DER_SET;
    good = cms_signature_verify(algorithm, verifying->cms->signer, gk_writer_octets(&data),
                                signer->signature, why);
    gk_writer_free(&data);
    verifying->cms->algorithm = algorithm->name;
    return good;
}

bool cms_verify(struct cms *cms, struct gk_octets signed_token, struct gk_reason *why)
{
    struct verifying verifying = {.in = {.why = why}, .cms = cms};
    const char *misfit;

    *cms = (struct cms){0};
    if (signed_token.size > TOKEN_MAX)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, TOKEN_MAX, "cms-size",
                         "the signed token has %zu octets, %d are allowed", signed_token.size,
                         TOKEN_MAX);
    read_content_info(&verifying, signed_token);
    if (!der_ok(&verifying.in) || !der_check(signed_token, why))
        return false;
    misfit = asn1_misfit(ASN1_CMS, "ContentInfo", signed_token);
    if (misfit)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, 0, "asn1-module",
                         "is no ContentInfo of RFC 5652 (%s)", misfit);
    return digest_listed(&verifying) && find_signer(&verifying, signed_token, why) &&
           check_crls(cms, signed_token, why) && check_signature(&verifying, why);
}
