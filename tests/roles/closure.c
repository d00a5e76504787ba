/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/roles/closure.h"

#include <stdlib.h>

#include "gsakmp/message.h"
#include "roles/gcks-internal.h"

static const struct closure_key *find(const struct closure *closure, uint32_t id, uint32_t handle)
{
    for (size_t i = 0; i < closure->count; i++) {
        if (closure->key[i].id == id && closure->key[i].handle == handle)
            return &closure->key[i];
    }
    return NULL;
}

void closure_add(struct closure *closure, const struct gk_key_datum *datum)
{
    if (find(closure, datum->id, datum->handle))
        return;
    if (closure->count == closure->room) {
        closure->room = closure->room ? closure->room * 2 : 32;
        closure->key = gk_realloc(closure->key, closure->room, sizeof *closure->key);
    }
    closure->key[closure->count++] = (struct closure_key){
        .id = datum->id,
        .handle = datum->handle,
        .type = datum->type,
        .created = datum->created,
        .key = gk_secret_copy(datum->key),
    };
}

void closure_join(struct closure *closure, const struct closure *other)
{
    for (size_t i = 0; i < other->count; i++) {
        const struct closure_key *key = &other->key[i];
        struct gk_key_datum datum = {.type = key->type,
                                     .id = key->id,
                                     .handle = key->handle,
                                     .created = key->created,
                                     .key = gk_secret_octets(&key->key)};

        if (find(closure, key->id, key->handle))
            continue;
        closure_add(closure, &datum);
        closure->key[closure->count - 1].by = key->by;
        closure->key[closure->count - 1].by_handle = key->by_handle;
    }
}

void closure_free(struct closure *closure)
{
    for (size_t i = 0; i < closure->count; i++)
        gk_secret_free(&closure->key[i].key);
    free(closure->key);
    *closure = (struct closure){0};
}

/* --- Key Downloads ----------------------------------------------------------------------- */

static const struct gcks_session *session_of(const struct gcks *g, struct gk_octets keydl)
{
    for (uint32_t i = 0; i < g->session_room; i++) {
        const struct gcks_session *session = &g->session[i];

        if (session->used && gk_octets_equal(gk_secret_octets(&session->keydl), keydl))
            return session;
    }
    return NULL;
}

void closure_note(struct closure *closure, const struct troupe *troupe,
                  const struct rig_packet *packet)
{
    const struct gcks *g = troupe->gcks;
    const struct gcks_session *session =
        packet->from ? NULL : session_of(g, gk_secret_octets(&packet->octets));
    const char *receiver = packet->to ? troupe->member[packet->to - 1].subject : "";
    struct gk_key_datum datums[RULES_GTPKS];
    struct gk_rekey_array array;
    size_t count;

    /* It may be on its way to an address that is not its receiver's. */
    if (!session || !gk_octets_equal(session->path->identity->name, gk_octets_of(receiver)))
        return;
    count = gcks_gtpks_datums(g, datums);
    for (size_t i = 0; i < count; i++)
        closure_add(closure, &datums[i]);
    for (size_t i = 0; gk_lkh_array(g->lkh, session->leaf, &array) && i < array.count; i++)
        closure_add(closure, &array.kek[i]);
}

gk_time closure_limit(const struct troupe *troupe)
{
    const struct gcks *g = troupe->gcks;

    return g->newest_given > g->last_stamp ? g->newest_given : g->last_stamp;
}

/* --- Rekey Events ------------------------------------------------------------------------ */

static bool open_data(struct closure *closure, struct gk_octets group,
                      const struct gk_rekey_data *data)
{
    const struct closure_key *key = find(closure, data->wrapping_id, data->wrapping_handle);
    struct gk_packages packages;
    struct gk_secret plain = {NULL, 0};
    struct gk_writer aad = {0};
    size_t before = closure->count;
    bool opened;

    if (!key)
        return false;
    gk_aad_rekey(&aad, group, data->wrapping_id, data->wrapping_handle);
    opened = gk_wrap_open(gk_wrap_find(key->type), gk_secret_octets(&key->key),
                          gk_writer_octets(&aad), data->sealed, &plain, NULL) &&
             gk_packages_begin(&packages, gk_secret_octets(&plain), NULL);
    for (bool more = opened; more;) {
        struct gk_key_datum datum;
        uint8_t type;

        if (!gk_packages_next(&packages, &type, &datum, &more, NULL))
            break;
        if (more)
            closure_add(closure, &datum);
    }
    for (size_t i = before; i < closure->count; i++) {
        closure->key[i].by = data->wrapping_id;
        closure->key[i].by_handle = data->wrapping_handle;
    }
    gk_secret_free(&plain);
    gk_writer_free(&aad);
    return closure->count > before;
}

static bool open_message(struct closure *closure, const struct gk_message *message)
{
    bool more = false;

    for (size_t i = 0; i < message->rekey_count; i++) {
        struct gk_reader reader = gk_reader(message->rekey[i].data);
        struct gk_rekey_data data;

        while (gk_reader_left(&reader) && gk_rekey_data_read(&data, &reader, NULL))
            more |= open_data(closure, gk_group_value(&message->group), &data);
    }
    return more;
}

void closure_expand(struct closure *closure, const struct rig *rig)
{
    bool more = true;

    while (more) {
        more = false;
        for (const struct rig_packet *packet = rig->sent; packet; packet = packet->next) {
            struct gk_message message;

            if (gk_message_parse(&message, gk_secret_octets(&packet->octets), NULL,
                                 GK_EXCHANGE_BIT(GK_REKEY_EVENT), NULL))
                more |= open_message(closure, &message);
        }
    }
}

static void tell(const struct closure *closure, const struct closure_key *key, gk_time limit)
{
    for (; key; key = find(closure, key->by, key->by_handle))
        printf("\n    key %08x of %+lld s", key->id, (long long)(key->created - limit));
    printf(", from a Key Download\n");
}

bool closure_reaches(const struct closure *closure, gk_time limit)
{
    for (size_t i = 0; i < closure->count; i++) {
        if (closure->key[i].created > limit) {
            tell(closure, &closure->key[i], limit);
            return true;
        }
    }
    return false;
}
