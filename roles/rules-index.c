/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the first pair of a list that matches. */
#include "roles/rules-parts.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/digest.h"
#include "gsakmp/search.h"

void rules_hash_name(const struct name *name, uint8_t hash[RULES_HASH])
{
    struct gk_writer key = {0};
    uint8_t digest[GK_SHA256_SIZE];

    name_print_key(name, &key);
    gk_sha256(gk_writer_octets(&key), digest);
    memcpy(hash, digest, RULES_HASH);
    gk_writer_free(&key);
}

static bool is_exact(const struct rules_pair *pair)
{
    if (pair->pair->id_type != GK_ID_DN_STRING)
        return false;
    for (size_t i = 0; i < pair->name.count; i++) {
        if (pair->name.attribute[i].is_any)
            return false;
    }
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct rules_exact *first = a;
    const struct rules_exact *second = b;
    int order = memcmp(first->hash, second->hash, RULES_HASH);

    return order ? order : (first->index > second->index) - (first->index < second->index);
}

void rules_list_index(struct rules_list *list)
{
    list->exact = gk_alloc(list->count, sizeof *list->exact);
    list->loose = gk_alloc(list->count, sizeof *list->loose);
    for (size_t i = 0; i < list->count; i++) {
        if (is_exact(&list->at[i])) {
            struct rules_exact *exact = &list->exact[list->exact_count++];

            exact->index = i;
            rules_hash_name(&list->at[i].name, exact->hash);
        } else {
            list->loose[list->loose_count++] = i;
        }
    }
    qsort(list->exact, list->exact_count, sizeof *list->exact, compare);
}

/* The first exact pair that matches; list->count when none does. */
static size_t find_exact(const struct rules_list *list, const struct rules_asked *asked)
{
    struct rules_exact key = {.index = 0};
    size_t at;

    memcpy(key.hash, list->folded ? asked->folded_hash : asked->exact_hash, sizeof key.hash);
    at = gk_lower_bound(&key, list->exact, list->exact_count, sizeof *list->exact, compare);
    for (; at < list->exact_count && memcmp(list->exact[at].hash, key.hash, RULES_HASH) == 0;
         at++) {
        if (rules_pair_matches(&list->at[list->exact[at].index], asked, list->folded))
            return list->exact[at].index;
    }
    return list->count;
}

const struct rules_pair *rules_list_find(const struct rules_list *list,
                                         const struct rules_asked *asked)
{
    size_t found = find_exact(list, asked);

    for (size_t i = 0; i < list->loose_count && list->loose[i] < found; i++) {
        if (rules_pair_matches(&list->at[list->loose[i]], asked, list->folded))
            found = list->loose[i];
    }
    return found < list->count ? &list->at[found] : NULL;
}
