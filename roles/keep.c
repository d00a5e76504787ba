/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/keep.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS ((size_t)2 * RULES_GTPKS) /* those of a token, and those of the one before */
/* The UTC clock may be set: an expiration is looked for at least this often. */
#define LOOK_MS 60000

struct version {
    uint32_t handle;
    uint16_t type;
    gk_time created, expires;
    int64_t sends_from; /* monotonic ms */
    int64_t until;      /* monotonic ms; GK_NO_TICK while it is the newest */
    bool told;          /* that it sends */
    struct gk_secret key;
};

/* One KeyID; the newest version last. */
struct slot {
    uint32_t id;
    bool gone; /* from the token: nothing is sent under it */
    size_t count;
    struct version version[KEEP_VERSIONS];
};

struct keep {
    int64_t overlap, activation;
    void (*tell)(void *context, enum keep_change change, const struct member_key *key);
    void *context;
    size_t count;
    struct slot slot[SLOTS];
};

const char *keep_use_name(enum keep_use use)
{
    static const char *const names[] = {
        [KEEP_SEND] = "send", [KEEP_RECEIVE] = "receive", [KEEP_NEXT] = "next"};

    return names[use];
}

struct keep *keep_new(int64_t overlap, int64_t activation,
                      void (*tell)(void *context, enum keep_change change,
                                   const struct member_key *key),
                      void *context)
{
    struct keep *keep = gk_alloc(1, sizeof *keep);

    keep->activation = activation;
    keep->overlap = overlap > activation ? overlap : activation;
    keep->tell = tell;
    keep->context = context;
    return keep;
}

void keep_clear(struct keep *keep)
{
    for (size_t i = 0; i < keep->count; i++) {
        for (size_t j = 0; j < keep->slot[i].count; j++)
            gk_secret_free(&keep->slot[i].version[j].key);
    }
    keep->count = 0;
}

void keep_free(struct keep *keep)
{
    if (keep)
        keep_clear(keep);
    free(keep);
}

static struct member_key key_of(const struct slot *slot, const struct version *version)
{
    return (struct member_key){slot->id,         version->handle,  version->type,
                               version->created, version->expires, gk_secret_octets(&version->key)};
}

static void tell(const struct keep *keep, enum keep_change change, const struct slot *slot,
                 const struct version *version)
{
    struct member_key key = key_of(slot, version);

    key.key = GK_NO_OCTETS; /* of no use to whoever tells it on */
    if (keep->tell)
        keep->tell(keep->context, change, &key);
}

static bool serves(const struct version *version, const struct gk_now *now)
{
    return version->expires > now->utc && version->until > now->ms;
}

/* The version that sends: the newest whose time has come, else the oldest that serves; the
 * slot's count for none. */
static size_t sender(const struct slot *slot, const struct gk_now *now)
{
    size_t found = slot->count;

    for (size_t i = slot->count; i-- && !slot->gone;) {
        if (!serves(&slot->version[i], now))
            continue;
        found = i;
        if (slot->version[i].sends_from <= now->ms)
            break;
    }
    return found;
}

static void drop(struct slot *slot, size_t at)
{
    gk_secret_free(&slot->version[at].key);
    slot->count--;
    memmove(&slot->version[at], &slot->version[at + 1],
            (slot->count - at) * sizeof slot->version[0]);
    slot->version[slot->count] = (struct version){0};
}

static void drop_slot(struct keep *keep, size_t at)
{
    while (keep->slot[at].count)
        drop(&keep->slot[at], 0);
    keep->count--;
    memmove(&keep->slot[at], &keep->slot[at + 1], (keep->count - at) * sizeof keep->slot[0]);
}

static void end(const struct keep *keep, struct slot *slot, size_t at, enum keep_change change)
{
    struct version ended = slot->version[at];

    ended.key = (struct gk_secret){0};
    drop(slot, at);
    tell(keep, change, slot, &ended);
}

static void tick_slot(const struct keep *keep, struct slot *slot, const struct gk_now *now)
{
    size_t sends;
    bool news;

    for (size_t i = slot->count; i--;) {
        if (!serves(&slot->version[i], now))
            end(keep, slot, i, slot->version[i].expires <= now->utc ? KEEP_EXPIRED : KEEP_RETIRED);
    }
    sends = sender(slot, now);
    if (sends == slot->count)
        return;
    news = !slot->version[sends].told;
    for (size_t i = 0; i <= sends; i++)
        slot->version[i].told = true; /* one that was overtaken never sends */
    if (news)
        tell(keep, KEEP_ACTIVE, slot, &slot->version[sends]);
}

void keep_tick(struct keep *keep, const struct gk_now *now)
{
    for (size_t i = keep->count; i--;) {
        tick_slot(keep, &keep->slot[i], now);
        if (!keep->slot[i].count)
            drop_slot(keep, i);
    }
}

/* --- taking ---------------------------------------------------------------------------- */

static bool same(const struct version *version, const struct member_key *key)
{
    return version->handle == key->handle &&
           gk_octets_equal(gk_secret_octets(&version->key), key->key);
}

static void supersede(const struct keep *keep, struct slot *slot, const struct gk_now *now)
{
    for (size_t i = 0; i < slot->count; i++) {
        if (slot->version[i].until == GK_NO_TICK)
            slot->version[i].until = now->ms + keep->overlap;
    }
}

static void add(const struct keep *keep, struct slot *slot, const struct gk_now *now,
                const struct member_key *key, bool at_once)
{
    struct version *fresh;

    supersede(keep, slot, now);
    if (slot->count == KEEP_VERSIONS)
        end(keep, slot, 0, KEEP_RETIRED);
    fresh = &slot->version[slot->count++];
    *fresh = (struct version){
        .handle = key->handle,
        .type = key->type,
        .created = key->created,
        .expires = key->expires,
        .sends_from = now->ms + (at_once ? 0 : keep->activation),
        .until = GK_NO_TICK,
        .key = gk_secret_copy(key->key),
    };
    tell(keep, KEEP_NEW, slot, fresh);
}

static size_t find(const struct keep *keep, uint32_t id)
{
    size_t at = 0;

    while (at < keep->count && keep->slot[at].id != id)
        at++;
    return at;
}

/* The slot of a KeyID, at its place in the token's order. */
static struct slot *place(struct keep *keep, size_t wanted, uint32_t id)
{
    size_t at = find(keep, id);
    struct slot moved = {.id = id};

    if (at == keep->count && keep->count == SLOTS)
        drop_slot(keep, --at);
    if (at < keep->count)
        moved = keep->slot[at];
    else
        keep->count++;
    memmove(&keep->slot[wanted + 1], &keep->slot[wanted], (at - wanted) * sizeof keep->slot[0]);
    keep->slot[wanted] = moved;
    return &keep->slot[wanted];
}

void keep_take(struct keep *keep, const struct gk_now *now, const struct member_key *keys,
               size_t count, bool joined)
{
    for (size_t i = 0; i < count && i < RULES_GTPKS; i++) {
        struct slot *slot = place(keep, i, keys[i].id);
        bool held = slot->count && same(&slot->version[slot->count - 1], &keys[i]);

        slot->gone = false;
        if (!held)
            add(keep, slot, now, &keys[i], joined || !slot->count);
        else
            slot->version[slot->count - 1].until = GK_NO_TICK;
    }
    for (size_t i = count; i < keep->count; i++) {
        keep->slot[i].gone = true;
        supersede(keep, &keep->slot[i], now);
    }
    keep_tick(keep, now);
}

/* --- asking ---------------------------------------------------------------------------- */

int64_t keep_due(const struct keep *keep, const struct gk_now *now)
{
    int64_t due = GK_NO_TICK;

    for (size_t i = 0; i < keep->count; i++) {
        for (size_t j = 0; j < keep->slot[i].count; j++) {
            const struct version *version = &keep->slot[i].version[j];
            int64_t left = version->expires - now->utc;
            int64_t look = now->ms + (left < LOOK_MS / 1000 ? left * 1000 : LOOK_MS);

            if (version->until < due)
                due = version->until;
            if (!version->told && !keep->slot[i].gone && version->sends_from < due)
                due = version->sends_from;
            if (version->expires != GK_TIME_NEVER && look < due)
                due = look;
        }
    }
    return due;
}

bool keep_at(const struct keep *keep, size_t index, const struct gk_now *now, struct keep_key *key)
{
    for (size_t i = 0; i < keep->count; i++) {
        const struct slot *slot = &keep->slot[i];
        size_t sends = sender(slot, now);

        for (size_t j = slot->count; j--;) {
            const struct version *version = &slot->version[j];

            if (!serves(version, now) || index--)
                continue;
            key->key = key_of(slot, version);
            key->use = j == sends                          ? KEEP_SEND
                       : j > sends && sends != slot->count ? KEEP_NEXT
                                                           : KEEP_RECEIVE;
            key->left = key->use == KEEP_NEXT      ? version->sends_from - now->ms
                        : key->use == KEEP_RECEIVE ? version->until - now->ms
                                                   : 0;
            return true;
        }
    }
    return false;
}
