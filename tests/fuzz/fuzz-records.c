/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a store holds: [length 2 octets | key | length 2 octets | value] again and again.
 * The GC/KS, the member, the tree and the ring refuse it with a reason, or live on from it:
 * they run for a while, and what they store then can be restored again.
 */
#include <stdlib.h>
#include <string.h>

#include "gsakmp/ring.h"
#include "roles/gcks-internal.h"
#include "tests/fuzz/stage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RECORDS 64
#define MEMBER  0

static void must(bool good)
{
    if (!good)
        abort();
}

/* --- octets that are read alone -------------------------------------------------------------- */

static void read_ring(struct gk_octets octets)
{
    struct gk_reason why = {0};
    struct gk_writer once = {0};
    struct gk_writer twice = {0};
    struct gk_ring *ring = gk_ring_read(octets, &why);
    struct gk_ring *again;

    if (!ring) {
        must(why.code != NULL);
        return;
    }
    gk_ring_write(ring, &once);
    again = gk_ring_read(gk_writer_octets(&once), &why);
    must(again != NULL);
    gk_ring_write(again, &twice);
    must(gk_octets_equal(gk_writer_octets(&once), gk_writer_octets(&twice)));
    gk_ring_free(ring);
    gk_ring_free(again);
    gk_writer_free(&once);
    gk_writer_free(&twice);
}

/* An event over a tree that was taken from the records. */
static void rekey_tree(struct gk_lkh *lkh)
{
    static const uint8_t key[16] = {1};
    struct gk_key_datum gtpk = {49153, 0x80000001, 1, 0, 100, gk_octets(key, sizeof key)};
    struct gk_lkh_order order = {.group_value = gk_octets("group", 5),
                                 .gtpk = &gtpk,
                                 .gtpk_count = 1,
                                 .stamp = TEST_NOW,
                                 .limit = 8192};
    struct gk_lkh_event *event = gk_lkh_event_begin(lkh, &order, NULL);
    struct gk_writer to = {0};

    if (!event)
        return;
    while (gk_lkh_event_next(event, &to))
        to.size = 0;
    gk_lkh_event_end(event);
    gk_writer_free(&to);
}

static void read_tree(const struct stage *stage, const struct stage_records *from)
{
    struct gk_lkh_blob blobs[RECORDS];
    struct gk_reason why = {0};
    struct gk_lkh *lkh;
    uint32_t member = 0;
    size_t count = 0;

    for (size_t i = 0; i < from->count; i++) {
        struct gk_reader key = gk_reader(from->records[i].key);

        if (gk_read_u8(&key) != GCKS_RECORD_TREE)
            continue;
        blobs[count].number = gk_read_u32(&key);
        blobs[count++].octets = gk_secret_octets(&from->records[i].value);
    }
    lkh = gk_lkh_load(blobs, count, &stage->troupe->random, &why);
    if (!lkh) {
        must(why.code != NULL);
        return;
    }
    if (gk_lkh_join(lkh, TEST_NOW, &member, &why))
        must(gk_lkh_in_use(lkh, member) && gk_lkh_remove(lkh, member));
    rekey_tree(lkh);
    gk_lkh_free(lkh);
}

/* --- engines --------------------------------------------------------------------------------- */

static struct gcks *restore_gcks(struct stage *stage, struct gk_turn *turn)
{
    const struct rig_node *node = &stage->troupe->rig->node[0];
    struct gk_now now = rig_now(stage->troupe->rig, 0);
    struct gk_reason why = {0};
    struct gcks *gcks = gcks_restore(&stage->troupe->gcks_config, node->records, node->record_count,
                                     true, &now, turn, &why);

    must(gcks || why.code);
    return gcks;
}

static void look_at_gcks(const struct gcks *gcks)
{
    struct gcks_member member;
    struct gk_octets name;
    uint64_t cursor = 0;

    while (gcks_next_member(gcks, &cursor, &member))
        must(member.name.size > 0);
    cursor = 0;
    while (gcks_next_excluded(gcks, &cursor, &name))
        must(name.size > 0);
}

static void live_gcks(struct stage *stage, struct gcks *gcks, struct gk_turn *turn)
{
    struct troupe *troupe = stage->troupe;
    struct rig_node *node = &troupe->rig->node[0];
    struct gk_turn again = {0};

    gcks_free(troupe->gcks);
    troupe->gcks = gcks;
    node->engine = gcks_engine(gcks);
    node->down = false;
    rig_turn(troupe->rig, 0, turn);
    look_at_gcks(gcks);
    (void)troupe_rekey(troupe);
    rig_run(troupe->rig, 5000);
    (void)troupe_evict(troupe, MEMBER);
    rig_run(troupe->rig, 5000);
    look_at_gcks(gcks);
    gcks_free(troupe->gcks);
    troupe->gcks = restore_gcks(stage, &again);
    must(troupe->gcks != NULL);
    gk_turn_free(&again);
    node->engine = gcks_engine(troupe->gcks);
}

static void try_gcks(struct stage *stage, const struct stage_records *records)
{
    struct gk_turn turn = {0};
    struct gcks *gcks;

    stage_store(stage, 0, records);
    gcks = restore_gcks(stage, &turn);
    if (gcks)
        live_gcks(stage, gcks, &turn);
    else
        gk_turn_free(&turn);
}

static struct member *restore_member(struct stage *stage, struct gk_turn *turn)
{
    const struct troupe_part *part = &stage->troupe->member[MEMBER];
    const struct rig_node *node = &stage->troupe->rig->node[part->node];
    struct gk_now now = rig_now(stage->troupe->rig, part->node);
    struct gk_reason why = {0};
    struct member *member =
        member_restore(&part->config, node->records, node->record_count, &now, turn, &why);

    must(member || why.code);
    return member;
}

static void live_member(struct stage *stage, struct member *member, struct gk_turn *turn)
{
    struct troupe *troupe = stage->troupe;
    struct troupe_part *part = &troupe->member[MEMBER];
    struct rig_node *node = &troupe->rig->node[part->node];
    struct gk_turn again = {0};

    member_free(part->member);
    part->member = member;
    node->engine = member_engine(member);
    node->down = false;
    rig_turn(troupe->rig, part->node, turn);
    for (size_t i = 0; i < 8 && i < stage->recorded_count; i++) {
        struct gk_peer peer = {GK_UDP, rig_address(0), 0};

        rig_deliver(troupe->rig, part->node, &peer, gk_secret_octets(&stage->recorded[i]));
    }
    (void)troupe_key(troupe, MEMBER);
    rig_run(troupe->rig, 5000);
    member_free(part->member);
    part->member = restore_member(stage, &again);
    must(part->member != NULL);
    gk_turn_free(&again);
    node->engine = member_engine(part->member);
}

static void try_member(struct stage *stage, const struct stage_records *records)
{
    struct gk_turn turn = {0};
    struct member *member;

    stage_store(stage, stage->troupe->member[MEMBER].node, records);
    member = restore_member(stage, &turn);
    if (member)
        live_member(stage, member, &turn);
    else
        gk_turn_free(&turn);
}

/* --- the input ------------------------------------------------------------------------------- */

static struct gk_octets take(struct gk_reader *from)
{
    size_t size = gk_read_u16(from);

    return gk_read_octets(from, size < gk_reader_left(from) ? size : gk_reader_left(from));
}

/* One record a key and none without one, as a store has them. */
static bool is_new(const struct stage_records *records, struct gk_octets key)
{
    for (size_t i = 0; i < records->count; i++) {
        if (gk_octets_equal(records->records[i].key, key))
            return false;
    }
    return key.size > 0;
}

static void only(struct stage *stage)
{
    stage_clear(stage);
    for (size_t i = 0; i < stage->troupe->rig->node_count; i++)
        stage->troupe->rig->node[i].down = true;
    stage->troupe->rig->now = stage->now;
    stage->random = stage->random_then;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gk_reader from = gk_reader(gk_octets(data, size));
    struct gk_record list[RECORDS];
    struct stage_records records = {0, list};
    struct stage *stage = stage_get();

    while (gk_reader_left(&from) >= 4 && records.count < RECORDS) {
        struct gk_octets key = take(&from);
        struct gk_secret value = gk_secret_copy(take(&from));

        read_ring(gk_secret_octets(&value));
        if (is_new(&records, key))
            list[records.count++] = (struct gk_record){key, value, false};
        else
            gk_secret_free(&value);
    }
    read_tree(stage, &records);
    only(stage);
    try_gcks(stage, &records);
    only(stage);
    try_member(stage, &records);
    stage_clear(stage);
    for (size_t i = 0; i < records.count; i++)
        gk_secret_free(&list[i].value);
    return 0;
}
