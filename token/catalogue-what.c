/* SPDX-License-Identifier: Apache-2.0 */
/* Families 06, 07, 08, 10, 12 and 15: what the group runs. */
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
};
const struct finding_family catalogue_mechanisms = CATALOGUE_FAMILY("06", "Mechanisms", mechanisms);

static const struct finding_rule sizes[] = {
    {"GT0701", "download-datagram", NULL, FINDING_WARNING, "profile 1.2; RFC 4535 9.1",
     "A Key Download with this token may not fit a datagram, and members register by UDP.",
     "The token, the certificates of the server and the member's keys travel in one message.",
     "Write fewer rules, or have members register by TCP."},
};
const struct finding_family catalogue_sizes = CATALOGUE_FAMILY("07", "Transport and sizes", sizes);

static const struct finding_rule rekey[] = {
    {"GT0801", "rekey-number", NULL, FINDING_ERROR, "RFC 4534 B.5",
     "A number of the rekey policy is out of the range that is run.",
     "Timers and counters follow from it.", "Write a number of the range that the sentence says."},
    {"GT0802", "rekey-post", NULL, FINDING_ERROR, "RFC 4534 B.5.3.3",
     "Rekey messages are posted at an empty address.", "Nobody could fetch them.",
     "Write the address, or use resend."},
    {"GT0803", "rekey-weak", NULL, FINDING_WARNING, "profile 10",
     "The rekey is signed with Suite 1's DSS-SHA1.",
     "Whoever forges such a signature hands out keys of his own.",
     "Sign the rekey with the recommended signature."},
    {"GT0804", "rekey-unknown-method", NULL, FINDING_WARNING, "RFC 4534 B.5.2; profile 11.10",
     "A rekey entry has an unknown method and is passed over.",
     "The next entry that is known is in force instead.", "Leave the entry out."},
    {"GT0805", "rekey-never", NULL, FINDING_WARNING, "RFC 4534 B.5.1",
     "Nothing ever rekeys the group.",
     "Whoever once held the key reads the group for ever; only an eviction changes it.",
     "Rekey by time, by events, or both."},
};
const struct finding_family catalogue_rekey = CATALOGUE_FAMILY("08", "Rekey", rekey);

static const struct finding_rule data[] = {
    {"GT1001", "kmkeyid", NULL, FINDING_ERROR, "profile 9.1",
     "A kMKeyID is not 4 octets of 80000000 or above.", "Lower numbers are those of the key tree.",
     "Write 80000001 and up."},
    {"GT1002", "key-expiration", NULL, FINDING_ERROR, "RFC 4534 C.1; profile 9.4",
     "A keyExpirationDate is an interval below 1 s.", "The key would be dead when it is made.",
     "Write a longer interval, or leave the date out."},
    {"GT1003", "key-count", NULL, FINDING_ERROR, "profile 9.2",
     "The token names more than 16 keys.", "No host holds so many.", "Name fewer keys."},
    {"GT1004", "no-key", NULL, FINDING_ERROR, "profile 9.1",
     "The token names no key: it cannot run a group.", "There is nothing that could be handed out.",
     "Name at least one key in <data>."},
    {"GT1005", "data-keyless", NULL, FINDING_NOTICE, "RFC 4534 C.1",
     "A data protocol names no key.", "Nothing protects its data by this token.",
     "Name a key, or leave the entry out."},
};
const struct finding_family catalogue_data = CATALOGUE_FAMILY("10", "Data policy", data);

static const struct finding_rule errata[] = {
    {"GT1201", "erratum-oid", NULL, FINDING_WARNING, "profile 11.1; RFC 4534 5",
     "A protocol has an object identifier that is an erratum of RFC 4534's modules.",
     "It is read, and never written; other readers may not know it.",
     "Compile and sign the policy anew."},
};
const struct finding_family catalogue_errata = CATALOGUE_FAMILY("12", "Errata and forms", errata);

static const struct finding_rule departure[] = {
    {"GT1501", "leave-not-run", NULL, FINDING_WARNING, "RFC 4534 B.3; profile 12.10",
     "A LeaveMechanism names algorithms that this version does not run.",
     "A member that asks to leave by it gets no answer from a host of this version.",
     "Name the signature and nonce hash of a mechanism that is run."},
};
const struct finding_family catalogue_departure =
    CATALOGUE_FAMILY("15", "De-registration", departure);
