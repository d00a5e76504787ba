/* SPDX-License-Identifier: Apache-2.0 */
/* Evictions at the GC/KS engine, and what they cost a member that stays. */
#include "tests/bench/group.h"

#include <stdio.h>
#include <stdlib.h>

#define DEGREE    4 /* the engine's default */
#define STRIDE    UINT32_C(2654435761)
#define GAP_MS    2000 /* between events: the engine wants one second */
#define SENT_MOST 1024 /* messages of a round */
#define DATA_MOST 8192 /* Rekey Event Data of a round */

/* What one round sent, for the floors and for the member. */
struct sent {
    size_t keys, wraps;
    size_t message_count, data_count, open_count;
    struct gk_secret message[SENT_MOST];
    size_t covered[SENT_MOST]; /* octets that its signature covers */
    size_t plain[DATA_MOST];   /* sealed by the server */
    size_t open[SENT_MOST];    /* opened by the member */
    uint64_t octets;
};

static void clear(struct sent *sent)
{
    for (size_t i = 0; i < sent->message_count; i++)
        gk_secret_free(&sent->message[i]);
    *sent = (struct sent){0};
}

/* Is that key on the member's path? Breadth-first numbers of a full tree (profile 9.1). */
static bool on_path(const struct gcks_status *tree, uint32_t member_id, uint32_t key_id)
{
    uint32_t id = 1;

    for (unsigned i = 0; i < tree->depth; i++)
        id = DEGREE * (id - 1) + 2;
    for (id += member_id - 1; id > 1; id = (id - 2) / DEGREE + 1) {
        if (id == key_id)
            return true;
    }
    return false;
}

static void note_message(struct bench_group *group, struct sent *sent, struct gk_octets octets)
{
    const size_t overhead = gk_wrap_find(group->people.mechanism.key_wrap)->overhead;
    struct member_status member;
    struct gcks_status tree;
    struct gk_message message;
    struct gk_rekey_data data;
    struct gk_reader reader;

    member_get_status(group->member, &member);
    gcks_get_status(group->gcks, &group->now, &tree);
    bench_check(tree.degree == DEGREE);
    bench_check(gk_message_parse(&message, octets, NULL, GK_EXCHANGE_BIT(GK_REKEY_EVENT), NULL));
    sent->covered[sent->message_count] = message.signed_octets.size;
    for (size_t i = 0; i < message.rekey_count; i++) {
        reader = gk_reader(message.rekey[i].data);
        while (gk_reader_left(&reader)) {
            bench_check(gk_rekey_data_read(&data, &reader, NULL));
            bench_check(sent->data_count < DATA_MOST && sent->open_count < SENT_MOST);
            sent->plain[sent->data_count++] = data.sealed.size - overhead;
            if (on_path(&tree, member.member_id, data.wrapping_id))
                sent->open[sent->open_count++] = data.sealed.size - overhead;
        }
    }
}

/* Takes the event's messages out of the server's host. */
static void take_sent(struct bench_group *group, struct sent *sent)
{
    struct bench_host *server = &group->server;
    struct gcks_status status;

    gcks_get_status(group->gcks, &group->now, &status);
    sent->keys += status.last_cost.keys + status.gtpk_count;
    sent->wraps += status.last_cost.wraps;
    bench_check(server->sent_count);
    for (size_t i = 0; i < server->sent_count; i++) {
        struct gk_secret *octets = &server->sent[i].octets;

        bench_check(sent->message_count < SENT_MOST);
        note_message(group, sent, gk_secret_octets(octets));
        sent->octets += octets->size;
        sent->message[sent->message_count++] = *octets;
    }
    server->sent_count = 0;
}

static void evict(struct bench_group *group, uint32_t index, struct sent *sent)
{
    const struct gk_octets name = gk_octets_of(group->person[index].name);
    struct bench_host *server = &group->server;
    struct gk_turn turn = {0};

    bench_group_wait(group, GAP_MS);
    bench_start(&server->watch);
    bench_check(gcks_evict(group->gcks, &name, 1, &group->now, &turn, NULL));
    bench_stop(&server->watch);
    host_turn(server, &turn);
    take_sent(group, sent);
}

/* --- rounds -------------------------------------------------------------------------------- */

struct evictions {
    struct bench_figure *server, *member;
    struct sent sent;
    uint32_t next;
    uint64_t record_octets;
};

static void floor_server(struct bench_group *group, const struct sent *sent,
                         struct bench_watch *watch)
{
    bench_start(watch);
    floor_draw(group->floor, sent->keys);
    for (size_t i = 0; i < sent->data_count; i++)
        floor_seal(group->floor, sent->plain[i]);
    for (size_t i = 0; i < sent->message_count; i++)
        floor_sign(group->floor, sent->covered[i]);
    bench_stop(watch);
}

static void floor_member(struct bench_group *group, const struct sent *sent,
                         struct bench_watch *watch)
{
    for (size_t i = 0; i < sent->message_count; i++) /* signed once outside the watch */
        floor_verify(group->floor, sent->covered[i]);
    bench_start(watch);
    for (size_t i = 0; i < sent->message_count; i++)
        floor_verify(group->floor, sent->covered[i]);
    for (size_t i = 0; i < sent->open_count; i++)
        floor_open(group->floor, sent->open[i]);
    bench_stop(watch);
}

static void receive(struct bench_group *group, const struct sent *sent)
{
    const struct gk_peer from = {GK_UDP, {.family = 4, .ip = {192, 0, 2, 1}, .port = 3761}, 0};
    struct member_status before, after;

    member_get_status(group->member, &before);
    for (size_t i = 0; i < sent->message_count; i++)
        host_message(&group->host, &from, gk_secret_octets(&sent->message[i]));
    member_get_status(group->member, &after);
    bench_check(after.counts.rekey_messages == before.counts.rekey_messages + sent->message_count);
    bench_check(after.counts.rekey_bad == before.counts.rekey_bad && !after.out_of_step);
}

static void round_of_evictions(struct bench_group *group, struct evictions *all,
                               unsigned operations, bool counted)
{
    struct bench_watch raw_server = {0}, raw_member = {0};
    struct bench_registration sizes;
    const uint64_t octets = group->server.record_octets;
    uint32_t gone[64];

    group->server.watch = group->host.watch = (struct bench_watch){0};
    for (unsigned i = 0; i < operations; i++) {
        gone[i] = (all->next++ * STRIDE) % (group->capacity - 1) + 1;
        evict(group, gone[i], &all->sent);
    }
    all->record_octets = group->server.record_octets - octets;
    bench_check(all->sent.data_count == all->sent.wraps);
    receive(group, &all->sent);
    floor_server(group, &all->sent, &raw_server);
    floor_member(group, &all->sent, &raw_member);
    if (counted) {
        all->member->operations = (unsigned)all->sent.message_count;
        bench_round(all->server, &group->server.watch, &raw_server);
        bench_round(all->member, &group->host.watch, &raw_member);
    }
    for (unsigned i = 0; i < operations; i++) {
        bench_group_replace(group, gone[i]);
        bench_group_register(group, gone[i], 1, &sizes);
    }
    bench_check(bench_group_members(group) == group->capacity);
}

static void count(struct evictions *all, struct bench_group *group)
{
    const struct sent *sent = &all->sent;
    double of = all->server->operations;
    double messages = (double)sent->message_count;

    bench_count_add(all->server, "members", group->capacity);
    bench_count_add(all->server, "degree", DEGREE);
    bench_count_add(all->server, "keys", (double)sent->keys / of);
    bench_count_add(all->server, "wraps", (double)sent->wraps / of);
    bench_count_add(all->server, "messages", messages / of);
    bench_count_add(all->server, "octets", (double)sent->octets / of);
    bench_count_add(all->server, "stored octets", (double)all->record_octets / of);
    bench_count_add(all->member, "members", group->capacity);
    bench_count_add(all->member, "data opened", (double)sent->open_count / messages);
    bench_count_add(all->member, "octets", (double)sent->octets / messages);
}

void bench_evictions(struct bench_report *report, struct bench_group *group,
                     const struct bench_size *size)
{
    struct evictions *all = gk_alloc(1, sizeof *all);

    bench_check(size->operations <= 64);
    all->server = bench_figure_new(report, "eviction",
                                   "draw the keys, seal the same plaintexts, sign the messages");
    all->member = bench_figure_new(report, "message", "verify it, open this member's data");
    snprintf(all->server->id, sizeof all->server->id, "gcks-evict-%u", group->capacity);
    snprintf(all->server->title, sizeof all->server->title, "gcks: eviction of 1 of %u",
             group->capacity);
    snprintf(all->member->id, sizeof all->member->id, "member-rekey-%u", group->capacity);
    snprintf(all->member->title, sizeof all->member->title, "member: a message of that rekey");
    all->server->operations = size->operations;
    bench_group_member(group);
    bench_group_wait(group, GAP_MS);
    for (unsigned i = 0; i <= size->rounds; i++) {
        clear(&all->sent);
        round_of_evictions(group, all, size->operations, i > 0);
    }
    count(all, group);
    clear(&all->sent);
    free(all);
}
