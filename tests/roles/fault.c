/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/roles/fault.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#include "roles/member-internal.h"

uint8_t fault_exchange(struct gk_octets octets)
{
    struct gk_message message;

    return gk_message_header(&message, octets, NULL, GK_EXCHANGE_ANY, NULL) ? message.exchange : 0;
}

/* --- on the way -------------------------------------------------------------------------- */

static bool matches(const struct fault *fault, const struct rig_packet *packet)
{
    return (fault->from == FAULT_ANY || fault->from == packet->from) &&
           (fault->to == FAULT_ANY || fault->to == packet->to) &&
           (!fault->exchange ||
            fault->exchange == fault_exchange(gk_secret_octets(&packet->octets)));
}

bool fault_befall(struct rig *rig, struct rig_packet *packet, void *context)
{
    struct fault *fault = context;
    unsigned count = fault->count ? fault->count : 1;
    unsigned nth;

    if (!matches(fault, packet))
        return true;
    nth = fault->met++;
    if (nth < fault->first || nth - fault->first >= count)
        return true;
    switch (fault->deed) {
    case FAULT_TWICE:
        rig_inject_later(rig, packet->from, packet->to, packet->transport,
                         gk_secret_octets(&packet->octets), 1 + fault->ms);
        return true;
    case FAULT_LATE:
        packet->due += fault->ms;
        return true;
    case FAULT_KEEP:
        if (fault->kept_count == FAULT_KEPT)
            abort();
        fault->kept[fault->kept_count] = *packet;
        fault->kept[fault->kept_count++].octets = gk_secret_copy(gk_secret_octets(&packet->octets));
        return false;
    default:
        return false;
    }
}

void fault_forget(struct fault *fault)
{
    for (unsigned i = 0; i < fault->kept_count; i++)
        gk_secret_free(&fault->kept[i].octets);
    fault->kept_count = 0;
    fault->met = 0;
}

void fault_set(struct troupe *troupe, struct fault *fault)
{
    troupe->rig->filter = fault ? fault_befall : NULL;
    troupe->rig->context = fault;
    if (fault)
        fault_forget(fault);
}

void fault_release(struct troupe *troupe, const struct fault *fault, unsigned index)
{
    const struct rig_packet *packet = &fault->kept[index];

    rig_inject(troupe->rig, packet->from, packet->to, packet->transport,
               gk_secret_octets(&packet->octets));
}

void fault_deliver(struct troupe *troupe, size_t from, size_t to, struct gk_octets octets)
{
    struct gk_peer peer = {GK_UDP, troupe->rig->node[from].address, 0};

    rig_deliver(troupe->rig, to, &peer, octets);
}

/* --- what is stored, held and known --------------------------------------------------------- */

static void add(uint8_t sum[32], const void *data, size_t size, const void *more, size_t more_size)
{
    struct sha256_ctx sha;
    uint8_t digest[32];

    sha256_init(&sha);
    sha256_update(&sha, size, data);
    sha256_update(&sha, more_size, more);
    sha256_digest(&sha, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        sum[i] ^= digest[i];
}

static void add_records(const struct rig_node *node, uint8_t sum[32])
{
    for (size_t i = 0; i < node->record_count; i++) {
        const struct gk_record *record = &node->records[i];

        add(sum, record->key.data, record->key.size, record->value.data, record->value.size);
    }
}

static void add_gcks(const struct troupe *troupe, uint8_t sum[32])
{
    struct gcks_status status = troupe_status(troupe);
    uint64_t seen[] = {status.state,   status.destroyed, (uint64_t)status.edition,   status.members,
                       status.pending, status.sequence,  (uint64_t)status.last_event};

    add(sum, seen, sizeof seen, "gcks", 4);
    for (size_t i = 0; i < status.gtpk_count; i++)
        add(sum, &status.gtpk[i].handle, sizeof status.gtpk[i].handle, "gtpk", 4);
}

static void add_member(const struct troupe *troupe, unsigned index, uint8_t sum[32])
{
    const struct member *member = troupe->member[index].member;
    struct gk_octets key = troupe_key(troupe, index);
    uint64_t seen[] = {member->state,
                       member->out_of_step,
                       member->ended,
                       (uint64_t)member->mark.edition,
                       member->in.sequence,
                       (uint64_t)member->in.last_stamp,
                       (uint64_t)member->in.last_event,
                       member->held_count,
                       member->event.open};

    add(sum, seen, sizeof seen, key.data ? key.data : (const uint8_t *)"", key.size);
}

void fault_look(const struct troupe *troupe, struct fault_view *view)
{
    *view = (struct fault_view){.count = troupe->rig->node_count};
    for (size_t i = 0; i < view->count; i++)
        add_records(&troupe->rig->node[i], view->node[i]);
    add_gcks(troupe, view->node[0]);
    for (unsigned i = 0; i < troupe->member_count; i++)
        add_member(troupe, i, view->node[troupe->member[i].node]);
}

bool fault_node_unchanged(const struct troupe *troupe, const struct fault_view *before, size_t node)
{
    struct fault_view now;

    fault_look(troupe, &now);
    return memcmp(before->node[node], now.node[node], sizeof now.node[node]) == 0;
}

bool fault_nothing_changed(const struct troupe *troupe, const struct fault_view *before)
{
    struct fault_view now;

    fault_look(troupe, &now);
    for (size_t i = 0; i < now.count; i++) {
        if (memcmp(before->node[i], now.node[i], sizeof now.node[i]) != 0) {
            printf("\n    node %zu changed\n", i);
            return false;
        }
    }
    return true;
}

/* --- shorthands ------------------------------------------------------------------------------ */

unsigned fault_noticed(const struct troupe *troupe, const char *code)
{
    unsigned count = 0;

    for (unsigned i = 0; i < troupe->member_count; i++)
        count += rig_count_noticed(troupe->rig, troupe->member[i].node, code);
    return count;
}

void fault_forget_notices(struct troupe *troupe)
{
    for (size_t i = 0; i < troupe->rig->node_count; i++)
        rig_forget_notices(troupe->rig, i);
}

void fault_rejoin(struct troupe *troupe, unsigned index)
{
    CU_ASSERT_TRUE_FATAL(troupe_leave(troupe, index));
    troupe_join(troupe, index);
    rig_run(troupe->rig, 100);
    CU_ASSERT_TRUE_FATAL(troupe_in(troupe, index));
}

void fault_remake(struct troupe *troupe, unsigned index)
{
    struct troupe_part *part = &troupe->member[index];
    struct gk_reason why;

    rig_drop_jobs(troupe->rig, part->node);
    member_free(part->member);
    part->member = member_new(&part->config, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(part->member);
    troupe->rig->node[part->node].engine = member_engine(part->member);
    troupe->rig->node[part->node].next_tick = GK_NO_TICK;
}
