/* SPDX-License-Identifier: Apache-2.0 */
/* Life of the GC/KS engine, and its turns. */
#include "gsakmp/registry.h"
#include "roles/gcks-internal.h"

#include <stdlib.h>
#include <string.h>

#define DAY 86400 /* a clock further beyond the last stamp is not believed (profile 13.2) */

static const struct rules_terms no_terms;

/* --- turns ------------------------------------------------------------------------------------ */

void gcks_enter(struct gcks *g, const struct gk_now *now, struct gk_turn *turn)
{
    g->now = *now;
    g->turn = turn;
}

static int64_t earliest(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_tick(const struct gcks *g)
{
    int64_t next = earliest(gcks_rekey_next(g), gcks_events_next(g));
    uint32_t unused;
    int64_t timer;

    if (gcks_heap_first(&g->timers, &unused, &timer))
        next = earliest(next, timer);
    if ((g->staged.loaded && !g->staged.judged) || g->review.active || gcks_trial_runs(g))
        next = g->now.ms;
    return earliest(next, gcks_seen_tick(g));
}

/* What is due at once belongs to this turn. */
void gcks_leave(struct gcks *g)
{
    gcks_rekey_tick(g);
    gcks_records_flush(g);
    gcks_jobs_start(g);
    g->turn->next_tick = next_tick(g);
    g->turn = NULL;
}

/* --- messages -------------------------------------------------------------------------------- */

bool gcks_in_skew(const struct gcks *g, gk_time stamp, struct gk_reason *why)
{
    gk_time off = stamp > g->now.utc ? stamp - g->now.utc : g->now.utc - stamp;

    if (off <= g->config.skew || g->config.skew_off_with_nonces)
        return true;
    return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "signature-timestamp",
                     "its signature's timestamp is %lld s %s this server's clock, %lld s are "
                     "allowed; which clock is wrong?",
                     (long long)off, stamp > g->now.utc ? "ahead of" : "behind",
                     (long long)g->config.skew);
}

static void refused(struct gcks *g, const char *code, const struct gk_peer *from,
                    struct gk_octets who, const char *proof, const struct gk_reason *why)
{
    bool silent = why->notification == GK_NONE;
    char name[160];
    char address[GK_ADDRESS_TEXT];

    if (silent)
        g->counts.dropped++;
    else
        g->counts.refused++;
    gk_turn_notice(g->turn, silent ? GK_DEBUG : GK_INFO, code, why->notification,
                   "%s%s at %s refused (%s): %s",
                   who.size ? gk_escape(name, sizeof name, who) : "somebody", who.size ? proof : "",
                   gk_address_format(&from->address, address),
                   silent ? why->code : gk_name_notification(why->notification), why->text);
}

void gcks_refused(struct gcks *g, const char *code, const struct gk_peer *from,
                  struct gk_octets who, const struct gk_reason *why)
{
    refused(g, code, from, who, "", why);
}

void gcks_refused_unproven(struct gcks *g, const char *code, const struct gk_peer *from,
                           struct gk_octets who, const struct gk_reason *why)
{
    refused(g, code, from, who, " (so it says)", why);
}

/* Unsigned answers are limited per second in all (profile 1.8). */
static bool may_answer(struct gcks *g)
{
    int64_t second = g->now.ms / 1000;

    if (second != g->answers_second) {
        g->answers_second = second;
        g->answers = 0;
    }
    return g->answers++ < g->config.answers_a_second;
}

/* After the end every RTJ for the group is told so (profile 9.11), in terse mode too. */
static void answer_ended(struct gcks *g, const struct gk_peer *from, struct gk_message *rtj)
{
    struct gk_message answer = {
        .group = g->group, .exchange = GK_REQUEST_TO_JOIN_ERROR, .notification_count = 1};
    struct gk_writer writer = {0};

    g->counts.rtj++;
    answer.notification[0].type = GK_INVALID_GROUP_ID;
    if (gk_message_chain(rtj, NULL) && may_answer(g)) {
        answer.nonce[GK_NONCE_I] = rtj->nonce[GK_NONCE_I];
        if (gk_message_build(&answer, NULL, &writer, NULL) && writer.size <= rtj->octets.size)
            gk_turn_send(g->turn, from, gk_writer_octets(&writer));
    }
    gk_writer_free(&writer);
}

static void dispatch(struct gcks *g, const struct gk_peer *from, struct gk_octets octets)
{
    const unsigned taken =
        GK_EXCHANGE_BIT(GK_REQUEST_TO_JOIN) | GK_EXCHANGE_BIT(GK_KEY_DOWNLOAD_ACK);
    struct gk_message message;
    struct gk_reason why;

    if (!gk_message_header(&message, octets, &g->group, taken, &why))
        gcks_refused(g, "message-refused", from, GK_NO_OCTETS, &why);
    else if (g->destroyed && message.exchange == GK_REQUEST_TO_JOIN)
        answer_ended(g, from, &message);
    else if (g->state != GCKS_WAIT_EVENT)
        g->counts.dropped++;
    else if (message.exchange == GK_REQUEST_TO_JOIN)
        gcks_take_rtj(g, from, &message);
    else
        gcks_take_ack(g, from, &message);
}

static void take_message(void *self, const struct gk_now *now, const struct gk_peer *from,
                         struct gk_octets octets, struct gk_turn *turn)
{
    struct gcks *g = self;

    gcks_enter(g, now, turn);
    dispatch(g, from, octets);
    gcks_leave(g);
}

static void tick(void *self, const struct gk_now *now, struct gk_turn *turn)
{
    struct gcks *g = self;

    gcks_enter(g, now, turn);
    gcks_sessions_tick(g);
    gcks_seen_forget(g);
    gcks_trial_tick(g);
    gcks_staged_tick(g);
    gcks_review_tick(g);
    gcks_events_tick(g);
    gcks_leave(g);
}

static void job_done(void *self, const struct gk_now *now, struct gk_job *base,
                     struct gk_turn *turn)
{
    struct gcks *g = self;
    struct gcks_job *job = (struct gcks_job *)base;

    gcks_enter(g, now, turn);
    g->jobs--;
    job->done(g, job);
    base->drop(base);
    gcks_leave(g);
}

/* A registration outlives its connection: the Ack may come by another one. */
static void closed(void *self, const struct gk_now *now, const struct gk_peer *peer,
                   struct gk_turn *turn)
{
    (void)peer;
    gcks_enter(self, now, turn);
    gcks_leave(self);
}

struct gk_engine gcks_engine(struct gcks *gcks)
{
    return (struct gk_engine){gcks, take_message, tick, job_done, closed};
}

/* --- life ------------------------------------------------------------------------------------ */

static unsigned or_else(unsigned value, unsigned otherwise)
{
    return value ? value : otherwise;
}

static struct gcks *make(const struct gcks_config *config, const struct gk_now *now,
                         struct gk_turn *turn)
{
    struct gcks *g = gk_alloc(1, sizeof *g);

    g->config = *config;
    g->policy = *config->policy;
    g->config.policy = &g->policy;
    g->lists = pki_lists_new(g->policy.trust.crls, g->policy.trust.crl_count);
    pki_lists_lend(g->lists, &g->policy.trust);
    g->generation = 1;
    g->config.degree = or_else(config->degree, 4);
    g->config.capacity = or_else(config->capacity, GK_LKH_CAPACITY);
    g->config.message_limit = config->message_limit ? config->message_limit : 8192;
    if (g->config.message_limit > GCKS_DATAGRAM)
        g->config.message_limit = GCKS_DATAGRAM;
    g->config.skew = config->skew ? config->skew : 300;
    g->config.event_gap_ms = config->event_gap_ms ? config->event_gap_ms : 1000;
    g->config.sessions_most = or_else(config->sessions_most, 4096);
    g->config.queue_most = or_else(config->queue_most, 1024);
    g->config.jobs_most = or_else(config->jobs_most, 4);
    g->config.judged_a_turn = or_else(config->judged_a_turn, 128);
    g->config.answers_a_second = or_else(config->answers_a_second, 100);
    g->group = config->policy->group;
    g->terms = &no_terms;
    gk_random_fill(config->random, g->seed, sizeof g->seed);
    gk_random_fill(config->random, g->handle_seed, sizeof g->handle_seed);
    g->sequence = g->reserved = 1;
    g->entry_free = g->entry_going = g->session_free = GCKS_NONE;
    g->seen_free = g->seen_oldest = g->seen_newest = GCKS_NONE;
    g->event_due_ms = GK_NO_TICK;
    g->last_event_ms = now->ms - g->config.event_gap_ms;
    gcks_enter(g, now, turn);
    return g;
}

static bool take_token(struct gcks *g, struct gk_octets signed_token, struct gk_reason *why)
{
    struct loaded *loaded = gcks_load(g, signed_token, NULL, why);

    if (!loaded)
        return false;
    g->loaded = loaded;
    g->terms = rules_terms(loaded->rules);
    load_warn(loaded, g->turn);
    return gcks_can_serve(g, loaded, why);
}

static bool make_tree(struct gcks *g, struct gk_reason *why)
{
    struct gk_lkh_shape shape = {g->config.degree, g->config.capacity, g->terms->kek_type};

    if (!g->terms->rekeys || g->terms->rekey->method != TOKEN_METHOD_LKH)
        return true;
    g->lkh = gk_lkh_new(&shape, g->config.random, why);
    return g->lkh != NULL;
}

void gcks_act_create(struct gcks *g, struct gcks_session *session)
{
    (void)session;
    gcks_schedule(g, g->now.ms);
}

static struct gcks *give_up(struct gcks *g)
{
    gcks_free(g);
    return NULL;
}

struct gcks *gcks_new(const struct gcks_config *config, struct gk_octets signed_token,
                      const struct gk_now *now, struct gk_turn *turn, struct gk_reason *why)
{
    struct gcks *g = make(config, now, turn);

    if (!gcks_know_self(g, why) || !take_token(g, signed_token, why) || !make_tree(g, why) ||
        !gcks_gtpks_renew(g, g->terms, now->utc, why))
        return give_up(g);
    g->last_stamp = now->utc;
    g->dirty_counters = true;
    gcks_record_numbered(g, GCKS_RECORD_TOKEN, 0, gk_secret_octets(&g->loaded->octets));
    (void)gcks_step(g, NULL, GCKS_CREATE);
    turn->keys_changed = true;
    gk_turn_notice(turn, GK_NOTICE, "group-created", GK_NONE, "edition %lld, room for %lu members",
                   (long long)(g->terms->has_edition ? g->terms->edition : 0),
                   (unsigned long)(g->lkh ? gk_lkh_capacity(g->lkh) : 0));
    gcks_leave(g);
    return g;
}

/* --- from records ---------------------------------------------------------------------------- */

static bool check_clock(const struct gcks *g, bool confirmed, struct gk_reason *why)
{
    if (confirmed || g->now.utc - g->last_stamp <= DAY)
        return true;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "clock",
                     "the clock is %lld s beyond the group's last stamp; confirm that it is right",
                     (long long)(g->now.utc - g->last_stamp));
}

static bool restore_tokens(struct gcks *g, const struct gk_record *records, size_t count,
                           struct gk_reason *why)
{
    const struct gk_record *token = gcks_records_find(records, count, GCKS_RECORD_TOKEN);
    const struct gk_record *staged = gcks_records_find(records, count, GCKS_RECORD_STAGED);

    if (!token)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "records", "there is no stored token");
    if (!take_token(g, gk_secret_octets(&token->value), why))
        return false;
    if (staged)
        g->staged.loaded = gcks_load(g, gk_secret_octets(&staged->value), &g->loaded->mark, why);
    return !staged || g->staged.loaded;
}

static bool restore_group(struct gcks *g, const struct gk_record *records, size_t count,
                          struct gk_reason *why)
{
    if (!restore_tokens(g, records, count, why) ||
        !gcks_records_take_tree(g, records, count, why) ||
        !gcks_records_take(g, records, count, GCKS_RECORD_GTPKS, why) ||
        !gcks_records_take(g, records, count, GCKS_RECORD_EXCLUSION, why) ||
        !gcks_records_take(g, records, count, GCKS_RECORD_SEEN, why))
        return false;
    if (g->gtpk_count == g->terms->gtpk_count &&
        (g->lkh != NULL) == (g->terms->rekeys && g->terms->rekey->method == TOKEN_METHOD_LKH))
        return true;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "records",
                     "the stored keys are not those of the stored token");
}

static bool restore(struct gcks *g, const struct gk_record *records, size_t count,
                    bool clock_confirmed, struct gk_reason *why)
{
    if (!gcks_records_find(records, count, GCKS_RECORD_COUNTERS))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "records", "there is no stored group");
    if (!gcks_know_self(g, why) || !gcks_records_take(g, records, count, GCKS_RECORD_COUNTERS, why))
        return false;
    if (!g->destroyed &&
        (!check_clock(g, clock_confirmed, why) || !restore_group(g, records, count, why)))
        return false;
    return gcks_records_take(g, records, count, GCKS_RECORD_TRAIL, why) &&
           gcks_records_take(g, records, count, GCKS_RECORD_ENTRY, why) &&
           gcks_records_take(g, records, count, GCKS_RECORD_MESSAGE, why) &&
           gcks_records_take(g, records, count, GCKS_RECORD_PART, why) &&
           gcks_entries_restored(g, why);
}

struct gcks *gcks_restore(const struct gcks_config *config, const struct gk_record *records,
                          size_t count, bool clock_confirmed, const struct gk_now *now,
                          struct gk_turn *turn, struct gk_reason *why)
{
    struct gcks *g = make(config, now, turn);

    if (!restore(g, records, count, clock_confirmed, why))
        return give_up(g);
    if (!g->destroyed) {
        gk_time past = now->utc > g->last_stamp ? now->utc - g->last_stamp : 0;

        (void)gcks_step(g, NULL, GCKS_CREATE);
        gcks_schedule(g, now->ms - past * 1000);
        gcks_review_begin(g);
    }
    gcks_events_restored(g);
    gk_turn_notice(turn, GK_NOTICE, "group-restored", GK_NONE, "%lu members%s",
                   (unsigned long)g->members, g->destroyed ? ", and the group has ended" : "");
    gcks_leave(g);
    return g;
}

void gcks_free(struct gcks *g)
{
    if (!g)
        return;
    for (int lane = 0; lane < GCKS_LANES; lane++)
        gcks_jobs_drop(g, (enum gcks_lane)lane);
    gcks_sessions_free(g);
    gcks_paths_free(g);
    gcks_entries_free(g);
    gcks_exclusions_free(g);
    gcks_seen_free(g);
    gcks_events_free(g);
    gcks_index_free(&g->arrived);
    pki_lists_unref(g->lists);
    gcks_index_free(&g->blobs);
    gcks_gtpks_free(g);
    gk_lkh_free(g->lkh);
    if (g->loaded)
        load_unref(g->loaded);
    if (g->staged.loaded)
        load_unref(g->staged.loaded);
    gcks_trial_free(g);
    for (size_t i = 0; i < CREDENTIALS_MOST; i++)
        pki_identity_free(g->self[i]);
    gk_wipe(g, sizeof *g);
    free(g);
}
