/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_PROGRAM_LEDGER_FILE_H
#define TOKEN_PROGRAM_LEDGER_FILE_H
/*
 * The owner's ledger on the disk (token/ledger.h is what stands in it):
 *
 *   ledger_file_open    finds it, locks it, reads it
 *   ledger_record       changes it in memory
 *   ledger_file_store   writes it, whole or not at all, and returns when the disk has it
 *   ledger_file_close   unlocks; safe to repeat
 *
 * The lock is FILE.lock beside it, held by the open file description: it ends with the program,
 * however that ends. A lock that was taken away, or a ledger that changed since it was read, is
 * found when it is stored: "file-ledger-changed". The ledger itself is replaced by renaming, so
 * that it can be read and copied at any time without a lock.
 *
 * A ledger is a regular file of this user that nobody else can read or write, in a folder that
 * nobody else can write; a symbolic link would be replaced by renaming and is refused. All
 * refusals have codes that begin with "file-".
 */
#include "gsakmp/run/file.h"
#include "token/ledger.h"

enum ledger_use {
    LEDGER_LOOK,   /* no lock, no change; a missing one is refused */
    LEDGER_CHANGE, /* a missing one is refused */
    LEDGER_BEGIN   /* a missing one begins empty; the default place is made */
};

struct ledger_file {
    char *path;
    int lock; /* -1: none */
    bool is_there;
    uint8_t hash[32]; /* SHA-256 of the file as it was read */
    struct ledger ledger;
    const struct run_file_watch *watch; /* for tests; NULL */
};

/* `path` NULL: $XDG_STATE_HOME/gsakmp/ledger, else ~/.local/state/gsakmp/ledger. Waits for a lock
 * that another holds for LEDGER_PATIENCE milliseconds, then refuses: "file-ledger-busy". */
#define LEDGER_PATIENCE 5000
bool ledger_file_open(const char *path, enum ledger_use use, struct ledger_file *to,
                      struct gk_reason *why) GK_MUST_USE;
/* When this refuses, old or new contents stand on the disk: treat them as the new. */
bool ledger_file_store(const struct ledger_file *file, struct gk_reason *why) GK_MUST_USE;
void ledger_file_close(struct ledger_file *file);

#endif
