#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# samples.sh: each sample policy and configuration of etc/ is run as it stands, but for its
# authorities, addresses and folders: a server serves the group, a member joins it, both hold
# the same key.
. "$(dirname "$0")/stage.sh"
samples=${top_srcdir:-.}/etc

say "A PKI under the samples' names"
make_root root "CN=Root,O=Acme,C=US"
make_cert owner "CN=Owner,OU=Owners,O=Acme,C=US"
certtool --generate-crl --load-ca-privkey "$stage/root.key" --load-ca-certificate "$stage/root.pem" \
    --outfile "$stage/root.crl" --template /dev/null >>"$stage/certtool.log" 2>&1 || could_not "make a CRL"

# certify NAME DN: keys of Ed25519 (NAME), P-256 (NAME-p256) and P-384 (NAME-p384).
certify() {
    key_type=--key-type=ed25519
    make_cert "$1" "$2"
    key_type='--key-type=ecdsa --curve=secp256r1'
    make_cert "$1-p256" "$2"
    key_type='--key-type=ecdsa --curve=secp384r1'
    make_cert "$1-p384" "$2"
    key_type=--key-type=ed25519
}

# policy SAMPLE NAME: $stage/NAME.pt and its announcement, from the sample with our authority.
policy() {
    sed -E 's#key-id="(907b|5d1e|base64)[^"]*"/>#file="root.pem"/>#' "$samples/policies/$1.xml" \
        >"$stage/$2.xml"
    make_token "$2" && gsakmp-token announce --token "$stage/$2.pt" --root "$stage/root.pem" \
        --server "$host:$port" --rekey "$rekey_address:$rekey_port" -o "$stage/$2.announcement"
}

# conf SAMPLE DAEMON: the sample in our folder, at our addresses.
conf() {
    sed "s#/run/gsakmp/#$stage/#; s#0\.0\.0\.0:3761#$host:$port#; s#, \"\[::\]:3761\"##
        s#127\.0\.0\.1:3761#$host:$port#; s#^bind = .*#bind = \"$host\"#" "$samples/$1.conf" \
        >"$stage/$2.conf"
    grep -q '^listen' "$stage/$2.conf" || [ "$2" != gcksd ] ||
        sed -i "1i listen = {\"$host:$port\"}" "$stage/$2.conf"
}

group_state() { # DAEMON GROUP
    gsakmpctl -s "$stage/$1.sock" -g "$2" status
}
in_group() { group_state gsakmpd "$1" | grep -q '^state *Wait for Group Membership Event'; }
key() { gsakmpctl -s "$stage/$1.sock" -g "$2" key "$2"; }
has_key() { key gsakmpd "$1" | grep -q '^80000001'; }
has_member() { gsakmpctl -s "$stage/gcksd.sock" -g "$1" members | grep -qF "$2"; }

# run GROUP MEMBER
run() {
    claim "the server's configuration is good" gcksd -c "$stage/gcksd.conf" --check
    claim "the member's configuration is good" gsakmpd -c "$stage/gsakmpd.conf" --check
    start gcksd gcksd
    must "the server serves" wait_for 15 group_state gcksd "$1"
    start gsakmpd gsakmpd
    claim "the member joins \"$1\"" wait_for 20 in_group "$1"
    claim "and has its key" has_key "$1"
    claim "the server knows it as $2" has_member "$1" "$2"
}
# Who is refused in terse mode hears nothing: do not wait for it long.
impatient() {
    sed -i '/^ *rtj_every_ms/d; s/^group .*/&\n    rtj_every_ms = 400/' "$stage/gsakmpd.conf"
}
end_run() {
    stop gsakmpd
    stop gcksd
}

say "Minimal"
certify gcks "CN=GCKS,OU=Servers,O=Acme,C=US"
certify host "CN=host,OU=Members,O=Acme,C=US"
must "the minimal policy becomes a token" policy minimal weather
conf gcksd-minimal gcksd
conf gsakmpd-minimal gsakmpd
run weather "CN=host,OU=Members"
end_run

say "Typical"
must "the typical policy becomes a token" policy typical video
certify gcks "CN=GCKS 2,OU=Servers,O=Acme,C=US"
certify host "CN=Tablet,OU=Video,O=Acme,C=US"
# The samples' group is the minimal one's; here it is this one.
conf gcksd gcksd
conf gsakmpd gsakmpd
sed -i 's/weather/video/; s/#credential/credential/' "$stage/gcksd.conf" "$stage/gsakmpd.conf"
run video "CN=Tablet,OU=Video"
end_run
certify host "CN=Lost Tablet 7,OU=Video,O=Acme,C=US"
start gcksd gcksd
impatient
must "the server serves again" wait_for 15 group_state gcksd video
claim "whom the policy excludes does not get in" \
    fails gsakmpd -c "$stage/gsakmpd.conf" --try video
stop gcksd

say "Full"
must "the full policy becomes a token" policy full everything
sed 's/<!-- not run: \(.*\) -->/\1/' "$samples/policies/full.xml" >"$stage/read.xml"
claim "with all that is only read" sh -c "! cmp -s '$stage/read.xml' '$samples/policies/full.xml' &&
    gsakmp-token compile '$stage/read.xml' -o '$stage/read.der'"
certify gcks "CN=GCKS,OU=Servers,O=Acme,C=US"
certify host "CN=Sensor 1,OU=Sensors,O=Acme,C=US"
make_cert weather "CN=host,OU=Members,O=Acme,C=US"
conf gcksd-full gcksd
conf gsakmpd-full gsakmpd
run everything "CN=Sensor 1,OU=Sensors"
claim "and joins the second group" wait_for 20 in_group weather
end_run
certify host "CN=Sensor 2,OU=Sensors,O=Acme,C=US"
start gcksd gcksd
impatient
must "the server serves again" wait_for 15 group_state gcksd everything
claim "who lacks a permission does not get in" \
    fails gsakmpd -c "$stage/gsakmpd.conf" --try everything
stop gcksd

say "The full samples show every option"
# options PAGE: what the manual page tells of.
options() {
    sed -n 's/^\.It Cm //p' "${top_srcdir:-.}/doc/$1.5" | sed 's/ .*{.*//; s/ \\(dq.*//' |
        tr ',' '\n' | tr -d ' '
}
shows_all() { # DAEMON
    for option in $(options "$1.conf"); do
        grep -qE "^ *#?$option( =| \")" "$samples/$1-full.conf" || {
            echo "$1-full.conf does not show $option"
            return 1
        }
    done
    [ "$(options "$1.conf" | wc -l)" -gt 15 ]
}
claim "of gcksd.conf(5)" shows_all gcksd
claim "of gsakmpd.conf(5)" shows_all gsakmpd

verdict
