/* SPDX-License-Identifier: Apache-2.0 */
#include "token/cover.h"

#include <stdlib.h>

#include "gsakmp/message.h"
#include "gsakmp/search.h"
#include "token/name.h"

/* --- hashes -------------------------------------------------------------------------------- */

/* FNV-1a. Whoever makes it collide only has his own rules compared one by one. */
static uint64_t mix(uint64_t hash, const void *data, size_t size)
{
    const uint8_t *at = data;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * UINT64_C(1099511628211);
    return hash;
}
#define HASH_START UINT64_C(14695981039346656037)

static uint64_t mix_octets(uint64_t hash, struct gk_octets octets)
{
    return mix(mix(hash, &octets.size, sizeof octets.size), octets.data, octets.size);
}

/* --- rules -------------------------------------------------------------------------------- */

static uint64_t value_bit(const struct name *name, size_t i)
{
    return UINT64_C(1) << (mix_octets(mix_octets(HASH_START, name_type(name, i)),
                                      name_value(name, i)) %
                           64);
}

static void look_at_name(struct cover_rule *rule)
{
    const struct name *name = &rule->name;

    for (size_t i = 0; i < name->count; i++) {
        bool shares = (i > 0 && name->attribute[i - 1].rdn == name->attribute[i].rdn) ||
                      (i + 1 < name->count && name->attribute[i + 1].rdn == name->attribute[i].rdn);

        rule->several |= shares;
        if (name->attribute[i].is_any)
            rule->any |= UINT64_C(1) << i;
        else
            rule->asks |= value_bit(name, i);
        rule->has |= value_bit(name, i);
    }
    rule->walked = rule->several && rule->any;
}

void cover_rule_make(struct cover_rule *rule, const struct token_pair *pair, bool folded)
{
    bool is_name = false;

    *rule = (struct cover_rule){.pair = pair};
    if (pair->id_type == GK_ID_DN_STRING)
        is_name = name_parse(&rule->name, pair->id, NULL);
    else if (pair->id_type == GK_ID_DER_ASN1_DN)
        is_name = name_parse_der(&rule->name, pair->id, NULL);
    if (!is_name)
        return;
    if (folded)
        name_fold_values(&rule->name);
    name_sort(&rule->name);
    look_at_name(rule);
}

void cover_rule_drop(struct cover_rule *rule)
{
    name_drop(&rule->name);
}

void cover_add(struct cover *cover, const struct token_pairs *pairs, unsigned needs, size_t list)
{
    if (cover->count + pairs->count > cover->room) {
        cover->room = 2 * cover->room + pairs->count;
        cover->rule = gk_realloc(cover->rule, cover->room, sizeof *cover->rule);
    }
    for (size_t i = 0; i < pairs->count; i++) {
        struct cover_rule *rule = &cover->rule[cover->count++];

        cover_rule_make(rule, &pairs->at[i], cover->folded);
        rule->needs = needs;
        rule->list = list;
        rule->index = i;
    }
}

void cover_drop(struct cover *cover)
{
    for (size_t i = 0; i < cover->count; i++)
        cover_rule_drop(&cover->rule[i]);
    free(cover->rule);
    free(cover->key);
    free(cover->walked);
    *cover = (struct cover){.folded = cover->folded};
}

/* --- one covers the other --------------------------------------------------------------------- */

/* Does it match by name? A subject in DER only admits its own octets, but excludes the name. */
static bool by_name(const struct cover_rule *rule, bool folded)
{
    return rule->name.count && (folded || rule->pair->id_type == GK_ID_DN_STRING);
}

static bool u_names_agree(struct gk_octets a, struct gk_octets b)
{
    struct gk_octets serial[2];
    struct gk_octets name[2];
    struct gk_writer folded[2] = {{0}, {0}};
    bool agree;

    if (!gk_u_name_split(a, &serial[0], &name[0]) || !gk_u_name_split(b, &serial[1], &name[1]) ||
        !gk_octets_equal(serial[0], serial[1]))
        return false;
    for (int i = 0; i < 2; i++)
        name_fold(name[i], &folded[i]);
    agree = gk_octets_equal(gk_writer_octets(&folded[0]), gk_writer_octets(&folded[1]));
    for (int i = 0; i < 2; i++)
        gk_writer_free(&folded[i]);
    return agree;
}

bool cover_covers(const struct cover_rule *wide, const struct cover_rule *narrow, bool folded)
{
    struct gk_octets a = wide->pair->id;
    struct gk_octets b = narrow->pair->id;

    if (!gk_octets_equal(wide->pair->ca, narrow->pair->ca))
        return false;
    if (by_name(wide, folded) && narrow->name.count)
        return !(wide->asks & ~narrow->has) && name_parts_match(&wide->name, &narrow->name);
    if (wide->pair->id_type != narrow->pair->id_type)
        return false;
    return gk_octets_equal(a, b) ||
           (wide->pair->id_type == GK_ID_FQDN && name_fqdn_matches(a, b)) ||
           (wide->pair->id_type == GK_ID_RFC822_ADDR && name_mail_matches(a, b)) ||
           (folded && wide->pair->id_type == GK_ID_U_NAME && u_names_agree(a, b));
}

/* --- the index -------------------------------------------------------------------------------- */

static uint64_t mix_without_case(uint64_t hash, struct gk_octets octets)
{
    for (size_t i = 0; i < octets.size; i++) {
        uint8_t c = octets.data[i];

        c = c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
        hash = mix(hash, &c, 1);
    }
    return hash;
}

/* Names of one shape, under one CA, have the same attributes at the same places. */
static uint64_t name_shape(const struct cover_rule *rule)
{
    uint64_t hash = mix_octets(HASH_START, rule->pair->ca);
    const struct name *name = &rule->name;

    for (size_t i = 0; i < name->count; i++) {
        hash = mix_octets(hash, name_type(name, i));
        hash = mix(hash, &name->attribute[i].rdn, sizeof name->attribute[i].rdn);
    }
    return hash;
}

static uint64_t name_hash(const struct cover_rule *rule, uint64_t any)
{
    const struct name *name = &rule->name;
    uint64_t hash = HASH_START;

    for (size_t i = 0; i < name->count; i++) {
        if (any >> i & 1)
            continue;
        hash = mix(hash, &name->attribute[i].is_text, sizeof name->attribute[i].is_text);
        hash = mix_octets(hash, name_value(name, i));
    }
    return hash;
}

/* The attributes of an RDN stand in any order. */
static uint64_t key_hash(const struct cover_rule *rule)
{
    struct gk_writer key = {0};
    uint64_t hash;

    name_print_key(&rule->name, &key);
    hash = mix_octets(HASH_START, gk_writer_octets(&key));
    gk_writer_free(&key);
    return hash;
}

static struct cover_key name_key_of(const struct cover_rule *rule, uint64_t any)
{
    if (rule->several)
        return (struct cover_key){mix_octets(HASH_START, rule->pair->ca), 0, key_hash(rule), 0};
    return (struct cover_key){name_shape(rule), any, name_hash(rule, any), 0};
}

static struct cover_key other_key(const struct cover_rule *rule, uint64_t hash)
{
    uint64_t shape = mix_octets(HASH_START, rule->pair->ca);

    shape = mix(shape, &rule->pair->id_type, sizeof rule->pair->id_type);
    return (struct cover_key){shape, 0, hash, 0};
}

/* What is equal has one hash, however it is written. */
static uint64_t other_hash(const struct cover_rule *rule, bool folded)
{
    struct gk_octets id = rule->pair->id;
    struct gk_octets serial;
    struct gk_octets name;

    if (rule->pair->id_type == GK_ID_FQDN || rule->pair->id_type == GK_ID_RFC822_ADDR)
        return mix_without_case(HASH_START, id);
    if (folded && rule->pair->id_type == GK_ID_U_NAME && gk_u_name_split(id, &serial, &name))
        return mix_octets(HASH_START, serial);
    return mix_octets(HASH_START, id);
}

static int compare(const void *a, const void *b)
{
    const struct cover_key *first = a;
    const struct cover_key *second = b;

    if (first->shape != second->shape)
        return first->shape < second->shape ? -1 : 1;
    if (first->any != second->any)
        return first->any < second->any ? -1 : 1;
    if (first->hash != second->hash)
        return first->hash < second->hash ? -1 : 1;
    return (first->rule > second->rule) - (first->rule < second->rule);
}

void cover_index(struct cover *cover)
{
    cover->key = gk_alloc(cover->count, sizeof *cover->key);
    cover->walked = gk_alloc(cover->count, sizeof *cover->walked);
    for (size_t i = 0; i < cover->count; i++) {
        const struct cover_rule *rule = &cover->rule[i];
        struct cover_key *key = &cover->key[cover->key_count];

        if (rule->walked) {
            cover->walked[cover->walked_count++] = i;
            continue;
        }
        *key = by_name(rule, cover->folded) ? name_key_of(rule, rule->any)
                                            : other_key(rule, other_hash(rule, cover->folded));
        key->rule = i;
        cover->key_count++;
    }
    if (cover->key_count)
        qsort(cover->key, cover->key_count, sizeof *cover->key, compare);
}

/* --- questions ----------------------------------------------------------------------------- */

/* The first key that is not below. */
static size_t lower_bound(const struct cover *cover, const struct cover_key *key)
{
    return gk_lower_bound(key, cover->key, cover->key_count, sizeof *cover->key, compare);
}

/* What is asked: of a rule of the cover's own the others, and of its equals the earlier ones. */
struct question {
    const struct cover_rule *rule;
    unsigned levels;
    size_t own; /* its index; SIZE_MAX: it is none of the cover's */
};

static bool is_later_equal(const struct cover *cover, size_t i, const struct question *question)
{
    return question->own != SIZE_MAX && i > question->own &&
           cover->rule[i].needs == question->rule->needs &&
           cover_covers(question->rule, &cover->rule[i], cover->folded);
}

static bool serves(const struct cover *cover, size_t i, const struct question *question)
{
    return i != question->own && !(cover->rule[i].needs & ~question->levels) &&
           cover_covers(&cover->rule[i], question->rule, cover->folded) &&
           !is_later_equal(cover, i, question);
}

static const struct cover_rule *find_key(const struct cover *cover, const struct cover_key *key,
                                         const struct question *question)
{
    for (size_t i = lower_bound(cover, key); i < cover->key_count; i++) {
        const struct cover_key *at = &cover->key[i];

        if (at->shape != key->shape || at->any != key->any || at->hash != key->hash)
            break;
        if (serves(cover, at->rule, question))
            return &cover->rule[at->rule];
    }
    return NULL;
}

/* Under each set of wildcards that the list's names of this shape have, and that has all of the
 * asked one's. */
static const struct cover_rule *find_by_name(const struct cover *cover,
                                             const struct question *question)
{
    const struct cover_rule *rule = question->rule;
    const struct cover_rule *found;
    struct cover_key key = name_key_of(rule, 0);
    uint64_t shape = key.shape;

    if (rule->several)
        return find_key(cover, &key, question);
    key = (struct cover_key){shape, 0, 0, 0};
    for (size_t i = lower_bound(cover, &key);
         i < cover->key_count && cover->key[i].shape == shape;) {
        uint64_t any = cover->key[i].any;

        if (!(rule->any & ~any)) {
            key = (struct cover_key){shape, any, name_hash(rule, any), 0};
            found = find_key(cover, &key, question);
            if (found)
                return found;
        }
        if (any == UINT64_MAX)
            break;
        key = (struct cover_key){shape, any + 1, 0, 0};
        i = lower_bound(cover, &key);
    }
    return NULL;
}

/* The hash of the wildcard above a host (*.example.org) or a mailbox (*@example.org). */
static bool wildcard_hash(const struct token_pair *pair, uint64_t *hash)
{
    struct gk_octets id = pair->id;
    size_t at = 0;

    if (pair->id_type == GK_ID_FQDN) {
        while (at < id.size && id.data[at] != '.')
            at++;
    } else if (pair->id_type == GK_ID_RFC822_ADDR) {
        for (at = id.size; at > 0 && id.data[at - 1] != '@';)
            at--;
        at -= at > 0;
    }
    if (at == 0 || at >= id.size)
        return false;
    *hash = mix_without_case(mix(HASH_START, "*", 1), gk_octets(id.data + at, id.size - at));
    return true;
}

static const struct cover_rule *find_other(const struct cover *cover,
                                           const struct question *question)
{
    const struct cover_rule *rule = question->rule;
    struct cover_key key = other_key(rule, other_hash(rule, cover->folded));
    const struct cover_rule *found = find_key(cover, &key, question);
    uint64_t hash;

    if (found || !wildcard_hash(rule->pair, &hash))
        return found;
    key = other_key(rule, hash);
    return find_key(cover, &key, question);
}

static const struct cover_rule *find(const struct cover *cover, const struct question *question)
{
    const struct cover_rule *found = NULL;

    if (question->rule->name.count)
        found = find_by_name(cover, question);
    for (size_t i = 0; !found && question->rule->several && i < cover->walked_count; i++) {
        if (serves(cover, cover->walked[i], question))
            found = &cover->rule[cover->walked[i]];
    }
    return found ? found : find_other(cover, question);
}

const struct cover_rule *cover_find(const struct cover *cover, const struct cover_rule *rule,
                                    unsigned levels)
{
    return find(cover, &(struct question){rule, levels, SIZE_MAX});
}

const struct cover_rule *cover_find_beside(const struct cover *cover, size_t index)
{
    const struct cover_rule *rule = &cover->rule[index];

    return find(cover, &(struct question){rule, rule->needs, index});
}
