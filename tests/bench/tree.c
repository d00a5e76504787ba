/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rekeys of a tree (RFC 4535 A.3.2) without an engine: the tree's event, then its messages. An
 * event takes away one member, or many at once. Who goes is spread over the tree; between
 * rounds the leaves are filled again, unmeasured.
 */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "gsakmp/lkh.h"
#include "gsakmp/message.h"
#include "gsakmp/suite.h"
#include "tests/bench/floor.h"

#define DEGREE    4
#define LIMIT     8192 /* octets of a message (profile 9.7) */
#define START     ((gk_time)1767225600)
#define GTPK_ID   UINT32_C(0x80000001)
#define WRAP      49154    /* AES-256-GCM */
#define SIGNATURE (2 + 64) /* behind what is signed (profile 4.1) */
#define STRIDE    UINT32_C(2654435761)
#define DATA_MOST ((size_t)1 << 19) /* Rekey Event Data of a round */
#define SENT_MOST ((size_t)1 << 13) /* messages of a round */

struct bench_tree {
    struct gk_lkh *lkh;
    struct gk_signer signer;
    struct gk_group group;
    struct gk_octets signer_id;
    struct floor *floor;
    uint8_t gtpk[32];
    gk_time stamp;
    uint32_t sequence;
    uint32_t members;
    uint32_t batch; /* of them go in one event */
    uint32_t next;  /* who goes */
    size_t memory;  /* octets that the tree took */
    struct bench_watch seals, signs;
    struct gk_writer data, message;
    /* Of the round: what the floor does again. */
    struct gk_lkh_cost cost;
    size_t data_count, sent_count;
    size_t plain[DATA_MOST], sent[SENT_MOST]; /* octets sealed, signed */
    uint64_t octets;
};

static void set_up(struct bench_tree *tree)
{
    const struct gk_lkh_shape shape = {DEGREE, tree->members, WRAP};
    struct gk_secret seed = gk_random_secret(&gk_random_system, 32);
    uint32_t member;

    tree->floor = floor_new();
    tree->stamp = START;
    tree->signer_id = gk_octets_of("CN=GCKS,OU=Servers,O=Acme,C=US");
    bench_check(gk_group_set(&tree->group, 2, gk_octets("\1\2\3\4\5\6\7\10vectors", 15), NULL));
    bench_check(gk_signer_open_seed(&tree->signer, gk_secret_octets(&seed), NULL));
    gk_secret_free(&seed);
    tree->memory = bench_memory();
    tree->lkh = gk_lkh_new(&shape, &gk_random_system, NULL);
    bench_check(tree->lkh);
    for (uint32_t i = 0; i < tree->members; i++)
        bench_check(gk_lkh_join(tree->lkh, START, &member, NULL));
    tree->memory = bench_memory() - tree->memory;
}

static void tear_down(struct bench_tree *tree)
{
    gk_lkh_free(tree->lkh);
    gk_signer_free(&tree->signer);
    gk_writer_free(&tree->data);
    gk_writer_free(&tree->message);
    floor_free(tree->floor);
}

/* The records of the changed nodes, and the leaves that went are taken again. */
static void settle(struct bench_tree *tree, uint32_t went)
{
    struct gk_secret blob;
    uint32_t number;
    bool gone;

    while (went--) {
        uint32_t member;

        bench_check(gk_lkh_join(tree->lkh, tree->stamp, &member, NULL));
    }
    while (gk_lkh_dirty(tree->lkh, &number, &blob, &gone))
        gk_secret_free(&blob);
}

/* --- one event ------------------------------------------------------------------------- */

static void send(struct bench_tree *tree, struct gk_octets data, uint16_t count)
{
    struct gk_message message = {.group = tree->group,
                                 .exchange = GK_REKEY_EVENT,
                                 .sequence = ++tree->sequence,
                                 .rekey_count = 1,
                                 .has_signature = true,
                                 .private_inside = true};

    message.rekey[0] = (struct gk_rekey_payload){GK_REKEY_LKH, tree->stamp, 1, count, data, 0};
    message.signature.id_type = 31;
    message.signature.stamp = tree->stamp;
    message.signature.signer_id = tree->signer_id;
    gk_writer_cut(&tree->message, 0);
    bench_check(gk_message_build(&message, &tree->signer, &tree->message, NULL));
    bench_check(tree->sent_count < SENT_MOST);
    tree->sent[tree->sent_count++] = tree->message.size - SIGNATURE;
    tree->octets += tree->message.size;
}

/* Cuts between Rekey Event Data; notes what each seals. */
static void send_all(struct bench_tree *tree)
{
    const size_t overhead = gk_wrap_find(WRAP)->overhead;
    struct gk_reader reader = gk_reader(gk_writer_octets(&tree->data));
    struct gk_rekey_data data;
    size_t from = 0;
    uint16_t count = 0;

    while (gk_reader_left(&reader)) {
        size_t at = reader.at;

        bench_check(gk_rekey_data_read(&data, &reader, NULL));
        bench_check(tree->data_count < DATA_MOST);
        tree->plain[tree->data_count++] = data.sealed.size - overhead;
        if (count && reader.at - from > LIMIT) {
            send(tree, gk_octets(tree->data.data + from, at - from), count);
            from = at;
            count = 0;
        }
        count++;
    }
    send(tree, gk_octets(tree->data.data + from, reader.at - from), count);
}

/* Those of an event lie evenly apart, so that none goes twice. */
static void remove_some(struct bench_tree *tree)
{
    uint32_t first = tree->next++ * STRIDE;

    for (uint32_t i = 0; i < tree->batch; i++) {
        uint32_t at = first + (uint32_t)((uint64_t)i * tree->members / tree->batch);

        bench_check(gk_lkh_remove(tree->lkh, at % tree->members + 1));
    }
}

static void rekey(struct bench_tree *tree)
{
    struct gk_key_datum gtpk = {WRAP, GTPK_ID, 0, ++tree->stamp, GK_TIME_NEVER, GK_NO_OCTETS};
    struct gk_lkh_order order = {
        gk_group_value(&tree->group), &gtpk, 1, tree->stamp, GK_LKH_SMALLER, LIMIT};
    struct gk_lkh_event *event;
    struct gk_lkh_cost cost;

    gk_writer_cut(&tree->data, 0);
    bench_start(&tree->seals);
    gk_random_fill(&gk_random_system, tree->gtpk, sizeof tree->gtpk);
    gtpk.key = gk_octets(tree->gtpk, sizeof tree->gtpk);
    gtpk.handle = gk_random_u32(&gk_random_system);
    remove_some(tree);
    event = gk_lkh_event_begin(tree->lkh, &order, &cost);
    bench_check(event);
    while (gk_lkh_event_next(event, &tree->data))
        ;
    gk_lkh_event_end(event);
    bench_stop(&tree->seals);
    bench_start(&tree->signs);
    send_all(tree);
    bench_stop(&tree->signs);
    bench_check(cost.octets == tree->data.size);
    tree->cost.keys += cost.keys + 1;
    tree->cost.wraps += cost.wraps;
    tree->cost.packages += cost.packages;
    tree->cost.octets += cost.octets;
}

/* --- rounds ------------------------------------------------------------------------------ */

static void floor_seals(struct bench_tree *tree, struct bench_watch *watch)
{
    bench_start(watch);
    floor_draw(tree->floor, tree->cost.keys);
    for (size_t i = 0; i < tree->data_count; i++)
        floor_seal(tree->floor, tree->plain[i]);
    bench_stop(watch);
}

static void floor_signs(struct bench_tree *tree, struct bench_watch *watch)
{
    bench_start(watch);
    for (size_t i = 0; i < tree->sent_count; i++)
        floor_sign(tree->floor, tree->sent[i]);
    bench_stop(watch);
}

static void round_of(struct bench_tree *tree, unsigned operations)
{
    tree->cost = (struct gk_lkh_cost){0};
    tree->data_count = tree->sent_count = 0;
    tree->octets = 0;
    for (unsigned i = 0; i < operations; i++)
        rekey(tree);
    bench_check(tree->data_count == tree->cost.wraps);
    settle(tree, operations * tree->batch);
}

static void count_up(struct bench_figure *figure, const struct bench_tree *tree)
{
    double of = figure->operations;

    bench_count_add(figure, "members", tree->members);
    bench_count_add(figure, "go", tree->batch);
    bench_count_add(figure, "memory octets a member", (double)tree->memory / tree->members);
    bench_count_add(figure, "degree", DEGREE);
    bench_count_add(figure, "depth", gk_lkh_depth(tree->lkh));
    bench_count_add(figure, "keys", tree->cost.keys / of);
    bench_count_add(figure, "wraps", tree->cost.wraps / of);
    bench_count_add(figure, "data octets", (double)tree->cost.octets / of);
}

/* "tree-rekey-1024" and "tree-evict-1024"; with more than one who goes "...-1024-100". */
static void name(struct bench_figure *seals, struct bench_figure *whole,
                 const struct bench_tree *tree)
{
    char of[32];

    if (tree->batch == 1)
        snprintf(of, sizeof of, "%u", tree->members);
    else
        snprintf(of, sizeof of, "%u-%u", tree->members, tree->batch);
    snprintf(seals->id, sizeof seals->id, "tree-rekey-%s", of);
    snprintf(seals->title, sizeof seals->title, "tree: rekey without %u of %u, sealed", tree->batch,
             tree->members);
    snprintf(whole->id, sizeof whole->id, "tree-evict-%s", of);
    snprintf(whole->title, sizeof whole->title, "tree: the same as signed messages");
}

static void measure(struct bench_report *report, struct bench_tree *tree,
                    const struct bench_size *size)
{
    struct bench_figure *seals =
        bench_figure_new(report, "event", "draw the keys, seal the same plaintexts");
    struct bench_figure *whole =
        bench_figure_new(report, "event", "that, and sign the same messages");

    name(seals, whole, tree);
    seals->operations = whole->operations = size->operations;
    for (unsigned i = 0; i <= size->rounds; i++) {
        struct bench_watch raw_seals = {0};
        struct bench_watch raw;
        struct bench_watch cost;

        tree->seals = tree->signs = (struct bench_watch){0};
        round_of(tree, size->operations);
        floor_seals(tree, &raw_seals);
        raw = raw_seals;
        floor_signs(tree, &raw);
        cost = (struct bench_watch){tree->seals.ns + tree->signs.ns, 0};
        if (i) {
            bench_round(seals, &tree->seals, &raw_seals);
            bench_round(whole, &cost, &raw);
        }
    }
    count_up(seals, tree);
    count_up(whole, tree);
    bench_count_add(whole, "messages", (double)tree->sent_count / size->operations);
    bench_count_add(whole, "octets", (double)tree->octets / size->operations);
}

void bench_tree(struct bench_report *report, uint32_t members, const uint32_t *batches,
                const struct bench_size *sizes, size_t count)
{
    struct bench_tree *tree = gk_alloc(1, sizeof *tree);

    tree->members = members;
    set_up(tree);
    for (size_t i = 0; i < count; i++) {
        tree->batch = batches[i];
        measure(report, tree, &sizes[i]);
    }
    tear_down(tree);
    free(tree);
}
