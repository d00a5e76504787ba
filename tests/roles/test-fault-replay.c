/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replay (invariant 4): every message that a group ever sent is handed again to everybody, at
 * any later time, from any address, with its unsigned octets changed, after any restart; no
 * record and no key changes.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "tests/roles/fault.h"

static void replay_to(struct troupe *troupe, const struct rig_packet *packet, size_t to,
                      struct gk_octets octets)
{
    const struct rig *rig = troupe->rig;
    struct gk_peer from[] = {
        {GK_UDP, rig->node[packet->from].address, 0}, /* as it came */
        {GK_UDP, rig->node[to].address, 0},
        {GK_UDP, {.family = 4, .ip = {198, 51, 100, 7}, .port = 4500}, 0},
        {GK_TCP, rig->node[packet->from].address, 77},
    };

    for (size_t i = 0; i < sizeof from / sizeof *from; i++)
        rig_deliver(troupe->rig, to, &from[i], octets);
}

static void replay_message(struct troupe *troupe, const struct rig_packet *packet, bool variants)
{
    struct gk_octets octets = gk_secret_octets(&packet->octets);
    struct gk_writer other = {0};

    for (size_t to = 0; to < troupe->rig->node_count; to++) {
        replay_to(troupe, packet, to, octets);
        for (unsigned i = 0; variants && fault_unsigned_variant(octets, i, &other); i++) {
            fault_deliver(troupe, packet->from, to, gk_writer_octets(&other));
            gk_writer_cut(&other, 0);
        }
    }
    gk_writer_free(&other);
}

/* Everything that was ever sent up to `newest`, in both orders. The answers go on their way
 * too. */
static void replay_until(struct troupe *troupe, const struct rig_packet *newest, bool variants)
{
    const struct rig_packet *all[512];
    size_t count = 0;
    struct fault_view before;

    for (const struct rig_packet *packet = newest; packet; packet = packet->next)
        all[count++] = packet;
    CU_ASSERT_TRUE_FATAL(count > 0 && count < sizeof all / sizeof *all);
    fault_look(troupe, &before);
    for (size_t i = 0; i < count; i++)
        replay_message(troupe, all[i], variants);
    for (size_t i = count; i--;)
        replay_message(troupe, all[i], false);
    rig_run(troupe->rig, 3);
    CU_ASSERT_TRUE_FATAL(fault_nothing_changed(troupe, &before));
}

static void replay(struct troupe *troupe, bool variants)
{
    replay_until(troupe, troupe->rig->sent, variants);
}

static void restart_all(struct troupe *troupe)
{
    troupe_restart_gcks(troupe);
    for (unsigned i = 0; i < troupe->member_count; i++)
        troupe_restart_member(troupe, i);
    rig_run(troupe->rig, 10);
}

/* A group's life, and a replay of all of it after each turn of fate. */
static void live(struct troupe *troupe, void (*then)(struct troupe *troupe, bool variants))
{
    struct gk_reason why = {0};

    troupe_join_all(troupe);
    then(troupe, true);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 10);
    then(troupe, true);
    rig_run(troupe->rig, 10000);
    then(troupe, false);
    CU_ASSERT_TRUE(troupe_evict(troupe, 2));
    rig_run(troupe->rig, 10);
    then(troupe, true);
    rig_run(troupe->rig, 60000);
    then(troupe, false);
    CU_ASSERT_TRUE(troupe_publish(troupe, troupe_token(troupe, 2, NULL, TEST_NOW), &why));
    rig_run(troupe->rig, 10);
    then(troupe, true);
    fault_rejoin(troupe, 1);
    then(troupe, true);
    CU_ASSERT_TRUE(troupe_agree(troupe, 2));
}

static void no_replay(struct troupe *troupe, bool variants)
{
    (void)troupe;
    (void)variants;
}

static void after_each_turn(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 3, .seed = 300});

    live(troupe, replay);
    troupe_free(troupe);
}

/* An ECDSA signature has a twin, r | n - s, that verifies as well. */
static void with_the_other_signature(void)
{
    struct troupe *troupe =
        troupe_new(&(struct troupe_plan){.members = 3, .seed = 301, .suite = "p256"});

    live(troupe, replay);
    troupe_free(troupe);
}

static void after_restarts(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 3, .seed = 302});

    live(troupe, no_replay);
    troupe_restart_gcks(troupe);
    rig_run(troupe->rig, 10);
    replay(troupe, true);
    restart_all(troupe);
    replay(troupe, true);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 5000);
    restart_all(troupe);
    replay(troupe, false);
    CU_ASSERT_TRUE(troupe_agree(troupe, 2));
    troupe_free(troupe);
}

/* Twice the skew later the stamps of RTJs are forgotten; the clock may even go back. */
static void after_the_stamps_are_forgotten(void)
{
    static const gk_time later[] = {299, 310, 640, 4000};
    struct troupe *troupe = troupe_new(
        &(struct troupe_plan){.members = 3, .seed = 303, .rekey = "every=\"30 d\" resend=\"0\""});
    int64_t since = troupe->rig->now.ms;

    live(troupe, no_replay);
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        int64_t passed = troupe->rig->now.ms - since;

        if (later[i] * 1000 > passed)
            rig_run(troupe->rig, later[i] * 1000 - passed);
        replay(troupe, false);
    }
    troupe->rig->now.utc -= 4000;
    replay(troupe, false);
    restart_all(troupe);
    replay(troupe, false);
    troupe_free(troupe);
}

/* --- while a registration is under way --------------------------------------------------- */

static void in_the_midst_of(uint8_t exchange)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 4, .seed = 310});
    struct fault kept = {.exchange = exchange,
                         .from = FAULT_ANY,
                         .to = FAULT_ANY,
                         .count = UINT_MAX,
                         .deed = FAULT_KEEP};
    const struct rig_packet *newest;

    live(troupe, no_replay);
    CU_ASSERT_TRUE(troupe_leave(troupe, 3));
    newest = troupe->rig->sent;
    fault_set(troupe, &kept);
    troupe_join(troupe, 3);
    rig_run(troupe->rig, 10);
    CU_ASSERT_EQUAL_FATAL(kept.kept_count, 1);
    CU_ASSERT_FALSE(troupe_in(troupe, 3) && exchange != GK_KEY_DOWNLOAD_ACK);
    /* All but this session's own messages, which are honest still. */
    replay_until(troupe, newest, true);
    fault_set(troupe, NULL);
    fault_release(troupe, &kept, 0);
    rig_run(troupe->rig, 10);
    CU_ASSERT_TRUE(troupe_agree(troupe, 2));
    fault_forget(&kept);
    troupe_free(troupe);
}

static void in_the_midst_of_a_registration(void)
{
    in_the_midst_of(GK_REQUEST_TO_JOIN);
    in_the_midst_of(GK_KEY_DOWNLOAD);
    in_the_midst_of(GK_KEY_DOWNLOAD_ACK);
}

/* --- the end ------------------------------------------------------------------------------- */

static void nothing_revives_a_group(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 3, .seed = 320});

    live(troupe, no_replay);
    CU_ASSERT_TRUE(troupe_destroy(troupe));
    rig_run(troupe->rig, 10000);
    for (unsigned i = 0; i < 2; i++) {
        replay(troupe, true);
        for (unsigned m = 0; m < 2; m++) {
            CU_ASSERT_TRUE(troupe_member_status(troupe, m).ended);
            CU_ASSERT_EQUAL(troupe_key(troupe, m).size, 0);
        }
        CU_ASSERT_TRUE(troupe_status(troupe).destroyed);
        restart_all(troupe);
    }
    troupe_free(troupe);
}

const struct test_suite suite_fault_replay = {
    "fault_replay",
    {
        {"after each turn", after_each_turn},
        {"with the other signature", with_the_other_signature},
        {"after restarts", after_restarts},
        {"after the stamps are forgotten", after_the_stamps_are_forgotten},
        {"in the midst of a registration", in_the_midst_of_a_registration},
        {"nothing revives a group", nothing_revives_a_group},
        {NULL, NULL},
    }};
