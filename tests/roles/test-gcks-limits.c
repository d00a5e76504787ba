/* SPDX-License-Identifier: Apache-2.0 */
/* Where it stops: tokens that it does not run, numbers that end, keys that expire, signers
 * that fail. */
#include <stdlib.h>
#include <string.h>

#include "roles/gcks-internal.h"
#include "tests/roles/gcks-bench.h"
#include "tests/vectors.h"

#define M2 "CN=M2,OU=Members,O=Acme,C=US"
#define M3 "CN=M3,OU=Members,O=Acme,C=US"

/* --- tokens -------------------------------------------------------------------------------- */

static struct token_register *join_of(struct token *token)
{
    return token->registrations[0].join.registration;
}

static void verbose(struct token *token)
{
    join_of(token)->mechanisms[0].terse = false;
}

static void timestamp(struct token *token)
{
    join_of(token)->mechanisms[0].has_timestamp = true;
    join_of(token)->mechanisms[0].timestamp = true;
}

static void mixed_transport(struct token *token)
{
    join_of(token)->transport = TOKEN_UDP_RTJ_TCP_OTHER;
}

static void posting(struct token *token)
{
    token->rekeys[0].rekey->reliability = TOKEN_RELIABILITY_POST;
    token->rekeys[0].rekey->post = token_octets(token, gk_octets_of("http://192.0.2.1/rekey"));
}

static void subordinates(struct token *token)
{
    struct token_rekey *rekey = token->rekeys[0].rekey;
    struct token_pair *pair;

    rekey->scheme = TOKEN_SCHEME_AUTONOMOUS;
    pair =
        token_append(token, (void **)&rekey->auth_subs.at, &rekey->auth_subs.count, sizeof *pair);
    *pair = rekey->authorization.at[0];
}

static void other_authority(struct token *token)
{
    token->rekeys[0].rekey->authorization.at[0].id =
        token_octets(token, gk_octets_of("CN=Other,O=Acme,C=US"));
}

static void other_rekey_signature(struct token *token)
{
    token->rekeys[0].rekey->signature = 49154;
}

static void aes_128_keks(struct token *token)
{
    token->rekeys[0].rekey->lkh_key_type = 49153;
}

static void no_rekey(struct token *token)
{
    token->rekey_count = 0;
}

static void tokens_that_are_not_run(void)
{
    static const struct {
        void (*change)(struct token *token);
        const char *code;
    } cases[] = {
        {verbose, "not-run"},
        {timestamp, "not-run"},
        {mixed_transport, "not-run"},
        {posting, "not-run"},
        {subordinates, "not-run"},
        {other_authority, "not-rekey-authority"},
        {other_rekey_signature, "no-credential"},
    };
    struct bench *bench = bench_new(NULL);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gk_reason why = {.code = ""};

        CU_ASSERT_FALSE(
            bench_publish(bench,
                          bench_token(&(struct bench_token){
                              .edition = 2, .at = TEST_NOW + 2, .change = cases[i].change}),
                          &why));
        CU_ASSERT_STRING_EQUAL(why.code, cases[i].code);
    }
    CU_ASSERT_EQUAL(bench_status(bench).edition, 1);
    bench_free(bench);
}

static void tokens_that_no_event_can_bring(void)
{
    struct bench *bench = bench_new(NULL);
    struct gk_reason why = {.code = ""};

    CU_ASSERT_FALSE(bench_publish(bench,
                                  bench_token(&(struct bench_token){
                                      .edition = 2, .at = TEST_NOW + 2, .change = aes_128_keks}),
                                  &why));
    CU_ASSERT_STRING_EQUAL(why.code, "not-run");
    CU_ASSERT_FALSE(bench_publish(
        bench,
        bench_token(&(struct bench_token){.edition = 2, .at = TEST_NOW + 2, .change = no_rekey}),
        &why));
    CU_ASSERT_STRING_EQUAL(why.code, "not-run");
    bench_free(bench);
    bench = bench_with(
        bench_token(&(struct bench_token){.edition = 1, .no_method = true, .every = -1}), NULL);
    CU_ASSERT_FALSE(bench_publish(
        bench,
        bench_token(&(struct bench_token){
            .edition = 2, .at = TEST_NOW + 2, .no_method = true, .every = -1, .gtpk = 0x80000007}),
        &why));
    CU_ASSERT_STRING_EQUAL(why.code, "not-run");
    bench_free(bench);
}

static void large(struct token *token)
{
    struct token_access *access = &join_of(token)->access[0];

    for (unsigned i = 0; i < 1090; i++) {
        struct token_pair *pair = token_append(token, (void **)&access->access_rule.at,
                                               &access->access_rule.count, sizeof *pair);
        char *name = gk_format("CN=N%u,OU=Elsewhere,O=Acme", i);

        pair->id_type = 31;
        pair->id = token_octets(token, gk_octets_of(name));
        pair->ca = token_octets(token, vector_octets("entities/root/ski"));
        free(name);
    }
}

static void a_token_that_fills_a_datagram(void)
{
    struct bench *bench = bench_new(NULL);
    struct gk_reason why = {.code = ""};
    struct gk_octets token =
        bench_token(&(struct bench_token){.edition = 2, .at = TEST_NOW + 2, .change = large});

    CU_ASSERT_TRUE(token.size > 64000 && token.size <= TOKEN_MAX);
    CU_ASSERT_FALSE(bench_publish(bench, token, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "token-size");
    bench_free(bench);
}

static void by_tcp(struct token *token)
{
    join_of(token)->transport = TOKEN_TCP;
}

static void large_by_tcp(struct token *token)
{
    large(token);
    by_tcp(token);
}

/* Who joins by TCP could have it; who has joined gets it in a Rekey Event. */
static void a_token_that_no_event_carries(void)
{
    struct bench *bench =
        bench_with(bench_token(&(struct bench_token){.edition = 1, .change = by_tcp}), NULL);
    struct gk_reason why = {.code = ""};
    struct gk_octets token = bench_token(
        &(struct bench_token){.edition = 2, .at = TEST_NOW + 2, .change = large_by_tcp});

    CU_ASSERT_FALSE(bench_publish(bench, token, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "token-size");
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "a Rekey Event"));
    bench_free(bench);
}

/* Without a rekey protocol there are no Rekey Events: a token holds for those who come. */
static void a_group_without_rekeys(void)
{
    struct bench *bench =
        bench_with(bench_token(&(struct bench_token){.edition = 1, .change = no_rekey}), NULL);
    struct actor *m = actor_new(M2, 2);
    struct gk_turn turn = {0};

    CU_ASSERT_TRUE(bench_join(bench, m));
    CU_ASSERT_FALSE(m->download.has_array);
    bench_forget(bench);
    CU_ASSERT_TRUE(bench_publish(
        bench,
        bench_token(&(struct bench_token){.edition = 2, .at = TEST_NOW + 2, .change = no_rekey}),
        NULL));
    CU_ASSERT_EQUAL(bench_status(bench).edition, 2);
    bench_restart(bench);
    CU_ASSERT_EQUAL(bench_status(bench).members, 1);
    CU_ASSERT_TRUE(gcks_destroy(bench->gcks, &bench->now, &turn, NULL));
    bench_turn(bench, &turn);
    bench_pass(bench, 5000);
    CU_ASSERT_EQUAL(bench->sent_count, 0);
    CU_ASSERT_EQUAL(bench->record_count, 1);
    bench_restart(bench);
    CU_ASSERT_TRUE(bench_status(bench).destroyed);
    actor_free(m);
    bench_free(bench);
}

/* --- numbers ------------------------------------------------------------------------------------
 */

static void sequence_ids_end_before_the_end(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);

    CU_ASSERT_TRUE(bench_join(bench, m));
    bench->gcks->sequence = bench->gcks->reserved = UINT32_C(1) << 31;
    CU_ASSERT_TRUE(bench_rekey(bench));
    CU_ASSERT_PTR_NOT_NULL(bench_noticed(bench, "sequence-alarm"));
    bench->gcks->sequence = bench->gcks->reserved = GK_SEQUENCE_END - (1u << 17);
    bench_pass(bench, 2000);
    bench_forget(bench);
    CU_ASSERT_TRUE(bench_rekey(bench));
    bench_pass(bench, 5000);
    CU_ASSERT_PTR_NOT_NULL(bench_noticed(bench, "sequence-end"));
    CU_ASSERT_EQUAL(bench->sent_count, 0);
    actor_free(m);
    bench_free(bench);
}

static void set_life(struct token *token, enum token_life_kind kind, int64_t value)
{
    struct token_data *data = token->datas[0].data;
    struct token_key_info *info =
        data->encryption.present ? &data->encryption : &data->authentication;

    info->has_expiration = true;
    info->expiration = (struct token_life){kind, value};
}

static void one_minute(struct token *token)
{
    set_life(token, TOKEN_LIFE_INTERVAL, 60);
}

static void until_a_day(struct token *token)
{
    set_life(token, TOKEN_LIFE_GT, TEST_NOW + 86400);
}

static void keys_expire_as_the_token_says(void)
{
    struct bench *bench =
        bench_with(bench_token(&(struct bench_token){.edition = 1, .change = one_minute}), NULL);

    CU_ASSERT_EQUAL(bench_status(bench).gtpk[0].expires, TEST_NOW + 60);
    bench_free(bench);
    bench =
        bench_with(bench_token(&(struct bench_token){.edition = 1, .change = until_a_day}), NULL);
    CU_ASSERT_EQUAL(bench_status(bench).gtpk[0].expires, TEST_NOW + 86400);
    bench_pass(bench, 86400000);
    CU_ASSERT_PTR_NOT_NULL(bench_noticed(bench, "keys-expired"));
    CU_ASSERT_EQUAL(bench_status(bench).gtpk[0].expires, TEST_NOW + 86400);
    bench_free(bench);
}

static void event_at(struct token *token)
{
    token->rekeys[0].rekey->event_kind = TOKEN_TIME_ONLY;
    token->rekeys[0].rekey->event_time = (struct token_life){TOKEN_LIFE_GT, TEST_NOW + 100};
    token->rekeys[0].rekey->interval = (struct token_life){TOKEN_LIFE_GT, TEST_NOW + 200};
}

/* Absolute times are deadlines: one event by each of them (profile 6.4). */
static void events_by_absolute_times(void)
{
    struct bench *bench =
        bench_with(bench_token(&(struct bench_token){.edition = 1, .change = event_at}), NULL);
    struct actor *m = actor_new(M2, 2);

    CU_ASSERT_TRUE(bench_join(bench, m));
    bench_pass(bench, 99999);
    CU_ASSERT_EQUAL(bench_status(bench).counts.events, 0);
    bench_pass(bench, 1);
    CU_ASSERT_EQUAL(bench_status(bench).counts.events, 1);
    bench_pass(bench, 100000);
    CU_ASSERT_EQUAL(bench_status(bench).counts.events, 2);
    bench_pass(bench, 1000000);
    CU_ASSERT_EQUAL(bench_status(bench).counts.events, 2);
    actor_free(m);
    bench_free(bench);
}

static void no_later_than(struct token *token)
{
    join_of(token)->mechanisms[0].time_out = (struct token_life){TOKEN_LIFE_GT, TEST_NOW + 10};
}

static void a_time_out_may_be_a_deadline(void)
{
    struct bench *bench =
        bench_with(bench_token(&(struct bench_token){.edition = 1, .change = no_later_than}), NULL);
    struct actor *m = actor_new(M2, 2);

    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    bench_pass(bench, 9999);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 1);
    bench_pass(bench, 1);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
    actor_free(m);
    bench_free(bench);
}

/* --- signers, certificates, public values
 * ---------------------------------------------------------- */

static unsigned failures;
static const struct gk_signer *real;

static bool sign_sometimes(const struct gk_signer *signer, struct gk_octets data,
                           struct gk_writer *to, struct gk_reason *why)
{
    (void)signer;
    if (!failures)
        return real->sign(real, data, to, why);
    failures--;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "signer", "the module does not answer");
}

static struct gk_signer unsteady;

static void with_unsteady_signer(struct gcks_config *config)
{
    real = config->credential[0].signer;
    unsteady = *real;
    unsteady.sign = sign_sometimes;
    config->credential[0].signer = &unsteady;
}

static void a_signer_that_fails(void)
{
    struct bench *bench = bench_new(with_unsteady_signer);
    struct actor *m = actor_new(M2, 2);

    failures = 0;
    CU_ASSERT_TRUE(bench_join(bench, m));
    bench_forget(bench);
    failures = 2;
    CU_ASSERT_TRUE(bench_rekey(bench));
    CU_ASSERT_EQUAL(bench->sent_count, 0);
    CU_ASSERT_PTR_NOT_NULL(bench_noticed(bench, "rekey-unsigned"));
    bench_pass(bench, 2000);
    CU_ASSERT_EQUAL(bench_sent_of(bench, GK_REKEY_EVENT), 1);
    CU_ASSERT_TRUE(actor_rekey(bench, m));
    CU_ASSERT_TRUE(actor_current(bench, m));
    /* A Key Download that cannot be signed ends its session. */
    failures = 1;
    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    CU_ASSERT_EQUAL(bench_sent_of(bench, GK_KEY_DOWNLOAD), 0);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
    CU_ASSERT_EQUAL(bench_status(bench).members, 1);
    failures = 0;
    actor_free(m);
    bench_free(bench);
}

static void a_public_value_of_low_order(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct actor *other = actor_new(M3, 3);

    (void)actor_rtj(bench, m, bench->now.utc);
    memset(m->public_value.data, 0, m->public_value.size);
    bench_deliver(bench, &m->peer, actor_rtj_again(bench, m, bench->now.utc));
    CU_ASSERT_EQUAL(bench->sent_count, 0);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
    CU_ASSERT_EQUAL(bench_noticed(bench, "member-refused")->notification, GK_PAYLOAD_MALFORMED);
    CU_ASSERT_TRUE(bench_join(bench, other));
    CU_ASSERT_TRUE(bench_rekey(bench));
    CU_ASSERT_EQUAL(bench_records(bench, 'n'), 1); /* the leaf that it took is free again */
    actor_free(other);
    actor_free(m);
    bench_free(bench);
}

static void a_path_is_good_for_its_time(void)
{
    struct bench *bench = bench_new(NULL);
    const struct test_party *inter = test_party_of_vector("inter");
    struct actor *m = actor_new(M2, 2);
    const struct test_party *brief = test_ca_issue(
        inter, &(struct test_want){
                   .subject = M2, .seed = 1002, .from = TEST_NOW - 100, .until = TEST_NOW + 100});

    m->certificates[0] = brief->certificate;
    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    CU_ASSERT_EQUAL(bench_sent_of(bench, GK_KEY_DOWNLOAD), 1);
    bench_pass(bench, 200000);
    bench_forget(bench);
    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    CU_ASSERT_EQUAL(bench->sent_count, 0);
    CU_ASSERT_TRUE(bench_noticed(bench, "member-refused") &&
                   bench_noticed(bench, "member-refused")->notification ==
                       GK_AUTHENTICATION_FAILED);
    actor_free(m);
    bench_free(bench);
}

/* The ring of cached paths lets the oldest go. */
static void paths_are_bounded(void)
{
    struct bench *bench = bench_new(NULL);
    const struct gk_octets certificates[2] = {vector_octets("entities/m1/certificate"),
                                              vector_octets("entities/inter/certificate")};
    struct pki_identity *identity = NULL;
    uint8_t chain[GCKS_DIGEST] = {0};
    struct gcks *g = bench->gcks;

    CU_ASSERT_TRUE_FATAL(pki_validate(&bench->policy.trust, certificates, 2, NULL, 0,
                                      bench->now.utc, &identity, NULL));
    for (unsigned i = 0; i < GCKS_PATHS + 10; i++) {
        struct gcks_path *path;

        chain[0] = (uint8_t)(i >> 8);
        chain[1] = (uint8_t)i;
        path = gcks_path_new(pki_identity_copy(identity), chain);
        gcks_path_keep(g, path);
        gcks_path_keep(g, path);
        gcks_path_unref(path);
        CU_ASSERT_PTR_EQUAL(gcks_path_find(g, chain), path);
    }
    chain[0] = chain[1] = 0;
    CU_ASSERT_PTR_NULL(gcks_path_find(g, chain));
    chain[1] = 10;
    CU_ASSERT_PTR_NOT_NULL(gcks_path_find(g, chain));
    CU_ASSERT_EQUAL(g->paths.index.count, GCKS_PATHS);
    pki_identity_free(identity);
    bench_free(bench);
}

static void two_servers(struct gcks_config *config)
{
    static struct gk_octets certificates[2];

    certificates[0] = vector_octets("entities/m1/certificate");
    certificates[1] = vector_octets("entities/inter/certificate");
    config->credential[1] = config->credential[0];
    config->credential[1].certificates = certificates;
    config->credential_count = 2;
}

static void servers_have_one_name(void)
{
    struct bench *bench = bench_new(NULL);
    struct gcks_config config = bench->config;
    struct gk_turn turn = {0};
    struct gk_reason why = {.code = ""};

    two_servers(&config);
    CU_ASSERT_PTR_NULL(gcks_new(&config, bench->token, &bench->now, &turn, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "credentials");
    config.credential_count = 0;
    CU_ASSERT_PTR_NULL(gcks_new(&config, bench->token, &bench->now, &turn, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "credentials");
    gk_turn_free(&turn);
    bench_free(bench);
}

/* The list's last name takes a lifted one's place. */
static void exclusions_come_and_go(void)
{
    struct bench *bench = bench_new(NULL);
    static const char *const names[] = {"CN=A,O=Acme", "CN=B,O=Acme", "CN=C,O=Acme"};
    struct gk_octets name;
    struct gk_turn turn = {0};
    uint64_t cursor = 0;
    unsigned count = 0;

    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_TRUE(bench_evict(bench, names[i]));
    CU_ASSERT_TRUE(bench_evict(bench, names[0]));
    CU_ASSERT_TRUE(gcks_readmit(bench->gcks, gk_octets_of(names[0]), &turn, NULL));
    bench_turn(bench, &turn);
    for (int life = 0; life < 2; life++) {
        for (cursor = 0, count = 0; gcks_next_excluded(bench->gcks, &cursor, &name); count++)
            CU_ASSERT_FALSE(gk_octets_equal(name, gk_octets_of(names[0])));
        CU_ASSERT_EQUAL(count, 2);
        bench_restart(bench);
    }
    CU_ASSERT_TRUE(gcks_readmit(bench->gcks, gk_octets_of(names[2]), &turn, NULL));
    bench_turn(bench, &turn);
    CU_ASSERT_TRUE(gcks_readmit(bench->gcks, gk_octets_of(names[1]), &turn, NULL));
    bench_turn(bench, &turn);
    CU_ASSERT_EQUAL(bench_records(bench, 'x'), 0);
    bench_free(bench);
}

/* A connection that ends takes no registration with it: the Ack may come by another. */
static void connections_end(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct gk_engine engine = gcks_engine(bench->gcks);
    struct gk_peer other = {GK_TCP, bench_peer(9).address, 10};
    struct gk_turn turn = {0};

    m->peer = (struct gk_peer){GK_TCP, m->peer.address, 9};
    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    CU_ASSERT_TRUE(
        actor_open(bench, m, gk_secret_octets(&bench_sent_at(bench, GK_KEY_DOWNLOAD, 0)->octets)));
    engine.closed(engine.self, &bench->now, &m->peer, &turn);
    bench_turn(bench, &turn);
    bench_deliver(bench, &other, actor_answer(bench, m, GK_ACKNOWLEDGEMENT));
    CU_ASSERT_EQUAL(bench_status(bench).members, 1);
    actor_free(m);
    bench_free(bench);
}

const struct test_suite suite_gcks_limits = {
    "gcks_limits",
    {
        {"tokens that are not run", tokens_that_are_not_run},
        {"tokens that no event can bring", tokens_that_no_event_can_bring},
        {"a token that fills a datagram", a_token_that_fills_a_datagram},
        {"a token that no event carries", a_token_that_no_event_carries},
        {"a group without rekeys", a_group_without_rekeys},
        {"Sequence IDs end before the end", sequence_ids_end_before_the_end},
        {"keys expire as the token says", keys_expire_as_the_token_says},
        {"events by absolute times", events_by_absolute_times},
        {"a timeOut may be a deadline", a_time_out_may_be_a_deadline},
        {"a signer that fails", a_signer_that_fails},
        {"a public value of low order", a_public_value_of_low_order},
        {"a path is good for its time", a_path_is_good_for_its_time},
        {"paths are bounded", paths_are_bounded},
        {"servers have one name", servers_have_one_name},
        {"exclusions come and go", exclusions_come_and_go},
        {"connections end", connections_end},
        {NULL, NULL},
    }};
