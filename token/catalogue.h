/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_CATALOGUE_H
#define TOKEN_CATALOGUE_H
/*
 * The rules of the catalogue, a family a list; only token/catalogue*.c include this. Numbers
 * are given once: a rule that goes leaves its number empty.
 */
#include "token/finding.h"

extern const struct finding_family catalogue_form;
extern const struct finding_family catalogue_envelope;
extern const struct finding_family catalogue_identifiers;
extern const struct finding_family catalogue_roles;
extern const struct finding_family catalogue_access;
extern const struct finding_family catalogue_mechanisms;
extern const struct finding_family catalogue_sizes;
extern const struct finding_family catalogue_rekey;
extern const struct finding_family catalogue_distributed;
extern const struct finding_family catalogue_data;
extern const struct finding_family catalogue_time;
extern const struct finding_family catalogue_errata;
extern const struct finding_family catalogue_source;
extern const struct finding_family catalogue_owner;
extern const struct finding_family catalogue_departure;

#define CATALOGUE_FAMILY(number, title, rules)                                                     \
    {                                                                                              \
        number, title, rules, sizeof rules / sizeof rules[0]                                       \
    }

#endif
