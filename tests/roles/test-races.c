/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdict races (invariant 13): an eviction, a token, the end or a departure between any two of
 * message, job start, job end, send and Ack. Time goes by single jobs and milliseconds; the
 * verdict falls after each number of these steps, with jobs finishing in either order, and
 * with the server dying right after it.
 */
#include <stdlib.h>
#include <string.h>

#include "roles/gcks-internal.h"
#include "roles/member-internal.h"
#include "tests/roles/closure.h"
#include "tests/roles/fault.h"

#define STEADY 2  /* members 0 and 1 stay */
#define STEPS  13 /* a registration is over before */

enum order { FORWARD, BACKWARD, CRASH, ORDERS };

struct race {
    struct troupe *troupe;
    enum order order;
    unsigned target;
    struct closure known; /* to the target */
    gk_time limit;
    int edition;
};

static bool note(struct rig *rig, struct rig_packet *packet, void *context)
{
    struct race *race = context;

    (void)rig;
    if (packet->to == race->troupe->member[race->target].node)
        closure_note(&race->known, race->troupe, packet);
    return true;
}

static void step(struct race *race)
{
    struct rig *rig = race->troupe->rig;

    if (rig->job_count)
        rig_run_job(rig, race->order == BACKWARD ? rig->job_count - 1 : 0);
    else
        rig_run(rig, 1);
}

static void settle(struct race *race, int64_t ms)
{
    rig_run_jobs(race->troupe->rig, race->order == BACKWARD);
    race->troupe->rig->hold_jobs = false;
    rig_run(race->troupe->rig, ms);
}

/* --- what the target is about ---------------------------------------------------------- */

typedef void (*race_act)(struct race *race);

static void first_registration(struct race *race)
{
    troupe_join(race->troupe, race->target);
}

/* It is a member, and registers once more. */
static void second_registration(struct race *race)
{
    troupe_join(race->troupe, race->target);
    settle(race, 1000);
    CU_ASSERT_TRUE_FATAL(troupe_in(race->troupe, race->target));
    CU_ASSERT_TRUE_FATAL(troupe_leave(race->troupe, race->target));
    race->troupe->rig->hold_jobs = true;
    troupe_join(race->troupe, race->target);
}

/* Its Key Download was lost, and it begins another session. */
static void session_after_session(struct race *race)
{
    race->troupe->rig->node[race->troupe->member[race->target].node].down = true;
    troupe_join(race->troupe, race->target);
    settle(race, 1000);
    CU_ASSERT_EQUAL(troupe_status(race->troupe).pending, 1);
    race->troupe->rig->node[race->troupe->member[race->target].node].down = false;
    CU_ASSERT_TRUE_FATAL(troupe_leave(race->troupe, race->target));
    race->troupe->rig->hold_jobs = true;
    troupe_join(race->troupe, race->target);
}

/* While it registers an event is on its way. */
static void registration_in_an_event(struct race *race)
{
    CU_ASSERT_TRUE_FATAL(troupe_rekey(race->troupe));
    troupe_join(race->troupe, race->target);
}

static const race_act scenes[] = {first_registration, second_registration, session_after_session,
                                  registration_in_an_event};

/* --- denials ------------------------------------------------------------------------------ */

static void evict(struct race *race)
{
    CU_ASSERT_TRUE(troupe_evict(race->troupe, race->target));
}

static void exclude(struct race *race)
{
    struct gk_reason why = {0};

    race->edition++;
    CU_ASSERT_TRUE(troupe_publish(race->troupe,
                                  troupe_token(race->troupe, race->edition,
                                               race->troupe->member[race->target].subject,
                                               TEST_NOW + race->edition),
                                  &why));
}

static void deny(struct race *race, race_act verdict)
{
    verdict(race);
    race->limit = closure_limit(race->troupe);
    if (race->order == CRASH)
        troupe_restart_gcks(race->troupe);
}

/* The denied learns nothing that was made later, and the others go on. */
static void check_denied(struct race *race)
{
    struct troupe *troupe = race->troupe;

    settle(race, 6000);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 6000);
    CU_ASSERT_FALSE(troupe_current(troupe, race->target));
    closure_expand(&race->known, troupe->rig);
    CU_ASSERT_FALSE(closure_reaches(&race->known, race->limit));
    for (unsigned i = 0; i < STEADY; i++)
        CU_ASSERT_TRUE(troupe_in(troupe, i) && troupe_current(troupe, i));
    CU_ASSERT_EQUAL(troupe_status(troupe).members, STEADY);
    CU_ASSERT_EQUAL(troupe_status(troupe).pending, 0);
    CU_ASSERT_EQUAL(gk_lkh_members(troupe->gcks->lkh), STEADY);
}

static void begin(struct race *race, uint64_t seed, unsigned members)
{
    race->troupe = troupe_new(
        &(struct troupe_plan){.members = members, .seed = seed, .degree = 2, .capacity = 8});
    race->edition = 1;
    for (unsigned i = 0; i < STEADY; i++)
        troupe_join(race->troupe, i);
    rig_run(race->troupe->rig, 2000);
    race->troupe->rig->filter = note;
    race->troupe->rig->context = race;
}

/* One target after the other on one troupe, the verdict a step later at each. */
static void race_denials(race_act scene, race_act verdict, enum order order, uint64_t seed)
{
    struct race race = {.order = order};

    begin(&race, seed, STEADY + STEPS);
    for (unsigned cut = 0; cut < STEPS; cut++) {
        race.target = STEADY + cut;
        race.troupe->rig->hold_jobs = true;
        scene(&race);
        for (unsigned i = 0; i < cut; i++)
            step(&race);
        deny(&race, verdict);
        for (unsigned i = 0; i < STEPS; i++)
            step(&race);
        check_denied(&race);
        closure_free(&race.known);
        race.troupe->rig->node[race.troupe->member[race.target].node].down = true;
    }
    troupe_free(race.troupe);
}

static void evictions(void)
{
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        for (int order = 0; order < ORDERS; order++)
            race_denials(scenes[i], evict, (enum order)order, 400 + i);
    }
}

static void tokens_that_exclude(void)
{
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        race_denials(scenes[i], exclude, (enum order)(i % ORDERS), 410 + i);
        race_denials(scenes[i], exclude, (enum order)((i + 1) % ORDERS), 420 + i);
    }
}

/* --- verdicts for all ------------------------------------------------------------------------ */

/* A rekey or a new token is no denial: whoever registers meanwhile ends with the newest key. */
static void renew(struct race *race)
{
    CU_ASSERT_TRUE(troupe_rekey(race->troupe));
}

static void republish(struct race *race)
{
    struct gk_reason why = {0};

    race->edition++;
    CU_ASSERT_TRUE(troupe_publish(
        race->troupe, troupe_token(race->troupe, race->edition, NULL, TEST_NOW + race->edition),
        &why));
}

static void race_changes(race_act scene, race_act verdict, enum order order)
{
    struct race race = {.order = order};

    begin(&race, 420, STEADY + 1);
    race.target = STEADY;
    for (unsigned cut = 0; cut < STEPS; cut++) {
        race.troupe->rig->hold_jobs = true;
        scene(&race);
        for (unsigned i = 0; i < cut; i++)
            step(&race);
        deny(&race, verdict);
        for (unsigned i = 0; i < STEPS; i++)
            step(&race);
        /* The RTJ's timeout, B and a registration; the server may have forgotten the session. */
        settle(&race, 20000 + 5000 + 3000);
        CU_ASSERT_TRUE(troupe_rekey(race.troupe));
        rig_run(race.troupe->rig, 2000 + 5000 + 1000);
        CU_ASSERT_TRUE(troupe_agree(race.troupe, -1));
        CU_ASSERT_EQUAL(troupe_status(race.troupe).members, STEADY + 1);
        CU_ASSERT_TRUE_FATAL(troupe_leave(race.troupe, race.target));
        closure_free(&race.known);
    }
    troupe_free(race.troupe);
}

static void changes_during_a_registration(void)
{
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        race_changes(scenes[i], renew, (enum order)(i % ORDERS));
        race_changes(scenes[i], republish, (enum order)((i + 1) % ORDERS));
    }
}

/* The end at any step: nobody keeps a key. */
static void the_end_during_a_registration(void)
{
    for (int order = 0; order < ORDERS; order++) {
        for (unsigned cut = 0; cut < STEPS; cut++) {
            struct race race = {.order = (enum order)order};

            begin(&race, 430, STEADY + 1);
            race.target = STEADY;
            race.troupe->rig->hold_jobs = true;
            first_registration(&race);
            for (unsigned i = 0; i < cut; i++)
                step(&race);
            CU_ASSERT_TRUE(troupe_destroy(race.troupe));
            if (order == CRASH)
                troupe_restart_gcks(race.troupe);
            for (unsigned i = 0; i < STEPS; i++)
                step(&race);
            settle(&race, 10000);
            for (unsigned i = 0; i <= STEADY; i++)
                CU_ASSERT_EQUAL(troupe_key(race.troupe, i).size, 0);
            CU_ASSERT_TRUE(troupe_status(race.troupe).destroyed);
            closure_free(&race.known);
            troupe_free(race.troupe);
        }
    }
}

/* A member that leaves at any step has no key afterwards, whatever job comes back. */
static void leaving_at_any_step(void)
{
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        struct race race = {.order = i & 1 ? BACKWARD : FORWARD};

        begin(&race, 440, STEADY + 1);
        race.target = STEADY;
        for (unsigned cut = 0; cut < STEPS; cut++) {
            race.troupe->rig->hold_jobs = true;
            scenes[i](&race);
            for (unsigned k = 0; k < cut; k++)
                step(&race);
            CU_ASSERT_TRUE(troupe_leave(race.troupe, race.target));
            settle(&race, 1000);
            CU_ASSERT_EQUAL(troupe_key(race.troupe, race.target).size, 0);
            CU_ASSERT_EQUAL(troupe_member_status(race.troupe, race.target).state, MEMBER_IDLE);
            rig_run(race.troupe->rig, 31000);
            CU_ASSERT_EQUAL(troupe_status(race.troupe).pending, 0);
            closure_free(&race.known);
        }
        troupe_free(race.troupe);
    }
}

static void fall_out(struct troupe *troupe, unsigned index)
{
    const struct troupe_part *part = &troupe->member[index];
    struct gk_now now = rig_now(troupe->rig, part->node);
    struct gk_turn turn = {0};

    member_fall_out(part->member, &now, "the test says so", &turn);
    member_set_tick(part->member, &now, &turn);
    rig_turn(troupe->rig, part->node, &turn);
}

static uint32_t key_handle(const struct troupe *troupe, unsigned index)
{
    struct gk_now now = rig_now(troupe->rig, troupe->member[index].node);
    struct member_key key = {0};

    return member_key_at(troupe->member[index].member, 0, &now, &key) ? key.handle : 0;
}

/* Two servers of one name under different CAs, both admitted by the token: an event that was
 * being verified for the one is nothing to a member that the other has taken in meanwhile. */
static void the_server_changes_during_a_job(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 1, .seed = 450});
    struct rig *rig = troupe->rig;
    const struct test_party *ca = test_ca_issue(
        troupe->root, &(struct test_want){.subject = "CN=Sub,O=Acme", .ca = true, .seed = 905});
    const struct test_party *twin =
        test_ca_issue(ca, &(struct test_want){.subject = troupe->gcks_party->name, .seed = 906});
    struct fault kept = {.exchange = GK_KEY_DOWNLOAD, .to = 1, .deed = FAULT_KEEP};
    struct fault_change change = {.key = twin, .certificate = twin, .issuer = ca};
    uint32_t handle;

    troupe_join_all(troupe);
    fault_set(troupe, &kept);
    fall_out(troupe, 0);
    rig_run(rig, 5100);
    CU_ASSERT_EQUAL_FATAL(kept.kept_count, 1);
    handle = troupe_status(troupe).gtpk[0].handle;
    rig->hold_jobs = true;
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run_job(rig, 0); /* the server signs */
    rig_run(rig, 1);
    CU_ASSERT_EQUAL_FATAL(rig->job_count, 1); /* the member verifies */
    fault_deliver(troupe, 0, 1, fault_forge(gk_secret_octets(&kept.kept[0].octets), &change));
    rig_run_jobs(rig, true);
    CU_ASSERT_TRUE(troupe_in(troupe, 0));
    CU_ASSERT_FALSE(troupe_member_status(troupe, 0).out_of_step);
    CU_ASSERT_EQUAL(key_handle(troupe, 0), handle);
    CU_ASSERT_EQUAL(troupe_member_status(troupe, 0).counts.rekey_events, 0);
    rig->hold_jobs = false;
    fault_set(troupe, NULL);
    fault_forget(&kept);
    troupe_free(troupe);
}

const struct test_suite suite_races = {
    "races",
    {
        {"evictions", evictions},
        {"tokens that exclude", tokens_that_exclude},
        {"changes during a registration", changes_during_a_registration},
        {"the end during a registration", the_end_during_a_registration},
        {"leaving at any step", leaving_at_any_step},
        {"the server changes during a job", the_server_changes_during_a_job},
        {NULL, NULL},
    }};
