/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/run/store.h"

#include <stdlib.h>
#include <string.h>

/* A Group ID stands in memory as it does in a header. */
_Static_assert(offsetof(struct gk_group, size) == 1 && offsetof(struct gk_group, value) == 2,
               "type, length and value follow one another");

struct gk_octets run_store_group(const struct gk_group *group)
{
    return gk_octets(group, 2 + (size_t)group->size);
}

struct all {
    struct gk_record *records;
    size_t count;
    size_t room;
};

static void take(void *context, struct gk_octets key, struct gk_octets value)
{
    struct all *all = context;
    uint8_t *copy = gk_alloc(key.size, 1);

    if (key.size)
        memcpy(copy, key.data, key.size);
    if (all->count == all->room) {
        all->room = all->room ? all->room * 2 : 64;
        all->records = gk_realloc(all->records, all->room, sizeof *all->records);
    }
    all->records[all->count++] =
        (struct gk_record){gk_octets(copy, key.size), gk_secret_copy(value), false};
}

struct gk_record *run_store_all(struct run_store *store, struct gk_octets group, size_t *count,
                                struct gk_reason *why)
{
    struct all all = {.records = gk_alloc(1, sizeof *all.records), .room = 1};

    *count = 0;
    if (!store->load(store, group, take, &all, why)) {
        run_records_free(all.records, all.count);
        return NULL;
    }
    *count = all.count;
    return all.records;
}

void run_records_free(struct gk_record *records, size_t count)
{
    for (size_t i = 0; records && i < count; i++) {
        free((void *)(uintptr_t)records[i].key.data);
        gk_secret_free(&records[i].value);
    }
    free(records);
}
