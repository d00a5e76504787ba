/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever lines come on gcksd's control socket, one request a line: each gets one answer, a
 * JSON object with "ok", and "code" and "error" when it is refused. The daemon's own table of
 * commands works on a GC/KS in the middle of its life; the runtime's socket and turns are
 * played here.
 */
#include <stdlib.h>
#include <string.h>

#include "gsakmp/run/control-inside.h"
#include "roles/program/gcksd.h"
#include "tests/fuzz/stage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINES    16
#define STRANGER 65534

struct play {
    struct stage *stage;
    struct gcksd daemon;
    struct run run;
    struct run_control control;
    struct run_connected caller;
    unsigned answers;
};

static struct play *playing; /* for what the runtime is asked without a context */

static void must(bool good)
{
    if (!good)
        abort();
}

/* --- the runtime's part ---------------------------------------------------------------------- */

void run_connected_write(struct run_connected *connected, struct gk_secret *text)
{
    json_t *answer = json_loadb((const char *)text->data, text->size, 0, NULL);
    const json_t *ok = json_object_get(answer, "ok");

    must(connected == &playing->caller && text->size && text->data[text->size - 1] == '\n');
    must(memchr(text->data, '\n', text->size) == text->data + text->size - 1);
    must(json_is_boolean(ok));
    must(json_is_true(ok) || (json_string_value(json_object_get(answer, "code")) &&
                              json_string_value(json_object_get(answer, "error"))));
    json_decref(answer);
    gk_secret_free(text);
    playing->answers++;
}

struct gk_now run_now(void)
{
    return rig_now(playing->stage->troupe->rig, 0);
}

void run_turn(struct run_host *host, struct gk_turn *turn, void (*done)(void *context),
              void *context)
{
    struct gk_notice notices[16];
    size_t count = turn->notice_count < 16 ? turn->notice_count : 16;

    (void)host;
    for (size_t i = 0; i < count; i++)
        notices[i] = turn->notices[i];
    rig_turn(playing->stage->troupe->rig, 0, turn);
    for (size_t i = 0; i < count; i++)
        gcksd_notice(&playing->daemon.group[0], &notices[i]);
    if (done)
        done(context);
}

bool run_watched(const struct run_control *control, const void *topic)
{
    return control && topic && false;
}

void run_tell(struct run_control *control, const void *topic, json_t *event)
{
    must(control && topic);
    json_decref(event);
}

void run_watch(struct run_request *request, json_t *object, const void *topic)
{
    must(topic != NULL);
    run_reply(request, object);
}

/* --- the input ------------------------------------------------------------------------------- */

static bool allow(void *context, const struct run_caller *caller, const char *command,
                  const json_t *arguments)
{
    (void)context;
    (void)arguments;
    return caller->uid == STRANGER && strcmp(command, "status") == 0;
}

static void begin(struct play *play)
{
    play->stage = stage_get();
    stage_reset(play->stage);
    play->daemon.group_count = 1;
    play->daemon.group[0].settings.title = "weather";
    play->daemon.group[0].gcks = play->stage->troupe->gcks;
    play->daemon.base.control = &play->control;
    play->daemon.group[0].events =
        (struct events){&play->daemon.base, "weather", &play->daemon.group[0]};
    play->control.run = &play->run;
    play->control.config = (struct run_control_config){
        .commands = gcksd_commands, .allow = allow, .context = &play->daemon};
    play->caller.control = &play->control;
    playing = play;
}

static void ask(struct play *play, struct gk_octets line, unsigned number)
{
    /* A line that begins with a blank is a stranger's. */
    play->caller.caller.uid = line.size && line.data[0] == ' ' ? STRANGER : 0;
    run_request_begin(&play->caller, line);
    must(play->answers == number && !play->caller.request && !play->control.requests);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct play *play = gk_alloc(1, sizeof *play);

    begin(play);
    for (unsigned number = 1; number <= LINES && size; number++) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t length = end ? (size_t)(end - data) : size;

        ask(play, gk_octets(data, length), number);
        data += length + (end != NULL);
        size -= length + (end != NULL);
    }
    stage_clear(play->stage);
    free(play);
    return 0;
}
