/* SPDX-License-Identifier: Apache-2.0 */
/* Subscribers on the control socket: they get what is told, bounded, and hold up nobody. */
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/harness.h"
#include "tests/run/daemon.h"

static int call(const struct daemon *daemon, const char *text)
{
    int fd = daemon_call(daemon);

    client_send(fd, NULL, gk_octets_of(text));
    return fd;
}

/* The next line's "event", "" when there is none; `number`, may be NULL, takes its "n". */
static const char *hear(int fd, json_int_t *number)
{
    static char event[32];
    json_t *object = daemon_hear(fd);
    const char *name;

    name = json_string_value(json_object_get(object, "event"));
    (void)snprintf(event, sizeof event, "%s", name ? name : "");
    if (number)
        *number = json_integer_value(json_object_get(object, "n"));
    json_decref(object);
    return event;
}

static int subscribe(const struct daemon *daemon)
{
    int fd = call(daemon, "{\"command\":\"watch\"}\n");

    CU_ASSERT_STRING_EQUAL(hear(fd, NULL), "watching");
    return fd;
}

static void tell(struct world *world)
{
    static json_int_t number;
    struct daemon *daemon = world->context;

    daemon->calls++;
    run_tell(daemon->control, world, json_pack("{s:s}", "event", "for others"));
    run_tell(daemon->control, daemon, json_pack("{s:s, s:I}", "event", "told", "n", ++number));
}

static void tell_long(struct world *world)
{
    static char text[65536];
    struct daemon *daemon = world->context;

    memset(text, 'x', sizeof text - 1);
    run_tell(daemon->control, daemon, json_pack("{s:s, s:s}", "event", "much", "text", text));
}

/* As much as no kernel keeps for a reader: 16 MB in lines of 64 KiB. */
static void tell_much(struct world *world)
{
    for (int i = 0; i < 256; i++)
        tell_long(world);
}

static void all_subscribers_hear_in_order(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    json_int_t first;
    json_int_t second;
    int fd[3];
    int other;

    daemon_name(&daemon);
    world_start(&world);
    other = call(&daemon, "{\"command\":\"watch\",\"other\":true}\n");
    CU_ASSERT_STRING_EQUAL(hear(other, NULL), "watching");
    for (int i = 0; i < 3; i++)
        fd[i] = subscribe(&daemon);
    world_call(&world, tell);
    world_call(&world, tell);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_STRING_EQUAL(hear(fd[i], &first), "told");
        CU_ASSERT_STRING_EQUAL(hear(fd[i], &second), "told");
        CU_ASSERT_EQUAL(second, first + 1);
        close(fd[i]);
    }
    for (int i = 0; i < 2; i++)
        CU_ASSERT_STRING_EQUAL(hear(other, NULL), "for others");
    CU_ASSERT_TRUE(client_silent(other));
    close(other);
    world_stop(&world);
    daemon_end(&daemon);
}

static bool watched;

static void look(struct world *world)
{
    struct daemon *daemon = world->context;

    watched = run_watched(daemon->control, daemon);
}

static bool nobody_watches(struct world *world)
{
    watched = true;
    for (int i = 0; i < WORLD_PATIENCE * 100 && watched; i++) {
        usleep(10000);
        world_call(world, look);
    }
    return !watched;
}

/* It loses what waits, is told so, and the others hear all. */
static void a_slow_reader_is_cut_off(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    const char *event;
    unsigned heard = 0;
    int slow;
    int quick;

    daemon_name(&daemon);
    world_start(&world);
    slow = subscribe(&daemon);
    world_call(&world, tell_much);
    quick = subscribe(&daemon);
    world_call(&world, tell);
    CU_ASSERT_STRING_EQUAL(hear(quick, NULL), "told");
    while (strcmp(event = hear(slow, NULL), "much") == 0)
        heard++;
    CU_ASSERT_TRUE(heard < 256);
    CU_ASSERT_STRING_EQUAL(event, "cut-off");
    CU_ASSERT_TRUE(client_closed(slow));
    close(slow);
    close(quick);
    CU_ASSERT_TRUE(nobody_watches(&world));
    world_stop(&world);
    daemon_end(&daemon);
}

static size_t waiting;
static bool cut;

static void measure(struct world *world)
{
    struct daemon *daemon = world->context;

    tell_long(world);
    CU_ASSERT_PTR_NOT_NULL_FATAL(daemon->control->connected);
    if (daemon->control->connected->queue.size > waiting)
        waiting = daemon->control->connected->queue.size;
    cut = daemon->control->connected->cut;
}

/* One that never reads costs no more than the limit. */
static void what_waits_is_bounded(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    int fd;

    daemon_name(&daemon);
    world_start(&world);
    fd = subscribe(&daemon);
    waiting = 0;
    for (int i = 0; i < 256; i++)
        world_call(&world, measure);
    CU_ASSERT_TRUE(cut);
    CU_ASSERT_TRUE(waiting > RUN_WATCH_MOST / 2);
    CU_ASSERT_TRUE(waiting <= RUN_WATCH_MOST);
    close(fd);
    CU_ASSERT_TRUE(nobody_watches(&world));
    world_stop(&world);
    daemon_end(&daemon);
}

static void a_subscriber_that_speaks_is_closed(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    int fd;

    daemon_name(&daemon);
    world_start(&world);
    fd = subscribe(&daemon);
    client_send(fd, NULL, gk_octets_of("{\"command\":\"echo\"}\n"));
    CU_ASSERT_TRUE(client_closed(fd));
    close(fd);
    fd = call(&daemon, "{\"command\":\"watch\"}\n{\"command\":\"echo\"}\n");
    CU_ASSERT_STRING_EQUAL(hear(fd, NULL), "watching");
    CU_ASSERT_TRUE(client_closed(fd));
    close(fd);
    CU_ASSERT_TRUE(nobody_watches(&world));
    world_stop(&world);
    CU_ASSERT_EQUAL(daemon.calls, 0);
    daemon_end(&daemon);
}

static void the_end_is_told(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    int fd;

    daemon_name(&daemon);
    world_start(&world);
    fd = subscribe(&daemon);
    world_stop(&world);
    CU_ASSERT_STRING_EQUAL(hear(fd, NULL), "stopping");
    CU_ASSERT_TRUE(client_closed(fd));
    close(fd);
    daemon_end(&daemon);
}

/* The blocking client: lines until it has enough, and what became of the stream. */
struct listener {
    unsigned lines;
    unsigned enough;
};

static bool count_line(void *context, const json_t *object)
{
    struct listener *listener = context;

    CU_ASSERT_TRUE(json_is_object(object));
    return ++listener->lines < listener->enough;
}

static void follow_says_how_it_ended(void)
{
    struct daemon daemon;
    struct world world = DAEMON_WORLD(&daemon);
    struct listener one = {.enough = 1};
    struct listener all = {.enough = 1000};
    struct gk_reason why = {0};
    json_t *request = json_pack("{s:s}", "command", "watch");
    json_t *quit = json_pack("{s:s}", "command", "quit");

    daemon_name(&daemon);
    world_start(&world);
    CU_ASSERT_TRUE(run_control_follow(daemon.path, request, 1000, count_line, &one, &why));
    CU_ASSERT_EQUAL(one.lines, 1);
    CU_ASSERT_FALSE(run_control_follow(daemon.path, quit, 1000, count_line, &all, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "control-closed");
    world_wait(&world);
    CU_ASSERT_FALSE(run_control_follow(daemon.path, request, 1000, count_line, &all, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "control-connect");
    json_decref(request);
    json_decref(quit);
    daemon_end(&daemon);
}

const struct test_suite suite_watch = {
    "watch",
    {
        {"all subscribers hear, in order", all_subscribers_hear_in_order},
        {"a slow reader is cut off", a_slow_reader_is_cut_off},
        {"what waits is bounded", what_waits_is_bounded},
        {"a subscriber that speaks is closed", a_subscriber_that_speaks_is_closed},
        {"the end is told", the_end_is_told},
        {"follow says how it ended", follow_says_how_it_ended},
        {NULL, NULL},
    }};
