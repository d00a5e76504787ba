/* SPDX-License-Identifier: Apache-2.0 */
/* What a client gives its program while all is well. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/client/agent.h"
#include "tests/gsakmp/freed.h"
#include "tests/harness.h"

static void it_subscribes(void)
{
    struct agent agent;
    struct gsakmp_client *client = agent_begin(&agent, "de\"mo");
    struct gsakmp_key key;

    CU_ASSERT_STRING_EQUAL(agent.request, "{\"command\":\"follow\",\"group\":\"de\\\"mo\"}\n");
    CU_ASSERT_EQUAL(gsakmp_client_status(client), GSAKMP_AGAIN);
    CU_ASSERT_EQUAL(gsakmp_client_send_key(client, 0, &key), GSAKMP_AGAIN);
    CU_ASSERT_EQUAL(gsakmp_client_wait(client, 10), GSAKMP_E_TIMEOUT);
    agent_say(&agent, AGENT_IN);
    CU_ASSERT_EQUAL(gsakmp_client_wait(client, 10000), GSAKMP_OK);
    CU_ASSERT_EQUAL(gsakmp_client_status(client), GSAKMP_OK);
    CU_ASSERT_STRING_EQUAL(gsakmp_client_text(client), "so it is");
    agent_end(&agent, client);
    client = agent_begin(&agent, NULL);
    CU_ASSERT_STRING_EQUAL(agent.request, "{\"command\":\"follow\"}\n");
    agent_end(&agent, client);
}

static bool has(const struct gsakmp_key *key, uint32_t handle, enum gsakmp_use use, uint8_t first)
{
    return key->id == 0x80000001 && key->handle == handle && key->use == use &&
           key->type == 49154 && strcmp(key->name, "AES-256-GCM") == 0 &&
           key->created == 1790000000 && key->size == 32 && key->octets[0] == first &&
           key->octets[31] == first + 31;
}

static void keys_by_their_use(void)
{
    struct agent agent;
    struct gsakmp_client *client = agent_begin(&agent, "demo");
    struct gsakmp_key key;

    agent_say(&agent, AGENT_STATE("in", "", AGENT_SEND "," AGENT_RECEIVE));
    CU_ASSERT_EQUAL(gsakmp_client_send_key(client, 0, &key), GSAKMP_OK);
    CU_ASSERT_TRUE(has(&key, 2, GSAKMP_USE_SEND, 0));
    CU_ASSERT_EQUAL(key.expires, GSAKMP_NEVER);
    CU_ASSERT_EQUAL(gsakmp_client_previous_key(client, 0, &key), GSAKMP_OK);
    CU_ASSERT_TRUE(has(&key, 1, GSAKMP_USE_RECEIVE, 0xa0));
    CU_ASSERT_EQUAL(gsakmp_client_receive_key(client, 0x80000001, 1, &key), GSAKMP_OK);
    CU_ASSERT_TRUE(has(&key, 1, GSAKMP_USE_RECEIVE, 0xa0));
    CU_ASSERT_EQUAL(gsakmp_client_receive_key(client, 0x80000001, 2, &key), GSAKMP_OK);
    CU_ASSERT_EQUAL(gsakmp_client_key_at(client, 1, &key), GSAKMP_OK);
    CU_ASSERT_TRUE(has(&key, 1, GSAKMP_USE_RECEIVE, 0xa0));
    CU_ASSERT_EQUAL(gsakmp_client_key_at(client, 2, &key), GSAKMP_E_NO_KEY);
    CU_ASSERT_EQUAL(key.size, 0);
    CU_ASSERT_EQUAL(gsakmp_client_receive_key(client, 0x80000001, 3, &key), GSAKMP_E_NO_KEY);
    CU_ASSERT_EQUAL(gsakmp_client_receive_key(client, 0x80000002, 2, &key), GSAKMP_E_NO_KEY);
    CU_ASSERT_EQUAL(gsakmp_client_send_key(client, 0x80000002, &key), GSAKMP_E_NO_KEY);
    agent_say(&agent, AGENT_STATE("out-of-step", "", AGENT_SEND));
    CU_ASSERT_EQUAL(gsakmp_client_send_key(client, 0, &key), GSAKMP_OUT_OF_STEP);
    CU_ASSERT_TRUE(has(&key, 2, GSAKMP_USE_SEND, 0));
    CU_ASSERT_EQUAL(gsakmp_client_previous_key(client, 0, &key), GSAKMP_E_NO_KEY);
    agent_end(&agent, client);
}

static void policy_and_senders(void)
{
    struct agent agent;
    struct gsakmp_client *client = agent_begin(&agent, "demo");
    struct gsakmp_policy policy;
    struct gsakmp_data data;

    CU_ASSERT_EQUAL(gsakmp_client_policy(client, &policy), GSAKMP_AGAIN);
    agent_say(&agent, AGENT_IN);
    CU_ASSERT_EQUAL(gsakmp_client_policy(client, &policy), GSAKMP_OK);
    CU_ASSERT_TRUE(policy.has_edition && policy.edition == 7 && policy.signed_at == 1790000000);
    CU_ASSERT_TRUE(policy.may_send && !policy.anyone_sends);
    CU_ASSERT_TRUE(policy.sender_count == 1 && policy.data_count == 1);
    CU_ASSERT_STRING_EQUAL(gsakmp_client_sender(client, 0), "CN=a under CA 5f");
    CU_ASSERT_PTR_NULL(gsakmp_client_sender(client, 1));
    CU_ASSERT_STRING_EQUAL(gsakmp_client_rule(client), "the rule");
    CU_ASSERT_EQUAL(gsakmp_client_data(client, 0, &data), GSAKMP_OK);
    CU_ASSERT_STRING_EQUAL(data.protocol, "1.3.6.1.5.5.12.7.1");
    CU_ASSERT_TRUE(data.encryption == 0x80000001 && data.authentication == 0);
    CU_ASSERT_EQUAL(gsakmp_client_data(client, 1, &data), GSAKMP_E_ARGUMENT);
    agent_end(&agent, client);
}

static void events_come_after_what_they_tell(void)
{
    struct agent agent;
    struct gsakmp_client *client = agent_begin(&agent, "demo");
    struct gsakmp_event event;
    struct gsakmp_key key;
    struct pollfd wait = {.fd = gsakmp_client_fd(client), .events = POLLIN};

    CU_ASSERT_EQUAL(gsakmp_client_next_event(client, &event), GSAKMP_AGAIN);
    CU_ASSERT_EQUAL(poll(&wait, 1, 0), 0);
    agent_say(&agent, AGENT_STATE("in",
                                  "{\"event\":\"key-new\",\"id\":\"80000001\",\"handle\":"
                                  "\"00000002\",\"text\":\"a new key\"},"
                                  "{\"event\":\"novelty\",\"text\":\"x\"}",
                                  AGENT_SEND));
    CU_ASSERT_EQUAL(poll(&wait, 1, 10000), 1);
    CU_ASSERT_EQUAL(gsakmp_client_process(client), GSAKMP_OK);
    CU_ASSERT_EQUAL(gsakmp_client_wait(client, 0), GSAKMP_OK);
    CU_ASSERT_EQUAL(gsakmp_client_next_event(client, &event), GSAKMP_OK);
    CU_ASSERT_EQUAL(event.type, GSAKMP_EVENT_KEY_NEW);
    CU_ASSERT_TRUE(event.id == 0x80000001 && event.handle == 2);
    CU_ASSERT_STRING_EQUAL(event.text, "a new key");
    CU_ASSERT_EQUAL(gsakmp_client_receive_key(client, event.id, event.handle, &key), GSAKMP_OK);
    CU_ASSERT_EQUAL(gsakmp_client_next_event(client, &event), GSAKMP_OK);
    CU_ASSERT_EQUAL(event.type, GSAKMP_EVENT_OTHER);
    CU_ASSERT_STRING_EQUAL(event.code, "novelty");
    CU_ASSERT_EQUAL(gsakmp_client_next_event(client, &event), GSAKMP_AGAIN);
    agent_end(&agent, client);
}

static void events_that_nobody_takes(void)
{
    struct agent agent;
    struct gsakmp_client *client = agent_begin(&agent, "demo");
    struct gsakmp_event event;
    unsigned count = 0;

    for (int i = 0; i < 40; i++) {
        agent_say(&agent, AGENT_STATE("in", "{\"event\":\"in-step\",\"text\":\"%d\"}", ""), i);
        CU_ASSERT_EQUAL(gsakmp_client_process(client), GSAKMP_OK);
    }
    CU_ASSERT_EQUAL(gsakmp_client_next_event(client, &event), GSAKMP_OK);
    CU_ASSERT_EQUAL(event.type, GSAKMP_EVENT_LOST);
    while (gsakmp_client_next_event(client, &event) == GSAKMP_OK)
        count++;
    CU_ASSERT_EQUAL(count, 31);
    CU_ASSERT_STRING_EQUAL(event.text, "39");
    agent_end(&agent, client);
}

/* Nothing that jansson or the library frees has had a key in it; nor does a closed client. */
static void no_copies_are_left(void)
{
    struct agent agent;
    struct gsakmp_client *client;
    struct gsakmp_key key;
    uint8_t octets[32];

    for (uint8_t i = 0; i < 32; i++)
        octets[i] = i;
    freed_watch(gk_octets_of(AGENT_OCTETS));
    freed_watch(gk_octets(octets, 32));
    client = agent_begin(&agent, "demo");
    (void)send(agent.fd, AGENT_IN, strlen(AGENT_IN), MSG_NOSIGNAL); /* agent_say would copy it */
    (void)send(agent.fd, "\n", 1, MSG_NOSIGNAL);
    CU_ASSERT_EQUAL(gsakmp_client_send_key(client, 0, &key), GSAKMP_OK);
    CU_ASSERT_EQUAL(memcmp(key.octets, octets, 32), 0);
    gsakmp_key_wipe(&key);
    CU_ASSERT_EQUAL(key.octets[5], 0);
    agent_end(&agent, client);
    CU_ASSERT_EQUAL(freed_found(), 0);
}

const struct test_suite suite_client = {
    "client",
    {
        {"it subscribes", it_subscribes},
        {"keys by their use", keys_by_their_use},
        {"policy and senders", policy_and_senders},
        {"events come after what they tell", events_come_after_what_they_tell},
        {"events that nobody takes", events_that_nobody_takes},
        {"no copies are left", no_copies_are_left},
        {NULL, NULL},
    }};
