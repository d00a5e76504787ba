/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_NAME_PARTS_H
#define TOKEN_NAME_PARTS_H
/*
 * A distinguished name taken apart; for token/ and roles/ (others use token/name.h).
 *
 * Attributes stand in the order of the string, last RDN first, whatever the name was read
 * from. A value is text (UTF-8) or, when it is no string, its DER. The name owns its octets:
 * name_drop frees them; a zeroed struct name is empty.
 */
#include "token/name.h"

#define NAME_ATTRIBUTES 64
#define NAME_DER_MAX    8192

struct name_span {
    size_t at, size;
};

struct name_attribute {
    size_t rdn; /* counted from 0 in string order */
    bool is_text;
    bool is_any;            /* a lone unescaped `*` (profile 11.7); only read from strings */
    struct name_span type;  /* content of the OID */
    struct name_span value; /* text, or DER */
    struct name_span der;   /* of the value; only read from DER */
};

struct name {
    size_t rdn_count;
    size_t count;
    struct name_attribute *attribute;
    struct gk_writer store;
};

bool name_parse(struct name *name, struct gk_octets text, struct gk_reason *why) GK_MUST_USE;
bool name_parse_der(struct name *name, struct gk_octets der, struct gk_reason *why) GK_MUST_USE;
void name_drop(struct name *name);

struct gk_octets name_type(const struct name *name, size_t index);
struct gk_octets name_value(const struct name *name, size_t index);
/* Grows the name by one zeroed attribute; NULL when NAME_ATTRIBUTES are there. */
struct name_attribute *name_grow(struct name *name);
struct name_span name_keep(struct name *name, struct gk_octets octets);

/* The string of profile 4.3 and the DN Data of type 30 (RFC 4535 7.6.1.1), of a name read
 * from DER. */
void name_print(const struct name *name, struct gk_writer *to);
void name_print_slash(const struct name *name, struct gk_writer *to);
/* Do other names have the same DN Data: a value holds a slash, or an RDN several attributes? */
bool name_slash_ambiguous(const struct name *name);
void name_print_key(const struct name *name, struct gk_writer *to);

/* The OID of a short name that strings may use, any case; and the short name that strings
 * are written with (one of RFC 4514's nine), NULL for other attributes. */
bool name_short_find(struct gk_octets text, struct gk_octets *oid);
const char *name_short_of(struct gk_octets oid);

/* Text of a string value of a certificate; false for what is no string (or holds octets that
 * its type does not define). `malformed` tells the second from the first. */
bool name_text_of_der(struct gk_octets value, struct gk_writer *to, bool *malformed);

/* RFC 5280 7.1's preparation of one string (profile 11.18). */
void name_fold(struct gk_octets text, struct gk_writer *to);
/* The name with all its text values folded, for name_parts_match. */
void name_fold_values(struct name *name);
/* Puts each RDN's attributes, in any order at first, into one, and leaves repetitions out: what
 * matches stays the same, and matching is quicker. */
void name_sort(struct name *name);
/* A wildcard of `name` is only matched by one of `rule`: between two rules this asks whether the
 * first matches whatever the second does. */
bool name_parts_match(const struct name *rule, const struct name *name);
/* Are the first RDNs of `name` in DER order those of `base` (directoryName constraints of
 * RFC 5280 4.2.1.10)? Both folded. */
bool name_parts_below(const struct name *base, const struct name *name);

#endif
