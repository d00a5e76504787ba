/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/member-internal.h"

#include <string.h>

/*
 * Two records. "K": what outlives departure (profile 11.5): the mark of the newest token, the
 * last stamps, whether the group has ended. "M": the membership, gone when there is none.
 */
static const struct gk_octets key_marks = {(const uint8_t *)"K", 1};
static const struct gk_octets key_membership = {(const uint8_t *)"M", 1};

#define VERSION 2

static void write_mechanism(const struct gk_mechanism *mechanism, struct gk_writer *to)
{
    gk_write_u16(to, mechanism->signature);
    gk_write_u16(to, mechanism->nonce_hash);
    gk_write_u16(to, mechanism->key_creation);
    gk_write_u16(to, mechanism->key_wrap);
}

static struct gk_mechanism read_mechanism(struct gk_reader *from)
{
    struct gk_mechanism mechanism = {.signature = gk_read_u16(from)};

    mechanism.nonce_hash = gk_read_u16(from);
    mechanism.key_creation = gk_read_u16(from);
    mechanism.key_wrap = gk_read_u16(from);
    return mechanism;
}

static void write_marks(const struct member *member, struct gk_writer *to)
{
    gk_write_u8(to, VERSION);
    gk_write_u8(to, member->ended);
    gk_write_u8(to, member->mark.present);
    gk_write_u8(to, member->mark.has_edition);
    gk_write_u64(to, (uint64_t)member->mark.edition);
    gk_write_u64(to, (uint64_t)member->mark.signing_time);
    gk_write(to, member->mark.hash, sizeof member->mark.hash);
    gk_write_u64(to, (uint64_t)member->last_rtj);
    /* Raised by a token from what is configured (profile 6.7). */
    gk_write_u8(to, member->raised);
    write_mechanism(&member->mechanism, to);
    write_mechanism(&member->config.mechanism, to);
}

static void write_v4(struct gk_writer *to, struct gk_octets octets)
{
    gk_write_u32(to, (uint32_t)octets.size);
    gk_write_octets(to, octets);
}

/* Out of step, or about to be if the process ends here: after a restart the rest of an event
 * is ignored (profile 9.7), and what was held behind a gap is gone. */
static bool lacks_keys(const struct member *member)
{
    const struct rules_terms *terms = rules_terms(member->in.loaded->rules);
    uint32_t ids[RULES_GTPKS];

    for (size_t i = 0; i < terms->gtpk_count; i++)
        ids[i] = terms->gtpk[i].key_id;
    return member->out_of_step || member->held_count ||
           (member->event.open && member->event.lkh &&
            !gk_ring_brought(member->in.ring, ids, terms->gtpk_count));
}

static void write_membership(const struct member *member, struct gk_writer *to)
{
    const struct member_membership *in = &member->in;
    struct gk_writer ring = {0};

    gk_write_u8(to, VERSION);
    write_mechanism(&member->mechanism, to);
    gk_write_u8(to, (uint8_t)in->server_peer.transport);
    gk_write_u8(to, in->server_peer.address.family);
    gk_write(to, in->server_peer.address.ip, sizeof in->server_peer.address.ip);
    gk_write_u16(to, in->server_peer.address.port);
    gk_write_u8(to, lacks_keys(member));
    gk_write_u32(to, in->sequence);
    gk_write_u64(to, (uint64_t)in->last_stamp);
    gk_write_u64(to, (uint64_t)in->ignore_until);
    gk_write_u8(to, in->server_signer != NULL);
    write_v4(to, gk_secret_octets(&in->server_id));
    write_v4(to, gk_secret_octets(&in->server_chain));
    write_v4(to, gk_secret_octets(&in->loaded->octets));
    gk_ring_write(in->ring, &ring);
    write_v4(to, gk_writer_octets(&ring));
    gk_writer_free(&ring);
}

void member_record_mark(const struct member *member, struct gk_turn *turn)
{
    struct gk_writer value = {0};

    write_marks(member, &value);
    gk_turn_record(turn, key_marks, gk_writer_octets(&value));
    gk_writer_free(&value);
}

void member_record(const struct member *member, struct gk_turn *turn)
{
    struct gk_writer value = {0};

    member_record_mark(member, turn);
    if (!member->in.present) {
        gk_turn_record_gone(turn, key_membership);
        return;
    }
    write_membership(member, &value);
    gk_turn_record(turn, key_membership, gk_writer_octets(&value));
    gk_writer_free(&value);
}

static bool broken(struct gk_reason *why, const struct gk_reader *reader)
{
    return gk_refuse(why, GK_NONE, gk_reader_offset(reader), "member-record",
                     "a stored record of this member is not what this version writes");
}

static bool read_marks(struct member *member, struct gk_octets value, struct gk_reason *why)
{
    struct gk_reader from = gk_reader(value);
    uint8_t version = gk_read_u8(&from);
    struct gk_mechanism raised_to;
    struct gk_mechanism raised_from;
    struct gk_octets hash;
    bool raised;

    member->ended = gk_read_u8(&from);
    member->mark.present = gk_read_u8(&from);
    member->mark.has_edition = gk_read_u8(&from);
    member->mark.edition = (int64_t)gk_read_u64(&from);
    member->mark.signing_time = (gk_time)gk_read_u64(&from);
    hash = gk_read_octets(&from, sizeof member->mark.hash);
    member->last_rtj = (gk_time)gk_read_u64(&from);
    raised = gk_read_u8(&from) != 0;
    raised_to = read_mechanism(&from);
    raised_from = read_mechanism(&from);
    if (version != VERSION || !gk_reader_done(&from))
        return broken(why, &from);
    memcpy(member->mark.hash, hash.data, hash.size);
    if (raised && gk_mechanism_equal(&raised_from, &member->config.mechanism) &&
        member_credential_of(member, &raised_to) < member->config.credential_count &&
        rules_locally_allowed(&member->config.policy->local, &raised_to, NULL))
        member_raise(member, &raised_to);
    return true;
}

static bool read_membership(struct member *member, struct gk_octets value, const struct gk_now *now,
                            struct gk_reason *why)
{
    struct member_membership *in = &member->in;
    struct gk_reader from = gk_reader(value);
    uint8_t version = gk_read_u8(&from);
    struct gk_octets ip;
    struct gk_octets token;
    struct gk_octets ring;
    bool two;

    member->mechanism = read_mechanism(&from);
    in->server_peer.transport = gk_read_u8(&from) ? GK_TCP : GK_UDP;
    in->server_peer.address.family = gk_read_u8(&from);
    ip = gk_read_octets(&from, sizeof in->server_peer.address.ip);
    in->server_peer.address.port = gk_read_u16(&from);
    member->out_of_step = gk_read_u8(&from) != 0;
    in->sequence = gk_read_u32(&from);
    in->last_stamp = (gk_time)gk_read_u64(&from);
    in->ignore_until = (gk_time)gk_read_u64(&from);
    two = gk_read_u8(&from) != 0;
    in->server_id = gk_secret_copy(gk_read_octets(&from, gk_read_u32(&from)));
    in->server_chain = gk_secret_copy(gk_read_octets(&from, gk_read_u32(&from)));
    token = gk_read_octets(&from, gk_read_u32(&from));
    ring = gk_read_octets(&from, gk_read_u32(&from));
    if (version != VERSION || !gk_reader_done(&from) || !in->server_id.size)
        return broken(why, &from);
    if (member_credential_of(member, &member->mechanism) == member->config.credential_count)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "key-and-mechanism",
                         "this member no longer has a key for the mechanism of its membership");
    memcpy(in->server_peer.address.ip, ip.data, ip.size);
    in->loaded = load_token(token, member->config.policy, &member->mark, now->utc, why);
    in->ring = in->loaded ? gk_ring_read(ring, why) : NULL;
    return in->ring && member_server_restore(member, two, now->utc, why);
}

static void resume(struct member *member, const struct gk_now *now, struct gk_turn *turn)
{
    const struct gk_choices choices = {true,
                                       true,
                                       true,
                                       member->mechanism.key_creation,
                                       member->mechanism.key_wrap,
                                       member->mechanism.nonce_hash};

    load_warn(member->in.loaded, turn);
    member->in.present = true;
    member->in.baseline = true; /* profile 9.7: after a restart with stored keys */
    member->in.ignore_until = gk_ring_newest(member->in.ring);
    member->in.last_event = now->ms;
    member->in.joined = now->utc;
    (void)gk_ring_member_id(member->in.ring, &member->in.member_id);
    if (!rules_mechanism(member->in.loaded->rules, member->mechanism.signature,
                         member->mechanism.key_creation, &choices, &member->in.mechanism, NULL))
        member->in.mechanism = SIZE_MAX;
    member->wanted = true;
    member->state = MEMBER_WAIT_EVENT;
    if (!member->out_of_step)
        return;
    gk_turn_notice(turn, GK_WARNING, "out-of-step", 0,
                   "out of step: keys were missing when the process ended");
    member->counts.out_of_step++;
    member_retry(member, now, turn);
}

struct member *member_restore(const struct member_config *config, const struct gk_record *records,
                              size_t count, const struct gk_now *now, struct gk_turn *turn,
                              struct gk_reason *why)
{
    struct member *member = member_new(config, why);
    const struct gk_record *membership = NULL;

    if (!member)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (gk_octets_equal(records[i].key, key_marks)) {
            if (!read_marks(member, gk_secret_octets(&records[i].value), why)) {
                member_free(member);
                return NULL;
            }
        } else if (gk_octets_equal(records[i].key, key_membership)) {
            membership = &records[i];
        }
    }
    if (membership && !member->ended) {
        struct gk_mechanism before = member->mechanism;
        struct gk_reason stale;

        /* Keys that can no longer be trusted are not used: the member joins anew. */
        if (read_membership(member, gk_secret_octets(&membership->value), now, &stale)) {
            resume(member, now, turn);
        } else {
            gk_turn_notice(turn, GK_WARNING, stale.code, stale.notification,
                           "the stored membership is not used: %s", stale.text);
            member_forget(member);
            member->mechanism = before;
            member_record(member, turn);
        }
    }
    member_set_tick(member, now, turn);
    return member;
}
