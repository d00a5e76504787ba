/* SPDX-License-Identifier: Apache-2.0 */
/* TCP connections, the outgoing side: finding or opening one, and writing. */
#include "gsakmp/run/inside.h"

#include <stdlib.h>

/* RFC 4535 table 13: what is sent unsigned, to whoever asks. */
static bool is_unsigned(uint8_t exchange)
{
    return exchange == GK_COOKIE_DOWNLOAD || exchange == GK_REQUEST_TO_JOIN_ERROR;
}

struct message {
    uv_write_t request;
    struct run_connection *connection;
    struct gk_secret octets;
};

static void wrote(uv_write_t *request, int status)
{
    struct message *message = request->data;
    struct run_connection *connection = message->connection;
    struct run *run = connection->run;

    gk_secret_free(&message->octets);
    free(message);
    connection->writing--;
    run->writing--;
    if (status == 0) {
        run_connection_alive(connection);
    } else {
        run->counts.sends_failed++;
        run_connection_close(connection);
    }
    run_settle(run);
}

/* A peer that does not read gets no more than it may send. */
static bool keeps_up(const struct run_connection *connection)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *)&connection->tcp) <=
           2 * connection->run->config.message_most;
}

static void write_out(struct run_connection *connection, struct gk_secret *octets)
{
    struct message *message = gk_alloc(1, sizeof *message);
    uv_buf_t buffer = uv_buf_init((char *)octets->data, (unsigned)octets->size);

    message->request.data = message;
    message->connection = connection;
    message->octets = *octets;
    *octets = (struct gk_secret){0};
    if (!keeps_up(connection) ||
        uv_write(&message->request, (uv_stream_t *)&connection->tcp, &buffer, 1, wrote) != 0) {
        connection->run->counts.sends_failed++;
        gk_secret_free(&message->octets);
        free(message);
        run_connection_close(connection);
        return;
    }
    connection->writing++;
    connection->run->writing++;
}

static void connected(uv_connect_t *request, int status)
{
    struct run_connection *connection = request->data;
    char text[GK_ADDRESS_TEXT];

    if (status == UV_ECANCELED || connection->closing)
        return;
    if (status != 0) {
        connection->run->counts.connections_failed++;
        RUN_LOG(connection->run, GK_INFO, "connection-failed", "TCP %s: %s",
                gk_address_format(&connection->address, text), uv_strerror(status));
        run_connection_close(connection);
        return;
    }
    run_connection_alive(connection);
    if (!run_connection_read(connection))
        run_connection_close(connection);
}

/* From the address that datagrams leave from, when that is a certain one. */
static int bind_source(struct run_connection *connection)
{
    struct sockaddr_storage name;

    for (const struct run_socket *socket = connection->run->sockets; socket;
         socket = socket->next) {
        struct gk_address from = socket->bound;

        if (socket->multicast || from.family != connection->address.family)
            continue;
        from.port = 0;
        (void)run_sockaddr(&from, &name);
        return socket->wildcard ? 0 : uv_tcp_bind(&connection->tcp, (struct sockaddr *)&name, 0);
    }
    return 0;
}

static int begin(struct run_connection *connection)
{
    struct sockaddr_storage name;
    int result;

    if (connection->run->connection_count > connection->run->config.connections_most)
        return UV_EMFILE;
    result = bind_source(connection);
    if (result == 0) {
        (void)run_sockaddr(&connection->address, &name);
        result = uv_tcp_connect(&connection->connecting, &connection->tcp, (struct sockaddr *)&name,
                                connected);
    }
    if (result == 0)
        (void)uv_tcp_nodelay(&connection->tcp, 1);
    return result;
}

/* One that cannot even begin is closed like any other: its end is told, later. */
static struct run_connection *open_to(struct run *run, const struct gk_address *address)
{
    struct run_connection *connection = run_connection_new(run, address);
    char text[GK_ADDRESS_TEXT];
    int result;

    connection->opened = true;
    connection->connecting.data = connection;
    run->counts.connections_out++;
    run_connection_alive(connection);
    result = begin(connection);
    if (result != 0) {
        run->counts.connections_failed++;
        RUN_LOG(run, GK_INFO, "connection-failed", "TCP %s: %s", gk_address_format(address, text),
                uv_strerror(result));
        run_connection_close(connection);
    }
    return connection;
}

/* The number alone is not enough: it may be of an earlier life of the program. */
static struct run_connection *find(const struct run *run, const struct gk_peer *to)
{
    for (struct run_connection *each = run->connections; each; each = each->next) {
        bool wanted = to->connection ? each->number == to->connection : each->opened;

        if (wanted && !each->closing && gk_address_equal(&each->address, &to->address))
            return each;
    }
    return NULL;
}

void run_connection_send(struct run_host *host, struct gk_send *send)
{
    struct run *run = host->run;
    struct run_connection *connection = find(run, &send->to);
    char text[GK_ADDRESS_TEXT];

    if (!connection && !send->to.connection && run->state < RUN_STOPPING)
        connection = open_to(run, &send->to.address);
    if (!connection) {
        run->counts.sends_failed++;
        RUN_LOG(run, GK_DEBUG, "connection-gone", "a message to TCP %s: the connection has ended",
                gk_address_format(&send->to.address, text));
        return;
    }
    run_connection_used(connection, host);
    if (connection->closing)
        return;
    if (connection->heard && !is_unsigned(run_exchange(gk_secret_octets(&send->octets))))
        connection->authenticated = true;
    write_out(connection, &send->octets);
}
