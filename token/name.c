/* SPDX-License-Identifier: Apache-2.0 */
#include "token/name.h"

#include <stdlib.h>

#include "token/tlv.h"
#include "token/name-parts.h"

struct gk_octets name_type(const struct name *name, size_t index)
{
    struct name_span span = name->attribute[index].type;

    return gk_octets(name->store.data + span.at, span.size);
}

struct gk_octets name_value(const struct name *name, size_t index)
{
    struct name_span span = name->attribute[index].value;

    return gk_octets(name->store.data + span.at, span.size);
}

struct name_attribute *name_grow(struct name *name)
{
    struct name_attribute *attribute;

    if (name->count == NAME_ATTRIBUTES)
        return NULL;
    name->attribute = gk_realloc(name->attribute, name->count + 1, sizeof *name->attribute);
    attribute = &name->attribute[name->count++];
    *attribute = (struct name_attribute){0};
    return attribute;
}

struct name_span name_keep(struct name *name, struct gk_octets octets)
{
    struct name_span span = {name->store.size, octets.size};

    gk_write_octets(&name->store, octets);
    return span;
}

void name_drop(struct name *name)
{
    free(name->attribute);
    gk_writer_free(&name->store);
    *name = (struct name){0};
}

bool name_of_der(struct gk_octets der, struct gk_writer *to, struct gk_reason *why)
{
    size_t start = to->size;
    struct name name;

    if (!name_parse_der(&name, der, why))
        return false;
    name_print(&name, to);
    name_drop(&name);
    if (to->size > start && to->size - start <= NAME_OCTETS_MAX)
        return true;
    gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "name-size",
              "the distinguished name has %zu octets as text, 1 to %d are allowed",
              to->size - start, NAME_OCTETS_MAX);
    gk_writer_cut(to, start);
    return false;
}

bool name_of_certificate(struct gk_octets certificate, struct gk_writer *to, struct gk_reason *why)
{
    struct gk_reader outer = gk_reader(certificate);
    struct gk_reader inner = tlv_enter(&outer, DER_SEQUENCE);
    struct gk_reader tbs = tlv_enter(&inner, DER_SEQUENCE);
    struct der_tlv item;

    (void)tlv_optional(&tbs, DER_CONTEXT_CONSTRUCTED | 0, &item);
    (void)tlv_take(&tbs, DER_INTEGER, &item);
    for (int i = 0; i < 3; i++) /* signature, issuer, validity */
        (void)tlv_take(&tbs, DER_SEQUENCE, &item);
    if (!tlv_take(&tbs, DER_SEQUENCE, &item))
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, 0, "certificate-der",
                         "the octets are no X.509 certificate");
    return name_of_der(item.whole, to, why);
}

bool name_key(struct gk_octets name, struct gk_writer *key, struct gk_reason *why)
{
    struct name parts;

    if (!name_parse(&parts, name, why))
        return false;
    name_print_key(&parts, key);
    name_drop(&parts);
    return true;
}

bool name_key_folded(struct gk_octets name, struct gk_writer *key, struct gk_reason *why)
{
    struct name parts;

    if (!name_parse(&parts, name, why))
        return false;
    name_fold_values(&parts);
    name_print_key(&parts, key);
    name_drop(&parts);
    return true;
}

bool name_equal(struct gk_octets a, struct gk_octets b)
{
    struct gk_writer first = {0};
    struct gk_writer second = {0};
    bool equal = name_key(a, &first, NULL) && name_key(b, &second, NULL) &&
                 gk_octets_equal(gk_writer_octets(&first), gk_writer_octets(&second));

    gk_writer_free(&first);
    gk_writer_free(&second);
    return equal;
}
