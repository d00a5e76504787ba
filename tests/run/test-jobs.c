/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "tests/harness.h"
#include "tests/run/world.h"

static sem_t gate;

static void a_job_comes_back(void)
{
    struct world world = {.toys = 1};
    int fd = client_udp();

    world_start(&world);
    client_say(fd, &world.udp, "j\x02");
    CU_ASSERT_TRUE(client_hears(fd, "job ran"));
    world_stop(&world);
    CU_ASSERT_EQUAL(world.toy[0].jobs, 1);
    CU_ASSERT_EQUAL(world.counts.jobs_done, 1);
    close(fd);
}

/* With one thread two jobs are abreast: both wait at the gate and hold the rest. */
static void close_gate(struct world *world)
{
    struct gk_turn turn = {.next_tick = GK_NO_TICK};

    for (int i = 0; i < 2; i++)
        gk_turn_job(&turn, toy_job(GK_LANE_REGISTRATION, NULL, &gate));
    run_turn(world->host[0], &turn, NULL, NULL);
}

static void open_gate(void)
{
    (void)sem_post(&gate);
    (void)sem_post(&gate);
}

static void add_all_lanes(struct world *world)
{
    static const enum gk_lane lanes[] = {GK_LANE_REGISTRATION, GK_LANE_ACK,   GK_LANE_REGISTRATION,
                                         GK_LANE_ACK,          GK_LANE_REKEY, GK_LANE_REKEY};
    struct gk_turn turn = {.next_tick = GK_NO_TICK};

    for (size_t i = 0; i < sizeof lanes / sizeof *lanes; i++)
        gk_turn_job(&turn, toy_job(lanes[i], NULL, NULL));
    run_turn(world->host[0], &turn, NULL, NULL);
}

static struct toy seen;

static void look(struct world *world)
{
    seen = world->toy[0];
}

static void lanes_have_an_order(void)
{
    struct world world = {.toys = 1};

    (void)sem_init(&gate, 0, 0);
    world_start(&world);
    world_call(&world, close_gate);
    world_call(&world, add_all_lanes);
    world_call(&world, look);
    CU_ASSERT_EQUAL(seen.jobs, 0);
    open_gate();
    for (int i = 0; i < WORLD_PATIENCE * 100 && seen.jobs < 8; i++) {
        usleep(10000);
        world_call(&world, look);
    }
    world_stop(&world);
    CU_ASSERT_STRING_EQUAL(seen.order, "rraagg");
    (void)sem_destroy(&gate);
}

static void fill_registration(struct world *world)
{
    struct gk_turn turn = {.next_tick = GK_NO_TICK};

    for (int i = 0; i < 2; i++)
        gk_turn_job(&turn, toy_job(GK_LANE_REGISTRATION, NULL, NULL));
    run_turn(world->host[0], &turn, NULL, NULL);
}

static void say_as(int fd, const struct world *world, uint8_t exchange, const char *body)
{
    struct gk_group group = toy_group("one");
    struct gk_writer writer = {0};

    toy_message(&writer, &group, exchange, gk_octets_of(body));
    client_send(fd, &world->udp, gk_writer_octets(&writer));
    gk_writer_free(&writer);
}

/* A full lane keeps out what would add to it, and nothing else. */
static void a_full_lane_drops_its_messages(void)
{
    struct world world = {.toys = 1, .config = {.jobs_most = 2}};
    int fd = client_udp();

    (void)sem_init(&gate, 0, 0);
    world_start(&world);
    world_call(&world, close_gate);
    world_call(&world, fill_registration);
    say_as(fd, &world, GK_REQUEST_TO_JOIN, "n registration");
    say_as(fd, &world, GK_REQUEST_TO_DEPART, "n departure");
    say_as(fd, &world, GK_KEY_DOWNLOAD_ACK, "n ack");
    say_as(fd, &world, GK_REKEY_EVENT, "n rekey");
    CU_ASSERT_TRUE(client_hears(fd, "n ack"));
    CU_ASSERT_TRUE(client_hears(fd, "n rekey"));
    open_gate();
    seen.jobs = 0;
    for (int i = 0; i < WORLD_PATIENCE * 100 && seen.jobs < 4; i++) {
        usleep(10000);
        world_call(&world, look);
    }
    say_as(fd, &world, GK_REQUEST_TO_JOIN, "n again");
    CU_ASSERT_TRUE(client_hears(fd, "n again"));
    world_stop(&world);
    CU_ASSERT_EQUAL(world.counts.messages_dropped, 2);
    (void)sem_destroy(&gate);
    close(fd);
}

/* Jobs that wait when the program ends are dropped, those that run are waited for. */
static void the_end_drops_jobs(void)
{
    struct world world = {.toys = 1};

    (void)sem_init(&gate, 0, 0);
    world_start(&world);
    world_call(&world, close_gate);
    world_call(&world, add_all_lanes);
    open_gate();
    world_stop(&world); /* looks for jobs that were not dropped */
    (void)sem_destroy(&gate);
}

const struct test_suite suite_jobs = {
    "jobs",
    {
        {"a job comes back", a_job_comes_back},
        {"lanes have an order", lanes_have_an_order},
        {"a full lane drops its messages", a_full_lane_drops_its_messages},
        {"the end drops jobs", the_end_drops_jobs},
        {NULL, NULL},
    }};
