/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/roles/walk.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#include "roles/gcks-internal.h"
#include "roles/member-internal.h"
#include "tests/roles/fault.h"

#define BACK_OFF 5000
#define INTERVAL 1800 /* seconds within which the token promises an event */

static uint32_t draw(struct walk *walk, uint32_t below)
{
    return gk_random_u32(&walk->random) % below;
}

static bool chance(struct walk *walk, unsigned percent)
{
    return draw(walk, 100) < percent;
}

void walk_expect(struct walk *walk, bool holds, const char *what)
{
    if (holds)
        return;
    walk->failures++;
    printf("\n    seed %llu, step %u: %s\n", (unsigned long long)walk->seed, walk->step, what);
}

/* --- the network ------------------------------------------------------------------------- */

/* What was sent when, from whom, to whom. Not the octets: certificates have serial numbers. */
static void remember(struct walk *walk, const struct rig_packet *packet)
{
    const uint64_t seen[] = {fault_exchange(gk_secret_octets(&packet->octets)), packet->from,
                             packet->to, packet->octets.size, (uint64_t)packet->due};
    struct sha256_ctx sha;

    sha256_init(&sha);
    sha256_update(&sha, sizeof walk->history, walk->history);
    sha256_update(&sha, sizeof seen, (const uint8_t *)seen);
    sha256_digest(&sha, sizeof walk->history, walk->history);
}

static bool travel(struct rig *rig, struct rig_packet *packet, void *context)
{
    struct walk *walk = context;

    remember(walk, packet);
    ledger_message(&walk->ledger, gk_secret_octets(&packet->octets));
    if (packet->to)
        closure_note(&walk->part[packet->to - 1].known, walk->troupe, packet);
    if (walk->healed)
        return true;
    if (chance(walk, 10))
        rig_inject_later(rig, packet->from, packet->to, packet->transport,
                         gk_secret_octets(&packet->octets), 1 + draw(walk, 20000));
    if (chance(walk, 20))
        packet->due += draw(walk, chance(walk, 50) ? 50 : 5000);
    return !chance(walk, 10);
}

/* Time, with jobs that finish when and in what order they like. */
static void pass(struct walk *walk, int64_t ms)
{
    struct rig *rig = walk->troupe->rig;
    int64_t end = rig->now.ms + ms;

    while (rig->now.ms < end) {
        int64_t most = end - rig->now.ms;
        int64_t slice = rig->job_count ? 1 + draw(walk, 20) : 1 + draw(walk, 500);

        rig_run(rig, slice < most ? slice : most);
        while (rig->job_count && (rig->job_count > 40 || chance(walk, 70)))
            rig_run_job(rig, draw(walk, (uint32_t)rig->job_count));
    }
}

/* --- steps ---------------------------------------------------------------------------------- */

static unsigned anybody(struct walk *walk)
{
    return draw(walk, WALK_MEMBERS);
}

static void join(struct walk *walk)
{
    unsigned who = anybody(walk);

    if (walk->part[who].place != WALK_OUT || walk->part[who].away)
        return;
    walk->part[who].place = WALK_WANTED;
    troupe_join(walk->troupe, who);
}

static void leave(struct walk *walk)
{
    unsigned who = anybody(walk);

    if (walk->part[who].place != WALK_WANTED || walk->part[who].away)
        return;
    walk->part[who].place = WALK_OUT;
    walk->part[who].created = 0;
    walk_expect(walk, troupe_leave(walk->troupe, who), "could not leave");
}

static void denied(struct walk *walk, unsigned who)
{
    walk->part[who].place = WALK_DENIED;
    walk->part[who].limit = closure_limit(walk->troupe);
    walk->denied[walk->denials++] = who;
}

static void evict(struct walk *walk)
{
    unsigned who = anybody(walk);

    if (walk->part[who].place == WALK_DENIED || walk->denials == WALK_DENIALS)
        return;
    walk_expect(walk, troupe_evict(walk->troupe, who), "could not evict");
    denied(walk, who);
}

/* The root's list names one more; restarts have it from the configuration. */
static void revoke(struct walk *walk)
{
    struct troupe *troupe = walk->troupe;
    unsigned who = anybody(walk);

    if (walk->part[who].place == WALK_DENIED || walk->denials == WALK_DENIALS ||
        walk->revoked == sizeof walk->list.serial / sizeof walk->list.serial[0])
        return;
    walk->list.serial[walk->revoked++] = troupe->member[who].party->serial;
    walk->list.this_update = TEST_NOW - 86400 + walk->revoked;
    walk->crl = test_crl(troupe->root, &walk->list);
    troupe->policy.trust.crls = &walk->crl;
    troupe->policy.trust.crl_count = 1;
    troupe_gcks_policy(troupe, &walk->crl, 1);
    denied(walk, who);
}

static void rekey(struct walk *walk)
{
    walk_expect(walk, troupe_rekey(walk->troupe), "could not rekey");
}

static void publish(struct walk *walk)
{
    struct troupe *troupe = walk->troupe;
    bool excludes = walk->excluded < 0 && walk->denials < WALK_DENIALS && chance(walk, 30);
    unsigned who = anybody(walk);
    struct gk_reason why = {0};

    excludes = excludes && walk->part[who].place != WALK_DENIED;
    if (excludes)
        walk->excluded = (int)who;
    walk->edition++;
    walk_expect(walk,
                troupe_publish(
                    troupe,
                    troupe_token(troupe, walk->edition,
                                 walk->excluded < 0 ? NULL : troupe->member[walk->excluded].subject,
                                 TEST_NOW - 500 + walk->edition),
                    &why),
                "could not publish");
    if (excludes)
        denied(walk, who);
}

static void server_dies(struct walk *walk)
{
    troupe_restart_gcks(walk->troupe);
}

static void member_dies(struct walk *walk)
{
    unsigned who = anybody(walk);

    troupe_restart_member(walk->troupe, who);
    /* What had not joined yet is told to join by its host once more. */
    if (walk->part[who].place == WALK_WANTED && !walk->troupe->member[who].member->wanted)
        troupe_join(walk->troupe, who);
}

static void away(struct walk *walk)
{
    unsigned who = anybody(walk);

    walk->part[who].away = !walk->part[who].away;
    walk->troupe->rig->node[walk->troupe->member[who].node].down = walk->part[who].away;
}

static void replay(struct walk *walk)
{
    const struct rig_packet *packet = walk->troupe->rig->sent;
    struct gk_peer from = {GK_UDP, rig_address(draw(walk, 9)), 0};
    size_t to = draw(walk, WALK_MEMBERS + 1);

    for (uint32_t back = draw(walk, 60); packet && back; back--)
        packet = packet->next;
    if (packet && !walk->troupe->rig->node[to].down)
        rig_deliver(walk->troupe->rig, to, &from, gk_secret_octets(&packet->octets));
}

static void clock_moves(struct walk *walk)
{
    walk->troupe->rig->node[draw(walk, 9)].utc_off = (gk_time)draw(walk, 60) - 30;
}

static void time_passes(struct walk *walk)
{
    pass(walk, chance(walk, 10) ? 30000 : 3000);
}

static const struct {
    unsigned weight;
    void (*act)(struct walk *walk);
} steps[] = {{22, join},   {6, leave},       {2, evict},        {14, rekey},
             {4, publish}, {4, server_dies}, {6, member_dies},  {4, away},
             {5, replay},  {3, clock_moves}, {28, time_passes}, {2, revoke}};

static size_t draw_step(struct walk *walk)
{
    uint32_t at = draw(walk, 100);
    size_t i = 0;

    while (at >= steps[i].weight)
        at -= steps[i++].weight;
    return i;
}

void walk_steps(struct walk *walk, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        size_t which = draw_step(walk);

        walk->step++;
        walk->counts[which]++;
        steps[which].act(walk);
        pass(walk, draw(walk, 400));
        walk_check(walk);
    }
}

/* --- life ---------------------------------------------------------------------------------------
 */

struct walk *walk_new(uint64_t seed)
{
    struct walk *walk = gk_alloc(1, sizeof *walk);

    walk->seed = seed;
    walk->random = test_random(seed ^ UINT64_C(0x77616c6b));
    walk->ledger = ledger_new();
    walk->excluded = -1;
    walk->edition = 1;
    walk->troupe = troupe_new(
        &(struct troupe_plan){.members = WALK_MEMBERS,
                              .seed = seed,
                              .suite = seed % 4 == 3 ? "p256-chacha20" : NULL,
                              .degree = 2 + (unsigned)(seed % 3),
                              .capacity = 16,
                              .rekey = "every=\"20 min\" interval=\"30 min\" resend=\"1\"",
                              .message_limit = seed % 2 ? 700 : 0,
                              .packaging = (enum gk_lkh_packaging)(seed % 3),
                              .rekey_on_join = seed % 5 == 4,
                              .unicast = seed % 6 == 2,
                              .tcp = seed % 7 == 4});
    walk->troupe->rig->filter = travel;
    walk->troupe->rig->context = walk;
    walk->troupe->rig->hold_jobs = true;
    return walk;
}

void walk_free(struct walk *walk)
{
    for (unsigned i = 0; i < WALK_MEMBERS; i++)
        closure_free(&walk->part[i].known);
    ledger_free(&walk->ledger);
    troupe_free(walk->troupe);
    free(walk);
}

/* How long the slowest of those who want to be in may take: B as it has grown, W, the rest of
 * a wait and a registration. */
static int64_t patience(const struct walk *walk)
{
    int64_t longest = BACK_OFF;

    for (unsigned i = 0; i < WALK_MEMBERS; i++) {
        const struct member *member = walk->troupe->member[i].member;
        int64_t wait = member->retry_at - walk->troupe->rig->now.ms;

        if (walk->part[i].place == WALK_WANTED && member->retry_at != GK_NO_TICK && wait > longest)
            longest = wait;
    }
    return longest;
}

static void everybody_is_there(struct walk *walk)
{
    struct troupe *troupe = walk->troupe;

    walk->healed = true;
    rig_run_jobs(troupe->rig, false);
    troupe->rig->hold_jobs = false;
    for (unsigned i = 0; i <= WALK_MEMBERS; i++)
        troupe->rig->node[i].utc_off = 0;
    for (unsigned i = 0; i < WALK_MEMBERS; i++) {
        walk->part[i].away = false;
        troupe->rig->node[troupe->member[i].node].down = false;
        if (walk->part[i].place == WALK_WANTED && !troupe->member[i].member->wanted)
            troupe_join(troupe, i);
    }
}

void walk_heal(struct walk *walk)
{
    struct troupe *troupe = walk->troupe;

    everybody_is_there(walk);
    rig_run(troupe->rig, 30000); /* what is on its way, and sessions that must time out */
    rekey(walk);                 /* tells those whom the server has not, that they are out */
    rig_run(troupe->rig, 4000 + 20000);
    if (troupe->plan.unicast) /* who is not sent anything notices by the interval */
        rig_run(troupe->rig, (INTERVAL + 300) * 1000);
    rig_run(troupe->rig, patience(walk) + 5000);
    for (unsigned i = 0; i < WALK_MEMBERS; i++) {
        bool entitled = walk->part[i].place == WALK_WANTED;

        walk_expect(walk, troupe_current(troupe, i) == entitled,
                    entitled ? "entitled, and without the current key"
                             : "not entitled, and with the current key");
    }
    walk_check(walk);
    walk_check_closure(walk);
}
