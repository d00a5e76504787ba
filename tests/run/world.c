/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/run/world.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gsakmp/run/inside.h"
#include "tests/harness.h"

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(2);
}

static void woken(uv_async_t *wake)
{
    struct world *world = wake->data;
    void (*call)(struct world * world) = world->call;

    world->call = NULL;
    if (call) {
        call(world);
        (void)sem_post(&world->called);
    }
}

static void stop_call(struct world *world)
{
    run_stop(world->run);
}

static void stopping(void *context)
{
    struct world *world = context;

    if (world->stopping)
        world->stopping(world);
    uv_close((uv_handle_t *)&world->wake, NULL);
}

static void listen_to(struct world *world)
{
    struct gk_address any = {.family = 4, .ip = {127, 0, 0, 1}};
    struct gk_address udp = any;
    struct gk_reason why;

    if (world->bind && inet_pton(AF_INET, world->bind, udp.ip) != 1)
        give_up(world->bind);
    if (!run_listen(world->run, &udp, GK_UDP, &why) ||
        !run_listen(world->run, &any, GK_TCP, &why) ||
        !run_bound(world->run, GK_UDP, 0, &world->udp) ||
        !run_bound(world->run, GK_TCP, 0, &world->tcp))
        give_up(why.text);
    if (world->bind)
        world->udp.ip[0] = 127, world->udp.ip[3] = 1;
}

static void *live(void *context)
{
    struct world *world = context;

    world->run = run_new(&world->config);
    world->wake.data = world;
    (void)uv_async_init(run_uv(world->run), &world->wake, woken);
    run_on_stop(world->run, stopping, world);
    for (size_t i = 0; i < world->toys; i++) {
        struct gk_engine engine = toy_engine(&world->toy[i]);

        world->toy[i].run = world->run;
        world->toy[i].group = toy_group(i ? "two" : "one");
        world->host[i] = run_host(world->run, &world->toy[i].group, &engine);
    }
    if (!world->deaf)
        listen_to(world);
    if (world->setup)
        world->setup(world);
    (void)sem_post(&world->ready);
    world->result = run_loop(world->run);
    run_count(world->run, &world->counts);
    run_free(world->run);
    return NULL;
}

void world_start(struct world *world)
{
    (void)sem_init(&world->ready, 0, 0);
    (void)sem_init(&world->called, 0, 0);
    if (pthread_create(&world->thread, NULL, live, world) != 0)
        give_up("pthread_create");
    (void)sem_wait(&world->ready);
}

void world_call(struct world *world, void (*call)(struct world *world))
{
    world->call = call;
    (void)uv_async_send(&world->wake);
    (void)sem_wait(&world->called);
}

void world_wait(struct world *world)
{
    (void)pthread_join(world->thread, NULL);
    for (size_t i = 0; i < world->toys; i++) {
        CU_ASSERT_FALSE(world->toy[i].reentered);
        CU_ASSERT_FALSE(world->toy[i].early);
    }
    CU_ASSERT_EQUAL(toy_jobs_alive(), 0);
}

void world_stop(struct world *world)
{
    world_call(world, stop_call);
    world_wait(world);
}

static void set_patience(int fd)
{
    struct timeval patience = {.tv_sec = WORLD_PATIENCE};

    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        give_up("SO_RCVTIMEO");
}

int client_udp(void)
{
    struct gk_address any = {.family = 4, .ip = {127, 0, 0, 1}};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_storage name;

    if (fd < 0 || bind(fd, (struct sockaddr *)&name, run_sockaddr(&any, &name)) != 0)
        give_up("udp client");
    set_patience(fd);
    return fd;
}

int client_tcp(const struct gk_address *to)
{
    int fd = socket(to->family == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_storage name;

    if (fd < 0 || connect(fd, (struct sockaddr *)&name, run_sockaddr(to, &name)) != 0)
        give_up("tcp client");
    set_patience(fd);
    return fd;
}

uint16_t client_port(int fd)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    struct gk_address address;

    if (getsockname(fd, (struct sockaddr *)&name, &size) != 0 ||
        !run_address_of((struct sockaddr *)&name, &address))
        give_up("getsockname");
    return address.port;
}

void client_send(int fd, const struct gk_address *to, struct gk_octets octets)
{
    struct sockaddr_storage name;
    socklen_t size = to ? run_sockaddr(to, &name) : 0;
    const uint8_t *at = octets.data;

    while (octets.size) {
        ssize_t sent =
            sendto(fd, at, octets.size, MSG_NOSIGNAL, to ? (struct sockaddr *)&name : NULL, size);

        if (sent <= 0)
            return; /* closed by the other end, which the test then looks at */
        at += sent;
        octets.size -= (size_t)sent;
    }
}

void client_say(int fd, const struct gk_address *to, const char *body)
{
    struct gk_group group = toy_group("one");
    struct gk_writer writer = {0};

    toy_message(&writer, &group, GK_REQUEST_TO_JOIN, gk_octets_of(body));
    client_send(fd, to, gk_writer_octets(&writer));
    gk_writer_free(&writer);
}

static bool is_stream(int fd)
{
    int type = 0;
    socklen_t size = sizeof type;

    (void)getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
    return type == SOCK_STREAM;
}

static bool hear_stream(int fd, struct gk_writer *message)
{
    size_t length = 0;

    while (!length || gk_writer_octets(message).size < length) {
        uint8_t octet;

        if (recv(fd, &octet, 1, 0) != 1)
            return false;
        gk_write_u8(message, octet);
        if (!gk_message_frame(gk_writer_octets(message), GK_MESSAGE_MAX, &length, NULL))
            return false;
    }
    return true;
}

bool client_hear(int fd, struct gk_writer *message, struct gk_address *from)
{
    static uint8_t datagram[65536];
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    ssize_t got;

    if (is_stream(fd))
        return hear_stream(fd, message);
    got = recvfrom(fd, datagram, sizeof datagram, 0, (struct sockaddr *)&name, &size);
    if (got < 0)
        return false;
    gk_write(message, datagram, (size_t)got);
    return !from || run_address_of((struct sockaddr *)&name, from);
}

bool client_hears_octets(int fd, struct gk_octets body)
{
    struct gk_writer message = {0};
    bool good = client_hear(fd, &message, NULL);
    struct gk_octets have = toy_body(gk_writer_octets(&message));

    if (good && !gk_octets_equal(have, body)) {
        printf("\n    heard \"%.*s\"\n", (int)(have.size < 80 ? have.size : 80),
               have.size ? (const char *)have.data : "");
        good = false;
    }
    gk_writer_free(&message);
    return good;
}

bool client_hears(int fd, const char *body)
{
    return client_hears_octets(fd, gk_octets_of(body));
}

bool client_silent(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};

    return poll(&wait, 1, 50) == 0;
}

bool client_closed(int fd)
{
    uint8_t octets[4096];
    ssize_t got;

    do {
        got = recv(fd, octets, sizeof octets, 0);
    } while (got > 0);
    return got == 0 || errno == ECONNRESET;
}
