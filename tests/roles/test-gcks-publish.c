/* SPDX-License-Identifier: Apache-2.0 */
/* New tokens: which are taken, whom they put out, and how they reach the members. */
#include <stdlib.h>
#include <string.h>

#include "roles/load.h"
#include "tests/roles/gcks-bench.h"
#include "tests/vectors.h"

#define M2 "CN=M2,OU=Members,O=Acme,C=US"
#define M3 "CN=M3,OU=Members,O=Acme,C=US"

static struct gk_octets edition(int64_t number)
{
    return bench_token(&(struct bench_token){.edition = number, .at = TEST_NOW + number});
}

/* The token that a Rekey Event message brings, opened with the GTPK that the actor holds. */
static bool brings(struct bench *bench, const struct actor *actor, const struct gk_message *message,
                   struct gk_octets token)
{
    const struct gk_wrap *wrap = gk_wrap_find(actor->mechanism.key_wrap);
    struct gk_writer aad = {0};
    struct gk_secret plain = {0};
    struct gk_key_datum datum;
    struct gk_secret key;
    bool good;

    if (!message->has_token || !gk_ring_find(actor->ring, 0x80000001, &datum))
        return false;
    key = gk_token_key(wrap, gk_group_value(&bench->policy.group), datum.key);
    gk_aad(&aad, gk_group_value(&bench->policy.group), GK_PAYLOAD_POLICY_TOKEN);
    good = gk_wrap_open(wrap, gk_secret_octets(&key), gk_writer_octets(&aad), message->token,
                        &plain, NULL) &&
           gk_octets_equal(gk_secret_octets(&plain), token);
    gk_secret_free(&key);
    gk_secret_free(&plain);
    gk_writer_free(&aad);
    return good;
}

static void parse(const struct bench *bench, size_t index, struct gk_message *message)
{
    const struct bench_sent *sent = bench_sent_at(bench, GK_REKEY_EVENT, index);

    CU_ASSERT_TRUE_FATAL(gk_message_parse(message, gk_secret_octets(&sent->octets),
                                          &bench->policy.group, GK_EXCHANGE_BIT(GK_REKEY_EVENT),
                                          NULL));
}

static void a_newer_token_is_sent(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct gk_octets token = edition(2);
    struct gk_message message;

    CU_ASSERT_TRUE(bench_join(bench, m));
    bench_forget(bench);
    CU_ASSERT_TRUE(bench_publish(bench, token, NULL));
    CU_ASSERT_EQUAL_FATAL(bench_sent_of(bench, GK_REKEY_EVENT), 1);
    parse(bench, 0, &message);
    CU_ASSERT_TRUE(brings(bench, m, &message, token));
    CU_ASSERT_TRUE(actor_rekey(bench, m));
    CU_ASSERT_TRUE(actor_current(bench, m));
    CU_ASSERT_EQUAL(bench_status(bench).edition, 2);
    CU_ASSERT_PTR_NOT_NULL(bench_noticed(bench, "token-published"));
    bench_pass(bench, 2000);
    bench_forget(bench);
    CU_ASSERT_TRUE(bench_join(bench, m));
    CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&m->token), token));
    actor_free(m);
    bench_free(bench);
}

static void check_refused(struct bench *bench, struct gk_octets token, const char *code)
{
    struct gk_reason why = {.code = ""};

    CU_ASSERT_FALSE(bench_publish(bench, token, &why));
    CU_ASSERT_STRING_EQUAL(why.code, code);
    CU_ASSERT_EQUAL(bench_status(bench).edition, 5);
}

static void older_foreign_and_impossible_tokens(void)
{
    struct bench *bench = bench_with(edition(5), NULL);
    struct gk_reason why = {0};

    check_refused(bench, edition(4), "older-token");
    check_refused(bench, bench_token(&(struct bench_token){.edition = 6, .at = TEST_NOW + 5}),
                  "older-token");
    check_refused(bench,
                  bench_token(&(struct bench_token){
                      .edition = 6, .at = TEST_NOW + 6, .gcks = "CN=Other,O=Acme,C=US"}),
                  "not-gcks");
    check_refused(
        bench,
        bench_token(&(struct bench_token){.edition = 6, .at = TEST_NOW + 6, .no_method = true}),
        "not-run");
    CU_ASSERT_FALSE(bench_publish(
        bench, bench_token(&(struct bench_token){.edition = 6, .at = TEST_NOW + 6, .by = "m1"}),
        &why));
    CU_ASSERT_FALSE(bench_publish(bench, gk_octets_of("nonsense"), &why));
    CU_ASSERT_EQUAL(bench_status(bench).counts.events, 0);
    CU_ASSERT_TRUE(bench_publish(bench, edition(5), &why)); /* the same */
    CU_ASSERT_PTR_NOT_NULL(bench_noticed(bench, "token-unchanged"));
    CU_ASSERT_EQUAL(bench_status(bench).counts.events, 0);
    bench_free(bench);
}

static void whom_it_excludes_is_out_in_the_same_event(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m2 = actor_new(M2, 2);
    struct actor *m3 = actor_new(M3, 3);

    CU_ASSERT_TRUE(bench_join(bench, m2));
    CU_ASSERT_TRUE(bench_join(bench, m3));
    bench_forget(bench);
    CU_ASSERT_TRUE(bench_publish(
        bench, bench_token(&(struct bench_token){.edition = 2, .at = TEST_NOW + 2, .exclude = M3}),
        NULL));
    CU_ASSERT_EQUAL(bench_status(bench).counts.events, 1);
    CU_ASSERT_EQUAL(bench_status(bench).members, 1);
    CU_ASSERT_TRUE(actor_rekey(bench, m2));
    CU_ASSERT_FALSE(actor_rekey(bench, m3));
    CU_ASSERT_PTR_NOT_NULL(strstr(bench_noticed(bench, "member-evicted")->text, "CN=M3"));
    bench_pass(bench, 2000);
    bench_forget(bench);
    CU_ASSERT_FALSE(bench_join(bench, m3));
    CU_ASSERT_EQUAL(bench_noticed(bench, "member-refused")->notification, GK_UNAUTHORIZED_REQUEST);
    actor_free(m2);
    actor_free(m3);
    bench_free(bench);
}

/* Profile 12.1, between each two steps of a registration. */
static void excluded_while_joining(void)
{
    struct gk_octets token =
        bench_token(&(struct bench_token){.edition = 2, .at = TEST_NOW + 2, .exclude = M2});

    for (int step = 0; step < 4; step++) {
        struct bench *bench = bench_new(NULL);
        struct actor *m = actor_new(M2, 2);

        bench->hold_jobs = true;
        bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
        for (int done = 0; bench->job_count && done < step && done < 2; done++)
            bench_run_job(bench, 0);
        if (step == 3) {
            CU_ASSERT_TRUE_FATAL(actor_open(
                bench, m, gk_secret_octets(&bench_sent_at(bench, GK_KEY_DOWNLOAD, 0)->octets)));
            bench_deliver(bench, &m->peer, actor_answer(bench, m, GK_ACKNOWLEDGEMENT));
        }
        CU_ASSERT_TRUE(bench_publish(bench, token, NULL));
        while (bench->job_count)
            bench_run_job(bench, 0);
        CU_ASSERT_EQUAL(bench_status(bench).members, 0);
        CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
        CU_ASSERT_EQUAL(bench_sent_of(bench, GK_KEY_DOWNLOAD), step >= 2);
        CU_ASSERT_EQUAL(bench_records(bench, 'n'), 0);
        CU_ASSERT_FALSE(actor_current(bench, m));
        actor_free(m);
        bench_free(bench);
    }
}

/* The event must wait for the gap; who comes meanwhile is judged by both tokens. */
static void judged_by_both_while_it_waits(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m2 = actor_new(M2, 2);
    struct actor *m3 = actor_new(M3, 3);

    CU_ASSERT_TRUE(bench_join(bench, m2));
    CU_ASSERT_TRUE(bench_rekey(bench));
    CU_ASSERT_TRUE(bench_publish(
        bench, bench_token(&(struct bench_token){.edition = 2, .at = TEST_NOW + 2, .exclude = M3}),
        NULL));
    CU_ASSERT_EQUAL(bench_status(bench).edition, 1);
    bench_forget(bench);
    CU_ASSERT_FALSE(bench_join(bench, m3));
    CU_ASSERT_EQUAL(bench_noticed(bench, "member-refused")->notification, GK_UNAUTHORIZED_REQUEST);
    CU_ASSERT_EQUAL(bench_records(bench, 'n'), 1);
    bench_pass(bench, 1000);
    CU_ASSERT_EQUAL(bench_status(bench).edition, 2);
    actor_free(m2);
    actor_free(m3);
    bench_free(bench);
}

static void new_keys_by_the_token(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct gk_octets token =
        bench_token(&(struct bench_token){.edition = 2, .at = TEST_NOW + 2, .gtpk = 0x80000009});

    CU_ASSERT_TRUE(bench_join(bench, m));
    bench_forget(bench);
    CU_ASSERT_TRUE(bench_publish(bench, token, NULL));
    CU_ASSERT_EQUAL(bench_status(bench).gtpk[0].id, 0x80000009);
    CU_ASSERT_TRUE(actor_rekey(bench, m));
    CU_ASSERT_TRUE(actor_current(bench, m));
    actor_free(m);
    bench_free(bench);
}

static void without_a_method_by_type_none(void)
{
    struct bench *bench = bench_with(
        bench_token(&(struct bench_token){.edition = 1, .no_method = true, .every = -1}), NULL);
    struct actor *m = actor_new(M2, 2);
    struct gk_octets token = bench_token(
        &(struct bench_token){.edition = 2, .at = TEST_NOW + 2, .no_method = true, .every = -1});
    struct gk_message message;

    CU_ASSERT_TRUE(bench_join(bench, m));
    bench_forget(bench);
    CU_ASSERT_TRUE(bench_publish(bench, token, NULL));
    CU_ASSERT_EQUAL_FATAL(bench_sent_of(bench, GK_REKEY_EVENT), 1);
    parse(bench, 0, &message);
    CU_ASSERT_EQUAL(message.rekey[0].type, GK_REKEY_NONE);
    CU_ASSERT_TRUE(brings(bench, m, &message, token));
    actor_free(m);
    bench_free(bench);
}

static void servers_that_cannot_serve_do_not_start(void)
{
    struct bench *bench = bench_new(NULL);
    struct gk_turn turn = {0};
    struct gk_reason why = {.code = ""};

    CU_ASSERT_PTR_NULL(
        gcks_new(&bench->config,
                 bench_token(&(struct bench_token){.edition = 1, .gcks = "CN=Other,O=Acme,C=US"}),
                 &bench->now, &turn, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "not-gcks");
    bench->signer.type = 49154; /* a key of another type than the mechanisms need */
    CU_ASSERT_PTR_NULL(gcks_new(&bench->config, bench->token, &bench->now, &turn, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "no-credential");
    bench->signer.type = 49153;
    bench->config.degree = 99;
    CU_ASSERT_PTR_NULL(gcks_new(&bench->config, bench->token, &bench->now, &turn, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "lkh-degree");
    CU_ASSERT_EQUAL(turn.record_count, 0);
    gk_turn_free(&turn);
    bench_free(bench);
}

const struct test_suite suite_gcks_publish = {
    "gcks_publish",
    {
        {"a newer token is sent", a_newer_token_is_sent},
        {"older, foreign and impossible tokens", older_foreign_and_impossible_tokens},
        {"whom it excludes is out in the same event", whom_it_excludes_is_out_in_the_same_event},
        {"excluded while joining", excluded_while_joining},
        {"judged by both while it waits", judged_by_both_while_it_waits},
        {"new keys by the token", new_keys_by_the_token},
        {"without a method by type None", without_a_method_by_type_none},
        {"servers that cannot serve do not start", servers_that_cannot_serve_do_not_start},
        {NULL, NULL},
    }};
