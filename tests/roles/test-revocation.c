/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation lists and permissions that change while the group runs (profile 4.5, 11.9, 12.1):
 * who is in goes out at the next event, who is on the way does not arrive, servers are left.
 */
#include <stdlib.h>
#include <string.h>

#include "roles/gcks-internal.h"
#include "roles/member-internal.h"
#include "tests/roles/troupe.h"

static struct troupe *group(unsigned members)
{
    return troupe_new(&(struct troupe_plan){.members = members, .seed = 71});
}

static struct gk_octets naming(struct troupe *troupe, const struct test_party *party, int days)
{
    return test_crl(troupe->root, &(struct test_crl_want){
                                      .serial = {party->serial},
                                      .this_update = TEST_NOW - 86400 * 9 + 86400 * days,
                                      .next_update = TEST_NOW - 86400 * 8 + 86400 * days,
                                  });
}

static struct gk_octets naming_nobody(struct troupe *troupe, int days)
{
    return test_crl(troupe->root,
                    &(struct test_crl_want){.this_update = TEST_NOW - 86400 * 9 + 86400 * days});
}

static const char *evicted_by(const struct troupe *troupe)
{
    const struct gk_notice *notice = rig_noticed(troupe->rig, 0, "member-evicted");

    return notice ? notice->text : "";
}

static bool is_out(const struct troupe *troupe, unsigned index)
{
    return !troupe_current(troupe, index);
}

/* --- members ------------------------------------------------------------------------------- */

/* The list is long past its next update: what it lists is revoked all the same. */
static void a_revoked_member_goes_out(void)
{
    struct troupe *troupe = group(3);
    struct gk_octets crl;

    troupe_join_all(troupe);
    crl = naming(troupe, troupe->member[1].party, 0);
    troupe_gcks_policy(troupe, &crl, 1);
    rig_run(troupe->rig, 3000);
    CU_ASSERT_PTR_NOT_NULL(strstr(evicted_by(troupe), "CN=m1,OU=Members,O=Acme by local policy"));
    CU_ASSERT_PTR_NOT_NULL(strstr(evicted_by(troupe), "revoked"));
    CU_ASSERT_TRUE(is_out(troupe, 1));
    CU_ASSERT_TRUE(troupe_agree(troupe, 1));
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 2);
    CU_ASSERT_EQUAL(troupe_status(troupe).counts.events, 1);
    /* The list goes, or another takes its place: it may come again, it is not excluded. */
    CU_ASSERT_EQUAL(troupe_status(troupe).exclusions, 0);
    troupe_free(troupe);
}

static void it_does_not_come_back(void)
{
    struct troupe *troupe = group(2);
    struct gk_octets crl;

    troupe_join_all(troupe);
    crl = naming(troupe, troupe->member[1].party, 0);
    troupe_gcks_policy(troupe, &crl, 1);
    CU_ASSERT_TRUE(troupe_leave(troupe, 1));
    rig_run(troupe->rig, 3000);
    troupe_join(troupe, 1);
    rig_run(troupe->rig, 20000);
    CU_ASSERT_FALSE(troupe_in(troupe, 1));
    crl = naming_nobody(troupe, 1);
    troupe_gcks_policy(troupe, &crl, 1);
    rig_run(troupe->rig, 60000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_free(troupe);
}

static void nobody_goes_for(struct gk_octets crl, struct troupe *troupe)
{
    troupe_gcks_policy(troupe, &crl, 1);
    rig_run(troupe->rig, 3000);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 2);
    CU_ASSERT_EQUAL(troupe_status(troupe).counts.events, 0);
}

static void lists_that_do_not_count(void)
{
    struct troupe *troupe = group(2);
    const struct test_party *stranger = test_ca_new("CN=Root,O=Acme");
    unsigned serial = troupe->member[1].party->serial;
    struct gk_octets both[2];

    troupe_join_all(troupe);
    nobody_goes_for(naming_nobody(troupe, 0), troupe);
    nobody_goes_for(test_crl(stranger, &(struct test_crl_want){.serial = {serial}}), troupe);
    nobody_goes_for(
        test_crl(troupe->root, &(struct test_crl_want){.serial = {serial}, .bad_signature = true}),
        troupe);
    nobody_goes_for(
        test_crl(troupe->root, &(struct test_crl_want){.serial = {serial}, .critical = "551d1b"}),
        troupe);
    nobody_goes_for(test_crl(troupe->root, &(struct test_crl_want){.serial = {serial + 900}}),
                    troupe);
    /* A newer one that does not name it counts instead; the order of files is nothing. */
    both[0] = naming(troupe, troupe->member[1].party, 0);
    both[1] = naming_nobody(troupe, 1);
    troupe_gcks_policy(troupe, both, 2);
    rig_run(troupe->rig, 3000);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 2);
    /* But a newer one with a critical extension displaces nothing. */
    both[1] = test_crl(troupe->root, &(struct test_crl_want){.critical = "551d1b"});
    troupe_gcks_policy(troupe, both, 2);
    rig_run(troupe->rig, 3000);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 1);
    troupe_free(troupe);
}

static void a_revoked_ca_takes_all_below(void)
{
    struct troupe *troupe = group(1);
    const struct test_party *inter = test_ca_issue(
        troupe->root, &(struct test_want){.subject = "CN=Inter,O=Acme", .ca = true, .seed = 9});
    const struct test_party *party = test_ca_issue(
        inter, &(struct test_want){.subject = "CN=m0,OU=Members,O=Acme", .seed = 100});
    struct gk_octets chain[2] = {party->certificate, inter->certificate};
    struct gk_octets crls[2];

    troupe->member[0].config.credential[0].certificates = chain;
    troupe->member[0].config.credential[0].certificate_count = 2;
    troupe_rebuild(troupe, 0);
    troupe_join_all(troupe);
    CU_ASSERT_TRUE_FATAL(troupe_agree(troupe, -1));
    troupe_restart_gcks(troupe); /* what it needs for the question is stored */
    rig_run(troupe->rig, 2000);
    crls[0] = naming_nobody(troupe, 0);
    crls[1] = test_crl(inter, &(struct test_crl_want){.serial = {party->serial + 1}});
    troupe_gcks_policy(troupe, crls, 2);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 1);
    crls[0] = naming(troupe, inter, 0);
    troupe_gcks_policy(troupe, crls, 2);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 0);
    troupe_free(troupe);
}

/* A root comes by the announcement, which takes longer certificates than messages do. */
static void a_root_of_any_length(void)
{
    struct troupe *troupe = group(1);
    struct test_want want = {.subject = "CN=Root,O=Acme", .ca = true, .seed = 1};
    char *hex = gk_alloc(1, 2 * 70000 + 1);
    const struct test_party *root;

    memset(hex, '0', (size_t)2 * 70000);
    memcpy(hex, "0483011168", 10); /* OCTET STRING of 69,992 */
    hex[2 * 69997] = '\0';
    want.extension[0] = (struct test_extension){"1.3.6.1.4.1.32473.4535.9", hex, false};
    root = test_ca_issue(NULL, &want);
    CU_ASSERT_TRUE_FATAL(root->certificate.size > UINT16_MAX);
    troupe->policy.trust.roots = &root->certificate;
    troupe_restart_gcks(troupe);
    troupe_rebuild(troupe, 0);
    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_restart_gcks(troupe);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 1);
    free(hex);
    troupe_free(troupe);
}

/* A restart brings other lists: they count for those who were in before, too. */
static void after_a_restart_too(void)
{
    struct troupe *troupe = group(3);
    struct gk_octets crl;

    troupe_join_all(troupe);
    crl = naming(troupe, troupe->member[2].party, 0);
    troupe->policy.trust.crls = &crl;
    troupe->policy.trust.crl_count = 1;
    troupe_restart_gcks(troupe);
    rig_run(troupe->rig, 3000);
    CU_ASSERT_PTR_NOT_NULL(strstr(evicted_by(troupe), "CN=m2"));
    CU_ASSERT_TRUE(troupe_agree(troupe, 2));
    troupe_free(troupe);
}

/* A review that a restart cuts short begins anew with it. */
static void a_review_survives_its_restart(void)
{
    struct troupe *troupe = group(2);
    struct gk_now now = rig_now(troupe->rig, 0);
    struct gk_turn lost = {0};
    struct gk_octets crl;

    troupe_join_all(troupe);
    crl = naming(troupe, troupe->member[0].party, 0);
    gcks_local_policy(troupe->gcks, &crl, 1, &now, &lost);
    gk_turn_free(&lost); /* nothing of it was stored */
    troupe->policy.trust.crls = &crl;
    troupe->policy.trust.crl_count = 1;
    troupe_restart_gcks(troupe);
    rig_run(troupe->rig, 3000);
    CU_ASSERT_TRUE(troupe_agree(troupe, 0));
    CU_ASSERT_TRUE(is_out(troupe, 0));
    troupe_free(troupe);
}

/* --- on the way ---------------------------------------------------------------------------- */

/* `jobs` of the registration are done, then the list comes: between RTJ and KeyDL, between KeyDL
 * and Ack. Never does it become a member. */
static void revoked_on_the_way(void)
{
    for (int jobs = 0; jobs < 3; jobs++) {
        struct troupe *troupe = group(1);
        struct gk_octets crl = naming(troupe, troupe->member[0].party, 0);

        troupe->rig->hold_jobs = true;
        troupe_join(troupe, 0);
        /* The member's RTJ is made; the server has its job now. */
        rig_run_jobs(troupe->rig, false);
        rig_run(troupe->rig, 5);
        for (int i = 0; i < jobs; i++) {
            rig_run_jobs(troupe->rig, false);
            rig_run(troupe->rig, 5);
        }
        CU_ASSERT_EQUAL(troupe_status(troupe).members, 0);
        troupe_gcks_policy(troupe, &crl, 1);
        troupe->rig->hold_jobs = false;
        rig_run_jobs(troupe->rig, false);
        rig_run(troupe->rig, 30000);
        CU_ASSERT_EQUAL(troupe_status(troupe).members, 0);
        CU_ASSERT_EQUAL(troupe_status(troupe).counts.admitted, 0);
        CU_ASSERT_EQUAL(troupe_status(troupe).pending, 0);
        CU_ASSERT_TRUE(is_out(troupe, 0));
        /* Whose KeyDL had left held the keys: they are changed. */
        CU_ASSERT_EQUAL(troupe_status(troupe).counts.events > 0,
                        troupe_status(troupe).counts.keydl > 0);
        troupe_free(troupe);
    }
}

/* A path that was good is asked for again after each change. */
static void no_path_outlives_its_lists(void)
{
    struct troupe *troupe = group(1);
    struct gk_octets crl = naming(troupe, troupe->member[0].party, 0);

    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_leave(troupe, 0));
    rig_run(troupe->rig, 2000);
    troupe_gcks_policy(troupe, &crl, 1);
    for (size_t i = 0; i < GCKS_PATHS; i++)
        CU_ASSERT_PTR_NULL(troupe->gcks->paths.path[i]);
    troupe_free(troupe);
}

/* --- permissions ----------------------------------------------------------------------------- */

static unsigned held;

static unsigned levels(void *context, const struct pki_identity *identity)
{
    (void)context;
    return gk_octets_equal(identity->name, gk_octets_of("CN=m1,OU=Members,O=Acme")) ? held
                                                                                    : 1u << 3;
}

static void a_permission_that_is_withdrawn(void)
{
    static const char registrations[] =
        "<registration><gcks dn=\"CN=GCKS,OU=Servers,O=Acme\"/>"
        "<access permissions=\"3\"><allow dn=\"CN=*,OU=Members,O=Acme\"/></access>"
        "<mechanism suite=\"recommended\"/></registration>";
    struct troupe *troupe =
        troupe_new(&(struct troupe_plan){.members = 2, .seed = 72, .registrations = registrations});

    held = 1u << 3;
    troupe->policy.local.permissions = levels;
    troupe_restart_gcks(troupe);
    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_gcks_policy(troupe, NULL, 0);
    rig_run(troupe->rig, 2000);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 2);
    held = 1u << 2;
    troupe_gcks_policy(troupe, NULL, 0);
    rig_run(troupe->rig, 3000);
    CU_ASSERT_PTR_NOT_NULL(strstr(evicted_by(troupe), "permission 3 is not held"));
    CU_ASSERT_TRUE(troupe_agree(troupe, 1));
    CU_ASSERT_TRUE(is_out(troupe, 1));
    troupe_free(troupe);
}

/* --- servers and owners, as members see them -----------------------------------------------------
 */

static void a_member_leaves_a_revoked_server(void)
{
    struct troupe *troupe = group(2);
    struct gk_octets crl;

    troupe_join_all(troupe);
    crl = naming(troupe, troupe->gcks_party, 0);
    troupe_member_policy(troupe, 0, &crl, 1);
    CU_ASSERT_EQUAL(troupe_key(troupe, 0).size, 0);
    CU_ASSERT_FALSE(troupe_in(troupe, 0));
    CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, troupe->member[0].node, "server-revoked"));
    CU_ASSERT_NOT_EQUAL(troupe->rig->node[troupe->member[0].node].keys_changed, 0);
    /* It asks again, and takes nothing from that server. */
    rig_run(troupe->rig, 60000);
    CU_ASSERT_FALSE(troupe_in(troupe, 0));
    CU_ASSERT_TRUE(troupe_member_status(troupe, 0).counts.keydl_bad > 0);
    CU_ASSERT_TRUE(troupe_in(troupe, 1));
    /* Nor after a restart, with its lists from the configuration. */
    troupe->policy.trust.crls = &crl;
    troupe->policy.trust.crl_count = 1;
    troupe_restart_member(troupe, 1);
    CU_ASSERT_FALSE(troupe_in(troupe, 1));
    /* The list was a mistake. */
    crl = naming_nobody(troupe, 1);
    troupe_member_policy(troupe, 0, &crl, 1);
    rig_run(troupe->rig, 600000);
    CU_ASSERT_TRUE(troupe_in(troupe, 0));
    troupe_free(troupe);
}

static void either_key_of_a_server(void)
{
    static const char both[] =
        "<registration><gcks dn=\"CN=GCKS,OU=Servers,O=Acme\"/>"
        "<access><allow dn=\"CN=*,OU=Members,O=Acme\"/></access>"
        "<mechanism suite=\"recommended\"/><mechanism suite=\"p256\"/></registration>";

    for (int second = 0; second < 2; second++) {
        struct troupe *troupe = troupe_new(
            &(struct troupe_plan){.members = 2,
                                  .seed = 73,
                                  .also = "p256",
                                  .registrations = both,
                                  .rekey = "every=\"1 h\" resend=\"0\" signature=\"49154\""});
        struct gk_octets crl;

        troupe_join_all(troupe);
        CU_ASSERT_PTR_NOT_NULL(troupe->member[0].member->in.server_signer);
        crl = naming(troupe, second ? troupe->gcks_second : troupe->gcks_party, 0);
        troupe_member_policy(troupe, 0, &crl, 1);
        CU_ASSERT_FALSE(troupe_in(troupe, 0));
        crl = naming(troupe, troupe->member[1].party, 0);
        troupe_member_policy(troupe, 1, &crl, 1); /* its own: only told */
        CU_ASSERT_TRUE(troupe_in(troupe, 1));
        CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, troupe->member[1].node, "own-certificate"));
        troupe_free(troupe);
    }
}

static void a_revoked_owner(void)
{
    struct troupe *troupe = group(1);
    struct gk_octets crl;

    troupe_join_all(troupe);
    crl = naming(troupe, troupe->owner, 0);
    troupe_gcks_policy(troupe, &crl, 1);
    CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, 0, "owner-revoked"));
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 1);
    CU_ASSERT_FALSE(troupe_publish(troupe, troupe_token(troupe, 2, NULL, TEST_NOW + 1), NULL));
    troupe_member_policy(troupe, 0, &crl, 1);
    CU_ASSERT_FALSE(troupe_in(troupe, 0));
    troupe_free(troupe);
}

static void the_servers_own(void)
{
    struct troupe *troupe = group(1);
    struct gk_octets crl;

    troupe_join_all(troupe);
    crl = naming(troupe, troupe->gcks_party, 0);
    troupe_gcks_policy(troupe, &crl, 1);
    CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, 0, "own-certificate"));
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 1);
    troupe_free(troupe);
}

/* While the member opens a KeyDL its server is revoked. */
static void a_server_revoked_on_the_way(void)
{
    for (int jobs = 0; jobs < 2; jobs++) {
        struct troupe *troupe = group(1);
        struct gk_octets crl = naming(troupe, troupe->gcks_party, 0);

        troupe_join(troupe, 0);
        rig_run(troupe->rig, 1);
        troupe->rig->hold_jobs = true;
        rig_run(troupe->rig, 5);
        for (int i = 0; i < jobs; i++)
            rig_run_jobs(troupe->rig, false);
        troupe_member_policy(troupe, 0, &crl, 1);
        troupe->rig->hold_jobs = false;
        rig_run_jobs(troupe->rig, false);
        rig_run(troupe->rig, 3000);
        CU_ASSERT_FALSE(troupe_in(troupe, 0));
        CU_ASSERT_EQUAL(troupe_key(troupe, 0).size, 0);
        troupe_free(troupe);
    }
}

const struct test_suite suite_revocation = {
    "revocation",
    {
        {"a revoked member goes out", a_revoked_member_goes_out},
        {"it does not come back", it_does_not_come_back},
        {"lists that do not count", lists_that_do_not_count},
        {"a revoked CA takes all below", a_revoked_ca_takes_all_below},
        {"a root of any length", a_root_of_any_length},
        {"after a restart too", after_a_restart_too},
        {"a review survives its restart", a_review_survives_its_restart},
        {"revoked on the way", revoked_on_the_way},
        {"no path outlives its lists", no_path_outlives_its_lists},
        {"a permission that is withdrawn", a_permission_that_is_withdrawn},
        {"a member leaves a revoked server", a_member_leaves_a_revoked_server},
        {"either key of a server", either_key_of_a_server},
        {"a revoked owner", a_revoked_owner},
        {"the server's own", the_servers_own},
        {"a server revoked on the way", a_server_revoked_on_the_way},
        {NULL, NULL},
    }};
