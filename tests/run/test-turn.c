/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness.h"
#include "tests/run/world.h"

/* A store that answers when the test says so, from the test's thread. */
struct slow {
    struct run_store base;
    pthread_mutex_t lock;
    sem_t came;
    struct held {
        void (*done)(void *context, bool good);
        void *context;
    } held[16];
    size_t count, answered;
};

static void commit_slowly(struct run_store *store, struct gk_octets group,
                          const struct gk_record *records, size_t count,
                          void (*done)(void *context, bool good), void *context)
{
    struct slow *slow = (struct slow *)store;

    (void)group;
    CU_ASSERT_TRUE(records && count == 1);
    pthread_mutex_lock(&slow->lock);
    slow->held[slow->count++] = (struct held){done, context};
    pthread_mutex_unlock(&slow->lock);
    (void)sem_post(&slow->came);
}

static void answer_next(struct slow *slow, bool good)
{
    struct held held;

    (void)sem_wait(&slow->came);
    pthread_mutex_lock(&slow->lock);
    held = slow->held[slow->answered++];
    pthread_mutex_unlock(&slow->lock);
    held.done(held.context, good);
}

static void slow_init(struct slow *slow)
{
    *slow = (struct slow){.base = {.commit = commit_slowly}};
    pthread_mutex_init(&slow->lock, NULL);
    (void)sem_init(&slow->came, 0, 0);
}

static void slow_end(struct slow *slow)
{
    pthread_mutex_destroy(&slow->lock);
    (void)sem_destroy(&slow->came);
}

static void nothing_leaves_before_it_is_stored(void)
{
    struct slow slow;
    struct world world = {.toys = 1, .config = {.store = &slow.base}};
    int fd = client_udp();

    slow_init(&slow);
    world_start(&world);
    client_say(fd, &world.udp, "e 1");
    client_say(fd, &world.udp, "n 2"); /* has nothing to store, waits all the same */
    client_say(fd, &world.udp, "e 3");
    CU_ASSERT_TRUE(client_silent(fd));
    answer_next(&slow, true);
    CU_ASSERT_TRUE(client_hears(fd, "e 1"));
    CU_ASSERT_TRUE(client_hears(fd, "n 2"));
    CU_ASSERT_TRUE(client_silent(fd));
    answer_next(&slow, true);
    CU_ASSERT_TRUE(client_hears(fd, "e 3"));
    world_stop(&world);
    CU_ASSERT_EQUAL(world.toy[0].messages, 3);
    slow_end(&slow);
    close(fd);
}

static void say_to_two(int fd, const struct world *world, const char *body)
{
    struct gk_group group = toy_group("two");
    struct gk_writer writer = {0};

    toy_message(&writer, &group, GK_REQUEST_TO_JOIN, gk_octets_of(body));
    client_send(fd, &world->udp, gk_writer_octets(&writer));
    gk_writer_free(&writer);
}

static void groups_do_not_wait_for_one_another(void)
{
    struct slow slow;
    struct world world = {.toys = 2, .config = {.store = &slow.base}};
    int fd = client_udp();

    slow_init(&slow);
    world_start(&world);
    client_say(fd, &world.udp, "e 1");
    say_to_two(fd, &world, "n 2");
    CU_ASSERT_TRUE(client_hears(fd, "n 2"));
    answer_next(&slow, true);
    CU_ASSERT_TRUE(client_hears(fd, "e 1"));
    world_stop(&world);
    slow_end(&slow);
    close(fd);
}

static void a_failed_commit_ends_the_program(void)
{
    struct slow slow;
    struct world world = {.toys = 1, .config = {.store = &slow.base}};
    int fd = client_udp();

    slow_init(&slow);
    world_start(&world);
    client_say(fd, &world.udp, "e 1");
    client_say(fd, &world.udp, "e 2");
    answer_next(&slow, false);
    answer_next(&slow, true); /* even that must not leave after the failure */
    world_wait(&world);
    CU_ASSERT_EQUAL(world.result, 2);
    CU_ASSERT_TRUE(client_silent(fd));
    slow_end(&slow);
    close(fd);
}

static void stopping_waits_for_the_store(void)
{
    struct slow slow;
    struct world world = {.toys = 1, .config = {.store = &slow.base}};
    int fd = client_udp();

    slow_init(&slow);
    world_start(&world);
    client_say(fd, &world.udp, "e last words");
    (void)sem_wait(&slow.came);
    (void)sem_post(&slow.came);
    CU_ASSERT_EQUAL(kill(getpid(), SIGTERM), 0);
    CU_ASSERT_TRUE(client_silent(fd));
    answer_next(&slow, true);
    world_wait(&world);
    CU_ASSERT_EQUAL(world.result, 0);
    CU_ASSERT_TRUE(client_hears(fd, "e last words"));
    slow_end(&slow);
    close(fd);
}

struct done {
    unsigned done, keys, notices;
    unsigned keys_when_done;
};

static void keys_changed(void *context)
{
    ((struct done *)context)->keys++;
}

static void noticed(void *context, const struct gk_notice *notice)
{
    CU_ASSERT_STRING_EQUAL(notice->code, "toy-message");
    ((struct done *)context)->notices++;
}

static void watch_keys(struct world *world)
{
    run_on_keys(world->host[0], keys_changed, world->context);
    run_on_notice(world->host[0], noticed, world->context);
}

static void turn_done(void *context)
{
    struct done *done = context;

    done->done++;
    done->keys_when_done = done->keys;
}

static void command(struct world *world)
{
    struct gk_turn turn = {.next_tick = GK_NO_TICK, .keys_changed = true};

    gk_turn_record(&turn, gk_octets_of("k"), gk_octets_of("x!"));
    run_turn(world->host[0], &turn, turn_done, world->context);
    CU_ASSERT_EQUAL(turn.record_count, 0);
}

static void callbacks_come_after_storing(void)
{
    struct slow slow;
    struct done done = {0};
    struct world world = {
        .toys = 1, .config = {.store = &slow.base}, .setup = watch_keys, .context = &done};
    int fd = client_udp();

    slow_init(&slow);
    world_start(&world);
    world_call(&world, command);
    client_say(fd, &world.udp, "n after");
    CU_ASSERT_TRUE(client_silent(fd));
    CU_ASSERT_EQUAL(done.done + done.keys, 0);
    answer_next(&slow, true);
    CU_ASSERT_TRUE(client_hears(fd, "n after"));
    world_stop(&world);
    CU_ASSERT_EQUAL(done.done, 1);
    CU_ASSERT_EQUAL(done.keys, 1);
    CU_ASSERT_EQUAL(done.keys_when_done, 1);
    CU_ASSERT_EQUAL(done.notices, 1);
    slow_end(&slow);
    close(fd);
}

/* A turn begun inside a callback waits until the one under way is carried out. */
static char said[8];
static size_t said_count;

static void say_done(void *context)
{
    said[said_count++] = *(const char *)context;
}

static struct world *nesting;

static void begin_inside(void *context)
{
    struct gk_turn turn = {.next_tick = GK_NO_TICK};

    run_turn(nesting->host[0], &turn, say_done, context);
    said[said_count++] = 'a';
}

static void nest(struct world *world)
{
    static char inner = 'b';
    struct gk_turn turn = {.next_tick = GK_NO_TICK};

    nesting = world;
    run_turn(world->host[0], &turn, begin_inside, &inner);
    said[said_count++] = 'c';
}

static void turns_do_not_nest(void)
{
    struct world world = {.toys = 1};

    said_count = 0;
    world_start(&world);
    world_call(&world, nest);
    world_stop(&world);
    CU_ASSERT_EQUAL(said_count, 3);
    CU_ASSERT_NSTRING_EQUAL(said, "abc", 3);
}

static void hung_up(void *context)
{
    (void)sem_post(context);
}

static void watch_hangup(struct world *world)
{
    run_on_hangup(world->run, hung_up, world->context);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* The log goes on in a new file, once the old one was moved away. */
static void a_hangup_is_told_and_not_the_end(void)
{
    sem_t told;
    char path[] = "/tmp/test-hangup-XXXXXX";
    struct world world = {.toys = 1, .setup = watch_hangup, .context = &told};
    struct gk_reason why;
    int fd = client_udp();

    close(mkstemp(path));
    world.config.log = run_log_open("toy", path, RUN_LOG_TEXT, GK_INFO, 0, &why);
    (void)sem_init(&told, 0, 0);
    world_start(&world);
    client_say(fd, &world.udp, "n"); /* the loop runs: its signal handlers are there */
    CU_ASSERT_TRUE(client_hears(fd, "n"));
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(kill(getpid(), SIGHUP), 0);
    (void)sem_wait(&told);
    CU_ASSERT_TRUE(exists(path));
    client_say(fd, &world.udp, "n still here");
    CU_ASSERT_TRUE(client_hears(fd, "n still here"));
    world_stop(&world);
    run_log_close(world.config.log);
    CU_ASSERT_PTR_NOT_NULL(
        strstr((const char *)test_file(path).data, " toy info toy-message [0000000000000000one] "));
    (void)sem_destroy(&told);
    (void)unlink(path);
    close(fd);
}

static void one_that_never_looped_is_freed(void)
{
    struct run_config config = {0};
    struct run *run = run_new(&config);
    struct gk_address any = {.family = 4, .ip = {127, 0, 0, 1}};
    struct toy toy = {.group = toy_group("one")};
    struct gk_engine engine = toy_engine(&toy);
    struct gk_turn turn = {.next_tick = 0};
    struct gk_reason why;

    CU_ASSERT_TRUE(run_listen(run, &any, GK_UDP, &why));
    CU_ASSERT_TRUE(run_listen(run, &any, GK_TCP, &why));
    gk_turn_job(&turn, toy_job(GK_LANE_REKEY, NULL, NULL));
    gk_turn_record(&turn, gk_octets_of("k"), gk_octets_of("v"));
    run_turn(run_host(run, &toy.group, &engine), &turn, NULL, NULL);
    run_free(run);
    CU_ASSERT_EQUAL(toy_jobs_alive(), 0);
}

const struct test_suite suite_turn = {
    "turn",
    {
        {"nothing leaves before it is stored", nothing_leaves_before_it_is_stored},
        {"groups do not wait for one another", groups_do_not_wait_for_one_another},
        {"a failed commit ends the program", a_failed_commit_ends_the_program},
        {"stopping waits for the store", stopping_waits_for_the_store},
        {"callbacks come after storing", callbacks_come_after_storing},
        {"turns do not nest", turns_do_not_nest},
        {"a hangup is told and not the end", a_hangup_is_told_and_not_the_end},
        {"one that never looped is freed", one_that_never_looped_is_freed},
        {NULL, NULL},
    }};
