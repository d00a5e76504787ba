#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# unicast.sh: rekeys to each member (profile 1.5): to where it registered from, also behind a
# translator of addresses, to where the server's configuration says, and by multicast besides.
. "$(dirname "$0")/stage.sh"
hostile=$(dirname "$0")/hostile

say "A group without a multicast address; bob is behind a translator, carol comes by TCP"
make_root root "CN=Root,O=Acme"
make_cert owner "CN=Owner,OU=Owners,O=Acme"
make_cert gcks "CN=Key Server,OU=Servers,O=Acme"
for name in alice bob carol dave; do
    make_cert $name "CN=$name,OU=Members,O=Acme"
done
cat >"$stage/first.xml" <<END
<policy>
  <group random="$group_random" name="demo" edition="1"/>
  <ca name="acme" file="root.pem"/>
  <registration>
    <gcks dn="CN=Key Server,OU=Servers,O=Acme"/>
    <access><allow dn="CN=*,OU=Members,O=Acme"/></access>
  </registration>
  <rekey every="1 h" interval="2 h" resend="1"/>
  <data encryption="80000001"/>
</policy>
END
must "the policy compiles and is signed" make_token first
announce() { # OPTIONS
    gsakmp-token announce --token "$stage/first.pt" --root "$stage/root.pem" \
        --owner-cert "$stage/owner.pem" --server "$host:$port" "$@" -o "$stage/demo.announcement"
}
must "it is announced without a rekey address" announce
relay_port=$((port + 20005))
hear_port=$((port + 20006))
mkdir "$stage/wire"
"$hostile" relay $relay_port "$port" "$stage/wire" 2>"$stage/relay.out" &
pids="$pids $!"

refuses() { # TEXT
    gcksd -c "$stage/gcks.conf" --check 2>&1 | grep -qF -e "$1"
}
gcks_conf gcks first.pt
claim "rekeys must go somewhere" refuses 'names no rekey address'
gcks_lines='rekey_address "CN=carol" { to = "nowhere" }'
gcks_conf gcks first.pt
claim "an address that is none is named" refuses 'rekey_address "CN=carol": "nowhere" is no numeric'
gcks_lines="rekey_address \"CN=carol\" { to = \"$rekey_address:9\" }"
gcks_conf gcks first.pt
claim "nor is a multicast address a member's" refuses 'to is a multicast address'
gcks_lines='rekey_to_members = true'
gcks_lines="$gcks_lines rekey_address \"CN=carol,OU=Members,O=Acme\" { to = \"$host:$hear_port\" }"
gcks_conf gcks first.pt
must "with addresses the configuration is good" gcksd -c "$stage/gcks.conf" --check
start gcks gcksd
must "the GC/KS is up" wait_for 10 status_is gcks state 'Wait for GC/KS Event'
claim "status tells where rekeys go" status_is gcks rekeys_to 'the configured addresses of 1 members'
member_conf alice
member_conf bob "servers = {\"$host:$relay_port\"}"
member_conf carol 'transport = "tcp"'
sed -i "s/^bind = .*/bind = \"$host:$hear_port\"/" "$stage/carol.conf"
member_conf dave 'transport = "tcp"'
for name in alice bob carol dave; do
    start $name gsakmpd
done
for name in alice bob carol dave; do
    must "$name is in the group" wait_for 15 joined $name
done
claim "all hold the same key" wait_for 5 same_key alice bob carol dave
changed() { [ -n "$(key_of "$1")" ] && [ "$(key_of "$1")" != "$before" ]; }
for round in first second; do
    before=$(key_of alice)
    claim "the operator rekeys, the $round time" ctl gcks rekey
    for name in alice bob carol dave; do
        claim "$name holds a new key" wait_for 10 changed $name
    done
    claim "the same" wait_for 5 same_key alice bob carol dave
done
came() { # NAME FIELD VALUE
    gsakmpctl -s "$stage/$1.sock" --json status | grep -qE "\"$2\": $3,?\$"
}
for name in alice bob; do
    claim "$name had both copies of both, each event counted once" wait_for 5 came $name \
        rekey_messages 4
    claim "$name counts two events" came $name rekey_events 2
    claim "$name refused nothing" came $name rekey_bad 0
done
claim "nobody registered again" status_is gcks members 4
for name in alice bob carol dave gcks; do
    claim "$name ends with exit code 0" stop $name
done

say "By multicast and to each member"
must "it is announced with a rekey address" announce --rekey "$rekey_address:$rekey_port"
gcks_lines='rekey_to_members = true'
gcks_conf gcks first.pt
start gcks gcksd
must "the GC/KS is up" wait_for 10 status_is gcks state 'Wait for GC/KS Event'
for name in alice bob; do
    start $name gsakmpd
done
for name in alice bob; do
    must "$name is in the group" wait_for 15 joined $name
done
before=$(key_of alice)
claim "the operator evicts dave and rekeys" ctl gcks evict "CN=dave,OU=Members,O=Acme"
for name in alice bob; do
    claim "$name holds a new key" wait_for 10 changed $name
    claim "$name had two copies either way" wait_for 5 came $name rekey_messages 4
    claim "$name counts one event" came $name rekey_events 1
    claim "$name refused nothing" came $name rekey_bad 0
done
claim "both hold the same" same_key alice bob
stop gcks

say "Only to members, whatever is announced"
gcks_lines='rekey_to_announced = false'
gcks_conf gcks first.pt
claim "without members that is nowhere" refuses 'rekeys go nowhere'
gcks_lines='rekey_to_announced = false rekey_to_members = true'
gcks_conf gcks first.pt
start gcks gcksd
must "the GC/KS is up" wait_for 10 status_is gcks state 'Wait for GC/KS Event'
claim "status tells where rekeys go" status_is gcks rekeys_to "each member's own address"
for name in alice bob gcks; do
    claim "$name ends with exit code 0" stop $name
done

verdict
