/* SPDX-License-Identifier: Apache-2.0 */
/* A new token is tried on the members before it is published: whom it would put out, and that too
 * many do not go by mistake, whatever comes and goes meanwhile. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/roles/gcks-bench.h"
#include "tests/roles/pki-maker.h"
#include "tests/vectors.h"

#define OWNER_SERIAL 1003 /* of the known answers */
#define M(n)         "CN=M" n ",OU=Members,O=Acme,C=US"

static struct gk_octets excluding(int64_t edition, const char *name)
{
    return bench_token(
        &(struct bench_token){.edition = edition, .at = TEST_NOW + edition, .exclude = name});
}

static struct gcks_trial_told told_by(const struct bench *bench)
{
    struct gcks_trial_told told;

    gcks_get_trial(bench->gcks, &told);
    return told;
}

/* --- a group with so many members ------------------------------------------------------------- */

struct cast {
    struct bench *bench;
    size_t count;
    struct actor *actor[12];
};

static void roomy(struct gcks_config *config)
{
    config->capacity = 16;
}

static void one_a_turn(struct gcks_config *config)
{
    config->judged_a_turn = 1;
}

static void add(struct cast *cast)
{
    char name[60];

    (void)snprintf(name, sizeof name, "CN=M%zu,OU=Members,O=Acme,C=US", cast->count + 1);
    cast->actor[cast->count] = actor_new(name, (unsigned)cast->count + 1);
    CU_ASSERT_TRUE_FATAL(bench_join(cast->bench, cast->actor[cast->count]));
    cast->count++;
}

static struct cast cast_of(size_t members, void (*change)(struct gcks_config *config))
{
    struct cast cast = {.bench = bench_new(change)};

    while (cast.count < members)
        add(&cast);
    bench_forget(cast.bench);
    return cast;
}

static void drop(struct cast *cast)
{
    for (size_t i = 0; i < cast->count; i++)
        actor_free(cast->actor[i]);
    bench_free(cast->bench);
}

/* One slice. */
static void tick(struct bench *bench)
{
    struct gk_engine engine = gcks_engine(bench->gcks);
    struct gk_turn turn = {0};

    engine.tick(engine.self, &bench->now, &turn);
    bench_turn(bench, &turn);
}

static void run_out(struct bench *bench)
{
    for (int i = 0; i < 100 && told_by(bench).end == GCKS_TRIAL_RUNS; i++)
        tick(bench);
    CU_ASSERT_NOT_EQUAL(told_by(bench).end, GCKS_TRIAL_RUNS);
}

/* --- trying alone -------------------------------------------------------------------------------
 */

static bool stays_the_same(const struct bench *bench)
{
    struct gcks_status status = bench_status(bench);

    return status.edition == 1 && status.counts.events == 0 && status.counts.evicted == 0 &&
           bench->sent_count == 0 && bench_records(bench, 's') == 0;
}

static void a_trial_changes_nothing(void)
{
    struct cast cast = cast_of(3, NULL);
    struct gcks_affected affected;
    struct gcks_trial_told told;
    struct gk_reason why = {0};
    uint64_t cursor = 0;
    bool more;

    CU_ASSERT_TRUE(bench_try(cast.bench, excluding(2, M("3")), GCKS_DRY, &why));
    told = told_by(cast.bench);
    CU_ASSERT_EQUAL(told.end, GCKS_TRIAL_JUDGED);
    CU_ASSERT_EQUAL(told.counts.members, 3);
    CU_ASSERT_EQUAL(told.counts.out, 1);
    CU_ASSERT_EQUAL(told.counts.mute + told.counts.sends, 0);
    CU_ASSERT_TRUE(told.too_many);
    CU_ASSERT_TRUE(told.kept);
    CU_ASSERT_TRUE_FATAL(gcks_next_affected(cast.bench->gcks, &cursor, &more, &affected));
    CU_ASSERT_TRUE(gk_octets_equal(affected.name, gk_octets_of(M("3"))));
    CU_ASSERT_EQUAL(affected.effect, GCKS_EFFECT_OUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(affected.before.rule, "accessRule 1 of entry 1: CN=*"));
    CU_ASSERT_PTR_NOT_NULL(strstr(affected.after.rule, "exclusionsRule"));
    CU_ASSERT_PTR_NOT_NULL(strstr(affected.after.rule, "CN=M3"));
    CU_ASSERT_FALSE(gcks_next_affected(cast.bench->gcks, &cursor, &more, &affected));
    CU_ASSERT_FALSE(more);
    CU_ASSERT_TRUE(stays_the_same(cast.bench));
    bench_pass(cast.bench, 3000);
    CU_ASSERT_TRUE(stays_the_same(cast.bench));
    /* The same token may still be published: it was not accepted. */
    CU_ASSERT_TRUE(bench_publish(cast.bench, excluding(2, M("3")), &why));
    CU_ASSERT_EQUAL(bench_status(cast.bench).members, 2);
    drop(&cast);
}

/* It refuses what publishing refuses, with the same reason. */
static void a_trial_refuses_as_publishing_does(void)
{
    struct bench *bench = bench_with(excluding(5, M("9")), NULL);
    const struct {
        struct gk_octets token;
        const char *code;
    } bad[] = {
        {excluding(4, M("9")), "older-token"},
        {bench_token(&(struct bench_token){
             .edition = 6, .at = TEST_NOW + 6, .gcks = "CN=Other,O=Acme,C=US"}),
         "not-gcks"},
        {bench_token(&(struct bench_token){.edition = 6, .at = TEST_NOW + 6, .no_method = true}),
         "not-run"},
    };
    struct gk_reason why;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        why = (struct gk_reason){.code = ""};
        CU_ASSERT_FALSE(bench_try(bench, bad[i].token, GCKS_DRY, &why));
        CU_ASSERT_STRING_EQUAL(why.code, bad[i].code);
        CU_ASSERT_FALSE(bench_try(bench, bad[i].token, GCKS_GUARDED, &why));
        CU_ASSERT_STRING_EQUAL(why.code, bad[i].code);
        CU_ASSERT_EQUAL(told_by(bench).end, GCKS_TRIAL_NONE);
    }
    CU_ASSERT_TRUE(bench_try(bench, excluding(5, M("9")), GCKS_GUARDED, &why));
    CU_ASSERT_EQUAL(told_by(bench).end, GCKS_TRIAL_UNCHANGED);
    bench_free(bench);
}

static void only_m1_sends(struct token *token)
{
    struct token_register *join = token->registrations[0].join.registration;
    struct token_pair *pair;

    join->senders_limited = true;
    pair = token_append(token, (void **)&join->senders.at, &join->senders.count, sizeof *pair);
    *pair = join->access[0].access_rule.at[0];
    pair->id = token_octets(token, gk_octets_of(M("1")));
}

static void senders_are_told_apart(void)
{
    struct cast cast = cast_of(3, NULL);
    struct gcks_affected affected;
    struct gk_reason why = {0};
    uint64_t cursor = 0;
    bool more;

    CU_ASSERT_TRUE(bench_try(cast.bench,
                             bench_token(&(struct bench_token){
                                 .edition = 2, .at = TEST_NOW + 2, .change = only_m1_sends}),
                             GCKS_GUARDED, &why));
    CU_ASSERT_EQUAL(told_by(cast.bench).end, GCKS_TRIAL_PUBLISHED);
    CU_ASSERT_EQUAL(told_by(cast.bench).counts.mute, 2);
    bench_pass(cast.bench, 2000);
    CU_ASSERT_EQUAL(bench_status(cast.bench).edition, 2);
    CU_ASSERT_TRUE(bench_try(cast.bench,
                             bench_token(&(struct bench_token){.edition = 3, .at = TEST_NOW + 3}),
                             GCKS_DRY, &why));
    CU_ASSERT_EQUAL(told_by(cast.bench).counts.sends, 2);
    CU_ASSERT_EQUAL(told_by(cast.bench).counts.out, 0);
    CU_ASSERT_FALSE(told_by(cast.bench).too_many);
    CU_ASSERT_TRUE(gcks_next_affected(cast.bench->gcks, &cursor, &more, &affected));
    CU_ASSERT_EQUAL(affected.effect, GCKS_EFFECT_SENDS);
    CU_ASSERT_PTR_NOT_NULL(strstr(affected.before.rule, "no senders rule"));
    drop(&cast);
}

/* --- the guard
 * ------------------------------------------------------------------------------------ */

static void check_guard(size_t members, const char *out, bool passes)
{
    struct cast cast = cast_of(members, roomy);
    struct gk_octets token = excluding(2, out);
    struct gk_reason why = {0};
    struct gcks_trial_told told;

    CU_ASSERT_TRUE(bench_try(cast.bench, token, GCKS_GUARDED, &why));
    told = told_by(cast.bench);
    CU_ASSERT_EQUAL(told.counts.members, members);
    CU_ASSERT_EQUAL(told.end, passes ? GCKS_TRIAL_PUBLISHED : GCKS_TRIAL_REFUSED);
    CU_ASSERT_EQUAL(told.too_many, !passes);
    if (!passes) {
        CU_ASSERT_STRING_EQUAL(told.why.code, "too-many-out");
        CU_ASSERT_TRUE(stays_the_same(cast.bench));
        CU_ASSERT_EQUAL(bench_status(cast.bench).members, members);
        CU_ASSERT_TRUE(bench_publish(cast.bench, token, &why));
    }
    bench_pass(cast.bench, 2000);
    CU_ASSERT_EQUAL(bench_status(cast.bench).edition, 2);
    drop(&cast);
}

static void a_tenth_may_go(void)
{
    check_guard(3, M("2"), false);
    check_guard(9, M("2"), false);
    check_guard(10, M("2"), true);
    check_guard(3, M("7"), true); /* who is no member does not count */
    check_guard(1, "CN=*,OU=Members,O=Acme,C=US", false);
}

static void a_group_without_members(void)
{
    struct cast cast = cast_of(0, NULL);
    struct gk_reason why = {0};

    CU_ASSERT_TRUE(bench_try(cast.bench, excluding(2, M("1")), GCKS_GUARDED, &why));
    CU_ASSERT_EQUAL(told_by(cast.bench).end, GCKS_TRIAL_PUBLISHED);
    drop(&cast);
}

/* --- while the members are judged
 * ----------------------------------------------------------------- */

/* A trial of a token that excludes `out`, of which so many members have been judged. */
static void begin(struct cast *cast, const char *out, size_t judged)
{
    struct gk_reason why = {0};

    CU_ASSERT_TRUE(bench_try(cast->bench, excluding(2, out), GCKS_GUARDED, &why));
    while (--judged)
        tick(cast->bench);
    CU_ASSERT_EQUAL(told_by(cast->bench).end, GCKS_TRIAL_RUNS);
    CU_ASSERT_TRUE(stays_the_same(cast->bench));
}

/* Whoever goes meanwhile no longer counts, judged before or not. */
static void members_go_meanwhile(void)
{
    for (size_t judged = 1; judged <= 2; judged++) {
        struct cast cast = cast_of(3, one_a_turn);

        begin(&cast, M("2"), judged);
        CU_ASSERT_EQUAL(told_by(cast.bench).counts.out, judged - 1);
        CU_ASSERT_TRUE(bench_evict(cast.bench, M("2")));
        CU_ASSERT_EQUAL(told_by(cast.bench).counts.out, 0);
        run_out(cast.bench);
        CU_ASSERT_EQUAL(told_by(cast.bench).end, GCKS_TRIAL_PUBLISHED);
        CU_ASSERT_EQUAL(told_by(cast.bench).counts.members, 2);
        drop(&cast);
    }
}

/* Whoever comes meanwhile does, also to a place that was passed. */
static void members_come_meanwhile(void)
{
    for (size_t free_place = 0; free_place < 2; free_place++) {
        struct cast cast = cast_of(3, one_a_turn);

        if (free_place) {
            CU_ASSERT_TRUE(bench_evict(cast.bench, M("1")));
            bench_pass(cast.bench, 2000);
            CU_ASSERT_EQUAL(bench_records(cast.bench, 'n'), 2);
            bench_forget(cast.bench);
        }
        CU_ASSERT_TRUE(bench_try(cast.bench, excluding(2, M("4")), GCKS_GUARDED, NULL));
        CU_ASSERT_EQUAL(told_by(cast.bench).end, GCKS_TRIAL_RUNS);
        add(&cast);
        CU_ASSERT_EQUAL(told_by(cast.bench).counts.out, free_place);
        run_out(cast.bench);
        CU_ASSERT_EQUAL(told_by(cast.bench).end, GCKS_TRIAL_REFUSED);
        CU_ASSERT_EQUAL(told_by(cast.bench).counts.out, 1);
        CU_ASSERT_EQUAL(bench_status(cast.bench).edition, 1);
        drop(&cast);
    }
}

/* One that was judged registers again: it counts once. */
static void members_come_again(void)
{
    struct cast cast = cast_of(3, one_a_turn);

    begin(&cast, M("2"), 2);
    CU_ASSERT_EQUAL(told_by(cast.bench).counts.out, 1);
    cast.bench->now.utc += 2; /* a later RTJ */
    CU_ASSERT_TRUE(bench_join(cast.bench, cast.actor[1]));
    CU_ASSERT_EQUAL(told_by(cast.bench).end, GCKS_TRIAL_RUNS);
    CU_ASSERT_EQUAL(told_by(cast.bench).counts.out, 1);
    run_out(cast.bench);
    CU_ASSERT_EQUAL(told_by(cast.bench).counts.out, 1);
    CU_ASSERT_EQUAL(told_by(cast.bench).counts.members, 3);
    drop(&cast);
}

static void other_commands_meanwhile(void)
{
    struct cast cast = cast_of(3, one_a_turn);
    struct gk_reason why = {.code = ""};

    begin(&cast, M("2"), 2);
    CU_ASSERT_FALSE(bench_try(cast.bench, excluding(3, M("7")), GCKS_GUARDED, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "trial-runs");
    CU_ASSERT_FALSE(bench_try(cast.bench, excluding(3, M("7")), GCKS_DRY, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "trial-runs");
    /* Other permissions: all are judged again, none twice. */
    {
        struct gk_turn turn = {0};

        gcks_local_policy(cast.bench->gcks, NULL, 0, &cast.bench->now, &turn);
        bench_turn(cast.bench, &turn);
    }
    CU_ASSERT_EQUAL(told_by(cast.bench).end, GCKS_TRIAL_RUNS);
    CU_ASSERT_EQUAL(told_by(cast.bench).counts.out, 0);
    CU_ASSERT_TRUE(bench_publish(cast.bench, excluding(4, M("3")), &why));
    CU_ASSERT_EQUAL(told_by(cast.bench).end, GCKS_TRIAL_DROPPED);
    CU_ASSERT_PTR_NOT_NULL(bench_noticed(cast.bench, "token-judged"));
    bench_pass(cast.bench, 2000);
    CU_ASSERT_EQUAL(bench_status(cast.bench).edition, 4);
    CU_ASSERT_EQUAL(bench_status(cast.bench).members, 2);
    drop(&cast);
}

/* The owner of the token that is tried is revoked: it would no longer be taken, and is not. */
static void the_owner_is_revoked_meanwhile(void)
{
    for (int dry = 0; dry < 2; dry++) {
        struct cast cast = cast_of(3, one_a_turn);
        struct gk_octets crl = test_crl(test_party_of_vector("inter"),
                                        &(struct test_crl_want){.serial = {OWNER_SERIAL}});
        struct gk_turn turn = {0};

        CU_ASSERT_TRUE(
            bench_try(cast.bench, excluding(2, M("7")), dry ? GCKS_DRY : GCKS_GUARDED, NULL));
        tick(cast.bench);
        gcks_local_policy(cast.bench->gcks, &crl, 1, &cast.bench->now, &turn);
        bench_turn(cast.bench, &turn);
        CU_ASSERT_EQUAL(told_by(cast.bench).end, GCKS_TRIAL_RUNS);
        run_out(cast.bench);
        CU_ASSERT_EQUAL(told_by(cast.bench).end, GCKS_TRIAL_REFUSED);
        CU_ASSERT_STRING_EQUAL(told_by(cast.bench).why.code, "revoked");
        CU_ASSERT_FALSE(told_by(cast.bench).kept);
        bench_pass(cast.bench, 2000);
        CU_ASSERT_EQUAL(bench_status(cast.bench).edition, 1);
        CU_ASSERT_EQUAL(bench_status(cast.bench).members, 3);
        drop(&cast);
    }
}

static void the_end_meanwhile(void)
{
    struct cast cast = cast_of(2, one_a_turn);
    struct gk_turn turn = {0};

    CU_ASSERT_TRUE(bench_try(cast.bench, excluding(2, M("2")), GCKS_GUARDED, NULL));
    CU_ASSERT_TRUE(gcks_destroy(cast.bench->gcks, &cast.bench->now, &turn, NULL));
    bench_turn(cast.bench, &turn);
    CU_ASSERT_EQUAL(told_by(cast.bench).end, GCKS_TRIAL_DROPPED);
    bench_pass(cast.bench, 2000);
    CU_ASSERT_EQUAL(told_by(cast.bench).end, GCKS_TRIAL_DROPPED);
    drop(&cast);
}

/* A trial is not stored: after a crash nobody is out, and nothing is published. */
static void a_crash_meanwhile(void)
{
    struct cast cast = cast_of(3, one_a_turn);

    begin(&cast, M("2"), 2);
    bench_restart(cast.bench);
    bench_pass(cast.bench, 2000);
    CU_ASSERT_EQUAL(bench_status(cast.bench).edition, 1);
    CU_ASSERT_EQUAL(bench_status(cast.bench).members, 3);
    CU_ASSERT_EQUAL(told_by(cast.bench).end, GCKS_TRIAL_NONE);
    drop(&cast);
}

/* Those whom a kept trial lists are those of now, and a new token ends the list. */
static void the_list_keeps_up(void)
{
    struct cast cast = cast_of(3, NULL);
    struct gcks_affected affected;
    struct gk_reason why = {0};
    uint64_t cursor = 0;
    bool more;

    CU_ASSERT_TRUE(bench_try(cast.bench, excluding(2, M("2")), GCKS_DRY, &why));
    CU_ASSERT_TRUE(bench_evict(cast.bench, M("2")));
    CU_ASSERT_FALSE(gcks_next_affected(cast.bench->gcks, &cursor, &more, &affected));
    CU_ASSERT_TRUE(bench_try(cast.bench, excluding(2, M("3")), GCKS_DRY, &why));
    CU_ASSERT_TRUE(told_by(cast.bench).kept);
    CU_ASSERT_TRUE(bench_publish(cast.bench, excluding(3, M("7")), &why));
    CU_ASSERT_FALSE(told_by(cast.bench).kept);
    cursor = 0;
    CU_ASSERT_FALSE(gcks_next_affected(cast.bench->gcks, &cursor, &more, &affected));
    drop(&cast);
}

const struct test_suite suite_gcks_trial = {
    "gcks_trial",
    {
        {"a trial changes nothing", a_trial_changes_nothing},
        {"a trial refuses as publishing does", a_trial_refuses_as_publishing_does},
        {"senders are told apart", senders_are_told_apart},
        {"a tenth may go", a_tenth_may_go},
        {"a group without members", a_group_without_members},
        {"members go meanwhile", members_go_meanwhile},
        {"members come meanwhile", members_come_meanwhile},
        {"members come again", members_come_again},
        {"other commands meanwhile", other_commands_meanwhile},
        {"the owner is revoked meanwhile", the_owner_is_revoked_meanwhile},
        {"the end meanwhile", the_end_meanwhile},
        {"a crash meanwhile", a_crash_meanwhile},
        {"the list keeps up", the_list_keeps_up},
        {NULL, NULL},
    }};
