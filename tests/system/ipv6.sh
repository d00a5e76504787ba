#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ipv6.sh: the demonstration's main job by IPv6: servers and members at ::1, rekeys by an IPv6
# multicast group. Sourced by demo.sh for its network.
if [ -z "${demo_network-}" ]; then
    if ! grep -q . /proc/net/if_inet6 2>/dev/null; then
        echo "skipped: this kernel has no IPv6"
        exit 77
    fi
    demo_network=$0
    case $demo_network in
    */*) ;;
    *) demo_network=./$demo_network ;;
    esac
    export demo_network
    exec "$(dirname "$0")/demo.sh"
fi

host='[::1]'
interface=$(ipv6_multicast)
if [ -n "$interface" ]; then
    rekey_address="[ff11::$(printf '%x' $$)]"
else
    say "No interface does IPv6 multicast here: rekeys go to each member's own address"
    interface=lo
    rekey_address=
    gcks_lines='rekey_to_members = true'
fi
