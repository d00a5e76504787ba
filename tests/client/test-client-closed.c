/* SPDX-License-Identifier: Apache-2.0 */
/* Fail closed: what ends a membership, an agent or a key leaves no key with the client. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "roles/client/inside.h"
#include "tests/client/agent.h"
#include "tests/harness.h"

/* Is there any trace of a key in all that the client is? */
static bool is_clean(const struct gsakmp_client *client)
{
    uint8_t octets[16];

    for (uint8_t i = 0; i < 16; i++)
        octets[i] = i;
    return !client->key_count && !memmem(client, sizeof *client, octets, sizeof octets) &&
           !memmem(client, sizeof *client, AGENT_OCTETS, 32);
}

static struct gsakmp_client *begin_in(struct agent *agent)
{
    struct gsakmp_client *client = agent_begin(agent, "demo");
    struct gsakmp_key key;

    agent_say(agent, AGENT_IN);
    CU_ASSERT_EQUAL(gsakmp_client_send_key(client, 0, &key), GSAKMP_OK);
    CU_ASSERT_FALSE(is_clean(client));
    return client;
}

static void a_membership_ends(void)
{
    static const struct {
        const char *line;
        int result;
    } ends[] = {
        {AGENT_STATE("joining", "", ""), GSAKMP_E_JOINING},
        {AGENT_STATE("out", "{\"event\":\"left\",\"text\":\"\"}", ""), GSAKMP_E_OUT},
        {AGENT_STATE("evicted", "{\"event\":\"evicted\",\"text\":\"\"}", ""), GSAKMP_E_EVICTED},
        {AGENT_STATE("ended", "{\"event\":\"group-ended\",\"text\":\"\"}", ""), GSAKMP_E_ENDED},
        {AGENT_STATE("in", "", ""), GSAKMP_E_NO_KEY},
    };
    struct agent agent;
    struct gsakmp_client *client = begin_in(&agent);
    struct gsakmp_key key;

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        agent_say(&agent, "%s", ends[i].line);
        memset(&key, 0x5a, sizeof key);
        CU_ASSERT_EQUAL(gsakmp_client_send_key(client, 0, &key), ends[i].result);
        CU_ASSERT_EQUAL(key.size, 0);
        CU_ASSERT_EQUAL(key.octets[0], 0);
        CU_ASSERT_TRUE(is_clean(client));
        CU_ASSERT_TRUE(strlen(gsakmp_result_text(ends[i].result)) > 10);
        agent_say(&agent, AGENT_IN); /* and back again */
        CU_ASSERT_EQUAL(gsakmp_client_send_key(client, 0, &key), GSAKMP_OK);
    }
    agent_end(&agent, client);
}

/* Met once, it stays; the last event says so. */
static void ends_with(struct agent *agent, struct gsakmp_client *client, int result)
{
    struct gsakmp_policy policy;
    struct gsakmp_event event = {.type = GSAKMP_EVENT_OTHER};
    struct gsakmp_key key;

    CU_ASSERT_EQUAL(gsakmp_client_send_key(client, 0, &key), result);
    CU_ASSERT_TRUE(is_clean(client));
    CU_ASSERT_EQUAL(gsakmp_client_process(client), result);
    CU_ASSERT_EQUAL(gsakmp_client_wait(client, 0), result);
    CU_ASSERT_EQUAL(gsakmp_client_status(client), result);
    CU_ASSERT_EQUAL(gsakmp_client_policy(client, &policy), result);
    CU_ASSERT_EQUAL(gsakmp_client_key_at(client, 0, &key), result);
    while (gsakmp_client_next_event(client, &event) == GSAKMP_OK)
        ;
    CU_ASSERT_EQUAL(event.type, GSAKMP_EVENT_GONE);
    CU_ASSERT_EQUAL(gsakmp_client_next_event(client, &event), result);
    agent_end(agent, client);
}

static void an_agent_goes(void)
{
    struct agent agent;
    struct gsakmp_client *client = begin_in(&agent);

    agent_hang_up(&agent);
    ends_with(&agent, client, GSAKMP_E_GONE);
    client = begin_in(&agent);
    agent_say(&agent, "{\"event\":\"stopping\",\"text\":\"bye\"}");
    ends_with(&agent, client, GSAKMP_E_GONE);
    client = begin_in(&agent);
    agent_say(&agent, "{\"event\":\"cut-off\",\"text\":\"too slow\"}");
    ends_with(&agent, client, GSAKMP_E_CUT_OFF);
    client = agent_begin(&agent, "demo");
    agent_say(&agent, "{\"ok\":false,\"code\":\"control-denied\",\"error\":\"not you\"}");
    CU_ASSERT_EQUAL(gsakmp_client_wait(client, 10000), GSAKMP_E_REFUSED);
    CU_ASSERT_STRING_EQUAL(gsakmp_client_text(client), "not you");
    ends_with(&agent, client, GSAKMP_E_REFUSED);
    /* Keys that came whole, and an end in the middle of a line. */
    client = begin_in(&agent);
    CU_ASSERT_EQUAL(send(agent.fd, AGENT_IN, 300, 0), 300);
    agent_hang_up(&agent);
    ends_with(&agent, client, GSAKMP_E_GONE);
}

static void keys_past_their_time(void)
{
    struct agent agent;
    struct gsakmp_client *client = agent_begin(&agent, "demo");
    struct gsakmp_key key;

    agent_say(
        &agent,
        AGENT_STATE("in", "", AGENT_KEY("80000001", "00000002", "send", "%lld", "0", AGENT_OCTETS)),
        (long long)time(NULL) + 1000);
    CU_ASSERT_EQUAL(gsakmp_client_send_key(client, 0, &key), GSAKMP_OK);
    agent_say(
        &agent,
        AGENT_STATE("in", "", AGENT_KEY("80000001", "00000002", "send", "%lld", "0", AGENT_OCTETS)),
        (long long)time(NULL));
    CU_ASSERT_EQUAL(gsakmp_client_send_key(client, 0, &key), GSAKMP_E_NO_KEY);
    CU_ASSERT_EQUAL(gsakmp_client_receive_key(client, 0x80000001, 2, &key), GSAKMP_E_NO_KEY);
    CU_ASSERT_EQUAL(gsakmp_client_key_at(client, 0, &key), GSAKMP_E_NO_KEY);
    /* An old key, when the agent is not heard for longer than its overlap. */
    agent_say(&agent, AGENT_STATE("in", "",
                                  AGENT_KEY("80000001", "00000001", "receive", "null", "50",
                                            AGENT_OCTETS2)));
    CU_ASSERT_EQUAL(gsakmp_client_receive_key(client, 0x80000001, 1, &key), GSAKMP_OK);
    usleep(60000);
    CU_ASSERT_EQUAL(gsakmp_client_receive_key(client, 0x80000001, 1, &key), GSAKMP_E_NO_KEY);
    agent_end(&agent, client);
}

/* A line that is none ends it all: half a truth about keys is worse than none. */
static void lines_that_are_wrong(void)
{
    static const char *const lines[] = {
        "",
        "hello",
        "[]",
        "{\"event\":\"surprise\"}",
        "{\"ok\":true}",
        AGENT_STATE("in", "", AGENT_SEND) "x",
        AGENT_STATE("upside down", "", ""),
        AGENT_STATE("out", "", AGENT_SEND),
        AGENT_STATE("in", "", AGENT_KEY("8000001", "00000002", "send", "null", "0", AGENT_OCTETS)),
        AGENT_STATE("in", "", AGENT_KEY("80000001", "0000000G", "send", "null", "0", AGENT_OCTETS)),
        AGENT_STATE("in", "", AGENT_KEY("80000001", "00000002", "eat", "null", "0", AGENT_OCTETS)),
        AGENT_STATE("in", "",
                    AGENT_KEY("80000001", "00000002", "send", "\"x\"", "0", AGENT_OCTETS)),
        AGENT_STATE("in", "",
                    AGENT_KEY("80000001", "00000002", "send", "null", "-1", AGENT_OCTETS)),
        AGENT_STATE("in", "", AGENT_KEY("80000001", "00000002", "send", "null", "0", "")),
        AGENT_STATE("in", "", AGENT_KEY("80000001", "00000002", "send", "null", "0", "0")),
        AGENT_STATE("in", "", AGENT_KEY("80000001", "00000002", "send", "null", "0", "0x")),
        AGENT_STATE(
            "in", "",
            AGENT_KEY("80000001", "00000002", "send", "null", "0", AGENT_OCTETS AGENT_OCTETS "00")),
        AGENT_STATE("in", "{\"key\":\"00\"}", AGENT_SEND),
        "{\"event\":\"state\",\"state\":\"in\",\"keys\":{},\"policy\":null}",
    };
    struct agent agent;

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct gsakmp_client *client = begin_in(&agent);

        agent_say(&agent, "%s", lines[i]);
        ends_with(&agent, client, GSAKMP_E_PROTOCOL);
    }
}

static void a_line_without_end(void)
{
    struct agent agent;
    struct gsakmp_client *client = begin_in(&agent);
    char *spaces = calloc(1, CLIENT_LINE + 1);

    memset(spaces, ' ', CLIENT_LINE);
    for (size_t sent = 0; sent < CLIENT_LINE && gsakmp_client_process(client) == GSAKMP_OK;)
        sent += (size_t)send(agent.fd, spaces, CLIENT_LINE - sent, MSG_DONTWAIT);
    free(spaces);
    ends_with(&agent, client, GSAKMP_E_PROTOCOL);
}

static void nobody_there(void)
{
    struct gsakmp_client *client = (struct gsakmp_client *)1;
    struct gsakmp_key key;
    char path[200];

    CU_ASSERT_EQUAL(gsakmp_client_open(&client, "/nonexistent/socket", "demo"), GSAKMP_E_CONNECT);
    CU_ASSERT_PTR_NULL(client);
    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    CU_ASSERT_EQUAL(gsakmp_client_open(&client, path, NULL), GSAKMP_E_ARGUMENT);
    CU_ASSERT_EQUAL(gsakmp_client_open(NULL, path, NULL), GSAKMP_E_ARGUMENT);
    CU_ASSERT_EQUAL(gsakmp_get_key("/nonexistent/socket", "demo", 0, 10, &key), GSAKMP_E_CONNECT);
    CU_ASSERT_EQUAL(gsakmp_client_status(NULL), GSAKMP_E_ARGUMENT);
    CU_ASSERT_EQUAL(gsakmp_client_process(NULL), GSAKMP_E_ARGUMENT);
    CU_ASSERT_EQUAL(gsakmp_client_send_key(NULL, 0, &key), GSAKMP_E_ARGUMENT);
    CU_ASSERT_EQUAL(gsakmp_client_fd(NULL), -1);
    gsakmp_client_close(NULL);
    gsakmp_key_wipe(NULL);
}

const struct test_suite suite_client_closed = {"client_closed",
                                               {
                                                   {"a membership ends", a_membership_ends},
                                                   {"an agent goes", an_agent_goes},
                                                   {"keys past their time", keys_past_their_time},
                                                   {"lines that are wrong", lines_that_are_wrong},
                                                   {"a line without end", a_line_without_end},
                                                   {"nobody there", nobody_there},
                                                   {NULL, NULL},
                                               }};
