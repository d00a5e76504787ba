/* SPDX-License-Identifier: Apache-2.0 */
/* Rekeys by the number of members that went (RFC 4534 B.5.3, profile 9.12, 9.13). */
#include <string.h>

#include "tests/roles/gcks-bench.h"

#define M2 "CN=M2,OU=Members,O=Acme,C=US"
#define M3 "CN=M3,OU=Members,O=Acme,C=US"
#define M4 "CN=M4,OU=Members,O=Acme,C=US"

struct scene {
    struct bench *bench;
    struct actor *m2, *m3, *m4;
};

static void after_two(struct token *token)
{
    struct token_rekey *rekey = token->rekeys[0].rekey;

    rekey->event_kind = TOKEN_EVENT;
    rekey->event_count = 2;
}

static void after_two_or_a_minute(struct token *token)
{
    struct token_rekey *rekey = token->rekeys[0].rekey;

    rekey->event_kind = TOKEN_TIME_AND_EVENT;
    rekey->event_time = (struct token_life){TOKEN_LIFE_INTERVAL, 60};
    rekey->event_count = 2;
}

static void never(struct token *token)
{
    token->rekeys[0].rekey->event_kind = TOKEN_NEVER;
}

/* Three members under such a policy. */
static struct scene begin(void (*change)(struct token *token))
{
    struct bench_token want = {.edition = 1, .interval = 86400, .change = change};
    struct scene scene = {bench_with(bench_token(&want), NULL), actor_new(M2, 2), actor_new(M3, 3),
                          actor_new(M4, 4)};

    CU_ASSERT_TRUE(bench_join(scene.bench, scene.m2));
    CU_ASSERT_TRUE(bench_join(scene.bench, scene.m3));
    CU_ASSERT_TRUE(bench_join(scene.bench, scene.m4));
    bench_pass(scene.bench, 2000);
    bench_forget(scene.bench);
    return scene;
}

static void end(struct scene *scene)
{
    actor_free(scene->m2);
    actor_free(scene->m3);
    actor_free(scene->m4);
    bench_free(scene->bench);
}

static void expel(struct bench *bench, const char *name)
{
    struct gk_octets names[1] = {gk_octets_of(name)};
    struct gk_turn turn = {0};

    CU_ASSERT_TRUE(gcks_evict_by_policy(bench->gcks, names, 1, &bench->now, &turn, NULL));
    bench_turn(bench, &turn);
}

static size_t rekeys(const struct bench *bench)
{
    return bench_sent_of(bench, GK_REKEY_EVENT);
}

static void the_count_brings_the_event(void)
{
    struct scene scene = begin(after_two);
    struct bench *bench = scene.bench;

    CU_ASSERT_EQUAL(bench_status(bench).rekey_after, 2);
    expel(bench, M3);
    bench_pass(bench, 600000);
    CU_ASSERT_EQUAL(rekeys(bench), 0);
    CU_ASSERT_EQUAL(bench_status(bench).events, 1);
    CU_ASSERT_EQUAL(bench_status(bench).members, 2);
    CU_ASSERT_TRUE(actor_current(bench, scene.m3));
    CU_ASSERT_PTR_NOT_NULL(bench_noticed(bench, "rekey-by-policy"));
    expel(bench, M4);
    CU_ASSERT_EQUAL(rekeys(bench), 1);
    CU_ASSERT_EQUAL(bench_status(bench).events, 0);
    CU_ASSERT_TRUE(actor_rekey(bench, scene.m2));
    CU_ASSERT_TRUE(actor_current(bench, scene.m2));
    CU_ASSERT_FALSE(actor_rekey(bench, scene.m3));
    CU_ASSERT_FALSE(actor_rekey(bench, scene.m4));
    CU_ASSERT_FALSE(actor_current(bench, scene.m3));
    end(&scene);
}

static void time_or_count_whichever_comes_first(void)
{
    struct scene scene = begin(after_two_or_a_minute);
    struct bench *bench = scene.bench;

    expel(bench, M3);
    CU_ASSERT_EQUAL(rekeys(bench), 0);
    bench_pass(bench, 57999);
    CU_ASSERT_EQUAL(rekeys(bench), 0);
    bench_pass(bench, 1);
    CU_ASSERT_EQUAL(rekeys(bench), 1);
    CU_ASSERT_EQUAL(bench_status(bench).events, 0);
    bench_pass(bench, 2000);
    expel(bench, M4);
    CU_ASSERT_EQUAL(rekeys(bench), 1); /* the one before the event counts no more */
    CU_ASSERT_EQUAL(bench_status(bench).events, 1);
    end(&scene);
    scene = begin(after_two_or_a_minute);
    expel(scene.bench, M3);
    expel(scene.bench, M4);
    CU_ASSERT_EQUAL(rekeys(scene.bench), 1);
    CU_ASSERT_EQUAL(bench_status(scene.bench).next_event_ms, 60000);
    end(&scene);
}

static void an_eviction_at_once_ends_the_count(void)
{
    struct scene scene = begin(after_two);

    expel(scene.bench, M3);
    CU_ASSERT_TRUE(bench_evict(scene.bench, M4));
    CU_ASSERT_EQUAL(rekeys(scene.bench), 1);
    CU_ASSERT_EQUAL(bench_status(scene.bench).events, 0);
    end(&scene);
}

/* Joins, leaves that were replaced or never acknowledged, names that are no members. */
static void only_members_that_went_count(void)
{
    struct scene scene = begin(after_two);
    struct bench *bench = scene.bench;
    struct actor *late = actor_new("CN=M5,OU=Members,O=Acme,C=US", 5);

    CU_ASSERT_TRUE(bench_join(bench, scene.m2));
    bench_pass(bench, 2000);
    CU_ASSERT_TRUE(bench_join(bench, scene.m2));
    bench_deliver(bench, &late->peer, actor_rtj(bench, late, bench->now.utc));
    bench_pass(bench, 120000);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
    expel(bench, "CN=Nobody,OU=Members,O=Acme,C=US");
    expel(bench, "CN=M5,OU=Members,O=Acme,C=US");
    CU_ASSERT_EQUAL(bench_status(bench).events, 0);
    CU_ASSERT_EQUAL(rekeys(bench), 0);
    expel(bench, M3);
    CU_ASSERT_EQUAL(bench_status(bench).events, 1);
    expel(bench, M3);
    CU_ASSERT_EQUAL(bench_status(bench).events, 1);
    actor_free(late);
    end(&scene);
}

static void the_count_outlives_the_process(void)
{
    struct scene scene = begin(after_two);
    struct bench *bench = scene.bench;

    expel(bench, M3);
    bench_restart(bench);
    CU_ASSERT_EQUAL(bench_status(bench).events, 1);
    CU_ASSERT_EQUAL(rekeys(bench), 0);
    expel(bench, M4);
    bench_pass(bench, 1000);
    CU_ASSERT_EQUAL(rekeys(bench), 1);
    CU_ASSERT_TRUE(actor_rekey(bench, scene.m2));
    CU_ASSERT_FALSE(actor_rekey(bench, scene.m3));
    end(&scene);
}

static void without_a_count_time_or_command_it_is(void)
{
    struct scene scene = begin(never);

    expel(scene.bench, M3);
    expel(scene.bench, M4);
    bench_pass(scene.bench, 60000);
    CU_ASSERT_EQUAL(rekeys(scene.bench), 0);
    CU_ASSERT_EQUAL(bench_status(scene.bench).events, 2);
    CU_ASSERT_EQUAL(bench_status(scene.bench).rekey_after, 0);
    CU_ASSERT_TRUE(bench_rekey(scene.bench));
    CU_ASSERT_EQUAL(rekeys(scene.bench), 1);
    CU_ASSERT_FALSE(actor_rekey(scene.bench, scene.m3));
    end(&scene);
}

const struct test_suite suite_gcks_count = {
    "gcks-count",
    {
        {"the count brings the event", the_count_brings_the_event},
        {"time or count, whichever comes first", time_or_count_whichever_comes_first},
        {"an eviction at once ends the count", an_eviction_at_once_ends_the_count},
        {"only members that went count", only_members_that_went_count},
        {"the count outlives the process", the_count_outlives_the_process},
        {"without a count, time or command it is", without_a_count_time_or_command_it_is},
        {NULL, NULL},
    }};
