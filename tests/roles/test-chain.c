/* SPDX-License-Identifier: Apache-2.0 */
/* GC/KS and members together: what a group lives through. */
#include "tests/roles/troupe.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/message.h"

static void members_agree_on_the_key(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 5, .seed = 1});

    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 5);
    CU_ASSERT_EQUAL(troupe_status(troupe).pending, 0);
    for (unsigned i = 1; i < 5; i++)
        CU_ASSERT_TRUE(gk_octets_equal(troupe_key(troupe, 0), troupe_key(troupe, i)));
    troupe_free(troupe);
}

static void every_suite_that_runs(void)
{
    for (size_t i = 0; gk_suite_at(i); i++) {
        struct troupe *troupe;

        if (!gk_mechanism_runs(&gk_suite_at(i)->mechanism, NULL))
            continue;
        troupe = troupe_new(&(struct troupe_plan){
            .members = 3, .seed = 2 + i, .suite = gk_suite_at(i)->name, .tcp = i & 1});
        troupe_join_all(troupe);
        CU_ASSERT_TRUE(troupe_agree(troupe, -1));
        CU_ASSERT_TRUE(troupe_rekey(troupe));
        rig_run(troupe->rig, 5000);
        CU_ASSERT_TRUE(troupe_agree(troupe, -1));
        troupe_free(troupe);
    }
}

static void a_rekey_reaches_all(void)
{
    struct troupe *troupe =
        troupe_new(&(struct troupe_plan){.members = 9, .seed = 10, .degree = 3, .capacity = 27});
    struct gk_secret before;

    troupe_join_all(troupe);
    before = gk_secret_copy(troupe_key(troupe, 0));
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 5000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_FALSE(gk_octets_equal(troupe_key(troupe, 0), gk_secret_octets(&before)));
    gk_secret_free(&before);
    troupe_free(troupe);
}

static void the_clock_rekeys(void)
{
    struct troupe *troupe = troupe_new(
        &(struct troupe_plan){.members = 2, .seed = 11, .rekey = "every=\"2 min\" resend=\"1\""});
    uint32_t handle;

    troupe_join_all(troupe);
    handle = troupe_status(troupe).gtpk[0].handle;
    rig_run(troupe->rig, 130000);
    CU_ASSERT_NOT_EQUAL(troupe_status(troupe).gtpk[0].handle, handle);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_free(troupe);
}

static void the_evicted_gets_nothing_new(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 6, .seed = 12});
    struct gk_secret last;

    troupe_join_all(troupe);
    last = gk_secret_copy(troupe_key(troupe, 2));
    CU_ASSERT_TRUE(troupe_evict(troupe, 2));
    rig_run(troupe->rig, 5000);
    CU_ASSERT_TRUE(troupe_agree(troupe, 2));
    CU_ASSERT_FALSE(troupe_current(troupe, 2));
    CU_ASSERT_TRUE(gk_octets_equal(troupe_key(troupe, 2), gk_secret_octets(&last)));
    /* It notices, registers again, and is refused by the local exclusion list. */
    rig_run(troupe->rig, 120000);
    CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, troupe->member[2].node, "out-of-step"));
    CU_ASSERT_FALSE(troupe_current(troupe, 2));
    CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, 0, "member-refused"));
    /* Still after the next rekey, still after a restart of the server. */
    troupe_restart_gcks(troupe);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 120000);
    CU_ASSERT_TRUE(troupe_agree(troupe, 2));
    CU_ASSERT_FALSE(troupe_current(troupe, 2));
    gk_secret_free(&last);
    troupe_free(troupe);
}

static void a_new_edition_excludes(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 4, .seed = 13});
    struct gk_octets second;
    struct gk_reason why = {0};

    troupe_join_all(troupe);
    second = troupe_token(troupe, 2, "CN=m1,OU=Members,O=Acme", TEST_NOW);
    CU_ASSERT_TRUE(troupe_publish(troupe, second, &why));
    rig_run(troupe->rig, 5000);
    CU_ASSERT_TRUE(troupe_agree(troupe, 1));
    CU_ASSERT_FALSE(troupe_current(troupe, 1));
    CU_ASSERT_EQUAL(troupe_member_status(troupe, 0).edition, 2);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 3);
    CU_ASSERT_FALSE(troupe_publish(troupe, troupe->token, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "older-token");
    CU_ASSERT_EQUAL(troupe_status(troupe).edition, 2);
    rig_run(troupe->rig, 200000);
    CU_ASSERT_FALSE(troupe_current(troupe, 1));
    troupe_free(troupe);
}

static void a_foreign_owner_is_nobody(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 2, .seed = 14});
    const struct test_party *other = test_ca_issue(
        troupe->root, &(struct test_want){.subject = "CN=Other,OU=Owners,O=Acme", .seed = 77});
    struct gk_reason why = {0};

    troupe_join_all(troupe);
    CU_ASSERT_FALSE(
        troupe_publish(troupe, troupe_token_by(troupe, other, 9, NULL, TEST_NOW), &why));
    CU_ASSERT_EQUAL(troupe_status(troupe).edition, 1);
    troupe_free(troupe);
}

static void destroyed_stays_destroyed(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 3, .seed = 15});
    struct gk_turn turn = {0};
    struct gk_reason why;

    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_destroy(troupe));
    rig_run(troupe->rig, 20000);
    for (unsigned i = 0; i < 3; i++) {
        CU_ASSERT_TRUE(troupe_member_status(troupe, i).ended);
        CU_ASSERT_EQUAL(troupe_key(troupe, i).size, 0);
    }
    troupe_restart_gcks(troupe);
    CU_ASSERT_TRUE(troupe_status(troupe).destroyed);
    CU_ASSERT_FALSE(troupe_rekey(troupe));
    troupe_restart_member(troupe, 0);
    CU_ASSERT_FALSE(member_join(troupe->member[0].member, &troupe->rig->now, &turn, &why));
    gk_turn_free(&turn);
    /* A newcomer gets no key. */
    troupe_join(troupe, troupe_add(troupe, "CN=late,OU=Members,O=Acme"));
    rig_run(troupe->rig, 30000);
    CU_ASSERT_FALSE(troupe_in(troupe, 3));
    troupe_free(troupe);
}

static void outsiders_stay_outside(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 1, .seed = 16});
    const struct gk_notice *notice;

    troupe_join_all(troupe);
    troupe_join(troupe, troupe_add(troupe, "CN=eve,OU=Guests,O=Acme"));
    rig_run(troupe->rig, 30000);
    CU_ASSERT_FALSE(troupe_in(troupe, 1));
    notice = rig_noticed(troupe->rig, 0, "member-refused");
    CU_ASSERT_PTR_NOT_NULL_FATAL(notice);
    CU_ASSERT_EQUAL(notice->notification, GK_UNAUTHORIZED_REQUEST);
    CU_ASSERT_PTR_NOT_NULL(strstr(notice->text, "CN=eve,OU=Guests,O=Acme"));
    CU_ASSERT_PTR_NOT_NULL(strstr(notice->text, "accessRule"));
    troupe_free(troupe);
}

/* Each server turn is the last before a crash; everything goes on from the records. */
static void the_server_dies_after_any_turn(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 4, .seed = 17});
    uint32_t sequence = 0;
    gk_time stamp = 0;

    for (unsigned i = 0; i < 4; i++) {
        troupe_join(troupe, i);
        rig_run(troupe->rig, 500);
        troupe_restart_gcks(troupe);
        CU_ASSERT_EQUAL(troupe_status(troupe).members, i + 1);
    }
    for (unsigned i = 0; i < 6; i++) {
        CU_ASSERT_TRUE(i == 3 ? troupe_evict(troupe, 3) : troupe_rekey(troupe));
        if (i & 1)
            troupe_restart_gcks(troupe);
        rig_run(troupe->rig, 5000);
        CU_ASSERT_TRUE(troupe_agree(troupe, i >= 3 ? 3 : -1));
        CU_ASSERT_TRUE(troupe_status(troupe).sequence > sequence);
        CU_ASSERT_TRUE(troupe_status(troupe).last_event > stamp);
        sequence = troupe_status(troupe).sequence;
        stamp = troupe_status(troupe).last_event;
        troupe_restart_gcks(troupe);
    }
    CU_ASSERT_FALSE(troupe_current(troupe, 3));
    troupe_free(troupe);
}

static void a_member_dies_and_goes_on(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 3, .seed = 18});

    troupe_join_all(troupe);
    troupe_restart_member(troupe, 1);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 3000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_restart_member(troupe, 1);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 8000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_free(troupe);
}

/* The highest Sequence ID of the event under way does not arrive. */
static bool lose_last(struct rig *rig, struct rig_packet *packet, void *context)
{
    struct gk_message message;

    (void)rig;
    return !gk_message_header(&message, gk_secret_octets(&packet->octets), NULL, GK_EXCHANGE_ANY,
                              NULL) ||
           message.exchange != GK_REKEY_EVENT || message.sequence != *(uint32_t *)context;
}

/* Who had all its keys from the others does not fall out of step when the last message of an
 * event comes after the event was given up. */
static void a_late_message_harms_nobody(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 20,
                                                             .seed = 19,
                                                             .degree = 2,
                                                             .message_limit = 1024,
                                                             .packaging = GK_LKH_PER_RECEIVER});
    uint32_t last = 0;
    unsigned kept = 0;
    struct gk_secret late;
    struct gk_peer from = {GK_UDP, rig_address(0), 0};

    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_evict(troupe, 7)); /* sets everybody's baseline */
    rig_run(troupe->rig, 5000);
    last = troupe_status(troupe).sequence + 4; /* it makes four messages */
    troupe->rig->filter = lose_last;
    troupe->rig->context = &last;
    CU_ASSERT_TRUE(troupe_evict(troupe, 11));
    rig_run(troupe->rig, 1500);
    CU_ASSERT_EQUAL_FATAL(troupe_status(troupe).sequence, last);
    late = gk_secret_copy(rig_last_sent(troupe->rig, 0, GK_REKEY_EVENT));
    rig_run(troupe->rig, 1500);
    troupe->rig->filter = NULL;
    for (unsigned i = 0; i < 20; i++) {
        if (troupe_member_status(troupe, i).counts.out_of_step || i == 7 || i == 11)
            continue;
        kept++;
        rig_deliver(troupe->rig, troupe->member[i].node, &from, gk_secret_octets(&late));
        rig_run(troupe->rig, 10);
        CU_ASSERT_EQUAL(troupe_member_status(troupe, i).sequence, last);
    }
    CU_ASSERT_TRUE(kept > 0 && kept < 18);
    rig_run(troupe->rig, 4000);
    for (unsigned i = 0; i < 20; i++) {
        if (i != 7 && i != 11)
            CU_ASSERT_TRUE(troupe_member_status(troupe, i).counts.out_of_step <= 1);
        if (i != 7 && i != 11 && troupe_member_status(troupe, i).counts.out_of_step)
            kept++;
    }
    CU_ASSERT_EQUAL(kept, 18); /* some fell out for want of it, none for its coming late */
    gk_secret_free(&late);
    troupe_free(troupe);
}

const struct test_suite suite_chain = {
    "chain",
    {
        {"members agree on the key", members_agree_on_the_key},
        {"every suite that runs", every_suite_that_runs},
        {"a rekey reaches all", a_rekey_reaches_all},
        {"the clock rekeys", the_clock_rekeys},
        {"the evicted gets nothing new", the_evicted_gets_nothing_new},
        {"a new edition excludes", a_new_edition_excludes},
        {"a foreign owner is nobody", a_foreign_owner_is_nobody},
        {"destroyed stays destroyed", destroyed_stays_destroyed},
        {"outsiders stay outside", outsiders_stay_outside},
        {"the server dies after any turn", the_server_dies_after_any_turn},
        {"a member dies and goes on", a_member_dies_and_goes_on},
        {"a late message harms nobody", a_late_message_harms_nobody},
        {NULL, NULL},
    }};
