#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# address.sh: a group that is named by its multicast address (Group ID type 3): where no rekey
# address is announced, rekeys go there (profile 1.5), to port 3761 (RFC 4535 9.1). Beside it
# keys that expire sooner than the group is rekeyed.
. "$(dirname "$0")/stage.sh"

say "A group by its address, without a rekey address"
make_root root "CN=Root,O=Acme"
make_cert owner "CN=Owner,OU=Owners,O=Acme"
make_cert gcks "CN=Key Server,OU=Servers,O=Acme"
for name in alice bob; do
    make_cert $name "CN=$name,OU=Members,O=Acme"
done
cat >"$stage/first.xml" <<END
<policy>
  <group random="$group_random" ipv4="$rekey_address" edition="1"/>
  <ca name="acme" file="root.pem"/>
  <registration>
    <gcks dn="CN=Key Server,OU=Servers,O=Acme"/>
    <access>
      <allow dn="CN=*,OU=Members,O=Acme"/>
    </access>
  </registration>
  <rekey every="1 h" interval="2 h" resend="1"/>
  <data encryption="80000001" encryption-expires="12 s"/>
</policy>
END
must "the policy compiles and is signed" make_token first
announce() { # TYPE
    gsakmp-token announce --token "$stage/first.pt" --root "$stage/root.pem" \
        --owner-cert "$stage/owner.pem" --server "127.0.0.1:$port" --group-type "$1" \
        -o "$stage/demo.announcement"
}
must "it is announced as type 3" announce 3
gcks_conf gcks first.pt
claim "the GC/KS's configuration is good" gcksd -c "$stage/gcks.conf" --check
start gcks gcksd
must "the GC/KS is up" wait_for 10 status_is gcks state 'Wait for GC/KS Event'
member_conf alice
member_conf bob "rtj_tries = 1
    servers = {\"127.0.0.1:9\", \"127.0.0.1:$port\"} # by hand; nobody answers at the first"
for name in alice bob; do
    start $name gsakmpd
done
for name in alice bob; do
    must "$name is in the group" wait_for 15 joined $name
done
claim "both hold the same key" wait_for 5 same_key alice bob
before=$(key_of alice)
claim "the operator rekeys" ctl gcks rekey
changed() { [ -n "$(key_of "$1")" ] && [ "$(key_of "$1")" != "$before" ]; }
for name in alice bob; do
    claim "$name holds a new key" wait_for 5 changed $name
done
claim "the same" wait_for 5 same_key alice bob

say "Keys that live twelve seconds are replaced in time"
before=$(key_of alice)
for name in alice bob; do
    claim "$name holds the next key before the hour" wait_for 10 changed $name
done
claim "both are in step" wait_for 5 same_key alice bob
claim "nobody registered again" status_is gcks members 2
for name in alice bob gcks; do
    claim "$name ends with exit code 0" stop $name
done

say "The same group as octets has no rekey address"
must "it is announced as type 2" announce 2
claim "the GC/KS asks for one" sh -c \
    "gcksd -c '$stage/gcks.conf' --check 2>&1 | grep -q 'names no rekey address'"

six=$(ipv6_multicast)
if [ -n "$six" ]; then
    say "A group by its IPv6 address (Group ID type 4)"
    sed "s/ipv4=\"[^\"]*\"/ipv6=\"ff11::$(printf '%x' $$)\"/" "$stage/first.xml" >"$stage/six.xml"
    must "the policy compiles and is signed" make_token six
    must "it is announced as type 4" gsakmp-token announce --token "$stage/six.pt" \
        --root "$stage/root.pem" --owner-cert "$stage/owner.pem" --server "[::1]:$port" \
        --group-type 4 -o "$stage/demo.announcement"
    host='[::1]'
    gcks_conf gcks six.pt
    sed -i '/interface =/d' "$stage/gcks.conf"
    claim "an address of a link asks for the interface" sh -c \
        "gcksd -c '$stage/gcks.conf' --check 2>&1 | grep -q 'set interface'"
    interface=$six
    gcks_conf gcks six.pt
    start gcks gcksd
    must "the GC/KS is up" wait_for 10 status_is gcks state 'Wait for GC/KS Event'
    claim "rekeys go to the group's own address" status_is gcks rekeys_to \
        "\[ff11::$(printf '%x' $$)%[0-9]*\]:3761 by $six"
    for name in alice bob; do
        member_conf $name
        start $name gsakmpd
    done
    for name in alice bob; do
        must "$name is in the group" wait_for 15 joined $name
    done
    before=$(key_of alice)
    claim "the operator rekeys" ctl gcks rekey
    for name in alice bob; do
        claim "$name holds a new key" wait_for 5 changed $name
    done
    claim "the same" wait_for 5 same_key alice bob
    for name in alice bob gcks; do
        claim "$name ends with exit code 0" stop $name
    done
else
    say "No interface does IPv6 multicast here: a group by its IPv6 address is not tried"
fi

verdict
