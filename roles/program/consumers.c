/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/consumers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "roles/program/answers.h"

static const struct {
    const char *state;
    const char *why; /* there are no keys */
} states[] = {
    {"in", "the group's keys have expired"},
    {"out-of-step", "the group's keys have expired, and a rekey was missed"},
    {"joining", "this host is not in the group yet"},
    {"out", "this host is not in the group, nor asked to be"},
    {"evicted", "the group's policy token excludes this host"},
    {"ended", "the group was destroyed"},
};

/* --- what is so ------------------------------------------------------------------------- */

const char *consumers_state(const struct consumers *consumers)
{
    struct member_status status;

    member_get_status(consumers->member, &status);
    if (status.ended)
        return "ended";
    if (consumers->evicted)
        return "evicted";
    if (member_policy(consumers->member))
        return status.out_of_step ? "out-of-step" : "in";
    return status.wanted ? "joining" : "out";
}

const char *consumers_why(const struct consumers *consumers)
{
    const char *state = consumers_state(consumers);

    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (strcmp(states[i].state, state) == 0)
            return states[i].why;
    }
    return state;
}

static const char *const change_names[] = {
    [KEEP_NEW] = "key-new",
    [KEEP_ACTIVE] = "key-active",
    [KEEP_RETIRED] = "key-retired",
    [KEEP_EXPIRED] = "key-expired",
};

static const char *const change_texts[] = {
    [KEEP_NEW] = "a new key serves to receive",
    [KEEP_ACTIVE] = "this key is the one to send with",
    [KEEP_RETIRED] = "an old key serves no more and is wiped",
    [KEEP_EXPIRED] = "an expired key is wiped",
};

static void happened(struct consumers *consumers, const char *code, const char *text)
{
    (void)json_array_append_new(consumers->happened, json_pack("{s:s, s:o}", "event", code, "text",
                                                               answer_octets(gk_octets_of(text))));
}

static void key_changed(void *context, enum keep_change change, const struct member_key *key)
{
    struct consumers *consumers = context;
    const char *code = change_names[change];

    consumers->keys_changed = true;
    (void)json_array_append_new(
        consumers->happened,
        json_pack("{s:s, s:o, s:o, s:s}", "event", code, "id", json_sprintf("%08x", key->id),
                  "handle", json_sprintf("%08x", key->handle), "text", change_texts[change]));
    events_tell(consumers->events, GK_INFO, code,
                json_pack("{s:o, s:o}", "id", json_sprintf("%08x", key->id), "handle",
                          json_sprintf("%08x", key->handle)),
                change_texts[change]);
}

/* --- looking ---------------------------------------------------------------------------- */

/* Does the token in force exclude this host (profile 11.8)? Its words reach whom they exclude
 * (profile 8.6), and then the membership has ended, whatever keys are still held. */
static void judge(struct consumers *consumers, const struct loaded *loaded)
{
    struct member_status status;
    struct pki_identity *own;
    struct rules_verdict verdict;

    if (consumers->judged &&
        memcmp(consumers->token, loaded->mark.hash, sizeof consumers->token) == 0)
        return;
    member_get_status(consumers->member, &status);
    own = settings_own_identity(consumers->settings, status.credential, run_now().utc);
    if (!own)
        return;
    consumers->judged = true;
    memcpy(consumers->token, loaded->mark.hash, sizeof consumers->token);
    consumers->evicted = rules_excluded(loaded->rules, own, &verdict);
    pki_identity_free(own);
    if (!consumers->evicted)
        return;
    (void)snprintf(consumers->rule, sizeof consumers->rule, "%s", verdict.rule);
    events_tell(consumers->events, GK_WARNING, "evicted", NULL, consumers->rule);
    happened(consumers, "evicted", consumers->rule);
}

static void take(struct consumers *consumers, const struct gk_now *now)
{
    struct member_key keys[RULES_GTPKS];
    struct member_status status;
    size_t count = 0;

    for (size_t i = 0; i < RULES_GTPKS; i++)
        count += member_key_at(consumers->member, i, now, &keys[count]);
    member_get_status(consumers->member, &status);
    keep_take(consumers->keep, now, keys, count, status.counts.joined != consumers->joined);
    consumers->joined = status.counts.joined;
}

static void tick(uv_timer_t *timer);

static void set_timer(struct consumers *consumers, const struct gk_now *now)
{
    int64_t due = keep_due(consumers->keep, now);

    if (due == GK_NO_TICK || uv_is_closing((uv_handle_t *)&consumers->timer)) {
        (void)uv_timer_stop(&consumers->timer);
        return;
    }
    uv_update_time(consumers->timer.loop);
    (void)uv_timer_start(&consumers->timer, tick, due > now->ms ? (uint64_t)(due - now->ms) + 1 : 1,
                         0);
}

static void tell_followers(struct consumers *consumers)
{
    struct run_control *control = consumers->events->daemon->control;
    const char *state = consumers_state(consumers);
    bool news = consumers->keys_changed || state != consumers->state ||
                json_array_size(consumers->happened);

    if (consumers->keys_changed)
        consumers_hook_call(consumers);
    consumers->state = state;
    consumers->keys_changed = false;
    if (news && run_watched(control, consumers))
        run_tell(control, consumers,
                 consumers_snapshot(consumers, json_incref(consumers->happened)));
    if (news) {
        json_decref(consumers->happened);
        consumers->happened = json_array();
    }
}

static void look(struct consumers *consumers)
{
    const struct loaded *loaded = member_policy(consumers->member);
    struct gk_now now = run_now();
    struct keep_key key;

    if (loaded)
        judge(consumers, loaded);
    if (loaded && !consumers->evicted) {
        take(consumers, &now);
    } else {
        consumers->keys_changed |= keep_at(consumers->keep, 0, &now, &key);
        keep_clear(consumers->keep);
    }
    set_timer(consumers, &now);
    tell_followers(consumers);
}

static void tick(uv_timer_t *timer)
{
    struct consumers *consumers = timer->data;
    struct gk_now now = run_now();

    keep_tick(consumers->keep, &now);
    set_timer(consumers, &now);
    tell_followers(consumers);
}

static void keys_changed(void *context)
{
    look(context);
}

static void noticed(void *context, const struct gk_notice *notice)
{
    struct consumers *consumers = context;

    events_notice(consumers->events, notice);
    if (notice->level < GK_NOTICE)
        return;
    happened(consumers, notice->code, notice->text);
    look(consumers);
}

/* --- life -------------------------------------------------------------------------------- */

bool consumers_read(struct consumers *consumers, struct settings_group *settings, const char *file,
                    struct gk_reason *why)
{
    long overlap;
    long activation;

    if (!settings_number(settings->section, file, "overlap", 0, 86400, &overlap, why) ||
        !settings_number(settings->section, file, "activation", 0, 86400, &activation, why))
        return false;
    if (overlap < activation)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "overlap",
                         "%.120s: group \"%.64s\": overlap is %ld s and activation %ld s; what is "
                         "sent with the old key until activation could not be received",
                         file, settings->title, overlap, activation);
    consumers->settings = settings;
    consumers->keep = keep_new(overlap * 1000, activation * 1000, key_changed, consumers);
    consumers->happened = json_array();
    return consumers_hook_read(consumers, file, why);
}

void consumers_start(struct consumers *consumers, struct run *run, struct run_host *host,
                     struct member *member, struct events *events)
{
    consumers->run = run;
    consumers->member = member;
    consumers->events = events;
    consumers->state = consumers_state(consumers);
    (void)uv_timer_init(run_uv(run), &consumers->timer);
    consumers->timer.data = consumers;
    consumers->started = true;
    consumers_hook_start(consumers);
    run_on_keys(host, keys_changed, consumers);
    run_on_notice(host, noticed, consumers);
}

void consumers_stop(struct consumers *consumers)
{
    run_hook_stop(consumers->hook);
    if (consumers->started && !uv_is_closing((uv_handle_t *)&consumers->timer))
        uv_close((uv_handle_t *)&consumers->timer, NULL);
}

void consumers_free(struct consumers *consumers)
{
    run_hook_free(consumers->hook);
    keep_free(consumers->keep);
    json_decref(consumers->happened);
    *consumers = (struct consumers){0};
}
