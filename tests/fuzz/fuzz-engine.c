/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A living group and what its input does to it: [action 1 octet | length 2 octets | octets]
 * again and again. Messages of its past and present come back with octets changed, octets
 * come as messages, time passes, engines die and return, operators command.
 *
 * After each action: a member's key is one that the GC/KS has made; its edition has not
 * fallen; an evicted member does not hold a key made after its eviction. At the end all
 * engines are rebuilt from their records and are what they were.
 */
#include <stdlib.h>
#include <string.h>

#include "roles/gcks-internal.h"
#include "tests/fuzz/stage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ACTIONS 24  /* in one input */
#define KEYS    256 /* that the GC/KS has made */
#define JOBS    64  /* that may wait */
#define GTPK    32  /* octets of one, at most */

struct play {
    struct stage *stage;
    struct troupe *troupe;
    size_t key_count;
    struct {
        size_t size;
        uint8_t octets[GTPK];
    } key[KEYS];
    int64_t edition[STAGE_MEMBERS];
    bool evicted[STAGE_MEMBERS];
    uint32_t at_eviction[STAGE_MEMBERS]; /* the GTPK's handle */
};

static void must(bool good)
{
    if (!good)
        abort();
}

/* --- what must hold -------------------------------------------------------------------------- */

static bool is_known(const struct play *play, struct gk_octets key)
{
    for (size_t i = play->key_count; i; i--) {
        if (gk_octets_equal(gk_octets(play->key[i - 1].octets, play->key[i - 1].size), key))
            return true;
    }
    return false;
}

static void know(struct play *play, struct gk_octets key)
{
    if (is_known(play, key))
        return;
    must(play->key_count < KEYS && key.size && key.size <= GTPK);
    memcpy(play->key[play->key_count].octets, key.data, key.size);
    play->key[play->key_count++].size = key.size;
}

static void know_keys(struct play *play)
{
    const struct gcks *gcks = play->troupe->gcks;

    for (size_t i = 0; i < gcks->gtpk_count; i++)
        know(play, gk_secret_octets(&gcks->gtpk[i].key));
}

/* Those of the past, which one who is out of step or evicted still has. */
static void know_old_keys(struct play *play)
{
    for (unsigned i = 0; i < STAGE_MEMBERS; i++) {
        struct gk_octets key = troupe_key(play->troupe, i);

        if (key.size)
            know(play, key);
    }
}

/* What the GC/KS sends may hold the keys that it has now. */
static bool on_packet(struct rig *rig, struct rig_packet *packet, void *context)
{
    (void)rig;
    if (packet->from == 0)
        know_keys(context);
    return true;
}

static uint32_t current_handle(const struct play *play)
{
    struct gcks_status status = troupe_status(play->troupe);

    return status.gtpk_count ? status.gtpk[0].handle : 0;
}

static void check_member(struct play *play, unsigned index)
{
    const struct troupe *troupe = play->troupe;
    struct member_status status = troupe_member_status(troupe, index);
    struct gk_octets key = troupe_key(troupe, index);

    must(!key.size || is_known(play, key));
    must(status.state == MEMBER_WAIT_EVENT || !key.size);
    if (status.has_edition) {
        must(status.edition >= play->edition[index]);
        play->edition[index] = status.edition;
    }
    must(!play->evicted[index] || current_handle(play) == play->at_eviction[index] ||
         !troupe_current(troupe, index));
}

static void check(struct play *play)
{
    know_keys(play);
    for (unsigned i = 0; i < STAGE_MEMBERS; i++)
        check_member(play, i);
}

/* --- actions --------------------------------------------------------------------------------- */

static size_t any_node(struct gk_reader *from)
{
    return gk_read_u8(from) % (STAGE_MEMBERS + 1);
}

static unsigned any_member(struct gk_reader *from)
{
    return gk_read_u8(from) % STAGE_MEMBERS;
}

/* The same inside a message of a later version (profile 1.6), of its group. */
static void embed(struct gk_octets octets, struct gk_writer *to)
{
    size_t size = octets.size >= 2 ? (size_t)2 + octets.data[1] : 0;

    gk_write(to, octets.data, size < octets.size ? size : octets.size);
    gk_write_u8(to, 0);
    gk_write_u8(to, 2);
    gk_write_u8(to, 0);
    gk_write_u32(to, 0);
    gk_write_u32(to, (uint32_t)(to->size + 4 + octets.size));
    gk_write_octets(to, octets);
}

static void deliver(struct play *play, struct gk_reader *from, struct gk_octets octets, size_t to)
{
    uint8_t by = gk_read_u8(from);
    struct gk_writer outer = {0};
    size_t other = by % (STAGE_MEMBERS + 1);
    struct gk_peer peer = {by & 0x80 ? GK_TCP : GK_UDP, rig_address(other),
                           by & 0x80 ? (uint32_t)other + 1 : 0};

    if (by & 0x40)
        embed(octets, &outer);
    rig_deliver(play->troupe->rig, to, &peer, by & 0x40 ? gk_writer_octets(&outer) : octets);
    gk_writer_free(&outer);
}

static void octets_come(struct play *play, struct gk_reader *from)
{
    size_t to = any_node(from);
    struct gk_reader head = *from;

    (void)gk_read_u8(from);
    deliver(play, &head, gk_read_rest(from), to);
}

static struct gk_octets recorded(const struct play *play, uint8_t index)
{
    const struct rig_packet *packet = play->troupe->rig->sent;

    if (index < 128)
        return gk_secret_octets(&play->stage->recorded[index % play->stage->recorded_count]);
    while (packet && index-- > 128)
        packet = packet->next;
    return packet ? gk_secret_octets(&packet->octets) : GK_NO_OCTETS;
}

/* Octets are changed at places; behind the end they are appended, and 0xffff cuts one off. */
static void change(struct gk_writer *message, struct gk_reader *from)
{
    while (gk_reader_left(from) >= 3) {
        uint16_t place = gk_read_u16(from);
        uint8_t octet = gk_read_u8(from);

        if (place < message->size)
            message->data[place] = octet;
        else if (place == 0xffff && message->size)
            message->size--;
        else
            gk_write_u8(message, octet);
    }
}

static void message_comes_back(struct play *play, struct gk_reader *from)
{
    size_t to = any_node(from);
    struct gk_reader head = *from;
    struct gk_writer message = {0};

    (void)gk_read_u8(from);
    gk_write_octets(&message, recorded(play, gk_read_u8(from)));
    change(&message, from);
    deliver(play, &head, gk_writer_octets(&message), to);
    gk_writer_free(&message);
}

static void time_passes(struct play *play, struct gk_reader *from)
{
    int64_t unit = gk_read_u8(from) & 1 ? 50 : 1;

    rig_run(play->troupe->rig, unit * gk_read_u16(from));
}

static void gcks_is_told(struct play *play, struct gk_reader *from)
{
    struct troupe *troupe = play->troupe;
    struct gk_reason why = {0};
    uint8_t what = gk_read_u8(from);
    unsigned who = any_member(from);

    if (what % 8 == 7) {
        (void)troupe_destroy(troupe);
    } else if (what % 8 >= 5) {
        (void)troupe_publish(troupe, play->stage->token[who % STAGE_TOKENS], &why);
    } else if (what % 8 >= 3) {
        uint32_t handle = current_handle(play);

        if (troupe_evict(troupe, who) && !play->evicted[who]) {
            play->evicted[who] = true;
            play->at_eviction[who] = handle;
        }
    } else {
        (void)troupe_rekey(troupe);
    }
}

static void member_is_told(struct play *play, struct gk_reader *from)
{
    struct troupe *troupe = play->troupe;
    unsigned who = any_member(from);
    struct gk_now now = rig_now(troupe->rig, troupe->member[who].node);
    struct gk_turn turn = {0};
    struct gk_reason why = {0};

    if (gk_read_u8(from) & 1)
        (void)troupe_leave(troupe, who);
    else if (member_join(troupe->member[who].member, &now, &turn, &why))
        rig_turn(troupe->rig, troupe->member[who].node, &turn);
    else
        gk_turn_free(&turn);
}

static void node_restarts(struct play *play, struct gk_reader *from)
{
    size_t node = any_node(from);

    if (node)
        troupe_restart_member(play->troupe, (unsigned)node - 1);
    else
        troupe_restart_gcks(play->troupe);
}

static void jobs_wait_or_run(struct play *play, struct gk_reader *from)
{
    uint8_t how = gk_read_u8(from);

    play->troupe->rig->hold_jobs = how & 1;
    rig_run_jobs(play->troupe->rig, how & 2);
}

static void connection_ends(struct play *play, struct gk_reader *from)
{
    size_t node = any_node(from);
    size_t other = any_node(from);
    struct gk_engine *engine = &play->troupe->rig->node[node].engine;
    struct gk_peer peer = {GK_TCP, rig_address(other), (uint32_t)other + 1};
    struct gk_now now = rig_now(play->troupe->rig, node);
    struct gk_turn turn = {0};

    engine->closed(engine->self, &now, &peer, &turn);
    rig_turn(play->troupe->rig, node, &turn);
}

static void (*const actions[])(struct play *play, struct gk_reader *from) = {
    message_comes_back, octets_come,   time_passes,      gcks_is_told,
    member_is_told,     node_restarts, jobs_wait_or_run, connection_ends};

/* --- the end --------------------------------------------------------------------------------- */

/* Every engine comes back as it was: no key is lost and none comes from nowhere. An event that
 * waited for its time may come at once. */
static void all_restart(struct play *play)
{
    struct troupe *troupe = play->troupe;
    struct gcks_status before = troupe_status(troupe);
    uint32_t handle = current_handle(play);
    struct gcks_status after;

    troupe_restart_gcks(troupe);
    after = troupe_status(troupe);
    must(after.destroyed == before.destroyed);
    must(after.destroyed ||
         (after.edition >= before.edition && after.last_event >= before.last_event));
    must(after.destroyed || after.last_event != before.last_event ||
         (after.members == before.members && current_handle(play) == handle));
    for (unsigned i = 0; i < STAGE_MEMBERS; i++) {
        struct gk_secret key = gk_secret_copy(troupe_key(troupe, i));

        troupe_restart_member(troupe, i);
        must(gk_octets_equal(gk_secret_octets(&key), troupe_key(troupe, i)));
        gk_secret_free(&key);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gk_reader from = gk_reader(gk_octets(data, size));
    struct play *play = gk_alloc(1, sizeof *play);

    play->stage = stage_get();
    play->troupe = play->stage->troupe;
    play->troupe->rig->filter = on_packet;
    play->troupe->rig->context = play;
    stage_reset(play->stage);
    know_old_keys(play);
    play->evicted[STAGE_EVICTED] = true;
    check(play);
    for (int i = 0; i < ACTIONS && gk_reader_left(&from) >= 3; i++) {
        uint8_t action = gk_read_u8(&from);
        size_t length = gk_read_u16(&from);
        struct gk_reader octets =
            gk_read_sub(&from, length < gk_reader_left(&from) ? length : gk_reader_left(&from));

        actions[action % (sizeof actions / sizeof *actions)](play, &octets);
        if (play->troupe->rig->job_count > JOBS)
            rig_run_jobs(play->troupe->rig, false);
        check(play);
    }
    rig_run_jobs(play->troupe->rig, false);
    check(play);
    all_restart(play);
    stage_clear(play->stage);
    gk_wipe(play, sizeof *play);
    free(play);
    return 0;
}
