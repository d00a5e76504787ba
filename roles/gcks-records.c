/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What outlives the process. Entries, trails, exclusions, seen stamps and events write their
 * own records as they change; tree, GTPKs and counters are written once a turn.
 */
#include "roles/gcks-internal.h"

#include <stdlib.h>
#include <string.h>

#define VERSION 2

static struct gk_octets key_of(struct gk_writer *writer, enum gcks_kind kind, uint32_t number)
{
    gk_write_u8(writer, (uint8_t)kind);
    gk_write_u32(writer, number);
    return gk_writer_octets(writer);
}

void gcks_record_numbered(struct gcks *g, enum gcks_kind kind, uint32_t number,
                          struct gk_octets value)
{
    struct gk_writer key = {0};

    gk_turn_record(g->turn, key_of(&key, kind, number), value);
    gk_writer_free(&key);
}

void gcks_record_numbered_gone(struct gcks *g, enum gcks_kind kind, uint32_t number)
{
    struct gk_writer key = {0};

    gk_turn_record_gone(g->turn, key_of(&key, kind, number));
    gk_writer_free(&key);
}

void gcks_record_named(struct gcks *g, enum gcks_kind kind, const uint8_t name[GCKS_DIGEST],
                       const struct gk_octets *value)
{
    struct gk_writer key = {0};

    gk_write_u8(&key, (uint8_t)kind);
    gk_write(&key, name, GCKS_DIGEST);
    if (value)
        gk_turn_record(g->turn, gk_writer_octets(&key), *value);
    else
        gk_turn_record_gone(g->turn, gk_writer_octets(&key));
    gk_writer_free(&key);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void write_counters(struct gcks *g)
{
    struct gk_writer writer = {0};

    gk_write_u8(&writer, VERSION);
    gk_write_u8(&writer, g->destroyed);
    gk_write_u8(&writer, g->wants_event);
    gk_write(&writer, g->handle_seed, sizeof g->handle_seed);
    gk_write_u32(&writer, g->handle_count);
    gk_write_u32(&writer, g->reserved);
    gk_write_u32(&writer, g->last_sequence);
    gk_write_u64(&writer, (uint64_t)g->last_stamp);
    gk_write_u64(&writer, (uint64_t)g->newest_given);
    gk_write_u64(&writer, (uint64_t)g->stamp_floor);
    gk_write_u32(&writer, g->events_seen);
    gcks_record_numbered(g, GCKS_RECORD_COUNTERS, 0, gk_writer_octets(&writer));
    gk_writer_free(&writer);
}

static void write_gtpks(struct gcks *g)
{
    struct gk_key_datum datums[RULES_GTPKS];
    size_t count = gcks_gtpks_datums(g, datums);
    struct gk_writer writer = {0};

    gk_write_u8(&writer, (uint8_t)count);
    for (size_t i = 0; i < count; i++)
        gk_key_datum_write(&datums[i], &writer);
    gcks_record_numbered(g, GCKS_RECORD_GTPKS, 0, gk_writer_octets(&writer));
    gk_writer_free(&writer);
}

static uint64_t blob_hash(uint32_t number)
{
    return number * UINT64_C(0x9e3779b97f4a7c15);
}

static void know_blob(struct gcks *g, uint32_t number, bool gone)
{
    gcks_index_drop(&g->blobs, blob_hash(number), number);
    if (!gone)
        gcks_index_add(&g->blobs, blob_hash(number), number);
}

static void write_tree(struct gcks *g)
{
    struct gk_secret blob;
    uint32_t number;
    bool gone;

    while (gk_lkh_dirty(g->lkh, &number, &blob, &gone)) {
        if (gone)
            gcks_record_numbered_gone(g, GCKS_RECORD_TREE, number);
        else
            gcks_record_numbered(g, GCKS_RECORD_TREE, number, gk_secret_octets(&blob));
        gk_secret_free(&blob);
        know_blob(g, number, gone);
    }
}

void gcks_records_flush(struct gcks *g)
{
    if (g->lkh)
        write_tree(g);
    if (g->dirty_gtpks && !g->destroyed)
        write_gtpks(g);
    if (g->dirty_counters)
        write_counters(g);
    g->dirty_gtpks = g->dirty_counters = false;
}

/* --- reading --------------------------------------------------------------------------------- */

gk_time gcks_read_time(struct gk_reader *reader)
{
    uint64_t time = gk_read_u64(reader);

    if (time > (uint64_t)GK_TIME_NEVER) {
        reader->failed = true;
        return 0;
    }
    return (gk_time)time;
}

static bool read_counters(struct gcks *g, struct gk_octets value)
{
    struct gk_reader reader = gk_reader(value);
    uint8_t version = gk_read_u8(&reader);
    struct gk_octets seed;

    g->destroyed = gk_read_u8(&reader) != 0;
    g->wants_event = gk_read_u8(&reader) != 0;
    seed = gk_read_octets(&reader, sizeof g->handle_seed);
    g->handle_count = gk_read_u32(&reader);
    g->sequence = g->reserved = gk_read_u32(&reader);
    g->last_sequence = gk_read_u32(&reader);
    g->last_stamp = gcks_read_time(&reader);
    g->newest_given = gcks_read_time(&reader);
    g->stamp_floor = gcks_read_time(&reader);
    g->events_seen = gk_read_u32(&reader);
    if (!gk_reader_done(&reader) || version != VERSION)
        return false;
    memcpy(g->handle_seed, seed.data, seed.size);
    return true;
}

static bool read_gtpks(struct gcks *g, struct gk_octets value)
{
    struct gk_reader reader = gk_reader(value);
    size_t count = gk_read_u8(&reader);

    if (count > RULES_GTPKS)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct gk_key_datum datum;

        if (!gk_key_datum_read(&datum, &reader, NULL))
            return false;
        g->gtpk[i] = (struct gcks_gtpk){datum.id,      datum.handle,  datum.type,
                                        datum.created, datum.expires, gk_secret_copy(datum.key)};
        g->gtpk_count = i + 1;
    }
    return gk_reader_done(&reader);
}

static bool read_number(struct gk_octets key, uint32_t *number)
{
    struct gk_reader reader = gk_reader(key);

    (void)gk_read_u8(&reader);
    *number = gk_read_u32(&reader);
    return gk_reader_done(&reader);
}

static bool take(struct gcks *g, const struct gk_record *record)
{
    struct gk_octets value = gk_secret_octets(&record->value);
    uint32_t number = 0;

    switch (record->key.data[0]) {
    case GCKS_RECORD_SEEN:
        return record->key.size == 1 + GCKS_DIGEST &&
               gcks_seen_restore(g, record->key.data + 1, value);
    case GCKS_RECORD_EXCLUSION:
        if (record->key.size != 1 + GCKS_DIGEST || !value.size)
            return false;
        gcks_exclusion_restore(g, record->key.data + 1, value);
        return true;
    default:
        break;
    }
    if (!read_number(record->key, &number))
        return false;
    /* There is one of each: a second would take the first one's place. */
    if (number &&
        (record->key.data[0] == GCKS_RECORD_COUNTERS || record->key.data[0] == GCKS_RECORD_GTPKS))
        return false;
    switch (record->key.data[0]) {
    case GCKS_RECORD_COUNTERS:
        return read_counters(g, value);
    case GCKS_RECORD_GTPKS:
        return read_gtpks(g, value);
    case GCKS_RECORD_TRAIL:
        return gcks_trail_restore(g, number, value);
    case GCKS_RECORD_ENTRY:
        return gcks_entry_restore(g, number, value);
    case GCKS_RECORD_PART:
        return gcks_event_restore_part(g, number, value);
    case GCKS_RECORD_MESSAGE:
        return gcks_event_restore_message(g, number, value);
    default:
        return false;
    }
}

static bool is_kind(const struct gk_record *record, enum gcks_kind kind)
{
    return record->key.size && record->key.data[0] == (uint8_t)kind;
}

const struct gk_record *gcks_records_find(const struct gk_record *records, size_t count,
                                          enum gcks_kind kind)
{
    for (size_t i = 0; i < count; i++) {
        if (is_kind(&records[i], kind))
            return &records[i];
    }
    return NULL;
}

/* Kind by kind, since entries lean on tree and trails. */
bool gcks_records_take(struct gcks *g, const struct gk_record *records, size_t count,
                       enum gcks_kind kind, struct gk_reason *why)
{
    for (size_t i = 0; i < count; i++) {
        if (is_kind(&records[i], kind) && !take(g, &records[i]))
            return gk_refuse(why, GK_NONE, i, "records",
                             "stored record %zu of kind %c does not fit the others", i, (char)kind);
    }
    return true;
}

bool gcks_records_take_tree(struct gcks *g, const struct gk_record *records, size_t count,
                            struct gk_reason *why)
{
    struct gk_lkh_blob *blobs = gk_alloc(count, sizeof *blobs);
    size_t found = 0;
    bool good = true;

    for (size_t i = 0; i < count && good; i++) {
        if (!is_kind(&records[i], GCKS_RECORD_TREE))
            continue;
        good = read_number(records[i].key, &blobs[found].number) ||
               gk_refuse(why, GK_NONE, i, "records",
                         "stored record %zu of kind %c has a key of the wrong size", i,
                         (char)GCKS_RECORD_TREE);
        blobs[found++].octets = gk_secret_octets(&records[i].value);
    }
    if (good && found) {
        g->lkh = gk_lkh_load(blobs, found, g->config.random, why);
        good = g->lkh != NULL;
    }
    for (size_t i = 0; i < found && good; i++)
        know_blob(g, blobs[i].number, false);
    free(blobs);
    return good;
}

/* --- the end of the group -------------------------------------------------------------------- */

void gcks_records_wipe(struct gcks *g)
{
    for (size_t i = 0; i < g->blobs.room; i++) {
        if (g->blobs.slot[i].handle)
            gcks_record_numbered_gone(g, GCKS_RECORD_TREE, g->blobs.slot[i].handle - 1);
    }
    gcks_index_free(&g->blobs);
    gcks_record_numbered_gone(g, GCKS_RECORD_GTPKS, 0);
    gcks_record_numbered_gone(g, GCKS_RECORD_TOKEN, 0);
    gcks_record_numbered_gone(g, GCKS_RECORD_STAGED, 0);
    for (uint32_t i = 0; i < g->seen_count; i++) {
        if (g->seen[i].used)
            gcks_record_named(g, GCKS_RECORD_SEEN, g->seen[i].who, NULL);
    }
    for (uint32_t i = 0; i < g->exclusion_count; i++)
        gcks_record_named(g, GCKS_RECORD_EXCLUSION, g->exclusion[i].digest, NULL);
    gcks_seen_free(g);
    gcks_exclusions_free(g);
}

void gcks_records_forget_members(struct gcks *g)
{
    for (uint32_t i = 0; i < g->entry_count; i++) {
        if (g->entry[i].person.size)
            gcks_record_numbered_gone(g, GCKS_RECORD_ENTRY, i);
    }
    for (uint32_t i = 0; i < g->trail_count; i++) {
        if (g->trail[i].ca)
            gcks_record_numbered_gone(g, GCKS_RECORD_TRAIL, i);
    }
    gcks_entries_free(g);
}
