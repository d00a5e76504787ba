/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_DER_READ_H
#define TOKEN_DER_READ_H
/*
 * Reading DER whose shape is known.
 *
 * A der_in goes through one document and knows the ASN.1 path of what it reads, so that the
 * reason of a refusal says where: "registration[0].register.joinAccessControl[1]: ...".
 * Errors are sticky: after the first refusal all reads give zeros, der_more is false, and
 * der_ok tells, so a parser reads a whole structure and asks once.
 *
 *     list = der_enter(in, &reader, DER_SEQUENCE, "joinAccessControl");
 *     while (der_more(in, &list)) {
 *         item = der_enter(in, &list, DER_SEQUENCE, NULL);   an element: counts up
 *         ...
 *         der_leave(in, &item);                              refuses what was not read
 *     }
 *     der_leave(in, &list);
 *
 * All values are checked as der_value does; the octets are borrowed.
 */
#include "gsakmp/reason.h"
#include "token/der-check.h"
#include "token/oid.h"

#define DER_IN_DEPTH 16

struct der_in {
    struct gk_reason *why;
    bool failed;
    size_t depth;
    struct {
        const char *name; /* NULL: an element of the list above; "": adds nothing */
        size_t elements;  /* that were begun below it */
    } path[DER_IN_DEPTH];
};

bool der_ok(const struct der_in *in);
/* Refuses at `offset`, at the present path. Always false. */
bool der_refuse(struct der_in *in, size_t offset, const char *code, const char *format, ...)
    GK_PRINTF(4, 5);

/* Something is left to read here. */
bool der_more(const struct der_in *in, const struct gk_reader *reader);
/* The next identifier octet, 0 at the end. */
uint8_t der_peek(const struct der_in *in, const struct gk_reader *reader);

/* Goes into the next value, which must have that tag, also into an OCTET STRING that holds
 * DER. A NULL name means an element of the list that was entered last, "" one that adds
 * nothing to the path. */
struct gk_reader der_enter(struct der_in *in, struct gk_reader *reader, uint8_t tag,
                           const char *name);
void der_leave(struct der_in *in, struct gk_reader *inside);

/* The contents of the next value, of that tag, judged as that universal type. */
struct gk_octets der_read(struct der_in *in, struct gk_reader *reader, uint8_t tag, uint8_t type,
                          const char *name);
struct gk_octets der_read_octets(struct der_in *in, struct gk_reader *reader, const char *name);
/* An INTEGER, or ENUMERATED, of at most 8 octets. */
int64_t der_read_integer(struct der_in *in, struct gk_reader *reader, uint8_t tag,
                         const char *name);
bool der_read_boolean(struct der_in *in, struct gk_reader *reader, const char *name);
void der_read_null(struct der_in *in, struct gk_reader *reader, uint8_t tag, const char *name);
/* Dotted text. */
void der_read_oid(struct der_in *in, struct gk_reader *reader, uint8_t tag, const char *name,
                  char to[OID_TEXT]);
/* One whole value of that tag, header included, its inside not looked at. */
struct gk_octets der_read_whole(struct der_in *in, struct gk_reader *reader, uint8_t tag,
                                const char *name);

#endif
