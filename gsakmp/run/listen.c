/* SPDX-License-Identifier: Apache-2.0 */
/* Where the outside reaches the engines: run_listen and run_bind. */
#include "gsakmp/run/inside.h"

#include <stdlib.h>

#define BACKLOG 128

static void accepted(uv_stream_t *stream, int status)
{
    struct run_listener *listener = stream->data;

    if (status == 0)
        run_connection_accept(listener->run, stream);
    else
        RUN_LOG(listener->run, GK_WARNING, "tcp-accept", "a connection could not be accepted: %s",
                uv_strerror(status));
}

static void closed(uv_handle_t *handle)
{
    struct run_listener *listener = handle->data;
    struct run_listener **at = &listener->run->listeners;

    while (*at && *at != listener)
        at = &(*at)->next;
    if (*at)
        *at = listener->next;
    free(listener);
}

void run_listener_close(struct run_listener *listener)
{
    if (!uv_is_closing((uv_handle_t *)&listener->tcp))
        uv_close((uv_handle_t *)&listener->tcp, closed);
}

static int open_stream(struct run_listener *listener, const struct gk_address *address)
{
    struct sockaddr_storage name;
    int size = sizeof name;
    int result;

    (void)run_sockaddr(address, &name);
    result = uv_tcp_bind(&listener->tcp, (struct sockaddr *)&name,
                         address->family == 6 ? UV_TCP_IPV6ONLY : 0);
    if (result == 0)
        result = uv_listen((uv_stream_t *)&listener->tcp, BACKLOG, accepted);
    if (result == 0)
        result = uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)&name, &size);
    if (result == 0)
        (void)run_address_of((struct sockaddr *)&name, &listener->bound);
    return result;
}

static bool listen_tcp(struct run *run, const struct gk_address *address, struct gk_reason *why)
{
    struct run_listener *listener = gk_alloc(1, sizeof *listener);
    struct run_listener **at = &run->listeners;
    char text[GK_ADDRESS_TEXT];
    int result = uv_tcp_init(&run->loop, &listener->tcp);

    if (result != 0) {
        free(listener);
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "tcp-listen", "no TCP socket: %s",
                         uv_strerror(result));
    }
    listener->run = run;
    listener->tcp.data = listener;
    result = open_stream(listener, address);
    if (result != 0) {
        run_listener_close(listener);
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "tcp-listen",
                         "TCP %s cannot be listened on: %s", gk_address_format(address, text),
                         uv_strerror(result));
    }
    while (*at)
        at = &(*at)->next;
    *at = listener;
    return true;
}

bool run_listen(struct run *run, const struct gk_address *address, enum gk_transport transport,
                struct gk_reason *why)
{
    return transport == GK_TCP ? listen_tcp(run, address, why) : run_bind(run, address, why);
}

bool run_bind(struct run *run, const struct gk_address *address, struct gk_reason *why)
{
    struct run_socket *socket = run_socket_open(run, address, false, why);

    return socket && run_socket_read(socket, why);
}

bool run_bound(const struct run *run, enum gk_transport transport, size_t at,
               struct gk_address *address)
{
    if (transport == GK_TCP) {
        for (const struct run_listener *each = run->listeners; each; each = each->next) {
            *address = each->bound;
            if (at-- == 0)
                return true;
        }
        return false;
    }
    for (const struct run_socket *each = run->sockets; each; each = each->next) {
        if (each->multicast)
            continue;
        *address = each->bound;
        if (at-- == 0)
            return true;
    }
    return false;
}
