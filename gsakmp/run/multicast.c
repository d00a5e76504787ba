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
    int ttl = run->config.multicast_ttl ? run->config.multicast_ttl : 1;
    int loop = run->config.multicast_loop;

    return set(socket->fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) &&
           set(socket->fd, IPPROTO_IP, IP_MULTICAST_LOOP, &loop, sizeof loop);
}

static bool apply_v6(const struct run_socket *socket)
{
    const struct run *run = socket->run;
    int hops = run->config.multicast_ttl ? run->config.multicast_ttl : 1;
    int loop = run->config.multicast_loop;

    return set(socket->fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops) &&
           set(socket->fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &loop, sizeof loop);
}

bool run_multicast_apply(struct run_socket *socket, struct gk_reason *why)
{
    if (socket->bound.family == 4 ? apply_v4(socket) : apply_v6(socket))
        return true;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "multicast-out",
                     "TTL or loop of outgoing multicast cannot be set: %s", strerror(errno));
}

/* MULTICAST_ALL off: only groups that this socket joined, not those of other processes. */
static bool join(const struct run_socket *socket)
{
    struct ip_mreqn v4 = {.imr_ifindex = (int)socket->index};
    struct ipv6_mreq v6 = {.ipv6mr_interface = socket->index};
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

static bool has_joined(const struct run *run, const struct gk_address *multicast)
{
    for (const struct run_socket *each = run->sockets; each; each = each->next) {
        struct gk_address bound = each->bound;

        bound.scope = each->index;
        if (each->multicast && gk_address_equal(&bound, multicast))
            return true;
    }
    return false;
}

bool run_join(struct run *run, const struct gk_address *multicast, struct gk_reason *why)
{
    char text[GK_ADDRESS_TEXT];
    struct run_socket *socket;

    if (!gk_address_is_multicast(multicast))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "multicast-address",
                         "%s is no multicast address", gk_address_format(multicast, text));
    if (has_joined(run, multicast))
        return true;
    socket = run_socket_open(run, multicast, true, why);
    if (!socket)
        return false;
    socket->index = multicast->scope;
    if (!join(socket)) {
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "multicast-join",
                        "multicast %s cannot be joined: %s%s", gk_address_format(multicast, text),
                        strerror(errno),
                        multicast->scope ? "" : "; without a route for it, name the interface");
        run_socket_close(socket);
        return false;
    }
    return run_socket_read(socket, why);
}
