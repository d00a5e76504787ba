/* SPDX-License-Identifier: Apache-2.0 */
/* Registrations at the GC/KS engine, while the group grows; each identity comes twice. */
#include "tests/bench/group.h"

#include <stdio.h>

#define BATCH      512  /* at once: fewer than the engine's cache keeps paths */
#define GAP_MS     2000 /* between events: the engine wants one second */
#define FLOOR_PART 4    /* the floor of a round of registrations is done for one in so many */

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
    int64_t before = watch->ns;

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
    watch->ns = before + (watch->ns - before) * count / part;
}

struct registrations {
    struct bench_figure *first, *again;
    struct bench_registration sizes;
    uint64_t records, record_octets; /* of first registrations */
};

/* The leaves of the earlier registrations go. */
static void rekey(struct bench_group *group)
{
    struct gk_turn turn = {0};

    bench_check(gcks_rekey(group->gcks, &group->now, &turn, NULL));
    host_turn(&group->server, &turn);
    bench_group_wait(group, GAP_MS);
}

static void add_records(struct registrations *all, const struct bench_host *server, int sign)
{
    all->records += (uint64_t)sign * server->records;
    all->record_octets += (uint64_t)sign * server->record_octets;
}

struct times {
    struct bench_watch first, again, raw_first, raw_again;
};

static void batch_of_registrations(struct bench_group *group, struct registrations *all,
                                   uint32_t from, uint32_t count, struct times *times)
{
    struct bench_watch *watch = &group->server.watch;

    *watch = times->first;
    add_records(all, &group->server, -1);
    bench_group_register(group, from, count, &all->sizes);
    add_records(all, &group->server, 1);
    times->first = *watch;
    floor_registrations(group, &all->sizes, count, true, &times->raw_first);
    bench_group_wait(group, GAP_MS);
    *watch = times->again;
    bench_group_register(group, from, count, &all->sizes);
    times->again = *watch;
    floor_registrations(group, &all->sizes, count, false, &times->raw_again);
    rekey(group);
}

static void round_of_registrations(struct bench_group *group, struct registrations *all,
                                   uint32_t from, uint32_t count)
{
    struct times times = {0};

    all->records = all->record_octets = 0;
    for (uint32_t done = 0; done < count; done += BATCH)
        batch_of_registrations(group, all, from + done, count - done < BATCH ? count - done : BATCH,
                               &times);
    if (!from)
        return;
    bench_round(all->first, &times.first, &times.raw_first);
    bench_round(all->again, &times.again, &times.raw_again);
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

struct bench_figure *bench_registrations(struct bench_report *report, struct bench_group *group,
                                         uint32_t rounds)
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
    for (uint32_t from = 0; from + count <= group->capacity; from += count)
        round_of_registrations(group, &all, from, count);
    count_registrations(&all, group->capacity);
    return all.first;
}
