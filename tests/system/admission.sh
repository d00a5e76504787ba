#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# admission.sh: what beside a name's rule decides who gets in: permission levels, of which the
# GC/KS has the table (profile 11.9), and revocation (profile 4.5).
. "$(dirname "$0")/stage.sh"

say "A group whose token asks for permission 3"
make_root root "CN=Root,O=Acme"
make_cert owner "CN=Owner,OU=Owners,O=Acme"
make_cert gcks "CN=Key Server,OU=Servers,O=Acme"
for name in alice bob carol; do
    make_cert $name "CN=$name,OU=Members,O=Acme"
done
cat >"$stage/first.xml" <<END
<policy>
  <group random="$group_random" name="demo" edition="1"/>
  <ca name="acme" file="root.pem"/>
  <registration>
    <gcks dn="CN=Key Server,OU=Servers,O=Acme"/>
    <access permissions="3">
      <allow dn="CN=*,OU=Members,O=Acme"/>
    </access>
  </registration>
  <data encryption="80000001"/>
</policy>
END
must "the policy compiles and is signed" make_token first
must "the group is announced" gsakmp-token announce --token "$stage/first.pt" \
    --root "$stage/root.pem" --owner-cert "$stage/owner.pem" --server "127.0.0.1:$port" \
    --rekey "$rekey_address:$rekey_port" -o "$stage/demo.announcement"

# revoke NAME: the root's list names it.
revoke() {
    printf 'crl_next_update = 7\n' >"$stage/crl.tmpl"
    certtool --generate-crl --load-ca-privkey "$stage/root.key" \
        --load-ca-certificate "$stage/root.pem" --load-certificate "$stage/$1.pem" \
        --template "$stage/crl.tmpl" --outfile "$stage/root.crl" >>"$stage/certtool.log" 2>&1
}
# with LINES: the GC/KS's configuration, with these in its group.
with() {
    gcks_conf gcks first.pt
    sed "s#^}#$1\\n}#" "$stage/gcks.conf" >"$stage/gcks.new" && mv "$stage/gcks.new" "$stage/gcks.conf"
}
refuses() { # LINES TEXT
    with "$1"
    gcksd -c "$stage/gcks.conf" --check 2>&1 | grep -q "$2"
}
# Alice holds it under the root that is there, bob under another.
ca=$(gsakmp-token show "$stage/first.pt" | sed -n 's/.*under CA \([0-9a-f]\{40\}\)$/\1/p' | head -n 1)
holds="permissions \"CN=alice,OU=Members,O=Acme\" { levels = {1, 3} ca = {\"$ca\"} }"
holds="$holds\\npermissions \"CN=bob,OU=Members,O=Acme\" { levels = {3} ca = {\"00${ca#??}\"} }"
holds="$holds\\npermissions \"cn=bob,ou=Members,o=Acme\" { levels = {1, 2} }"
holds="$holds\\npermissions \"CN=carol,OU=Members,O=Acme\" { levels = {3} }"
lists='crls = {"root.crl"}'

must "carol is revoked" revoke carol
claim "a level out of range is named" refuses 'permissions "CN=x" { levels = {10} }' \
    'level 10; expected 1 to 9'
claim "a CA that is none is named" refuses 'permissions "CN=x" { levels = {1} ca = {"5f01"} }' \
    'ca is "5f01"; expected the 20 octets'
claim "a name that is none is named" refuses 'permissions "x" { levels = {1} }' 'permissions "x"'
claim "lists may be demanded, and are missed" refuses 'demand_crls = true' 'revocation list'
with "$holds\\n$lists\\ndemand_crls = true"
must "with the list the configuration is good" gcksd -c "$stage/gcks.conf" --check
start gcks gcksd
must "the GC/KS is up" wait_for 10 status_is gcks state 'Wait for GC/KS Event'
for name in alice bob carol; do
    member_conf $name
    start $name gsakmpd
done
must "alice, who holds the level, gets in" wait_for 15 joined alice
claim "bob, who holds it under another CA only, does not, and the log says which" wait_for 10 \
    grep -q 'member-refused.*CN=bob.*permission 3 is not held' "$stage/gcks.log"
claim "carol, who is revoked, does not" wait_for 10 \
    grep -q 'member-refused.*CN=carol.*is revoked' "$stage/gcks.log"
claim "the GC/KS counts one member" status_is gcks members 1
claim "bob holds no key" fails ctl bob key demo
claim "carol holds no key" fails ctl carol key demo
for name in alice bob carol gcks; do
    claim "$name ends with exit code 0" stop $name
done

verdict
