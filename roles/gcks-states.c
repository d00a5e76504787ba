/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GC/KS's half of RFC 4535 tables 28 and 29. A group waits for events while many
 * registrations are under way; each of these walks the same table from Wait for GC/KS Event
 * to Wait for Response from Key Download and back. What is not in the table is forbidden.
 */
#include "roles/gcks-internal.h"

static const struct gcks_transition transitions[] = {
    {GCKS_IDLE, GCKS_CREATE, gcks_act_create, GCKS_WAIT_EVENT, "1"},
    {GCKS_WAIT_EVENT, GCKS_RTJ_BAD, gcks_act_nothing, GCKS_WAIT_EVENT, "2"},
    {GCKS_WAIT_EVENT, GCKS_COMMAND, gcks_act_nothing, GCKS_WAIT_EVENT, "2"},
    {GCKS_WAIT_EVENT, GCKS_COMPROMISE, gcks_act_nothing, GCKS_WAIT_EVENT, "2"},
    {GCKS_WAIT_EVENT, GCKS_DEREGISTRATION, gcks_act_nothing, GCKS_WAIT_EVENT, "2"},
    {GCKS_WAIT_EVENT, GCKS_RTJ_VALID, gcks_act_keydl, GCKS_WAIT_RESPONSE, "3"},
    {GCKS_WAIT_EVENT, GCKS_DELETE, gcks_act_delete, GCKS_IDLE, "5"},
    {GCKS_WAIT_RESPONSE, GCKS_TIMEOUT, gcks_act_release, GCKS_WAIT_EVENT, "4"},
    {GCKS_WAIT_RESPONSE, GCKS_ACK, gcks_act_admit, GCKS_WAIT_EVENT, "4"},
    {GCKS_WAIT_RESPONSE, GCKS_NACK, gcks_act_release, GCKS_WAIT_EVENT, "4"},
};

static const char *const step_names[GCKS_STEPS] = {
    [GCKS_CREATE] = "Create group command",
    [GCKS_RTJ_BAD] = "Receive bad RTJ",
    [GCKS_COMMAND] = "Receive valid command to change group membership",
    [GCKS_COMPROMISE] = "Send Compromise message x times",
    [GCKS_DEREGISTRATION] = "Member Deregistration",
    [GCKS_RTJ_VALID] = "Receive valid RTJ",
    [GCKS_TIMEOUT] = "Timeout",
    [GCKS_ACK] = "Receive Ack",
    [GCKS_NACK] = "Receive Nack",
    [GCKS_DELETE] = "Delete group command",
};

const char *gcks_state_name(enum gcks_state state)
{
    switch (state) {
    case GCKS_IDLE:
        return "Idle";
    case GCKS_WAIT_EVENT:
        return "Wait for GC/KS Event";
    default:
        return "Wait for Response from Key Download";
    }
}

const struct gcks_transition *gcks_transition(enum gcks_state from, enum gcks_step step)
{
    for (size_t i = 0; i < sizeof transitions / sizeof *transitions; i++) {
        if (transitions[i].from == from && transitions[i].step == step)
            return &transitions[i];
    }
    return NULL;
}

bool gcks_step(struct gcks *g, struct gcks_session *session, enum gcks_step step)
{
    enum gcks_state *state = session ? &session->state : &g->state;
    const struct gcks_transition *row = gcks_transition(*state, step);

    if (!row) {
        gk_turn_notice(g->turn, GK_ERROR, "forbidden-transition", GK_NONE,
                       "%s is not a transition of the state %s", step_names[step],
                       gcks_state_name(*state));
        return false;
    }
    if (row->to != row->from)
        gk_turn_notice(g->turn, GK_DEBUG, "state", GK_NONE, "%s: %s -> %s (transition %s, %s)",
                       session ? "registration" : "group", gcks_state_name(row->from),
                       gcks_state_name(row->to), row->number, step_names[step]);
    *state = row->to;
    row->action(g, session);
    return true;
}

void gcks_act_nothing(struct gcks *g, struct gcks_session *session)
{
    (void)g;
    (void)session;
}
