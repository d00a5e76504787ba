/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish: a new token is tried on the members before it comes into force, and the answer waits
 * until they are judged. "dry_run" only tries it, and lists whom it changes something for; "force"
 * publishes whatever it puts out.
 */
#include "roles/program/gcksd.h"

#include <stdlib.h>
#include <string.h>

#include "roles/program/answers.h"

#define PAGE 128 /* each is judged for it, three times */

/* --- what a trial has shown ------------------------------------------------------------------ */

static json_t *verdict_of(const struct rules_verdict *verdict)
{
    return answer_octets(gk_octets_of(verdict->rule));
}

static json_t *affected_of(const struct gcks_affected *affected)
{
    static const char *const changes[] = {"none", "leaves the group", "may no longer send",
                                          "may send from now on"};

    return json_pack("{s:o, s:I, s:s, s:o, s:o}", "name", answer_octets(affected->name),
                     "member_id", (json_int_t)affected->member_id, "change",
                     changes[affected->effect], "rule", verdict_of(&affected->after), "rule_before",
                     verdict_of(&affected->before));
}

/* Adds a page of those whom the tried token changes something for, and the next one's cursor. */
static void add_page(const struct gcks *gcks, uint64_t cursor, json_t *answer)
{
    struct gcks_affected affected;
    json_t *list = json_array();
    bool more = false;

    while (json_array_size(list) < PAGE) {
        if (!gcks_next_affected(gcks, &cursor, &more, &affected))
            break;
        more = true;
        json_array_append_new(list, affected_of(&affected));
    }
    json_object_set_new(answer, "affected", list);
    json_object_set_new(answer, "cursor", more ? json_integer((json_int_t)cursor) : json_null());
}

static json_t *summary_of(const struct gcks_trial_told *told)
{
    const struct gcks_trial_counts *counts = &told->counts;

    return json_sprintf(
        "nothing was changed: of %lu member%s %lu would leave the group, %lu could no longer send, "
        "%lu could send from then on; publish would %s",
        (unsigned long)counts->members, answer_s(counts->members), (unsigned long)counts->out,
        (unsigned long)counts->mute, (unsigned long)counts->sends,
        told->too_many ? "be refused, for these are too many to go by mistake, unless forced"
                       : "put it in force");
}

static json_t *told_of_trial(const struct gcksd_group *group, const struct gcks_trial_told *told)
{
    json_t *answer =
        json_pack("{s:o, s:I, s:I, s:I, s:I, s:b}", "summary", summary_of(told), "members",
                  (json_int_t)told->counts.members, "out", (json_int_t)told->counts.out, "mute",
                  (json_int_t)told->counts.mute, "sends", (json_int_t)told->counts.sends,
                  "needs_force", told->too_many);

    add_page(group->gcks, 0, answer);
    return answer;
}

static json_t *in_words(const char *text)
{
    return json_pack("{s:s}", "summary", text);
}

/* --- the answer ----------------------------------------------------------------------------------
 */

static const char unchanged[] = "unchanged: this token is in force already";
static const char accepted[] = "accepted: the members are judged by it, and the next Rekey Event, "
                               "which follows at once, puts it in force";

static void refuse_dropped(struct run_request *request)
{
    struct gk_reason why;

    (void)gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "trial-dropped",
                    "another command came while the members were judged: nothing was changed by "
                    "this one; ask again");
    run_refuse(request, &why);
}

/* The turn that ended the trial is stored. */
static void answer(struct gcksd_group *group)
{
    struct run_request *request = group->publishing;
    struct gcks_trial_told told;

    group->publishing = NULL;
    gcks_get_trial(group->gcks, &told);
    switch (told.end) {
    case GCKS_TRIAL_JUDGED:
        if (told.kept)
            run_reply(request, told_of_trial(group, &told));
        else
            refuse_dropped(request);
        break;
    case GCKS_TRIAL_PUBLISHED:
        run_reply(request, in_words(accepted));
        break;
    case GCKS_TRIAL_UNCHANGED:
        run_reply(request, in_words(unchanged));
        break;
    case GCKS_TRIAL_REFUSED:
        run_refuse(request, &told.why);
        break;
    default:
        refuse_dropped(request);
        break;
    }
}

void gcksd_notice(void *context, const struct gk_notice *notice)
{
    struct gcksd_group *group = context;

    events_notice(&group->events, notice);
    if (group->publishing && strcmp(notice->code, "token-judged") == 0)
        answer(group);
}

/* --- the command
 * ---------------------------------------------------------------------------------- */

/* Whoever writes "dry_run": 1 does not mean to publish. */
static bool is_flag(const json_t *arguments, const char *key, struct gk_reason *why)
{
    const json_t *value = json_object_get(arguments, key);

    return !value || json_is_boolean(value) ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "argument", "\"%s\" is true or false", key);
}

static enum gcks_publishing how_of(const json_t *arguments)
{
    if (json_is_true(json_object_get(arguments, "dry_run")))
        return GCKS_DRY;
    return json_is_true(json_object_get(arguments, "force")) ? GCKS_ANYWAY : GCKS_GUARDED;
}

struct forced {
    struct run_request *request;
    bool unchanged;
};

static void stored(void *context)
{
    struct forced *forced = context;

    run_reply(forced->request, in_words(forced->unchanged ? unchanged : accepted));
    free(forced);
}

static bool is_unchanged(const struct gk_turn *turn)
{
    for (size_t i = 0; i < turn->notice_count; i++) {
        if (strcmp(turn->notices[i].code, "token-unchanged") == 0)
            return true;
    }
    return false;
}

/* Without a trial the answer waits for the store alone. */
static void carry_out(struct gcksd_group *group, struct run_request *request, struct gk_turn *turn,
                      enum gcks_publishing how)
{
    struct forced *forced;

    if (how != GCKS_ANYWAY) {
        group->publishing = request;
        run_turn(group->host, turn, NULL, NULL);
        return;
    }
    forced = gk_alloc(1, sizeof *forced);
    *forced = (struct forced){request, is_unchanged(turn)};
    run_turn(group->host, turn, stored, forced);
}

static void publish(struct gcksd_group *group, struct run_request *request, struct gk_octets token,
                    enum gcks_publishing how)
{
    struct gk_now now = run_now();
    struct gk_turn turn = {0};
    struct gk_reason why;

    if (how != GCKS_ANYWAY && group->publishing) {
        (void)gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "trial-runs",
                        "the members are being judged by another token; ask again");
        run_refuse(request, &why);
    } else if (!gcks_publish(group->gcks, token, how, &now, &turn, &why)) {
        gk_turn_free(&turn);
        run_refuse(request, &why);
    } else {
        carry_out(group, request, &turn, how);
    }
}

/* A later page; the token tells which trial is meant. */
static void next_page(const struct gcksd_group *group, struct run_request *request,
                      struct gk_octets token, json_int_t cursor)
{
    struct gcks_trial_told told;
    json_t *page;

    gcks_get_trial(group->gcks, &told);
    if (!told.kept || !gk_octets_equal(told.token, token)) {
        refuse_dropped(request);
        return;
    }
    page = json_object();
    add_page(group->gcks, (uint64_t)cursor, page);
    run_reply(request, page);
}

void gcksd_publish(void *context, struct run_request *request, const json_t *arguments)
{
    struct gcksd_group *group = gcksd_find_group(context, request, arguments);
    const char *hex = json_string_value(json_object_get(arguments, "token"));
    json_int_t cursor = json_integer_value(json_object_get(arguments, "cursor"));
    enum gcks_publishing how = how_of(arguments);
    struct gk_writer token = {0};
    struct gk_reason why;

    if (!group)
        return;
    if (!hex || !gk_unhex(hex, &token)) {
        (void)gk_refuse(&why, GK_NONE, GK_NO_OFFSET, "token", "\"token\" is not hexadecimal");
        run_refuse(request, &why);
    } else if (!is_flag(arguments, "dry_run", &why) || !is_flag(arguments, "force", &why)) {
        run_refuse(request, &why);
    } else if (how == GCKS_DRY && cursor > 0) {
        next_page(group, request, gk_writer_octets(&token), cursor);
    } else {
        publish(group, request, gk_writer_octets(&token), how);
    }
    gk_writer_free(&token);
}
