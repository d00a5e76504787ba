/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/events.h"

#include "roles/program/answers.h"

static const char *const levels[] = {
    [GK_DEBUG] = "debug",     [GK_INFO] = "info",   [GK_NOTICE] = "notice",
    [GK_WARNING] = "warning", [GK_ERROR] = "error",
};

void events_tell(const struct events *events, enum gk_level level, const char *code, json_t *more,
                 const char *text)
{
    struct run_control *control = events->daemon->control;
    json_t *event;

    if (!run_watched(control, events->topic) && !run_watched(control, events->daemon)) {
        json_decref(more);
        return;
    }
    event = json_pack("{s:s, s:s, s:o, s:s, s:o}", "event", code, "group", events->group, "time",
                      answer_time(run_now().utc), "level", levels[level], "text",
                      answer_octets(gk_octets_of(text)));
    if (more)
        (void)json_object_update(event, more);
    json_decref(more);
    run_tell(control, events->topic, json_incref(event));
    run_tell(control, events->daemon, event);
}

void events_notice(void *context, const struct gk_notice *notice)
{
    json_t *more =
        notice->notification ? json_pack("{s:i}", "notification", (int)notice->notification) : NULL;

    if (notice->level >= GK_INFO)
        events_tell(context, notice->level, notice->code, more, notice->text);
    else
        json_decref(more);
}

void events_watch(struct run_request *request, const void *topic, const char *group)
{
    run_watch(request,
              json_pack("{s:s, s:o}", "event", "watching", "group",
                        group ? json_string(group) : json_null()),
              topic);
}
