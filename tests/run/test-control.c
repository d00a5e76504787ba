/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness.h"
#include "tests/run/daemon.h"

static json_t *ask(const struct daemon *daemon, json_t *request)
{
    struct gk_reason why = {0};
    json_t *answer = run_control_ask(daemon->path, request, DAEMON_PATIENCE_MS, &why);

    if (!answer)
        printf("\n    %s: %s\n", why.code, why.text);
    CU_ASSERT_PTR_NOT_NULL(answer);
    json_decref(request);
    return answer;
}

static bool is_refused(const json_t *answer, const char *code)
{
    const char *have = json_string_value(json_object_get(answer, "code"));

    return json_is_false(json_object_get(answer, "ok")) && have && strcmp(have, code) == 0 &&
           json_string_value(json_object_get(answer, "error"));
}

static void a_command_is_answered(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    json_t *answer;

    daemon_name(&daemon);
    world_start(&world);
    answer = ask(&daemon, json_pack("{s:s,s:s}", "command", "echo", "say", "two\nlines \xc3\xa9"));
    CU_ASSERT_TRUE(json_is_true(json_object_get(answer, "ok")));
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(answer, "said")),
                           "two\nlines \xc3\xa9");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(answer, "uid")), geteuid());
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(answer, "pid")), getpid());
    json_decref(answer);
    world_stop(&world);
    daemon_end(&daemon);
}

static void long_answers_come_whole(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    json_t *answer;

    daemon_name(&daemon);
    world_start(&world);
    answer = ask(&daemon, json_pack("{s:s}", "command", "big"));
    CU_ASSERT_EQUAL(json_array_size(json_object_get(answer, "list")), 200000);
    json_decref(answer);
    world_stop(&world);
    daemon_end(&daemon);
}

static void refusals_have_codes(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    json_t *answer;

    daemon_name(&daemon);
    world_start(&world);
    answer = ask(&daemon, json_pack("{s:s}", "command", "fail"));
    CU_ASSERT_TRUE(is_refused(answer, "not-today"));
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(answer, "notification")), 19);
    json_decref(answer);
    answer = ask(&daemon, json_pack("{s:s}", "command", "no\"such"));
    CU_ASSERT_TRUE(is_refused(answer, "control-unknown"));
    json_decref(answer);
    answer = ask(&daemon, json_pack("{s:i}", "command", 1));
    CU_ASSERT_TRUE(is_refused(answer, "control-syntax"));
    json_decref(answer);
    answer = ask(&daemon, json_array());
    CU_ASSERT_TRUE(is_refused(answer, "control-syntax"));
    json_decref(answer);
    answer = ask(&daemon, json_pack("{s:s}", "command", "broken"));
    CU_ASSERT_TRUE(is_refused(answer, "control-answer"));
    json_decref(answer);
    world_stop(&world);
    daemon_end(&daemon);
}

static void say(int fd, const char *text)
{
    client_send(fd, NULL, gk_octets_of(text));
}

static bool hear_refusal(int fd, const char *code)
{
    json_t *answer = daemon_hear(fd);
    bool good = is_refused(answer, code);

    json_decref(answer);
    return good;
}

static bool hear_echo(int fd, int number)
{
    json_t *answer = daemon_hear(fd);
    const json_t *said = json_object_get(answer, "said");
    bool good = json_is_integer(said) && json_integer_value(said) == number;

    json_decref(answer);
    return good;
}

/* A bad line is answered and harms neither the connection nor the daemon. */
static void bad_lines_are_refused(void)
{
    static const char *const lines[] = {"\n",
                                        "hello\n",
                                        "{\"command\":\"echo\"\n",
                                        "{\"command\":\"echo\"} x\n",
                                        "{\"command\":\"echo\",\"command\":\"fail\"}\n",
                                        "{\"command\":\"\\u0000\"}\n",
                                        "\"echo\"\n",
                                        "\xff\xfe\n",
                                        "{\"command\":null}\n"};
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    int fd;

    daemon_name(&daemon);
    world_start(&world);
    fd = daemon_call(&daemon);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        say(fd, lines[i]);
        CU_ASSERT_TRUE(hear_refusal(fd, "control-syntax"));
    }
    say(fd, "{\"command\":\"echo\",\"say\":1}\n");
    CU_ASSERT_TRUE(hear_echo(fd, 1));
    close(fd);
    world_stop(&world);
    CU_ASSERT_EQUAL(daemon.calls, 1);
    daemon_end(&daemon);
}

static void long_requests_are_cut_off(void)
{
    static const char seven[] = "{\"command\":\"echo\",\"say\":7}";
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    struct gk_writer text = {0};
    json_t *answer;
    int fd;

    daemon_name(&daemon);
    world_start(&world);
    (void)gk_write_reserve(&text, 1 << 20);
    memset(text.data, ' ', 1 << 20);
    gk_write_octets(&text, gk_octets_of("{}\n"));
    for (size_t cut = 0; cut < 2; cut++) { /* with its newline, and without end */
        fd = daemon_call(&daemon);
        client_send(fd, NULL, gk_octets(text.data, text.size - cut));
        CU_ASSERT_TRUE(hear_refusal(fd, "control-too-long"));
        CU_ASSERT_TRUE(client_closed(fd));
        close(fd);
    }
    memcpy(text.data, seven, strlen(seven));
    text.data[1 << 20] = '\n'; /* just as long as may be */
    fd = daemon_call(&daemon);
    client_send(fd, NULL, gk_octets(text.data, (1 << 20) + 1));
    CU_ASSERT_TRUE(hear_echo(fd, 7));
    close(fd);
    gk_writer_free(&text);
    answer = ask(&daemon, json_pack("{s:s}", "command", "echo"));
    json_decref(answer);
    world_stop(&world);
    daemon_end(&daemon);
}

static void answer_later(struct world *world)
{
    struct daemon *daemon = world->context;

    if (daemon->later)
        run_reply(daemon->later, json_pack("{s:i}", "said", 100));
    daemon->later = NULL;
}

static bool waiting;

static void look(struct world *world)
{
    waiting = ((struct daemon *)world->context)->later != NULL;
}

static void wait_for_request(struct world *world)
{
    waiting = false;
    for (int i = 0; i < WORLD_PATIENCE * 100 && !waiting; i++) {
        usleep(10000);
        world_call(world, look);
    }
}

/* The second waits for the first, also when the caller has said all it has to say. */
static void requests_wait_their_turn(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    int fd;

    daemon_name(&daemon);
    world_start(&world);
    fd = daemon_call(&daemon);
    say(fd, "{\"command\":\"later\"}\n{\"command\":\"echo\",\"say\":2}\n{\"command\":");
    say(fd, "\"echo\",\"say\":3}\n");
    CU_ASSERT_EQUAL(shutdown(fd, SHUT_WR), 0);
    wait_for_request(&world);
    CU_ASSERT_TRUE(client_silent(fd));
    CU_ASSERT_EQUAL(daemon.calls, 0);
    world_call(&world, answer_later);
    CU_ASSERT_TRUE(hear_echo(fd, 100));
    CU_ASSERT_TRUE(hear_echo(fd, 2));
    CU_ASSERT_TRUE(hear_echo(fd, 3));
    CU_ASSERT_TRUE(client_closed(fd));
    close(fd);
    world_stop(&world);
    daemon_end(&daemon);
}

static void count(void *context)
{
    ++*(unsigned *)context;
}

/* Who waits long is told that he waits; who is answered at once is not. */
static void callers_see_that_they_wait(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    json_t *later = json_pack("{s:s}", "command", "later");
    json_t *echo = json_pack("{s:s}", "command", "echo");
    struct gk_reason why = {0};
    unsigned waits = 0;
    json_t *answer;

    daemon_name(&daemon);
    world_start(&world);
    CU_ASSERT_PTR_NULL(run_control_ask_long(daemon.path, later, 700, count, &waits, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "control-timeout");
    CU_ASSERT_TRUE(waits >= 2 && waits <= 3);
    wait_for_request(&world);
    world_call(&world, answer_later);
    waits = 0;
    answer = run_control_ask_long(daemon.path, echo, DAEMON_PATIENCE_MS, count, &waits, &why);
    CU_ASSERT_PTR_NOT_NULL(answer);
    json_decref(answer);
    json_decref(later);
    json_decref(echo);
    world_stop(&world);
    daemon_end(&daemon);
}

static void callers_may_leave_early(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    struct gk_reason why = {0};
    json_t *request = json_pack("{s:s}", "command", "later");
    json_t *answer;

    daemon_name(&daemon);
    world_start(&world);
    CU_ASSERT_PTR_NULL(run_control_ask(daemon.path, request, 50, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "control-timeout");
    json_decref(request);
    wait_for_request(&world);
    world_call(&world, answer_later);
    answer = ask(&daemon, json_pack("{s:s}", "command", "echo"));
    json_decref(answer);
    answer = ask(&daemon, json_pack("{s:s}", "command", "echo"));
    json_decref(answer);
    world_stop(&world);
    daemon_end(&daemon);
}

/* Requests that are never answered are freed with the runtime (the sanitizer looks). */
static void the_end_comes_before_the_answer(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    int fd;

    daemon_name(&daemon);
    world_start(&world);
    fd = daemon_call(&daemon);
    say(fd, "{\"command\":\"later\"}\n");
    wait_for_request(&world);
    world_stop(&world);
    CU_ASSERT_TRUE(client_closed(fd));
    close(fd);
    daemon_end(&daemon);
}

static void callers_are_judged(void)
{
    struct daemon daemon;
    struct run_control_config config;
    struct run_caller root = {.uid = 0};
    struct run_caller own = {.uid = geteuid()};
    struct run_caller stranger = {.uid = DAEMON_STRANGER};
    struct run_caller other = {.uid = DAEMON_STRANGER - 1};

    daemon_name(&daemon);
    CU_ASSERT_EQUAL(rmdir(daemon.folder), 0);
    config = daemon_config(&daemon);
    CU_ASSERT_TRUE(run_control_allows(&config, &root, "later", NULL));
    CU_ASSERT_TRUE(run_control_allows(&config, &own, "later", NULL));
    CU_ASSERT_TRUE(run_control_allows(&config, &stranger, "echo", NULL));
    CU_ASSERT_FALSE(run_control_allows(&config, &stranger, "later", NULL));
    CU_ASSERT_FALSE(run_control_allows(&config, &other, "echo", NULL));
    config.allow = NULL;
    CU_ASSERT_TRUE(run_control_allows(&config, &root, "later", NULL));
    CU_ASSERT_FALSE(run_control_allows(&config, &stranger, "echo", NULL));
}

/* A process of another user: which codes does it get for echo and for later? */
static int stranger_asks(const struct daemon *daemon)
{
    struct gk_reason why;
    json_t *request = json_pack("{s:s}", "command", "echo");
    json_t *echoed = run_control_ask(daemon->path, request, DAEMON_PATIENCE_MS, &why);
    json_t *refused;

    (void)json_object_set_new(request, "command", json_string("later"));
    refused = run_control_ask(daemon->path, request, DAEMON_PATIENCE_MS, &why);
    return json_is_true(json_object_get(echoed, "ok")) &&
                   json_integer_value(json_object_get(echoed, "uid")) == DAEMON_STRANGER &&
                   is_refused(refused, "control-denied")
               ? 0
               : 1;
}

static void a_stranger_is_denied(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    int status = -1;
    pid_t child;

    if (geteuid() != 0)
        return; /* only root can become another; callers_are_judged has the rule */
    daemon_name(&daemon);
    daemon.mode = 0666;
    world_start(&world);
    (void)fflush(NULL);
    child = fork();
    if (child == 0)
        _exit(setresuid(DAEMON_STRANGER, DAEMON_STRANGER, DAEMON_STRANGER) == 0
                  ? stranger_asks(&daemon)
                  : 2);
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    world_stop(&world);
    daemon_end(&daemon);
}

static void so_many_callers_and_no_more(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    bool root = geteuid() == 0;
    size_t most = root ? RUN_CALLERS_MOST : RUN_CALLERS_EACH;
    int fd[RUN_CALLERS_MOST + 1];

    daemon_name(&daemon);
    world_start(&world);
    for (size_t i = 0; i < most; i++) {
        fd[i] = daemon_call(&daemon);
        say(fd[i], "{\"command\":\"echo\",\"say\":5}\n");
        CU_ASSERT_TRUE(hear_echo(fd[i], 5));
    }
    fd[most] = daemon_call(&daemon);
    CU_ASSERT_TRUE(client_closed(fd[most]));
    for (size_t i = 0; i <= most; i++)
        close(fd[i]);
    world_stop(&world);
    daemon_end(&daemon);
}

/* The answer to the command that ends the daemon still comes. */
static void the_last_answer_comes(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    json_t *answer;

    daemon_name(&daemon);
    world_start(&world);
    answer = ask(&daemon, json_pack("{s:s}", "command", "quit"));
    CU_ASSERT_TRUE(json_is_true(json_object_get(answer, "ok")));
    json_decref(answer);
    world_wait(&world);
    CU_ASSERT_EQUAL(world.result, 0);
    daemon_end(&daemon);
}

const struct test_suite suite_control = {
    "control",
    {
        {"a command is answered", a_command_is_answered},
        {"long answers come whole", long_answers_come_whole},
        {"refusals have codes", refusals_have_codes},
        {"bad lines are refused", bad_lines_are_refused},
        {"long requests are cut off", long_requests_are_cut_off},
        {"requests wait their turn", requests_wait_their_turn},
        {"callers may leave early", callers_may_leave_early},
        {"callers see that they wait", callers_see_that_they_wait},
        {"the end comes before the answer", the_end_comes_before_the_answer},
        {"callers are judged", callers_are_judged},
        {"a stranger is denied", a_stranger_is_denied},
        {"the last answer comes", the_last_answer_comes},
        {"so many callers and no more", so_many_callers_and_no_more},
        {NULL, NULL},
    }};
