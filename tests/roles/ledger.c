/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/roles/ledger.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#include "gsakmp/message.h"
#include "roles/gcks-internal.h"

#define IV 12 /* of the AEAD suites, which the troupes run */

struct ledger ledger_new(void)
{
    return (struct ledger){.line = gk_alloc(LEDGER_ROOM, sizeof(struct ledger_line))};
}

void ledger_free(struct ledger *ledger)
{
    free(ledger->line);
    ledger->line = NULL;
}

static void digest(const char *kind, struct gk_octets octets, uint8_t to[16])
{
    struct sha256_ctx sha;

    sha256_init(&sha);
    sha256_update(&sha, strlen(kind) + 1, (const uint8_t *)kind);
    if (octets.size)
        sha256_update(&sha, octets.size, octets.data);
    sha256_digest(&sha, 16, to);
}

static struct ledger_line *find(const struct ledger *ledger, const uint8_t name[16])
{
    size_t at = (size_t)(name[0] << 8 | name[1]);

    while (ledger->line[at].used && memcmp(ledger->line[at].name, name, 16) != 0)
        at = (at + 1) % LEDGER_ROOM;
    return &ledger->line[at];
}

static void say(struct ledger *ledger, const char *kind, struct gk_octets name,
                struct gk_octets value)
{
    struct ledger_line fresh = {.used = true};
    struct ledger_line *line;

    digest(kind, name, fresh.name);
    digest("value", value, fresh.value);
    line = find(ledger, fresh.name);
    if (!line->used) {
        if (++ledger->count > LEDGER_ROOM / 2)
            abort();
        *line = fresh;
    } else if (memcmp(line->value, fresh.value, sizeof fresh.value) != 0) {
        printf("\n    %s twice\n", kind);
        ledger->violations++;
    }
}

static bool said(const struct ledger *ledger, const char *kind, struct gk_octets name)
{
    uint8_t key[16];

    digest(kind, name, key);
    return find(ledger, key)->used;
}

/* --- messages -------------------------------------------------------------------------- */

static void sealed(struct ledger *ledger, struct gk_octets octets)
{
    if (octets.size > IV)
        say(ledger, "IV", gk_octets(octets.data, IV), octets);
}

static void event(struct ledger *ledger, const struct gk_message *message)
{
    const uint32_t sequence = message->sequence;

    say(ledger, "Sequence ID", gk_octets(&sequence, sizeof sequence), message->signed_octets);
    for (size_t i = 0; i < message->rekey_count; i++) {
        struct gk_reader reader = gk_reader(message->rekey[i].data);
        struct gk_rekey_data data;

        while (gk_reader_left(&reader) && gk_rekey_data_read(&data, &reader, NULL))
            sealed(ledger, data.sealed);
    }
}

void ledger_message(struct ledger *ledger, struct gk_octets octets)
{
    struct gk_message message;

    if (!gk_message_parse(&message, octets, NULL, GK_EXCHANGE_ANY, NULL))
        return;
    if (message.exchange == GK_REKEY_EVENT)
        event(ledger, &message);
    if (message.exchange == GK_REQUEST_TO_JOIN)
        say(ledger, "Nonce_I", message.nonce[GK_NONCE_I], message.signed_octets);
    if (message.exchange == GK_KEY_DOWNLOAD)
        say(ledger, "Nonce_R", message.nonce[GK_NONCE_R], message.signed_octets);
    if (message.has_key_creation)
        say(ledger, "public value", message.key_creation, message.signed_octets);
    if (message.has_token)
        sealed(ledger, message.token);
    if (message.has_key_download)
        sealed(ledger, message.key_download);
}

/* --- keys ------------------------------------------------------------------------------- */

/* The one line that may change its value: what it said before is replaced. */
static void now_current(struct ledger *ledger, const struct gk_key_datum *datum)
{
    uint32_t old[2] = {datum->id, 0};
    struct ledger_line *line;
    uint8_t name[16];

    digest("current", gk_octets(&datum->id, sizeof datum->id), name);
    line = find(ledger, name);
    memcpy(&old[1], line->value, sizeof old[1]);
    line->used = true;
    memcpy(line->name, name, sizeof name);
    memcpy(line->value, &datum->handle, sizeof datum->handle);
    if (old[1] && old[1] != datum->handle)
        say(ledger, "replaced", gk_octets(old, sizeof old), GK_NO_OCTETS);
}

static void key(struct ledger *ledger, const struct gk_key_datum *datum)
{
    const uint32_t version[] = {datum->id, datum->handle};
    struct gk_octets name = gk_octets(version, sizeof version);

    say(ledger, "handle", name, datum->key);
    if (said(ledger, "replaced", name)) {
        printf("\n    handle %08x of key %08x came back\n", datum->handle, datum->id);
        ledger->violations++;
    }
    now_current(ledger, datum);
}

void ledger_keys(struct ledger *ledger, const struct troupe *troupe)
{
    const struct gcks *g = troupe->gcks;
    struct gk_key_datum datums[RULES_GTPKS];
    size_t count = gcks_gtpks_datums(g, datums);

    for (size_t i = 0; i < count; i++)
        key(ledger, &datums[i]);
    for (uint32_t leaf = 1; g->lkh && leaf <= gk_lkh_capacity(g->lkh); leaf++) {
        struct gk_rekey_array array;

        if (!gk_lkh_array(g->lkh, leaf, &array))
            continue;
        for (size_t i = 0; i < array.count; i++)
            key(ledger, &array.kek[i]);
    }
}
