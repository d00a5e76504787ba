/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/group.h"

#include <stdlib.h>

#include "tests/vectors.h"

#define SERVER ((struct gk_peer){GK_UDP, {.family = 4, .ip = {192, 0, 2, 1}, .port = 3761}, 0})

static struct gk_peer peer_of(uint32_t index)
{
    return (struct gk_peer){
        GK_UDP,
        {.family = 4,
         .ip = {10, (uint8_t)(index >> 16), (uint8_t)(index >> 8), (uint8_t)index},
         .port = 3761},
        0};
}

static void set_policy(struct bench_group *group)
{
    struct load_policy *policy = &group->policy;

    group->root = vector_octets("entities/root/certificate");
    group->certificates[0] = vector_octets("entities/gcks/certificate");
    group->certificates[1] = vector_octets("entities/inter/certificate");
    bench_check(gk_group_set(&policy->group, 2, vector_octets("group/value"), NULL));
    policy->owner = gk_octets_of(vector_text("entities/owner/name"));
    policy->trust.roots = &group->root;
    policy->trust.root_count = 1;
    policy->skew = 300;
    bench_check(gk_signer_open_seed(&group->signer, vector_octets("entities/gcks/seed"), NULL));
}

static void create(struct bench_group *group)
{
    const struct gcks_config config = {
        .policy = &group->policy,
        .random = &gk_random_system,
        .credential = {{&group->signer, group->certificates, 2}},
        .credential_count = 1,
        .rekey = {{.family = 4, .ip = {239, 1, 2, 3}, .port = 3762}},
        .rekey_count = 1,
        .capacity = group->capacity,
    };
    struct gk_turn turn = {0};

    group->gcks =
        gcks_new(&config, vector_octets("tokens/recommended/signed"), &group->now, &turn, NULL);
    bench_check(group->gcks);
    group->server.engine = gcks_engine(group->gcks);
    group->server.now = &group->now;
    host_turn(&group->server, &turn);
}

struct bench_group *bench_group_new(uint32_t capacity)
{
    struct bench_group *group = gk_alloc(1, sizeof *group);

    group->capacity = capacity;
    group->now.ms = 1000000;
    bench_check(gk_stamp_parse(gk_octets_of(vector_text("now")), &group->now.utc));
    set_policy(group);
    people_set_up(&group->people, &group->policy.group);
    create(group);
    group->floor = floor_new();
    group->person = gk_alloc(capacity, sizeof *group->person);
    for (uint32_t i = 0; i < capacity; i++)
        person_make(&group->person[i], &group->people, group->named++);
    return group;
}

size_t bench_group_free(struct bench_group *group)
{
    size_t held = bench_memory();

    gcks_free(group->gcks);
    held -= bench_memory();
    member_free(group->member);
    host_free(&group->server);
    host_free(&group->host);
    gk_signer_free(&group->signer);
    for (uint32_t i = 0; i < group->capacity; i++)
        person_free(&group->person[i]);
    free(group->person);
    floor_free(group->floor);
    free(group);
    return held;
}

void bench_group_wait(struct bench_group *group, int64_t ms)
{
    const struct bench_watch watch = group->server.watch;

    group->now.utc += (group->now.ms + ms) / 1000 - group->now.ms / 1000;
    group->now.ms += ms;
    host_tick(&group->server);
    host_clear(&group->server);
    group->server.watch = watch;
}

uint32_t bench_group_members(const struct bench_group *group)
{
    struct gcks_status status;

    gcks_get_status(group->gcks, &group->now, &status);
    return status.members;
}

void bench_group_replace(struct bench_group *group, uint32_t index)
{
    person_free(&group->person[index]);
    person_make(&group->person[index], &group->people, group->named++);
}

/* --- registrations ------------------------------------------------------------------------ */

/* One message of each person, or from the server for each. */
struct batch {
    uint32_t count;
    struct gk_secret *message;
};

static struct batch batch_new(uint32_t count)
{
    return (struct batch){count, gk_alloc(count, sizeof(struct gk_secret))};
}

static void batch_free(struct batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++)
        gk_secret_free(&batch->message[i]);
    free(batch->message);
}

static void measure_sizes(struct bench_registration *sizes, struct gk_octets rtj,
                          struct gk_octets keydl, struct gk_octets ack)
{
    const size_t overhead =
        gk_wrap_find(gk_suite_named("recommended")->mechanism.key_wrap)->overhead;
    struct gk_message message;

    bench_check(gk_message_parse(&message, rtj, NULL, GK_EXCHANGE_ANY, NULL));
    sizes->rtj = message.signed_octets.size;
    bench_check(gk_message_parse(&message, ack, NULL, GK_EXCHANGE_ANY, NULL));
    sizes->ack = message.signed_octets.size;
    bench_check(gk_message_parse(&message, keydl, NULL, GK_EXCHANGE_ANY, NULL));
    sizes->keydl = message.signed_octets.size;
    sizes->token = message.token.size - overhead;
    sizes->keys = message.key_download.size - overhead;
}

static void send_rtjs(struct bench_group *group, uint32_t from, const struct batch *rtjs,
                      struct batch *keydls)
{
    for (uint32_t i = 0; i < rtjs->count; i++) {
        const struct gk_peer peer = peer_of(from + i);

        host_message(&group->server, &peer, gk_secret_octets(&rtjs->message[i]));
        bench_check(group->server.sent_count == 1);
        keydls->message[i] = group->server.sent[0].octets;
        group->server.sent_count = 0;
    }
}

static void send_acks(struct bench_group *group, uint32_t from, const struct batch *acks)
{
    for (uint32_t i = 0; i < acks->count; i++) {
        const struct gk_peer peer = peer_of(from + i);

        host_message(&group->server, &peer, gk_secret_octets(&acks->message[i]));
        host_clear(&group->server);
    }
}

void bench_group_register(struct bench_group *group, uint32_t from, uint32_t count,
                          struct bench_registration *registration)
{
    struct batch rtjs = batch_new(count);
    struct batch keydls = batch_new(count);
    struct batch acks = batch_new(count);
    struct gcks_status before, after;

    gcks_get_status(group->gcks, &group->now, &before);
    for (uint32_t i = 0; i < count; i++) {
        struct gk_writer to = {0};

        person_rtj(&group->person[from + i], group->now.utc, &to);
        rtjs.message[i] = gk_writer_take(&to);
    }
    send_rtjs(group, from, &rtjs, &keydls);
    for (uint32_t i = 0; i < count; i++) {
        struct gk_writer to = {0};

        person_ack(&group->person[from + i], gk_secret_octets(&keydls.message[i]), group->now.utc,
                   &to);
        acks.message[i] = gk_writer_take(&to);
    }
    send_acks(group, from, &acks);
    gcks_get_status(group->gcks, &group->now, &after);
    bench_check(after.counts.acks == before.counts.acks + count && !after.pending);
    measure_sizes(registration, gk_secret_octets(&rtjs.message[0]),
                  gk_secret_octets(&keydls.message[0]), gk_secret_octets(&acks.message[0]));
    batch_free(&rtjs);
    batch_free(&keydls);
    batch_free(&acks);
}

/* --- the member engine ---------------------------------------------------------------------- */

/* All that one host has sent goes to the other. */
static void pass_on(struct bench_host *from, struct bench_host *to, const struct gk_peer *peer)
{
    for (size_t i = 0; i < from->sent_count; i++)
        host_message(to, peer, gk_secret_octets(&from->sent[i].octets));
    host_clear(from);
}

void bench_group_member(struct bench_group *group)
{
    const struct gk_peer server = SERVER;
    const struct gk_peer own = peer_of(0);
    const struct member_config config = {
        .policy = &group->policy,
        .random = &gk_random_system,
        .credential = {{&group->person[0].signer, group->person[0].chain, 2}},
        .credential_count = 1,
        .mechanism = group->people.mechanism,
        .server = {server},
        .server_count = 1,
    };
    struct member_status status;
    struct gk_turn turn = {0};

    group->member = member_new(&config, NULL);
    bench_check(group->member);
    group->host.engine = member_engine(group->member);
    group->host.now = &group->now;
    bench_check(member_join(group->member, &group->now, &turn, NULL));
    host_turn(&group->host, &turn);
    pass_on(&group->host, &group->server, &own);
    pass_on(&group->server, &group->host, &server);
    pass_on(&group->host, &group->server, &own);
    host_clear(&group->server);
    member_get_status(group->member, &status);
    bench_check(status.state == MEMBER_WAIT_EVENT);
}
