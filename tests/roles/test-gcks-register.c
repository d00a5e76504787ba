/* SPDX-License-Identifier: Apache-2.0 */
/* Registration as members, clocks, the network and attackers may have it (profile 12.1 to
 * 12.4). */
#include <string.h>

#include "tests/roles/gcks-bench.h"

#define M2 "CN=M2,OU=Members,O=Acme,C=US"
#define M3 "CN=M3,OU=Members,O=Acme,C=US"

static struct gk_octets keydl_at(const struct bench *bench, size_t index)
{
    return gk_secret_octets(&bench_sent_at(bench, GK_KEY_DOWNLOAD, index)->octets);
}

static size_t keydls(const struct bench *bench)
{
    return bench_sent_of(bench, GK_KEY_DOWNLOAD);
}

static bool noticed(const struct bench *bench, const char *code, uint16_t notification)
{
    const struct gk_notice *notice = bench_noticed(bench, code);

    return notice && notice->notification == notification;
}

/* The RTJ got no answer; the notice has that notification. */
static void check_refused(struct bench *bench, struct actor *actor, gk_time stamp,
                          uint16_t notification)
{
    size_t entries = bench_records(bench, 'n');

    bench_forget(bench);
    bench_deliver(bench, &actor->peer, actor_rtj(bench, actor, stamp));
    CU_ASSERT_EQUAL(bench_records(bench, 'n'), entries);
    CU_ASSERT_EQUAL(bench->sent_count, 0);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
    CU_ASSERT_TRUE(noticed(bench, "member-refused", notification));
}

/* One line says who, from where, and by what. */
static void says(const struct bench *bench, const char *code, const struct actor *actor,
                 const char *name, const char *because)
{
    const struct gk_notice *notice = bench_noticed(bench, code);
    char address[GK_ADDRESS_TEXT];

    CU_ASSERT_PTR_NOT_NULL_FATAL(notice);
    CU_ASSERT_PTR_NOT_NULL(strstr(notice->text, name));
    CU_ASSERT_PTR_NOT_NULL(strstr(notice->text, gk_address_format(&actor->peer.address, address)));
    CU_ASSERT_PTR_NOT_NULL(strstr(notice->text, because));
}

static void admits(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct gcks_member member;
    uint64_t cursor = 0;

    CU_ASSERT_TRUE(bench_join(bench, m));
    CU_ASSERT_TRUE(actor_current(bench, m));
    CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&m->token), bench->token));
    CU_ASSERT_TRUE_FATAL(gcks_next_member(bench->gcks, &cursor, &member));
    CU_ASSERT_TRUE(gk_octets_equal(member.name, gk_octets_of(M2)));
    CU_ASSERT_TRUE(member.acknowledged);
    CU_ASSERT_EQUAL(member.member_id, 1);
    CU_ASSERT_EQUAL(member.joined, TEST_NOW);
    CU_ASSERT_TRUE(gk_address_equal(&member.address.address, &m->peer.address));
    CU_ASSERT_TRUE(strlen(member.rule) > 0);
    says(bench, "member-admitted", m, M2 " at ", "by accessRule 1 of entry 1: ");
    CU_ASSERT_FALSE(gcks_next_member(bench->gcks, &cursor, &member));
    actor_free(m);
    bench_free(bench);
}

static void refuses_by_rules_signer_and_root(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *eve = actor_new("CN=Eve,O=Acme,C=US", 3);
    struct actor *bad = actor_new("CN=Bad,OU=Members,O=Acme,C=US", 4);
    struct actor *m = actor_new(M2, 2);
    const struct test_party *stranger = test_ca_new("CN=Stranger,O=Elsewhere");
    const struct test_party *fake =
        test_ca_issue(stranger, &(struct test_want){.subject = M2, .seed = 1002});

    check_refused(bench, eve, bench->now.utc, GK_UNAUTHORIZED_REQUEST);
    says(bench, "member-refused", eve, "CN=Eve,O=Acme,C=US at ",
         "no accessRule matches CN=Eve,O=Acme,C=US");
    check_refused(bench, bad, bench->now.utc, GK_UNAUTHORIZED_REQUEST);
    says(bench, "member-refused", bad, "CN=Bad,OU=Members,O=Acme,C=US at ",
         "exclusionsRule 1 of entry 1: ");
    m->certificates[0] = fake->certificate;
    m->certificates[1] = stranger->certificate;
    check_refused(bench, m, bench->now.utc, GK_INVALID_CERT_AUTHORITY);
    says(bench, "member-refused", m, M2 " (so it says) at ", "CN=Stranger,O=Elsewhere");
    /* Somebody else's certificate over one's own signature. */
    m->certificates[0] = test_party_of_vector("m1")->certificate;
    m->certificates[1] = test_party_of_vector("inter")->certificate;
    check_refused(bench, m, bench->now.utc, GK_AUTHENTICATION_FAILED);
    CU_ASSERT_EQUAL(bench_status(bench).counts.refused, 4);
    CU_ASSERT_EQUAL(gcks_next_member(bench->gcks, &(uint64_t){0}, &(struct gcks_member){0}), false);
    actor_free(eve);
    actor_free(bad);
    actor_free(m);
    bench_free(bench);
}

/* The path is known from an earlier RTJ, the name that signs is another member's. */
static void a_known_path_vouches_for_its_own_name(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);

    CU_ASSERT_TRUE(bench_join(bench, m));
    m->claims = M3;
    check_refused(bench, m, bench->now.utc + 1, GK_AUTHENTICATION_FAILED);
    actor_free(m);
    bench_free(bench);
}

static void refuses_other_mechanisms(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);

    m->mechanism.key_wrap = 49153;
    check_refused(bench, m, bench->now.utc, GK_PROHIBITED_BY_GROUP_POLICY);
    says(bench, "member-refused", m, M2, "Ed25519, SHA-256, X25519, AES-128-GCM");
    m->mechanism.key_wrap = 3;
    check_refused(bench, m, bench->now.utc + 1, GK_INVALID_KEY_INFORMATION);
    m->mechanism.key_wrap = 49154;
    m->mechanism.nonce_hash = 1;
    check_refused(bench, m, bench->now.utc + 2, GK_PROHIBITED_BY_GROUP_POLICY);
    actor_free(m);
    bench_free(bench);
}

static void stamps_lie_within_the_skew(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);

    check_refused(bench, m, bench->now.utc - 301, GK_AUTHENTICATION_FAILED);
    says(bench, "member-refused", m, M2, "301 s behind this server's clock");
    check_refused(bench, m, bench->now.utc + 301, GK_AUTHENTICATION_FAILED);
    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc - 300));
    CU_ASSERT_EQUAL(keydls(bench), 1);
    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc + 300));
    CU_ASSERT_EQUAL(keydls(bench), 2);
    actor_free(m);
    bench_free(bench);
}

/* An RTJ that was replaced or ended does not come back, not even by its own member. */
static void replays_do_nothing(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct gk_secret old;
    size_t sent;

    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    old = gk_secret_copy(gk_secret_octets(&m->rtj));
    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc + 1));
    CU_ASSERT_EQUAL(keydls(bench), 2);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 1);
    bench_deliver(bench, &m->peer, gk_secret_octets(&old));
    CU_ASSERT_EQUAL(keydls(bench), 2);
    CU_ASSERT_TRUE(actor_open(bench, m, keydl_at(bench, 1)));
    bench_deliver(bench, &m->peer, actor_answer(bench, m, GK_ACKNOWLEDGEMENT));
    CU_ASSERT_EQUAL(bench_status(bench).members, 1);
    sent = bench->sent_count;
    bench_deliver(bench, &m->peer, gk_secret_octets(&m->rtj));
    bench_deliver(bench, &m->peer, gk_secret_octets(&old));
    bench_pass(bench, 599000);
    bench_deliver(bench, &m->peer, gk_secret_octets(&m->rtj));
    bench_pass(bench, 600000);
    bench_deliver(bench, &m->peer, gk_secret_octets(&m->rtj));
    /* Set back, the clock makes no old RTJ good again. */
    bench->now.utc = TEST_NOW;
    bench_deliver(bench, &m->peer, gk_secret_octets(&m->rtj));
    CU_ASSERT_EQUAL(bench->sent_count, sent);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
    gk_secret_free(&old);
    actor_free(m);
    bench_free(bench);
}

static void few_sessions_in_one_second(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);

    for (size_t i = 0; i < 6; i++)
        bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    CU_ASSERT_EQUAL(keydls(bench), 4);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 1);
    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc + 1));
    CU_ASSERT_EQUAL(keydls(bench), 5);
    actor_free(m);
    bench_free(bench);
}

static void repeats_the_keydl_at_most_four_times(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct gk_peer elsewhere = bench_peer(77);

    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    bench_deliver(bench, &m->peer, gk_secret_octets(&m->rtj));
    bench_deliver(bench, &elsewhere, gk_secret_octets(&m->rtj));
    CU_ASSERT_EQUAL(keydls(bench), 1);
    bench_pass(bench, 1000);
    bench_deliver(bench, &elsewhere, gk_secret_octets(&m->rtj));
    CU_ASSERT_EQUAL(keydls(bench), 1);
    bench_deliver(bench, &m->peer, gk_secret_octets(&m->rtj));
    CU_ASSERT_EQUAL(keydls(bench), 2);
    for (int i = 0; i < 10; i++) {
        bench_pass(bench, 1000);
        bench_deliver(bench, &m->peer, gk_secret_octets(&m->rtj));
    }
    CU_ASSERT_EQUAL(keydls(bench), 4);
    for (size_t i = 1; i < 4; i++)
        CU_ASSERT_TRUE(gk_octets_equal(keydl_at(bench, 0), keydl_at(bench, i)));
    actor_free(m);
    bench_free(bench);
}

/* The same session in other octets moves nothing but its stamp. */
static void other_octets_of_the_session(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);

    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    bench_pass(bench, 2000);
    bench_deliver(bench, &m->peer, actor_rtj_again(bench, m, bench->now.utc));
    CU_ASSERT_EQUAL(keydls(bench), 2);
    CU_ASSERT_TRUE(gk_octets_equal(keydl_at(bench, 0), keydl_at(bench, 1)));
    CU_ASSERT_EQUAL(bench_status(bench).pending, 1);
    actor_free(m);
    bench_free(bench);
}

static void resends_by_udp_only(void)
{
    for (int tcp = 0; tcp < 2; tcp++) {
        struct bench *bench = bench_new(NULL);
        struct actor *m = actor_new(M2, 2);

        if (tcp)
            m->peer = (struct gk_peer){GK_TCP, m->peer.address, 9};
        bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
        bench_pass(bench, 7000);
        CU_ASSERT_EQUAL(keydls(bench), 1);
        bench_pass(bench, 22999);
        CU_ASSERT_EQUAL(keydls(bench), tcp ? 1 : 4);
        CU_ASSERT_EQUAL(bench_status(bench).pending, 1);
        CU_ASSERT_PTR_NULL(bench_noticed(bench, "ack-timeout"));
        bench_pass(bench, 1);
        CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
        CU_ASSERT_PTR_NOT_NULL(bench_noticed(bench, "ack-timeout"));
        CU_ASSERT_EQUAL(bench_status(bench).counts.ack_timeouts, 1);
        if (tcp)
            CU_ASSERT_EQUAL(bench_sent_at(bench, GK_KEY_DOWNLOAD, 0)->to.connection, 9);
        actor_free(m);
        bench_free(bench);
    }
}

static struct bench *pending(struct actor **m)
{
    struct bench *bench = bench_new(NULL);

    *m = actor_new(M2, 2);
    bench_deliver(bench, &(*m)->peer, actor_rtj(bench, *m, bench->now.utc));
    CU_ASSERT_TRUE_FATAL(actor_open(bench, *m, keydl_at(bench, 0)));
    return bench;
}

static void forged_acks_change_nothing(void)
{
    struct actor *m;
    struct bench *bench = pending(&m);
    struct actor *eve = actor_new(M3, 3);
    struct gk_secret ack = gk_secret_copy(actor_answer(bench, m, GK_ACKNOWLEDGEMENT));
    struct gk_octets good = actor_answer(bench, m, GK_ACKNOWLEDGEMENT);

    memcpy(eve->nonce_c, m->nonce_c, sizeof m->nonce_c);
    bench_deliver(bench, &m->peer, actor_answer(bench, eve, GK_ACKNOWLEDGEMENT));
    bench_deliver(bench, &m->peer, actor_answer(bench, eve, GK_NACK));
    for (size_t i = 0; i < ack.size; i++) {
        ack.data[i] ^= 1;
        bench_deliver(bench, &m->peer, gk_secret_octets(&ack));
        ack.data[i] ^= 1;
    }
    for (size_t i = 0; i < good.size; i++)
        bench_deliver(bench, &m->peer, gk_octets(good.data, i));
    CU_ASSERT_EQUAL(bench_status(bench).members, 0);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 1);
    bench_deliver(bench, &m->peer, good);
    CU_ASSERT_EQUAL(bench_status(bench).members, 1);
    bench_deliver(bench, &m->peer, good);
    CU_ASSERT_EQUAL(bench_status(bench).counts.admitted, 1);
    gk_secret_free(&ack);
    actor_free(eve);
    actor_free(m);
    bench_free(bench);
}

static void nack_and_others_end_it(void)
{
    static const uint16_t answers[] = {GK_NACK, GK_INVALID_KEY_INFORMATION};

    for (size_t i = 0; i < 2; i++) {
        struct actor *m;
        struct bench *bench = pending(&m);
        struct gk_octets ack = actor_answer(bench, m, GK_ACKNOWLEDGEMENT);

        bench_deliver(bench, &m->peer, actor_answer(bench, m, answers[i]));
        CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
        CU_ASSERT_TRUE(noticed(bench, "member-refused", answers[i]));
        bench_deliver(bench, &m->peer, ack);
        CU_ASSERT_EQUAL(bench_status(bench).members, 0);
        CU_ASSERT_EQUAL(bench_status(bench).counts.nacks, 1);
        actor_free(m);
        bench_free(bench);
    }
}

static void late_ack_is_too_late(void)
{
    struct actor *m;
    struct bench *bench = pending(&m);
    struct gk_octets ack;

    bench_pass(bench, 30000);
    ack = actor_answer(bench, m, GK_ACKNOWLEDGEMENT);
    bench_deliver(bench, &m->peer, ack);
    CU_ASSERT_EQUAL(bench_status(bench).members, 0);
    actor_free(m);
    bench_free(bench);
}

static uint32_t leaf_of(const struct bench *bench)
{
    struct gcks_member member = {0};
    uint64_t cursor = 0;

    return gcks_next_member(bench->gcks, &cursor, &member) ? member.member_id : 0;
}

/* Profile 12.4, 9.13: until the Ack the earlier membership stands; at most two leaves. */
static void a_second_registration_replaces_at_the_ack(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct actor *other = actor_new(M3, 3);

    CU_ASSERT_TRUE(bench_join(bench, m));
    CU_ASSERT_EQUAL(leaf_of(bench), 1);
    bench_pass(bench, 1000);
    bench_deliver(bench, &m->peer, actor_rtj(bench, m, bench->now.utc));
    CU_ASSERT_EQUAL(bench_status(bench).members, 1);
    CU_ASSERT_EQUAL(leaf_of(bench), 1);
    bench_pass(bench, 30000);
    CU_ASSERT_EQUAL(bench_status(bench).members, 1);
    bench_forget(bench);
    CU_ASSERT_TRUE(bench_join(bench, m));
    CU_ASSERT_EQUAL(leaf_of(bench), 2); /* the one that was about to go came back */
    bench_pass(bench, 1000);
    CU_ASSERT_TRUE(bench_join(bench, m));
    CU_ASSERT_EQUAL(leaf_of(bench), 1);
    CU_ASSERT_EQUAL(bench_status(bench).members, 1);
    CU_ASSERT_TRUE(bench_join(bench, other));
    CU_ASSERT_EQUAL(other->download.array.member_id, 3);
    actor_free(other);
    actor_free(m);
    bench_free(bench);
}

static void small_tree(struct gcks_config *config)
{
    config->capacity = 2;
}

static void a_full_tree_takes_only_its_own(void)
{
    struct bench *bench = bench_new(small_tree);
    struct actor *m2 = actor_new(M2, 2);
    struct actor *m3 = actor_new(M3, 3);
    struct actor *m4 = actor_new("CN=M4,OU=Members,O=Acme,C=US", 4);

    CU_ASSERT_TRUE(bench_join(bench, m2));
    CU_ASSERT_TRUE(bench_join(bench, m3));
    check_refused(bench, m4, bench->now.utc, GK_PROHIBITED_BY_LOCAL_POLICY);
    bench_pass(bench, 1000);
    CU_ASSERT_TRUE(bench_join(bench, m3));
    CU_ASSERT_EQUAL(m3->download.array.member_id, 2);
    CU_ASSERT_EQUAL(bench_status(bench).members, 2);
    /* Its own leaf stays a member's when the new registration fails. */
    bench_pass(bench, 1000);
    bench_deliver(bench, &m3->peer, actor_rtj(bench, m3, bench->now.utc));
    bench_pass(bench, 30000);
    CU_ASSERT_EQUAL(bench_status(bench).members, 2);
    actor_free(m2);
    actor_free(m3);
    actor_free(m4);
    bench_free(bench);
}

static void narrow(struct gcks_config *config)
{
    config->queue_most = 2;
    config->jobs_most = 1;
    config->sessions_most = 3;
}

static void queues_are_bounded(void)
{
    struct bench *bench = bench_new(narrow);
    struct actor *m[6];

    bench->hold_jobs = true;
    for (unsigned i = 0; i < 6; i++) {
        char subject[64];

        (void)snprintf(subject, sizeof subject, "CN=N%u,OU=Members,O=Acme,C=US", i);
        m[i] = actor_new(subject, 10 + i);
        bench_deliver(bench, &m[i]->peer, actor_rtj(bench, m[i], bench->now.utc));
        bench_deliver(bench, &m[i]->peer, gk_secret_octets(&m[i]->rtj));
    }
    CU_ASSERT_EQUAL(bench->job_count, 1);
    CU_ASSERT_EQUAL(bench_status(bench).counts.dropped, 9);
    while (bench->job_count)
        bench_run_job(bench, 0);
    CU_ASSERT_EQUAL(keydls(bench), 3);
    bench_deliver(bench, &m[5]->peer, gk_secret_octets(&m[5]->rtj));
    CU_ASSERT_EQUAL(bench->job_count, 0);
    for (unsigned i = 0; i < 6; i++)
        actor_free(m[i]);
    bench_free(bench);
}

static void one_session(struct gcks_config *config)
{
    config->sessions_most = 1;
}

/* Who finds no room keeps its stamp: the same RTJ is good once there is room. */
static void sessions_are_bounded(void)
{
    struct bench *bench = bench_new(one_session);
    struct actor *m2 = actor_new(M2, 2);
    struct actor *m3 = actor_new(M3, 3);

    bench->hold_jobs = true;
    bench_deliver(bench, &m2->peer, actor_rtj(bench, m2, bench->now.utc));
    bench_deliver(bench, &m3->peer, actor_rtj(bench, m3, bench->now.utc));
    while (bench->job_count)
        bench_run_job(bench, 0);
    bench->hold_jobs = false;
    CU_ASSERT_EQUAL(keydls(bench), 1);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 1);
    bench_deliver(bench, &m3->peer, gk_secret_octets(&m3->rtj));
    CU_ASSERT_EQUAL(keydls(bench), 1);
    bench_pass(bench, 30000);
    bench_deliver(bench, &m3->peer, gk_secret_octets(&m3->rtj));
    CU_ASSERT_EQUAL(bench_status(bench).pending, 1);
    actor_free(m2);
    actor_free(m3);
    bench_free(bench);
}

/* A copy with a broken signature, and one from elsewhere, arrive first. */
static void mutants_do_not_stand_in_the_way(void)
{
    struct bench *bench = bench_new(NULL);
    struct actor *m = actor_new(M2, 2);
    struct gk_octets rtj = actor_rtj(bench, m, bench->now.utc);
    struct gk_secret mutant = gk_secret_copy(rtj);
    struct gk_message message;

    CU_ASSERT_TRUE_FATAL(
        gk_message_parse(&message, gk_secret_octets(&mutant), NULL, GK_EXCHANGE_ANY, NULL));
    mutant.data[message.signature.signature.data - mutant.data] ^= 1;
    bench->hold_jobs = true;
    bench_deliver(bench, &m->peer, gk_secret_octets(&mutant));
    bench_deliver(bench, &m->peer, rtj);
    CU_ASSERT_EQUAL(bench->job_count, 2);
    bench->hold_jobs = false;
    bench_run_job(bench, 0);
    CU_ASSERT_EQUAL(keydls(bench), 0);
    bench_run_job(bench, 0);
    CU_ASSERT_EQUAL(keydls(bench), 1);
    gk_secret_free(&mutant);
    actor_free(m);
    bench_free(bench);
}

static void rekey_on_join(struct gcks_config *config)
{
    config->rekey_on_join = true;
}

static void a_join_may_rekey(void)
{
    struct bench *bench = bench_new(rekey_on_join);
    struct actor *m2 = actor_new(M2, 2);
    struct actor *m3 = actor_new(M3, 3);

    CU_ASSERT_TRUE(bench_join(bench, m2));
    bench_pass(bench, 2000);
    CU_ASSERT_TRUE(actor_rekey(bench, m2));
    bench_forget(bench);
    CU_ASSERT_TRUE(bench_join(bench, m3));
    bench_pass(bench, 2000);
    CU_ASSERT_TRUE(actor_rekey(bench, m2));
    CU_ASSERT_TRUE(actor_rekey(bench, m3));
    CU_ASSERT_TRUE(actor_current(bench, m2) && actor_current(bench, m3));
    actor_free(m2);
    actor_free(m3);
    bench_free(bench);
}

const struct test_suite suite_gcks_register = {
    "gcks_register",
    {
        {"admits", admits},
        {"refuses by rules, signer and root", refuses_by_rules_signer_and_root},
        {"a known path vouches for its own name", a_known_path_vouches_for_its_own_name},
        {"refuses other mechanisms", refuses_other_mechanisms},
        {"stamps lie within the skew", stamps_lie_within_the_skew},
        {"replays do nothing", replays_do_nothing},
        {"few sessions in one second", few_sessions_in_one_second},
        {"repeats the KeyDL at most four times", repeats_the_keydl_at_most_four_times},
        {"other octets of the session", other_octets_of_the_session},
        {"resends by UDP only", resends_by_udp_only},
        {"forged Acks change nothing", forged_acks_change_nothing},
        {"NACK and others end it", nack_and_others_end_it},
        {"late Ack is too late", late_ack_is_too_late},
        {"a second registration replaces at the Ack", a_second_registration_replaces_at_the_ack},
        {"a full tree takes only its own", a_full_tree_takes_only_its_own},
        {"queues are bounded", queues_are_bounded},
        {"sessions are bounded", sessions_are_bounded},
        {"mutants do not stand in the way", mutants_do_not_stand_in_the_way},
        {"a join may rekey", a_join_may_rekey},
        {NULL, NULL},
    }};
