/* SPDX-License-Identifier: Apache-2.0 */
/* The store that forgets: sorted records of wiped memory, as long as the program lives. */
#include "gsakmp/run/store.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    struct gk_secret key;
    struct gk_secret value;
};

struct shelf {
    struct shelf *next;
    struct gk_secret group;
    struct entry *entries; /* ordered by key */
    size_t count;
    size_t room;
};

struct memory {
    struct run_store store;
    struct shelf *shelves;
};

static struct shelf *find_shelf(struct memory *memory, struct gk_octets group)
{
    struct shelf *shelf = memory->shelves;

    while (shelf && !gk_octets_equal(gk_secret_octets(&shelf->group), group))
        shelf = shelf->next;
    return shelf;
}

static struct shelf *need_shelf(struct memory *memory, struct gk_octets group)
{
    struct shelf *shelf = find_shelf(memory, group);

    if (!shelf) {
        shelf = gk_alloc(1, sizeof *shelf);
        shelf->group = gk_secret_copy(group);
        shelf->next = memory->shelves;
        memory->shelves = shelf;
    }
    return shelf;
}

/* Where the key stands, or would stand. */
static size_t place_of(const struct shelf *shelf, struct gk_octets key, bool *found)
{
    size_t low = 0;
    size_t high = shelf->count;

    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = gk_octets_compare(gk_secret_octets(&shelf->entries[middle].key), key);

        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void drop_entry(struct entry *entry)
{
    gk_secret_free(&entry->key);
    gk_secret_free(&entry->value);
}

static void make_room(struct shelf *shelf, size_t at)
{
    /* The entries are pointers to secrets: moving them leaves no secret behind. */
    if (shelf->count == shelf->room) {
        shelf->room = shelf->room ? shelf->room * 2 : 16;
        shelf->entries = gk_realloc(shelf->entries, shelf->room, sizeof *shelf->entries);
    }
    memmove(shelf->entries + at + 1, shelf->entries + at,
            (shelf->count - at) * sizeof *shelf->entries);
    shelf->count++;
}

static void apply(struct shelf *shelf, const struct gk_record *record)
{
    bool found;
    size_t at = place_of(shelf, record->key, &found);

    if (found)
        drop_entry(&shelf->entries[at]);
    if (record->gone) {
        if (found) {
            shelf->count--;
            memmove(shelf->entries + at, shelf->entries + at + 1,
                    (shelf->count - at) * sizeof *shelf->entries);
        }
        return;
    }
    if (!found)
        make_room(shelf, at);
    shelf->entries[at].key = gk_secret_copy(record->key);
    shelf->entries[at].value = gk_secret_copy(gk_secret_octets(&record->value));
}

static void commit(struct run_store *store, struct gk_octets group, const struct gk_record *records,
                   size_t count, void (*done)(void *context, bool good), void *context)
{
    struct shelf *shelf = need_shelf((struct memory *)store, group);

    for (size_t i = 0; i < count; i++)
        apply(shelf, &records[i]);
    done(context, true);
}

static bool load(struct run_store *store, struct gk_octets group,
                 void (*take)(void *context, struct gk_octets key, struct gk_octets value),
                 void *context, struct gk_reason *why)
{
    const struct shelf *shelf = find_shelf((struct memory *)store, group);

    (void)why;
    for (size_t i = 0; shelf && i < shelf->count; i++)
        take(context, gk_secret_octets(&shelf->entries[i].key),
             gk_secret_octets(&shelf->entries[i].value));
    return true;
}

static void close_memory(struct run_store *store)
{
    struct memory *memory = (struct memory *)store;

    while (memory->shelves) {
        struct shelf *shelf = memory->shelves;

        memory->shelves = shelf->next;
        for (size_t i = 0; i < shelf->count; i++)
            drop_entry(&shelf->entries[i]);
        free(shelf->entries);
        gk_secret_free(&shelf->group);
        free(shelf);
    }
    free(memory);
}

struct run_store *run_store_memory(void)
{
    struct memory *memory = gk_alloc(1, sizeof *memory);

    memory->store = (struct run_store){commit, load, close_memory};
    return &memory->store;
}
