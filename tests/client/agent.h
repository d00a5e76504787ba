/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CLIENT_AGENT_H
#define TESTS_CLIENT_AGENT_H
/*
 * An agent that says what the test tells it: a Unix socket in a folder of its own, in the test's
 * own thread. The client's request is in the kernel's buffer before the test accepts it.
 *
 *     struct agent agent;
 *     struct gsakmp_client *client = agent_begin(&agent, "demo");
 *     agent_say(&agent, AGENT_IN);
 *     ...
 *     agent_end(&agent, client);
 */
#include "roles/client/gsakmp-client.h"

struct agent {
    char folder[32];
    char path[64];
    int listener;
    int fd; /* to the client; -1 when it was hung up */
    char request[256];
};

/* Opens a client and takes its request. */
struct gsakmp_client *agent_begin(struct agent *agent, const char *group);
void agent_end(struct agent *agent, struct gsakmp_client *client);
/* A line; printf. */
void agent_say(const struct agent *agent, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void agent_hang_up(struct agent *agent);

#define AGENT_OCTETS  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define AGENT_OCTETS2 "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
/* A state, with keys and events. */
#define AGENT_STATE(state, events, keys)                                                           \
    "{\"event\":\"state\",\"group\":\"demo\",\"state\":\"" state "\",\"text\":\"so it is\","       \
    "\"events\":[" events "],\"keys\":[" keys "],\"policy\":"                                      \
    "{\"edition\":7,\"signed\":1790000000,\"data\":[{\"protocol\":\"1.3.6.1.5.5.12.7.1\","         \
    "\"authentication\":null,\"encryption\":\"80000001\"}],\"senders\":[\"CN=a under CA 5f\"],"    \
    "\"may_send\":true,\"rule\":\"the rule\"}}"
#define AGENT_KEY(id, handle, use, expires, left, octets)                                          \
    "{\"id\":\"" id "\",\"handle\":\"" handle "\",\"type\":49154,\"name\":\"AES-256-GCM\","        \
    "\"created\":1790000000,\"expires\":" expires ",\"use\":\"" use "\",\"left\":" left            \
    ",\"key\":\"" octets "\"}"
#define AGENT_SEND    AGENT_KEY("80000001", "00000002", "send", "null", "0", AGENT_OCTETS)
#define AGENT_RECEIVE AGENT_KEY("80000001", "00000001", "receive", "null", "60000", AGENT_OCTETS2)
#define AGENT_IN      AGENT_STATE("in", "", AGENT_SEND)

#endif
