/* SPDX-License-Identifier: Apache-2.0 */
/* What the caller asks for: keys, policy, events. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "roles/client/inside.h"

const char *gsakmp_result_text(int result)
{
    switch (result) {
    case GSAKMP_OK:
        return "good";
    case GSAKMP_AGAIN:
        return "nothing is there yet";
    case GSAKMP_OUT_OF_STEP:
        return "a rekey was missed: the keys may be old";
    case GSAKMP_E_ARGUMENT:
        return "an argument is wrong";
    case GSAKMP_E_CONNECT:
        return "the agent cannot be reached";
    case GSAKMP_E_REFUSED:
        return "the agent refuses: there is no such group, or it is not for this user";
    case GSAKMP_E_GONE:
        return "the agent is gone";
    case GSAKMP_E_CUT_OFF:
        return "the agent cut this program off: it read too slowly";
    case GSAKMP_E_PROTOCOL:
        return "what came is not what an agent says";
    case GSAKMP_E_TIMEOUT:
        return "it took too long";
    case GSAKMP_E_MEMORY:
        return "out of memory";
    case GSAKMP_E_NO_KEY:
        return "no such key serves (any more)";
    case GSAKMP_E_JOINING:
        return "this host is not in the group yet";
    case GSAKMP_E_OUT:
        return "this host is not in the group";
    case GSAKMP_E_EVICTED:
        return "the group's policy excludes this host";
    case GSAKMP_E_ENDED:
        return "the group was destroyed";
    default:
        return "unknown";
    }
}

int gsakmp_client_status(struct gsakmp_client *client)
{
    if (!client)
        return GSAKMP_E_ARGUMENT;
    return client_absorb(client) < 0 ? client->error : client->state;
}

const char *gsakmp_client_text(const struct gsakmp_client *client)
{
    return client ? client->text : "";
}

/* --- keys --------------------------------------------------------------------------------- */

void gsakmp_key_wipe(struct gsakmp_key *key)
{
    if (key)
        explicit_bzero(key, sizeof *key);
}

void client_drop_keys(struct gsakmp_client *client)
{
    explicit_bzero(client->key, sizeof client->key);
    client->key_count = 0;
}

static bool serves(const struct client_key *slot)
{
    return slot->key.expires > (int64_t)time(NULL) && slot->until > client_now_ms();
}

/* Which key: any use where `use` is negative; any handle where `any` is. */
struct wanted {
    uint32_t id, handle;
    int use;
    bool any;
};

static bool fits(const struct wanted *wanted, const struct gsakmp_key *key)
{
    return key->id == wanted->id && (wanted->use < 0 || (int)key->use == wanted->use) &&
           (wanted->any || key->handle == wanted->handle);
}

/* Takes in what has come; false when there can be no keys. */
static bool current(struct gsakmp_client *client, struct gsakmp_key *key, int *result)
{
    gsakmp_key_wipe(key);
    *result = client && key ? gsakmp_client_status(client) : GSAKMP_E_ARGUMENT;
    return *result == GSAKMP_OK || *result == GSAKMP_OUT_OF_STEP;
}

static int find(struct gsakmp_client *client, struct wanted wanted, struct gsakmp_key *key)
{
    int result;

    if (!current(client, key, &result))
        return result;
    if (!wanted.id && client->key_count)
        wanted.id = client->key[0].key.id;
    for (size_t i = 0; i < client->key_count; i++) {
        if (fits(&wanted, &client->key[i].key) && serves(&client->key[i])) {
            *key = client->key[i].key;
            return result;
        }
    }
    return GSAKMP_E_NO_KEY;
}

int gsakmp_client_send_key(struct gsakmp_client *client, uint32_t id, struct gsakmp_key *key)
{
    return find(client, (struct wanted){id, 0, GSAKMP_USE_SEND, true}, key);
}

int gsakmp_client_previous_key(struct gsakmp_client *client, uint32_t id, struct gsakmp_key *key)
{
    return find(client, (struct wanted){id, 0, GSAKMP_USE_RECEIVE, true}, key);
}

int gsakmp_client_receive_key(struct gsakmp_client *client, uint32_t id, uint32_t handle,
                              struct gsakmp_key *key)
{
    return find(client, (struct wanted){id, handle, -1, false}, key);
}

int gsakmp_client_key_at(struct gsakmp_client *client, size_t index, struct gsakmp_key *key)
{
    int result;

    if (!current(client, key, &result))
        return result;
    for (size_t i = 0; i < client->key_count; i++) {
        if (serves(&client->key[i]) && index-- == 0) {
            *key = client->key[i].key;
            return result;
        }
    }
    return GSAKMP_E_NO_KEY;
}

int gsakmp_get_key(const char *socket, const char *group, uint32_t id, int timeout_ms,
                   struct gsakmp_key *key)
{
    int64_t deadline = client_now_ms() + timeout_ms;
    struct gsakmp_event event;
    struct gsakmp_client *client;
    int result;

    gsakmp_key_wipe(key);
    result = key ? gsakmp_client_open(&client, socket, group) : GSAKMP_E_ARGUMENT;
    if (result != GSAKMP_OK)
        return result;
    for (;;) {
        int64_t left = timeout_ms < 0 ? -1 : deadline - client_now_ms();
        int waited;

        result = gsakmp_client_send_key(client, id, key);
        if (result != GSAKMP_AGAIN && result != GSAKMP_E_JOINING && result != GSAKMP_E_NO_KEY)
            break;
        while (gsakmp_client_next_event(client, &event) == GSAKMP_OK)
            ;
        waited = gsakmp_client_wait(client, timeout_ms < 0 ? -1 : left > 0 ? (int)left : 0);
        if (waited == GSAKMP_E_TIMEOUT && result == GSAKMP_AGAIN)
            result = GSAKMP_E_TIMEOUT;
        if (waited == GSAKMP_E_TIMEOUT)
            break;
    }
    gsakmp_client_close(client);
    return result;
}

/* --- policy ------------------------------------------------------------------------------- */

int gsakmp_client_policy(struct gsakmp_client *client, struct gsakmp_policy *policy)
{
    int result = client && policy ? gsakmp_client_status(client) : GSAKMP_E_ARGUMENT;
    const json_t *edition;
    const json_t *senders;

    if (policy)
        *policy = (struct gsakmp_policy){0};
    if (result != GSAKMP_OK && result != GSAKMP_OUT_OF_STEP)
        return result;
    edition = json_object_get(client->policy, "edition");
    senders = json_object_get(client->policy, "senders");
    policy->has_edition = json_is_integer(edition);
    policy->edition = json_integer_value(edition);
    policy->signed_at = json_integer_value(json_object_get(client->policy, "signed"));
    policy->may_send = json_is_true(json_object_get(client->policy, "may_send"));
    policy->anyone_sends = json_is_null(senders);
    policy->sender_count = json_array_size(senders);
    policy->data_count = json_array_size(json_object_get(client->policy, "data"));
    return result;
}

const char *gsakmp_client_rule(const struct gsakmp_client *client)
{
    const char *rule = client ? json_string_value(json_object_get(client->policy, "rule")) : NULL;

    return rule ? rule : "";
}

const char *gsakmp_client_sender(const struct gsakmp_client *client, size_t index)
{
    return client ? json_string_value(
                        json_array_get(json_object_get(client->policy, "senders"), index))
                  : NULL;
}

static uint32_t key_id(const json_t *data, const char *name)
{
    const char *text = json_string_value(json_object_get(data, name));

    return text ? (uint32_t)strtoul(text, NULL, 16) : 0;
}

int gsakmp_client_data(struct gsakmp_client *client, size_t index, struct gsakmp_data *data)
{
    const json_t *entry;
    const char *protocol;

    if (!client || !data)
        return GSAKMP_E_ARGUMENT;
    *data = (struct gsakmp_data){.authentication = 0};
    entry = json_array_get(json_object_get(client->policy, "data"), index);
    if (!entry)
        return GSAKMP_E_ARGUMENT;
    protocol = json_string_value(json_object_get(entry, "protocol"));
    (void)snprintf(data->protocol, sizeof data->protocol, "%s", protocol ? protocol : "");
    data->authentication = key_id(entry, "authentication");
    data->encryption = key_id(entry, "encryption");
    return GSAKMP_OK;
}

/* --- events ------------------------------------------------------------------------------- */

static enum gsakmp_event_type type_of(const char *code)
{
    static const char *const codes[] = {
        [GSAKMP_EVENT_JOINED] = "joined",
        [GSAKMP_EVENT_KEY_NEW] = "key-new",
        [GSAKMP_EVENT_KEY_ACTIVE] = "key-active",
        [GSAKMP_EVENT_KEY_RETIRED] = "key-retired",
        [GSAKMP_EVENT_KEY_EXPIRED] = "key-expired",
        [GSAKMP_EVENT_POLICY] = "new-token",
        [GSAKMP_EVENT_OUT_OF_STEP] = "out-of-step",
        [GSAKMP_EVENT_IN_STEP] = "in-step",
        [GSAKMP_EVENT_LEFT] = "left",
        [GSAKMP_EVENT_EVICTED] = "evicted",
        [GSAKMP_EVENT_ENDED] = "group-ended",
        [GSAKMP_EVENT_GONE] = "gone",
        [GSAKMP_EVENT_LOST] = "lost",
    };

    for (size_t i = GSAKMP_EVENT_JOINED; i <= GSAKMP_EVENT_LOST; i++) {
        if (strcmp(codes[i], code) == 0)
            return (enum gsakmp_event_type)i;
    }
    return GSAKMP_EVENT_OTHER;
}

/* The oldest goes for the newest; what is left says so first. */
void client_add_event(struct gsakmp_client *client, const char *code, const char *text, uint32_t id,
                      uint32_t handle)
{
    struct gsakmp_event *event;

    if (client->event_count == CLIENT_EVENTS) {
        client->event_first = (client->event_first + 1) % CLIENT_EVENTS;
        client->event_count--;
        client->event[client->event_first] = (struct gsakmp_event){
            .type = GSAKMP_EVENT_LOST, .code = "lost", .text = "events were not taken in time"};
    }
    event = &client->event[(client->event_first + client->event_count++) % CLIENT_EVENTS];
    *event = (struct gsakmp_event){.type = type_of(code), .id = id, .handle = handle};
    (void)snprintf(event->code, sizeof event->code, "%s", code);
    (void)snprintf(event->text, sizeof event->text, "%s", text);
}

int gsakmp_client_next_event(struct gsakmp_client *client, struct gsakmp_event *event)
{
    if (!client || !event)
        return GSAKMP_E_ARGUMENT;
    (void)client_absorb(client);
    if (!client->event_count)
        return client->error ? client->error : GSAKMP_AGAIN;
    *event = client->event[client->event_first];
    client->event_first = (client->event_first + 1) % CLIENT_EVENTS;
    client->event_count--;
    return GSAKMP_OK;
}
