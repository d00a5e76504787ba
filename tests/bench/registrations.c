/* SPDX-License-Identifier: Apache-2.0 */
/* Registrations at the GC/KS engine, while the group grows; each identity comes twice. */
#include "tests/bench/group.h"

#include <stdio.h>

#define FLOOR_PART 4 /* the floor of a round of registrations is done for one in so many */

static const char floor_first[] =
    "verify RTJ and two certificates, X25519 key pair and agreement, seal token and keys, sign "
    "KeyDL, verify Ack";
static const char floor_again[] = "the same without the certificates";

/* The part of a certificate that is signed, with its header. */
static size_t tbs_size(struct gk_octets certificate)
{
    bench_check(certificate.size > 8 && certificate.data[5] == 0x82);
    return (size_t)4 + (size_t)(certificate.data[6] << 8 | certificate.data[7]);
}

static void floor_registrations(struct bench_group *group, const struct bench_registration *sizes,
                                uint32_t count, bool path, struct bench_watch *watch)
{
    uint32_t part = (count + FLOOR_PART - 1) / FLOOR_PART;

    bench_start(watch);
    for (uint32_t i = 0; i < part; i++) {
        floor_verify(group->floor, sizes->rtj);
        if (path) {
            floor_verify(group->floor, group->people.tbs_size);
            floor_verify(group->floor, tbs_size(group->people.issuer));
        }
        floor_agree(group->floor);
        floor_draw(group->floor, 1); /* Nonce_R */
        floor_seal(group->floor, sizes->token);
        floor_seal(group->floor, sizes->keys);
        floor_sign(group->floor, sizes->keydl);
        floor_verify(group->floor, sizes->ack);
    }
    bench_stop(watch);
    watch->ns = watch->ns * count / part;
}

struct registrations {
    struct bench_figure *first, *again;
    struct bench_registration sizes;
    uint64_t records, record_octets; /* of first registrations */
};

static void round_of_registrations(struct bench_group *group, struct registrations *all,
                                   uint32_t from, uint32_t count)
{
    const uint64_t records = group->server.records;
    const uint64_t octets = group->server.record_octets;
    struct bench_watch raw = {0};
    struct bench_watch cost;

    group->server.watch = (struct bench_watch){0};
    bench_group_register(group, from, count, &all->sizes);
    cost = group->server.watch;
    all->records = group->server.records - records;
    all->record_octets = group->server.record_octets - octets;
    floor_registrations(group, &all->sizes, count, true, &raw);
    if (from)
        bench_round(all->first, &cost, &raw);
    bench_group_wait(group, 2000);
    raw = group->server.watch = (struct bench_watch){0};
    bench_group_register(group, from, count, &all->sizes);
    cost = group->server.watch;
    floor_registrations(group, &all->sizes, count, false, &raw);
    if (from)
        bench_round(all->again, &cost, &raw);
}

/* The leaves of the earlier registrations go. */
static void rekey(struct bench_group *group)
{
    struct gk_turn turn = {0};

    bench_check(gcks_rekey(group->gcks, &group->now, &turn, NULL));
    host_turn(&group->server, &turn);
    bench_group_wait(group, 2000);
}

static void count_registrations(const struct registrations *all, uint32_t members)
{
    struct bench_figure *figures[] = {all->first, all->again};

    for (size_t i = 0; i < 2; i++) {
        bench_count_add(figures[i], "members", members);
        bench_count_add(figures[i], "RTJ octets", (double)all->sizes.rtj);
        bench_count_add(figures[i], "KeyDL octets", (double)all->sizes.keydl);
    }
    bench_count_add(all->first, "records", (double)all->records / all->first->operations);
    bench_count_add(all->first, "stored octets",
                    (double)all->record_octets / all->first->operations);
}

void bench_registrations(struct bench_report *report, struct bench_group *group, uint32_t rounds)
{
    struct registrations all = {
        .first = bench_figure_new(report, "registration", floor_first),
        .again = bench_figure_new(report, "registration", floor_again),
    };
    uint32_t count = group->capacity / (rounds + 1);

    snprintf(all.first->id, sizeof all.first->id, "gcks-register-%u", group->capacity);
    snprintf(all.first->title, sizeof all.first->title, "gcks: registrations up to %u",
             group->capacity);
    snprintf(all.again->id, sizeof all.again->id, "gcks-register-again-%u", group->capacity);
    snprintf(all.again->title, sizeof all.again->title, "gcks: the same people again");
    all.first->operations = all.again->operations = count;
    for (uint32_t from = 0; from + count <= group->capacity; from += count) {
        round_of_registrations(group, &all, from, count);
        rekey(group);
    }
    count_registrations(&all, group->capacity);
}
