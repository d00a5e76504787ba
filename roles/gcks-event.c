/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rekey Event messages: signed by a job, stored, sent, and sent again (RFC 4535 5.3.1.1,
 * profile 9.7, 9.11). Copies are identical to the octet, also after a restart.
 */
#include "roles/gcks-internal.h"

#include <stdlib.h>
#include <string.h>

#define COPY_MS      1000 /* between copies; profile 9.7 allows 2 s */
#define RETRY_MS     1000 /* after a signer failed */
#define DESTRUCTIONS 3    /* copies of the group's end, at least */

struct gcks_event *gcks_event_new(const struct gcks *g, uint8_t type, gk_time stamp)
{
    struct gcks_event *event = gk_alloc(1, sizeof *event);

    event->type = type;
    event->stamp = stamp;
    event->signature = g->terms->rekey_signature;
    return event;
}

struct gcks_part *gcks_event_add(struct gcks_event *event, uint32_t sequence)
{
    struct gcks_part *part;

    if ((event->part_count & (event->part_count - 1)) == 0)
        event->part = gk_realloc(event->part, event->part_count ? event->part_count * 2 : 1,
                                 sizeof *event->part);
    part = &event->part[event->part_count++];
    *part = (struct gcks_part){.sequence = sequence};
    return part;
}

void gcks_event_free(struct gcks_event *event)
{
    if (!event)
        return;
    for (size_t i = 0; i < event->part_count; i++) {
        gk_secret_free(&event->part[i].data);
        gk_secret_free(&event->part[i].token);
        gk_secret_free(&event->part[i].message);
    }
    free(event->part);
    free(event);
}

void gcks_events_free(struct gcks *g)
{
    while (g->events) {
        struct gcks_event *event = g->events;

        g->events = event->next;
        gcks_event_free(event);
    }
    gcks_event_free(g->unsigned_event);
    g->unsigned_event = NULL;
}

/* --- the job --------------------------------------------------------------------------------- */

struct sign_job {
    struct gcks_job job;
    struct gcks_event *event; /* the job's while it is under way */
    struct gk_group group;
    struct gk_secret server; /* name */
    struct credential own;
};

static bool build(const struct sign_job *sign, struct gcks_part *part, gk_time stamp,
                  struct gk_reason *why)
{
    const struct gcks_event *event = sign->event;
    struct gk_message message = {
        .group = sign->group,
        .exchange = GK_REKEY_EVENT,
        .sequence = part->sequence,
        .has_token = part->token.size != 0,
        .token_type = GK_TOKEN_V1,
        .token = gk_secret_octets(&part->token),
        .rekey_count = 1,
        .has_signature = true,
        .signature = {.id_type = GK_ID_DN_STRING,
                      .stamp = stamp,
                      .signer_id = gk_secret_octets(&sign->server)},
        .private_inside = part->private_inside,
    };
    struct gk_writer writer = {0};
    bool good;

    message.rekey[0] = (struct gk_rekey_payload){.type = event->type,
                                                 .stamp = event->stamp,
                                                 .algorithm_version = 1,
                                                 .count = part->count,
                                                 .data = gk_secret_octets(&part->data)};
    for (size_t i = 0; i < sign->own.certificate_count && i < GK_MESSAGE_CERTIFICATES; i++)
        message.certificate[message.certificate_count++] =
            (struct gk_certificate_payload){GK_CERTIFICATE_X509, sign->own.certificates[i]};
    good = gk_message_build(&message, sign->own.signer, &writer, why);
    if (good)
        part->message = gk_writer_take(&writer);
    gk_writer_free(&writer);
    return good;
}

/* A DER signature whose length does not settle is made over a later time: in Rekey Events
 * nobody compares that with a clock (profile 4.2, 4.7). Should all starts fail, the next
 * attempt goes on from there. */
static bool sign_part(const struct sign_job *sign, struct gcks_part *part, struct gk_reason *why)
{
    struct gcks_event *event = sign->event;

    for (int start = 0; start < GK_SIGN_STARTS; start++) {
        if (build(sign, part, event->stamp + event->later, why))
            return true;
        if (strcmp(why->code, "signature-length") != 0)
            return false;
        event->later++;
    }
    return false;
}

static void run(struct gk_job *base)
{
    struct sign_job *sign = (struct sign_job *)base;

    sign->job.good = true;
    for (size_t i = 0; i < sign->event->part_count && sign->job.good; i++)
        sign->job.good = sign_part(sign, &sign->event->part[i], &sign->job.why);
}

static void drop(struct gk_job *base)
{
    struct sign_job *sign = (struct sign_job *)base;

    gcks_event_free(sign->event);
    gk_secret_free(&sign->server);
    free(sign);
}

/* --- sending --------------------------------------------------------------------------------- */

void gcks_event_send(struct gcks *g, const struct gcks_event *event, const struct gk_peer *to)
{
    for (size_t i = 0; i < event->part_count; i++) {
        gk_turn_send(g->turn, to, gk_secret_octets(&event->part[i].message));
        g->counts.rekey_messages++;
        g->counts.rekey_octets += event->part[i].message.size;
    }
}

static void send_copy(struct gcks *g, struct gcks_event *event)
{
    for (size_t i = 0; i < g->config.rekey_count; i++) {
        struct gk_peer to = {.transport = GK_UDP, .address = g->config.rekey[i]};

        gcks_event_send(g, event, &to);
    }
    event->copies--;
    event->next_ms = g->now.ms + COPY_MS;
}

void gcks_event_repeat(struct gcks *g, const struct gk_peer *to)
{
    struct gcks_event *newest = g->events;

    while (newest && newest->next)
        newest = newest->next;
    /* While it is being signed it is about to be sent to everybody. */
    if (newest && newest->number == g->event_number)
        gcks_event_send(g, newest, to);
}

static bool is_done(const struct gcks_event *event)
{
    return !event->copies && !event->round.under_way;
}

static void forget_done(struct gcks *g)
{
    struct gcks_event **at = &g->events;

    while (*at && (*at)->next) {
        struct gcks_event *event = *at;

        if (is_done(event)) {
            *at = event->next;
            gcks_event_free(event);
        } else {
            at = &event->next;
        }
    }
}

static int64_t due(const struct gcks_event *event)
{
    int64_t at = event->copies ? event->next_ms : GK_NO_TICK;

    return event->round.under_way && event->round.next_ms < at ? event->round.next_ms : at;
}

void gcks_events_tick(struct gcks *g)
{
    if (g->unsigned_event && g->retry_ms <= g->now.ms) {
        struct gcks_event *event = g->unsigned_event;

        g->unsigned_event = NULL;
        gcks_event_sign(g, event);
    }
    for (struct gcks_event *event = g->events; event; event = event->next) {
        if (event->copies && event->next_ms <= g->now.ms)
            send_copy(g, event);
        if (event->round.under_way && event->round.next_ms <= g->now.ms)
            gcks_round_tick(g, event);
    }
    forget_done(g);
    if (g->destroyed && g->events && is_done(g->events))
        gcks_records_forget_members(g);
}

int64_t gcks_events_next(const struct gcks *g)
{
    int64_t next = g->unsigned_event ? g->retry_ms : GK_NO_TICK;

    for (const struct gcks_event *event = g->events; event; event = event->next) {
        if (due(event) < next)
            next = due(event);
    }
    return next;
}

/* --- signed: stored, then sent --------------------------------------------------------------- */

static void store_messages(struct gcks *g, const struct gcks_event *event)
{
    for (uint32_t i = 0; i < g->stored_parts; i++)
        gcks_record_numbered_gone(g, GCKS_RECORD_PART, i);
    g->stored_parts = 0;
    for (uint32_t i = 0; i < event->part_count; i++)
        gcks_record_numbered(g, GCKS_RECORD_MESSAGE, i, gk_secret_octets(&event->part[i].message));
    for (uint32_t i = (uint32_t)event->part_count; i < g->stored_messages; i++)
        gcks_record_numbered_gone(g, GCKS_RECORD_MESSAGE, i);
    g->stored_messages = (uint32_t)event->part_count;
}

static void begin_sending(struct gcks *g, struct gcks_event *event)
{
    struct gcks_event **end = &g->events;
    unsigned copies = g->terms->resend + 1;

    while (*end)
        end = &(*end)->next;
    *end = event;
    event->next = NULL;
    if (g->destroyed && copies < DESTRUCTIONS)
        copies = DESTRUCTIONS;
    event->copies = g->config.rekey_count ? copies : 0;
    if (event->copies)
        send_copy(g, event);
    gcks_round_begin(g, event, copies);
    forget_done(g);
}

static void tell(struct gcks *g, const struct gcks_event *event)
{
    size_t octets = 0;
    char stamp[GK_STAMP_SIZE + 1];

    for (size_t i = 0; i < event->part_count; i++)
        octets += event->part[i].message.size;
    gk_stamp_format(event->stamp, stamp);
    gk_turn_notice(g->turn, GK_NOTICE, g->destroyed ? "destruction-sent" : "rekey-sent", GK_NONE,
                   "Rekey Event of %s: %zu message%s, %zu octets, %lu KEK%s made, %lu wrap%s",
                   stamp, event->part_count, event->part_count == 1 ? "" : "s", octets,
                   (unsigned long)event->cost.keys, event->cost.keys == 1 ? "" : "s",
                   (unsigned long)event->cost.wraps, event->cost.wraps == 1 ? "" : "s");
}

static void done(struct gcks *g, struct gcks_job *job)
{
    struct sign_job *sign = (struct sign_job *)job;
    struct gcks_event *event = sign->event;

    sign->event = NULL;
    g->signing = false;
    if (g->destroyed && event->part[0].sequence != GK_SEQUENCE_END) {
        gcks_event_free(event);
        return;
    }
    if (!job->good) {
        gk_turn_notice(g->turn, GK_ERROR, "rekey-unsigned", GK_NONE,
                       "a Rekey Event could not be signed and is tried again: %s", job->why.text);
        g->unsigned_event = event;
        g->signing = true;
        g->retry_ms = g->now.ms + RETRY_MS;
        return;
    }
    store_messages(g, event);
    tell(g, event);
    begin_sending(g, event);
}

void gcks_event_sign(struct gcks *g, struct gcks_event *event)
{
    struct sign_job *sign = gk_alloc(1, sizeof *sign);

    sign->job.base.run = run;
    sign->job.base.drop = drop;
    sign->job.done = done;
    sign->event = event;
    sign->group = g->group;
    sign->server = gk_secret_copy(g->self[0]->name);
    sign->own = *gcks_credential_of(g, event->signature);
    g->signing = true;
    gcks_job_queue(g, GCKS_LANE_REKEY, &sign->job);
}

/* --- records --------------------------------------------------------------------------------- */

void gcks_event_records(struct gcks *g, const struct gcks_event *event)
{
    struct gk_writer writer = {0};

    for (uint32_t i = 0; i < event->part_count; i++) {
        const struct gcks_part *part = &event->part[i];

        gk_writer_cut(&writer, 0);
        gk_write_u8(&writer, event->type);
        gk_write_u16(&writer, event->signature);
        gk_write_u8(&writer, part->private_inside);
        gk_write_u64(&writer, (uint64_t)event->stamp);
        gk_write_u32(&writer, part->sequence);
        gk_write_u16(&writer, part->count);
        gk_write_u32(&writer, (uint32_t)part->token.size);
        gk_write_octets(&writer, gk_secret_octets(&part->token));
        gk_write_octets(&writer, gk_secret_octets(&part->data));
        gcks_record_numbered(g, GCKS_RECORD_PART, i, gk_writer_octets(&writer));
    }
    for (uint32_t i = (uint32_t)event->part_count; i < g->stored_parts; i++)
        gcks_record_numbered_gone(g, GCKS_RECORD_PART, i);
    g->stored_parts = (uint32_t)event->part_count;
    gk_writer_free(&writer);
}

bool gcks_event_restore_part(struct gcks *g, uint32_t index, struct gk_octets value)
{
    struct gk_reader reader = gk_reader(value);
    struct gcks_event read = {.type = gk_read_u8(&reader)};
    struct gcks_part part = {0};
    struct gk_octets token;
    struct gcks_event *event;

    read.signature = gk_read_u16(&reader);
    part.private_inside = gk_read_u8(&reader) != 0;
    read.stamp = gcks_read_time(&reader);
    part.sequence = gk_read_u32(&reader);
    part.count = gk_read_u16(&reader);
    token = gk_read_octets(&reader, gk_read_u32(&reader));
    if (!gk_reader_ok(&reader) || index != g->stored_parts ||
        !gcks_credential_of(g, read.signature))
        return false;
    if (!g->unsigned_event) {
        g->unsigned_event = gcks_event_new(g, read.type, read.stamp);
        g->unsigned_event->signature = read.signature;
    }
    event = g->unsigned_event;
    (void)gcks_event_add(event, part.sequence);
    event->part[index].count = part.count;
    event->part[index].private_inside = part.private_inside;
    event->part[index].token = gk_secret_copy(token);
    event->part[index].data = gk_secret_copy(gk_read_rest(&reader));
    g->stored_parts++;
    return event->stamp == read.stamp;
}

bool gcks_event_restore_message(struct gcks *g, uint32_t index, struct gk_octets value)
{
    if (index != g->stored_messages)
        return false;
    if (!g->events)
        g->events = gcks_event_new(g, GK_REKEY_LKH, 0);
    gcks_event_add(g->events, 0)->message = gk_secret_copy(value);
    g->stored_messages++;
    return true;
}

void gcks_events_restored(struct gcks *g)
{
    struct gcks_event *signed_event = g->events;
    struct gcks_event *unsigned_event = g->unsigned_event;

    g->events = g->unsigned_event = NULL;
    if (signed_event)
        begin_sending(g, signed_event);
    if (unsigned_event)
        gcks_event_sign(g, unsigned_event);
}
