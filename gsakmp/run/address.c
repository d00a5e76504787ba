/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/run/inside.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
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
    v6->sin6_scope_id = address->scope;
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
        if (gk_address_is_link_local(address))
            address->scope = v6.sin6_scope_id;
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
    return a->family == b->family && a->scope == b->scope &&
           memcmp(a->ip, b->ip, a->family == 4 ? 4 : 8) == 0;
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
            address.scope = wanted->scope;
            if (gk_address_equal(&address, wanted))
                index = if_nametoindex(at->ifa_name);
        }
    }
    freeifaddrs(all);
    return index;
}

bool run_interface(const char *interface, uint32_t *index, struct gk_reason *why)
{
    struct gk_address address;

    *index = 0;
    if (!interface)
        return true;
    if (gk_address_parse(interface, 1, &address))
        *index = index_of_address(&address);
    else
        *index = if_nametoindex(interface);
    if (!*index)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "interface-unknown",
                         "%.64s is neither the name nor an address of a network interface of this "
                         "host (ip address show lists them)",
                         interface);
    return true;
}

/* "%eth0" becomes "%2", which the pure parser knows. */
static bool numeric_scope(const char *text, char to[GK_ADDRESS_TEXT], struct gk_reason *why)
{
    const char *scope = strchr(text, '%');
    size_t length = scope ? strcspn(scope + 1, "]") : 0;
    char name[IF_NAMESIZE] = "";
    unsigned index;
    int size;

    if (scope && length < sizeof name)
        memcpy(name, scope + 1, length);
    if (!name[0] || strspn(name, "0123456789") == length)
        return snprintf(to, GK_ADDRESS_TEXT, "%s", text) < GK_ADDRESS_TEXT;
    index = if_nametoindex(name);
    if (!index)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "interface-unknown",
                         "%.64s names no network interface of this host (ip address show lists "
                         "them)",
                         text);
    size = snprintf(to, GK_ADDRESS_TEXT, "%.*s%%%u%s", (int)(scope - text), text, index,
                    scope + 1 + length);
    return size < GK_ADDRESS_TEXT;
}

bool run_address_parse(const char *text, uint16_t port, struct gk_address *address,
                       struct gk_reason *why)
{
    struct gk_reason inner = {0};
    char numeric[GK_ADDRESS_TEXT];

    if (!numeric_scope(text, numeric, &inner) || !gk_address_parse(numeric, port, address)) {
        if (why && inner.code)
            *why = inner;
        else
            (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "address",
                            "\"%.64s\" is no numeric address and port, such as 192.0.2.1:3761 "
                            "or [2001:db8::1]:3761",
                            text);
        return false;
    }
    if (!gk_address_is_link_local(address) || address->scope || gk_address_is_multicast(address))
        return true;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "address-scope",
                     "%.64s is a link-local address: say on which interface, as in [fe80::1%%eth0]",
                     text);
}
