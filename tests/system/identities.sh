#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# identities.sh: a token with two join mechanisms, members and a server with several keys
# (profile 6.2, 6.7, 12.11).
. "$(dirname "$0")/stage.sh"

say "A group by Ed25519 or, failing that, by P-256; the server has a key for each"
make_root root "CN=Root,O=Acme"
make_cert owner "CN=Owner,OU=Owners,O=Acme"
make_cert gcks "CN=Key Server,OU=Servers,O=Acme"
for name in alice carol dave; do
    make_cert $name "CN=$name,OU=Members,O=Acme"
done
key_type="--key-type=ecdsa --curve=secp256r1"
make_cert gcks2 "CN=Key Server,OU=Servers,O=Acme"
make_cert other "CN=Other Server,OU=Servers,O=Acme"
for name in bob carol2 dave2; do
    make_cert $name "CN=${name%2},OU=Members,O=Acme"
done
cat >"$stage/first.xml" <<END
<policy>
  <group random="$group_random" name="demo" edition="1"/>
  <ca name="acme" file="root.pem"/>
  <registration>
    <gcks dn="CN=Key Server,OU=Servers,O=Acme"/>
    <access><allow dn="CN=*,OU=Members,O=Acme"/></access>
    <mechanism suite="recommended"/>
    <mechanism suite="p256"/>
  </registration>
  <rekey every="1 h" resend="1"/>
  <data encryption="80000001"/>
</policy>
END
must "the policy compiles and is signed" make_token first
must "the group is announced" gsakmp-token announce --token "$stage/first.pt" \
    --root "$stage/root.pem" --owner-cert "$stage/owner.pem" --server "127.0.0.1:$port" \
    --rekey "$rekey_address:$rekey_port" -o "$stage/demo.announcement"

# with CONFIGURATION LINES: with these in its group.
with() {
    sed "s#^}#$2\\n}#" "$stage/$1.conf" >"$stage/$1.new" && mv "$stage/$1.new" "$stage/$1.conf"
}
pair() { # NAME
    echo "credential \"$1\" { key = \"$1.key\" certificates = {\"$1.pem\"} }"
}
refuses() { # LINES TEXT
    gcks_conf gcks first.pt
    with gcks "$1"
    gcksd -c "$stage/gcks.conf" --check 2>&1 | grep -q "$2"
}
claim "without the second key the server refuses to start and says which" \
    refuses '' 'joinMechanism 2 of the token asks for signatures with ECDSA P-256'
claim "nor with the key of another name" refuses "$(pair other)" 'differ in subject'
claim "nor with two keys of a kind" refuses "$(pair gcks)" 'a second key for Ed25519'
claim "nor with a key that is another certificate's" \
    refuses 'credential "x" { key = "gcks2.key" certificates = {"other.pem"} }' 'credential "x": the key is not'
gcks_conf gcks first.pt
with gcks "$(pair gcks2)"
must "with both the configuration is good" gcksd -c "$stage/gcks.conf" --check
claim "and the check tells both keys" sh -c \
    "gcksd -c '$stage/gcks.conf' --check | grep -c '^  key: .*certificate [0-9a-f]' | grep -qx 2"
start gcks gcksd
must "the GC/KS is up" wait_for 10 status_is gcks state 'Wait for GC/KS Event'
claim "its status tells both keys" sh -c \
    "gsakmpctl -s '$stage/gcks.sock' status | grep -c '^credentials.*certificate' | grep -qx 2"

say "Members of both kinds, and with both keys"
for name in alice bob carol dave; do
    member_conf $name
done
with bob 'mechanisms = {"p256"}'
with carol "mechanism = \"p256\"\\n$(pair carol2)"
with dave "$(pair dave2)\\nmechanisms = {\"p256-aes128\", \"p256\"}"
for name in alice bob carol dave; do
    start $name gsakmpd
done
for name in alice bob carol dave; do
    must "$name is in the group" wait_for 20 joined $name
done
used() { ctl "$1" status | grep -q "^mechanism  *$2"; }
claim "alice by Ed25519, the only key she has" used alice Ed25519
claim "bob by P-256, the only key he has" used bob 'ECDSA P-256'
claim "carol asked by P-256, and the token raised her" used carol Ed25519
claim "and her agent says so" status_is carol raised yes
claim "dave by P-256, since his list has nothing better" used dave 'ECDSA P-256'
claim "he found that out with the second of his list" \
    wait_for 5 sh -c "gsakmpctl -s '$stage/dave.sock' status | grep -q 'counts.rtj  *[2-9]'"
claim "all hold the same key" same_key alice bob carol dave
claim "the server lists the mechanisms" sh -c \
    "gsakmpctl -s '$stage/gcks.sock' members | grep -c 'by ECDSA P-256.*certificate' | grep -qx 2"
before=$(key_of alice)
claim "the operator rekeys" ctl gcks rekey
changed() { [ "$(key_of "$1")" != "$before" ]; }
for name in alice bob carol dave; do
    claim "$name follows" wait_for 10 changed $name
done
claim "and the key is the same for all" same_key alice bob carol dave
for name in alice bob carol dave gcks; do
    claim "$name ends with exit code 0" stop $name
done

verdict
