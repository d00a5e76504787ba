/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_PROTOCOL_H
#define TOKEN_PROTOCOL_H
/*
 * The protocols of a token as a table: for each place (register, de-register, rekey, data)
 * the one protocol that this code knows, its OID, its module, and what reads and writes its
 * protocolInfo. A protocol of another OID in that place is kept as opaque octets.
 */
#include "token/asn1.h"
#include "token/der-read.h"
#include "token/lint.h"
#include "token/token.h"

/* A DER document on its way into a model. */
struct token_reading {
    struct der_in in;
    struct token *token;
};

/* A model on its way into DER; the error is sticky. */
struct token_writing {
    struct gk_writer *to;
    /* Writes what was read as it was read, also where our own writing would choose another
     * form (wire profile 11.1, 11.2, 11.11): what the comparison after reading needs. */
    bool as_read;
    bool failed;
    struct gk_reason *why;
};

/* Marks the model as one that has no encoding. */
void token_unwritable(struct token_writing *writing, const char *format, ...) GK_PRINTF(2, 3);

struct token_protocol_row {
    enum token_protocol_kind kind;
    const char *name; /* "GSAKMP registration" */
    const char *oid;
    const char *erratum; /* what RFC 4534's module says instead, or NULL (profile 11.1) */
    enum asn1_module module;
    const char *type;
    /* Reads the inside of the info's SEQUENCE. */
    void (*read)(struct token_reading *reading, struct gk_reader *info,
                 struct token_protocol *protocol);
    /* Writes the SEQUENCE. */
    void (*write)(struct token_writing *writing, const struct token_protocol *protocol);
    /* Finds what is odd (token/lint.h). */
    void (*lint)(const struct token_linting *linting, const struct token_protocol *protocol,
                 size_t index);
};

/* NULL for kinds that are none. */
const struct token_protocol_row *token_protocol_row(enum token_protocol_kind kind);

/* GroupMngmtProtocol, or with `data` a DataProtocol, which has no `none`. */
void token_read_protocol(struct token_reading *reading, struct gk_reader *reader, const char *name,
                         enum token_protocol_kind place, struct token_protocol *protocol);
void token_write_protocol(struct token_writing *writing, enum token_protocol_kind place,
                          const struct token_protocol *protocol);

/* Does the place's protocol have that OID, or the erratum's? */
bool token_protocol_knows(enum token_protocol_kind place, const char *oid);
/* Reads the protocolInfo of such a protocol by itself, as strictly as a whole token. */
bool token_protocol_from_info(struct token *token, enum token_protocol_kind place, const char *oid,
                              struct gk_octets info, struct token_protocol *to,
                              struct gk_reason *why) GK_MUST_USE;
/* Appends the protocolInfo of a known protocol; false when the model has no encoding. */
bool token_protocol_to_info(const struct token_protocol *protocol,
                            struct gk_writer *to) GK_MUST_USE;

/* --- parts that several protocols have ------------------------------------ */

/* The elements of a SEQUENCE OF UserCAPair that was entered. */
void token_read_pairs(struct token_reading *reading, struct gk_reader *list,
                      struct token_pairs *pairs);
void token_write_pairs(struct token_writing *writing, const struct token_pairs *pairs);
void token_read_life(struct token_reading *reading, struct gk_reader *reader, const char *name,
                     struct token_life *life);
void token_write_life(struct token_writing *writing, const struct token_life *life);
/* A NULL under a context tag from 0 to `last`: its number (Transport). */
unsigned token_read_choice(struct token_reading *reading, struct gk_reader *reader,
                           const char *name, unsigned last);
void token_write_choice(struct token_writing *writing, unsigned number, unsigned last,
                        const char *name);
const char *token_read_oid(struct token_reading *reading, struct gk_reader *reader, uint8_t tag,
                           const char *name);
void token_write_oid(struct token_writing *writing, uint8_t tag, const char *oid, const char *name);
/* Holds a value that has been read against its module. */
void token_read_fits(struct token_reading *reading, enum asn1_module module, const char *type,
                     struct gk_octets der, size_t offset);

/* --- one pair a protocol ---------------------------------------------------- */

void token_read_register(struct token_reading *reading, struct gk_reader *info,
                         struct token_protocol *protocol);
void token_write_register(struct token_writing *writing, const struct token_protocol *protocol);
void token_read_deregister(struct token_reading *reading, struct gk_reader *info,
                           struct token_protocol *protocol);
void token_write_deregister(struct token_writing *writing, const struct token_protocol *protocol);
void token_read_rekey(struct token_reading *reading, struct gk_reader *info,
                      struct token_protocol *protocol);
void token_write_rekey(struct token_writing *writing, const struct token_protocol *protocol);
void token_read_data(struct token_reading *reading, struct gk_reader *info,
                     struct token_protocol *protocol);
void token_write_data(struct token_writing *writing, const struct token_protocol *protocol);

#endif
