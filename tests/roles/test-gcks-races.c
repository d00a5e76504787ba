/* SPDX-License-Identifier: Apache-2.0 */
/* What falls between a job's start and its end, between store and send, into one second. */
#include <string.h>

#include "tests/roles/gcks-bench.h"

#define M2 "CN=M2,OU=Members,O=Acme,C=US"
#define M3 "CN=M3,OU=Members,O=Acme,C=US"

static size_t keydls(const struct bench *bench)
{
    return bench_sent_of(bench, GK_KEY_DOWNLOAD);
}

static bool open_keydl(struct bench *bench, struct actor *actor, size_t index)
{
    return actor_open(bench, actor,
                      gk_secret_octets(&bench_sent_at(bench, GK_KEY_DOWNLOAD, index)->octets));
}

/* The host's table of permissions, which an operator may change at any time. */
static unsigned levels;

static unsigned permissions(void *context, const struct pki_identity *identity)
{
    (void)context;
    (void)identity;
    return levels;
}

static struct load_policy with_levels;

static void add_levels(struct gcks_config *config)
{
    with_levels = *config->policy;
    with_levels.local.permissions = permissions;
    config->policy = &with_levels;
}

static struct bench *bench_with_levels(void)
{
    /* What the group is created by needs no levels. */
    struct bench *bench = bench_new(add_levels);

    levels = 1u << 3;
    CU_ASSERT_TRUE_FATAL(bench_publish(
        bench,
        bench_token(&(struct bench_token){.edition = 2, .at = TEST_NOW + 1, .permission = 3}),
        NULL));
    bench_pass(bench, 2000);
    bench_forget(bench);
    return bench;
}

/* Profile 12.1: judged when leaf and keys are put in, when the KeyDL leaves, when it is sent
 * again, and at the Ack. */
static void permission_withdrawn_on_the_way(void)
{
    for (int step = 0; step < 4; step++) {
        struct bench *bench = bench_with_levels();
        struct actor *m = actor_new(M2, 2);

        bench->hold_jobs = true;
        bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
        bench_run_job(bench, 0);
        if (step > 0)
            bench_run_job(bench, 0);
        CU_ASSERT_EQUAL(keydls(bench), step > 0);
        if (step == 2)
            CU_ASSERT_TRUE(open_keydl(bench, m, 0));
        levels = 0;
        if (step == 0)
            bench_run_job(bench, 0);
        else if (step == 1)
            bench_pass(bench, 10000);
        else if (step == 2)
            bench_deliver(bench, &m->peer, actor_answer(bench, m, GK_ACKNOWLEDGEMENT));
        else {
            bench_pass(bench, 1000);
            bench_deliver(bench, &m->peer, gk_secret_octets(&m->rtj));
        }
        while (bench->job_count)
            bench_run_job(bench, 0);
        CU_ASSERT_EQUAL(keydls(bench), step > 0);
        CU_ASSERT_EQUAL(bench_status(bench).members, 0);
        CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
        actor_free(m);
        bench_free(bench);
    }
}

static void an_ack_out_of_time(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct gk_octets old;

    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    CU_ASSERT_TRUE_FATAL(open_keydl(bench, m, 0));
    bench->now.utc -= 301;
    old = actor_answer(bench, m, GK_ACKNOWLEDGEMENT);
    bench->now.utc += 301;
    bench_deliver(bench, &m->peer, old);
    CU_ASSERT_EQUAL(bench_status(bench).members, 0);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 1);
    bench_deliver(bench, &m->peer, actor_answer(bench, m, GK_ACKNOWLEDGEMENT));
    CU_ASSERT_EQUAL(bench_status(bench).members, 1);
    actor_free(m);
    bench_free(bench);
}

/* Invariant 7: a join makes keys and an event carries others in the same second. */
static void a_join_and_a_rekey_in_one_second(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct gk_message message;

    bench_pass(bench, 10000);
    CU_ASSERT_TRUE(bench_join(bench, m));
    CU_ASSERT_EQUAL(m->download.array.kek[2].created, TEST_NOW + 10);
    CU_ASSERT_TRUE(bench_rekey(bench));
    CU_ASSERT_TRUE_FATAL(gk_message_parse(
        &message, gk_secret_octets(&bench_sent_at(bench, GK_REKEY_EVENT, 0)->octets), NULL,
        GK_EXCHANGE_ANY, NULL));
    CU_ASSERT_EQUAL(message.rekey[0].stamp, TEST_NOW + 11);
    CU_ASSERT_TRUE(actor_rekey(bench, m));
    actor_free(m);
    bench_free(bench);
}

/* Two registrations of one identity whose jobs end in the other order: the newer one stays. */
static void jobs_that_overtake(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);

    bench->hold_jobs = true;
    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc + 1));
    CU_ASSERT_EQUAL_FATAL(bench->job_count, 2);
    bench_run_job(bench, 1);
    bench_run_job(bench, 0);
    while (bench->job_count)
        bench_run_job(bench, 0);
    CU_ASSERT_EQUAL(keydls(bench), 1);
    CU_ASSERT_TRUE(open_keydl(bench, m, 0));
    actor_free(m);
    bench_free(bench);
}

/* A newer registration begins while the KeyDL of the older one is being made. */
static void replaced_in_the_job(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);

    bench->hold_jobs = true;
    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    bench_run_job(bench, 0);
    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc + 1));
    CU_ASSERT_EQUAL_FATAL(bench->job_count, 2);
    bench_run_job(bench, 1); /* the RTJ first, then the KeyDL that nobody waits for */
    while (bench->job_count)
        bench_run_job(bench, 0);
    CU_ASSERT_EQUAL(keydls(bench), 1);
    CU_ASSERT_TRUE(open_keydl(bench, m, 0));
    CU_ASSERT_EQUAL(m->download.array.member_id, 1);
    actor_free(m);
    bench_free(bench);
}

/* The Ack is verified while the session times out, or is replaced. */
static void a_session_that_ends_under_its_ack(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);

    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    CU_ASSERT_TRUE_FATAL(open_keydl(bench, m, 0));
    bench->hold_jobs = true;
    bench_deliver(bench, &m->peer, actor_answer(bench, m, GK_ACKNOWLEDGEMENT));
    CU_ASSERT_EQUAL_FATAL(bench->job_count, 1);
    bench_pass(bench, 30000);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
    bench_run_job(bench, 0);
    CU_ASSERT_EQUAL(bench_status(bench).members, 0);
    actor_free(m);
    bench_free(bench);
}

/* Forged Acks of a session are verified a few at a time; the honest one still gets in. */
static void acks_of_one_session_are_bounded(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct gk_octets ack;
    struct gk_secret forged;

    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    CU_ASSERT_TRUE_FATAL(open_keydl(bench, m, 0));
    ack = actor_answer(bench, m, GK_ACKNOWLEDGEMENT);
    forged = gk_secret_copy(ack);
    bench->hold_jobs = true;
    for (int i = 0; i < 20; i++) {
        forged.data[forged.size - 1]++;
        bench_deliver(bench, &m->peer, gk_secret_octets(&forged));
    }
    CU_ASSERT_EQUAL(bench->job_count, 4);
    while (bench->job_count)
        bench_run_job(bench, 0);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 1);
    bench->hold_jobs = false;
    bench_deliver(bench, &m->peer, ack);
    CU_ASSERT_EQUAL(bench_status(bench).members, 1);
    gk_secret_free(&forged);
    actor_free(m);
    bench_free(bench);
}

/* Rekeys go first, then Acks, then registrations (house rule). */
static void one_job(struct gcks_config *config)
{
    config->jobs_most = 1;
}

static void lanes_have_their_order(void)
{
    struct bench *bench = bench_new(one_job);
    struct actor *m2 = actor_new(M2, 2);
    struct actor *m3 = actor_new(M3, 3);

    bench_deliver(bench, &m2->peer, actor_rtj(bench, m2, bench->now.utc));
    CU_ASSERT_TRUE_FATAL(open_keydl(bench, m2, 0));
    bench->hold_jobs = true;
    bench_deliver(bench, &m3->peer, actor_rtj(bench, m3, bench->now.utc));
    bench_deliver(bench, &m3->peer, actor_rtj(bench, m3, bench->now.utc + 1));
    bench_deliver(bench, &m2->peer, actor_answer(bench, m2, GK_ACKNOWLEDGEMENT));
    CU_ASSERT_TRUE(bench_rekey(bench));
    CU_ASSERT_EQUAL_FATAL(bench->job_count, 1);
    bench_run_job(bench, 0); /* the RTJ that was first there */
    CU_ASSERT_EQUAL(bench->jobs[0]->lane, GK_LANE_REKEY);
    bench_run_job(bench, 0);
    CU_ASSERT_EQUAL(bench->jobs[0]->lane, GK_LANE_ACK);
    bench_run_job(bench, 0);
    CU_ASSERT_EQUAL(bench->jobs[0]->lane, GK_LANE_REGISTRATION);
    while (bench->job_count)
        bench_run_job(bench, 0);
    CU_ASSERT_EQUAL(bench_status(bench).members, 1);
    actor_free(m2);
    actor_free(m3);
    bench_free(bench);
}

const struct test_suite suite_gcks_races = {
    "gcks_races",
    {
        {"permission withdrawn on the way", permission_withdrawn_on_the_way},
        {"an Ack out of time", an_ack_out_of_time},
        {"a join and a rekey in one second", a_join_and_a_rekey_in_one_second},
        {"jobs that overtake", jobs_that_overtake},
        {"replaced in the job", replaced_in_the_job},
        {"a session that ends under its Ack", a_session_that_ends_under_its_ack},
        {"Acks of one session are bounded", acks_of_one_session_are_bounded},
        {"lanes have their order", lanes_have_their_order},
        {NULL, NULL},
    }};
