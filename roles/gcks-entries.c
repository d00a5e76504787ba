/* SPDX-License-Identifier: Apache-2.0 */
/* Identities with leaves of the tree, and how leaves change hands (profile 9.13, 12.4). */
#include "roles/ask.h"
#include "roles/gcks-internal.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_of(const struct gcks *g, struct gk_octets name_key)
{
    return gcks_hash(g->seed, name_key);
}

static bool who_of(const struct gcks_entry *entry, struct gcks_who *who)
{
    return entry->person.size && gcks_person_who(gk_secret_octets(&entry->person), who);
}

uint32_t gcks_entry_named(const struct gcks *g, struct gk_octets name_key, size_t *at)
{
    uint64_t hash = hash_of(g, name_key);
    struct gcks_who who;
    uint32_t handle;

    while (gcks_index_next(&g->entries, hash, at, &handle)) {
        if (who_of(&g->entry[handle], &who) && gk_octets_compare(who.name_key, name_key) == 0)
            return handle;
    }
    return GCKS_NONE;
}

uint32_t gcks_entry_find(const struct gcks *g, const struct pki_identity *identity)
{
    struct gcks_who who;
    uint32_t handle;
    size_t at = 0;

    while ((handle = gcks_entry_named(g, identity->name_key, &at)) != GCKS_NONE) {
        if (who_of(&g->entry[handle], &who) &&
            memcmp(who.issuer, identity->issuer, PKI_KEY_ID_SIZE) == 0)
            return handle;
    }
    return GCKS_NONE;
}

static void make_room(struct gcks *g, uint32_t handle)
{
    if (handle >= g->entry_room) {
        g->entry_room = g->entry_room ? g->entry_room * 2 : 64;
        if (handle >= g->entry_room)
            g->entry_room = handle + 1;
        g->entry = gk_realloc(g->entry, g->entry_room, sizeof *g->entry);
    }
    for (; g->entry_count <= handle; g->entry_count++)
        g->entry[g->entry_count] = (struct gcks_entry){.session = GCKS_NONE, .next = GCKS_NONE};
}

uint32_t gcks_entry_make(struct gcks *g, const struct pki_identity *identity)
{
    uint32_t handle = g->entry_free;
    struct gcks_entry *entry;

    if (handle == GCKS_NONE) {
        handle = g->entry_count;
        make_room(g, handle);
    } else {
        g->entry_free = g->entry[handle].next;
    }
    entry = &g->entry[handle];
    *entry = (struct gcks_entry){.session = GCKS_NONE, .next = GCKS_NONE};
    entry->person = gcks_person(g, identity);
    gcks_index_add(&g->entries, hash_of(g, identity->name_key), handle);
    return handle;
}

static void forget(struct gcks *g, uint32_t handle)
{
    struct gcks_entry *entry = &g->entry[handle];
    struct gcks_who who;

    if (who_of(entry, &who))
        gcks_index_drop(&g->entries, hash_of(g, who.name_key), handle);
    gcks_person_drop(g, &entry->person);
    gcks_record_numbered_gone(g, GCKS_RECORD_ENTRY, handle);
    *entry = (struct gcks_entry){.session = GCKS_NONE, .next = g->entry_free};
    g->entry_free = handle;
}

/* --- leaves --------------------------------------------------------------------------- */

static struct gcks_leaf *leaf_in(struct gcks_entry *entry, enum gcks_leaf_state state)
{
    for (size_t i = 0; i < 2; i++) {
        if (entry->leaf[i].state == state)
            return &entry->leaf[i];
    }
    return NULL;
}

static void list_going(struct gcks *g, uint32_t handle)
{
    struct gcks_entry *entry = &g->entry[handle];

    if (entry->going)
        return;
    entry->going = true;
    entry->next = g->entry_going;
    g->entry_going = handle;
}

void gcks_entry_meet(struct gcks *g, uint32_t handle, const struct pki_identity *identity)
{
    struct gcks_entry *entry = &g->entry[handle];
    struct gk_secret old = entry->person;

    entry->person = gcks_person(g, identity);
    gcks_person_drop(g, &old);
}

/* Without a tree nothing has to be rekeyed first: the leaf is free at once. */
static void let_go(struct gcks *g, uint32_t handle, struct gcks_leaf *leaf)
{
    if (leaf->state == GCKS_LEAF_MEMBER)
        g->members--;
    if (g->lkh && gk_lkh_remove(g->lkh, leaf->id)) {
        leaf->state = GCKS_LEAF_GOING;
        list_going(g, handle);
    } else {
        *leaf = (struct gcks_leaf){0};
    }
}

bool gcks_entry_is_member(const struct gcks_entry *entry, uint32_t *leaf)
{
    for (size_t i = 0; i < 2; i++) {
        if (entry->leaf[i].state == GCKS_LEAF_MEMBER) {
            *leaf = entry->leaf[i].id;
            return true;
        }
    }
    return false;
}

static bool join(struct gcks *g, uint32_t handle, struct gcks_leaf *leaf, struct gk_reason *why)
{
    if (g->lkh)
        return gk_lkh_join(g->lkh, gcks_join_stamp(g), &leaf->id, why);
    leaf->id = handle * 2 + (uint32_t)(leaf - g->entry[handle].leaf) + 1;
    return true;
}

bool gcks_entry_take(struct gcks *g, uint32_t handle, uint32_t *id, struct gk_reason *why)
{
    struct gcks_entry *entry = &g->entry[handle];
    struct gcks_leaf *leaf = leaf_in(entry, GCKS_LEAF_GOING);

    if (leaf && gk_lkh_restore(g->lkh, leaf->id)) {
        leaf->state = GCKS_LEAF_PENDING;
        *id = leaf->id;
        return true;
    }
    leaf = leaf_in(entry, GCKS_LEAF_FREE);
    if (leaf && join(g, handle, leaf, why)) {
        leaf->state = GCKS_LEAF_PENDING;
        *id = leaf->id;
        return true;
    }
    if (gcks_entry_is_member(entry, id))
        return true;
    if (!entry->leaf[0].state && !entry->leaf[1].state)
        forget(g, handle);
    return false;
}

void gcks_entry_admit(struct gcks *g, uint32_t handle, uint32_t id)
{
    struct gcks_entry *entry = &g->entry[handle];

    for (size_t i = 0; i < 2; i++) {
        struct gcks_leaf *leaf = &entry->leaf[i];

        if (leaf->state == GCKS_LEAF_MEMBER && leaf->id != id) {
            let_go(g, handle, leaf);
        } else if (leaf->state == GCKS_LEAF_PENDING && leaf->id == id) {
            leaf->state = GCKS_LEAF_MEMBER;
            g->members++;
        }
    }
}

void gcks_entry_release(struct gcks *g, uint32_t handle, uint32_t id)
{
    struct gcks_entry *entry = &g->entry[handle];

    for (size_t i = 0; i < 2; i++) {
        if (entry->leaf[i].state == GCKS_LEAF_PENDING && entry->leaf[i].id == id)
            let_go(g, handle, &entry->leaf[i]);
    }
}

void gcks_entry_expel(struct gcks *g, uint32_t handle)
{
    struct gcks_entry *entry = &g->entry[handle];

    for (size_t i = 0; i < 2; i++) {
        if (entry->leaf[i].state == GCKS_LEAF_MEMBER || entry->leaf[i].state == GCKS_LEAF_PENDING)
            let_go(g, handle, &entry->leaf[i]);
    }
    gcks_trial_look(g, handle);
}

void gcks_entries_settle(struct gcks *g)
{
    uint32_t handle = g->entry_going;

    g->entry_going = GCKS_NONE;
    while (handle != GCKS_NONE) {
        struct gcks_entry *entry = &g->entry[handle];
        uint32_t next = entry->next;

        entry->going = false;
        entry->next = GCKS_NONE;
        for (size_t i = 0; i < 2; i++) {
            if (entry->leaf[i].state == GCKS_LEAF_GOING)
                entry->leaf[i] = (struct gcks_leaf){0};
        }
        gcks_entry_record(g, handle);
        handle = next;
    }
}

bool gcks_judge(const struct rules *rules, const struct pki_identity *identity,
                const struct gk_mechanism *mechanism, struct rules_verdict *verdict)
{
    return rules_member(rules, ask_registration(rules, mechanism), identity, verdict);
}

bool gcks_entry_judge(const struct gcks *g, const struct rules *rules,
                      const struct gcks_entry *entry, struct rules_verdict *verdict)
{
    struct pki_identity identity;
    bool granted;

    if (!gcks_person_open(g, gk_secret_octets(&entry->person), &identity))
        return false;
    granted = gcks_judge(rules, &identity, &entry->mechanism, verdict);
    gcks_person_close(&identity);
    return granted;
}

/* --- records ---------------------------------------------------------------------------- */

static void write_peer(const struct gk_peer *peer, struct gk_writer *to)
{
    gk_write_u8(to, (uint8_t)peer->transport);
    gk_write_u8(to, peer->address.family);
    gk_write(to, peer->address.ip, sizeof peer->address.ip);
    gk_write_u16(to, peer->address.port);
    gk_write_u32(to, peer->address.scope);
}

void gcks_entry_record(struct gcks *g, uint32_t handle)
{
    const struct gcks_entry *entry = &g->entry[handle];
    struct gk_writer writer = {0};

    if (!entry->person.size)
        return;
    if (!entry->leaf[0].state && !entry->leaf[1].state) {
        forget(g, handle);
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        gk_write_u8(&writer, entry->leaf[i].state);
        gk_write_u32(&writer, entry->leaf[i].id);
    }
    gk_write_u64(&writer, (uint64_t)entry->joined);
    write_peer(&entry->peer, &writer);
    gk_write_u16(&writer, entry->mechanism.signature);
    gk_write_u16(&writer, entry->mechanism.nonce_hash);
    gk_write_u16(&writer, entry->mechanism.key_creation);
    gk_write_u16(&writer, entry->mechanism.key_wrap);
    gk_write_octets(&writer, gk_secret_octets(&entry->person));
    gcks_record_numbered(g, GCKS_RECORD_ENTRY, handle, gk_writer_octets(&writer));
    gk_writer_free(&writer);
}

/* The connection of a stored address has ended with the engine's earlier life. */
static void read_peer(struct gk_reader *reader, struct gk_peer *peer)
{
    struct gk_octets ip;

    peer->transport = gk_read_u8(reader) == GK_TCP ? GK_TCP : GK_UDP;
    peer->address.family = gk_read_u8(reader);
    ip = gk_read_octets(reader, sizeof peer->address.ip);
    if (gk_reader_ok(reader))
        memcpy(peer->address.ip, ip.data, ip.size);
    peer->address.port = gk_read_u16(reader);
    peer->address.scope = gk_read_u32(reader);
}

static bool leaves_good(const struct gcks *g, const struct gcks_entry *entry)
{
    for (size_t i = 0; i < 2; i++) {
        const struct gcks_leaf *leaf = &entry->leaf[i];
        bool used = leaf->state == GCKS_LEAF_PENDING || leaf->state == GCKS_LEAF_MEMBER;

        if (leaf->state > GCKS_LEAF_GOING || (g->lkh && used != gk_lkh_in_use(g->lkh, leaf->id)))
            return false;
    }
    return entry->leaf[0].state || entry->leaf[1].state;
}

bool gcks_entry_restore(struct gcks *g, uint32_t handle, struct gk_octets value)
{
    struct gk_reader reader = gk_reader(value);
    struct gcks_entry entry = {.session = GCKS_NONE, .next = GCKS_NONE};
    struct pki_identity identity;
    struct gk_octets person;

    for (size_t i = 0; i < 2; i++) {
        entry.leaf[i].state = gk_read_u8(&reader);
        entry.leaf[i].id = gk_read_u32(&reader);
    }
    entry.joined = gcks_read_time(&reader);
    read_peer(&reader, &entry.peer);
    entry.mechanism.signature = gk_read_u16(&reader);
    entry.mechanism.nonce_hash = gk_read_u16(&reader);
    entry.mechanism.key_creation = gk_read_u16(&reader);
    entry.mechanism.key_wrap = gk_read_u16(&reader);
    person = gk_read_rest(&reader);
    if (!gk_reader_ok(&reader) || !leaves_good(g, &entry) ||
        (g->lkh && handle > gk_lkh_capacity(g->lkh)) || !gcks_person_open(g, person, &identity))
        return false;
    entry.person = gk_secret_copy(person);
    make_room(g, handle);
    g->entry[handle] = entry;
    g->trail[gcks_trail_of(person)].references++;
    gcks_index_add(&g->entries, hash_of(g, identity.name_key), handle);
    gcks_person_close(&identity);
    return true;
}

/* The sessions of the earlier life are gone: who has not acknowledged goes (RFC 4535
 * 5.2.1.4). */
bool gcks_entries_restored(struct gcks *g, struct gk_reason *why)
{
    uint32_t in_tree = g->lkh ? gk_lkh_members(g->lkh) : 0;
    uint32_t used = 0;

    for (uint32_t handle = g->entry_count; handle-- > 0;) {
        struct gcks_entry *entry = &g->entry[handle];

        if (!entry->person.size) {
            entry->next = g->entry_free;
            g->entry_free = handle;
            continue;
        }
        for (size_t i = 0; i < 2; i++) {
            struct gcks_leaf *leaf = &entry->leaf[i];

            used += leaf->state == GCKS_LEAF_PENDING || leaf->state == GCKS_LEAF_MEMBER;
            g->members += leaf->state == GCKS_LEAF_MEMBER;
            if (leaf->state == GCKS_LEAF_PENDING)
                let_go(g, handle, leaf);
            else if (leaf->state == GCKS_LEAF_GOING)
                list_going(g, handle);
        }
        if (entry->going || (!entry->leaf[0].state && !entry->leaf[1].state))
            gcks_entry_record(g, handle);
    }
    if (!g->lkh || used == in_tree)
        return true;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "records-tree",
                     "the stored tree has %lu leaves in use, stored members hold %lu",
                     (unsigned long)in_tree, (unsigned long)used);
}

void gcks_entries_free(struct gcks *g)
{
    for (uint32_t i = 0; i < g->entry_count; i++)
        gk_secret_free(&g->entry[i].person);
    free(g->entry);
    g->entry = NULL;
    g->entry_count = g->entry_room = g->members = 0;
    g->entry_free = g->entry_going = GCKS_NONE;
    gcks_index_free(&g->entries);
    gcks_trails_free(g);
}
