/* SPDX-License-Identifier: Apache-2.0 */
/* The index and the heap of the GC/KS against the plainest models of both. */
#include <string.h>

#include "roles/gcks-index.h"
#include "tests/harness.h"

#define COUNT 2000

/* Few hashes, so that runs are long and wrap around. */
static uint64_t hash_of(uint32_t handle)
{
    return handle % 7 == 0 ? UINT64_MAX - handle % 3 : handle % 97;
}

static unsigned found(const struct gcks_index *index, uint64_t hash, uint32_t handle)
{
    unsigned times = 0;
    uint32_t at_handle;
    size_t at = 0;

    while (gcks_index_next(index, hash, &at, &at_handle))
        times += at_handle == handle;
    return times;
}

static void index_keeps_what_is_there(void)
{
    struct gk_random random = test_random(1);
    struct gcks_index index = {0};
    static bool there[COUNT];
    size_t count = 0;

    memset(there, 0, sizeof there);
    for (int step = 0; step < 6000; step++) {
        uint32_t handle = gk_random_u32(&random) % COUNT;

        if (there[handle])
            gcks_index_drop(&index, hash_of(handle), handle);
        else
            gcks_index_add(&index, hash_of(handle), handle);
        count += there[handle] ? (size_t)-1 : 1;
        there[handle] = !there[handle];
    }
    CU_ASSERT_EQUAL(index.count, count);
    for (uint32_t handle = 0; handle < COUNT; handle++)
        CU_ASSERT_EQUAL(found(&index, hash_of(handle), handle), there[handle]);
    CU_ASSERT_EQUAL(found(&index, 12345, 0), 0);
    gcks_index_free(&index);
}

static void empty_index_has_nothing(void)
{
    struct gcks_index index = {0};

    CU_ASSERT_EQUAL(found(&index, 0, 0), 0);
    gcks_index_drop(&index, 0, 0);
    CU_ASSERT_EQUAL(index.count, 0);
    gcks_index_free(&index);
}

static void hash_depends_on_the_seed(void)
{
    const uint8_t one[GCKS_SEED_SIZE] = {1};
    const uint8_t two[GCKS_SEED_SIZE] = {2};

    CU_ASSERT_EQUAL(gcks_hash(one, gk_octets_of("a")), gcks_hash(one, gk_octets_of("a")));
    CU_ASSERT_NOT_EQUAL(gcks_hash(one, gk_octets_of("a")), gcks_hash(two, gk_octets_of("a")));
    CU_ASSERT_NOT_EQUAL(gcks_hash(one, gk_octets_of("a")), gcks_hash(one, gk_octets_of("b")));
}

static void heap_gives_the_earliest(void)
{
    struct gk_random random = test_random(2);
    struct gcks_heap heap = {0};
    static int64_t due[300];
    uint32_t handle;
    int64_t at;

    memset(due, 0, sizeof due);
    for (int step = 0; step < 20000; step++) {
        uint32_t which = gk_random_u32(&random) % 300;
        int64_t earliest = INT64_MAX;

        if (gk_random_u32(&random) % 3) {
            due[which] = 1 + gk_random_u32(&random) % 1000;
            gcks_heap_set(&heap, which, due[which]);
        } else {
            due[which] = 0;
            gcks_heap_drop(&heap, which);
        }
        for (size_t i = 0; i < 300; i++)
            earliest = due[i] && due[i] < earliest ? due[i] : earliest;
        if (!gcks_heap_first(&heap, &handle, &at)) {
            CU_ASSERT_EQUAL(earliest, INT64_MAX);
        } else if (at != earliest || due[handle] != at) {
            CU_FAIL("the heap's first is not the earliest");
            break;
        }
    }
    gcks_heap_free(&heap);
}

const struct test_suite suite_gcks_index = {
    "gcks_index",
    {
        {"index keeps what is there", index_keeps_what_is_there},
        {"empty index has nothing", empty_index_has_nothing},
        {"hash depends on the seed", hash_depends_on_the_seed},
        {"heap gives the earliest", heap_gives_the_earliest},
        {NULL, NULL},
    }};
