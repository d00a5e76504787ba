/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on the GC/KS: by strangers, by those whom it knows and put out, and by whoever reads
 * the network. m0 and m1 are in the group. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/roles/fault.h"
#include "tests/roles/forge.h"

static struct troupe *group_of(const char *rekey)
{
    struct troupe *troupe =
        troupe_new(&(struct troupe_plan){.members = 2, .seed = 61, .rekey = rekey});

    troupe_join_all(troupe);
    CU_ASSERT_TRUE_FATAL(troupe_agree(troupe, -1));
    rig_forget_notices(troupe->rig, 0);
    return troupe;
}

static struct troupe *group(void)
{
    return group_of(NULL);
}

static const struct test_party *person(struct troupe *troupe, const char *subject)
{
    return test_ca_issue(troupe->root, &(struct test_want){.subject = subject});
}

static void deliver(struct troupe *troupe, struct gk_octets octets, uint8_t from)
{
    struct gk_peer peer = forge_address(from);

    rig_deliver(troupe->rig, 0, &peer, octets);
}

/* Does a Key Download answer it? */
static bool answered(struct troupe *troupe, const struct forge_rtj *want)
{
    unsigned before = forge_count_sent(troupe, 0, GK_KEY_DOWNLOAD);

    deliver(troupe, forge_rtj(troupe, want), 1);
    return forge_count_sent(troupe, 0, GK_KEY_DOWNLOAD) > before;
}

static uint16_t refusal(const struct troupe *troupe)
{
    const struct gk_notice *notice = rig_noticed(troupe->rig, 0, "member-refused");

    return notice ? notice->notification : GK_NONE;
}

/* Refused with that notification, and nothing at all goes back (terse mode, invariant 6). */
static void refused(struct troupe *troupe, const struct forge_rtj *want, uint16_t notification)
{
    const struct rig_packet *newest = troupe->rig->sent;

    rig_forget_notices(troupe->rig, 0);
    CU_ASSERT_FALSE(answered(troupe, want));
    CU_ASSERT_EQUAL(refusal(troupe), notification);
    CU_ASSERT_PTR_EQUAL(troupe->rig->sent, newest);
    CU_ASSERT_EQUAL(troupe_status(troupe).pending, 0);
}

static struct gk_octets nonce_c(const struct troupe *troupe)
{
    return forge_parsed(rig_last_sent(troupe->rig, 0, GK_KEY_DOWNLOAD))->nonce[GK_NONCE_C];
}

static struct gk_octets ack_of(const struct troupe *troupe, const struct test_party *party)
{
    return forge_ack(troupe,
                     &(struct forge_ack){.hand = {.party = party}, .nonce_c = nonce_c(troupe)});
}

static void admit(struct troupe *troupe, const struct test_party *party)
{
    uint32_t members = troupe_status(troupe).members;

    deliver(troupe, ack_of(troupe, party), 1);
    CU_ASSERT_TRUE(troupe_status(troupe).members >= members);
    CU_ASSERT_EQUAL(troupe_status(troupe).pending, 0);
}

static void the_forger_writes_as_members_do(void)
{
    struct troupe *troupe = group();
    const struct test_party *honest = person(troupe, "CN=new,OU=Members,O=Acme");

    CU_ASSERT_TRUE(answered(troupe, &(struct forge_rtj){.hand = {.party = honest}, .seed = 1}));
    admit(troupe, honest);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 3);
    troupe_free(troupe);
}

/* --- in other names ------------------------------------------------------------------- */

/* And nothing of it stands in the true owner's way, however far ahead it is stamped. */
static void in_the_name_of_another(void)
{
    struct troupe *troupe = group();
    const struct test_party *m0 = troupe->member[0].party;
    struct forge_rtj want = {.hand = {.party = troupe->member[1].party,
                                      .name = "CN=m0,OU=Members,O=Acme",
                                      .stamp = troupe->rig->now.utc + 290},
                             .seed = 1};

    refused(troupe, &want, GK_AUTHENTICATION_FAILED);
    want.hand.certificate = &m0->certificate;
    want.hand.certificate_count = 1;
    want.seed = 2;
    refused(troupe, &want, GK_AUTHENTICATION_FAILED);
    want = (struct forge_rtj){.hand = {.party = m0}, .seed = 3};
    CU_ASSERT_TRUE(answered(troupe, &want));
    troupe_free(troupe);
}

/* A star is a wildcard in rules only (profile 11.7). */
static void a_star_for_a_name(void)
{
    struct troupe *troupe = group();
    const struct test_party *star = person(troupe, "CN=*,OU=Members,O=Acme");
    struct gk_octets name = gk_octets_of("CN=\\2A,OU=Members,O=Acme");
    struct forge_rtj want = {
        .hand = {.party = troupe->member[1].party, .name = "CN=*,OU=Members,O=Acme"}, .seed = 1};
    struct gk_turn turn = {0};

    refused(troupe, &want, GK_AUTHENTICATION_FAILED);
    want = (struct forge_rtj){.hand = {.party = star}, .seed = 2};
    CU_ASSERT_TRUE(answered(troupe, &want));
    admit(troupe, star);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 3);
    CU_ASSERT_TRUE(gcks_evict(troupe->gcks, &name, 1, &troupe->rig->now, &turn, NULL));
    rig_turn(troupe->rig, 0, &turn);
    rig_run(troupe->rig, 5000);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 2);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_free(troupe);
}

/* --- certificates ------------------------------------------------------------------------------
 */

static void with_unfit_certificates(void)
{
    static const char name[] = "CN=new,OU=Members,O=Acme";
    struct troupe *troupe = group();
    const struct test_want wants[] = {
        {.subject = name, .until = TEST_NOW - 1},
        {.subject = name, .from = TEST_NOW + 3600},
        {.subject = name, .usage = 0x20}, /* keyEncipherment */
        {.subject = name, .extension = {{"1.2.3.4", "0500", true}}},
    };
    struct forge_rtj want = {.seed = 1};

    for (size_t i = 0; i < sizeof wants / sizeof *wants; i++) {
        want.hand.party = test_ca_issue(troupe->root, &wants[i]);
        want.seed++;
        refused(troupe, &want, GK_AUTHENTICATION_FAILED);
    }
    want.hand.party =
        test_ca_issue(test_ca_new("CN=Root,O=Acme"), &(struct test_want){.subject = name});
    refused(troupe, &want, GK_INVALID_CERT_AUTHORITY);
    want.hand.bare = true;
    refused(troupe, &want, GK_CERTIFICATE_UNAVAILABLE);
    troupe_free(troupe);
}

/* A member that signs certificates for its friends. */
static void by_a_member_that_plays_ca(void)
{
    struct troupe *troupe = group();
    const struct test_party *m1 = troupe->member[1].party;
    const struct test_party *friend =
        test_ca_issue(m1, &(struct test_want){.subject = "CN=friend,OU=Members,O=Acme"});
    struct gk_octets chain[2] = {friend->certificate, m1->certificate};
    struct forge_rtj want = {
        .hand = {.party = friend, .certificate = chain, .certificate_count = 2}, .seed = 1};

    refused(troupe, &want, GK_AUTHENTICATION_FAILED);
    troupe_free(troupe);
}

/* A CA for guests only (RFC 5280 4.2.1.10) certifies a member. */
static void by_a_ca_beyond_its_constraints(void)
{
    static const char guests[] = "3028a0263024a42230203"
                                 "10d300b060355040a0c0441636d65310f300d060355040b0c06477565737473";
    struct troupe *troupe = group();
    const struct test_party *ca = test_ca_issue(
        troupe->root, &(struct test_want){.subject = "CN=Guests CA,O=Acme",
                                          .ca = true,
                                          .extension = {{"2.5.29.30", guests, true}}});
    const struct test_party *party =
        test_ca_issue(ca, &(struct test_want){.subject = "CN=new,OU=Members,O=Acme"});
    struct gk_octets chain[2] = {party->certificate, ca->certificate};
    struct forge_rtj want = {.hand = {.party = party, .certificate = chain, .certificate_count = 2},
                             .seed = 1};

    refused(troupe, &want, GK_AUTHENTICATION_FAILED);
    party = test_ca_issue(ca, &(struct test_want){.subject = "CN=new,OU=Guests,O=Acme"});
    chain[0] = party->certificate;
    want.hand.party = party;
    refused(troupe, &want, GK_UNAUTHORIZED_REQUEST); /* well certified, and no member */
    troupe_free(troupe);
}

/* It brings no list of its own, or an older one: the server's list counts. */
static void with_a_revoked_certificate(void)
{
    struct troupe *troupe = group();
    const struct test_party *revoked = person(troupe, "CN=new,OU=Members,O=Acme");
    struct gk_octets crl =
        test_crl(troupe->root, &(struct test_crl_want){.serial = {revoked->serial}});
    struct gk_octets older =
        test_crl(troupe->root, &(struct test_crl_want){.this_update = TEST_NOW - 500000});
    struct forge_rtj want = {.hand = {.party = revoked}, .seed = 1};

    troupe_gcks_policy(troupe, &crl, 1);
    refused(troupe, &want, GK_AUTHENTICATION_FAILED);
    want.hand.crl = &older;
    want.seed = 2;
    refused(troupe, &want, GK_AUTHENTICATION_FAILED);
    troupe_free(troupe);
}

/* Nine CAs of one name and key, each of which may have issued each: the search ends. */
static void with_a_maze_of_certificates(void)
{
    struct troupe *troupe = group();
    const struct test_party *wall =
        test_ca_issue(NULL, &(struct test_want){.subject = "CN=Wall", .seed = 900, .ca = true});
    const struct test_party *outsider =
        test_ca_issue(wall, &(struct test_want){.subject = "CN=new,OU=Members,O=Acme"});
    struct gk_octets chain[10] = {outsider->certificate};
    struct forge_rtj want = {
        .hand = {.party = outsider, .certificate = chain, .certificate_count = 10}, .seed = 1};

    for (size_t i = 1; i < 10; i++)
        chain[i] =
            test_ca_issue(wall, &(struct test_want){.subject = "CN=Wall", .seed = 900, .ca = true})
                ->certificate;
    CU_ASSERT_FALSE(answered(troupe, &want));
    CU_ASSERT_NOT_EQUAL(refusal(troupe), GK_NONE);
    troupe_free(troupe);
}

/* --- who was put out ------------------------------------------------------------------ */

static void in_another_case_than_excluded(void)
{
    static const char *const others[] = {"CN=M1,OU=Members,O=Acme", "CN=m1 ,OU=Members,O=Acme",
                                         "CN=\xef\xbd\x8d"
                                         "1,OU=Members,O=Acme"};
    struct troupe *troupe = group();
    struct gk_reason why;

    CU_ASSERT_TRUE(
        troupe_publish(troupe, troupe_token(troupe, 2, "CN=m1,OU=Members,O=Acme", TEST_NOW), &why));
    rig_run(troupe->rig, 5000);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 1);
    for (unsigned i = 0; i < 3; i++) {
        struct forge_rtj want = {.hand = {.party = person(troupe, others[i])}, .seed = i + 1};

        refused(troupe, &want, GK_UNAUTHORIZED_REQUEST);
    }
    troupe_free(troupe);
}

/* The token excludes by the subject's DER; the new certificate writes the same name in
 * another type of string. */
static void in_another_encoding_than_excluded(void)
{
    static const char exclusion[] =
        "<exclude der-dn=\"3031310d300b060355040a0c0441636d65"
        "3110300e060355040b0c074d656d62657273310e300c060355040313056576652031\"/>";
    struct troupe *troupe = group();
    struct forge_rtj want = {.hand = {.party = person(troupe, "CN=eve 1,OU=Members,O=Acme")},
                             .seed = 1};
    struct gk_reason why;

    CU_ASSERT_TRUE_FATAL(troupe_publish(
        troupe, forge_token(troupe, &(struct forge_token){.edition = 2, .exclusions = exclusion}),
        &why));
    rig_run(troupe->rig, 5000);
    refused(troupe, &want, GK_UNAUTHORIZED_REQUEST);
    troupe_free(troupe);
}

/* Under another CA of the same root, in another case, after a restart (profile 4.8, 9.14). */
static void evicted_and_back_as_somebody_like_it(void)
{
    static const char *const names[] = {"CN=m1,OU=Members,O=Acme", "CN=M1,OU=Members,O=Acme"};
    struct troupe *troupe = group();
    const struct test_party *other =
        test_ca_issue(troupe->root, &(struct test_want){.subject = "CN=Other,O=Acme", .ca = true});

    CU_ASSERT_TRUE(troupe_evict(troupe, 1));
    rig_run(troupe->rig, 5000);
    for (unsigned i = 0; i < 4; i++) {
        const struct test_party *party = test_ca_issue(
            i & 1 ? other : troupe->root, &(struct test_want){.subject = names[i / 2]});
        struct gk_octets chain[2] = {party->certificate, other->certificate};
        struct forge_rtj want = {
            .hand = {.party = party, .certificate = chain, .certificate_count = i & 1 ? 2 : 1},
            .seed = i + 1};

        refused(troupe, &want, GK_PROHIBITED_BY_LOCAL_POLICY);
        troupe_restart_gcks(troupe);
    }
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 1);
    troupe_free(troupe);
}

/* Whoever registers again with a new certificate is judged by that one from then on. */
static void a_new_certificate_counts(void)
{
    for (int excludes_new = 0; excludes_new < 2; excludes_new++) {
        struct troupe *troupe = group();
        const struct test_party *renewed = person(troupe, "CN=m1,OU=Members,O=Acme");
        const struct test_party *excluded = excludes_new ? renewed : troupe->member[1].party;
        char *id = gk_hex(gk_octets(excluded->key_id, sizeof excluded->key_id));
        char *exclusion = gk_format("<exclude key-id=\"%s\"/>", id);
        struct forge_rtj want = {.hand = {.party = renewed}, .seed = 1};
        struct gk_reason why;

        troupe->rig->node[troupe->member[1].node].down = true;
        CU_ASSERT_TRUE(answered(troupe, &want));
        admit(troupe, renewed);
        rig_run(troupe->rig, 5000);
        CU_ASSERT_EQUAL(troupe_status(troupe).members, 2);
        CU_ASSERT_TRUE(troupe_publish(
            troupe,
            forge_token(troupe, &(struct forge_token){.edition = 2, .exclusions = exclusion}),
            &why));
        rig_run(troupe->rig, 5000);
        CU_ASSERT_EQUAL(troupe_status(troupe).members, excludes_new ? 1 : 2);
        free(id);
        free(exclusion);
        troupe_free(troupe);
    }
}

/* The path of the evicted has not changed yet: nobody else gets that leaf (profile 9.13). */
static void the_leaf_of_the_evicted(void)
{
    struct troupe *troupe = group();
    uint32_t leaf = troupe_member_status(troupe, 1).member_id;
    const struct test_party *late = person(troupe, "CN=late,OU=Members,O=Acme");
    struct forge_rtj want = {.hand = {.party = late}, .seed = 1};

    CU_ASSERT_TRUE(troupe_rekey(troupe));
    CU_ASSERT_TRUE(troupe_evict(troupe, 1)); /* its event waits a second */
    CU_ASSERT_TRUE(answered(troupe, &want));
    admit(troupe, late);
    for (uint64_t cursor = 0;;) {
        struct gcks_member member;

        if (!gcks_next_member(troupe->gcks, &cursor, &member))
            break;
        CU_ASSERT_NOT_EQUAL(member.member_id, leaf);
    }
    rig_run(troupe->rig, 5000);
    CU_ASSERT_FALSE(troupe_current(troupe, 1));
    troupe_free(troupe);
}

/* A token comes into force while a Key Download with the one before it is made, in a group
 * that no Rekey Event would tell. */
static void no_older_token_is_given_out(void)
{
    static const char rekey[] = "<rekey protocol=\"none\"/>";
    struct troupe *troupe =
        troupe_new(&(struct troupe_plan){.members = 1, .seed = 63, .rekey = "protocol=\"none\""});
    struct gk_reason why;

    troupe->rig->hold_jobs = true;
    troupe_join(troupe, 0);
    rig_run_jobs(troupe->rig, false);
    rig_run(troupe->rig, 10);
    CU_ASSERT_EQUAL_FATAL(troupe->rig->job_count, 1);
    rig_run_job(troupe->rig, 0); /* the RTJ is verified, the KeyDL is being made */
    CU_ASSERT_EQUAL_FATAL(troupe->rig->job_count, 1);
    CU_ASSERT_TRUE(troupe_publish(
        troupe, forge_token(troupe, &(struct forge_token){.edition = 2, .rekey = rekey}), &why));
    CU_ASSERT_EQUAL(troupe_status(troupe).edition, 2);
    troupe->rig->hold_jobs = false;
    rig_run_jobs(troupe->rig, false);
    rig_run(troupe->rig, 1000);
    CU_ASSERT_TRUE(troupe_in(troupe, 0));
    CU_ASSERT_EQUAL(troupe_member_status(troupe, 0).edition, 2);
    troupe_free(troupe);
}

/* --- what is in the message ----------------------------------------------------------- */

static void by_lesser_mechanisms(void)
{
    struct troupe *troupe = group();
    const struct test_party *p256 = test_ca_issue(
        troupe->root, &(struct test_want){.subject = "CN=p,OU=Members,O=Acme", .key = TEST_P256});
    struct forge_rtj want = {.hand = {.party = person(troupe, "CN=new,OU=Members,O=Acme")},
                             .mechanism = gk_suite_named("recommended-aes128")->mechanism,
                             .seed = 1};

    refused(troupe, &want, GK_PROHIBITED_BY_GROUP_POLICY);
    want = (struct forge_rtj){.hand = {.party = p256}, .seed = 2};
    refused(troupe, &want, GK_PROHIBITED_BY_GROUP_POLICY);
    want.mechanism = gk_suite_named("p256")->mechanism;
    want.seed = 3;
    want.hand.stamp = troupe->rig->now.utc + 1;
    refused(troupe, &want, GK_PROHIBITED_BY_GROUP_POLICY);
    troupe_free(troupe);
}

/* Points of small order make an all-zero Z (profile 7.2). */
static void with_public_values_that_are_none(void)
{
    static const uint8_t zero[32] = {0};
    static const uint8_t one[32] = {1};
    struct troupe *troupe = group();
    const struct test_party *party = person(troupe, "CN=new,OU=Members,O=Acme");
    struct forge_rtj want = {.hand = {.party = party}, .seed = 1};

    want.public_value = gk_octets(zero, sizeof zero);
    refused(troupe, &want, GK_PAYLOAD_MALFORMED);
    want.public_value = gk_octets(one, sizeof one);
    want.seed = 2;
    refused(troupe, &want, GK_PAYLOAD_MALFORMED);
    want =
        (struct forge_rtj){.hand = {.party = party, .stamp = troupe->rig->now.utc + 1}, .seed = 3};
    CU_ASSERT_TRUE(answered(troupe, &want));
    troupe_free(troupe);
}

/* The nonce of a session again, with another Key Creation value: a new session with a nonce
 * and keys of its own; the old Ack is nobody's. */
static void with_a_nonce_again(void)
{
    struct troupe *troupe = group();
    const struct test_party *party = person(troupe, "CN=new,OU=Members,O=Acme");
    struct forge_rtj want = {.hand = {.party = party}, .seed = 1};
    struct gk_octets old_ack;
    struct gk_octets first;

    CU_ASSERT_TRUE(answered(troupe, &want));
    first = forge_kept(nonce_c(troupe));
    old_ack = ack_of(troupe, party);
    want.key_seed = 2;
    want.hand.stamp = troupe->rig->now.utc + 1;
    CU_ASSERT_TRUE(answered(troupe, &want));
    CU_ASSERT_FALSE(gk_octets_equal(first, nonce_c(troupe)));
    deliver(troupe, old_ack, 1);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 2);
    CU_ASSERT_EQUAL(troupe_status(troupe).pending, 1);
    admit(troupe, party);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 3);
    deliver(troupe, old_ack, 1);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 3);
    troupe_free(troupe);
}

static void a_member_acks_for_another(void)
{
    struct troupe *troupe = group();
    const struct test_party *party = person(troupe, "CN=new,OU=Members,O=Acme");
    struct forge_rtj want = {.hand = {.party = party}, .seed = 1};
    struct forge_ack ack = {.hand = {.party = troupe->member[1].party}};

    CU_ASSERT_TRUE(answered(troupe, &want));
    ack.nonce_c = nonce_c(troupe);
    deliver(troupe, forge_ack(troupe, &ack), 1);
    ack.hand.name = "CN=new,OU=Members,O=Acme";
    deliver(troupe, forge_ack(troupe, &ack), 1);
    ack.notification = GK_NACK;
    deliver(troupe, forge_ack(troupe, &ack), 1);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 2);
    CU_ASSERT_EQUAL(troupe_status(troupe).pending, 1);
    admit(troupe, party);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 3);
    troupe_free(troupe);
}

/* --- what goes to those who proved nothing (invariant 6) ------------------------------ */

static size_t octets_to_strangers(const struct troupe *troupe, size_t *largest)
{
    const struct rig_packet *packet = troupe->rig->sent;
    size_t count = 0;

    for (*largest = 0; packet; packet = packet->next) {
        if (fault_exchange(gk_secret_octets(&packet->octets)) != GK_KEY_DOWNLOAD)
            continue;
        count++;
        if (packet->octets.size > *largest)
            *largest = packet->octets.size;
    }
    return count;
}

/* One verified RTJ, sent again from everywhere for as long as anybody likes. */
static void a_recorded_rtj_is_no_amplifier(void)
{
    struct troupe *troupe = group();
    const struct test_party *party = person(troupe, "CN=new,OU=Members,O=Acme");
    struct forge_rtj want = {.hand = {.party = party}, .seed = 1};
    struct gk_octets rtj = forge_rtj(troupe, &want);
    size_t largest;
    size_t before = octets_to_strangers(troupe, &largest);

    for (int second = 0; second < 60; second++) {
        for (uint8_t from = 0; from < 20; from++) {
            deliver(troupe, rtj, from);
            deliver(troupe, forge_embedded(troupe, rtj), from);
        }
        rig_run(troupe->rig, 1000);
    }
    CU_ASSERT_EQUAL(octets_to_strangers(troupe, &largest) - before, 4);
    CU_ASSERT_TRUE(largest < 4096);
    troupe_free(troupe);
}

/* More forgeries than the queue takes, in everybody's name: bounded, and who is honest gets
 * in with what it sends next. */
static void a_flood_is_bounded(void)
{
    struct troupe *troupe = troupe_new(
        &(struct troupe_plan){.members = 2, .seed = 62, .queue_most = 16, .jobs_most = 4});
    struct forge_rtj want = {.hand = {.party = troupe->member[0].party, .bad = true}};

    troupe->rig->hold_jobs = true;
    for (want.seed = 1; want.seed <= 100; want.seed++)
        deliver(troupe, forge_rtj(troupe, &want), (uint8_t)want.seed);
    CU_ASSERT_EQUAL(troupe->rig->job_count, 4);
    CU_ASSERT_EQUAL(troupe_status(troupe).counts.dropped, 100 - 16 - 4);
    troupe->rig->hold_jobs = false;
    rig_run_jobs(troupe->rig, false);
    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_free(troupe);
}

const struct test_suite suite_gcks_attacks = {
    "gcks-attacks",
    {
        {"the forger writes as members do", the_forger_writes_as_members_do},
        {"in the name of another", in_the_name_of_another},
        {"a star for a name", a_star_for_a_name},
        {"with unfit certificates", with_unfit_certificates},
        {"by a member that plays CA", by_a_member_that_plays_ca},
        {"by a CA beyond its constraints", by_a_ca_beyond_its_constraints},
        {"with a revoked certificate", with_a_revoked_certificate},
        {"with a maze of certificates", with_a_maze_of_certificates},
        {"in another case than excluded", in_another_case_than_excluded},
        {"in another encoding than excluded", in_another_encoding_than_excluded},
        {"evicted, and back as somebody like it", evicted_and_back_as_somebody_like_it},
        {"a new certificate counts", a_new_certificate_counts},
        {"the leaf of the evicted", the_leaf_of_the_evicted},
        {"no older token is given out", no_older_token_is_given_out},
        {"by lesser mechanisms", by_lesser_mechanisms},
        {"with public values that are none", with_public_values_that_are_none},
        {"with a nonce again", with_a_nonce_again},
        {"a member Acks for another", a_member_acks_for_another},
        {"a recorded RTJ is no amplifier", a_recorded_rtj_is_no_amplifier},
        {"a flood is bounded", a_flood_is_bounded},
        {NULL, NULL},
    }};
