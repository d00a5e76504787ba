/* SPDX-License-Identifier: Apache-2.0 */
/* The ring: what it holds, and its records. */
#include "gsakmp/ring-internal.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/suite.h"

#define RECORD_VERSION 1

/* --- keys ---------------------------------------------------------------------- */

struct gk_ring_key *gk_ring_keys_find(struct gk_ring_keys *keys, uint32_t id)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->key[i].id == id)
            return &keys->key[i];
    }
    return NULL;
}

size_t gk_ring_keys_gtpks(const struct gk_ring_keys *keys)
{
    size_t count = 0;

    while (count < keys->count && keys->key[count].gtpk)
        count++;
    return count;
}

void gk_ring_keys_free(struct gk_ring_keys *keys)
{
    if (keys)
        gk_wipe(keys, sizeof *keys);
    free(keys);
}

void gk_ring_version_set(struct gk_ring_version *version, const struct gk_key_datum *datum)
{
    /* Copied first: the datum may borrow from this very version. */
    struct gk_ring_version fresh = {
        .type = datum->type,
        .size = (uint8_t)datum->key.size,
        .handle = datum->handle,
        .created = datum->created,
        .expires = datum->expires,
    };

    if (datum->key.size)
        memcpy(fresh.key, datum->key.data, datum->key.size);
    *version = fresh;
    gk_wipe(&fresh, sizeof fresh);
}

struct gk_octets gk_ring_version_key(const struct gk_ring_version *version)
{
    return gk_octets(version->key, version->size);
}

static struct gk_key_datum datum_of(uint32_t id, const struct gk_ring_version *version)
{
    return (struct gk_key_datum){.type = version->type,
                                 .id = id,
                                 .handle = version->handle,
                                 .created = version->created,
                                 .expires = version->expires,
                                 .key = gk_ring_version_key(version)};
}

bool gk_ring_datum_ok(const struct gk_key_datum *datum, struct gk_reason *why)
{
    if (datum->expires <= datum->created)
        return gk_refuse(why, GK_INVALID_KEY_INFORMATION, GK_NO_OFFSET, "key-expiration",
                         "key %08lx expires no later than it was created",
                         (unsigned long)datum->id);
    if (datum->key.size > GK_RING_KEY_MAX)
        return gk_refuse(why, GK_INVALID_KEY_INFORMATION, GK_NO_OFFSET, "key-size",
                         "key %08lx has %zu octets, at most %d are taken", (unsigned long)datum->id,
                         datum->key.size, GK_RING_KEY_MAX);
    return true;
}

/* --- from a Key Download ---------------------------------------------------------- */

static bool wraps(uint16_t type)
{
    const struct gk_wrap *wrap = gk_wrap_find(type);

    return wrap && wrap->run;
}

static bool take(struct gk_ring *ring, const struct gk_key_datum *datum, bool gtpk,
                 struct gk_reason *why)
{
    struct gk_ring_keys *keys = ring->keys;

    if (gk_ring_keys_find(keys, datum->id))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "key-id-twice",
                         "key %08lx comes twice", (unsigned long)datum->id);
    if (gtpk != (datum->id >= GK_GTPK_ID_LEAST))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "key-id-range",
                         "%08lx is no KeyID of a %s", (unsigned long)datum->id,
                         gtpk ? "GTPK" : "KEK");
    if (!gk_ring_datum_ok(datum, why))
        return false;
    keys->key[keys->count].id = datum->id;
    keys->key[keys->count].gtpk = gtpk;
    gk_ring_version_set(&keys->key[keys->count].now, datum);
    keys->count++;
    return true;
}

static bool take_array(struct gk_ring *ring, const struct gk_rekey_array *array,
                       struct gk_reason *why)
{
    if (array->version != 1) /* RFC 4535 7.4.1.2, A.2 */
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "rekey-version",
                         "Rekey Version %u, only 1 is known", array->version);
    if (!array->count || array->count > GK_REKEY_ARRAY_KEKS)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "rekey-array-count",
                         "a Rekey Array of %zu KEKs, 1 to %d are taken", array->count,
                         GK_REKEY_ARRAY_KEKS);
    ring->has_array = true;
    ring->member_id = array->member_id;
    for (size_t i = 0; i < array->count; i++) {
        if (!wraps(array->kek[i].type))
            return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "kek-type",
                             "key type %u wraps no keys here", (unsigned)array->kek[i].type);
        if (!take(ring, &array->kek[i], false, why))
            return false;
    }
    return true;
}

struct gk_ring *gk_ring_new(const struct gk_key_download *download, struct gk_reason *why)
{
    struct gk_ring *ring = gk_alloc(1, sizeof *ring);
    bool good = true;

    ring->keys = gk_alloc(1, sizeof *ring->keys);
    if (!download->gtpk_count || download->gtpk_count > GK_KEY_DOWNLOAD_GTPKS)
        good = gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "gtpk-count",
                         "a Key Download with %zu GTPKs, 1 to %d are taken", download->gtpk_count,
                         GK_KEY_DOWNLOAD_GTPKS);
    for (size_t i = 0; good && i < download->gtpk_count; i++)
        good = take(ring, &download->gtpk[i], true, why);
    if (good && download->has_array)
        good = take_array(ring, &download->array, why);
    if (good)
        return ring;
    gk_ring_free(ring);
    return NULL;
}

void gk_ring_free(struct gk_ring *ring)
{
    if (!ring)
        return;
    gk_ring_end_event(ring);
    gk_ring_keys_free(ring->keys);
    free(ring);
}

/* --- what it holds ------------------------------------------------------------------ */

bool gk_ring_member_id(const struct gk_ring *ring, uint32_t *member_id)
{
    if (ring->has_array)
        *member_id = ring->member_id;
    return ring->has_array;
}

bool gk_ring_find(const struct gk_ring *ring, uint32_t id, struct gk_key_datum *datum)
{
    const struct gk_ring_key *key = gk_ring_keys_find(ring->keys, id);

    if (key)
        *datum = datum_of(id, &key->now);
    return key;
}

bool gk_ring_find_before(const struct gk_ring *ring, uint32_t id, struct gk_key_datum *datum)
{
    const struct gk_ring_key *key = gk_ring_keys_find(ring->keys, id);

    if (!key || !key->has_before)
        return false;
    *datum = datum_of(id, &key->before);
    return true;
}

bool gk_ring_at(const struct gk_ring *ring, size_t index, struct gk_key_datum *datum)
{
    if (index >= ring->keys->count)
        return false;
    *datum = datum_of(ring->keys->key[index].id, &ring->keys->key[index].now);
    return true;
}

static gk_time newest(const struct gk_ring *ring, size_t count)
{
    gk_time time = INT64_MIN;

    for (size_t i = 0; i < count; i++) {
        if (ring->keys->key[i].now.created > time)
            time = ring->keys->key[i].now.created;
    }
    return time;
}

gk_time gk_ring_newest(const struct gk_ring *ring)
{
    return newest(ring, ring->keys->count);
}

gk_time gk_ring_newest_gtpk(const struct gk_ring *ring)
{
    return newest(ring, gk_ring_keys_gtpks(ring->keys));
}

static bool among(uint32_t id, const uint32_t *ids, size_t count)
{
    while (count && ids[count - 1] != id)
        count--;
    return count;
}

void gk_ring_keep(struct gk_ring *ring, const uint32_t *gtpk, size_t count)
{
    struct gk_ring_keys *keys = ring->keys;
    size_t kept = 0;

    for (size_t i = 0; i < keys->count; i++) {
        if (keys->key[i].gtpk && !among(keys->key[i].id, gtpk, count))
            continue;
        if (kept != i)
            keys->key[kept] = keys->key[i];
        kept++;
    }
    gk_wipe(&keys->key[kept], (keys->count - kept) * sizeof *keys->key);
    keys->count = kept;
}

/* --- records ------------------------------------------------------------------------ */

void gk_ring_write(const struct gk_ring *ring, struct gk_writer *to)
{
    size_t gtpks = gk_ring_keys_gtpks(ring->keys);

    gk_write_u8(to, RECORD_VERSION);
    gk_write_u8(to, ring->has_array);
    gk_write_u32(to, ring->member_id);
    gk_write_u8(to, (uint8_t)gtpks);
    gk_write_u8(to, (uint8_t)(ring->keys->count - gtpks));
    for (size_t i = 0; i < ring->keys->count; i++) {
        struct gk_key_datum datum = datum_of(ring->keys->key[i].id, &ring->keys->key[i].now);

        gk_key_datum_write(&datum, to);
    }
}

static bool read_record(struct gk_key_download *download, struct gk_reader *reader,
                        struct gk_reason *why)
{
    uint8_t version = gk_read_u8(reader);
    uint8_t has_array = gk_read_u8(reader);

    download->array.version = 1;
    download->array.member_id = gk_read_u32(reader);
    download->has_array = has_array;
    download->gtpk_count = gk_read_u8(reader);
    download->array.count = gk_read_u8(reader);
    if (!gk_reader_ok(reader) || version != RECORD_VERSION || has_array > 1 ||
        download->gtpk_count > GK_KEY_DOWNLOAD_GTPKS ||
        download->array.count > (has_array ? GK_REKEY_ARRAY_KEKS : 0))
        return gk_refuse(why, GK_NONE, gk_reader_offset(reader), "ring-record",
                         "the record of a key ring has an impossible head");
    for (size_t i = 0; i < download->gtpk_count; i++) {
        if (!gk_key_datum_read(&download->gtpk[i], reader, why))
            return false;
    }
    for (size_t i = 0; i < download->array.count; i++) {
        if (!gk_key_datum_read(&download->array.kek[i], reader, why))
            return false;
    }
    return gk_reader_done(reader) ||
           gk_refuse(why, GK_NONE, gk_reader_offset(reader), "ring-record",
                     "octets are left behind the record of a key ring");
}

struct gk_ring *gk_ring_read(struct gk_octets from, struct gk_reason *why)
{
    struct gk_key_download *download = gk_alloc(1, sizeof *download);
    struct gk_reader reader = gk_reader(from);
    struct gk_ring *ring = NULL;

    if (read_record(download, &reader, why))
        ring = gk_ring_new(download, why);
    free(download);
    return ring;
}
