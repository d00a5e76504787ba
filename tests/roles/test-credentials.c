/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several join mechanisms in one token, members and servers with several keys (profile 4.8, 6.1,
 * 6.2, 6.7, 12.11), and what an attacker who forges and drops makes of them (invariant 15).
 */
#include <string.h>

#include "roles/member-internal.h"
#include "tests/roles/forge.h"
#include "tests/roles/member-scene.h"
#include "tests/roles/troupe.h"

#define GCKS  "<gcks dn=\"CN=GCKS,OU=Servers,O=Acme\"/>"
#define ALLOW "<access><allow dn=\"CN=*,OU=Members,O=Acme\"/></access>"

/* Ed25519 before P-256, one list of rules. */
static const char both[] = "<registration>" GCKS ALLOW "<mechanism suite=\"recommended\"/>"
                           "<mechanism suite=\"p256\"/></registration>";
/* Each with its own rules (profile 6.2). */
static const char apart[] =
    "<registration>" GCKS "<access><allow dn=\"CN=m0,OU=Members,O=Acme\"/></access>"
    "<mechanism suite=\"recommended\"/></registration>"
    "<registration>" GCKS "<access><allow dn=\"CN=m1,OU=Members,O=Acme\"/></access>"
    "<mechanism suite=\"p256\"/></registration>";

static const struct gk_mechanism *mechanism(const char *suite)
{
    return &gk_suite_named(suite)->mechanism;
}

static struct troupe *group(const char *registrations, const char *rekey)
{
    return troupe_new(&(struct troupe_plan){
        .members = 2, .seed = 61, .also = "p256", .registrations = registrations, .rekey = rekey});
}

static struct member_config *config_of(struct troupe *troupe, unsigned index)
{
    return &troupe->member[index].config;
}

/* It has no key but that for P-256. */
static void only_p256(struct troupe *troupe, unsigned index)
{
    struct member_config *config = config_of(troupe, index);

    troupe_equip(troupe, index, "p256");
    config->credential[0] = config->credential[1];
    config->credential_count = 1;
    config->mechanism = *mechanism("p256");
    troupe_rebuild(troupe, index);
}

static bool uses(const struct troupe *troupe, unsigned index, const char *suite)
{
    struct member_status status = troupe_member_status(troupe, index);

    return gk_mechanism_equal(&status.mechanism, mechanism(suite));
}

static unsigned asked_by(const struct troupe *troupe, unsigned index, const char *suite)
{
    unsigned count = 0;

    for (const struct rig_packet *at = troupe->rig->sent; at; at = at->next) {
        struct gk_octets octets = gk_secret_octets(&at->octets);
        struct gk_message message;

        if (at->from == troupe->member[index].node &&
            gk_message_parse(&message, octets, &troupe->policy.group,
                             GK_EXCHANGE_BIT(GK_REQUEST_TO_JOIN), NULL))
            count += message.signature.type == mechanism(suite)->signature;
    }
    return count;
}

/* --- members of both kinds ------------------------------------------------------------------- */

static void agrees_through_a_rekey(const char *rekey)
{
    struct troupe *troupe = group(both, rekey);

    only_p256(troupe, 1);
    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_TRUE(uses(troupe, 0, "recommended") && uses(troupe, 1, "p256"));
    /* No Rekey Event costs the member a path: its key came with the KeyDL. */
    troupe->member[0].member->in.last_path = troupe->member[1].member->in.last_path = INT64_MAX / 2;
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 3000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_free(troupe);
}

static void members_of_both_kinds(void)
{
    agrees_through_a_rekey("every=\"1 h\" resend=\"0\" signature=\"49153\"");
    agrees_through_a_rekey("every=\"1 h\" resend=\"0\" signature=\"49154\"");
}

static void they_survive_restarts(void)
{
    struct troupe *troupe = group(both, NULL);

    only_p256(troupe, 1);
    troupe_join_all(troupe);
    troupe_restart_gcks(troupe);
    troupe_restart_member(troupe, 0);
    troupe_restart_member(troupe, 1);
    CU_ASSERT_TRUE(troupe_in(troupe, 0) && troupe_in(troupe, 1));
    CU_ASSERT_PTR_NULL(troupe->member[0].member->in.server_signer);
    CU_ASSERT_PTR_NOT_NULL_FATAL(troupe->member[1].member->in.server_signer);
    CU_ASSERT_TRUE(gk_octets_equal(troupe->member[1].member->in.server->certificate,
                                   troupe->gcks_party->certificate));
    CU_ASSERT_TRUE(gk_octets_equal(troupe->member[1].member->in.server_signer->certificate,
                                   troupe->gcks_second->certificate));
    rig_run(troupe->rig, 2000);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 3000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_free(troupe);
}

static void each_entry_has_its_own_rules(void)
{
    struct troupe *troupe = group(apart, NULL);
    const struct gk_notice *notice;

    only_p256(troupe, 0);
    only_p256(troupe, 1);
    troupe_join(troupe, 0);
    troupe_join(troupe, 1);
    rig_run(troupe->rig, 2000);
    CU_ASSERT_TRUE(troupe_in(troupe, 1));
    CU_ASSERT_FALSE(troupe_in(troupe, 0));
    notice = rig_noticed(troupe->rig, 0, "member-refused");
    CU_ASSERT_TRUE(notice && notice->notification == GK_UNAUTHORIZED_REQUEST);
    troupe_free(troupe);
}

static void a_member_that_lost_its_key_joins_anew(void)
{
    struct troupe *troupe = group(both, NULL);

    troupe_equip(troupe, 0, "p256");
    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_in(troupe, 0) && uses(troupe, 0, "recommended"));
    config_of(troupe, 0)->credential[0] = config_of(troupe, 0)->credential[1];
    config_of(troupe, 0)->credential_count = 1;
    config_of(troupe, 0)->mechanism = *mechanism("p256");
    troupe_restart_member(troupe, 0);
    CU_ASSERT_FALSE(troupe_in(troupe, 0));
    CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, troupe->member[0].node, "key-and-mechanism"));
    troupe_join(troupe, 0);
    rig_run(troupe->rig, 2000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_free(troupe);
}

/* --- which mechanism (profile 6.7) ------------------------------------------------------------ */

static void the_token_raises(void)
{
    struct troupe *troupe = group(both, NULL);
    const struct gk_notice *notice;

    troupe_equip(troupe, 0, "p256");
    config_of(troupe, 0)->mechanism = *mechanism("p256");
    troupe_rebuild(troupe, 0);
    troupe_join(troupe, 0);
    rig_run(troupe->rig, 2000);
    CU_ASSERT_TRUE(troupe_in(troupe, 0) && uses(troupe, 0, "recommended"));
    CU_ASSERT_TRUE(troupe_member_status(troupe, 0).raised);
    CU_ASSERT_EQUAL(troupe_member_status(troupe, 0).credential, 0);
    notice = rig_noticed(troupe->rig, troupe->member[0].node, "join-failed");
    CU_ASSERT_TRUE(notice && notice->notification == GK_PROHIBITED_BY_GROUP_POLICY);
    /* The NACK of the lesser session was signed by that session's key: the server took it. */
    CU_ASSERT_EQUAL(troupe_status(troupe).counts.nacks, 1);
    CU_ASSERT_EQUAL(asked_by(troupe, 0, "p256"), 1);
    troupe_free(troupe);
}

/* It has no key for the better one: then it cannot use it, and the lesser serves. */
static void nobody_is_raised_to_what_he_cannot(void)
{
    struct troupe *troupe = group(both, NULL);

    only_p256(troupe, 0);
    troupe_join(troupe, 0);
    rig_run(troupe->rig, 2000);
    CU_ASSERT_TRUE(troupe_in(troupe, 0) && uses(troupe, 0, "p256"));
    troupe_free(troupe);
}

/* Nor to what local policy does not list. */
static void nobody_is_raised_to_what_is_not_allowed(void)
{
    struct troupe *troupe = group(both, NULL);
    struct load_policy policy = troupe->policy;

    policy.local.mechanisms = mechanism("p256");
    policy.local.mechanism_count = 1;
    troupe_equip(troupe, 0, "p256");
    config_of(troupe, 0)->policy = &policy;
    config_of(troupe, 0)->mechanism = *mechanism("p256");
    troupe_rebuild(troupe, 0);
    troupe_join(troupe, 0);
    rig_run(troupe->rig, 2000);
    CU_ASSERT_TRUE(troupe_in(troupe, 0) && uses(troupe, 0, "p256"));
    troupe_free(troupe);
}

struct attack {
    size_t member, server;
    uint16_t kept_out; /* RTJs of this signature type do not arrive */
    struct gk_octets forged;
};

/* Drops what asks by the higher mechanism, and answers in the server's name. */
static bool forge_and_drop(struct rig *rig, struct rig_packet *packet, void *context)
{
    const struct attack *attack = context;
    struct gk_message message;

    if (packet->to != attack->server || packet->from != attack->member)
        return true;
    if (!gk_message_header(&message, gk_secret_octets(&packet->octets), NULL,
                           GK_EXCHANGE_BIT(GK_REQUEST_TO_JOIN), NULL) ||
        !gk_message_chain(&message, NULL) || message.signature.type != attack->kept_out)
        return true;
    if (attack->forged.size)
        rig_inject(rig, attack->server, attack->member, GK_UDP, attack->forged);
    return false;
}

static void an_unsigned_answer_changes_nothing(void)
{
    struct troupe *troupe = group(both, NULL);
    struct gk_message error = {.group = troupe->policy.group,
                               .exchange = GK_REQUEST_TO_JOIN_ERROR,
                               .notification_count = 1};
    struct attack attack = {.member = troupe->member[0].node, .kept_out = 49153};
    struct gk_writer forged = {0};

    error.notification[0].type = GK_PROHIBITED_BY_GROUP_POLICY;
    CU_ASSERT_TRUE_FATAL(gk_message_build(&error, NULL, &forged, NULL));
    attack.forged = gk_writer_octets(&forged);
    troupe->rig->filter = forge_and_drop;
    troupe->rig->context = &attack;
    troupe_equip(troupe, 0, "p256");
    troupe_join(troupe, 0);
    rig_run(troupe->rig, 60000);
    CU_ASSERT_FALSE(troupe_in(troupe, 0));
    CU_ASSERT_TRUE(asked_by(troupe, 0, "recommended") >= 4);
    CU_ASSERT_EQUAL(asked_by(troupe, 0, "p256"), 0);
    troupe->rig->filter = NULL;
    gk_writer_free(&forged);
    troupe_free(troupe);
}

/* The configuration lists both, so that a round in vain leads to the lower one; its verified
 * token leads back, and from there no way leads down again (invariant 15). */
static void no_downgrade(void)
{
    const struct gk_mechanism allowed[2] = {*mechanism("recommended"), *mechanism("p256")};
    struct troupe *troupe = group(both, NULL);
    struct attack attack = {.member = troupe->member[0].node, .kept_out = 49153};
    struct load_policy policy = troupe->policy;
    unsigned lower;

    policy.local.mechanisms = allowed;
    policy.local.mechanism_count = 2;
    troupe_equip(troupe, 0, "p256");
    config_of(troupe, 0)->policy = &policy;
    troupe_rebuild(troupe, 0);
    troupe->rig->filter = forge_and_drop;
    troupe->rig->context = &attack;
    troupe_join(troupe, 0);
    for (int i = 0; i < 600; i++) {
        rig_run(troupe->rig, 1000);
        CU_ASSERT_FALSE(troupe_in(troupe, 0));
    }
    lower = asked_by(troupe, 0, "p256");
    CU_ASSERT_EQUAL(lower, 1);
    CU_ASSERT_TRUE(troupe_member_status(troupe, 0).raised);
    troupe_restart_member(troupe, 0);
    CU_ASSERT_TRUE(uses(troupe, 0, "recommended"));
    CU_ASSERT_TRUE(troupe_member_status(troupe, 0).raised);
    troupe->rig->filter = NULL;
    troupe_join(troupe, 0);
    rig_run(troupe->rig, 2000);
    CU_ASSERT_TRUE(troupe_in(troupe, 0) && uses(troupe, 0, "recommended"));
    CU_ASSERT_EQUAL(asked_by(troupe, 0, "p256"), lower);
    troupe_free(troupe);
}

/* A group that offers the second of the configured ones only is found, after one round. */
static void the_list_is_tried_in_its_order(void)
{
    const struct gk_mechanism allowed[2] = {*mechanism("recommended"), *mechanism("p256")};
    struct troupe *troupe = troupe_new(
        &(struct troupe_plan){.members = 1, .seed = 62, .suite = "p256", .also = "recommended"});
    struct load_policy policy = troupe->policy;

    policy.local.mechanisms = allowed;
    policy.local.mechanism_count = 2;
    troupe_equip(troupe, 0, "recommended");
    config_of(troupe, 0)->policy = &policy;
    config_of(troupe, 0)->mechanism = allowed[0];
    troupe_rebuild(troupe, 0);
    troupe_join(troupe, 0);
    rig_run(troupe->rig, 19000);
    CU_ASSERT_EQUAL(asked_by(troupe, 0, "p256"), 0);
    rig_run(troupe->rig, 3000);
    CU_ASSERT_TRUE(troupe_in(troupe, 0) && uses(troupe, 0, "p256"));
    CU_ASSERT_FALSE(troupe_member_status(troupe, 0).raised);
    /* The operator's word ends it: the next attempt begins as configured. */
    CU_ASSERT_TRUE(troupe_leave(troupe, 0));
    CU_ASSERT_TRUE(uses(troupe, 0, "recommended"));
    troupe_free(troupe);
}

/* --- keys that are not the server's --------------------------------------------------------- */

/* The server's KeyDL brings this certificate beside its own; is it taken for that of its Rekey
 * Events, which the token wants signed by P-256? */
static bool taken_for_the_servers(const struct test_party *(*other)(struct troupe *troupe,
                                                                    struct gk_octets *chain))
{
    struct scene *scene = scene_asking(
        &(struct troupe_plan){.members = 2,
                              .seed = 65,
                              .also = "p256",
                              .rekey = "every=\"1 h\" resend=\"0\" signature=\"49154\""},
        NULL);
    struct gk_octets chain[3] = {scene->server->certificate};
    struct forge_keydl want = {.hand = {.party = scene->server, .certificate = chain},
                               .rtj = scene->rtj,
                               .keys = &scene->keys,
                               .seed = 1};
    const struct test_party *party = other(scene->troupe, &chain[2]);
    const struct member_membership *in = &scene->troupe->member[0].member->in;
    bool taken;

    chain[1] = party->certificate;
    want.hand.certificate_count = chain[2].size ? 3 : 2;
    scene_deliver(scene, forge_keydl(scene->troupe, &want));
    CU_ASSERT_TRUE_FATAL(troupe_in(scene->troupe, 0));
    taken = gk_octets_equal(in->server->certificate, party->certificate);
    CU_ASSERT_EQUAL(in->server_signer != NULL, taken);
    CU_ASSERT_TRUE(gk_octets_equal(taken ? in->server_signer->certificate : in->server->certificate,
                                   chain[0]));
    scene_free(scene);
    return taken;
}

static const struct test_party *its_own(struct troupe *troupe, struct gk_octets *chain)
{
    (void)chain;
    return troupe->gcks_second;
}

static const struct test_party *of_another_subject(struct troupe *troupe, struct gk_octets *chain)
{
    (void)chain;
    return test_ca_issue(
        troupe->root, &(struct test_want){.subject = "CN=m1,OU=Members,O=Acme", .key = TEST_P256});
}

static const struct test_party *of_another_ca(struct troupe *troupe, struct gk_octets *chain)
{
    const struct test_party *inter =
        test_ca_issue(troupe->root, &(struct test_want){.subject = "CN=Inter,O=Acme", .ca = true});

    *chain = inter->certificate;
    return test_ca_issue(
        inter, &(struct test_want){.subject = "CN=GCKS,OU=Servers,O=Acme", .key = TEST_P256});
}

static const struct test_party *of_no_root(struct troupe *troupe, struct gk_octets *chain)
{
    (void)troupe;
    (void)chain;
    return test_ca_issue(
        test_ca_new("CN=Root,O=Acme"),
        &(struct test_want){.subject = "CN=GCKS,OU=Servers,O=Acme", .key = TEST_P256});
}

static const struct test_party *of_another_type(struct troupe *troupe, struct gk_octets *chain)
{
    (void)chain;
    return test_ca_issue(troupe->root, &(struct test_want){.subject = "CN=GCKS,OU=Servers,O=Acme",
                                                           .key = TEST_P384});
}

static void a_strangers_key_in_a_keydl(void)
{
    CU_ASSERT_TRUE(taken_for_the_servers(its_own));
    CU_ASSERT_FALSE(taken_for_the_servers(of_another_subject));
    CU_ASSERT_FALSE(taken_for_the_servers(of_another_ca));
    CU_ASSERT_FALSE(taken_for_the_servers(of_no_root));
    CU_ASSERT_FALSE(taken_for_the_servers(of_another_type));
}

/* --- what a configuration may not say ----------------------------------------------------------
 */

static void refused(struct troupe *troupe, const struct gcks_config *config, const char *code,
                    const char *text)
{
    struct gk_reason why = {.code = ""};
    struct gk_turn turn = {0};

    CU_ASSERT_PTR_NULL(gcks_new(config, troupe->token, &troupe->rig->now, &turn, &why));
    CU_ASSERT_STRING_EQUAL(why.code, code);
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, text));
    gk_turn_free(&turn);
}

static void servers_are_one_identity(void)
{
    struct troupe *troupe = group(both, NULL);
    const struct test_party *other_root = test_ca_new("CN=Root,O=Acme");
    struct gk_octets roots[2] = {troupe->root->certificate, other_root->certificate};
    struct load_policy policy = troupe->policy;
    struct gcks_config config = troupe->gcks_config;
    struct gk_octets other[1];

    policy.trust.roots = roots;
    policy.trust.root_count = 2;
    memcpy(policy.owner_ca, troupe->root->key_id, sizeof policy.owner_ca);
    policy.has_owner_ca = true;
    config.policy = &policy;
    config.credential[1].certificates = other;
    other[0] = test_ca_issue(troupe->root,
                             &(struct test_want){.subject = "CN=GCKS2,O=Acme", .key = TEST_P256})
                   ->certificate;
    refused(troupe, &config, "credentials", "differ in subject");
    other[0] = test_ca_issue(other_root, &(struct test_want){.subject = "CN=GCKS,OU=Servers,O=Acme",
                                                             .key = TEST_P256})
                   ->certificate;
    refused(troupe, &config, "credentials", "different keys");
    config.credential[1] = config.credential[0];
    refused(troupe, &config, "credentials", "two of the server's keys sign with Ed25519");
    troupe_free(troupe);
}

static void every_mechanism_is_served_or_none(void)
{
    struct troupe *troupe = group(both, NULL);
    struct gcks_config config = troupe->gcks_config;
    struct load_policy policy = troupe->policy;

    config.credential_count = 1;
    refused(troupe, &config, "no-credential", "joinMechanism 2 of the token");
    config = troupe->gcks_config;
    policy.local.mechanisms = mechanism("p256");
    policy.local.mechanism_count = 1;
    config.policy = &policy;
    refused(troupe, &config, "mechanisms", "Ed25519");
    troupe_free(troupe);
}

static void a_message_takes_ten_certificates(void)
{
    struct troupe *troupe = group(both, NULL);
    struct gcks_config config = troupe->gcks_config;
    struct gk_octets many[10] = {troupe->gcks_second_certificates[0]};
    struct gk_reason why = {.code = ""};
    struct gk_turn turn = {0};
    struct gcks *gcks;

    for (unsigned i = 1; i < 10; i++)
        many[i] = test_ca_issue(troupe->root,
                                &(struct test_want){.subject = "CN=Inter,O=Acme", .ca = true})
                      ->certificate;
    config.credential[1].certificates = many;
    config.credential[1].certificate_count = 10;
    refused(troupe, &config, "credentials", "a message takes 10");
    config.credential[1].certificate_count = 9;
    gcks = gcks_new(&config, troupe->token, &troupe->rig->now, &turn, &why);
    CU_ASSERT_PTR_NOT_NULL(gcks);
    gcks_free(gcks);
    gk_turn_free(&turn);
    troupe_free(troupe);
}

static void members_keys_are_told_apart(void)
{
    struct troupe *troupe = group(both, NULL);
    struct member_config config = *config_of(troupe, 0);
    struct gk_reason why = {.code = ""};

    config.credential[1] = config.credential[0];
    config.credential_count = 2;
    CU_ASSERT_PTR_NULL(member_new(&config, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "credentials");
    config.credential_count = 1;
    config.mechanism = *mechanism("p256");
    CU_ASSERT_PTR_NULL(member_new(&config, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "key-and-mechanism");
    config.credential_count = 0;
    CU_ASSERT_PTR_NULL(member_new(&config, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "own-certificate");
    troupe_free(troupe);
}

const struct test_suite suite_credentials = {
    "credentials",
    {
        {"members of both kinds", members_of_both_kinds},
        {"they survive restarts", they_survive_restarts},
        {"each entry has its own rules", each_entry_has_its_own_rules},
        {"a member that lost its key joins anew", a_member_that_lost_its_key_joins_anew},
        {"the token raises", the_token_raises},
        {"nobody is raised to what he cannot", nobody_is_raised_to_what_he_cannot},
        {"nobody is raised to what is not allowed", nobody_is_raised_to_what_is_not_allowed},
        {"an unsigned answer changes nothing", an_unsigned_answer_changes_nothing},
        {"no downgrade", no_downgrade},
        {"the list is tried in its order", the_list_is_tried_in_its_order},
        {"a stranger's key in a KeyDL", a_strangers_key_in_a_keydl},
        {"servers are one identity", servers_are_one_identity},
        {"every mechanism is served, or none", every_mechanism_is_served_or_none},
        {"a message takes ten certificates", a_message_takes_ten_certificates},
        {"members' keys are told apart", members_keys_are_told_apart},
        {NULL, NULL},
    }};
