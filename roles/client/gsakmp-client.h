/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_CLIENT_H
#define GSAKMP_CLIENT_H
/*
 * libgsakmp-client: the keys of a GSAKMP group (RFC 4535) for a program of a member's host.
 *
 * The member agent, gsakmpd, is in the group on behalf of the host. A program subscribes to a
 * group at the agent's socket and then has, always current: the key to send with, the keys to
 * receive with, what the group owner's signed policy says, and events. The agent gives them to
 * the users whom its configuration lists (gsakmpd.conf(5), `users`).
 *
 *     struct gsakmp_client *client;
 *     struct gsakmp_key key;
 *
 *     if (gsakmp_client_open(&client, NULL, "weather") == GSAKMP_OK &&
 *         gsakmp_client_wait(client, 5000) == GSAKMP_OK &&
 *         gsakmp_client_send_key(client, 0, &key) == GSAKMP_OK) {
 *         ... key.octets, key.size, key.id, key.handle ...
 *     }
 *     gsakmp_key_wipe(&key);
 *     gsakmp_client_close(client);
 *
 * Life: gsakmp_client_open; then, from any event loop, gsakmp_client_process when
 * gsakmp_client_fd is readable, or gsakmp_client_wait, which blocks; gsakmp_client_close. A
 * client belongs to one thread at a time; the library has no threads, signals or globals.
 *
 * It fails closed. When the membership ends (left, evicted, group destroyed) or the agent is
 * gone, all keys in the client are wiped, and asking for one says why there is none. A key is
 * never given after its expiration, nor an old one after its overlap, also when the program did
 * not call for a while: each call that asks for a key first takes in what the agent has sent. A
 * client whose agent is gone stays so; open another.
 *
 * Key octets are copied to the caller, who wipes them (gsakmp_key_wipe). Inside the library they
 * are in memory that is locked where the system allows it, kept out of core dumps, and wiped.
 *
 * Raw keys ask for care. Several senders under one key must never use a counter mode (GCM, CTR)
 * with IVs of their own choice that may meet; random IVs of 96 bits bear about 2^32 messages of
 * all senders together. gsakmp-seal(1) shows one safe use.
 */
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- results --------------------------------------------------------------------------- */

/* 0 is good, positive ones are no errors, negative ones are. */
enum gsakmp_result {
    GSAKMP_OK = 0,
    GSAKMP_AGAIN = 1,       /* nothing is there yet; process or wait */
    GSAKMP_OUT_OF_STEP = 2, /* in the group, but a rekey was missed: keys may be old */

    GSAKMP_E_ARGUMENT = -1,
    GSAKMP_E_CONNECT = -2,  /* no agent at that socket, or it may not be reached */
    GSAKMP_E_REFUSED = -3,  /* no such group there, or not for this user */
    GSAKMP_E_GONE = -4,     /* the agent went away or ended */
    GSAKMP_E_CUT_OFF = -5,  /* the agent cut this client off: it read too slowly */
    GSAKMP_E_PROTOCOL = -6, /* what came is not what an agent says */
    GSAKMP_E_TIMEOUT = -7,
    GSAKMP_E_MEMORY = -8,
    GSAKMP_E_NO_KEY = -9,   /* in the group, but no such key serves (any more) */
    GSAKMP_E_JOINING = -10, /* not in the group yet; the agent asks */
    GSAKMP_E_OUT = -11,     /* not in the group, nor asking: left, or never joined */
    GSAKMP_E_EVICTED = -12, /* the policy token excludes this host */
    GSAKMP_E_ENDED = -13    /* the group was destroyed, for ever */
};

/* A sentence for a result. */
const char *gsakmp_result_text(int result);

/* --- life ------------------------------------------------------------------------------- */

struct gsakmp_client;

/* Where gsakmpd.conf(5) samples put it. */
#define GSAKMP_AGENT_SOCKET "/run/gsakmp/gsakmpd.sock"

/* Connects to the agent's control socket (NULL: GSAKMP_AGENT_SOCKET) and subscribes to the group
 * by the name that it has in the agent's configuration (NULL: the only one). The agent's answer
 * comes later, with the first process or wait. Does not wait, except for a busy agent to accept.
 * On error *client is NULL. */
int gsakmp_client_open(struct gsakmp_client **client, const char *socket, const char *group);
/* Wipes and frees; NULL is taken. */
void gsakmp_client_close(struct gsakmp_client *client);
/* For poll(2), to be asked for reading. */
int gsakmp_client_fd(const struct gsakmp_client *client);
/* Takes in what the agent has sent, without waiting. An error, once met, is met again by every
 * call: take the descriptor out of the event loop and close the client. */
int gsakmp_client_process(struct gsakmp_client *client);
/* Waits until an event is there, or, the first time, the agent's answer; at most so long
 * (-1: for ever). GSAKMP_E_TIMEOUT changes nothing. */
int gsakmp_client_wait(struct gsakmp_client *client, int timeout_ms);
/* GSAKMP_OK in the group and in step, GSAKMP_OUT_OF_STEP, GSAKMP_AGAIN before the first answer,
 * else why there are no keys. */
int gsakmp_client_status(struct gsakmp_client *client);
/* What the agent said last about it, in words; borrowed until the next call. */
const char *gsakmp_client_text(const struct gsakmp_client *client);

/* --- keys ------------------------------------------------------------------------------- */

/* Around a rekey several keys of one identifier serve (gsakmpd.conf(5), `overlap` and
 * `activation`). All serve to receive. */
enum gsakmp_use {
    GSAKMP_USE_SEND,    /* and to send */
    GSAKMP_USE_RECEIVE, /* an older one, for a while */
    GSAKMP_USE_NEXT     /* a newer one: others may send with it already */
};

#define GSAKMP_KEY_MAX 64
#define GSAKMP_NEVER   INT64_MAX

struct gsakmp_key {
    uint32_t id;     /* KeyID: which key of the group's policy */
    uint32_t handle; /* which version of it; id and handle never come again */
    uint16_t type;   /* RFC 4535 table 24, or private */
    char name[32];   /* of the type: "AES-256-GCM" */
    enum gsakmp_use use;
    int64_t created, expires; /* seconds since 1970 UTC; GSAKMP_NEVER */
    size_t size;
    uint8_t octets[GSAKMP_KEY_MAX];
};

/* `id` 0 is the policy's first key. Each sets *key, wiped unless the result is GSAKMP_OK or
 * GSAKMP_OUT_OF_STEP. */
/* The key to send with. */
int gsakmp_client_send_key(struct gsakmp_client *client, uint32_t id, struct gsakmp_key *key);
/* The newest of the older keys. */
int gsakmp_client_previous_key(struct gsakmp_client *client, uint32_t id, struct gsakmp_key *key);
/* The key that something was sent with. */
int gsakmp_client_receive_key(struct gsakmp_client *client, uint32_t id, uint32_t handle,
                              struct gsakmp_key *key);
/* The index-th of all keys that serve, those of one KeyID with the newest first;
 * GSAKMP_E_NO_KEY behind the last. */
int gsakmp_client_key_at(struct gsakmp_client *client, size_t index, struct gsakmp_key *key);
void gsakmp_key_wipe(struct gsakmp_key *key);

/* In one call: the key to send with, for which it waits at most so long (-1: for ever). */
int gsakmp_get_key(const char *socket, const char *group, uint32_t id, int timeout_ms,
                   struct gsakmp_key *key);

/* --- policy ----------------------------------------------------------------------------- */

/* What the verified policy token in force says (RFC 4534). */
struct gsakmp_policy {
    int has_edition;
    int64_t edition;
    int64_t signed_at;   /* seconds since 1970 UTC */
    int may_send;        /* this host */
    int anyone_sends;    /* every member may; else the rules of gsakmp_client_sender */
    size_t sender_count; /* rules of who may send, at most 64 */
    size_t data_count;   /* data protocols */
};

/* A data protocol; KeyIDs 0 where it has no such key. */
struct gsakmp_data {
    char protocol[64]; /* OID */
    uint32_t authentication, encryption;
};

int gsakmp_client_policy(struct gsakmp_client *client, struct gsakmp_policy *policy);
/* The rule by which this host may or may not send; borrowed until the next call. */
const char *gsakmp_client_rule(const struct gsakmp_client *client);
/* "CN=*,OU=video,O=Acme under CA 5f:01:..."; borrowed until the next call, NULL behind the
 * last. */
const char *gsakmp_client_sender(const struct gsakmp_client *client, size_t index);
int gsakmp_client_data(struct gsakmp_client *client, size_t index, struct gsakmp_data *data);

/* --- events ----------------------------------------------------------------------------- */

enum gsakmp_event_type {
    GSAKMP_EVENT_OTHER, /* see code and text */
    GSAKMP_EVENT_JOINED,
    GSAKMP_EVENT_KEY_NEW,     /* serves to receive */
    GSAKMP_EVENT_KEY_ACTIVE,  /* is the one to send with */
    GSAKMP_EVENT_KEY_RETIRED, /* an old one serves no more */
    GSAKMP_EVENT_KEY_EXPIRED,
    GSAKMP_EVENT_POLICY,      /* another edition of the token is in force */
    GSAKMP_EVENT_OUT_OF_STEP, /* a rekey was missed; the agent registers again */
    GSAKMP_EVENT_IN_STEP,
    GSAKMP_EVENT_LEFT,
    GSAKMP_EVENT_EVICTED,
    GSAKMP_EVENT_ENDED, /* the group was destroyed */
    GSAKMP_EVENT_GONE,  /* the agent; the last event of a client */
    GSAKMP_EVENT_LOST   /* more than 32 events waited, some were dropped */
};

struct gsakmp_event {
    enum gsakmp_event_type type;
    char code[32];       /* as gsakmpctl(1) watch tells it */
    uint32_t id, handle; /* of the key, else 0 */
    char text[256];
};

/* Takes the oldest event; GSAKMP_AGAIN when there is none. What an event tells of is already so
 * for every other call. Events are for knowing when, keys and status for knowing what. */
int gsakmp_client_next_event(struct gsakmp_client *client, struct gsakmp_event *event);

#ifdef __cplusplus
}
#endif
#endif
