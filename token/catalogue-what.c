/* SPDX-License-Identifier: Apache-2.0 */
/* Families 06 and 07: how members join, and what has to fit what. */
#include "token/catalogue.h"

static const struct finding_rule mechanisms[] = {
    {"GT0601", "not-run", "unknown-algorithm", FINDING_ERROR, "profile 11.13, 6.7",
     "Something that the token demands is not run by this version.",
     "A GC/KS serves every mechanism of its token, or does not start.",
     "Use what gsakmp-token(1) lists as run, or hosts that run it."},
    {"GT0602", "tolerate-suite-1", NULL, FINDING_ERROR, "profile 10, 11.14; RFC 4535 3.3",
     "Suite 1, or SHA-1 in a signature, is demanded, and local policy does not tolerate it.",
     "DSA with SHA-1 and 1024-bit Diffie-Hellman can be broken: whoever does reads the group or "
     "runs it.",
     "Use the recommended mechanism; where old hosts must join, have hosts say tolerate_suite_1."},
    {"GT0603", "mechanisms", NULL, FINDING_ERROR, "RFC 4534 2",
     "A mechanism is not among those that local policy allows.",
     "A GC/KS serves all of a token's mechanisms or none.",
     "Leave it out of the token, or allow it in the hosts' configuration (mechanisms)."},
    {"GT0604", "mechanism-left-out", NULL, FINDING_WARNING, "profile 6.2, 6.7",
     "A mechanism is left out by this host.",
     "Members that know only this mechanism cannot join here.",
     "Leave it out of the token, or allow it in the hosts' configuration."},
    {"GT0605", "mechanism-weak", NULL, FINDING_WARNING, "profile 10; RFC 4535 3.3",
     "A mechanism is weak.",
     "Whoever breaks DSA with SHA-1 or a 1024-bit Diffie-Hellman group reads or runs the group.",
     "Use the recommended mechanism."},
    {"GT0606", "mechanism-count", NULL, FINDING_ERROR, "profile 6.2",
     "The token has more than 32 JoinMechanisms.", "No host tries so many.",
     "Keep the few that members need, the best first."},
    {"GT0607", "time-out", NULL, FINDING_ERROR, "RFC 4534 B.1.3; profile 6.4",
     "A timeOut is not within 1 s and a day.", "It drives the timers of each registration.",
     "Write some seconds, 20 to 60 for most networks."},
    {"GT0608", "no-mechanism", "mechanisms-left-out", FINDING_ERROR, "profile 6.7, 9.1",
     "No JoinMechanism of the token can be run.", "Nobody can join.",
     "Give the registration a mechanism that this version runs."},
    {"GT0609", "mechanism-repeated", NULL, FINDING_WARNING, "profile 6.2",
     "A JoinMechanism equals an earlier one.",
     "The first that equals what a member asks for is taken, with the access rules of its "
     "registration: whoever stands only in the rules of the second is refused.",
     "Put the rules into one registration, or give each registration a mechanism of its own."},
    {"GT0610", "mechanism-order", NULL, FINDING_WARNING, "profile 6.7",
     "A weaker mechanism stands before a stronger one.",
     "The order is the preference: members go up to what stands before theirs, so all end on the "
     "weaker one.",
     "Order the mechanisms by strength, the strongest first."},
    {"GT0611", "weak-beside-strong", NULL, FINDING_WARNING, "profile 6.7, 10; RFC 4535 3.3",
     "A weak mechanism stands beside stronger ones.",
     "All mechanisms hand out the same keys: whoever breaks the weakest holds what the others "
     "protect.",
     "Drop the weak mechanism, or make a group of its own for the hosts that need it."},
    {"GT0612", "creation-unbound", NULL, FINDING_NOTICE, "profile 7.1, 7.2",
     "A key is created by a Diffie-Hellman group of RFC 4535's tables.",
     "The key that results binds neither the names nor the nonces of the exchange, as those of "
     "X25519 and P-256 do here, and 2048 bits of modulus give about 112 bits of strength.",
     "Prefer key-creation X25519 or ECDH P-256."},
    {"GT0613", "gtpk-unauthenticated", NULL, FINDING_WARNING, "profile 9.3, 8.2, 8.7",
     "The first JoinMechanism makes the group's keys CBC keys.",
     "Data and tokens under such a key can be changed unnoticed unless something else "
     "authenticates them, and the raw key encrypts tokens too.",
     "Let a mechanism with AES-GCM or ChaCha20-Poly1305 stand first."},
    {"GT0614", "creation-data", NULL, FINDING_WARNING, "RFC 4534 B.1.3; profile 7.1, 7.2",
     "keyCreationData stands with a key creation type that takes none.",
     "Nobody reads it, so the policy does not do what its author expected of it.",
     "Leave keyCreationData out."},
    {"GT0615", "mode-mixed", NULL, FINDING_WARNING, "profile 6.5",
     "Some JoinMechanisms are terse and some verbose.",
     "Before a mechanism is known the group is verbose only when all are: members of the verbose "
     "one wait for answers that do not come.",
     "Give all mechanisms one mode; terse tells strangers nothing."},
    {"GT0616", "time-out-short", NULL, FINDING_WARNING, "profile 12.2, 12.3",
     "A timeOut leaves no room for the resends of a Key Download.",
     "A server sends a lost one again up to three times, at most once a second; a session that "
     "ends before loses members on busy networks.",
     "Write 20 to 60 seconds."},
    {"GT0617", "registration-closed", NULL, FINDING_WARNING, "profile 6.4; RFC 4534 B.1.3",
     "A timeOut is a moment that has passed.",
     "It is a deadline: every session by this mechanism has ended before it begins, and nobody can "
     "join.",
     "Write an interval as \"30 s\", or a moment to come."},
};
const struct finding_family catalogue_mechanisms = CATALOGUE_FAMILY("06", "Mechanisms", mechanisms);

static const struct finding_rule sizes[] = {
    {"GT0701", "download-datagram", NULL, FINDING_WARNING, "profile 1.2; RFC 4535 9.1",
     "A Key Download with this token may not fit a datagram, and members register by UDP.",
     "The token, the certificates of the server and the member's keys travel in one message.",
     "Write fewer rules, or have members register by TCP."},
    {"GT0702", "download-fragments", NULL, FINDING_NOTICE, "profile 1.2; RFC 4535 9.1",
     "The signed token is longer than one packet, and members register by UDP.",
     "The Key Download that carries it travels in several fragments: one that is lost costs the "
     "whole, and some firewalls pass none.",
     "Nothing, where fragments pass; else have members register by TCP, or write fewer rules."},
    {"GT0703", "event-datagram", NULL, FINDING_WARNING, "profile 1.5, 9.7",
     "A Rekey Event with this token may not fit a datagram.",
     "A token that cannot travel in one reaches no member that has joined: publish refuses it.",
     "Write fewer rules: wildcards instead of lists of names."},
    {"GT0704", "token-room", NULL, FINDING_NOTICE, "profile 11.17",
     "The token fills more than nine tenths of what a payload takes.",
     "The next exclusions may not fit, just when somebody has to be kept out.",
     "Write fewer rules while there is time for it."},
    {"GT0705", "tree-capacity", NULL, FINDING_WARNING, "RFC 4535 A.3.1",
     "The group is to have more members than a server's key tree takes by default.",
     "A full tree refuses whoever comes next.",
     "Set capacity in gcksd.conf before the group is made, or make several groups."},
};
const struct finding_family catalogue_sizes = CATALOGUE_FAMILY("07", "Transport and sizes", sizes);
