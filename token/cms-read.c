/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a signed token apart (RFC 5652 5, wire profile 11.4). */
#include "token/cms-read.h"

#include <string.h>

#include "token/cms-algorithm.h"
#include "token/cms-oids.h"
#include "token/token.h"

void cms_read_digest_algorithm(struct der_in *in, struct gk_reader *reader, const char *name,
                               char oid[OID_TEXT])
{
    struct gk_reader sequence = der_enter(in, reader, DER_SEQUENCE, name);

    der_read_oid(in, &sequence, DER_OID, "algorithm", oid);
    if (der_more(in, &sequence))
        der_read_null(in, &sequence, DER_NULL, "parameters");
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

static void read_signing_time(struct cms_reading *reading, struct gk_reader *attribute)
{
    struct der_in *in = &reading->in;
    struct gk_reader values = der_enter(in, attribute, DER_SET, "attrValues");
    size_t offset = gk_reader_offset(&values);
    bool general = der_peek(in, &values) == DER_GENERALIZED_TIME;
    uint8_t tag = general ? DER_GENERALIZED_TIME : DER_UTC_TIME;
    struct gk_octets value = der_read(in, &values, tag, tag, NULL);
    gk_time *time = &reading->cms->signing_time;

    /* RFC 5652 11.3: UTCTime through the years that it holds, and no fraction. */
    if (der_ok(in) && (!der_time(tag, value, time) || (general && der_utc_holds(*time))))
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

static void read_attribute(struct cms_reading *reading, struct gk_reader *list)
{
    struct cms_signer_info *signer = &reading->signer;
    struct der_in *in = &reading->in;
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
        read_signing_time(reading, &attribute);
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

static void read_attributes(struct cms_reading *reading, struct gk_reader *info)
{
    struct cms_signer_info *signer = &reading->signer;
    struct der_in *in = &reading->in;
    size_t offset = gk_reader_offset(info);
    struct gk_octets before = GK_NO_OCTETS;
    struct gk_reader list;
    size_t start = info->at;

    if (der_more(in, info) && der_peek(in, info) != (DER_CONTEXT_CONSTRUCTED | 0))
        (void)der_refuse(in, offset, "cms-attributes", "the token has no signed attributes");
    list = der_enter(in, info, DER_CONTEXT_CONSTRUCTED | 0, "signedAttrs");
    while (der_more(in, &list)) {
        size_t at = list.at;

        read_attribute(reading, &list);
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

static void read_sid(struct cms_reading *reading, struct gk_reader *info)
{
    struct cms_signer_info *signer = &reading->signer;
    struct der_in *in = &reading->in;
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

/* RSASSA-PSS-params of wire profile 11.14: the hash, MGF1 over the same, a salt as long. SHA-1's
 * are the defaults of RFC 4056, so that all three fields are there; trailerField is not (X.690
 * 11.5). */
static void read_pss(struct cms_reading *reading, struct gk_reader *sequence,
                     const struct cms_algorithm *algorithm)
{
    struct der_in *in = &reading->in;
    size_t offset = gk_reader_offset(sequence);
    struct gk_reader params = der_enter(in, sequence, DER_SEQUENCE, "parameters");
    struct gk_reader tagged = der_enter(in, &params, DER_CONTEXT_CONSTRUCTED | 0, "hashAlgorithm");
    char hash[OID_TEXT], function[OID_TEXT], inner[OID_TEXT];
    struct gk_reader mask;
    int64_t salt;

    cms_read_digest_algorithm(in, &tagged, "", hash);
    der_leave(in, &tagged);
    tagged = der_enter(in, &params, DER_CONTEXT_CONSTRUCTED | 1, "maskGenAlgorithm");
    mask = der_enter(in, &tagged, DER_SEQUENCE, "");
    der_read_oid(in, &mask, DER_OID, "algorithm", function);
    cms_read_digest_algorithm(in, &mask, "parameters", inner);
    der_leave(in, &mask);
    der_leave(in, &tagged);
    tagged = der_enter(in, &params, DER_CONTEXT_CONSTRUCTED | 2, "saltLength");
    salt = der_read_integer(in, &tagged, DER_INTEGER, "");
    der_leave(in, &tagged);
    der_leave(in, &params);
    if (der_ok(in) &&
        (strcmp(hash, algorithm->digest) != 0 || strcmp(inner, algorithm->digest) != 0 ||
         strcmp(function, CMS_OID_MGF1) != 0 || salt != (int64_t)algorithm->hash_size))
        (void)der_refuse(in, offset, "cms-pss",
                         "the PSS parameters are %.40s, mask %.40s over %.40s, salt %lld; expected "
                         "%s, mask %s over the same, salt %zu",
                         hash, function, inner, (long long)salt, algorithm->digest, CMS_OID_MGF1,
                         algorithm->hash_size);
}

/* Of algorithms that no token may use the name is what counts, so that the reason can give it. */
static void read_signature_algorithm(struct cms_reading *reading, struct gk_reader *info)
{
    struct cms_signer_info *signer = &reading->signer;
    struct der_in *in = &reading->in;
    size_t offset = gk_reader_offset(info);
    struct gk_reader sequence = der_enter(in, info, DER_SEQUENCE, "signatureAlgorithm");
    const struct cms_algorithm *algorithm = NULL;

    der_read_oid(in, &sequence, DER_OID, "algorithm", signer->signature_algorithm);
    if (der_ok(in))
        algorithm = cms_algorithm(signer->signature_algorithm, signer->digest, NULL);
    if (!algorithm)
        (void)gk_read_rest(&sequence);
    else if (algorithm->parameters == CMS_PSS)
        read_pss(reading, &sequence, algorithm);
    else if (algorithm->parameters == CMS_NULL && der_more(in, &sequence))
        der_read_null(in, &sequence, DER_NULL, "parameters");
    else if (der_more(in, &sequence))
        (void)der_refuse(in, offset, "cms-algorithm", "%s has no parameters",
                         signer->signature_algorithm);
    der_leave(in, &sequence);
}

static void read_signer_info(struct cms_reading *reading, struct gk_reader *list)
{
    struct cms_signer_info *signer = &reading->signer;
    struct der_in *in = &reading->in;
    struct gk_reader info = der_enter(in, list, DER_SEQUENCE, NULL);
    size_t offset = gk_reader_offset(&info);

    signer->version = der_read_integer(in, &info, DER_INTEGER, "version");
    read_sid(reading, &info);
    if (der_ok(in) && signer->version != (signer->by_key_id ? 3 : 1))
        (void)der_refuse(in, offset, "cms-version",
                         "version is %lld, which does not belong to this kind of sid",
                         (long long)signer->version);
    cms_read_digest_algorithm(in, &info, "digestAlgorithm", signer->digest);
    read_attributes(reading, &info);
    read_signature_algorithm(reading, &info);
    signer->signature = der_read_octets(in, &info, "signature");
    if (der_more(in, &info))
        (void)der_read_whole(in, &info, DER_CONTEXT_CONSTRUCTED | 1, "unsignedAttrs");
    der_leave(in, &info);
}

static void read_signers(struct cms_reading *reading, struct gk_reader *data)
{
    struct der_in *in = &reading->in;
    size_t offset = gk_reader_offset(data);
    struct gk_reader list = der_enter(in, data, DER_SET, "signerInfos");

    if (der_ok(in) && !der_more(in, &list))
        (void)der_refuse(in, offset, "cms-signers", "nobody signed the token");
    read_signer_info(reading, &list);
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

static void read_content(struct cms_reading *reading, struct gk_reader *data)
{
    struct der_in *in = &reading->in;
    struct gk_reader info = der_enter(in, data, DER_SEQUENCE, "encapContentInfo");
    struct gk_reader tagged;

    expect_oid(in, &info, "eContentType", TOKEN_OID_CONTENT, "cms-content-type");
    if (der_ok(in) && !der_more(in, &info))
        (void)der_refuse(in, gk_reader_offset(&info), "cms-detached",
                         "the token is not inside its signature");
    tagged = der_enter(in, &info, DER_CONTEXT_CONSTRUCTED | 0, "eContent");
    reading->cms->content = der_read_octets(in, &tagged, "");
    der_leave(in, &tagged);
    der_leave(in, &info);
}

static void read_signed_data(struct cms_reading *reading, struct gk_reader *data)
{
    struct der_in *in = &reading->in;
    struct cms *cms = reading->cms;
    size_t offset = gk_reader_offset(data);
    int64_t version = der_read_integer(in, data, DER_INTEGER, "version");

    if (der_ok(in) && version != 3)
        (void)der_refuse(in, offset, "cms-version", "version is %lld, a signed token has 3",
                         (long long)version);
    reading->digests = der_enter(in, data, DER_SET, "digestAlgorithms");
    der_leave(in, &(struct gk_reader){0}); /* read once the signer is known */
    read_content(reading, data);
    read_wholes(in, data, DER_CONTEXT_CONSTRUCTED | 0, "certificates", cms->certificate,
                &cms->certificate_count);
    read_wholes(in, data, DER_CONTEXT_CONSTRUCTED | 1, "crls", cms->crl, &cms->crl_count);
    read_signers(reading, data);
}

void cms_read(struct cms_reading *reading, struct gk_octets octets)
{
    struct der_in *in = &reading->in;
    struct gk_reader reader = gk_reader(octets);
    struct gk_reader root = der_enter(in, &reader, DER_SEQUENCE, "");
    struct gk_reader tagged;
    struct gk_reader data;

    expect_oid(in, &root, "contentType", CMS_OID_SIGNED_DATA, "cms-type");
    tagged = der_enter(in, &root, DER_CONTEXT_CONSTRUCTED | 0, "content");
    data = der_enter(in, &tagged, DER_SEQUENCE, "");
    read_signed_data(reading, &data);
    der_leave(in, &data);
    der_leave(in, &tagged);
    der_leave(in, &root);
    if (der_more(in, &reader))
        (void)der_refuse(in, gk_reader_offset(&reader), "der-trailing",
                         "octets follow the signed token");
}
