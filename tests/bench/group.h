/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_GROUP_H
#define TESTS_BENCH_GROUP_H
/*
 * A group in this process: the GC/KS engine with the known answers' token and identity, people
 * to fill it, one of whom becomes a member engine and a clock that only the bench
 * moves.
 */
#include "roles/gcks.h"
#include "roles/member.h"
#include "tests/bench/floor.h"
#include "tests/bench/host.h"
#include "tests/bench/people.h"

struct bench_group {
    struct gk_now now;
    struct load_policy policy;
    struct gk_octets root;
    struct gk_octets certificates[2];
    struct gk_signer signer;
    struct gcks *gcks;
    struct bench_host server;
    struct bench_people people;
    uint32_t capacity;
    unsigned named;              /* people that were ever made */
    struct bench_person *person; /* `capacity` of them */
    struct member *member;
    struct bench_host host; /* the member's */
    struct floor *floor;
};

/* The group without people; a tree of degree 4. */
struct bench_group *bench_group_new(uint32_t capacity);
/* Octets of memory that the GC/KS engine held. */
size_t bench_group_free(struct bench_group *group);
/* Time passes, and what is due then happens, unmeasured. */
void bench_group_wait(struct bench_group *group, int64_t ms);
uint32_t bench_group_members(const struct bench_group *group);
/* A member engine joins in the place of person 0. */
void bench_group_member(struct bench_group *group);

/* What the messages of a registration measure, for its floor. */
struct bench_registration {
    size_t rtj, keydl, ack; /* octets signed */
    size_t token, keys;     /* octets sealed */
};

/* People [from, from + count) register: measured by the server's watch. */
void bench_group_register(struct bench_group *group, uint32_t from, uint32_t count,
                          struct bench_registration *registration);
/* A new person takes that one's place among the people; nothing is told to the server. */
void bench_group_replace(struct bench_group *group, uint32_t index);

/* --- figures ------------------------------------------------------------------------------ */

/* The group fills up in rounds (and one before them): server's CPU for a first registration,
 * and for another one of an identity whose path is in the cache. Returns the first of the two. */
struct bench_figure *bench_registrations(struct bench_report *report, struct bench_group *group,
                                         uint32_t rounds);
/* One goes at a time, each by an event of its own, and after a round others come: the server's
 * CPU for an eviction, a member's for a message of its Rekey Event. */
void bench_evictions(struct bench_report *report, struct bench_group *group,
                     const struct bench_size *size);

#endif
