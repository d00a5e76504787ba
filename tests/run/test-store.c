/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "gsakmp/run/store.h"
#include "tests/harness.h"

static void stored(void *context, bool good)
{
    CU_ASSERT_TRUE(good);
    ++*(unsigned *)context;
}

static void commit(struct run_store *store, const char *group, struct gk_turn *turn)
{
    unsigned done = 0;

    store->commit(store, gk_octets_of(group), turn->records, turn->record_count, stored, &done);
    CU_ASSERT_EQUAL(done, 1);
    gk_turn_free(turn);
}

static void put(struct gk_turn *turn, const char *key, const char *value)
{
    gk_turn_record(turn, gk_octets_of(key), gk_octets_of(value));
}

/* "key=value " of all records. */
static char *contents(struct run_store *store, const char *group)
{
    struct gk_writer text = {0};
    struct gk_reason why;
    size_t count;
    struct gk_record *records = run_store_all(store, gk_octets_of(group), &count, &why);
    char *copy;

    CU_ASSERT_PTR_NOT_NULL(records);
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_FALSE(records[i].gone);
        gk_write_octets(&text, records[i].key);
        gk_write_u8(&text, '=');
        gk_write_octets(&text, gk_secret_octets(&records[i].value));
        gk_write_u8(&text, ' ');
    }
    run_records_free(records, count);
    copy = gk_alloc(text.size + 1, 1);
    if (text.size)
        memcpy(copy, text.data, text.size);
    gk_writer_free(&text);
    return copy;
}

#define CHECK(store, group, want)                                                                  \
    do {                                                                                           \
        char *have_ = contents(store, group);                                                      \
        CU_ASSERT_STRING_EQUAL(have_, want);                                                       \
        free(have_);                                                                               \
    } while (0)

static void records_are_ordered_by_key(void)
{
    struct run_store *store = run_store_memory();
    struct gk_turn turn = {0};

    put(&turn, "m2", "two");
    put(&turn, "a", "first");
    put(&turn, "m", "prefix");
    put(&turn, "m10", "ten");
    commit(store, "g", &turn);
    CHECK(store, "g", "a=first m=prefix m10=ten m2=two ");
    CHECK(store, "other", "");
    store->close(store);
}

static void later_records_replace_and_remove(void)
{
    struct run_store *store = run_store_memory();
    struct gk_turn turn = {0};

    put(&turn, "a", "1");
    put(&turn, "b", "1");
    put(&turn, "b", "2");
    commit(store, "g", &turn);
    put(&turn, "c", "3");
    gk_turn_record_gone(&turn, gk_octets_of("a"));
    gk_turn_record_gone(&turn, gk_octets_of("never"));
    put(&turn, "d", "");
    commit(store, "g", &turn);
    CHECK(store, "g", "b=2 c=3 d= ");
    gk_turn_record_gone(&turn, gk_octets_of("c"));
    put(&turn, "c", "back");
    gk_turn_record_gone(&turn, gk_octets_of("d"));
    commit(store, "g", &turn);
    CHECK(store, "g", "b=2 c=back ");
    store->close(store);
}

static void groups_are_apart(void)
{
    struct run_store *store = run_store_memory();
    struct gk_turn turn = {0};

    put(&turn, "k", "of g");
    commit(store, "g", &turn);
    put(&turn, "k", "of h");
    commit(store, "h", &turn);
    gk_turn_record_gone(&turn, gk_octets_of("k"));
    commit(store, "h", &turn);
    CHECK(store, "g", "k=of g ");
    CHECK(store, "h", "");
    store->close(store);
}

static void many_records_stay_in_order(void)
{
    struct run_store *store = run_store_memory();
    struct gk_reason why;
    struct gk_record *records;
    size_t count;

    for (unsigned i = 0; i < 1000; i++) {
        struct gk_turn turn = {0};
        char key[16];

        (void)snprintf(key, sizeof key, "m%03u", i * 617 % 1000);
        put(&turn, key, "v");
        commit(store, "g", &turn);
    }
    records = run_store_all(store, gk_octets_of("g"), &count, &why);
    CU_ASSERT_EQUAL_FATAL(count, 1000);
    for (size_t i = 1; i < count; i++)
        CU_ASSERT_TRUE(gk_octets_compare(records[i - 1].key, records[i].key) < 0);
    run_records_free(records, count);
    store->close(store);
}

static bool load_nothing(struct run_store *store, struct gk_octets group,
                         void (*take)(void *context, struct gk_octets key, struct gk_octets value),
                         void *context, struct gk_reason *why)
{
    (void)store;
    (void)group;
    take(context, gk_octets_of("k"), gk_octets_of("v"));
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "broken", "the database is broken");
}

static void a_store_that_cannot_load_is_told(void)
{
    struct run_store broken = {.load = load_nothing};
    struct gk_reason why = {0};
    size_t count = 7;

    CU_ASSERT_PTR_NULL(run_store_all(&broken, gk_octets_of("g"), &count, &why));
    CU_ASSERT_EQUAL(count, 0);
    CU_ASSERT_STRING_EQUAL(why.code, "broken");
}

static void a_group_is_named_by_type_and_value(void)
{
    struct gk_group group = {.type = 2, .size = 3, .value = "abc"};

    CU_ASSERT_HEX(run_store_group(&group), "0203616263");
}

const struct test_suite suite_store = {
    "store",
    {
        {"records are ordered by key", records_are_ordered_by_key},
        {"later records replace and remove", later_records_replace_and_remove},
        {"groups are apart", groups_are_apart},
        {"many records stay in order", many_records_stay_in_order},
        {"a store that cannot load is told", a_store_that_cannot_load_is_told},
        {"a group is named by type and value", a_group_is_named_by_type_and_value},
        {NULL, NULL},
    }};
