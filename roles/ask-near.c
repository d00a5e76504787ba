/* SPDX-License-Identifier: Apache-2.0 */
/* Nobody's rule: which one came nearest, and what it lacks. */
#include "roles/ask.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "roles/rules-parts.h"
#include "token/pair.h"
#include "token/render.h"

/* The nearer the higher; of equals the first stays. */
enum {
    NEAR_NOTHING,
    NEAR_ELSEWHERE = 100, /* neither name nor CA, less what differs */
    NEAR_NO_TYPE = 300,   /* the certificate has no name of the rule's type */
    NEAR_SHAPE = 400,     /* a name with other attributes */
    NEAR_OTHER_NAME = 500,
    NEAR_VALUES = 700, /* a name that differs in some values */
    NEAR_CASE = 800,   /* only in case or blanks */
    NEAR_CA = 900,     /* the name under another CA */
};

struct near {
    const struct rules *rules;
    const struct rules_asked *asked;
    int best;
    char where[128];
    const struct token_pair *pair;
    char what[240];
};

static void offer(struct near *near, int score, const struct token_pair *pair, const char *where,
                  const char *format, ...) GK_PRINTF(5, 6);
static void offer(struct near *near, int score, const struct token_pair *pair, const char *where,
                  const char *format, ...)
{
    va_list list;

    if (score <= near->best)
        return;
    near->best = score;
    near->pair = pair;
    (void)snprintf(near->where, sizeof near->where, "%s", where);
    va_start(list, format);
    (void)vsnprintf(near->what, sizeof near->what, format, list);
    va_end(list);
}

/* --- names ------------------------------------------------------------------------------------ */

static const char *label(const struct name *name, size_t i, char room[16])
{
    const char *known = name_short_of(name_type(name, i));

    (void)snprintf(room, 16, "%s", known ? known : "an attribute");
    return room;
}

static bool same_type(const struct name *a, size_t i, const struct name *b, size_t j)
{
    return gk_octets_equal(name_type(a, i), name_type(b, j));
}

static bool has_type(const struct name *name, const struct name *of, size_t i)
{
    for (size_t j = 0; j < name->count; j++) {
        if (same_type(name, j, of, i))
            return true;
    }
    return false;
}

static bool same_shape(const struct name *a, const struct name *b)
{
    if (a->count != b->count || a->rdn_count != b->rdn_count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!same_type(a, i, b, i) || a->attribute[i].rdn != b->attribute[i].rdn)
            return false;
    }
    return true;
}

static bool same_value(const struct name *rule, const struct name *name, size_t i)
{
    return rule->attribute[i].is_any || gk_octets_equal(name_value(rule, i), name_value(name, i));
}

static void offer_shape(struct near *near, int score, const struct rules_pair *pair,
                        const char *where)
{
    const struct name *rule = &pair->name;
    const struct name *name = &near->asked->exact;
    char room[16];

    for (size_t i = 0; i < rule->count; i++) {
        if (!has_type(name, rule, i)) {
            offer(near, score, pair->pair, where, "the certificate's name has no %s",
                  label(rule, i, room));
            return;
        }
    }
    for (size_t i = 0; i < name->count; i++) {
        if (!has_type(rule, name, i)) {
            offer(near, score, pair->pair, where, "the certificate's name has %s besides",
                  label(name, i, room));
            return;
        }
    }
    offer(near, score, pair->pair, where,
          "the certificate's name has these attributes in another order or number");
}

/* The first value that differs, and how many do. */
static void offer_values(struct near *near, int score, const struct rules_pair *pair,
                         const char *where)
{
    const struct name *rule = &pair->name;
    const struct name *name = &near->asked->exact;
    size_t first = rule->count;
    size_t differ = 0;
    char wanted[64];
    char found[64];
    char more[48] = "";
    char room[16];

    for (size_t i = 0; i < rule->count; i++) {
        if (same_value(rule, name, i))
            continue;
        if (!differ++)
            first = i;
    }
    if (first == rule->count)
        return;
    if (differ > 1)
        (void)snprintf(more, sizeof more, ", and %zu more values differ", differ - 1);
    offer(near, score - (int)(differ < 64 ? differ : 64), pair->pair, where,
          "%s is %s there, and %s in the certificate%s", label(rule, first, room),
          gk_escape(wanted, sizeof wanted, name_value(rule, first)),
          gk_escape(found, sizeof found, name_value(name, first)), more);
}

static bool matches_folded(const struct near *near, const struct rules_pair *pair)
{
    return pair->pair->id_type == GK_ID_DN_STRING &&
           name_matches(pair->pair->id, near->asked->identity->name, true);
}

static void offer_name(struct near *near, const struct rules_pair *pair, bool under,
                       const char *where)
{
    if (!same_shape(&pair->name, &near->asked->exact))
        offer_shape(near, under ? NEAR_SHAPE : NEAR_ELSEWHERE - 80, pair, where);
    else if (under && matches_folded(near, pair))
        offer_values(near, NEAR_CASE, pair, where);
    else
        offer_values(near, under ? NEAR_VALUES : NEAR_ELSEWHERE, pair, where);
}

/* --- other identifications -------------------------------------------------------------------- */

static bool certificate_has(const struct pki_identity *identity, int64_t id_type)
{
    for (size_t i = 0; i < identity->san_count; i++) {
        if (identity->san[i].id_type == id_type)
            return true;
    }
    return id_type == GK_ID_DER_ASN1_DN || id_type == GK_ID_U_NAME ||
           (id_type == GK_ID_KEY_ID && identity->subject_key_id.size);
}

static void offer_other(struct near *near, const struct rules_pair *pair, bool under,
                        const char *where)
{
    int64_t type = pair->pair->id_type;

    if (!certificate_has(near->asked->identity, type))
        offer(near, under ? NEAR_NO_TYPE : 1, pair->pair, where,
              "the certificate holds no identification of that type (%s)", token_id_name(type));
    else
        offer(near, under ? NEAR_OTHER_NAME : 2, pair->pair, where,
              "the certificate's identification of that type (%s) is another", token_id_name(type));
}

/* --- rules ------------------------------------------------------------------------------------ */

static void try_pair(struct near *near, const struct rules_pair *pair, const char *where)
{
    bool under = pki_under(near->asked->identity, pair->pair->ca);
    char *ca;

    if (rules_id_matches(pair, near->asked, false)) {
        if (under)
            return;
        ca = gk_hex(gk_octets(near->asked->identity->issuer, PKI_KEY_ID_SIZE));
        offer(near, NEAR_CA, pair->pair, where,
              "the same identity, but the certificate is from the CA %s", ca);
        free(ca);
    } else if (pair->name.count && pair->pair->id_type == GK_ID_DN_STRING) {
        offer_name(near, pair, under, where);
    } else {
        offer_other(near, pair, under, where);
    }
}

static void try_list(struct near *near, const struct rules_list *list, const char *name,
                     size_t entry, size_t registration)
{
    bool several = near->rules->registration_count > 1;
    char of_entry[32] = "";
    char of_registration[40] = "";
    char where[128];

    if (entry != SIZE_MAX)
        (void)snprintf(of_entry, sizeof of_entry, " of entry %zu", entry + 1);
    if (several && registration != SIZE_MAX)
        (void)snprintf(of_registration, sizeof of_registration, " of registration %zu",
                       registration + 1);
    for (size_t i = 0; i < list->count; i++) {
        (void)snprintf(where, sizeof where, "%.16s %zu%s%s", name, i + 1, of_entry,
                       of_registration);
        try_pair(near, &list->at[i], where);
    }
}

static void try_registration(struct near *near, enum ask_role role, size_t number)
{
    const struct rules_registration *at = &near->rules->registration[number];

    if (!at->known)
        return;
    if (role == ASK_GCKS || role == ASK_DESTROY)
        try_list(near, &at->gcks, "gCKS", SIZE_MAX, number);
    else if (role == ASK_SUBORDINATE)
        for (size_t i = 0; i < at->sub_count; i++)
            try_list(near, &at->sub[i], "subGCKS", SIZE_MAX, number);
    else if (role == ASK_SENDER) {
        if (at->policy->senders_limited)
            try_list(near, &at->senders, "senders", SIZE_MAX, number);
    } else if (role == ASK_MEMBER)
        for (size_t i = 0; i < at->entry_count; i++)
            try_list(near, &at->entry[i].rule, "accessRule", i, number);
}

bool ask_near(const struct rules *rules, enum ask_role role, size_t registration,
              const struct pki_identity *identity, char *text, size_t room)
{
    struct rules_asked asked;
    struct near near = {.rules = rules, .asked = &asked};
    char pair[TOKEN_PAIR_ROOM];

    rules_ask(&asked, identity);
    for (size_t i = 0; i < rules->registration_count; i++) {
        if (registration == RULES_ANY || registration == i)
            try_registration(&near, role, i);
    }
    if (role == ASK_REKEY || role == ASK_DESTROY)
        try_list(&near, &rules->authorization, "authorization", SIZE_MAX, SIZE_MAX);
    if (role == ASK_SUBORDINATE)
        try_list(&near, &rules->auth_subs, "authSubs", SIZE_MAX, SIZE_MAX);
    rules_asked_drop(&asked);
    if (near.pair)
        (void)snprintf(text, room, "%s: %s: %s", near.where,
                       token_pair_print(near.pair, pair, sizeof pair), near.what);
    return near.pair != NULL;
}
