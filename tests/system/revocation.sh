#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# revocation.sh: revocation lists and permissions that change while the daemons run (profile 4.5,
# 11.9): seen by themselves or at SIGHUP, at the GC/KS and at members; bad files keep the old.
. "$(dirname "$0")/stage.sh"

say "A group whose members hold permission 3; the GC/KS looks at its files every second"
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
    <access permissions="3"><allow dn="CN=*,OU=Members,O=Acme"/></access>
  </registration>
  <rekey every="1 h" resend="1"/>
  <data encryption="80000001"/>
</policy>
END
must "the policy compiles and is signed" make_token first
must "the group is announced" gsakmp-token announce --token "$stage/first.pt" \
    --root "$stage/root.pem" --owner-cert "$stage/owner.pem" --server "127.0.0.1:$port" \
    --rekey "$rekey_address:$rekey_port" -o "$stage/demo.announcement"

# A list's date has no parts of a second: each is dated later than those before.
lists=0
list() { # FILE [NAME...]: a list of the root's that names these, put in place at once
    list_file=$1
    shift
    lists=$((lists + 1))
    printf 'crl_next_update = 7\ncrl_number = %d\n' $lists >"$stage/crl.tmpl"
    : >"$stage/crl.certs"
    list_name=
    for list_name; do
        cat "$stage/$list_name.pem" >>"$stage/crl.certs"
    done
    certtool --generate-crl --load-ca-privkey "$stage/root.key" \
        --load-ca-certificate "$stage/root.pem" \
        ${list_name:+--load-certificate "$stage/crl.certs"} \
        --template "$stage/crl.tmpl" --outfile "$stage/crl.new" >>"$stage/certtool.log" 2>&1 &&
        mv "$stage/crl.new" "$stage/$list_file"
}
holders() { # NAME...
    for holder; do
        printf 'permissions "CN=%s,OU=Members,O=Acme" { levels = {3} }\n' "$holder"
    done >"$stage/table.new"
    mv "$stage/table.new" "$stage/holders"
}
logged() { grep -q "$2" "$stage/$1.log"; }

must "a list that names nobody" list root.crl
must "all three hold the permission" holders alice bob carol
gcks_conf gcks first.pt
sed -i 's#^}#crls = {"root.crl"}\npermissions_file = "holders"\n}#' "$stage/gcks.conf"
printf 'reload_every = 1\n' >>"$stage/gcks.conf"
must "the configuration is good" gcksd -c "$stage/gcks.conf" --check
start gcks gcksd
must "the GC/KS is up" wait_for 10 status_is gcks state 'Wait for GC/KS Event'
for name in alice bob carol; do
    member_conf $name
done
sed -i 's#^}#crls = {"seen.crl"}\n}#' "$stage/alice.conf"
printf 'reload_every = 0\n' >>"$stage/alice.conf"
must "alice has a list of her own" cp "$stage/root.crl" "$stage/seen.crl"
for name in alice bob carol; do
    start $name gsakmpd
done
for name in alice bob carol; do
    must "$name is in the group" wait_for 20 joined $name
done
claim "all hold the same key" same_key alice bob carol
cp "$stage/root.crl" "$stage/older.crl"

say "Bob is revoked"
before=$(key_of alice)
changed() { [ "$(key_of "$1")" != "$before" ]; }
must "the list names him" list root.crl bob
claim "the GC/KS sees it and puts him out" wait_for 10 \
    logged gcks 'member-evicted.*CN=bob.*has been revoked'
for name in alice carol; do
    claim "$name holds a new key" wait_for 10 changed $name
done
claim "bob does not" fails same_key alice bob
claim "the GC/KS counts two members" wait_for 5 status_is gcks members 2

say "A file that is no list, and one that is cut"
echo "no list" >"$stage/bad.crl" && mv "$stage/bad.crl" "$stage/root.crl"
claim "is refused, the old one stays in force, and log and status say so" wait_for 10 \
    logged gcks 'reload-refused.*stays in force.*root.crl: no CRL'
claim "the status too" sh -c \
    "gsakmpctl -s '$stage/gcks.sock' status | grep -q '^reload_refused.*no CRL'"
claim "bob, who asks again, is refused by the old one" wait_for 20 \
    logged gcks 'member-refused.*CN=bob.*is revoked'
rm "$stage/root.crl"
claim "so it is when there is none" wait_for 10 logged gcks 'reload-refused.*root.crl.*No such file'
claim "the two are still in" status_is gcks members 2

say "A pipe, and the list that named nobody, in its place"
mkfifo "$stage/root.crl"
claim "a pipe is not waited for" wait_for 10 logged gcks 'reload-refused.*root.crl.*no regular file'
claim "the daemon answers" status_is gcks members 2
must "the older list is put in place" mv "$stage/older.crl" "$stage/root.crl"
claim "what was in force stays so, and log and status say it" wait_for 10 \
    logged gcks 'crl-kept.*stay in force'
claim "the status too" sh -c \
    "gsakmpctl -s '$stage/gcks.sock' status | grep -q '^reload_refused.*stay in force'"
again() { [ "$(grep -c 'member-refused.*CN=bob.*is revoked' "$stage/gcks.log")" -gt "$refused" ]; }
refused=$(grep -c 'member-refused.*CN=bob.*is revoked' "$stage/gcks.log")
must "bob's agent is started anew" stop bob
start bob gsakmpd
claim "bob is refused as before" wait_for 20 again
claim "the two are still in" status_is gcks members 2

say "Carol loses her permission"
before=$(key_of alice)
must "a good list again" list root.crl bob
claim "the status has nothing to complain of" wait_for 10 status_is gcks reload_refused -
must "the table no longer has her" holders alice bob
claim "the GC/KS sees it and puts her out" wait_for 10 \
    logged gcks 'member-evicted.*CN=carol.*permission 3 is not held'
claim "alice holds a new key" wait_for 10 changed alice
claim "carol does not" fails same_key alice carol
echo 'permissions "CN=alice,OU=Members,O=Acme" { levels = {30} }' >"$stage/table.new"
mv "$stage/table.new" "$stage/holders"
claim "a bad table keeps the old one" wait_for 10 logged gcks 'reload-refused.*level 30; expected 1 to 9'
claim "alice stays" status_is gcks members 1
: >"$stage/holders"
claim "so does one that was cut to nothing" wait_for 10 logged gcks 'reload-refused.*holders: is empty'
claim "alice stays" status_is gcks members 1

say "Dave's own list revokes him, and then the token excludes him"
must "he holds the permission" holders alice dave
claim "the GC/KS takes the table" wait_for 10 status_is gcks reload_refused -
member_conf dave
sed -i 's#^}#crls = {"own.crl"}\n}#' "$stage/dave.conf"
printf 'reload_every = 0\n' >>"$stage/dave.conf"
must "his list names nobody" list own.crl
start dave gsakmpd
must "dave is in the group" wait_for 20 joined dave
must "his list names him" list own.crl dave
kill -HUP "$pid_dave"
claim "his agent says so" wait_for 10 logged dave 'own certificate has been revoked'
claim "and goes on, for it is others who judge him" ctl dave key demo
sed 's#edition="1"#edition="2"#;s#</access>#<exclude dn="CN=dave,OU=Members,O=Acme" ca="acme"/>&#' \
    "$stage/first.xml" >"$stage/second.xml"
must "the owner excludes him" make_token second
must "that is published" ctl gcks publish --yes "$stage/second.pt"
claim "his agent knows that he is excluded" wait_for 10 status_is dave consumers evicted
claim "and gives no key" fails ctl dave key demo
must "dave ends" stop dave

say "The server itself is revoked, as alice's agent reads at SIGHUP"
must "her list names it" list seen.crl gcks
sleep 2
claim "before the signal she stays" joined alice
kill -HUP "$pid_alice"
claim "then she leaves it" wait_for 10 logged alice 'server-revoked.*Key Server'
claim "and holds no key" fails ctl alice key demo
claim "nor takes one from it" wait_for 10 logged alice 'KeyDL dropped.*is revoked'
for name in alice bob carol gcks; do
    claim "$name ends with exit code 0" stop $name
done

verdict
