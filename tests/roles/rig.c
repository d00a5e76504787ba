/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/roles/rig.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/message.h"

struct rig *rig_new(gk_time utc)
{
    struct rig *rig = gk_alloc(1, sizeof *rig);

    rig->now = (struct gk_now){1000000, utc};
    return rig;
}

static void free_packets(struct rig_packet *packet)
{
    while (packet) {
        struct rig_packet *next = packet->next;

        gk_secret_free(&packet->octets);
        free(packet);
        packet = next;
    }
}

static void drop_record(struct rig_node *node, size_t at)
{
    free((void *)(uintptr_t)node->records[at].key.data);
    gk_secret_free(&node->records[at].value);
    node->record_count--;
    memmove(&node->records[at], &node->records[at + 1],
            (node->record_count - at) * sizeof *node->records);
}

void rig_free(struct rig *rig)
{
    for (size_t i = 0; i < rig->job_count; i++)
        rig->jobs[i].job->drop(rig->jobs[i].job);
    for (size_t i = 0; i < rig->node_count; i++) {
        while (rig->node[i].record_count)
            drop_record(&rig->node[i], 0);
        free(rig->node[i].records);
        free(rig->node[i].notices);
    }
    free_packets(rig->queue);
    free_packets(rig->sent);
    free(rig);
}

struct gk_now rig_now(const struct rig *rig, size_t node)
{
    return (struct gk_now){rig->now.ms, rig->now.utc + rig->node[node].utc_off};
}

struct gk_address rig_address(size_t node)
{
    return (struct gk_address){.family = 4, .ip = {192, 0, 2, (uint8_t)(node + 1)}, .port = 3761};
}

size_t rig_add(struct rig *rig, const struct gk_engine *engine)
{
    size_t index = rig->node_count++;

    if (index >= RIG_NODES)
        abort();
    rig->node[index] = (struct rig_node){
        .engine = *engine, .address = rig_address(index), .next_tick = GK_NO_TICK};
    return index;
}

/* Ordered by key, as a store gives them. */
static void store(struct rig_node *node, const struct gk_record *record)
{
    size_t at = node->record_count;
    uint8_t *key;

    while (at && gk_octets_compare(node->records[at - 1].key, record->key) >= 0)
        at--;
    if (at < node->record_count && gk_octets_equal(node->records[at].key, record->key))
        drop_record(node, at);
    if (record->gone)
        return;
    node->records = gk_realloc(node->records, node->record_count + 1, sizeof *node->records);
    memmove(&node->records[at + 1], &node->records[at],
            (node->record_count - at) * sizeof *node->records);
    node->record_count++;
    key = gk_alloc(record->key.size, 1);
    memcpy(key, record->key.data, record->key.size);
    node->records[at] = (struct gk_record){gk_octets(key, record->key.size),
                                           gk_secret_copy(gk_secret_octets(&record->value)), false};
}

static struct rig_packet *packet_new(size_t from, size_t to, enum gk_transport transport,
                                     int64_t due, struct gk_octets octets)
{
    struct rig_packet *packet = gk_alloc(1, sizeof *packet);

    *packet = (struct rig_packet){NULL, from, to, transport, due, gk_secret_copy(octets)};
    return packet;
}

/* Behind all that are due no later, so that order is kept. */
static void enqueue(struct rig *rig, struct rig_packet *packet)
{
    struct rig_packet **at = &rig->queue;

    while (*at && (*at)->due <= packet->due)
        at = &(*at)->next;
    packet->next = *at;
    *at = packet;
}

void rig_inject_later(struct rig *rig, size_t from, size_t to, enum gk_transport transport,
                      struct gk_octets octets, int64_t ms)
{
    enqueue(rig, packet_new(from, to, transport, rig->now.ms + ms, octets));
}

void rig_inject(struct rig *rig, size_t from, size_t to, enum gk_transport transport,
                struct gk_octets octets)
{
    rig_inject_later(rig, from, to, transport, octets, 1);
}

static void send_to(struct rig *rig, size_t from, size_t to, const struct gk_send *send)
{
    struct rig_packet *packet =
        packet_new(from, to, send->to.transport, rig->now.ms + 1, gk_secret_octets(&send->octets));

    if (rig->filter && !rig->filter(rig, packet, rig->context))
        free_packets(packet);
    else
        enqueue(rig, packet);
}

static void send_all(struct rig *rig, size_t from, const struct gk_send *send)
{
    struct rig_packet *copy = packet_new(from, RIG_NODES, send->to.transport, rig->now.ms,
                                         gk_secret_octets(&send->octets));

    copy->next = rig->sent;
    rig->sent = copy;
    for (size_t to = 0; to < rig->node_count; to++) {
        bool reached = gk_address_is_multicast(&send->to.address)
                           ? to != from
                           : gk_address_equal(&rig->node[to].address, &send->to.address);

        if (reached)
            send_to(rig, from, to, send);
    }
}

static void note(struct rig_node *node, const struct gk_notice *notice)
{
    if (node->notice_count == node->notice_room) {
        node->notice_room = node->notice_room ? node->notice_room * 2 : 16;
        node->notices = gk_realloc(node->notices, node->notice_room, sizeof *node->notices);
    }
    node->notices[node->notice_count++] = *notice;
    if (getenv("RIG_TRACE"))
        printf("    [%u] %s: %s\n", node->address.ip[3], notice->code, notice->text);
}

static void finish_job(struct rig *rig, size_t index, struct gk_job *job)
{
    struct gk_now now = rig_now(rig, index);
    struct gk_turn turn = {0};

    job->run(job);
    rig->node[index].engine.job(rig->node[index].engine.self, &now, job, &turn);
    rig_turn(rig, index, &turn);
}

void rig_turn(struct rig *rig, size_t index, struct gk_turn *turn)
{
    struct rig_node *node = &rig->node[index];
    size_t job_count = turn->job_count;
    struct gk_job **jobs = turn->jobs;

    for (size_t i = 0; i < turn->record_count; i++)
        store(node, &turn->records[i]);
    for (size_t i = 0; i < turn->send_count; i++)
        send_all(rig, index, &turn->sends[i]);
    for (size_t i = 0; i < turn->notice_count; i++)
        note(node, &turn->notices[i]);
    node->next_tick = turn->next_tick;
    node->keys_changed += turn->keys_changed;
    turn->jobs = NULL;
    turn->job_count = 0;
    gk_turn_free(turn);
    for (size_t i = 0; i < job_count; i++) {
        if (!rig->hold_jobs) {
            finish_job(rig, index, jobs[i]);
        } else if (rig->job_count < sizeof rig->jobs / sizeof *rig->jobs) {
            rig->jobs[rig->job_count].node = index;
            rig->jobs[rig->job_count++].job = jobs[i];
        } else {
            abort();
        }
    }
    free(jobs);
}

static struct gk_job *take_job(struct rig *rig, size_t at)
{
    struct gk_job *job = rig->jobs[at].job;

    rig->job_count--;
    memmove(&rig->jobs[at], &rig->jobs[at + 1], (rig->job_count - at) * sizeof *rig->jobs);
    return job;
}

void rig_run_job(struct rig *rig, size_t at)
{
    size_t node = rig->jobs[at].node;

    finish_job(rig, node, take_job(rig, at));
}

void rig_run_jobs(struct rig *rig, bool backwards)
{
    while (rig->job_count)
        rig_run_job(rig, backwards ? rig->job_count - 1 : 0);
}

void rig_drop_jobs(struct rig *rig, size_t node)
{
    for (size_t i = rig->job_count; i; i--) {
        struct gk_job *job = rig->jobs[i - 1].job;

        if (rig->jobs[i - 1].node != node)
            continue;
        (void)take_job(rig, i - 1);
        job->drop(job);
    }
}

void rig_deliver(struct rig *rig, size_t index, const struct gk_peer *from, struct gk_octets octets)
{
    struct rig_node *node = &rig->node[index];
    struct gk_now now = rig_now(rig, index);
    struct gk_turn turn = {0};

    node->engine.message(node->engine.self, &now, from, octets, &turn);
    rig_turn(rig, index, &turn);
}

static void arrive(struct rig *rig, struct rig_packet *packet)
{
    struct gk_peer from = {packet->transport, rig->node[packet->from].address,
                           packet->transport == GK_TCP ? (uint32_t)packet->from + 1 : 0};

    if (!rig->node[packet->to].down)
        rig_deliver(rig, packet->to, &from, gk_secret_octets(&packet->octets));
    packet->next = NULL;
    free_packets(packet);
}

static size_t next_ticker(const struct rig *rig)
{
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < rig->node_count; i++) {
        if (!rig->node[i].down && rig->node[i].next_tick != GK_NO_TICK &&
            (best == SIZE_MAX || rig->node[i].next_tick < rig->node[best].next_tick))
            best = i;
    }
    return best;
}

static void advance(struct rig *rig, int64_t to)
{
    if (to <= rig->now.ms)
        return;
    rig->now.utc += to / 1000 - rig->now.ms / 1000;
    rig->now.ms = to;
}

void rig_run(struct rig *rig, int64_t ms)
{
    int64_t end = rig->now.ms + ms;

    for (;;) {
        size_t ticker = next_ticker(rig);
        int64_t tick = ticker == SIZE_MAX ? GK_NO_TICK : rig->node[ticker].next_tick;
        int64_t packet = rig->queue ? rig->queue->due : GK_NO_TICK;

        if (tick > end && packet > end)
            break;
        if (packet <= tick) {
            struct rig_packet *first = rig->queue;

            advance(rig, packet);
            rig->queue = first->next;
            arrive(rig, first);
        } else {
            struct rig_node *node = &rig->node[ticker];
            struct gk_turn turn = {0};
            struct gk_now now;

            advance(rig, tick);
            now = rig_now(rig, ticker);
            node->next_tick = GK_NO_TICK;
            node->engine.tick(node->engine.self, &now, &turn);
            rig_turn(rig, ticker, &turn);
        }
    }
    advance(rig, end);
}

const struct gk_notice *rig_noticed(const struct rig *rig, size_t node, const char *code)
{
    for (size_t i = rig->node[node].notice_count; i; i--) {
        if (strcmp(rig->node[node].notices[i - 1].code, code) == 0)
            return &rig->node[node].notices[i - 1];
    }
    return NULL;
}

unsigned rig_count_noticed(const struct rig *rig, size_t node, const char *code)
{
    unsigned count = 0;

    for (size_t i = 0; i < rig->node[node].notice_count; i++)
        count += strcmp(rig->node[node].notices[i].code, code) == 0;
    return count;
}

void rig_forget_notices(struct rig *rig, size_t node)
{
    rig->node[node].notice_count = 0;
}

struct gk_octets rig_last_sent(const struct rig *rig, size_t node, uint8_t exchange)
{
    for (const struct rig_packet *packet = rig->sent; packet; packet = packet->next) {
        struct gk_message message;

        if (packet->from == node &&
            gk_message_header(&message, gk_secret_octets(&packet->octets), NULL, GK_EXCHANGE_ANY,
                              NULL) &&
            message.exchange == exchange)
            return gk_secret_octets(&packet->octets);
    }
    return GK_NO_OCTETS;
}
