/* SPDX-License-Identifier: Apache-2.0 */
/* Requests on the control socket: who asks for what, and the answers. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gsakmp/run/control-inside.h"

const struct run_caller *run_request_caller(const struct run_request *request)
{
    return &request->caller;
}

void run_request_free(struct run_request *request)
{
    struct run_request **at = &request->control->requests;

    while (*at != request)
        at = &(*at)->next;
    *at = request->next;
    if (request->from)
        request->from->request = NULL;
    json_decref(request->arguments);
    free(request);
}

struct gk_secret run_control_line(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    struct gk_writer line = {0};

    json_decref(object);
    if (text) {
        gk_write_octets(&line, gk_octets_of(text));
        gk_wipe(text, strlen(text));
        free(text);
    } else {
        gk_write_octets(&line, gk_octets_of("{\"ok\":false,\"code\":\"control-answer\","
                                            "\"error\":\"the answer could not be written\"}"));
    }
    gk_write_u8(&line, '\n');
    return gk_writer_take(&line);
}

static void answer(struct run_request *request, json_t *object)
{
    struct run_connected *from = request->from;
    struct gk_secret line;

    run_request_free(request);
    line = run_control_line(object);
    if (from && !from->closing)
        run_connected_write(from, &line);
    gk_secret_free(&line);
}

void run_reply(struct run_request *request, json_t *object)
{
    if (object && json_object_set_new(object, "ok", json_true()) != 0) {
        json_decref(object);
        object = NULL;
    }
    answer(request, object);
}

/* A reason is cut at its end, which may be inside a character: then it is shown escaped. */
static json_t *text_of(const char *text)
{
    char escaped[2 * sizeof((struct gk_reason *)NULL)->text];
    json_t *whole = json_string(text);

    return whole ? whole : json_string(gk_escape(escaped, sizeof escaped, gk_octets_of(text)));
}

static json_t *refusal(const struct gk_reason *why)
{
    json_t *object = json_object();

    (void)json_object_set_new(object, "ok", json_false());
    (void)json_object_set_new(object, "code", json_string(why->code));
    (void)json_object_set_new(object, "error", text_of(why->text));
    if (why->notification)
        (void)json_object_set_new(object, "notification", json_integer(why->notification));
    return object;
}

void run_refuse(struct run_request *request, const struct gk_reason *why)
{
    answer(request, refusal(why));
}

void run_connected_refuse(struct run_connected *connected, const struct gk_reason *why)
{
    struct gk_secret line = run_control_line(refusal(why));

    connected->last = true;
    run_connected_write(connected, &line);
    gk_secret_free(&line);
}

bool run_control_allows(const struct run_control_config *config, const struct run_caller *caller,
                        const char *command, const json_t *arguments)
{
    return caller->uid == 0 || caller->uid == geteuid() ||
           (config->allow && config->allow(config->context, caller, command, arguments));
}

static bool parse(struct gk_octets line, json_t **object, const char **command,
                  struct gk_reason *why)
{
    json_error_t error;
    char text[128];

    *object = json_loadb((const char *)line.data, line.size, JSON_REJECT_DUPLICATES, &error);
    if (!*object)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-syntax",
                         "the request is not JSON, column %d: %s", error.column,
                         gk_escape(text, sizeof text, gk_octets_of(error.text)));
    *command = json_string_value(json_object_get(*object, "command"));
    if (!*command)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-syntax",
                         "a request is a JSON object with a \"command\" that is text");
    return true;
}

static const struct run_command *find(const struct run_control *control, const char *name)
{
    for (const struct run_command *each = control->config.commands; each->name; each++) {
        if (strcmp(each->name, name) == 0)
            return each;
    }
    return NULL;
}

static bool unknown(const char *name, struct gk_reason *why)
{
    char text[64];

    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-unknown", "there is no command %s",
                     gk_escape(text, sizeof text, gk_octets_of(name)));
}

static bool denied(const struct run_request *request, const char *name, struct gk_reason *why)
{
    RUN_LOG(request->control->run, GK_WARNING, "control-denied",
            "user %u (process %d) may not use %s", (unsigned)request->caller.uid,
            (int)request->caller.pid, name);
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-denied", "user %u may not use %s here",
                     (unsigned)request->caller.uid, name);
}

static const struct run_command *judge(struct run_request *request, struct gk_octets line,
                                       struct gk_reason *why)
{
    const struct run_control *control = request->control;
    const struct run_command *command;
    const char *name;

    if (!parse(line, &request->arguments, &name, why))
        return NULL;
    command = find(control, name);
    if (!command)
        (void)unknown(name, why);
    else if (!run_control_allows(&control->config, &request->caller, command->name,
                                 request->arguments)) {
        (void)denied(request, command->name, why);
        command = NULL;
    }
    return command;
}

void run_request_begin(struct run_connected *from, struct gk_octets line)
{
    struct run_request *request = gk_alloc(1, sizeof *request);
    struct run_control *control = from->control;
    const struct run_command *command;
    struct gk_reason why = {0};

    request->control = control;
    request->from = from;
    request->caller = from->caller;
    request->next = control->requests;
    control->requests = request;
    from->request = request;
    command = judge(request, line, &why);
    if (!command) {
        run_refuse(request, &why);
        return;
    }
    RUN_LOG(control->run, GK_DEBUG, "control-command", "user %u (process %d): %s",
            (unsigned)request->caller.uid, (int)request->caller.pid, command->name);
    command->handle(control->config.context, request, request->arguments);
}
