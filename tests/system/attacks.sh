#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# attacks.sh: what strangers, other owners and an evicted member can do to the real programs
# from outside: noise, replays, altered and cut messages, idle and false streams, the control
# socket. Each time the group must stand as it stood, and still work. The engines' own attacks
# are in test-gcks-attacks.c and test-member-attacks.c.
. "$(dirname "$0")/stage.sh"
hostile=$(dirname "$0")/hostile

say "A group whose members reach the GC/KS through somebody who keeps every datagram"
make_root root "CN=Root,O=Acme"
make_cert owner "CN=Owner,OU=Owners,O=Acme"
make_cert gcks "CN=Key Server,OU=Servers,O=Acme"
for name in alice bob carol; do
    make_cert $name "CN=$name,OU=Members,O=Acme"
done
policy() { # NAME EDITION
    cat >"$stage/$1.xml" <<END
<policy>
  <group random="$group_random" name="demo" edition="$2"/>
  <ca name="acme" file="root.pem"/>
  <registration>
    <gcks dn="CN=Key Server,OU=Servers,O=Acme"/>
    <access>
      <allow dn="CN=*,OU=Members,O=Acme"/>
    </access>
  </registration>
  <rekey every="1 h" interval="2 h" resend="1"/>
  <data encryption="80000001"/>
</policy>
END
}
policy first 1
must "the policy compiles and is signed" make_token first
relay_port=$((port + 20005))
must "the group is announced" gsakmp-token announce --token "$stage/first.pt" \
    --root "$stage/root.pem" --owner-cert "$stage/owner.pem" --server "127.0.0.1:$relay_port" \
    --rekey "$rekey_address:$rekey_port" -o "$stage/demo.announcement"
mkdir "$stage/wire"
"$hostile" relay $relay_port "$port" "$stage/wire" 2>"$stage/relay.out" &
pids="$pids $!"
"$hostile" record "$rekey_address" "$rekey_port" "$stage/wire" 3 2>"$stage/record.out" &
pids="$pids $!"
gcks_conf gcks first.pt
sed -i 's/log_level = "debug"/log_level = "info"/' "$stage/gcks.conf"
start gcks gcksd
must "the GC/KS is up" wait_for 10 status_is gcks state 'Wait for GC/KS Event'
for name in alice bob carol; do
    member_conf $name
    start $name gsakmpd
done
for name in alice bob carol; do
    must "$name is in the group" wait_for 15 joined $name
done
must "the GC/KS counts three members" wait_for 10 status_is gcks members 3
must "the keeper hears the group's rekeys" wait_for 5 ls "$stage/wire/ready"
changed() { [ "$(key_of "$1")" != "$before" ]; }
rekeys() { # COMMAND...: the operator's command, and the new key of alice and bob
    before=$(key_of alice)
    ctl gcks "$@" && wait_for 10 changed alice && wait_for 10 changed bob
}
must "it is rekeyed" rekeys rekey
must "carol is evicted" rekeys evict "CN=carol,OU=Members,O=Acme"
must "it is rekeyed again" rekeys rekey
must "the keeper has the three events" wait_for 10 ls "$stage/wire/event.3"
claim "and requests, answers and Acks of three members" sh -c \
    "[ \$(ls '$stage/wire' | grep -c '^up') -ge 6 ] && [ \$(ls '$stage/wire' | grep -c '^down') -ge 3 ]"

# All that a replay or a forgery could have changed.
stands() { # FILE
    for name in gcks alice bob; do
        ctl $name --json status | grep -E '"(edition|sequence_id|members|state)"' || return 1
    done >"$1"
    ctl gcks --json members >>"$1" && ctl gcks excluded >>"$1" &&
        ctl alice key demo >>"$1" && ctl bob key demo >>"$1"
}
as_before() {
    stands "$stage/now" && cmp "$stage/then" "$stage/now" && same_key alice bob
}
must "how it stands is noted" stands "$stage/then"

say "The network says everything again, from elsewhere"
claim "to the GC/KS: what it got" "$hostile" send 127.0.0.1 "$port" "$stage"/wire/up.*
claim "to the GC/KS: what it sent" "$hostile" send 127.0.0.1 "$port" "$stage"/wire/down.*
claim "to the members: every event, three times over" "$hostile" send "$rekey_address" \
    "$rekey_port" "$stage"/wire/event.* "$stage"/wire/event.* "$stage"/wire/event.*
claim "to the members: what went to and fro" "$hostile" send "$rekey_address" "$rekey_port" \
    "$stage"/wire/up.* "$stage"/wire/down.*
sleep 1
claim "the group stands as before" as_before

say "It says it with an octet changed or the end cut, and makes noise"
claim "to the GC/KS: 40 forms of each message" "$hostile" mutate 127.0.0.1 "$port" 40 \
    "$stage"/wire/up.* "$stage"/wire/down.*
claim "to the members: 100 forms of each event" "$hostile" mutate "$rekey_address" \
    "$rekey_port" 100 "$stage"/wire/event.*
claim "to the GC/KS: noise" "$hostile" garbage 127.0.0.1 "$port" 3000
claim "to the members: noise" "$hostile" garbage "$rekey_address" "$rekey_port" 3000
sleep 1
claim "the group stands as before" as_before
short() { [ "$(wc -c <"$stage/$1.log")" -lt 1000000 ]; }
claim "the GC/KS's log has not grown with it" short gcks

say "Streams that say nothing, or no message"
claim "four that begin with none are all ended" sh -c "[ \"\$('$hostile' frames $port)\" = 0 ]"
claim "of 200 from one address most are cut off" sh -c "[ \"\$('$hostile' hold $port 200)\" -ge 100 ]"
claim "the group stands as before" as_before

say "The control sockets"
for name in gcks alice; do
    claim "$name takes none of eight lines that are no requests" \
        sh -c "[ \"\$('$hostile' control '$stage/$name.sock')\" = 0 ]"
done
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
    chmod 711 "$stage"
    chmod 666 "$stage/gcks.sock" "$stage/alice.sock"
    nobody() {
        setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
    }
    as_nobody() { # NAME ARGUMENTS...
        nobody_socket=$stage/$1.sock
        shift
        nobody "$gsakmpctl" -s "$nobody_socket" "$@"
    }
    denied() { # NAME ARGUMENTS...
        as_nobody "$@" >"$stage/denied.out" 2>&1
        denied_code=$?
        cat "$stage/denied.out"
        [ $denied_code -eq 1 ] && grep -q 'may not use' "$stage/denied.out"
    }
    # A copy where another user may run it, when the build tree is not theirs to enter.
    gsakmpctl=$stage/gsakmpctl
    program=$build/.libs/gsakmpctl
    [ -x "$program" ] || program=$build/gsakmpctl
    must "a stranger on the host has the tool" install -m 755 "$program" "$gsakmpctl"
    for command in "evict CN=bob" rekey "destroy --yes" members; do
        # shellcheck disable=SC2086
        claim "a stranger on the host may not: $command" denied gcks $command
    done
    claim "a stranger on the host gets no key" denied alice key demo
    agent() { ctl alice --json status >/dev/null && echo "$pid_alice"; }
    claim "and reads nothing of the agent's memory" fails nobody \
        dd if="/proc/$(agent)/mem" bs=1 count=1 of=/dev/null
else
    echo "  (not root: what another user of this host may do is not tried)"
fi
claim "the group stands as before" as_before

say "Other owners"
make_root root2 "CN=Root,O=Acme"
make_cert owner2 "CN=Owner,OU=Owners,O=Acme" root2
policy foreign 7
signed_by() { # KEY POLICY
    gsakmp-token compile "$stage/$2.xml" -o "$stage/$2.der" &&
        gsakmp-token sign --yes --ledger "$stage/$1-$2.ledger" --new-group \
            --key "$stage/$1.key" --cert "$stage/$1.pem" "$stage/$2.der" \
            -o "$stage/$2.pt"
}
claim "a namesake of the owner, of a root of the same name, signs edition 7" signed_by owner2 foreign
claim "the GC/KS refuses it" fails ctl gcks publish "$stage/foreign.pt"
claim "a member of the group signs edition 7" signed_by bob foreign
claim "the GC/KS refuses it" fails ctl gcks publish "$stage/foreign.pt"
sed "s/$group_random/0011223344556677/" "$stage/foreign.xml" >"$stage/other.xml"
claim "the owner signs edition 7 of another group" signed_by owner other
claim "the GC/KS refuses it" fails ctl gcks publish "$stage/other.pt"
claim "the group stands as before" as_before

say "What was kept secret, and what works"
secrets() { ctl alice key demo | awk '{print $4}'; }
nowhere() { # FILE...: the key, in hexadecimal of either case
    ! grep -qiaF "$(secrets)" "$@"
}
claim "no log holds the key" nowhere "$stage"/*.log "$stage"/*.out
claim "no argument and no environment holds it" nowhere "/proc/$pid_alice/cmdline" \
    "/proc/$pid_alice/environ" "/proc/$pid_gcks/cmdline" "/proc/$pid_gcks/environ"
no_core() { grep -q 'Max core file size *0 *0' "/proc/$1/limits"; }
claim "a crash of the agent leaves no core" no_core "$pid_alice"
claim "a crash of the GC/KS leaves no core" no_core "$pid_gcks"
make_cert dave "CN=dave,OU=Members,O=Acme"
member_conf dave
(while :; do "$hostile" garbage 127.0.0.1 "$port" 2000; done) &
noise=$!
pids="$pids $noise"
start dave gsakmpd
claim "dave gets in through noise that does not stop" wait_for 30 joined dave
kill $noise
claim "the group is rekeyed" rekeys rekey
claim "and dave has its key" wait_for 10 same_key alice bob dave
claim "carol has not" fails same_key alice carol

verdict
