/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ROLES_WALK_H
#define TESTS_ROLES_WALK_H
/*
 * A random walk: a troupe under commands, deaths and a bad network, all drawn from one seed,
 * with what must always hold looked at after each step, and the convergence of all who are
 * entitled once the network is healed. The same seed walks the same way.
 *
 *     struct walk *walk = walk_new(seed);
 *     walk_steps(walk, 300);
 *     walk_heal(walk);
 *     CU_ASSERT_EQUAL(walk->failures, 0);
 *     walk_free(walk);
 */
#include "tests/roles/closure.h"
#include "tests/roles/ledger.h"

#define WALK_MEMBERS 8
#define WALK_DENIALS 5

enum walk_place { WALK_OUT, WALK_WANTED, WALK_DENIED };

struct walk_part {
    enum walk_place place;
    bool away;            /* down: hears nothing, does nothing */
    struct closure known; /* what Key Downloads gave it */
    gk_time limit;        /* of its denial */
    int64_t edition;      /* the highest seen at it */
    gk_time created;      /* of its GTPK, while it is in */
    uint32_t leaf_handle; /* of the leaf key of its last Key Download */
};

struct walk {
    uint64_t seed;
    struct troupe *troupe;
    struct gk_random random;
    bool healed;
    unsigned step, failures;
    int edition;
    int excluded; /* by the token, -1: nobody */
    unsigned denials;
    unsigned denied[WALK_DENIALS]; /* in order */
    unsigned revoked;
    struct test_crl_want list; /* of the root's */
    struct gk_octets crl;
    struct walk_part part[WALK_MEMBERS];
    struct ledger ledger;
    uint8_t history[32]; /* of everything sent, for replays of a seed */
    unsigned counts[16]; /* of each kind of step */
};

struct walk *walk_new(uint64_t seed);
void walk_free(struct walk *walk);
void walk_steps(struct walk *walk, unsigned count);
/* The network loses nothing any more, everybody is there; then all who are entitled hold the
 * same key within W, B and a registration, and the denied never learn one. */
void walk_heal(struct walk *walk);
/* Counts a failure and tells seed and step. */
void walk_expect(struct walk *walk, bool holds, const char *what);
/* What must hold at any moment (walk-check.c). */
void walk_check(struct walk *walk);
/* Nothing made after a denial is within reach of those denied until then. */
void walk_check_closure(struct walk *walk);

#endif
