/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/stage.h"

#include <stdlib.h>
#include <string.h>

/* splitmix64: its state is one number, so that it can be set back. */
static void fill(void *context, uint8_t *to, size_t size)
{
    uint64_t *state = context;

    for (size_t i = 0; i < size; i++) {
        uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);

        mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
        to[i] = (uint8_t)(mixed ^ mixed >> 31);
    }
}

static struct gk_octets copy_of(struct gk_octets octets)
{
    struct gk_secret copy = gk_secret_copy(octets);

    return gk_octets(copy.data, copy.size);
}

static void free_records(struct gk_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free((void *)(uintptr_t)records[i].key.data);
        gk_secret_free(&records[i].value);
    }
    free(records);
}

static struct gk_record *copy_records(const struct gk_record *records, size_t count)
{
    struct gk_record *copy = gk_alloc(count + 1, sizeof *copy);

    for (size_t i = 0; i < count; i++)
        copy[i] = (struct gk_record){copy_of(records[i].key),
                                     gk_secret_copy(gk_secret_octets(&records[i].value)), false};
    return copy;
}

static int by_key(const void *a, const void *b)
{
    const struct gk_record *left = a;
    const struct gk_record *right = b;

    return gk_octets_compare(left->key, right->key);
}

void stage_store(struct stage *stage, size_t node, const struct stage_records *records)
{
    struct rig_node *at = &stage->troupe->rig->node[node];

    free_records(at->records, at->record_count);
    at->records = copy_records(records->records, records->count);
    at->record_count = records->count;
    /* As a store hands them out, and as the rig keeps them. */
    if (records->count)
        qsort(at->records, at->record_count, sizeof *at->records, by_key);
}

static void free_packets(struct rig_packet **list)
{
    while (*list) {
        struct rig_packet *first = *list;

        *list = first->next;
        gk_secret_free(&first->octets);
        free(first);
    }
}

void stage_clear(struct stage *stage)
{
    struct rig *rig = stage->troupe->rig;

    for (size_t i = 0; i < rig->node_count; i++) {
        rig_drop_jobs(rig, i);
        rig_forget_notices(rig, i);
        rig->node[i].next_tick = GK_NO_TICK;
        rig->node[i].down = false;
    }
    free_packets(&rig->queue);
    free_packets(&rig->sent);
    rig->hold_jobs = false;
}

void stage_reset(struct stage *stage)
{
    struct rig *rig = stage->troupe->rig;

    stage_clear(stage);
    rig->now = stage->now;
    stage->random = stage->random_then;
    for (size_t i = 0; i < rig->node_count; i++)
        stage_store(stage, i, &stage->then[i]);
    troupe_restart_gcks(stage->troupe);
    for (unsigned i = 0; i < stage->troupe->member_count; i++)
        troupe_restart_member(stage->troupe, i);
}

static void live(struct stage *stage)
{
    struct troupe *troupe = stage->troupe;
    struct gk_reason why = {0};
    bool good;

    for (unsigned i = 0; i < STAGE_OUTSIDE; i++) {
        troupe_join(troupe, i);
        rig_run(troupe->rig, 2000);
    }
    good = troupe_rekey(troupe);
    rig_run(troupe->rig, 3000);
    good = good && troupe_leave(troupe, 3);
    troupe_join(troupe, 3);
    rig_run(troupe->rig, 3000);
    good = good && troupe_evict(troupe, STAGE_EVICTED);
    rig_run(troupe->rig, 3000);
    good =
        good && troupe_publish(troupe, troupe_token(troupe, 2, NULL, troupe->rig->now.utc), &why);
    rig_run(troupe->rig, 5000);
    if (!good || !troupe_in(troupe, 0) || !troupe_in(troupe, 1) || !troupe_in(troupe, 3))
        abort();
}

static void keep(struct stage *stage)
{
    const struct rig *rig = stage->troupe->rig;

    for (size_t i = 0; i < rig->node_count; i++) {
        const struct rig_node *node = &rig->node[i];

        stage->then[i] = (struct stage_records){node->record_count,
                                                copy_records(node->records, node->record_count)};
    }
    for (const struct rig_packet *each = rig->sent; each && stage->recorded_count < STAGE_RECORDED;
         each = each->next)
        stage->recorded[stage->recorded_count++] = gk_secret_copy(gk_secret_octets(&each->octets));
    stage->now = rig->now;
    stage->random_then = stage->random;
}

static struct stage *make(void)
{
    struct stage *stage = gk_alloc(1, sizeof *stage);
    struct troupe *troupe = troupe_new(
        &(struct troupe_plan){.members = STAGE_MEMBERS, .seed = 1, .degree = 2, .capacity = 8});
    const struct test_party *stranger = test_ca_issue(
        troupe->root, &(struct test_want){.subject = "CN=Stranger,O=Acme", .seed = 9});

    stage->troupe = troupe;
    stage->random = 1;
    troupe->random = (struct gk_random){fill, &stage->random};
    live(stage);
    stage->token[0] = troupe_token(troupe, 3, "CN=m0,OU=Members,O=Acme", troupe->rig->now.utc);
    stage->token[1] = troupe_token(troupe, 4, NULL, troupe->rig->now.utc + 1);
    stage->token[2] = troupe_token_by(troupe, stranger, 3, NULL, troupe->rig->now.utc);
    keep(stage);
    return stage;
}

struct stage *stage_get(void)
{
    static struct stage *stage;

    if (!stage)
        stage = make();
    return stage;
}
