/* SPDX-License-Identifier: Apache-2.0 */
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/harness.h"
#include "tests/run/world.h"

static void an_answer_comes_back(void)
{
    struct world world = {.toys = 1};
    int fd = client_udp();

    world_start(&world);
    client_say(fd, &world.udp, "e hello");
    CU_ASSERT_TRUE(client_hears(fd, "e hello"));
    world_stop(&world);
    CU_ASSERT_EQUAL(world.toy[0].messages, 1);
    CU_ASSERT_EQUAL(world.toy[0].last_port, client_port(fd));
    CU_ASSERT_EQUAL(world.result, 0);
    close(fd);
}

/* A host with several addresses answers from the one that it was asked at. */
static void an_answer_leaves_from_where_the_request_came_to(void)
{
    struct world world = {.toys = 1, .bind = "0.0.0.0"};
    struct gk_address second;
    struct gk_address from;
    struct gk_writer message = {0};
    int fd = client_udp();

    world_start(&world);
    for (uint8_t i = 1; i <= 3; i++) {
        second = world.udp;
        second.ip[3] = i;
        client_say(fd, &second, "n which");
        CU_ASSERT_TRUE(client_hear(fd, &message, &from));
        CU_ASSERT_TRUE(gk_address_equal(&from, &second));
        gk_writer_cut(&message, 0);
    }
    gk_writer_free(&message);
    world_stop(&world);
    close(fd);
}

static void listen_on_ipv6(struct world *world)
{
    struct gk_address any = {.family = 6};
    struct gk_reason why;

    CU_ASSERT_TRUE(run_listen(world->run, &any, GK_UDP, &why));
    CU_ASSERT_TRUE(run_listen(world->run, &any, GK_TCP, &why));
    CU_ASSERT_TRUE(run_bound(world->run, GK_UDP, 0, &world->udp));
    CU_ASSERT_TRUE(run_bound(world->run, GK_TCP, 0, &world->tcp));
    world->udp.ip[15] = world->tcp.ip[15] = 1;
}

/* Of a kernel without IPv6, or one that was told to do none. */
static bool has_ipv6(void)
{
    struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool has = fd >= 0 && bind(fd, (struct sockaddr *)&name, sizeof name) == 0;

    if (fd >= 0)
        close(fd);
    if (!has)
        printf("(no IPv6 here) ");
    return has;
}

static void ipv6_works_alike(void)
{
    struct world world = {.toys = 1, .deaf = true, .setup = listen_on_ipv6};
    int udp;
    int tcp;

    if (!has_ipv6())
        return;
    udp = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    world_start(&world);
    client_say(udp, &world.udp, "e six");
    CU_ASSERT_TRUE(client_hears(udp, "e six"));
    tcp = client_tcp(&world.tcp);
    client_say(tcp, NULL, "e six");
    CU_ASSERT_TRUE(client_hears(tcp, "e six"));
    world_stop(&world);
    close(udp);
    close(tcp);
}

static void say_to(const char *name, int fd, const struct gk_address *to)
{
    struct gk_group group = toy_group(name);
    struct gk_writer writer = {0};

    toy_message(&writer, &group, GK_REQUEST_TO_JOIN, gk_octets_of("n"));
    client_send(fd, to, gk_writer_octets(&writer));
    gk_writer_free(&writer);
}

static void groups_are_told_apart(void)
{
    struct world world = {.toys = 2};
    int fd = client_udp();

    world_start(&world);
    say_to("three", fd, &world.udp);
    say_to("two", fd, &world.udp);
    say_to("two", fd, &world.udp);
    say_to("one", fd, &world.udp);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_TRUE(client_hears(fd, "n"));
    world_stop(&world);
    CU_ASSERT_EQUAL(world.toy[0].messages, 1);
    CU_ASSERT_EQUAL(world.toy[1].messages, 2);
    CU_ASSERT_EQUAL(world.counts.messages_dropped, 1);
    close(fd);
}

static void the_only_engine_gets_everything(void)
{
    struct world world = {.toys = 1};
    int fd = client_udp();

    world_start(&world);
    client_send(fd, &world.udp, gk_octets_of("x"));
    client_send(fd, &world.udp, GK_NO_OCTETS);
    say_to("three", fd, &world.udp);
    CU_ASSERT_TRUE(client_hears(fd, "n"));
    world_stop(&world);
    CU_ASSERT_TRUE(world.toy[0].messages >= 2);
    close(fd);
}

static void a_tick_comes_when_due(void)
{
    struct world world = {.toys = 1};
    int fd = client_udp();

    world_start(&world);
    for (int i = 0; i < 5; i++) {
        client_say(fd, &world.udp, "t");
        CU_ASSERT_TRUE(client_hears(fd, "tick"));
    }
    world_stop(&world); /* looks for ticks that came early */
    CU_ASSERT_EQUAL(world.toy[0].ticks, 5);
    close(fd);
}

/* Datagrams that nobody takes and those too big for UDP harm no other. */
static void failures_of_sending_pass(void)
{
    struct world world = {.toys = 1};
    int fd = client_udp();
    int gone = client_udp();
    uint16_t port = client_port(gone);
    uint8_t order[] = {'U', (uint8_t)(port >> 8), (uint8_t)port, 'x'};
    struct gk_group group = toy_group("one");
    struct gk_writer writer = {0};

    close(gone);
    toy_message(&writer, &group, GK_REQUEST_TO_JOIN, gk_octets(order, sizeof order));
    world_start(&world);
    for (int i = 0; i < 3; i++) {
        client_send(fd, &world.udp, gk_writer_octets(&writer));
        client_say(fd, &world.udp, "B");
        client_say(fd, &world.udp, "e still here");
        CU_ASSERT_TRUE(client_hears(fd, "e still here"));
    }
    world_stop(&world);
    CU_ASSERT_EQUAL(world.counts.sends_failed, 3);
    gk_writer_free(&writer);
    close(fd);
}

static void send_nowhere(struct world *world)
{
    static const struct gk_peer nowhere[] = {
        {.transport = GK_UDP},
        {.transport = GK_TCP},
        {.transport = GK_UDP, .address = {.family = 4, .ip = {127, 0, 0, 1}}},
        {.transport = GK_TCP, .address = {.family = 6, .ip = {[15] = 1}}}};
    struct gk_turn turn = {.next_tick = GK_NO_TICK};

    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
        gk_turn_send(&turn, &nowhere[i], gk_octets_of("x"));
    run_turn(world->host[0], &turn, NULL, NULL);
}

static void messages_to_nowhere_are_dropped(void)
{
    struct world world = {.toys = 1};
    int fd = client_udp();

    world_start(&world);
    world_call(&world, send_nowhere);
    client_say(fd, &world.udp, "e still here");
    CU_ASSERT_TRUE(client_hears(fd, "e still here"));
    world_stop(&world);
    CU_ASSERT_EQUAL(world.counts.sends_failed, 4);
    CU_ASSERT_EQUAL(world.counts.connections_out, 0);
    close(fd);
}

static int64_t now_ms(void)
{
    return run_now().ms;
}

static void hear_burst(int fd, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct gk_writer message = {0};
        struct gk_octets body;

        CU_ASSERT_TRUE(client_hear(fd, &message, NULL));
        body = toy_body(gk_writer_octets(&message));
        CU_ASSERT_EQUAL(body.size, 1000);
        CU_ASSERT_TRUE(body.size == 1000 && body.data[1] == i);
        gk_writer_free(&message);
    }
}

/* 30 messages of 1024 octets at 100,000 a second take 0.3 s: no fewer than 0.25 even when
 * the first may leave at once and clocks are coarse. */
static void sending_is_paced_and_in_order(void)
{
    struct world world = {.toys = 1, .config = {.octets_a_second = 100000}};
    int fd = client_udp();
    int64_t began;

    world_start(&world);
    began = now_ms();
    client_say(fd, &world.udp, "b\x1e");
    hear_burst(fd, 30);
    CU_ASSERT_TRUE(now_ms() - began >= 250);
    world_stop(&world);
    CU_ASSERT_EQUAL(world.counts.datagrams_out, 30);
    close(fd);
}

static void no_gap_is_above_a_second(void)
{
    struct world world = {.toys = 1, .config = {.octets_a_second = 1}};
    int fd = client_udp();

    world_start(&world);
    client_say(fd, &world.udp, "b\x02"); /* at this pace a quarter of an hour apart */
    hear_burst(fd, 2);
    world_stop(&world);
    close(fd);
}

/* Unicast to the group's port: nobody must get it. */
static void send_stray(int fd, uint16_t port)
{
    struct gk_address unicast = {.family = 4, .ip = {127, 0, 0, 1}, .port = port};

    client_say(fd, &unicast, "n stray");
}

static const char *interface = "lo";

static void join_twice(struct world *world)
{
    struct gk_reason why;

    for (int i = 0; i < 2; i++) {
        if (!run_join(world->run, &world->toy[0].multicast, &why))
            CU_FAIL("join");
    }
}

static void join_nothing(struct world *world)
{
    struct gk_reason why;

    CU_ASSERT_FALSE(run_join(world->run, &world->udp, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "multicast-address");
}

static void interfaces_have_names_and_addresses(void)
{
    struct gk_reason why;
    uint32_t index = 7;
    uint32_t other;

    CU_ASSERT_TRUE(run_interface(NULL, &index, &why));
    CU_ASSERT_EQUAL(index, 0);
    CU_ASSERT_TRUE(run_interface("lo", &index, &why));
    CU_ASSERT_EQUAL(index, if_nametoindex("lo"));
    CU_ASSERT_TRUE(run_interface("127.0.0.1", &other, &why));
    CU_ASSERT_EQUAL(index, other);
    if (has_ipv6()) {
        CU_ASSERT_TRUE(run_interface("::1", &other, &why));
        CU_ASSERT_EQUAL(index, other);
    }
    CU_ASSERT_FALSE(run_interface("no-such-interface", &index, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "interface-unknown");
    CU_ASSERT_FALSE(run_interface("192.0.2.99", &index, &why));
}

static bool refused_for(const char *text, const char *code)
{
    struct gk_address address;
    struct gk_reason why;

    return !run_address_parse(text, 3761, &address, &why) && strcmp(why.code, code) == 0;
}

/* A link-local address is another on every link. */
static void addresses_may_name_their_link(void)
{
    char text[GK_ADDRESS_TEXT];
    struct gk_address address;
    struct gk_reason why;

    CU_ASSERT_TRUE(run_address_parse("[fe80::1%lo]:99", 3761, &address, &why));
    CU_ASSERT_EQUAL(address.scope, if_nametoindex("lo"));
    CU_ASSERT_STRING_EQUAL(gk_address_format(&address, text), "[fe80::1%1]:99");
    CU_ASSERT_TRUE(run_address_parse("fe80::1%1", 3761, &address, &why));
    CU_ASSERT_EQUAL(address.scope, 1);
    CU_ASSERT_TRUE(run_address_parse("ff02::1", 3761, &address, &why));
    CU_ASSERT_TRUE(refused_for("fe80::1", "address-scope"));
    CU_ASSERT_TRUE(refused_for("fe80::1%no-such-if", "interface-unknown"));
    CU_ASSERT_TRUE(refused_for("2001:db8::1%lo", "address"));
    CU_ASSERT_TRUE(refused_for("gcks.example.org", "address"));
    CU_ASSERT_TRUE(refused_for("fe80::1%a-name-that-is-far-too-long-for-any-interface", "address"));
}

static unsigned heard_count;

static void look(struct world *world)
{
    heard_count = world->toy[0].messages;
}

/* Both programs on one port get the message, each once. */
static void send_to_group(struct gk_address *group)
{
    struct world from = {.toys = 1, .setup = join_nothing, .config = {.multicast_loop = true}};
    struct world to = {.toys = 1, .setup = join_twice};
    struct world too = {.toys = 1, .setup = join_twice};
    struct gk_reason why;
    int fd = client_udp();
    int spare = client_udp();

    group->port = client_port(spare);
    close(spare);
    CU_ASSERT_TRUE(run_interface(interface, &group->scope, &why));
    from.toy[0].multicast = to.toy[0].multicast = too.toy[0].multicast = *group;
    world_start(&from);
    world_start(&to);
    world_start(&too);
    send_stray(fd, group->port);
    client_say(fd, &from.udp, "M key");
    heard_count = 0;
    for (int i = 0; i < WORLD_PATIENCE * 100 && heard_count < 1; i++) {
        usleep(10000);
        world_call(&to, look);
    }
    world_stop(&to);
    world_stop(&too);
    world_stop(&from);
    CU_ASSERT_EQUAL(to.toy[0].messages, 1);
    CU_ASSERT_EQUAL(too.toy[0].messages, 1);
    CU_ASSERT_TRUE(group->family == 6 || to.toy[0].last_port == from.udp.port);
    CU_ASSERT_TRUE(client_silent(fd));
    close(fd);
}

static void multicast_reaches_all_and_unicast_none(void)
{
    struct gk_address group = {.family = 4, .ip = {239, 255, 76, 67}};

    send_to_group(&group);
}

/* An interface that does multicast by IPv6; the loopback usually does not. */
static bool find_interface(char name[IF_NAMESIZE])
{
    struct ifaddrs *all = NULL;
    bool found = false;

    CU_ASSERT_EQUAL(getifaddrs(&all), 0);
    for (const struct ifaddrs *at = all; at && !found; at = at->ifa_next) {
        found = at->ifa_addr && at->ifa_addr->sa_family == AF_INET6 && (at->ifa_flags & IFF_UP) &&
                (at->ifa_flags & IFF_MULTICAST);
        if (found)
            (void)snprintf(name, IF_NAMESIZE, "%s", at->ifa_name);
    }
    freeifaddrs(all);
    return found;
}

/* Interface-local scope: never on a wire, and means nothing without the interface. */
static void multicast_by_ipv6(void)
{
    struct gk_address group = {.family = 6, .ip = {0xff, 0x11, [14] = 76, [15] = 67}};
    char name[IF_NAMESIZE];

    if (!find_interface(name)) {
        printf("(no interface for it) ");
        return;
    }
    interface = name;
    send_to_group(&group);
    interface = "lo";
}

/* More than any receive buffer holds arrives before the loop reads. */
static void flood(struct world *world)
{
    struct gk_secret datagram = gk_secret_new(1000);
    int fd = client_udp();

    for (int i = 0; i < 20000; i++)
        client_send(fd, &world->udp, gk_secret_octets(&datagram));
    gk_secret_free(&datagram);
    close(fd);
}

static void lost_datagrams_are_counted(void)
{
    struct world world = {.toys = 1, .setup = flood};
    int fd = client_udp();

    world_start(&world);
    /* Asked until one gets through, which then tells of all that were lost before it. */
    for (int i = 0; i < WORLD_PATIENCE * 20 && client_silent(fd); i++)
        client_say(fd, &world.udp, "n");
    CU_ASSERT_TRUE(client_hears(fd, "n"));
    world_stop(&world);
    CU_ASSERT_NOT_EQUAL(world.counts.datagrams_lost, 0);
    CU_ASSERT_TRUE(world.counts.datagrams_in + world.counts.datagrams_lost >= 20000);
    close(fd);
}

static void send_first(struct world *world)
{
    uint16_t port = *(uint16_t *)world->context;
    struct gk_peer to = {.transport = GK_UDP,
                         .address = {.family = 4, .ip = {127, 0, 0, 1}, .port = port}};
    struct gk_writer message = {0};
    struct gk_turn turn = {.next_tick = GK_NO_TICK};

    toy_message(&message, &world->toy[0].group, GK_REQUEST_TO_JOIN, gk_octets_of("first"));
    gk_turn_send(&turn, &to, gk_writer_octets(&message));
    gk_writer_free(&message);
    run_turn(world->host[0], &turn, NULL, NULL);
}

/* A member without a listener: a socket is made for it, and answers reach it there. */
static void one_that_listens_nowhere_can_ask(void)
{
    struct world world = {.toys = 1, .deaf = true};
    struct gk_writer message = {0};
    struct gk_address from = {0};
    int fd = client_udp();
    uint16_t port = client_port(fd);

    world.context = &port;
    world_start(&world);
    world_call(&world, send_first);
    CU_ASSERT_TRUE(client_hear(fd, &message, &from));
    client_say(fd, &from, "e back");
    CU_ASSERT_TRUE(client_hears(fd, "e back"));
    gk_writer_free(&message);
    world_stop(&world);
    CU_ASSERT_EQUAL(world.toy[0].messages, 1);
    close(fd);
}

static void an_address_in_use_is_refused(void)
{
    struct run_config config = {0};
    struct run *run = run_new(&config);
    struct gk_address address = {.family = 4, .ip = {127, 0, 0, 1}};
    struct gk_reason why = {0};
    int fd = client_udp();

    address.port = client_port(fd);
    CU_ASSERT_FALSE(run_listen(run, &address, GK_UDP, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "udp-bind");
    address.port = 0;
    CU_ASSERT_TRUE(run_listen(run, &address, GK_TCP, &why));
    CU_ASSERT_TRUE(run_bound(run, GK_TCP, 0, &address));
    CU_ASSERT_FALSE(run_bound(run, GK_TCP, 1, &address));
    CU_ASSERT_TRUE(run_bound(run, GK_TCP, 0, &address));
    CU_ASSERT_FALSE(run_listen(run, &address, GK_TCP, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "tcp-listen");
    run_free(run);
    close(fd);
}

/* What the socket was opened for cannot be had: it is closed, and the program goes on. */
static void a_socket_that_fails_is_closed(void)
{
    struct run_config config = {.multicast_ttl = 300};
    struct gk_address address = {.family = 4, .ip = {127, 0, 0, 1}};
    struct gk_reason why;
    struct run *run = run_new(&config);

    CU_ASSERT_FALSE(run_bind(run, &address, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "multicast-out");
    CU_ASSERT_FALSE(run_bound(run, GK_UDP, 1, &address));
    run_free(run);
}

const struct test_suite suite_datagram = {
    "datagram",
    {
        {"an answer comes back", an_answer_comes_back},
        {"an answer leaves from where the request came to",
         an_answer_leaves_from_where_the_request_came_to},
        {"IPv6 works alike", ipv6_works_alike},
        {"groups are told apart", groups_are_told_apart},
        {"the only engine gets everything", the_only_engine_gets_everything},
        {"a tick comes when due", a_tick_comes_when_due},
        {"failures of sending pass", failures_of_sending_pass},
        {"messages to nowhere are dropped", messages_to_nowhere_are_dropped},
        {"sending is paced and in order", sending_is_paced_and_in_order},
        {"no gap is above a second", no_gap_is_above_a_second},
        {"multicast reaches all and unicast none", multicast_reaches_all_and_unicast_none},
        {"multicast by IPv6", multicast_by_ipv6},
        {"interfaces have names and addresses", interfaces_have_names_and_addresses},
        {"addresses may name their link", addresses_may_name_their_link},
        {"lost datagrams are counted", lost_datagrams_are_counted},
        {"one that listens nowhere can ask", one_that_listens_nowhere_can_ask},
        {"an address in use is refused", an_address_in_use_is_refused},
        {"a socket that fails is closed", a_socket_that_fails_is_closed},
        {NULL, NULL},
    }};
