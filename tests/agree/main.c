/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test-agree [COUNT [SEED]]: does the linter say what the daemons do? Tokens are spoilt with
 * knowledge of their structure, signed, and given to the daemons' own load function and to the
 * linter in its three forms: with the daemons' context, of the signed octets without roots, and
 * of the model that was signed, also by way of the policy source. What lint calls free of errors
 * loads; what it calls an error is refused by the same rule, and one of the catalogue. A seed
 * replays exactly; 10,000 without arguments, `make check-agree` tries 1,000,000.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/suite.h"
#include "roles/lint.h"
#include "tests/agree/mutate.h"
#include "tests/harness.h"
#include "tests/roles/pki-maker.h"
#include "tests/token/random-token.h"
#include "tests/vectors.h"
#include "token/der.h"
#include "token/render-xml.h"
#include "token/source.h"

#define OWNER "CN=Owner,OU=Owners,O=Acme,C=US"
#define RULES 512
#define BASES 4
#ifndef AGREE_COUNT
#define AGREE_COUNT 10000
#endif

struct world {
    const struct test_party *root, *other_root, *owner, *stranger;
    struct gk_signer signer, stranger_signer;
    struct gk_secret base[BASES];
};

struct tally {
    size_t loaded, refused, sources, differ;
    const struct finding_rule *rule[RULES]; /* by which tokens were refused */
    size_t rules;
};

/* One token on its way. */
struct trial {
    uint64_t number;
    bool ordinary; /* nothing but the contents can be wrong */
    struct load_policy policy;
    struct load_mark last;
    bool has_last;
    gk_time now;
    struct gk_octets root;
    struct gk_writer der, signed_token;
};

static void count_rule(struct tally *tally, const struct finding_rule *rule)
{
    size_t i = 0;

    while (i < tally->rules && tally->rule[i] != rule)
        i++;
    if (i == tally->rules && i < RULES)
        tally->rule[tally->rules++] = rule;
}

/* --- the question ------------------------------------------------------------------- */

static void differ(struct tally *tally, const struct trial *trial, const char *how,
                   const char *load, const char *lint)
{
    tally->differ++;
    printf("token %llu: %s: the daemons say %s, the linter %s\n", (unsigned long long)trial->number,
           how, load, lint);
}

/* `why` is NULL for a token that loads. */
static void compare(struct tally *tally, const struct trial *trial, const char *how,
                    const struct gk_reason *why, const struct findings *findings)
{
    const char *load = why ? finding_rule_of(why->code)->id : "good";
    const char *lint = "good";

    for (size_t i = 0; i < findings->count; i++) {
        if (findings->at[i].rule->severity != FINDING_ERROR)
            continue;
        lint = findings->at[i].rule->id;
        break;
    }
    if (strcmp(load, lint) != 0 || strcmp(load, "GT0100") == 0 ||
        findings->refused != (why != NULL))
        differ(tally, trial, how, load, lint);
}

static bool load_source(void *context, const char *name, struct gk_writer *to,
                        struct gk_reason *why)
{
    (void)context;
    (void)to;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file", "%s: there are no files", name);
}

/* What the token says, as a source: that it can be written was tested elsewhere. */
static void ask_of_source(struct tally *tally, const struct trial *trial,
                          const struct lint_context *context, const struct token *token,
                          const struct gk_reason *why)
{
    static const struct source_files files = {load_source, NULL};
    struct findings findings = {0};
    struct gk_writer xml = {0};
    struct token *again;

    token_show_xml(token, &xml);
    again = source_read(gk_writer_octets(&xml), "token.xml", &files, NULL);
    if (again) {
        tally->sources++;
        lint_token(again, context, &findings);
        compare(tally, trial, "source", why, &findings);
    }
    token_free(again);
    findings_free(&findings);
    gk_writer_free(&xml);
}

static void ask_of_content(struct tally *tally, const struct trial *trial,
                           const struct gk_reason *why)
{
    struct lint_context context = {.local = trial->policy.local, .now = trial->now};
    struct token *token = token_from_der(gk_writer_octets(&trial->der), NULL);
    struct findings findings = {0};

    if (trial->number % 4 == 0) {
        lint_signed(gk_writer_octets(&trial->signed_token), &context, &findings);
        compare(tally, trial, "without roots", why, &findings);
        findings_free(&findings);
    }
    if (!token)
        return;
    lint_token(token, &context, &findings);
    compare(tally, trial, "token", why, &findings);
    findings_free(&findings);
    if (trial->number % 8 == 0)
        ask_of_source(tally, trial, &context, token, why);
    token_free(token);
}

static void ask(struct tally *tally, const struct trial *trial)
{
    struct gk_octets octets = gk_writer_octets(&trial->signed_token);
    const struct load_mark *last = trial->has_last ? &trial->last : NULL;
    struct load_policy policy = trial->policy;
    struct lint_context context = {.policy = &trial->policy, .last = last, .now = trial->now};
    struct findings findings = {0};
    struct gk_reason why = {0};
    struct loaded *loaded;

    policy.local.serves = true;
    loaded = load_token(octets, &policy, last, trial->now, &why);
    lint_signed(octets, &context, &findings);
    compare(tally, trial, "signed", loaded ? NULL : &why, &findings);
    findings_free(&findings);
    if (trial->ordinary)
        ask_of_content(tally, trial, loaded ? NULL : &why);
    if (loaded)
        tally->loaded++;
    else
        count_rule(tally, finding_rule_of(why.code));
    tally->refused += !loaded;
    load_unref(loaded);
}

/* --- chance ------------------------------------------------------------------------- */

/* SplitMix64: a number's trial is the same in every run. */
static void fill(void *context, uint8_t *to, size_t size)
{
    uint64_t *state = context;

    for (size_t i = 0; i < size; i++) {
        uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        to[i] = (uint8_t)(z ^ z >> 31);
    }
}

/* --- the tokens --------------------------------------------------------------------- */

static void fail(const char *what, const struct gk_reason *why)
{
    fprintf(stderr, "test-agree: %s: %s\n", what, why->text);
    exit(2);
}

static struct token *draw_token(const struct world *world, const struct gk_random *random)
{
    struct gk_reason why = {0};
    struct token *token;

    if (!mutate_below(random, 10))
        return random_token(random);
    token = token_from_der(gk_secret_octets(&world->base[mutate_below(random, BASES)]), &why);
    if (!token)
        fail("a base", &why);
    mutate_model(random, token, mutate_below(random, 4));
    return token;
}

#define ENVELOPE 1024 /* octets that signing adds, at most */

/* False for what has no encoding, or no room. */
static bool make_der(struct trial *trial, const struct world *world, const struct gk_random *random)
{
    struct token *token = draw_token(world, random);
    struct gk_writer der = {0};
    bool good = token_to_der(token, &der, NULL) && der.size + ENVELOPE < TOKEN_MAX / 2;

    if (good && !mutate_below(random, 3))
        mutate_der(random, gk_writer_octets(&der), &trial->der);
    else if (good)
        gk_write_octets(&trial->der, gk_writer_octets(&der));
    gk_writer_free(&der);
    token_free(token);
    return good;
}

static void draw_local(struct trial *trial, const struct gk_random *random)
{
    static const struct gk_mechanism only = {49154, 49153, 49154, 49154};
    struct rules_local *local = &trial->policy.local;

    local->tolerate_suite_1 = mutate_below(random, 2);
    local->tolerate_unknown_protocols = mutate_below(random, 2);
    if (!mutate_below(random, 8)) {
        local->mechanisms = &only;
        local->mechanism_count = 1;
    }
}

/* Who else might sign, look at another time, or have seen another token. */
static void draw_circumstances(struct trial *trial, const struct world *world,
                               const struct gk_random *random)
{
    static const gk_time times[] = {TEST_NOW, TEST_FROM - 1, TEST_UNTIL + 1, TEST_NOW - 3600};

    trial->now = times[mutate_below(random, 4)];
    if (!mutate_below(random, 4))
        trial->root = world->other_root->certificate;
    trial->has_last = mutate_below(random, 2);
    trial->last = (struct load_mark){.present = true,
                                     .has_edition = mutate_below(random, 2),
                                     .edition = mutate_below(random, 6),
                                     .signing_time = TEST_NOW - 20 + mutate_below(random, 20)};
    if (!mutate_below(random, 4)) {
        trial->policy.has_least_edition = true;
        trial->policy.least_edition = mutate_below(random, 20);
    }
    if (!mutate_below(random, 4))
        trial->policy.owner = gk_octets_of("CN=Another,O=Acme,C=US");
}

static void sign(struct trial *trial, const struct world *world, const struct gk_random *random)
{
    bool stranger = !trial->ordinary && !mutate_below(random, 6);
    const struct test_party *by = stranger ? world->stranger : world->owner;
    const struct gk_signer *signer = stranger ? &world->stranger_signer : &world->signer;
    struct gk_writer made = {0};
    struct gk_reason why = {0};

    if (!cms_sign(gk_writer_octets(&trial->der), &by->certificate, 1, signer, TEST_NOW - 10, &made,
                  &why))
        fail("signing", &why);
    if (!trial->ordinary && mutate_below(random, 2))
        mutate_der(random, gk_writer_octets(&made), &trial->signed_token);
    else
        gk_write_octets(&trial->signed_token, gk_writer_octets(&made));
    gk_writer_free(&made);
}

/* As a tool does: the group is the one that the token names. */
static void set_group(struct trial *trial)
{
    struct token *token = token_from_der(gk_writer_octets(&trial->der), NULL);

    trial->policy.group.type = 2;
    if (token && token->group_name.size && token->group_name.size <= 255) {
        trial->policy.group.size = (uint8_t)token->group_name.size;
        memcpy(trial->policy.group.value, token->group_name.data, token->group_name.size);
    }
    token_free(token);
}

static void try(struct tally *tally, const struct world *world, uint64_t seed, uint64_t number)
{
    uint64_t state = (seed << 32) + number;
    struct gk_random random = {fill, &state};
    struct trial trial = {.number = number,
                          .now = TEST_NOW,
                          .root = world->root->certificate,
                          .policy = {.owner = gk_octets_of(OWNER), .skew = 300}};

    trial.policy.trust = (struct pki_trust){.roots = &trial.root, .root_count = 1};
    if (make_der(&trial, world, &random)) {
        trial.ordinary = mutate_below(&random, 4);
        draw_local(&trial, &random);
        if (!trial.ordinary)
            draw_circumstances(&trial, world, &random);
        sign(&trial, world, &random);
        set_group(&trial);
        ask(tally, &trial);
    }
    gk_writer_free(&trial.der);
    gk_writer_free(&trial.signed_token);
}

/* --- the world ---------------------------------------------------------------------- */

static struct gk_secret der_of_policy(const char *name)
{
    static const struct source_files files = {load_source, NULL};
    const char *top = getenv("top_srcdir");
    char *path = gk_format("%s/etc/policies/%s.xml", top ? top : ".", name);
    struct gk_reason why = {0};
    struct token *token = source_read(test_file(path), path, &files, &why);
    struct gk_writer der = {0};

    if (!token || !token_to_der(token, &der, &why))
        fail(path, &why);
    token_free(token);
    free(path);
    return gk_writer_take(&der);
}

static void open_signer(struct gk_signer *to, const struct test_party *party)
{
    struct gk_reason why = {0};

    if (!gk_signer_open(to, party->key, -1, NULL, &why))
        fail("a key", &why);
}

static void make_world(struct world *world)
{
    static const char *const policies[] = {"minimal", "typical", "full"};

    world->root = test_ca_new("CN=Root,O=Acme,C=US");
    world->other_root = test_ca_new("CN=Root,O=Other,C=US");
    world->owner = test_ca_issue(world->root, &(struct test_want){.subject = OWNER, .seed = 1});
    world->stranger =
        test_ca_issue(world->other_root, &(struct test_want){.subject = OWNER, .seed = 2});
    open_signer(&world->signer, world->owner);
    open_signer(&world->stranger_signer, world->stranger);
    for (size_t i = 0; i < BASES - 1; i++)
        world->base[i] = der_of_policy(policies[i]);
    world->base[BASES - 1] = gk_secret_copy(vector_octets("tokens/recommended/der"));
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : AGREE_COUNT;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 4534;
    struct world world = {0};
    struct tally tally = {0};

    make_world(&world);
    for (uint64_t i = 0; i < count && tally.differ < 20; i++)
        try(&tally, &world, seed, i);
    printf("%llu tokens: %zu loaded, %zu refused by %zu rules, %zu as sources too; "
           "%zu disagreements\n",
           (unsigned long long)count, tally.loaded, tally.refused, tally.rules, tally.sources,
           tally.differ);
    for (size_t i = 0; i < BASES; i++)
        gk_secret_free(&world.base[i]);
    gk_signer_free(&world.signer);
    gk_signer_free(&world.stranger_signer);
    return tally.differ || !tally.loaded || tally.rules < 10;
}
