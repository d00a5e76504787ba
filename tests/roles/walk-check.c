/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold at any moment of a walk. */
#include "tests/roles/walk.h"

#include "roles/gcks-internal.h"
#include "roles/member-internal.h"

/* Invariant 9: editions and creation dates never fall. */
static void only_forward(struct walk *walk, unsigned who)
{
    struct troupe *troupe = walk->troupe;
    struct walk_part *part = &walk->part[who];
    struct member_status status = troupe_member_status(troupe, who);
    struct gk_now now = rig_now(troupe->rig, troupe->member[who].node);
    struct member_key key;

    walk_expect(walk, !status.has_edition || status.edition >= part->edition, "an edition fell");
    if (status.has_edition)
        part->edition = status.edition;
    if (!member_key_at(troupe->member[who].member, 0, &now, &key))
        return;
    walk_expect(walk, key.created >= part->created, "a creation date fell");
    part->created = key.created;
    walk_expect(walk, part->place != WALK_OUT, "who has left holds a key");
    walk_expect(walk, part->place != WALK_DENIED || key.created <= part->limit,
                "the denied holds a key made later");
}

/* Invariant 11: at most two leaves an identity, each leaf one identity's. */
static void leaves(struct walk *walk)
{
    const struct gcks *g = walk->troupe->gcks;
    bool taken[64] = {false};
    uint32_t used = 0;
    uint32_t members = 0;

    for (uint32_t i = 0; i < g->entry_count; i++) {
        const struct gcks_entry *entry = &g->entry[i];

        for (size_t k = 0; entry->person.size && k < 2; k++) {
            const struct gcks_leaf *leaf = &entry->leaf[k];

            if (leaf->state == GCKS_LEAF_FREE)
                continue;
            walk_expect(walk, !taken[leaf->id], "a leaf of two identities");
            taken[leaf->id] = true;
            used += leaf->state != GCKS_LEAF_GOING;
            members += leaf->state == GCKS_LEAF_MEMBER;
            walk_expect(walk, (leaf->state != GCKS_LEAF_GOING) == gk_lkh_in_use(g->lkh, leaf->id),
                        "entry and tree differ about a leaf");
        }
    }
    walk_expect(walk, used == gk_lkh_members(g->lkh), "leaves without an identity");
    walk_expect(walk, members == g->members, "members are counted wrong");
}

static void no_forbidden_step(struct walk *walk)
{
    for (size_t i = 0; i < walk->troupe->rig->node_count; i++) {
        walk_expect(walk, !rig_noticed(walk->troupe->rig, i, "forbidden-move"), "forbidden move");
        walk_expect(walk, !rig_noticed(walk->troupe->rig, i, "forbidden-transition"),
                    "forbidden transition");
        rig_forget_notices(walk->troupe->rig, i);
    }
}

void walk_check(struct walk *walk)
{
    for (unsigned i = 0; i < WALK_MEMBERS; i++)
        only_forward(walk, i);
    leaves(walk);
    no_forbidden_step(walk);
    ledger_keys(&walk->ledger, walk->troupe);
    walk_expect(walk, !walk->ledger.violations, "something came twice");
    walk->ledger.violations = 0;
}

/* Invariant 1, for each denial: those denied up to then put together what they know. */
void walk_check_closure(struct walk *walk)
{
    for (unsigned last = 0; last < walk->denials; last++) {
        struct closure closure = {0};

        for (unsigned i = 0; i <= last; i++)
            closure_join(&closure, &walk->part[walk->denied[i]].known);
        closure_expand(&closure, walk->troupe->rig);
        walk_expect(walk, !closure_reaches(&closure, walk->part[walk->denied[last]].limit),
                    "the denied can reach a later key");
        closure_free(&closure);
    }
}
