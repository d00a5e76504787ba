/* SPDX-License-Identifier: Apache-2.0 */
/* What the RFCs ask of a GC/KS beside registrations and rekeys as such. */
#include <stdio.h>
#include <string.h>

#include "tests/roles/gcks-bench.h"
#include "tests/vectors.h"

#define M2 "CN=M2,OU=Members,O=Acme,C=US"

/* --- keys that expire (RFC 4535 5.3.1.1) ------------------------------------------------- */

static struct token_life lifetime;

static void let_the_key_live(struct token *token)
{
    struct token_data *data = token->datas[0].data;
    struct token_key_info *info =
        data->encryption.present ? &data->encryption : &data->authentication;

    info->has_expiration = true;
    info->expiration = lifetime;
}

static struct bench *bench_of_life(enum token_life_kind kind, int64_t value)
{
    lifetime = (struct token_life){kind, value};
    return bench_with(
        bench_token(&(struct bench_token){
            .edition = 1, .every = -1, .interval = 86400, .change = let_the_key_live}),
        NULL);
}

static size_t rekeys(const struct bench *bench)
{
    return bench_sent_of(bench, GK_REKEY_EVENT);
}

/* By the skew before, so that nobody's clock finds the key expired. */
static void keys_are_replaced_before_they_expire(void)
{
    struct bench *bench = bench_of_life(TOKEN_LIFE_INTERVAL, 1000);
    struct actor *m = actor_new(M2, 2);
    int64_t end;

    CU_ASSERT_TRUE(bench_join(bench, m));
    CU_ASSERT_EQUAL(bench_status(bench).gtpk[0].expires, TEST_NOW + 1000);
    CU_ASSERT_EQUAL(bench_status(bench).next_event_ms, 700000);
    bench_pass(bench, 699999);
    CU_ASSERT_EQUAL(rekeys(bench), 0);
    bench_pass(bench, 1);
    CU_ASSERT_EQUAL(rekeys(bench), 1);
    CU_ASSERT_EQUAL(bench_status(bench).gtpk[0].expires,
                    bench_status(bench).gtpk[0].created + 1000);
    for (end = bench->now.ms + 7200000; bench->now.ms < end; bench_pass(bench, 10000))
        CU_ASSERT_TRUE(bench_status(bench).gtpk[0].expires > bench->now.utc + 290);
    CU_ASSERT_EQUAL(rekeys(bench), 11);
    CU_ASSERT_TRUE(actor_rekey(bench, m));
    CU_ASSERT_TRUE(actor_current(bench, m));
    actor_free(m);
    bench_free(bench);
}

/* A life too short for that: at half of it. A restart forgets none of this. */
static void short_lives_are_halved(void)
{
    struct bench *bench = bench_of_life(TOKEN_LIFE_INTERVAL, 60);
    struct actor *m = actor_new(M2, 2);

    CU_ASSERT_TRUE(bench_join(bench, m));
    for (int i = 0; i < 20; i++) {
        bench_pass(bench, 10000);
        CU_ASSERT_TRUE(bench_status(bench).gtpk[0].expires > bench->now.utc + 28);
        if (i == 4 || i == 11)
            bench_restart(bench);
    }
    CU_ASSERT_TRUE(rekeys(bench) >= 6);
    CU_ASSERT_TRUE(actor_rekey(bench, m));
    CU_ASSERT_TRUE(actor_current(bench, m));
    actor_free(m);
    bench_free(bench);
}

/* A successor would end at the same moment. */
static void keys_that_end_at_a_moment_do(void)
{
    struct bench *bench = bench_of_life(TOKEN_LIFE_GT, TEST_NOW + 1000);
    struct actor *m = actor_new(M2, 2);

    CU_ASSERT_TRUE(bench_join(bench, m));
    bench_pass(bench, 5000000);
    CU_ASSERT_EQUAL(rekeys(bench), 0);
    CU_ASSERT_TRUE(bench_status(bench).gtpk[0].expires < bench->now.utc);
    CU_ASSERT_TRUE(bench_rekey(bench));
    CU_ASSERT_EQUAL(rekeys(bench), 0);
    CU_ASSERT_PTR_NOT_NULL(bench_noticed(bench, "keys-expired"));
    actor_free(m);
    bench_free(bench);
}

/* --- a token that no datagram takes (profile 1.2, 6.7) --------------------------------------- */

static int rule_count;
static enum token_transport transport;

static void add_rules(struct token *token)
{
    struct token_register *join = token->registrations[0].join.registration;

    join->transport = transport;
    for (int i = 0; i < rule_count; i++) {
        struct token_pairs *rules = &join->access[0].access_rule;
        struct token_pair *pair =
            token_append(token, (void **)&rules->at, &rules->count, sizeof *pair);
        char name[64];

        (void)snprintf(name, sizeof name, "CN=Somebody %05d,OU=Members,O=Acme,C=US", i);
        pair->id_type = 31;
        pair->id = token_octets(token, gk_octets_of(name));
        pair->ca = token_octets(token, vector_octets("entities/root/ski"));
    }
}

static const char *start(struct bench *bench, int rules, enum token_transport by, size_t *size)
{
    static struct gk_reason why;
    struct gk_octets token;
    struct gk_turn turn = {0};
    struct gcks *gcks;

    rule_count = rules;
    transport = by;
    token = bench_token(&(struct bench_token){.edition = 1, .change = add_rules});
    *size = token.size;
    gcks = gcks_new(&bench->config, token, &bench->now, &turn, &why);
    gcks_free(gcks);
    gk_turn_free(&turn);
    return gcks ? "" : why.code;
}

static void a_token_that_no_datagram_takes(void)
{
    struct bench *bench = bench_new(NULL);
    size_t size;

    CU_ASSERT_STRING_EQUAL(start(bench, 700, TOKEN_UDP, &size), "");
    CU_ASSERT_STRING_EQUAL(start(bench, 860, TOKEN_UDP, &size), "token-size");
    CU_ASSERT_TRUE(size > 59000 && size <= 65501);
    CU_ASSERT_STRING_EQUAL(start(bench, 860, TOKEN_TCP, &size), "");
    bench_free(bench);
}

/* --- eviction is this server's own (RFC 4535 5.3.2.1, profile 9.14) ----------------------------
 */

static void an_eviction_says_whom_it_binds(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    const struct gk_notice *notice;

    CU_ASSERT_TRUE(bench_join(bench, m));
    CU_ASSERT_PTR_NULL(bench_noticed(bench, "excluded-here-only"));
    CU_ASSERT_TRUE(bench_evict(bench, M2));
    notice = bench_noticed(bench, "excluded-here-only");
    CU_ASSERT_PTR_NOT_NULL_FATAL(notice);
    CU_ASSERT_PTR_NOT_NULL(strstr(notice->text, "new token"));
    actor_free(m);
    bench_free(bench);
}

const struct test_suite suite_req_gcks = {
    "req-gcks",
    {
        {"keys are replaced before they expire", keys_are_replaced_before_they_expire},
        {"short lives are halved", short_lives_are_halved},
        {"keys that end at a moment do", keys_that_end_at_a_moment_do},
        {"a token that no datagram takes", a_token_that_no_datagram_takes},
        {"an eviction says whom it binds", an_eviction_says_whom_it_binds},
        {NULL, NULL},
    }};
