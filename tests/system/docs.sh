#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs.sh: every command that README, the manual pages and the samples show is taken out of their
# text and run, in the order of the text; and --help, the pages and the programs agree on the
# options. Only addresses, folders and the name of "your-application" are put in place.
. "$(dirname "$0")/stage.sh"
top=$(cd "${top_srcdir:-.}" && pwd)
build=$(cd "$build" && pwd)
PATH="$build:$PATH"
programs='gsakmp-token gcksd gsakmpd gsakmpctl gsakmp-seal gsakmp-open'
any='(gsakmp-token|gcksd|gsakmpd|gsakmpctl|gsakmp-seal|gsakmp-open|openssl)'

# --- commands in the text, one a line ----------------------------------------------------------

# Lines indented by 5 blanks (README) or behind "$ " and .Dl (pages), with what follows a
# backslash at their end.
shown_in() {
    sed 's/\\e$/\\/' "$1" | awk -v any="^$any( |\$)" '
        on { sub(/^ +/, ""); line = line " " $0 }
        !on && /^     [a-z.]/ { line = substr($0, 6); on = line ~ any }
        !on && /^(\$|\.Dl) / { line = substr($0, index($0, " ") + 1); on = 1 }
        on { if (sub(/ *\\$/, "", line)) next; print line; on = 0 }'
}
# In sentences: `...` and .Ql, .Ic, .Li of a program with arguments.
named_in() {
    grep -ohE '`[^`]+`' "$1" | tr -d '`' | grep -E "^$any "
    sed -nE "s/^\.(Ql|Ic|Li|Pq Ic) ($any .*[^ ,;.]).*/\2/p" "$1"
}

replace_addresses() {
    sed "s#192\.0\.2\.1:3761#$host:$port#; s#gcks\.example\.org#$host:$port#
        s#239\.[0-9]*\.[0-9]*\.[0-9]*:3762#$rekey_address:$rekey_port#
        s#your-application#cat#; s#/run/gsakmp/#$stage/#" |
        sed -E "/ -s /!s#^(gsakmp-seal|gsakmp-open|gsakmpctl) #\\1 -s gsakmpd.sock #"
}

# --- a place for them --------------------------------------------------------------------------

say "A place as the text has it"
make_root root "CN=Root,O=Acme,C=US"
make_root intermediate "CN=Intermediate,O=Acme,C=US"
make_cert owner "CN=Owner,OU=Owners,O=Acme,C=US"
make_cert gcks "CN=GCKS,OU=Servers,O=Acme,C=US"
make_cert host "CN=host,OU=Members,O=Acme,C=US"
make_cert eve "CN=eve,OU=Members,O=Acme,C=US"
cd "$stage" || exit 2
sed "s#/run/gsakmp/#$stage/#; s#0\.0\.0\.0:3761#$host:$port#" "$top/etc/gcksd.conf" >gcksd.conf
sed "s#/run/gsakmp/#$stage/#" "$top/etc/gsakmpd.conf" >gsakmpd.conf
sed "s#gsakmpd.sock#eve.sock#; s#host\.#eve.#g" gsakmpd.conf >eve.conf

serves() { [ -S gcksd.sock ] && gsakmpctl -s gcksd.sock members >/dev/null; }
is_in() { gsakmpctl -s "$1.sock" status | grep -q '^state *Wait for Group Membership Event'; }
running() { [ -S "$1" ] && gsakmpctl -s "$1" status >/dev/null 2>&1; }

# What a command finds that a reader of the text would have at hand by then.
prepare() {
    case $1 in
    *' --cert people/'* | *' --certs people '*) mkdir -p people && cp host.pem eve.pem people ;;
    *' key '*) wait_for 15 is_in gsakmpd || return 1 ;;
    *' evict '*)
        running gcksd.sock || { start gcksd gcksd && wait_for 15 serves; }
        running eve.sock || start eve gsakmpd
        wait_for 20 is_in eve || return 1
        ;;
    *weather-2.pt)
        sleep 1
        sed 's/edition="1"/edition="2"/' weather.xml >weather-2.xml && make_token weather-2
        ;;
    *' -o report.cms '*) echo "a report" >report.txt ;;
    *' report.cms')
        [ -e report.cms ] || { prepare ' -o report.cms ' &&
            gsakmp-seal -s gsakmpd.sock -o report.cms report.txt; } || return 1
        rm -f report.txt
        ;;
    *' -o first.xml') rm -f first.xml ;;
    *' -o weather.xml') rm -f weather.xml ;;
    esac
}

# One command. A daemon goes on; whether it serves is seen at once.
run() {
    prepare "$1" || return 1
    case $1 in
    'gcksd -c gcksd.conf')
        running gcksd.sock || start gcksd gcksd
        wait_for 15 serves
        ;;
    'gsakmpd -c gsakmpd.conf')
        running gsakmpd.sock || start gsakmpd gsakmpd
        wait_for 15 is_in gsakmpd
        ;;
    # Needs the library installed: consumers.sh compiles that example, that way, and runs it.
    'cc example.c '*) grep -q 'pkg-config.*example\|compile .*example.c' "$top/tests/system/consumers.sh" ;;
    # The owner, who looks and says yes.
    'gsakmp-token sign '*)
        echo y >answers
        if on-terminal /dev/null true; then
            on-terminal answers sh -c "$1"
        else
            sh -c "$1 --yes"
        fi
        ;;
    # 1 says that something differs.
    'gsakmp-token diff '* | 'gsakmp-token explain '*) sh -c "$1" || [ $? -eq 1 ] ;;
    *) sh -c "$1" ;;
    esac
}

# Files that a text shows, under the name in their first line.
files_of() {
    awk '/^<!-- [a-z0-9.-]+ -->$/ { name = $2 } /^\.Ed/ { name = "" } name { print >name }' "$1"
}

# all FILE LEAST EXTRACT: runs what the file shows, at least so many.
all() {
    "$3" "$1" | replace_addresses >commands
    # Each text is another reader's, who begins.
    rm -f "$XDG_STATE_HOME/gsakmp/ledger"
    claim "${1##*/} shows $2 commands or more" test "$(wc -l <commands)" -ge "$2"
    while read -r line <&3; do
        claim "$line" run "$line" 3<&-
    done 3<commands
}

say "README"
all "$top/README" 12 shown_in

say "The pages"
for page in "$top"/doc/*.[1358]; do
    case $page in
    */gsakmp-token.1) all "$page" 8 shown_in ;;
    */gsakmpctl.1) all "$page" 1 shown_in ;;
    */gsakmp-policy.5)
        mkdir -p people && cp host.pem eve.pem people && files_of "$page"
        claim "the tutorial has its files" test -s radar.xml -a -s radar-2.xml
        all "$page" 8 shown_in
        ;;
    *) all "$page" 0 shown_in ;;
    esac
done

say "The comments of the samples"
for sample in "$top"/etc/*.conf; do
    all "$sample" 0 named_in
done

# --- commands that sentences name -----------------------------------------------------------

# A program and its command, with or without arguments: the program knows it.
known() {
    # shellcheck disable=SC2086
    set -- $1
    case $1 in
    gsakmp-token) gsakmp-token "$2" --help ;;
    gsakmpctl) gsakmpctl --help | grep -qwe "$2" ;;
    openssl)
        for word in "$@"; do
            case $word in
            -*) openssl "$2" -help 2>&1 | grep -qe "$word " || return 1 ;;
            esac
        done
        ;;
    *) "$1" --help | grep -qwe "$2" ;;
    esac
}
say "What sentences name"
for file in "$top"/README "$top"/doc/*.[1358] "$top"/doc/*.md "$top"/etc/policies/*.xml; do
    named_in "$file"
done | grep -v ': ' | sort -u >commands
claim "they name 5 or more" test "$(wc -l <commands)" -ge 5
while read -r line <&3; do
    claim "$line" known "$line" 3<&-
done 3<commands

# --- building -------------------------------------------------------------------------------

say "Scripts and make targets of README"
for script in $(grep -oE '\./[a-z-]+' "$top/README" | sort -u); do
    claim "$script is there" test -x "$top/$script" -o "$script" = ./configure
done
for target in $(grep -oE '\bmake [a-z-]+' "$top/README" | cut -d' ' -f2 | sort -u); do
    claim "make $target has rules" grep -qE "^([a-z-]+ )*$target( [a-z-]+)*:" "$build/Makefile"
done

# --- options --------------------------------------------------------------------------------

# Long options of a text, one a line.
options_of() { grep -oE -e '--[a-z][a-z0-9-]*' | sort -u; }
# Of a page: .Fl -name, also behind a comma.
options_of_page() {
    sed -n '/^\.It Fl/p; /^\.Op Fl/p; /^\.Fl/p; /^\.Cm .* Fl -/p; /^\.It Cm .*Fl -/p' |
        sed 's/\\(dq//g; s/,/ /g' | tr ' ' '\n' | sed -n 's/^-\([a-z][a-z0-9-]*\)$/--\1/p' | sort -u
}
# Each option of the file $1 is in the file $2.
all_in() {
    while read -r option; do
        grep -qxe "$option" "$2" || {
            echo "$option is missing"
            return 1
        }
    done <"$1"
}
# section COMMAND: what gsakmp-token(1) says of it.
section() {
    awk -v c="$1" '/^\.Sh/ { on = 0 } /^\.It Cm/ { on = $3 == c } on' "$top/doc/gsakmp-token.1"
}

say "--help and the pages"
for command in init compile sign verify show diff explain announce ledger; do
    gsakmp-token $command --help | options_of >help
    section $command | options_of_page >page
    printf '%s\n' --help --output | sort - page >page-and-common
    claim "gsakmp-token $command: the page has what --help has" all_in help page-and-common
    printf '%s\n' --help | sort - help >help-and-common
    claim "gsakmp-token $command: --help has what the page has" all_in page help-and-common
done
for program in gcksd gsakmpd gsakmpctl gsakmp-seal gsakmp-open; do
    page=$(ls "$top/doc/$program".[18])
    $program --help | options_of >help
    options_of_page <"$page" >page
    printf '%s\n' --config --help --socket --group --version | sort - page >page-and-common
    claim "$program: the page has what --help has" all_in help page-and-common
    claim "$program: --help has what the page has" all_in page help
done
for program in $programs; do
    page=$(ls "$top/doc/$program".[18])
    claim "$(basename "$page") is well-formed" sh -c "command -v mandoc >/dev/null || exit 0
        mandoc -T lint -W error '$page'"
done

verdict
