/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identities as they are kept for as long as a membership: what the rules compare, without
 * certificate and key. The CAs of the path, long and shared by nearly all members, stand apart
 * as trails.
 */
#include "roles/gcks-internal.h"

#include <stdlib.h>
#include <string.h>

/* Key identifiers of all CAs, then the certificates of those that issued. */
static struct gk_secret trail_octets(const struct pki_identity *identity)
{
    struct gk_writer writer = {0};

    gk_write_u8(&writer, (uint8_t)identity->ca_count);
    for (size_t i = 0; i < identity->ca_count; i++) {
        gk_write_u8(&writer, identity->ca[i].size);
        gk_write(&writer, identity->ca[i].value, identity->ca[i].size);
    }
    gk_write_u8(&writer, (uint8_t)identity->issuer_count);
    for (size_t i = 0; i < identity->issuer_count; i++) {
        gk_write_u32(&writer, (uint32_t)identity->issuers[i].size); /* roots may be long */
        gk_write_octets(&writer, identity->issuers[i]);
    }
    return gk_writer_take(&writer);
}

static uint64_t trail_hash(const struct gcks *g, const struct gcks_trail *trail)
{
    return gcks_hash(g->seed, gk_secret_octets(&trail->octets));
}

static struct gcks_trail *trail_slot(struct gcks *g, uint32_t number)
{
    if (number >= g->trail_count) {
        g->trail = gk_realloc(g->trail, (size_t)number + 1, sizeof *g->trail);
        memset(g->trail + g->trail_count, 0, (number + 1 - g->trail_count) * sizeof *g->trail);
        g->trail_count = number + 1;
    }
    return &g->trail[number];
}

static bool read_cas(struct gk_reader *reader, struct gcks_trail *trail)
{
    struct pki_key_id ca[(PKI_PATH_MAX + 1) * 5] = {{0}};
    size_t count = gk_read_u8(reader);

    if (count > sizeof ca / sizeof *ca)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct gk_octets id;

        ca[i].size = gk_read_u8(reader);
        if (ca[i].size > sizeof ca[i].value)
            return false;
        id = gk_read_octets(reader, ca[i].size);
        if (gk_reader_ok(reader) && id.size)
            memcpy(ca[i].value, id.data, id.size);
    }
    trail->count = (uint8_t)count;
    trail->ca = gk_alloc(count, sizeof *trail->ca);
    for (size_t i = 0; i < count; i++)
        trail->ca[i] = ca[i];
    return true;
}

/* `octets` is taken; those of a record may be anything. */
static bool read_trail(struct gk_secret *octets, struct gcks_trail *trail)
{
    struct gk_reader reader = gk_reader(gk_secret_octets(octets));

    *trail = (struct gcks_trail){.octets = *octets, .asked = UINT64_MAX};
    *octets = (struct gk_secret){NULL, 0};
    if (!read_cas(&reader, trail))
        return false;
    trail->issuer_count = gk_read_u8(&reader);
    if (trail->issuer_count > PKI_PATH_MAX)
        return false;
    for (size_t i = 0; i < trail->issuer_count; i++)
        trail->issuers[i] = gk_read_octets(&reader, gk_read_u32(&reader));
    return gk_reader_done(&reader);
}

static void drop_trail(struct gcks_trail *trail)
{
    free(trail->ca);
    gk_secret_free(&trail->octets);
    *trail = (struct gcks_trail){0};
}

void gcks_trails_free(struct gcks *g)
{
    for (uint32_t i = 0; i < g->trail_count; i++)
        drop_trail(&g->trail[i]);
    free(g->trail);
    g->trail = NULL;
    g->trail_count = 0;
    gcks_index_free(&g->trails);
}

static uint32_t free_trail(const struct gcks *g)
{
    uint32_t number = 0;

    while (number < g->trail_count && g->trail[number].ca)
        number++;
    return number;
}

static uint32_t intern(struct gcks *g, const struct pki_identity *identity)
{
    struct gk_secret octets = trail_octets(identity);
    uint64_t hash = gcks_hash(g->seed, gk_secret_octets(&octets));
    size_t at = 0;
    uint32_t number;

    while (gcks_index_next(&g->trails, hash, &at, &number)) {
        if (gk_octets_equal(gk_secret_octets(&g->trail[number].octets),
                            gk_secret_octets(&octets))) {
            gk_secret_free(&octets);
            g->trail[number].references++;
            return number;
        }
    }
    number = free_trail(g);
    (void)read_trail(&octets, trail_slot(g, number));
    g->trail[number].references = 1;
    gcks_index_add(&g->trails, hash, number);
    gcks_trail_record(g, number);
    return number;
}

void gcks_trail_record(struct gcks *g, uint32_t number)
{
    gcks_record_numbered(g, GCKS_RECORD_TRAIL, number, gk_secret_octets(&g->trail[number].octets));
}

bool gcks_trail_restore(struct gcks *g, uint32_t number, struct gk_octets value)
{
    struct gk_secret octets = gk_secret_copy(value);
    struct gcks_trail trail;

    if (!read_trail(&octets, &trail) || number > UINT16_MAX ||
        (number < g->trail_count && g->trail[number].ca)) {
        drop_trail(&trail);
        return false;
    }
    *trail_slot(g, number) = trail;
    gcks_index_add(&g->trails, trail_hash(g, &trail), number);
    return true;
}

/* --- persons ------------------------------------------------------------------------ */

struct gk_secret gcks_person(struct gcks *g, const struct pki_identity *identity)
{
    struct gk_writer writer = {0};

    gk_write_v(&writer, identity->name_key);
    gk_write(&writer, identity->issuer, sizeof identity->issuer);
    gk_write_v(&writer, identity->name);
    gk_write_u32(&writer, intern(g, identity));
    gk_write(&writer, identity->fingerprint, sizeof identity->fingerprint);
    gk_write_v(&writer, identity->subject_der);
    gk_write_v(&writer, identity->subject_key_id);
    gk_write(&writer, identity->serial, sizeof identity->serial);
    gk_write_v(&writer, identity->serial_der);
    gk_write_v(&writer, identity->slash_name);
    gk_write_u8(&writer, identity->slash_ambiguous);
    gk_write_u16(&writer, (uint16_t)identity->san_count);
    for (size_t i = 0; i < identity->san_count; i++) {
        gk_write_u8(&writer, identity->san[i].id_type);
        gk_write_v(&writer, identity->san[i].value);
    }
    return gk_writer_take(&writer);
}

static struct gk_octets read_v(struct gk_reader *reader)
{
    return gk_read_octets(reader, gk_read_u16(reader));
}

static void read_into(struct gk_reader *reader, uint8_t *to, size_t size)
{
    struct gk_octets octets = gk_read_octets(reader, size);

    if (gk_reader_ok(reader))
        memcpy(to, octets.data, size);
}

static void read_who(struct gk_reader *reader, struct gcks_who *who)
{
    who->name_key = read_v(reader);
    who->issuer = gk_read_octets(reader, PKI_KEY_ID_SIZE).data;
    who->name = read_v(reader);
    who->trail = gk_read_u32(reader);
    who->fingerprint = gk_read_octets(reader, GK_SHA256_SIZE).data;
}

bool gcks_person_who(struct gk_octets person, struct gcks_who *who)
{
    struct gk_reader reader = gk_reader(person);

    read_who(&reader, who);
    return gk_reader_ok(&reader);
}

uint32_t gcks_trail_of(struct gk_octets person)
{
    struct gk_reader reader = gk_reader(person);
    struct gcks_who who;

    read_who(&reader, &who);
    return who.trail;
}

static bool read_sans(struct gk_reader *reader, struct pki_identity *identity)
{
    identity->san_count = gk_read_u16(reader);
    if (!gk_reader_ok(reader) || identity->san_count * 3 > gk_reader_left(reader))
        return false;
    identity->san = gk_alloc(identity->san_count, sizeof *identity->san);
    for (size_t i = 0; i < identity->san_count; i++) {
        identity->san[i].id_type = gk_read_u8(reader);
        identity->san[i].value = read_v(reader);
    }
    return gk_reader_done(reader);
}

bool gcks_person_open(const struct gcks *g, struct gk_octets person, struct pki_identity *identity)
{
    struct gk_reader reader = gk_reader(person);
    struct gcks_who who;

    *identity = (struct pki_identity){0};
    read_who(&reader, &who);
    if (!gk_reader_ok(&reader) || who.trail >= g->trail_count || !g->trail[who.trail].ca)
        return false;
    identity->name = who.name;
    identity->name_key = who.name_key;
    memcpy(identity->issuer, who.issuer, sizeof identity->issuer);
    memcpy(identity->fingerprint, who.fingerprint, sizeof identity->fingerprint);
    identity->ca_count = g->trail[who.trail].count;
    memcpy(identity->ca, g->trail[who.trail].ca, identity->ca_count * sizeof *identity->ca);
    identity->subject_der = read_v(&reader);
    identity->subject_key_id = read_v(&reader);
    read_into(&reader, identity->serial, sizeof identity->serial);
    identity->serial_der = read_v(&reader);
    identity->slash_name = read_v(&reader);
    identity->slash_ambiguous = gk_read_u8(&reader) != 0;
    if (read_sans(&reader, identity))
        return true;
    gcks_person_close(identity);
    return false;
}

void gcks_person_close(struct pki_identity *identity)
{
    free(identity->san);
    identity->san = NULL;
}

void gcks_person_drop(struct gcks *g, struct gk_secret *person)
{
    uint32_t number = gcks_trail_of(gk_secret_octets(person));
    struct gcks_trail *trail = &g->trail[number];

    gk_secret_free(person);
    if (--trail->references)
        return;
    gcks_index_drop(&g->trails, trail_hash(g, trail), number);
    drop_trail(trail);
    gcks_record_numbered_gone(g, GCKS_RECORD_TRAIL, number);
}
