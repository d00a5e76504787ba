/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RUN_FILE_H
#define GSAKMP_RUN_FILE_H
/*
 * Files of programs: read whole and bounded, written so that a reader finds the old or the
 * new contents and never a part. Reasons have the path and what the system said.
 */
#include <sys/types.h>

#include "gsakmp/reason.h"

/* Appends the whole file; refuses one of more than `most` octets. */
bool run_file_read(const char *path, size_t most, struct gk_writer *to,
                   struct gk_reason *why) GK_MUST_USE;
/* The same for what is read while a daemon serves: a regular file, else refused with code
 * "file-mode". A pipe or device put in its place is never waited for. */
bool run_file_read_regular(const char *path, size_t most, struct gk_writer *to,
                           struct gk_reason *why) GK_MUST_USE;
/* The same for a private key: a regular file of this user or root that nobody else may read
 * or write, else refused with code "file-mode". */
bool run_file_read_private(const char *path, size_t most, struct gk_writer *to,
                           struct gk_reason *why) GK_MUST_USE;
/* The same for other files of one user: a regular file, no symbolic link, of this user, that nobody
 * else may read or write, else refused with code "file-mode". `what` is what the reason calls it:
 * "the ledger". */
bool run_file_read_own(const char *path, const char *what, size_t most, struct gk_writer *to,
                       struct gk_reason *why) GK_MUST_USE;
/* Writes a temporary file beside it, syncs, renames over it, and syncs the folder. `mode` is
 * taken as it is, whatever the umask. */
bool run_file_write(const char *path, struct gk_octets octets, mode_t mode,
                    struct gk_reason *why) GK_MUST_USE;
/* The same, telling of each step that was done: a test that ends the program there sees what a
 * crash leaves. */
enum run_file_step {
    RUN_FILE_CREATED,
    RUN_FILE_WRITTEN,
    RUN_FILE_SYNCED,
    RUN_FILE_RENAMED,
    RUN_FILE_DONE
};
struct run_file_watch {
    void (*after)(void *context, enum run_file_step step);
    void *context;
};
bool run_file_write_watched(const char *path, struct gk_octets octets, mode_t mode,
                            const struct run_file_watch *watch, struct gk_reason *why) GK_MUST_USE;

#endif
