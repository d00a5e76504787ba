/* SPDX-License-Identifier: Apache-2.0 */
/* More members than one turn may touch: new tokens, unicast and pages go in slices. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "roles/gcks-internal.h"
#include "token/name.h"
#include "tests/roles/gcks-bench.h"
#include "tests/vectors.h"

#define MANY 1300

static void unicast(struct gcks_config *config)
{
    config->rekey_to_members = true;
    config->rekey_count = 0;
    config->capacity = 2048;
    config->degree = 8;
}

static struct pki_identity *m1(struct bench *bench)
{
    const struct gk_octets certificates[2] = {vector_octets("entities/m1/certificate"),
                                              vector_octets("entities/inter/certificate")};
    struct pki_identity *identity = NULL;

    CU_ASSERT_TRUE_FATAL(pki_validate(&bench->policy.trust, certificates, 2, NULL, 0,
                                      bench->now.utc, &identity, NULL));
    return identity;
}

/* Members as if they had registered: that itself is tested elsewhere. */
static void fill(struct bench *bench)
{
    struct pki_identity *base = m1(bench);
    struct gcks *g = bench->gcks;
    struct gk_turn turn = {0};

    gcks_enter(g, &bench->now, &turn);
    for (uint32_t i = 0; i < MANY; i++) {
        struct pki_identity identity = *base;
        struct gk_writer key = {0};
        char name[64];
        uint32_t entry;
        uint32_t leaf;

        (void)snprintf(name, sizeof name, "CN=K%u,OU=Members,O=Acme,C=US", i);
        identity.name = gk_octets_of(name);
        CU_ASSERT_TRUE_FATAL(name_key(identity.name, &key, NULL));
        identity.name_key = gk_writer_octets(&key);
        entry = gcks_entry_make(g, &identity);
        CU_ASSERT_TRUE_FATAL(gcks_entry_take(g, entry, &leaf, NULL));
        g->entry[entry].mechanism = gk_suite_named("recommended")->mechanism;
        g->entry[entry].peer = bench_peer(1);
        g->entry[entry].peer.address.port = (uint16_t)(1 + i);
        gcks_entry_admit(g, entry, leaf);
        gcks_entry_record(g, entry);
        gk_writer_free(&key);
    }
    gcks_leave(g);
    bench_turn(bench, &turn);
    pki_identity_free(base);
}

static void a_page_after_the_other(void)
{
    struct bench *bench = bench_new(unicast);
    struct gcks_member member;
    uint64_t cursor = 0;
    unsigned count = 0;

    fill(bench);
    while (gcks_next_member(bench->gcks, &cursor, &member))
        count += member.acknowledged && strlen(member.rule) > 0;
    CU_ASSERT_EQUAL(count, MANY);
    CU_ASSERT_EQUAL(bench_status(bench).members, MANY);
    CU_ASSERT_EQUAL(bench_records(bench, 'n'), MANY);
    CU_ASSERT_EQUAL(bench_records(bench, 'p'), 1); /* one trail for all */
    bench_free(bench);
}

static void a_token_in_slices(void)
{
    struct bench *bench = bench_new(unicast);
    struct gk_octets token = bench_token(&(struct bench_token){
        .edition = 2, .at = TEST_NOW + 2, .exclude = "CN=K1234,OU=Members,O=Acme,C=US"});

    fill(bench);
    CU_ASSERT_TRUE(bench_publish(bench, token, NULL));
    CU_ASSERT_EQUAL(bench_status(bench).edition, 1);
    CU_ASSERT_EQUAL(bench->next_tick, bench->now.ms);
    CU_ASSERT_EQUAL(bench_status(bench).members, MANY);
    bench_restart(bench); /* it begins again */
    bench_pass(bench, 0);
    CU_ASSERT_EQUAL(bench_status(bench).edition, 2);
    CU_ASSERT_EQUAL(bench_status(bench).members, MANY - 1);
    bench_free(bench);
}

/* When each member's copies left. */
struct copies {
    unsigned count;
    int64_t last;
};

/* Lets time pass and notes what leaves; the longest time between two copies to one member, and
 * the most octets in a second of the clock. */
static void watch(struct bench *bench, struct copies *members, int64_t ms, int64_t *gap,
                  uint64_t *octets)
{
    size_t seen = 0;
    uint64_t second = 0;
    int64_t began = bench->now.ms;

    *gap = 0;
    *octets = 0;
    for (int64_t passed = 0; passed <= ms; passed += 5) {
        for (; seen < bench->sent_count; seen++) {
            struct copies *member = &members[bench->sent[seen].to.address.port];

            if (member->count++ && bench->now.ms - member->last > *gap)
                *gap = bench->now.ms - member->last;
            member->last = bench->now.ms;
            second += bench->sent[seen].octets.size;
        }
        if (bench->now.ms - began >= 1000) {
            *octets = second > *octets ? second : *octets;
            second = 0;
            began = bench->now.ms;
        }
        bench_pass(bench, 5);
    }
}

static void at_a_pace(struct gcks_config *config)
{
    unicast(config);
    config->octets_a_second = 400000;
}

/* However many there are: at the pace, and nobody's copies far apart (profile 9.7). */
static void unicast_in_slices(void)
{
    struct gk_octets token = bench_token(&(struct bench_token){.edition = 1, .resend = 2});
    struct bench *bench = bench_with(token, at_a_pace);
    struct copies *members = gk_alloc(MANY + 1, sizeof *members);
    uint64_t octets;
    int64_t gap;
    size_t size;

    fill(bench);
    bench_forget(bench);
    CU_ASSERT_TRUE(bench_rekey(bench));
    size = bench_sent_at(bench, GK_REKEY_EVENT, 0)->octets.size;
    CU_ASSERT_TRUE(bench->sent_count * size <= 400000 / 50 + size);
    watch(bench, members, (int64_t)(MANY * 3 * size / 400) + 5000, &gap, &octets);
    for (unsigned i = 1; i <= MANY; i++)
        CU_ASSERT_EQUAL(members[i].count, 3);
    CU_ASSERT_TRUE(gap >= 1000 && gap <= 2000);
    CU_ASSERT_TRUE(octets <= 400000 + 400000 / 10);
    CU_ASSERT_EQUAL(bench->next_tick > bench->now.ms + 60000, true);
    free(members);
    bench_free(bench);
}

static void at_a_crawl(struct gcks_config *config)
{
    unicast(config);
    config->octets_a_second = 60000;
}

/* Rekeys that come faster than they can leave are gathered. */
static void few_rounds_abreast(void)
{
    struct bench *bench = bench_new(at_a_crawl);

    fill(bench);
    for (int i = 0; i < 6; i++) {
        CU_ASSERT_TRUE(bench_rekey(bench));
        bench_pass(bench, 1500);
    }
    CU_ASSERT_EQUAL(bench_status(bench).counts.events, 2);
    bench_pass(bench, 300000);
    CU_ASSERT_EQUAL(bench_status(bench).counts.events, 3);
    bench_free(bench);
}

/* By configuration, wherever it registered from; and nothing else where only that is said. */
static bool only_k7(void *context, struct gk_octets asked, struct gk_address *to)
{
    struct gk_writer key = {0};
    bool same = name_key(gk_octets_of("CN=K7,OU=Members,O=Acme,C=US"), &key, NULL) &&
                gk_octets_equal(gk_writer_octets(&key), asked);

    gk_writer_free(&key);
    if (same)
        *to = *(const struct gk_address *)context;
    return same;
}

static struct gk_address elsewhere = {.family = 6, .ip = {0x20, 1, [15] = 7}, .port = 9};

static void to_k7(struct gcks_config *config)
{
    unicast(config);
    config->rekey_address = only_k7;
    config->rekey_context = &elsewhere;
}

static void to_k7_alone(struct gcks_config *config)
{
    to_k7(config);
    config->rekey_to_members = false;
}

static void configured_addresses_come_first(void)
{
    struct bench *bench = bench_new(to_k7);
    unsigned there = 0;

    fill(bench);
    bench_forget(bench);
    CU_ASSERT_TRUE(bench_rekey(bench));
    bench_pass(bench, 60000);
    CU_ASSERT_EQUAL(bench->sent_count, MANY);
    for (size_t i = 0; i < bench->sent_count; i++) {
        there += gk_address_equal(&bench->sent[i].to.address, &elsewhere);
        CU_ASSERT_NOT_EQUAL(bench->sent[i].to.address.port, 8); /* K7 registered from there */
    }
    CU_ASSERT_EQUAL(there, 1);
    bench_free(bench);
    bench = bench_new(to_k7_alone);
    fill(bench);
    bench_forget(bench);
    CU_ASSERT_TRUE(bench_rekey(bench));
    bench_pass(bench, 60000);
    CU_ASSERT_EQUAL(bench->sent_count, 1);
    CU_ASSERT_TRUE(gk_address_equal(&bench->sent[0].to.address, &elsewhere));
    bench_free(bench);
}

/* Several CAs: trails are kept apart, shared, and forgotten with their last member. */
static void trails_come_and_go(void)
{
    struct bench *bench = bench_new(NULL);
    struct gcks *g = bench->gcks;
    struct pki_identity *one = m1(bench);
    struct pki_identity two = *one;
    struct gk_turn turn = {0};
    struct gk_secret person[3];

    two.ca[0].value[0] ^= 1;
    gcks_enter(g, &bench->now, &turn);
    person[0] = gcks_person(g, one);
    person[1] = gcks_person(g, &two);
    person[2] = gcks_person(g, one);
    CU_ASSERT_EQUAL(gcks_trail_of(gk_secret_octets(&person[0])), 0);
    CU_ASSERT_EQUAL(gcks_trail_of(gk_secret_octets(&person[1])), 1);
    CU_ASSERT_EQUAL(gcks_trail_of(gk_secret_octets(&person[2])), 0);
    for (size_t i = 0; i < 3; i++) {
        struct pki_identity identity;

        CU_ASSERT_TRUE_FATAL(gcks_person_open(g, gk_secret_octets(&person[i]), &identity));
        CU_ASSERT_TRUE(pki_identity_same(&identity, one));
        CU_ASSERT_EQUAL(identity.ca_count, one->ca_count);
        CU_ASSERT_EQUAL(memcmp(identity.ca, i == 1 ? two.ca : one->ca, sizeof identity.ca[0]), 0);
        CU_ASSERT_TRUE(gk_octets_equal(identity.subject_der, one->subject_der));
        CU_ASSERT_TRUE(gk_octets_equal(identity.slash_name, one->slash_name));
        CU_ASSERT_EQUAL(identity.slash_ambiguous, one->slash_ambiguous);
        gcks_person_close(&identity);
        gcks_person_drop(g, &person[i]);
    }
    gcks_leave(g);
    bench_turn(bench, &turn);
    CU_ASSERT_EQUAL(bench_records(bench, 'p'), 0);
    pki_identity_free(one);
    bench_free(bench);
}

const struct test_suite suite_gcks_many = {
    "gcks_many",
    {
        {"a page after the other", a_page_after_the_other},
        {"a token in slices", a_token_in_slices},
        {"few rounds abreast", few_rounds_abreast},
        {"unicast in slices", unicast_in_slices},
        {"configured addresses come first", configured_addresses_come_first},
        {"trails come and go", trails_come_and_go},
        {NULL, NULL},
    }};
