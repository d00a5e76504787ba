/* SPDX-License-Identifier: Apache-2.0 */
/* UDP sockets. libuv's own leave no access to the local address of a datagram (IP_PKTINFO)
 * nor to the count of lost ones (SO_RXQ_OVFL), so these are plain sockets that it polls. */
#include "gsakmp/run/inside.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Datagrams of one socket before others have their turn. */
#define ABREAST        64
#define RECEIVE_BUFFER (4 << 20)
/* The loopback interface's index, in every network namespace of Linux; 0 is the system's choice. */
#define LOOPBACK 1

static bool set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

static bool set_options(const struct run_socket *socket)
{
    int fd = socket->fd;
    bool v4 = socket->bound.family == 4;

    /* Best effort: without the capability rmem_max limits it. */
    if (!set(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER))
        (void)set(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
    (void)set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
    if (socket->multicast && !set(fd, SOL_SOCKET, SO_REUSEADDR, 1))
        return false;
    if (v4)
        return set(fd, IPPROTO_IP, IP_PKTINFO, 1);
    return set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) && set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

static bool bind_to(struct run_socket *socket, const struct gk_address *address)
{
    struct sockaddr_storage name;
    socklen_t size = run_sockaddr(address, &name);

    if (bind(socket->fd, (struct sockaddr *)&name, size) != 0 ||
        getsockname(socket->fd, (struct sockaddr *)&name, &size) != 0)
        return false;
    (void)run_address_of((struct sockaddr *)&name, &socket->bound);
    socket->wildcard = run_address_any(&socket->bound);
    return true;
}

static void append(struct run_socket *socket)
{
    struct run_socket **at = &socket->run->sockets;

    while (*at)
        at = &(*at)->next;
    *at = socket;
}

struct run_socket *run_socket_open(struct run *run, const struct gk_address *address,
                                   bool multicast, struct gk_reason *why)
{
    struct run_socket *fresh = gk_alloc(1, sizeof *fresh);
    char text[GK_ADDRESS_TEXT];

    fresh->run = run;
    fresh->multicast = multicast;
    fresh->bound = *address;
    fresh->fd = socket(address->family == 4 ? AF_INET : AF_INET6,
                       SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fresh->fd < 0 || !set_options(fresh) || !bind_to(fresh, address) ||
        uv_poll_init(&run->loop, &fresh->poll, fresh->fd) != 0) {
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "udp-bind", "UDP %s cannot be bound: %s",
                        gk_address_format(address, text), strerror(errno));
        if (fresh->fd >= 0)
            (void)close(fresh->fd);
        free(fresh);
        return NULL;
    }
    fresh->poll.data = fresh;
    append(fresh);
    if (!multicast && !run_multicast_apply(fresh, why)) {
        run_socket_close(fresh);
        return NULL;
    }
    return fresh;
}

static void closed(uv_handle_t *handle)
{
    struct run_socket *socket = handle->data;
    struct run_socket **at = &socket->run->sockets;

    while (*at != socket)
        at = &(*at)->next;
    *at = socket->next;
    (void)close(socket->fd);
    free(socket);
}

void run_socket_close(struct run_socket *socket)
{
    struct run *run = socket->run;

    for (size_t i = 0; i < run->path_count; i++) {
        if (run->paths[i].socket == socket)
            run->paths[i].socket = NULL;
    }
    if (!uv_is_closing((uv_handle_t *)&socket->poll))
        uv_close((uv_handle_t *)&socket->poll, closed);
}

static bool is_loopback(const struct gk_address *address)
{
    static const uint8_t v6[16] = {[15] = 1};

    return address->family == 4 ? address->ip[0] == 127 : memcmp(address->ip, v6, 16) == 0;
}

/* What bears the loopback's address as its source is dropped on every other interface. */
static bool may_leave(const struct run_socket *socket, const struct gk_address *to)
{
    return socket->bound.family == to->family && !socket->multicast &&
           !uv_is_closing((const uv_handle_t *)&socket->poll) &&
           (!gk_address_is_multicast(to) || to->scope <= LOOPBACK || !is_loopback(&socket->bound));
}

struct run_socket *run_socket_of(struct run *run, const struct gk_address *to)
{
    struct gk_address any = {.family = to->family};

    for (struct run_socket *socket = run->sockets; socket; socket = socket->next) {
        if (may_leave(socket, to))
            return socket;
    }
    if (run->state != RUN_STOPPING && run_bind(run, &any, NULL))
        return run_socket_of(run, to);
    return NULL;
}

uint32_t run_path_number(struct run_socket *socket, const struct gk_address *local,
                         unsigned interface)
{
    struct run *run = socket->run;

    for (size_t i = 0; i < run->path_count; i++) {
        const struct run_path *path = &run->paths[i];

        if (path->socket == socket && path->interface == interface &&
            gk_address_equal(&path->local, local))
            return (uint32_t)i + 1;
    }
    if (run->path_count == RUN_PATHS)
        return 0;
    run->paths[run->path_count++] = (struct run_path){socket, *local, interface};
    return (uint32_t)run->path_count;
}

struct arrival {
    struct msghdr header;
    struct iovec data;
    struct sockaddr_storage from;
    _Alignas(struct cmsghdr) uint8_t control[256];
};

static void note_lost(struct run_socket *socket, const struct cmsghdr *control)
{
    uint32_t lost;

    memcpy(&lost, CMSG_DATA(control), sizeof lost);
    socket->run->counts.datagrams_lost += (uint32_t)(lost - socket->lost);
    socket->lost = lost;
}

/* The path of a datagram; also looks at how many were lost before it. */
static uint32_t read_control(struct run_socket *socket, struct msghdr *header,
                             const struct gk_address *from)
{
    struct gk_address local = {0};
    struct in_pktinfo v4;
    struct in6_pktinfo v6 = {.ipi6_ifindex = 0};

    for (struct cmsghdr *at = CMSG_FIRSTHDR(header); at; at = CMSG_NXTHDR(header, at)) {
        if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SO_RXQ_OVFL) {
            note_lost(socket, at);
        } else if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO) {
            memcpy(&v4, CMSG_DATA(at), sizeof v4);
            local.family = 4;
            memcpy(local.ip, &v4.ipi_spec_dst, 4);
        } else if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_PKTINFO) {
            memcpy(&v6, CMSG_DATA(at), sizeof v6);
            local.family = 6;
            memcpy(local.ip, &v6.ipi6_addr, 16);
        }
    }
    if (socket->multicast || !local.family || gk_address_is_multicast(&local))
        return 0;
    return run_path_number(socket, &local, from->scope ? v6.ipi6_ifindex : 0);
}

/* False when nothing is left to read. Errors of earlier sends (ICMP) are passed over. */
static bool receive(struct run_socket *socket)
{
    struct run *run = socket->run;
    struct gk_peer from = {.transport = GK_UDP};
    struct arrival in;
    ssize_t size;

    memset(&in, 0, sizeof in);
    in.data = (struct iovec){run->datagram, sizeof run->datagram};
    in.header = (struct msghdr){.msg_name = &in.from,
                                .msg_namelen = sizeof in.from,
                                .msg_iov = &in.data,
                                .msg_iovlen = 1,
                                .msg_control = in.control,
                                .msg_controllen = sizeof in.control};
    size = recvmsg(socket->fd, &in.header, 0);
    if (size < 0)
        return errno != EAGAIN;
    if (!run_address_of((struct sockaddr *)&in.from, &from.address))
        return true;
    from.connection = read_control(socket, &in.header, &from.address);
    run->counts.datagrams_in++;
    run_deliver(run, &from, gk_octets(run->datagram, (size_t)size), NULL);
    return true;
}

static void readable(uv_poll_t *poll, int status, int events)
{
    struct run_socket *socket = poll->data;

    (void)status;
    (void)events;
    for (int i = 0; i < ABREAST && socket->run->state < RUN_STOPPING; i++) {
        if (!receive(socket))
            return;
    }
}

bool run_socket_read(struct run_socket *socket, struct gk_reason *why)
{
    int result = uv_poll_start(&socket->poll, UV_READABLE, readable);

    if (result != 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "udp-read", "UDP cannot be read: %s",
                         uv_strerror(result));
    return true;
}

static void write_control(struct msghdr *header, const struct run_path *path)
{
    struct in_pktinfo v4 = {.ipi_ifindex = (int)path->interface};
    struct in6_pktinfo v6 = {.ipi6_ifindex = path->interface};
    bool is_v4 = path->local.family == 4;
    struct cmsghdr *control;

    memcpy(&v4.ipi_spec_dst, path->local.ip, 4);
    memcpy(&v6.ipi6_addr, path->local.ip, 16);
    header->msg_controllen = CMSG_SPACE(is_v4 ? sizeof v4 : sizeof v6);
    control = CMSG_FIRSTHDR(header);
    control->cmsg_level = is_v4 ? IPPROTO_IP : IPPROTO_IPV6;
    control->cmsg_type = is_v4 ? IP_PKTINFO : IPV6_PKTINFO;
    control->cmsg_len = CMSG_LEN(is_v4 ? sizeof v4 : sizeof v6);
    memcpy(CMSG_DATA(control), is_v4 ? (void *)&v4 : (void *)&v6, is_v4 ? sizeof v4 : sizeof v6);
}

static const struct run_path *path_of(const struct run *run, const struct gk_peer *to)
{
    const struct run_path *path;

    if (!to->connection || to->connection > run->path_count ||
        gk_address_is_multicast(&to->address))
        return NULL;
    path = &run->paths[to->connection - 1];
    return path->socket && path->local.family == to->address.family ? path : NULL;
}

int run_datagram_send(struct run *run, const struct gk_peer *to, struct gk_octets octets)
{
    const struct run_path by = {.local.family = to->address.family, .interface = to->address.scope};
    const struct run_path *path = path_of(run, to);
    struct run_socket *socket = path ? path->socket : run_socket_of(run, &to->address);
    struct sockaddr_storage name;
    struct iovec data = {(void *)(uintptr_t)octets.data, octets.size};
    _Alignas(struct cmsghdr) uint8_t control[64] = {0};
    struct msghdr header = {.msg_name = &name,
                            .msg_namelen = run_sockaddr(&to->address, &name),
                            .msg_iov = &data,
                            .msg_iovlen = 1};
    ssize_t sent;

    if (!socket)
        return EADDRNOTAVAIL;
    if (!path && to->address.scope)
        path = &by;
    if (path && (socket->wildcard || path->interface)) {
        header.msg_control = control;
        header.msg_controllen = sizeof control;
        write_control(&header, path);
    }
    do {
        sent = sendmsg(socket->fd, &header, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? errno : 0;
}
