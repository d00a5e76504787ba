#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# consumers.sh: how the group's keys and events reach programs that are not ours.
. "$(dirname "$0")/stage.sh"

policy() { # NAME EDITION EXCLUDED-LINES
    cat >"$stage/$1.xml" <<END
<policy>
  <group random="$group_random" name="demo" edition="$2"/>
  <ca name="acme" file="root.pem"/>
  <registration>
    <gcks dn="CN=Key Server,OU=Servers,O=Acme" ca="acme"/>
    <access>
      <allow dn="CN=*,OU=Members,O=Acme" ca="acme"/>
      ${3-}
    </access>
  </registration>
  <rekey every="1 h" interval="2 h" resend="1"/>
  <data encryption="80000001"/>
</policy>
END
}

code_is() { # CODE COMMAND...
    code_want=$1
    shift
    "$@"
    code_have=$?
    [ $code_have -eq "$code_want" ] || {
        echo "exit code $code_have, expected $code_want"
        return 1
    }
}

# ends PID CODE: the process ends by itself, with this code.
ends() {
    wait "$1"
    ends_code=$?
    [ $ends_code -eq "$2" ] || {
        echo "exit code $ends_code, expected $2"
        return 1
    }
}

# watched FILE EVENT: it was told.
watched() { grep -q "^{\"event\":\"$2\"" "$stage/$1"; }

say "A group with two members, watched"
make_root root "CN=Root,O=Acme"
make_cert owner "CN=Owner,OU=Owners,O=Acme"
make_cert gcks "CN=Key Server,OU=Servers,O=Acme"
for name in alice bob; do
    make_cert $name "CN=$name,OU=Members,O=Acme"
done
policy first 1
must "the policy becomes a token" make_token first
must "the group is announced" gsakmp-token announce --token "$stage/first.pt" \
    --owner-cert "$stage/owner.pem" --root "$stage/root.pem" --server "127.0.0.1:$port" \
    --rekey "$rekey_address:$rekey_port" -o "$stage/demo.announcement"
gcks_conf gcks first.pt
start gcks gcksd
must "the GC/KS is up" wait_for 10 status_is gcks state 'Wait for GC/KS Event'
gsakmpctl -s "$stage/gcks.sock" watch demo >"$stage/gcks.watch" 2>&1 &
gcks_watch=$!
pids="$pids $gcks_watch"
must "the server is watched" wait_for 5 watched gcks.watch watching
cat >"$stage/hook" <<'END'
#!/bin/sh
# Keeps all that it is told; the second argument says what to do then.
cat >>"$1"
echo "args $#" >>"$1"
case $2 in
fail) echo "no such tunnel" >&2; exit 3 ;;
esac
END
chmod 755 "$stage/hook"
for name in alice bob; do
    case $name in
    alice) then='it is well' ;;
    bob) then=fail ;;
    esac
    member_conf $name "users = {\"daemon\"}
    hook = {\"$stage/hook\", \"$stage/$name.told\", \"$then\"}"
    start $name gsakmpd
    must "$name is in the group" wait_for 15 joined $name
done
claim "the server's watcher was told of both" wait_for 5 sh -c \
    "[ \"\$(grep -c '^{\"event\":\"member-admitted\"' '$stage/gcks.watch')\" = 2 ]"
gsakmpctl -s "$stage/alice.sock" watch >"$stage/alice.watch" 2>&1 &
alice_watch=$!
pids="$pids $alice_watch"
must "alice's agent is watched" wait_for 5 watched alice.watch watching

say "The old key overlaps with the new"
uses() { ctl "$1" key demo --receive | awk '{printf "%s ", $5}'; }
uses_are() { [ "$(uses "$1")" = "$2" ]; }
old_id=$(key_id_of alice)
claim "one key serves" uses_are alice 'send '
claim "the operator rekeys" ctl gcks rekey
claim "the new key is the next, the old one still sends" wait_for 5 uses_are alice 'next send '
claim "gsakmpctl key gives the one that sends" sh -c \
    "[ '$(key_id_of alice)' = '$old_id' ]"
claim "then the new one sends and the old one receives" wait_for 5 uses_are alice 'send receive '
claim "it is the old one" sh -c "gsakmpctl -s '$stage/alice.sock' key demo --receive |
    awk '\$5 == \"receive\" {print \$1 \$2}' | grep -qx '$old_id'"
claim "status tells what each is for" sh -c \
    "gsakmpctl -s '$stage/alice.sock' status | grep -q '^key .* for receive, made'"
claim "in the end the old one is gone" wait_for 10 uses_are alice 'send '
for event in key-new key-active key-retired; do
    claim "the watcher was told: $event" wait_for 5 watched alice.watch $event
done
claim "no key was told to a watcher" sh -c \
    "! grep -q '$(key_of alice)' '$stage/alice.watch' && ! grep -q '\"key\":' '$stage/alice.watch'"

say "Keys derived for a label"
derived_of() { ctl "$1" key demo --derive "$2" | awk '$3 == "derived" {print $4}'; }
expand() { # LABEL: of alice's key
    openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt mode:EXPAND_ONLY \
        -kdfopt hexkey:"$(key_of alice)" -kdfopt info:"GSAKMP data$1" HKDF |
        tr -d ':\n' | tr 'A-F' 'a-f'
}
derives() { [ "$(derived_of alice "$1")" = "$(expand "$1")" ]; }
claim "a key derived for a label is HKDF-Expand's, by OpenSSL's word" derives video
claim "it is the same at bob" sh -c "[ '$(derived_of alice video)' = '$(derived_of bob video)' ]"
claim "another label gives another" fails test "$(derived_of alice video)" = \
    "$(derived_of alice audio)"
claim "a label has text" code_is 1 ctl alice key demo --derive ''

say "Who may ask"
chmod 755 "$stage"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
    chmod 666 "$stage/alice.sock"
    says_denied() { as_nobody "$@" 2>&1 | grep -q 'user 65534 may not use'; }
    for command in 'key demo' status watch leave; do
        # shellcheck disable=SC2086
        claim "another user may not use $command" says_denied "$(command -v gsakmpctl)" \
            -s "$stage/alice.sock" $command
    done
fi
claim "watching a group that is not there is refused" code_is 1 ctl alice watch nothing
claim "watching no daemon could not run" code_is 2 gsakmpctl -s "$stage/none.sock" watch

say "Hook programs"
told() { grep -q "$@" "$stage/alice.told"; }
claim "alice's hook was told the key with which she joined" told -E \
    "^key $(printf '%s' "$old_id" | sed 's/........$/ &/') AES-256-GCM send [0-9]{14}Z [0-9a-f]{64}\$"
claim "and the next" told -E '^key .* next '
claim "and all that serves, from head to end, at each change" sh -c \
    "tr '\n' '|' <'$stage/alice.told' | grep -qE \
    'gsakmp-keys 1\|group demo\|state in\|key [^|]* next [^|]*\|key [^|]* send [^|]*\|end\|args 2\|'"
claim "status counts its runs" sh -c "gsakmpctl -s '$stage/alice.sock' --json status |
    tr -d ' \n' | grep -q '\"hook\":{\"failure\":null,\"failures\":0,\"running\":false,\"runs\":4'"
claim "bob's fails, and status says why" sh -c "gsakmpctl -s '$stage/bob.sock' status |
    grep -q '^hook.failure .*it ended with exit code 3: no such tunnel'"
claim "the log, too" grep -q 'hook-failed.*no such tunnel' "$stage/bob.log"
claim "and bob has the key all the same" same_key alice bob
wrong_hook() { # TEXT SED-SCRIPT
    sed "$2" "$stage/bob.conf" >"$stage/wrong.conf"
    wrong_said=$(gsakmpd -c "$stage/wrong.conf" --check 2>&1) && return 1
    case $wrong_said in *"$1"*) ;; *) echo "$wrong_said" && return 1 ;; esac
}
claim "a hook that is not there keeps the group from starting" wrong_hook \
    "No such file" 's#/hook"#/no-hook"#'
claim "so does one by a relative path" wrong_hook "an absolute path is expected" \
    's#hook = {"[^"]*"#hook = {"hook"#'
cp "$stage/hook" "$stage/open-hook" && chmod 777 "$stage/open-hook"
claim "and one that others may change" wrong_hook "may change it" 's#/hook"#/open-hook"#'

say "Sealed under the old key, opened around a rekey"
echo "at dawn" >"$stage/plain"
for option in '' --cbc; do
    claim "alice seals${option:+ with $option}" seal alice "$stage/plain" "$stage/sealed" $option
    claim "bob opens" opens bob "$stage/sealed" 'at dawn' $option
    claim "openssl opens" openssl_opens bob "$stage/sealed" 'at dawn'
    claim "openssl seals" openssl_seal bob "$stage/plain" "$stage/sealed.openssl"
    claim "alice opens" opens alice "$stage/sealed.openssl" 'at dawn' --cbc
    claim "not without --cbc" code_is 1 opens alice "$stage/sealed.openssl" 'at dawn'
done
claim "alice seals" seal alice "$stage/plain" "$stage/sealed"
claim "the operator rekeys" ctl gcks rekey
claim "it opens before the activation" opens bob "$stage/sealed" 'at dawn'
claim "the new key is active" wait_for 5 uses_are bob 'send receive '
claim "it opens within the overlap" opens bob "$stage/sealed" 'at dawn'
claim "alice seals under the new key" seal alice "$stage/plain" "$stage/sealed2"
claim "that is another" fails cmp -s "$stage/sealed" "$stage/sealed2"
claim "the overlap ends" wait_for 10 uses_are bob 'send '
claim "what was sealed under the old key does not open any more" code_is 1 \
    opens bob "$stage/sealed" 'at dawn'
claim "what was sealed under the new one does" opens bob "$stage/sealed2" 'at dawn'
bob_opens() { gsakmp-open -s "$stage/bob.sock" "$@"; }
claim "an output file is its owner's alone" sh -c "gsakmp-open -s '$stage/bob.sock' \
    -o '$stage/opened' '$stage/sealed2' && [ \$(stat -c %a '$stage/opened') = 600 ]"
printf 'x' | dd of="$stage/sealed2" bs=1 seek=150 conv=notrunc 2>/dev/null
claim "what was changed is refused with 1" code_is 1 bob_opens -o "$stage/none" "$stage/sealed2"
claim "and nothing is written" test ! -e "$stage/none"
claim "what is no envelope is refused with 1" code_is 1 bob_opens "$stage/plain"
claim "a file that is not there could not run" code_is 2 bob_opens "$stage/nowhere"
claim "no agent could not run" code_is 2 gsakmp-open -s "$stage/none.sock" "$stage/sealed"
claim "no agent, nor any sealing" code_is 2 gsakmp-seal -s "$stage/none.sock" "$stage/plain"
claim "a key that the policy does not name is refused with 1" code_is 1 \
    gsakmp-seal -s "$stage/bob.sock" -k 80000009 "$stage/plain"
claim "a KeyID that is none could not run" code_is 2 \
    gsakmp-seal -s "$stage/bob.sock" -k key "$stage/plain"
claim "64 MiB and no more are sealed" sh -c "head -c 67108865 /dev/zero |
    gsakmp-seal -s '$stage/bob.sock' 2>&1 >/dev/null | grep -q 'more than 67108864 octets'"
claim "standard input and output will do" sh -c "gsakmp-seal -s '$stage/alice.sock' <'$stage/plain' |
    gsakmp-open -s '$stage/bob.sock' | cmp - '$stage/plain'"

say "A program of somebody else: installed library, pkg-config, the example"
root=$stage/root
harden=$(sed -n 's/^GSAKMP_HARDEN = //p' "$build/Makefile")
of_library() { # pkg-config's answer, for where the library was put
    PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=$(dirname "$pc"):$(pkg-config --variable \
        pc_path pkg-config) pkg-config "$@" gsakmp-client
}
must "library, header and pkg-config file are installed" "${MAKE:-make}" -s -C "$build" \
    install-libLTLIBRARIES install-includeHEADERS install-nodist_pkgconfigDATA \
    DESTDIR="$root" MAKEFLAGS=
pc=$(find "$root" -name gsakmp-client.pc)
library=$(find "$root" -name 'libgsakmp-client.so.0')
# shellcheck disable=SC2046,SC2086
compile() { ${CC:-cc} $harden -Wall -Wextra -Werror "$1" $(of_library --cflags --libs) -o "$2"; }
must "the example compiles" compile "${top_srcdir:-.}/roles/client/example.c" "$stage/example"
claim "the example has thirty lines" sh -c \
    "[ \$(wc -l <'${top_srcdir:-.}/roles/client/example.c') -le 30 ]"
claim "the library exports what the header says, and nothing else" sh -c \
    "nm -D --defined-only '$library' | sed 's/.* //;s/@.*//' | sort | cmp - \
        '${top_srcdir:-.}/roles/client/gsakmp-client.sym' &&
     ! sed 's/\$/[(]/' '${top_srcdir:-.}/roles/client/gsakmp-client.sym' | while read -r name; do
        grep -q \"\$name\" '${top_srcdir:-.}/roles/client/gsakmp-client.h' || echo \"\$name\"
     done | grep ."
example() { LD_LIBRARY_PATH=$(dirname "$library") "$stage/example" "$@"; }
example demo "$stage/alice.sock" >"$stage/example.out" 2>&1 &
example_pid=$!
pids="$pids $example_pid"
shows() { grep -q "$1" "$stage/example.out"; }
claim "it has the key that the agent sends with" wait_for 5 shows \
    "send with key $(ctl alice key demo | awk '{print $1, $2}'), AES-256-GCM, 32 octets"
claim "the operator rekeys" ctl gcks rekey
claim "it is told of the new key" wait_for 5 shows '^key-new: '
claim "of its activation" wait_for 5 shows '^key-active: '
claim "and has it" wait_for 5 shows "send with key $(ctl alice key demo | awk '{print $1, $2}')"
claim "no group of that name: refused" sh -c "! LD_LIBRARY_PATH='$(dirname "$library")' \
    '$stage/example' nothing '$stage/alice.sock' 2>'$stage/refused'; grep -q refuses '$stage/refused'"
if command -v as_nobody >/dev/null; then
    chmod 755 "$stage/example"
    claim "nor does gsakmp-seal for another user" sh -c "! setpriv --reuid=65534 --regid=65534 \
        --clear-groups '$(command -v gsakmp-seal)' -s '$stage/alice.sock' /dev/null"
    stranger() { as_nobody env LD_LIBRARY_PATH="$(dirname "$library")" "$stage/example" "$@"; }
    claim "and gets nothing" fails stranger demo "$stage/alice.sock"
fi
claim "the agent of a member that leaves has no key for it" ctl alice leave
claim "it is told" wait_for 5 shows '^left: '
claim "so is the hook, without any key" sh -c "sleep 0.3; tr '\n' '|' <'$stage/alice.told' |
    grep -q 'state out|end|args 2|\$'"
claim "and ends" ends $example_pid 1
claim "with the reason" shows 'this host is not in the group'
example demo "$stage/bob.sock" >"$stage/example.out" 2>&1 &
example_pid=$!
pids="$pids $example_pid"
claim "another follows bob's agent" wait_for 5 shows 'send with key'

say "The end of watching"
kill -INT $gcks_watch
claim "an interrupted watcher ends with 0" ends $gcks_watch 0
claim "alice's agent ends cleanly" stop alice
claim "its watcher was told" wait_for 5 watched alice.watch stopping
claim "and ended with 0" ends $alice_watch 0
gsakmpctl -s "$stage/bob.sock" watch >"$stage/bob.watch" 2>&1 &
bob_watch=$!
pids="$pids $bob_watch"
must "bob's agent is watched" wait_for 5 watched bob.watch watching
kill -KILL "$pid_bob"
claim "a watcher whose agent was killed ends with 2" ends $bob_watch 2
claim "the program that followed it ends, too" ends $example_pid 1
claim "for it knows" shows 'the agent is gone'
claim "every line that was told is one JSON object" sh -c \
    "cat '$stage'/gcks.watch '$stage'/alice.watch | grep -v '^{.*}\$' | wc -l | grep -qx 0"
claim "the server ends cleanly" stop gcks

say "Terminals take orders in names (C1 characters)"
csi=$(printf '\302\233')
sed "s/\"demo\"/\"de${csi}31mo\"/;s/bob\.sock/named.sock/" "$stage/bob.conf" >"$stage/named.conf"
start named gsakmpd
: >"$stage/nothing"
named() { gsakmpctl -s "$stage/named.sock" --json status; }
must "an agent of a group with such a name" wait_for 5 named
claim "what is piped has it as it is" sh -c \
    "gsakmpctl -s '$stage/named.sock' --json status | grep -qaF '$csi'"
if "$build/on-terminal" /dev/null true >/dev/null 2>&1; then
    claim "a terminal gets it in ASCII" sh -c "'$build/on-terminal' '$stage/nothing' \
        '$(command -v gsakmpctl)' -s '$stage/named.sock' --json status >'$stage/shown' &&
        grep -qaiF 'de\\u009b31mo' '$stage/shown' && ! grep -qaF '$csi' '$stage/shown'"
else
    echo "  (no pseudo terminals here: what one gets is not tried)"
fi

verdict
