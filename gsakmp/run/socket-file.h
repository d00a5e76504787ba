/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RUN_SOCKET_FILE_H
#define GSAKMP_RUN_SOCKET_FILE_H
/*
 * A Unix socket in the file system that one daemon at a time owns. PATH.lock is held by an
 * flock, which dies with its process: who has it may remove a socket that nobody answers on.
 * Private.
 */
#include <sys/types.h>

#include "gsakmp/reason.h"

struct sockaddr_un;

struct run_socket_file {
    char *path;
    char *lock_path;
    int lock; /* -1: not held */
    dev_t device;
    ino_t inode;
};

/* False when the path does not fit. */
bool run_socket_name(const char *path, struct sockaddr_un *name, struct gk_reason *why);
/* `fd`: bound, not listening yet, the caller's. */
bool run_socket_file_open(struct run_socket_file *file, const char *path, mode_t mode, int *fd,
                          struct gk_reason *why) GK_MUST_USE;
/* Removes socket and lock; safe to repeat. */
void run_socket_file_remove(struct run_socket_file *file);

#endif
