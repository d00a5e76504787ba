/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/x509.h"

#include <string.h>

#include "token/tlv.h"

/* id-ce, 2.5.29. */
#define OID_SUBJECT_KEY_ID   "\x55\x1d\x0e"
#define OID_KEY_USAGE        "\x55\x1d\x0f"
#define OID_SUBJECT_ALT_NAME "\x55\x1d\x11"
#define OID_BASIC            "\x55\x1d\x13"
#define OID_NAME_CONSTRAINTS "\x55\x1d\x1e"
#define OID_POLICIES         "\x55\x1d\x20"
#define OID_AUTHORITY_KEY_ID "\x55\x1d\x23"
#define OID_EXTENDED_USAGE   "\x55\x1d\x25"
#define OID_ANY_USAGE        "\x55\x1d\x25\x00"

#define EXTENSIONS_MAX 64

static bool refuse(struct gk_reason *why, const struct gk_reader *at, const char *what)
{
    return gk_refuse(why, GK_AUTHENTICATION_FAILED, gk_reader_offset(at), "certificate-der",
                     "the certificate is malformed at octet %zu: %s", gk_reader_offset(at), what);
}

static bool read_basic(struct x509 *certificate, struct gk_octets value)
{
    struct gk_reader outer = gk_reader(value);
    struct gk_reader inner = tlv_enter(&outer, DER_SEQUENCE);
    struct der_tlv flag;

    certificate->path_length = -1;
    if (tlv_optional(&inner, DER_BOOLEAN, &flag))
        certificate->is_ca = flag.value.size == 1 && flag.value.data[0] == 0xff;
    if (tlv_at(&inner, DER_INTEGER))
        (void)tlv_small(&inner, DER_INTEGER, &certificate->path_length);
    return gk_reader_done(&inner) && gk_reader_done(&outer);
}

static bool read_usage(struct x509 *certificate, struct gk_octets value)
{
    struct gk_reader outer = gk_reader(value);
    struct der_tlv bits;

    if (!tlv_take(&outer, DER_BIT_STRING, &bits) || !gk_reader_done(&outer) || bits.value.size < 1)
        return false;
    certificate->has_usage = true;
    certificate->usage = bits.value.size > 1 ? bits.value.data[1] : 0;
    return true;
}

static bool read_inside(struct gk_octets value, uint8_t tag, struct gk_octets *content)
{
    struct gk_reader outer = gk_reader(value);
    struct der_tlv item;

    *content = tlv_take(&outer, tag, &item) ? item.value : GK_NO_OCTETS;
    return gk_reader_done(&outer);
}

/* A critical list of purposes binds us only when it is open to any (there is no purpose of
 * GSAKMP's own). */
static bool usage_is_open(struct gk_octets value)
{
    struct gk_reader outer = gk_reader(value);
    struct gk_reader inner = tlv_enter(&outer, DER_SEQUENCE);
    struct der_tlv purpose;

    while (gk_reader_left(&inner) && tlv_take(&inner, DER_OID, &purpose)) {
        if (TLV_OID_IS(purpose.value, OID_ANY_USAGE))
            return true;
    }
    return false;
}

/* `known` is cleared for an extension that is not processed. */
static bool read_value(struct x509 *certificate, struct gk_octets oid, struct gk_octets value,
                       bool *known)
{
    *known = true;
    if (TLV_OID_IS(oid, OID_BASIC))
        return read_basic(certificate, value);
    if (TLV_OID_IS(oid, OID_KEY_USAGE))
        return read_usage(certificate, value);
    if (TLV_OID_IS(oid, OID_SUBJECT_ALT_NAME)) {
        certificate->has_san = true;
        return read_inside(value, DER_SEQUENCE, &certificate->san);
    }
    if (TLV_OID_IS(oid, OID_NAME_CONSTRAINTS)) {
        certificate->has_constraints = true;
        return read_inside(value, DER_SEQUENCE, &certificate->constraints);
    }
    if (TLV_OID_IS(oid, OID_SUBJECT_KEY_ID))
        return read_inside(value, DER_OCTET_STRING, &certificate->subject_key_id);
    if (TLV_OID_IS(oid, OID_EXTENDED_USAGE))
        *known = usage_is_open(value);
    else
        *known = TLV_OID_IS(oid, OID_POLICIES) || TLV_OID_IS(oid, OID_AUTHORITY_KEY_ID);
    return true;
}

bool x509_read_extension(struct gk_reader *list, struct x509_extension *extension)
{
    struct gk_reader inner = tlv_enter(list, DER_SEQUENCE);
    struct der_tlv oid;
    struct der_tlv critical;
    struct der_tlv value;

    (void)tlv_take(&inner, DER_OID, &oid);
    (void)tlv_optional(&inner, DER_BOOLEAN, &critical);
    (void)tlv_take(&inner, DER_OCTET_STRING, &value);
    list->failed |= !gk_reader_done(&inner);
    extension->oid = oid.value;
    extension->value = value.value;
    extension->critical = critical.value.size && critical.value.data[0];
    return gk_reader_ok(list);
}

static bool read_extension(struct x509 *certificate, struct gk_reader *from, struct gk_octets *oid,
                           struct gk_reason *why)
{
    struct x509_extension extension;
    bool known;

    if (!x509_read_extension(from, &extension))
        return refuse(why, from, "an extension");
    if (!read_value(certificate, extension.oid, extension.value, &known))
        return refuse(why, from, "an extension's value");
    if (!known && extension.critical && !certificate->critical.size)
        certificate->critical = extension.oid;
    *oid = extension.oid;
    return true;
}

static bool read_extensions(struct x509 *certificate, struct gk_reader *tbs, struct gk_reason *why)
{
    struct gk_reader outer = tlv_enter(tbs, DER_CONTEXT_CONSTRUCTED | 3);
    struct gk_reader list = tlv_enter(&outer, DER_SEQUENCE);
    struct gk_octets oid[EXTENSIONS_MAX];
    size_t count = 0;

    while (gk_reader_left(&list)) {
        if (count == EXTENSIONS_MAX)
            return refuse(why, &list, "it has more than 64 extensions");
        if (!read_extension(certificate, &list, &oid[count], why))
            return false;
        for (size_t i = 0; i < count; i++) {
            if (gk_octets_equal(oid[i], oid[count]))
                return refuse(why, &list, "an extension stands there twice");
        }
        count++;
    }
    return gk_reader_done(&list) || refuse(why, tbs, "the list of extensions");
}

static bool read_spki(struct x509 *certificate, struct gk_reader *tbs)
{
    struct gk_reader copy = *tbs;
    struct gk_reader inner = tlv_enter(&copy, DER_SEQUENCE);
    struct der_tlv item;

    (void)tlv_take(&inner, DER_SEQUENCE, &item);
    if (!tlv_take(&inner, DER_BIT_STRING, &item) || !gk_reader_done(&inner) ||
        item.value.size < 2 || item.value.data[0])
        return false;
    certificate->key = gk_octets(item.value.data + 1, item.value.size - 1);
    (void)tlv_take(tbs, DER_SEQUENCE, &item);
    certificate->spki = item.whole;
    return true;
}

static void read_validity(struct x509 *certificate, struct gk_reader *tbs)
{
    struct gk_reader inner = tlv_enter(tbs, DER_SEQUENCE);

    (void)tlv_time(&inner, &certificate->from);
    (void)tlv_time(&inner, &certificate->until);
    tbs->failed |= !gk_reader_done(&inner);
}

static bool read_tbs(struct x509 *certificate, struct gk_reader tbs, struct gk_reason *why)
{
    struct der_tlv version;
    struct der_tlv item;

    (void)tlv_optional(&tbs, DER_CONTEXT_CONSTRUCTED | 0, &version);
    (void)tlv_take(&tbs, DER_INTEGER, &item);
    certificate->serial = item.value;
    (void)tlv_take(&tbs, DER_SEQUENCE, &item);
    if (!gk_octets_equal(item.whole, certificate->signature.algorithm))
        return refuse(why, &tbs, "its two signature algorithms differ");
    (void)tlv_take(&tbs, DER_SEQUENCE, &item);
    certificate->issuer = item.whole;
    read_validity(certificate, &tbs);
    (void)tlv_take(&tbs, DER_SEQUENCE, &item);
    certificate->subject = item.whole;
    if (!gk_reader_ok(&tbs) || !read_spki(certificate, &tbs))
        return refuse(why, &tbs, "names, dates or key");
    (void)tlv_optional(&tbs, DER_CONTEXT | 1, &item);
    (void)tlv_optional(&tbs, DER_CONTEXT | 2, &item);
    if (tlv_at(&tbs, DER_CONTEXT_CONSTRUCTED | 3) && !read_extensions(certificate, &tbs, why))
        return false;
    return gk_reader_done(&tbs) || refuse(why, &tbs, "what follows the key");
}

bool x509_read_signed(struct gk_octets der, struct x509_signature *signature, struct gk_reader *tbs)
{
    struct gk_reader outer = gk_reader(der);
    struct gk_reader inner = tlv_enter(&outer, DER_SEQUENCE);
    struct gk_reader whole = inner;
    struct der_tlv item;

    (void)tlv_take(&inner, DER_SEQUENCE, &item);
    signature->tbs = item.whole;
    (void)tlv_take(&inner, DER_SEQUENCE, &item);
    signature->algorithm = item.whole;
    (void)tlv_take(&inner, DER_BIT_STRING, &item);
    if (!gk_reader_done(&inner) || !gk_reader_done(&outer) || item.value.size < 2 ||
        item.value.data[0])
        return false;
    signature->value = gk_octets(item.value.data + 1, item.value.size - 1);
    *tbs = tlv_enter(&whole, DER_SEQUENCE);
    return true;
}

bool x509_parse(struct x509 *certificate, struct gk_octets der, struct gk_reason *why)
{
    struct gk_reader tbs = gk_reader(der);

    memset(certificate, 0, sizeof *certificate);
    certificate->path_length = -1;
    if (!x509_read_signed(der, &certificate->signature, &tbs))
        return refuse(why, &tbs, "it is no X.509 certificate");
    certificate->der = der;
    return read_tbs(certificate, tbs, why) && x509_measure_key(certificate->spki, why);
}

bool x509_self_issued(const struct x509 *certificate)
{
    return gk_octets_equal(certificate->subject, certificate->issuer);
}
