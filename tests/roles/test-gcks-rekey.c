/* SPDX-License-Identifier: Apache-2.0 */
/* Rekey Events: when, in what order, to whom, how often (profile 9.5 to 9.8, 12.1). */
#include <stdio.h>
#include <string.h>

#include "tests/roles/gcks-bench.h"

#define M2 "CN=M2,OU=Members,O=Acme,C=US"
#define M3 "CN=M3,OU=Members,O=Acme,C=US"

static size_t rekeys(const struct bench *bench)
{
    return bench_sent_of(bench, GK_REKEY_EVENT);
}

static void parse(const struct bench *bench, size_t index, struct gk_message *message)
{
    const struct bench_sent *sent = bench_sent_at(bench, GK_REKEY_EVENT, index);

    CU_ASSERT_TRUE_FATAL(gk_message_parse(message, gk_secret_octets(&sent->octets),
                                          &bench->policy.group, GK_EXCHANGE_BIT(GK_REKEY_EVENT),
                                          NULL));
}

static void by_command(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct gk_message message;

    CU_ASSERT_TRUE(bench_join(bench, m));
    CU_ASSERT_TRUE(bench_rekey(bench));
    CU_ASSERT_EQUAL(rekeys(bench), 1);
    parse(bench, 0, &message);
    CU_ASSERT_EQUAL(message.sequence, 1);
    CU_ASSERT_EQUAL(message.rekey[0].type, GK_REKEY_LKH);
    CU_ASSERT_EQUAL(message.rekey[0].stamp, TEST_NOW + 1); /* later than the keys of the KeyDL */
    CU_ASSERT_EQUAL(message.signature.type, 49153);
    CU_ASSERT_TRUE(message.vendor);
    CU_ASSERT_FALSE(message.has_token);
    CU_ASSERT_FALSE(actor_current(bench, m));
    CU_ASSERT_TRUE(actor_rekey(bench, m));
    CU_ASSERT_TRUE(actor_current(bench, m));
    CU_ASSERT_EQUAL(bench_sent_at(bench, GK_REKEY_EVENT, 0)->to.address.port, 3762);
    CU_ASSERT_EQUAL(bench_status(bench).sequence, 1);
    CU_ASSERT_EQUAL(bench_status(bench).last_event, TEST_NOW + 1);
    actor_free(m);
    bench_free(bench);
}

static void nobody_there_nothing_sent(void)
{
    struct bench *bench = bench_new(NULL);
    uint32_t handle = bench_status(bench).gtpk[0].handle;

    CU_ASSERT_TRUE(bench_rekey(bench));
    CU_ASSERT_EQUAL(bench->sent_count, 0);
    CU_ASSERT_NOT_EQUAL(bench_status(bench).gtpk[0].handle, handle);
    CU_ASSERT_EQUAL(bench_status(bench).sequence, 0);
    bench_free(bench);
}

static void by_time(void)
{
    struct bench *bench = bench_with(
        bench_token(&(struct bench_token){.edition = 1, .every = 60, .interval = 90}), NULL);
    struct actor *m = actor_new(M2, 2);

    CU_ASSERT_TRUE(bench_join(bench, m));
    CU_ASSERT_EQUAL(bench_status(bench).next_event_ms, 60000);
    CU_ASSERT_EQUAL(bench_status(bench).gtpk[0].expires, TEST_NOW + 120);
    bench_pass(bench, 59999);
    CU_ASSERT_EQUAL(rekeys(bench), 0);
    bench_pass(bench, 1);
    CU_ASSERT_EQUAL(rekeys(bench), 1);
    bench_pass(bench, 600000);
    CU_ASSERT_EQUAL(rekeys(bench), 11);
    CU_ASSERT_TRUE(actor_rekey(bench, m));
    CU_ASSERT_TRUE(actor_current(bench, m));
    actor_free(m);
    bench_free(bench);
}

/* Members expect an event within the interval even where the token rekeys on no time. */
static void within_the_interval(void)
{
    struct bench *bench = bench_with(
        bench_token(&(struct bench_token){.edition = 1, .every = -1, .interval = 30}), NULL);
    struct actor *m = actor_new(M2, 2);

    CU_ASSERT_TRUE(bench_join(bench, m));
    bench_pass(bench, 90000);
    CU_ASSERT_EQUAL(rekeys(bench), 3);
    actor_free(m);
    bench_free(bench);
}

static void events_keep_their_distance(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    gk_time last = 0;

    CU_ASSERT_TRUE(bench_join(bench, m));
    for (int i = 0; i < 5; i++)
        CU_ASSERT_TRUE(bench_rekey(bench));
    CU_ASSERT_EQUAL(rekeys(bench), 1);
    bench_pass(bench, 999);
    CU_ASSERT_EQUAL(rekeys(bench), 1);
    bench_pass(bench, 1);
    CU_ASSERT_EQUAL(rekeys(bench), 2); /* four wishes, one event */
    bench_pass(bench, 10000);
    CU_ASSERT_EQUAL(rekeys(bench), 2);
    for (size_t i = 0; i < 2; i++) {
        struct gk_message message;

        parse(bench, i, &message);
        CU_ASSERT_EQUAL(message.sequence, i + 1);
        CU_ASSERT_TRUE(message.rekey[0].stamp > last);
        last = message.rekey[0].stamp;
    }
    actor_free(m);
    bench_free(bench);
}

static void tight(struct gcks_config *config)
{
    config->event_gap_ms = 1;
}

/* Stamps run ahead of a clock that is behind, at most 60 s: then changes are gathered. */
static void stamps_run_ahead_only_so_far(void)
{
    struct bench *bench = bench_new(tight);
    struct actor *m = actor_new(M2, 2);
    struct gk_message message;
    size_t before;

    CU_ASSERT_TRUE(bench_join(bench, m));
    for (int i = 0; i < 100; i++) {
        CU_ASSERT_TRUE(bench_rekey(bench));
        bench_pass(bench, 2);
    }
    before = rekeys(bench);
    CU_ASSERT_EQUAL(before, 60);
    parse(bench, before - 1, &message);
    CU_ASSERT_EQUAL(message.rekey[0].stamp, TEST_NOW + 60);
    bench_pass(bench, 799);
    CU_ASSERT_EQUAL(rekeys(bench), before);
    bench_pass(bench, 2201);
    CU_ASSERT_EQUAL(rekeys(bench), before + 1);
    CU_ASSERT_TRUE(actor_rekey(bench, m));
    CU_ASSERT_TRUE(actor_current(bench, m));
    actor_free(m);
    bench_free(bench);
}

/* A clock set back moves no stamp and no timer (profile 9.5). */
static void a_clock_set_back(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct actor *late = actor_new(M3, 3);
    struct gk_message message;

    CU_ASSERT_TRUE(bench_join(bench, m));
    CU_ASSERT_TRUE(bench_rekey(bench));
    bench->now.utc -= 30;
    bench_pass(bench, 1000);
    CU_ASSERT_TRUE(bench_join(bench, late));
    for (size_t i = 0; i < late->download.array.count; i++)
        CU_ASSERT_TRUE(late->download.array.kek[i].created >= TEST_NOW);
    CU_ASSERT_TRUE(bench_rekey(bench));
    CU_ASSERT_EQUAL_FATAL(rekeys(bench), 2);
    parse(bench, 1, &message);
    CU_ASSERT_EQUAL(message.rekey[0].stamp, TEST_NOW + 2);
    CU_ASSERT_TRUE(actor_rekey(bench, m));
    CU_ASSERT_TRUE(actor_rekey(bench, late));
    CU_ASSERT_TRUE(actor_current(bench, m) && actor_current(bench, late));
    actor_free(late);
    actor_free(m);
    bench_free(bench);
}

static void copies_are_identical(void)
{
    struct bench *bench =
        bench_with(bench_token(&(struct bench_token){.edition = 1, .resend = 2}), NULL);
    struct actor *m = actor_new(M2, 2);

    CU_ASSERT_TRUE(bench_join(bench, m));
    CU_ASSERT_TRUE(bench_rekey(bench));
    CU_ASSERT_EQUAL(rekeys(bench), 1);
    bench_pass(bench, 2000);
    CU_ASSERT_EQUAL(rekeys(bench), 3);
    bench_pass(bench, 10000);
    CU_ASSERT_EQUAL(rekeys(bench), 3);
    for (size_t i = 1; i < 3; i++)
        CU_ASSERT_TRUE(
            gk_octets_equal(gk_secret_octets(&bench_sent_at(bench, GK_REKEY_EVENT, 0)->octets),
                            gk_secret_octets(&bench_sent_at(bench, GK_REKEY_EVENT, i)->octets)));
    actor_free(m);
    bench_free(bench);
}

static void to_members(struct gcks_config *config)
{
    config->rekey_to_members = true;
    config->rekey_count = 0;
    config->capacity = 1024;
}

static void unicast_reaches_members_only(void)
{
    struct bench *bench = bench_new(to_members);
    struct actor *m2 = actor_new(M2, 2);
    struct actor *m3 = actor_new(M3, 3);
    struct actor *m4 = actor_new("CN=M4,OU=Members,O=Acme,C=US", 4);

    CU_ASSERT_TRUE(bench_join(bench, m2));
    CU_ASSERT_TRUE(bench_join(bench, m3));
    bench_deliver(bench, &m4->peer, actor_rtj(bench, m4, bench->now.utc));
    CU_ASSERT_TRUE(bench_rekey(bench));
    bench_pass(bench, 0);
    CU_ASSERT_EQUAL_FATAL(rekeys(bench), 2);
    CU_ASSERT_TRUE(
        gk_address_equal(&bench_sent_at(bench, GK_REKEY_EVENT, 0)->to.address, &m2->peer.address));
    CU_ASSERT_TRUE(
        gk_address_equal(&bench_sent_at(bench, GK_REKEY_EVENT, 1)->to.address, &m3->peer.address));
    actor_free(m2);
    actor_free(m3);
    actor_free(m4);
    bench_free(bench);
}

static void short_messages(struct gcks_config *config)
{
    config->message_limit = 1400;
    config->capacity = 64;
}

static void large_events_are_split(void)
{
    enum { MEMBERS = 14 };
    struct bench *bench = bench_new(short_messages);
    struct actor *m[MEMBERS];
    struct gk_message message;
    gk_time stamp;

    for (unsigned i = 0; i < MEMBERS; i++) {
        char subject[64];

        (void)snprintf(subject, sizeof subject, "CN=N%u,OU=Members,O=Acme,C=US", i);
        m[i] = actor_new(subject, 10 + i);
        CU_ASSERT_TRUE_FATAL(bench_join(bench, m[i]));
    }
    CU_ASSERT_TRUE(bench_evict(bench, "CN=N6,OU=Members,O=Acme,C=US"));
    CU_ASSERT_TRUE_FATAL(rekeys(bench) > 1);
    parse(bench, 0, &message);
    stamp = message.rekey[0].stamp;
    for (size_t i = 0; i < rekeys(bench); i++) {
        parse(bench, i, &message);
        CU_ASSERT_EQUAL(message.sequence, i + 1);
        CU_ASSERT_EQUAL(message.rekey[0].stamp, stamp);
        CU_ASSERT_TRUE(message.rekey[0].count > 0);
        CU_ASSERT_TRUE(message.octets.size <= 1400 || message.rekey[0].count == 1);
    }
    CU_ASSERT_EQUAL(bench_status(bench).last_cost.keys, 5);
    for (unsigned i = 0; i < MEMBERS; i++) {
        CU_ASSERT_EQUAL(actor_rekey(bench, m[i]), i != 6);
        CU_ASSERT_EQUAL(actor_current(bench, m[i]), i != 6);
        actor_free(m[i]);
    }
    bench_free(bench);
}

/* Profile 12.1: an event between KeyDL and Ack is sent again to the member that missed it. */
static void one_missed_event_is_sent_again(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct actor *other = actor_new(M3, 3);

    CU_ASSERT_TRUE(bench_join(bench, other));
    bench_forget(bench);
    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    CU_ASSERT_TRUE(
        actor_open(bench, m, gk_secret_octets(&bench_sent_at(bench, GK_KEY_DOWNLOAD, 0)->octets)));
    CU_ASSERT_TRUE(bench_rekey(bench));
    CU_ASSERT_EQUAL(rekeys(bench), 1);
    bench_forget(bench); /* the member did not hear that one */
    bench_deliver(bench, &m->peer, actor_answer(bench, m, GK_ACKNOWLEDGEMENT));
    CU_ASSERT_EQUAL(bench_status(bench).members, 2);
    CU_ASSERT_EQUAL_FATAL(rekeys(bench), 1);
    CU_ASSERT_TRUE(
        gk_address_equal(&bench_sent_at(bench, GK_REKEY_EVENT, 0)->to.address, &m->peer.address));
    CU_ASSERT_TRUE(actor_rekey(bench, m));
    CU_ASSERT_TRUE(actor_current(bench, m));
    actor_free(other);
    actor_free(m);
    bench_free(bench);
}

static void two_missed_events_end_the_session(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct actor *other = actor_new(M3, 3);

    CU_ASSERT_TRUE(bench_join(bench, other));
    bench_forget(bench);
    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    CU_ASSERT_TRUE(
        actor_open(bench, m, gk_secret_octets(&bench_sent_at(bench, GK_KEY_DOWNLOAD, 0)->octets)));
    CU_ASSERT_TRUE(bench_rekey(bench));
    bench_pass(bench, 1000);
    CU_ASSERT_TRUE(bench_rekey(bench));
    bench_deliver(bench, &m->peer, actor_answer(bench, m, GK_ACKNOWLEDGEMENT));
    CU_ASSERT_EQUAL(bench_status(bench).members, 1);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
    bench_pass(bench, 1000);
    bench_forget(bench);
    CU_ASSERT_TRUE(bench_join(bench, m));
    CU_ASSERT_TRUE(actor_current(bench, m));
    actor_free(other);
    actor_free(m);
    bench_free(bench);
}

/* Keys that an event replaces while the KeyDL is being made do not leave any more. */
static void an_event_during_the_job(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);

    bench->hold_jobs = true;
    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    bench_run_job(bench, 0);
    CU_ASSERT_EQUAL(bench->job_count, 1);
    CU_ASSERT_TRUE(bench_rekey(bench));
    CU_ASSERT_EQUAL(bench->job_count, 2);
    bench_run_job(bench, 0);
    CU_ASSERT_EQUAL(bench_sent_of(bench, GK_KEY_DOWNLOAD), 0);
    while (bench->job_count)
        bench_run_job(bench, 0);
    CU_ASSERT_TRUE_FATAL(
        actor_open(bench, m, gk_secret_octets(&bench_sent_at(bench, GK_KEY_DOWNLOAD, 0)->octets)));
    CU_ASSERT_TRUE(actor_current(bench, m));
    actor_free(m);
    bench_free(bench);
}

/* Who has no Ack by the time of the next event is out (RFC 4535 5.2.1.4). */
static void out_at_the_next_rekey(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct actor *silent = actor_new(M3, 3);

    CU_ASSERT_TRUE(bench_join(bench, m));
    bench_forget(bench);
    bench_deliver(bench, &silent->peer, actor_rtj(bench, silent, bench->now.utc));
    CU_ASSERT_TRUE(actor_open(bench, silent,
                              gk_secret_octets(&bench_sent_at(bench, GK_KEY_DOWNLOAD, 0)->octets)));
    bench_pass(bench, 30000);
    CU_ASSERT_TRUE(bench_rekey(bench));
    CU_ASSERT_TRUE(actor_rekey(bench, m));
    CU_ASSERT_FALSE(actor_rekey(bench, silent));
    CU_ASSERT_FALSE(actor_current(bench, silent));
    actor_free(silent);
    actor_free(m);
    bench_free(bench);
}

static void without_a_method_keys_stay(void)
{
    struct bench *bench =
        bench_with(bench_token(&(struct bench_token){
                       .edition = 1, .no_method = true, .every = -1, .interval = 3600}),
                   NULL);
    struct actor *m = actor_new(M2, 2);
    struct gk_message message;
    uint32_t handle;

    CU_ASSERT_TRUE(bench_join(bench, m));
    CU_ASSERT_FALSE(m->download.has_array);
    CU_ASSERT_FALSE(bench_rekey(bench));
    handle = bench_status(bench).gtpk[0].handle;
    bench_pass(bench, 3600000);
    CU_ASSERT_EQUAL_FATAL(rekeys(bench), 1);
    parse(bench, 0, &message);
    CU_ASSERT_EQUAL(message.rekey[0].type, GK_REKEY_NONE);
    CU_ASSERT_TRUE(message.has_token);
    CU_ASSERT_EQUAL(bench_status(bench).gtpk[0].handle, handle);
    CU_ASSERT_TRUE(bench_evict(bench, M2));
    CU_ASSERT_EQUAL(bench_status(bench).members, 0);
    CU_ASSERT_PTR_NOT_NULL(bench_noticed(bench, "evicted-without-rekey"));
    actor_free(m);
    bench_free(bench);
}

const struct test_suite suite_gcks_rekey = {
    "gcks_rekey",
    {
        {"by command", by_command},
        {"nobody there, nothing sent", nobody_there_nothing_sent},
        {"by time", by_time},
        {"within the interval", within_the_interval},
        {"events keep their distance", events_keep_their_distance},
        {"stamps run ahead only so far", stamps_run_ahead_only_so_far},
        {"a clock set back", a_clock_set_back},
        {"copies are identical", copies_are_identical},
        {"unicast reaches members only", unicast_reaches_members_only},
        {"large events are split", large_events_are_split},
        {"one missed event is sent again", one_missed_event_is_sent_again},
        {"two missed events end the session", two_missed_events_end_the_session},
        {"an event during the job", an_event_during_the_job},
        {"out at the next rekey", out_at_the_next_rekey},
        {"without a method keys stay", without_a_method_keys_stay},
        {NULL, NULL},
    }};
