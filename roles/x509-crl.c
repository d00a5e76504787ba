/* SPDX-License-Identifier: Apache-2.0 */
/* CRLs (RFC 5280 5.1, profile 4.5). */
#include "roles/x509.h"

#include <string.h>

#include "token/tlv.h"

#define OID_CRL_NUMBER   "\x55\x1d\x14"
#define OID_DELTA        "\x55\x1d\x1b"
#define OID_DISTRIBUTION "\x55\x1d\x1c"

static bool refuse(struct gk_reason *why, const char *what)
{
    return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "crl-der",
                     "the certificate revocation list is malformed: %s", what);
}

/* One Extension; deltas and distribution points make a part of a list also where they are,
 * against RFC 5280 5.2, not critical. */
static void read_extension(struct gk_reader *list, struct x509_crl *crl, bool of_entry)
{
    struct x509_extension extension;
    struct der_tlv number;

    if (!x509_read_extension(list, &extension))
        return;
    if (!of_entry && TLV_OID_IS(extension.oid, OID_CRL_NUMBER)) {
        struct gk_reader reader = gk_reader(extension.value);

        list->failed |= !tlv_take(&reader, DER_INTEGER, &number) || !gk_reader_done(&reader);
        crl->number = number.value;
        return;
    }
    if (extension.critical || TLV_OID_IS(extension.oid, OID_DELTA) ||
        TLV_OID_IS(extension.oid, OID_DISTRIBUTION))
        crl->partial = true;
}

static void read_entries(struct x509_crl *crl, struct gk_reader *tbs)
{
    struct gk_reader list = gk_reader(crl->revoked);

    while (gk_reader_left(&list) && gk_reader_ok(&list)) {
        struct gk_reader entry = tlv_enter(&list, DER_SEQUENCE);
        struct der_tlv serial;
        gk_time when;

        (void)tlv_take(&entry, DER_INTEGER, &serial);
        (void)tlv_time(&entry, &when);
        if (gk_reader_ok(&entry) && gk_reader_left(&entry)) {
            struct gk_reader extensions = tlv_enter(&entry, DER_SEQUENCE);

            while (gk_reader_ok(&extensions) && gk_reader_left(&extensions))
                read_extension(&extensions, crl, true);
            entry.failed |= !gk_reader_done(&extensions);
        }
        list.failed |= !gk_reader_done(&entry);
    }
    tbs->failed |= !gk_reader_done(&list);
}

static void read_tail(struct x509_crl *crl, struct gk_reader *tbs)
{
    struct der_tlv item;

    if (tlv_optional(tbs, DER_SEQUENCE, &item)) {
        crl->revoked = item.value;
        read_entries(crl, tbs);
    }
    if (tlv_at(tbs, DER_CONTEXT_CONSTRUCTED | 0)) {
        struct gk_reader outer = tlv_enter(tbs, DER_CONTEXT_CONSTRUCTED | 0);
        struct gk_reader list = tlv_enter(&outer, DER_SEQUENCE);

        while (gk_reader_ok(&list) && gk_reader_left(&list))
            read_extension(&list, crl, false);
        tbs->failed |= !gk_reader_done(&list) || !gk_reader_done(&outer);
    }
}

static bool read_tbs(struct x509_crl *crl, struct gk_reader tbs, struct gk_reason *why)
{
    struct der_tlv item;

    (void)tlv_optional(&tbs, DER_INTEGER, &item);
    (void)tlv_take(&tbs, DER_SEQUENCE, &item);
    if (!gk_octets_equal(item.whole, crl->signature.algorithm))
        return refuse(why, "its two signature algorithms differ");
    (void)tlv_take(&tbs, DER_SEQUENCE, &item);
    crl->issuer = item.whole;
    (void)tlv_time(&tbs, &crl->this_update);
    if (tlv_at(&tbs, DER_UTC_TIME) || tlv_at(&tbs, DER_GENERALIZED_TIME))
        crl->has_next_update = tlv_time(&tbs, &crl->next_update);
    read_tail(crl, &tbs);
    return gk_reader_done(&tbs) || refuse(why, "its names, dates or entries");
}

bool x509_crl_parse(struct x509_crl *crl, struct gk_octets der, struct gk_reason *why)
{
    struct gk_reader tbs;

    memset(crl, 0, sizeof *crl);
    return x509_read_signed(der, &crl->signature, &tbs) ? read_tbs(crl, tbs, why)
                                                        : refuse(why, "it is no X.509 list");
}

bool x509_crl_newer(const struct x509_crl *crl, const struct x509_crl *than)
{
    if (crl->this_update != than->this_update)
        return crl->this_update > than->this_update;
    /* DER INTEGERs without sign: the longer is the larger. */
    if (crl->number.size != than->number.size)
        return crl->number.size > than->number.size;
    return gk_octets_compare(crl->number, than->number) > 0;
}

bool x509_crl_lists(const struct x509_crl *crl, struct gk_octets serial)
{
    struct gk_reader list = gk_reader(crl->revoked);

    while (gk_reader_left(&list)) {
        struct gk_reader entry = tlv_enter(&list, DER_SEQUENCE);
        struct der_tlv listed;

        if (!tlv_take(&entry, DER_INTEGER, &listed))
            return true; /* not after x509_crl_parse; and never in the certificate's favour */
        if (gk_octets_equal(listed.value, serial))
            return true;
    }
    return false;
}
