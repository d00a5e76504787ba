/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A registration under each named suite, and under mechanisms with the algorithms that no suite
 * names, beside its floor. The group and its people are a troupe's; the GC/KS engine is made
 * anew for each round, so that nobody's path is in its cache.
 */
#include "tests/bench/bench.h"

#include <stdio.h>

#include "tests/bench/floor-suite.h"
#include "tests/bench/host.h"
#include "tests/roles/troupe.h"

static const char floor_text[] =
    "verify RTJ and one certificate, key pair and agreement, seal token and keys, sign KeyDL, "
    "verify Ack";

struct stage {
    struct troupe *troupe;
    struct gk_now now;
    struct gcks *gcks;
    struct bench_host server, host;
    struct floor_suite *floor;
    size_t rtj, keydl, ack, token, keys; /* octets signed, sealed */
};

static struct gk_peer peer_of(size_t index)
{
    return (struct gk_peer){
        .address = {.family = 4, .ip = {10, 0, 0, (uint8_t)index}, .port = 3761}};
}

/* Octets of a certificate that its signature covers, with their header. */
static size_t tbs_size(const struct test_party *party)
{
    const uint8_t *der = party->certificate.data;

    bench_check(party->certificate.size > 256 && der[1] == 0x82);
    bench_check(der[5] == 0x81 || der[5] == 0x82);
    return der[5] == 0x81 ? (size_t)3 + der[6] : (size_t)4 + (size_t)(der[6] << 8 | der[7]);
}

static void open_stage(struct stage *stage, const struct gk_mechanism *mechanism, unsigned members)
{
    *stage = (struct stage){.now = {1000000, TEST_NOW}};
    stage->troupe =
        troupe_new(&(struct troupe_plan){.members = members, .seed = 1, .mechanism = *mechanism});
    stage->floor = floor_suite_new(mechanism, stage->troupe->gcks_party, stage->troupe->root);
    stage->server.now = stage->host.now = &stage->now;
}

static void close_stage(struct stage *stage)
{
    gcks_free(stage->gcks);
    host_free(&stage->server);
    host_free(&stage->host);
    floor_suite_free(stage->floor);
    troupe_free(stage->troupe);
}

static void new_server(struct stage *stage)
{
    struct gcks_config config = stage->troupe->gcks_config;
    const struct bench_watch watch = stage->server.watch;
    struct gk_turn turn = {0};

    gcks_free(stage->gcks);
    config.random = &gk_random_system;
    stage->gcks = gcks_new(&config, stage->troupe->token, &stage->now, &turn, NULL);
    bench_check(stage->gcks);
    stage->server.engine = gcks_engine(stage->gcks);
    host_turn(&stage->server, &turn);
    host_clear(&stage->server);
    stage->server.watch = watch;
}

static size_t signed_size(struct gk_octets octets, struct gk_message *message)
{
    bench_check(gk_message_parse(message, octets, NULL, GK_EXCHANGE_ANY, NULL));
    return message->signed_octets.size;
}

/* What one host has sent goes to the other; tells how much of it is signed. */
static size_t pass_on(struct bench_host *from, struct bench_host *to, const struct gk_peer *peer,
                      struct gk_message *message)
{
    size_t size;

    bench_check(from->sent_count == 1);
    size = signed_size(gk_secret_octets(&from->sent[0].octets), message);
    host_message(to, peer, gk_secret_octets(&from->sent[0].octets));
    return size;
}

static void register_one(struct stage *stage, unsigned index)
{
    const struct troupe_part *part = &stage->troupe->member[index];
    const size_t overhead = gk_wrap_find(part->config.mechanism.key_wrap)->overhead;
    const struct gk_peer own = peer_of(index);
    struct member_config config = part->config;
    struct gk_message message;
    struct gk_turn turn = {0};
    struct member *member;

    config.random = &gk_random_system;
    member = member_new(&config, NULL);
    bench_check(member);
    stage->host.engine = member_engine(member);
    bench_check(member_join(member, &stage->now, &turn, NULL));
    host_turn(&stage->host, &turn);
    stage->rtj = pass_on(&stage->host, &stage->server, &own, &message);
    host_clear(&stage->host);
    stage->keydl = pass_on(&stage->server, &stage->host, &config.server[0], &message);
    stage->token = message.token.size - overhead;
    stage->keys = message.key_download.size - overhead;
    host_clear(&stage->server);
    stage->ack = pass_on(&stage->host, &stage->server, &own, &message);
    host_clear(&stage->host);
    host_clear(&stage->server);
    member_free(member);
}

static void floor_one(struct stage *stage)
{
    floor_suite_verify(stage->floor, stage->rtj);
    floor_suite_certificate(stage->floor, tbs_size(stage->troupe->member[0].party));
    floor_suite_agree(stage->floor);
    floor_suite_seal(stage->floor, stage->token);
    floor_suite_seal(stage->floor, stage->keys);
    floor_suite_sign(stage->floor, stage->keydl);
    floor_suite_verify(stage->floor, stage->ack);
}

static void one_round(struct stage *stage, struct bench_figure *figure, bool counts)
{
    struct bench_watch raw = {0};
    struct gcks_status status;

    new_server(stage);
    stage->server.watch = (struct bench_watch){0};
    for (unsigned i = 0; i < figure->operations; i++)
        register_one(stage, i);
    gcks_get_status(stage->gcks, &stage->now, &status);
    bench_check(status.members == figure->operations && !status.pending);
    bench_start(&raw);
    for (unsigned i = 0; i < figure->operations; i++)
        floor_one(stage);
    bench_stop(&raw);
    if (counts)
        bench_round(figure, &stage->server.watch, &raw);
}

static void bench_suite(struct bench_report *report, const char *name,
                        const struct gk_mechanism *mechanism, const struct bench_size *size)
{
    struct bench_figure *figure = bench_figure_new(report, "registration", floor_text);
    struct stage stage;

    snprintf(figure->id, sizeof figure->id, "gcks-register-with-%s", name);
    snprintf(figure->title, sizeof figure->title, "gcks: with %s", name);
    figure->operations = size->operations < TROUPE_MEMBERS ? size->operations : TROUPE_MEMBERS;
    open_stage(&stage, mechanism, figure->operations);
    for (unsigned i = 0; i <= size->rounds; i++)
        one_round(&stage, figure, i > 0);
    bench_count_add(figure, "RTJ octets", (double)stage.rtj);
    bench_count_add(figure, "KeyDL octets", (double)stage.keydl);
    close_stage(&stage);
}

void bench_suites(struct bench_report *report, const struct bench_size *size)
{
    /* Signatures and groups that stand in no suite. */
    static const struct {
        const char *name;
        struct gk_mechanism mechanism;
    } others[] = {
        {"p384", {49155, 49153, 49154, 49154}},
        {"rsa-pss", {49156, 49153, 49153, 49154}},
        {"p384-sha3-modp2048-cbc", {2, 1, 14, 12}},
    };

    for (size_t i = 0; gk_suite_at(i); i++)
        bench_suite(report, gk_suite_at(i)->name, &gk_suite_at(i)->mechanism, size);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        bench_suite(report, others[i].name, &others[i].mechanism, size);
}
