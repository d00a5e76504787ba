/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GC/KS dies after each of its turns: what was stored is stored, nothing of the turn was
 * sent, all jobs are lost. Everything goes on: who is entitled gets the keys, who was evicted
 * stays out, Sequence IDs, stamps and handles only go forward.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/roles/gcks-bench.h"
#include "tests/vectors.h"

#define M2 "CN=M2,OU=Members,O=Acme,C=US"
#define M3 "CN=M3,OU=Members,O=Acme,C=US"
#define M4 "CN=M4,OU=Members,O=Acme,C=US"

/* A member tries again, later and with a new session, until the server has it. */
static bool is_member(const struct bench *bench, const struct actor *actor)
{
    struct gcks_member member;
    uint64_t cursor = 0;

    while (gcks_next_member(bench->gcks, &cursor, &member)) {
        if (member.acknowledged && actor->ring &&
            member.member_id == actor->download.array.member_id &&
            gk_address_equal(&member.address.address, &actor->peer.address))
            return true;
    }
    return false;
}

static void join(struct bench *bench, struct actor *actor)
{
    for (int i = 0; i < 3; i++) {
        if (bench_join(bench, actor) || is_member(bench, actor))
            break;
        bench_pass(bench, 2000);
    }
}

static void only_forward(const struct bench *bench)
{
    struct gk_message last = {0};

    for (size_t i = 0; bench_sent_at(bench, GK_REKEY_EVENT, i)->octets.size; i++) {
        struct gk_octets octets =
            gk_secret_octets(&bench_sent_at(bench, GK_REKEY_EVENT, i)->octets);
        struct gk_message message;
        bool copy = false;

        CU_ASSERT_TRUE_FATAL(gk_message_parse(&message, octets, NULL, GK_EXCHANGE_ANY, NULL));
        for (size_t k = 0; k < i && !copy; k++)
            copy = gk_octets_equal(
                octets, gk_secret_octets(&bench_sent_at(bench, GK_REKEY_EVENT, k)->octets));
        if (copy)
            continue;
        CU_ASSERT_TRUE(message.sequence > last.sequence);
        CU_ASSERT_TRUE(message.sequence - last.sequence < 65536);
        CU_ASSERT_TRUE(message.rekey[0].stamp > last.rekey[0].stamp);
        last = message;
    }
}

struct outcome {
    bool m2, m3, m4;
    uint64_t turns;
    unsigned lives;
};

/* Three join, one rekey, one is evicted, a token excludes nobody and brings keys, the clock
 * rekeys. */
static struct outcome scenario(uint64_t crash_at)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m2 = actor_new(M2, 2);
    struct actor *m3 = actor_new(M3, 3);
    struct actor *m4 = actor_new(M4, 4);
    struct gk_octets token =
        bench_token(&(struct bench_token){.edition = 2, .at = TEST_NOW + 2, .resend = 1});
    struct outcome outcome;

    bench->crash_at = crash_at;
    join(bench, m2);
    join(bench, m3);
    join(bench, m4);
    (void)bench_rekey(bench);
    bench_pass(bench, 2000);
    (void)bench_evict(bench, M3);
    bench_pass(bench, 2000);
    CU_ASSERT_TRUE(bench_publish(bench, token, NULL) || bench_publish(bench, token, NULL));
    bench_pass(bench, 5000);
    bench_pass(bench, 3600000);
    (void)actor_rekey(bench, m2);
    (void)actor_rekey(bench, m3);
    (void)actor_rekey(bench, m4);
    CU_ASSERT_EQUAL(bench_status(bench).edition, 2);
    CU_ASSERT_FALSE(bench_join(bench, m3));
    only_forward(bench);
    outcome = (struct outcome){actor_current(bench, m2), actor_current(bench, m3),
                               actor_current(bench, m4), bench->turns, bench->lives};
    actor_free(m2);
    actor_free(m3);
    actor_free(m4);
    bench_free(bench);
    return outcome;
}

static void goes_on_after_every_turn(void)
{
    struct outcome whole = scenario(0);

    CU_ASSERT_TRUE(whole.m2 && !whole.m3 && whole.m4);
    for (uint64_t turn = 2; turn <= whole.turns; turn++) {
        struct outcome outcome = scenario(turn);

        CU_ASSERT_EQUAL(outcome.lives, 1);
        if (!outcome.m2 || outcome.m3 || !outcome.m4)
            printf("\n    crash after turn %llu: m2 %d, m3 %d, m4 %d\n", (unsigned long long)turn,
                   outcome.m2, outcome.m3, outcome.m4);
        CU_ASSERT_TRUE(outcome.m2 && !outcome.m3 && outcome.m4);
    }
}

static void the_end_survives(void)
{
    for (uint64_t after = 1; after <= 3; after++) {
        struct bench *bench = bench_new(NULL);
        struct actor *m = actor_new(M2, 2);
        struct gk_turn turn = {0};

        CU_ASSERT_TRUE(bench_join(bench, m));
        bench_forget(bench);
        bench->crash_at = bench->turns + after;
        CU_ASSERT_TRUE(gcks_destroy(bench->gcks, &bench->now, &turn, NULL));
        bench_turn(bench, &turn);
        bench_pass(bench, 10000);
        CU_ASSERT_EQUAL(bench->lives, 1);
        CU_ASSERT_TRUE(bench_sent_of(bench, GK_REKEY_EVENT) >= 3);
        for (size_t i = 1; i < bench_sent_of(bench, GK_REKEY_EVENT); i++)
            CU_ASSERT_TRUE(gk_octets_equal(
                gk_secret_octets(&bench_sent_at(bench, GK_REKEY_EVENT, 0)->octets),
                gk_secret_octets(&bench_sent_at(bench, GK_REKEY_EVENT, i)->octets)));
        CU_ASSERT_TRUE(bench_status(bench).destroyed);
        CU_ASSERT_FALSE(bench_join(bench, m));
        actor_free(m);
        bench_free(bench);
    }
}

/* An RTJ whose stamp was remembered stays a replay after the restart. */
static void replays_stay_replays(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);

    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    CU_ASSERT_EQUAL(bench_sent_of(bench, GK_KEY_DOWNLOAD), 1);
    bench_restart(bench);
    bench_deliver(bench, &m->peer, gk_secret_octets(&m->rtj));
    CU_ASSERT_EQUAL(bench_sent_of(bench, GK_KEY_DOWNLOAD), 1);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
    actor_free(m);
    bench_free(bench);
}

/* The leaf of a registration that the restart cut off goes at the next event. */
static void unacknowledged_leaves_go(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m2 = actor_new(M2, 2);
    struct actor *m3 = actor_new(M3, 3);

    CU_ASSERT_TRUE(bench_join(bench, m2));
    bench_forget(bench);
    bench_deliver(bench, &m3->peer, actor_rtj(bench, m3, bench->now.utc));
    CU_ASSERT_TRUE(
        actor_open(bench, m3, gk_secret_octets(&bench_sent_at(bench, GK_KEY_DOWNLOAD, 0)->octets)));
    bench_restart(bench);
    bench_deliver(bench, &m3->peer, actor_answer(bench, m3, GK_ACKNOWLEDGEMENT));
    CU_ASSERT_EQUAL(bench_status(bench).members, 1);
    CU_ASSERT_TRUE(bench_rekey(bench));
    CU_ASSERT_TRUE(actor_rekey(bench, m2));
    CU_ASSERT_FALSE(actor_rekey(bench, m3));
    actor_free(m2);
    actor_free(m3);
    bench_free(bench);
}

/* --- records that are not ours, or not all ----------------------------------------------- */

static bool restores(struct bench *bench, const struct gk_record *records, size_t count,
                     bool confirmed, const char **code)
{
    struct gk_reason why = {.code = ""};
    struct gk_turn turn = {0};
    struct gcks *gcks =
        gcks_restore(&bench->config, records, count, confirmed, &bench->now, &turn, &why);

    *code = why.code;
    gk_turn_free(&turn);
    gcks_free(gcks);
    return gcks;
}

static struct bench *small_group(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m2 = actor_new(M2, 2);
    struct actor *m3 = actor_new(M3, 3);

    CU_ASSERT_TRUE(bench_join(bench, m2));
    CU_ASSERT_TRUE(bench_join(bench, m3));
    CU_ASSERT_TRUE(bench_evict(bench, M3));
    actor_free(m2);
    actor_free(m3);
    return bench;
}

static void a_clock_far_ahead_is_asked_about(void)
{
    struct bench *bench = small_group();
    const char *code;

    bench->now.utc += 86400;
    CU_ASSERT_TRUE(restores(bench, bench->records, bench->record_count, false, &code));
    bench->now.utc += 100;
    CU_ASSERT_FALSE(restores(bench, bench->records, bench->record_count, false, &code));
    CU_ASSERT_STRING_EQUAL(code, "clock");
    CU_ASSERT_TRUE(restores(bench, bench->records, bench->record_count, true, &code));
    CU_ASSERT_FALSE(restores(bench, NULL, 0, true, &code));
    bench_free(bench);
}

/* Without one of them: only what is no part of keys and members may be missing. */
static void missing_records(void)
{
    struct bench *bench = small_group();
    struct gk_record *some = gk_alloc(bench->record_count, sizeof *some);
    const char *code;

    for (size_t out = 0; out < bench->record_count; out++) {
        char kind = (char)bench->records[out].key.data[0];
        size_t count = 0;

        for (size_t i = 0; i < bench->record_count; i++) {
            if (i != out)
                some[count++] = bench->records[i];
        }
        CU_ASSERT_EQUAL(restores(bench, some, count, false, &code), strchr("rxm", kind) != NULL);
    }
    free(some);
    bench_free(bench);
}

/* Whatever an octet becomes: no crash, no leak. */
static void damaged_records(void)
{
    struct bench *bench = small_group();
    const char *code;

    for (size_t i = 0; i < bench->record_count; i++) {
        struct gk_secret *value = &bench->records[i].value;
        size_t step = value->size > 64 ? value->size / 64 : 1;

        if (bench->records[i].key.data[0] == 't')
            continue; /* signed: test-load.c */
        for (size_t at = 0; at < value->size; at += step) {
            value->data[at] ^= 0x81;
            (void)restores(bench, bench->records, bench->record_count, false, &code);
            value->data[at] ^= 0x81;
        }
        for (size_t cut = 0; cut < value->size; cut += step) {
            size_t whole = value->size;

            value->size = cut;
            (void)restores(bench, bench->records, bench->record_count, false, &code);
            value->size = whole;
        }
    }
    CU_ASSERT_TRUE(restores(bench, bench->records, bench->record_count, false, &code));
    bench_free(bench);
}

const struct test_suite suite_gcks_restart = {
    "gcks_restart",
    {
        {"goes on after every turn", goes_on_after_every_turn},
        {"the end survives", the_end_survives},
        {"replays stay replays", replays_stay_replays},
        {"unacknowledged leaves go", unacknowledged_leaves_go},
        {"a clock far ahead is asked about", a_clock_far_ahead_is_asked_about},
        {"missing records", missing_records},
        {"damaged records", damaged_records},
        {NULL, NULL},
    }};
