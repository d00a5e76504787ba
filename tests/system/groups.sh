#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# groups.sh: several groups in one gcksd and one gsakmpd. They share the listening sockets and
# the multicast address, are told apart by their Group IDs, and what happens to one does not
# touch the others.
. "$(dirname "$0")/stage.sh"

# announce NAME: a policy, a signed token and an announcement of that name.
announce() {
    cat >"$stage/$1.xml" <<END
<policy>
  <group random="$(printf '%s' "$1$group_random" | cksum | awk '{printf "%016x", $1}')" name="$1" edition="1"/>
  <ca name="acme" file="root.pem"/>
  <registration>
    <gcks dn="CN=Key Server,OU=Servers,O=Acme"/>
    <access><allow dn="CN=*,OU=Members,O=Acme"/></access>
  </registration>
  <rekey every="1 h" interval="2 h" resend="1"/>
  <data encryption="80000001"/>
</policy>
END
    make_token "$1" && gsakmp-token announce --token "$stage/$1.pt" --root "$stage/root.pem" \
        --owner-cert "$stage/owner.pem" --server "127.0.0.1:$port" \
        --rekey "$rekey_address:$rekey_port" -o "$stage/$1.announcement"
}
# section NAME PARTY LINES: a group's section of a configuration.
section() {
    cat <<END
group "$1" {
    announcement = "$1.announcement"
    key = "$2.key"
    certificates = {"$2.pem"}
    interface = "127.0.0.1"
    $3
}
END
}
head_of() { # NAME LINES
    printf 'control = "%s"\nlog_file = "%s"\nlog_level = "debug"\n%s\n' "$stage/$1.sock" \
        "$stage/$1.log" "$2"
}
server_conf() { # GROUP...
    head_of gcks "listen = {\"127.0.0.1:$port\"}"
    for server_group; do
        section "$server_group" gcks "token = \"$server_group.pt\""
    done
}
agent_conf() { # NAME GROUP...
    agent=$1
    shift
    head_of "$agent" 'bind = "127.0.0.1"'
    for agent_group; do
        section "$agent_group" "$agent" "rtj_every_ms = 1000 back_off_ms = 2000"
    done
}

say "Three groups of one owner; the server has two of them, and a third that is bad"
make_root root "CN=Root,O=Acme"
make_cert owner "CN=Owner,OU=Owners,O=Acme"
make_cert gcks "CN=Key Server,OU=Servers,O=Acme"
for name in alice bob; do
    make_cert $name "CN=$name,OU=Members,O=Acme"
done
for name in red blue green; do
    must "$name is announced" announce $name
done
{
    server_conf red blue
    section green gcks 'token = "nowhere.pt"'
} >"$stage/gcks.conf"
gcksd -c "$stage/gcks.conf" --check >"$stage/check" 2>&1
claim "--check ends with 1" test $? -eq 1
claim "--check names the bad one and its reason" \
    grep -q 'group "green": REFUSED: .*nowhere.pt' "$stage/check"
for name in red blue; do
    claim "--check tells that $name is good" grep -q "^group \"$name\": good" "$stage/check"
done
start gcks gcksd
must "the server is up" wait_for 10 ctl gcks -g red status
claim "its log names the group that it does not serve" \
    grep -q 'group-refused.*"green" is not served, the others are' "$stage/gcks.log"
claim "status tells of all three" sh -c "gsakmpctl -s '$stage/gcks.sock' status |
    tr '\n' ' ' | grep -q 'red: serves 0.*blue: serves 0.*green: NOT served: .*nowhere.pt'"
refusal() { # TEXT COMMAND...
    refusal_text=$1
    shift
    "$@" >"$stage/refusal" 2>&1 && return 1
    grep -q "$refusal_text" "$stage/refusal"
}
claim "a command for it is refused with the reason" refusal 'green.* is not served: .*nowhere' \
    ctl gcks -g green rekey
claim "a command without a group asks for one" refusal 'several groups' ctl gcks rekey
claim "a group of no name here is refused" refusal 'no group "pink"' ctl gcks -g pink rekey

say "Two agents join both groups over the same sockets"
{
    agent_conf alice red blue green
    section none alice ''
} >"$stage/alice.conf"
agent_conf bob red blue >"$stage/bob.conf"
claim "the agent's --check names its bad group" sh -c \
    "! gsakmpd -c '$stage/alice.conf' --check 2>&1 >'$stage/check' |
    grep -vq 'group \"none\": REFUSED: .*none.announcement' && grep -q '\"blue\": good' '$stage/check'"
for name in alice bob; do
    start $name gsakmpd
done
in_group() { ctl "$1" -g "$2" status | grep -q '^state *Wait for Group Membership Event'; }
key_in() { ctl "$1" key "$2" | awk '{print $4}'; }
for name in alice bob; do
    for group in red blue; do
        must "$name is in $group" wait_for 15 in_group $name $group
    done
done
for group in red blue; do
    claim "the server counts two in $group" sh -c \
        "gsakmpctl -s '$stage/gcks.sock' -g $group status | grep -qx 'members *2'"
    claim "both hold the same key of $group" test "$(key_in alice $group)" = "$(key_in bob $group)"
done
claim "the groups have different keys" test "$(key_in alice red)" != "$(key_in alice blue)"
claim "what comes for a group that is not served goes nowhere" \
    wait_for 10 grep -q 'group-unknown' "$stage/gcks.log"
claim "and the agent says so" wait_for 10 sh -c \
    "gsakmpctl -s '$stage/alice.sock' -g green status | head -n 1 | grep -q 'NOT in the group'"
claim "the agent tells why one of its groups did not start" sh -c \
    "gsakmpctl -s '$stage/alice.sock' status | grep -q 'none: did NOT start: .*none.announcement'"
claim "and gives no key of it" refusal 'did not start' ctl alice key none

say "Each is rekeyed by itself"
moved() { [ -n "$(key_in "$1" "$2")" ] && [ "$(key_in "$1" "$2")" != "$3" ]; }
for group in red blue; do
    other=red
    [ $group = red ] && other=blue
    old=$(key_in alice $group)
    still=$(key_in alice $other)
    claim "the operator rekeys $group" ctl gcks -g $group rekey
    for name in alice bob; do
        claim "$name has a new key of $group" wait_for 10 moved $name $group "$old"
        claim "$name's key of $other is the old one" test "$(key_in $name $other)" = "$still"
    done
done

say "Who is evicted from one is not from the other"
old=$(key_in alice red)
claim "bob is evicted from red" ctl gcks -g red evict "CN=bob,OU=Members,O=Acme"
claim "alice has a new key of red" wait_for 10 moved alice red "$old"
claim "bob has not" test "$(key_in bob red)" != "$(key_in alice red)"
claim "bob is in blue" in_group bob blue
claim "the server counts one in red and two in blue" sh -c "gsakmpctl -s '$stage/gcks.sock' status |
    tr '\n' ' ' | grep -q 'red: serves 1 .*blue: serves 2 '"

say "The end of one group is not the end of the other"
claim "red is destroyed" ctl gcks -g red destroy --yes
claim "alice knows" wait_for 15 sh -c \
    "gsakmpctl -s '$stage/alice.sock' -g red status | grep -qx 'ended *yes'"
claim "and has no key of red" fails ctl alice key red
old=$(key_in alice blue)
claim "blue is rekeyed" ctl gcks -g blue rekey
for name in alice bob; do
    claim "$name has a new key of blue" wait_for 10 moved $name blue "$old"
done
for name in alice bob gcks; do
    claim "$name ends with exit code 0" stop $name
done

say "Two sections with one Group ID"
{
    server_conf red blue
    section red gcks 'token = "red.pt"' | sed 's/^group "red"/group "crimson"/'
} >"$stage/gcks.conf"
gcksd -c "$stage/gcks.conf" --check >"$stage/check" 2>&1
claim "the second of them is refused" \
    grep -q '"crimson": REFUSED: groups "red" and "crimson" have the same Group ID' "$stage/check"
claim "the first is not" grep -q '^group "red": good' "$stage/check"
section green gcks 'token = "nowhere.pt"' >>"$stage/gcks.conf"
sed -i 's/\(red\|blue\)\.pt/none.pt/' "$stage/gcks.conf"
claim "a server of which no group is good does not start" refusal 'none of its 4 groups' \
    gcksd -c "$stage/gcks.conf"

verdict
