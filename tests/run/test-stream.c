/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>

#include "gsakmp/run/inside.h"
#include "tests/harness.h"
#include "tests/run/world.h"

static void rtj(struct gk_writer *to, struct gk_octets body)
{
    struct gk_group group = toy_group("one");

    toy_message(to, &group, GK_REQUEST_TO_JOIN, body);
}

static void messages_follow_one_another(void)
{
    struct world world = {.toys = 1};
    struct gk_writer both = {0};
    int fd;

    world_start(&world);
    fd = client_tcp(&world.tcp);
    rtj(&both, gk_octets_of("e first"));
    rtj(&both, gk_octets_of("n second"));
    client_send(fd, NULL, gk_writer_octets(&both));
    CU_ASSERT_TRUE(client_hears(fd, "e first"));
    CU_ASSERT_TRUE(client_hears(fd, "n second"));
    gk_writer_free(&both);
    close(fd);
    world_stop(&world);
    CU_ASSERT_EQUAL(world.toy[0].messages, 2);
}

static void octets_may_come_singly(void)
{
    struct world world = {.toys = 1};
    struct gk_writer message = {0};
    int fd;

    world_start(&world);
    fd = client_tcp(&world.tcp);
    rtj(&message, gk_octets_of("e split"));
    rtj(&message, gk_octets_of("n split"));
    for (size_t i = 0; i < message.size; i++) {
        client_send(fd, NULL, gk_octets(message.data + i, 1));
        usleep(200);
    }
    CU_ASSERT_TRUE(client_hears(fd, "e split"));
    CU_ASSERT_TRUE(client_hears(fd, "n split"));
    gk_writer_free(&message);
    close(fd);
    world_stop(&world);
    CU_ASSERT_EQUAL(world.toy[0].messages, 2);
}

static void lengths_out_of_range_close(void)
{
    static const uint32_t lengths[] = {0, 1, 24, 27, 0x20001, 0xffffffff};
    struct world world = {.toys = 1};
    struct gk_writer message = {0};

    world_start(&world);
    rtj(&message, gk_octets_of("n body that is long enough"));
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        int fd = client_tcp(&world.tcp);

        gk_write_u32_at(&message, 2 + 11 + 7, lengths[i]);
        client_send(fd, NULL, gk_writer_octets(&message));
        CU_ASSERT_TRUE(client_closed(fd));
        close(fd);
    }
    gk_writer_free(&message);
    world_stop(&world);
    CU_ASSERT_EQUAL(world.toy[0].messages, 0);
    CU_ASSERT_EQUAL(world.counts.messages_dropped, sizeof lengths / sizeof *lengths);
}

static struct gk_secret big_body(char order, size_t size)
{
    struct gk_secret body = gk_secret_new(size);

    body.data[0] = (uint8_t)order;
    return body;
}

static void say_big(int fd, size_t size)
{
    struct gk_secret body = big_body('n', size);
    struct gk_writer message = {0};

    rtj(&message, gk_secret_octets(&body));
    client_send(fd, NULL, gk_writer_octets(&message));
    gk_writer_free(&message);
    gk_secret_free(&body);
}

/* 128 KiB until the engine has answered with something signed; a cookie is not. */
static void the_limit_grows_with_authentication(void)
{
    struct world world = {.toys = 1};
    struct gk_secret body = big_body('n', 200000);
    int fd;

    world_start(&world);
    fd = client_tcp(&world.tcp);
    client_say(fd, NULL, "c ok");
    CU_ASSERT_TRUE(client_hears(fd, "c ok"));
    say_big(fd, 200000);
    CU_ASSERT_TRUE(client_closed(fd));
    close(fd);
    fd = client_tcp(&world.tcp);
    client_say(fd, NULL, "n ok");
    CU_ASSERT_TRUE(client_hears(fd, "n ok"));
    say_big(fd, 200000);
    CU_ASSERT_TRUE(client_hears_octets(fd, gk_secret_octets(&body)));
    say_big(fd, (1 << 20) + 1);
    CU_ASSERT_TRUE(client_closed(fd));
    close(fd);
    gk_secret_free(&body);
    world_stop(&world);
}

static void a_silent_connection_ends(void)
{
    struct world world = {.toys = 1, .config = {.connection_ms = 100}};
    int fd;

    world_start(&world);
    fd = client_tcp(&world.tcp);
    CU_ASSERT_TRUE(client_closed(fd));
    close(fd);
    world_stop(&world);
}

/* Octets that never make a message do not prolong it. */
static void a_slow_connection_ends(void)
{
    struct world world = {.toys = 1, .config = {.connection_ms = 150}};
    struct gk_writer message = {0};
    size_t sent = 0;
    int fd;

    rtj(&message, gk_octets_of("n a message whose octets come one by one, for ever"));
    gk_write_reserve(&message, 10000);
    gk_write_u32_at(&message, 2 + 11 + 7, (uint32_t)message.size);
    world_start(&world);
    fd = client_tcp(&world.tcp);
    while (sent < message.size && client_silent(fd))
        client_send(fd, NULL, gk_octets(message.data + sent++, 1));
    CU_ASSERT_TRUE(sent < message.size);
    CU_ASSERT_TRUE(client_closed(fd));
    close(fd);
    gk_writer_free(&message);
    world_stop(&world);
    CU_ASSERT_EQUAL(world.toy[0].messages, 0);
}

static void an_address_has_so_many_connections(void)
{
    struct world world = {.toys = 1, .config = {.connections_each = 2}};
    int fd[3];

    world_start(&world);
    for (size_t i = 0; i < 3; i++) {
        fd[i] = client_tcp(&world.tcp);
        if (i < 2) {
            client_say(fd[i], NULL, "n ok");
            CU_ASSERT_TRUE(client_hears(fd[i], "n ok"));
        }
    }
    CU_ASSERT_TRUE(client_closed(fd[2]));
    client_say(fd[0], NULL, "n ok");
    CU_ASSERT_TRUE(client_hears(fd[0], "n ok"));
    for (size_t i = 0; i < 3; i++)
        close(fd[i]);
    world_stop(&world);
    CU_ASSERT_EQUAL(world.counts.connections_refused, 1);
    CU_ASSERT_EQUAL(world.counts.connections_in, 2);
}

static void sources_are_hosts(void)
{
    struct gk_address a = {.family = 6, .ip = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 9}};
    struct gk_address b = a;
    struct gk_address v4 = {.family = 4, .ip = {192, 0, 2, 1}};
    struct gk_address other = {.family = 4, .ip = {192, 0, 2, 2}};

    b.ip[15] = 77;
    CU_ASSERT_TRUE(run_address_same_source(&a, &b));
    b.ip[7] = 2;
    CU_ASSERT_FALSE(run_address_same_source(&a, &b));
    CU_ASSERT_TRUE(run_address_same_source(&v4, &v4));
    CU_ASSERT_FALSE(run_address_same_source(&v4, &other));
    CU_ASSERT_FALSE(run_address_same_source(&v4, &a));
    a = (struct gk_address){.family = 6, .ip = {0xfe, 0x80, [15] = 1}, .scope = 2};
    b = a;
    b.ip[15] = 2;
    CU_ASSERT_TRUE(run_address_same_source(&a, &b));
    b.scope = 3; /* another link */
    CU_ASSERT_FALSE(run_address_same_source(&a, &b));
}

/* The version 1 message inside a later one decides which lane it goes to (profile 1.6). */
static void a_message_inside_counts_as_what_it_is(void)
{
    struct gk_group group = toy_group("one");
    struct gk_writer inner = {0};
    struct gk_writer outer = {0};
    struct gk_writer deep = {0};

    toy_message(&inner, &group, GK_REKEY_EVENT, gk_octets_of("n"));
    CU_ASSERT_EQUAL(run_exchange(gk_writer_octets(&inner)), GK_REKEY_EVENT);
    gk_write(&outer, inner.data, (size_t)2 + group.size);
    gk_write_u8(&outer, 0);
    gk_write_u8(&outer, 2);
    gk_write_u8(&outer, GK_REQUEST_TO_JOIN);
    gk_write_u32(&outer, 0);
    gk_write_u32(&outer, (uint32_t)(inner.size + 13 + group.size));
    gk_write_octets(&deep, gk_writer_octets(&outer));
    gk_write_octets(&outer, gk_writer_octets(&inner));
    gk_write_octets(&deep, gk_writer_octets(&outer));
    CU_ASSERT_EQUAL(run_exchange(gk_writer_octets(&outer)), GK_REKEY_EVENT);
    CU_ASSERT_EQUAL(run_exchange(gk_writer_octets(&deep)), 0);
    for (size_t size = 0; size < outer.size - inner.size + 13; size++)
        CU_ASSERT_EQUAL(run_exchange(gk_octets(outer.data, size)), 0);
    gk_writer_free(&inner);
    gk_writer_free(&outer);
    gk_writer_free(&deep);
}

static void all_connections_together_are_bounded(void)
{
    struct world world = {.toys = 1, .config = {.connections_most = 1}};
    int first;
    int second;

    world_start(&world);
    first = client_tcp(&world.tcp);
    client_say(first, NULL, "n ok");
    CU_ASSERT_TRUE(client_hears(first, "n ok"));
    second = client_tcp(&world.tcp);
    CU_ASSERT_TRUE(client_closed(second));
    close(first);
    close(second);
    world_stop(&world);
}

static void order_to_port(struct gk_writer *to, uint16_t port, const char *body)
{
    struct gk_writer order = {0};

    gk_write_u8(&order, 'T');
    gk_write_u16(&order, port);
    gk_write_octets(&order, gk_octets_of(body));
    rtj(to, gk_writer_octets(&order));
    gk_writer_free(&order);
}

static int listen_here(void)
{
    struct gk_address any = {.family = 4, .ip = {127, 0, 0, 1}};
    struct sockaddr_storage name;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&name, run_sockaddr(&any, &name)), 0);
    CU_ASSERT_EQUAL(listen(fd, 4), 0);
    return fd;
}

/* Connection 0: opened at the first message, used again for the next, and read from. */
static void a_message_opens_a_connection(void)
{
    struct world world = {.toys = 1};
    struct gk_writer order = {0};
    int udp = client_udp();
    int listener = listen_here();
    int fd;

    world_start(&world);
    order_to_port(&order, client_port(listener), "first");
    client_send(udp, &world.udp, gk_writer_octets(&order));
    gk_writer_cut(&order, 0);
    order_to_port(&order, client_port(listener), "second");
    client_send(udp, &world.udp, gk_writer_octets(&order));
    fd = accept(listener, NULL, NULL);
    CU_ASSERT_TRUE(client_hears(fd, "first"));
    CU_ASSERT_TRUE(client_hears(fd, "second"));
    client_say(fd, NULL, "e answer");
    CU_ASSERT_TRUE(client_hears(fd, "e answer"));
    gk_writer_free(&order);
    world_stop(&world);
    CU_ASSERT_EQUAL(world.counts.connections_out, 1);
    close(fd);
    close(listener);
    close(udp);
}

static struct toy seen;

static void look(struct world *world)
{
    seen = world->toy[0];
}

static void wait_for_end(struct world *world)
{
    seen.closed = 0;
    for (int i = 0; i < WORLD_PATIENCE * 100 && !seen.closed; i++) {
        usleep(10000);
        world_call(world, look);
    }
}

static void the_engine_hears_of_the_end(void)
{
    struct world world = {.toys = 1};
    struct gk_writer order = {0};
    int udp = client_udp();
    int listener = listen_here();
    uint16_t port = client_port(listener);
    int fd;

    close(listener); /* nobody is there */
    world_start(&world);
    order_to_port(&order, port, "x");
    client_send(udp, &world.udp, gk_writer_octets(&order));
    wait_for_end(&world);
    CU_ASSERT_EQUAL(seen.closed, 1);
    CU_ASSERT_EQUAL(seen.last_closed.address.port, port);
    CU_ASSERT_EQUAL(seen.last_closed.transport, GK_TCP);
    fd = client_tcp(&world.tcp);
    client_say(fd, NULL, "n ok");
    CU_ASSERT_TRUE(client_hears(fd, "n ok"));
    port = client_port(fd);
    close(fd);
    for (int i = 0; i < WORLD_PATIENCE * 100 && seen.closed < 2; i++) {
        usleep(10000);
        world_call(&world, look);
    }
    CU_ASSERT_EQUAL(seen.closed, 2);
    CU_ASSERT_EQUAL(seen.last_closed.address.port, port);
    CU_ASSERT_NOT_EQUAL(seen.last_closed.connection, 0);
    gk_writer_free(&order);
    world_stop(&world);
    CU_ASSERT_EQUAL(world.counts.connections_failed, 1);
    close(udp);
}

static uint64_t failed_sends;

static void look_at_counts(struct world *world)
{
    struct run_counts counts;

    run_count(world->run, &counts);
    failed_sends = counts.sends_failed;
}

/* One that asks for 25 MB and reads nothing is dropped; the others are served. */
static void one_that_does_not_read_is_dropped(void)
{
    struct world world = {.toys = 1, .config = {.message_most = 65536}};
    int deaf;
    int fd;

    world_start(&world);
    deaf = client_tcp(&world.tcp);
    for (int i = 0; i < 100; i++)
        client_say(deaf, NULL, "b\xff  ");
    failed_sends = 0;
    for (int i = 0; i < WORLD_PATIENCE * 100 && !failed_sends; i++) {
        usleep(10000);
        world_call(&world, look_at_counts);
    }
    CU_ASSERT_NOT_EQUAL(failed_sends, 0);
    CU_ASSERT_TRUE(client_closed(deaf));
    fd = client_tcp(&world.tcp);
    client_say(fd, NULL, "e still here");
    CU_ASSERT_TRUE(client_hears(fd, "e still here"));
    close(fd);
    close(deaf);
    world_stop(&world);
}

const struct test_suite suite_stream = {
    "stream",
    {
        {"messages follow one another", messages_follow_one_another},
        {"octets may come singly", octets_may_come_singly},
        {"lengths out of range close", lengths_out_of_range_close},
        {"the limit grows with authentication", the_limit_grows_with_authentication},
        {"a silent connection ends", a_silent_connection_ends},
        {"a slow connection ends", a_slow_connection_ends},
        {"an address has so many connections", an_address_has_so_many_connections},
        {"sources are hosts", sources_are_hosts},
        {"all connections together are bounded", all_connections_together_are_bounded},
        {"a message opens a connection", a_message_opens_a_connection},
        {"the engine hears of the end", the_engine_hears_of_the_end},
        {"one that does not read is dropped", one_that_does_not_read_is_dropped},
        {"a message inside counts as what it is", a_message_inside_counts_as_what_it_is},
        {NULL, NULL},
    }};
