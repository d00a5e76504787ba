/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on a member that is in the group: Rekey Events and the group's end by everybody but
 * its server, or at the wrong time. m1 shares the upper KEKs of m0's path. */
#include <string.h>

#include "tests/roles/member-scene.h"

static const uint8_t forged_key[32] = {0x0f, 0x12, 0x6e, 0xd0};

/* The creation date of the newest key that m0 holds. */
static gk_time newest(const struct scene *scene)
{
    return gk_ring_newest(scene->troupe->member[0].member->in.ring);
}

/* A GTPK of the attacker's choice, dated one second later than what is held. */
static struct gk_key_datum new_gtpk(const struct scene *scene)
{
    struct gk_key_datum key = scene->keys.gtpk[0];

    key.handle ^= 0x5a5a5a5a;
    key.created = newest(scene) + 1;
    key.key = gk_octets(forged_key, sizeof forged_key);
    return key;
}

/* As the server would write it, under a KEK that m1 holds too. */
static struct forge_rekey honest(const struct scene *scene, const struct gk_key_datum *key)
{
    return (struct forge_rekey){.hand = {.party = scene->server},
                                .sequence = 5,
                                .type = GK_REKEY_LKH,
                                .stamp = key->created,
                                .wrapping = &scene->keys.array.kek[0],
                                .key = key,
                                .key_count = 1};
}

static bool took(const struct scene *scene)
{
    return gk_octets_equal(troupe_key(scene->troupe, 0), gk_octets(forged_key, sizeof forged_key));
}

static bool takes(struct scene *scene, const struct forge_rekey *want)
{
    scene_deliver(scene, forge_rekey(scene->troupe, want));
    return took(scene);
}

/* Refused for that reason; the member holds what it held, and takes the true event after. */
static void refused(struct scene *scene, const struct forge_rekey *want, const char *code)
{
    struct gk_key_datum key = new_gtpk(scene);
    struct forge_rekey good = honest(scene, &key);

    good.sequence = 50;
    good.stamp = key.created = key.created + 50;
    CU_ASSERT_FALSE(takes(scene, want));
    CU_ASSERT_TRUE(troupe_current(scene->troupe, 0));
    CU_ASSERT_TRUE(scene_noticed(scene, code));
    CU_ASSERT_TRUE(takes(scene, &good));
    scene_free(scene);
}

static void the_forger_writes_as_the_server_does(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum key = new_gtpk(scene);
    struct forge_rekey want = honest(scene, &key);

    CU_ASSERT_TRUE(takes(scene, &want));
    scene_free(scene);
}

/* --- by whom -------------------------------------------------------------------------- */

/* Dropped before any public-key work (profile 9.9, 9.15). */
static void by_a_member(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum key = new_gtpk(scene);
    struct forge_rekey want = honest(scene, &key);

    want.hand.party = scene->m1;
    scene->rig->hold_jobs = true;
    scene_deliver(scene, forge_rekey(scene->troupe, &want));
    CU_ASSERT_EQUAL(scene->rig->job_count, 0);
    scene->rig->hold_jobs = false;
    refused(scene, &want, "not-our-server");
}

static void by_a_member_in_the_servers_name(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum key = new_gtpk(scene);
    struct forge_rekey want = honest(scene, &key);

    want.hand.party = scene->m1;
    want.hand.name = "CN=GCKS,OU=Servers,O=Acme";
    CU_ASSERT_FALSE(takes(scene, &want));
    want.hand.certificate = &scene->server->certificate;
    want.hand.certificate_count = 1;
    refused(scene, &want, "signer-name");
}

static const struct test_party *namesake(struct scene *scene, struct gk_octets chain[2])
{
    const struct test_party *other = test_ca_issue(
        scene->troupe->root, &(struct test_want){.subject = "CN=Other,O=Acme", .ca = true});
    const struct test_party *party =
        test_ca_issue(other, &(struct test_want){.subject = "CN=GCKS,OU=Servers,O=Acme"});

    chain[0] = party->certificate;
    chain[1] = other->certificate;
    return party;
}

static void by_the_servers_name_under_another_ca(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum key = new_gtpk(scene);
    struct forge_rekey want = honest(scene, &key);
    struct gk_octets chain[2];

    want.hand = (struct forge_hand){
        .party = namesake(scene, chain), .certificate = chain, .certificate_count = 2};
    refused(scene, &want, "not-our-server");
}

/* A new certificate of the same identity is the server's (profile 9.15). */
static void the_servers_new_certificate_is_taken(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum key = new_gtpk(scene);
    struct forge_rekey want = honest(scene, &key);

    want.hand.party =
        test_ca_issue(scene->troupe->root,
                      &(struct test_want){.subject = "CN=GCKS,OU=Servers,O=Acme", .seed = 77});
    CU_ASSERT_TRUE(takes(scene, &want));
    scene_free(scene);
}

static void by_the_servers_key_of_another_type(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum key = new_gtpk(scene);
    struct forge_rekey want = honest(scene, &key);

    want.hand.party = test_ca_issue(
        scene->troupe->root,
        &(struct test_want){.subject = "CN=GCKS,OU=Servers,O=Acme", .key = TEST_P256});
    refused(scene, &want, "rekey-signature-type");
}

static void with_a_changed_signature(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum key = new_gtpk(scene);
    struct forge_rekey want = honest(scene, &key);

    want.hand.bad = true;
    CU_ASSERT_FALSE(takes(scene, &want));
    want.hand.bad = false;
    CU_ASSERT_TRUE(takes(scene, &want));
    scene_free(scene);
}

/* Edition 2 names another server: this one's next event is nobody's (profile 9.9). */
static void give_up_the_server(struct scene *scene)
{
    struct forge_rekey event = {.hand = {.party = scene->server},
                                .sequence = 2,
                                .type = GK_REKEY_NONE,
                                .stamp = newest(scene) + 1,
                                .gtpk = &scene->keys.gtpk[0]};

    event.token = forge_token(
        scene->troupe, &(struct forge_token){.edition = 2, .gcks = "CN=Next,OU=Servers,O=Acme"});
    scene_deliver(scene, forge_rekey(scene->troupe, &event));
    CU_ASSERT_EQUAL_FATAL(troupe_member_status(scene->troupe, 0).edition, 2);
}

static void by_a_server_that_lost_its_office(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum key = new_gtpk(scene);
    struct forge_rekey want;

    key.created += 1;
    want = honest(scene, &key);
    give_up_the_server(scene);
    CU_ASSERT_FALSE(takes(scene, &want));
    CU_ASSERT_TRUE(scene_noticed(scene, "rekey-not-allowed"));
    scene_free(scene);
}

/* --- when ----------------------------------------------------------------------------- */

static void before_the_join(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum key = new_gtpk(scene);
    struct forge_rekey want;

    key.created -= 1;
    want = honest(scene, &key);
    refused(scene, &want, "event-before-join");
}

static void a_sequence_id_again(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum first = new_gtpk(scene);
    struct gk_key_datum again = first;
    struct forge_rekey want = honest(scene, &first);

    CU_ASSERT_TRUE(takes(scene, &want));
    rig_run(scene->rig, 10000);
    again.created += 10;
    again.handle ^= 1;
    again.key = scene->keys.array.kek[0].key;
    want.key = &again;
    want.stamp = again.created;
    for (want.sequence = 4; want.sequence <= 5; want.sequence++) {
        scene_deliver(scene, forge_rekey(scene->troupe, &want));
        rig_run(scene->rig, 10000);
        CU_ASSERT_TRUE(took(scene));
    }
    CU_ASSERT_TRUE(scene_noticed(scene, "sequence-old"));
    scene_free(scene);
}

static void an_earlier_stamp(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum key = new_gtpk(scene);
    struct gk_key_datum later = key;
    struct forge_rekey want;

    later.created += 10;
    want = honest(scene, &later);
    CU_ASSERT_TRUE(takes(scene, &want));
    rig_run(scene->rig, 10000);
    later.handle ^= 1;
    later.key = scene->keys.array.kek[0].key;
    want.stamp = key.created;
    want.sequence = 6;
    scene_deliver(scene, forge_rekey(scene->troupe, &want));
    CU_ASSERT_TRUE(took(scene));
    CU_ASSERT_TRUE(scene_noticed(scene, "stamp-backwards"));
    scene_free(scene);
}

/* Everything that was ever sent, from anywhere, after a restart and after a new join: nothing
 * changes (invariant 4). */
static void everything_again(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 3, .seed = 44});
    struct gk_peer from = forge_address(9);
    struct gk_octets recorded[64];
    struct gk_secret before;
    size_t count = 0;

    troupe_join_all(troupe);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_TRUE(troupe_rekey(troupe));
        rig_run(troupe->rig, 6000);
    }
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_restart_member(troupe, 1);
    for (const struct rig_packet *packet = troupe->rig->sent; packet && count < 64;
         packet = packet->next)
        recorded[count++] = forge_kept(gk_secret_octets(&packet->octets));
    before = gk_secret_copy(troupe_key(troupe, 0));
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < count; i++) {
            for (unsigned member = 0; member < 3; member++) {
                size_t at = round ? i : count - 1 - i;

                rig_deliver(troupe->rig, troupe->member[member].node, &from, recorded[at]);
                rig_deliver(troupe->rig, troupe->member[member].node, &from,
                            forge_embedded(troupe, recorded[at]));
            }
            rig_deliver(troupe->rig, 0, &from, recorded[i]);
        }
        rig_run(troupe->rig, 30000);
        CU_ASSERT_TRUE(troupe_agree(troupe, -1));
        CU_ASSERT_TRUE(gk_octets_equal(troupe_key(troupe, 0), gk_secret_octets(&before)));
        CU_ASSERT_EQUAL(troupe_status(troupe).members, 3);
        CU_ASSERT_EQUAL(troupe_status(troupe).pending, 0);
    }
    for (unsigned member = 0; member < 3; member++)
        CU_ASSERT_FALSE(troupe_member_status(troupe, member).out_of_step);
    gk_secret_free(&before);
    troupe_free(troupe);
}

/* --- what ----------------------------------------------------------------------------- */

static void keys_that_are_not_ours(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum key = new_gtpk(scene);
    struct forge_rekey want = honest(scene, &key);

    key.id = 0x80000007;
    scene_deliver(scene, forge_rekey(scene->troupe, &want));
    CU_ASSERT_TRUE(scene_noticed(scene, "gtpk-id"));
    key = scene->keys.array.kek[0];
    key.id = 0x1234;
    want.sequence++;
    scene_deliver(scene, forge_rekey(scene->troupe, &want));
    CU_ASSERT_TRUE(scene_noticed(scene, "kek-id"));
    key = new_gtpk(scene);
    key.type = 49153;
    key.key.size = 16;
    want.sequence++;
    scene_deliver(scene, forge_rekey(scene->troupe, &want));
    CU_ASSERT_TRUE(scene_noticed(scene, "gtpk-type"));
    CU_ASSERT_TRUE(troupe_current(scene->troupe, 0));
    scene_free(scene);
}

static void an_older_key(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum key = new_gtpk(scene);
    struct forge_rekey want = honest(scene, &key);

    want.stamp = key.created;
    key.created = scene->keys.gtpk[0].created - 1;
    refused(scene, &want, "key-created");
}

static void another_key_under_a_handle_that_is_held(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum key = new_gtpk(scene);
    struct forge_rekey want = honest(scene, &key);

    key.handle = scene->keys.gtpk[0].handle;
    scene_deliver(scene, forge_rekey(scene->troupe, &want));
    CU_ASSERT_FALSE(took(scene));
    CU_ASSERT_TRUE(scene_noticed(scene, "key-handle"));
    scene_free(scene);
}

/* All or nothing (profile 9.10). */
static void a_good_key_beside_a_bad_one(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum keys[2] = {new_gtpk(scene), scene->keys.array.kek[0]};
    struct forge_rekey want = honest(scene, keys);

    keys[1].id = 0x1234;
    want.key_count = 2;
    refused(scene, &want, "kek-id");
}

static void tokens_of_others(void)
{
    struct scene *scene = scene_joined(NULL);
    struct forge_rekey event = {.hand = {.party = scene->server},
                                .sequence = 2,
                                .type = GK_REKEY_NONE,
                                .stamp = newest(scene) + 1,
                                .gtpk = &scene->keys.gtpk[0]};

    event.token =
        forge_token(scene->troupe, &(struct forge_token){.edition = 9, .owner = scene->m1});
    scene_deliver(scene, forge_rekey(scene->troupe, &event));
    CU_ASSERT_TRUE(scene_noticed(scene, "not-the-owner"));
    event.sequence++;
    event.token = forge_token(scene->troupe, &(struct forge_token){.edition = 9, .group = "other"});
    scene_deliver(scene, forge_rekey(scene->troupe, &event));
    CU_ASSERT_TRUE(scene_noticed(scene, "other-group"));
    event.sequence++;
    event.token =
        forge_token(scene->troupe, &(struct forge_token){.edition = 1, .at = TEST_NOW - 5000});
    scene_deliver(scene, forge_rekey(scene->troupe, &event));
    CU_ASSERT_TRUE(scene_noticed(scene, "older-token"));
    CU_ASSERT_EQUAL(troupe_member_status(scene->troupe, 0).edition, 1);
    scene_free(scene);
}

/* --- keeping a member asleep, or waking it up ----------------------------------------- */

/* Messages that change nothing are no sign of life: a member that only ever hears these finds
 * out within the token's interval (profile 9.8). */
static void bad_events_are_no_sign_of_life(void)
{
    struct scene *scene = scene_joined("every=\"1 h\" interval=\"60 s\" resend=\"0\"");
    struct forge_rekey event = {.hand = {.party = scene->server},
                                .type = GK_REKEY_NONE,
                                .stamp = newest(scene) + 1,
                                .gtpk = &scene->keys.gtpk[0]};

    event.token =
        forge_token(scene->troupe, &(struct forge_token){.edition = 1, .at = TEST_NOW - 5000});
    for (event.sequence = 2; event.sequence <= 14; event.sequence++) {
        rig_run(scene->rig, 30000);
        scene_deliver(scene, forge_rekey(scene->troupe, &event));
    }
    CU_ASSERT_TRUE(troupe_member_status(scene->troupe, 0).counts.rekey_bad > 10);
    CU_ASSERT_EQUAL(troupe_member_status(scene->troupe, 0).counts.out_of_step, 1);
    scene_free(scene);
}

/* What does not verify puts nobody out of step. */
static void forgeries_put_nobody_out_of_step(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum key = new_gtpk(scene);
    struct forge_rekey want = honest(scene, &key);

    want.hand.party = scene->m1;
    want.hand.name = "CN=GCKS,OU=Servers,O=Acme";
    for (want.sequence = 2; want.sequence < 40; want.sequence++)
        CU_ASSERT_FALSE(takes(scene, &want));
    rig_run(scene->rig, 60000);
    CU_ASSERT_FALSE(troupe_member_status(scene->troupe, 0).out_of_step);
    CU_ASSERT_EQUAL(troupe_member_status(scene->troupe, 0).sequence, 0);
    scene_free(scene);
}

static void a_flood_is_bounded(void)
{
    struct scene *scene = scene_joined(NULL);
    struct gk_key_datum key = new_gtpk(scene);
    struct forge_rekey want = honest(scene, &key);

    want.hand.bad = true;
    scene->rig->hold_jobs = true;
    for (want.sequence = 2; want.sequence < 300; want.sequence++)
        scene_deliver(scene, forge_rekey(scene->troupe, &want));
    CU_ASSERT_EQUAL(scene->rig->job_count, MEMBER_JOBS);
    CU_ASSERT_TRUE(scene->troupe->member[0].member->waiting_count <= MEMBER_QUEUE);
    scene->rig->hold_jobs = false;
    rig_run_jobs(scene->rig, false);
    want.hand.bad = false;
    want.sequence = 2;
    CU_ASSERT_TRUE(takes(scene, &want));
    scene_free(scene);
}

/* --- the end of the group (profile 9.11) ---------------------------------------------- */

static struct forge_rekey the_end(const struct scene *scene)
{
    return (struct forge_rekey){.hand = {.party = scene->server},
                                .sequence = GK_SEQUENCE_END,
                                .type = GK_REKEY_NONE,
                                .stamp = newest(scene) + 1};
}

static bool ends(struct scene *scene, const struct forge_rekey *want)
{
    scene_deliver(scene, forge_rekey(scene->troupe, want));
    return troupe_member_status(scene->troupe, 0).ended;
}

static void the_server_ends_the_group(void)
{
    struct scene *scene = scene_joined(NULL);
    struct forge_rekey want = the_end(scene);

    CU_ASSERT_TRUE(ends(scene, &want));
    CU_ASSERT_EQUAL(troupe_key(scene->troupe, 0).size, 0);
    scene_free(scene);
}

static void an_old_end(void)
{
    struct scene *scene = scene_joined(NULL);
    struct forge_rekey want = the_end(scene);

    want.stamp -= 1;
    CU_ASSERT_FALSE(ends(scene, &want));
    CU_ASSERT_TRUE(scene_noticed(scene, "end-too-old"));
    scene_free(scene);
}

static void the_end_by_others(void)
{
    struct scene *scene = scene_joined(NULL);
    struct forge_rekey want = the_end(scene);

    want.hand.party = scene->m1;
    CU_ASSERT_FALSE(ends(scene, &want));
    CU_ASSERT_TRUE(scene_noticed(scene, "end-not-allowed"));
    rig_run(scene->rig, 2000); /* a path a second */
    want.hand.name = "CN=GCKS,OU=Servers,O=Acme";
    CU_ASSERT_FALSE(ends(scene, &want));
    rig_run(scene->rig, 2000);
    want.hand.name = NULL;
    want.hand.party = test_ca_issue(scene->troupe->root,
                                    &(struct test_want){.subject = "CN=GCKS2,OU=Servers,O=Acme"});
    CU_ASSERT_FALSE(ends(scene, &want));
    scene_free(scene);
}

/* The server signs the end under somebody else's name, who may end nothing. */
static void the_end_under_another_name(void)
{
    struct scene *scene = scene_joined(NULL);
    struct forge_rekey want = the_end(scene);

    want.hand.name = "CN=m1,OU=Members,O=Acme";
    CU_ASSERT_FALSE(ends(scene, &want));
    CU_ASSERT_TRUE(scene_noticed(scene, "end-signer"));
    scene_free(scene);
}

static void the_end_by_a_server_that_lost_its_office(void)
{
    struct scene *scene = scene_joined(NULL);
    struct forge_rekey want = the_end(scene);

    give_up_the_server(scene);
    want.stamp += 10;
    CU_ASSERT_FALSE(ends(scene, &want));
    CU_ASSERT_TRUE(scene_noticed(scene, "rekey-not-allowed"));
    scene_free(scene);
}

static void the_end_by_a_key_of_another_type(void)
{
    struct scene *scene = scene_joined(NULL);
    struct forge_rekey want = the_end(scene);

    want.hand.party = test_ca_issue(
        scene->troupe->root,
        &(struct test_want){.subject = "CN=GCKS,OU=Servers,O=Acme", .key = TEST_P256});
    CU_ASSERT_FALSE(ends(scene, &want));
    CU_ASSERT_TRUE(scene_noticed(scene, "rekey-signature-type"));
    scene_free(scene);
}

/* Only gCKS and rekey authority together end the group for those whom another serves. */
static void who_may_end_the_group(void)
{
    static const char rekey[] =
        "<rekey every=\"1 h\"><authorized dn=\"CN=GCKS,OU=Servers,O=Acme\"/>"
        "<authorized dn=\"CN=Chief,OU=Servers,O=Acme\"/></rekey>";

    for (int is_gcks = 0; is_gcks < 2; is_gcks++) {
        struct scene *scene = scene_joined(NULL);
        struct forge_rekey event = {.hand = {.party = scene->server},
                                    .sequence = 2,
                                    .type = GK_REKEY_NONE,
                                    .stamp = newest(scene) + 1,
                                    .gtpk = &scene->keys.gtpk[0]};
        struct forge_rekey want = the_end(scene);

        event.token = forge_token(
            scene->troupe, &(struct forge_token){.edition = 2,
                                                 .gcks = is_gcks ? "CN=*,OU=Servers,O=Acme" : NULL,
                                                 .rekey = rekey});
        scene_deliver(scene, forge_rekey(scene->troupe, &event));
        CU_ASSERT_EQUAL_FATAL(troupe_member_status(scene->troupe, 0).edition, 2);
        want.hand.party = test_ca_issue(
            scene->troupe->root, &(struct test_want){.subject = "CN=Chief,OU=Servers,O=Acme"});
        /* Later than every GTPK; the KEKs are the other server's. */
        want.stamp = scene->keys.gtpk[0].created;
        CU_ASSERT_FALSE(ends(scene, &want));
        rig_run(scene->rig, 2000);
        want.stamp += 1;
        CU_ASSERT_EQUAL(ends(scene, &want), is_gcks);
        scene_free(scene);
    }
}

const struct test_suite suite_member_rekey_attacks = {
    "member-rekey-attacks",
    {
        {"the forger writes as the server does", the_forger_writes_as_the_server_does},
        {"by a member", by_a_member},
        {"by a member in the server's name", by_a_member_in_the_servers_name},
        {"by the server's name under another CA", by_the_servers_name_under_another_ca},
        {"the server's new certificate is taken", the_servers_new_certificate_is_taken},
        {"by the server's key of another type", by_the_servers_key_of_another_type},
        {"with a changed signature", with_a_changed_signature},
        {"by a server that lost its office", by_a_server_that_lost_its_office},
        {"before the join", before_the_join},
        {"a Sequence ID again", a_sequence_id_again},
        {"an earlier stamp", an_earlier_stamp},
        {"everything again", everything_again},
        {"keys that are not ours", keys_that_are_not_ours},
        {"an older key", an_older_key},
        {"another key under a handle that is held", another_key_under_a_handle_that_is_held},
        {"a good key beside a bad one", a_good_key_beside_a_bad_one},
        {"tokens of others", tokens_of_others},
        {"bad events are no sign of life", bad_events_are_no_sign_of_life},
        {"forgeries put nobody out of step", forgeries_put_nobody_out_of_step},
        {"a flood is bounded", a_flood_is_bounded},
        {"the server ends the group", the_server_ends_the_group},
        {"an old end", an_old_end},
        {"the end by others", the_end_by_others},
        {"the end under another name", the_end_under_another_name},
        {"the end by a server that lost its office", the_end_by_a_server_that_lost_its_office},
        {"the end by a key of another type", the_end_by_a_key_of_another_type},
        {"who may end the group", who_may_end_the_group},
        {NULL, NULL},
    }};
