/* SPDX-License-Identifier: Apache-2.0 */
/* Differences of tokens drawn at random agree with the verdicts of people drawn from the same
 * names: who gains something finds it among what is wider, who loses something among what is
 * narrower, and where nothing differs everybody is judged alike. */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "roles/ask.h"
#include "tests/roles/rules-maker.h"
#include "token/diff.h"

static const char *const cns[] = {"Ann", "ann", "Bob", "*", "\\2A"};
static const char *const ous[] = {"X", "Y", "*"};
static const char *const hosts[] = {"a.example.org", "*.example.org", "b.example.org", "*"};

struct draw {
    struct gk_random random;
    struct rules_case *c;
    bool names_only; /* distinguished names, no permissions */
};

static uint32_t below(struct draw *draw, uint32_t limit)
{
    return gk_random_u32(&draw->random) % limit;
}

static struct gk_octets ca_of(struct draw *draw)
{
    return below(draw, 8) ? gk_octets(draw->c->root->key_id, sizeof draw->c->root->key_id)
                          : gk_octets_of("another CA");
}

static void draw_pairs(struct draw *draw, struct token_pairs *to, uint32_t most)
{
    for (uint32_t i = below(draw, most + 1); i > 0; i--) {
        char *name;

        if (!draw->names_only && !below(draw, 4)) {
            case_pair_of(draw->c, to, 2, gk_octets_of(hosts[below(draw, 4)]), ca_of(draw));
            continue;
        }
        name = below(draw, 6) ? gk_format("CN=%s,OU=%s", cns[below(draw, 5)], ous[below(draw, 3)])
                              : gk_format("CN=%s", cns[below(draw, 5)]);
        case_pair_of(draw->c, to, 31, gk_octets_of(name), ca_of(draw));
        free(name);
    }
}

static void draw_access(struct draw *draw)
{
    struct rules_case *c = draw->c;

    draw_pairs(draw, &c->entry->access_rule, 3);
    if (!draw->names_only && !below(draw, 4)) {
        int64_t *level = token_append(c->token, (void **)&c->entry->permissions,
                                      &c->entry->permission_count, sizeof *level);

        c->entry->has_permissions = true;
        *level = 1 + below(draw, 2);
    }
    c->entry->has_exclusions = below(draw, 2);
    if (c->entry->has_exclusions)
        draw_pairs(draw, &c->entry->exclusions_rule, 2);
}

static void draw_registration(struct draw *draw, const char *suite)
{
    const struct gk_mechanism *mechanism = &gk_suite_named(suite)->mechanism;
    struct rules_case *c = draw->c;

    c->registration->mechanism_count = 0;
    (void)case_mechanism(c, mechanism->signature, mechanism->nonce_hash, mechanism->key_creation,
                         mechanism->key_wrap);
    draw_pairs(draw, &c->registration->gcks, 2);
    c->registration->senders_limited = below(draw, 2);
    if (c->registration->senders_limited)
        draw_pairs(draw, &c->registration->senders, 2);
    c->registration->has_sub_gcks = true;
    draw_pairs(draw,
               token_append(c->token, (void **)&c->registration->sub_gcks,
                            &c->registration->sub_gcks_count, sizeof *c->registration->sub_gcks),
               2);
    draw_access(draw);
    if (below(draw, 2)) {
        c->entry = token_append(c->token, (void **)&c->registration->access,
                                &c->registration->access_count, sizeof *c->entry);
        draw_access(draw);
    }
}

static unsigned levels_of(void *context, const struct pki_identity *identity)
{
    (void)context;
    return identity->spki.data[identity->spki.size - 1] & 1 ? 1U << 1 : 0;
}

static struct rules_case *draw_case(struct draw *draw)
{
    bool swapped = below(draw, 2);
    uint32_t registrations = 1 + below(draw, 2);
    struct rules_case *c = case_new();

    draw->c = c;
    c->local.permissions = levels_of;
    draw_registration(draw, swapped ? "p256" : "recommended");
    if (registrations == 2) {
        (void)case_registration(c);
        draw_registration(draw, swapped ? "recommended" : "p256");
    }
    draw_pairs(draw, &c->rekey->authorization, 2);
    c->rekey->scheme = below(draw, 2) ? TOKEN_SCHEME_AUTONOMOUS : TOKEN_SCHEME_NONE;
    draw_pairs(draw, &c->rekey->auth_subs, 2);
    CU_ASSERT_TRUE_FATAL(case_rules(c));
    return c;
}

/* --- people ----------------------------------------------------------------------------------- */

#define PEOPLE 12
static struct pki_identity *person[PEOPLE];
static char *person_name[PEOPLE];

static void make_people(const struct rules_case *c)
{
    const struct pki_trust trust = {.roots = &c->root->certificate, .root_count = 1};

    for (unsigned i = 0; i < PEOPLE; i++) {
        const struct test_party *party;

        person_name[i] =
            i % 3 == 2 ? gk_format("CN=%s", i / 3 == 3 ? "Cid" : cns[i / 3])
                       : gk_format("CN=%s,OU=%s", i / 3 == 3 ? "Cid" : cns[i / 3], ous[i % 3]);
        party = test_ca_issue(c->root, &(struct test_want){.subject = person_name[i],
                                                           .seed = 100 + i,
                                                           .dns = i % 2 ? hosts[0] : NULL});
        if (!pki_validate(&trust, &party->certificate, 1, NULL, 0, TEST_NOW, &person[i], NULL))
            CU_FAIL_FATAL("a path");
    }
}

static void free_people(void)
{
    for (unsigned i = 0; i < PEOPLE; i++) {
        pki_identity_free(person[i]);
        free(person_name[i]);
    }
}

/* --- the test --------------------------------------------------------------------------------- */

static const unsigned steady = /* of which no gain comes from a loss, as it may for rekeys */
    ASK_BIT(ASK_MEMBER) | ASK_BIT(ASK_SENDER) | ASK_BIT(ASK_GCKS) | ASK_BIT(ASK_SUBORDINATE) |
    ASK_BIT(ASK_DESTROY);

static void complain(const struct token_diff *diff, const char *what, unsigned i)
{
    struct gk_writer text = {0};

    token_diff_text(diff, "old", "new", &text);
    printf("\n    %s %s\n%.*s", person_name[i], what, (int)text.size, (const char *)text.data);
    gk_writer_free(&text);
    CU_FAIL("a difference and a verdict do not agree");
}

/* By each mechanism too: of the Registration that both tokens judge it by. */
static bool same_by_mechanism(const struct rules_case *a, const struct rules_case *b, unsigned i)
{
    static const char *const suites[] = {"recommended", "p256"};
    bool same = true;

    for (int s = 0; s < 2; s++) {
        const struct gk_mechanism *mechanism = &gk_suite_named(suites[s])->mechanism;

        same &= rules_member(a->rules, ask_registration(a->rules, mechanism), person[i], NULL) ==
                rules_member(b->rules, ask_registration(b->rules, mechanism), person[i], NULL);
    }
    return same;
}

/* "newly admitted: CN=Ann,OU=X under CA ...": then Ann, whom no exclusion meets, is a member now
 * and was none. */
static void check_named(const struct rules_case *a, const struct rules_case *b,
                        const struct token_diff *diff, unsigned i)
{
    char *line = gk_format("newly admitted: %s under CA ", person_name[i]);
    char ca[24];

    (void)snprintf(ca, sizeof ca, "%02x:%02x:", a->root->key_id[0], a->root->key_id[1]);
    for (size_t j = 0; j < diff->count; j++) {
        if (strncmp(diff->at[j].text, line, strlen(line)) != 0 || !strstr(diff->at[j].text, ca))
            continue;
        if (rules_member(a->rules, RULES_ANY, person[i], NULL))
            complain(diff, "was a member", i);
        if (!rules_member(b->rules, RULES_ANY, person[i], NULL))
            complain(diff, "is no member", i);
    }
    free(line);
}

static void check(const struct rules_case *a, const struct rules_case *b, bool names_only,
                  unsigned seen[3])
{
    struct token_diff *diff = token_diff(a->token, b->token);
    size_t wider = token_diff_count(diff, TOKEN_WIDER);
    size_t narrower = token_diff_count(diff, TOKEN_NARROWER);

    for (unsigned i = 0; i < PEOPLE; i++) {
        unsigned before = ask_roles(a->rules, RULES_ANY, person[i], NULL);
        unsigned after = ask_roles(b->rules, RULES_ANY, person[i], NULL);

        if (after & ~before & steady && !wider)
            complain(diff, "gains", i);
        if (before & ~after & steady && !narrower)
            complain(diff, "loses", i);
        if (token_diff_none(diff) && (before != after || !same_by_mechanism(a, b, i)))
            complain(diff, "is judged in another way", i);
        if (names_only)
            check_named(a, b, diff, i);
        seen[0] += (after & ~before & steady) != 0;
        seen[1] += (before & ~after & steady) != 0;
    }
    seen[2] += token_diff_none(diff);
    token_diff_free(diff);
}

/* One list of the old token with its pairs in another order, or one of them twice. */
static void shuffle(struct draw *draw)
{
    struct token_pairs *pairs = &draw->c->registration->access[0].access_rule;
    struct token_pair first;

    if (!pairs->count)
        return;
    first = pairs->at[0];
    pairs->at[0] = pairs->at[pairs->count - 1];
    pairs->at[pairs->count - 1] = first;
    if (below(draw, 2))
        case_pair_of(draw->c, pairs, first.id_type, first.id, first.ca);
    CU_ASSERT_TRUE_FATAL(case_rules(draw->c));
}

static void agree(bool names_only)
{
    struct draw draw = {.random = test_random(names_only ? 77 : 78), .names_only = names_only};
    unsigned seen[3] = {0};
    struct rules_case *first = case_new();

    make_people(first);
    case_free(first);
    for (int round = 0; round < 400; round++) {
        struct draw again = {.random = test_random(round % 3 ? 1000 + (uint64_t)round : 0),
                             .names_only = names_only};
        struct rules_case *a;
        struct rules_case *b;

        if (round % 3 == 0) { /* two that have nothing to do with each other */
            a = draw_case(&draw);
            b = draw_case(&draw);
        } else { /* the same twice, then changed a little */
            a = draw_case(&again);
            again.random = test_random(1000 + (uint64_t)round);
            b = draw_case(&again);
            again.random = test_random(5000 + (uint64_t)round);
            if (round % 3 == 1)
                shuffle(&again);
            else
                draw_pairs(&again, &b->registration->access[0].access_rule, 2);
            CU_ASSERT_TRUE_FATAL(case_rules(b));
        }
        check(a, b, names_only, seen);
        case_free(a);
        case_free(b);
    }
    free_people();
    CU_ASSERT_TRUE(seen[0] > 100);
    CU_ASSERT_TRUE(seen[1] > 100);
    CU_ASSERT_TRUE(seen[2] > 100);
}

static void of_names_alone(void)
{
    agree(true);
}

static void of_all_kinds(void)
{
    agree(false);
}

const struct test_suite suite_diff_rules = {
    "diff-rules",
    {{"of names alone", of_names_alone}, {"of all kinds", of_all_kinds}, {NULL, NULL}}};
