/* SPDX-License-Identifier: Apache-2.0 */
/* Rekey Events by multicast and to each member at once (profile 1.5, 9.7, 9.15): what comes by
 * either way counts once, and one way is enough. */
#include "tests/roles/troupe.h"

static struct troupe *begin(const char *rekey)
{
    struct troupe *troupe =
        troupe_new(&(struct troupe_plan){.members = 3, .both = true, .rekey = rekey});

    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    return troupe;
}

static void copies_by_both_count_once(void)
{
    struct troupe *troupe = begin("every=\"1 h\" resend=\"2\"");

    for (unsigned event = 1; event <= 3; event++) {
        CU_ASSERT_TRUE(troupe_rekey(troupe));
        rig_run(troupe->rig, 9000);
        CU_ASSERT_TRUE(troupe_agree(troupe, -1));
        for (unsigned i = 0; i < 3; i++) {
            struct member_status status = troupe_member_status(troupe, i);

            CU_ASSERT_EQUAL(status.counts.rekey_messages, 6 * event);
            CU_ASSERT_EQUAL(status.counts.rekey_events, event);
            CU_ASSERT_EQUAL(status.counts.dropped, 5 * event);
            CU_ASSERT_EQUAL(status.counts.rekey_bad, 0);
            CU_ASSERT_EQUAL(status.counts.out_of_step, 0);
        }
    }
    troupe_free(troupe);
}

/* Of each round of six, three by multicast and three to one each, one passes: for another member
 * each time. */
static bool lose_most(struct rig *rig, struct rig_packet *packet, void *context)
{
    static const unsigned passes[] = {0, 6 + 4, 12 + 2};
    unsigned *count = context;
    unsigned number = (*count)++;

    (void)rig;
    (void)packet;
    return number / 6 < 3 && passes[number / 6] == number;
}

static void one_copy_of_six_is_enough(void)
{
    struct troupe *troupe = begin("every=\"1 h\" resend=\"2\"");
    unsigned count = 0;

    troupe->rig->filter = lose_most;
    troupe->rig->context = &count;
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 9000);
    CU_ASSERT_EQUAL(count, 18);
    troupe->rig->filter = NULL;
    CU_ASSERT_EQUAL(
        troupe_current(troupe, 0) + troupe_current(troupe, 1) + troupe_current(troupe, 2), 3);
    troupe_free(troupe);
}

static size_t held_jobs(const struct rig *rig, size_t node)
{
    size_t count = 0;

    for (size_t i = 0; i < rig->job_count; i++)
        count += rig->jobs[i].node == node;
    return count;
}

/* The second copy comes while the first one is verified: no second verification. */
static void a_copy_on_its_way_is_verified_once(void)
{
    struct troupe *troupe = begin(NULL);
    struct rig *rig = troupe->rig;
    size_t node = troupe->member[0].node;

    rig->hold_jobs = true;
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    CU_ASSERT_EQUAL_FATAL(held_jobs(rig, 0), 1);
    rig_run_job(rig, 0); /* the GC/KS signs */
    rig_run(rig, 50);
    CU_ASSERT_EQUAL(troupe_member_status(troupe, 0).counts.rekey_messages, 2);
    CU_ASSERT_EQUAL(held_jobs(rig, node), 1);
    rig->hold_jobs = false;
    rig_run_jobs(rig, false);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_EQUAL(troupe_member_status(troupe, 0).counts.rekey_bad, 0);
    CU_ASSERT_EQUAL(troupe_member_status(troupe, 0).counts.rekey_events, 1);
    /* The next event is verified again. */
    rig_run(rig, 3000);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(rig, 3000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_free(troupe);
}

/* A copy with another signature does not stand in the way of the good one. */
static void a_spoiled_copy_stops_nothing(void)
{
    struct troupe *troupe = begin(NULL);
    struct rig *rig = troupe->rig;
    size_t node = troupe->member[0].node;
    struct gk_peer from = {.transport = GK_UDP, .address = rig_address(0)};
    struct gk_secret bad;

    rig->hold_jobs = true;
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run_job(rig, 0);
    bad = gk_secret_copy(rig_last_sent(rig, 0, GK_REKEY_EVENT));
    bad.data[bad.size - 1] ^= 1;
    rig_deliver(rig, node, &from, gk_secret_octets(&bad));
    rig_run(rig, 50);
    CU_ASSERT_EQUAL(held_jobs(rig, node), 2);
    rig->hold_jobs = false;
    rig_run_jobs(rig, false);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    gk_secret_free(&bad);
    troupe_free(troupe);
}

/* The end comes by both, and once. */
static void the_end_comes_by_either(void)
{
    struct troupe *troupe = begin(NULL);

    CU_ASSERT_TRUE(troupe_destroy(troupe));
    rig_run(troupe->rig, 9000);
    for (unsigned i = 0; i < 3; i++)
        CU_ASSERT_TRUE(troupe_member_status(troupe, i).ended);
    troupe_free(troupe);
}

const struct test_suite suite_unicast = {
    "unicast",
    {
        {"copies by both count once", copies_by_both_count_once},
        {"one copy of six is enough", one_copy_of_six_is_enough},
        {"a copy on its way is verified once", a_copy_on_its_way_is_verified_once},
        {"a spoiled copy stops nothing", a_spoiled_copy_stops_nothing},
        {"the end comes by either", the_end_comes_by_either},
        {NULL, NULL},
    }};
