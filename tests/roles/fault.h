/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ROLES_FAULT_H
#define TESTS_ROLES_FAULT_H
/*
 * Faults: what a network and an attacker do to the messages of a troupe, and how to see that
 * they changed nothing.
 *
 *     struct fault fault = {.exchange = GK_KEY_DOWNLOAD, .to = FAULT_ANY, .deed = FAULT_LOSE};
 *     fault_set(troupe, &fault);     the first Key Download is lost
 *
 *     struct fault_view before;
 *     fault_look(troupe, &before);   records, keys and states of all nodes
 *     ... an attack ...
 *     CU_ASSERT_TRUE(fault_nothing_changed(troupe, &before));
 */
#include "gsakmp/message.h"
#include "tests/roles/troupe.h"

#define FAULT_ANY  ((size_t)-1)
#define FAULT_KEPT 64

enum fault_deed {
    FAULT_LOSE,
    FAULT_TWICE, /* a copy arrives `ms` after the message */
    FAULT_LATE,  /* it arrives `ms` later than it would */
    FAULT_KEEP,  /* it waits for fault_release */
};

/* Packets: what is sent to a multicast address is one packet for each receiver. */
struct fault {
    uint8_t exchange; /* 0: all */
    size_t from, to;  /* nodes or FAULT_ANY; `from` 0 is the GC/KS, so is `to` by default */
    unsigned first;   /* of those that match, counted from 0 */
    unsigned count;   /* how many; 0: one; UINT_MAX: all from there on */
    enum fault_deed deed;
    int64_t ms;
    unsigned met; /* packets that matched so far */
    unsigned kept_count;
    struct rig_packet kept[FAULT_KEPT]; /* their octets are the fault's */
};

/* In force until the next call; NULL: no faults. Forgets what an earlier use met and kept. */
void fault_set(struct troupe *troupe, struct fault *fault);
/* The filter itself, for one that does more; `fault` is a struct fault. */
bool fault_befall(struct rig *rig, struct rig_packet *packet, void *fault);
/* Lets a kept packet go on. */
void fault_release(struct troupe *troupe, const struct fault *fault, unsigned index);
void fault_forget(struct fault *fault);

/* Exchange type of a message, 0 when it is none. */
uint8_t fault_exchange(struct gk_octets octets);

/* --- what is stored, held and known ---------------------------------------------------- */

struct fault_view {
    size_t count;
    uint8_t node[RIG_NODES][32];
};

void fault_look(const struct troupe *troupe, struct fault_view *view);
/* One node only. */
bool fault_node_unchanged(const struct troupe *troupe, const struct fault_view *before,
                          size_t node);
/* All nodes; says which one changed. */
bool fault_nothing_changed(const struct troupe *troupe, const struct fault_view *before);

/* --- messages made of messages ---------------------------------------------------------- */

/* What differs; NULL and 0: as it is in the original. */
struct fault_change {
    const struct test_party *key;         /* who signs */
    const struct test_party *certificate; /* instead of the original's */
    const struct test_party *besides;     /* added in front of the others */
    const struct test_party *issuer;      /* added behind them */
    const char *signer_id;
    uint8_t group; /* xor to the Group ID's last octet */
    uint32_t sequence;
    gk_time stamp;       /* of the signature */
    gk_time event_stamp; /* of Rekey Events */
    bool empty_event;    /* type None without data */
};
/* The same message built anew and signed by `key`; ends the program when it cannot be. */
struct gk_octets fault_forge(struct gk_octets original, const struct fault_change *change);
/* Appends the first `size` octets; `told`: the header's Length says so too. */
void fault_cut(struct gk_octets original, size_t size, bool told, struct gk_writer *to);
/* Appends the index-th variant of the same signed octets: another signature, other
 * certificates, something behind. False after the last. */
bool fault_unsigned_variant(struct gk_octets original, unsigned index, struct gk_writer *to);

/* --- shorthands -------------------------------------------------------------------------- */

/* Notices of that code at all members. */
unsigned fault_noticed(const struct troupe *troupe, const char *code);
/* Forgets the notices of all nodes. */
void fault_forget_notices(struct troupe *troupe);
/* Leaves and registers again at once: at the next event its old path changes. */
void fault_rejoin(struct troupe *troupe, unsigned index);
/* The member's engine is made anew from its configuration, without records. */
void fault_remake(struct troupe *troupe, unsigned index);
/* Hands octets to a node as if they came from another, now. */
void fault_deliver(struct troupe *troupe, size_t from, size_t to, struct gk_octets octets);

#endif
