#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# rekey.sh: when the keys change and which: a group with a key for authentication and one for
# encryption (profile 8.6, 9.2), rekeyed after two members went or in an hour (RFC 4534 B.5.3).
. "$(dirname "$0")/stage.sh"

policy() { # NAME EDITION
    cat >"$stage/$1.xml" <<END
<policy>
  <group random="$group_random" name="demo" edition="$2"/>
  <ca name="acme" file="root.pem"/>
  <registration>
    <gcks dn="CN=Key Server,OU=Servers,O=Acme"/>
    <access><allow dn="CN=*,OU=Members,O=Acme"/></access>
  </registration>
  <rekey every="1 h" after-events="2" interval="2 h" resend="1"/>
  <data authentication="80000007" encryption="80000002"/>
</policy>
END
    make_token "$1"
}

say "A group with two keys"
make_root root "CN=Root,O=Acme"
make_cert owner "CN=Owner,OU=Owners,O=Acme"
make_cert gcks "CN=Key Server,OU=Servers,O=Acme"
for name in alice bob carol dave; do
    make_cert $name "CN=$name,OU=Members,O=Acme"
done
must "the policy compiles and is signed" policy first 1
must "the group is announced" gsakmp-token announce --token "$stage/first.pt" \
    --root "$stage/root.pem" --owner-cert "$stage/owner.pem" --server "$host:$port" \
    --rekey "$rekey_address:$rekey_port" -o "$stage/demo.announcement"
gcks_conf gcks first.pt
start gcks gcksd
must "the GC/KS is up" wait_for 10 status_is gcks state 'Wait for GC/KS Event'
for name in alice bob carol dave; do
    member_conf $name 'activation = 0'
    start $name gsakmpd
done
for name in alice bob carol dave; do
    must "$name is in the group" wait_for 15 joined $name
done
keys_for() { ctl "$1" key demo --use "$2"; }
both_same() { # USE NAME...
    both_use=$1
    shift
    both_first=$(keys_for "$1" "$both_use") && [ -n "$both_first" ] || return 1
    for both_name; do
        [ "$(keys_for "$both_name" "$both_use")" = "$both_first" ] || return 1
    done
}
for use in authentication encryption; do
    claim "all hold one key for $use" both_same $use alice bob carol dave
done
claim "key without a use tells both, in the token's order" sh -c \
    "[ \"\$(gsakmpctl -s '$stage/alice.sock' key demo | cut -c1-8 | tr '\n' ' ')\" = '80000007 80000002 ' ]"
claim "they are different keys" test "$(keys_for alice encryption | cut -d' ' -f4)" != \
    "$(keys_for alice authentication | cut -d' ' -f4)"
for name in alice gcks; do
    claim "$name's status tells what each is for" sh -c \
        "gsakmpctl -s '$stage/$name.sock' status | tr '\n' ' ' |
        grep -q 'key  *80000007 .*authentication, .*key  *80000002 .*encryption, '"
done
claim "a use that is none is refused" fails ctl alice key demo --use sealing

say "Members go; the policy says when the keys change"
a=$(keys_for alice authentication)
e=$(keys_for alice encryption)
claim "carol is expelled, and the operator is told what that means" sh -c \
    "gsakmpctl -s '$stage/gcks.sock' evict --by-policy 'CN=carol,OU=Members,O=Acme' |
    grep -q 'the keys change by the policy, after 2 events or in time: 1 counted'"
claim "the status counts her" status_is gcks events 1
claim "and says so in words" sh -c "gsakmpctl -s '$stage/gcks.sock' status | head -n 1 |
    grep -q 'or after 1 more members go'"
sleep 2
claim "alice's keys are the old ones" test "$(keys_for alice authentication)$(keys_for alice encryption)" = "$a$e"
claim "dave is the second" ctl gcks evict --by-policy "CN=dave,OU=Members,O=Acme"
moved() { # NAME USE OLD
    moved_now=$(keys_for "$1" "$2") && [ -n "$moved_now" ] && [ "$moved_now" != "$3" ]
}
for name in alice bob; do
    claim "$name has a new key for authentication" wait_for 10 moved $name authentication "$a"
    claim "$name has a new key for encryption" wait_for 10 moved $name encryption "$e"
done
for use in authentication encryption; do
    claim "they hold one key for $use" both_same $use alice bob
    claim "carol holds another" fails both_same $use alice carol
done
claim "the count begins again" status_is gcks events 0

say "A new token comes under the key for encryption"
must "the second edition compiles and is signed" policy second 2
claim "the operator publishes it" ctl gcks publish "$stage/second.pt"
for name in alice bob; do
    claim "$name is under edition 2" wait_for 10 status_is $name edition 2
done
for name in alice bob carol dave gcks; do
    claim "$name ends with exit code 0" stop $name
done

verdict
