/* SPDX-License-Identifier: Apache-2.0 */
/* Families 03, 04, 05 and 09: the group, and who may do what in it. */
#include "token/catalogue.h"

static const struct finding_rule identifiers[] = {
    {"GT0301", "token-version", NULL, FINDING_ERROR, "RFC 4534 3.1", "tokenDefVersion is not 1.",
     "No other version is defined.", "Compile the policy anew."},
    {"GT0302", "edition", NULL, FINDING_ERROR, "profile 11.5, 11.13", "The edition is below 1.",
     "Editions are 1 to 2^63 - 1, and grow.", "Begin with 1."},
    {"GT0303", "other-group", NULL, FINDING_ERROR, "profile 2.1",
     "The token is for another group than the one that was asked about.",
     "A host that is configured for one group takes no token of another.",
     "Use the token of this group, or correct the Group ID."},
    {"GT0304", "group-size", NULL, FINDING_ERROR, "RFC 4535 7.1",
     "The group's name has more than 255 octets.", "No header has room for it.",
     "Choose a shorter name; 8 random octets and a name are the default."},
};
const struct finding_family catalogue_identifiers =
    CATALOGUE_FAMILY("03", "Identifiers and editions", identifiers);

static const struct finding_rule roles[] = {
    {"GT0401", "tolerate-unknown-protocols", NULL, FINDING_ERROR, "RFC 4534 3, 2",
     "An unknown protocol stands beside known ones, and local policy does not tolerate that.",
     "Nobody can say what the unknown one permits.",
     "Leave it out, or have hosts tolerate it (tolerate_unknown_protocols)."},
    {"GT0402", "unknown-protocol", NULL, FINDING_WARNING, "RFC 4534 3",
     "An unknown protocol stands in the token.",
     "This version ignores it where local policy tolerates it; other hosts may not.",
     "Leave it out unless some members run it."},
    {"GT0403", "gcks-none", NULL, FINDING_WARNING, "RFC 4534 B.1.1",
     "A registration names no GC/KS.", "Nobody may serve it, so nobody can join by it.",
     "Name the server in <gcks>."},
};
const struct finding_family catalogue_roles =
    CATALOGUE_FAMILY("04", "Roles and authorization", roles);

static const struct finding_rule access[] = {
    {"GT0501", "rule-unjudgeable", "name-syntax name-size name-der", FINDING_ERROR, "profile 11.18",
     "A rule or exclusion cannot be judged: its name does not parse, or its type is of no table.",
     "An exclusion that nobody can judge would let in whom it names.",
     "Write the name as RFC 4514 has it, last RDN first, without blanks after the commas."},
    {"GT0502", "permission-range", NULL, FINDING_ERROR, "RFC 4534 B.1.2",
     "A permission is none of 1 to 9.", "The module defines nine levels.",
     "Write levels from 1 to 9."},
};
const struct finding_family catalogue_access =
    CATALOGUE_FAMILY("05", "Access rules and exclusions", access);

static const struct finding_rule distributed[] = {
    {"GT0901", "subordinates-idle", NULL, FINDING_WARNING, "profile 11.10; RFC 4534 B.5.4",
     "Subordinates are named by subGCKS, and the rekey policy in force has no autonomous scheme.",
     "Nobody accepts keys from them.",
     "Name them in <rekey scheme=\"autonomous\"> too, or leave them out."},
};
const struct finding_family catalogue_distributed =
    CATALOGUE_FAMILY("09", "Distributed operation", distributed);
