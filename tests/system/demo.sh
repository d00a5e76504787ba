#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# demo.sh: the main job, from a policy to an eviction, with real programs on real sockets.
# Each claim is checked; the exit code is their conjunction. Also run by `make check`.
#
#   --suite SUITE  of everybody: recommended (the default) or another suite of
#                  gsakmp-policy(5), 1 for RFC 4535's Suite 1, or four algorithms:
#                  'ECDSA-P384-SHA3, SHA-1, MODP-2048, AES-CBC-128'
#   --check        only judges SUITE
. "$(dirname "$0")/stage.sh"
suite=recommended
case ${1-} in
'') ;;
--suite) suite=${2-} ;;
*) could_not "read $1; expected --suite SUITE" ;;
esac
use_suite "$suite" ||
    could_not "use suite \"$suite\"; expected 1, recommended, p256 or another of gsakmp-policy(5)"
[ "${3-}" != --check ] || exit 0
# ipv6.sh: the same by IPv6.
# shellcheck disable=SC1090
[ -z "${demo_network-}" ] || . "$demo_network"

policy() { # NAME EDITION EXCLUDED-LINES
    cat >"$stage/$1.xml" <<END
<?xml version="1.0" encoding="UTF-8"?>
<policy>
  <group random="$group_random" name="demo" edition="$2"/>
  <ca name="acme" file="root.pem"/>
  <registration>
    <gcks dn="CN=Key Server,OU=Servers,O=Acme" ca="acme"/>
    <access>
      <allow dn="CN=*,OU=Members,O=Acme" ca="acme"/>
      ${3-}
    </access>
    <mechanism $mechanism/>
  </registration>
  <rekey every="1 h" interval="2 h" resend="1"/>
  <data encryption="80000001"/>
</policy>
END
}

say "The owner makes a PKI, a policy, a signed token and an announcement"
make_root root "CN=Root,O=Acme"
(key_type=--key-type=ed25519 && make_cert owner "CN=Owner,OU=Owners,O=Acme") || exit 2
make_cert gcks "CN=Key Server,OU=Servers,O=Acme"
for name in alice bob carol dave; do
    make_cert $name "CN=$name,OU=Members,O=Acme"
done
make_cert eve "CN=eve,OU=Guests,O=Acme"
policy first 1
must "the policy compiles and is signed" make_token first
# shellcheck disable=SC2086 # an option
claim "the signed token verifies" gsakmp-token verify $tolerate --owner "CN=Owner,OU=Owners,O=Acme" \
    --root "$stage/root.pem" "$stage/first.pt"
claim "show tells who may join" sh -c \
    "gsakmp-token show '$stage/first.pt' | grep -q 'CN=\*,OU=Members,O=Acme'"
must "the group is announced" gsakmp-token announce --token "$stage/first.pt" \
    --owner-cert "$stage/owner.pem" --root "$stage/root.pem" --server "$host:$port" \
    ${rekey_address:+--rekey "$rekey_address:$rekey_port"} -o "$stage/demo.announcement"
gsakmp-token announce --show "$stage/demo.announcement" | sed -n 's/^/  /;/ingerprint/p'

say "A GC/KS creates the group, four members register (dave over TCP)"
gcks_conf gcks first.pt
claim "the GC/KS's configuration is good" gcksd -c "$stage/gcks.conf" --check
if [ -n "$tolerate" ]; then
    claim "it is warned of Suite 1" sh -c "gcksd -c '$stage/gcks.conf' --check | grep -q 'warning.*weak'"
    sed '/tolerate_suite_1/d' "$stage/gcks.conf" >"$stage/strict.conf"
    claim "whoever does not tolerate Suite 1 is told by which setting" sh -c \
        "gcksd -c '$stage/strict.conf' --check >'$stage/strict.out' 2>&1
        [ \$? -eq 1 ] && grep -q tolerate_suite_1 '$stage/strict.out'"
    claim "nor verifies the token without it" fails gsakmp-token verify \
        --owner "CN=Owner,OU=Owners,O=Acme" --root "$stage/root.pem" "$stage/first.pt"
fi
start gcks gcksd
must "the GC/KS is up" wait_for 10 status_is gcks state 'Wait for GC/KS Event'
for name in alice bob carol; do
    member_conf $name
done
member_conf dave 'transport = "tcp"'
for name in alice bob carol dave; do
    start $name gsakmpd
done
for name in alice bob carol dave; do
    must "$name is in the group" wait_for 15 joined $name
done
must "the GC/KS counts four members" wait_for 10 status_is gcks members 4
claim "dave came over TCP" sh -c "gsakmpctl -s '$stage/gcks.sock' --json members |
    grep -A30 dave | grep -q '\"transport\": \"tcp\"' ||
    gsakmpctl -s '$stage/gcks.sock' --json members | grep -q '\"transport\": \"tcp\"'"
claim "all four hold the same GTPK" same_key alice bob carol dave

if [ -n "$tolerate" ]; then
    claim "the GC/KS's log warns of Suite 1" grep -q 'token-warning.*weak' "$stage/gcks.log"
    claim "so does a member's" grep -q 'token-warning.*weak' "$stage/alice.log"
fi

say "An outsider, with a valid certificate under the same root, but no rule"
member_conf eve
start eve gsakmpd
claim "eve is refused, and the log names the rule" \
    wait_for 10 grep -q 'member-refused.*CN=eve,OU=Guests,O=Acme.*accessRule' "$stage/gcks.log"
claim "eve holds no key" fails ctl eve key demo
stop eve

say "A file sealed by one member opens at another"
echo "attack at dawn" >"$stage/plain1"
claim "alice seals (gsakmp-seal)" seal alice "$stage/plain1" "$stage/sealed1"
claim "bob opens (gsakmp-open)" opens bob "$stage/sealed1" 'attack at dawn'
claim "carol opens" opens carol "$stage/sealed1" 'attack at dawn'
echo "  And OpenSSL, which takes the key as an argument. That shows it to every user of this"
echo "  host: for a counter-check, not for use."
claim "openssl opens what alice sealed" openssl_opens carol "$stage/sealed1" 'attack at dawn'
claim "openssl seals" openssl_seal bob "$stage/plain1" "$stage/sealed1.openssl"
claim "carol opens it (gsakmp-open)" opens carol "$stage/sealed1.openssl" 'attack at dawn' --cbc

say "A rekey by multicast"
before=$(key_of alice)
claim "the operator rekeys" ctl gcks rekey
changed() { [ "$(key_of "$1")" != "$before" ]; }
for name in alice bob carol dave; do
    claim "$name holds a new GTPK" wait_for 10 changed $name
done
claim "and it is the same for all" same_key alice bob carol dave

say "Carol is evicted"
carol_key=$(key_of carol)
carol_id=$(key_id_of carol)
before=$carol_key
claim "the operator evicts carol" ctl gcks evict "CN=carol,OU=Members,O=Acme"
for name in alice bob dave; do
    claim "$name holds a new GTPK" wait_for 10 changed $name
done
claim "it is the same for those who stay" same_key alice bob dave
echo "attack at dusk" >"$stage/plain2"
claim "alice seals anew" seal alice "$stage/plain2" "$stage/sealed2"
claim "bob opens it" opens bob "$stage/sealed2" 'attack at dusk'
claim "openssl opens it with bob's key" openssl_opens bob "$stage/sealed2" 'attack at dusk'
claim "carol's agent does not open it" fails opens carol "$stage/sealed2" 'attack at dusk'
claim "carol's last key does not open it" \
    fails open_with "$carol_key" "$carol_id" "$stage/sealed2"
claim "not even under the new key's identifier" \
    fails open_with "$carol_key" "$(key_id_of alice)" "$stage/sealed2"
# By unicast she is told nothing, and has no reason yet to come back by herself.
[ -n "$rekey_address" ] || { ctl carol leave && ctl carol join; } >/dev/null
claim "carol does not get back in" \
    wait_for 20 grep -q 'member-refused.*CN=carol.*local exclusion' "$stage/gcks.log"
claim "carol holds none of the new key" fails same_key alice carol

say "A second edition excludes bob, by rekey"
policy second 2 '<exclude dn="CN=bob,OU=Members,O=Acme" ca="acme"/>'
claim "the second edition compiles and is signed" make_token second
before=$(key_of alice)
bob_key=$(key_of bob)
bob_id=$(key_id_of bob)
claim "publish refuses to put a third of the members out" fails ctl gcks publish "$stage/second.pt"
claim "a trial names bob and the rule" sh -c \
    "gsakmpctl -s '$stage/gcks.sock' publish --dry-run '$stage/second.pt' | grep -q 'leaves the group: CN=bob'"
claim "the operator means it" ctl gcks publish --yes "$stage/second.pt"
for name in alice dave; do
    claim "$name holds a new GTPK" wait_for 10 changed $name
    claim "$name is under edition 2" wait_for 10 status_is $name edition 2
done
claim "the GC/KS counts two members" wait_for 5 status_is gcks members 2
echo "no attack at all" >"$stage/plain3"
claim "alice seals under it" seal alice "$stage/plain3" "$stage/sealed3"
claim "dave opens it" opens dave "$stage/sealed3" 'no attack at all'
claim "bob's agent opens nothing any more" fails opens bob "$stage/sealed3" 'no attack at all'
claim "bob's last key does not open it" fails open_with "$bob_key" "$bob_id" "$stage/sealed3"
claim "bob's last key does not open it under its identifier" \
    fails open_with "$bob_key" "$(key_id_of alice)" "$stage/sealed3"

say "The older token comes back"
claim "publishing the first edition is refused" fails ctl gcks publish "$stage/first.pt"
claim "the reason is its age" sh -c \
    "gsakmpctl -s '$stage/gcks.sock' publish '$stage/first.pt' 2>&1 | grep -q 'accepted before'"
claim "edition 2 stays in force" status_is gcks edition 2

say "The end of the group"
claim "destroy asks first" fails ctl gcks destroy
claim "the operator destroys the group" ctl gcks destroy --yes
for name in alice dave; do
    claim "$name knows that the group has ended" wait_for 15 status_is $name ended yes
    claim "$name holds no key any more" fails ctl $name key demo
    claim "$name opens nothing any more" fails opens $name "$stage/sealed3" 'no attack at all'
done
claim "nobody revives it: alice may not join again" fails ctl alice join

say "Everything stops cleanly"
for name in alice bob carol dave gcks; do
    claim "$name ends with exit code 0" stop $name
done
claim "no key is in any log" sh -c "! grep -q -e '$carol_key' -e '$bob_key' '$stage'/*.log '$stage'/*.out"

verdict
