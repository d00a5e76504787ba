/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on a member that registers: Key Downloads by everybody but its server, or at the
 * wrong time. */
#include <stdio.h>

#include "tests/roles/member-scene.h"

static struct scene *scene_new(void)
{
    return scene_asking(&(struct troupe_plan){.members = 2, .seed = 41}, NULL);
}

static struct forge_keydl honest(const struct scene *scene)
{
    return (struct forge_keydl){
        .hand = {.party = scene->server}, .rtj = scene->rtj, .keys = &scene->keys, .seed = 1};
}

/* Does m0 join by it? */
static bool joins(struct scene *scene, const struct forge_keydl *want)
{
    scene_deliver(scene, forge_keydl(scene->troupe, want));
    return troupe_in(scene->troupe, 0);
}

/* Not taken for that reason, and the true answer still is. */
static void refused(struct scene *scene, const struct forge_keydl *want, const char *code)
{
    struct forge_keydl good = honest(scene);

    good.seed = 1000;
    CU_ASSERT_FALSE(joins(scene, want));
    CU_ASSERT_TRUE(scene_noticed(scene, code));
    CU_ASSERT_TRUE(joins(scene, &good));
    scene_free(scene);
}

/* --- the hand itself ------------------------------------------------------------------ */

static void the_forger_writes_as_the_server_does(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);

    CU_ASSERT_TRUE(joins(scene, &want));
    CU_ASSERT_TRUE(troupe_current(scene->troupe, 0));
    scene_free(scene);
}

/* --- whom, which session, when -------------------------------------------------------- */

static void for_another_member(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);

    want.receiver = "CN=m1,OU=Members,O=Acme";
    refused(scene, &want, "keydl-not-ours");
}

static void of_another_session(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);

    want.other_nonce = 99;
    refused(scene, &want, "keydl-nonce-c");
}

static void outside_the_skew(void)
{
    static const int64_t off[] = {301, -301, 86400};

    for (size_t i = 0; i < 3; i++) {
        struct scene *scene = scene_new();
        struct forge_keydl want = honest(scene);

        want.hand.stamp = scene->rig->now.utc + off[i];
        refused(scene, &want, "keydl-stamp");
    }
    for (int64_t edge = -300; edge <= 300; edge += 600) {
        struct scene *scene = scene_new();
        struct forge_keydl want = honest(scene);

        want.hand.stamp = scene->rig->now.utc + edge;
        CU_ASSERT_TRUE(joins(scene, &want));
        scene_free(scene);
    }
}

/* The job of a session that has ended comes back in the next: it is nobody's. */
static void of_the_session_before(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);

    scene->rig->hold_jobs = true;
    scene_deliver(scene, forge_keydl(scene->troupe, &want));
    CU_ASSERT_EQUAL(scene->rig->job_count, 1);
    rig_run(scene->rig, 30000);
    CU_ASSERT_TRUE(scene_noticed(scene, "join-failed"));
    rig_run_jobs(scene->rig, false);
    rig_run_jobs(scene->rig, false);
    CU_ASSERT_FALSE(troupe_in(scene->troupe, 0));
    scene->rig->hold_jobs = false;
    scene_free(scene);
}

/* --- by whom ------------------------------------------------------------------------------------
 */

static void by_a_member(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);

    want.hand.party = scene->m1;
    refused(scene, &want, "server-not-allowed");
}

static void by_a_member_in_the_servers_name(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);

    want.hand.party = scene->m1;
    want.hand.name = "CN=GCKS,OU=Servers,O=Acme";
    CU_ASSERT_FALSE(joins(scene, &want));
    /* With the server's own certificate, which it does not hold the key of. */
    want.hand.certificate = &scene->server->certificate;
    want.hand.certificate_count = 1;
    want.seed = 2;
    refused(scene, &want, "signer-name");
}

static void by_a_server_that_no_token_names(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);

    want.hand.party = test_ca_issue(scene->troupe->root,
                                    &(struct test_want){.subject = "CN=GCKS2,OU=Servers,O=Acme"});
    refused(scene, &want, "server-not-allowed");
}

static void by_a_server_of_another_root(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);

    want.hand.party = test_ca_issue(test_ca_new("CN=Root,O=Acme"),
                                    &(struct test_want){.subject = "CN=GCKS,OU=Servers,O=Acme"});
    refused(scene, &want, "no-trusted-root");
}

static void with_a_changed_signature(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);

    want.hand.bad = true;
    CU_ASSERT_FALSE(joins(scene, &want));
    want = honest(scene);
    want.seed = 2;
    CU_ASSERT_TRUE(joins(scene, &want));
    scene_free(scene);
}

/* The server's key for another, lesser mechanism (profile 12.11) was broken: it signs
 * nothing in this one (profile 6.2). */
static void by_the_servers_key_of_another_type(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);

    want.mechanism = gk_suite_named("recommended")->mechanism;
    want.mechanism.signature = 49154;
    want.hand.party = test_ca_issue(
        scene->troupe->root,
        &(struct test_want){.subject = "CN=GCKS,OU=Servers,O=Acme", .key = TEST_P256});
    refused(scene, &want, "keydl-signature-type");
}

/* --- crowding out: whoever may sign cannot keep the server from being heard ----------- */

static void eight_are_opened_a_signer(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);

    want.wrong_key = true;
    for (want.seed = 1; want.seed <= 8; want.seed++)
        CU_ASSERT_FALSE(joins(scene, &want));
    CU_ASSERT_EQUAL(rig_count_noticed(scene->rig, scene->node, "wrap-open"), 8);
    want.wrong_key = false;
    CU_ASSERT_FALSE(joins(scene, &want));
    /* A new session counts anew. */
    rig_run(scene->rig, 31000);
    want = honest(scene);
    want.rtj = rig_last_sent(scene->rig, scene->node, GK_REQUEST_TO_JOIN);
    CU_ASSERT_TRUE(joins(scene, &want));
    scene_free(scene);
}

/* Certificates stand behind the signature: in another order it is the same one (profile 4.1). */
static void one_in_many_dresses_is_opened_once(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);
    struct gk_octets certificates[5] = {scene->server->certificate};

    for (size_t i = 1; i < 5; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "CN=Extra %zu,O=Acme", i);
        certificates[i] =
            test_ca_issue(scene->troupe->root, &(struct test_want){.subject = name, .ca = true})
                ->certificate;
    }
    want.wrong_key = true;
    want.hand.certificate = certificates;
    want.hand.certificate_count = 5;
    for (unsigned i = 0; i < 10; i++) {
        struct gk_octets last = certificates[1 + i % 4];

        CU_ASSERT_FALSE(joins(scene, &want));
        certificates[1 + i % 4] = certificates[1 + (i + 1) % 4];
        certificates[1 + (i + 1) % 4] = last;
    }
    CU_ASSERT_EQUAL(rig_count_noticed(scene->rig, scene->node, "wrap-open"), 1);
    want = honest(scene);
    want.seed = 100;
    CU_ASSERT_TRUE(joins(scene, &want));
    scene_free(scene);
}

static void a_member_uses_up_only_its_own(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);

    want.hand.party = scene->m1;
    for (want.seed = 1; want.seed <= 20; want.seed++)
        CU_ASSERT_FALSE(joins(scene, &want));
    want = honest(scene);
    want.seed = 100;
    CU_ASSERT_TRUE(joins(scene, &want));
    scene_free(scene);
}

/* An identity is name and CA (profile 4.8): the server's name from another CA is another. */
static void a_namesake_uses_up_only_its_own(void)
{
    struct scene *scene = scene_new();
    const struct test_party *other = test_ca_issue(
        scene->troupe->root, &(struct test_want){.subject = "CN=Other,O=Acme", .ca = true});
    const struct test_party *namesake =
        test_ca_issue(other, &(struct test_want){.subject = "CN=GCKS,OU=Servers,O=Acme"});
    struct gk_octets chain[2] = {namesake->certificate, other->certificate};
    struct forge_keydl want = honest(scene);

    want.hand =
        (struct forge_hand){.party = namesake, .certificate = chain, .certificate_count = 2};
    want.wrong_key = true;
    for (want.seed = 1; want.seed <= 9; want.seed++)
        CU_ASSERT_FALSE(joins(scene, &want));
    want = honest(scene);
    want.seed = 100;
    CU_ASSERT_TRUE(joins(scene, &want));
    scene_free(scene);
}

static void a_gang_uses_up_only_its_own(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);
    char subject[40];

    for (unsigned i = 0; i < 2 * MEMBER_SIGNERS; i++) {
        (void)snprintf(subject, sizeof subject, "CN=gang%u,OU=Members,O=Acme", i);
        want.hand.party = test_ca_issue(scene->troupe->root,
                                        &(struct test_want){.subject = subject, .seed = 500 + i});
        want.seed = i + 1;
        CU_ASSERT_FALSE(joins(scene, &want));
    }
    want = honest(scene);
    want.seed = 100;
    CU_ASSERT_TRUE(joins(scene, &want));
    scene_free(scene);
}

/* More forgeries than the queue takes; the server's own, sent again, gets through. */
static void a_flood_is_bounded(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);

    scene->rig->hold_jobs = true;
    want.hand.bad = true;
    for (want.seed = 1; want.seed <= 200; want.seed++)
        scene_deliver(scene, forge_keydl(scene->troupe, &want));
    CU_ASSERT_EQUAL(scene->rig->job_count, MEMBER_JOBS);
    CU_ASSERT_TRUE(troupe_member_status(scene->troupe, 0).counts.dropped > 0);
    scene->rig->hold_jobs = false;
    rig_run_jobs(scene->rig, false);
    want = honest(scene);
    want.seed = 1000;
    CU_ASSERT_TRUE(joins(scene, &want));
    scene_free(scene);
}

/* --- the token in it -----------------------------------------------------------------------------
 */

static void refused_token(struct scene *scene, struct gk_octets token, const char *code)
{
    struct forge_keydl want = honest(scene);

    want.token = token;
    refused(scene, &want, code);
}

static void with_a_token_of_another_owner(void)
{
    struct scene *scene = scene_new();
    const struct test_party *other = test_ca_issue(
        scene->troupe->root, &(struct test_want){.subject = "CN=Other,OU=Owners,O=Acme"});

    refused_token(scene,
                  forge_token(scene->troupe, &(struct forge_token){.edition = 7, .owner = other}),
                  "not-the-owner");
}

static void with_a_token_of_another_group(void)
{
    struct scene *scene = scene_new();

    refused_token(scene,
                  forge_token(scene->troupe, &(struct forge_token){.edition = 7, .group = "other"}),
                  "other-group");
}

/* It leaves, restarts and comes again: the edition is remembered (profile 11.5). */
static void with_an_older_token_after_departure(void)
{
    struct scene *scene = scene_new();
    struct troupe *troupe = scene->troupe;
    struct forge_keydl want = honest(scene);
    struct gk_turn turn = {0};

    want.token = forge_token(troupe, &(struct forge_token){.edition = 2});
    CU_ASSERT_TRUE_FATAL(joins(scene, &want));
    CU_ASSERT_TRUE(member_leave(troupe->member[0].member, &scene->rig->now, &turn, NULL));
    rig_turn(scene->rig, troupe->member[0].node, &turn);
    rig_run(scene->rig, 1000);
    troupe_restart_member(troupe, 0);
    troupe_join(troupe, 0);
    want = honest(scene);
    want.rtj = rig_last_sent(scene->rig, troupe->member[0].node, GK_REQUEST_TO_JOIN);
    want.seed = 50;
    CU_ASSERT_FALSE(joins(scene, &want));
    CU_ASSERT_TRUE(scene_noticed(scene, "older-token"));
    rig_forget_notices(scene->rig, scene->node);
    want.token =
        forge_token(troupe, &(struct forge_token){.edition = 2, .at = scene->rig->now.utc + 10});
    want.seed = 51;
    CU_ASSERT_FALSE(joins(scene, &want));
    CU_ASSERT_TRUE(scene_noticed(scene, "older-token"));
    scene_free(scene);
}

/* --- mechanisms: no way down (profile 6.6, 6.7) --------------------------------------- */

/* The server has shown itself, so the session ends with a NACK and the reason is kept. */
static void ends_session(struct scene *scene, const struct forge_keydl *want, const char *code)
{
    struct gk_octets answer;

    CU_ASSERT_FALSE(joins(scene, want));
    CU_ASSERT_STRING_EQUAL(scene_why(scene), code);
    answer = rig_last_sent(scene->rig, scene->node, GK_KEY_DOWNLOAD_ACK);
    CU_ASSERT_NOT_EQUAL_FATAL(answer.size, 0);
    CU_ASSERT_EQUAL(forge_parsed(answer)->notification[0].type, GK_NACK);
}

static void by_a_mechanism_that_the_token_lacks(void)
{
    struct scene *scene =
        scene_asking(&(struct troupe_plan){.members = 2, .seed = 41}, "recommended-aes128");
    struct forge_keydl want = honest(scene);

    want.mechanism = gk_suite_named("recommended-aes128")->mechanism;
    ends_session(scene, &want, "no-mechanism");
    scene_free(scene);
}

static void by_the_lesser_of_two_mechanisms(void)
{
    static const char both[] =
        "<mechanism suite=\"recommended\"/><mechanism suite=\"recommended-aes128\"/>";
    const struct gk_mechanism lesser = gk_suite_named("recommended-aes128")->mechanism;
    const struct gk_mechanism better = gk_suite_named("recommended")->mechanism;
    struct scene *scene =
        scene_asking(&(struct troupe_plan){.members = 2, .seed = 41}, "recommended-aes128");
    struct forge_keydl want = honest(scene);
    struct gk_octets rtj;

    want.mechanism = lesser;
    want.token =
        forge_token(scene->troupe, &(struct forge_token){.edition = 2, .mechanisms = both});
    ends_session(scene, &want, "better-mechanism");
    rig_run(scene->rig, 10);
    rtj = rig_last_sent(scene->rig, scene->node, GK_REQUEST_TO_JOIN);
    CU_ASSERT_EQUAL(forge_parsed(rtj)->choices.key_wrap, better.key_wrap);
    scene_free(scene);
}

static void with_another_key_creation(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);

    want.creation_type = 49154;
    refused(scene, &want, "key-creation-type");
}

/* --- the keys in it ------------------------------------------------------------------- */

enum spoilt { OTHER_ID, ONE_MORE, WEAKER, EXPIRED, NO_ARRAY, WEAKER_KEK, EXPIRED_KEK };

static void weaken(struct gk_key_datum *key)
{
    key->type = 49153;
    key->key.size = 16;
}

static void spoil(struct gk_key_download *keys, enum spoilt how, gk_time now)
{
    switch (how) {
    case ONE_MORE:
        keys->gtpk[keys->gtpk_count++] = keys->gtpk[0];
        keys->gtpk[1].id ^= 2;
        break;
    case OTHER_ID:
        keys->gtpk[0].id ^= 2;
        break;
    case WEAKER:
        weaken(&keys->gtpk[0]);
        break;
    case EXPIRED:
        keys->gtpk[0].expires = now;
        break;
    case NO_ARRAY:
        keys->has_array = false;
        break;
    case WEAKER_KEK:
        weaken(&keys->array.kek[0]);
        break;
    case EXPIRED_KEK:
        keys->array.kek[0].expires = now;
        break;
    }
}

static void with_other_keys_than_the_tokens(void)
{
    static const struct {
        enum spoilt how;
        const char *code;
    } bad[] = {{OTHER_ID, "keydl-gtpk"},   {ONE_MORE, "keydl-gtpks"}, {WEAKER, "keydl-gtpk"},
               {EXPIRED, "keydl-expired"}, {NO_ARRAY, "keydl-array"}, {WEAKER_KEK, "keydl-kek"},
               {EXPIRED_KEK, "keydl-kek"}};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct scene *scene = scene_new();
        struct gk_key_download keys = scene->keys;
        struct forge_keydl want = honest(scene);

        spoil(&keys, bad[i].how, scene->rig->now.utc);
        want.keys = &keys;
        ends_session(scene, &want, bad[i].code);
        scene_free(scene);
    }
}

/* m0 joins, hears nothing within the token's interval, and asks again with keys in hand. */
static struct scene *scene_of_a_second_time(void)
{
    struct scene *scene = scene_asking(
        &(struct troupe_plan){.members = 2, .seed = 42, .rekey = "every=\"1 h\" interval=\"10 s\""},
        NULL);
    struct forge_keydl want = honest(scene);

    CU_ASSERT_TRUE_FATAL(joins(scene, &want));
    rig_run(scene->rig, 310000);
    CU_ASSERT_TRUE(troupe_member_status(scene->troupe, 0).out_of_step);
    while (!scene->troupe->member[0].member->session.has_rtj)
        rig_run(scene->rig, 100);
    scene->rtj = rig_last_sent(scene->rig, scene->node, GK_REQUEST_TO_JOIN);
    return scene;
}

static void with_an_older_key_than_held(void)
{
    struct scene *scene = scene_of_a_second_time();
    struct gk_key_download keys = scene->keys;
    struct forge_keydl want = honest(scene);

    want.seed = 2;
    want.keys = &keys;
    keys.gtpk[0].created -= 10;
    keys.gtpk[0].handle ^= 1;
    scene_deliver(scene, forge_keydl(scene->troupe, &want));
    CU_ASSERT_STRING_EQUAL(scene_why(scene), "keydl-older-key");
    CU_ASSERT_TRUE(troupe_current(scene->troupe, 0));
    scene_free(scene);
}

/* A Rekey Event brings edition 2 while a Key Download with edition 1 is being opened. */
static void with_a_token_that_was_overtaken(void)
{
    struct scene *scene = scene_of_a_second_time();
    struct forge_keydl want = honest(scene);
    struct forge_rekey event = {.hand = {.party = scene->server},
                                .sequence = 9,
                                .type = GK_REKEY_NONE,
                                .gtpk = &scene->keys.gtpk[0]};
    struct gk_octets event_octets;

    event.token = forge_token(
        scene->troupe,
        &(struct forge_token){.edition = 2, .rekey = "<rekey every=\"1 h\" interval=\"10 s\"/>"});
    event_octets = forge_rekey(scene->troupe, &event);
    want.seed = 2;
    scene->rig->hold_jobs = true;
    scene_deliver(scene, forge_keydl(scene->troupe, &want));
    CU_ASSERT_EQUAL_FATAL(scene->rig->job_count, 1);
    rig_run_job(scene->rig, 0); /* verified: now it is being opened */
    scene_deliver(scene, event_octets);
    CU_ASSERT_EQUAL_FATAL(scene->rig->job_count, 2);
    rig_run_jobs(scene->rig, true);
    CU_ASSERT_EQUAL(troupe_member_status(scene->troupe, 0).edition, 2);
    CU_ASSERT_TRUE(troupe_member_status(scene->troupe, 0).out_of_step);
    CU_ASSERT_TRUE(scene_noticed(scene, "older-token"));
    scene->rig->hold_jobs = false;
    scene_free(scene);
}

/* --- what is not signed decides nothing ----------------------------------------------- */

/* The first copy that came bore a header of a later version: the server's own, sent again
 * because the Ack was lost, is the same Key Download (profile 4.1, 12.3). */
static void a_copy_in_other_octets_is_answered(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);
    struct gk_octets keydl = forge_keydl(scene->troupe, &want);

    scene_deliver(scene, forge_embedded(scene->troupe, keydl));
    CU_ASSERT_TRUE(troupe_in(scene->troupe, 0));
    CU_ASSERT_EQUAL(forge_count_sent(scene->troupe, scene->node, GK_KEY_DOWNLOAD_ACK), 1);
    scene_deliver(scene, keydl);
    CU_ASSERT_EQUAL(forge_count_sent(scene->troupe, scene->node, GK_KEY_DOWNLOAD_ACK), 2);
    CU_ASSERT_EQUAL(scene->rig->node[scene->node].keys_changed, 1);
    scene_free(scene);
}

static struct gk_octets unsigned_answer(const struct scene *scene, bool right_nonce)
{
    struct gk_message *rtj = forge_parsed(scene->rtj);
    struct gk_message message = {.group = scene->troupe->policy.group,
                                 .exchange = GK_REQUEST_TO_JOIN_ERROR,
                                 .notification_count = 1};
    struct gk_writer writer = {0};
    struct gk_octets octets;

    message.notification[0].type = GK_INVALID_GROUP_ID;
    message.nonce[GK_NONCE_I] =
        right_nonce ? rtj->nonce[GK_NONCE_I] : gk_octets_of("another nonce of 32 octets......");
    CU_ASSERT_TRUE(gk_message_build(&message, NULL, &writer, NULL));
    octets = forge_kept(gk_writer_octets(&writer));
    gk_writer_free(&writer);
    return octets;
}

static void an_unsigned_error_ends_no_wait(void)
{
    struct scene *scene = scene_new();
    struct forge_keydl want = honest(scene);

    scene_deliver(scene, unsigned_answer(scene, false));
    CU_ASSERT_FALSE(scene_noticed(scene, "rtj-error"));
    scene_deliver(scene, unsigned_answer(scene, true));
    CU_ASSERT_TRUE(scene_noticed(scene, "rtj-error"));
    CU_ASSERT_TRUE(joins(scene, &want));
    scene_free(scene);
}

const struct test_suite suite_member_attacks = {
    "member-attacks",
    {
        {"the forger writes as the server does", the_forger_writes_as_the_server_does},
        {"KeyDL for another member", for_another_member},
        {"KeyDL of another session", of_another_session},
        {"KeyDL outside the skew", outside_the_skew},
        {"KeyDL of the session before", of_the_session_before},
        {"KeyDL by a member", by_a_member},
        {"KeyDL by a member in the server's name", by_a_member_in_the_servers_name},
        {"KeyDL by a server that no token names", by_a_server_that_no_token_names},
        {"KeyDL by a server of another root", by_a_server_of_another_root},
        {"KeyDL with a changed signature", with_a_changed_signature},
        {"KeyDL by the server's key of another type", by_the_servers_key_of_another_type},
        {"eight are opened a signer", eight_are_opened_a_signer},
        {"one in many dresses is opened once", one_in_many_dresses_is_opened_once},
        {"a member uses up only its own", a_member_uses_up_only_its_own},
        {"a namesake uses up only its own", a_namesake_uses_up_only_its_own},
        {"a gang uses up only its own", a_gang_uses_up_only_its_own},
        {"a flood is bounded", a_flood_is_bounded},
        {"KeyDL with a token of another owner", with_a_token_of_another_owner},
        {"KeyDL with a token of another group", with_a_token_of_another_group},
        {"KeyDL with an older token after departure", with_an_older_token_after_departure},
        {"KeyDL by a mechanism that the token lacks", by_a_mechanism_that_the_token_lacks},
        {"KeyDL by the lesser of two mechanisms", by_the_lesser_of_two_mechanisms},
        {"KeyDL with another key creation", with_another_key_creation},
        {"KeyDL with other keys than the token's", with_other_keys_than_the_tokens},
        {"KeyDL with an older key than held", with_an_older_key_than_held},
        {"KeyDL with a token that was overtaken", with_a_token_that_was_overtaken},
        {"a copy in other octets is answered", a_copy_in_other_octets_is_answered},
        {"an unsigned error ends no wait", an_unsigned_error_ends_no_wait},
        {NULL, NULL},
    }};
