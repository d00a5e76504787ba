#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `make install` leaves works where it stands and names its own places, and
# `make uninstall` takes all of it away.
set -u
srcdir=${top_srcdir:-.} builddir=${top_builddir:-.}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0 count=0

claim() {
    count=$((count + 1))
    what=$1
    shift
    if "$@" >"$work/out" 2>&1; then
        echo "ok $count - $what"
    else
        failures=$((failures + 1))
        echo "not ok $count - $what"
        sed 's/^/    /' "$work/out"
    fi
}

root=$work/root
files() { find "$root" ! -type d | sort; }
quiet() { ${MAKE:-make} -s -C "$builddir" "$@" DESTDIR="$root" MAKEFLAGS=; }
says_version() { "$1" --version | grep -q "$(basename "$1")"; }
says_help() { "$1" --help | grep -qi usage; }
at() { find "$root" -type f -name "$1"; }
no_leftovers() { ! grep -rl '@[a-z]*@' "$(dirname "$(at COPYING)")"; }
page_for() { [ -n "$(at "$1.[18]")" ]; }
# Files that a page names under the documents' folder are there.
named_files() {
    named=$(grep -hoE '/[a-zA-Z0-9/._-]*/doc/gsakmp/[a-zA-Z0-9/._-]*' $(at '*.[1358]') | sort -u)
    [ -n "$named" ] || return 1
    for file in $named; do ls "$root$file" || return 1; done
}
unit_starts() { # DAEMON
    started=$(sed -n 's/^ExecStart=\([^ ]*\) .*/\1/p' "$(at "$1.service")")
    [ -n "$started" ] && [ -x "$root$started" ] && [ "$(basename "$started")" = "$1" ]
}
empty() { [ -z "$(files)" ]; }

claim "it installs below DESTDIR" quiet install
for program in gsakmp-token gsakmpctl gcksd gsakmpd gsakmp-seal gsakmp-open; do
    claim "$program says its version" says_version "$(at $program)"
    claim "$program --help shows its usage" says_help "$(at $program)"
    claim "$program has its page" page_for "$program"
done
claim "nothing is left to fill in" no_leftovers
claim "every file that a page names is installed" named_files
for daemon in gcksd gsakmpd; do
    claim "the unit of $daemon starts the installed one" unit_starts $daemon
done
claim "an installed sample policy compiles" "$(at gsakmp-token)" compile \
    "$(at minimal.xml)" -o "$work/minimal.der"
claim "it uninstalls" quiet uninstall
claim "and leaves nothing" empty

echo "1..$count"
[ "$failures" -eq 0 ]
