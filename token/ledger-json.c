/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger as JSON: strict in what it reads, so that a damaged one is never taken for a
 * shorter one. */
#include "token/ledger.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "gsakmp/digest.h"
#include "token/name.h"
#include "token/token.h"
#include "token/json.h"

#define FORMAT "gsakmp-ledger-1"
#define TEXT   2048 /* octets of a name */

static bool refuse(struct gk_reason *why, const char *what)
{
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-ledger",
                     "this is no ledger, or a damaged one (%s); bring the copy of a backup, or "
                     "rebuild it with gsakmp-token ledger adopt",
                     what);
}

/* --- in --------------------------------------------------------------------- */

/* Lower-case hexadecimal of 1 to `most` octets. */
static bool read_hex(const json_t *object, const char *key, size_t most, struct gk_secret *to)
{
    const char *text = json_string_value(json_object_get(object, key));
    struct gk_writer octets = {0};
    bool good = text && *text && strlen(text) <= 2 * most &&
                strspn(text, "0123456789abcdef") == strlen(text) && gk_unhex(text, &octets);

    if (good)
        *to = gk_writer_take(&octets);
    gk_writer_free(&octets);
    return good;
}

static bool read_owner(const json_t *object, struct gk_secret *to)
{
    const json_t *value = json_object_get(object, "owner");
    struct gk_octets text = gk_octets(json_string_value(value), json_string_length(value));
    struct gk_writer key = {0};
    bool good = text.size && text.size <= TEXT && name_key(text, &key, NULL);

    if (good)
        *to = gk_secret_copy(text);
    gk_writer_free(&key);
    return good;
}

static bool read_entry(const json_t *object, struct ledger_entry *to)
{
    const json_t *edition = json_object_get(object, "edition");
    const json_t *stamp = json_object_get(object, "signed");
    struct gk_secret hash = {0};
    bool good;

    if (json_object_size(object) != 6 || !json_is_integer(edition) ||
        json_integer_value(edition) < 1 || !json_is_string(stamp))
        return false;
    to->edition = json_integer_value(edition);
    good = gk_stamp_parse(gk_octets(json_string_value(stamp), json_string_length(stamp)),
                          &to->signing_time) &&
           read_hex(object, "group", 255, &to->group) && read_owner(object, &to->owner) &&
           read_hex(object, "token", TOKEN_MAX, &to->token) &&
           read_hex(object, "sha256", sizeof to->hash, &hash);
    if (good) {
        gk_sha256(gk_secret_octets(&to->token), to->hash);
        good = gk_octets_equal(gk_octets(to->hash, sizeof to->hash), gk_secret_octets(&hash));
    }
    gk_secret_free(&hash);
    return good;
}

static bool read_groups(struct ledger *to, const json_t *groups, struct gk_reason *why)
{
    size_t count = json_array_size(groups);

    if (!json_is_array(groups) || count > LEDGER_GROUPS)
        return refuse(why, "its groups");
    to->entry = gk_alloc(count ? count : 1, sizeof *to->entry);
    for (size_t i = 0; i < count; i++) {
        struct ledger_entry *entry = &to->entry[i];
        bool known;

        if (!read_entry(json_array_get(groups, i), entry)) {
            ledger_entry_free(entry);
            return refuse(why, "an entry of a group");
        }
        known = ledger_find(to, gk_secret_octets(&entry->group), gk_secret_octets(&entry->owner));
        to->count++;
        if (known)
            return refuse(why, "two entries of a group");
    }
    return true;
}

bool ledger_read(struct ledger *to, struct gk_octets file, struct gk_reason *why)
{
    json_t *root;
    const char *format;
    bool good;

    *to = (struct ledger){0};
    if (file.size > LEDGER_MOST)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-ledger-size",
                         "the ledger has %zu octets, %zu are allowed", file.size, LEDGER_MOST);
    root = json_loadb((const char *)file.data, file.size, JSON_REJECT_DUPLICATES, NULL);
    format = json_string_value(json_object_get(root, "format"));
    if (!root)
        good = refuse(why, "it is no JSON");
    else if (!format || strcmp(format, FORMAT) != 0 || json_object_size(root) != 2)
        good = refuse(why, "its format is not " FORMAT);
    else
        good = read_groups(to, json_object_get(root, "groups"), why);
    json_decref(root);
    if (!good)
        ledger_free(to);
    return good;
}

/* --- out -------------------------------------------------------------------- */

static void put_hex(json_t *object, const char *key, struct gk_octets octets)
{
    char *hex = gk_hex(octets);

    token_json_set(object, key, json_string(hex));
    free(hex);
}

static json_t *entry_json(const struct ledger_entry *entry)
{
    json_t *object = json_object();
    char stamp[GK_STAMP_SIZE + 1];

    gk_stamp_format(entry->signing_time, stamp);
    put_hex(object, "group", gk_secret_octets(&entry->group));
    token_json_set(object, "owner",
                   json_stringn((const char *)entry->owner.data, entry->owner.size));
    token_json_set(object, "edition", json_integer(entry->edition));
    token_json_set(object, "signed", json_string(stamp));
    put_hex(object, "sha256", gk_octets(entry->hash, sizeof entry->hash));
    put_hex(object, "token", gk_secret_octets(&entry->token));
    return object;
}

static void dump(const struct ledger *ledger, struct gk_writer *to)
{
    json_t *root = json_object();
    json_t *groups = json_array();

    token_json_set(root, "format", json_string(FORMAT));
    token_json_set(root, "groups", groups);
    for (size_t i = 0; i < ledger->count; i++)
        token_json_append(groups, entry_json(&ledger->entry[i]));
    token_json_write(root, 1, to);
}

bool ledger_write(const struct ledger *ledger, struct gk_writer *to, struct gk_reason *why)
{
    struct gk_writer text = {0};
    struct ledger again;
    bool good;

    dump(ledger, &text);
    good = ledger_read(&again, gk_writer_octets(&text), why);
    if (good) {
        ledger_free(&again);
        gk_write_octets(to, gk_writer_octets(&text));
    }
    gk_writer_free(&text);
    return good;
}
