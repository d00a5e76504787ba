/* SPDX-License-Identifier: Apache-2.0 */
#include "token/der-certificate.h"

#include <stdlib.h>
#include <string.h>

#include "token/der-read.h"
#include "token/der.h"

#define OID_SUBJECT_KEY_ID "2.5.29.14"

static const char explicit_default[] = "says what is its default, which DER leaves out";

/* Signature algorithms whose values are a SEQUENCE of r and s (RFC 3279 2.2.2 and 2.2.3, RFC
 * 5758 3, and those over SHA-3); beyond .12 NIST's arc goes on with others. */
static bool is_dss(const char *oid)
{
    static const char nist[] = "2.16.840.1.101.3.4.3.";

    if (strncmp(oid, nist, sizeof nist - 1) == 0)
        return strtoul(oid + sizeof nist - 1, NULL, 10) <= 12;
    return strncmp(oid, "1.2.840.10045.4.", 16) == 0 || strcmp(oid, "1.2.840.10040.4.3") == 0;
}

static struct gk_octets positive(struct der_in *in, struct gk_reader *reader, const char *name)
{
    size_t offset = gk_reader_offset(reader);
    struct gk_octets value = der_read(in, reader, DER_INTEGER, DER_INTEGER, name);

    if (value.size && (value.data[0] & 0x80 || (value.size == 1 && !value.data[0])))
        (void)der_refuse(in, offset, "der-signature", "%s is not positive", name);
    if (value.size && !value.data[0])
        value = gk_octets(value.data + 1, value.size - 1);
    return value;
}

static void read_signature(struct der_in *in, struct gk_reader *reader, struct gk_octets *r,
                           struct gk_octets *s)
{
    struct gk_reader sequence = der_enter(in, reader, DER_SEQUENCE, "");

    *r = positive(in, &sequence, "r");
    *s = positive(in, &sequence, "s");
    der_leave(in, &sequence);
    if (der_more(in, reader))
        (void)der_refuse(in, gk_reader_offset(reader), "der-trailing", "octets follow the value");
}

bool der_check_signature(struct gk_octets der, struct gk_octets *r, struct gk_octets *s,
                         struct gk_reason *why)
{
    struct der_in in = {.why = why};
    struct gk_reader reader = gk_reader(der);
    struct gk_octets own_r;
    struct gk_octets own_s;

    read_signature(&in, &reader, r ? r : &own_r, s ? s : &own_s);
    return der_ok(&in);
}

/* The generic walk over what an OCTET STRING or BIT STRING holds. */
static void check_inside(struct der_in *in, const struct gk_reader *inside)
{
    struct gk_reason why = {0};

    if (der_ok(in) && !der_check(gk_octets(inside->data, inside->size), &why))
        (void)der_refuse(in, inside->base + why.offset, why.code, "%s", why.text);
}

/* --- extensions whose type gives DER more to say ------------------------------ */

/* KeyUsage: the last of a named bit list's bits is a one (X.690 11.2.2). */
static void check_key_usage(struct der_in *in, struct gk_reader *value)
{
    size_t offset = gk_reader_offset(value);
    struct gk_octets bits = der_read(in, value, DER_BIT_STRING, DER_BIT_STRING, "");

    if (bits.size > 1 && !(bits.data[bits.size - 1] >> bits.data[0] & 1))
        (void)der_refuse(in, offset, "der-bit-string", "ends in bits that are zero");
}

/* BasicConstraints: cA BOOLEAN DEFAULT FALSE. */
static void check_basic_constraints(struct der_in *in, struct gk_reader *value)
{
    size_t offset = gk_reader_offset(value);
    struct gk_reader sequence = der_enter(in, value, DER_SEQUENCE, "");

    if (der_peek(in, &sequence) == DER_BOOLEAN && !der_read_boolean(in, &sequence, "cA"))
        (void)der_refuse(in, offset, "der-default", "cA %s", explicit_default);
    if (der_more(in, &sequence))
        (void)der_read_integer(in, &sequence, DER_INTEGER, "pathLenConstraint");
    der_leave(in, &sequence);
}

/* CRLReason: RFC 5280 5.3.1. */
static void check_reason(struct der_in *in, struct gk_reader *value)
{
    size_t offset = gk_reader_offset(value);
    int64_t reason = der_read_integer(in, value, DER_ENUMERATED, "");

    if (reason < 0 || reason > 10 || reason == 7)
        (void)der_refuse(in, offset, "der-enumerated", "is no CRLReason");
}

static void check_known(struct der_in *in, struct gk_reader *value, const char *oid)
{
    static const struct {
        const char *oid;
        void (*check)(struct der_in *in, struct gk_reader *value);
    } known[] = {
        {"2.5.29.15", check_key_usage},
        {"2.5.29.19", check_basic_constraints},
        {"2.5.29.21", check_reason},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].oid, oid) == 0)
            known[i].check(in, value);
    }
}

static void read_extension(struct der_in *in, struct gk_reader *list, struct gk_octets *key_id)
{
    struct gk_reader sequence = der_enter(in, list, DER_SEQUENCE, NULL);
    struct gk_reader value;
    char oid[OID_TEXT];
    size_t offset;

    der_read_oid(in, &sequence, DER_OID, "extnID", oid);
    offset = gk_reader_offset(&sequence);
    if (der_peek(in, &sequence) == DER_BOOLEAN && !der_read_boolean(in, &sequence, "critical"))
        (void)der_refuse(in, offset, "der-default", "critical %s", explicit_default);
    value = der_enter(in, &sequence, DER_OCTET_STRING, "extnValue");
    check_inside(in, &value);
    check_known(in, &value, oid);
    if (key_id && strcmp(oid, OID_SUBJECT_KEY_ID) == 0)
        *key_id = der_read_octets(in, &value, "");
    (void)gk_read_rest(&value);
    der_leave(in, &value);
    der_leave(in, &sequence);
}

/* `tag` 0: bare, as in the entries of a CRL. */
static void read_extensions(struct der_in *in, struct gk_reader *reader, uint8_t tag,
                            struct gk_octets *key_id)
{
    struct gk_reader tagged = *reader;
    struct gk_reader list;

    if (tag)
        tagged = der_enter(in, reader, tag, "extensions");
    list = der_enter(in, &tagged, DER_SEQUENCE, tag ? "" : "extensions");
    while (der_more(in, &list))
        read_extension(in, &list, key_id);
    der_leave(in, &list);
    if (tag)
        der_leave(in, &tagged);
    else
        *reader = tagged;
}

/* BIT STRING after the algorithm; dss values are DER of their own. */
static void read_signed_end(struct der_in *in, struct gk_reader *sequence)
{
    struct gk_reader algorithm = der_enter(in, sequence, DER_SEQUENCE, "signatureAlgorithm");
    struct gk_octets value;
    struct gk_reader inside;
    char oid[OID_TEXT];
    size_t end;

    der_read_oid(in, &algorithm, DER_OID, "algorithm", oid);
    (void)gk_read_rest(&algorithm);
    der_leave(in, &algorithm);
    value = der_read(in, sequence, DER_BIT_STRING, DER_BIT_STRING, "signatureValue");
    end = gk_reader_offset(sequence);
    if (!der_ok(in) || !is_dss(oid) || !value.size)
        return;
    inside = gk_reader(gk_octets(value.data + 1, value.size - 1));
    inside.base = end - inside.size;
    read_signature(in, &inside, &value, &value);
}

/* [0] EXPLICIT Version DEFAULT v1: v2 or v3 if it is there. */
static void read_version(struct der_in *in, struct gk_reader *tbs)
{
    struct gk_reader tagged;
    size_t offset;
    int64_t version;

    if (der_peek(in, tbs) != (DER_CONTEXT_CONSTRUCTED | 0))
        return;
    tagged = der_enter(in, tbs, DER_CONTEXT_CONSTRUCTED | 0, "version");
    offset = gk_reader_offset(&tagged);
    version = der_read_integer(in, &tagged, DER_INTEGER, "");
    if (der_ok(in) && version == 0)
        (void)der_refuse(in, offset, "der-default", "%s", explicit_default);
    else if (der_ok(in) && version != 1 && version != 2)
        (void)der_refuse(in, offset, "der-version", "is neither 1 nor 2");
    der_leave(in, &tagged);
}

/* The keys of RSA and DSA are DER inside their BIT STRING (RFC 3279 2.3). */
static void read_public_key(struct der_in *in, struct gk_reader *tbs)
{
    struct gk_reader info = der_enter(in, tbs, DER_SEQUENCE, "subjectPublicKeyInfo");
    struct gk_reader algorithm = der_enter(in, &info, DER_SEQUENCE, "algorithm");
    struct gk_reader inside;
    struct gk_octets key;
    char oid[OID_TEXT];

    der_read_oid(in, &algorithm, DER_OID, "", oid);
    (void)gk_read_rest(&algorithm);
    der_leave(in, &algorithm);
    key = der_read(in, &info, DER_BIT_STRING, DER_BIT_STRING, "subjectPublicKey");
    if (key.size &&
        (strncmp(oid, "1.2.840.113549.1.1.", 19) == 0 || strcmp(oid, "1.2.840.10040.4.1") == 0)) {
        inside = gk_reader(gk_octets(key.data + 1, key.size - 1));
        inside.base = gk_reader_offset(&info) - inside.size;
        check_inside(in, &inside);
    }
    der_leave(in, &info);
}

static void read_tbs_certificate(struct der_in *in, struct gk_reader *sequence,
                                 struct der_certificate *parts)
{
    struct gk_reader tbs = der_enter(in, sequence, DER_SEQUENCE, "tbsCertificate");

    read_version(in, &tbs);
    parts->serial = der_read(in, &tbs, DER_INTEGER, DER_INTEGER, "serialNumber");
    (void)der_read_whole(in, &tbs, DER_SEQUENCE, "signature");
    parts->issuer = der_read_whole(in, &tbs, DER_SEQUENCE, "issuer");
    (void)der_read_whole(in, &tbs, DER_SEQUENCE, "validity");
    (void)der_read_whole(in, &tbs, DER_SEQUENCE, "subject");
    read_public_key(in, &tbs);
    for (uint8_t tag = DER_CONTEXT | 1; tag <= (DER_CONTEXT | 2); tag++) {
        if (der_peek(in, &tbs) == tag)
            (void)der_read(in, &tbs, tag, DER_BIT_STRING, "uniqueIdentifier");
    }
    if (der_more(in, &tbs))
        read_extensions(in, &tbs, DER_CONTEXT_CONSTRUCTED | 3, &parts->subject_key_id);
    der_leave(in, &tbs);
}

bool der_check_certificate(struct gk_octets der, struct der_certificate *parts,
                           struct gk_reason *why)
{
    struct der_in in = {.why = why};
    struct gk_reader reader = gk_reader(der);
    struct gk_reader sequence = der_enter(&in, &reader, DER_SEQUENCE, "");
    struct der_certificate own;

    if (!parts)
        parts = &own;
    *parts = (struct der_certificate){0};
    read_tbs_certificate(&in, &sequence, parts);
    read_signed_end(&in, &sequence);
    der_leave(&in, &sequence);
    return der_ok(&in) && der_check(der, why);
}

static void read_revoked(struct der_in *in, struct gk_reader *tbs)
{
    struct gk_reader list = der_enter(in, tbs, DER_SEQUENCE, "revokedCertificates");

    while (der_more(in, &list)) {
        struct gk_reader entry = der_enter(in, &list, DER_SEQUENCE, NULL);
        uint8_t time;

        (void)der_read(in, &entry, DER_INTEGER, DER_INTEGER, "userCertificate");
        time = der_peek(in, &entry) == DER_GENERALIZED_TIME ? DER_GENERALIZED_TIME : DER_UTC_TIME;
        (void)der_read(in, &entry, time, time, "revocationDate");
        if (der_more(in, &entry))
            read_extensions(in, &entry, 0, NULL);
        der_leave(in, &entry);
    }
    der_leave(in, &list);
}

static bool at_time(const struct der_in *in, const struct gk_reader *reader)
{
    uint8_t tag = der_peek(in, reader);

    return tag == DER_UTC_TIME || tag == DER_GENERALIZED_TIME;
}

bool der_check_crl(struct gk_octets der, struct gk_reason *why)
{
    struct der_in in = {.why = why};
    struct gk_reader reader = gk_reader(der);
    struct gk_reader sequence = der_enter(&in, &reader, DER_SEQUENCE, "");
    struct gk_reader tbs = der_enter(&in, &sequence, DER_SEQUENCE, "tbsCertList");

    if (der_peek(&in, &tbs) == DER_INTEGER &&
        der_read_integer(&in, &tbs, DER_INTEGER, "version") != 1)
        (void)der_refuse(&in, tbs.base, "der-version", "version is not v2");
    (void)der_read_whole(&in, &tbs, DER_SEQUENCE, "signature");
    (void)der_read_whole(&in, &tbs, DER_SEQUENCE, "issuer");
    while (at_time(&in, &tbs)) {
        uint8_t time = der_peek(&in, &tbs);

        (void)der_read(&in, &tbs, time, time, "update");
    }
    if (der_peek(&in, &tbs) == DER_SEQUENCE)
        read_revoked(&in, &tbs);
    if (der_more(&in, &tbs))
        read_extensions(&in, &tbs, DER_CONTEXT_CONSTRUCTED | 0, NULL);
    der_leave(&in, &tbs);
    read_signed_end(&in, &sequence);
    der_leave(&in, &sequence);
    return der_ok(&in) && der_check(der, why);
}
