/* SPDX-License-Identifier: Apache-2.0 */
/* JoinMechanisms: which there are, how strong the weakest is, which is preferred. */
#include "token/diff-parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "token/algorithm.h"
#include "token/mechanism.h"
#include "token/strength.h"

#define PARTS 4
static const struct part {
    enum gk_registry registry;
    const char *code, *name;
} parts[PARTS] = {{GK_REGISTRY_SIGNATURE, "weakest-signature", "signature"},
                  {GK_REGISTRY_NONCE_HASH, "weakest-nonce-hash", "nonce hash"},
                  {GK_REGISTRY_KEY_CREATION, "weakest-key-creation", "key creation"},
                  {GK_REGISTRY_KEY, "weakest-key-wrap", "key wrap"}};

/* --- the ways to join ------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const struct diff_way *first = *(const struct diff_way *const *)a;
    const struct diff_way *second = *(const struct diff_way *const *)b;

    if (!first->suite != !second->suite)
        return first->suite ? 1 : -1;
    if (first->suite)
        return strcmp(first->suite, second->suite);
    for (size_t i = 0; i < PARTS; i++) {
        if (first->algorithm[i] != second->algorithm[i])
            return first->algorithm[i] < second->algorithm[i] ? -1 : 1;
    }
    return 0;
}

/* Equal ones in the token's order. */
static int compare_placed(const void *a, const void *b)
{
    const struct diff_way *first = *(const struct diff_way *const *)a;
    const struct diff_way *second = *(const struct diff_way *const *)b;
    int order = compare(a, b);

    return order ? order : (first > second) - (first < second);
}

static struct diff_way way_of(const struct token_mechanism *from)
{
    struct gk_mechanism known;
    struct diff_way way = {
        .terse = from->terse,
        .timestamp = from->has_timestamp && from->timestamp,
        .has_data = from->has_key_creation_data,
        .time_out = from->time_out,
        .data = from->key_creation_data,
        .algorithm = {from->signature, from->nonce_hash, from->key_creation, from->key_wrap}};

    if (!from->suite)
        return way;
    /* Profile 6.3. */
    way = (struct diff_way){.terse = true, .time_out = {TOKEN_LIFE_INTERVAL, 30}};
    if (!token_mechanism_algorithms(from, &known)) {
        way.suite = from->suite;
        return way;
    }
    way.algorithm[0] = known.signature;
    way.algorithm[1] = known.nonce_hash;
    way.algorithm[2] = known.key_creation;
    way.algorithm[3] = known.key_wrap;
    return way;
}

static void add_ways(struct diff_side *side, size_t registration)
{
    const struct token_register *policy = diff_register_of(side, registration);

    if (!policy || !policy->mechanism_count)
        return;
    side->way = gk_realloc(side->way, side->way_count + policy->mechanism_count, sizeof *side->way);
    for (size_t i = 0; i < policy->mechanism_count; i++) {
        struct diff_way *way = &side->way[side->way_count++];

        *way = way_of(&policy->mechanisms[i]);
        way->registration = registration;
        way->index = i;
        way->line = policy->mechanisms[i].place.line;
    }
}

/* Later ones of the same algorithms are never taken (profile 6.2). */
static void keep_first(struct diff_side *side)
{
    const struct diff_way **sorted = gk_alloc(side->way_count, sizeof *sorted);
    bool *later = gk_alloc(side->way_count, sizeof *later);
    size_t kept = 0;

    for (size_t i = 0; i < side->way_count; i++)
        sorted[i] = &side->way[i];
    if (side->way_count)
        qsort(sorted, side->way_count, sizeof(void *), compare_placed);
    for (size_t i = 1; i < side->way_count; i++)
        later[sorted[i] - side->way] = compare(&sorted[i - 1], &sorted[i]) == 0;
    for (size_t i = 0; i < side->way_count; i++) {
        if (!later[i])
            side->way[kept++] = side->way[i];
    }
    side->way_count = kept;
    free(later);
    free(sorted);
}

void diff_ways_fill(struct diff_side *side)
{
    for (size_t i = 0; i < side->token->registration_count; i++)
        add_ways(side, i);
    keep_first(side);
    side->by_algorithms = gk_alloc(side->way_count, sizeof(void *));
    for (size_t i = 0; i < side->way_count; i++)
        side->by_algorithms[i] = &side->way[i];
    if (side->way_count)
        qsort(side->by_algorithms, side->way_count, sizeof(void *), compare);
}

const struct diff_way *diff_way_find(const struct diff_side *side, const struct diff_way *way)
{
    const struct diff_way **found =
        side->way_count ? bsearch(&way, side->by_algorithms, side->way_count, sizeof way, compare)
                        : NULL;

    return found ? *found : NULL;
}

/* --- in words --------------------------------------------------------------------------------- */

#define WAY_TEXT 160

static const char *print_way(const struct diff_way *way, char to[WAY_TEXT])
{
    size_t at = 0;

    if (way->suite) {
        (void)snprintf(to, WAY_TEXT, "the unknown suite %.100s", way->suite);
        return to;
    }
    for (size_t i = 0; i < PARTS; i++) {
        const char *name = token_algorithm_name(parts[i].registry, way->algorithm[i]);
        const char *before = i ? ", " : "";

        if (name)
            at += (size_t)snprintf(to + at, WAY_TEXT - at, "%s%s", before, name);
        else
            at += (size_t)snprintf(to + at, WAY_TEXT - at, "%s%" PRId64, before, way->algorithm[i]);
    }
    return to;
}

static void say(struct differing *d, enum token_effect effect, const char *code, bool in_old,
                const struct diff_way *way, const char *what, const char *beside)
{
    char text[WAY_TEXT];
    char *path =
        gk_format("registration[%zu].register.joinMechanisms[%zu]", way->registration, way->index);

    diff_add(d, effect, code, in_old, path, way->line, "%s: %s%s", what, print_way(way, text),
             beside);
}

/* --- one mechanism ---------------------------------------------------------------------------- */

static void differ_times(struct differing *d, const struct diff_way *old,
                         const struct diff_way *new)
{
    char before[DIFF_TEXT];
    char after[DIFF_TEXT];
    char beside[3 * DIFF_TEXT];
    bool equal = diff_lives(&old->time_out, &new->time_out) == 0;

    (void)snprintf(beside, sizeof beside, ", %s instead of %s", diff_life(&new->time_out, after),
                   diff_life(&old->time_out, before));
    if (!equal)
        say(d, TOKEN_CHANGED, "mechanism-time-out", false, new,
            "a message counts as lost after another time", beside);
    else if (old->time_out.kind != new->time_out.kind)
        say(d, TOKEN_SAME, "mechanism-time-out", false, new, "the same time in another form", "");
}

/* Without nonces only clocks tell old messages from new ones. */
static void differ_way(struct differing *d, const struct diff_way *old, const struct diff_way *new)
{
    if (old->terse != new->terse)
        say(d, TOKEN_CHANGED, "mechanism-terse", false, new,
            new->terse ? "errors are no longer answered (terse)"
                       : "errors are answered, also to strangers (verbose)",
            "");
    if (old->timestamp != new->timestamp)
        say(d, new->timestamp ? TOKEN_WEAKER : TOKEN_STRONGER, "mechanism-freshness", false, new,
            new->timestamp ? "timestamps take the place of nonces"
                           : "nonces take the place of timestamps",
            "");
    differ_times(d, old, new);
    if (old->has_data != new->has_data || !gk_octets_equal(old->data, new->data))
        say(d, TOKEN_CHANGED, "mechanism-data", false, new, "other key creation data", "");
}

/* --- all of them ------------------------------------------------------------------------------ */

/* The weakest that is allowed; unknown ones apart. NULL without any. */
static const struct diff_way *weakest(const struct diff_side *side, size_t part)
{
    const struct diff_way *found = NULL;
    int least = 0;

    for (size_t i = 0; i < side->way_count; i++) {
        const struct diff_way *way = &side->way[i];
        int bits = token_strength(parts[part].registry, way->algorithm[part]);

        if (way->suite || bits == TOKEN_STRENGTH_UNKNOWN || (found && bits >= least))
            continue;
        found = way;
        least = bits;
    }
    return found;
}

static void differ_weakest(struct differing *d, size_t part)
{
    enum gk_registry registry = parts[part].registry;
    const struct diff_way *old = weakest(&d->old, part);
    const struct diff_way *new = weakest(&d->new, part);
    enum token_effect effect;
    char before[DIFF_TEXT];
    char after[DIFF_TEXT];
    char what[3 * DIFF_TEXT];

    if (!old || !new)
        return;
    effect = diff_strength(registry, old->algorithm[part], new->algorithm[part]);
    if (effect == TOKEN_CHANGED)
        return;
    (void)snprintf(what, sizeof what, "the weakest %s is now %s, was %s", parts[part].name,
                   diff_algorithm(registry, new->algorithm[part], after),
                   diff_algorithm(registry, old->algorithm[part], before));
    say(d, effect, parts[part].code, false, new, what, "");
}

static void differ_lists(struct differing *d)
{
    for (size_t i = 0; i < d->old.way_count; i++) {
        if (!diff_way_find(&d->new, &d->old.way[i]))
            say(d, TOKEN_CHANGED, "mechanism-removed", true, &d->old.way[i],
                "no longer a way to join", "");
    }
    for (size_t i = 0; i < d->new.way_count; i++) {
        const struct diff_way *way = &d->new.way[i];
        const struct diff_way *old = diff_way_find(&d->old, way);

        if (old)
            differ_way(d, old, way);
        else
            say(d, TOKEN_CHANGED, "mechanism-added", false, way, "a new way to join", "");
    }
}

/* Members take the first that their configuration allows (profile 6.7). */
static void differ_order(struct differing *d)
{
    size_t at = 0;

    for (size_t i = 0; i < d->old.way_count; i++) {
        const struct diff_way *in_new = diff_way_find(&d->new, &d->old.way[i]);

        if (!in_new)
            continue;
        while (at < d->new.way_count && !diff_way_find(&d->old, &d->new.way[at]))
            at++;
        if (in_new != &d->new.way[at]) {
            say(d, TOKEN_CHANGED, "mechanism-order", false, &d->new.way[at],
                "preferred to others than before", "");
            return;
        }
        at++;
    }
}

static bool is_verbose(const struct diff_side *side)
{
    for (size_t i = 0; i < side->way_count; i++) {
        if (side->way[i].terse)
            return false;
    }
    return side->way_count > 0;
}

/* The type of the group's keys (profile 9.3); -1 without. */
static int64_t key_type(const struct diff_side *side)
{
    return side->way_count && !side->way[0].suite ? side->way[0].algorithm[3] : -1;
}

static void differ_group(struct differing *d)
{
    int64_t old = key_type(&d->old);
    int64_t new = key_type(&d->new);
    char before[DIFF_TEXT];
    char after[DIFF_TEXT];

    if (is_verbose(&d->old) != is_verbose(&d->new))
        diff_add(d, TOKEN_CHANGED, "group-terse", false, NULL, 0,
                 "what fails before a mechanism is known is %s",
                 is_verbose(&d->new) ? "answered (verbose)" : "no longer answered (terse)");
    if (old != new &&old >= 0 && new >= 0)
        diff_add(d, diff_strength(GK_REGISTRY_KEY, old, new), "group-key-type", false, NULL, 0,
                 "the group's keys are of type %s, were of %s",
                 diff_algorithm(GK_REGISTRY_KEY, new, after),
                 diff_algorithm(GK_REGISTRY_KEY, old, before));
}

void diff_ways(struct differing *d)
{
    for (size_t i = 0; i < PARTS; i++)
        differ_weakest(d, i);
    differ_lists(d);
    differ_order(d);
    differ_group(d);
}
