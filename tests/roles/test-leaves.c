/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaves (invariant 11, profile 9.13, 12.1, 12.4): what a registration may change before its
 * Ack and what only after, how far whose keys reach, and what an Ack that comes late is worth.
 */
#include <limits.h>
#include <stdlib.h>

#include "roles/gcks-internal.h"
#include "tests/roles/closure.h"
#include "tests/roles/fault.h"

/* A troupe of which it is noted what member 1 can come to know. */
struct tree {
    struct troupe *troupe;
    struct fault fault;
    struct closure known;
};

static bool note(struct rig *rig, struct rig_packet *packet, void *context)
{
    struct tree *tree = context;

    if (packet->to == tree->troupe->member[1].node)
        closure_note(&tree->known, tree->troupe, packet);
    return fault_befall(rig, packet, &tree->fault);
}

static struct tree *tree_of(unsigned members, uint32_t capacity, uint64_t seed)
{
    struct tree *tree = gk_alloc(1, sizeof *tree);

    tree->troupe = troupe_new(
        &(struct troupe_plan){.members = members, .seed = seed, .degree = 2, .capacity = capacity});
    tree->fault = (struct fault){.exchange = UINT8_MAX};
    tree->troupe->rig->filter = note;
    tree->troupe->rig->context = tree;
    return tree;
}

static void tree_free(struct tree *tree)
{
    closure_free(&tree->known);
    fault_forget(&tree->fault);
    troupe_free(tree->troupe);
    free(tree);
}

/* From now on; what was kept is forgotten. */
static void fault_is(struct tree *tree, uint8_t exchange, size_t to, enum fault_deed deed)
{
    fault_forget(&tree->fault);
    tree->fault = (struct fault){
        .exchange = exchange, .from = FAULT_ANY, .to = to, .count = UINT_MAX, .deed = deed};
}

static void no_fault(struct tree *tree)
{
    tree->fault.exchange = UINT8_MAX;
}

static uint32_t leaf_of(const struct troupe *troupe, unsigned index)
{
    return troupe_member_status(troupe, index).member_id;
}

static uint32_t leaves(const struct tree *tree)
{
    return gk_lkh_members(tree->troupe->gcks->lkh);
}

/* --- until the Ack ---------------------------------------------------------------------- */

/* Its Acks are lost: it holds a key, but its leaf goes, and the next key is not for it. */
static void who_never_acknowledges_is_out_at_the_next_rekey(void)
{
    struct tree *tree = tree_of(2, 8, 600);
    struct troupe *troupe = tree->troupe;

    troupe_join(troupe, 0);
    rig_run(troupe->rig, 1000);
    fault_is(tree, GK_KEY_DOWNLOAD_ACK, 0, FAULT_LOSE);
    troupe_join(troupe, 1);
    rig_run(troupe->rig, 29000);
    CU_ASSERT_TRUE(troupe_in(troupe, 1) && troupe_current(troupe, 1));
    CU_ASSERT_EQUAL(tree->fault.met, 4); /* each copy of the Key Download was answered */
    CU_ASSERT_EQUAL(leaves(tree), 2);
    rig_run(troupe->rig, 2000);
    CU_ASSERT_EQUAL(leaves(tree), 1);
    CU_ASSERT_EQUAL(troupe_status(troupe).counts.ack_timeouts, 1);
    no_fault(tree);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 10);
    CU_ASSERT_TRUE(troupe_current(troupe, 0));
    CU_ASSERT_FALSE(troupe_current(troupe, 1));
    rig_run(troupe->rig, 2000 + 5000 + 100); /* W, B: it is in again */
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_EQUAL(leaves(tree), 2);
    tree_free(tree);
}

/* The same, with the closure: nothing of what it was given opens the next event. */
static void its_keys_open_nothing_later(void)
{
    struct tree *tree = tree_of(2, 8, 601);
    struct troupe *troupe = tree->troupe;
    gk_time limit;

    troupe_join(troupe, 0);
    rig_run(troupe->rig, 1000);
    fault_is(tree, GK_KEY_DOWNLOAD_ACK, 0, FAULT_LOSE);
    troupe_join(troupe, 1);
    rig_run(troupe->rig, 31000);
    troupe->rig->node[troupe->member[1].node].down = true;
    limit = closure_limit(troupe);
    CU_ASSERT_TRUE(tree->known.count > 3);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 2000);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 2000);
    closure_expand(&tree->known, troupe->rig);
    CU_ASSERT_FALSE(closure_reaches(&tree->known, limit));
    tree_free(tree);
}

/* A second registration, while nothing acknowledges it, takes nothing from the first. */
static void replaces_at_its_ack_only(void)
{
    struct tree *tree = tree_of(3, 8, 602);
    struct troupe *troupe = tree->troupe;
    struct closure first = {0};
    gk_time limit;

    troupe_join_all(troupe);
    closure_join(&first, &tree->known);
    fault_is(tree, GK_KEY_DOWNLOAD_ACK, 0, FAULT_KEEP);
    CU_ASSERT_TRUE_FATAL(troupe_leave(troupe, 1));
    troupe_join(troupe, 1);
    rig_run(troupe->rig, 100);
    CU_ASSERT_EQUAL_FATAL(tree->fault.kept_count, 1);
    CU_ASSERT_EQUAL(leaves(tree), 4);
    limit = closure_limit(troupe);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 100);
    closure_expand(&first, troupe->rig);
    CU_ASSERT_TRUE(closure_reaches(&first, limit)); /* the first one is a member still */
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));       /* and so is the second */
    no_fault(tree);
    fault_release(troupe, &tree->fault, 0);
    rig_run(troupe->rig, 100);
    CU_ASSERT_EQUAL(leaves(tree), 3);
    limit = closure_limit(troupe);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 3000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    closure_expand(&first, troupe->rig);
    CU_ASSERT_FALSE(closure_reaches(&first, limit));
    closure_free(&first);
    tree_free(tree);
}

/* Sessions that end without an Ack lose their own leaf only. */
static void an_unacknowledged_one_loses_its_own_leaf(void)
{
    struct tree *tree = tree_of(3, 8, 603);
    struct troupe *troupe = tree->troupe;
    uint32_t leaf;

    troupe_join_all(troupe);
    leaf = leaf_of(troupe, 1);
    CU_ASSERT_TRUE_FATAL(troupe_leave(troupe, 1));
    fault_is(tree, GK_KEY_DOWNLOAD, troupe->member[1].node, FAULT_LOSE);
    for (unsigned i = 0; i < 5; i++) {
        troupe_join(troupe, 1);
        rig_run(troupe->rig, 100);
        CU_ASSERT_EQUAL(leaves(tree), 4); /* never more than two of one identity */
        CU_ASSERT_TRUE_FATAL(troupe_leave(troupe, 1));
        if (i & 1)
            CU_ASSERT_TRUE(troupe_rekey(troupe));
        rig_run(troupe->rig, i == 2 ? 31000 : 1100);
    }
    rig_run(troupe->rig, 31000);
    CU_ASSERT_EQUAL(leaves(tree), 3);
    CU_ASSERT_TRUE(gk_lkh_in_use(troupe->gcks->lkh, leaf));
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 3);
    tree_free(tree);
}

/* --- the Ack comes late ------------------------------------------------------------------------
 */

/* The Ack is kept while `events` pass that do not reach its sender. */
static void missed(struct tree *tree, unsigned events)
{
    struct troupe *troupe = tree->troupe;

    troupe_join(troupe, 0);
    rig_run(troupe->rig, 1000);
    fault_is(tree, GK_KEY_DOWNLOAD_ACK, 0, FAULT_KEEP);
    troupe_join(troupe, 1);
    rig_run(troupe->rig, 100);
    CU_ASSERT_EQUAL_FATAL(tree->fault.kept_count, 1);
    tree->fault.exchange = GK_REKEY_EVENT;
    tree->fault.to = troupe->member[1].node;
    tree->fault.deed = FAULT_LOSE;
    for (unsigned i = 0; i < events; i++) {
        CU_ASSERT_TRUE(troupe_rekey(troupe));
        rig_run(troupe->rig, 1500);
    }
    CU_ASSERT_FALSE(troupe_current(troupe, 1));
    no_fault(tree);
    fault_release(troupe, &tree->fault, 0);
    rig_run(troupe->rig, 10);
}

static void one_missed_event_comes_again(void)
{
    struct tree *tree = tree_of(2, 8, 610);

    missed(tree, 1);
    CU_ASSERT_TRUE(troupe_agree(tree->troupe, -1));
    CU_ASSERT_EQUAL(troupe_status(tree->troupe).members, 2);
    rig_run(tree->troupe->rig, 10000);
    CU_ASSERT_EQUAL(fault_noticed(tree->troupe, "out-of-step"), 0);
    CU_ASSERT_EQUAL(fault_noticed(tree->troupe, "rtj-sent"), 2);
    tree_free(tree);
}

static void with_two_it_registers_again(void)
{
    struct tree *tree = tree_of(2, 8, 611);
    struct troupe *troupe = tree->troupe;

    missed(tree, 2);
    CU_ASSERT_FALSE(troupe_current(troupe, 1));
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 1);
    CU_ASSERT_EQUAL(troupe_status(troupe).pending, 0);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 2000 + 5000 + 100);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_EQUAL(fault_noticed(troupe, "rtj-sent"), 3);
    tree_free(tree);
}

/* --- to another identity
 * -------------------------------------------------------------------------- */

static void a_leaf_changes_hands_after_its_path(void)
{
    struct tree *tree = tree_of(3, 8, 620);
    struct troupe *troupe = tree->troupe;
    struct closure first = {0};
    uint32_t old;
    gk_time limit;

    troupe_join_all(troupe);
    old = leaf_of(troupe, 1);
    closure_join(&first, &tree->known);
    fault_rejoin(troupe, 1);
    CU_ASSERT_NOT_EQUAL(leaf_of(troupe, 1), old);
    troupe_join(troupe, troupe_add(troupe, "CN=new,OU=Members,O=Acme"));
    rig_run(troupe->rig, 100);
    CU_ASSERT_TRUE(troupe_in(troupe, 3));
    CU_ASSERT_NOT_EQUAL(leaf_of(troupe, 3), old); /* it has not been rekeyed yet */
    limit = closure_limit(troupe);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 3000);
    troupe_join(troupe, troupe_add(troupe, "CN=newer,OU=Members,O=Acme"));
    rig_run(troupe->rig, 100);
    CU_ASSERT_EQUAL(leaf_of(troupe, 4), old); /* the lowest free one */
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 3000);
    closure_expand(&first, troupe->rig);
    CU_ASSERT_FALSE(closure_reaches(&first, limit));
    closure_free(&first);
    tree_free(tree);
}

/* In a full tree only its own leaf is left, with its present keys. */
static void a_full_tree_gives_its_own(void)
{
    struct tree *tree = tree_of(4, 4, 621);
    struct troupe *troupe = tree->troupe;
    uint32_t leaf;
    unsigned late;

    troupe_join_all(troupe);
    leaf = leaf_of(troupe, 1);
    CU_ASSERT_TRUE_FATAL(troupe_agree(troupe, -1));
    fault_rejoin(troupe, 1);
    CU_ASSERT_EQUAL(leaf_of(troupe, 1), leaf);
    late = troupe_add(troupe, "CN=late,OU=Members,O=Acme");
    troupe_join(troupe, late);
    rig_run(troupe->rig, 100);
    CU_ASSERT_FALSE(troupe_in(troupe, late));
    CU_ASSERT_TRUE(troupe_evict(troupe, 2));
    rig_run(troupe->rig, 20000 + 2 * 5000 + 100);
    CU_ASSERT_TRUE(troupe_agree(troupe, 2)); /* there is room for the late one now */
    tree_free(tree);
}

const struct test_suite suite_leaves = {
    "leaves",
    {
        {"who never acknowledges is out at the next rekey",
         who_never_acknowledges_is_out_at_the_next_rekey},
        {"its keys open nothing later", its_keys_open_nothing_later},
        {"replaces at its Ack only", replaces_at_its_ack_only},
        {"an unacknowledged one loses its own leaf", an_unacknowledged_one_loses_its_own_leaf},
        {"one missed event comes again", one_missed_event_comes_again},
        {"with two it registers again", with_two_it_registers_again},
        {"a leaf changes hands after its path", a_leaf_changes_hands_after_its_path},
        {"a full tree gives its own", a_full_tree_gives_its_own},
        {NULL, NULL},
    }};
