#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# programs.sh: the programs as their users meet them: --help, exit codes, the sample
# configurations, settings that are wrong, --check and --try.
. "$(dirname "$0")/stage.sh"
samples=${top_srcdir:-.}/etc

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

# says TEXT CODE COMMAND...: the exit code, and the text on standard error.
says() {
    says_text=$1
    says_code=$2
    shift 2
    "$@" 2>"$stage/says"
    says_have=$?
    grep -qF -e "$says_text" "$stage/says" && [ $says_have -eq "$says_code" ] || {
        echo "exit code $says_have (expected $says_code), and: $(cat "$stage/says")"
        return 1
    }
}

say "Every program explains itself"
for program in gsakmp-token gcksd gsakmpd gsakmpctl gsakmp-seal gsakmp-open; do
    claim "$program --help is 0 and says Usage" sh -c "$program --help | grep -q ^Usage:"
    claim "$program --version is 0" sh -c "$program --version | grep -q 'gsakmp'"
    case $program in
    gsakmp-seal | gsakmp-open) # without arguments they read standard input
        claim "$program with two files is 2" code_is 2 $program one two ;;
    *) claim "$program without arguments is 2" code_is 2 $program ;;
    esac
    claim "$program refuses an unknown option with 2" code_is 2 $program --no-such-option
done

say "A group under the names of the samples"
make_root root "CN=Root,O=Acme"
make_cert owner "CN=Owner,OU=Owners,O=Acme"
make_cert gcks "CN=Key Server,OU=Servers,O=Acme"
make_cert host "CN=host,OU=Members,O=Acme"
make_cert stranger "CN=stranger,OU=Guests,O=Acme"
cat >"$stage/weather.xml" <<END
<policy>
  <group random="$group_random" name="weather" edition="1"/>
  <ca name="acme" file="root.pem"/>
  <registration>
    <gcks dn="CN=Key Server,OU=Servers,O=Acme"/>
    <access><allow dn="CN=*,OU=Members,O=Acme"/></access>
  </registration>
</policy>
END
must "the policy becomes a token" make_token weather
must "the group is announced" gsakmp-token announce --token "$stage/weather.pt" \
    --owner-cert "$stage/owner.pem" --root "$stage/root.pem" --server "127.0.0.1:$port" \
    --rekey "$rekey_address:$rekey_port" -o "$stage/weather.announcement"
sed "s#/run/gsakmp/#$stage/#; /^listen/s#0.0.0.0:3761#127.0.0.1:$port#" "$samples/gcksd.conf" \
    >"$stage/gcksd.conf"
sed "s#/run/gsakmp/#$stage/#" "$samples/gsakmpd.conf" >"$stage/gsakmpd.conf"
claim "the sample gcksd.conf is good" gcksd -c "$stage/gcksd.conf" --check
claim "the sample gsakmpd.conf is good" gsakmpd -c "$stage/gsakmpd.conf" --check

say "Wrong settings are named"
wrong() { # TEXT PROGRAM SED-SCRIPT
    sed "$3" "$stage/$2.conf" >"$stage/wrong.conf"
    says "$1" 1 "$2" -c "$stage/wrong.conf" --check
}
line=$(grep -n '^listen' "$stage/gcksd.conf" | cut -d: -f1)
claim "an unknown option, with its line" wrong "wrong.conf:$line: no such option 'listne'" gcksd \
    's/^listen/listne/'
claim "its line, also behind comments of every kind" wrong "wrong.conf:$((line + 5)): no such option 'listne'" \
    gcksd "s,^listen,/* one\n\" two */ # three\n// it's four\n\n#\nlistne,"
claim "text with a NUL octet" wrong "NUL" gcksd 's/^listen/\x00&/'
claim "a missing file" wrong "nowhere.pt" gcksd 's/weather.pt/nowhere.pt/'
claim "a value out of range" wrong "degree is 17; expected 2 to 16" gcksd 's/^}/degree = 17\n}/'
claim "a log format" wrong 'expected "text" or "json"' gcksd 's/"text"/"xml"/'
claim "a key that is not the certificate's" wrong "the key is not that of" gcksd 's/gcks.key/owner.key/'
claim "a server that is not the token's" wrong "CN=host,OU=Members,O=Acme" gcksd \
    's/gcks\.key/host.key/;s/gcks\.pem/host.pem/'
claim "no group" wrong "no group" gsakmpd '/^group/,/^}/d'
claim "a file that was cut" wrong "has no } up to the end" gcksd '$d'
claim "a group twice" wrong "duplicate title" gcksd '/^group/,$H;${G}'
claim "a listening place" wrong 'is no numeric address' gcksd 's/127.0.0.1/gcks.example.org/'
claim "a time to live" wrong "multicast_ttl is 256; expected 1 to 255" gcksd \
    's/^listen/multicast_ttl = 256\n&/'
claim "an overlap shorter than the activation" wrong "overlap is 1 s and activation 2 s" gsakmpd \
    's/^}/overlap = 1\nactivation = 2\n}/'
claim "a file mode" wrong 'control_mode is "rw"' gcksd 's/^listen/control_mode = "rw"\n&/'
claim "a user" wrong 'user is "no-such-user"' gcksd 's/^listen/user = "no-such-user"\n&/'
claim "an interface" wrong "no-such-if is neither" gcksd 's/^}/interface = "no-such-if"\n}/'
claim "an announcement that is a token" wrong "this is a signed token" gsakmpd \
    's/weather.announcement/weather.pt/'
claim "a token that is an announcement" wrong "this is an announcement" gcksd \
    's/weather.pt/weather.announcement/'
claim "a mechanism of no table" wrong 'no key wrap is called "AES-512"' gsakmpd \
    's/^}/mechanism = "Ed25519, SHA-256, X25519, AES-512"\n}/'
claim "a mechanism that is half said" wrong "neither a suite" gsakmpd 's/^}/mechanism = "Ed25519"\n}/'
claim "a mechanism that nobody runs" wrong "key wrap 13 (AES-CTR) is not run" gsakmpd \
    's/^}/mechanism = "Ed25519, SHA-256, X25519, AES-CTR"\n}/'
claim "Suite 1, which is not tolerated" wrong "local policy (tolerate_suite_1)" gsakmpd \
    's/^}/mechanism = "suite-1"\n}/'
claim "Suite 1 with a key of another kind" wrong "the mechanism asks for DSS-SHA1" gsakmpd \
    's/^}/mechanism = "suite-1"\ntolerate_suite_1 = true\n}/'
claim "mechanisms of no table" wrong "no signature is called" gcksd \
    's/^}/mechanisms = {"suite-1", "Ed448, SHA-256, X25519, AES-256-GCM"}\n}/'
sed 's/^}/mechanism = "Ed25519, sha 1, modp-2048, aes-cbc-128"\n}/' "$stage/gsakmpd.conf" \
    >"$stage/four.conf"
claim "four algorithms are a mechanism" sh -c "gsakmpd -c '$stage/four.conf' --check |
    grep -q 'mechanism: Ed25519, SHA-1, MODP-2048, AES-CBC-128'"

say "A P-384 key signs in two types"
suite_key_type=$key_type
edition=1
use_suite 'ECDSA P-384, SHA-256, X25519, AES-256-GCM'
make_cert gcks384 "CN=Key Server,OU=Servers,O=Acme"
make_cert host384 "CN=host,OU=Members,O=Acme"
for signature in 'ECDSA-P384-SHA3' 'ECDSA P-384'; do
    use_suite "$signature, SHA-256, X25519, AES-256-GCM"
    # shellcheck disable=SC2154 # use_suite sets it
    edition=$((edition + 1))
    sed "s#</registration>#<mechanism $mechanism/>&#; s/edition=\"1\"/edition=\"$edition\"/" \
        "$stage/weather.xml" >"$stage/p384.xml"
    must "a policy with $signature" make_token p384
    sed 's/weather\.pt/p384.pt/;s/gcks\.key/gcks384.key/;s/gcks\.pem/gcks384.pem/' \
        "$stage/gcksd.conf" >"$stage/p384-gcks.conf"
    claim "the server's key serves it" gcksd -c "$stage/p384-gcks.conf" --check
    sed "s/^}/mechanism = \"$signature, SHA-256, X25519, AES-256-GCM\"\n}/
        s/host\.key/host384.key/;s/host\.pem/host384.pem/" "$stage/gsakmpd.conf" >"$stage/p384.conf"
    claim "a member's, too" gsakmpd -c "$stage/p384.conf" --check
done
key_type=$suite_key_type

say "More wrong settings"
openssl pkcs8 -topk8 -in "$stage/host.key" -out "$stage/locked.key" -passout pass:x 2>/dev/null
chmod 600 "$stage/locked.key"
claim "a key behind a password" wrong "the private key is encrypted" gsakmpd \
    's/host.key/locked.key/'
make_root other-root "CN=Other,O=Elsewhere"
make_cert foreigner "CN=foreigner,OU=Members,O=Acme" other-root
claim "a certificate that nobody will accept" wrong "nobody will accept this host's certificate" \
    gsakmpd 's/host\.key/foreigner.key/;s/host\.pem/foreigner.pem/'
chmod 644 "$stage/host.key"
claim "a private key that others may read" says "host.key" 1 gsakmpd -c "$stage/gsakmpd.conf" \
    --check
chmod 600 "$stage/host.key"
claim "a configuration that is not there" says "No such file" 2 gcksd -c "$stage/none.conf"

say "Trying to join"
sed 's/^group "weather" {/&\n    rtj_every_ms = 200\n    interface = "127.0.0.1"/' \
    "$stage/gsakmpd.conf" >"$stage/quick.conf"
claim "a group that is not configured: 1" says 'no group "nothing"' 1 gsakmpd \
    -c "$stage/quick.conf" --try nothing
claim "nobody answers: 1, and the reason" says "no good Key Download came" 1 \
    timeout 20 gsakmpd -c "$stage/quick.conf" --try weather
sed -i 's/^group "weather" {/&\n    interface = "127.0.0.1"/' "$stage/gcksd.conf"
start gcksd gcksd
must "the server is up" wait_for 10 test -S "$stage/gcksd.sock"
claim "a member gets in: 0" code_is 0 timeout 20 gsakmpd -c "$stage/quick.conf" --try weather
sed 's/host\.key/stranger.key/;s/host\.pem/stranger.pem/' "$stage/quick.conf" >"$stage/no.conf"
claim "a stranger does not: 1" code_is 1 timeout 20 gsakmpd -c "$stage/no.conf" --try weather
claim "the log names the stranger, its address and the rules' verdict" grep -qE \
    'member-refused \[weather\] CN=stranger,OU=Guests,O=Acme at 127\.0\.0\.1:[0-9]+ refused .*no accessRule matches' \
    "$stage/gcksd.out"
claim "gsakmpctl shows the server's state" sh -c \
    "gsakmpctl -s '$stage/gcksd.sock' status | grep -q 'Wait for GC/KS Event'"
claim "gsakmpctl prints JSON" sh -c "gsakmpctl -s '$stage/gcksd.sock' --json status |
    grep -q '\"edition\": 1'"
claim "status begins with words" sh -c "gsakmpctl -s '$stage/gcksd.sock' status | head -n 1 |
    grep -q '^weather: serves 0 members.* under edition 1; the next rekey by time is in '"
claim "an eviction of nobody says so" sh -c "gsakmpctl -s '$stage/gcksd.sock' evict CN=Nobody |
    grep -q '^0 members evicted, 1 name excluded .*check the spelling'"
claim "and counts in the status" sh -c "gsakmpctl -s '$stage/gcksd.sock' status | head -n 1 |
    grep -q '; 1 name excluded at this server only'"
claim "a name that was readmitted may come back" sh -c \
    "gsakmpctl -s '$stage/gcksd.sock' readmit CN=Nobody | grep -q 'may register again'"
claim "the token in force is unchanged" sh -c \
    "gsakmpctl -s '$stage/gcksd.sock' publish '$stage/weather.pt' | grep -q '^unchanged'"
claim "a second daemon does not take the socket" code_is 2 gcksd -c "$stage/gcksd.conf"
claim "the first still answers" ctl gcksd status
claim "an unknown command is 2" code_is 2 gsakmpctl -s "$stage/gcksd.sock" frobnicate
claim "no daemon is 2" says "is the daemon running" 2 gsakmpctl -s "$stage/no.sock" status
claim "a command of the other daemon is 1" says "no command join at" 1 gsakmpctl -s "$stage/gcksd.sock" join
claim "a token that is none is refused: 1" says "this is a policy source" 1 gsakmpctl -s "$stage/gcksd.sock" publish \
    "$stage/weather.xml"
claim "evicting a non-name is refused: 1" code_is 1 gsakmpctl -s "$stage/gcksd.sock" evict "a=b=c,"
say "Names cannot write on the terminal"
# certtool has no way to say such a name.
make_key esc
openssl req -new -key "$stage/esc.key" -subj "/O=Acme/OU=Members/CN=a$(printf '\033')[31mb" \
    -out "$stage/esc.csr" 2>/dev/null &&
    openssl x509 -req -in "$stage/esc.csr" -CA "$stage/root.pem" -CAkey "$stage/root.key" \
        -set_serial 77 -days 30 -out "$stage/esc.pem" 2>/dev/null || could_not "certify esc"
sed 's/host\.key/esc.key/;s/host\.pem/esc.pem/;s/gsakmpd.sock/esc.sock/' "$stage/quick.conf" \
    >"$stage/esc.conf"
start esc gsakmpd
must "a member with an escape character in its name is in" wait_for 10 sh -c \
    "gsakmpctl -s '$stage/gcksd.sock' members | grep -q 31mb"
claim "gsakmpctl prints none" fails grep -q "$(printf '\033')" <<END
$(ctl gcksd members; ctl gcksd status; ctl esc status)
END
claim "nor does any log" fails grep -q "$(printf '\033')" "$stage/gcksd.out" "$stage/esc.out"
listed=$(ctl gcksd members | sed -n 's/.*\(CN=a.*\)/\1/p' | head -n 1)
claim "it is evicted by the name as listed" sh -c \
    "gsakmpctl -s '$stage/gcksd.sock' evict '$listed' | grep -q '^1 member evicted'"
claim "the agent ends cleanly" stop esc
claim "the server ends cleanly" stop gcksd
claim "and removes its socket" test ! -e "$stage/gcksd.sock"

verdict
