/* SPDX-License-Identifier: Apache-2.0 */
/* Eviction, the local exclusion list, and the end of the group (profile 9.11, 9.14). */
#include <string.h>

#include "tests/roles/gcks-bench.h"
#include "tests/vectors.h"

#define M2 "CN=M2,OU=Members,O=Acme,C=US"
#define M3 "CN=M3,OU=Members,O=Acme,C=US"
#define M4 "CN=M4,OU=Members,O=Acme,C=US"

struct cast {
    struct bench *bench;
    struct actor *m2, *m3, *m4;
};

static struct cast cast_of(struct gk_octets token)
{
    struct cast cast = {bench_with(token, NULL), actor_new(M2, 2), actor_new(M3, 3),
                        actor_new(M4, 4)};

    CU_ASSERT_TRUE_FATAL(bench_join(cast.bench, cast.m2));
    CU_ASSERT_TRUE_FATAL(bench_join(cast.bench, cast.m3));
    CU_ASSERT_TRUE_FATAL(bench_join(cast.bench, cast.m4));
    bench_forget(cast.bench);
    return cast;
}

static struct cast three_members(void)
{
    return cast_of(vector_octets("tokens/recommended/signed"));
}

static void cast_free(struct cast *cast)
{
    actor_free(cast->m2);
    actor_free(cast->m3);
    actor_free(cast->m4);
    bench_free(cast->bench);
}

static void the_evicted_gets_nothing(void)
{
    struct cast cast = three_members();

    CU_ASSERT_TRUE(bench_evict(cast.bench, M3));
    CU_ASSERT_EQUAL(bench_sent_of(cast.bench, GK_REKEY_EVENT), 1);
    CU_ASSERT_TRUE(actor_rekey(cast.bench, cast.m2));
    CU_ASSERT_FALSE(actor_rekey(cast.bench, cast.m3));
    CU_ASSERT_TRUE(actor_rekey(cast.bench, cast.m4));
    CU_ASSERT_FALSE(actor_current(cast.bench, cast.m3));
    CU_ASSERT_EQUAL(bench_status(cast.bench).members, 2);
    CU_ASSERT_EQUAL(bench_status(cast.bench).counts.evicted, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(bench_noticed(cast.bench, "member-evicted")->text, "CN=M3"));
    cast_free(&cast);
}

static void several_in_one_event(void)
{
    const struct gk_octets names[2] = {gk_octets_of(M2), gk_octets_of(M4)};
    struct cast cast = three_members();
    struct gk_turn turn = {0};

    CU_ASSERT_TRUE(gcks_evict(cast.bench->gcks, names, 2, &cast.bench->now, &turn, NULL));
    bench_turn(cast.bench, &turn);
    CU_ASSERT_EQUAL(bench_status(cast.bench).counts.events, 1);
    CU_ASSERT_FALSE(actor_rekey(cast.bench, cast.m2));
    CU_ASSERT_TRUE(actor_rekey(cast.bench, cast.m3));
    CU_ASSERT_FALSE(actor_rekey(cast.bench, cast.m4));
    cast_free(&cast);
}

static void excluded_until_readmitted(void)
{
    struct cast cast = three_members();
    struct gk_octets name;
    struct gk_turn turn = {0};
    uint64_t cursor = 0;

    CU_ASSERT_TRUE(bench_evict(cast.bench, M3));
    bench_pass(cast.bench, 5000);
    bench_forget(cast.bench);
    CU_ASSERT_FALSE(bench_join(cast.bench, cast.m3));
    CU_ASSERT_EQUAL(bench_noticed(cast.bench, "member-refused")->notification,
                    GK_PROHIBITED_BY_LOCAL_POLICY);
    CU_ASSERT_TRUE_FATAL(gcks_next_excluded(cast.bench->gcks, &cursor, &name));
    CU_ASSERT_TRUE(gk_octets_equal(name, gk_octets_of(M3)));
    CU_ASSERT_FALSE(gcks_next_excluded(cast.bench->gcks, &cursor, &name));
    CU_ASSERT_FALSE(gcks_readmit(cast.bench->gcks, gk_octets_of(M2), &turn, NULL));
    CU_ASSERT_TRUE(gcks_readmit(cast.bench->gcks, gk_octets_of(M3), &turn, NULL));
    bench_turn(cast.bench, &turn);
    bench_pass(cast.bench, 1000);
    bench_forget(cast.bench);
    CU_ASSERT_TRUE(bench_join(cast.bench, cast.m3));
    cast_free(&cast);
}

static void strangers_may_be_excluded_beforehand(void)
{
    struct cast cast = three_members();
    struct actor *m5 = actor_new("CN=M5,OU=Members,O=Acme,C=US", 5);

    CU_ASSERT_TRUE(bench_evict(cast.bench, "CN=M5,OU=Members,O=Acme,C=US"));
    CU_ASSERT_FALSE(bench_join(cast.bench, m5));
    CU_ASSERT_FALSE(bench_evict(cast.bench, "no name"));
    actor_free(m5);
    cast_free(&cast);
}

/* Verdict races (profile 12.1): the eviction falls between each two steps. */
static void evicted_while_joining(void)
{
    for (int step = 0; step < 4; step++) {
        struct bench *bench = bench_new(NULL);
        struct actor *m = actor_new(M2, 2);
        const struct bench_sent *keydl;

        bench->hold_jobs = true;
        bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
        for (int done = 0; bench->job_count && done < step && done < 2; done++)
            bench_run_job(bench, 0);
        if (step == 3) {
            keydl = bench_sent_at(bench, GK_KEY_DOWNLOAD, 0);
            CU_ASSERT_TRUE_FATAL(actor_open(bench, m, gk_secret_octets(&keydl->octets)));
            bench_deliver(bench, &m->peer, actor_answer(bench, m, GK_ACKNOWLEDGEMENT));
            CU_ASSERT_EQUAL(bench->job_count, 1);
        }
        CU_ASSERT_TRUE(bench_evict(bench, M2));
        while (bench->job_count)
            bench_run_job(bench, 0);
        CU_ASSERT_EQUAL(bench_sent_of(bench, GK_KEY_DOWNLOAD), step >= 2);
        CU_ASSERT_EQUAL(bench_records(bench, 'n'), 0);
        CU_ASSERT_EQUAL(bench_status(bench).members, 0);
        CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
        CU_ASSERT_FALSE(actor_current(bench, m));
        actor_free(m);
        bench_free(bench);
    }
}

/* --- the end -------------------------------------------------------------------------------- */

static bool destroy(struct bench *bench)
{
    struct gk_turn turn = {0};
    bool good = gcks_destroy(bench->gcks, &bench->now, &turn, NULL);

    bench_turn(bench, &turn);
    return good;
}

static void check_end(const struct bench *bench, size_t index, struct gk_message *message)
{
    const struct bench_sent *sent = bench_sent_at(bench, GK_REKEY_EVENT, index);

    CU_ASSERT_TRUE_FATAL(gk_message_parse(message, gk_secret_octets(&sent->octets),
                                          &bench->policy.group, GK_EXCHANGE_BIT(GK_REKEY_EVENT),
                                          NULL));
    CU_ASSERT_EQUAL(message->sequence, GK_SEQUENCE_END);
    CU_ASSERT_EQUAL(message->rekey[0].count, 0);
    CU_ASSERT_FALSE(message->has_token);
}

static void the_end_is_told_three_times(void)
{
    struct cast cast = three_members();
    struct gk_message message;

    CU_ASSERT_TRUE(bench_rekey(cast.bench));
    bench_forget(cast.bench);
    CU_ASSERT_TRUE(destroy(cast.bench));
    CU_ASSERT_EQUAL(bench_sent_of(cast.bench, GK_REKEY_EVENT), 1);
    bench_pass(cast.bench, 10000);
    CU_ASSERT_EQUAL_FATAL(bench_sent_of(cast.bench, GK_REKEY_EVENT), 3);
    for (size_t i = 0; i < 3; i++) {
        check_end(cast.bench, i, &message);
        CU_ASSERT_EQUAL(message.rekey[0].stamp, TEST_NOW + 2); /* later than the last event */
    }
    CU_ASSERT_EQUAL(bench_status(cast.bench).state, GCKS_IDLE);
    CU_ASSERT_TRUE(bench_status(cast.bench).destroyed);
    CU_ASSERT_EQUAL(bench_status(cast.bench).gtpk_count, 0);
    CU_ASSERT_FALSE(destroy(cast.bench));
    CU_ASSERT_FALSE(bench_rekey(cast.bench));
    CU_ASSERT_FALSE(bench_evict(cast.bench, M2));
    CU_ASSERT_FALSE(bench_publish(cast.bench, cast.bench->token, NULL));
    /* Only that it ended, and its last message, are left in the store. */
    CU_ASSERT_EQUAL(cast.bench->record_count, 2);
    cast_free(&cast);
}

static void check_answer(struct bench *bench, const struct actor *m, size_t index)
{
    const struct bench_sent *sent = bench_sent_at(bench, GK_REQUEST_TO_JOIN_ERROR, index);
    struct gk_message answer;

    CU_ASSERT_TRUE_FATAL(gk_message_parse(&answer, gk_secret_octets(&sent->octets),
                                          &bench->policy.group, GK_EXCHANGE_ANY, NULL));
    CU_ASSERT_EQUAL(answer.notification_count, 1);
    CU_ASSERT_EQUAL(answer.notification[0].type, GK_INVALID_GROUP_ID);
    CU_ASSERT_TRUE(gk_octets_equal(answer.nonce[GK_NONCE_I], gk_octets(m->nonce_i, 32)));
    CU_ASSERT_TRUE(sent->octets.size <= m->rtj.size);
}

static void afterwards_every_rtj_is_told(void)
{
    struct cast cast = three_members();

    CU_ASSERT_TRUE(destroy(cast.bench));
    for (int life = 0; life < 2; life++) {
        bench_forget(cast.bench);
        bench_deliver(cast.bench, &cast.m2->peer,
                      actor_rtj(cast.bench, cast.m2, cast.bench->now.utc));
        CU_ASSERT_EQUAL(bench_sent_of(cast.bench, GK_REQUEST_TO_JOIN_ERROR), 1);
        check_answer(cast.bench, cast.m2, 0);
        for (int i = 0; i < 500; i++)
            bench_deliver(cast.bench, &cast.m2->peer, gk_secret_octets(&cast.m2->rtj));
        CU_ASSERT_EQUAL(bench_sent_of(cast.bench, GK_REQUEST_TO_JOIN_ERROR), 100);
        bench_deliver(cast.bench, &cast.m2->peer,
                      actor_answer(cast.bench, cast.m2, GK_ACKNOWLEDGEMENT));
        bench_pass(cast.bench, 5000);
        bench_restart(cast.bench);
        CU_ASSERT_TRUE(bench_status(cast.bench).destroyed);
    }
    cast_free(&cast);
}

/* The end while a registration and an event are under way. */
static void the_end_in_the_middle(void)
{
    struct cast cast = three_members();
    struct actor *m5 = actor_new("CN=M5,OU=Members,O=Acme,C=US", 5);

    cast.bench->hold_jobs = true;
    bench_deliver(cast.bench, &m5->peer, actor_rtj(cast.bench, m5, cast.bench->now.utc));
    CU_ASSERT_TRUE(bench_rekey(cast.bench));
    CU_ASSERT_TRUE(destroy(cast.bench));
    while (cast.bench->job_count)
        bench_run_job(cast.bench, 0);
    CU_ASSERT_EQUAL(bench_sent_of(cast.bench, GK_KEY_DOWNLOAD), 0);
    CU_ASSERT_EQUAL(bench_sent_of(cast.bench, GK_REKEY_EVENT), 1);
    check_end(cast.bench, 0, &(struct gk_message){0});
    actor_free(m5);
    cast_free(&cast);
}

const struct test_suite suite_gcks_evict = {
    "gcks_evict",
    {
        {"the evicted gets nothing", the_evicted_gets_nothing},
        {"several in one event", several_in_one_event},
        {"excluded until readmitted", excluded_until_readmitted},
        {"strangers may be excluded beforehand", strangers_may_be_excluded_beforehand},
        {"evicted while joining", evicted_while_joining},
        {"the end is told three times", the_end_is_told_three_times},
        {"afterwards every RTJ is told", afterwards_every_rtj_is_told},
        {"the end in the middle", the_end_in_the_middle},
        {NULL, NULL},
    }};
