/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_LEDGER_H
#define TOKEN_LEDGER_H
/*
 * The owner's ledger: the last token that was signed for each group by each owner, so that
 * editions and signing times only grow (RFC 4534 2, wire profile 11.5). Members refuse what does
 * not grow, and two tokens of one edition would part a group; the ledger sees to it before the
 * signature leaves.
 *
 * It keeps the signed token itself, which proves its edition and time, is what the next edition
 * is compared with, and can be handed out again when the file was lost. The edition, time and
 * hash stand beside it, and an entry whose parts disagree is damaged.
 *
 * Here is the ledger in memory and as JSON; files and locks are the program's
 * (token/program/ledger-file.h):
 *
 *     {"format": "gsakmp-ledger-1", "groups": [
 *         {"group": "a1a2...", "owner": "CN=Owner,O=Acme", "edition": 3,
 *          "signed": "20260101000000Z", "sha256": "...", "token": "3082..."}]}
 *
 * An owner is told by name alone: a new certificate, also of another CA, goes on where the old
 * one was.
 */
#include "gsakmp/reason.h"
#include "gsakmp/stamp.h"
#include "token/token.h"

#define LEDGER_MOST   ((size_t)16 << 20) /* octets of a ledger's file */
#define LEDGER_GROUPS 1024

/* Owns its octets. */
struct ledger_entry {
    struct gk_secret group; /* Group ID Value */
    struct gk_secret owner; /* the signer's name (wire profile 4.3) */
    int64_t edition;
    gk_time signing_time;
    uint8_t hash[32];       /* SHA-256 of the ContentInfo */
    struct gk_secret token; /* the ContentInfo */
};

/* Begins zeroed. */
struct ledger {
    size_t count;
    struct ledger_entry *entry;
};

/* Reads a file's octets, strictly: code "file-ledger" for what is no ledger, or damaged. The
 * entries' signatures are for ledger_check. */
bool ledger_read(struct ledger *to, struct gk_octets file, struct gk_reason *why) GK_MUST_USE;
/* Refuses ("file-ledger-size") what would not be read again. */
bool ledger_write(const struct ledger *ledger, struct gk_writer *to,
                  struct gk_reason *why) GK_MUST_USE;
void ledger_free(struct ledger *ledger);

/* What a signed token says: form and signature are judged, whose it is is not. */
bool ledger_entry_of(struct gk_octets signed_token, struct ledger_entry *to,
                     struct gk_reason *why) GK_MUST_USE;
void ledger_entry_free(struct ledger_entry *entry);
/* Does the entry's token say what the entry says ("file-ledger")? Ask before relying on it. */
bool ledger_check(const struct ledger_entry *entry, struct gk_reason *why) GK_MUST_USE;
/* What the entry's token says; free with token_free. NULL of a damaged one. */
struct token *ledger_token(const struct ledger_entry *entry) GK_MUST_USE;

/* NULL when the owner signed nothing for the group. */
const struct ledger_entry *ledger_find(const struct ledger *ledger, struct gk_octets group,
                                       struct gk_octets owner);
/* May this follow `last`, which may be NULL? "ledger-edition", "ledger-time". */
bool ledger_follows(const struct ledger_entry *last, int64_t edition, gk_time signing_time,
                    struct gk_reason *why) GK_MUST_USE;
/* Puts a token in the place of the last one; takes the entry's octets. The very token that is
 * there already passes and changes nothing; else it must follow. */
bool ledger_record(struct ledger *ledger, struct ledger_entry *entry,
                   struct gk_reason *why) GK_MUST_USE;

#endif
