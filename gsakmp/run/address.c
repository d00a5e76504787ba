/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/run/inside.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

socklen_t run_sockaddr(const struct gk_address *address, struct sockaddr_storage *to)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)to;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;

    memset(to, 0, sizeof *to);
    if (address->family == 4) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(address->port);
        memcpy(&v4->sin_addr, address->ip, 4);
        return sizeof *v4;
    }
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address->port);
    memcpy(&v6->sin6_addr, address->ip, 16);
    return sizeof *v6;
}

bool run_address_of(const struct sockaddr *from, struct gk_address *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    *address = (struct gk_address){0};
    if (from->sa_family == AF_INET) {
        memcpy(&v4, from, sizeof v4);
        address->family = 4;
        address->port = ntohs(v4.sin_port);
        memcpy(address->ip, &v4.sin_addr, 4);
    } else if (from->sa_family == AF_INET6) {
        memcpy(&v6, from, sizeof v6);
        address->family = 6;
        address->port = ntohs(v6.sin6_port);
        memcpy(address->ip, &v6.sin6_addr, 16);
    }
    return address->family != 0;
}

bool run_address_any(const struct gk_address *address)
{
    for (size_t i = 0; i < (address->family == 4 ? 4 : 16); i++) {
        if (address->ip[i])
            return false;
    }
    return true;
}

bool run_address_same_source(const struct gk_address *a, const struct gk_address *b)
{
    return a->family == b->family && memcmp(a->ip, b->ip, a->family == 4 ? 4 : 8) == 0;
}

static unsigned index_of_address(const struct gk_address *wanted)
{
    struct ifaddrs *all = NULL;
    unsigned index = 0;

    if (getifaddrs(&all) != 0)
        return 0;
    for (const struct ifaddrs *at = all; at && !index; at = at->ifa_next) {
        struct gk_address address;

        if (at->ifa_addr && run_address_of(at->ifa_addr, &address)) {
            address.port = wanted->port;
            if (gk_address_equal(&address, wanted))
                index = if_nametoindex(at->ifa_name);
        }
    }
    freeifaddrs(all);
    return index;
}

bool run_interface(const char *interface, unsigned *index, struct gk_address *ipv4,
                   struct gk_reason *why)
{
    *index = 0;
    *ipv4 = (struct gk_address){0};
    if (!interface)
        return true;
    if (gk_address_parse(interface, 1, ipv4)) {
        ipv4->port = 0;
        *index = index_of_address(ipv4);
    } else {
        *index = if_nametoindex(interface);
    }
    if (ipv4->family != 4)
        *ipv4 = (struct gk_address){0};
    if (!*index)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "interface-unknown",
                         "%.64s is neither the name nor an address of a network interface of this "
                         "host (ip address show lists them)",
                         interface);
    return true;
}
