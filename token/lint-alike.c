/* SPDX-License-Identifier: Apache-2.0 */
/* Family 05: names that are almost another's. Admissions are compared exactly (profile 11.8),
 * so that of two names which differ in case or blanks one probably never matches. */
#include <stdlib.h>
#include <string.h>

#include "gsakmp/digest.h"
#include "gsakmp/message.h"
#include "token/lint-who.h"

#define HASH 16

struct alike {
    uint8_t folded[HASH], exact[HASH];
    size_t list, index; /* in the order of the token */
};

static void hash_key(const struct name *name, struct gk_octets ca, uint8_t to[HASH])
{
    struct gk_writer key = {0};
    uint8_t digest[GK_SHA256_SIZE];

    gk_write_v(&key, ca);
    name_print_key(name, &key);
    gk_sha256(gk_writer_octets(&key), digest);
    memcpy(to, digest, HASH);
    gk_writer_free(&key);
}

static bool describe(const struct token_pair *pair, struct alike *to)
{
    struct cover_rule rule;

    if (pair->id_type != GK_ID_DN_STRING || pair->ca.size > UINT16_MAX)
        return false;
    cover_rule_make(&rule, pair, false);
    if (!rule.name.count) {
        cover_rule_drop(&rule);
        return false;
    }
    hash_key(&rule.name, pair->ca, to->exact);
    name_fold_values(&rule.name);
    hash_key(&rule.name, pair->ca, to->folded);
    cover_rule_drop(&rule);
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct alike *first = a;
    const struct alike *second = b;
    int order = memcmp(first->folded, second->folded, HASH);

    if (order)
        return order;
    if (first->list != second->list)
        return first->list < second->list ? -1 : 1;
    return (first->index > second->index) - (first->index < second->index);
}

static void judge(struct lint_who *who, const struct alike *alike, const struct alike *first)
{
    char place[LINT_PLACE];

    if (memcmp(alike->folded, first->folded, HASH) == 0 &&
        memcmp(alike->exact, first->exact, HASH) != 0)
        lint_say(who, "name-alike", &who->list[alike->list], alike->index,
                 "it differs from %s in case or blanks only, and does not match the same people",
                 lint_place(who, &who->list[first->list], first->index, place));
}

void lint_alike(struct lint_who *who)
{
    struct alike *alike;
    size_t most = 0;
    size_t count = 0;
    size_t first = 0;

    for (size_t i = 0; i < who->count; i++)
        most += who->list[i].pairs->count;
    alike = gk_alloc(most, sizeof *alike);
    for (size_t i = 0; i < who->count; i++) {
        for (size_t k = 0; who->list[i].role != LINT_EXCLUDE && k < who->list[i].pairs->count;
             k++) {
            alike[count] = (struct alike){.list = i, .index = k};
            count += describe(&who->list[i].pairs->at[k], &alike[count]);
        }
    }
    if (count)
        qsort(alike, count, sizeof *alike, compare);
    for (size_t i = 1; i < count; i++) {
        if (memcmp(alike[i].folded, alike[first].folded, HASH) != 0)
            first = i;
        judge(who, &alike[i], &alike[first]);
    }
    free(alike);
}
