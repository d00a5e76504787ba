/* SPDX-License-Identifier: Apache-2.0 */
/* What the RFCs and the profile ask of a member beside registrations and rekeys as such. */
#include <stdio.h>
#include <string.h>

#include "tests/roles/troupe.h"

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

const struct test_suite suite_req_member = {
    "req-member",
    {
        {"waits double with each failure", waits_double_with_each_failure},
        {"waits are at most an hour", waits_are_at_most_an_hour},
        {NULL, NULL},
    }};
