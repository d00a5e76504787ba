/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_ENGINE_H
#define GSAKMP_ENGINE_H
/*
 * Engines and their turns: the border between protocol and world.
 *
 * An engine is a state machine without the outside: it takes messages, ticks, finished jobs
 * and commands, and fills a struct gk_turn with what the world is to do. It never blocks,
 * reads no clock, opens no file. Whoever hosts it (gsakmp/run/, a simulator, a test) carries
 * the turn out in this order:
 *
 *   1. the records are stored, all or none;
 *   2. only then the messages leave, in order, and the notices are shown;
 *   3. the jobs run, anywhere, in any order, each ending in the engine's `job`;
 *   4. `tick` is called at or after turn.next_tick.
 *
 * When storing fails the host stops: nothing was sent that a restart would not know of.
 * An engine rebuilt from its records continues where the last stored turn ended.
 *
 * One thread calls an engine. Jobs run on any thread and touch only their own input.
 */
#include "gsakmp/reason.h"
#include "gsakmp/stamp.h"

/* An IPv4 or IPv6 address and port; family 0 is none. `scope` is the index of a network
 * interface: of the link where a link-local address is meant (RFC 4007), and by which a
 * multicast datagram leaves; else 0. */
struct gk_address {
    uint8_t family; /* 4 or 6 */
    uint8_t ip[16]; /* network order; IPv4 in the first four */
    uint16_t port;
    uint32_t scope;
};

bool gk_address_equal(const struct gk_address *a, const struct gk_address *b);
#define GK_ADDRESS_TEXT 64
/* "192.0.2.1:3761", "[2001:db8::1]:3761", "[fe80::1%2]:3761" */
const char *gk_address_format(const struct gk_address *address, char text[GK_ADDRESS_TEXT]);
/* Numeric only, also the scope, which only link-local addresses take; a missing port is `port`.
 * An IPv4 address inside an IPv6 one (::ffff:192.0.2.1) is the IPv4 address. */
bool gk_address_parse(const char *text, uint16_t port, struct gk_address *address) GK_MUST_USE;
/* Means nothing without its link: fe80::/10, and multicast of these two scopes. */
bool gk_address_is_link_local(const struct gk_address *address);
bool gk_address_is_multicast(const struct gk_address *address);

enum gk_transport { GK_UDP, GK_TCP };

/* The other end. A TCP connection has a number while it lives; a send with connection 0
 * by TCP opens one (or reuses one that this host opened to the address). */
struct gk_peer {
    enum gk_transport transport;
    struct gk_address address;
    uint32_t connection;
};

struct gk_send {
    struct gk_peer to;
    struct gk_secret octets; /* a message; owned by the turn */
};

/* A change to the engine's stored state. Keys start with a letter that names the kind. */
struct gk_record {
    struct gk_octets key;   /* owned by the turn */
    struct gk_secret value; /* wiped after storing; empty with `gone` */
    bool gone;
};

/* Jobs: public-key work. `run` may be called on any thread, once, and touches nothing but
 * the job; `drop` frees it. An engine embeds the struct in its own. */
enum gk_lane { GK_LANE_REKEY, GK_LANE_ACK, GK_LANE_REGISTRATION };
struct gk_job {
    void (*run)(struct gk_job *job);
    void (*drop)(struct gk_job *job);
    enum gk_lane lane;
    struct gk_job *next; /* the host's */
    void *host;          /* the host's */
};

enum gk_level { GK_DEBUG, GK_INFO, GK_NOTICE, GK_WARNING, GK_ERROR };

/* What happened, for logs and watchers. `code` is stable ("member-admitted"); log lines are
 * limited per code. Foreign text in it is escaped. */
struct gk_notice {
    enum gk_level level;
    const char *code;
    uint16_t notification; /* RFC 4535 table 22, when there is one */
    char text[512];
};

#define GK_NO_TICK INT64_MAX

struct gk_turn {
    size_t send_count, record_count, notice_count, job_count;
    struct gk_send *sends;
    struct gk_record *records;
    struct gk_notice *notices;
    struct gk_job **jobs;
    int64_t next_tick; /* monotonic ms, GK_NO_TICK for none; engines set it every turn */
    bool keys_changed; /* a consumer should look at the group's keys */
};

/* A turn starts zeroed; gk_turn_free drops what was not taken out (jobs are dropped). */
void gk_turn_send(struct gk_turn *turn, const struct gk_peer *to, struct gk_octets octets);
void gk_turn_record(struct gk_turn *turn, struct gk_octets key, struct gk_octets value);
void gk_turn_record_gone(struct gk_turn *turn, struct gk_octets key);
void gk_turn_notice(struct gk_turn *turn, enum gk_level level, const char *code,
                    uint16_t notification, const char *format, ...) GK_PRINTF(5, 6);
void gk_turn_job(struct gk_turn *turn, struct gk_job *job);
void gk_turn_free(struct gk_turn *turn);

/* How a host drives an engine. */
struct gk_engine {
    void *self;
    void (*message)(void *self, const struct gk_now *now, const struct gk_peer *from,
                    struct gk_octets octets, struct gk_turn *turn);
    void (*tick)(void *self, const struct gk_now *now, struct gk_turn *turn);
    /* The engine owns the finished job again and drops it. */
    void (*job)(void *self, const struct gk_now *now, struct gk_job *job, struct gk_turn *turn);
    /* A TCP connection has ended or could not be made. */
    void (*closed)(void *self, const struct gk_now *now, const struct gk_peer *peer,
                   struct gk_turn *turn);
};

#endif
