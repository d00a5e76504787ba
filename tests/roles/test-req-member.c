/* SPDX-License-Identifier: Apache-2.0 */
/* What the RFCs and the profile ask of a member beside registrations and rekeys as such. */
#include <stdio.h>
#include <string.h>

#include "tests/roles/member-scene.h"

#define B 5000 /* of a troupe's members */

/* The index-th wait that a member announced, to a tenth of a second below; -1 when there were
 * fewer. */
static long wait_of(const struct troupe *troupe, unsigned member, unsigned index)
{
    const struct rig_node *node = &troupe->rig->node[troupe->member[member].node];
    long seconds;
    long tenths;

    for (size_t i = 0; i < node->notice_count; i++) {
        const struct gk_notice *notice = &node->notices[i];

        if (strcmp(notice->code, "back-off") == 0 && index-- == 0)
            return sscanf(notice->text, "registers again in %ld.%ld s", &seconds, &tenths) == 2
                       ? seconds * 1000 + tenths * 100
                       : -1;
    }
    return -1;
}

/* Profile 9.8: from 0 to B, and B is doubled after each failure. */
static void waits_double_with_each_failure(void)
{
    enum { MEMBERS = 24, ROUNDS = 4 };
    struct troupe *troupe = troupe_new(&(struct troupe_plan){
        .members = MEMBERS, .seed = 91, .rekey = "every=\"1 min\" interval=\"1 min\""});

    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe->rig->node[0].down = true;
    rig_run(troupe->rig, 700000);
    for (unsigned round = 0; round < ROUNDS; round++) {
        long most = (long)B << round;
        long largest = 0;

        for (unsigned i = 0; i < MEMBERS; i++) {
            long wait = wait_of(troupe, i, round);

            CU_ASSERT_TRUE(wait >= 0 && wait <= most);
            if (wait > largest)
                largest = wait;
        }
        CU_ASSERT_TRUE(largest > most / 2);
    }
    troupe->rig->node[0].down = false;
    rig_run(troupe->rig, 400000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_free(troupe);
}

/* And never above an hour. */
static void waits_are_at_most_an_hour(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 1, .seed = 92});
    long largest = 0;

    troupe->member[0].config.back_off_ms = 3600000;
    troupe_restart_member(troupe, 0);
    troupe->rig->node[0].down = true;
    troupe_join(troupe, 0);
    rig_run(troupe->rig, INT64_C(30) * 3600000);
    for (unsigned i = 0; wait_of(troupe, 0, i) >= 0; i++) {
        CU_ASSERT_TRUE(wait_of(troupe, 0, i) <= 3600000);
        if (wait_of(troupe, 0, i) > largest)
            largest = wait_of(troupe, 0, i);
    }
    CU_ASSERT_TRUE(largest > 1800000);
    troupe_free(troupe);
}

/* --- answers to bad Key Downloads (RFC 4535 5.2.1.2, profile 6.5, 12.5, 12.6) --------------- */

static struct scene *asking(void)
{
    return scene_asking(&(struct troupe_plan){.members = 2, .seed = 93}, NULL);
}

static struct forge_keydl honest(const struct scene *scene, unsigned seed)
{
    return (struct forge_keydl){
        .hand = {.party = scene->server}, .rtj = scene->rtj, .keys = &scene->keys, .seed = seed};
}

static unsigned answers(const struct scene *scene)
{
    return forge_count_sent(scene->troupe, scene->node, GK_KEY_DOWNLOAD_ACK);
}

static const struct gk_message *answer_of(const struct scene *scene)
{
    return forge_parsed(rig_last_sent(scene->rig, scene->node, GK_KEY_DOWNLOAD_ACK));
}

/* Until the RTJ's timeout a good one may come; then the first whose signature passed is told. */
static void a_bad_one_is_told_at_the_end_of_the_wait(void)
{
    struct scene *scene = asking();
    struct forge_keydl want = honest(scene, 1);
    struct gk_octets first;
    struct gk_octets unsigned_one;

    want.hand.bad = true;
    unsigned_one = forge_keydl(scene->troupe, &want);
    want = honest(scene, 2);
    want.token = forge_token(scene->troupe, &(struct forge_token){.edition = 3, .group = "other"});
    first = forge_keydl(scene->troupe, &want);
    scene_deliver(scene, unsigned_one);
    scene_deliver(scene, first);
    want.seed = 3;
    scene_deliver(scene, forge_keydl(scene->troupe, &want));
    rig_run(scene->rig, 19999);
    CU_ASSERT_EQUAL(answers(scene), 0);
    rig_run(scene->rig, 1);
    CU_ASSERT_EQUAL_FATAL(answers(scene), 1);
    CU_ASSERT_EQUAL(answer_of(scene)->notification[0].type, GK_NACK);
    CU_ASSERT_TRUE(gk_octets_equal(answer_of(scene)->nonce[GK_NONCE_C],
                                   forge_parsed(first)->nonce[GK_NONCE_C]));
    CU_ASSERT_FALSE(troupe_in(scene->troupe, 0));
    scene_free(scene);
}

static void nobody_hears_of_one_that_nobody_signed(void)
{
    struct scene *scene = asking();
    struct forge_keydl want = honest(scene, 1);

    want.hand.bad = true;
    scene_deliver(scene, forge_keydl(scene->troupe, &want));
    rig_run(scene->rig, 20001);
    CU_ASSERT_EQUAL(answers(scene), 0);
    CU_ASSERT_TRUE(scene_noticed(scene, "join-failed"));
    scene_free(scene);
}

/* A server that has shown itself is told at once: NACK in terse mode, else the reason. */
static void the_reason_is_told_in_verbose_mode(void)
{
    for (int verbose = 0; verbose < 2; verbose++) {
        struct scene *scene = asking();
        struct gk_key_download keys = scene->keys;
        struct forge_keydl want = honest(scene, 1);

        keys.gtpk[0].expires = scene->rig->now.utc;
        want.keys = &keys;
        want.token = forge_token(
            scene->troupe,
            &(struct forge_token){.edition = 2,
                                  .mechanisms = verbose ? "<mechanism suite=\"recommended\" "
                                                          "mode=\"verbose\"/>"
                                                        : NULL});
        scene_deliver(scene, forge_keydl(scene->troupe, &want));
        CU_ASSERT_EQUAL_FATAL(answers(scene), 1);
        CU_ASSERT_EQUAL(answer_of(scene)->notification[0].type,
                        verbose ? GK_INVALID_KEY_INFORMATION : GK_NACK);
        CU_ASSERT_FALSE(troupe_in(scene->troupe, 0));
        scene_free(scene);
    }
}

/* --- keys that live too long (RFC 4535 7.5.2) ---------------------------------------------------
 */

static bool takes_a_key_of(struct scene *scene, int64_t seconds, uint32_t sequence)
{
    const struct gk_key_datum *wrapping = &scene->keys.array.kek[0];
    struct gk_key_datum key = scene->keys.gtpk[0];
    struct forge_rekey want = {.hand = {.party = scene->server},
                               .sequence = sequence,
                               .type = GK_REKEY_LKH,
                               .stamp = scene->rig->now.utc + sequence,
                               .wrapping = wrapping,
                               .key = &key,
                               .key_count = 1};
    struct member_key now;

    key.handle += sequence;
    key.created = want.stamp;
    key.expires = key.created + seconds;
    scene_deliver(scene, forge_rekey(scene->troupe, &want));
    return member_key_at(scene->troupe->member[0].member, 0, &scene->rig->now, &now) &&
           now.handle == key.handle;
}

static void a_new_key_lives_as_the_token_says(void)
{
    struct scene *scene = scene_joined(NULL);
    struct forge_rekey want = {.hand = {.party = scene->server},
                               .sequence = 1,
                               .type = GK_REKEY_NONE,
                               .stamp = scene->rig->now.utc + 1,
                               .gtpk = &scene->keys.gtpk[0]};

    want.token = forge_token(
        scene->troupe,
        &(struct forge_token){.edition = 2, .key = "80000001\" encryption-expires=\"2 h"});
    scene_deliver(scene, forge_rekey(scene->troupe, &want));
    CU_ASSERT_EQUAL_FATAL(troupe_member_status(scene->troupe, 0).edition, 2);
    CU_ASSERT_TRUE(takes_a_key_of(scene, 7200, 2));
    CU_ASSERT_FALSE(takes_a_key_of(scene, 7201, 3));
    CU_ASSERT_TRUE(scene_noticed(scene, "gtpk-life"));
    CU_ASSERT_TRUE(takes_a_key_of(scene, 60, 4));
    scene_free(scene);
}

/* --- the server's certificate (profile 9.15) ------------------------------------------------- */

static const struct test_party *renewed(struct scene *scene)
{
    return test_ca_issue(scene->troupe->root,
                         &(struct test_want){.subject = "CN=GCKS,OU=Servers,O=Acme", .seed = 94});
}

static struct gk_octets event_by(struct scene *scene, const struct test_party *party, bool bad,
                                 uint32_t sequence, const struct gk_key_datum *key)
{
    struct forge_rekey want = {.hand = {.party = party, .bad = bad},
                               .sequence = sequence,
                               .type = GK_REKEY_LKH,
                               .stamp = scene->rig->now.utc + 10,
                               .wrapping = &scene->keys.array.kek[0],
                               .key = key,
                               .key_count = 1};

    return forge_rekey(scene->troupe, &want);
}

static struct gk_key_datum next_of(const struct scene *scene, struct gk_key_datum key)
{
    key.handle ^= 0x01010101;
    key.created = scene->rig->now.utc + 10;
    return key;
}

/* All messages of the event that brings it, also those that were judged beside it. */
static void a_new_certificate_serves_the_whole_event(void)
{
    struct scene *scene = scene_joined(NULL);
    const struct test_party *server = renewed(scene);
    struct gk_key_datum kek = next_of(scene, scene->keys.array.kek[0]);
    struct gk_key_datum gtpk = next_of(scene, scene->keys.gtpk[0]);
    struct member_key now;

    scene->rig->hold_jobs = true;
    scene_deliver(scene, event_by(scene, server, false, 1, &kek));
    scene_deliver(scene, event_by(scene, server, false, 2, &gtpk));
    CU_ASSERT_EQUAL(scene->rig->job_count, 2);
    while (scene->rig->job_count)
        rig_run_jobs(scene->rig, false);
    CU_ASSERT_TRUE(member_key_at(scene->troupe->member[0].member, 0, &scene->rig->now, &now));
    CU_ASSERT_EQUAL(now.handle, gtpk.handle);
    CU_ASSERT_EQUAL(troupe_member_status(scene->troupe, 0).counts.rekey_bad, 0);
    scene_free(scene);
}

/* The one that is known is not looked at again: forgeries with it take no validation away. */
static void a_known_certificate_is_not_validated_again(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum gtpk = next_of(scene, scene->keys.gtpk[0]);
    struct member_key now;

    scene->rig->hold_jobs = true;
    scene_deliver(scene, event_by(scene, scene->server, true, 1, &gtpk));
    rig_run_jobs(scene->rig, false);
    CU_ASSERT_EQUAL(troupe_member_status(scene->troupe, 0).counts.rekey_bad, 1);
    CU_ASSERT_EQUAL(scene->troupe->member[0].member->in.last_path, 0);
    scene_deliver(scene, event_by(scene, renewed(scene), true, 1, &gtpk));
    rig_run_jobs(scene->rig, false);
    CU_ASSERT_NOT_EQUAL(scene->troupe->member[0].member->in.last_path, 0);
    /* One a second. */
    scene_deliver(scene, event_by(scene, renewed(scene), false, 1, &gtpk));
    rig_run_jobs(scene->rig, false);
    CU_ASSERT_EQUAL(troupe_member_status(scene->troupe, 0).counts.rekey_bad, 3);
    scene->rig->hold_jobs = false;
    rig_run(scene->rig, 1000);
    scene_deliver(scene, event_by(scene, renewed(scene), false, 1, &gtpk));
    CU_ASSERT_TRUE(member_key_at(scene->troupe->member[0].member, 0, &scene->rig->now, &now));
    CU_ASSERT_EQUAL(now.handle, gtpk.handle);
    scene_free(scene);
}

const struct test_suite suite_req_member = {
    "req-member",
    {
        {"waits double with each failure", waits_double_with_each_failure},
        {"waits are at most an hour", waits_are_at_most_an_hour},
        {"a bad one is told at the end of the wait", a_bad_one_is_told_at_the_end_of_the_wait},
        {"nobody hears of one that nobody signed", nobody_hears_of_one_that_nobody_signed},
        {"the reason is told in verbose mode", the_reason_is_told_in_verbose_mode},
        {"a new key lives as the token says", a_new_key_lives_as_the_token_says},
        {"a new certificate serves the whole event", a_new_certificate_serves_the_whole_event},
        {"a known certificate is not validated again", a_known_certificate_is_not_validated_again},
        {NULL, NULL},
    }};
