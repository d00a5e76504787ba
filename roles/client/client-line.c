/* SPDX-License-Identifier: Apache-2.0 */
/* One line of the agent: its answer, a state, or its last words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "roles/client/inside.h"

#define MARK "\"key\":\""

static const struct {
    const char *name;
    int result;
} states[] = {
    {"in", GSAKMP_OK},     {"out-of-step", GSAKMP_OUT_OF_STEP}, {"joining", GSAKMP_E_JOINING},
    {"out", GSAKMP_E_OUT}, {"evicted", GSAKMP_E_EVICTED},       {"ended", GSAKMP_E_ENDED},
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static int bad(struct gsakmp_client *client, const char *what)
{
    (void)snprintf(client->text, sizeof client->text, "what came from the agent is wrong: %s",
                   what);
    return GSAKMP_E_PROTOCOL;
}

/* --- key octets --------------------------------------------------------------------------- */

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Moves one key out of the text; its digits become zeros. The octets of the text up to the
 * closing quote, 0 when it is none. */
static size_t take_octets(struct gsakmp_key *key, char *text, size_t left)
{
    size_t at = 0;

    key->size = 0;
    while (at + 1 < left && text[at] != '"') {
        int high = digit(text[at]);
        int low = digit(text[at + 1]);

        if (high < 0 || low < 0 || key->size == GSAKMP_KEY_MAX)
            return 0;
        key->octets[key->size++] = (uint8_t)(high << 4 | low);
        text[at] = text[at + 1] = '0';
        at += 2;
    }
    return at < left && text[at] == '"' ? at : 0;
}

/* All of a line, in their order, into the client's keys: all of those are wiped first. */
static int take_secrets(struct gsakmp_client *client, char *line, size_t size)
{
    size_t mark = strlen(MARK);
    size_t taken;
    char *at = line;
    char *end = line + size;

    client_drop_keys(client);
    while ((at = memmem(at, (size_t)(end - at), MARK, mark))) {
        at += mark;
        if (client->key_count == CLIENT_KEYS)
            return bad(client, "too many keys");
        taken = take_octets(&client->key[client->key_count++].key, at, (size_t)(end - at));
        if (!taken)
            return bad(client, "a key is not octets in hexadecimal");
        at += taken;
    }
    return GSAKMP_OK;
}

/* --- keys --------------------------------------------------------------------------------- */

static bool read_number(const json_t *object, const char *name, uint32_t *number)
{
    const char *text = text_of(object, name);
    char *end;

    *number = (uint32_t)strtoul(text, &end, 16);
    return strlen(text) == 8 && !*end && strspn(text, "0123456789abcdef") == 8;
}

static bool read_use(const char *text, enum gsakmp_use *use)
{
    static const char *const names[] = {
        [GSAKMP_USE_SEND] = "send", [GSAKMP_USE_RECEIVE] = "receive", [GSAKMP_USE_NEXT] = "next"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *use = (enum gsakmp_use)i;
        if (strcmp(names[i], text) == 0)
            return true;
    }
    return false;
}

static bool read_key(const json_t *entry, struct client_key *slot)
{
    struct gsakmp_key *key = &slot->key;
    const json_t *type = json_object_get(entry, "type");
    const json_t *expires = json_object_get(entry, "expires");
    json_int_t left = json_integer_value(json_object_get(entry, "left"));

    if (!read_number(entry, "id", &key->id) || !read_number(entry, "handle", &key->handle) ||
        !read_use(text_of(entry, "use"), &key->use) || !json_is_integer(type) ||
        json_integer_value(type) < 0 || json_integer_value(type) > UINT16_MAX || left < 0 ||
        strlen(text_of(entry, "key")) != 2 * key->size || !key->size)
        return false;
    key->type = (uint16_t)json_integer_value(type);
    (void)snprintf(key->name, sizeof key->name, "%s", text_of(entry, "name"));
    key->created = json_integer_value(json_object_get(entry, "created"));
    key->expires = json_is_integer(expires) ? json_integer_value(expires) : GSAKMP_NEVER;
    slot->until = INT64_MAX;
    if (key->use == GSAKMP_USE_RECEIVE && left < INT64_MAX - client_now_ms())
        slot->until = client_now_ms() + left;
    return json_is_integer(expires) || json_is_null(expires);
}

static int read_keys(struct gsakmp_client *client, const json_t *keys)
{
    if (!json_is_array(keys) || json_array_size(keys) != client->key_count)
        return bad(client, "its keys are not a list of keys");
    for (size_t i = 0; i < client->key_count; i++) {
        if (!read_key(json_array_get(keys, i), &client->key[i]))
            return bad(client, "a key");
    }
    return GSAKMP_OK;
}

/* --- lines -------------------------------------------------------------------------------- */

static void read_events(struct gsakmp_client *client, const json_t *events)
{
    size_t i;
    json_t *event;

    json_array_foreach(events, i, event)
    {
        uint32_t id = 0;
        uint32_t handle = 0;

        if (!read_number(event, "id", &id) || !read_number(event, "handle", &handle))
            id = handle = 0;
        client_add_event(client, text_of(event, "event"), text_of(event, "text"), id, handle);
    }
}

static int read_state(struct gsakmp_client *client, const json_t *object)
{
    const json_t *policy = json_object_get(object, "policy");
    const char *name = text_of(object, "state");
    size_t i = 0;
    int result;

    while (i < sizeof states / sizeof *states && strcmp(states[i].name, name) != 0)
        i++;
    if (i == sizeof states / sizeof *states)
        return bad(client, "a state of no known name");
    result = read_keys(client, json_object_get(object, "keys"));
    if (result != GSAKMP_OK)
        return result;
    if (states[i].result < 0 && client->key_count)
        return bad(client, "keys without a membership");
    client->state = states[i].result;
    client->heard = true;
    (void)snprintf(client->text, sizeof client->text, "%s", text_of(object, "text"));
    json_decref(client->policy);
    client->policy = json_is_object(policy) ? json_incref((json_t *)(uintptr_t)policy) : NULL;
    read_events(client, json_object_get(object, "events"));
    return GSAKMP_OK;
}

static int read_object(struct gsakmp_client *client, const json_t *object)
{
    const json_t *ok = json_object_get(object, "ok");
    const char *event = text_of(object, "event");
    const char *text = text_of(object, json_is_false(ok) ? "error" : "text");

    if (!json_is_false(ok) && strcmp(event, "state") == 0)
        return read_state(client, object);
    (void)snprintf(client->text, sizeof client->text, "%s", text);
    if (json_is_false(ok))
        return GSAKMP_E_REFUSED;
    if (strcmp(event, "stopping") == 0)
        return GSAKMP_E_GONE;
    if (strcmp(event, "cut-off") == 0)
        return GSAKMP_E_CUT_OFF;
    return bad(client, "a line that is no state");
}

int client_line(struct gsakmp_client *client, char *line, size_t size)
{
    json_t *object;
    int result = take_secrets(client, line, size);

    if (result != GSAKMP_OK)
        return result;
    object = json_loadb(line, size, JSON_REJECT_DUPLICATES, NULL);
    result = json_is_object(object) ? read_object(client, object)
                                    : bad(client, "a line that is no JSON object");
    json_decref(object);
    return result;
}
