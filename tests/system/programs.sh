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
for program in gsakmp-token gcksd gsakmpd gsakmpctl; do
    claim "$program --help is 0 and says Usage" sh -c "$program --help | grep -q ^Usage:"
    claim "$program --version is 0" sh -c "$program --version | grep -q 'gsakmp'"
    claim "$program without arguments is 2" code_is 2 $program
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
sed "s#/run/gsakmp/#$stage/#; s#0.0.0.0:3761#127.0.0.1:$port#" "$samples/gcksd.conf" \
    >"$stage/gcksd.conf"
sed "s#/run/gsakmp/#$stage/#" "$samples/gsakmpd.conf" >"$stage/gsakmpd.conf"
claim "the sample gcksd.conf is good" gcksd -c "$stage/gcksd.conf" --check
claim "the sample gsakmpd.conf is good" gsakmpd -c "$stage/gsakmpd.conf" --check

say "Wrong settings are named"
wrong() { # TEXT PROGRAM SED-SCRIPT
    sed "$3" "$stage/$2.conf" >"$stage/wrong.conf"
    says "$1" 1 "$2" -c "$stage/wrong.conf" --check
}
claim "an unknown option, with its line" wrong "wrong.conf:6: no such option 'listne'" gcksd \
    's/^listen/listne/'
claim "its line, also behind comments of every kind" wrong "wrong.conf:11: no such option 'listne'" \
    gcksd "s,^listen,/* one\n\" two */ # three\n// it's four\n\n#\nlistne,"
claim "text with a NUL octet" wrong "NUL" gcksd 's/^listen/\x00&/'
claim "a missing file" wrong "nowhere.pt" gcksd 's/weather.pt/nowhere.pt/'
claim "a value out of range" wrong "degree is 17; expected 2 to 16" gcksd 's/^}/degree = 17\n}/'
claim "a log format" wrong 'expected "text" or "json"' gcksd 's/"text"/"xml"/'
claim "a key that is not the certificate's" wrong "the key is not that of" gcksd 's/gcks.key/owner.key/'
claim "a server that is not the token's" wrong "CN=host,OU=Members,O=Acme" gcksd \
    's/gcks\.key/host.key/;s/gcks\.pem/host.pem/'
claim "no group" wrong "no group" gsakmpd '/^group/,/^}/d'
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
claim "gsakmpctl shows the server's state" sh -c \
    "gsakmpctl -s '$stage/gcksd.sock' status | grep -q 'Wait for GC/KS Event'"
claim "gsakmpctl prints JSON" sh -c "gsakmpctl -s '$stage/gcksd.sock' --json status |
    grep -q '\"edition\": 1'"
claim "a second daemon does not take the socket" code_is 2 gcksd -c "$stage/gcksd.conf"
claim "the first still answers" ctl gcksd status
claim "an unknown command is 2" code_is 2 gsakmpctl -s "$stage/gcksd.sock" frobnicate
claim "no daemon is 2" says "is the daemon running" 2 gsakmpctl -s "$stage/no.sock" status
claim "a command of the other daemon is 1" code_is 1 gsakmpctl -s "$stage/gcksd.sock" join
claim "a token that is none is refused: 1" code_is 1 gsakmpctl -s "$stage/gcksd.sock" publish \
    "$stage/weather.xml"
claim "evicting a non-name is refused: 1" code_is 1 gsakmpctl -s "$stage/gcksd.sock" evict "a=b=c,"
claim "the server ends cleanly" stop gcksd
claim "and removes its socket" test ! -e "$stage/gcksd.sock"

verdict
