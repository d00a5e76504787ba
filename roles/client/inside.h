/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_CLIENT_INSIDE_H
#define ROLES_CLIENT_INSIDE_H
/*
 * The client's own structs. It stands alone: a library in somebody else's program ends no
 * process, sets no signal, changes no allocator; so it has nothing of libgsakmp.
 *
 *   client.c        life, reading, waiting
 *   client-line.c   one line of the agent
 *   client-ask.c    keys, policy, events for the caller
 *
 * All of a client is one mapping, of which nothing is copied but the key that a caller asks
 * for. jansson's memory is the program's, and not wiped: key octets are taken out of a line, and
 * zeros put in their place, before jansson sees it.
 */
#include <jansson.h>
#include <stdbool.h>

#include "roles/client/gsakmp-client.h"

#define CLIENT_KEYS   160 /* 16 KeyIDs of 8 versions, with room */
#define CLIENT_EVENTS 32
#define CLIENT_LINE   ((size_t)1 << 18) /* octets of the longest line */

struct client_key {
    struct gsakmp_key key;
    int64_t until; /* monotonic ms: an old one serves no longer; INT64_MAX */
};

struct gsakmp_client {
    int fd;
    int error;  /* met: every call meets it again */
    bool heard; /* the first state */
    int state;  /* a result */
    char text[256];
    size_t key_count;
    struct client_key key[CLIENT_KEYS];
    json_t *policy;
    size_t event_first, event_count;
    struct gsakmp_event event[CLIENT_EVENTS];
    size_t size; /* of what stands in line */
    char line[CLIENT_LINE];
};

/* client.c */
int64_t client_now_ms(void);
/* Ends it: keys are wiped, the error stays, the last event is told. */
int client_end(struct gsakmp_client *client, int error, const char *text);
int client_absorb(struct gsakmp_client *client);

/* client-line.c */
/* One line without its newline; it is changed, and not wiped. */
int client_line(struct gsakmp_client *client, char *line, size_t size);

/* client-ask.c */
void client_drop_keys(struct gsakmp_client *client);
void client_add_event(struct gsakmp_client *client, const char *code, const char *text, uint32_t id,
                      uint32_t handle);

#endif
