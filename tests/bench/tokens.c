/* SPDX-License-Identifier: Apache-2.0 */
/* The owner's questions: what changes between two tokens, and for whom. */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "gsakmp/digest.h"
#include "roles/ask.h"
#include "tests/bench/floor.h"
#include "tests/bench/people.h"
#include "tests/roles/pki-maker.h"
#include "tests/vectors.h"
#include "token/der.h"
#include "token/diff.h"

/* The known answers' token, with `count` names from `from` on among its rules. */
static struct token *token_with(size_t from, size_t count)
{
    struct token *token = token_from_der(vector_octets("tokens/recommended/der"), NULL);
    struct token_pairs *pairs;
    struct gk_octets ca;

    bench_check(token);
    pairs = &token->registrations[0].join.registration->access[0].access_rule;
    bench_check(pairs->count);
    ca = pairs->at[0].ca;
    for (size_t i = from; i < from + count; i++) {
        struct token_pair *pair =
            token_append(token, (void **)&pairs->at, &pairs->count, sizeof *pair);
        char *name = gk_format("CN=P%08zu,OU=Staff,O=Acme,C=US", i);

        *pair = (struct token_pair){
            .id_type = 31, .id = token_octets(token, gk_octets_of(name)), .ca = ca};
        free(name);
    }
    return token;
}

/* --- what changes ----------------------------------------------------------------------------- */

static void hash_names(const struct token *token)
{
    const struct token_pairs *pairs =
        &token->registrations[0].join.registration->access[0].access_rule;
    uint8_t digest[GK_SHA256_SIZE];

    for (size_t i = 0; i < pairs->count; i++)
        gk_sha256(pairs->at[i].id, digest);
}

static void compare(struct bench_figure *figure, const struct token *old, const struct token *new,
                    size_t rules, unsigned rounds)
{
    for (unsigned round = 0; round <= rounds; round++) {
        struct bench_watch cost = {0};
        struct bench_watch raw = {0};
        struct token_diff *diff;

        bench_start(&cost);
        diff = token_diff(old, new);
        bench_stop(&cost);
        bench_check(token_diff_count(diff, TOKEN_WIDER) == rules / 2 &&
                    token_diff_count(diff, TOKEN_NARROWER) == rules / 2);
        token_diff_free(diff);
        bench_start(&raw);
        hash_names(old);
        hash_names(new);
        bench_stop(&raw);
        if (round)
            bench_round(figure, &cost, &raw);
    }
}

/* Half of the rules go, as many others come. */
static void measure_diff(struct bench_report *report, size_t rules, unsigned rounds)
{
    struct bench_figure *figure =
        bench_figure_new(report, "rule of either token", "SHA-256 of each name");
    struct token *old = token_with(0, rules);
    struct token *new = token_with(rules / 2, rules);

    (void)snprintf(figure->id, sizeof figure->id, "diff-rules-%zu", rules);
    (void)snprintf(figure->title, sizeof figure->title,
                   "difference of two tokens with %zu rules each, half of them new", rules);
    figure->operations = (unsigned)(2 * rules);
    compare(figure, old, new, rules, rounds);
    token_free(old);
    token_free(new);
}

/* --- for whom --------------------------------------------------------------------------------- */

struct asking {
    const struct rules *old, *new;
    const struct pki_trust *trust;
    struct ask_sums sums;
};

static void ask(struct asking *asking, const struct bench_person *person)
{
    struct pki_identity *identity;
    unsigned before;
    unsigned after;

    bench_check(pki_validate(asking->trust, person->chain, 2, NULL, 0, TEST_NOW, &identity, NULL));
    before = ask_roles(asking->old, RULES_ANY, identity, NULL);
    after = ask_roles(asking->new, RULES_ANY, identity, NULL);
    (void)ask_count(&asking->sums, before, after);
    pki_identity_free(identity);
}

static void round_of_people(struct bench_figure *figure, struct asking *asking,
                            const struct bench_people *people, struct floor *floor, unsigned first,
                            bool counts)
{
    struct bench_watch cost = {0};
    struct bench_watch raw = {0};

    for (unsigned i = 0; i < figure->operations; i++) {
        struct bench_person person;

        person_make(&person, people, first + i);
        bench_start(&cost);
        ask(asking, &person);
        bench_stop(&cost);
        bench_start(&raw);
        floor_verify(floor, people->tbs_size);
        floor_verify(floor, people->tbs_size);
        bench_stop(&raw);
        person_free(&person);
    }
    if (counts)
        bench_round(figure, &cost, &raw);
}

static void measure_people(struct bench_report *report, size_t rules, const struct bench_size *size)
{
    struct gk_octets root = vector_octets("entities/root/certificate");
    const struct pki_trust trust = {.roots = &root, .root_count = 1};
    const struct rules_local local = {0};
    struct bench_figure *figure =
        bench_figure_new(report, "certificate", "verify two certificates");
    struct token *old = token_with(0, rules);
    struct token *new = token_with(rules / 2, rules);
    struct asking asking = {.old = rules_new(old, &local, NULL, NULL),
                            .new = rules_new(new, &local, NULL, NULL),
                            .trust = &trust};
    struct gk_group group = {.type = 2};
    struct floor *floor = floor_new();
    struct bench_people people;

    bench_check(asking.old && asking.new);
    people_set_up(&people, &group);
    (void)snprintf(figure->id, sizeof figure->id, "explain-people-%zu-rules", rules);
    (void)snprintf(figure->title, sizeof figure->title,
                   "who gains or loses by a new token, %zu rules each", rules);
    figure->operations = size->operations;
    for (unsigned round = 0; round <= size->rounds; round++)
        round_of_people(figure, &asking, &people, floor, round * size->operations, round > 0);
    bench_check(asking.sums.asked == (size_t)(size->rounds + 1) * size->operations &&
                asking.sums.changed == 0);
    bench_count_add(figure, "seconds for 10000", bench_median(&figure->cost) / 100);
    floor_free(floor);
    rules_free((struct rules *)(uintptr_t)asking.old);
    rules_free((struct rules *)(uintptr_t)asking.new);
    token_free(old);
    token_free(new);
}

void bench_tokens(struct bench_report *report, const struct bench_size *diffs,
                  const struct bench_size *people)
{
    static const size_t rules[] = {10, 100, 1000};

    for (size_t i = 0; i < 3; i++)
        measure_diff(report, rules[i], diffs->rounds);
    measure_people(report, rules[0], people);
    measure_people(report, rules[2], people);
}
