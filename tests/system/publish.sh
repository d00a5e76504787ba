#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# publish.sh: a new token is tried on the members of a running server before it is published, and
# one that puts out more than a tenth of them is not published by mistake.
. "$(dirname "$0")/stage.sh"

policy() { # FILE EDITION [SENDERS] [EXCLUDE]
    cat >"$stage/$1.xml" <<END
<policy>
  <group random="$group_random" name="demo" edition="$2"/>
  <ca name="acme" file="root.pem"/>
  <registration>
    <gcks dn="CN=Key Server,OU=Servers,O=Acme"/>
    ${3-}
    <access><allow dn="CN=*,OU=Members,O=Acme"/>${4-}</access>
  </registration>
  <rekey every="1 h" resend="1"/>
  <data encryption="80000001"/>
</policy>
END
}
says() { # TEXT STATUS COMMAND...
    says_text=$1 says_status=$2
    shift 2
    "$@" >"$stage/says" 2>&1
    says_have=$?
    cat "$stage/says"
    [ $says_have -eq "$says_status" ] && grep -q -e "$says_text" "$stage/says"
}
as_before() { status_is gcks edition 1 && status_is gcks members 3 && status_is gcks sequence "$sequence"; }
# What a client of somebody else's sends.
raw() { # JSON
    perl -MIO::Socket::UNIX -e '
        my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "no socket\n";
        print $s "$ARGV[1]\n"; $s->flush; my $answer = <$s>; print $answer;' "$stage/gcks.sock" "$1"
}
hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }

say "A group of three"
make_root root "CN=Root,O=Acme"
make_cert owner "CN=Owner,OU=Owners,O=Acme"
make_cert gcks "CN=Key Server,OU=Servers,O=Acme"
policy first 1
must "the policy compiles and is signed" make_token first
must "the group is announced" gsakmp-token announce --token "$stage/first.pt" \
    --root "$stage/root.pem" --owner-cert "$stage/owner.pem" --server "127.0.0.1:$port" \
    --rekey "$rekey_address:$rekey_port" -o "$stage/demo.announcement"
gcks_conf gcks first.pt
start gcks gcksd
must "the GC/KS is up" wait_for 10 status_is gcks state 'Wait for GC/KS Event'
for name in alice bob carol; do
    make_cert $name "CN=$name,OU=Members,O=Acme"
    member_conf $name
    start $name gsakmpd
done
for name in alice bob carol; do
    must "$name is in the group" wait_for 20 joined $name
done
sequence=$(ctl gcks status | awk '$1 == "sequence" {print $2}')

say "A token that excludes bob, and lets alice alone send, is tried"
policy out 2 '<senders><sender dn="CN=alice,OU=Members,O=Acme"/></senders>' \
    '<exclude dn="CN=bob,OU=Members,O=Acme" ca="acme"/>'
must "it compiles and is signed" make_token out
claim "the trial says that it would be refused: 1" says 'publish would be refused' 1 \
    ctl gcks publish --dry-run "$stage/out.pt"
claim "and how many it concerns" grep -q \
    'of 3 members 1 would leave the group, 1 could no longer send, 0 could send' "$stage/says"
claim "who would go" grep -q 'leaves the group: .*CN=bob' "$stage/says"
claim "by which rule" grep -q 'then: exclusionsRule 1 of entry 1: CN=bob' "$stage/says"
claim "who could no longer send" grep -q 'may no longer send: .*CN=carol' "$stage/says"
claim "alice is not concerned" fails grep -q 'CN=alice,OU=Members,O=Acme$' "$stage/says"
claim "as JSON too" says '"needs_force": true' 1 ctl gcks --json publish --dry-run "$stage/out.pt"
claim "with the sums" grep -q '"out": 1' "$stage/says"
claim "who says --yes besides would succeed: 0" says 'would be refused' 0 \
    ctl gcks publish --dry-run --yes "$stage/out.pt"
claim "nothing has changed" as_before

say "Names and groups that are no text"
odd=$(printf 'CN=Ev\351')
claim "of two names neither is evicted when one is no UTF-8" says 'no UTF-8 text' 2 \
    ctl gcks evict "CN=bob,OU=Members,O=Acme" "$odd"
claim "a group that is no UTF-8 is not left out" says 'no UTF-8 text' 2 ctl gcks --group "$odd" rekey
claim "nothing has changed" as_before

say "It is published"
claim "publishing is refused: 1" says 'puts out 1 of 3 members.*publish --yes' 1 \
    ctl gcks publish "$stage/out.pt"
claim "a client that knows nothing of the guard is refused too" says '"too-many-out"' 0 \
    raw "{\"command\": \"publish\", \"token\": \"$(hex "$stage/out.pt")\"}"
claim "one that forces by another word is told so" says '"argument"' 0 \
    raw "{\"command\": \"publish\", \"force\": \"yes\", \"token\": \"$(hex "$stage/out.pt")\"}"
for flag in 1 0 '"true"' null '[]' '{}'; do
    claim "so is one that tries with $flag, and does not publish" says '"argument"' 0 \
        raw "{\"command\": \"publish\", \"dry_run\": $flag, \"token\": \"$(hex "$stage/out.pt")\"}"
done
claim "one that forces with \"1\", too" says '"argument"' 0 \
    raw "{\"command\": \"publish\", \"force\": 1, \"token\": \"$(hex "$stage/out.pt")\"}"
claim "a page of a trial that nobody made is refused" says '"trial-dropped"' 0 \
    raw "{\"command\": \"publish\", \"dry_run\": true, \"cursor\": 7, \"token\": \"00\"}"
claim "nothing has changed" as_before

say "An edition that puts out nobody"
sleep 1 # tokens are signed one after another, to the second
policy same 3
must "it compiles and is signed" make_token same
claim "its trial is good: 0" says 'publish would put it in force' 0 \
    ctl gcks publish --dry-run "$stage/same.pt"
claim "it is published" says '^accepted' 0 ctl gcks publish "$stage/same.pt"
claim "it comes into force" wait_for 10 status_is gcks edition 3
claim "the trial of the older one is refused as publishing it is" says 'accepted before' 1 \
    ctl gcks publish --dry-run "$stage/first.pt"
claim "that of the token in force says so" says '^unchanged' 0 \
    ctl gcks publish --dry-run "$stage/same.pt"
sleep 1 # tokens are signed one after another, to the second
policy last 4 '' '<exclude dn="CN=bob,OU=Members,O=Acme" ca="acme"/>'
must "another edition excludes bob" make_token last
claim "it is refused" says 'puts out 1 of 3' 1 ctl gcks publish "$stage/last.pt"
claim "with --yes it is published" says '^accepted' 0 ctl gcks publish --yes "$stage/last.pt"
claim "bob is out" wait_for 10 status_is gcks members 2
claim "and it is in force" wait_for 10 status_is gcks edition 4
for name in alice bob carol gcks; do
    claim "$name ends with exit code 0" stop $name
done

verdict
