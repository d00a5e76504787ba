/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a coalition can ever learn: invariants 1 and 8 on the level of keys.
 *
 * A random run of joins, removals, restored leaves and events in both packagings, split over
 * messages that arrive in any order. Every datum ever sent is kept. Afterwards, for several
 * moments of the run: all who had gone by then (departed, evicted, never acknowledged) put
 * together what they ever held, and open what opens, until nothing more does. No key that was
 * made since may come out. All along, every member that stayed holds the current keys, and
 * no (KeyID, handle) stands for two keys.
 */
#include "tests/gsakmp/lkh-help.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/lkh-internal.h"

#define PARTIES 1024
#define DATA    32768
#define KEYS    16384
#define TABLE   (1u << 16) /* places, at most a quarter filled */
#define GTPKS   2

struct key {
    uint32_t id, handle;
    unsigned made; /* number of the event in or after which it was made */
    uint8_t octets[32];
};

/* Keys by (KeyID, handle). */
struct keys {
    size_t count;
    struct key key[KEYS];
    uint32_t table[TABLE]; /* index + 1 */
};

struct party {
    uint32_t member;
    unsigned left;        /* event that changed its path; 0 while it stays */
    bool going;           /* removed, its event is to come */
    struct gk_ring *ring; /* NULL: it never acknowledged */
    struct gk_secret held;
};

struct run {
    struct gk_lkh *lkh;
    struct gk_random dice;
    struct gk_random gtpk_random;
    gk_time now;
    unsigned events;
    struct test_gtpk gtpk[GTPKS];
    struct gk_key_datum datum[GTPKS];
    struct keys made;
    size_t party_count;
    struct party party[PARTIES];
    size_t data_count;
    struct gk_rekey_data data[DATA];
    struct test_event *event[256];
};

static const uint32_t gtpk_ids[GTPKS] = {TEST_GTPK_ID, TEST_GTPK_ID + 1};

static uint32_t roll(struct run *run, uint32_t sides)
{
    return gk_random_u32(&run->dice) % sides;
}

/* --- tables of keys --------------------------------------------------------------------- */

static uint32_t *place_of(struct keys *keys, uint32_t id, uint32_t handle)
{
    uint32_t place = (id * UINT32_C(0x9e3779b1) ^ handle) % TABLE;

    while (keys->table[place] && (keys->key[keys->table[place] - 1].id != id ||
                                  keys->key[keys->table[place] - 1].handle != handle))
        place = (place + 1) % TABLE;
    return &keys->table[place];
}

static struct key *find_key(struct keys *keys, uint32_t id, uint32_t handle)
{
    uint32_t at = *place_of(keys, id, handle);

    return at ? &keys->key[at - 1] : NULL;
}

/* True when it is new. */
static bool add_key(struct keys *keys, const struct gk_key_datum *datum, unsigned made)
{
    uint32_t *place = place_of(keys, datum->id, datum->handle);

    if (*place)
        return false;
    CU_ASSERT_TRUE_FATAL(keys->count < KEYS);
    keys->key[keys->count] = (struct key){datum->id, datum->handle, made, {0}};
    memcpy(keys->key[keys->count].octets, datum->key.data, 32);
    *place = (uint32_t)++keys->count;
    return true;
}

/* Notes all keys that the tree and the group hold now. */
static void note_keys(struct run *run)
{
    for (uint32_t i = 0; i < run->lkh->nodes.count + GTPKS; i++) {
        struct gk_key_datum datum =
            i < GTPKS ? run->datum[i]
                      : gk_lkh_datum(run->lkh, gk_lkh_nodes_at(&run->lkh->nodes, i - GTPKS));
        const struct key *known;

        if (add_key(&run->made, &datum, run->events))
            continue;
        known = find_key(&run->made, datum.id, datum.handle);
        if (!gk_octets_equal(datum.key, gk_octets(known->octets, 32)))
            CU_FAIL("(KeyID, handle) stands for two keys");
    }
}

/* --- parties ------------------------------------------------------------------------------ */

/* What the party is given; the ring's own record is as good as any. */
static void note_held(struct party *party, const struct gk_ring *ring)
{
    struct gk_writer all = {0};
    struct gk_key_datum datum;

    gk_write_octets(&all, gk_secret_octets(&party->held));
    for (size_t i = 0; gk_ring_at(ring, i, &datum); i++)
        gk_key_datum_write(&datum, &all);
    gk_secret_free(&party->held);
    party->held = gk_writer_take(&all);
}

static void join(struct run *run)
{
    struct party *party = &run->party[run->party_count];
    struct gk_ring *ring;

    if (run->party_count == PARTIES || !gk_lkh_join(run->lkh, run->now, &party->member, NULL))
        return;
    run->party_count++;
    note_keys(run);
    ring = test_ring(run->lkh, party->member, run->datum, GTPKS);
    note_held(party, ring);
    if (roll(run, 5))
        party->ring = ring;
    else
        gk_ring_free(ring);
}

static struct party *pick(struct run *run, bool going)
{
    struct party *party;

    for (unsigned tries = 0; tries < 50 && run->party_count; tries++) {
        party = &run->party[roll(run, (uint32_t)run->party_count)];
        if (!party->left && party->going == going)
            return party;
    }
    return NULL;
}

static void leave(struct run *run)
{
    struct party *party = pick(run, false);

    if (party) {
        CU_ASSERT_TRUE(gk_lkh_remove(run->lkh, party->member));
        party->going = true;
    }
}

static void come_back(struct run *run)
{
    struct party *party = pick(run, true);

    if (party) {
        CU_ASSERT_TRUE(gk_lkh_restore(run->lkh, party->member));
        party->going = false;
    }
}

/* --- events --------------------------------------------------------------------------------- */

static void note_data(struct run *run, const struct test_event *event)
{
    for (size_t i = 0; i < event->count; i++) {
        struct gk_reader reader = gk_reader(event->payload[i].data);

        while (gk_reader_left(&reader)) {
            CU_ASSERT_TRUE_FATAL(run->data_count < DATA);
            CU_ASSERT_TRUE_FATAL(gk_rekey_data_read(&run->data[run->data_count++], &reader, NULL));
        }
    }
}

static void shuffle(struct run *run, size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t other = roll(run, (uint32_t)i + 1);

        order[i] = order[other];
        order[other] = i;
    }
}

/* Each party gets the messages in an order of its own. */
static void deliver(struct run *run, struct party *party, const struct test_event *event)
{
    struct gk_ring_rules rules = {test_group(), gtpk_ids, GTPKS, TEST_KEY_TYPE, true, NULL};
    size_t *order = gk_alloc(event->count, sizeof *order);
    struct gk_reason why = {0};

    shuffle(run, order, event->count);
    gk_ring_begin_event(party->ring);
    for (size_t i = 0; i < event->count; i++)
        CU_ASSERT_TRUE(gk_ring_open(party->ring, &rules, &event->payload[order[i]], 1, &why));
    CU_ASSERT_EQUAL(gk_ring_brought(party->ring, gtpk_ids, GTPKS), !party->left);
    gk_ring_end_event(party->ring);
    note_held(party, party->ring);
    free(order);
}

static void after_event(struct run *run, const struct test_event *event)
{
    for (size_t i = 0; i < run->party_count; i++) {
        struct party *party = &run->party[i];

        if (party->going) {
            party->going = false;
            party->left = run->events;
        }
        if (!party->ring)
            continue;
        deliver(run, party, event);
        if (!party->left) {
            CU_ASSERT_TRUE(
                test_ring_current(party->ring, run->lkh, party->member, run->datum, GTPKS));
        } else if (run->events > party->left + 4) { /* it has tried long enough */
            gk_ring_free(party->ring);
            party->ring = NULL;
        }
    }
}

static void rekey(struct run *run)
{
    struct gk_lkh_order order;
    struct test_event *event;

    run->now++;
    run->events++;
    for (size_t i = 0; i < GTPKS; i++) {
        test_gtpk_make(&run->gtpk[i], gtpk_ids[i], run->now, &run->gtpk_random);
        run->datum[i] = run->gtpk[i].datum;
    }
    order = test_order(run->datum, GTPKS, run->now, roll(run, 3));
    order.limit = roll(run, 4000);
    event = test_event_run(run->lkh, &order, 200 + roll(run, 1500));
    CU_ASSERT_PTR_NOT_NULL_FATAL(event);
    CU_ASSERT_EQUAL(event->cost.octets, test_event_octets(event));
    run->event[run->events] = event;
    note_keys(run);
    note_data(run, event);
    after_event(run, event);
}

static void step(struct run *run)
{
    uint32_t side = roll(run, 100);

    run->now += roll(run, 2);
    if (side < 50)
        join(run);
    else if (side < 75)
        leave(run);
    else if (side < 80)
        come_back(run);
    else
        rekey(run);
}

/* --- closure --------------------------------------------------------------------------------- */

static size_t learn(struct keys *known, struct gk_octets plain)
{
    struct gk_packages packages;
    struct gk_key_datum datum;
    uint8_t type;
    bool more = true;
    size_t learned = 0;

    CU_ASSERT_TRUE_FATAL(gk_packages_begin(&packages, plain, NULL));
    while (gk_packages_next(&packages, &type, &datum, &more, NULL) && more)
        learned += add_key(known, &datum, 0);
    return learned;
}

/* One pass over everything ever sent. */
static size_t open_more(const struct run *run, struct keys *known, size_t *opened)
{
    size_t learned = 0;

    for (size_t i = 0; i < run->data_count; i++) {
        const struct gk_rekey_data *data = &run->data[i];
        const struct key *key = find_key(known, data->wrapping_id, data->wrapping_handle);
        struct gk_secret plain;
        struct gk_writer aad = {0};

        if (!key)
            continue;
        ++*opened;
        gk_aad_rekey(&aad, test_group(), data->wrapping_id, data->wrapping_handle);
        if (gk_wrap_open(gk_wrap_find(TEST_KEY_TYPE), gk_octets(key->octets, 32),
                         gk_writer_octets(&aad), data->sealed, &plain, NULL))
            learned += learn(known, gk_secret_octets(&plain));
        else
            CU_FAIL("a key does not open what names it");
        gk_secret_free(&plain);
        gk_writer_free(&aad);
    }
    return learned;
}

static size_t pool(const struct run *run, struct keys *known, unsigned moment)
{
    size_t parties = 0;

    for (size_t i = 0; i < run->party_count; i++) {
        struct gk_reader reader = gk_reader(gk_secret_octets(&run->party[i].held));
        struct gk_key_datum datum;

        if (!run->party[i].left || run->party[i].left > moment)
            continue;
        parties++;
        while (gk_reader_left(&reader)) {
            CU_ASSERT_TRUE_FATAL(gk_key_datum_read(&datum, &reader, NULL));
            (void)add_key(known, &datum, 0);
        }
    }
    return parties;
}

static void check_moment(struct run *run, unsigned moment, size_t *opened)
{
    struct keys *known = gk_alloc(1, sizeof *known);

    if (pool(run, known, moment)) {
        while (open_more(run, known, opened))
            ;
    }
    for (size_t i = 0; i < known->count; i++) {
        const struct key *key = find_key(&run->made, known->key[i].id, known->key[i].handle);

        CU_ASSERT_PTR_NOT_NULL_FATAL(key);
        if (key->made >= moment)
            CU_FAIL("a key made after they left came out");
    }
    free(known);
}

static void run_free(struct run *run)
{
    for (size_t i = 0; i < run->party_count; i++) {
        gk_ring_free(run->party[i].ring);
        gk_secret_free(&run->party[i].held);
    }
    for (unsigned i = 1; i <= run->events; i++)
        test_event_free(run->event[i]);
    gk_lkh_free(run->lkh);
    free(run);
}

static void random_run(unsigned degree, uint32_t capacity, unsigned steps, uint64_t seed)
{
    struct run *run = gk_alloc(1, sizeof *run);
    size_t opened = 0;

    run->lkh = test_tree(degree, capacity, seed);
    run->dice = test_random(seed + 1);
    run->gtpk_random = test_random(seed + 2);
    run->now = TEST_TIME;
    rekey(run);
    for (unsigned i = 0; i < steps && run->events < 200; i++)
        step(run);
    for (unsigned moment = 1; moment <= run->events; moment += 1 + run->events / 6)
        check_moment(run, moment, &opened);
    check_moment(run, run->events, &opened);
    CU_ASSERT_TRUE(opened > 100); /* what was sent while they were members does open */
    CU_ASSERT_TRUE(run->events > 20 && run->made.count > 3 * run->events);
    run_free(run);
}

static void degree_2(void)
{
    random_run(2, 64, 400, 1);
    random_run(2, 256, 300, 2);
}

static void degree_3(void)
{
    random_run(3, 81, 400, 3);
}

static void degree_4(void)
{
    random_run(4, 64, 400, 4);
    random_run(4, 1024, 300, 5);
}

static void degree_16(void)
{
    random_run(16, 256, 300, 6);
    random_run(16, 16, 300, 7);
}

static void nearly_full_trees(void)
{
    random_run(2, 8, 400, 8);
    random_run(3, 9, 400, 9);
}

const struct test_suite suite_lkh_closure = {"lkh-closure",
                                             {
                                                 {"degree 2", degree_2},
                                                 {"degree 3", degree_3},
                                                 {"degree 4", degree_4},
                                                 {"degree 16", degree_16},
                                                 {"nearly full trees", nearly_full_trees},
                                                 {NULL, NULL},
                                             }};
