/* SPDX-License-Identifier: Apache-2.0 */
/* UserCAPairs: compiled once, matched against identities (profile 11.6 to 11.8, 11.18). */
#include "roles/rules-parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

static bool split_u_name(struct gk_octets id, struct gk_octets *serial, struct gk_octets *name)
{
    return gk_u_name_split(id, serial, name) && !u8_check(name->data, name->size);
}

/* The sentence why the pair cannot be judged, or NULL. */
static const char *misfit(struct rules_pair *pair, bool folded, struct gk_reason *detail)
{
    struct gk_octets id = pair->pair->id;
    struct gk_octets serial;
    struct gk_octets name;

    switch (pair->pair->id_type) {
    case GK_ID_DN_STRING:
        if (!name_parse(&pair->name, id, detail))
            return detail->text;
        if (folded)
            name_fold_values(&pair->name);
        return NULL;
    case GK_ID_IPV4_ADDR:
        return id.size == 4 ? NULL : "an IPv4 address has 4 octets";
    case GK_ID_IPV6_ADDR:
        return id.size == 16 ? NULL : "an IPv6 address has 16 octets";
    case GK_ID_FQDN:
        return id.size && !u8_check(id.data, id.size) ? NULL : "not a host name";
    case GK_ID_RFC822_ADDR:
        return id.size && memchr(id.data, '@', id.size) ? NULL : "not a mail address";
    case GK_ID_DER_ASN1_DN:
        if (!name_parse_der(&pair->name, id, detail))
            return detail->text;
        if (folded)
            name_fold_values(&pair->name);
        return NULL;
    case GK_ID_KEY_ID:
        return id.size ? NULL : "an empty key identifier";
    case GK_ID_U_NAME:
        return split_u_name(id, &serial, &name) ? NULL : "not a serial number and a name";
    default:
        return "an identification type that RFC 4535 does not define";
    }
}

struct rules_where rules_where(const char *name, const char *format, ...)
{
    struct rules_where where = {.name = name};
    va_list list;

    va_start(list, format);
    (void)vsnprintf(where.path, sizeof where.path, format, list);
    va_end(list);
    return where;
}

void rules_list_compile(struct rules_list *list, const struct token_pairs *pairs, bool folded,
                        struct rules_where where, struct findings *findings)
{
    list->folded = folded;
    list->count = pairs->count;
    list->at = pairs->count ? gk_alloc(pairs->count, sizeof *list->at) : NULL;
    for (size_t i = 0; i < pairs->count; i++) {
        struct gk_reason detail = {0};
        const char *wrong;

        list->at[i].pair = &pairs->at[i];
        wrong = misfit(&list->at[i], folded, &detail);
        if (wrong)
            finding_refuse(findings, GK_PROHIBITED_BY_GROUP_POLICY, "rule-unjudgeable",
                           finding_spot(&pairs->at[i].place, "%s[%zu]", where.path, i),
                           "%s %zu (type %lld) cannot be judged: %.140s", where.name, i + 1,
                           (long long)pairs->at[i].id_type, wrong);
    }
    rules_list_index(list);
}

void rules_list_drop(struct rules_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        name_drop(&list->at[i].name);
    free(list->at);
    free(list->exact);
    free(list->loose);
    *list = (struct rules_list){0};
}

void rules_ask(struct rules_asked *asked, const struct pki_identity *identity)
{
    *asked = (struct rules_asked){.identity = identity};
    /* A name that does not parse stays empty and matches nothing. */
    if (!name_parse(&asked->exact, identity->name, NULL) ||
        !name_parse(&asked->folded, identity->name, NULL))
        return;
    for (size_t i = 0; i < asked->exact.count; i++)
        asked->exact.attribute[i].is_any = asked->folded.attribute[i].is_any = false;
    name_fold_values(&asked->folded);
    rules_hash_name(&asked->exact, asked->exact_hash);
    rules_hash_name(&asked->folded, asked->folded_hash);
}

void rules_asked_drop(struct rules_asked *asked)
{
    name_drop(&asked->exact);
    name_drop(&asked->folded);
}

static bool san_matches(const struct token_pair *pair, const struct pki_san *san)
{
    if (san->id_type != pair->id_type)
        return false;
    if (pair->id_type == GK_ID_FQDN)
        return name_fqdn_matches(pair->id, san->value);
    if (pair->id_type == GK_ID_RFC822_ADDR)
        return name_mail_matches(pair->id, san->value);
    return gk_octets_equal(pair->id, san->value);
}

static bool any_san_matches(const struct token_pair *pair, const struct pki_identity *identity)
{
    for (size_t i = 0; i < identity->san_count; i++) {
        if (san_matches(pair, &identity->san[i]))
            return true;
    }
    return false;
}

/* DN Data that other names have too admits nobody; it does exclude. */
static bool u_name_matches(const struct token_pair *pair, const struct rules_asked *asked,
                           bool folded)
{
    const struct pki_identity *identity = asked->identity;
    struct gk_writer a = {0};
    struct gk_writer b = {0};
    struct gk_octets serial;
    struct gk_octets name;
    bool matches;

    if (!split_u_name(pair->id, &serial, &name) ||
        memcmp(serial.data, identity->serial, sizeof identity->serial) != 0)
        return false;
    if (!folded)
        return gk_octets_equal(name, identity->slash_name) && !identity->slash_ambiguous;
    name_fold(name, &a);
    name_fold(identity->slash_name, &b);
    matches = gk_octets_equal(gk_writer_octets(&a), gk_writer_octets(&b));
    gk_writer_free(&a);
    gk_writer_free(&b);
    return matches;
}

bool rules_id_matches(const struct rules_pair *pair, const struct rules_asked *asked, bool folded)
{
    const struct name *name = folded ? &asked->folded : &asked->exact;
    struct gk_octets id = pair->pair->id;

    switch (pair->pair->id_type) {
    case GK_ID_DN_STRING:
        return name->count && name_parts_match(&pair->name, name);
    case GK_ID_IPV4_ADDR:
    case GK_ID_IPV6_ADDR:
    case GK_ID_FQDN:
    case GK_ID_RFC822_ADDR:
        return any_san_matches(pair->pair, asked->identity);
    case GK_ID_DER_ASN1_DN:
        /* An exclusion means the name, however a certificate writes it (profile 11.8). */
        return gk_octets_equal(id, asked->identity->subject_der) ||
               (folded && name->count && name_parts_match(&pair->name, name));
    case GK_ID_KEY_ID:
        return gk_octets_equal(id, asked->identity->subject_key_id);
    case GK_ID_U_NAME:
        return u_name_matches(pair->pair, asked, folded);
    default:
        return false;
    }
}

bool rules_pair_matches(const struct rules_pair *pair, const struct rules_asked *asked, bool folded)
{
    return rules_id_matches(pair, asked, folded) && pki_under(asked->identity, pair->pair->ca);
}
