/* SPDX-License-Identifier: Apache-2.0 */
/* NameConstraints: RFC 5280 4.2.1.10. Written here because GnuTLS processes no directoryName
 * constraints, the form that matters most to a group whose members are named by subjects. */
#include "roles/x509.h"

#include <string.h>

#include "token/tlv.h"
#include "token/name-parts.h"

#define OID_EMAIL "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"

/* Tags of GeneralName. */
#define GENERAL_MAIL      DER_CONTEXT | 1
#define GENERAL_DNS       DER_CONTEXT | 2
#define GENERAL_DIRECTORY DER_CONTEXT_CONSTRUCTED | 4
#define GENERAL_URI       DER_CONTEXT | 6
#define GENERAL_ADDRESS   DER_CONTEXT | 7

enum answer { NO, YES, UNKNOWN };

static enum answer answer(bool yes)
{
    return yes ? YES : NO;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool ends_with(struct gk_octets text, struct gk_octets end)
{
    if (end.size > text.size)
        return false;
    for (size_t i = 0; i < end.size; i++) {
        if (lower(text.data[text.size - end.size + i]) != lower(end.data[i]))
            return false;
    }
    return true;
}

static bool same_host(struct gk_octets a, struct gk_octets b)
{
    return a.size == b.size && ends_with(a, b);
}

/* A host, or with a leading period what lies below it. */
static bool host_within(struct gk_octets base, struct gk_octets host)
{
    if (base.size && base.data[0] == '.')
        return host.size > base.size && ends_with(host, base);
    return same_host(base, host);
}

static bool dns_within(struct gk_octets base, struct gk_octets name)
{
    if (!base.size || same_host(base, name))
        return true;
    if (base.data[0] == '.')
        return name.size > base.size && ends_with(name, base);
    return name.size > base.size && ends_with(name, base) &&
           name.data[name.size - base.size - 1] == '.';
}

static const uint8_t *last_at(struct gk_octets text)
{
    return text.size ? memrchr(text.data, '@', text.size) : NULL;
}

static struct gk_octets behind(struct gk_octets text, const uint8_t *at)
{
    return gk_octets(at + 1, text.size - (size_t)(at + 1 - text.data));
}

static enum answer mail_within(struct gk_octets base, struct gk_octets mailbox)
{
    const uint8_t *base_at = last_at(base);
    const uint8_t *at = last_at(mailbox);

    if (!at)
        return UNKNOWN;
    if (!base_at)
        return answer(host_within(base, behind(mailbox, at)));
    return answer(gk_octets_equal(gk_octets(base.data, (size_t)(base_at - base.data)),
                                  gk_octets(mailbox.data, (size_t)(at - mailbox.data))) &&
                  same_host(behind(base, base_at), behind(mailbox, at)));
}

/* The host of scheme://[user@]host[:port][/...]; UNKNOWN without a fully qualified one. */
static enum answer uri_within(struct gk_octets base, struct gk_octets uri)
{
    const uint8_t *start = uri.size ? memmem(uri.data, uri.size, "//", 2) : NULL;
    struct gk_octets host;
    const uint8_t *at;
    size_t size = 0;

    if (!start)
        return UNKNOWN;
    host = behind(uri, start + 1);
    while (size < host.size && !strchr("/?#", host.data[size]))
        size++;
    host.size = size;
    at = last_at(host);
    if (at)
        host = behind(host, at);
    for (size = 0; size < host.size && host.data[size] != ':';)
        size++;
    host.size = size;
    if (!host.size || host.data[0] == '[' || lower(host.data[host.size - 1]) < 'a' ||
        lower(host.data[host.size - 1]) > 'z')
        return UNKNOWN;
    return answer(host_within(base, host));
}

static enum answer address_within(struct gk_octets base, struct gk_octets address)
{
    if ((base.size != 8 && base.size != 32) || (address.size != 4 && address.size != 16))
        return UNKNOWN;
    if (base.size != 2 * address.size)
        return NO;
    for (size_t i = 0; i < address.size; i++) {
        uint8_t mask = base.data[address.size + i];

        if ((base.data[i] & mask) != (address.data[i] & mask))
            return NO;
    }
    return YES;
}

/* Both are the Name under an explicit tag. */
static enum answer directory_within(struct gk_octets base, struct gk_octets name)
{
    struct name above;
    struct name below;
    enum answer result;

    if (!name_parse_der(&above, base, NULL))
        return UNKNOWN;
    if (!name_parse_der(&below, name, NULL)) {
        name_drop(&above);
        return UNKNOWN;
    }
    name_fold_values(&above);
    name_fold_values(&below);
    result = answer(name_parts_below(&above, &below));
    name_drop(&above);
    name_drop(&below);
    return result;
}

static enum answer within(uint8_t tag, struct gk_octets base, struct gk_octets name)
{
    switch (tag) {
    case GENERAL_MAIL:
        return mail_within(base, name);
    case GENERAL_DNS:
        return answer(dns_within(base, name));
    case GENERAL_URI:
        return uri_within(base, name);
    case GENERAL_ADDRESS:
        return address_within(base, name);
    case GENERAL_DIRECTORY:
        return directory_within(base, name);
    default:
        return UNKNOWN;
    }
}

struct subtrees {
    struct gk_octets permitted, excluded;
};

/* Asks every subtree of that form; `none` when there is none of it. */
static enum answer any_within(struct gk_octets subtrees, uint8_t tag, struct gk_octets name,
                              bool *none)
{
    struct gk_reader list = gk_reader(subtrees);
    enum answer result = NO;

    *none = true;
    while (gk_reader_left(&list)) {
        struct gk_reader tree = tlv_enter(&list, DER_SEQUENCE);
        struct der_tlv base;
        enum answer one;

        /* Distances (minimum, maximum) have no use in this profile of X.509. */
        if (!tlv_next(&tree, &base) || !gk_reader_done(&tree))
            return UNKNOWN;
        if (base.tag != tag)
            continue;
        *none = false;
        one = within(tag, base.value, name);
        if (one == UNKNOWN)
            return UNKNOWN;
        if (one == YES)
            result = YES;
    }
    return gk_reader_ok(&list) ? result : UNKNOWN;
}

static bool name_permitted(const struct subtrees *subtrees, uint8_t tag, struct gk_octets name)
{
    bool none;

    if (any_within(subtrees->excluded, tag, name, &none) != NO)
        return false;
    switch (any_within(subtrees->permitted, tag, name, &none)) {
    case YES:
        return true;
    case NO:
        return none;
    default:
        return false;
    }
}

static bool alternative_names_permitted(const struct subtrees *subtrees,
                                        const struct x509 *certificate)
{
    struct gk_reader names = gk_reader(certificate->san);
    struct der_tlv name;

    while (gk_reader_left(&names)) {
        if (!tlv_next(&names, &name) || !name_permitted(subtrees, name.tag, name.value))
            return false;
    }
    return true;
}

/* RFC 5280 4.2.1.10: addresses in the subject of a certificate without alternative names. */
static bool subject_mail_permitted(const struct subtrees *subtrees, const struct x509 *certificate)
{
    struct name name;
    bool good = true;

    if (certificate->has_san)
        return true;
    if (!name_parse_der(&name, certificate->subject, NULL))
        return false;
    for (size_t i = 0; i < name.count; i++) {
        if (TLV_OID_IS(name_type(&name, i), OID_EMAIL))
            good = good && name_permitted(subtrees, GENERAL_MAIL, name_value(&name, i));
    }
    name_drop(&name);
    return good;
}

bool x509_constraints_permit(struct gk_octets constraints, const struct x509 *certificate,
                             struct gk_reason *why)
{
    struct gk_reader reader = gk_reader(constraints);
    struct subtrees subtrees;
    struct der_tlv item;

    (void)tlv_optional(&reader, DER_CONTEXT_CONSTRUCTED | 0, &item);
    subtrees.permitted = item.value;
    (void)tlv_optional(&reader, DER_CONTEXT_CONSTRUCTED | 1, &item);
    subtrees.excluded = item.value;
    if (!gk_reader_done(&reader))
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "name-constraints",
                         "the name constraints of a CA in the path are malformed");
    if (name_permitted(&subtrees, GENERAL_DIRECTORY, certificate->subject) &&
        subject_mail_permitted(&subtrees, certificate) &&
        alternative_names_permitted(&subtrees, certificate))
        return true;
    return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "name-constraints",
                     "a name of the certificate lies outside the name constraints of a CA in its "
                     "path");
}
