/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rekey Events at the member (RFC 4535 7.5.2, profile 9.6, 9.10): each message works on a
 * copy of the keys, which takes their place when all of the message was good.
 */
#include "gsakmp/ring-internal.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/suite.h"

struct item {
    uint32_t id, handle;
    struct gk_octets sealed;
    bool waited; /* from an earlier message: the ring owns the octets */
    bool done;
};

struct work {
    const struct gk_ring_rules *rules;
    struct gk_ring_keys *keys;
    struct item item[2 * GK_RING_WAITING]; /* those that waited come first */
    size_t count;
};

void gk_ring_begin_event(struct gk_ring *ring)
{
    gk_ring_end_event(ring);
    for (size_t i = 0; i < ring->keys->count; i++) {
        struct gk_ring_key *key = &ring->keys->key[i];

        key->before = key->now;
        key->has_before = true;
        key->brought = false;
    }
}

void gk_ring_end_event(struct gk_ring *ring)
{
    while (ring->waiting_count)
        free(ring->waiting[--ring->waiting_count].sealed);
}

bool gk_ring_brought(const struct gk_ring *ring, const uint32_t *gtpk, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct gk_ring_key *key = gk_ring_keys_find(ring->keys, gtpk[i]);

        if (!key || !key->brought)
            return false;
    }
    return true;
}

bool gk_ring_changed(const struct gk_ring *ring, uint32_t id)
{
    const struct gk_ring_key *key = gk_ring_keys_find(ring->keys, id);

    return key && (!key->has_before || key->before.handle != key->now.handle);
}

/* --- which data are for this member -------------------------------------------------- */

static bool in_array(struct gk_ring_keys *keys, uint32_t id)
{
    const struct gk_ring_key *key = gk_ring_keys_find(keys, id);

    return key && !key->gtpk;
}

static bool add_item(struct work *work, const struct item *item, struct gk_reason *why)
{
    if (work->count == sizeof work->item / sizeof *work->item)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "rekey-data-many",
                         "more than %d Rekey Event Data for one member wait for their keys",
                         GK_RING_WAITING);
    work->item[work->count++] = *item;
    return true;
}

static bool collect(struct work *work, const struct gk_rekey_payload *payload,
                    struct gk_reason *why)
{
    struct gk_reader reader = gk_reader(payload->data);

    reader.base = payload->offset;
    for (unsigned i = 0; i < payload->count; i++) {
        struct gk_rekey_data data;
        struct item item = {0};

        if (!gk_rekey_data_read(&data, &reader, why))
            return false;
        item.id = data.wrapping_id;
        item.handle = data.wrapping_handle;
        item.sealed = data.sealed;
        if (in_array(work->keys, item.id) && !add_item(work, &item, why))
            return false;
    }
    return gk_reader_done(&reader) ||
           gk_refuse(why, GK_PAYLOAD_MALFORMED, gk_reader_offset(&reader), "rekey-data-count",
                     "octets are left behind %u Rekey Event Data", payload->count);
}

/* --- one package: RFC 4535 7.5.2, second list ------------------------------------------ */

static bool refuse_key(struct gk_reason *why, const char *code, uint32_t id, const char *what)
{
    return gk_refuse(why, GK_INVALID_KEY_INFORMATION, GK_NO_OFFSET, code, "key %08lx %s",
                     (unsigned long)id, what);
}

static bool allowed(const struct gk_ring_rules *rules, uint32_t id)
{
    for (size_t i = 0; i < rules->gtpk_count; i++) {
        if (rules->gtpk[i] == id)
            return id >= GK_GTPK_ID_LEAST;
    }
    return false;
}

/* RFC 4535 7.5.2, item 7: the expiration conforms with the policy. */
static bool life_ok(const struct gk_ring_rules *rules, const struct gk_key_datum *datum)
{
    for (size_t i = 0; rules->life && i < rules->gtpk_count; i++) {
        if (rules->gtpk[i] == datum->id)
            return datum->expires - datum->created <= rules->life[i].seconds &&
                   datum->expires <= rules->life[i].until;
    }
    return true;
}

static bool gtpk_ok(const struct work *work, const struct gk_key_datum *datum,
                    struct gk_reason *why)
{
    if (!allowed(work->rules, datum->id))
        return refuse_key(why, "gtpk-id", datum->id, "is no GTPK of the token");
    if (datum->type != work->rules->gtpk_type)
        return refuse_key(why, "gtpk-type", datum->id, "has not the GTPKs' key type");
    if (!life_ok(work->rules, datum))
        return refuse_key(why, "gtpk-life", datum->id, "expires later than the token lets it");
    if (!gk_ring_keys_find(work->keys, datum->id) &&
        gk_ring_keys_gtpks(work->keys) == GK_KEY_DOWNLOAD_GTPKS)
        return refuse_key(why, "gtpk-many", datum->id, "is one GTPK too many");
    return true;
}

static bool kek_ok(const struct work *work, const struct gk_key_datum *datum, struct gk_reason *why)
{
    const struct gk_ring_key *held = gk_ring_keys_find(work->keys, datum->id);

    if (!held || held->gtpk)
        return refuse_key(why, "kek-id", datum->id, "is not in the member's Rekey Array");
    if (datum->type != held->now.type)
        return refuse_key(why, "kek-type", datum->id, "has not the KEKs' key type");
    return true;
}

static bool differs(const struct gk_ring_version *held, const struct gk_key_datum *datum)
{
    return held->handle == datum->handle && !gk_octets_equal(gk_ring_version_key(held), datum->key);
}

static bool package_ok(const struct work *work, uint8_t kdd_type, const struct gk_key_datum *datum,
                       struct gk_reason *why)
{
    const struct gk_wrap *wrap = gk_wrap_find(datum->type);
    const struct gk_ring_key *held = gk_ring_keys_find(work->keys, datum->id);

    if (kdd_type == GK_KDD_GTPK ? !gtpk_ok(work, datum, why) : !kek_ok(work, datum, why))
        return false;
    if (wrap && wrap->private_use && !work->rules->vendor)
        return refuse_key(why, "key-vendor", datum->id,
                          "has a private-use type in a message without our Vendor ID");
    if (!gk_ring_datum_ok(datum, why))
        return false;
    if (!held)
        return true;
    if (datum->created < held->now.created) /* profile 9.5: only an earlier one */
        return refuse_key(why, "key-created", datum->id, "is older than the one held");
    if (differs(&held->now, datum) || (held->has_before && differs(&held->before, datum)))
        return refuse_key(why, "key-handle", datum->id, "has the handle of another key");
    return true;
}

static struct gk_ring_key *insert_gtpk(struct gk_ring_keys *keys, uint32_t id)
{
    size_t at = gk_ring_keys_gtpks(keys);

    memmove(&keys->key[at + 1], &keys->key[at], (keys->count - at) * sizeof *keys->key);
    gk_wipe(&keys->key[at], sizeof *keys->key);
    keys->count++;
    keys->key[at].id = id;
    keys->key[at].gtpk = true;
    return &keys->key[at];
}

static void install(struct gk_ring_keys *keys, const struct gk_key_datum *datum)
{
    struct gk_ring_key *key = gk_ring_keys_find(keys, datum->id);

    if (!key)
        key = insert_gtpk(keys, datum->id);
    gk_ring_version_set(&key->now, datum);
    key->brought = true;
}

/* --- one datum -------------------------------------------------------------------------- */

static bool install_all(struct work *work, struct gk_octets plain, struct gk_reason *why)
{
    struct gk_packages packages;
    struct gk_key_datum datum;
    uint8_t kdd_type;
    bool more = true;

    if (!gk_packages_begin(&packages, plain, why))
        return false;
    for (;;) {
        if (!gk_packages_next(&packages, &kdd_type, &datum, &more, why))
            return false;
        if (!more)
            return true;
        if (!package_ok(work, kdd_type, &datum, why))
            return false;
        install(work->keys, &datum);
    }
}

static const struct gk_ring_version *find_version(struct gk_ring_keys *keys,
                                                  const struct item *item)
{
    const struct gk_ring_key *key = gk_ring_keys_find(keys, item->id);

    if (key->now.handle == item->handle)
        return &key->now;
    return key->has_before && key->before.handle == item->handle ? &key->before : NULL;
}

static bool open_item(struct work *work, const struct gk_ring_version *version,
                      const struct item *item, struct gk_reason *why)
{
    const struct gk_wrap *wrap = gk_wrap_find(version->type);
    struct gk_secret plain = {0};
    struct gk_writer aad = {0};
    bool good;

    gk_aad_rekey(&aad, work->rules->group_value, item->id, item->handle);
    good = gk_wrap_open(wrap, gk_ring_version_key(version), gk_writer_octets(&aad), item->sealed,
                        &plain, why) &&
           (install_all(work, gk_secret_octets(&plain), why) || gk_wrap_refused(wrap, why));
    gk_secret_free(&plain);
    gk_writer_free(&aad);
    return good;
}

/* A datum that waited and is bad leaves the keys as they were. */
static void open_waited(struct work *work, const struct gk_ring_version *version,
                        const struct item *item)
{
    struct gk_ring_keys *kept = gk_alloc(1, sizeof *kept);

    *kept = *work->keys;
    if (!open_item(work, version, item, NULL))
        *work->keys = *kept;
    gk_ring_keys_free(kept);
}

/* Until nothing more opens. False when a datum of this message is bad; one that waited and
 * is bad is dropped. */
static bool open_all(struct work *work, struct gk_reason *why)
{
    bool again = true;

    while (again) {
        again = false;
        for (size_t i = 0; i < work->count; i++) {
            struct item *item = &work->item[i];
            const struct gk_ring_version *version =
                item->done ? NULL : find_version(work->keys, item);

            if (!version)
                continue;
            if (item->waited)
                open_waited(work, version, item);
            else if (!open_item(work, version, item, why))
                return false;
            item->done = again = true;
        }
    }
    return true;
}

/* --- one message ------------------------------------------------------------------------- */

static size_t still_closed(const struct work *work)
{
    size_t count = 0;

    for (size_t i = 0; i < work->count; i++)
        count += !work->item[i].done;
    return count;
}

static void keep_waiting(struct gk_ring *ring, const struct work *work)
{
    size_t kept = 0;

    for (size_t i = 0; i < work->count; i++) {
        const struct item *item = &work->item[i];
        struct gk_ring_waiting fresh = {item->id, item->handle, NULL, item->sealed.size};

        if (item->waited)
            fresh.sealed = ring->waiting[i].sealed;
        if (item->done) {
            free(fresh.sealed);
            continue;
        }
        if (!item->waited) {
            fresh.sealed = gk_alloc(fresh.size, 1);
            memcpy(fresh.sealed, item->sealed.data, fresh.size);
        }
        ring->waiting[kept++] = fresh;
    }
    ring->waiting_count = kept;
}

static bool work_through(struct gk_ring *ring, struct work *work,
                         const struct gk_rekey_payload *payload, size_t count,
                         struct gk_reason *why)
{
    for (size_t i = 0; i < ring->waiting_count; i++) {
        const struct gk_ring_waiting *waiting = &ring->waiting[i];

        work->item[work->count++] = (struct item){
            waiting->id, waiting->handle, gk_octets(waiting->sealed, waiting->size), true, false};
    }
    for (size_t i = 0; i < count; i++) {
        if (!collect(work, &payload[i], why))
            return false;
    }
    if (!open_all(work, why))
        return false;
    if (still_closed(work) > GK_RING_WAITING)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "rekey-data-many",
                         "more than %d Rekey Event Data for one member wait for their keys",
                         GK_RING_WAITING);
    return true;
}

bool gk_ring_open(struct gk_ring *ring, const struct gk_ring_rules *rules,
                  const struct gk_rekey_payload *payload, size_t count, struct gk_reason *why)
{
    struct work *work = gk_alloc(1, sizeof *work);
    bool good;

    work->rules = rules;
    work->keys = gk_alloc(1, sizeof *work->keys);
    *work->keys = *ring->keys;
    good = work_through(ring, work, payload, count, why);
    if (good) {
        struct gk_ring_keys *old = ring->keys;

        keep_waiting(ring, work);
        ring->keys = work->keys;
        work->keys = old;
    }
    gk_ring_keys_free(work->keys);
    free(work);
    return good;
}
