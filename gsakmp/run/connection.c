/* SPDX-License-Identifier: Apache-2.0 */
/* TCP connections, the incoming side: life, limits, and framing (profile 1.3). */
#include "gsakmp/run/inside.h"

#include <stdlib.h>
#include <string.h>

struct gk_peer run_connection_peer(const struct run_connection *connection)
{
    return (struct gk_peer){GK_TCP, connection->address, connection->number};
}

static bool number_taken(const struct run *run, uint32_t number)
{
    for (const struct run_connection *each = run->connections; each; each = each->next) {
        if (each->number == number)
            return true;
    }
    return number == 0;
}

struct run_connection *run_connection_new(struct run *run, const struct gk_address *address)
{
    struct run_connection *fresh = gk_alloc(1, sizeof *fresh);

    fresh->run = run;
    fresh->address = *address;
    do {
        fresh->number = ++run->last_number;
    } while (number_taken(run, fresh->number));
    /* Neither takes a descriptor yet, so neither fails. */
    (void)uv_tcp_init(&run->loop, &fresh->tcp);
    (void)uv_timer_init(&run->loop, &fresh->deadline);
    fresh->tcp.data = fresh;
    fresh->deadline.data = fresh;
    fresh->handles = 2;
    fresh->next = run->connections;
    run->connections = fresh;
    run->connection_count++;
    return fresh;
}

static void take_off(struct run_connection *connection)
{
    struct run *run = connection->run;
    struct run_connection **at = &run->connections;

    while (*at != connection)
        at = &(*at)->next;
    *at = connection->next;
    run->connection_count--;
}

static void closed(uv_handle_t *handle)
{
    struct run_connection *connection = handle->data;
    struct gk_peer peer = run_connection_peer(connection);
    struct run *run = connection->run;

    if (--connection->handles)
        return;
    take_off(connection);
    for (size_t i = 0; i < connection->host_count && run->state < RUN_STOPPING; i++)
        run_closed(connection->hosts[i], &peer);
    gk_writer_free(&connection->in);
    free(connection->hosts);
    free(connection);
    run_settle(run);
}

void run_connection_close(struct run_connection *connection)
{
    if (connection->closing)
        return;
    connection->closing = true;
    uv_close((uv_handle_t *)&connection->tcp, closed);
    uv_close((uv_handle_t *)&connection->deadline, closed);
}

static void late(uv_timer_t *timer)
{
    struct run_connection *connection = timer->data;
    char text[GK_ADDRESS_TEXT];

    RUN_LOG(connection->run, GK_DEBUG, "connection-idle", "TCP %s: nothing whole came in time",
            gk_address_format(&connection->address, text));
    run_connection_close(connection);
}

/* Octets alone do not keep a connection alive, only messages. */
void run_connection_alive(struct run_connection *connection)
{
    if (!connection->closing)
        (void)uv_timer_start(&connection->deadline, late,
                             (uint64_t)connection->run->config.connection_ms, 0);
}

void run_connection_used(struct run_connection *connection, struct run_host *host)
{
    for (size_t i = 0; i < connection->host_count; i++) {
        if (connection->hosts[i] == host)
            return;
    }
    connection->hosts =
        gk_realloc(connection->hosts, connection->host_count + 1, sizeof(struct run_host *));
    connection->hosts[connection->host_count++] = host;
}

static void refuse(struct run_connection *connection, const struct gk_reason *why)
{
    char text[GK_ADDRESS_TEXT];

    connection->run->counts.messages_dropped++;
    RUN_LOG(connection->run, GK_INFO, why->code, "TCP %s closed: %s",
            gk_address_format(&connection->address, text), why->text);
    run_connection_close(connection);
}

/* Cuts messages off the front of what came; what follows the last whole one stays. */
static void deliver_whole(struct run_connection *connection)
{
    const struct run_config *config = &connection->run->config;
    struct gk_reader reader = gk_reader(gk_writer_octets(&connection->in));
    struct gk_writer rest = {0};

    while (!connection->closing && connection->run->state < RUN_STOPPING) {
        struct gk_reader ahead = reader;
        size_t most = connection->authenticated ? config->message_most : config->before_most;
        struct gk_peer from = run_connection_peer(connection);
        struct gk_reason why = {0};
        size_t length;

        if (!gk_message_frame(gk_read_rest(&ahead), most, &length, &why)) {
            refuse(connection, &why);
            return;
        }
        if (!length || length > gk_reader_left(&reader))
            break;
        connection->heard = true;
        run_connection_alive(connection);
        run_deliver(connection->run, &from, gk_read_octets(&reader, length), connection);
    }
    if (reader.at) {
        gk_write_octets(&rest, gk_read_rest(&reader));
        gk_writer_free(&connection->in);
        connection->in = rest;
    }
}

/* One buffer for all: libuv asks for it and hands it back filled before anything else. */
static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct run_connection *connection = handle->data;

    (void)suggested;
    *buffer = uv_buf_init((char *)connection->run->read, sizeof connection->run->read);
}

static void came(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct run_connection *connection = stream->data;

    if (size < 0) {
        run_connection_close(connection);
        return;
    }
    if (!size || connection->closing || connection->run->state >= RUN_STOPPING)
        return;
    gk_write(&connection->in, buffer->base, (size_t)size);
    deliver_whole(connection);
}

bool run_connection_read(struct run_connection *connection)
{
    return uv_read_start((uv_stream_t *)&connection->tcp, give_buffer, came) == 0;
}

static bool accept_into(struct run_connection *connection, uv_stream_t *listener)
{
    struct sockaddr_storage name;
    int size = sizeof name;

    return uv_accept(listener, (uv_stream_t *)&connection->tcp) == 0 &&
           uv_tcp_getpeername(&connection->tcp, (struct sockaddr *)&name, &size) == 0 &&
           run_address_of((struct sockaddr *)&name, &connection->address);
}

/* False when this source, or all together, have as many as they may. */
static bool has_room(const struct run_connection *fresh)
{
    const struct run *run = fresh->run;
    unsigned same = 0;

    if (run->connection_count > run->config.connections_most)
        return false;
    for (const struct run_connection *each = run->connections; each; each = each->next)
        same += !each->opened && !each->closing &&
                run_address_same_source(&each->address, &fresh->address);
    return same <= run->config.connections_each;
}

void run_connection_accept(struct run *run, uv_stream_t *listener)
{
    struct run_connection *connection = run_connection_new(run, &(struct gk_address){0});
    char text[GK_ADDRESS_TEXT];

    if (!accept_into(connection, listener)) {
        run_connection_close(connection);
        return;
    }
    if (!has_room(connection)) {
        run->counts.connections_refused++;
        RUN_LOG(run, GK_INFO, "connection-cap", "TCP %s refused: too many connections",
                gk_address_format(&connection->address, text));
        run_connection_close(connection);
        return;
    }
    run->counts.connections_in++;
    (void)uv_tcp_nodelay(&connection->tcp, 1);
    run_connection_alive(connection);
    if (!run_connection_read(connection))
        run_connection_close(connection);
}
