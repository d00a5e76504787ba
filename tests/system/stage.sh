# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# stage.sh: what the demonstration and the system tests share. Sourced. Makes a PKI with
# certtool, policies, announcements and configurations in $stage, starts and stops daemons on
# loopback, and keeps the account of claims.
#
#   top_builddir   where the programs were built [build]
#   KEEP=1         leaves $stage behind

build=${top_builddir:-build}
PATH="$build:/usr/sbin:/sbin:$PATH"
stage=$(mktemp -d "${TMPDIR:-/tmp}/gsakmp-stage.XXXXXX") || exit 2
pids=
claims_held=0
claims_failed=0
# Ports, sixteen a run, and the multicast address follow from the process number, so that runs
# side by side do not meet.
port=$((20000 + $$ % 1250 * 16))
rekey_port=$((port + 20001 - $$ % 3))
rekey_address=239.255.$(($$ / 250 % 250 + 1)).$(($$ % 250 + 1))
# Where servers and members are, and by which interface multicast goes.
host=127.0.0.1
interface=127.0.0.1
group_random=$(printf '%08x%08x' $$ "$(date +%s)")

# The loopback interface of Linux does no IPv6 multicast; any other that is up and multicasts
# does, in a scope that never leaves the host (ff11, RFC 4291 2.7).
ipv6_multicast() {
    while read -r if_address if_rest; do
        if_name=${if_rest##* }
        if_flags=$(cat "/sys/class/net/$if_name/flags")
        if [ "$if_address" != 00000000000000000000000000000001 ] &&
            [ $((if_flags & 0x1001)) -eq $((0x1001)) ]; then
            echo "$if_name"
            return
        fi
    done 2>/dev/null </proc/net/if_inet6
}

end_stage() {
    for pid in $pids; do
        kill "$pid" 2>/dev/null
    done
    wait 2>/dev/null
    if [ -n "${KEEP-}" ]; then
        echo "left in $stage"
    else
        rm -rf "$stage"
    fi
}
trap end_stage EXIT
trap 'exit 2' INT TERM HUP

could_not() {
    echo "could not: $*" >&2
    exit 2
}

say() { printf '\n== %s\n' "$*"; }

# claim TEXT COMMAND...: the command's success is the claim's.
claim() {
    claim_text=$1
    shift
    if "$@" >"$stage/claim.out" 2>&1; then
        claims_held=$((claims_held + 1))
        echo "  ok    $claim_text"
    else
        claims_failed=$((claims_failed + 1))
        echo "  FAILS $claim_text"
        sed 's/^/        /' "$stage/claim.out" | tail -n 12
    fi
}

# must TEXT COMMAND...: a claim without which the rest is not worth trying.
must() {
    must_failed=$claims_failed
    claim "$@"
    [ $claims_failed -eq $must_failed ] && return
    for must_file in "$stage"/*.out "$stage"/*.log; do
        echo "-- $must_file"
        tail -n 8 "$must_file"
    done
    verdict
    exit 1
}

# The command must fail.
fails() { ! "$@"; }

# wait_for SECONDS COMMAND...: tries every tenth of a second.
wait_for() {
    wait_left=$(($1 * 10))
    shift
    while ! "$@" >/dev/null 2>&1; do
        wait_left=$((wait_left - 1))
        [ $wait_left -gt 0 ] || {
            "$@"
            return 1
        }
        sleep 0.1
    done
}

verdict() {
    printf '\n%d claims held, %d failed\n' $claims_held $claims_failed
    [ $claims_failed -eq 0 ] && [ $claims_held -gt 0 ]
}

# --- PKI -----------------------------------------------------------------------------------

# What certtool is told of keys, and of how certificates are signed.
key_type=${key_type:---key-type=ed25519}
cert_hash=

make_key() { # NAME
    # shellcheck disable=SC2086 # options
    (umask 077 && certtool --generate-privkey $key_type --outfile "$stage/$1.key") \
        >>"$stage/certtool.log" 2>&1 || could_not "make a key for $1"
}

# use_suite NAME: the suite of everybody on this stage, by its name or as four algorithms with
# commas between them. Sets what make_key does, `mechanism` for a policy, `group_lines` for
# configurations, and `tolerate` for gsakmp-token where the suite must be tolerated.
use_suite() {
    case $1 in
    1 | suite-1) mechanism='suite="suite-1"' suite_signature=DSS-SHA1 ;;
    recommended | recommended-aes128 | recommended-chacha20) mechanism="suite=\"$1\"" suite_signature=Ed25519 ;;
    p256 | p256-aes128 | p256-chacha20) mechanism="suite=\"$1\"" suite_signature='ECDSA P-256' ;;
    *,*,*,*)
        mechanism=$(echo "$1" | sed 's/ *, */,/g;s/^\([^,]*\),\([^,]*\),\([^,]*\),\([^,]*\)$/signature="\1" nonce-hash="\2" key-creation="\3" key-wrap="\4"/')
        suite_signature=${1%%,*}
        ;;
    *) return 1 ;;
    esac
    group_lines='' tolerate=''
    case $suite_signature in
    DSS-SHA1)
        key_type='--key-type=dsa --bits=1024' cert_hash='--hash=sha1'
        group_lines='tolerate_suite_1 = true' tolerate=--tolerate-suite-1
        ;;
    Ed25519) key_type=--key-type=ed25519 ;;
    'ECDSA P-256') key_type='--key-type=ecdsa --curve=secp256r1' ;;
    'ECDSA P-384' | ECDSA-P384-SHA3) key_type='--key-type=ecdsa --curve=secp384r1' ;;
    RSA-PSS) key_type='--key-type=rsa --bits=2048' ;;
    *) return 1 ;;
    esac
}

make_root() { # NAME DN
    make_key "$1"
    printf 'dn = "%s"\nca\ncert_signing_key\ncrl_signing_key\nexpiration_days = 30\n' "$2" \
        >"$stage/$1.tmpl"
    # shellcheck disable=SC2086 # an option
    certtool --generate-self-signed $cert_hash --load-privkey "$stage/$1.key" --template "$stage/$1.tmpl" \
        --outfile "$stage/$1.pem" >>"$stage/certtool.log" 2>&1 || could_not "make root $1"
}

make_cert() { # NAME DN [ISSUER]
    issuer=${3:-root}
    make_key "$1"
    printf 'dn = "%s"\nsigning_key\nexpiration_days = 30\n' "$2" >"$stage/$1.tmpl"
    # shellcheck disable=SC2086 # an option
    certtool --generate-certificate $cert_hash --load-privkey "$stage/$1.key" \
        --load-ca-certificate "$stage/$issuer.pem" --load-ca-privkey "$stage/$issuer.key" \
        --template "$stage/$1.tmpl" --outfile "$stage/$1.pem" >>"$stage/certtool.log" 2>&1 ||
        could_not "certify $1"
}

# --- the owner -------------------------------------------------------------------------------

export XDG_STATE_HOME="$stage/state"

# new_group NAME: what `sign` has to be told of $stage/NAME.xml whose group the ledger lacks.
new_group() {
    group_of_policy=$(gsakmp-token show --format json "$stage/$1.xml" |
        sed -n '/"groupName"/,/}/s/.*"hex": "\([0-9a-f]*\)".*/\1/p')
    gsakmp-token ledger show 2>/dev/null | grep -q "^group $group_of_policy[: ]" || echo --new-group
}

# make_token NAME: $stage/NAME.xml -> NAME.der -> NAME.pt
make_token() {
    # shellcheck disable=SC2046,SC2086 # options or none
    gsakmp-token compile "$stage/$1.xml" -o "$stage/$1.der" &&
        gsakmp-token sign --yes $(new_group "$1") ${tolerate-} --key "$stage/owner.key" \
            --cert "$stage/owner.pem" "$stage/$1.der" -o "$stage/$1.pt"
}

# --- daemons ----------------------------------------------------------------------------------

start() { # NAME PROGRAM
    "$2" -c "$stage/$1.conf" >"$stage/$1.out" 2>&1 &
    eval "pid_$1=$!"
    pids="$pids $!"
}

stop() { # NAME
    eval "stop_pid=\$pid_$1"
    kill "$stop_pid" 2>/dev/null
    wait "$stop_pid"
}

gcks_conf() { # NAME TOKEN
    cat >"$stage/$1.conf" <<END
control = "$stage/$1.sock"
log_file = "$stage/$1.log"
log_level = "debug"
listen = {"$host:$port"}
multicast_loop = true

group "demo" {
    announcement = "demo.announcement"
    token = "$2"
    key = "$1.key"
    certificates = {"$1.pem"}
    interface = "$interface"
    ${group_lines-}
    ${gcks_lines-}
}
END
}

member_conf() { # NAME [LINES]
    cat >"$stage/$1.conf" <<END
control = "$stage/$1.sock"
log_file = "$stage/$1.log"
log_level = "debug"
bind = "$host"

group "demo" {
    announcement = "demo.announcement"
    key = "$1.key"
    certificates = {"$1.pem"}
    interface = "$interface"
    rtj_every_ms = 1000
    back_off_ms = 2000
    ${group_lines-}
    activation = ${activation:-1}
    overlap = ${overlap:-3}
    ${2-}
}
END
}

ctl() { # NAME ARGUMENTS...
    ctl_name=$1
    shift
    gsakmpctl -s "$stage/$ctl_name.sock" "$@"
}

status_is() { # NAME FIELD VALUE
    ctl "$1" status | grep -qx "$2 *$3"
}

joined() { status_is "$1" state 'Wait for Group Membership Event'; }

# What openssl takes: the key, and KeyID and handle as its identifier.
key_of() { ctl "$1" key demo | awk '{print $4}'; }
key_id_of() { ctl "$1" key demo | awk '{print $1 $2}'; }

same_key() { # NAME NAME...
    same_first=$(ctl "$1" key demo) && [ -n "$same_first" ] || return 1
    for same_name; do
        [ "$(ctl "$same_name" key demo)" = "$same_first" ] || return 1
    done
}

seal() { # MEMBER IN OUT [OPTION]
    gsakmp-seal -s "$stage/$1.sock" -g demo ${4-} -o "$3" "$2"
}

opens() { # MEMBER SEALED TEXT [OPTION]
    opened=$(gsakmp-open -s "$stage/$1.sock" -g demo ${4-} "$2") || return 1
    [ "$opened" = "$3" ] || {
        echo "opened as: $opened"
        return 1
    }
}

# The same by OpenSSL. Its arguments show the key to all users of the host: for tests alone.
openssl_seal() { # MEMBER IN OUT
    openssl cms -encrypt -binary -aes-256-cbc -secretkey "$(key_of "$1")" \
        -secretkeyid "$(key_id_of "$1")" -in "$2" -outform DER -out "$3"
}

openssl_opens() { # MEMBER SEALED TEXT
    [ "$(open_with "$(key_of "$1")" "$(key_id_of "$1")" "$2")" = "$3" ]
}

open_with() { # KEY KEYID IN
    openssl cms -decrypt -binary -secretkey "$1" -secretkeyid "$2" -inform DER -in "$3"
}
