/* SPDX-License-Identifier: Apache-2.0 */
/* Multicast, in (rekeys, at a member) and out (at a GC/KS). */
#include "gsakmp/run/inside.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static bool set(int fd, int level, int option, const void *value, size_t size)
{
    return setsockopt(fd, level, option, value, (socklen_t)size) == 0;
}

static bool apply_v4(const struct run_socket *socket)
{
    const struct run *run = socket->run;
    struct ip_mreqn by = {.imr_ifindex = (int)run->multicast_index};
    int ttl = run->config.multicast_ttl ? run->config.multicast_ttl : 1;
    int loop = run->config.multicast_loop;

    memcpy(&by.imr_address, run->multicast_from.ip, 4);
    return set(socket->fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) &&
           set(socket->fd, IPPROTO_IP, IP_MULTICAST_LOOP, &loop, sizeof loop) &&
           (!run->multicast_index || set(socket->fd, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof by));
}

static bool apply_v6(const struct run_socket *socket)
{
    const struct run *run = socket->run;
    int by = (int)run->multicast_index;
    int hops = run->config.multicast_ttl ? run->config.multicast_ttl : 1;
    int loop = run->config.multicast_loop;

    return set(socket->fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops) &&
           set(socket->fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &loop, sizeof loop) &&
           (!by || set(socket->fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &by, sizeof by));
}

bool run_multicast_apply(struct run_socket *socket, struct gk_reason *why)
{
    if (socket->bound.family == 4 ? apply_v4(socket) : apply_v6(socket))
        return true;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "multicast-out",
                     "interface, TTL or loop of outgoing multicast cannot be set: %s",
                     strerror(errno));
}

bool run_multicast_by(struct run *run, const char *interface, struct gk_reason *why)
{
    if (!run_interface(interface, &run->multicast_index, &run->multicast_from, why))
        return false;
    for (struct run_socket *socket = run->sockets; socket; socket = socket->next) {
        if (!socket->multicast && !run_multicast_apply(socket, why))
            return false;
    }
    return true;
}

/* MULTICAST_ALL off: only groups that this socket joined, not those of other processes. */
static bool join(const struct run_socket *socket, unsigned index)
{
    struct ip_mreqn v4 = {.imr_ifindex = (int)index};
    struct ipv6_mreq v6 = {.ipv6mr_interface = index};
    int off = 0;

    memcpy(&v4.imr_multiaddr, socket->bound.ip, 4);
    memcpy(&v6.ipv6mr_multiaddr, socket->bound.ip, 16);
    if (socket->bound.family == 4)
        return set(socket->fd, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof off) &&
               set(socket->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &v4, sizeof v4);
    /* Older kernels lack it; the socket is bound to the group's address all the same. */
    (void)set(socket->fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &off, sizeof off);
    return set(socket->fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &v6, sizeof v6);
}

bool run_join(struct run *run, const struct gk_address *multicast, const char *interface,
              struct gk_reason *why)
{
    char text[GK_ADDRESS_TEXT];
    struct gk_address ipv4;
    struct run_socket *socket;
    unsigned index;

    if (!gk_address_is_multicast(multicast))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "multicast-address",
                         "%s is no multicast address", gk_address_format(multicast, text));
    if (!run_interface(interface, &index, &ipv4, why) ||
        !(socket = run_socket_open(run, multicast, true, index, why)))
        return false;
    if (!join(socket, index)) {
        (void)gk_refuse(
            why, GK_NONE, GK_NO_OFFSET, "multicast-join", "multicast %s cannot be joined%s%s: %s%s",
            gk_address_format(multicast, text), interface ? " on " : "", interface ? interface : "",
            strerror(errno), interface ? "" : "; without a route for it, name the interface");
        run_socket_close(socket);
        return false;
    }
    return run_socket_read(socket, why);
}
